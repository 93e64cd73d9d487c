//! Figures by tag: exact after every end of a temp, whichever way a tag came into use; peaks of what was ever held.
#![cfg(any(debug_assertions, feature = "tracking"))]
#![allow(clippy::unwrap_used, reason = "the helpers of tests may fail as loudly as tests")]

mod backing;

use allocator_api2::vec::Vec;
use backing::on_both_backings;
use voltrum_memory::{Arena, ArenaVec, ArenaView, TAGS_MAX, Tag, TagUsage};

const LAST: Tag = Tag::new(63, "LAST", "the last index there is");

fn usage(view: ArenaView<'_>, tag: Tag) -> (usize, usize, usize) {
    let TagUsage { bytes, peak, count } = view.tag(tag);
    (bytes, peak, count)
}

fn a_tag_that_a_temp_used_first_holds_nothing_after_it(arena: &mut Arena<'_>) {
    let mut scope = arena.open();
    let view = scope.view();
    {
        let mut temp = scope.temp();
        temp.tagged(Tag::UI).alloc([0u8; 10]);
        temp.tagged(Tag::SCENE).with_tag(Tag::UNDO).alloc([0u8; 20]);
        temp.tagged(LAST).alloc_layout(std::alloc::Layout::new::<()>());
        temp.alloc([0u8; 40]);
        let mut cursor = temp.cursor().tagged(Tag::TEXTURE);
        cursor.alloc([0u8; 30]);
        let mut nested = cursor.temp().tagged(Tag::MATERIAL);
        nested.alloc([0u8; 50]);
        assert_eq!(usage(view, Tag::MATERIAL), (50, 50, 1));
        drop(nested);
        assert_eq!(usage(view, Tag::MATERIAL), (0, 50, 0));
        drop(cursor);
        assert_eq!((usage(view, Tag::UI), usage(view, Tag::UNDO)), ((10, 10, 1), (20, 20, 1)));
        assert_eq!((usage(view, LAST), usage(view, Tag::UNTAGGED)), ((0, 0, 1), (40, 40, 1)));
        assert_eq!((usage(view, Tag::TEXTURE), usage(view, Tag::SCENE)), ((30, 30, 1), (0, 0, 0)));
    }
    assert_eq!((view.used(), view.padding()), (0, Some(0)));
    for index in 0..TAGS_MAX {
        let held = view.tag(Tag::new(index as u8, "", ""));
        assert_eq!((held.bytes, held.count), (0, 0), "tag {index}");
    }
    assert_eq!((usage(view, Tag::UI), usage(view, Tag::UNDO), usage(view, LAST)), ((0, 10, 0), (0, 20, 0), (0, 0, 0)));
    assert_eq!((usage(view, Tag::UNTAGGED), usage(view, Tag::TEXTURE)), ((0, 40, 0), (0, 30, 0)));
}

fn a_temp_restores_what_each_tag_held_before(arena: &mut Arena<'_>) {
    let mut scope = arena.open();
    let view = scope.view();
    for index in (0..TAGS_MAX).step_by(3) {
        scope.tagged(Tag::new(index as u8, "", "")).alloc_zeroed::<u8>(index + 1);
    }
    for _ in 0..3 {
        let mut temp = scope.temp();
        for index in 0..TAGS_MAX {
            temp.tagged(Tag::new(index as u8, "", "")).alloc_zeroed::<u8>(100);
        }
        std::mem::forget(temp.temp()); // ends with the scope around it
    }
    for index in 0..TAGS_MAX {
        let held = if index % 3 == 0 { index + 1 } else { 0 };
        let wanted = (held, held + 100, usize::from(held > 0));
        assert_eq!(usage(view, Tag::new(index as u8, "", "")), wanted, "tag {index}");
    }
}

fn totals_stay_exact_where_a_block_shrinks_below_another(arena: &mut Arena<'_>) {
    let scope = arena.open();
    let memory = scope.tagged(Tag::SCENE);
    for (capacity, smaller) in [(64, 60), (64, 16), (13, 9), (8, 1), (64, 57)] {
        let mut below = Vec::<u8, _>::with_capacity_in(capacity, memory);
        let above = Vec::<u8, _>::with_capacity_in(8, memory);
        below.shrink_to(smaller);
        below.shrink_to(smaller - 1);
        drop(above);
        let TagUsage { bytes, .. } = scope.view().tag(Tag::SCENE);
        assert_eq!(scope.view().used(), bytes + scope.view().padding().unwrap(), "{capacity} to {smaller}");
        // It is the last block now, where its size still says so.
        drop(below);
        let TagUsage { bytes, .. } = scope.view().tag(Tag::SCENE);
        assert_eq!(scope.view().used(), bytes + scope.view().padding().unwrap(), "{capacity} to {smaller}");
        if let Some(log) = scope.view().log() {
            assert_eq!((log.missed, log.missed_bytes), (0, 0));
            let logged: usize = scope.view().allocations().map(|block| block.size).sum();
            assert_eq!(logged, bytes, "{capacity} to {smaller}");
        }
    }
    let mut below = ArenaVec::<u8>::try_with_capacity_in(13, memory).unwrap();
    memory.alloc(1u64);
    below.try_reserve_exact(16).unwrap(); // fits its own padding: it stays
    assert_eq!(below.capacity(), 16);
    assert_eq!(scope.view().allocations().filter(|block| block.size == 13).count(), 0);
}

fn a_peak_is_the_most_that_was_ever_held(arena: &mut Arena<'_>) {
    let scope = arena.open();
    let memory = scope.tagged(Tag::SCENE);
    let mut vec = ArenaVec::try_with_capacity_in(1_000, memory).unwrap();
    assert_eq!(usage(scope.view(), Tag::SCENE), (1_000, 1_000, 1));
    vec.try_extend(0..10u8).unwrap();
    vec.shrink_to_fit();
    assert_eq!(usage(scope.view(), Tag::SCENE), (10, 1_000, 1));
    vec.try_reserve_exact(500).unwrap();
    assert_eq!(usage(scope.view(), Tag::SCENE), (510, 1_000, 1));
    let refused = memory.alloc_try_with(|| Err::<[u8; 600], ()>(()));
    assert!(refused.is_err());
    assert_eq!(usage(scope.view(), Tag::SCENE), (510, 1_110, 1));
    drop(scope);
    let scope = arena.open();
    assert_eq!(usage(scope.view(), Tag::SCENE), (0, 1_110, 0));
    scope.tagged(Tag::SCENE).alloc_zeroed::<u8>(2_000);
    assert_eq!(usage(scope.view(), Tag::SCENE), (2_000, 2_000, 1));
}

on_both_backings! {
    a_tag_that_a_temp_used_first_holds_nothing_after_it: 16 << 20;
    a_temp_restores_what_each_tag_held_before: 16 << 20;
    totals_stay_exact_where_a_block_shrinks_below_another: 16 << 20;
    a_peak_is_the_most_that_was_ever_held: 16 << 20;
}
