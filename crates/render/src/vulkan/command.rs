//! Command pools, and the recorder that fills a command buffer.

use ash::vk;

use super::barrier::{ImageUse, image_barrier};
use super::buffer::Buffer;
use super::descriptor::DescriptorSet;
use super::device::Device;
use super::image::Image;
use super::pipeline::{Pipeline, PipelineLayout};
use crate::error::{Named, RenderError};
use crate::meshes::Topology;

/// A pool with its one command buffer.
pub(crate) struct CommandPool<'gpu> {
    device: &'gpu Device,
    raw: vk::CommandPool,
    buffer: vk::CommandBuffer,
}

impl<'gpu> CommandPool<'gpu> {
    pub(crate) fn try_new(device: &'gpu Device) -> Result<CommandPool<'gpu>, RenderError> {
        let info = vk::CommandPoolCreateInfo::default()
            .flags(vk::CommandPoolCreateFlags::TRANSIENT)
            .queue_family_index(device.physical().family);
        // SAFETY: the device is live and was made with this family.
        let raw =
            unsafe { device.raw().create_command_pool(&info, device.callbacks()) }.named("vkCreateCommandPool")?;
        device.account().born();
        let mut pool = CommandPool { device, raw, buffer: vk::CommandBuffer::null() };
        let info = vk::CommandBufferAllocateInfo::default()
            .command_pool(raw)
            .level(vk::CommandBufferLevel::PRIMARY)
            .command_buffer_count(1);
        let allocate = device.raw().fp_v1_0().allocate_command_buffers;
        // SAFETY: the pool is live and `buffer` has room for the one handle.
        unsafe { allocate(device.raw().handle(), &info, &mut pool.buffer) }
            .result()
            .named("vkAllocateCommandBuffers")?;
        Ok(pool)
    }

    /// Forgets what was recorded and starts anew; the last submission of the buffer is done.
    pub(crate) fn begin(&mut self) -> Result<(), RenderError> {
        // SAFETY: no submission of the pool's buffer is pending: the caller waited for its serial.
        unsafe { self.device.raw().reset_command_pool(self.raw, vk::CommandPoolResetFlags::empty()) }
            .named("vkResetCommandPool")?;
        let info = vk::CommandBufferBeginInfo::default().flags(vk::CommandBufferUsageFlags::ONE_TIME_SUBMIT);
        // SAFETY: the buffer is in its initial state.
        unsafe { self.device.raw().begin_command_buffer(self.buffer, &info) }.named("vkBeginCommandBuffer")
    }

    pub(crate) fn end(&mut self) -> Result<(), RenderError> {
        // SAFETY: the buffer is being recorded, outside of rendering.
        unsafe { self.device.raw().end_command_buffer(self.buffer) }.named("vkEndCommandBuffer")
    }

    pub(crate) fn buffer(&self) -> vk::CommandBuffer {
        self.buffer
    }

    pub(crate) fn commands(&self) -> Commands<'gpu> {
        Commands { device: self.device, raw: self.buffer }
    }
}

impl Drop for CommandPool<'_> {
    fn drop(&mut self) {
        // SAFETY: made from this device, destroyed once with its buffer; the owner waited for the GPU.
        unsafe { self.device.raw().destroy_command_pool(self.raw, self.device.callbacks()) };
        self.device.account().gone();
    }
}

/// What a pass draws to.
#[derive(Default)]
pub(crate) struct Rendering {
    /// `None` draws depth alone, and keeps it.
    pub(crate) color: Option<vk::ImageView>,
    /// Where multisampled colour is resolved to.
    pub(crate) resolve: Option<vk::ImageView>,
    pub(crate) depth: Option<vk::ImageView>,
    /// Linear, premultiplied; `None` keeps what is there.
    pub(crate) clear: Option<[f32; 4]>,
    pub(crate) size: [u32; 2],
    /// Depth is kept: the pass may be paused. One that may be is not resolved.
    pub(crate) pauses: bool,
    /// It goes on where it was paused.
    pub(crate) resumes: bool,
}

/// Where rows of an image lie in a buffer, and which rectangle of which level they are.
#[derive(Clone, Copy)]
pub(crate) struct ImageRegion {
    /// In the buffer, in bytes.
    pub(crate) offset: u64,
    /// From row to row; 0 for rows without gaps.
    pub(crate) row_pixels: u32,
    pub(crate) level: u32,
    pub(crate) origin: [u32; 2],
    pub(crate) size: [u32; 2],
}

