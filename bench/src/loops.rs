//! The loops around what is measured, the same for every contender.

use std::alloc::Layout;
use std::hint::black_box;

use crate::work::FRAME_BLOCKS;

/// Makes `count` values of `WORDS` times 8 bytes; what a caller keeps of each is its address.
#[inline(always)]
pub(crate) fn pushes<const WORDS: usize>(count: u64, mut push: impl FnMut([u64; WORDS]) -> Option<*mut [u64; WORDS]>) {
    for index in 0..count {
        match push([index; WORDS]) {
            Some(place) => black_box(place),
            None => refused(),
        };
    }
}

/// Takes the blocks of a frame.
#[inline(always)]
pub(crate) fn blocks<T>(layouts: &[Layout], mut take: impl FnMut(Layout) -> Option<T>) {
    for layout in layouts {
        match take(*layout) {
            Some(block) => black_box(block),
            None => refused(),
        };
    }
}

/// Where `fallible` forms exist they are used, and their error is met as a caller would: on a path of its own.
#[inline(always)]
pub(crate) fn address<T, E>(granted: Result<&mut T, E>) -> Option<*mut T> {
    match granted {
        Ok(place) => Some(place),
        Err(_) => None,
    }
}

/// There is no memory left to measure with.
#[cold]
#[inline(never)]
pub(crate) fn refused() -> ! {
    eprintln!("bench: memory was refused");
    std::process::exit(4)
}

/// What a caller that can't go on without does with an error.
#[inline(always)]
pub(crate) fn or_refused<T, E>(granted: Result<T, E>) -> T {
    granted.unwrap_or_else(|_| refused())
}

/// A frame's blocks: sizes that look like chance and are the same in each run (Knuth's multiplicative hash).
pub(crate) fn mixed_layouts() -> Vec<Layout> {
    (1..=FRAME_BLOCKS)
        .map(|index| {
            let words = (index.wrapping_mul(2_654_435_769) >> 23) as usize + 1;
            Layout::array::<u64>(words).unwrap_or(Layout::new::<u64>())
        })
        .collect()
}

/// What a scene holds: an object with a name and a transform, each a block of its own.
pub(crate) struct Object<N, T> {
    pub(crate) _name: N,
    pub(crate) _transform: T,
    pub(crate) _index: u64,
}

pub(crate) type Name = [u8; 24];
pub(crate) type Transform = [f32; 16];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mixed_blocks_have_8_to_4096_bytes() {
        let layouts = mixed_layouts();
        assert_eq!(layouts.len(), FRAME_BLOCKS as usize);
        assert!(layouts.iter().all(|layout| (8..=4_096).contains(&layout.size())));
        let mean = layouts.iter().map(Layout::size).sum::<usize>() / layouts.len();
        assert!((1_900..2_200).contains(&mean), "{mean}");
    }
}
