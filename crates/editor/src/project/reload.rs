//! A file of the open project that is loaded once more: what it shows changes in place, and everything else stays.
//!
//! The worker loads it as if it were opened and keeps what is needed beside the arenas. Entities, their keys, edits, undo
//! history, selection and the handles of textures, materials and meshes stay what they are; what shows through them is
//! new. Where the file moves a node that nobody has moved in the project, its entity goes along.
//!
//! # Invariants
//! 1. A file that is broken, or of another make (another number of nodes, another parent), changes nothing.
//! 2. What of a file is as it was takes no memory of the scene arena. What is not takes its own size, and what it was stays
//!    there until the project closes; beyond [`RELOADED_BYTES_MAX`] nothing is loaded once more.
//!
//! # Deliberately absent
//! Names, cameras, lights, skins and animations as the file has them now: they are those of the first time.

use super::images::{self, KnownImages};
use super::repaint::Repaint;
use super::staged::choice_of;
use super::{Project, ProjectFile, systems};
use crate::error::EditorError;
use std::path::{Path, PathBuf};
use voltrum::AppState;
use voltrum::assets::{
    self, AssetError, FileStamp, ImageKey, Loading, SceneChoice, StagedImage, StagedMaterial, StagedMesh, StagedNode,
    StagedPrimitive, StagedScene, StagedTexture, UploadMemory, gltf,
};
use voltrum::memory::{Arena, MemoryError, Scope, Tag};
use voltrum::render::{BufferUpload, ImageUpload, UploadBatch};
use voltrum::scene::{self, Local, ShapeId};

/// What earlier states of the files may take in the scene arena.
const RELOADED_BYTES_MAX: usize = 64 << 20;

/// Address space for handles while they change.
const SCRATCH_BYTES: usize = 64 << 20;

/// A file to be loaded once more, and what came of it.
#[derive(Clone, Debug)]
pub struct Reload {
    file: u32,
    place: PathBuf,
    /// Which of its scenes the project shows.
    scene: SceneChoice<'static>,
    /// What needs no reading.
    known: KnownImages,
    contents: Option<Box<Contents>>,
}

impl PartialEq for Reload {
    /// Whether the same is asked for.
    fn eq(&self, other: &Reload) -> bool {
        (self.file, &self.place) == (other.file, &other.place)
    }
}

impl Eq for Reload {}

/// What a file says now.
#[derive(Clone, Debug)]
struct Contents {
    nodes: Vec<StagedNode<'static>>,
    meshes: Vec<Mesh>,
    primitives: Vec<StagedPrimitive>,
    materials: Vec<StagedMaterial<'static>>,
    textures: Vec<StagedTexture>,
    images: Vec<StagedImage<'static>>,
    /// By image: which it is.
    keys: Vec<Option<ImageKey<PathBuf>>>,
    /// How many there are of what stays as it was.
    others: [(&'static str, usize); 5],
    sources: Vec<(PathBuf, FileStamp)>,
}

#[derive(Clone, Debug)]
struct Mesh {
    first_primitive: u32,
    primitive_count: u32,
    bounds: assets::Bounds,
    positions: Vec<[f32; 3]>,
    triangles: Vec<[u32; 3]>,
}

impl Reload {
    /// For the worker: loads the file.
    ///
    /// # Errors
    /// What is wrong with the file; what stays the same is said with it.
    pub fn load<U>(mut self, memory: &Scope<'_>, loading: &mut Loading<'_, U>) -> Result<Reload, EditorError>
    where
        U: UploadMemory<Image = ImageUpload, Buffer = BufferUpload>,
    {
        let mut arena = images::index_arena()?;
        let scratch = arena.open();
        let index = self.known.index(scratch.tagged(Tag::TEXTURE))?;
        let known = |key: &ImageKey<&Path>| index.find(key);
        let loading = &mut Loading { scene: self.scene, known: Some(&known), ..loading.lend() };
        match gltf::load(&self.place, memory, loading) {
            Ok(scene) => self.contents = Some(Box::new(Contents::of(&scene, &self.place))),
            Err(AssetError::Cancelled) => return Err(AssetError::Cancelled.into()),
            Err(error) => return Err(not_reloaded(error.into())),
        }
        Ok(self)
    }

    /// The file's name without its folder.
    pub fn name(&self) -> std::borrow::Cow<'_, str> {
        self.place.file_name().unwrap_or_default().to_string_lossy()
    }

    /// The files that it was made of, for the project's file that it is.
    pub fn into_sources(self) -> (u32, Vec<(PathBuf, FileStamp)>) {
        (self.file, self.contents.map_or(Vec::new(), |contents| contents.sources))
    }
}

fn not_reloaded(source: EditorError) -> EditorError {
    EditorError::NotReloaded { source: Box::new(source) }
}

fn others<I, B>(scene: &StagedScene<'_, I, B>) -> [(&'static str, usize); 5] {
    [
        ("cameras", scene.cameras.len()),
        ("lights", scene.lights.len()),
        ("skins", scene.skins.len()),
        ("animations", scene.animations.len()),
        ("variants", scene.variants.len()),
    ]
}

