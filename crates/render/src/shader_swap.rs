//! Drawing with other shaders: pipelines are made anew, and all of them change places at once, or none.

use crate::error::RenderError;
use crate::live_shaders::LiveShaders;
use crate::passes::MeshKey;
use crate::renderer::RendererState;
use crate::retired::Garbage;
use crate::scene_pass::COMPUTE_ENTRIES;
use crate::shaders::{Shaders, pose, ui};
use crate::vulkan::pipeline::{Pipeline, PipelineDesc};
use crate::vulkan::shader::Entry;

/// Draws with these shaders from the next view on, or with the built-in ones. Pipelines that exist and whose shaders
/// differ are made anew here, so that a mistake shows here; how many there were is returned. Frames in flight keep theirs.
///
/// # Errors
/// What the driver reports, [`RenderError::OutOfDeviceMemory`] above all; everything stays as it was then.
pub fn use_shaders(renderer: &mut RendererState<'_>, shaders: Option<LiveShaders>) -> Result<usize, RenderError> {
    renderer.check_alive()?;
    let swapped = renderer.swap_shaders(Shaders { live: shaders });
    renderer.note_device_loss(swapped)
}

impl<'app> RendererState<'app> {
    fn swap_shaders(&mut self, fresh: Shaders) -> Result<usize, RenderError> {
        let device = self.gpu.device();
        let has_changed = |entry: &'static Entry| self.shaders.words(entry) != fresh.words(entry);
        let remake = |desc: PipelineDesc<'_, 'app>| {
            let is_other = has_changed(desc.vertex) || desc.fragment.is_some_and(has_changed);
            is_other.then(|| Pipeline::try_new(device, &fresh, &desc)).transpose()
        };
        let (passes, scene, poses) = (&self.passes, &self.scene_pass, &self.poses);
        let meshes = passes.meshes.try_remake(|index| remake(passes.mesh_desc(MeshKey::at(index))))?;
        let plains = passes.plains.try_remake(|index| remake(passes.plain_desc(index)))?;
        let computes = scene.computes.try_remake(|index| {
            has_changed(COMPUTE_ENTRIES[index]).then(|| scene.try_make(&fresh, index)).transpose()
        })?;
        let pose =
            poses.pipeline.try_remake(|_| has_changed(&pose::CS_MAIN).then(|| poses.try_make(&fresh)).transpose())?;
        let ui_changed = has_changed(&ui::VS_MAIN) || has_changed(&ui::FS_MAIN);
        let ui = ui_changed.then(|| self.ui.try_remake(device, &fresh)).transpose()?;

        // Nothing can fail any more.
        self.shaders = fresh;
        let meshes = self.passes.meshes.replace(meshes);
        let plains = self.passes.plains.replace(plains);
        let computes = self.scene_pass.computes.replace(computes);
        let pose = self.poses.pipeline.replace(pose);
        let ui = ui.map(|ui| std::mem::replace(&mut self.ui.pipeline, ui));
        let old = meshes.into_iter().chain(plains).chain(computes).chain(pose).chain([ui]);
        Ok(old.flatten().map(|pipeline| self.retire(Garbage::Pipeline(pipeline))).count())
    }
}
