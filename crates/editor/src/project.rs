//! The open project: entities, their undo history and selection, the journal, and the document that it is saved as. The
//! window and the commands that need none use the same one.
//!
//! # Invariants
//! 1. Whatever changes the scene goes through [`Project::edit`] and its kin: one step of the history, one record of the
//!    journal.
//! 2. Everything but the handles in [`ProjectFile::assets`], the lock and the journal's file lies in the scene arena;
//!    closing gives those back, and the arena's reset takes the rest.
//! 3. A frame in which nothing changes takes no memory, of any arena or of the heap.

mod built;
mod disk;
mod draft;
mod edits;
mod files;
mod images;
mod opening;
mod playing;
mod reload;
mod repaint;
mod request;
mod saving;
mod staged;
mod together;
mod variants;

use crate::drawing::Drawing;
use crate::tree_rows::TreeRows;
use voltrum::AppState;
use voltrum::assets::animation::Playback;
use voltrum::assets::{self, AssetSystems, Bounds, Lens, SceneAssets, StagedMesh, StagedNode};
use voltrum::glam::Vec3;
use voltrum::memory::{ArenaVec, Tagged};
use voltrum::scene::pick::{PickHit, Ray, pick};
use voltrum::scene::project::{EntityKey, Kept, Keys};
use voltrum::scene::undo::HistoryState;
use voltrum::scene::{self, Entity, SceneState, ShapeId};

pub use built::Built;
pub use disk::Access;
use disk::Disk;
pub use draft::left_in as drafts_left_in;
use edits::Drag;
pub(crate) use edits::check_name;
use files::carry_skinned;
pub use files::{FileScene, ProjectFile};
use images::ImageTable;
pub use images::KnownImages;
pub use playing::{AnimationId, Play, Playing};
pub use reload::Reload;
pub use request::{PROJECT_ENDING, ProjectRequest, SceneName, is_project};
pub use saving::SaveWork;
pub use staged::{Picking, StagedFile, StagedProject, load, load_gltf, load_project};
pub use together::Mixed;

/// An open project.
pub struct Project<'scene> {
    /// The entities. To be read; what changes them is [`Project::edit`].
    pub scene: &'scene mut SceneState<'scene>,
    /// The hierarchy as the tree panel shows it.
    pub rows: TreeRows<'scene>,
    history: &'scene mut HistoryState<'scene>,
    pub(crate) keys: Keys<'scene>,
    kept: Kept<'scene>,
    pub(crate) files: ArenaVec<'scene, ProjectFile<'scene>>,
    images: ImageTable<'scene>,
    disk: Disk<'scene>,
    view: ViewSettings,
    framing: &'scene [Bounds],
    /// What entities show that stand for missing files.
    stand_in: ShapeId,
    memory: Tagged<'scene>,
    shown_path: &'scene str,
    title: &'scene str,
    notices: &'scene [&'scene str],
    notices_told: usize,
    pub(crate) version: u64,
    /// What earlier states of its files take in the scene arena.
    reloaded_bytes: usize,
    drag: Option<Drag>,
    is_open: bool,
    pub(crate) drawing: Drawing<'scene>,
    playing: Option<Playing>,
    /// How the next animation goes on.
    playback: Playback,
}

/// How a project is looked at; saved with it, and no step of its history.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ViewSettings {
    /// Where the eye is.
    pub eye: Option<Vec3>,
    /// What it looks at.
    pub target: Option<Vec3>,
    /// The camera that is looked through.
    pub camera: Option<Entity>,
    /// Whether the grid is shown.
    pub grid: Option<bool>,
}

impl<'scene> Project<'scene> {
    /// To be called first in each frame: places what was moved, and writes the journal when it is time to.
    pub fn update(&mut self) {
        if scene::update_transforms(self.scene) > 0 {
            carry_skinned(self.scene, &self.files);
        }
        self.tell_drag();
        self.sync();
    }

    /// Writes the journal, or gives it up where that was chosen, and gives back what the scene arena's reset doesn't.
    pub fn close(mut self, app: &mut AppState<'_>) {
        self.leave_disk();
        self.drawing.destroy(&mut app.renderer);
        for file in &self.files {
            release(app, &file.assets);
        }
    }

    /// As [`Project::close`], for one that was opened without a GPU.
    pub fn close_headless(mut self) {
        self.leave_disk();
    }

    /// Whether no project is open.
    pub fn is_empty(&self) -> bool {
        !self.is_open
    }

