//! The difference of two reports: what grew and what shrank, and no more.
#![allow(clippy::unwrap_used, reason = "the helpers of tests may fail as loudly as tests")]

mod backing;

use backing::{aside, on_both_backings};
use voltrum_memory::{
    Arena, ArenaConfig, ArenaView, Difference, GpuReport, HeapReport, MemoryReport, ProcessReport, Scope, TRACKING,
    Tag, TagReport,
};

fn collect<'a>(memory: &'a Scope<'_>, views: &[ArenaView<'_>]) -> MemoryReport<'a> {
    MemoryReport::try_collect(memory.tagged(Tag::REPORT), views).unwrap()
}

fn lines(difference: Difference<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    difference.each_change(|change| lines.push(format!("{}: {change}", change.holder)));
    lines
}

fn what_grew_and_what_shrank_is_told_by_arena_and_tag(arena: &mut Arena<'_>) {
    let mut scope = arena.open();
    let mut reports = aside("reports", 1 << 20);
    let reports = reports.open();
    scope.tagged(Tag::SCENE).alloc([0u8; 64]);
    let view = scope.view();
    let temp = scope.temp();
    temp.tagged(Tag::UNDO).alloc([0u8; 1_021]);
    let child = temp.child("decoder", 1 << 20).into_tagged(Tag::TEXTURE);
    child.alloc([0u8; 512]);
    let before = collect(&reports, &[view]);
    assert!(before.since(&before).is_empty());
    assert_eq!(before.since(&before).to_string(), "nothing changed\n");

    child.alloc([0u8; 1_536]);
    temp.tagged(Tag::SCENE).alloc([0u8; 64]);
    let inner = temp.child("new", 1 << 20).into_tagged(Tag::UI);
    inner.alloc([0u8; 8]);
    let grown = collect(&reports, &[view]);
    drop(temp);
    scope.tagged(Tag::SCENE).alloc([0u8; 128]);
    let shrunk = collect(&reports, &[view]);

    let grew = grown.since(&before);
    let shrank = shrunk.since(&before);
    if TRACKING {
        assert_eq!(
            lines(grew),
            [
                "scene arena: SCENE: +64 B (64 B to 128 B), +1 allocations",
                "scene arena: committed: +64.0 KiB (128.0 KiB to 192.0 KiB)",
                "scene/new arena: UI: +8 B (0 B to 8 B), +1 allocations",
                "scene/new arena: committed: +64.0 KiB (0 B to 64.0 KiB)",
                "scene/decoder arena: TEXTURE: +1.5 KiB (512 B to 2.0 KiB), +1 allocations",
            ]
        );
        assert_eq!(
            lines(shrank)[..3],
            [
                "scene arena: SCENE: +128 B (64 B to 192 B), +1 allocations",
                "scene arena: UNDO: -1021 B (1021 B to 0 B), -1 allocations",
                "scene arena: padding: -3 B (3 B to 0 B)",
            ]
        );
        assert!(lines(shrank).contains(&"scene/decoder arena: TEXTURE: -512 B (512 B to 0 B), -1 allocations".into()));
        let text = shrank.to_string();
        assert!(text.starts_with("scene arena:\n    SCENE: +128 B (64 B to 192 B), +1 allocations\n    UNDO: -1021 B"));
        assert!(text.contains("\nscene/decoder arena:\n    TEXTURE: -512 B"), "{text}");
    } else {
        assert_eq!(
            lines(grew),
            [
                "scene arena: used: +64 B (1.1 KiB to 1.1 KiB)",
                "scene arena: committed: +64.0 KiB (128.0 KiB to 192.0 KiB)",
                "scene/new arena: used: +8 B (0 B to 8 B)",
                "scene/new arena: committed: +64.0 KiB (0 B to 64.0 KiB)",
                "scene/decoder arena: used: +1.5 KiB (512 B to 2.0 KiB)",
            ]
        );
        assert!(lines(shrank).contains(&"scene/decoder arena: used: -512 B (512 B to 0 B)".into()));
    }
}

#[test]
fn heap_gpu_and_process_are_compared_too() {
    let tag = |name, bytes, count| TagReport { name, bytes, count, ..TagReport::default() };
    let (one, two) = ([tag("UI", 10, 1), tag("SCENE", 5, 1)], [tag("SCENE", 5, 1), tag("TEXTURE", 2_048, 2)]);
    let before = MemoryReport {
        heap: Some(HeapReport { live_bytes: 15, live_count: 2, tags: &one }),
        gpu: Some(GpuReport { used: 7, ..GpuReport::default() }),
        process: Some(ProcessReport { resident: 4_096 }),
        ..MemoryReport::default()
    };
    let after = MemoryReport {
        heap: Some(HeapReport { live_bytes: 2_053, live_count: 3, tags: &two }),
        gpu: Some(GpuReport { used: 9, ..GpuReport::default() }),
        process: Some(ProcessReport { resident: 8_192 }),
        ..MemoryReport::default()
    };
    assert_eq!(
        lines(after.since(&before)),
        [
            "Rust heap: TEXTURE: +2.0 KiB (0 B to 2.0 KiB), +2 allocations",
            "Rust heap: UI: -10 B (10 B to 0 B), -1 allocations",
            "GPU: used: +2 B (7 B to 9 B)",
            "process: resident: +4.0 KiB (4.0 KiB to 8.0 KiB)",
        ]
    );
    assert_eq!(after.since(&before).to_string().lines().count(), 7);
    let mut bytes = 0;
    before.since(&after).each_change(|change| bytes += change.bytes());
    assert_eq!(bytes, -2_048 + 10 - 2 - 4_096);
}

on_both_backings! {
    what_grew_and_what_shrank_is_told_by_arena_and_tag: ArenaConfig::new("scene", 64 << 20);
}
