//! Cursors, and cursors in cursors.

use crate::model::assert_adds_up;
use crate::operations::Program;
use std::alloc::Layout;
use std::ptr::NonNull;
use voltrum_memory::{ArenaView, Cursor};

const DEPTH_MAX: usize = 4;

impl Program<'_> {
    /// A cursor's life. Blocks of the first one live on in its scope; those of nested ones end with them.
    pub(crate) fn cursor_life(&mut self, mut cursor: Cursor<'_, '_>, view: ArenaView<'_>, depth: usize) {
        let outer = self.model.live.clone();
        if self.input.one_in(2) {
            cursor = cursor.tagged(self.input.tag());
        }
        for _ in 0..self.input.below(24) {
            if self.is_over() {
                break;
            }
            self.cursor_step(&mut cursor, view, depth);
            self.model.check();
            assert_adds_up(view);
        }
        if self.input.one_in(8) {
            std::mem::forget(cursor);
        } else {
            drop(cursor);
        }
        assert_adds_up(view);
        self.model.check();
        if depth > 0 {
            self.model.live = outer;
        }
    }

    fn cursor_step(&mut self, cursor: &mut Cursor<'_, '_>, view: ArenaView<'_>, depth: usize) {
        match self.input.below(12) {
            0..3 => {
                if let Ok(block) = cursor.try_alloc([0u8; 24]) {
                    self.model.add_slice(block);
                }
            }
            3 => {
                if let Ok(block) = cursor.try_alloc_with(|| [0u8; 5_000]) {
                    self.model.add_slice(block);
                }
            }
            4..6 => {
                let source = vec![3u8; self.input.size()];
                if let Ok(block) = cursor.try_alloc_slice_copy(&source) {
                    assert_eq!(block, source);
                    self.model.add_slice(block);
                }
            }
            6 => {
                if let Ok(text) = cursor.try_alloc_str("lamp.gltf") {
                    assert_eq!(text, "lamp.gltf");
                    // SAFETY:
                    // - just granted, and dropped here.
                    unsafe { self.model.add(NonNull::from(text).cast(), 9, 1) };
                }
            }
            7 | 8 => {
                let (size, align) = (self.input.size(), self.input.align(17));
                let Ok(layout) = Layout::from_size_align(size, align) else { return };
                if let Ok(block) = cursor.try_alloc_layout(layout) {
                    // SAFETY:
                    // - just granted, and dropped here.
                    unsafe { self.model.add(block, size, align) };
                }
            }
            _ if depth < DEPTH_MAX => {
                self.cursor_life(cursor.temp(), view, depth + 1);
            }
            _ => {}
        }
    }
}
