//! The scene's hierarchy: a row per entity, of which only those in sight are drawn.

use super::SCENE;
use super::legend;
use crate::editor_state::EditorState;
use crate::error::EditorError;
use crate::look::{Mode, scale_color};
use crate::project::Project;
use crate::tree_rows::Row;
use crate::wishes::{NewEntity, PickHow, Wish, Wishes};
use voltrum::AppState;
use voltrum::platform::input::{self, Key};
use voltrum::scene::{self, Entity};
use voltrum::ui::{Color, Column, TableStyle, TextField, Theme, Ui, Window};

/// What is dragged within the tree.
const DRAGGED: &str = "entity";
/// The longest name that a field takes, in bytes.
const NAME_BYTES_MAX: usize = 1_024;

/// How many frames after a key the library moves its focus.
const KEY_FRAMES: u8 = 3;

/// A name in the making.
pub(crate) type NameField = TextField<NAME_BYTES_MAX>;

/// A row's name that is being edited.
#[derive(Clone, Debug, Default)]
pub(crate) struct Renaming {
    pub(crate) entity: Option<Entity>,
    pub(crate) field: NameField,
    /// The field is to take the keyboard.
    appears: bool,
}

impl Renaming {
    pub(crate) fn begin(&mut self, entity: Entity, name: &str) {
        self.field.set(name);
        (self.entity, self.appears) = (Some(entity), true);
    }
}

pub(super) fn draw(
    ui: Ui<'_>,
    state: &mut EditorState<'_>,
    project: &mut Project<'_>,
    app: &AppState<'_>,
    open: &mut bool,
) -> Result<(), EditorError> {
    let mut toggled = None;
    ui.window(SCENE, Window::new().closable(open), || {
        if project.scene.is_empty() {
            ui.text_dim(if project.is_empty() { "nothing is open" } else { "empty; add something here" });
            let room = ui.available().map(|side| side.max(1.0));
            ui.area("##nothing", room);
            add_menu(ui, &mut state.wishes, !project.is_empty());
            return;
        }
        let modifiers = input::modifiers(&app.input);
        let how = match (modifiers.shift, modifiers.control) {
            (true, _) => PickHow::Range,
            (false, true) => PickHow::Toggle,
            (false, false) => PickHow::Only,
        };
        let eye_width = ui.line_height() * 1.4;
        let columns = [Column::share("Name", 1.0), Column::fixed("Shown", eye_width)];
        let [[x, y], [width, _]] = [ui.cursor(), ui.available()];
        state.places.note_tree([x, y, width, ui.row_height()]);
        let reveal = state.reveal_row.take().and_then(|entity| project.rows.place(entity));
        state.tree_keys.begin(app);
        ui.table("nodes", &columns, TableStyle::plain().scroll(0.0), |table| {
            if let Some(place) = reveal {
                ui.scroll_to_row(place, ui.row_height());
            }
            ui.visible_rows(project.rows.rows().len(), |index| {
                let Some(row) = project.rows.rows().get(index).copied() else { return };
                ui.with_id(row.entity.to_bits(), || {
                    table.row();
                    if table.cell() && name_cell(ui, state, project, &row, how) {
                        toggled = Some(row.entity);
                    }
                    if table.cell() {
                        eye_cell(ui, project, row.entity, &mut state.wishes);
                    }
                });
            });
            // what is let go below all rows becomes the last root
            table.row();
            if table.cell() {
                let room = [ui.available()[0].max(1.0), (ui.available()[1]).max(ui.line_height())];
                if ui.area("##below", room).clicked {
                    state.wishes.push(Wish::PickNone);
                }
                if let Some(drop) = ui.drop_target(DRAGGED) {
                    let (min, max) = (ui.item().min, ui.item().max);
                    ui.draw().line(min, [max[0], min[1]], ui.theme().accent, 2.0 * ui.scale());
                    if let Some(dragged) = Entity::from_bits(drop.payload).filter(|_| drop.delivered) {
                        state.wishes.push(Wish::Reparent { dragged, under: None, before: None });
                    }
                }
                add_menu(ui, &mut state.wishes, true);
            }
        });
        if state.tree_keys.is_here && state.renaming.entity.is_none() {
            toggled = toggled.or(turn_by_keys(state, project, app));
        }
    });
    if let Some(entity) = toggled
        && let Err(error) = project.rows.toggle(project.scene, entity)
    {
        state.complain(&error.into());
    }
    Ok(())
}

