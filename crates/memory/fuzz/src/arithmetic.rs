//! Sizes and alignments at the ends of their ranges, through every public function that takes one.
//!
//! Granted blocks are not touched, since they may be larger than what should be written in a test: address, alignment and
//! figures say whether the arithmetic was right.

use crate::input::Input;
use crate::model::{Figures, assert_adds_up};
use allocator_api2::alloc::Allocator;
use std::alloc::Layout;
use std::ptr::NonNull;
use voltrum_memory::{
    Arena, ArenaConfig, ArenaHeap, ArenaMap, ArenaString, ArenaVec, Cursor, MemoryError, PagePolicy, Pool, Scope, Tag,
};

const STEPS_MAX: usize = 64;
/// What a program may commit: reservations are of any size.
const LIMIT_BYTES: usize = 1 << 20;
/// A type with a size that few blocks have room for.
type Large = [u8; 1 << 40];

/// Runs the program that `data` says.
pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let config = ArenaConfig {
        reserve_bytes_min: input.extreme(),
        limit_bytes: Some(input.extreme().min(LIMIT_BYTES)),
        pages: [PagePolicy::Small, PagePolicy::Auto, PagePolicy::Huge][input.below(3)],
        ..ArenaConfig::new("root", input.extreme())
    };
    let Ok(mut arena) = Arena::try_reserve_with(&config) else { return };
    assert!(arena.view().reserved() >= config.reserve_bytes.min(config.reserve_bytes_min));
    for _ in 0..3 {
        let mut scope = arena.open();
        for _ in 0..STEPS_MAX {
            if input.is_over() {
                break;
            }
            step(&mut scope, &mut input);
            assert_adds_up(scope.view());
        }
        assert!(scope.view().committed() <= LIMIT_BYTES);
        drop(scope);
        if input.one_in(2) {
            arena.trim(input.extreme());
        }
    }
    heap(&mut input);
}

/// A block lies inside its arena, below the position, and is aligned.
fn assert_inside(scope: &Scope<'_>, block: NonNull<u8>, size: usize, align: usize) {
    let (range, at) = (scope.address_range(), block.addr().get());
    assert!(at.is_multiple_of(align), "{at:#x} is not aligned to {align}");
    assert!(at >= range.start.addr() && size <= range.end.addr() - at, "{at:#x}+{size:#x} lies outside of {range:?}");
    assert!(scope.view().used_here() >= size && scope.view().committed() >= size);
}

fn slice_inside<T>(scope: &Scope<'_>, slice: &[T], len: usize) {
    assert_eq!(slice.len(), len);
    assert_inside(scope, NonNull::from(slice).cast(), size_of_val(slice), align_of::<T>());
}

fn step(scope: &mut Scope<'_>, input: &mut Input<'_>) {
    let view = scope.view();
    let before = Figures::of(view);
    let size = input.extreme();
    let memory = scope.tagged(input.tag());
    let was_refused = match input.below(16) {
        0..3 => {
            let align = input.align(64);
            let Ok(layout) = Layout::from_size_align(size, align) else { return };
            let block = scope.try_alloc_layout(layout);
            block.iter().for_each(|block| assert_inside(scope, *block, size, align));
            block.is_err()
        }
        3 => inside(scope, memory.try_alloc_slice_uninit::<u8>(size), size),
        4 => inside(scope, memory.try_alloc_slice_uninit::<u64>(size), size),
        5 => inside(scope, memory.try_alloc_slice_uninit::<[u16; 37]>(size), size),
        6 => inside(scope, memory.try_alloc_slice_uninit::<Large>(size), size),
        7 => memory.try_alloc_slice_uninit::<()>(size).map(|units| assert_eq!(units.len(), size)).is_err(),
        8 => inside(scope, memory.try_alloc_zeroed::<u32>(size), size),
        9 => match memory.try_child("child", size) {
            Ok(mut child) => {
                assert!(child.view().reserved() >= size);
                child.trim(input.extreme());
                let mut inner = child.open();
                if scope.view().committed() < LIMIT_BYTES / 2 && !input.is_over() {
                    step(&mut inner, input);
                }
                false
            }
            Err(_) => true,
        },
        10 => {
            let mut vec = ArenaVec::<[u32; 3]>::new_in(memory);
            let exact = input.one_in(2);
            let result = if exact { vec.try_reserve_exact(size) } else { vec.try_reserve(size) };
            assert!(result.is_err() || vec.capacity() >= size);
            // The second request is on top of the first.
            let first = result.is_err();
            first && vec.try_reserve(usize::MAX).is_err()
        }
        11 => ArenaString::try_with_capacity_in(size, memory).map(|text| assert!(text.capacity() >= size)).is_err(),
        12 => {
            ArenaMap::<u64, [u8; 5]>::try_with_capacity_in(size, memory).map(|m| assert!(m.capacity() >= size)).is_err()
        }
        13 => Pool::<u128>::try_new_in(memory, size as u32).is_err(),
        14 => return cursor(scope, size, input),
        _ => return raw(scope, size, input),
    };
    assert!(!was_refused || Figures::of(view) == before, "a refused request left something behind");
}

