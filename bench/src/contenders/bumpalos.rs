//! bumpalo, as it comes and with a minimum alignment. It has no scopes, so a temporary one is a reset.

use std::alloc::Layout;
use std::hint::black_box;

use bumpalo::Bump;

use super::{took, took_with_bytes};
use crate::clock::{clocked, clocked_briefly, clocked_on_core, median_pass};
use crate::loops::{Name, Object, Transform, address, blocks, mixed_layouts, or_refused, pushes};
use crate::program::{Order, Taken};
use crate::work::{SPARSE_BYTES, TEMP_VALUES, Work};

pub(super) fn run<const ALIGN: usize>(order: &Order) -> Option<Taken> {
    let count = order.count;
    match order.work {
        Work::Push8 => took(again::<ALIGN>(order.passes, count as usize * 8, |bump| push::<ALIGN, 1>(bump, count))),
        Work::Push16 => took(again::<ALIGN>(order.passes, count as usize * 16, |bump| push::<ALIGN, 2>(bump, count))),
        Work::Push64 => took(again::<ALIGN>(order.passes, count as usize * 64, |bump| push::<ALIGN, 8>(bump, count))),
        Work::FrameMixed => {
            let layouts = mixed_layouts();
            let bytes = layouts.iter().map(Layout::size).sum();
            took(again::<ALIGN>(order.passes, bytes, |bump| frames(bump, &layouts, count)))
        }
        Work::TempScope => took(again::<ALIGN>(order.passes, TEMP_VALUES as usize * 16, |bump| temps(bump, count))),
        Work::Fill => took(clocked_on_core(|| {
            let bump = Bump::<ALIGN>::with_min_align();
            push::<ALIGN, 8>(&bump, count);
            std::mem::forget(bump);
        })),
        // Its vector takes a `Bump` as it comes.
        Work::Vector if ALIGN == 1 => {
            let bump = Bump::new();
            took_with_bytes(|| clocked_on_core(|| vector(&bump, count)))
        }
        Work::Vector => None,
        Work::Close => {
            // What a scene takes isn't known before it is loaded, so it grows; a reset gives all chunks but one back.
            let mut bump = Bump::<ALIGN>::with_min_align();
            for index in 0..count {
                object(&bump, index);
            }
            took(clocked_briefly(|| bump.reset()))
        }
        Work::ZeroedSparse => {
            let bump = Bump::<ALIGN>::with_min_align();
            took_with_bytes(|| clocked_on_core(|| zeroed(&bump, count)))
        }
        Work::Lifecycle => {
            lifecycle::<ALIGN>(count.min(10));
            took(clocked(|| lifecycle::<ALIGN>(count)))
        }
        Work::Scene(_) | Work::Frame(_) => None,
    }
}

/// Runs the kernel in a chunk that has room for all and has been filled by it before.
fn again<const ALIGN: usize>(passes: u64, bytes: usize, mut kernel: impl FnMut(&mut Bump<ALIGN>)) -> f64 {
    let mut bump = Bump::<ALIGN>::with_min_align_and_capacity(bytes + 4_096);
    kernel(&mut bump);
    median_pass(passes, || {
        bump.reset();
        clocked(|| kernel(&mut bump))
    })
}

#[inline(never)]
fn push<const ALIGN: usize, const WORDS: usize>(bump: &Bump<ALIGN>, count: u64) {
    pushes::<WORDS>(count, |value| address(bump.try_alloc(value)));
}

#[inline(never)]
fn frames<const ALIGN: usize>(bump: &mut Bump<ALIGN>, layouts: &[Layout], count: u64) {
    for _ in 0..count {
        blocks(layouts, |layout| bump.try_alloc_layout(layout).ok());
        bump.reset();
    }
}

#[inline(never)]
fn temps<const ALIGN: usize>(bump: &mut Bump<ALIGN>, count: u64) {
    for _ in 0..count {
        pushes::<2>(TEMP_VALUES, |value| address(bump.try_alloc(value)));
        bump.reset();
    }
}

#[inline(never)]
fn vector(bump: &Bump, count: u64) {
    let mut vec = bumpalo::collections::Vec::new_in(bump);
    for index in 0..count {
        vec.push(index);
    }
    black_box(vec.as_slice());
}

#[inline(never)]
fn zeroed<const ALIGN: usize>(bump: &Bump<ALIGN>, count: u64) {
    for _ in 0..count {
        let block = or_refused(bump.try_alloc_slice_fill_copy(SPARSE_BYTES, 0u8));
        black_box(block)[SPARSE_BYTES / 2] = 1;
    }
}

#[inline(never)]
fn lifecycle<const ALIGN: usize>(count: u64) {
    for _ in 0..count {
        let bump = Bump::<ALIGN>::with_min_align();
        black_box(or_refused(bump.try_alloc(1u8)));
    }
}

fn object<const ALIGN: usize>(bump: &Bump<ALIGN>, index: u64) {
    let _name: &mut Name = or_refused(bump.try_alloc([index as u8; 24]));
    let _transform: &mut Transform = or_refused(bump.try_alloc([index as f32; 16]));
    black_box(or_refused(bump.try_alloc(Object { _name, _transform, _index: index })));
}
