//! The report: the same figures as text, for people, and as JSON of schema 1, for programs.
#![cfg(feature = "std")]
#![allow(clippy::unwrap_used, reason = "the helpers of tests may fail as loudly as tests")]

use serde_json::Value;
use voltrum_memory::{
    ALLOCATION_LOG, Arena, ArenaConfig, CountingHeap, FrameReport, GpuReport, MemoryReport, ProcessReport, Reason,
    TRACKING, Tag, TagReport, heap_scope,
};

#[global_allocator]
static HEAP: CountingHeap = CountingHeap::system();

const AUDIO: Tag = Tag::new(40, "AUDIO", "mixer \"voices\"");

fn parse(report: &MemoryReport<'_>) -> Value {
    serde_json::from_str(&report.json().to_string()).unwrap()
}

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

/// The shape and sums of an arena's object and of its children's.
fn assert_arena(arena: &Value) {
    let wanted = ["children", "committed", "name", "padding", "peak", "reserved", "tags", "used"];
    assert_eq!(keys(arena), wanted);
    let number = |key: &str| arena[key].as_u64().unwrap();
    assert!(number("used") <= number("committed") && number("committed") <= number("reserved"));
    assert!(number("peak") >= number("used"));
    let children = arena["children"].as_array().unwrap();
    children.iter().for_each(assert_arena);
    let nested: u64 = children.iter().map(|child| child["used"].as_u64().unwrap()).sum();
    if TRACKING {
        let tags = arena["tags"].as_array().unwrap();
        assert!(tags.iter().all(|tag| keys(tag) == ["bytes", "count", "peak", "tag"]));
        let tagged: u64 = tags.iter().map(|tag| tag["bytes"].as_u64().unwrap()).sum();
        assert_eq!(number("used"), tagged + number("padding") + nested);
    } else {
        assert!(arena["tags"].is_null() && arena["padding"].is_null());
    }
}

fn assert_shape(report: &Value) {
    assert_eq!(keys(report), ["arenas", "frame", "gpu", "heap", "process", "schema", "tracking"]);
    assert_eq!(report["schema"], 1);
    let level = match (ALLOCATION_LOG, TRACKING) {
        (true, _) => "log",
        (false, true) => "tags",
        (false, false) => "off",
    };
    assert_eq!(report["tracking"], level);
    report["arenas"].as_array().unwrap().iter().for_each(assert_arena);
    assert_eq!(keys(&report["gpu"]), ["device", "lifetimes", "tags", "used"]);
    assert_eq!(keys(&report["gpu"]["lifetimes"]), ["frame", "permanent", "scene"]);
    assert_eq!(keys(&report["heap"]), ["live_bytes", "live_count", "tags"]);
    assert_eq!(keys(&report["process"]), ["attributed", "resident", "unattributed"]);
    for key in ["index", "heap_allocations", "cpu_ms", "frame_arena_peak"] {
        assert!(keys(&report["frame"]).contains(&key));
    }
    assert_eq!(report["heap"]["live_bytes"].is_null(), !TRACKING);
}

