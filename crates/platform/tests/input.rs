//! What input promises: edges per frame, releases without end, text, the mouse, and messages in order.

use voltrum_memory::{Arena, Tag};
use voltrum_platform::input::{self, InputMessage, Key, Modifiers, MouseButton};

fn press(key: Key) -> InputMessage {
    InputMessage::Key { key, pressed: true, repeat: false }
}

fn release(key: Key) -> InputMessage {
    InputMessage::Key { key, pressed: false, repeat: false }
}

fn button(button: MouseButton, pressed: bool) -> InputMessage {
    InputMessage::MouseButton { button, pressed }
}

#[test]
fn a_key_shows_its_edges_in_one_frame_each_and_is_down_between_them() {
    let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
    let scope = arena.open();
    let mut state = input::startup(scope.tagged(Tag::INPUT)).unwrap();
    let mut seen = Vec::new();
    for message in [None, Some(press(Key::W)), None, Some(release(Key::W)), None] {
        if let Some(message) = message {
            input::push(&mut state, message);
        }
        input::update(&mut state);
        seen.push((
            input::is_key_down(&state, Key::W),
            input::was_key_pressed(&state, Key::W),
            input::was_key_released(&state, Key::W),
        ));
    }
    assert_eq!(
        seen,
        [(false, false, false), (true, true, false), (true, false, false), (false, false, true), (false, false, false),]
    );
}

#[test]
fn nothing_shows_before_the_frame_begins() {
    let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
    let scope = arena.open();
    let mut state = input::startup(scope.tagged(Tag::INPUT)).unwrap();
    input::push(&mut state, press(Key::A));
    assert!(!input::is_key_down(&state, Key::A));
    assert!(input::messages(&state).is_empty());
    input::update(&mut state);
    assert!(input::is_key_down(&state, Key::A));
}

#[test]
fn a_tap_between_two_frames_shows_both_edges() {
    let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
    let scope = arena.open();
    let mut state = input::startup(scope.tagged(Tag::INPUT)).unwrap();
    for message in
        [press(Key::Space), release(Key::Space), button(MouseButton::Left, true), button(MouseButton::Left, false)]
    {
        input::push(&mut state, message);
    }
    input::update(&mut state);
    assert!(!input::is_key_down(&state, Key::Space));
    assert!(input::was_key_pressed(&state, Key::Space));
    assert!(input::was_key_released(&state, Key::Space));
    assert!(!input::is_button_down(&state, MouseButton::Left));
    assert!(input::was_button_pressed(&state, MouseButton::Left));
    assert!(input::was_button_released(&state, MouseButton::Left));
}

#[test]
fn a_repeated_key_is_pressed_once() {
    let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
    let scope = arena.open();
    let mut state = input::startup(scope.tagged(Tag::INPUT)).unwrap();
    input::push(&mut state, press(Key::Backspace));
    input::update(&mut state);
    let repeat = InputMessage::Key { key: Key::Backspace, pressed: true, repeat: true };
    input::push(&mut state, repeat);
    input::update(&mut state);
    assert!(input::is_key_down(&state, Key::Backspace));
    assert!(!input::was_key_pressed(&state, Key::Backspace));
    assert_eq!(input::messages(&state), [repeat]);
}

#[test]
fn losing_the_keyboard_releases_everything() {
    let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
    let scope = arena.open();
    let mut state = input::startup(scope.tagged(Tag::INPUT)).unwrap();
    for message in [
        press(Key::ControlLeft),
        press(Key::S),
        button(MouseButton::Right, true),
        InputMessage::Modifiers(Modifiers { control: true, ..Modifiers::NONE }),
    ] {
        input::push(&mut state, message);
    }
    input::update(&mut state);
    assert!(input::modifiers(&state).control && input::is_focused(&state));
    input::push(&mut state, InputMessage::Focus(false));
    input::update(&mut state);
    assert!(!input::is_focused(&state));
    for &key in Key::ALL {
        assert!(!input::is_key_down(&state, key));
        assert_eq!(input::was_key_released(&state, key), key == Key::ControlLeft || key == Key::S);
    }
    assert!(!input::is_button_down(&state, MouseButton::Right));
    assert!(input::was_button_released(&state, MouseButton::Right));
    assert_eq!(input::modifiers(&state), Modifiers::NONE);
    // what the window system sends late is no second release
    input::push(&mut state, release(Key::S));
    input::update(&mut state);
    assert!(!input::was_key_released(&state, Key::S));
}

#[test]
fn modifiers_follow_their_keys_on_either_side() {
    let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
    let scope = arena.open();
    let mut state = input::startup(scope.tagged(Tag::INPUT)).unwrap();
    for (message, shift) in [
        (press(Key::ShiftLeft), true),
        (press(Key::ShiftRight), true),
        (release(Key::ShiftLeft), true),
        (release(Key::ShiftRight), false),
    ] {
        input::push(&mut state, message);
        input::update(&mut state);
        assert_eq!(input::modifiers(&state), Modifiers { shift, ..Modifiers::NONE });
    }
}

