//! Every widget can be drawn, with odd arguments too, and none unbalances the frame.
#![allow(clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

mod support;

use std::panic::{AssertUnwindSafe, catch_unwind};
use support::{Stage, check_packet, permanent};
use voltrum_memory::Tag;
use voltrum_ui::{
    self as ui, Bar, Color, Column, Plot, Region, Segment, Table, TableStyle, TextField, TreeNode, Ui, UiConfig,
    UiTexture, Window,
};

fn everything(ui: Ui<'_>) {
    let (mut tick, mut number, mut whole, mut chosen) = (true, f32::NAN, 7, 9);
    let mut field = TextField::<16>::new();
    ui.main_menu(|| {
        ui.menu("File", || {
            ui.menu_item("Open", "Ctrl+O");
            ui.menu_item_if(false, "Save", "");
            ui.menu_toggle("Grid", "", &mut tick);
        });
        assert!(ui.main_menu(|| ()).is_none(), "a menu bar is not inside itself");
    });
    ui.status_bar(|| ui.text_right("right"));
    ui.window("", Window::new().fit(), || ui.text("a window without a name"));
    ui.window("overlay", Window::new().overlay(), || ui.text_dim("overlay"));
    ui.window("all", Window::new().unsaved(true).focus(true).scroll_sideways(), || {
        ui.text_colored(Color::hex(0xFF8800), format_args!("{:>8}", 1));
        ui.text_str("as it is\nin two lines");
        ui.paragraph("a text that breaks at the edge of the window however long it may be");
        ui.label_value("name", 120.0, 3.5);
        ui.heading("");
        ui.spacing();
        ui.separator();
        ui.align_text();
        ui.button("");
        ui.same_line();
        ui.small_button("small");
        ui.same_line_at(200.0);
        ui.button_sized("wide", [-1.0, 0.0]);
        ui.tooltip("tip");
        ui.tooltip_with(|| ui.text("tip"));
        ui.tooltip_now(|| ui.text("now"));
        ui.checkbox("tick", &mut tick);
        ui.radio("one", true);
        ui.selectable("line", false);
        ui.choose("none chosen", &mut chosen, &["a", "b"]);
        ui.combo("combo", "preview", || ui.selectable("a", true));
        ui.progress(f32::NAN, "");
        ui.progress_colored(2.0, Color::WHITE, "full");
        ui.slider("slider", &mut number, f32::NEG_INFINITY..=f32::INFINITY, 9);
        ui.slider_int("whole", &mut whole, i32::MIN..=i32::MAX);
        ui.drag("nothing", &mut [], 1.0, 0);
        ui.drag("six", &mut [0.0; 6], f32::NAN, 3);
        ui.color("colour", &mut [f32::NAN, -1.0, 7.0]);
        ui.color_alpha("alpha", &mut [0.1, 0.2, 0.3, 0.4]);
        ui.input_text("", &mut field);
        ui.image(UiTexture::atlas(1), [32.0, 32.0]);
        ui.image(UiTexture::from_bits(0), [f32::INFINITY, -3.0]);
        ui.image_area("area", UiTexture::atlas(1), [0.0, -5.0]);
        ui.area("", [f32::NAN, 10.0]);
        ui.bar(Bar::new(&[]), "");
        let odd = [f32::NAN, -1.0, 0.7, 9.0].map(|share| Segment { share, color: Color::BLACK });
        ui.bar(Bar::new(&odd).marks(&odd).height(4.0).background(Color::WHITE), "overlay");
        ui.room([4.0, 4.0]);
        ui.with_width(80.0, || ui.slider("narrow", &mut 0.5, 0.0..=1.0, 1));
        ui.enabled(false, || ui.button("grey"));
        ui.indented(|| ui.group(|| ui.text("group")));
        ui.section("section", true, || ui.text("open"));
        ui.tabs("tabs", || {
            ui.tab("one", || ui.text("1"));
            ui.tab("two", || ui.text("2"));
        });
        assert!(ui.tab("no bar", || ()).is_none());
        ui.tree_node("", TreeNode::new().open(true), || {
            ui.tree_node("leaf", TreeNode::new().leaf(true).selected(true), || panic!("a leaf has no content"));
        });
        ui.open_popup("popup");
        ui.popup("popup", |popup| popup.close());
        ui.button("context");
        ui.context_menu("", |popup| popup.close());
        ui.region("", Region::new().border().fit_height(), || ui.text("region"));
        ui.region("rest", Region::new().size([0.0, 40.0]).scroll_sideways().resize_width().resize_height(), || {
            ui.is_at_end()
        });
        ui.scroll_to_end();
        let draw = ui.draw();
        draw.clipped([0.0, 0.0], [50.0, 50.0], || draw.line([0.0, 0.0], [9.0, 9.0], Color::WHITE, 1.0));
        draw.rect([0.0, 0.0], [9.0, 9.0], Color::WHITE, 2.0, 1.0);
        draw.rect_filled([0.0, 0.0], [9.0, 9.0], Color::WHITE, 0.0);
        draw.circle_filled([0.0, 0.0], 5.0, Color::WHITE);
        draw.triangle_filled([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]], Color::WHITE);
        draw.text([0.0, 0.0], Color::WHITE, "text");
        draw.image(UiTexture::atlas(1), [0.0, 0.0], [9.0, 9.0]);
    });
    ui.window("all", Window::new(), || ui.window("all", Window::new(), || ui.text("again, inside itself")));
    ui.status_bar(|| ui.status_bar(|| ui.text("again")));
    plots(ui);
    tables(ui);
}

