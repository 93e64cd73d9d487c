//! Input messages reach widgets, in order.
#![allow(clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

mod support;

use support::{Stage, button, moved, permanent};
use voltrum_memory::Tag;
use voltrum_platform::CursorShape;
use voltrum_platform::input::{InputMessage, Key, Modifiers, MouseButton as Button};
use voltrum_ui::{self as ui, Area, MouseButton, TextField, UiConfig, UiTexture, Window};

fn middle(item: ui::Item) -> [f32; 2] {
    [(item.min[0] + item.max[0]) / 2.0, (item.min[1] + item.max[1]) / 2.0]
}

fn key(key: Key, pressed: bool) -> InputMessage {
    InputMessage::Key { key, pressed, repeat: false }
}

fn window() -> Window<'static> {
    Window::new().first_position([10.0, 10.0]).first_size([400.0, 300.0])
}

#[test]
fn a_click_presses_a_button_once_even_when_it_is_faster_than_a_frame() {
    let mut arena = permanent();
    let scope = arena.open();
    let mut stage = Stage::new(scope.tagged(Tag::UI), UiConfig::default());
    let (mut place, mut pressed) = ([0.0, 0.0], 0);
    for step in 0..8 {
        match step {
            2 => stage.send(&[moved(place)]),
            3 => {
                assert!(ui::wants_mouse(&stage.ui), "the pointer is over a window");
                stage.send(&[button(true), button(false)]);
            }
            _ => {}
        }
        stage.frame(
            |ui| {
                ui.window("tools", window(), || {
                    pressed += i32::from(ui.button("Press"));
                    place = middle(ui.item());
                });
            },
            |_| {},
        );
    }
    assert_eq!(pressed, 1);
    stage.send(&[moved([900.0, 600.0])]);
    stage.frame(|_| {}, |_| {});
    stage.frame(|_| {}, |_| {});
    assert!(!ui::wants_keyboard(&stage.ui));
}

#[test]
fn text_is_typed_into_a_field_and_enter_sends_it() {
    let mut arena = permanent();
    let scope = arena.open();
    let mut stage = Stage::new(scope.tagged(Tag::UI), UiConfig::default());
    let mut field = TextField::<64>::new();
    let (mut place, mut sent) = ([0.0, 0.0], 0);
    for step in 0..24 {
        match step {
            2 => stage.send(&[moved(place), button(true), button(false)]),
            6 => {
                assert!(ui::wants_text(&stage.ui) && ui::wants_keyboard(&stage.ui));
                assert_eq!(ui::cursor(&stage.ui), CursorShape::Text);
                stage.send(&"héllo".chars().map(InputMessage::Character).collect::<Vec<_>>());
            }
            10 => stage.send(&[key(Key::Backspace, true), key(Key::Backspace, false)]),
            14 => stage.send(&[key(Key::Enter, true), key(Key::Enter, false)]),
            _ => {}
        }
        stage.frame(
            |ui| {
                ui.window("tools", window(), || {
                    sent += i32::from(ui.input_text("Path", &mut field));
                    place = middle(ui.item());
                });
            },
            |_| {},
        );
    }
    assert_eq!((field.as_str(), sent), ("héll", 1));
    assert!(!ui::wants_text(&stage.ui));
}

#[test]
fn a_field_never_takes_more_than_it_holds() {
    let mut arena = permanent();
    let scope = arena.open();
    let mut stage = Stage::new(scope.tagged(Tag::UI), UiConfig::default());
    let mut field = TextField::<8>::new();
    let select_all = Modifiers { control: true, ..Modifiers::NONE };
    for step in 0..12 {
        if step == 4 {
            stage.send(&"äöüäöüäöü".chars().map(InputMessage::Character).collect::<Vec<_>>());
        }
        if step == 8 {
            stage.send(&[InputMessage::Modifiers(select_all), key(Key::A, true), key(Key::A, false)]);
        }
        stage.frame(
            |ui| {
                ui.window("tools", window(), || {
                    if step == 1 {
                        ui.focus_next();
                    }
                    ui.input_text("Path", &mut field);
                });
            },
            |_| {},
        );
    }
    assert_eq!(field.as_str(), "äöü");
}

