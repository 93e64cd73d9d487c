//! Pipelines that a load makes on its thread, so that no frame has to when it first draws what was loaded.
//!
//! # Invariants
//! 1. None is needed: what is not made early, is made by the frame that draws with it.
//! 2. They are of the built-in shaders; where a renderer draws with others, nothing is made early.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};

use crate::error::RenderError;
use crate::look::ViewMode;
use crate::materials::{Coverage, MaterialDesc};
use crate::meshes::Topology;
use crate::passes::{MESH_PIPELINES, MeshKey, Passes};
use crate::pipelines::Pipelines;
use crate::renderer::RendererState;
use crate::shaders::Shaders;
use crate::uploads::UploadBatch;
use crate::vulkan::Device;

/// What loaders must know of the renderer: which mesh pipelines there are, and what it draws with.
#[derive(Debug, Default)]
pub(crate) struct PipelineNeeds {
    /// A bit for each [`MeshKey`].
    made: [AtomicU64; MESH_PIPELINES.div_ceil(64)],
    /// A bit for each number of samples that targets have had: 1 and 4.
    samples: AtomicU8,
    /// Shaders that are not built in.
    others: AtomicBool,
}

impl PipelineNeeds {
    pub(crate) fn note_samples(&self, samples: u32) {
        self.samples.fetch_or(samples as u8, Ordering::Relaxed);
    }

    #[cfg(feature = "live-shaders")]
    pub(crate) fn note_shaders(&self, are_others: bool) {
        self.others.store(are_others, Ordering::Relaxed);
    }

    pub(crate) fn note_made(&self, index: usize) {
        self.made[index / 64].fetch_or(1 << (index % 64), Ordering::Relaxed);
    }

    fn forget(&self, index: usize) {
        self.made[index / 64].fetch_and(!(1 << (index % 64)), Ordering::Relaxed);
    }

    /// The keys of a shaded surface for which there is nothing yet.
    fn missing(&self, desc: &MaterialDesc) -> impl Iterator<Item = MeshKey> {
        let (shading, coverage) = (desc.shading(), desc.coverage());
        let drawn = [1, 4].map(|samples| {
            let key = MeshKey::new(ViewMode::Shaded, shading, coverage, Topology::Triangles, samples, false);
            (self.samples.load(Ordering::Relaxed) & samples as u8 != 0).then_some(key)
        });
        let casts = (coverage != Coverage::Blend).then(|| MeshKey::shadow(coverage));
        let is_missing = |key: &MeshKey| {
            let index = key.index();
            self.made[index / 64].load(Ordering::Relaxed) >> (index % 64) & 1 == 0
        };
        let wanted = !self.others.load(Ordering::Relaxed);
        drawn.into_iter().chain([casts]).flatten().filter(move |key| wanted && is_missing(key))
    }
}

/// What a load has made. What nobody takes is missing again.
pub(crate) struct EarlyPipelines<'gpu> {
    device: &'gpu Device,
    passes: Passes<'gpu>,
}

impl Drop for EarlyPipelines<'_> {
    fn drop(&mut self) {
        self.passes.meshes.places().iter().for_each(|index| self.device.pipeline_needs().forget(index));
    }
}

impl UploadBatch<'_> {
    /// A material like this one is going to be drawn: makes the pipelines for it that there aren't yet, so that no frame has
    /// to wait for them. Takes as long as some frames: call it on a loader's thread. Where it fails, the frame makes them.
    pub fn expect_material(&mut self, desc: &MaterialDesc) {
        let device = self.gpu().device();
        for key in device.pipeline_needs().missing(desc) {
            if let Err(error) = self.make_early(key) {
                tracing::debug!(%error, "pipelines are left to the frame that draws with them");
                return;
            }
        }
    }

    fn make_early(&mut self, key: MeshKey) -> Result<(), RenderError> {
        let device = self.gpu().device();
        let early = match &mut self.early {
            Some(early) => early,
            // Of its own: the renderer's are its thread's, and layouts that say the same are the same.
            none => none.insert(EarlyPipelines { device, passes: Passes::try_new(device)? }),
        };
        early.passes.mesh(&Shaders::default(), key).map(|_| ())
    }
}

impl<'app> RendererState<'app> {
    /// Takes what a load has made for it.
    pub(crate) fn take_early(&mut self, batch: &mut UploadBatch<'app>) {
        if let Some(early) = batch.early.as_mut().filter(|_| self.shaders == Shaders::default()) {
            self.passes.meshes.fill(std::mem::replace(&mut early.passes.meshes, Pipelines::new()));
        }
        batch.early = None;
    }
}
