//! A loaded project before it is opened: its document, what its journal gives back, and the glTF files that it refers to.
//! Plain data in the scene arena, made on a worker.
//!
//! # Invariants
//! 1. A glTF file that is missing or bad is no failure of the project: its fault is told, and the reference stays.
//! 2. No reference leads out of the project's folder, links followed.

use super::built::Built;
use super::draft;
use super::images::{self, ImageIndex};
use super::request::{ProjectRequest, is_project};
use crate::error::EditorError;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};
use voltrum::assets::geometry::GeometryLimits;
use voltrum::assets::materials::MaterialLimits;
use voltrum::assets::textures::TextureLimits;
use voltrum::assets::{
    AssetError, ErrorKind, ImageKey, Loading, SceneChoice, StagedImage, StagedScene, UploadMemory, gltf,
};
use voltrum::memory::{Arena, ArenaVec, MemoryError, Scope, Tag, Tagged};
use voltrum::platform::PlatformError;
use voltrum::platform::files::{FileSystem, SystemFiles, SystemLock};
use voltrum::render::{BufferUpload, ImageUpload};
use voltrum::scene::Entity;
use voltrum::scene::pick::Bvh;
use voltrum::scene::project::{self, Damage, FileEntry, Intent, LoadedProject, ProjectError, ProjectLimits};

/// Address space for what a project's own files say, where the arena has that much left.
const DOCUMENT_BYTES: usize = 1 << 30;

/// How often a project that is being saved meanwhile is read again.
const LOOKS_MAX: u32 = 5;

/// What rays are to meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picking {
    /// Triangles: a tree is built for each mesh.
    Exact,
    /// Boxes around meshes: for what nobody clicks at.
    Boxes,
}

/// A glTF file of a project.
#[derive(Clone, Copy, Debug)]
pub struct StagedFile<'s, I = ImageUpload, B = BufferUpload> {
    /// How the project refers to it.
    pub entry: FileEntry<'s>,
    /// Where it is, with links followed, as far as that is known.
    pub place: Option<&'s Path>,
    /// What is in it; `None` where it couldn't be loaded.
    pub scene: Option<StagedScene<'s, I, B>>,
    /// By mesh: its triangles as a tree that rays ask, where there was room for one.
    pub trees: &'s [Option<&'s Bvh<'s>>],
    /// Why it couldn't be.
    pub fault: &'s str,
    /// Whether the document lists it; else the journal brings it in.
    pub is_in_document: bool,
}

/// A loaded project before it is opened.
#[derive(Debug)]
pub struct StagedProject<'s, I = ImageUpload, B = BufferUpload> {
    /// Its path as given, for people; empty for one that has no file.
    pub path: &'s str,
    /// The project's own files; `None` for one that was never saved.
    pub loaded: Option<LoadedProject<'s, SystemLock>>,
    /// The glTF files that it refers to.
    pub files: &'s [StagedFile<'s, I, B>],
    /// Of an import: what its topmost nodes stand below.
    pub under: Option<Entity>,
    /// Whether its own files are a draft: it was never saved.
    pub is_draft: bool,
    /// Whether it is a project at all; else it stands for none.
    pub is_open: bool,
    /// What it becomes, where that was made on the worker too; else it is made when it is opened.
    pub built: Option<Built<'s>>,
}

impl<I, B> StagedProject<'_, I, B> {
    /// The project that is open while there is none.
    pub const EMPTY: Self =
        StagedProject { path: "", loaded: None, files: &[], under: None, is_draft: false, is_open: false, built: None };
}

