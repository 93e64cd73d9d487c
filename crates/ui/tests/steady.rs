//! A steady frame allocates nothing. One test in a binary of its own: it counts what the whole process allocates.
#![allow(clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

mod support;

use support::{Stage, check_packet, permanent};
use voltrum_memory::{CountingHeap, Tag, heap_usage};
use voltrum_render::glam::{Mat4, Quat, Vec3};
use voltrum_ui::{
    self as ui, Bar, Color, Column, Gizmo, GizmoKind, GizmoPlace, GizmoPointer, GizmoView, Number, Plot, Region,
    Segment, TableStyle, TextField, Theme, TreeNode, Ui, UiConfig, UiTexture, Unit, Window,
};

#[global_allocator]
static HEAP: CountingHeap = CountingHeap::system();

/// Blocks taken from the Rust heap by the whole process.
fn rust_allocations() -> usize {
    heap_usage().expect("tests are built with tracking").allocations
}

/// What the panels of a tool keep.
struct Panels {
    demo: bool,
    wireframe: bool,
    exposure: f32,
    position: [f32; 3],
    scale: [f32; 3],
    gizmo: Gizmo,
    color: [f32; 3],
    choice: usize,
    path: TextField<256>,
}

fn draw(ui: Ui<'_>, panels: &mut Panels, frame: u32) {
    ui.main_menu(|| {
        ui.menu("File", || ui.menu_item("Open", "Ctrl+O"));
        ui.menu("View", || ui.menu_toggle("Wireframe", "", &mut panels.wireframe));
    });
    ui.status_bar(|| {
        // as many glyphs in each frame: more text than ever before makes a buffer grow, once
        ui.text(format_args!("frame {frame:06}"));
        ui.same_line();
        ui.text_right("ready");
    });
    ui.window("Scene", Window::new().first_size([300.0, 300.0]).first_position([700.0, 40.0]), || {
        ui.tree_node("Root", TreeNode::new().open(true), || {
            for node in 0..20u64 {
                ui.with_id(node, || {
                    ui.tree_node(format_args!("Node {node}"), TreeNode::new().leaf(true), || {});
                    ui.drag_source("node", node, "a node");
                    let _ = ui.drop_target("node");
                });
            }
        });
    });
    ui.window("Properties", Window::new().first_size([300.0, 300.0]).first_position([900.0, 200.0]), || {
        ui.heading("Transform");
        ui.drag("Position", &mut panels.position, 0.1, 2);
        ui.slider("Exposure", &mut panels.exposure, 0.0..=4.0, 2);
        ui.color("Colour", &mut panels.color);
        ui.vector("scale", &mut panels.scale, Number::new().unit(Unit::Metres));
        ui.choose("Quality", &mut panels.choice, &["low", "high"]);
        ui.input_text_hint("Path", "file", &mut panels.path);
        ui.tooltip("where it comes from");
        ui.progress(0.4, format_args!("{} %", 40));
    });
    ui.window("Memory", Window::new().first_size([400.0, 300.0]).first_position([20.0, 380.0]), || {
        let segments = [0.2, 0.3].map(|share| Segment { share, color: Theme::SERIES[0] });
        let peak = [Segment { share: 0.7, color: Color::WHITE }];
        ui.bar(Bar::new(&segments).marks(&peak), format_args!("{:.1} MiB", 12.5));
        ui.plot(Plot::new(0.0..=20.0).limit(16.7), (0..120).map(|at| (at % 13) as f32), "4.2 ms");
        ui.table(
            "tags",
            &[Column::share("Tag", 2.0), Column::fixed("Bytes", 90.0)],
            TableStyle::new().scroll(120.0),
            |table| {
                ui.visible_rows(1_000, |row| {
                    table.row();
                    table.text(format_args!("TAG {row}"));
                    table.number(row * 1024);
                });
            },
        );
    });
    ui.window("Viewport", Window::new().no_padding().no_scroll().first_size([320.0, 240.0]), || {
        ui.region("inside", Region::new(), || {
            let view = ui.image_area("picture", UiTexture::atlas(1), ui.available());
            ui.draw().text(view.min, Color::WHITE, format_args!("{:?}", view.size));
            // all three, from a camera that goes around them
            let turn = Quat::from_rotation_y(frame as f32 * 0.05) * Quat::from_rotation_x(-0.4);
            let to_camera = Mat4::from_rotation_translation(turn, turn * (Vec3::Z * 8.0)).inverse();
            let to_clip = Mat4::perspective_infinite_reverse_rh(1.0, 1.3, 0.1) * to_camera;
            let seen = GizmoView { min: view.min, size: view.size, to_clip, to_camera };
            let place = GizmoPlace { position: Vec3::ZERO, axes: Quat::IDENTITY };
            for kind in [GizmoKind::Move, GizmoKind::Rotate, GizmoKind::Scale] {
                ui.gizmo(&mut panels.gizmo, kind, &seen, &place, GizmoPointer::default(), None);
            }
        });
    });
    ui.demo_window(&mut panels.demo);
}

#[test]
fn three_hundred_steady_frames_allocate_nothing_anywhere() {
    let mut arena = permanent();
    let scope = arena.open();
    let mut stage = Stage::new(scope.tagged(Tag::UI), UiConfig::default());
    let mut panels = Panels {
        demo: true,
        wireframe: false,
        exposure: 1.0,
        position: [0.0; 3],
        scale: [1.0; 3],
        gizmo: Gizmo::default(),
        color: [0.5; 3],
        choice: 1,
        path: TextField::new(),
    };
    // windows appear, glyphs are drawn for the first time, buffers reach their size
    for frame in 0..60 {
        stage.frame(|ui| draw(ui, &mut panels, frame), check_packet);
    }
    let (hook, rust) = (ui::hook_allocations(), rust_allocations());
    let live = ui::heap_stats().live_bytes;
    for frame in 60..360 {
        stage.frame(|ui| draw(ui, &mut panels, frame), |packet| assert!(!packet.commands.is_empty()));
    }
    assert_eq!(rust_allocations() - rust, 0, "allocations on the Rust heap in 300 frames");
    assert_eq!(ui::hook_allocations() - hook, 0, "allocations through the hook in 300 frames");
    assert_eq!(ui::heap_stats().live_bytes, live);
}
