//! Drawing with other shaders: pipelines are made anew, on any thread, and all of them change places at once, or none.
//!
//! # Invariants
//! 1. A swap makes nothing: what is drawn with from then on was made before.
//! 2. Each pipeline that there is at a swap and whose shaders differ goes with it; where one was not made anew, none goes.

use ash::vk;

use crate::error::RenderError;
use crate::live_shaders::LiveShaders;
use crate::passes::{MESH_PIPELINES, MeshKey, PLAIN_PIPELINES, Passes};
use crate::pipelines::{Pipelines, Places};
use crate::poses::Poses;
use crate::renderer::RendererState;
use crate::retired::Garbage;
use crate::scene_pass::{COMPUTE_ENTRIES, ScenePass};
use crate::shaders::{Shaders, pose, ui};
use crate::ui_pass::UiPass;
use crate::uploads::UploadBatch;
use crate::vulkan::Device;
use crate::vulkan::descriptor::{SetKind, SetLayout};
use crate::vulkan::pipeline::PipelineDesc;
use crate::vulkan::shader::Entry;

/// The pipelines that a renderer has, and the shaders that it draws with. See [`pipelines_in_use`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PipelinesInUse {
    shaders: Shaders,
    meshes: Places,
    plains: Places,
    computes: Places,
    poses: Places,
    ui: Places,
    ui_format: vk::Format,
}

/// One of them.
#[derive(Clone, Copy)]
enum Place {
    Mesh(usize),
    Plain(usize),
    Compute(usize),
    Pose,
    Ui,
}

impl PipelinesInUse {
    /// Those that other shaders change.
    fn changed<'s>(&'s self, passes: &'s Passes<'_>, fresh: &'s Shaders) -> impl Iterator<Item = Place> + 's {
        let is_other = |entry: &'static Entry| self.shaders.words(entry) != fresh.words(entry);
        let differs = move |desc: PipelineDesc<'_, '_>| is_other(desc.vertex) || desc.fragment.is_some_and(is_other);
        let meshes = self.meshes.iter().filter(move |&index| differs(passes.mesh_desc(MeshKey::at(index))));
        let plains = self.plains.iter().filter(move |&index| differs(passes.plain_desc(index)));
        let computes = self.computes.iter().filter(move |&index| is_other(COMPUTE_ENTRIES[index]));
        let poses = self.poses.iter().filter(move |_| is_other(&pose::CS_MAIN));
        let ui = self.ui.iter().filter(move |_| is_other(&ui::VS_MAIN) || is_other(&ui::FS_MAIN));
        let views = meshes.map(Place::Mesh).chain(plains.map(Place::Plain));
        views.chain(computes.map(Place::Compute)).chain(poses.map(|_| Place::Pose)).chain(ui.map(|_| Place::Ui))
    }
}

/// Pipelines of other shaders, each for the place that it has here.
pub(crate) struct Remade<'gpu> {
    shaders: Shaders,
    meshes: Pipelines<'gpu, MESH_PIPELINES>,
    plains: Pipelines<'gpu, PLAIN_PIPELINES>,
    computes: Pipelines<'gpu, { COMPUTE_ENTRIES.len() }>,
    poses: Pipelines<'gpu, 1>,
    ui: Pipelines<'gpu, 1>,
}

