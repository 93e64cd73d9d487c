//! Several interfaces in one process. One test in a binary of its own: it compares the process-wide heap.
#![allow(clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

mod support;

use support::{Stage, button, check_packet, moved, permanent};
use voltrum_memory::{Scope, Tag};
use voltrum_ui::{self as ui, UiConfig, Window};

#[test]
fn interleaved_interfaces_leave_each_other_alone_and_nothing_behind() {
    // the first context starts the heap
    live_and_die();
    let (bytes, count) = (ui::heap_stats().live_bytes, ui::heap_stats().live_count);
    live_and_die();
    assert_eq!((ui::heap_stats().live_bytes, ui::heap_stats().live_count), (bytes, count));
    assert_eq!((bytes, count), (0, 0));

    // dropped in the middle of a frame
    {
        let mut arena = permanent();
        let scope = arena.open();
        let mut stage = Stage::new(scope.tagged(Tag::UI), UiConfig::default());
        ui::begin_frame(&mut stage.ui, &stage.input, 0.016, [640, 480], 1.0);
    }
    assert_eq!(ui::heap_stats().live_bytes, 0);

    // on other threads, at the same time
    std::thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(live_and_die);
        }
    });
    assert_eq!(ui::heap_stats().live_bytes, 0);
}

fn live_and_die() {
    let (mut first_arena, mut second_arena) = (permanent(), permanent());
    let (first_scope, second_scope) = (first_arena.open(), second_arena.open());
    let mut first = Stage::new(first_scope.tagged(Tag::UI), UiConfig::default());
    let mut second = Stage::new(second_scope.tagged(Tag::UI), UiConfig::default());
    second.size = [800, 600];
    first.frame(|_| {}, |_| {});

    // whole frames in turn: a click in one is not seen in the other
    let window = || Window::new().first_position([10.0, 10.0]).first_size([300.0, 200.0]);
    let (mut pressed_first, mut pressed_second) = (0, 0);
    let mut place = [0.0, 0.0];
    for step in 0..6 {
        if step == 2 {
            first.send(&[moved(place)]);
        }
        if step == 3 {
            first.send(&[button(true), button(false)]);
        }
        for (stage, pressed) in [(&mut first, &mut pressed_first), (&mut second, &mut pressed_second)] {
            let size = stage.size;
            stage.frame(
                |ui| {
                    ui.window("same name", window(), || {
                        *pressed += i32::from(ui.button("same label"));
                        let item = ui.item();
                        place = [(item.min[0] + item.max[0]) / 2.0, (item.min[1] + item.max[1]) / 2.0];
                    });
                },
                |packet| {
                    check_packet(packet);
                    assert_eq!(packet.display_size, size.map(|side| side as f32));
                },
            );
        }
    }
    assert_eq!((pressed_first, pressed_second), (1, 0));

    // two frames open at once, widgets of one inside windows of the other
    let (first_frame, second_frame): (Scope<'_>, Scope<'_>) = (first.frames.open(), second.frames.open());
    ui::begin_frame(&mut first.ui, &first.input, 0.016, [1280, 720], 1.0);
    ui::begin_frame(&mut second.ui, &second.input, 0.016, [800, 600], 2.0);
    {
        let one = ui::widgets(&first.ui).expect("open");
        let two = ui::widgets(&second.ui).expect("open");
        one.window("outer", Window::new(), || {
            two.window("inner", Window::new(), || {
                one.text("first");
                two.text("second");
            });
            one.text("first again");
        });
    }
    let first_packet = ui::end_frame(&mut first.ui, &first_frame).expect("packet");
    let second_packet = ui::end_frame(&mut second.ui, &second_frame).expect("packet");
    check_packet(&first_packet);
    check_packet(&second_packet);
    assert_eq!((first_packet.display_size, second_packet.display_size), ([1280.0, 720.0], [800.0, 600.0]));
}
