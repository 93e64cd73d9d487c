//! The input as a stream of choices. An input that is used up gives zeros.

use arbitrary::{Arbitrary, Unstructured};
use voltrum_memory::Tag;

/// The tags that programs charge; the first one is what scopes charge by themselves.
pub(crate) const TAGS: [Tag; 5] = [Tag::UNTAGGED, Tag::SCENE, Tag::UI, Tag::TEXTURE, Tag::UNDO];

/// What is left of the input.
pub(crate) struct Input<'d>(Unstructured<'d>);

impl<'d> Input<'d> {
    pub(crate) fn new(data: &'d [u8]) -> Input<'d> {
        Input(Unstructured::new(data))
    }

    pub(crate) fn is_over(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn number(&mut self) -> u64 {
        u64::arbitrary(&mut self.0).unwrap_or(0)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0.int_in_range(0..=end - 1).unwrap_or(0)
    }

    /// True once in `count` times.
    pub(crate) fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == count - 1
    }

    /// Small as a rule, now and then large, often a boundary.
    pub(crate) fn size(&mut self) -> usize {
        match self.below(32) {
            0 => 0,
            1 | 2 => 1 << self.below(15),
            3 => (1 << self.below(17)) - 1,
            4 => self.below(1 << 16),
            5..10 => self.below(5_000),
            _ => self.below(100),
        }
    }

    /// Any size at all, often where arithmetic would wrap.
    pub(crate) fn extreme(&mut self) -> usize {
        match self.below(8) {
            0 => usize::MAX - self.below(1 << 14),
            1 => isize::MAX as usize - self.below(1 << 14),
            2 => (isize::MAX as usize).wrapping_add(self.below(1 << 14)),
            3 => 1 << self.below(64),
            4 => (1usize << self.below(64)).wrapping_sub(1 + self.below(64)),
            5 => self.number() as usize,
            _ => self.size(),
        }
    }

    /// A power of two below `2^bits`.
    pub(crate) fn align(&mut self, bits: usize) -> usize {
        1 << self.below(bits)
    }

    pub(crate) fn tag(&mut self) -> Tag {
        TAGS[self.below(TAGS.len())]
    }
}
