//! From a loaded project to an open one: what a worker built is taken over, and the GPU's handles are made; and files that
//! join the open one.

use super::built::{self, Built};
use super::disk::{Disk, title_of};
use super::files::ProjectFile;
use super::images::ImageTable;
use super::staged::StagedProject;
use super::{Project, ProjectRequest, release, systems};
use crate::drawing::Drawing;
use crate::error::EditorError;
use std::path::PathBuf;
use voltrum::AppState;
use voltrum::assets::animation::Playback;
use voltrum::assets::{self, SceneAssets, StagedScene, geometry, materials};
use voltrum::memory::{ArenaBox, ArenaVec, Tag, Tagged};
use voltrum::render::UploadBatch;
use voltrum::scene::pick::Bvh;
use voltrum::scene::project::{self, FileEntry};
use voltrum::scene::undo;
use voltrum::scene::{self, Entity, MeshPart, SceneError, SceneState, ShapeId};

/// What a file has on the GPU before there is anything.
pub(super) const NO_ASSETS: SceneAssets<'static> = SceneAssets { textures: &[], materials: &[], primitives: &[] };

impl<'scene> Project<'scene> {
    /// Opens what was loaded, and makes handles of its meshes, materials and textures. Where a worker has built the rest
    /// ([`load`](super::load)), that takes as long whatever number of entities there is.
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
        let mut images = ImageTable::new_in(memory);
        let opened = instantiate_all(app, &staged, (&mut made, &mut images), memory, uploads).and_then(|()| {
            let mut project = Project { images, ..Project::take_over(staged, memory)? };
            project.equip(&made, |assets, primitive| part(app, assets, primitive))?;
            Ok(project)
        });
        if opened.is_err() {
            made.iter().for_each(|assets| release(app, assets));
        }
        opened
    }

    /// Opens what was loaded; nothing can be drawn.
    ///
    /// # Errors
    /// When the scene arena has no room.
    pub fn open_headless<I, B>(
        staged: StagedProject<'scene, I, B>,
        memory: Tagged<'scene>,
    ) -> Result<Project<'scene>, EditorError> {
        Project::take_over(staged, memory)
    }

    /// Takes over what a worker has built, in the time that its files take, whatever they hold.
    fn take_over<I, B>(
        mut staged: StagedProject<'scene, I, B>,
        memory: Tagged<'scene>,
    ) -> Result<Project<'scene>, EditorError> {
        let built = match staged.built.take() {
            Some(built) => built,
            None => Built::of(&staged, memory)?,
        };
        let memory = memory.with_tag(Tag::PROJECT);
        let disk = Disk::open(staged.loaded, built.saved_state, staged.is_draft, memory)?;
        Ok(Project {
            scene: ArenaBox::leak(built.scene),
            rows: built.rows,
            history: ArenaBox::leak(built.history),
            keys: built.keys,
            kept: built.kept,
            files: ArenaVec::try_from_slice_in(built.files, memory)?,
            images: ImageTable::new_in(memory),
            disk,
            view: built.view,
            framing: built.framing,
            stand_in: built.stand_in,
            memory,
            shown_path: staged.path,
            title: title_of(staged.path),
            notices: built.notices,
            notices_told: 0,
            version: built::VERSION,
            reloaded_bytes: 0,
            drag: None,
            is_open: staged.is_open,
            drawing: Drawing::new(memory),
            playing: None,
            playback: Playback::default(),
        })
    }

    /// Gives the shapes their handles.
    fn equip(
        &mut self,
        made: &[SceneAssets<'scene>],
        part: impl Fn(&SceneAssets<'scene>, usize) -> MeshPart,
    ) -> Result<(), EditorError> {
        let parts = self.memory.try_alloc_slice_copy(&[part(&NO_ASSETS, 0)])?;
        scene::adopt_parts(self.scene, self.stand_in, parts)?;
        for (file, assets) in self.files.iter_mut().zip(made) {
            file.assets = *assets;
            let Some(contents) = file.scene else { continue };
            let parts = (0..contents.primitives.len()).map(|primitive| part(assets, primitive));
            let parts = &*self.memory.try_alloc_iter_exact(parts)?;
            for (shape, mesh) in (file.first_mesh.index()..).map(ShapeId::from_index).zip(contents.meshes) {
                scene::adopt_parts(self.scene, shape, parts.get(mesh.primitives()).unwrap_or_default())?;
            }
        }
        Ok(())
    }

    /// What loads a file that is to become part of the project, without the images that the project has already.
    pub fn import_request(&self, path: PathBuf, under: Option<Entity>) -> ProjectRequest {
        ProjectRequest::Import { path, under, images: self.images.known() }
    }

    /// Makes a loaded file part of the project, in one step.
    ///
    /// # Errors
    /// When the file is outside of the project's folder; when the GPU, a system or the scene has no room;
    /// [`EditorError::Overtaken`] when an image that was left out is another one by now. The project is as it was.
    pub fn import(
        &mut self,
        app: &mut AppState<'_>,
        staged: StagedProject<'scene>,
        uploads: &UploadBatch<'_>,
    ) -> Result<(), EditorError> {
        let mut made = ArenaVec::try_with_capacity_in(staged.files.len(), self.memory)?;
        if !scenes(&staged).all(|scene| self.images.has_all(scene.images)) {
            return Err(EditorError::Overtaken);
        }
        let adopted = instantiate_all(app, &staged, (&mut made, &mut self.images), self.memory, uploads)
            .and_then(|()| self.adopt(&staged, &made, |assets, primitive| part(app, assets, primitive)));
        if adopted.is_err() {
            made.iter().for_each(|assets| release(app, assets));
            self.images.forget_gone(&app.textures);
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
            file.entry = FileEntry { id, path, scene: file.entry.scene, unknown: &[] };
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

/// Says what a file's meshes are to rays.
pub(super) fn adopt_trees<'scene>(
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
    (made, images): (&mut ArenaVec<'scene, SceneAssets<'scene>>, &mut ImageTable<'scene>),
    memory: Tagged<'scene>,
    uploads: &UploadBatch<'_>,
) -> Result<(), EditorError> {
    for file in staged.files {
        let mut systems = systems(app);
        let Some(scene) = &file.scene else {
            made.try_push(NO_ASSETS)?;
            continue;
        };
        let assets = assets::instantiate(&mut systems.0, systems.1, uploads, scene, images.textures(), memory)?;
        made.try_push(assets)?;
        images.add_all(scene.images, assets.textures)?;
    }
    Ok(())
}

fn scenes<'x, 'scene>(staged: &'x StagedProject<'scene>) -> impl Iterator<Item = &'x StagedScene<'scene>> {
    staged.files.iter().filter_map(|file| file.scene.as_ref())
}

/// What a primitive became on the GPU; without handles it is drawn as the fallback.
fn part(app: &AppState<'_>, assets: &SceneAssets<'_>, primitive: usize) -> MeshPart {
    let made = assets.primitives.get(primitive);
    let mesh = made.map_or(geometry::MeshHandle::NONE, |made| made.mesh);
    let material = made.map_or(materials::MaterialHandle::NONE, |made| made.material);
    MeshPart { mesh: geometry::get(&app.geometry, mesh), material: materials::get(&app.materials, material) }
}