/// Loads what was asked for into the scene arena; on a worker.
///
/// # Errors
/// What the files or an arena say. A project's glTF files that are missing or bad are no failure.
pub fn load<'s, U: UploadMemory>(
    request: &ProjectRequest,
    intent: Intent,
    memory: &Scope<'s>,
    loading: &mut Loading<'_, U>,
) -> Result<StagedProject<'s, U::Image, U::Buffer>, EditorError> {
    let picking = if intent == Intent::Edit { Picking::Exact } else { Picking::Boxes };
    let mut staged = match request {
        ProjectRequest::Close => StagedProject::EMPTY,
        ProjectRequest::New => StagedProject { is_open: true, ..StagedProject::EMPTY },
        ProjectRequest::Import { path, under, images } => {
            let mut arena = images::index_arena()?;
            let scratch = arena.open();
            let index = images.index(scratch.tagged(Tag::TEXTURE))?;
            let known = |key: &ImageKey<&Path>| index.find(key);
            let loading = &mut Loading { known: Some(&known), ..loading.lend() };
            StagedProject { under: *under, ..load_gltf(path, picking, memory, loading)? }
        }
        ProjectRequest::Recover(path) => load_draft(path, picking, memory, loading)?,
        ProjectRequest::Open(path) if is_project(path) => {
            let staged = load_project(path, intent, picking, memory, loading)?;
            // a path that was mistyped would become a project otherwise
            if staged.loaded.as_ref().is_some_and(|loaded| loaded.is_new) {
                return Err(EditorError::NoProject { path: path.clone() });
            }
            staged
        }
        ProjectRequest::Open(path) => load_gltf(path, picking, memory, loading)?,
        ProjectRequest::OpenScene { path, scene } => {
            load_gltf(path, picking, memory, &mut Loading { scene: scene.choice(), ..loading.lend() })?
        }
    };
    if intent == Intent::Edit {
        check_room(&staged)?;
    }
    if !matches!(request, ProjectRequest::Import { .. }) {
        staged.built = Some(Built::of(&staged, open_memory(memory)?)?);
    }
    Ok(staged)
}

/// Refuses what the systems would have no place for, while the project that is open can still stay.
fn check_room<I: Copy, B>(staged: &StagedProject<'_, I, B>) -> Result<(), EditorError> {
    let scenes = || staged.files.iter().filter_map(|file| file.scene.as_ref());
    let textures = |scene: &StagedScene<'_, I, B>| scene.images.iter().filter_map(StagedImage::upload).count();
    // each system keeps a few places for itself
    for (what, count, limit) in [
        (
            "meshes",
            scenes().map(|scene| scene.primitives.len()).sum::<usize>(),
            GeometryLimits::default().meshes_max - 1,
        ),
        ("materials", scenes().map(|scene| scene.materials.len()).sum(), MaterialLimits::default().materials_max - 2),
        ("textures", scenes().map(textures).sum(), TextureLimits::default().textures_max - 1),
    ] {
        if count > limit as usize {
            return Err(EditorError::TooMany { path: staged.path.to_owned(), what, count, limit });
        }
    }
    Ok(())
}

/// A glTF file as a project that refers to it, or as what is to be imported.
///
/// # Errors
/// As [`load`].
pub fn load_gltf<'s, U: UploadMemory>(
    path: &Path,
    picking: Picking,
    memory: &Scope<'s>,
    loading: &mut Loading<'_, U>,
) -> Result<StagedProject<'s, U::Image, U::Buffer>, EditorError> {
    keep_what_is_picked(picking, loading);
    let scene = gltf::load(path, memory, loading)?;
    let chosen = scene.scene.filter(|_| loading.scene != SceneChoice::Usual);
    let own = own_memory(memory)?;
    let place = SystemFiles.real_path(path, own).ok();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let entry = FileEntry { id: 1, path: memory.try_alloc_str(&name)?, scene: chosen, unknown: &[] };
    let trees = trees(&scene, picking, own, loading)?;
    let file = StagedFile { entry, place, scene: Some(scene), trees, fault: "", is_in_document: true };
    Ok(StagedProject {
        path: shown(path, memory)?,
        files: memory.try_alloc_slice_copy(&[file])?,
        is_open: true,
        ..StagedProject::EMPTY
    })
}

/// A project's document, journal and glTF files. One that isn't there is new.
///
/// # Errors
/// As [`load`].
pub fn load_project<'s, U: UploadMemory>(
    path: &Path,
    intent: Intent,
    picking: Picking,
    memory: &Scope<'s>,
    loading: &mut Loading<'_, U>,
) -> Result<StagedProject<'s, U::Image, U::Buffer>, EditorError> {
    load_own(path, (intent, false), picking, memory, loading)
}