/// What the arrow keys do in the tree. Up and down move the library's focus from row to row, and what is picked goes with
/// it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TreeKeys {
    focused: Option<Entity>,
    /// The row that the focus is to go to.
    goes_to: Option<Entity>,
    /// Whether the focus is on a row.
    is_here: bool,
    /// Frames in which a change of the focus still comes from a key.
    frames: u8,
}

impl TreeKeys {
    fn begin(&mut self, app: &AppState<'_>) {
        let is_held = [Key::ArrowUp, Key::ArrowDown]
            .iter()
            .any(|key| input::is_key_down(&app.input, *key) || input::was_key_pressed(&app.input, *key));
        self.is_here = false;
        self.frames = if is_held { KEY_FRAMES } else { self.frames.saturating_sub(1) };
    }

    /// Whether a key has brought the focus to this row.
    fn focus(&mut self, entity: Entity) -> bool {
        self.is_here = true;
        self.focused.replace(entity) != Some(entity) && self.frames > 0
    }
}

/// Left closes a row or goes to its parent, right opens it; the row that is to be opened or closed.
fn turn_by_keys(state: &mut EditorState<'_>, project: &Project<'_>, app: &AppState<'_>) -> Option<Entity> {
    let active = project.selection().active()?;
    let row = project.rows.rows().get(project.rows.place(active)?)?;
    if input::was_key_pressed(&app.input, Key::ArrowRight) && row.has_children && !row.is_open {
        return Some(active);
    }
    if input::was_key_pressed(&app.input, Key::ArrowLeft) {
        if row.has_children && row.is_open {
            return Some(active);
        }
        let parent = scene::parent(project.scene, active)?;
        state.tree_keys.goes_to = Some(parent);
        state.wishes.push(Wish::PickInView(parent, PickHow::Only));
    }
    None
}

/// A right click where there is nothing.
fn add_menu(ui: Ui<'_>, wishes: &mut Wishes, is_open: bool) {
    ui.context_menu("##add", |_| ui.enabled(is_open, || add_items(ui, wishes, None)));
}

/// What can be added.
pub(super) fn add_items(ui: Ui<'_>, wishes: &mut Wishes, parent: Option<Entity>) {
    wishes.push_if(ui.menu_item("Empty node", ""), Wish::Add(NewEntity::Empty, parent));
    wishes.push_if(ui.menu_item("Light", ""), Wish::Add(NewEntity::Light, parent));
    wishes.push_if(ui.menu_item("Camera from view", ""), Wish::Add(NewEntity::Camera, parent));
}

/// Whether the row is to be opened or closed.
fn name_cell(ui: Ui<'_>, state: &mut EditorState<'_>, project: &Project<'_>, row: &Row, how: PickHow) -> bool {
    let side = ui.line_height();
    // a deep file must not push its names out of the panel
    ui.room([side * 0.7 * row.depth.min(40) as f32, side]);
    ui.same_line();
    let at = ui.cursor();
    let arrow = ui.area("##open", [side, side]);
    if row.has_children {
        draw_arrow(ui, at, side, row.is_open, arrow.hovered);
    }
    ui.same_line();
    let shown = scene::is_shown(project.scene, row.entity);
    let name = scene::name(project.scene, row.entity).unwrap_or_default();
    let (kind, color) = kind_of(ui, project, row.entity);
    let at = ui.cursor();
    draw_kind(ui, at, side, kind, if shown { color } else { color.with_alpha(0.35) });
    ui.room([side * 0.7, side]);
    ui.same_line();
    if state.renaming.entity == Some(row.entity) {
        rename_field(ui, state, row.entity);
    } else {
        let is_picked = project.selection().contains(row.entity);
        let label = Label { name, kind };
        if state.tree_keys.goes_to == Some(row.entity) {
            state.tree_keys.goes_to = None;
            ui.focus_next();
        }
        let picked = ui.selectable(&label, is_picked);
        state.wishes.push_if(picked, Wish::Pick(row.entity, how));
        if ui.item().focused && state.tree_keys.focus(row.entity) {
            state.wishes.push(Wish::Pick(row.entity, if how == PickHow::Range { how } else { PickHow::Only }));
        }
        held(ui, state, project, row.entity);
        if ui.item().double_clicked {
            state.wishes.push(Wish::Pick(row.entity, PickHow::Only));
            state.wishes.push(Wish::BeginRename);
        }
        ui.drag_source(DRAGGED, row.entity.to_bits(), &label);
        drop_on(ui, project, row, &mut state.wishes);
        row_menu(ui, state, project, row.entity);
    }
    arrow.clicked && row.has_children
}