#[test]
fn dragging_in_an_area_gives_the_way_of_each_frame_and_goes_on_outside_of_it() {
    let mut arena = permanent();
    let scope = arena.open();
    let mut stage = Stage::new(scope.tagged(Tag::UI), UiConfig::default());
    let (mut area, mut way): (Option<Area>, [f32; 2]) = (None, [0.0, 0.0]);
    let right = |pressed| InputMessage::MouseButton { button: Button::Right, pressed };
    for step in 0..12 {
        match step {
            2 => stage.send(&[moved([100.0, 100.0])]),
            4 => stage.send(&[right(true)]),
            5 => stage.send(&[moved([130.0, 90.0])]),
            6 => stage.send(&[moved([1000.0, 90.0])]),
            7 => assert!(ui::wants_mouse(&stage.ui) && !ui::wants_keyboard(&stage.ui)),
            8 => stage.send(&[right(false)]),
            9 => stage.send(&[moved([100.0, 100.0]), InputMessage::Wheel([0.0, 1.0])]),
            _ => {}
        }
        stage.frame(
            |ui| {
                ui.window("view", window().no_padding().no_scroll(), || {
                    let now = ui.image_area("scene", UiTexture::atlas(1), ui.available());
                    assert_eq!(now.drag(MouseButton::Left), None);
                    if let Some([x, y]) = now.drag(MouseButton::Right) {
                        way = [way[0] + x, way[1] + y];
                    }
                    if now.wheel[1] != 0.0 {
                        assert_eq!(now.wheel, [0.0, 1.0]);
                        area = Some(now);
                    }
                    assert!(!now.clicked);
                });
            },
            |_| {},
        );
    }
    assert_eq!(way, [900.0, -10.0]);
    let area = area.expect("the wheel arrived");
    assert!(area.hovered && !area.active);
    assert_eq!(area.pointer, [100.0 - area.min[0], 100.0 - area.min[1]]);
}

#[test]
fn losing_the_keyboard_releases_what_was_held() {
    let mut arena = permanent();
    let scope = arena.open();
    let mut stage = Stage::new(scope.tagged(Tag::UI), UiConfig::default());
    let mut area = None;
    for step in 0..8 {
        match step {
            2 => stage.send(&[moved([100.0, 100.0])]),
            3 => stage.send(&[button(true)]),
            5 => {
                assert!(area.is_some_and(|area: Area| area.active));
                stage.send(&[InputMessage::Focus(false)]);
            }
            _ => {}
        }
        stage.frame(|ui| ui.window("view", window(), || area = Some(ui.area("scene", ui.available()))), |_| {});
    }
    assert!(area.is_some_and(|area| !area.active));
}

#[test]
fn a_text_is_copied_and_pasted_by_keys() {
    let mut arena = permanent();
    let scope = arena.open();
    let mut stage = Stage::new(scope.tagged(Tag::UI), UiConfig::default());
    let (mut from, mut to) = (TextField::<64>::new(), TextField::<64>::new());
    from.set("Lamp");
    let chord = |letter: Key| {
        let control = |held| InputMessage::Modifiers(Modifiers { control: held, ..Modifiers::NONE });
        [
            control(true),
            key(Key::ControlLeft, true),
            key(letter, true),
            key(letter, false),
            key(Key::ControlLeft, false),
        ]
    };
    let mut places = [[0.0; 2]; 2];
    for step in 0..40 {
        match step {
            2 => stage.send(&[moved(places[0]), button(true), button(false)]),
            8 => stage.send(&chord(Key::A)),
            14 => stage.send(&chord(Key::C)),
            20 => stage.send(&[moved(places[1]), button(true), button(false)]),
            26 => stage.send(&chord(Key::V)),
            _ => {}
        }
        stage.frame(
            |ui| {
                ui.window("fields", window(), || {
                    ui.input_text("from", &mut from);
                    places[0] = middle(ui.item());
                    ui.input_text("to", &mut to);
                    places[1] = middle(ui.item());
                });
            },
            |_| {},
        );
    }
    assert_eq!((from.as_str(), to.as_str()), ("Lamp", "Lamp"));
}

