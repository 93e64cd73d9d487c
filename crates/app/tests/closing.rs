//! Closing a project is one reset: nothing of it is left, nothing is freed one by one. Alone in its file, since the counts
//! are the process's.

mod counter;

use counter::{Counter, Wanted, config};
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use voltrum::memory::CountingHeap;
use voltrum::testing::{frames, frames_until_loaded};
use voltrum::{Turn, drive};

#[global_allocator]
static HEAP: CountingHeap = CountingHeap::system();

const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn dropping_a_scene_frees_no_heap_block_of_ours_and_a_hundred_of_them_leave_nothing() {
    let client = Counter::default();
    let mut scenes = 0u32;
    let mut after_second = None;
    drive(&config(), &client, Some(Wanted::Numbers(1)), |instance| {
        scenes += 1;
        let blocks = client.own_blocks_at_open.load(Relaxed);
        if scenes > 1 {
            assert_eq!(blocks, client.own_blocks_at_close.load(Relaxed), "scene {scenes}");
        }
        frames(instance, 2)?;
        let committed = instance.figures().arenas().map(|arena| arena.committed());
        let gpu = (instance.app().gpu.usage(), instance.app().gpu.live_objects());
        if scenes == 3 {
            after_second = Some((committed, gpu, blocks));
        }
        if scenes == 101 {
            assert_eq!(Some((committed, gpu, blocks)), after_second);
            return Ok(Turn::Quit);
        }
        instance.open(Wanted::Numbers(scenes));
        frames_until_loaded(instance, PATIENCE)
    })
    .unwrap();
    assert_eq!(scenes, 101);
}