/// What an object holds on the GPU, at the end of its row, while the viewport shows that.
fn held(ui: Ui<'_>, state: &EditorState<'_>, project: &Project<'_>, entity: Entity) {
    if state.viewport.look.mode != Mode::Memory {
        return;
    }
    let holdings = project.holdings();
    if let Some(held) = holdings.of(project.scene, entity) {
        let (item, text) = (ui.item(), legend::shown(held.bytes()));
        let at = item.max[0] - ui.text_size(text)[0];
        let [red, green, blue, _] = scale_color(holdings.place(held.bytes()));
        let (side, height) = (6.0 * ui.scale(), ui.line_height());
        let top = (item.min[1] + item.max[1] - height) * 0.5;
        let (left, spot) = (at - 2.5 * side, [at - 1.6 * side, top + (height - side) * 0.5]);
        // a long name ends below it
        ui.draw().rect_filled([left, item.min[1]], item.max, ui.theme().panel.with_alpha(0.85), 0.0);
        let color = Color::new(red, green, blue, u8::MAX);
        ui.draw().rect_filled(spot, [spot[0] + side, spot[1] + side], color, 0.0);
        ui.draw().text([at, top], ui.theme().text_dim, text);
    }
}

/// Onto the upper part of a row is before it, onto the lower part after it, in between is into it.
fn drop_on(ui: Ui<'_>, project: &Project<'_>, row: &Row, wishes: &mut Wishes) {
    let Some(drop) = ui.drop_target(DRAGGED) else { return };
    let Some(dragged) = Entity::from_bits(drop.payload).filter(|dragged| *dragged != row.entity) else { return };
    let item = ui.item();
    let (min, max, width) = (item.min, item.max, 2.0 * ui.scale());
    let parent = scene::parent(project.scene, row.entity);
    let (under, before) = if drop.height < 0.3 {
        ui.draw().line(min, [max[0], min[1]], ui.theme().accent, width);
        (parent, Some(row.entity))
    } else if drop.height > 0.7 && !(row.is_open && row.has_children) {
        ui.draw().line([min[0], max[1]], max, ui.theme().accent, width);
        (parent, scene::next_sibling(project.scene, row.entity))
    } else {
        ui.draw().rect(min, max, ui.theme().accent, 3.0 * ui.scale(), width);
        (Some(row.entity), None)
    };
    wishes.push_if(drop.delivered, Wish::Reparent { dragged, under, before });
}

fn row_menu(ui: Ui<'_>, state: &mut EditorState<'_>, project: &Project<'_>, entity: Entity) {
    ui.context_menu("##row", |_| {
        let wishes = &mut state.wishes;
        if !project.selection().contains(entity) {
            wishes.push(Wish::Pick(entity, PickHow::Only));
        }
        wishes.push_if(ui.menu_item("Show in the viewport", "F"), Wish::FitPicked);
        wishes.push_if(ui.menu_item("Rename", "F2"), Wish::BeginRename);
        let visible = scene::is_visible(project.scene, entity);
        wishes.push_if(ui.menu_item(if visible { "Hide" } else { "Unhide" }, ""), Wish::Show(entity, !visible));
        ui.separator();
        ui.menu("Add below", || add_items(ui, wishes, Some(entity)));
        wishes.push_if(ui.menu_item("Duplicate", "Ctrl+D"), Wish::Duplicate);
        wishes.push_if(ui.menu_item("Delete", "Del"), Wish::Delete);
    });
}

