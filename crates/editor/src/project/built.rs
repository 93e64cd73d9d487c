//! What a loaded project becomes on the loading worker: entities, keys, history and rows. The main thread takes it over as
//! it is.
//!
//! # Invariants
//! 1. All of it may go to another thread: whatever in it can grow owns its arena.
//! 2. Nothing is left for the main thread that takes longer with more entities.

use super::ViewSettings;
use super::disk::shown_title;
use super::files::{ProjectFile, carry_skinned};
use super::opening::{NO_ASSETS, adopt_trees};
use super::staged::{StagedFile, StagedProject};
use crate::error::EditorError;
use crate::tree_rows::TreeRows;
use std::fmt;
use std::path::Path;
use voltrum::assets::Bounds;
use voltrum::glam::Vec3;
use voltrum::memory::{ArenaBox, ArenaVec, MemoryError, Tag, Tagged};
use voltrum::scene::project::{self, Document, Kept, Keys, Recovery, Restored};
use voltrum::scene::undo::{self, HistoryState};
use voltrum::scene::{self, MeshPart, SceneLimits, SceneState, ShapeId};

/// The version of a project that was just opened.
pub(super) const VERSION: u64 = 1;

/// Around what stands for a missing file: the renderer's cube.
const STAND_IN: Bounds = Bounds { min: Vec3::splat(-0.5), max: Vec3::splat(0.5) };

/// Cells along each axis that boxes are put together in, for the first look at a scene.
const CELLS: usize = 8;

/// See the module. Made by [`load`](super::load).
pub struct Built<'s> {
    pub(super) scene: ArenaBox<'s, SceneState<'s>>,
    pub(super) history: ArenaBox<'s, HistoryState<'s>>,
    pub(super) keys: Keys<'s>,
    pub(super) kept: Kept<'s>,
    pub(super) rows: TreeRows<'s>,
    pub(super) files: &'s [ProjectFile<'s>],
    pub(super) notices: &'s [&'s str],
    pub(super) view: ViewSettings,
    /// Around what is shown, not quite as finely as each mesh.
    pub(super) framing: &'s [Bounds],
    /// What entities show that stand for missing files.
    pub(super) stand_in: ShapeId,
    /// The history's state that the document has.
    pub(super) saved_state: u64,
}

impl fmt::Debug for Built<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Built")
            .field("entities", &self.scene.len())
            .field("files", &self.files)
            .finish_non_exhaustive()
    }
}

const _: () = {
    const fn is_send<T: Send>() {}
    is_send::<Built<'static>>()
};

