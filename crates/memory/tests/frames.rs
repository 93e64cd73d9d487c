//! A frame arena that trims itself: by resident bytes, frame by frame.
#![cfg(all(target_os = "linux", feature = "std"))]
#![allow(clippy::unwrap_used, reason = "the helpers of tests may fail as loudly as tests")]

mod smaps;

use smaps::mapped;
use voltrum_memory::{Arena, ArenaConfig, PagePolicy, Scope};

fn trimmed_after(frames: u32, pages: PagePolicy) -> Arena<'static> {
    let config = ArenaConfig { trim_after: frames, pages, ..ArenaConfig::new("frame", 256 << 20) };
    Arena::try_reserve_with(&config).unwrap()
}

fn use_bytes(scope: &Scope<'_>, bytes: usize) {
    scope.alloc_zeroed::<u8>(bytes).fill(1);
}

#[test]
fn a_frame_arena_gives_back_what_its_last_frames_did_not_need() {
    for pages in [PagePolicy::Small, PagePolicy::Huge] {
        let mut arena = trimmed_after(10, pages);
        let mut frames = arena.open();
        let range = frames.address_range();
        let kept = frames.alloc_slice_fill_with(100_000, |i| i as u8);
        use_bytes(&frames.frame(), 40 << 20);
        for _ in 0..9 {
            use_bytes(&frames.frame(), 1 << 20);
        }
        assert!(mapped(&range).1 >= 40 << 20);
        for _ in 0..20 {
            use_bytes(&frames.frame(), 1 << 20);
        }
        assert!(mapped(&range).1 <= 4 << 20, "{} of {pages:?}", mapped(&range).1);
        assert!(frames.view().committed() <= 4 << 20);
        assert!(frames.view().peak() >= 40 << 20);
        assert!(kept.iter().enumerate().all(|(i, byte)| *byte == i as u8));
        // What comes back is zero, what stayed is known to be written.
        assert!(*frames.frame().alloc_zeroed::<u8>(48 << 20) == *vec![0; 48 << 20]);
        assert!(*frames.frame().alloc_zeroed::<u8>(2 << 20) == *vec![0; 2 << 20]);
    }
}

#[test]
fn memory_of_scopes_within_a_frame_counts_as_the_frames() {
    let mut arena = trimmed_after(5, PagePolicy::Small);
    let mut frames = arena.open();
    let mut committed = 0;
    for round in 0..60 {
        let mut frame = frames.frame();
        use_bytes(&frame.temp(), 8 << 20);
        drop(frame);
        if round > 5 {
            assert!(frames.view().committed() >= 8 << 20 && frames.view().committed() <= committed);
        }
        committed = frames.view().committed();
    }
}

#[test]
fn an_arena_that_is_opened_for_each_frame_trims_itself_too() {
    let mut arena = trimmed_after(10, PagePolicy::Small);
    use_bytes(&arena.open(), 40 << 20);
    let range = arena.open().address_range();
    for _ in 0..30 {
        use_bytes(&arena.open(), 1 << 20);
    }
    assert!(mapped(&range).1 <= 4 << 20);
}

#[test]
fn an_arena_that_was_not_told_to_keeps_its_pages() {
    let mut arena = trimmed_after(0, PagePolicy::Small);
    let mut frames = arena.open();
    use_bytes(&frames.frame(), 40 << 20);
    let committed = frames.view().committed();
    for _ in 0..100 {
        use_bytes(&frames.frame(), 1 << 10);
    }
    assert_eq!(frames.view().committed(), committed);
}
