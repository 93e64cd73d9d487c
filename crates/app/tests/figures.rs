//! The report of a running application: it follows its contract, adds up, and agrees with the system.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a missing key or line fails the test")]

mod counter;

use counter::{Counter, Wanted, config};
use serde_json::Value;
use std::ops::Range;
use voltrum::memory::{Arena, CountingHeap, Tag};
use voltrum::testing::frames;
use voltrum::{Turn, drive};

#[global_allocator]
static HEAP: CountingHeap = CountingHeap::system();

/// Checks `used = tags + padding + children's used`, all the way down; returns `used`.
fn adds_up(arena: &Value) -> u64 {
    let number = |key: &str| arena[key].as_u64().unwrap_or_else(|| panic!("{key} of {arena}"));
    let tags: u64 = arena["tags"].as_array().unwrap().iter().map(|tag| tag["bytes"].as_u64().unwrap()).sum();
    let children: u64 = arena["children"].as_array().unwrap().iter().map(adds_up).sum();
    let (used, padding) = (number("used"), number("padding"));
    assert_eq!(used, tags + padding + children, "{}", arena["name"]);
    assert!(used <= number("peak") && used <= number("committed") && number("committed") <= number("reserved"));
    used
}

/// Readable and writable bytes that the system maps inside `range`.
#[cfg(target_os = "linux")]
fn mapped(range: &Range<*const u8>) -> usize {
    let maps = std::fs::read_to_string("/proc/self/smaps").unwrap();
    let mut sum = 0;
    for line in maps.lines().filter(|line| line.contains(" rw-p ")) {
        let (from, rest) = line.split_once('-').unwrap();
        let (to, _) = rest.split_once(' ').unwrap();
        let (from, to) = (usize::from_str_radix(from, 16).unwrap(), usize::from_str_radix(to, 16).unwrap());
        sum += to.min(range.end.addr()).saturating_sub(from.max(range.start.addr()));
    }
    sum
}

#[test]
fn the_report_of_a_running_application_follows_the_contract_and_adds_up() {
    let client = Counter::default();
    drive(&config(), &client, Some(Wanted::Numbers(7)), |instance| {
        frames(instance, 10)?;
        let figures = instance.figures();

        #[cfg(target_os = "linux")]
        for arena in figures.arenas() {
            assert_eq!(arena.committed(), mapped(&arena.address_range()), "{} arena and smaps", arena.name());
        }

        let mut memory = Arena::try_reserve("report", 4 << 20)?;
        let memory = memory.open();
        let report = figures.report(memory.tagged(Tag::REPORT), &instance.stats())?;
        let json: Value = serde_json::from_str(&report.json().to_string()).unwrap();
        assert_eq!(json["schema"], 1);
        assert_eq!(json["tracking"], "tags");
        let arenas = json["arenas"].as_array().unwrap();
        let names: Vec<&str> = arenas.iter().map(|arena| arena["name"].as_str().unwrap()).collect();
        assert_eq!(names[..4], ["permanent", "scene a", "scene b", "frame"]);
        arenas.iter().map(adds_up).for_each(drop);
        assert!(arenas[1]["used"].as_u64().unwrap() >= 8_000, "the project's numbers are in the scene arena");

        let permanent = arenas[0]["tags"].as_array().unwrap();
        for tag in ["RENDERER", "EVENTS", "INPUT", "PLATFORM", "TEXTURE", "MATERIAL", "GEOMETRY"] {
            assert!(permanent.iter().any(|row| row["tag"] == tag), "{tag}'s state lives in the permanent arena");
        }
        let isolated = arenas[0]["children"].as_array().unwrap();
        assert!(isolated.iter().any(|child| child["name"] == "resources"), "resources have an arena of their own");

        assert!(json["gpu"]["device"].as_str().is_some_and(|name| !name.is_empty()));
        let lifetimes: u64 =
            ["permanent", "scene", "frame"].map(|l| json["gpu"]["lifetimes"][l].as_u64().unwrap()).iter().sum();
        assert_eq!(json["gpu"]["used"], lifetimes);
        assert!(json["heap"]["live_bytes"].as_u64().is_some_and(|bytes| bytes > 0));
        assert!(json["process"]["resident"].as_u64().unwrap() >= json["process"]["unattributed"].as_u64().unwrap());
        assert_eq!(json["frame"]["index"], 10);

        // What people see is the same report.
        let text = report.to_string();
        assert!(text.starts_with("==== VOLTRUM MEMORY REPORT ===="), "{text}");
        for line in ["PERMANENT ARENA: ", "SCENE A ARENA: ", "FRAME ARENA: ", "TOTAL: "] {
            assert!(text.contains(line), "{line} in\n{text}");
        }
        Ok(Turn::Quit)
    })
    .unwrap();
}
