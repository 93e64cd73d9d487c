//! Graphics pipelines and their layouts.
//!
//! Culling, front face, viewport and scissor are dynamic, and for meshes the topology within its class, so that a
//! mirrored, double-sided or stripped mesh needs no pipeline of its own.

use ash::vk;
use voltrum_memory::{Tag, heap_scope};

use super::descriptor::SetLayout;
use super::device::Device;
use super::image::sample_flags;
use super::shader::{Entry, ShaderModule};
use crate::error::{Named, RenderError};
use crate::shaders::Shaders;
use crate::vertex::{UiVertex, Vertex};

/// Bytes of what a draw reads for each instance: an index into the instances.
pub(crate) const INSTANCE_INDEX_BYTES: u32 = 4;

/// The depth format of every target.
pub(crate) const DEPTH_FORMAT: vk::Format = vk::Format::D32_SFLOAT;

/// The layout of a kind of pipeline: its sets and its push constants.
pub(crate) struct PipelineLayout<'gpu> {
    device: &'gpu Device,
    raw: vk::PipelineLayout,
    stages: vk::ShaderStageFlags,
    push_bytes: u32,
}

impl<'gpu> PipelineLayout<'gpu> {
    /// At most three `sets`; `push_bytes` of push constants for `stages`.
    pub(crate) fn try_new(
        device: &'gpu Device,
        sets: &[&SetLayout<'gpu>],
        stages: vk::ShaderStageFlags,
        push_bytes: u32,
    ) -> Result<PipelineLayout<'gpu>, RenderError> {
        let mut layouts = [vk::DescriptorSetLayout::null(); 3];
        for (slot, set) in layouts.iter_mut().zip(sets) {
            *slot = set.raw();
        }
        let ranges = [vk::PushConstantRange { stage_flags: stages, offset: 0, size: push_bytes }];
        let info = vk::PipelineLayoutCreateInfo::default()
            .set_layouts(&layouts[..sets.len().min(3)])
            .push_constant_ranges(if push_bytes == 0 { &[] } else { &ranges });
        // SAFETY: the device and the set layouts are live; 128 bytes of push constants are guaranteed.
        let raw = unsafe { device.raw().create_pipeline_layout(&info, device.callbacks()) }
            .named("vkCreatePipelineLayout")?;
        device.account().born();
        Ok(PipelineLayout { device, raw, stages, push_bytes })
    }

    pub(crate) fn raw(&self) -> vk::PipelineLayout {
        self.raw
    }

    pub(crate) fn stages(&self) -> vk::ShaderStageFlags {
        self.stages
    }

    pub(crate) fn push_bytes(&self) -> u32 {
        self.push_bytes
    }
}

impl Drop for PipelineLayout<'_> {
    fn drop(&mut self) {
        // SAFETY: made from this device, destroyed once; the owner waited for the GPU (module invariant 1).
        unsafe { self.device.raw().destroy_pipeline_layout(self.raw, self.device.callbacks()) };
        self.device.account().gone();
    }
}

/// Where vertices come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VertexInput {
    /// From the vertex index alone.
    None,
    /// [`Vertex`] at binding 0, an index into the instances at binding 1.
    Mesh,
    /// [`UiVertex`] at binding 0.
    Ui,
}

/// How colours meet what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blend {
    Replace,
    /// The shader has multiplied colour by alpha.
    Premultiplied,
    /// It has not.
    Straight,
    /// Colours add up.
    Additive,
    /// The shader's second output says what is behind is multiplied with; only where the device has it.
    Tinted,
}

/// How depth is used; it is reversed, 1 at the near plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    /// There is no depth attachment.
    Absent,
    /// There is one, and the pipeline ignores it.
    Ignored,
    Test,
    TestAndWrite,
}

/// What vertices add up to, as far as a pipeline must know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Points,
    Lines,
    Triangles,
    /// Triangles drawn as their edges; only where the device can.
    Edges,
}