#[test]
fn text_is_what_was_typed_in_this_frame() {
    let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
    let scope = arena.open();
    let mut state = input::startup(scope.tagged(Tag::INPUT)).unwrap();
    for character in "Grüße, 世界 🙂".chars() {
        input::push(&mut state, InputMessage::Character(character));
    }
    input::update(&mut state);
    assert_eq!(input::text(&state), "Grüße, 世界 🙂");
    input::update(&mut state);
    assert_eq!(input::text(&state), "");
}

#[test]
fn more_text_than_a_frame_holds_is_cut_between_characters_and_counted() {
    let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
    let scope = arena.open();
    let mut state = input::startup(scope.tagged(Tag::INPUT)).unwrap();
    for _ in 0..400 {
        input::push(&mut state, InputMessage::Character('世'));
    }
    input::update(&mut state);
    assert_eq!(input::text(&state).chars().count(), 1024 / 3);
    assert_eq!(input::dropped(&state), 400 - 1024 / 3);
}

#[test]
fn the_mouse_adds_up_within_a_frame_and_entering_is_no_movement() {
    let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
    let scope = arena.open();
    let mut state = input::startup(scope.tagged(Tag::INPUT)).unwrap();
    input::push(&mut state, InputMessage::MouseMoved([100.0, 50.0]));
    input::update(&mut state);
    assert_eq!(input::mouse_delta(&state), [0.0, 0.0]);
    for place in [[110.0, 50.0], [120.0, 45.0]] {
        input::push(&mut state, InputMessage::MouseMoved(place));
    }
    input::push(&mut state, InputMessage::Wheel([0.0, 1.0]));
    input::push(&mut state, InputMessage::Wheel([0.5, 1.0]));
    input::update(&mut state);
    assert_eq!(input::mouse_position(&state), [120.0, 45.0]);
    assert_eq!(input::mouse_delta(&state), [20.0, -5.0]);
    assert_eq!(input::wheel(&state), [0.5, 2.0]);
    input::push(&mut state, InputMessage::MouseLeft);
    input::update(&mut state);
    assert!(!input::is_mouse_inside(&state));
    assert_eq!(input::wheel(&state), [0.0, 0.0]);
    input::push(&mut state, InputMessage::MouseMoved([0.0, 0.0]));
    input::update(&mut state);
    assert_eq!(input::mouse_delta(&state), [0.0, 0.0]);
}

#[test]
fn messages_keep_their_order_and_moves_in_a_row_are_merged() {
    let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
    let scope = arena.open();
    let mut state = input::startup(scope.tagged(Tag::INPUT)).unwrap();
    let sent = [
        InputMessage::MouseMoved([1.0, 1.0]),
        InputMessage::MouseMoved([2.0, 2.0]),
        button(MouseButton::Left, true),
        InputMessage::MouseMoved([3.0, 3.0]),
        button(MouseButton::Left, false),
        press(Key::A),
        InputMessage::Character('a'),
    ];
    for message in sent {
        input::push(&mut state, message);
    }
    input::update(&mut state);
    assert_eq!(input::messages(&state), &sent[1..]);
    input::update(&mut state);
    assert!(input::messages(&state).is_empty());
}

#[test]
fn more_messages_than_a_frame_holds_end_with_a_release_and_leave_the_state_right() {
    let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
    let scope = arena.open();
    let mut state = input::startup(scope.tagged(Tag::INPUT)).unwrap();
    input::push(&mut state, press(Key::W));
    for _ in 0..input::MESSAGES_MAX {
        input::push(&mut state, InputMessage::Wheel([0.0, 1.0]));
    }
    input::push(&mut state, release(Key::W));
    input::update(&mut state);
    assert_eq!(input::messages(&state).len(), input::MESSAGES_MAX);
    assert_eq!(input::messages(&state).last(), Some(&InputMessage::ReleasedAll));
    assert_eq!(input::dropped(&state), 3);
    assert!(!input::is_key_down(&state, Key::W) && input::was_key_released(&state, Key::W));
    assert_eq!(input::wheel(&state), [0.0, input::MESSAGES_MAX as f32]);
}

#[test]
fn a_composition_shows_until_it_is_done() {
    let mut arena = Arena::try_reserve("permanent", 4 << 20).unwrap();
    let scope = arena.open();
    let mut input = input::startup(scope.tagged(Tag::INPUT)).unwrap();
    assert_eq!(input::composition(&input), "");
    input::compose(&mut input, "にほ");
    input::update(&mut input);
    input::update(&mut input);
    assert_eq!(input::composition(&input), "にほ");
    input::compose(&mut input, &"語".repeat(200));
    let shown = input::composition(&input);
    assert!(shown.chars().all(|character| character == '語') && shown.len() <= 256);
    input::compose(&mut input, "");
    assert_eq!(input::composition(&input), "");
}
