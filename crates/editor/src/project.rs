//! An open project: a scene in the scene arena, its handles on the GPU, and what is picked in it.
//!
//! # Invariants
//! 1. `nodes` and the staged nodes are of one order and length.
//! 2. Everything but the handles in `assets` lives in the scene arena; closing gives those back, and the arena's reset takes
//!    the rest.

use crate::error::EditorError;
use crate::tree_rows::TreeRows;
use std::path::{Path, PathBuf};
use voltrum::AppState;
use voltrum::assets::{self, geometry, gltf, materials};
use voltrum::assets::{AssetSystems, Bounds, Lens, Loading, SceneAssets, StagedMesh, StagedNode, StagedScene};
use voltrum::memory::{MemoryError, Scope, Tag, Tagged};
use voltrum::render::{Draw, UploadBatch};
use voltrum::scene::{self, Entity, MeshPart, SceneError, SceneLimits, SceneState};

/// What a project is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProjectRequest {
    /// A glTF file.
    Open(PathBuf),
    /// Nothing: the open one closes.
    Close,
}

/// A loaded file before it is opened: plain data in the scene arena.
#[derive(Clone, Copy, Debug)]
pub struct StagedProject<'s> {
    /// Its path as given, for people; empty for the empty project.
    pub path: &'s str,
    /// What is in it.
    pub scene: StagedScene<'s>,
}

impl StagedProject<'_> {
    /// The project that is open while there is none.
    pub const EMPTY: StagedProject<'static> = StagedProject { path: "", scene: StagedScene::EMPTY };
}

/// Loads what was asked for into the scene arena; on a worker.
///
/// # Errors
/// What the file or an arena says.
pub fn load<'s>(
    request: &ProjectRequest,
    memory: &Scope<'s>,
    loading: &mut Loading<'_, UploadBatch<'_>>,
) -> Result<StagedProject<'s>, EditorError> {
    match request {
        ProjectRequest::Close => Ok(StagedProject::EMPTY),
        ProjectRequest::Open(path) => load_file(path, memory, loading),
    }
}

/// Loads a file into the scene arena.
///
/// # Errors
/// What the file or an arena says.
pub fn load_file<'s>(
    path: &Path,
    memory: &Scope<'s>,
    loading: &mut Loading<'_, UploadBatch<'_>>,
) -> Result<StagedProject<'s>, EditorError> {
    let scene = gltf::load(path, memory, loading)?;
    Ok(StagedProject { path: memory.try_alloc_fmt(format_args!("{}", path.display()))?, scene })
}

/// An open project.
pub struct Project<'scene> {
    /// The entities.
    pub scene: &'scene mut SceneState<'scene>,
    /// The hierarchy as the tree panel shows it.
    pub rows: TreeRows<'scene>,
    /// What is picked.
    pub selected: Option<Entity>,
    /// What the file said.
    pub staged: StagedProject<'scene>,
    nodes: &'scene [Entity],
    assets: SceneAssets<'scene>,
}

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
        let mut systems = systems(app);
        let assets = assets::instantiate(&mut systems.0, systems.1, uploads, &staged.scene, memory)?;
        match Project::build(app, staged, memory, assets) {
            Ok(project) => Ok(project),
            Err(error) => {
                release(app, &assets);
                Err(error)
            }
        }
    }

    fn build(
        app: &AppState<'_>,
        staged: StagedProject<'scene>,
        memory: Tagged<'scene>,
        assets: SceneAssets<'scene>,
    ) -> Result<Project<'scene>, EditorError> {
        let part = |primitive: usize| match assets.primitives.get(primitive) {
            Some(made) => MeshPart {
                mesh: geometry::get(&app.geometry, made.mesh),
                material: materials::get(&app.materials, made.material),
            },
            None => MeshPart::default(),
        };
        let opened = scene::open(memory.with_tag(Tag::SCENE), &SceneLimits::default())?;
        let nodes = scene::build(opened, &staged.scene, part)?;
        scene::update_transforms(opened);
        let rows = TreeRows::try_new(opened, nodes.len(), memory.with_tag(Tag::PROJECT))?;
        Ok(Project { scene: opened, rows, selected: None, staged, nodes, assets })
    }

    /// Gives back what the scene arena's reset doesn't.
    pub fn close(self, app: &mut AppState<'_>) {
        release(app, &self.assets);
    }

    /// Whether a file is open.
    pub fn is_empty(&self) -> bool {
        self.staged.path.is_empty()
    }

    /// The file's name without its folder.
    pub fn file_name(&self) -> &'scene str {
        let path = self.staged.path;
        path.rsplit(['/', std::path::MAIN_SEPARATOR]).next().unwrap_or(path)
    }

    /// Around everything that is shown.
    pub fn bounds(&self) -> Bounds {
        scene::bounds(self.scene)
    }

    /// Around each mesh that is shown.
    pub fn boxes(&self) -> impl Iterator<Item = Bounds> {
        let owners = scene::meshes(self.scene).entities().iter().zip(scene::mesh_bounds(self.scene));
        owners.filter(|(owner, _)| scene::is_shown(self.scene, **owner)).map(|(_, bounds)| *bounds)
    }

    /// What is to be drawn, in memory of the caller's choice.
    ///
    /// # Errors
    /// When that has no room.
    pub fn draws<'f>(&self, memory: &'f Scope<'_>) -> Result<&'f [Draw], MemoryError> {
        Ok(memory.tagged(Tag::RENDERER).try_alloc_iter(scene::draws(self.scene))?)
    }

    /// The file's node that became an entity.
    pub fn node(&self, entity: Entity) -> Option<&'scene StagedNode<'scene>> {
        // nodes become entities in order, so the slot is the place as long as nothing was added
        let at = match self.nodes.get(entity.index() as usize) {
            Some(candidate) if *candidate == entity => entity.index() as usize,
            _ => self.nodes.iter().position(|node| *node == entity)?,
        };
        self.staged.scene.nodes.get(at)
    }

    /// The mesh of an entity, as the file has it.
    pub fn mesh(&self, entity: Entity) -> Option<&'scene StagedMesh<'scene>> {
        self.staged.scene.meshes.get(self.node(entity)?.mesh? as usize)
    }

    /// How many cameras the file has.
    pub fn camera_count(&self) -> usize {
        self.staged.scene.cameras.len()
    }

    /// What a camera of the file sees with, and where it stands; `None` when there is no such camera or no node has it.
    pub fn camera(&self, index: usize) -> Option<(Entity, Lens)> {
        let camera = self.staged.scene.cameras.get(index)?;
        let at = self.staged.scene.nodes.iter().position(|node| node.camera.is_some_and(|at| at as usize == index))?;
        Some((*self.nodes.get(at)?, camera.lens))
    }

    /// The handles of the file's parts.
    pub fn assets(&self) -> &SceneAssets<'scene> {
        &self.assets
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

/// Refused edits of entities that are gone are no failure of the editor: the panels look them up again.
pub(crate) fn ignore_stale(result: Result<(), SceneError>) -> Result<(), SceneError> {
    match result {
        Err(SceneError::Stale(_)) => Ok(()),
        other => other,
    }
}
