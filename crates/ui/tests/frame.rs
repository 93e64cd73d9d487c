//! What a frame's packet holds: geometry in range, texture updates in order.
#![allow(clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

mod support;

use support::{Stage, check_packet, permanent};
use voltrum_memory::Tag;
use voltrum_render::{UiTexture, UiTextureKind};
use voltrum_ui::{self as ui, DockBuilder, DockNode, Side, UiConfig, UiError, Window};

#[test]
fn the_demo_window_makes_a_packet_whose_indices_and_clips_are_in_range() {
    let mut arena = permanent();
    let scope = arena.open();
    let mut stage = Stage::new(scope.tagged(Tag::UI), UiConfig::default());
    let mut open = true;
    for _ in 0..4 {
        stage.frame(|ui| ui.demo_window(&mut open), check_packet);
    }
    stage.frame(
        |ui| ui.demo_window(&mut open),
        |packet| {
            check_packet(packet);
            assert_eq!(packet.display_size, [1280.0, 720.0]);
            assert!(packet.commands.len() > 2, "{} commands", packet.commands.len());
            assert!(packet.vertices.len() > 500, "{} vertices", packet.vertices.len());
            assert!(packet.indices.len() > packet.vertices.len());
        },
    );
}

#[test]
fn the_font_atlas_is_created_once_then_updated_then_settled() {
    let mut arena = permanent();
    let scope = arena.open();
    let mut stage = Stage::new(scope.tagged(Tag::UI), UiConfig::default());
    let window = || Window::new().first_size([600.0, 400.0]);
    let atlas = stage.frame(
        |ui| ui.window("first", window(), || ui.text("abc")),
        |packet| {
            let [update] = packet.textures else { panic!("{} texture updates", packet.textures.len()) };
            let UiTextureKind::Create { size } = update.kind else { panic!("{:?}", update.kind) };
            assert_eq!(update.rgba.len(), size[0] as usize * size[1] as usize * 4);
            assert_eq!(update.row_pitch, size[0] * 4);
            assert!(update.rgba.iter().any(|&byte| byte != 0), "the atlas has glyphs");
            assert!(packet.commands.iter().all(|command| command.texture == UiTexture::atlas(update.id)));
            update.id
        },
    );
    stage.frame(|ui| ui.window("first", window(), || ui.text("abc")), |packet| assert!(packet.textures.is_empty()));
    // characters that were not drawn yet
    let again = |ui: ui::Ui<'_>| ui.window("first", window(), || ui.text("abc XYZ 0123456789 {}"));
    stage.frame(again, |packet| {
        let [update] = packet.textures else { panic!("{} texture updates", packet.textures.len()) };
        assert_eq!(update.id, atlas);
        let UiTextureKind::Update { size: [width, height], .. } = update.kind else { panic!("{:?}", update.kind) };
        assert_eq!(update.rgba.len(), (width * height * 4) as usize);
        assert_eq!(update.row_pitch, width * 4);
    });
    for _ in 0..3 {
        stage.frame(again, |packet| assert!(packet.textures.is_empty()));
    }
}

#[test]
fn an_atlas_that_outgrows_itself_is_replaced_and_the_old_one_destroyed_after_its_last_use() {
    let mut arena = permanent();
    let scope = arena.open();
    let mut stage = Stage::new(scope.tagged(Tag::UI), UiConfig::default());
    let mut live = Vec::new();
    let mut destroyed = 0;
    for frame in 0..60 {
        // a new size of the font every few frames fills the atlas
        stage.scale = 1.0 + (frame / 4) as f32 * 0.25;
        let text: String = (' '..='~').collect();
        stage.frame(
            |ui| ui.window("glyphs", Window::new(), || ui.text(&text)),
            |packet| {
                for update in packet.textures {
                    match update.kind {
                        UiTextureKind::Create { .. } => live.push(update.id),
                        UiTextureKind::Update { .. } => assert!(live.contains(&update.id)),
                        UiTextureKind::Destroy => {
                            destroyed += 1;
                            live.retain(|&id| id != update.id);
                        }
                    }
                }
                for command in packet.commands {
                    assert!(live.iter().any(|&id| command.texture == UiTexture::atlas(id)), "{command:?}");
                }
            },
        );
    }
    assert!(destroyed > 0, "the atlas never grew");
    assert_eq!(live.len(), 1, "{live:?}");
}

#[test]
fn textures_are_told_again_when_the_renderer_has_lost_them() {
    let mut arena = permanent();
    let scope = arena.open();
    let mut stage = Stage::new(scope.tagged(Tag::UI), UiConfig::default());
    let draw = |ui: ui::Ui<'_>| ui.window("text", Window::new(), || ui.text("abc"));
    stage.frame(draw, |_| {});
    ui::resend_textures(&mut stage.ui);
    stage.frame(draw, |packet| {
        let [update] = packet.textures else { panic!("{} texture updates", packet.textures.len()) };
        assert!(matches!(update.kind, UiTextureKind::Create { .. }));
    });
    stage.frame(draw, |packet| assert!(packet.textures.is_empty()));
}

#[test]
fn a_full_frame_arena_is_an_error_that_loses_no_texture() {
    let mut arena = permanent();
    let scope = arena.open();
    let mut stage = Stage::new(scope.tagged(Tag::UI), UiConfig::default());
    let mut small = voltrum_memory::Arena::try_reserve("small", 64 << 10).expect("reserve");
    let frame = small.open();
    ui::begin_frame(&mut stage.ui, &stage.input, 0.016, [1280, 720], 1.0);
    let refused = ui::end_frame(&mut stage.ui, &frame);
    assert!(matches!(refused, Err(UiError::Memory(_))), "{refused:?}");
    stage.frame(|_| {}, |packet| assert!(matches!(packet.textures[0].kind, UiTextureKind::Create { .. })));
}