/// An untitled project that a crash has left.
fn load_draft<'s, U: UploadMemory>(
    path: &Path,
    picking: Picking,
    memory: &Scope<'s>,
    loading: &mut Loading<'_, U>,
) -> Result<StagedProject<'s, U::Image, U::Buffer>, EditorError> {
    let mut staged = load_own(path, (Intent::Edit, true), picking, memory, loading)?;
    let Some(loaded) = staged.loaded.as_ref().filter(|loaded| !loaded.is_new) else {
        return Err(EditorError::NoProject { path: path.to_path_buf() });
    };
    if let project::Access::ReadOnly { reason, .. } = &loaded.access {
        return Err(EditorError::NotRecovered { path: path.to_path_buf(), reason: (*reason).to_owned() });
    }
    // it goes by its file, where it began as one
    staged.path = match staged.files {
        [StagedFile { place: Some(place), is_in_document: true, .. }, ..] => shown(place, memory)?,
        _ => "",
    };
    Ok(staged)
}

fn load_own<'s, U: UploadMemory>(
    path: &Path,
    (intent, is_draft): (Intent, bool),
    picking: Picking,
    memory: &Scope<'s>,
    loading: &mut Loading<'_, U>,
) -> Result<StagedProject<'s, U::Image, U::Buffer>, EditorError> {
    keep_what_is_picked(picking, loading);
    let own = own_memory(memory)?;
    let mut looks = 0;
    let loaded = loop {
        let loaded = project::load(&SystemFiles, path, intent, unix_secs(), &ProjectLimits::default(), own)?;
        looks += 1;
        // saved between two looks, by the one who has it open
        let is_between = intent == Intent::Look && loaded.recovery.damage == Some(Damage::OtherProject);
        if !is_between || looks == LOOKS_MAX {
            break loaded;
        }
    };
    let folder = loaded.path().parent().filter(|_| !is_draft);
    let mut arena = images::index_arena()?;
    let scratch = arena.open();
    let mut images = ImageIndex::new_in(scratch.tagged(Tag::TEXTURE));
    let mut files = ArenaVec::new_in(own);
    let mut load = |entry, is_in_document| -> Result<StagedFile<'s, U::Image, U::Buffer>, EditorError> {
        let known = |key: &ImageKey<&Path>| images.find(key);
        let loading = &mut Loading { known: Some(&known), ..loading.lend() };
        let file = load_file(entry, (is_in_document, picking), folder, memory, own, loading)?;
        images.add_file(&file)?;
        Ok(file)
    };
    for entry in loaded.document.files {
        files.try_push(load(*entry, true)?)?;
    }
    for step in loaded.recovery.replay() {
        // what this version doesn't understand is told by the replay
        let Ok(mut step) = step else { break };
        while let Ok(Some(entry)) = step.next_import() {
            if !files.iter().any(|file: &StagedFile<'_, _, _>| file.entry.id == entry.id) {
                files.try_push(load(entry, false)?)?;
            }
        }
    }
    let (path, files) = (shown(path, memory)?, &*files.into_slice());
    Ok(StagedProject { path, loaded: Some(loaded), files, is_draft, is_open: true, ..StagedProject::EMPTY })
}

/// `folder` is the project's; a draft has none: its references say where the files are.
fn load_file<'s, U: UploadMemory>(
    entry: FileEntry<'s>,
    (is_in_document, picking): (bool, Picking),
    folder: Option<&Path>,
    memory: &Scope<'s>,
    own: Tagged<'s>,
    loading: &mut Loading<'_, U>,
) -> Result<StagedFile<'s, U::Image, U::Buffer>, EditorError> {
    let path = match folder {
        Some(folder) => folder.join(entry.path),
        None => draft::place_of(&entry).unwrap_or_else(|| PathBuf::from(entry.path)),
    };
    let (mut entry, mut place) = (entry, None);
    if folder.is_none() {
        // from here on the place says where it is, and the reference is a name, as in a project that was never saved
        place = Some(Path::new(shown(&path, memory)?));
        entry = FileEntry { path: super::disk::title_of(entry.path), unknown: &[], ..entry };
    }
    let missing = |fault: &'s str| StagedFile { entry, place, scene: None, trees: &[], fault, is_in_document };
    let place = match SystemFiles.real_path(&path, own) {
        Ok(place) => place,
        Err(PlatformError::Memory(error)) => return Err(error.into()),
        Err(error) => return Ok(missing(own.try_alloc_fmt(format_args!("{error}"))?)),
    };
    if folder.is_some_and(|folder| !place.starts_with(folder)) {
        let fault = format_args!("{}: a link leads out of the project's folder; put the file into it", path.display());
        return Ok(missing(own.try_alloc_fmt(fault)?));
    }
    let loading = &mut Loading { scene: choice_of(&entry), ..loading.lend() };
    match gltf::load(place, memory, loading) {
        Ok(scene) => {
            let trees = trees(&scene, picking, own, loading)?;
            Ok(StagedFile { place: Some(place), scene: Some(scene), trees, ..missing("") })
        }
        Err(error) if is_of_the_file(&error) => {
            Ok(StagedFile { place: Some(place), ..missing(own.try_alloc_fmt(format_args!("{error}"))?) })
        }
        Err(error) => Err(error.into()),
    }
}