/// The files that a scene was made of, and what they were like.
pub(super) fn sources<I, B>(scene: &StagedScene<'_, I, B>, place: &Path) -> Vec<(PathBuf, FileStamp)> {
    let folder = place.parent().unwrap_or(Path::new(""));
    let path = |name: &str| if name.is_empty() { place.to_path_buf() } else { folder.join(name) };
    scene.sources.iter().map(|source| (path(source.name), source.stamp)).collect()
}

impl Contents {
    fn of(scene: &StagedScene<'_>, place: &Path) -> Contents {
        let mesh = |mesh: &StagedMesh<'_>| Mesh {
            first_primitive: mesh.first_primitive,
            primitive_count: mesh.primitive_count,
            bounds: mesh.bounds,
            positions: mesh.positions.to_vec(),
            triangles: mesh.triangles.to_vec(),
        };
        let image = |image: &StagedImage<'_>| StagedImage {
            name: "",
            kind: image.kind,
            size: image.size,
            format: image.format,
            levels: image.levels,
            pixels: image.pixels,
            key: None,
        };
        let key = |image: &StagedImage<'_>| image.key.map(|key| key.with_file(key.file.to_path_buf()));
        let node = |node: &StagedNode<'_>| StagedNode {
            name: "",
            parent: node.parent,
            local: node.local,
            mesh: node.mesh,
            camera: node.camera,
            light: node.light,
            skin: node.skin,
            weights: &[],
        };
        Contents {
            nodes: scene.nodes.iter().map(node).collect(),
            meshes: scene.meshes.iter().map(mesh).collect(),
            primitives: scene.primitives.to_vec(),
            materials: scene.materials.iter().map(|one| StagedMaterial { name: "", surface: one.surface }).collect(),
            textures: scene.textures.to_vec(),
            images: scene.images.iter().map(image).collect(),
            keys: scene.images.iter().map(key).collect(),
            others: others(scene),
            sources: sources(scene, place),
        }
    }

    /// What the systems need to see of it.
    fn staged(&self) -> StagedScene<'_> {
        StagedScene {
            primitives: &self.primitives,
            materials: &self.materials,
            textures: &self.textures,
            images: &self.images,
            ..StagedScene::EMPTY
        }
    }

    /// Whether each part is what its place says.
    fn check<I, B>(&self, old: &StagedScene<'_, I, B>) -> Result<(), AssetError> {
        let counts = [("nodes", old.nodes.len(), self.nodes.len()), ("meshes", old.meshes.len(), self.meshes.len())];
        let others = others(old).into_iter().zip(self.others).map(|((what, had), (_, has))| (what, had, has));
        if let Some((what, had, has)) = counts.into_iter().chain(others).find(|(_, had, has)| had != has) {
            return Err(AssetError::Reshaped { what, had: had as u64, has: has as u64 });
        }
        let place = |node: &StagedNode<'_>| (node.parent, node.mesh, node.camera, node.light, node.skin);
        let moved = old.nodes.iter().zip(&self.nodes).filter(|(old, new)| place(old) != place(new)).count();
        let split = old.meshes.iter().zip(&self.meshes).filter(|(old, new)| {
            (old.first_primitive, old.primitive_count) != (new.first_primitive, new.primitive_count)
        });
        let dressed = old.primitives.iter().zip(&self.primitives).filter(|(old, new)| old.material != new.material);
        for (what, count) in [
            ("nodes with other parents or contents", moved),
            ("meshes of other parts", split.count()),
            ("parts of other materials", dressed.count()),
        ] {
            if count > 0 {
                return Err(AssetError::Reshaped { what, had: 0, has: count as u64 });
            }
        }
        Ok(())
    }
}

impl Mesh {
    fn is_as(&self, old: &StagedMesh<'_>) -> bool {
        self.bounds == old.bounds && self.positions == old.positions && self.triangles == old.triangles
    }

    fn bytes(&self) -> usize {
        // kept once as they are, and once in the order of a tree
        2 * (size_of_val(&*self.positions) + size_of_val(&*self.triangles))
    }
}

impl<'scene> Project<'scene> {
    /// What loads a file once more; `None` for one that there is not, or that couldn't be loaded the first time.
    pub fn reload_request(&self, file: u32) -> Option<Reload> {
        let file = self.file(file)?;
        file.scene.as_ref()?;
        Some(Reload {
            file: file.id(),
            place: file.place?.to_path_buf(),
            scene: choice_of(&file.entry),
            known: self.images.known(),
            contents: None,
        })
    }

    /// The files that one of the project's files was made of when it was opened.
    pub fn sources_of(&self, file: &ProjectFile<'scene>) -> Vec<(PathBuf, FileStamp)> {
        match (&file.scene, file.place) {
            (Some(scene), Some(place)) => sources(scene, place),
            _ => Vec::new(),
        }
    }

