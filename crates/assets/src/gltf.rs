//! Loading glTF 2.0 files: a document and its buffers and images become a [`StagedScene`] in the scene arena, vertices and
//! pixels go straight into upload memory.
//!
//! Source: Khronos, *glTF 2.0 Specification*. Chapters are named where a rule is applied.
//!
//! # Invariants
//! 1. Nothing in a file is trusted: every offset, count, stride and index is compared with what it must lie in before use.
//! 2. The parsed document and the scratch memory end before [`load`] returns, whether it succeeds or not.
//! 3. Memory is bounded by [`LoadLimits`], the scene arena and the upload memory's own budget, whatever the file says.
//!
//! # Deliberately absent
//! Draco, Basis Universal, WebP; extensions that `docs/gltf.md` doesn't list are ignored with a note, or refused
//! when the file requires them.

mod accessor;
mod animations;
mod cameras;
mod compression;
mod decode;
pub(crate) mod document;
mod extension;
mod images;
mod instancing;
mod kept;
mod materials;
mod meshes;
mod nodes;
mod plan;
mod skins;
mod source;
mod store;
mod tangents;
mod textures;
mod triangles;
mod uri;
mod variants;
mod vertices;

use std::path::Path;

use voltrum_memory::{Arena, ArenaConfig, PagePolicy, Scope, Tag};

use ::gltf::json;

use crate::progress::Stage;
use crate::staged::{StagedCamera, StagedCounts, StagedLight, StagedNode, StagedScene};
use crate::stamp::FileStamp;
use crate::upload::{Loading, SceneChoice, Shapes, UploadMemory};
use crate::{AssetError, LoadLimits, Progress};
use animations::Placing;
use document::{EXTENSIONS, Opened};
use plan::Context;
use source::Sources;
use store::Store;

pub(crate) use uri::inside;

/// Loads the file at `path` into `memory`. Runs on any thread; the result is plain data and may change threads.
///
/// On an error nothing of the scene stays but the bytes that `memory` had handed out, which end with its scope.
///
/// # Errors
/// [`AssetError`], with the file's name in it. Its [`kind`](AssetError::kind) says whether the file, the memory or the
/// disk is to blame.
///
/// # Examples
/// ```
/// use voltrum_assets::{gltf, ErrorKind, HostUploads, Loading, Progress};
/// use voltrum_memory::{Arena, Tag};
///
/// let (mut scene, mut staging) = (Arena::try_reserve("scene", 1 << 20)?, Arena::try_reserve("staging", 1 << 20)?);
/// let (scene, staging) = (scene.open(), staging.open());
/// let mut uploads = HostUploads::new_in(staging.tagged(Tag::STAGING), 1 << 20);
/// let progress = Progress::new();
/// let loaded = gltf::load("lamp.gltf".as_ref(), &scene, &mut Loading::new(&mut uploads, &progress));
/// assert_eq!(loaded.err().map(|error| error.kind()), Some(ErrorKind::Io));
/// # Ok::<(), voltrum_memory::MemoryError>(())
/// ```
pub fn load<'s, U: UploadMemory>(
    path: &Path,
    memory: &Scope<'s>,
    loading: &mut Loading<'_, U>,
) -> Result<StagedScene<'s, U::Image, U::Buffer>, AssetError> {
    let mut scratch = Arena::try_reserve_with(&ArenaConfig {
        // The scratch is used front to back and given back: small pages keep its peak what is used.
        pages: PagePolicy::Small,
        ..ArenaConfig::new("load scratch", loading.limits.scratch_bytes_max)
    })?;
    let loaded = load_with(path, memory, loading, scratch.open()).map_err(|error| error.in_file(path))?;
    tracing::info!(
        file = %path.display(),
        nodes = loaded.nodes.len(),
        triangles = loaded.counts.triangles,
        images = loaded.images.len(),
        "loaded"
    );
    for note in loaded.notes {
        tracing::info!(file = %path.display(), "{note}");
    }
    Ok(loaded)
}

