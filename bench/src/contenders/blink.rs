//! blink-alloc. It has no scopes, so a temporary one is a reset.

use std::alloc::Layout;
use std::hint::black_box;

use allocator_api2::vec::Vec;
use blink_alloc::{Blink, BlinkAlloc};

use super::{took, took_with_bytes};
use crate::clock::{clocked, clocked_briefly, clocked_on_core, median_pass};
use crate::loops::{Name, Object, Transform, blocks, mixed_layouts, pushes, refused};
use crate::program::{Order, Taken};
use crate::work::{SPARSE_BYTES, TEMP_VALUES, Work};

pub(super) fn run(order: &Order) -> Option<Taken> {
    let count = order.count;
    match order.work {
        Work::Push8 => took(again(order.passes, count as usize * 8, |blink| push::<1>(blink, count))),
        Work::Push16 => took(again(order.passes, count as usize * 16, |blink| push::<2>(blink, count))),
        Work::Push64 => took(again(order.passes, count as usize * 64, |blink| push::<8>(blink, count))),
        Work::FrameMixed => {
            let layouts = mixed_layouts();
            let bytes: usize = layouts.iter().map(Layout::size).sum();
            let mut blink = BlinkAlloc::with_chunk_size(bytes + 4_096);
            frames(&mut blink, &layouts, 2);
            took(clocked(|| frames(&mut blink, &layouts, count)))
        }
        Work::TempScope => took(again(order.passes, TEMP_VALUES as usize * 16, |blink| temps(blink, count))),
        Work::Fill => took(clocked_on_core(|| {
            let blink = Blink::new();
            push::<8>(&blink, count);
            std::mem::forget(blink);
        })),
        Work::Vector => {
            let blink = BlinkAlloc::new();
            took_with_bytes(|| clocked_on_core(|| vector(&blink, count)))
        }
        Work::Close => {
            // As with bumpalo: it has grown while the scene was loaded.
            let mut blink = Blink::new();
            for index in 0..count {
                object(&blink, index);
            }
            took(clocked_briefly(|| blink.reset()))
        }
        Work::ZeroedSparse => {
            let blink = BlinkAlloc::new();
            took_with_bytes(|| clocked_on_core(|| zeroed(&blink, count)))
        }
        Work::Lifecycle => {
            lifecycle(count.min(10));
            took(clocked(|| lifecycle(count)))
        }
        Work::Scene(_) | Work::Frame(_) => None,
    }
}

/// Runs the kernel in a chunk that has room for all and has been filled by it before.
fn again(passes: u64, bytes: usize, mut kernel: impl FnMut(&mut Blink)) -> f64 {
    let mut blink = Blink::with_chunk_size(bytes + 4_096);
    kernel(&mut blink);
    median_pass(passes, || {
        blink.reset();
        clocked(|| kernel(&mut blink))
    })
}

#[inline(always)]
fn value<T>(blink: &Blink, value: T) -> Option<&mut T> {
    Some(blink.try_uninit()?.write(value))
}

#[inline(never)]
fn push<const WORDS: usize>(blink: &Blink, count: u64) {
    pushes::<WORDS>(count, |words| value(blink, words).map(|place| place as *mut _));
}

#[inline(never)]
fn frames(blink: &mut BlinkAlloc, layouts: &[Layout], count: u64) {
    for _ in 0..count {
        blocks(layouts, |layout| blink.allocate(layout).ok().map(|block| block.cast::<u8>()));
        blink.reset();
    }
}

#[inline(never)]
fn temps(blink: &mut Blink, count: u64) {
    for _ in 0..count {
        pushes::<2>(TEMP_VALUES, |words| value(blink, words).map(|place| place as *mut _));
        blink.reset();
    }
}

#[inline(never)]
fn vector(blink: &BlinkAlloc, count: u64) {
    let mut vec = Vec::new_in(blink);
    for index in 0..count {
        vec.push(index);
    }
    black_box(vec.as_slice());
}

#[inline(never)]
fn zeroed(blink: &BlinkAlloc, count: u64) {
    for _ in 0..count {
        let mut block = Vec::with_capacity_in(SPARSE_BYTES, blink);
        block.resize(SPARSE_BYTES, 0u8);
        black_box(Vec::leak(block))[SPARSE_BYTES / 2] = 1;
    }
}

#[inline(never)]
fn lifecycle(count: u64) {
    for _ in 0..count {
        let blink = Blink::new();
        black_box(value(&blink, 1u8).unwrap_or_else(|| refused()));
    }
}

fn object(blink: &Blink, index: u64) {
    let _name: &mut Name = value(blink, [index as u8; 24]).unwrap_or_else(|| refused());
    let _transform: &mut Transform = value(blink, [index as f32; 16]).unwrap_or_else(|| refused());
    black_box(value(blink, Object { _name, _transform, _index: index }).unwrap_or_else(|| refused()));
}