/// All there is to know about a pipeline.
pub(crate) struct PipelineDesc<'a, 'gpu> {
    pub(crate) layout: &'a PipelineLayout<'gpu>,
    pub(crate) vertex: &'static Entry,
    /// `None` draws depth alone.
    pub(crate) fragment: Option<&'static Entry>,
    pub(crate) input: VertexInput,
    pub(crate) class: Class,
    pub(crate) blend: Blend,
    pub(crate) depth: Depth,
    /// Whether alpha says how many samples are covered, and is 1 afterwards.
    pub(crate) alpha_coverage: bool,
    /// `None` without a colour attachment.
    pub(crate) format: Option<vk::Format>,
    pub(crate) samples: u32,
}

pub(crate) struct Pipeline<'gpu> {
    device: &'gpu Device,
    raw: vk::Pipeline,
}

impl<'gpu> Pipeline<'gpu> {
    pub(crate) fn try_new(
        device: &'gpu Device,
        shaders: &Shaders,
        desc: &PipelineDesc<'_, 'gpu>,
    ) -> Result<Pipeline<'gpu>, RenderError> {
        let module = |entry: &'static Entry| ShaderModule::try_new(device, shaders.words(entry));
        let vertex = module(desc.vertex)?;
        let fragment = desc.fragment.map(module).transpose()?;
        let stage = |stage, module: Option<&ShaderModule<'_>>, entry: Option<&Entry>| {
            vk::PipelineShaderStageCreateInfo::default()
                .stage(stage)
                .module(module.map_or(vk::ShaderModule::null(), ShaderModule::raw))
                .name(entry.map_or(c"", |entry| entry.name))
        };
        let stages = [
            stage(vk::ShaderStageFlags::VERTEX, Some(&vertex), Some(desc.vertex)),
            stage(vk::ShaderStageFlags::FRAGMENT, fragment.as_ref(), desc.fragment),
        ];
        let stages = &stages[..1 + usize::from(fragment.is_some())];
        let (bindings, attributes) = vertex_input(desc.input);
        let input = vk::PipelineVertexInputStateCreateInfo::default()
            .vertex_binding_descriptions(bindings)
            .vertex_attribute_descriptions(attributes);
        let assembly = vk::PipelineInputAssemblyStateCreateInfo::default().topology(match desc.class {
            Class::Points => vk::PrimitiveTopology::POINT_LIST,
            Class::Lines => vk::PrimitiveTopology::LINE_LIST,
            Class::Triangles | Class::Edges => vk::PrimitiveTopology::TRIANGLE_LIST,
        });
        let viewport = vk::PipelineViewportStateCreateInfo::default().viewport_count(1).scissor_count(1);
        let mode = if desc.class == Class::Edges { vk::PolygonMode::LINE } else { vk::PolygonMode::FILL };
        let raster = vk::PipelineRasterizationStateCreateInfo::default().polygon_mode(mode).line_width(1.0);
        let multisample = vk::PipelineMultisampleStateCreateInfo::default()
            .rasterization_samples(sample_flags(desc.samples))
            .alpha_to_coverage_enable(desc.alpha_coverage)
            .alpha_to_one_enable(desc.alpha_coverage && device.physical().alpha_to_one);
        let depth = vk::PipelineDepthStencilStateCreateInfo::default()
            .depth_test_enable(matches!(desc.depth, Depth::Test | Depth::TestAndWrite))
            .depth_write_enable(desc.depth == Depth::TestAndWrite)
            .depth_compare_op(vk::CompareOp::GREATER_OR_EQUAL);
        let mut attachment = blend_state(desc.blend);
        if desc.alpha_coverage && !device.physical().alpha_to_one {
            // Then alpha stays what it was: right before anything opaque.
            attachment.color_write_mask = vk::ColorComponentFlags::RGBA & !vk::ColorComponentFlags::A;
        }
        let attachments = [attachment];
        let colors = usize::from(desc.format.is_some());
        let blend = vk::PipelineColorBlendStateCreateInfo::default().attachments(&attachments[..colors]);
        let dynamic_states = [
            vk::DynamicState::VIEWPORT,
            vk::DynamicState::SCISSOR,
            vk::DynamicState::CULL_MODE,
            vk::DynamicState::FRONT_FACE,
            vk::DynamicState::PRIMITIVE_TOPOLOGY,
        ];
        let dynamic_count = dynamic_states.len() - usize::from(desc.input != VertexInput::Mesh);
        let dynamic = vk::PipelineDynamicStateCreateInfo::default().dynamic_states(&dynamic_states[..dynamic_count]);
        let formats = [desc.format.unwrap_or_default()];
        let mut rendering = vk::PipelineRenderingCreateInfo::default().color_attachment_formats(&formats[..colors]);
        if desc.depth != Depth::Absent {
            rendering = rendering.depth_attachment_format(DEPTH_FORMAT);
        }
        let info = vk::GraphicsPipelineCreateInfo::default()
            .stages(stages)
            .vertex_input_state(&input)
            .input_assembly_state(&assembly)
            .viewport_state(&viewport)
            .rasterization_state(&raster)
            .multisample_state(&multisample)
            .depth_stencil_state(&depth)
            .color_blend_state(&blend)
            .dynamic_state(&dynamic)
            .layout(desc.layout.raw)
            .push_next(&mut rendering);
        let _foreign = heap_scope(Tag::FOREIGN);
        let mut raw = vk::Pipeline::null();
        let create = device.raw().fp_v1_0().create_graphics_pipelines;
        let callbacks = device.callbacks().map_or(std::ptr::null(), std::ptr::from_ref);
        // SAFETY: layout and modules are live, every pointer in `info` lives until the call returns, one pipeline fits.
        unsafe { create(device.raw().handle(), vk::PipelineCache::null(), 1, &info, callbacks, &mut raw) }
            .result()
            .named("vkCreateGraphicsPipelines")?;
        device.account().born();
        Ok(Pipeline { device, raw })
    }

    pub(crate) fn raw(&self) -> vk::Pipeline {
        self.raw
    }
}