impl<'gpu> Remade<'gpu> {
    /// Makes them by passes of their own: the renderer's are its thread's, and layouts that say the same are the same.
    fn try_new(device: &'gpu Device, in_use: &PipelinesInUse, shaders: Shaders) -> Result<Remade<'gpu>, RenderError> {
        let texture_set = SetLayout::try_new(device, SetKind::Texture)?;
        let passes = Passes::try_new(device)?;
        let poses = Poses::try_new(device)?;
        let scene_pass = ScenePass::try_new(device, &poses.mesh_set)?;
        let ui = UiPass::try_new(device, &texture_set, in_use.ui_format)?;
        for place in in_use.changed(&passes, &shaders) {
            match place {
                Place::Mesh(index) => passes.mesh(&shaders, MeshKey::at(index)),
                Place::Plain(index) => passes.plain_at(&shaders, index),
                Place::Compute(index) => scene_pass.compute(&shaders, index),
                Place::Pose => poses.pipeline(&shaders),
                Place::Ui => ui.pipeline(&shaders),
            }?;
        }
        let (meshes, plains, computes) = (passes.meshes, passes.plains, scene_pass.computes);
        Ok(Remade { shaders, meshes, plains, computes, poses: poses.pipelines, ui: ui.pipelines })
    }

    fn has(&self, place: Place) -> bool {
        match place {
            Place::Mesh(index) => self.meshes.has(index),
            Place::Plain(index) => self.plains.has(index),
            Place::Compute(index) => self.computes.has(index),
            Place::Pose => self.poses.has(0),
            Place::Ui => self.ui.has(0),
        }
    }
}

/// What [`remake_pipelines`] is to make anew.
pub fn pipelines_in_use(renderer: &RendererState<'_>) -> PipelinesInUse {
    PipelinesInUse {
        shaders: renderer.shaders.clone(),
        meshes: renderer.passes.meshes.places(),
        plains: renderer.passes.plains.places(),
        computes: renderer.scene_pass.computes.places(),
        poses: renderer.poses.pipelines.places(),
        ui: renderer.ui.pipelines.places(),
        ui_format: renderer.ui.format,
    }
}

/// Makes the pipelines anew that these shaders change, or the built-in ones, and leaves them in the batch, for
/// [`swap_pipelines`]. Takes as long as some frames: call it on a loader's thread.
///
/// # Errors
/// What the driver reports, [`RenderError::OutOfDeviceMemory`] above all; none is left then.
pub fn remake_pipelines(
    batch: &mut UploadBatch<'_>,
    in_use: &PipelinesInUse,
    shaders: Option<LiveShaders>,
) -> Result<(), RenderError> {
    batch.remade = None;
    batch.remade = Some(Remade::try_new(batch.gpu().device(), in_use, Shaders { live: shaders })?);
    Ok(())
}

/// Draws with what [`remake_pipelines`] left in the batch from the next view on; how many pipelines that replaces is
/// returned. Frames in flight keep theirs.
///
/// # Errors
/// [`RenderError::PipelinesOutdated`] where they would not replace all that they must; [`RenderError::ForeignGpu`].
/// Everything stays as it was then, and what was made goes.
pub fn swap_pipelines<'app>(
    renderer: &mut RendererState<'app>,
    batch: &mut UploadBatch<'app>,
) -> Result<usize, RenderError> {
    renderer.check_alive()?;
    batch.check_gpu(renderer.gpu)?;
    batch.remade.take().map_or(Ok(0), |remade| renderer.swap(remade))
}

/// As [`remake_pipelines`] and [`swap_pipelines`], both here and now: for whoever has no frames to keep up.
///
/// # Errors
/// What the driver reports, [`RenderError::OutOfDeviceMemory`] above all; everything stays as it was then.
pub fn use_shaders(renderer: &mut RendererState<'_>, shaders: Option<LiveShaders>) -> Result<usize, RenderError> {
    renderer.check_alive()?;
    let remade = Remade::try_new(renderer.gpu.device(), &pipelines_in_use(renderer), Shaders { live: shaders });
    let remade = renderer.note_device_loss(remade)?;
    renderer.swap(remade)
}

impl<'app> RendererState<'app> {
    fn swap(&mut self, remade: Remade<'app>) -> Result<usize, RenderError> {
        if !pipelines_in_use(self).changed(&self.passes, &remade.shaders).all(|place| remade.has(place)) {
            return Err(RenderError::PipelinesOutdated);
        }
        // Nothing can fail any more.
        self.shaders = remade.shaders;
        self.gpu.device().pipeline_needs().note_shaders(self.shaders != Shaders::default());
        let meshes = self.passes.meshes.replace(remade.meshes);
        let plains = self.passes.plains.replace(remade.plains);
        let computes = self.scene_pass.computes.replace(remade.computes);
        let poses = self.poses.pipelines.replace(remade.poses);
        let ui = self.ui.pipelines.replace(remade.ui);
        let old = meshes.into_iter().chain(plains).chain(computes).chain(poses).chain(ui);
        Ok(old.flatten().map(|pipeline| self.retire(Garbage::Pipeline(pipeline))).count())
    }
}
