//! What a load leaves on the Rust heap: nothing of ours.

mod model;

use model::{Memory, Model};
use voltrum_assets::LoadLimits;
use voltrum_memory::{CountingHeap, Tag, heap_usage};

#[global_allocator]
static HEAP: CountingHeap = CountingHeap::system();

#[test]
fn an_open_scene_holds_no_heap_of_ours_and_foreign_heap_is_charged_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let path = Model::triangle().write_gltf(folder.path());
    let mut memory = Memory::reserve();
    let Some(before) = heap_usage() else {
        println!("skipped: tracking is off");
        return;
    };
    memory.load(&path, LoadLimits::default(), |loaded| {
        let loaded = loaded.unwrap();
        let open = heap_usage().unwrap();
        assert_eq!(loaded.scene.nodes.len(), 3);
        assert!(open.allocations > before.allocations);
        assert_eq!(open.live_bytes_without(Tag::FOREIGN), before.live_bytes_without(Tag::FOREIGN));
        assert_eq!(open.tag(Tag::FOREIGN).bytes, before.tag(Tag::FOREIGN).bytes, "the parsed document is gone");
        assert!(open.tag(Tag::FOREIGN).peak > 4_096, "parser and decoders are foreign");
    });
    let after = heap_usage().unwrap();
    assert_eq!((after.live_bytes, after.live_count), (before.live_bytes, before.live_count));
}