#[test]
fn json_has_every_key_and_its_sums_add_up() {
    let config = ArenaConfig { tags: &[AUDIO], ..ArenaConfig::new("permanent", 64 << 20) };
    let mut permanent = Arena::try_reserve_with(&config).unwrap();
    let mut frames = Arena::reserve("frame", 4 << 20);
    let permanent = permanent.open();
    permanent.tagged(Tag::RENDERER).alloc([0u8; 1_001]);
    permanent.tagged(AUDIO).alloc([0u8; 13]);
    let mut child = permanent.child("resources \\ \"cache\"\n", 8 << 20);
    let inner = child.open();
    inner.tagged(Tag::RESOURCES).alloc([0u8; 77]);
    let grandchild = inner.child("grandchild", 1 << 20).into_tagged(Tag::TEXTURE);
    grandchild.alloc([0u64; 9]);
    let _second = permanent.child("second", 1 << 20).into_tagged(Tag::UI);
    let foreign = {
        let _foreign = heap_scope(Tag::FOREIGN);
        vec![0u8; 12_345]
    };

    let frame = frames.open();
    let views = [permanent.view(), frame.view().per_frame()];
    let mut report = MemoryReport::try_collect(frame.tagged(Tag::REPORT), &views).unwrap();
    let value = parse(&report);
    assert_shape(&value);
    let arenas = value["arenas"].as_array().unwrap();
    assert_eq!((arenas.len(), &arenas[0]["name"], &arenas[1]["name"]), (2, &"permanent".into(), &"frame".into()));
    let children = arenas[0]["children"].as_array().unwrap();
    assert_eq!((&children[0]["name"], &children[1]["name"]), (&"second".into(), &"resources \\ \"cache\"\n".into()));
    assert_eq!(children[1]["children"][0]["name"], "grandchild");
    assert_eq!(children[1]["children"][0]["used"], 72);
    assert_eq!(arenas[0]["used"], permanent.view().used());
    assert_eq!(arenas[0]["committed"], permanent.view().committed());
    assert_eq!(report.logs_committed > 0, ALLOCATION_LOG);
    assert_eq!(report.to_string().contains("\nALLOCATION LOGS: "), ALLOCATION_LOG);
    // The report's own bytes are in it.
    assert_eq!(arenas[1]["used"], frame.view().used());
    if TRACKING {
        let tag = |name: &str| arenas[0]["tags"].as_array().unwrap().iter().find(|tag| tag["tag"] == name).cloned();
        assert_eq!(tag("RENDERER").unwrap()["bytes"], 1_001);
        assert_eq!((&tag("AUDIO").unwrap()["bytes"], &tag("AUDIO").unwrap()["count"]), (&13.into(), &1.into()));
        let heap = value["heap"]["tags"].as_array().unwrap();
        let held = heap.iter().find(|tag| tag["tag"] == "FOREIGN").unwrap()["bytes"].as_u64().unwrap();
        assert!(held >= foreign.len() as u64);
    }
    for part in ["gpu", "frame"] {
        assert!(value[part]["tags"].is_null() && value[part]["index"].is_null() && value[part]["used"].is_null());
    }
    assert!(value["process"]["resident"].is_null() && value["process"]["unattributed"].is_null());

    let gpu_tags = [TagReport { name: "TEXTURE", description: "images", bytes: 4_096, peak: 8_192, count: 2 }];
    report.gpu =
        Some(GpuReport { device: "llvm\"pipe", used: 4_096, permanent: 96, scene: 4_000, frame: 0, tags: &gpu_tags });
    report.process = Some(ProcessReport { resident: 1 << 30 });
    report.frame = Some(FrameReport {
        index: 7,
        heap_allocations: Some(0),
        cpu_ms: 1.5,
        frame_arena_peak: 99,
        ..FrameReport::default()
    });
    let value = parse(&report);
    assert_shape(&value);
    assert_eq!((&value["gpu"]["device"], &value["gpu"]["tags"][0]["peak"]), (&"llvm\"pipe".into(), &8_192.into()));
    assert_eq!(value["gpu"]["lifetimes"]["scene"], 4_000);
    assert_eq!((&value["frame"]["cpu_ms"], &value["frame"]["heap_allocations"]), (&1.5.into(), &0.into()));
    let process = |key: &str| value["process"][key].as_u64().unwrap();
    assert_eq!(process("resident"), process("attributed") + process("unattributed"));
    assert_eq!(process("attributed") as usize, report.attributed());

    report.frame = Some(FrameReport { cpu_ms: f64::NAN, ..FrameReport::default() });
    report.process = Some(ProcessReport { resident: 1 });
    let value = parse(&report);
    assert!(value["frame"]["cpu_ms"].is_null());
    assert_eq!(value["process"]["unattributed"], 0);
}

#[test]
fn a_report_of_nothing_has_every_key_too() {
    let value = parse(&MemoryReport::default());
    assert_eq!(keys(&value), ["arenas", "frame", "gpu", "heap", "process", "schema", "tracking"]);
    assert!(value["heap"]["live_bytes"].is_null() && value["heap"]["tags"].is_null());
    assert!(value["arenas"].as_array().unwrap().is_empty());
    assert!(MemoryReport::default().to_string().contains("TOTAL: 0 B committed / 0 B reserved"));
}

