//! typed-arena: values of one type; no blocks, no reset.

use std::hint::black_box;

use typed_arena::Arena;

use super::took;
use crate::clock::{clocked, clocked_briefly, clocked_on_core, median_pass};
use crate::loops::{Name, Object, Transform, pushes};
use crate::program::{Order, Taken};
use crate::work::Work;

pub(super) fn run(order: &Order) -> Option<Taken> {
    let count = order.count;
    match order.work {
        Work::Push8 => took(again::<1>(order)),
        Work::Push16 => took(again::<2>(order)),
        Work::Push64 => took(again::<8>(order)),
        Work::Fill => took(clocked_on_core(|| {
            let arena = Arena::new();
            push::<8>(&arena, count);
            std::mem::forget(arena);
        })),
        Work::Close => {
            let (names, transforms) = (Arena::<Name>::new(), Arena::<Transform>::new());
            let objects = Arena::new();
            for index in 0..count {
                let _name = names.alloc([index as u8; 24]);
                let _transform = transforms.alloc([index as f32; 16]);
                black_box(objects.alloc(Object { _name, _transform, _index: index }));
            }
            let mut objects = Some(objects);
            let ended = clocked_briefly(|| drop(objects.take()));
            drop(objects);
            let (mut names, mut transforms) = (Some(names), Some(transforms));
            took(ended + clocked_briefly(|| drop((names.take(), transforms.take()))))
        }
        Work::Lifecycle => {
            lifecycle(count.min(10));
            took(clocked(|| lifecycle(count)))
        }
        Work::FrameMixed | Work::TempScope | Work::Vector | Work::ZeroedSparse | Work::Scene(_) | Work::Frame(_) => {
            None
        }
    }
}

/// The heap keeps the memory of the second arena that is dropped, so from the third on they are in touched memory.
fn again<const WORDS: usize>(order: &Order) -> f64 {
    for _ in 0..2 {
        push::<WORDS>(&Arena::with_capacity(order.count as usize), order.count);
    }
    median_pass(order.passes, || {
        let arena = Arena::with_capacity(order.count as usize);
        clocked(|| push::<WORDS>(&arena, order.count))
    })
}

#[inline(never)]
fn push<const WORDS: usize>(arena: &Arena<[u64; WORDS]>, count: u64) {
    pushes::<WORDS>(count, |value| Some(arena.alloc(value) as *mut _));
}

#[inline(never)]
fn lifecycle(count: u64) {
    for _ in 0..count {
        let arena = Arena::new();
        black_box(arena.alloc(1u8));
    }
}
