//! The program's heap, through `Box` and `Vec`: the system's, or the global allocator that its program chose.

use std::alloc::Layout;
use std::hint::black_box;
use std::mem::MaybeUninit;

use super::{took, took_with_bytes};
use crate::clock::{clocked, clocked_briefly, clocked_on_core, median_pass};
use crate::loops::{Name, Object, Transform, blocks, mixed_layouts, pushes};
use crate::program::{Order, Taken};
use crate::work::{FRAME_BLOCKS, SPARSE_BYTES, TEMP_VALUES, Work};

type Words = Box<[MaybeUninit<u64>]>;

pub(super) fn run(order: &Order) -> Option<Taken> {
    let count = order.count;
    match order.work {
        Work::Push8 => took(again::<1>(order)),
        Work::Push16 => took(again::<2>(order)),
        Work::Push64 => took(again::<8>(order)),
        Work::FrameMixed => {
            let layouts = mixed_layouts();
            let mut kept = Vec::with_capacity(FRAME_BLOCKS as usize);
            frames(&layouts, &mut kept, 2);
            took(clocked(|| frames(&layouts, &mut kept, count)))
        }
        Work::TempScope => {
            temps(count);
            took(median_pass(order.passes, || clocked(|| temps(count))))
        }
        Work::Fill => took(clocked_on_core(|| push::<8>(count))),
        Work::Vector => took_with_bytes(|| clocked_on_core(|| vector(count))),
        Work::Close => {
            let mut objects: Option<Vec<_>> = Some((0..count).map(object).collect());
            took(clocked_briefly(|| drop(objects.take())))
        }
        Work::ZeroedSparse => took_with_bytes(|| clocked_on_core(|| zeroed(count))),
        Work::Lifecycle => {
            lifecycle(count.min(10));
            took(clocked(|| lifecycle(count)))
        }
        Work::Scene(_) | Work::Frame(_) => None,
    }
}

/// Runs the kernel where as many values have been freed before; one stays, so that the heap keeps their memory.
fn again<const WORDS: usize>(order: &Order) -> f64 {
    let values = order.count * order.passes;
    let mut freed: Vec<Box<[u64; WORDS]>> = Vec::with_capacity(values as usize);
    for index in 0..values {
        freed.push(black_box(Box::new([index; WORDS])));
    }
    let last = black_box(Box::new([0u64; WORDS]));
    freed.clear();
    let nanoseconds = median_pass(order.passes, || clocked(|| push::<WORDS>(order.count)));
    drop((freed, last));
    nanoseconds
}

/// What it makes is never freed: a value alone is measured, and its process ends.
#[inline(never)]
fn push<const WORDS: usize>(count: u64) {
    pushes::<WORDS>(count, |value| Some(Box::into_raw(Box::new(value))));
}

#[inline(never)]
fn frames(layouts: &[Layout], kept: &mut Vec<Words>, count: u64) {
    for _ in 0..count {
        blocks(layouts, |layout| {
            let mut block: Words = Box::new_uninit_slice(layout.size() / size_of::<u64>());
            let address = block.as_mut_ptr();
            kept.push(block);
            Some(address)
        });
        kept.clear();
    }
}

#[inline(never)]
fn temps(count: u64) {
    for _ in 0..count {
        let mut kept: [Option<Box<[u64; 2]>>; TEMP_VALUES as usize] = Default::default();
        let mut places = kept.iter_mut();
        pushes::<2>(TEMP_VALUES, |value| Some(&mut **places.next()?.insert(Box::new(value)) as *mut _));
    }
}

#[inline(never)]
fn vector(count: u64) {
    let mut vec = Vec::new();
    for index in 0..count {
        vec.push(index);
    }
    black_box(vec.as_slice());
}

#[inline(never)]
fn zeroed(count: u64) {
    for _ in 0..count {
        let block = vec![0u8; SPARSE_BYTES].leak();
        black_box(block)[SPARSE_BYTES / 2] = 1;
    }
}

#[inline(never)]
fn lifecycle(count: u64) {
    for _ in 0..count {
        black_box(Box::new(1u8));
    }
}

fn object(index: u64) -> Box<Object<Box<Name>, Box<Transform>>> {
    black_box(Box::new(Object {
        _name: Box::new([index as u8; 24]),
        _transform: Box::new([index as f32; 16]),
        _index: index,
    }))
}