#[test]
fn the_text_cursor_is_told_while_a_field_is_edited_and_a_composition_shows_there() {
    let mut arena = permanent();
    let scope = arena.open();
    let mut stage = Stage::new(scope.tagged(Tag::UI), UiConfig::default());
    let mut field = TextField::<64>::new();
    let (mut place, mut counts) = ([0.0; 2], [0; 2]);
    for step in 0..14 {
        if step == 2 {
            assert_eq!(ui::text_cursor(&stage.ui), None);
            stage.send(&[moved(place), button(true), button(false)]);
        }
        if step == 11 {
            voltrum_platform::input::compose(&mut stage.input, "にほんご");
        }
        let count = stage.frame(
            |ui| {
                ui.window("fields", window(), || {
                    ui.input_text("name", &mut field);
                    place = middle(ui.item());
                });
            },
            |packet| packet.vertices.len(),
        );
        if step == 10 || step == 12 {
            counts[usize::from(step == 12)] = count;
        }
    }
    let [_, y] = ui::text_cursor(&stage.ui).expect("the field is edited");
    assert!((y - place[1]).abs() < 20.0, "the cursor is at {y}, the field at {}", place[1]);
    assert!(counts[1] > counts[0], "the composition is not drawn");
    assert_eq!(field.as_str(), "");
}

#[test]
fn menus_are_worked_by_keys_alone() {
    let mut arena = permanent();
    let scope = arena.open();
    let mut stage = Stage::new(scope.tagged(Tag::UI), UiConfig::default());
    let (mut first, mut second, mut third) = (0, 0, 0);
    let tap = |tapped: Key| [key(tapped, true), key(tapped, false)];
    for step in 0..60 {
        match step {
            4 => stage.send(&tap(Key::F10)),
            12 => stage.send(&tap(Key::ArrowDown)),
            20 => stage.send(&tap(Key::Enter)),
            28 => {
                stage.send(&[key(Key::AltLeft, true), key(Key::E, true), key(Key::E, false), key(Key::AltLeft, false)])
            }
            44 => stage.send(&tap(Key::Enter)),
            _ => {}
        }
        stage.frame(
            |ui| {
                ui.main_menu(|| {
                    ui.menu_keyed("File", 'F', true, || {
                        first += i32::from(ui.menu_item("Open", "Ctrl+O"));
                        second += i32::from(ui.menu_item("Save", "Ctrl+S"));
                    });
                    ui.menu_keyed("Edit", 'E', false, || third += i32::from(ui.menu_item("Undo", "Ctrl+Z")));
                });
                ui.window("tools", window(), || ui.text("nothing"));
            },
            |_| {},
        );
    }
    assert_eq!((first, second, third), (0, 1, 1));
}

#[test]
fn the_first_entry_of_a_menu_that_a_key_opens_is_chosen_by_enter_after_the_mouse_was_used() {
    let mut arena = permanent();
    let scope = arena.open();
    let mut stage = Stage::new(scope.tagged(Tag::UI), UiConfig::default());
    let mut picked = 0;
    for step in 0..40 {
        match step {
            2 => stage.send(&[InputMessage::MouseMoved([300.0, 200.0])]),
            4 => stage.send(&[InputMessage::MouseButton { button: Button::Left, pressed: true }]),
            6 => stage.send(&[InputMessage::MouseButton { button: Button::Left, pressed: false }]),
            10 => {
                stage.send(&[key(Key::AltLeft, true), key(Key::E, true), key(Key::E, false), key(Key::AltLeft, false)])
            }
            24 => stage.send(&[key(Key::Enter, true), key(Key::Enter, false)]),
            _ => {}
        }
        stage.frame(
            |ui| {
                ui.main_menu(|| {
                    ui.menu_keyed("File", 'F', true, || ui.menu_item("Open", ""));
                    ui.menu_keyed("Edit", 'E', false, || picked += i32::from(ui.menu_item("Undo", "")));
                });
                ui.window("tools", window(), || ui.text("nothing"));
            },
            |_| {},
        );
    }
    assert_eq!(picked, 1);
}

