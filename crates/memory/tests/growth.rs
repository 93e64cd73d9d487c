//! Growth checks: what a piece of work left behind is found, by arena, tag and line.
#![cfg(feature = "std")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "the helpers of tests may fail as loudly as tests")]

use voltrum_memory::{
    ALLOCATION_LOG, Arena, ArenaVec, ArenaView, CountingHeap, Growth, GrowthCheck, GrowthError, TRACKING, Tag,
    assert_no_growth, heap_scope,
};

#[global_allocator]
static HEAP: CountingHeap = CountingHeap::system();

fn growth(views: &[ArenaView<'_>], work: impl FnOnce()) -> Growth {
    match GrowthCheck::of(views).run(work) {
        Err(GrowthError::Grew(growth)) => growth,
        other => panic!("{other:?}"),
    }
}

#[test]
fn work_that_gives_everything_back_passes_with_its_result() {
    let mut arena = Arena::reserve("frame", 1 << 20);
    let mut scope = arena.open();
    let views = [scope.view()];
    scope.alloc([0u8; 13]);
    let sum = assert_no_growth(&views, || {
        let temp = scope.temp();
        let child = temp.child("child", 64 << 10).into_tagged(Tag::UI);
        child.alloc(1u64);
        temp.alloc_iter(0..100).iter().sum::<i32>()
    });
    assert_eq!(sum, 4_950);
    // A vector with room takes none.
    let mut vec = ArenaVec::try_with_capacity_in(10, scope.tagged(Tag::SCENE)).unwrap();
    assert_no_growth(&views, || vec.try_extend(0..10).unwrap());
    // What shrinks passes.
    assert_no_growth(&views, || {
        vec.truncate(5);
        vec.shrink_to_fit();
    });
}

#[test]
fn what_stays_is_named_with_arena_tag_and_line() {
    let mut arena = Arena::reserve("scene", 64 << 20);
    let scope = arena.open();
    let views = [scope.view()];
    scope.tagged(Tag::SCENE).alloc([0u8; 100]);
    let child = scope.child("decoder", 8 << 20);
    let child = child.into_tagged(Tag::TEXTURE);
    let lines = [line!() + 2, line!() + 4];
    let growth = growth(&views, || {
        child.alloc([0u8; 1_024]);
        for _ in 0..3 {
            scope.tagged(Tag::SCENE).alloc([0u8; 13]);
        }
        scope.tagged(Tag::SCENE).alloc([0u8; 8]);
    });
    let rows = growth.rows();
    if !TRACKING {
        let rows: Vec<_> = rows.iter().map(|row| (row.arena, row.tag, row.bytes)).collect();
        assert_eq!(rows, [("scene", "bytes", 56), ("scene/decoder", "bytes", 1_024)]);
        return;
    }
    let found: Vec<_> = rows.iter().map(|row| (row.arena, row.tag, row.bytes, row.count)).collect();
    assert_eq!(found, [("scene", "SCENE", 47, 4), ("scene", "padding", 9, 0), ("scene/decoder", "TEXTURE", 1_024, 1)]);
    assert_eq!(growth.bytes(), 1_080);
    let text = growth.to_string();
    assert!(text.starts_with("memory grew by 1.1 KiB; free it"), "{text}");
    assert!(text.contains("\n    scene/decoder: TEXTURE +1.0 KiB, +1 allocations"), "{text}");
    if ALLOCATION_LOG {
        let sites: Vec<_> = rows[0].sites.iter().map(|at| (at.file, at.line, at.bytes, at.count)).collect();
        assert_eq!(sites, [(file!(), lines[1], 39, 3), (file!(), lines[1] + 2, 8, 1)]);
        assert_eq!((rows[2].sites.len(), rows[2].sites[0].line), (1, lines[0]));
        assert!(text.contains(&format!("\n        {}:{}: +39 B, +3 allocations", file!(), lines[1])), "{text}");
    } else {
        assert!(rows.iter().all(|row| row.sites.is_empty()));
    }
}

#[test]
fn a_child_that_came_to_stay_is_growth() {
    let mut arena = Arena::reserve("scene", 64 << 20);
    let scope = arena.open();
    let views = [scope.view()];
    let mut twins = [scope.child("twin", 1 << 20)];
    twins[0].open().alloc(1u64);
    // The same name twice counts as one.
    let growth = growth(&views, || {
        let twin = scope.child("twin", 1 << 20).into_tagged(Tag::UI);
        twin.alloc([0u64; 3]);
    });
    assert_eq!((growth.rows().len(), growth.rows()[0].arena, growth.bytes()), (1, "scene/twin", 24));
}

#[test]
fn the_error_tells_in_a_panic_too() {
    let mut arena = Arena::reserve("scene", 1 << 20);
    let scope = arena.open();
    let views = [scope.view()];
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        assert_no_growth(&views, || {
            scope.alloc([0u8; 64]);
        });
    }));
    let text = *caught.unwrap_err().downcast::<String>().unwrap();
    assert!(text.starts_with("memory grew by 64 B; ") && text.contains("\n    scene: "), "{text}");
}

#[test]
fn the_rust_heap_is_checked_where_asked() {
    let check = GrowthCheck::of(&[]).with_heap();
    let kept = check.run(|| {
        let _foreign = heap_scope(Tag::new(50, "LEAK", "this test's own"));
        vec![0u8; 10_000]
    });
    match kept {
        // Other tests' threads may have grown it too.
        Err(GrowthError::Grew(growth)) if TRACKING => {
            let row = growth.rows().iter().find(|row| row.bytes == 10_000).unwrap();
            assert_eq!((row.arena, row.count), ("Rust heap", 1));
        }
        Ok(kept) if !TRACKING => drop(kept),
        other => panic!("{:?}", other.map(drop)),
    }
    assert!(GrowthCheck::of(&[]).run(|| std::mem::forget(Box::new(1u8))).is_ok());
}

#[test]
fn a_growth_outlives_what_it_speaks_of_and_goes_to_other_threads() {
    let found = {
        let mut arena = Arena::reserve("short", 1 << 20);
        let scope = arena.open();
        growth(&[scope.view()], || {
            scope.alloc(1u64);
        })
    };
    let error: Box<dyn std::error::Error + Send + Sync> = Box::new(GrowthError::Grew(found));
    let text = std::thread::spawn(move || error.to_string()).join().unwrap();
    assert!(text.contains("short: "), "{text}");
}
