//! What the system sees of an arena: what it maps, what is resident, where a stray access ends the process, and what happens
//! when it refuses.
#![cfg(all(target_os = "linux", feature = "std"))]
#![allow(clippy::unwrap_used, reason = "the helpers of tests may fail as loudly as tests")]

mod random;
mod smaps;

use random::Random;
use smaps::mapped;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use voltrum_memory::{Arena, ArenaConfig, PagePolicy, Reason, Tag};

#[test]
fn committed_is_what_the_system_maps() {
    for (policy, bytes) in [(PagePolicy::Small, 3 << 20), (PagePolicy::Auto, 256 << 20), (PagePolicy::Huge, 64 << 20)] {
        let config = ArenaConfig { pages: policy, ..ArenaConfig::new("mapped", bytes) };
        let mut arena = Arena::try_reserve_with(&config).unwrap();
        let mut random = Random::seeded(bytes as u64);
        for round in 0..30 {
            let range = arena.open().address_range();
            let check = |view: voltrum_memory::ArenaView<'_>| {
                let (committed, resident) = mapped(&range);
                assert_eq!(view.committed(), committed, "round {round}");
                assert!(resident <= committed);
            };
            {
                let mut scope = arena.open();
                let mut children = Vec::new();
                for _ in 0..random.below(12) {
                    match random.below(4) {
                        0 => drop(scope.try_alloc_zeroed::<u8>(random.below(bytes / 8))),
                        1 => children.extend(scope.try_child("child", random.below(bytes / 8))),
                        2 => {
                            if let Some(child) = children.last_mut() {
                                let inner = child.open();
                                let _ = inner.try_alloc_zeroed::<u8>(random.below(bytes / 8));
                                let _ = inner.try_child("grandchild", random.below(bytes / 16));
                            }
                        }
                        _ => {
                            let at = random.below(children.len() + 1);
                            if at < children.len() {
                                drop(children.swap_remove(at));
                            }
                            let temp = scope.temp();
                            let _ = temp.try_child("array", 64 << 10).map(|child| child.into_tagged(Tag::SCENE));
                        }
                    }
                    check(scope.view());
                }
            }
            check(arena.view());
            if round % 3 == 0 {
                arena.trim(random.below(bytes / 4));
                check(arena.view());
            }
        }
    }
}

#[test]
fn trim_returns_resident_bytes_and_keeps_what_it_was_told_to() {
    let mut arena = Arena::reserve("trimmed", 256 << 20);
    let range = arena.open().address_range();
    arena.open().alloc_slice_fill_with(64 << 20, |i| i as u8);
    assert!(mapped(&range).1 >= 64 << 20);
    arena.trim(8 << 20);
    let (committed, resident) = mapped(&range);
    assert_eq!(committed, arena.view().committed());
    assert!((8 << 20..9 << 20).contains(&committed), "{committed}");
    assert!(resident <= committed);
    arena.trim(0);
    assert!(mapped(&range).1 <= 64 << 10);
    assert!(arena.open().alloc_zeroed::<u8>(64 << 20).iter().all(|byte| *byte == 0));
}

#[test]
fn an_unused_reservation_costs_nothing_but_its_first_pages() {
    let mut arena = Arena::reserve("unused", 64 << 30);
    let scope = arena.open();
    let (committed, resident) = mapped(&scope.address_range());
    assert_eq!((committed, scope.view().committed()), (64 << 10, 64 << 10));
    assert!(resident <= 64 << 10);
}

#[test]
fn zeroed_bytes_that_the_system_just_gave_are_not_touched() {
    let config = ArenaConfig { pages: PagePolicy::Small, ..ArenaConfig::new("zeroed", 256 << 20) };
    let mut arena = Arena::try_reserve_with(&config).unwrap();
    let scope = arena.open();
    scope.alloc_zeroed::<u64>(16 << 20);
    let (committed, resident) = mapped(&scope.address_range());
    assert!(committed >= 128 << 20 && resident < 1 << 20, "{resident} resident");
}

/// Runs `act` in a child of this process, alone; how that ended: its exit code, or minus the signal.
fn in_a_child_process(name: &str, act: fn()) -> i32 {
    const CHOSEN: &str = "VOLTRUM_MEMORY_TEST_CHILD";
    if std::env::var(CHOSEN).is_ok_and(|chosen| chosen == name) {
        act();
        std::process::exit(0);
    }
    let test = std::thread::current().name().unwrap().to_owned();
    let status = Command::new(std::env::current_exe().unwrap())
        .args([test.as_str(), "--exact", "--nocapture"])
        .env(CHOSEN, name)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .status()
        .unwrap();
    status.code().unwrap_or_else(|| -status.signal().unwrap_or(0))
}

/// A fault; AddressSanitizer reports it and exits with 1, which no test does.
fn is_fault(ending: i32) -> bool {
    ending == -libc::SIGSEGV || ending == -libc::SIGBUS || ending == 1
}

fn touch(address: *const u8) {
    // SAFETY:
    // - the address is the arena's own, or where the test wants the process to end.
    unsafe { address.cast_mut().write_volatile(1) };
}