#[test]
fn outside_a_frame_there_are_no_widgets_and_nothing_to_end() {
    let mut arena = permanent();
    let scope = arena.open();
    let mut stage = Stage::new(scope.tagged(Tag::UI), UiConfig::default());
    assert!(matches!(ui::widgets(&stage.ui), Err(UiError::NoFrame)));
    let frame = stage.frames.open();
    assert!(matches!(ui::end_frame(&mut stage.ui, &frame), Err(UiError::NoFrame)));
    // a frame that is begun twice starts afresh
    ui::begin_frame(&mut stage.ui, &stage.input, 0.016, [640, 480], 1.0);
    ui::begin_frame(&mut stage.ui, &stage.input, f32::NAN, [640, 480], f32::NAN);
    assert!(ui::widgets(&stage.ui).is_ok());
    assert!(matches!(ui::save_layout(&stage.ui, scope.tagged(Tag::UI)), Err(UiError::FrameOpen)));
    assert!(ui::end_frame(&mut stage.ui, &frame).is_ok());
}

#[test]
fn a_window_without_an_area_makes_an_empty_packet() {
    let mut arena = permanent();
    let scope = arena.open();
    let mut stage = Stage::new(scope.tagged(Tag::UI), UiConfig { layout: Some(halves), ..UiConfig::default() });
    stage.size = [0, 0];
    stage.frame(
        |ui| ui.window("Left", Window::new(), || ui.text("abc")),
        |packet| {
            assert!(packet.commands.is_empty());
        },
    );
}

fn halves<'d>(dock: &DockBuilder<'d>, root: DockNode<'d>) {
    let (left, right) = dock.split(root, Side::Left, 0.25);
    dock.place("Left", &left);
    dock.place("Right", &right);
}

/// Left and right edge of both windows, after some frames.
fn edges(stage: &mut Stage<'_>) -> [f32; 4] {
    let mut edges = [0.0; 4];
    for _ in 0..4 {
        stage.frame(
            |ui| {
                ui.window("Left", Window::new(), || {
                    (edges[0], edges[1]) = (ui.window_rect().0[0], ui.window_rect().1[0])
                });
                ui.window("Right", Window::new(), || {
                    (edges[2], edges[3]) = (ui.window_rect().0[0], ui.window_rect().1[0]);
                });
            },
            |_| {},
        );
    }
    edges
}

#[test]
fn the_first_layout_docks_windows_and_survives_saving_and_loading() {
    let mut arena = permanent();
    let scope = arena.open();
    let memory = scope.tagged(Tag::UI);
    let mut stage = Stage::new(memory, UiConfig { layout: Some(halves), ..UiConfig::default() });
    let built = edges(&mut stage);
    assert_eq!((built[0], built[3]), (0.0, 1280.0), "{built:?}");
    assert!((built[1] - 320.0).abs() < 8.0 && built[2] > built[1] && built[2] < built[1] + 8.0, "{built:?}");

    let saved = ui::save_layout(&stage.ui, memory).expect("save");
    let mut other = Stage::new(memory, UiConfig::default());
    assert!(matches!(ui::load_layout(&mut other.ui, &saved.replace("Pos=", "Pos=1")), Err(UiError::Layout(_))));
    ui::load_layout(&mut other.ui, saved).expect("load");
    assert_eq!(edges(&mut other), built);

    // and it can be built anew over whatever a person has made of it
    ui::reset_layout(&mut stage.ui);
    assert_eq!(edges(&mut stage), built);
}

fn first_size(ui: ui::Ui<'_>) -> [f32; 2] {
    let window = Window::new().first_size([300.0, 200.0]);
    let measured = ui.window("Free", window, || {
        let (min, max) = ui.window_rect();
        [max[0] - min[0], max[1] - min[1]]
    });
    measured.unwrap_or_default()
}

#[test]
fn docked_windows_keep_their_share_when_the_scale_changes_and_when_a_layout_goes_to_another_screen() {
    let mut arena = permanent();
    let scope = arena.open();
    let memory = scope.tagged(Tag::UI);
    let mut stage = Stage::new(memory, UiConfig { layout: Some(halves), ..UiConfig::default() });
    let built = edges(&mut stage);
    let mut free = [0.0; 2];
    (0..3).for_each(|_| stage.frame(|ui| free = first_size(ui), |_| {}));

    (stage.scale, stage.size) = (2.0, [2_560, 1_440]);
    let doubled = edges(&mut stage);
    let is_double =
        |doubled: [f32; 4]| built.iter().zip(doubled).all(|(side, double)| (double - side * 2.0).abs() <= 4.0);
    assert!(is_double(doubled), "{built:?} became {doubled:?}");
    let mut larger = [0.0; 2];
    (0..3).for_each(|_| stage.frame(|ui| larger = first_size(ui), |_| {}));
    assert_eq!(larger, free.map(|side| side * 2.0));

    // what is saved on a dense screen is for every screen
    let saved = ui::save_layout(&stage.ui, memory).expect("save");
    let mut ordinary = Stage::new(memory, UiConfig::default());
    ui::load_layout(&mut ordinary.ui, saved).expect("load");
    assert_eq!(edges(&mut ordinary), built);
    let mut dense = Stage::new(memory, UiConfig::default());
    (dense.scale, dense.size) = (2.0, [2_560, 1_440]);
    ui::load_layout(&mut dense.ui, saved).expect("load");
    assert_eq!(edges(&mut dense), doubled);

    (stage.scale, stage.size) = (1.0, support::SIZE);
    assert_eq!(edges(&mut stage), built);
}