    /// The file's name without its folder; empty while there is none.
    pub fn file_name(&self) -> &'scene str {
        self.title
    }

    /// What the window's title says.
    pub fn title(&self) -> &'scene str {
        if self.title.is_empty() { "untitled" } else { self.title }
    }

    /// Its path as given, for people; empty while there is none.
    pub fn shown_path(&self) -> &'scene str {
        self.shown_path
    }

    /// A number that changes with every edit, undo, redo and import.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The next thing to be said about opening it, once: what was recovered, what is missing.
    pub fn take_notice(&mut self) -> Option<&'scene str> {
        let notice = self.notices.get(self.notices_told).copied()?;
        self.notices_told += 1;
        Some(notice)
    }

    /// How it is looked at.
    pub fn view(&self) -> ViewSettings {
        self.view
    }

    /// Notes how it is looked at, for the next save.
    pub fn set_view(&mut self, view: ViewSettings) {
        self.view = view;
    }

    /// Around everything that is shown, measured anew; each frame has [`Project::drawn_bounds`].
    pub fn bounds(&self) -> Bounds {
        scene::bounds(self.scene)
    }

    /// Around each mesh that is shown.
    pub fn boxes(&self) -> impl Iterator<Item = Bounds> {
        let owners = scene::meshes(self.scene).entities().iter().zip(scene::mesh_bounds(self.scene));
        owners.filter(|(owner, _)| scene::is_shown(self.scene, **owner)).map(|(_, bounds)| *bounds)
    }

    /// Around what was shown when it was opened, not quite as finely as [`Project::boxes`]: not many, however many meshes.
    pub fn framing(&self) -> &'scene [Bounds] {
        self.framing
    }

    /// The first thing that is shown on a ray.
    pub fn pick(&self, ray: &Ray) -> Option<PickHit> {
        pick(self.scene, ray)
    }

    /// The glTF files that it refers to, missing ones included.
    pub fn files(&self) -> &[ProjectFile<'scene>] {
        &self.files
    }

    /// The file and the node that became an entity; `None` for what was added in the project.
    pub fn file_of(&self, entity: Entity) -> Option<(&ProjectFile<'scene>, &'scene StagedNode<'scene>)> {
        let key = self.keys.key(entity)?;
        let file = self.file(key.file()?)?;
        Some((file, file.scene?.nodes.get(key.number() as usize)?))
    }

    /// The file and the mesh that an entity shows.
    pub fn mesh_of(&self, entity: Entity) -> Option<(&ProjectFile<'scene>, &'scene StagedMesh<'scene>)> {
        let key = self.keys.mesh_key(*scene::meshes(self.scene).get(entity)?)?;
        let file = self.file(key.file)?;
        Some((file, file.scene?.meshes.get(key.mesh as usize)?))
    }

    fn file(&self, id: u32) -> Option<&ProjectFile<'scene>> {
        self.files.iter().find(|file| file.entry.id == id)
    }

    /// Whether an entity stands for a file that is missing.
    pub fn is_stand_in(&self, entity: Entity) -> bool {
        let key = self.keys.key(entity);
        key.and_then(EntityKey::file).is_some_and(|file| key == Some(scene::project::placeholder(file)))
    }

    /// How many entities there are; what stands for missing files isn't one.
    pub fn entity_count(&self) -> usize {
        let stand_ins = self.files.iter().filter(|file| {
            let stand_in = self.keys.entity(scene::project::placeholder(file.entry.id));
            stand_in.is_some_and(|entity| self.scene.is_alive(entity))
        });
        self.scene.len() - stand_ins.count()
    }

    /// How many cameras the files have.
    pub fn camera_count(&self) -> usize {
        self.files.iter().filter_map(|file| file.scene).map(|scene| scene.cameras.len()).sum()
    }

    /// What a camera of the files sees with, and where it stands; `None` when there is no such camera or no node has it.
    pub fn camera(&self, index: usize) -> Option<(Entity, Lens)> {
        let mut rest = index;
        for file in &self.files {
            let Some(scene) = file.scene else { continue };
            match scene.cameras.get(rest) {
                None => rest -= scene.cameras.len(),
                Some(camera) => {
                    let at = scene.nodes.iter().position(|node| node.camera.is_some_and(|at| at as usize == rest))?;
                    let entity = self.keys.entity(EntityKey::node(file.entry.id, at as u32))?;
                    return self.scene.is_alive(entity).then_some((entity, camera.lens));
                }
            }
        }
        None
    }
}

fn systems<'x, 'app>(
    app: &'x mut AppState<'app>,
) -> (AssetSystems<'x, 'app>, &'x mut voltrum::render::RendererState<'app>) {
    let systems =
        AssetSystems { textures: &mut app.textures, materials: &mut app.materials, geometry: &mut app.geometry };
    (systems, &mut app.renderer)
}

fn release(app: &mut AppState<'_>, assets: &SceneAssets<'_>) {
    let (mut systems, renderer) = systems(app);
    assets::release(&mut systems, renderer, assets);
}