/// Whether it was refused.
fn inside<T>(scope: &Scope<'_>, slice: Result<&mut [T], MemoryError>, len: usize) -> bool {
    slice.map(|slice| slice_inside(scope, slice, len)).is_err()
}

fn cursor(scope: &mut Scope<'_>, size: usize, input: &mut Input<'_>) {
    let (view, range) = (scope.view(), scope.address_range());
    let ends = |cursor: &mut Cursor<'_, '_>, size: usize, align: usize| {
        let Ok(layout) = Layout::from_size_align(size, align) else { return };
        if let Ok(block) = cursor.try_alloc_layout(layout) {
            let at = block.addr().get();
            assert!(at.is_multiple_of(align) && at >= range.start.addr() && size <= range.end.addr() - at);
        }
        assert_adds_up(view);
    };
    let mut cursor = scope.cursor();
    ends(&mut cursor, size, input.align(64));
    {
        let mut nested = cursor.temp();
        ends(&mut nested, input.extreme(), input.align(64));
        ends(&mut nested, input.extreme(), input.align(64));
        if input.one_in(4) {
            std::mem::forget(nested);
        }
    }
    ends(&mut cursor, input.extreme(), input.align(64));
}

/// Allocate, grow and shrink by the allocator's interface.
fn raw(scope: &Scope<'_>, size: usize, input: &mut Input<'_>) {
    let memory = scope.tagged(Tag::UI);
    let Ok(layout) = Layout::from_size_align(input.size(), input.align(64)) else { return };
    let Ok(block) = memory.allocate(layout) else { return };
    assert_inside(scope, block.cast(), layout.size(), layout.align());
    let Ok(new) = Layout::from_size_align(size, input.align(64)) else { return };
    // SAFETY:
    // - the block was just granted with this layout, and its address is not used again; sizes are compared.
    let changed = unsafe {
        if new.size() >= layout.size() {
            memory.grow(block.cast(), layout, new)
        } else {
            memory.shrink(block.cast(), layout, new)
        }
    };
    changed.iter().for_each(|block| assert_inside(scope, block.cast(), new.size(), new.align()));
}

fn heap(input: &mut Input<'_>) {
    let Ok(heap) = ArenaHeap::try_reserve("heap", LIMIT_BYTES, Tag::UI) else { return };
    let range = heap.view().address_range();
    let is_inside = |block: NonNull<u8>, size: usize| {
        block.addr().get() >= range.start.addr() && size <= range.end.addr() - block.addr().get()
    };
    for _ in 0..STEPS_MAX {
        if input.is_over() {
            break;
        }
        let (size, align) = (input.extreme(), if input.one_in(4) { input.extreme() } else { input.align(64) });
        let before = heap.stats();
        let Some(block) = heap.allocate(size, align) else {
            assert_eq!(heap.stats(), before, "a refused request left something behind");
            continue;
        };
        assert!(align.is_power_of_two() && block.addr().get().is_multiple_of(align) && is_inside(block, size));
        let (now, size) = (heap.stats(), input.extreme());
        // SAFETY:
        // - a live block of this heap with its alignment; only its new address is used where it moved.
        let moved = unsafe { heap.reallocate(block, size, align) };
        assert!(moved.is_none_or(|block| block.addr().get().is_multiple_of(align) && is_inside(block, size)));
        assert!(moved.is_some() || heap.stats() == now, "a refused request left something behind");
        if input.one_in(2) {
            // SAFETY:
            // - a live block of this heap, forgotten here.
            unsafe { heap.deallocate(moved.unwrap_or(block)) };
        }
        assert_adds_up(heap.view());
    }
}