#[test]
fn guard_pages_stop_a_write_past_either_end() {
    let inside = in_a_child_process("inside", || {
        let mut arena = Arena::reserve("guarded", 1 << 20);
        let scope = arena.open();
        touch(scope.alloc(0u8));
        while scope.try_alloc_zeroed::<u8>(1_024).is_ok() {}
        touch(scope.address_range().end.wrapping_sub(1));
    });
    let above = in_a_child_process("above", || {
        let mut arena = Arena::reserve("guarded", 1 << 20);
        let scope = arena.open();
        while scope.try_alloc_zeroed::<u8>(1_024).is_ok() {}
        touch(scope.address_range().end);
    });
    let below = in_a_child_process("below", || {
        let mut arena = Arena::reserve("guarded", 1 << 20);
        let scope = arena.open();
        touch(scope.address_range().start.wrapping_sub(1));
    });
    let under_a_child = in_a_child_process("under a child", || {
        let mut arena = Arena::reserve("guarded", 4 << 20);
        let scope = arena.open();
        let child = scope.child("child", 1 << 20).into_tagged(Tag::SCENE);
        while scope.try_alloc_zeroed::<u8>(4_096).is_ok() {}
        touch(child.address_range().start.wrapping_sub(1));
    });
    let above_a_child = in_a_child_process("above a child", || {
        let mut arena = Arena::reserve("guarded", 4 << 20);
        let scope = arena.open();
        let _upper = scope.child("upper", 1 << 20).into_tagged(Tag::SCENE);
        let lower = scope.child("lower", 1 << 20).into_tagged(Tag::SCENE);
        while lower.try_alloc_zeroed::<u8>(4_096).is_ok() {}
        touch(lower.address_range().end);
    });
    assert_eq!(inside, 0);
    for (ending, place) in [(above, "above"), (below, "below"), (under_a_child, "under"), (above_a_child, "over")] {
        assert!(is_fault(ending), "{place}: {ending}");
    }
}

/// Leaves this process `bytes` of address space beyond what it has.
fn limit_address_space(bytes: usize) {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = pages.split_ascii_whitespace().next().unwrap().parse().unwrap();
    let limit = (pages * 4_096 + bytes) as libc::rlim_t;
    let limit = libc::rlimit { rlim_cur: limit, rlim_max: limit };
    // SAFETY:
    // - the structure is alive for the call; the limit holds for this process alone.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_AS, &raw const limit) }, 0);
}

#[test]
fn a_refused_reservation_is_tried_smaller_down_to_its_minimum() {
    let smaller = in_a_child_process("smaller", || {
        limit_address_space(1 << 30);
        let mut arena = Arena::try_reserve("modest", 64 << 30).unwrap();
        let reserved = arena.view().reserved();
        assert!((64 << 20..1 << 30).contains(&reserved), "{reserved}");
        arena.open().alloc_zeroed::<u8>(16 << 20);
    });
    assert_eq!(smaller, 0);
    let refused = in_a_child_process("refused", || {
        limit_address_space(1 << 30);
        let config = ArenaConfig { reserve_bytes_min: 8 << 30, ..ArenaConfig::new("stubborn", 64 << 30) };
        let error = Arena::try_reserve_with(&config).map(drop).unwrap_err();
        assert_eq!((error.arena(), error.reason()), ("stubborn", Reason::Reserve(libc::ENOMEM)));
        assert_eq!((error.asked(), error.limit()), (64 << 30, 8 << 30));
        let text = error.to_string();
        assert!(text.contains("64.0 GiB") && text.contains("8.0 GiB") && text.contains("ulimit -v"), "{text}");
    });
    assert_eq!(refused, 0);
}

#[test]
fn sizes_that_no_address_space_holds_are_errors() {
    for bytes in [usize::MAX, usize::MAX - 4_096, isize::MAX as usize, isize::MAX as usize + 1] {
        let error = Arena::try_reserve("absurd", bytes).map(drop).unwrap_err();
        assert_eq!(error.reason(), Reason::Overflow, "{bytes:x}");
    }
    let mut tiny = Arena::try_reserve("tiny", 0).unwrap();
    let scope = tiny.open();
    scope.alloc(());
    while scope.try_alloc(1u64).is_ok() {}
}

#[test]
fn pages_locked_in_memory_come_back_as_zeros() {
    let ending = in_a_child_process("locked", || {
        let mut arena = Arena::reserve("locked", 16 << 20);
        let scope = arena.open();
        let bytes = scope.alloc_slice_fill_with(256 << 10, |_| 0xFFu8);
        // Where locking isn't allowed there is nothing to see.
        // SAFETY:
        // - the range is this test's own.
        if unsafe { libc::mlock(bytes.as_ptr().cast(), bytes.len()) } != 0 {
            return;
        }
        drop(scope);
        arena.trim(0);
        assert!(arena.open().alloc_zeroed::<u8>(300 << 10).iter().all(|byte| *byte == 0));
    });
    assert_eq!(ending, 0);
}