    /// Shows a file as it is now.
    ///
    /// # Errors
    /// When it is of another make, or when there is no room; everything is as it was then.
    pub fn reload(
        &mut self,
        app: &mut AppState<'_>,
        reload: &Reload,
        uploads: &UploadBatch<'_>,
    ) -> Result<(), EditorError> {
        let Some(contents) = &reload.contents else { return Ok(()) };
        let Some(at) = self.files.iter().position(|file| file.id() == reload.file) else { return Ok(()) };
        let file = self.files[at];
        let Some(old) = file.scene else { return Ok(()) };
        let in_file = |error: AssetError| not_reloaded(error.in_file(&reload.place).into());
        contents.check(&old).map_err(in_file)?;
        let changed =
            |at: usize| contents.meshes.get(at).zip(old.meshes.get(at)).is_some_and(|(new, old)| !new.is_as(old));
        let is_moved = old.nodes.iter().zip(&contents.nodes).any(|(old, new)| old.local != new.local);
        let nodes = if is_moved { size_of_val(old.nodes) } else { 0 };
        let meshes =
            (0..old.meshes.len()).filter(|at| changed(*at)).map(|at| contents.meshes[at].bytes()).sum::<usize>();
        let headers = if meshes > 0 { size_of_val(old.meshes) } else { 0 };
        let mut repaint = Repaint::plan(&self.images, (&contents.images, &contents.keys), file.assets.textures)
            .ok_or_else(|| not_reloaded(EditorError::Overtaken))?;
        let bytes = self.reloaded_bytes + nodes + meshes + headers + repaint.bytes();
        if bytes > RELOADED_BYTES_MAX {
            let (path, limit) = (reload.place.clone(), RELOADED_BYTES_MAX);
            return Err(not_reloaded(EditorError::ReloadRoom { path, bytes, limit }));
        }
        let memory = self.memory.with_tag(Tag::PROJECT);
        let mut new = old;
        if is_moved {
            let pairs = old.nodes.iter().zip(&contents.nodes);
            new.nodes = memory.try_alloc_iter(pairs.map(|(old, new)| StagedNode { local: new.local, ..*old }))?;
        }
        if meshes > 0 {
            new.meshes = self.meshes_of(&old, contents, changed)?;
        }
        repaint.prepare(&mut self.images, memory)?;
        let mut scratch = Arena::try_reserve("reload", SCRATCH_BYTES)?;
        let scratch = scratch.open();
        let (mut systems, renderer) = systems(app);
        let scratch = scratch.tagged(Tag::PROJECT);
        let (staged, shown) = (contents.staged(), &mut repaint.textures);
        assets::refresh(&mut systems, renderer, uploads, &staged, &file.assets, shown, scratch).map_err(in_file)?;

        self.files[at].assets.textures = repaint.finish(&mut self.images, &app.textures)?;
        self.reloaded_bytes = bytes;
        self.files[at].scene = Some(new);
        for at in (0..new.meshes.len()).filter(|at| changed(*at)) {
            self.reshape(ShapeId::from_index(file.first_mesh.index() + at as u32), &new.meshes[at])?;
        }
        for ((entity, old), new) in file.entities.iter().zip(old.nodes).zip(new.nodes) {
            let (before, after) = (Local::from_matrix(old.local), Local::from_matrix(new.local));
            if old.local != new.local && scene::local(self.scene, *entity) == Some(before) {
                scene::set_local(self.scene, *entity, after)?;
            }
        }
        self.version += 1;
        Ok(())
    }

    /// Meshes as a file has them now; those that are as they were stay where they are.
    fn meshes_of<I, B>(
        &self,
        old: &StagedScene<'scene, I, B>,
        contents: &Contents,
        changed: impl Fn(usize) -> bool,
    ) -> Result<&'scene [StagedMesh<'scene>], MemoryError> {
        let memory = self.memory.with_tag(Tag::GEOMETRY);
        let list = memory.try_alloc_slice_copy(old.meshes)?;
        for (at, (mesh, new)) in list.iter_mut().zip(&contents.meshes).enumerate() {
            if changed(at) {
                mesh.bounds = new.bounds;
                mesh.positions = memory.try_alloc_slice_copy(&new.positions)?;
                mesh.triangles = memory.try_alloc_slice_copy(&new.triangles)?;
            }
        }
        Ok(list)
    }

    fn reshape(&mut self, shape: ShapeId, mesh: &StagedMesh<'_>) -> Result<(), EditorError> {
        scene::reshape(self.scene, shape, mesh.bounds)?;
        let corners = mesh.triangles.as_flattened();
        if !corners.is_empty()
            && let Err(error) = scene::set_triangles(self.scene, shape, mesh.positions, Some(corners))
        {
            tracing::warn!("a mesh is picked by its box: {error}");
        }
        Ok(())
    }
}