impl<'gpu> Pipeline<'gpu> {
    /// A pipeline of one compute shader.
    pub(crate) fn try_new_compute(
        device: &'gpu Device,
        shaders: &Shaders,
        layout: &PipelineLayout<'gpu>,
        entry: &'static Entry,
    ) -> Result<Pipeline<'gpu>, RenderError> {
        let module = ShaderModule::try_new(device, shaders.words(entry))?;
        let stage = vk::PipelineShaderStageCreateInfo::default()
            .stage(vk::ShaderStageFlags::COMPUTE)
            .module(module.raw())
            .name(entry.name);
        let info = vk::ComputePipelineCreateInfo::default().stage(stage).layout(layout.raw);
        let _foreign = heap_scope(Tag::FOREIGN);
        let mut raw = vk::Pipeline::null();
        let create = device.raw().fp_v1_0().create_compute_pipelines;
        let callbacks = device.callbacks().map_or(std::ptr::null(), std::ptr::from_ref);
        // SAFETY: layout and module are live, every pointer in `info` lives until the call returns, one pipeline fits.
        unsafe { create(device.raw().handle(), vk::PipelineCache::null(), 1, &info, callbacks, &mut raw) }
            .result()
            .named("vkCreateComputePipelines")?;
        device.account().born();
        Ok(Pipeline { device, raw })
    }
}

impl Drop for Pipeline<'_> {
    fn drop(&mut self) {
        // SAFETY: made from this device, destroyed once; the owner waited for the GPU (module invariant 1).
        unsafe { self.device.raw().destroy_pipeline(self.raw, self.device.callbacks()) };
        self.device.account().gone();
    }
}

