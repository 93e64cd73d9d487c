//! The scene's hierarchy: a row per entity, of which only those in sight are drawn.

use super::SCENE;
use crate::editor::EditorState;
use crate::error::EditorError;
use crate::project::{Project, ignore_stale};
use crate::tree_rows::Row;
use voltrum::scene::{self, Entity};
use voltrum::ui::{Color, Column, TableStyle, Theme, Ui, Window};

/// What was done in the tree; carried out when the walk over its rows is over.
#[derive(Default)]
struct Done {
    toggled: Option<Entity>,
    picked: Option<Entity>,
    framed: bool,
    visibility: Option<(Entity, bool)>,
}

pub(super) fn draw(
    ui: Ui<'_>,
    state: &mut EditorState<'_>,
    project: &mut Project<'_>,
    open: &mut bool,
) -> Result<(), EditorError> {
    let mut done = Done::default();
    ui.window(SCENE, Window::new().closable(open), || {
        if project.scene.is_empty() {
            ui.text_dim("no nodes");
            return;
        }
        let eye_width = ui.line_height() * 1.4;
        let columns = [Column::share("Name", 1.0), Column::fixed("Shown", eye_width)];
        ui.table("nodes", &columns, TableStyle::plain().scroll(0.0), |table| {
            ui.visible_rows(project.rows.rows().len(), |index| {
                let Some(row) = project.rows.rows().get(index) else { return };
                ui.with_id(row.entity.to_bits(), || {
                    table.row();
                    if table.cell() {
                        name_cell(ui, project, row, &mut done);
                    }
                    if table.cell() {
                        eye_cell(ui, project, row.entity, &mut done);
                    }
                });
            });
        });
    });
    if let Some(picked) = done.picked {
        project.selected = Some(picked);
    }
    state.wishes.fit_selected |= done.framed;
    if let Some(entity) = done.toggled {
        project.rows.toggle(project.scene, entity)?;
    }
    if let Some((entity, visible)) = done.visibility {
        ignore_stale(scene::set_visible(project.scene, entity, visible))?;
    }
    Ok(())
}

fn name_cell(ui: Ui<'_>, project: &Project<'_>, row: &Row, done: &mut Done) {
    let side = ui.line_height();
    // a deep file must not push its names out of the panel
    ui.room([side * 0.7 * row.depth.min(40) as f32, side]);
    ui.same_line();
    let at = ui.cursor();
    let arrow = ui.area("##open", [side, side]);
    if row.has_children {
        draw_arrow(ui, at, side, row.is_open, arrow.hovered);
        if arrow.clicked {
            done.toggled = Some(row.entity);
        }
    }
    ui.same_line();
    let shown = scene::is_shown(project.scene, row.entity);
    let name = scene::name(project.scene, row.entity).unwrap_or_default();
    let (kind, color) = kind_of(project, row.entity);
    let at = ui.cursor();
    draw_kind(ui, at, side, if shown { color } else { color.with_alpha(0.35) });
    ui.room([side * 0.7, side]);
    ui.same_line();
    let is_selected = project.selected == Some(row.entity);
    if ui.selectable(Label { name, kind }, is_selected) {
        done.picked = Some(row.entity);
    }
    if ui.item().double_clicked {
        done.picked = Some(row.entity);
        done.framed = true;
    }
}

fn eye_cell(ui: Ui<'_>, project: &Project<'_>, entity: Entity, done: &mut Done) {
    let side = ui.line_height();
    let [x, y] = ui.cursor();
    let visible = scene::is_visible(project.scene, entity);
    let eye = ui.area("##eye", [side, side]);
    let center = [x + side * 0.5, y + side * 0.5];
    let draw = ui.draw();
    let color = match (visible, eye.hovered) {
        (_, true) => Theme::DARK.accent,
        (true, false) => Theme::DARK.text_dim,
        (false, false) => Theme::DARK.border,
    };
    if visible {
        draw.circle_filled(center, side * 0.2, color);
    } else {
        let half = side * 0.18;
        draw.line([center[0] - half, center[1]], [center[0] + half, center[1]], color, ui.scale() * 1.5);
    }
    ui.tooltip(if visible { "shown; click to hide it and all below it" } else { "hidden; click to show it" });
    if eye.clicked {
        done.visibility = Some((entity, !visible));
    }
}

/// A name, or what it is where it has none.
struct Label<'n> {
    name: &'n str,
    kind: &'static str,
}

impl std::fmt::Display for Label<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // two hashes would end the label for the library
        let name = self.name.split("##").next().unwrap_or_default();
        out.write_str(if name.is_empty() { self.kind } else { name })
    }
}

fn kind_of(project: &Project<'_>, entity: Entity) -> (&'static str, Color) {
    if scene::meshes(project.scene).get(entity).is_some() {
        ("mesh", Theme::SERIES[0])
    } else if scene::cameras(project.scene).get(entity).is_some() {
        ("camera", Theme::SERIES[1])
    } else {
        ("node", Theme::DARK.text_dim)
    }
}

fn draw_kind(ui: Ui<'_>, [x, y]: [f32; 2], side: f32, color: Color) {
    let (low, high) = (side * 0.14, side * 0.5);
    let top = y + side * 0.32;
    ui.draw().rect_filled([x + low, top], [x + high, top + (high - low)], color, ui.scale() * 2.0);
}

fn draw_arrow(ui: Ui<'_>, [x, y]: [f32; 2], side: f32, is_open: bool, hovered: bool) {
    let color = if hovered { Theme::DARK.text } else { Theme::DARK.text_dim };
    let at = |dx: f32, dy: f32| [x + side * dx, y + side * dy];
    let corners = if is_open {
        [at(0.25, 0.38), at(0.75, 0.38), at(0.5, 0.7)]
    } else {
        [at(0.38, 0.25), at(0.7, 0.5), at(0.38, 0.75)]
    };
    ui.draw().triangle_filled(corners, color);
}
