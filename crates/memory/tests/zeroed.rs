//! Zeroed blocks hold zeros, whoever wrote where they lie and was forgotten.

mod backing;

use backing::on_both_backings;
use std::mem::forget;
use voltrum_memory::{Arena, Cursor};

/// Fills what a nested cursor can get, beyond what was committed when it began.
fn fill(cursor: &mut Cursor<'_, '_>) {
    let mut blocks = 0;
    while blocks < 40 {
        cursor.alloc([0xAAu8; 8_000]);
        blocks += 1;
    }
}

fn zeros_follow_a_forgotten_nested_cursor_that_grew(arena: &mut Arena<'_>) {
    for depth in 1..4 {
        let mut scope = arena.open();
        let mut cursor = scope.cursor();
        let mut temp = cursor.temp();
        match depth {
            1 => fill(&mut temp),
            2 => {
                let mut inner = temp.temp();
                fill(&mut inner);
                forget(inner);
            }
            _ => {
                let mut inner = temp.temp();
                let mut innermost = inner.temp();
                fill(&mut innermost);
                forget(innermost);
                inner.alloc(1u64);
            }
        }
        if depth == 1 {
            forget(temp);
        } else {
            drop(temp);
        }
        // Begins where the one before did, and says that it wrote little.
        cursor.temp().alloc(1u64);
        drop(cursor);
        let zeros = scope.alloc_zeroed::<u8>(300_000);
        assert!(zeros.iter().all(|byte| *byte == 0), "depth {depth}");
        drop(scope);
        arena.trim(0);
    }
}

on_both_backings! {
    zeros_follow_a_forgotten_nested_cursor_that_grew: 8 << 20;
}
