//! What stands in for what is missing: white where there is no texture, a loud checker where one failed, the sky.

use crate::environments;
use crate::error::RenderError;
use crate::handle::{EnvironmentId, TextureId};
use crate::image_format::ImageFormat;
use crate::renderer::{RendererState, create_environment, create_texture};
use crate::sampler::{Filter, SamplerDesc};
use crate::uploads::UploadBatch;
use crate::usage::GpuLifetime;

const CHECKER_SIDE: u32 = 64;
const CHECKER_CELL: u32 = 8;
const LOUD: [u8; 4] = [255, 0, 220, 255];
const DARK: [u8; 4] = [40, 10, 40, 255];

/// What was made.
pub(crate) struct Made {
    pub(crate) white: TextureId,
    pub(crate) checker: TextureId,
    pub(crate) sky: EnvironmentId,
}

/// White, the checker, the sky, and the batch that has their pixels.
pub(crate) fn create<'app>(renderer: &mut RendererState<'app>) -> Result<(Made, UploadBatch<'app>), RenderError> {
    let mut batch = renderer.gpu.upload_batch(1 << 20);
    let (white, pixels) = batch.try_image([1, 1], ImageFormat::Rgba8Srgb)?;
    pixels.fill(255);
    let (checker, pixels) = batch.try_image([CHECKER_SIDE; 2], ImageFormat::Rgba8Srgb)?;
    for (index, pixel) in pixels.chunks_exact_mut(4).enumerate() {
        let (x, y) = (index as u32 % CHECKER_SIDE, index as u32 / CHECKER_SIDE);
        let odd = (x / CHECKER_CELL + y / CHECKER_CELL) % 2 == 1;
        pixel.copy_from_slice(if odd { &LOUD } else { &DARK });
    }
    let sharp = SamplerDesc { magnify: Filter::Nearest, ..SamplerDesc::default() };
    let white = create_texture(renderer, &batch, white, SamplerDesc::default(), GpuLifetime::Permanent)?;
    let checker = create_texture(renderer, &batch, checker, sharp, GpuLifetime::Permanent)?;
    let sky = environments::sky(&mut batch)?;
    let sky = create_environment(renderer, &batch, sky, GpuLifetime::Permanent)?;
    Ok((Made { white, checker, sky }, batch))
}