fn rename_field(ui: Ui<'_>, state: &mut EditorState<'_>, entity: Entity) {
    let renaming = &mut state.renaming;
    if std::mem::take(&mut renaming.appears) {
        ui.focus_next();
    }
    let padding = [4.0 * ui.scale(), 0.0];
    let entered =
        ui.with_field_padding(padding, || ui.with_width(-1.0, || ui.input_text("##rename", &mut renaming.field)));
    let item = ui.item();
    if entered || item.committed {
        state.wishes.push(Wish::Rename(entity));
    }
    if entered || item.left {
        renaming.entity = None;
    }
}

fn eye_cell(ui: Ui<'_>, project: &Project<'_>, entity: Entity, wishes: &mut Wishes) {
    let side = ui.line_height();
    let [x, y] = ui.cursor();
    let visible = scene::is_visible(project.scene, entity);
    let eye = ui.area("##eye", [side, side]);
    let color = match (visible, eye.hovered) {
        (_, true) => ui.theme().accent,
        (true, false) => ui.theme().text_dim,
        (false, false) => ui.theme().border,
    };
    draw_eye(ui, [x + side * 0.5, y + side * 0.5], side, visible, color);
    ui.tooltip(if visible { "shown; click to hide it and all below it" } else { "hidden; click to show it" });
    wishes.push_if(eye.clicked, Wish::Show(entity, !visible));
}

/// Two arcs and a pupil; one arc while it is closed.
fn draw_eye(ui: Ui<'_>, [x, y]: [f32; 2], side: f32, visible: bool, color: Color) {
    let (wide, high) = (side * 0.38, side * 0.24);
    let arc = |way: f32| -> [[f32; 2]; 9] {
        std::array::from_fn(|at| {
            let along = at as f32 / 4.0 - 1.0;
            [x + wide * along, y + way * high * (1.0 - along * along)]
        })
    };
    let stroke = 1.3 * ui.scale();
    ui.draw().polyline(&arc(1.0), color, stroke);
    if visible {
        ui.draw().polyline(&arc(-1.0), color, stroke);
        ui.draw().circle_filled([x, y], side * 0.12, color);
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

fn kind_of(ui: Ui<'_>, project: &Project<'_>, entity: Entity) -> (&'static str, Color) {
    if project.is_stand_in(entity) {
        ("missing file", ui.theme().danger)
    } else if scene::meshes(project.scene).get(entity).is_some() {
        ("mesh", Theme::SERIES[0])
    } else if scene::cameras(project.scene).get(entity).is_some() {
        ("camera", Theme::SERIES[2])
    } else if scene::lights(project.scene).get(entity).is_some() {
        ("light", ui.theme().warning)
    } else {
        ("node", ui.theme().text_dim)
    }
}

/// A small sign of what it is: round for what shines, a wedge for what looks, a square for the rest.
fn draw_kind(ui: Ui<'_>, [x, y]: [f32; 2], side: f32, kind: &str, color: Color) {
    let (low, high) = (side * 0.14, side * 0.5);
    let top = y + side * 0.32;
    let middle = [x + (low + high) * 0.5, top + (high - low) * 0.5];
    match kind {
        "light" => ui.draw().circle_filled(middle, (high - low) * 0.55, color),
        "camera" => {
            let corners = [[x + low, middle[1]], [x + high, top - side * 0.04], [x + high, top + (high - low) * 1.1]];
            ui.draw().triangle_filled(corners, color);
        }
        "node" => ui.draw().rect([x + low, top], [x + high, top + (high - low)], color, ui.scale() * 2.0, ui.scale()),
        _ => ui.draw().rect_filled([x + low, top], [x + high, top + (high - low)], color, ui.scale() * 2.0),
    }
}

fn draw_arrow(ui: Ui<'_>, [x, y]: [f32; 2], side: f32, is_open: bool, hovered: bool) {
    let color = if hovered { ui.theme().text } else { ui.theme().text_dim };
    let at = |dx: f32, dy: f32| [x + side * dx, y + side * dy];
    let corners = if is_open {
        [at(0.25, 0.38), at(0.75, 0.38), at(0.5, 0.7)]
    } else {
        [at(0.38, 0.25), at(0.7, 0.5), at(0.38, 0.75)]
    };
    ui.draw().triangle_filled(corners, color);
}
