//! From a loaded project to an open one: files become entities, the document is carried out, the journal replayed.

use super::disk::{Disk, shown_title, title_of};
use super::files::ProjectFile;
use super::staged::{StagedFile, StagedProject};
use super::{Project, ViewSettings, release, systems};
use crate::drawing::Drawing;
use crate::error::EditorError;
use crate::tree_rows::TreeRows;
use std::path::Path;
use voltrum::AppState;
use voltrum::assets::{self, Bounds, SceneAssets, geometry, materials};
use voltrum::glam::Vec3;
use voltrum::memory::{ArenaVec, Tag, Tagged};
use voltrum::render::UploadBatch;
use voltrum::scene::pick::Bvh;
use voltrum::scene::project::{self, Document, FileEntry, Recovery, Restored};
use voltrum::scene::undo;
use voltrum::scene::{self, MeshPart, SceneError, SceneLimits, SceneState, ShapeId};

const NO_ASSETS: SceneAssets<'static> = SceneAssets { textures: &[], materials: &[], primitives: &[] };

/// Around what stands for a missing file: the renderer's cube.
const STAND_IN: Bounds = Bounds { min: Vec3::splat(-0.5), max: Vec3::splat(0.5) };

impl<'scene> Project<'scene> {
    /// Makes handles and entities of what was loaded.
    ///
    /// # Errors
    /// When the GPU, a system or the scene arena has no room. Nothing stays on the GPU then.
    pub fn open(
        app: &mut AppState<'_>,
        staged: StagedProject<'scene>,
        memory: Tagged<'scene>,
        uploads: &UploadBatch<'_>,
    ) -> Result<Project<'scene>, EditorError> {
        let mut made = ArenaVec::try_with_capacity_in(staged.files.len(), memory)?;
        let opened = instantiate_all(app, &staged, &mut made, memory, uploads)
            .and_then(|()| Project::build(staged, &made, memory, |assets, primitive| part(app, assets, primitive)));
        if opened.is_err() {
            made.iter().for_each(|assets| release(app, assets));
        }
        opened
    }

    /// Makes entities of what was loaded; nothing can be drawn.
    ///
    /// # Errors
    /// When the scene arena has no room.
    pub fn open_headless<I, B>(
        staged: StagedProject<'scene, I, B>,
        memory: Tagged<'scene>,
    ) -> Result<Project<'scene>, EditorError> {
        Project::build(staged, &[], memory, |_, _| MeshPart::default())
    }

    fn build<I, B>(
        staged: StagedProject<'scene, I, B>,
        assets: &[SceneAssets<'scene>],
        memory: Tagged<'scene>,
        part: impl Fn(&SceneAssets<'scene>, usize) -> MeshPart,
    ) -> Result<Project<'scene>, EditorError> {
        let scene = scene::open(memory.with_tag(Tag::SCENE), &SceneLimits::default())?;
        let history = undo::open(scene, memory.with_tag(Tag::UNDO), undo::HISTORY_BYTES)?;
        let memory = memory.with_tag(Tag::PROJECT);
        let mut files = ArenaVec::try_with_capacity_in(staged.files.len(), memory)?;
        let mut sources = ArenaVec::new_in(memory);
        for (at, file) in staged.files.iter().enumerate() {
            let assets = assets.get(at).copied().unwrap_or(NO_ASSETS);
            let mut built = ProjectFile::of(file, assets, memory)?;
            if let Some(staged) = &built.scene {
                built.first_mesh = ShapeId::from_index(scene::shapes(scene).len() as u32);
                if file.is_in_document {
                    built.entities = scene::build(scene, staged, |primitive| part(&assets, primitive))?;
                } else {
                    scene::add_meshes(scene, staged, |primitive| part(&assets, primitive))?;
                }
                adopt_trees(scene, built.first_mesh, file.trees)?;
            }
            if let Some(source) = built.source().filter(|_| file.is_in_document) {
                sources.try_push(source)?;
            }
            files.try_push(built)?;
        }
        let stand_in = scene::add_shape(scene, &[part(&NO_ASSETS, 0)], STAND_IN)?;
        let document = match &staged.loaded {
            Some(loaded) => loaded.document,
            None => {
                let entries =
                    memory.try_alloc_iter(staged.files.iter().map(|file: &StagedFile<'_, _, _>| file.entry))?;
                Document { files: &*entries, ..Document::EMPTY }
            }
        };
        let restored = project::restore(scene, &document, &sources, Some(stand_in))?;
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
            let replayed = project::replay(recovery, history, scene, &mut keys, Some(stand_in))?;
            undo::seal(history);
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
        scene::update_transforms(scene);
        let rows = TreeRows::try_new(scene, scene.len(), memory)?;
        let view = document.view;
        let view = ViewSettings {
            eye: view.eye,
            target: view.target,
            camera: view.camera.and_then(|camera| keys.entity(camera)),
            grid: view.grid,
        };
        let disk = Disk::open(staged.loaded, saved_state, staged.is_draft, memory)?;
        Ok(Project {
            scene,
            rows,
            history,
            keys,
            kept,
            files,
            disk,
            view,
            memory,
            shown_path: staged.path,
            title: title_of(staged.path),
            notices,
            notices_told: 0,
            version: 1,
            drag: None,
            is_open: staged.is_open,
            drawing: Drawing::new(memory),
        })
    }

    /// Makes a loaded file part of the project, in one step.
    ///
    /// # Errors
    /// When the file is outside of the project's folder; when the GPU, a system or the scene has no room. The project is as
    /// it was.
    pub fn import(
        &mut self,
        app: &mut AppState<'_>,
        staged: StagedProject<'scene>,
        uploads: &UploadBatch<'_>,
    ) -> Result<(), EditorError> {
        let mut made = ArenaVec::try_with_capacity_in(staged.files.len(), self.memory)?;
        let adopted = instantiate_all(app, &staged, &mut made, self.memory, uploads)
            .and_then(|()| self.adopt(&staged, &made, |assets, primitive| part(app, assets, primitive)));
        if adopted.is_err() {
            made.iter().for_each(|assets| release(app, assets));
        }
        adopted
    }

    /// As [`Project::import`]; nothing can be drawn.
    ///
    /// # Errors
    /// As [`Project::import`].
    pub fn import_headless<I, B>(&mut self, staged: &StagedProject<'scene, I, B>) -> Result<(), EditorError> {
        self.adopt(staged, &[], |_, _| MeshPart::default())
    }

    fn adopt<I, B>(
        &mut self,
        staged: &StagedProject<'scene, I, B>,
        assets: &[SceneAssets<'scene>],
        part: impl Fn(&SceneAssets<'scene>, usize) -> MeshPart,
    ) -> Result<(), EditorError> {
        let under = staged.under.filter(|under| self.scene.is_alive(*under));
        for (at, staged) in staged.files.iter().enumerate() {
            let (assets, trees) = (assets.get(at).copied().unwrap_or(NO_ASSETS), staged.trees);
            let mut file = ProjectFile::of(staged, assets, self.memory)?;
            let Some(contents) = file.scene else { continue };
            // an import that was refused has left its meshes under a number that must not come again
            let mut id = self.files.iter().map(|file| file.entry.id).max().unwrap_or(0) + 1;
            while self.keys.has_meshes(id) {
                id += 1;
            }
            let path = super::disk::reference_of(self.path(), &file, self.memory)?;
            file.entry = FileEntry { id, path, unknown: &[] };
            self.files.try_reserve(1)?;
            file.first_mesh = scene::add_meshes(self.scene, &contents, |primitive| part(&assets, primitive))?;
            adopt_trees(self.scene, file.first_mesh, trees)?;
            let meshes = contents.meshes.len() as u32;
            self.keys.bind_meshes(id, file.first_mesh, meshes)?;
            self.end_drag();
            let label = self.memory.try_alloc_fmt(format_args!("Import {}", title_of(path)))?;
            let mut edit = undo::begin(self.history, self.scene, label);
            let entities = edit.add_nodes(&contents, file.first_mesh, under)?;
            for (node, entity) in (0..).zip(entities) {
                self.keys.bind(*entity, project::EntityKey::node(id, node))?;
            }
            let tops = entities.iter().zip(contents.nodes).filter(|(_, node)| node.parent.is_none());
            edit.selection_mut().set(tops.map(|(entity, _)| *entity)).map_err(scene::SceneError::from)?;
            let committed = edit.commit()?;
            (file.entities, file.is_listed) = (entities, false);
            self.files.try_push(file)?;
            self.finish(label, committed);
        }
        self.is_open = true;
        Ok(())
    }
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

/// Says what a file's meshes are to rays.
fn adopt_trees<'scene>(
    scene: &mut SceneState<'scene>,
    first_mesh: ShapeId,
    trees: &[Option<&'scene Bvh<'scene>>],
) -> Result<(), SceneError> {
    for (shape, tree) in (first_mesh.index()..).map(ShapeId::from_index).zip(trees) {
        if let Some(tree) = tree {
            scene::adopt_triangles(scene, shape, tree)?;
        }
    }
    Ok(())
}

fn instantiate_all<'scene>(
    app: &mut AppState<'_>,
    staged: &StagedProject<'scene>,
    made: &mut ArenaVec<'scene, SceneAssets<'scene>>,
    memory: Tagged<'scene>,
    uploads: &UploadBatch<'_>,
) -> Result<(), EditorError> {
    for file in staged.files {
        let mut systems = systems(app);
        let assets = match &file.scene {
            Some(scene) => assets::instantiate(&mut systems.0, systems.1, uploads, scene, memory)?,
            None => NO_ASSETS,
        };
        made.try_push(assets)?;
    }
    Ok(())
}

/// What a primitive became on the GPU; without handles it is drawn as the fallback.
fn part(app: &AppState<'_>, assets: &SceneAssets<'_>, primitive: usize) -> MeshPart {
    let made = assets.primitives.get(primitive);
    let mesh = made.map_or(geometry::MeshHandle::NONE, |made| made.mesh);
    let material = made.map_or(materials::MaterialHandle::NONE, |made| made.material);
    MeshPart { mesh: geometry::get(&app.geometry, mesh), material: materials::get(&app.materials, material) }
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
