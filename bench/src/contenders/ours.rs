//! Ours: scope, tagged handle and cursor.

use std::hint::black_box;

use allocator_api2::alloc::Layout;
use voltrum_memory::{Arena, ArenaConfig, ArenaVec, Cursor, MemoryError, PagePolicy, Scope, Tag, Tagged};

use super::{took, took_with_bytes};
use crate::clock::{clocked, clocked_briefly, clocked_on_core, median_pass};
use crate::loops::{Name, Object, Transform, address, blocks, mixed_layouts, or_refused, pushes};
use crate::program::{Order, Taken};
use crate::work::{SPARSE_BYTES, TEMP_VALUES, Work};

const RESERVE_BYTES: usize = 2 << 30;
const LIFECYCLE_BYTES: usize = 64 << 20;

fn reserve() -> Arena<'static> {
    or_refused(Arena::try_reserve("bench", RESERVE_BYTES))
}

/// Everything, by a scope.
pub(super) fn scope(order: &Order) -> Option<Taken> {
    let count = order.count;
    match order.work {
        Work::Push8 => took(again(order.passes, |scope| push::<1>(scope, count))),
        Work::Push16 => took(again(order.passes, |scope| push::<2>(scope, count))),
        Work::Push64 => took(again(order.passes, |scope| push::<8>(scope, count))),
        Work::FrameMixed => {
            let layouts = mixed_layouts();
            let mut arena = reserve();
            frames(&mut arena, &layouts, 2);
            took(clocked(|| frames(&mut arena, &layouts, count)))
        }
        Work::TempScope => took(again(order.passes, |scope| temps(scope, count))),
        Work::Fill => took(clocked_on_core(|| {
            let mut arena = reserve();
            push::<8>(&mut arena.open(), count);
            std::mem::forget(arena);
        })),
        Work::Vector => {
            let mut arena = reserve();
            let scope = arena.open();
            took_with_bytes(|| clocked_on_core(|| vector(scope.tagged(Tag::UNTAGGED), count)))
        }
        Work::Close => {
            let mut arena = reserve();
            let mut open = Some(arena.open());
            if let Some(scope) = &open {
                or_refused((0..count).try_for_each(|index| object(scope, index)));
            }
            let ended = clocked_briefly(|| drop(open.take()));
            drop(open);
            took(ended + clocked_briefly(|| drop(black_box(arena.open()))))
        }
        Work::ZeroedSparse => {
            let config = ArenaConfig { pages: PagePolicy::Small, ..ArenaConfig::new("bench", RESERVE_BYTES) };
            let mut arena = or_refused(Arena::try_reserve_with(&config));
            let scope = arena.open();
            took_with_bytes(|| clocked_on_core(|| zeroed(&scope, count)))
        }
        Work::Lifecycle => {
            lifecycle(count.min(10));
            took(clocked(|| lifecycle(count)))
        }
        Work::Scene(_) | Work::Frame(_) => None,
    }
}

/// The values that go through a cursor.
pub(super) fn cursor(order: &Order) -> Option<Taken> {
    let count = order.count;
    match order.work {
        Work::Push8 => took(again(order.passes, |scope| push_cursor::<1>(scope, count))),
        Work::Push16 => took(again(order.passes, |scope| push_cursor::<2>(scope, count))),
        Work::Push64 => took(again(order.passes, |scope| push_cursor::<8>(scope, count))),
        Work::TempScope => took(again(order.passes, |scope| temps_cursor(scope, count))),
        _ => None,
    }
}

/// The values that are charged to a tag.
pub(super) fn tagged(order: &Order) -> Option<Taken> {
    match order.work {
        Work::Push8 => took(again(order.passes, |scope| push_tagged::<1>(scope.tagged(Tag::SCENE), order.count))),
        _ => None,
    }
}

/// Runs the kernel in an arena that has been filled by it before.
fn again(passes: u64, mut kernel: impl FnMut(&mut Scope<'_>)) -> f64 {
    let mut arena = reserve();
    kernel(&mut arena.open());
    median_pass(passes, || {
        let mut scope = arena.open();
        clocked(|| kernel(&mut scope))
    })
}

#[inline(never)]
fn push<const WORDS: usize>(scope: &mut Scope<'_>, count: u64) {
    pushes::<WORDS>(count, |value| address(scope.try_alloc(value)));
}

#[inline(never)]
fn push_cursor<const WORDS: usize>(scope: &mut Scope<'_>, count: u64) {
    let mut cursor: Cursor<'_, '_> = scope.cursor();
    pushes::<WORDS>(count, |value| address(cursor.try_alloc(value)));
}

#[inline(never)]
fn push_tagged<const WORDS: usize>(tagged: Tagged<'_>, count: u64) {
    pushes::<WORDS>(count, |value| address(tagged.try_alloc(value)));
}

#[inline(never)]
fn frames(arena: &mut Arena<'_>, layouts: &[Layout], count: u64) {
    for _ in 0..count {
        let scope = arena.open();
        blocks(layouts, |layout| scope.try_alloc_layout(layout).ok());
    }
}

#[inline(never)]
fn temps(scope: &mut Scope<'_>, count: u64) {
    for _ in 0..count {
        let temp = scope.temp();
        pushes::<2>(TEMP_VALUES, |value| address(temp.try_alloc(value)));
    }
}

#[inline(never)]
fn temps_cursor(scope: &mut Scope<'_>, count: u64) {
    let mut cursor = scope.cursor();
    for _ in 0..count {
        let mut temp = cursor.temp();
        pushes::<2>(TEMP_VALUES, |value| address(temp.try_alloc(value)));
    }
}

#[inline(never)]
fn vector(memory: Tagged<'_>, count: u64) {
    let mut vec = ArenaVec::new_in(memory);
    for index in 0..count {
        or_refused(vec.try_push(index));
    }
    black_box(vec.as_slice());
}

#[inline(never)]
fn zeroed(scope: &Scope<'_>, count: u64) {
    for _ in 0..count {
        let block = or_refused(scope.try_alloc_zeroed::<u8>(SPARSE_BYTES));
        black_box(block)[SPARSE_BYTES / 2] = 1;
    }
}

#[inline(never)]
fn lifecycle(count: u64) {
    for _ in 0..count {
        let mut arena = or_refused(Arena::try_reserve("bench", LIFECYCLE_BYTES));
        black_box(or_refused(arena.open().try_alloc(1u8)));
    }
}

fn object(scope: &Scope<'_>, index: u64) -> Result<(), MemoryError> {
    let _name: &mut Name = scope.try_alloc([index as u8; 24])?;
    let _transform: &mut Transform = scope.try_alloc([index as f32; 16])?;
    black_box(scope.try_alloc(Object { _name, _transform, _index: index })?);
    Ok(())
}