fn blend_state(blend: Blend) -> vk::PipelineColorBlendAttachmentState {
    let source = match blend {
        Blend::Straight => vk::BlendFactor::SRC_ALPHA,
        Blend::Replace | Blend::Premultiplied | Blend::Additive | Blend::Tinted => vk::BlendFactor::ONE,
    };
    let (target, target_alpha) = match blend {
        Blend::Additive => (vk::BlendFactor::ONE, vk::BlendFactor::ONE),
        Blend::Tinted => (vk::BlendFactor::SRC1_COLOR, vk::BlendFactor::SRC1_ALPHA),
        _ => (vk::BlendFactor::ONE_MINUS_SRC_ALPHA, vk::BlendFactor::ONE_MINUS_SRC_ALPHA),
    };
    vk::PipelineColorBlendAttachmentState::default()
        .blend_enable(blend != Blend::Replace)
        .src_color_blend_factor(source)
        .dst_color_blend_factor(target)
        .color_blend_op(vk::BlendOp::ADD)
        .src_alpha_blend_factor(vk::BlendFactor::ONE)
        .dst_alpha_blend_factor(target_alpha)
        .alpha_blend_op(vk::BlendOp::ADD)
        .color_write_mask(vk::ColorComponentFlags::RGBA)
}

type Inputs = (&'static [vk::VertexInputBindingDescription], &'static [vk::VertexInputAttributeDescription]);

fn vertex_input(input: VertexInput) -> Inputs {
    const fn binding(index: u32, stride: u32, rate: vk::VertexInputRate) -> vk::VertexInputBindingDescription {
        vk::VertexInputBindingDescription { binding: index, stride, input_rate: rate }
    }
    const fn attribute(
        location: u32,
        binding: u32,
        format: vk::Format,
        offset: usize,
    ) -> vk::VertexInputAttributeDescription {
        vk::VertexInputAttributeDescription { location, binding, format, offset: offset as u32 }
    }
    use std::mem::offset_of;
    const MESH: [vk::VertexInputBindingDescription; 2] = [
        binding(0, size_of::<Vertex>() as u32, vk::VertexInputRate::VERTEX),
        binding(1, INSTANCE_INDEX_BYTES, vk::VertexInputRate::INSTANCE),
    ];
    const MESH_ATTRIBUTES: [vk::VertexInputAttributeDescription; 7] = [
        attribute(0, 0, vk::Format::R32G32B32_SFLOAT, offset_of!(Vertex, position)),
        attribute(1, 0, vk::Format::R32G32B32_SFLOAT, offset_of!(Vertex, normal)),
        attribute(2, 0, vk::Format::R32G32_SFLOAT, offset_of!(Vertex, uv)),
        attribute(3, 0, vk::Format::R8G8B8A8_UNORM, offset_of!(Vertex, color)),
        attribute(4, 0, vk::Format::R16G16B16A16_SNORM, offset_of!(Vertex, tangent)),
        attribute(5, 0, vk::Format::R32G32_SFLOAT, offset_of!(Vertex, uv1)),
        attribute(6, 1, vk::Format::R32_UINT, 0),
    ];
    const UI: [vk::VertexInputBindingDescription; 1] =
        [binding(0, size_of::<UiVertex>() as u32, vk::VertexInputRate::VERTEX)];
    const UI_ATTRIBUTES: [vk::VertexInputAttributeDescription; 3] = [
        attribute(0, 0, vk::Format::R32G32_SFLOAT, offset_of!(UiVertex, position)),
        attribute(1, 0, vk::Format::R32G32_SFLOAT, offset_of!(UiVertex, uv)),
        attribute(2, 0, vk::Format::R8G8B8A8_UNORM, offset_of!(UiVertex, color)),
    ];
    match input {
        VertexInput::None => (&[], &[]),
        VertexInput::Mesh => (&MESH, &MESH_ATTRIBUTES),
        VertexInput::Ui => (&UI, &UI_ATTRIBUTES),
    }
}
