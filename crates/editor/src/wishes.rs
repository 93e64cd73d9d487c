//! What a person wished for in a panel or by a key; done in the next update.

use crate::look::Mode;
use crate::project::Play;
use crate::screenshot::ShotKind;
use voltrum::scene::{Camera, Entity, Light, Local};
use voltrum::ui::{GizmoEvent, GizmoKind};

/// The most wishes of one frame; a person has one or two.
const WISHES_MAX: usize = 32;

/// How a click changes what is picked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PickHow {
    /// This and nothing else.
    Only,
    /// This as well, or no longer.
    Toggle,
    /// All rows of the tree from the last one that was picked to this.
    Range,
}

/// What is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NewEntity {
    /// A node without anything.
    Empty,
    /// A point light.
    Light,
    /// A camera that sees what the viewport shows.
    Camera,
}

/// A question's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Save, or overwrite.
    Yes,
    /// Don't save, or save elsewhere.
    No,
    /// Leave everything as it is.
    Cancel,
}

/// One wish.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Wish {
    New,
    AskOpen,
    AskImport,
    /// One of the recent files, by its place.
    OpenRecent(usize),
    /// One of the scenes of a file, by the file's place in the project and the scene's number.
    OpenScene(usize, u32),
    /// What a crash has left of an untitled project.
    Recover,
    /// What the file dialog says.
    UseDialog,
    AskSystem,
    /// A `.hdr` file for the surroundings.
    AskEnvironment,
    /// Load every file of the project once more.
    Reload,
    /// Whether to do that whenever one changes on the disk.
    ToggleReloads,
    Save,
    SaveAs,
    Close,
    Quit,
    /// Stop the load that runs.
    CancelLoad,
    Answer(Answer),
    Undo,
    Redo,
    /// To a state of the history.
    GoTo(u64),
    /// Before all of its steps.
    GoToStart,
    Delete,
    Duplicate,
    PickAll,
    /// A click on nothing.
    PickNone,
    Pick(Entity, PickHow),
    /// A click in the viewport: the tree shows it, too.
    PickInView(Entity, PickHow),
    /// All in a rectangle of the viewport's picture, from -1 to 1 each way; with what is picked already or without.
    PickIn {
        from: [f32; 2],
        to: [f32; 2],
        adds: bool,
    },
    /// Below something, or as a root.
    Add(NewEntity, Option<Entity>),
    /// What the rename field says.
    Rename(Entity),
    /// What the inspector's field says.
    RenameInInspector(Entity),
    Show(Entity, bool),
    Reparent {
        dragged: Entity,
        under: Option<Entity>,
        before: Option<Entity>,
    },
    /// One frame of a drag in the inspector, and what the history calls it.
    SetLocal(Entity, Local, &'static str),
    SetLight(Entity, Option<Light>),
    SetCamera(Entity, Option<Camera>),
    EndDrag,
    Gizmo(GizmoEvent),
    Tool(GizmoKind),
    Mode(Mode),
    Screenshot(ShotKind),
    ToggleLocal,
    /// What a person asks of the animation that is shown.
    Play(Play),
    /// Go on or stand still; where none is shown, show the first one.
    TogglePlay,
    /// Dress a file, by its place in the project, in one of its variants, or in its own materials.
    Wear(usize, Option<u32>),
    ToggleSnap,
    /// Show everything.
    Fit,
    /// Show what is picked, or everything.
    FitPicked,
    ResetLayout,
    /// The colours for the day, or for the night.
    Light(bool),
    /// Rename the active row of the tree.
    BeginRename,
    /// Escape: drop what is picked, or the drag.
    Escape,
}

/// The wishes of a frame, in order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wishes {
    list: [Wish; WISHES_MAX],
    count: usize,
}

impl Wishes {
    pub(crate) const fn new() -> Wishes {
        Wishes { list: [Wish::EndDrag; WISHES_MAX], count: 0 }
    }

    pub(crate) fn push(&mut self, wish: Wish) {
        if let Some(slot) = self.list.get_mut(self.count) {
            *slot = wish;
            self.count += 1;
        }
    }

    /// Notes a wish where something says so.
    pub(crate) fn push_if(&mut self, is_wished: bool, wish: Wish) {
        if is_wished {
            self.push(wish);
        }
    }

    pub(crate) fn as_slice(&self) -> &[Wish] {
        &self.list[..self.count]
    }

    /// Takes them; none is left.
    pub(crate) fn take(&mut self) -> Wishes {
        std::mem::replace(self, Wishes::new())
    }
}