#[test]
fn a_menu_opens_by_its_letter_whichever_frames_the_keys_fall_in() {
    let [down, up] = [true, false].map(|pressed| [key(Key::AltLeft, pressed), key(Key::E, pressed)]);
    // whichever goes up first, and bit by bit, whether a key comes in a frame of its own or with the one before it
    for case in 0..16_usize {
        let (apart, first) = (case & 7, case >> 3);
        let keys = [down[0], down[1], up[first], up[1 - first]];
        let mut arena = permanent();
        let scope = arena.open();
        let mut stage = Stage::new(scope.tagged(Tag::UI), UiConfig::default());
        let mut is_open = false;
        for step in 0..40 {
            let frame_of = |at: usize| 10 + (0..at).filter(|bit| apart >> bit & 1 == 1).count();
            let now: Vec<_> = (0..4).filter(|at| frame_of(*at) == step).map(|at| keys[at]).collect();
            stage.send(&now);
            if step == 2 {
                stage.send(&[moved([500.0, 400.0])]);
            }
            stage.frame(
                |ui| {
                    ui.main_menu(|| {
                        ui.menu_keyed("File", 'F', true, || ui.menu_item("Open", ""));
                        is_open = ui.menu_keyed("Edit", 'E', false, || ui.menu_item("Undo", "")).is_some();
                    });
                    ui.window("tools", window(), || ui.text("nothing"));
                },
                |_| {},
            );
        }
        assert!(is_open, "apart: {apart:03b}, up first: {first}");
    }
}

#[test]
fn a_row_is_dragged_onto_another_and_tells_where_it_was_let_go() {
    let mut arena = permanent();
    let scope = arena.open();
    let mut stage = Stage::new(scope.tagged(Tag::UI), UiConfig::default());
    let mut places = [[0.0; 2]; 3];
    let (mut hovered, mut dropped) = (None, None);
    for step in 0..30 {
        match step {
            2 => stage.send(&[moved(places[0])]),
            4 => stage.send(&[button(true)]),
            6 => stage.send(&[moved([places[0][0] + 20.0, places[0][1] + 6.0])]),
            10 => stage.send(&[moved(places[2])]),
            16 => stage.send(&[button(false)]),
            _ => {}
        }
        stage.frame(
            |ui| {
                ui.window("rows", window(), || {
                    for (row, place) in places.iter_mut().enumerate() {
                        ui.selectable(format_args!("row {row}"), false);
                        *place = middle(ui.item());
                        ui.drag_source("row", row as u64, format_args!("row {row}"));
                        if let Some(drop) = ui.drop_target("row") {
                            hovered = Some((row, drop.payload));
                            if drop.delivered {
                                dropped = Some((row, drop));
                            }
                        }
                    }
                });
            },
            |_| {},
        );
    }
    assert_eq!(hovered, Some((2, 0)));
    let (row, drop) = dropped.expect("nothing was let go");
    assert_eq!((row, drop.payload), (2, 0));
    assert!((drop.height - 0.5).abs() < 0.2, "{}", drop.height);
}

#[test]
fn what_is_typed_quickly_arrives_at_once() {
    let mut arena = permanent();
    let scope = arena.open();
    let mut stage = Stage::new(scope.tagged(Tag::UI), UiConfig::default());
    let (mut field, mut place) = (TextField::<64>::new(), [0.0; 2]);
    for step in 0..12 {
        match step {
            2 => stage.send(&[moved(place), button(true), button(false)]),
            8 => {
                let typed = [(Key::L, 'l'), (Key::A, 'a'), (Key::M, 'm'), (Key::P, 'p'), (Key::Digit1, '1')];
                for (typed, character) in typed {
                    stage.send(&[key(typed, true), InputMessage::Character(character), key(typed, false)]);
                }
            }
            _ => {}
        }
        stage.frame(
            |ui| {
                ui.window("fields", window(), || {
                    ui.input_text("name", &mut field);
                    place = middle(ui.item());
                });
            },
            |_| {},
        );
        if step == 8 {
            assert_eq!(field.as_str(), "lamp1");
        }
    }
}
