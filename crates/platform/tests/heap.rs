//! What a frame takes from the heap: nothing. Alone in its process, because the figures are the process's.

use voltrum_memory::{Arena, CountingHeap, TRACKING, Tag, heap_usage};
use voltrum_platform::events::{self, EventLimits};
use voltrum_platform::input::{self, Key};
use voltrum_platform::window::{self, WindowConfig, WindowMode};
use voltrum_platform::{Message, post, pump_messages, startup};

#[global_allocator]
static HEAP: CountingHeap = CountingHeap::system();

#[test]
fn frames_take_nothing_from_the_heap_idle_or_busy() {
    if !TRACKING {
        return;
    }
    let mut arena = Arena::try_reserve("test", 4 << 20).unwrap();
    let scope = arena.open();
    let permanent = scope.tagged(Tag::PLATFORM);
    let config = WindowConfig { title: "test", size: [64, 64], mode: WindowMode::Headless };
    let (pump, window) = window::open(permanent, &config).unwrap();
    let mut platform = startup(permanent, pump, &window).unwrap();
    let mut events = events::startup(permanent, EventLimits::default()).unwrap();
    let mut input = input::startup(permanent).unwrap();
    let used = scope.view().used();
    for round in 0..10u32 {
        let before = heap_usage().unwrap().allocations;
        for frame in 0..100 {
            if round % 2 == 1 {
                post(&mut platform, Message::Resized([round, frame])).unwrap();
                post(&mut platform, Message::key_down(Key::A)).unwrap();
                post(&mut platform, Message::key_up(Key::A)).unwrap();
                post(&mut platform, Message::FileDropped("scene.glb")).unwrap();
            }
            pump_messages(&mut platform, &mut input, &mut events).unwrap();
            input::update(&mut input);
            events::process_pending(&mut events);
        }
        // the test runner's own threads settle in the first few rounds
        if round > 2 {
            assert_eq!(heap_usage().unwrap().allocations, before, "round {round}");
        }
    }
    assert_eq!(scope.view().used(), used, "and nothing from the arena");
}