fn plots(ui: Ui<'_>) {
    ui.window("plots", Window::new(), || {
        ui.plot(Plot::new(0.0..=16.0), [4.0, f32::NAN, 30.0, f32::INFINITY, -1.0].into_iter(), "4.0 ms");
        ui.plot(Plot::new(1.0..=1.0).height(0.5).limit(1.0), [].into_iter(), "");
    });
}

fn tables(ui: Ui<'_>) {
    let columns = [Column::share("a", 1.0), Column::fixed("b", 50.0), Column::fit("")];
    ui.window("tables", Window::new(), || {
        ui.table("plain", &[], TableStyle::plain(), |table| table.text("one column at least"));
        ui.table("plain", &columns, TableStyle::plain(), |table| table.text("the same name, more columns"));
        let mut kept: Option<Table<'_>> = None;
        ui.table("", &columns, TableStyle::new().border().scroll(100.0), |table| {
            ui.text("before the first row");
            ui.visible_rows(100_000, |row| {
                table.row();
                table.color_row(Color::hex(0x223344));
                table.text(row);
                table.number(row);
                table.cell();
                ui.selectable_row(format_args!("{row}"), row == 3);
            });
            // a region has no table of its own
            ui.region("in a cell", Region::new().size([50.0, 20.0]), || {
                table.row();
                table.text("nowhere");
            });
            kept = Some(table);
        });
        if let Some(table) = kept {
            table.row();
            table.number("after the end");
        }
    });
}

#[test]
fn every_widget_can_be_drawn_with_odd_arguments() {
    let mut arena = permanent();
    let scope = arena.open();
    let mut stage = Stage::new(scope.tagged(Tag::UI), UiConfig::default());
    for _ in 0..5 {
        stage.frame(everything, check_packet);
    }
    // outside of any window of ours
    stage.frame(
        |ui| {
            ui.text("loose");
            ui.button("loose");
        },
        check_packet,
    );
}

#[test]
fn a_layer_that_panics_leaves_a_frame_that_can_be_ended() {
    let mut arena = permanent();
    let scope = arena.open();
    let mut stage = Stage::new(scope.tagged(Tag::UI), UiConfig::default());
    for step in 0..5 {
        stage.frame(
            |ui| {
                ui.window("before", Window::new(), || ui.text("there"));
                let caught = catch_unwind(AssertUnwindSafe(|| {
                    ui.main_menu(|| ui.menu("File", || ()));
                    ui.window("outer", Window::new(), || {
                        ui.region("region", Region::new(), || {
                            ui.table("table", &[Column::fit("a")], TableStyle::new(), |table| {
                                table.row();
                                table.cell();
                                ui.visible_rows(10, |row| panic!("on purpose, in row {row}"));
                            });
                        });
                    });
                }));
                // the first frame only measures, so nothing is visible in it
                assert!(step < 2 || caught.is_err());
                ui.window("after", Window::new(), || ui.text("still there"));
            },
            check_packet,
        );
    }
}

#[test]
fn a_closed_window_is_not_drawn() {
    let mut arena = permanent();
    let scope = arena.open();
    let mut stage = Stage::new(scope.tagged(Tag::UI), UiConfig::default());
    let mut open = false;
    stage.frame(|ui| assert!(ui.window("closed", Window::new().closable(&mut open), || ()).is_none()), |_| {});
    open = true;
    stage.frame(|ui| assert!(ui.window("closed", Window::new().closable(&mut open), || ()).is_some()), |_| {});
    assert!(open);
}

#[test]
fn layers_are_drawn_in_their_order_while_they_are_visible() {
    let mut arena = permanent();
    let scope = arena.open();
    let mut stage = Stage::new(scope.tagged(Tag::UI), UiConfig { layers_max: 3, ..UiConfig::default() });
    let layers = ui::layers_mut(&mut stage.ui);
    let top = layers.push("top", 10).expect("room");
    let bottom = layers.push("bottom", -1).expect("room");
    let middle = layers.push("middle", 0).expect("room");
    assert!(matches!(layers.push("fourth", 0), Err(ui::UiError::LayersFull { capacity: 3 })));
    assert!(layers.remove(bottom) && !layers.remove(bottom));
    assert!(matches!(layers.push("top", 0), Err(ui::UiError::LayerExists)));
    let bottom = layers.push("bottom", -1).expect("room again");

    let drawn = |stage: &Stage<'_>| ui::layers(&stage.ui).visible().map(|layer| layer.id()).collect::<Vec<_>>();
    assert_eq!(drawn(&stage), [bottom, middle, top]);
    ui::layers(&stage.ui).set_visible(middle, false);
    assert_eq!(drawn(&stage), [bottom, top]);
    // shown again from inside a frame, as a menu does it
    let ui = &mut stage.ui;
    ui::begin_frame(ui, &stage.input, 0.016, [640, 480], 1.0);
    let layer = ui::layers(ui).by_name("middle").expect("there");
    layer.set_visible(true);
    assert_eq!(drawn(&stage), [bottom, middle, top]);
}
