//! The pipelines that draw a view, one set for each sample count.

use std::ffi::CStr;

use ash::vk;

use crate::error::RenderError;
use crate::materials::MaterialConstants;
use crate::shaders;
use crate::targets::COLOR_FORMAT;
use crate::vulkan::Device;
use crate::vulkan::descriptor::SetLayout;
use crate::vulkan::pipeline::{Blend, Depth, Pipeline, PipelineDesc, PipelineLayout, VertexInput};
use crate::vulkan::shader::ShaderModule;

/// The pipelines for one sample count.
pub(crate) struct ViewPipelines<'gpu> {
    pub(crate) opaque: Pipeline<'gpu>,
    pub(crate) mask: Pipeline<'gpu>,
    pub(crate) blend: Pipeline<'gpu>,
    pub(crate) grid: Pipeline<'gpu>,
    pub(crate) background: Pipeline<'gpu>,
}

/// Layouts and pipelines of the view passes.
pub(crate) struct Passes<'gpu> {
    pub(crate) mesh_layout: PipelineLayout<'gpu>,
    pub(crate) grid_layout: PipelineLayout<'gpu>,
    pub(crate) background_layout: PipelineLayout<'gpu>,
    single: ViewPipelines<'gpu>,
    multisampled: ViewPipelines<'gpu>,
}

impl<'gpu> Passes<'gpu> {
    pub(crate) fn try_new(
        device: &'gpu Device,
        view_set: &SetLayout<'gpu>,
        texture_set: &SetLayout<'gpu>,
    ) -> Result<Passes<'gpu>, RenderError> {
        let fragment = vk::ShaderStageFlags::FRAGMENT;
        let material_bytes = size_of::<MaterialConstants>() as u32;
        let mesh_layout = PipelineLayout::try_new(device, &[view_set, texture_set], fragment, material_bytes)?;
        let grid_layout = PipelineLayout::try_new(device, &[view_set], fragment, 0)?;
        let background_layout = PipelineLayout::try_new(device, &[], fragment, 32)?;
        let mesh = ShaderModule::try_new(device, shaders::MESH)?;
        let grid = ShaderModule::try_new(device, shaders::GRID)?;
        let background = ShaderModule::try_new(device, shaders::BACKGROUND)?;
        let build = |samples| -> Result<ViewPipelines<'gpu>, RenderError> {
            let pipeline = |layout, module, fragment_entry: &'static CStr, input, blend, depth| {
                Pipeline::try_new(
                    device,
                    &PipelineDesc {
                        layout,
                        module,
                        vertex_entry: c"vs_main",
                        fragment_entry,
                        input,
                        blend,
                        depth,
                        format: COLOR_FORMAT,
                        samples,
                    },
                )
            };
            let lit = |entry, blend, depth| pipeline(&mesh_layout, &mesh, entry, VertexInput::Mesh, blend, depth);
            let plain =
                |layout, module, blend, depth| pipeline(layout, module, c"fs_main", VertexInput::None, blend, depth);
            Ok(ViewPipelines {
                opaque: lit(c"fs_opaque", Blend::Replace, Depth::TestAndWrite)?,
                mask: lit(c"fs_mask", Blend::Replace, Depth::TestAndWrite)?,
                blend: lit(c"fs_blend", Blend::Premultiplied, Depth::Test)?,
                grid: plain(&grid_layout, &grid, Blend::Premultiplied, Depth::Test)?,
                background: plain(&background_layout, &background, Blend::Replace, Depth::Ignored)?,
            })
        };
        let (single, multisampled) = (build(1)?, build(4)?);
        Ok(Passes { mesh_layout, grid_layout, background_layout, single, multisampled })
    }

    /// The pipelines for a target's sample count.
    pub(crate) fn pipelines(&self, samples: u32) -> &ViewPipelines<'gpu> {
        if samples == 1 { &self.single } else { &self.multisampled }
    }
}
