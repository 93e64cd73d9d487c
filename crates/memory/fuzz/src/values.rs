//! Steps that allocate a value, a slice, text or a box in a scope.

use crate::input::TAGS;
use crate::model::Figures;
use crate::operations::{Alive, HELD_MAX, Held, Program};
use std::alloc::Layout;
use std::ptr::NonNull;
use voltrum_memory::{ArenaBox, Scope, TRACKING, Tag, unsize_box};

#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line([u8; 64]);

/// Promises another number of items than come, and may allocate while they do.
struct Lying<I>(I, usize);

impl<I: Iterator> Iterator for Lying<I> {
    type Item = I::Item;
    fn next(&mut self) -> Option<I::Item> {
        self.0.next()
    }
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.1, Some(self.1))
    }
}

impl<'d> Program<'d> {
    pub(crate) fn value_step<'t>(&mut self, scope: &mut Scope<'t>, held: &mut Held<'t, 'd>) {
        let view = scope.view();
        let before = Figures::of(view);
        let (tag, size) = (self.input.tag(), self.input.size());
        let memory = scope.tagged(tag);
        match self.input.below(14) {
            0..3 => {
                let slice = self.granted(view, &before, memory.try_alloc_slice_fill_with(size, |i| i as u8));
                if let Some(slice) = slice {
                    assert!(slice.iter().enumerate().all(|(i, byte)| *byte == i as u8));
                    before.assert_charged(view, tag, size, 1);
                    self.model.add_slice(slice);
                }
            }
            3 | 4 => {
                let align = self.input.align(17);
                let Ok(layout) = Layout::from_size_align(size, align) else { return };
                if let Some(block) = self.granted(view, &before, memory.try_alloc_layout(layout)) {
                    before.assert_charged(view, tag, size, 1);
                    // SAFETY:
                    // - just granted, and dropped here.
                    unsafe { self.model.add(block, size, align) };
                }
            }
            5 => {
                if let Some(zeros) = self.granted(view, &before, memory.try_alloc_zeroed::<u8>(size)) {
                    assert!(crate::model::is_filled(zeros, 0), "not zero");
                    before.assert_charged(view, tag, size, 1);
                    self.model.add_slice(zeros);
                }
            }
            6 => self.text(scope, tag, size),
            7 => {
                if let Some(line) = self.granted(view, &before, memory.try_alloc(Line([7; 64]))) {
                    before.assert_charged(view, tag, 64, 1);
                    assert_eq!(line.0, [7; 64]);
                    // SAFETY:
                    // - just granted, and dropped here.
                    unsafe { self.model.add(NonNull::from(line).cast(), 64, 64) };
                }
                if let Ok(array) = memory.try_alloc_array_with::<u16, 9>(|i| i as u16) {
                    assert_eq!(*array, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
                    // SAFETY:
                    // - just granted, and dropped here.
                    unsafe { self.model.add(NonNull::from(array).cast(), 18, 2) };
                }
            }
            8 => self.iterators(scope, tag, size.min(2_000)),
            9 => {
                let refused = memory.try_alloc_try_with(|| Err::<[u8; 40], u8>(9));
                if let Some(refused) = self.granted(view, &before, refused) {
                    assert_eq!(refused, Err(9));
                    assert!(!TRACKING || Figures::of(view) == before, "a value that was not made stayed");
                }
            }
            _ => self.boxes(scope, held, size),
        }
    }

    fn text(&mut self, scope: &Scope<'_>, tag: Tag, size: usize) {
        let view = scope.view();
        let before = Figures::of(view);
        let memory = scope.tagged(tag);
        let expected = format!("{size:>0$} is {tag:?}", size % 500);
        let text = match self.input.below(3) {
            0 => memory.try_alloc_str(&expected),
            1 => memory.try_alloc_fmt(format_args!("{size:>0$} is {tag:?}", size % 500)),
            _ => {
                if let Some(text) = self.granted(view, &before, memory.try_alloc_cstr(expected.as_bytes())) {
                    assert_eq!(text.to_bytes(), expected.as_bytes());
                    self.model.assert_apart(text.as_ptr().addr(), expected.len() + 1);
                }
                return;
            }
        };
        if let Some(text) = self.granted(view, &before, text) {
            assert_eq!(text, &expected);
            before.assert_charged(view, tag, expected.len(), 1);
            // SAFETY:
            // - just granted, and dropped here.
            unsafe { self.model.add(NonNull::from(text).cast(), expected.len(), 1) };
        }
    }

    fn iterators(&mut self, scope: &Scope<'_>, tag: Tag, size: usize) {
        let memory = scope.tagged(tag);
        let (promised, period) = (self.input.below(3_000), 1 + self.input.below(300));
        let mut between = Vec::new();
        let items = (0..size).map(|index| {
            if index % period == period - 1 {
                between.extend(memory.with_tag(TAGS[1]).try_alloc([1u8; 24]).ok());
            }
            index as u32
        });
        let slice = memory.try_alloc_iter(Lying(items, promised));
        for block in between {
            assert_eq!(*block, [1; 24]);
            self.model.add_slice(block);
        }
        if let Ok(slice) = slice {
            assert!(slice.len() == size && slice.iter().enumerate().all(|(index, item)| *item == index as u32));
            // SAFETY:
            // - just granted, and dropped here.
            unsafe { self.model.add(NonNull::from(&mut *slice).cast(), size_of_val(slice), 4) };
        }
    }

    fn boxes<'t>(&mut self, scope: &Scope<'t>, held: &mut Held<'t, 'd>, size: usize) {
        let drops = self.drops;
        let view = scope.view();
        let before = Figures::of(view);
        match self.input.below(5) {
            0 | 1 if held.boxes.len() < HELD_MAX => {
                if let Some(boxed) = self.granted(view, &before, scope.try_alloc_box_with(|| drops.counted())) {
                    before.assert_charged(view, Tag::UNTAGGED, size_of_val(&*boxed), 1);
                    self.model.assert_apart((&raw const *boxed).addr(), size_of_val(&*boxed));
                    held.boxes.push((boxed.number, boxed));
                }
            }
            2 if held.slices.len() < HELD_MAX => {
                let slice = scope.try_alloc_box_slice_fill_with(size % 40, |_| drops.counted());
                held.slices.extend(self.granted(view, &before, slice));
            }
            3 if held.slices.len() < HELD_MAX => {
                let items = (0..size % 40).map(|_| drops.counted());
                held.slices.extend(scope.try_alloc_box_iter(Lying(items, self.input.below(80))));
            }
            4 if held.objects.len() < HELD_MAX => {
                // What is refused is dropped.
                if let Some(boxed) = self.granted(view, &before, scope.try_alloc_box(drops.counted())) {
                    let object: ArenaBox<'t, dyn Alive + 'd> = unsize_box!(boxed);
                    held.objects.push(object);
                }
            }
            _ => {}
        }
    }
}
