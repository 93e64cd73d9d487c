//! The bare work: a copy of the matrices that a frame sends to the device, into one of three buffers, as frames in flight need.

use std::hint::black_box;

use voltrum::glam::{Mat4, Vec3};
use voltrum::memory::Arena;

use crate::clock::{clocked_on_core, median_pass};
use crate::contenders::took;
use crate::loops::or_refused;
use crate::program::{Order, Taken};
use crate::work::{FrameWork, Work};

const PASSES: u64 = 301;

pub(super) fn run(order: &Order) -> Option<Taken> {
    let Work::Frame(FrameWork::Moving | FrameWork::MovingEntities) = order.work else { return None };
    let mut arena = or_refused(Arena::try_reserve("limit", 1 << 30));
    let memory = arena.open();
    let filled = |height: f32| {
        let matrix = |index: u64| Mat4::from_translation(Vec3::new(index as f32, height, 0.0));
        or_refused(memory.try_alloc_iter((0..order.count).map(matrix)))
    };
    let from = [0.0, 0.5].map(filled);
    let mut to = [0.0; 3].map(filled);
    let mut frame = 0;
    took(median_pass(PASSES, || {
        frame += 1;
        let (from, to) = (&*from[frame % 2], &mut *to[frame % 3]);
        clocked_on_core(|| {
            to.copy_from_slice(from);
            black_box(&mut *to);
        })
    }))
}
