//! What cursors promise: nested ones give their memory back, forgotten ones only lose it, and the totals always add up.

#![allow(clippy::unwrap_used, reason = "the helpers of tests may fail as loudly as tests")]

mod backing;
mod random;

use backing::on_both_backings;
use random::{Random, assert_adds_up};
use std::alloc::Layout;
use voltrum_memory::{Arena, ArenaConfig, Cursor, Reason, Scope, TRACKING, Tag};

/// A mebibyte.
const MIB: Layout = Layout::new::<[u8; 1 << 20]>();

fn used_by(scope: &mut Scope<'_>, work: impl FnOnce(&mut Cursor<'_, '_>)) -> usize {
    let before = scope.view().used();
    let mut cursor = scope.cursor();
    work(&mut cursor);
    drop(cursor);
    scope.view().used() - before
}

fn a_nested_cursor_gives_its_memory_back(arena: &mut Arena<'_>) {
    let mut scope = arena.open();
    let used = used_by(&mut scope, |cursor| {
        let kept = cursor.alloc(1u64);
        let first = {
            let mut temp = cursor.temp();
            let values: [&mut u64; 3] = [temp.alloc(2), temp.alloc(3), temp.alloc(4)];
            let mut inner = temp.temp();
            *values[0] += *inner.alloc(5u64);
            drop(inner);
            assert_eq!(*values[0] + *values[1] + *values[2], 14);
            std::ptr::from_mut(values[0]).addr()
        };
        let next = cursor.alloc(6u64);
        assert_eq!(std::ptr::from_mut(next).addr(), first);
        assert_eq!((*kept, *next), (1, 6));
    });
    assert_eq!(used, 16);
    assert_eq!(scope.view().tag(Tag::UNTAGGED).count, if TRACKING { 2 } else { 0 });
}

fn what_a_nested_cursor_lent_outlives_the_dropped_handle(arena: &mut Arena<'_>) {
    let mut scope = arena.open();
    let mut cursor = scope.cursor();
    let mut temp = cursor.temp();
    let lent = temp.try_alloc_str("lamp").unwrap();
    let copied = temp.try_alloc_slice_copy(&[1u16, 2, 3]).unwrap();
    drop(temp);
    assert_eq!((&*lent, &*copied), ("lamp", &[1, 2, 3][..]));
}

fn a_nested_cursor_that_grew_hands_the_new_limit_back(arena: &mut Arena<'_>) {
    let mut scope = arena.open();
    let used = used_by(&mut scope, |cursor| {
        cursor.alloc([1u8; 100]);
        let mut temp = cursor.temp();
        for _ in 0..1_000 {
            temp.alloc([2u8; 4_000]);
        }
        drop(temp);
        cursor.alloc([3u8; 100]);
    });
    assert_eq!(used, 208);
    assert!(scope.view().peak() >= 4_000_000);
    assert_adds_up(scope.view());
}

fn a_forgotten_nested_cursor_loses_the_rest_and_never_aliases(arena: &mut Arena<'_>) {
    for grows in [false, true] {
        let mut scope = arena.open();
        let mut cursor = scope.cursor();
        let before = cursor.alloc([1u8; 64]);
        let mut temp = cursor.temp();
        if grows {
            temp.try_alloc_layout(MIB).unwrap();
        }
        let mut inner = temp.temp();
        inner.alloc([3u8; 64]);
        std::mem::forget(inner);
        std::mem::forget(temp);
        let after = cursor.alloc([4u8; 64]);
        assert_eq!((before[63], after[0]), (1, 4));
        drop(cursor);
        assert_adds_up(scope.view());
        scope.alloc([5u8; 64]);
        assert_adds_up(scope.view());
        drop(scope);
        let scope = arena.open();
        assert!(scope.alloc_zeroed::<u8>(8 << 20).iter().all(|byte| *byte == 0));
    }
}

fn a_cursor_that_was_refused_goes_on_where_it_was(arena: &mut Arena<'_>) {
    let mut scope = arena.open();
    let used = used_by(&mut scope, |cursor| {
        cursor.alloc(1u64);
        let mut temp = cursor.temp();
        temp.alloc(2u64);
        let error = temp.try_alloc_layout(MIB).unwrap_err();
        assert_eq!((error.reason(), error.asked(), error.arena()), (Reason::Full, 1 << 20, "small"));
        temp.alloc(3u64);
        drop(temp);
        assert_eq!(cursor.try_alloc_layout(MIB).unwrap_err().reason(), Reason::Full);
        cursor.alloc(4u64);
    });
    assert_eq!(used, 16);
    assert_adds_up(scope.view());
}

/// Random blocks and nested cursors; each block is filled and looked at again when its cursor ends.
fn nest(cursor: &mut Cursor<'_, '_>, random: &mut Random, depth: usize) {
    let mut blocks: Vec<(&mut [u8], u8)> = Vec::new();
    for _ in 0..random.below(20) {
        if depth < 5 && random.below(4) == 0 {
            let mut temp = cursor.temp();
            nest(&mut temp, random, depth + 1);
            if random.below(10) == 0 {
                std::mem::forget(temp);
            }
            continue;
        }
        let len = if random.below(30) == 0 { random.below(300_000) } else { random.below(200) };
        let align = 1 << random.below(9);
        // Forgotten ones lose what is committed ahead, so in the end the arena is full.
        let Ok(block) = cursor.try_alloc_layout(Layout::from_size_align(len, align).unwrap()) else { break };
        assert!(block.addr().get().is_multiple_of(align));
        let fill = random.below(256) as u8;
        // SAFETY:
        // - the block was just granted and holds `len` bytes, initialised here.
        let block = unsafe {
            block.write_bytes(fill, len);
            std::slice::from_raw_parts_mut(block.as_ptr(), len)
        };
        blocks.push((block, fill));
    }
    for (block, fill) in blocks {
        assert!(block.iter().all(|byte| *byte == fill));
    }
}

fn random_nests_of_cursors_keep_their_blocks_apart(arena: &mut Arena<'_>) {
    for seed in 1..60 {
        let mut random = Random::seeded(seed);
        let mut scope = arena.open();
        let mut cursor = scope.cursor().tagged(Tag::UI);
        nest(&mut cursor, &mut random, 0);
        drop(cursor);
        assert_adds_up(scope.view());
        if let Ok(zeros) = scope.try_alloc_zeroed::<u8>(random.below(1 << 20)) {
            assert!(zeros.iter().all(|byte| *byte == 0));
        }
    }
}

on_both_backings! {
    a_nested_cursor_gives_its_memory_back: 64 << 20;
    what_a_nested_cursor_lent_outlives_the_dropped_handle: 1 << 20;
    a_nested_cursor_that_grew_hands_the_new_limit_back: 64 << 20;
    a_forgotten_nested_cursor_loses_the_rest_and_never_aliases: 64 << 20;
    a_cursor_that_was_refused_goes_on_where_it_was: ArenaConfig::new("small", 256 << 10);
    random_nests_of_cursors_keep_their_blocks_apart: 32 << 20;
}
