//! bump-scope, as it comes and with a minimum alignment.

use std::alloc::Layout;
use std::hint::black_box;

use bump_scope::alloc::Global;
use bump_scope::settings::{BumpAllocatorSettings, True};
use bump_scope::traits::BumpAllocatorTyped;
use bump_scope::{Bump as AnyBump, BumpBox, BumpVec};

use super::{took, took_with_bytes};
use crate::clock::{clocked, clocked_briefly, clocked_on_core, median_pass};
use crate::loops::{Name, Object, Transform, address, blocks, mixed_layouts, or_refused, pushes};
use crate::program::{Order, Taken};
use crate::work::{SPARSE_BYTES, TEMP_VALUES, Work};

type Bump<S> = AnyBump<Global, S>;

/// Settings that differ in nothing but the alignment.
pub(super) trait Settings: BumpAllocatorSettings<GuaranteedAllocated = True> {}
impl<S: BumpAllocatorSettings<GuaranteedAllocated = True>> Settings for S {}

pub(super) fn run<S: Settings>(order: &Order) -> Option<Taken> {
    let count = order.count;
    match order.work {
        Work::Push8 => took(again::<S>(order.passes, count as usize * 8, |bump| push::<S, 1>(bump, count))),
        Work::Push16 => took(again::<S>(order.passes, count as usize * 16, |bump| push::<S, 2>(bump, count))),
        Work::Push64 => took(again::<S>(order.passes, count as usize * 64, |bump| push::<S, 8>(bump, count))),
        Work::FrameMixed => {
            let layouts = mixed_layouts();
            let bytes = layouts.iter().map(Layout::size).sum();
            took(again::<S>(order.passes, bytes, |bump| frames(bump, &layouts, count)))
        }
        Work::TempScope => took(again::<S>(order.passes, TEMP_VALUES as usize * 16, |bump| temps(bump, count))),
        Work::Fill => took(clocked_on_core(|| {
            let bump = Bump::<S>::new();
            push::<S, 8>(&bump, count);
            std::mem::forget(bump);
        })),
        Work::Vector => {
            let bump = Bump::<S>::new();
            took_with_bytes(|| clocked_on_core(|| vector(&bump, count)))
        }
        Work::Close => {
            // As with bumpalo: it has grown while the scene was loaded.
            let mut bump = Bump::<S>::new();
            for index in 0..count {
                object(&bump, index);
            }
            took(clocked_briefly(|| bump.reset()))
        }
        Work::ZeroedSparse => {
            let bump = Bump::<S>::new();
            took_with_bytes(|| clocked_on_core(|| zeroed(&bump, count)))
        }
        Work::Lifecycle => {
            lifecycle::<S>(count.min(10));
            took(clocked(|| lifecycle::<S>(count)))
        }
        Work::Scene(_) | Work::Frame(_) => None,
    }
}

/// Runs the kernel in a chunk that has room for all and has been filled by it before.
fn again<S: Settings>(passes: u64, bytes: usize, mut kernel: impl FnMut(&mut Bump<S>)) -> f64 {
    let mut bump = Bump::<S>::with_size(bytes + 4_096);
    kernel(&mut bump);
    median_pass(passes, || {
        bump.reset();
        clocked(|| kernel(&mut bump))
    })
}

#[inline(never)]
fn push<S: Settings, const WORDS: usize>(bump: &Bump<S>, count: u64) {
    pushes::<WORDS>(count, |value| address(bump.try_alloc(value).map(BumpBox::into_mut)));
}

#[inline(never)]
fn frames<S: Settings>(bump: &mut Bump<S>, layouts: &[Layout], count: u64) {
    for _ in 0..count {
        blocks(layouts, |layout| bump.try_allocate_layout(layout).ok());
        bump.reset();
    }
}

#[inline(never)]
fn temps<S: Settings>(bump: &mut Bump<S>, count: u64) {
    for _ in 0..count {
        bump.scoped(|temp| pushes::<2>(TEMP_VALUES, |value| address(temp.try_alloc(value).map(BumpBox::into_mut))));
    }
}

#[inline(never)]
fn vector<S: Settings>(bump: &Bump<S>, count: u64) {
    let mut vec = BumpVec::new_in(bump);
    for index in 0..count {
        or_refused(vec.try_push(index));
    }
    black_box(vec.as_slice());
}

#[inline(never)]
fn zeroed<S: Settings>(bump: &Bump<S>, count: u64) {
    for _ in 0..count {
        let block = or_refused(bump.try_alloc_slice_fill(SPARSE_BYTES, 0u8)).into_mut();
        black_box(block)[SPARSE_BYTES / 2] = 1;
    }
}

#[inline(never)]
fn lifecycle<S: Settings>(count: u64) {
    for _ in 0..count {
        let bump = Bump::<S>::new();
        black_box(or_refused(bump.try_alloc(1u8)).into_mut());
    }
}

fn object<S: Settings>(bump: &Bump<S>, index: u64) {
    let _name: &mut Name = or_refused(bump.try_alloc([index as u8; 24])).into_mut();
    let _transform: &mut Transform = or_refused(bump.try_alloc([index as f32; 16])).into_mut();
    black_box(BumpBox::leak(or_refused(bump.try_alloc(Object { _name, _transform, _index: index }))));
}