impl<'s> Built<'s> {
    /// Files become entities, the document is carried out, the journal is replayed.
    ///
    /// # Errors
    /// When `memory` has no room.
    pub(super) fn of<I, B>(staged: &StagedProject<'s, I, B>, memory: Tagged<'s>) -> Result<Built<'s>, EditorError> {
        let mut scene = scene::open_boxed(memory.with_tag(Tag::SCENE), &SceneLimits::default())?;
        let mut history = undo::open_boxed(&scene, memory.with_tag(Tag::UNDO), undo::HISTORY_BYTES)?;
        let memory = memory.with_tag(Tag::PROJECT);
        let mut files = ArenaVec::try_with_capacity_in(staged.files.len(), memory)?;
        let mut sources = ArenaVec::new_in(memory);
        for file in staged.files {
            let mut built = ProjectFile::of(file, NO_ASSETS, memory)?;
            if let Some(staged) = &built.scene {
                built.first_mesh = ShapeId::from_index(scene::shapes(&scene).len() as u32);
                if file.is_in_document {
                    built.entities = scene::build(&mut scene, staged, |_| MeshPart::default())?;
                } else {
                    scene::add_meshes(&mut scene, staged, |_| MeshPart::default())?;
                }
                adopt_trees(&mut scene, built.first_mesh, file.trees)?;
            }
            if let Some(source) = built.source().filter(|_| file.is_in_document) {
                sources.try_push(source)?;
            }
            files.try_push(built)?;
        }
        let stand_in = scene::add_shape(&mut scene, &[MeshPart::default()], STAND_IN)?;
        let document = match &staged.loaded {
            Some(loaded) => loaded.document,
            None => {
                let entries =
                    memory.try_alloc_iter(staged.files.iter().map(|file: &StagedFile<'_, _, _>| file.entry))?;
                Document { files: &*entries, ..Document::EMPTY }
            }
        };
        let restored = project::restore(&mut scene, &document, &sources, Some(stand_in))?;
        let Restored { mut keys, kept, waiting } = restored;
        for (file, staged) in files.iter().zip(staged.files) {
            if let Some(source) = file.source().filter(|_| !staged.is_in_document) {
                keys.bind_meshes(source.file, source.first_mesh, source.mesh_count)?;
            }
        }
        let mut notices = ArenaVec::new_in(memory);
        let saved_state = history.state();
        if let Some(loaded) = &staged.loaded {
            let recovery = &loaded.recovery;
            let replayed = project::replay(recovery, &mut history, &mut scene, &mut keys, Some(stand_in))?;
            undo::seal(&mut history);
            let kind = if staged.is_draft { " as an untitled project" } else { "" };
            notice_of_recovery((recovery, kind), loaded.kept_aside, &replayed, &mut notices, memory)?;
        }
        for file in files.iter().filter(|file: &&ProjectFile<'_>| file.scene.is_none()) {
            notices.try_push(file.fault)?;
        }
        if waiting > 0 && files.iter().all(|file| file.scene.is_some()) {
            let plural = if waiting == 1 { "" } else { "s" };
            let text = format_args!("{waiting} change{plural} of the project fit no part of its files; they are kept");
            notices.try_push(memory.try_alloc_fmt(text)?)?;
        }
        for file in files.iter_mut() {
            file.adopt_entities(&keys, memory)?;
        }
        scene::update_transforms(&mut scene);
        carry_skinned(&mut scene, &files);
        let mut rows = TreeRows::try_new(&scene, scene.len(), memory)?;
        rows.follow(&scene, VERSION)?;
        let view = document.view;
        let view = ViewSettings {
            eye: view.eye,
            target: view.target,
            camera: view.camera.and_then(|camera| keys.entity(camera)),
            grid: view.grid,
        };
        let framing = framing(&scene, memory)?;
        let (files, notices) = (&*files.into_slice(), &*notices.into_slice());
        Ok(Built { scene, history, keys, kept, rows, files, notices, view, framing, stand_in, saved_state })
    }
}

/// Around each mesh that is shown; where they are many, around those of each cell of a grid.
fn framing<'s>(scene: &SceneState<'_>, memory: Tagged<'s>) -> Result<&'s [Bounds], MemoryError> {
    let is_usable = |bounds: &Bounds| !bounds.is_empty() && bounds.min.is_finite() && bounds.max.is_finite();
    let owners = scene::meshes(scene).entities().iter().zip(scene::mesh_bounds(scene));
    let boxes = owners.filter(|(owner, _)| scene::is_shown(scene, **owner)).map(|(_, bounds)| *bounds);
    let boxes = boxes.filter(is_usable);
    if boxes.clone().count() <= CELLS.pow(3) {
        return Ok(memory.try_alloc_iter(boxes)?);
    }
    let all = boxes.clone().fold(Bounds::EMPTY, |all, one| all.with(one));
    let scale = Vec3::splat(CELLS as f32) / (all.max - all.min).max(Vec3::splat(f32::MIN_POSITIVE));
    let cells = memory.try_alloc_slice_fill(CELLS.pow(3), Bounds::EMPTY)?;
    for one in boxes {
        let [x, y, z] = ((one.center() - all.min) * scale).to_array().map(|at| (at as usize).min(CELLS - 1));
        let cell = &mut cells[(z * CELLS + y) * CELLS + x];
        *cell = cell.with(one);
    }
    Ok(cells)
}

impl<'scene> ProjectFile<'scene> {
    /// Who its nodes are after a replay; those of a file that the journal brought in are known only now.
    fn adopt_entities(&mut self, keys: &project::Keys<'scene>, memory: Tagged<'scene>) -> Result<(), EditorError> {
        let (id, nodes) = (self.entry.id, self.scene.map_or(0, |scene| scene.nodes.len() as u32));
        if self.entities.is_empty() && nodes > 0 {
            let nobody = scene::Entity::NOBODY;
            let who = (0..nodes).map(|node| keys.entity(project::EntityKey::node(id, node)).unwrap_or(nobody));
            self.entities = memory.try_alloc_iter(who)?;
        }
        Ok(())
    }
}

fn notice_of_recovery<'scene>(
    (recovery, kind): (&Recovery<'scene>, &str),
    kept_aside: Option<&Path>,
    replayed: &project::Replayed,
    notices: &mut ArenaVec<'scene, &'scene str>,
    memory: Tagged<'scene>,
) -> Result<(), EditorError> {
    if recovery.steps > 0 || recovery.damage.is_some() {
        notices.try_push(memory.try_alloc_fmt(format_args!("{recovery}{kind}"))?)?;
    }
    if let Some(aside) = kept_aside {
        let (shown, _) = shown_title(aside, memory)?;
        notices.try_push(memory.try_alloc_fmt(format_args!("the journal as it was is kept as {shown}"))?)?;
    }
    if let Some(fault) = &replayed.fault {
        notices.try_push(memory.try_alloc_fmt(format_args!("{fault}"))?)?;
    }
    if replayed.passed_over > 0 {
        let text = format_args!("{} recovered edits were about what is missing now", replayed.passed_over);
        notices.try_push(memory.try_alloc_fmt(text)?)?;
    }
    Ok(())
}
