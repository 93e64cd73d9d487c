//! Loading glTF 2.0 files: a document and its buffers and images become a [`StagedScene`] in the scene arena, vertices and
//! pixels go straight into upload memory.
//!
//! Source: Khronos, *glTF 2.0 Specification*. Chapters are named where a rule is applied.
//!
//! # Invariants
//! 1. Nothing in a file is trusted: every offset, count, stride and index is compared with what it must lie in before use.
//! 2. The parsed document and the scratch memory end before [`load`] returns, whether it succeeds or not.
//! 3. Memory is bounded by [`LoadLimits`](crate::LoadLimits), the scene arena and the upload memory's own budget, whatever the file says.
//!
//! # Deliberately absent
//! Animations, skins and morph targets (shown at rest, with a note), textures besides the base colour's, points and lines.

mod accessor;
pub(crate) mod document;
mod images;
mod kept;
mod materials;
mod meshes;
mod nodes;
mod source;
mod store;
mod triangles;
mod uri;

use std::path::Path;

use voltrum_memory::{Arena, ArenaConfig, PagePolicy, Scope, Tag};

use crate::progress::Stage;
use crate::staged::{StagedCounts, StagedScene};
use crate::upload::{Loading, UploadMemory};
use crate::{AssetError, Progress};
use document::{EXTENSIONS, Opened};
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
    progress.begin(Stage::Document);
    progress.advance(0)?;
    let Opened { root, file, chunk } = document::open(path, &loading.limits, progress, &mut scratch)?;
    let mut store = Store::carve::<U::Image, U::Buffer>(&root, &loading.limits, memory)?;
    let mut sources = Sources::open(&root, path, file, chunk, &scratch)?;
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
    if store.counts.animations > 0 {
        store.note(format_args!("animations are not played yet"))?;
    }

    // What is small is checked first, so that most broken files fail before any vertex or pixel is touched.
    let used = scratch.try_alloc_zeroed::<bool>(root.meshes.len())?;
    let images = scratch.try_alloc_zeroed::<u32>(root.images.len().min(loading.limits.materials_max as usize))?;
    let (nodes, materials, textures, images) = {
        let temp = scratch.temp();
        let small = temp.tagged(Tag::STAGING);
        let placed = nodes::order(&root, &loading.limits, &mut store, small)?;
        nodes::mark_meshes(&root, placed, used)?;
        let nodes = nodes::build(&root, placed, &mut store)?;
        let built = materials::build(&root, &loading.limits, &mut store, small)?;
        let images = images.get_mut(..built.images.len()).unwrap_or_default();
        images.copy_from_slice(built.images);
        (nodes, built.materials, built.textures, &*images)
    };
    let cameras = materials::cameras(&root, &loading.limits, &mut store)?;
    images::expect(&root, images, &sources, progress, &mut scratch);
    progress.advance(0)?;

    progress.begin(Stage::Geometry);
    let meshes = meshes::build(&root, used, memory, &mut sources, loading, &mut store, &mut scratch)?;
    progress.begin(Stage::Images);
    let images = images::build(&root, images, &mut sources, loading, &mut store, &mut scratch)?;
    store.counts.image_bytes = images.iter().map(|image| u64::from(image.size[0]) * u64::from(image.size[1]) * 4).sum();

    let bounds = nodes::bounds(nodes, meshes.meshes, &scratch)?;
    let scene = root.scenes.get(root.scene.map_or(0, |scene| scene.value()));
    let scene = StagedScene {
        name: store.name(Tag::SCENE, scene.and_then(|scene| scene.name.as_deref()))?,
        generator: store.name(Tag::SCENE, root.asset.generator.as_deref())?,
        nodes,
        meshes: meshes.meshes,
        primitives: meshes.primitives,
        materials,
        textures,
        images,
        cameras,
        bounds,
        counts: store.counts,
        notes: store.into_notes()?,
    };
    progress.begin(Stage::Done);
    Ok(scene)
}