/// Records into a command buffer that is open.
///
/// Its methods are safe to call under the invariants of the `vulkan` module: what is recorded stays alive until
/// the frame is done, and drawing happens between `begin_rendering` and `end_rendering`.
#[derive(Clone, Copy)]
pub(crate) struct Commands<'gpu> {
    device: &'gpu Device,
    raw: vk::CommandBuffer,
}

impl Commands<'_> {
    /// Moves an image from one use to another.
    pub(crate) fn transition(&self, image: &Image<'_>, from: ImageUse, to: ImageUse) {
        self.transition_raw(image.raw(), from, to, 0..image.mips());
    }

    /// The same for some mip levels, or for an image of the swapchain.
    pub(crate) fn transition_raw(&self, image: vk::Image, from: ImageUse, to: ImageUse, mips: std::ops::Range<u32>) {
        let barriers = [image_barrier(image, from, to, mips)];
        let info = vk::DependencyInfo::default().image_memory_barriers(&barriers);
        // SAFETY: recording, outside of rendering; the image is live.
        unsafe { self.device.raw().cmd_pipeline_barrier2(self.raw, &info) };
    }

    /// Makes copies into buffers visible to vertex input and shaders, and copies from images visible to the host.
    pub(crate) fn publish_copies(&self) {
        use vk::{AccessFlags2 as Access, PipelineStageFlags2 as Stage};
        let read = Access::VERTEX_ATTRIBUTE_READ | Access::INDEX_READ | Access::SHADER_STORAGE_READ;
        let shaders = Stage::VERTEX_SHADER | Stage::COMPUTE_SHADER;
        self.memory_barrier(
            (Stage::ALL_TRANSFER, Access::TRANSFER_WRITE),
            (Stage::VERTEX_INPUT | shaders | Stage::HOST, read | Access::HOST_READ),
        );
    }

    /// Keeps compute shaders from writing what earlier commands still read.
    pub(crate) fn guard_work(&self) {
        use vk::{AccessFlags2 as Access, PipelineStageFlags2 as Stage};
        let readers = Stage::VERTEX_INPUT | Stage::VERTEX_SHADER | Stage::DRAW_INDIRECT | Stage::COMPUTE_SHADER;
        let writers = Stage::COMPUTE_SHADER | Stage::ALL_TRANSFER;
        let written = Access::SHADER_STORAGE_WRITE | Access::TRANSFER_WRITE;
        self.memory_barrier((readers | Stage::ALL_TRANSFER, written), (writers, Access::SHADER_STORAGE_READ | written));
    }

    /// Makes what compute shaders and copies wrote visible to draws and to further compute shaders.
    pub(crate) fn publish_work(&self) {
        use vk::{AccessFlags2 as Access, PipelineStageFlags2 as Stage};
        let shaders = Stage::VERTEX_SHADER | Stage::COMPUTE_SHADER;
        let read = Access::VERTEX_ATTRIBUTE_READ
            | Access::INDIRECT_COMMAND_READ
            | Access::SHADER_STORAGE_READ
            | Access::SHADER_STORAGE_WRITE;
        self.memory_barrier(
            (Stage::COMPUTE_SHADER | Stage::ALL_TRANSFER, Access::SHADER_STORAGE_WRITE | Access::TRANSFER_WRITE),
            (Stage::VERTEX_INPUT | shaders | Stage::DRAW_INDIRECT, read),
        );
    }

    fn memory_barrier(
        &self,
        (before, written): (vk::PipelineStageFlags2, vk::AccessFlags2),
        (after, used): (vk::PipelineStageFlags2, vk::AccessFlags2),
    ) {
        let barriers = [vk::MemoryBarrier2::default()
            .src_stage_mask(before)
            .src_access_mask(written)
            .dst_stage_mask(after)
            .dst_access_mask(used)];
        let info = vk::DependencyInfo::default().memory_barriers(&barriers);
        // SAFETY: recording, outside of rendering.
        unsafe { self.device.raw().cmd_pipeline_barrier2(self.raw, &info) };
    }

    pub(crate) fn copy_buffer(&self, from: &Buffer<'_>, from_offset: u64, to: &Buffer<'_>, to_offset: u64, size: u64) {
        let regions = [vk::BufferCopy { src_offset: from_offset, dst_offset: to_offset, size }];
        debug_assert!(from_offset + size <= from.size() && to_offset + size <= to.size());
        // SAFETY: both buffers are live and hold the ranges (asserted; callers check).
        unsafe { self.device.raw().cmd_copy_buffer(self.raw, from.raw(), to.raw(), &regions) };
    }

    /// Fills a buffer with zeros.
    pub(crate) fn zero_buffer(&self, buffer: &Buffer<'_>) {
        // SAFETY: recording, outside of rendering; the buffer is live and made to be copied to.
        unsafe { self.device.raw().cmd_fill_buffer(self.raw, buffer.raw(), 0, vk::WHOLE_SIZE, 0) };
    }

    /// Copies rows of pixels or blocks into a rectangle of an image.
    pub(crate) fn copy_to_image(&self, from: &Buffer<'_>, to: &Image<'_>, region: ImageRegion) {
        let ImageRegion { offset, row_pixels, level, origin, size } = region;
        let regions = [vk::BufferImageCopy {
            buffer_offset: offset,
            buffer_row_length: row_pixels,
            buffer_image_height: 0,
            image_subresource: layers(level),
            image_offset: vk::Offset3D { x: origin[0] as i32, y: origin[1] as i32, z: 0 },
            image_extent: vk::Extent3D { width: size[0], height: size[1], depth: 1 },
        }];
        // SAFETY: both are live; the rectangle lies in the image and the rows in the buffer (callers check).
        unsafe {
            self.device.raw().cmd_copy_buffer_to_image(
                self.raw,
                from.raw(),
                to.raw(),
                vk::ImageLayout::TRANSFER_DST_OPTIMAL,
                &regions,
            );
        }
    }

    /// Copies `rows` of an image from the row `top` on into a buffer, without gaps.
    pub(crate) fn copy_from_image(&self, from: &Image<'_>, top: u32, rows: u32, to: &Buffer<'_>) {
        let [width, _] = from.size();
        let regions = [vk::BufferImageCopy {
            image_subresource: layers(0),
            image_offset: vk::Offset3D { x: 0, y: top as i32, z: 0 },
            image_extent: vk::Extent3D { width, height: rows, depth: 1 },
            ..Default::default()
        }];
        // SAFETY: both are live; the image has these rows and the buffer holds four bytes per pixel of them (the caller made
        // it so).
        unsafe {
            self.device.raw().cmd_copy_image_to_buffer(
                self.raw,
                from.raw(),
                vk::ImageLayout::TRANSFER_SRC_OPTIMAL,
                to.raw(),
                &regions,
            );
        }
    }

    pub(crate) fn begin_rendering(&self, rendering: &Rendering) {
        let [red, green, blue, alpha] = rendering.clear.unwrap_or_default();
        let mut color = vk::RenderingAttachmentInfo::default()
            .image_view(rendering.color.unwrap_or_default())
            .image_layout(vk::ImageLayout::COLOR_ATTACHMENT_OPTIMAL)
            .load_op(if rendering.clear.is_some() { vk::AttachmentLoadOp::CLEAR } else { vk::AttachmentLoadOp::LOAD })
            .store_op(vk::AttachmentStoreOp::STORE)
            .clear_value(vk::ClearValue { color: vk::ClearColorValue { float32: [red, green, blue, alpha] } });
        if let Some(resolve) = rendering.resolve {
            color = color
                .store_op(vk::AttachmentStoreOp::DONT_CARE)
                .resolve_mode(vk::ResolveModeFlags::AVERAGE)
                .resolve_image_view(resolve)
                .resolve_image_layout(vk::ImageLayout::COLOR_ATTACHMENT_OPTIMAL);
        }
        let colors = [color];
        let depth = rendering.depth.map(|view| {
            vk::RenderingAttachmentInfo::default()
                .image_view(view)
                .image_layout(vk::ImageLayout::DEPTH_ATTACHMENT_OPTIMAL)
                .load_op(if rendering.resumes { vk::AttachmentLoadOp::LOAD } else { vk::AttachmentLoadOp::CLEAR })
                .store_op(if rendering.color.is_some() && !rendering.pauses {
                    vk::AttachmentStoreOp::DONT_CARE
                } else {
                    vk::AttachmentStoreOp::STORE
                })
                .clear_value(vk::ClearValue { depth_stencil: vk::ClearDepthStencilValue { depth: 0.0, stencil: 0 } })
        });
        let [width, height] = rendering.size;
        let mut info = vk::RenderingInfo::default()
            .render_area(vk::Rect2D { offset: vk::Offset2D::default(), extent: vk::Extent2D { width, height } })
            .layer_count(1);
        if rendering.color.is_some() {
            info = info.color_attachments(&colors);
        }
        if let Some(depth) = &depth {
            info = info.depth_attachment(depth);
        }
        // SAFETY: recording; the views are live and their images are in the layouts named.
        unsafe { self.device.raw().cmd_begin_rendering(self.raw, &info) };
    }

    pub(crate) fn end_rendering(&self) {
        // SAFETY: follows `begin_rendering`.
        unsafe { self.device.raw().cmd_end_rendering(self.raw) };
    }

    /// The whole target; `up` turns Y up, as glTF and the cameras have it.
    pub(crate) fn set_viewport(&self, size: [u32; 2], up: bool) {
        let (width, height) = (size[0] as f32, size[1] as f32);
        let viewport = vk::Viewport {
            x: 0.0,
            y: if up { height } else { 0.0 },
            width,
            height: if up { -height } else { height },
            min_depth: 0.0,
            max_depth: 1.0,
        };
        // SAFETY: recording; the state is dynamic in every pipeline.
        unsafe { self.device.raw().cmd_set_viewport(self.raw, 0, &[viewport]) };
    }

    pub(crate) fn set_scissor(&self, origin: [u32; 2], size: [u32; 2]) {
        let scissor = vk::Rect2D {
            offset: vk::Offset2D { x: origin[0] as i32, y: origin[1] as i32 },
            extent: vk::Extent2D { width: size[0], height: size[1] },
        };
        // SAFETY: recording; the rectangle lies in the target, so offsets are not negative and don't overflow.
        unsafe { self.device.raw().cmd_set_scissor(self.raw, 0, &[scissor]) };
    }

    /// What vertices add up to; for mesh pipelines, within their class.
    pub(crate) fn set_topology(&self, topology: Topology) {
        let raw = match topology {
            Topology::Points => vk::PrimitiveTopology::POINT_LIST,
            Topology::Lines => vk::PrimitiveTopology::LINE_LIST,
            Topology::LineStrip => vk::PrimitiveTopology::LINE_STRIP,
            Topology::Triangles => vk::PrimitiveTopology::TRIANGLE_LIST,
            Topology::TriangleStrip => vk::PrimitiveTopology::TRIANGLE_STRIP,
            Topology::TriangleFan => vk::PrimitiveTopology::TRIANGLE_FAN,
        };
        // SAFETY: recording; the state is dynamic in every mesh pipeline.
        unsafe { self.device.raw().cmd_set_primitive_topology(self.raw, raw) };
    }

    /// Whether back faces are culled, and whether front faces run clockwise (mirrored meshes).
    pub(crate) fn set_faces(&self, cull: bool, clockwise: bool) {
        let mode = if cull { vk::CullModeFlags::BACK } else { vk::CullModeFlags::NONE };
        let front = if clockwise { vk::FrontFace::CLOCKWISE } else { vk::FrontFace::COUNTER_CLOCKWISE };
        // SAFETY: recording; both states are dynamic in every pipeline.
        unsafe {
            self.device.raw().cmd_set_cull_mode(self.raw, mode);
            self.device.raw().cmd_set_front_face(self.raw, front);
        }
    }

    pub(crate) fn bind_pipeline(&self, pipeline: &Pipeline<'_>) {
        // SAFETY: recording; the pipeline is live.
        unsafe {
            self.device.raw().cmd_bind_pipeline(self.raw, vk::PipelineBindPoint::GRAPHICS, pipeline.raw());
        }
    }

    pub(crate) fn bind_compute(&self, pipeline: &Pipeline<'_>) {
        // SAFETY: recording; the pipeline is live and a compute pipeline.
        unsafe { self.device.raw().cmd_bind_pipeline(self.raw, vk::PipelineBindPoint::COMPUTE, pipeline.raw()) };
    }

    /// Binds one set for compute shaders.
    pub(crate) fn bind_compute_set(&self, layout: &PipelineLayout<'_>, index: u32, set: DescriptorSet) {
        // SAFETY: recording; set and layout are live and fit each other.
        unsafe {
            self.device.raw().cmd_bind_descriptor_sets(
                self.raw,
                vk::PipelineBindPoint::COMPUTE,
                layout.raw(),
                index,
                &[set.raw],
                &[],
            );
        }
    }

    /// Runs a compute shader for `threads` threads in groups of 64.
    pub(crate) fn dispatch(&self, threads: u32) {
        // SAFETY: recording, outside of rendering, everything bound; 65535 groups are guaranteed, callers stay below.
        unsafe { self.device.raw().cmd_dispatch(self.raw, threads.div_ceil(64), 1, 1) };
    }

    /// Binds one set; `offset` for a set with dynamic uniforms.
    pub(crate) fn bind_set(&self, layout: &PipelineLayout<'_>, index: u32, set: DescriptorSet, offset: Option<u32>) {
        let offsets = [offset.unwrap_or(0)];
        // SAFETY: recording; set and layout are live and fit each other.
        unsafe {
            self.device.raw().cmd_bind_descriptor_sets(
                self.raw,
                vk::PipelineBindPoint::GRAPHICS,
                layout.raw(),
                index,
                &[set.raw],
                if offset.is_some() { &offsets } else { &[] },
            );
        }
    }

    pub(crate) fn push(&self, layout: &PipelineLayout<'_>, bytes: &[u8]) {
        assert!(bytes.len() == layout.push_bytes() as usize, "push constants fill their range");
        // SAFETY: recording; the bytes fill the layout's range (asserted).
        unsafe { self.device.raw().cmd_push_constants(self.raw, layout.raw(), layout.stages(), 0, bytes) };
    }

    /// Binds `size` bytes of a buffer as vertices or instances.
    pub(crate) fn bind_vertices(&self, binding: u32, buffer: &Buffer<'_>, offset: u64, size: u64) {
        debug_assert!(offset + size <= buffer.size());
        // SAFETY: recording; the buffer is live and holds the range.
        unsafe {
            self.device.raw().cmd_bind_vertex_buffers2(
                self.raw,
                binding,
                &[buffer.raw()],
                &[offset],
                Some(&[size]),
                None,
            );
        }
    }

    pub(crate) fn bind_indices(&self, buffer: &Buffer<'_>, offset: u64, wide: bool) {
        let kind = if wide { vk::IndexType::UINT32 } else { vk::IndexType::UINT16 };
        // SAFETY: recording; the buffer is live and `offset` is aligned to the index.
        unsafe { self.device.raw().cmd_bind_index_buffer(self.raw, buffer.raw(), offset, kind) };
    }

    pub(crate) fn draw(&self, vertices: u32, first_vertex: u32, instances: u32, first_instance: u32) {
        // SAFETY: recording, rendering, everything bound; robust access covers wrong counts.
        unsafe { self.device.raw().cmd_draw(self.raw, vertices, instances, first_vertex, first_instance) };
    }

    /// The draw that `buffer` holds at `offset`.
    pub(crate) fn draw_indirect(&self, buffer: &Buffer<'_>, offset: u64) {
        // SAFETY: recording, rendering, everything bound; the buffer is live and holds a draw there.
        unsafe { self.device.raw().cmd_draw_indirect(self.raw, buffer.raw(), offset, 1, 0) };
    }

    /// The indexed draw that `buffer` holds at `offset`.
    pub(crate) fn draw_indexed_indirect(&self, buffer: &Buffer<'_>, offset: u64) {
        // SAFETY: recording, rendering, everything bound; the buffer is live and holds a draw there.
        unsafe { self.device.raw().cmd_draw_indexed_indirect(self.raw, buffer.raw(), offset, 1, 0) };
    }

    pub(crate) fn draw_indexed(
        &self,
        indices: u32,
        first_index: u32,
        vertex_offset: i32,
        instances: u32,
        first_instance: u32,
    ) {
        // SAFETY: recording, rendering, everything bound; robust access covers wrong indices.
        unsafe {
            self.device.raw().cmd_draw_indexed(
                self.raw,
                indices,
                instances,
                first_index,
                vertex_offset,
                first_instance,
            );
        }
    }
}

fn layers(level: u32) -> vk::ImageSubresourceLayers {
    vk::ImageSubresourceLayers {
        aspect_mask: vk::ImageAspectFlags::COLOR,
        mip_level: level,
        base_array_layer: 0,
        layer_count: 1,
    }
}
