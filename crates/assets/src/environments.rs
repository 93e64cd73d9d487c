//! Environments: what surrounds a scene, from Radiance pictures.

use std::path::Path;

use voltrum_memory::{Arena, ArenaConfig, PagePolicy, Tag};
use voltrum_render::{EnvironmentUpload, UploadBatch, renderer};

use crate::AssetError;
use crate::fault::{Fault, Named, Place};
use crate::file::{open_file, read_at};
use crate::image::hdr;
use crate::words::words;
use crate::{LoadLimits, Progress};

/// Reads the `.hdr` file at `path`, a picture of everything around (equirectangular), and filters it into `batch`. Takes a
/// good part of a second: call it on a worker. [`renderer::create_environment`] makes an environment of the result.
///
/// # Errors
/// [`AssetError`], with the file's name in it.
///
/// # Examples
/// ```no_run
/// # fn open(gpu: &voltrum_render::Gpu) -> Result<(), voltrum_assets::AssetError> {
/// use voltrum_assets::{LoadLimits, Progress, load_environment};
///
/// let (mut batch, progress) = (gpu.upload_batch(64 << 20), Progress::new());
/// let sky = load_environment("studio.hdr".as_ref(), &mut batch, &LoadLimits::default(), &progress)?;
/// # let _ = sky;
/// # Ok(())
/// # }
/// ```
pub fn load_environment(
    path: &Path,
    batch: &mut UploadBatch<'_>,
    limits: &LoadLimits,
    progress: &Progress,
) -> Result<EnvironmentUpload, AssetError> {
    load(path, batch, limits, progress).map_err(|error| error.in_file(path))
}

fn load(
    path: &Path,
    batch: &mut UploadBatch<'_>,
    limits: &LoadLimits,
    progress: &Progress,
) -> Result<EnvironmentUpload, AssetError> {
    let (mut file, length) = open_file(path)?;
    if length > limits.image_bytes_max {
        return Err(AssetError::limit("bytes in one image file", length, limits.image_bytes_max, "image_bytes_max"));
    }
    progress.expect_bytes(length);
    progress.expect_files(1);
    let mut arena = Arena::try_reserve_with(&ArenaConfig {
        pages: PagePolicy::Small,
        ..ArenaConfig::new("environment scratch", limits.scratch_bytes_max)
    })?;
    let scratch = arena.open();
    let bytes = scratch.try_alloc_zeroed::<u8>(length as usize)?;
    read_at(&mut file, 0, bytes).map_err(|error| AssetError::io(path, error))?;
    let broken = |problem: &str| {
        AssetError::from(Fault::Image {
            place: Place::new("image", 0),
            name: Named::new(None),
            problem: words(problem),
        })
    };
    let info = hdr::probe(bytes).map_err(broken)?;
    if info.size.iter().any(|side| *side > limits.image_side_max) {
        return Err(broken("it is larger than `image_side_max`"));
    }
    let pixels = scratch.try_alloc_zeroed::<[f32; 3]>(info.pixels())?;
    hdr::decode(bytes, info, pixels).map_err(broken)?;
    progress.advance(length)?;
    let upload = renderer::try_environment(batch, info.size, pixels.as_flattened(), scratch.tagged(Tag::STAGING))?;
    progress.finish_file();
    Ok(upload)
}