/// Which of a file's scenes a reference means.
pub(super) fn choice_of(entry: &FileEntry<'_>) -> SceneChoice<'static> {
    entry.scene.map_or(SceneChoice::Usual, SceneChoice::Number)
}

/// The trees of a file's meshes. Where the arena has no room for one, rays meet the mesh's box.
fn trees<'s, U: UploadMemory>(
    scene: &StagedScene<'s, U::Image, U::Buffer>,
    picking: Picking,
    own: Tagged<'s>,
    loading: &Loading<'_, U>,
) -> Result<&'s [Option<&'s Bvh<'s>>], EditorError> {
    if picking == Picking::Boxes {
        return Ok(&[]);
    }
    let own = own.with_tag(Tag::SCENE);
    let mut trees = ArenaVec::try_with_capacity_in(scene.meshes.len(), own)?;
    for mesh in scene.meshes {
        loading.progress.advance(0)?;
        let is_kept = !mesh.triangles.is_empty();
        let tree = is_kept.then(|| Bvh::over(own, mesh.positions, mesh.triangles)).and_then(Result::ok);
        trees.try_push(match tree.map(|tree| own.try_alloc(tree)) {
            Some(Ok(tree)) => Some(&*tree),
            _ => None,
        })?;
    }
    Ok(trees.into_slice())
}

/// Triangles that nobody clicks at are not kept.
fn keep_what_is_picked<U: UploadMemory>(picking: Picking, loading: &mut Loading<'_, U>) {
    if picking == Picking::Boxes {
        loading.limits.picking_bytes_max = 0;
    }
}

/// Whether the file is to blame, and not the machine.
fn is_of_the_file(error: &AssetError) -> bool {
    matches!(error.kind(), ErrorKind::BadFile | ErrorKind::Io)
}

fn shown<'s>(path: &Path, memory: &Scope<'s>) -> Result<&'s str, MemoryError> {
    Ok(memory.try_alloc_fmt(format_args!("{}", path.display()))?)
}

/// Memory as long as the scope's own, for the open project: three quarters of what is left.
fn open_memory<'s>(memory: &Scope<'s>) -> Result<Tagged<'s>, MemoryError> {
    let bytes = memory.tagged(Tag::PROJECT).left() / 4 * 3;
    Ok(memory.try_child("open project", bytes)?.into_tagged(Tag::PROJECT))
}

/// Memory as long as the scope's own, for what takes a handle.
fn own_memory<'s>(memory: &Scope<'s>) -> Result<Tagged<'s>, MemoryError> {
    let mut bytes = DOCUMENT_BYTES;
    loop {
        match memory.try_child("project", bytes) {
            Err(_) if bytes > 1 << 20 => bytes /= 2,
            child => return child.map(|child: Arena<'s>| child.into_tagged(Tag::PROJECT)),
        }
    }
}

/// Seconds since 1970.
pub(crate) fn unix_secs() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// For errors that a project's files make.
impl From<ProjectError> for EditorError {
    fn from(error: ProjectError) -> EditorError {
        match error {
            ProjectError::Platform(error) => error.into(),
            ProjectError::Memory(error) => error.into(),
            ProjectError::Scene(error) => error.into(),
            error => EditorError::Project(error),
        }
    }
}
