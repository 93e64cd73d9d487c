//! Numbers that look random and are the same in each run, and the totals that must add up after each operation.

#![allow(dead_code, reason = "each test program uses a part of it")]

use voltrum_memory::{ArenaView, TRACKING};

/// Marsaglia's xorshift64.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn seeded(seed: u64) -> Random {
        Random(0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(seed | 1).rotate_left(seed as u32 % 64) | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// Small as a rule, now and then large, often a boundary.
    pub(crate) fn size(&mut self) -> usize {
        match self.below(40) {
            0 => self.below(300_000),
            1..8 => self.below(5_000),
            8..12 => 0,
            12..16 => 1 << self.below(13),
            _ => self.below(100),
        }
    }
}

/// Bytes by tag + padding + children = used, where tracking is on, for an arena and everything carved from it.
pub(crate) fn assert_adds_up(view: ArenaView<'_>) {
    let (mut tags, mut children) = (0usize, 0);
    view.each_child(|child| {
        assert_adds_up(child);
        children += child.used();
    });
    view.each_tag(|_, usage| tags += usage.bytes);
    assert!(view.used() >= view.used_here() && view.peak() >= view.used(), "{}", view.name());
    if TRACKING {
        assert_eq!(view.padding(), Some(view.used() - tags - children), "{}", view.name());
    }
}