fn load_with<'s, U: UploadMemory>(
    path: &Path,
    memory: &Scope<'s>,
    loading: &mut Loading<'_, U>,
    mut scratch: Scope<'_>,
) -> Result<StagedScene<'s, U::Image, U::Buffer>, AssetError> {
    let progress: &Progress = loading.progress;
    progress.expect_files(1);
    progress.begin(Stage::Document);
    progress.begin_file(format_args!("{}", path.display()));
    progress.advance(0)?;
    let stamp = FileStamp::of(path).unwrap_or_default();
    let Opened { root, file, chunk } = document::open(path, &loading.limits, progress, &mut scratch)?;
    let mut store = Store::carve::<U::Image, U::Buffer>(&root, &loading.limits, memory)?;
    let mut sources = Sources::open(&root, path, file, chunk, &scratch)?;
    let files = source::list(&root, path, stamp, &store, &mut scratch)?;
    for name in &root.extensions_used {
        if !EXTENSIONS.contains(&name.as_str()) {
            store.note(format_args!("the extension {name} is not supported and was ignored"))?;
        }
    }
    store.counts = StagedCounts {
        animations: root.animations.len() as u32,
        skins: root.skins.len() as u32,
        ..StagedCounts::default()
    };
    progress.finish_file();

    // What is small is checked first, so that most broken files fail before any vertex or pixel is touched.
    let limits = loading.limits;
    let tables = tables(&root, &limits, loading.scene, &mut store, &mut sources, &mut scratch)?;
    let Tables { nodes, used, joints, positions, .. } = tables;
    let placing = Placing { positions, nodes };
    let moving = if root.animations.is_empty() && root.skins.is_empty() {
        store.tagged(Tag::SCENE)
    } else {
        let bytes = animations::room(&root, &limits, &placing)?.saturating_add(skins::room(&root));
        memory.try_child("animations", bytes)?.into_tagged(Tag::SCENE)
    };
    let small = scratch.try_child("materials", materials::room(&root, &limits))?.into_tagged(Tag::STAGING);
    let materials = materials::build(&root, &limits, &mut store, small)?;
    let wanted = (materials.images, &mut *materials.textures);
    let found = images::find(&root, wanted, &mut sources, stamp, loading, memory, &scratch)?;
    progress.advance(0)?;

    progress.begin(Stage::Geometry);
    let context =
        Context { root: &root, limits, used, joints, uv_sets: materials.uv_sets, materials: materials.materials };
    let mut inner = scratch.temp();
    let skins = skins::build(&root, positions, &limits, moving, &mut sources, &mut store, &mut inner)?;
    let animations = animations::build(&root, &limits, &placing, moving, &mut sources, &mut store, &mut inner)?;
    let meshes = meshes::build(&context, memory, &mut sources, loading, &mut store, &mut inner)?;
    if let Some(hear) = loading.on_shapes.filter(|_| !found.is_empty()) {
        let white = [1.0; 4];
        let color = |material: Option<u32>| {
            material
                .and_then(|at| materials.materials.get(at as usize))
                .map_or(white, |material| material.surface.base_color)
        };
        let temp = inner.temp();
        let primitives =
            meshes.primitives.iter().map(|primitive| (primitive.triangle_count, color(primitive.material)));
        let primitives = temp.try_alloc_iter(primitives)?;
        hear(&Shapes { nodes, meshes: meshes.meshes, primitives });
    }
    progress.advance(0)?;
    materials.materials.iter().for_each(|material| loading.uploads.announce(&material.surface));
    progress.begin(Stage::Images);
    let images = images::build(&root, found, loading, &mut store, &mut inner)?;

    let bounds = nodes::bounds(nodes, meshes.meshes, &inner)?;
    let scenes = store.tagged(Tag::SCENE).try_alloc_slice_fill_with(root.scenes.len(), |_| "")?;
    for (slot, scene) in scenes.iter_mut().zip(&root.scenes) {
        *slot = store.name(Tag::SCENE, scene.name.as_deref())?;
    }
    let scenes: &'s [&'s str] = scenes;
    let scene = StagedScene {
        name: tables.scene.and_then(|scene| scenes.get(scene as usize)).copied().unwrap_or(""),
        generator: store.name(Tag::SCENE, root.asset.generator.as_deref())?,
        nodes,
        meshes: meshes.meshes,
        primitives: meshes.primitives,
        materials: materials.materials,
        textures: materials.textures,
        images,
        cameras: tables.cameras,
        lights: tables.lights,
        skins,
        animations,
        variants: variants::names(&root, &mut store)?,
        variant_materials: meshes.variants,
        scenes,
        scene: tables.scene,
        sources: files,
        bounds,
        counts: store.counts,
        notes: store.into_notes()?,
    };
    loading.uploads.try_reserve()?;
    progress.begin(Stage::Done);
    Ok(scene)
}

/// What is small: the hierarchy and what stands in it.
struct Tables<'s, 'x> {
    nodes: &'s [StagedNode<'s>],
    cameras: &'s [StagedCamera<'s>],
    lights: &'s [StagedLight<'s>],
    /// Which of the document's scenes is shown.
    scene: Option<u32>,
    /// By the document's number: where each node is.
    positions: &'x [u32],
    /// By the document's number: whether each mesh is shown, and how many joints its skins have at least.
    used: &'x [bool],
    joints: &'x [u32],
}

fn tables<'s, 'x>(
    root: &json::Root,
    limits: &LoadLimits,
    scene: SceneChoice<'_>,
    store: &mut Store<'s>,
    sources: &mut Sources<'_>,
    scratch: &mut Scope<'x>,
) -> Result<Tables<'s, 'x>, AssetError> {
    let used = scratch.try_alloc_zeroed::<bool>(root.meshes.len())?;
    let joints = scratch.try_alloc_zeroed::<u32>(root.meshes.len())?;
    let positions = scratch.try_alloc_slice_fill_with(root.nodes.len(), |_| nodes::NONE)?;
    let mut temp = scratch.temp();
    let mut inner = temp.try_child("hierarchy", nodes::room(root, limits))?;
    let inner = inner.open();
    let small = inner.tagged(Tag::STAGING);
    let scene = nodes::shown(root, scene)?;
    let placed = nodes::order(root, scene, limits, store, small)?;
    nodes::positions(placed, positions);
    nodes::mark_meshes(root, placed, used, joints)?;
    let instances = instancing::find(root, placed, limits, store, small)?;
    let nodes = nodes::build(root, placed, instances, sources, store, &mut temp)?;
    let cameras = cameras::cameras(root, limits, store)?;
    let lights = cameras::lights(root, limits, store)?;
    Ok(Tables { nodes, cameras, lights, scene, positions, used, joints })
}
