//! A read of popped bytes is reported by AddressSanitizer: with feature `asan`, in a build with it.
#![cfg(all(voltrum_asan, feature = "std"))]
#![allow(clippy::unwrap_used, reason = "the helpers of tests may fail as loudly as tests")]

use std::process::Command;
use voltrum_memory::{Arena, ArenaVec, Tag};

/// What a process of its own is to do wrong.
const CRIME: &str = "VOLTRUM_MEMORY_CRIME";

fn read(place: *const u64) {
    // SAFETY:
    // - none: where the bytes were popped, this is the crime.
    std::hint::black_box(unsafe { place.read_volatile() });
}

/// Runs this test again in a process that does `crime`; what it printed, unless it ended well.
fn report_of(test: &str, crime: &str) -> Option<String> {
    let output = Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(CRIME, crime)
        .output();
    let output = output.unwrap();
    (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
}

fn commit_crime(crime: &str) {
    let mut arena = Arena::reserve("test", 1 << 20);
    let mut scope = arena.open();
    match crime {
        "scope" => {
            let place: *const u64 = scope.temp().alloc(7u64);
            drop(scope.temp());
            read(place);
        }
        "cursor" => {
            let mut cursor = scope.cursor();
            let place: *const u64 = cursor.temp().alloc(7u64);
            drop(cursor.temp());
            read(place);
        }
        "shrunk" => {
            let mut vec = ArenaVec::new_in(scope.tagged(Tag::UI));
            vec.try_extend(0..1_000u64).unwrap();
            let place: *const u64 = &vec[999];
            vec.truncate(10);
            vec.shrink_to_fit();
            read(place);
        }
        "past its end" => {
            drop(scope.temp().alloc_slice_fill_with(100, |i| i));
            let temp = scope.temp();
            let place: *const u64 = temp.alloc(7u64);
            read(place.wrapping_add(1));
        }
        _ => {
            // No crime: what is granted may be read, popped before or not, and what a dropped handle lent.
            for round in 0..4u64 {
                let mut temp = scope.temp();
                let place: *const u64 = temp.alloc(round);
                let slice: *const u64 = temp.alloc_zeroed::<u64>(1_000).as_ptr();
                let mut cursor = temp.cursor();
                let last: *const u64 = cursor.alloc(round);
                drop(cursor);
                drop(temp);
                for place in [place, slice, slice.wrapping_add(999), last] {
                    read(place);
                }
            }
            for _ in 0..4 {
                let mut child = scope.child("child", 64 << 10);
                read(child.open().alloc(1u64));
                drop(child.open());
            }
        }
    }
}

#[test]
fn a_read_of_popped_bytes_is_reported() {
    if let Some(crime) = std::env::var_os(CRIME) {
        return commit_crime(&crime.into_string().unwrap());
    }
    let test = "a_read_of_popped_bytes_is_reported";
    for crime in ["scope", "cursor", "shrunk", "past its end"] {
        let report = report_of(test, crime).unwrap_or_default();
        assert!(report.contains("AddressSanitizer: use-after-poison"), "{crime}: {report}");
    }
    assert_eq!(report_of(test, "none"), None);
}
