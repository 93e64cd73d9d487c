//! What Linux says of this process's memory.
#![allow(clippy::unwrap_used, reason = "the helpers of tests may fail as loudly as tests")]

use std::ops::Range;

/// Bytes mapped readable and writable, and bytes resident, within `range`.
pub(crate) fn mapped(range: &Range<*const u8>) -> (usize, usize) {
    let range = range.start.addr()..range.end.addr();
    let (mut committed, mut resident, mut inside) = (0, 0, false);
    for line in std::fs::read_to_string("/proc/self/smaps").unwrap().lines() {
        let mut words = line.split_ascii_whitespace();
        let first = words.next().unwrap_or_default();
        if let Some((from, to)) = first.split_once('-')
            && let (Ok(from), Ok(to)) = (usize::from_str_radix(from, 16), usize::from_str_radix(to, 16))
        {
            inside = from < range.end && to > range.start;
            if inside && words.next().is_some_and(|access| access.starts_with("rw")) {
                assert!(from >= range.start && to <= range.end, "a mapping reaches past a guard page");
                committed += to - from;
            }
        } else if inside && first == "Rss:" {
            resident += words.next().and_then(|kib| kib.parse::<usize>().ok()).unwrap() << 10;
        }
    }
    (committed, resident)
}