#[test]
fn text_has_the_layout_of_the_specification() {
    let page = ArenaConfig::new("permanent", (1 << 20) - 8_192);
    let mut permanent = Arena::try_reserve_with(&page).unwrap();
    let mut scene = Arena::reserve("scene", 4 << 20);
    let mut frames = Arena::reserve("frame", 2 << 20);
    let permanent = permanent.open();
    permanent.tagged(Tag::RENDERER).alloc([0u8; 2_048]);
    permanent.tagged(Tag::INPUT).alloc([0u8; 5]);
    let scene = scene.open();
    let child = scene.child("nodes", 1 << 20).into_tagged(Tag::SCENE);
    child.alloc([0u8; 512]);
    let frame = frames.open();
    let mut reports = Arena::reserve("report", 1 << 20);
    let reports = reports.open();
    let views = [permanent.view(), scene.view(), frame.view().per_frame()];
    let report = MemoryReport::try_collect(reports.tagged(Tag::REPORT), &views).unwrap();
    let text = report.to_string();
    let lines: Vec<_> = text.lines().take_while(|line| !line.starts_with("RUST HEAP")).collect();
    let mut wanted = vec!["==== VOLTRUM MEMORY REPORT ====", "", "PERMANENT ARENA: 64.0 KiB committed / "];
    if TRACKING {
        wanted.push("    INPUT: 5 B (key states, mouse state)");
        wanted.push("    RENDERER: 2.0 KiB (Vulkan state, pipelines, descriptors)");
        wanted.push("    padding: 3 B");
    }
    wanted.extend(["", "SCENE ARENA: 128.0 KiB committed / 4.0 MiB reserved"]);
    wanted.push("    child nodes: 64.0 KiB committed / 1.0 MiB reserved");
    if TRACKING {
        wanted.push("        SCENE: 512 B (entities, component storage, hierarchy)");
    }
    wanted.extend([
        "",
        "FRAME ARENA: 0 B peak / 2.0 MiB reserved",
        "    (Reset each frame - current: 0 B, committed: 64.0 KiB)",
    ]);
    for (line, start) in lines.iter().zip(&wanted) {
        assert!(line.starts_with(start), "{line}\n{start}\n{text}");
    }
    assert!(text.ends_with(" reserved\n") && text.contains("\nTOTAL: 256.0 KiB committed / "), "{text}");
}

#[test]
fn two_names_for_one_tag_are_refused() {
    const CLASH: Tag = Tag::new(6, "PHYSICS", "bodies");
    const TWIN: Tag = Tag::new(40, "VOICES", "the mixer's");
    for tags in [&[CLASH] as &'static [Tag], &[AUDIO, TWIN]] {
        let config = ArenaConfig { tags, ..ArenaConfig::new("permanent", 1 << 20) };
        let error = Arena::try_reserve_with(&config).map(drop).unwrap_err();
        let Reason::TagClash { index, taken_by } = error.reason() else { panic!("{error}") };
        assert!(matches!((index, taken_by), (6, "RENDERER") | (40, "AUDIO")));
        assert!(error.to_string().contains(taken_by) && error.to_string().contains("from 19 to 63"), "{error}");
    }
    let config = ArenaConfig { tags: &[AUDIO, AUDIO, Tag::RENDERER], ..ArenaConfig::new("permanent", 1 << 20) };
    assert!(Arena::try_reserve_with(&config).is_ok());
}

#[test]
fn a_report_that_does_not_fit_is_an_error() {
    let mut arena = Arena::reserve("permanent", 1 << 20);
    let scope = arena.open();
    let _children: Vec<_> = (0..8).map(|_| scope.child("child", 4 << 10)).collect();
    let mut tiny = Arena::reserve("tiny", 0);
    let tiny = tiny.open();
    while tiny.try_alloc(0u64).is_ok() {}
    let error = MemoryReport::try_collect(tiny.tagged(Tag::REPORT), &[scope.view()]).map(drop).unwrap_err();
    assert_eq!((error.arena(), error.reason()), ("tiny", Reason::Full));
}
