//! The bare work: what the machine takes for it where nothing is allocated, or the system alone gives the memory.

use std::alloc::Layout;
use std::hint::black_box;

use voltrum_memory::{Arena, ArenaConfig, PagePolicy};

use super::{took, took_with_bytes};
use crate::clock::{clocked, clocked_briefly, clocked_on_core, median_pass};
use crate::loops::{mixed_layouts, or_refused, pushes};
use crate::program::{Order, Taken};
use crate::work::{SPARSE_BYTES, TEMP_VALUES, Work};

const LIFECYCLE_BYTES: usize = 64 << 20;

pub(super) fn run(order: &Order) -> Option<Taken> {
    let count = order.count;
    match order.work {
        Work::Push8 => took(median_pass(order.passes, || clocked(|| push::<1>(count)))),
        Work::Push16 => took(median_pass(order.passes, || clocked(|| push::<2>(count)))),
        Work::Push64 => took(median_pass(order.passes, || clocked(|| push::<8>(count)))),
        Work::FrameMixed => {
            let layouts = mixed_layouts();
            took(clocked(|| frames(&layouts, count)))
        }
        Work::TempScope => took(clocked(|| temps(count))),
        Work::Fill => fresh(PagePolicy::Huge, count as usize * 8, |words| {
            for (index, value) in words.chunks_exact_mut(8).enumerate() {
                value.fill(index as u64);
            }
        }),
        Work::Vector => fresh(PagePolicy::Huge, count as usize, |words| {
            for (index, word) in words.iter_mut().enumerate() {
                *word = index as u64;
            }
        }),
        Work::ZeroedSparse => fresh(PagePolicy::Small, count as usize * SPARSE_BYTES / 8, |words| {
            for block in words.chunks_exact_mut(SPARSE_BYTES / 8) {
                block[SPARSE_BYTES / 16] = 1;
            }
        }),
        Work::Lifecycle => took(clocked(|| lifecycle(count))),
        // what asking for the time takes
        Work::Close => took(clocked_briefly(|| {}) + clocked_briefly(|| {})),
        Work::Scene(_) | Work::Frame(_) => None,
    }
}

#[inline(never)]
fn push<const WORDS: usize>(count: u64) {
    let mut place = [0; WORDS];
    pushes::<WORDS>(count, |value| {
        place = value;
        Some(&mut place as *mut _)
    });
}

#[inline(never)]
fn frames(layouts: &[Layout], count: u64) {
    for _ in 0..count {
        let mut position = 0;
        for layout in layouts {
            position += layout.size();
            // A copy of it: a sum that went through memory would be slower than an allocator.
            black_box(position);
        }
    }
}

#[inline(never)]
fn temps(count: u64) {
    let mut place = [0; 2];
    for _ in 0..count {
        pushes::<2>(TEMP_VALUES, |value| {
            place = value;
            Some(&mut place as *mut _)
        });
    }
}

/// A loop over words fresh from the system, which gave them all at once.
fn fresh(pages: PagePolicy, words: usize, mut store: impl FnMut(&mut [u64])) -> Option<Taken> {
    let config = ArenaConfig { pages, ..ArenaConfig::new("limit", words * 8 + (4 << 20)) };
    let mut arena = or_refused(Arena::try_reserve_with(&config));
    let scope = arena.open();
    let words = or_refused(scope.try_alloc_zeroed::<u64>(words));
    took_with_bytes(|| {
        clocked_on_core(|| {
            store(words);
            black_box(&mut *words);
        })
    })
}

/// A mapping of its own for each: blocks of that size the heap hands on to the system.
#[inline(never)]
fn lifecycle(count: u64) {
    for _ in 0..count {
        let mut bytes = vec![0u8; LIFECYCLE_BYTES];
        bytes[0] = 1;
        black_box(bytes);
    }
}
