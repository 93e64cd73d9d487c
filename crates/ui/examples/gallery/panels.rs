//! The panels of a made-up tool: every kind of widget in its place.

use voltrum_ui::{
    Bar, Column, DockBuilder, DockNode, Plot, Region, Segment, Side, TableStyle, TextField, Theme, TreeNode, Ui,
    UiTexture, Window,
};

pub(crate) fn layout<'d>(dock: &DockBuilder<'d>, root: DockNode<'d>) {
    let (left, rest) = dock.split(root, Side::Left, 0.2);
    let (right, rest) = dock.split(rest, Side::Right, 0.28);
    let (bottom, middle) = dock.split(rest, Side::Bottom, 0.36);
    dock.place("Scene", &left);
    dock.place("Properties", &right);
    dock.place("Memory", &bottom);
    dock.place("Log", &bottom);
    dock.place("Viewport", &middle);
}

/// What the widgets edit.
pub(crate) struct Panels {
    exposure: f32,
    position: [f32; 3],
    color: [f32; 3],
    quality: usize,
    grid: bool,
    wireframe: bool,
    path: TextField<256>,
}

impl Panels {
    pub(crate) fn new() -> Panels {
        let mut path = TextField::new();
        path.set("models/helmet.gltf");
        Panels {
            exposure: 1.2,
            position: [0.0, 1.25, -3.5],
            color: [0.2, 0.7, 0.9],
            quality: 1,
            grid: true,
            wireframe: false,
            path,
        }
    }
}

pub(crate) fn draw(ui: Ui<'_>, panels: &mut Panels) {
    let scale = ui.scale();
    ui.main_menu(|| {
        ui.menu("File", || ui.menu_item("Open", "Ctrl+O"));
        ui.menu("View", || ui.menu_toggle("Grid", "G", &mut panels.grid));
        ui.menu("Help", || ());
    });
    ui.status_bar(|| {
        ui.text_colored(Theme::DARK.success, "ready");
        ui.same_line();
        ui.text_dim("models/helmet.gltf  ·  6 meshes, 15 textures");
        ui.same_line();
        ui.text_right(format_args!("{:.1} ms   {} allocations", 4.2, 0));
    });
    ui.window("Scene", Window::new(), || {
        ui.tree_node("Scene", TreeNode::new().open(true), || {
            ui.tree_node("Helmet", TreeNode::new().open(true), || {
                for part in ["Glass", "Leather", "Lenses", "Metal parts", "Rubber and wood"] {
                    ui.tree_node(part, TreeNode::new().leaf(true).selected(part == "Lenses"), || {});
                }
            });
            ui.tree_node("Lights", TreeNode::new(), || {});
            ui.tree_node("Camera", TreeNode::new().leaf(true), || {});
        });
    });
    ui.window("Properties", Window::new(), || {
        ui.input_text_hint("File", "path", &mut panels.path);
        ui.heading("Transform");
        ui.drag("Position", &mut panels.position, 0.01, 2);
        ui.slider("Exposure", &mut panels.exposure, 0.0..=4.0, 2);
        ui.heading("Material");
        ui.color("Colour", &mut panels.color);
        ui.choose("Quality", &mut panels.quality, &["Draft", "Normal", "Fine"]);
        ui.checkbox("Grid", &mut panels.grid);
        ui.same_line();
        ui.checkbox("Wireframe", &mut panels.wireframe);
        ui.radio("Orbit", true);
        ui.same_line();
        ui.radio("Fly", false);
        ui.button("Apply");
        ui.same_line();
        ui.button("Reset");
        ui.same_line();
        ui.enabled(false, || ui.button("Disabled"));
        ui.progress(0.63, "loading 63 %");
        ui.section("Statistics", true, || {
            ui.label_value("Triangles", 110.0 * scale, "94,722");
            ui.label_value("Draws", 110.0 * scale, 6);
        });
        ui.paragraph_colored(Theme::DARK.danger, "models/broken.glb: header is cut off at byte 8");
    });
    memory(ui);
    ui.window("Log", Window::new(), || ui.text("nothing yet"));
    ui.window("Viewport", Window::new().no_padding().no_scroll(), || {
        let view = ui.area("scene", ui.available());
        let draw = ui.draw();
        let max = [view.min[0] + view.size[0], view.min[1] + view.size[1]];
        draw.rect_filled(view.min, max, voltrum_ui::Color::hex(0x2A3038), 0.0);
        draw.text([view.min[0] + 10.0, view.min[1] + 10.0], Theme::DARK.text_dim, "1280 × 720");
        draw.image(UiTexture::atlas(1), [view.min[0] + 40.0, view.min[1] + 40.0], [max[0] - 40.0, max[1] - 40.0]);
    });
}

fn memory(ui: Ui<'_>) {
    ui.window("Memory", Window::new(), || {
        for (name, used, committed, peak) in
            [("permanent", 0.14, 0.22, 0.2), ("scene", 0.41, 0.5, 0.62), ("frame", 0.03, 0.12, 0.08)]
        {
            let segments: Vec<Segment> = Theme::SERIES
                .iter()
                .take(4)
                .map(|&color| Segment { share: used / 4.0, color })
                .chain([Segment { share: committed - used, color: Theme::DARK.frame_active }])
                .collect();
            let marks = [Segment { share: peak, color: Theme::DARK.warning }];
            ui.bar(Bar::new(&segments).marks(&marks), format_args!("{name}   {:.1} of {:.1} MiB", used * 256.0, 256.0));
        }
        let millis = (0..160).map(|at| 5.0 + 3.0 * (at as f32 * 0.13).sin() + if at % 41 == 0 { 9.0 } else { 0.0 });
        ui.plot(Plot::new(0.0..=20.0).limit(16.7), millis, "frame 4.2 ms");
        let columns = [Column::share("Tag", 2.0), Column::share("Bytes", 1.0), Column::share("Count", 1.0)];
        ui.region("table", Region::new(), || {
            ui.table("tags", &columns, TableStyle::new(), |table| {
                for (tag, bytes, count) in
                    [("SCENE", 1_204_224, 412), ("GEOMETRY", 88_064, 96), ("UI", 1_310_720, 231), ("UNDO", 0, 0)]
                {
                    table.row();
                    table.text(tag);
                    table.number(bytes);
                    table.number(count);
                }
            });
        });
    });
}
