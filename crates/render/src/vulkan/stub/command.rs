//! Commands that are recorded: counted, and that is all.

use std::ffi::c_void;

use ash::vk;

use super::object::stub_of;

/// Makes a function of each command, with Vulkan's own signature.
macro_rules! recorded {
    ($($name:ident($($argument:ty),*);)*) => {
        $(
            /// # Safety
            /// Called as the Vulkan command of this name, with a live command buffer.
            pub(super) unsafe extern "system" fn $name(buffer: vk::CommandBuffer $(, _: $argument)*) {
                // SAFETY: a live command buffer (contract).
                unsafe { stub_of(buffer) }.count();
            }
        )*
    };
}

type Size = vk::DeviceSize;
type Stages = vk::PipelineStageFlags2;

recorded! {
    begin_query(vk::QueryPool, u32, vk::QueryControlFlags);
    begin_rendering(*const vk::RenderingInfo<'_>);
    bind_descriptor_sets(vk::PipelineBindPoint, vk::PipelineLayout, u32, u32, *const vk::DescriptorSet, u32, *const u32);
    bind_index_buffer(vk::Buffer, Size, vk::IndexType);
    bind_pipeline(vk::PipelineBindPoint, vk::Pipeline);
    bind_vertex_buffers(u32, u32, *const vk::Buffer, *const Size);
    bind_vertex_buffers2(u32, u32, *const vk::Buffer, *const Size, *const Size, *const Size);
    blit_image(vk::Image, vk::ImageLayout, vk::Image, vk::ImageLayout, u32, *const vk::ImageBlit, vk::Filter);
    blit_image2(*const vk::BlitImageInfo2<'_>);
    clear_color_image(
        vk::Image, vk::ImageLayout, *const vk::ClearColorValue, u32, *const vk::ImageSubresourceRange
    );
    copy_buffer(vk::Buffer, vk::Buffer, u32, *const vk::BufferCopy);
    copy_buffer2(*const vk::CopyBufferInfo2<'_>);
    copy_buffer_to_image(vk::Buffer, vk::Image, vk::ImageLayout, u32, *const vk::BufferImageCopy);
    copy_buffer_to_image2(*const vk::CopyBufferToImageInfo2<'_>);
    copy_image(vk::Image, vk::ImageLayout, vk::Image, vk::ImageLayout, u32, *const vk::ImageCopy);
    copy_image2(*const vk::CopyImageInfo2<'_>);
    copy_image_to_buffer(vk::Image, vk::ImageLayout, vk::Buffer, u32, *const vk::BufferImageCopy);
    copy_image_to_buffer2(*const vk::CopyImageToBufferInfo2<'_>);
    dispatch(u32, u32, u32);
    dispatch_indirect(vk::Buffer, Size);
    draw(u32, u32, u32, u32);
    draw_indexed(u32, u32, u32, i32, u32);
    draw_indexed_indirect(vk::Buffer, Size, u32, u32);
    draw_indexed_indirect_count(vk::Buffer, Size, vk::Buffer, Size, u32, u32);
    draw_indirect(vk::Buffer, Size, u32, u32);
    draw_indirect_count(vk::Buffer, Size, vk::Buffer, Size, u32, u32);
    end_query(vk::QueryPool, u32);
    end_rendering();
    fill_buffer(vk::Buffer, Size, Size, u32);
    pipeline_barrier2(*const vk::DependencyInfo<'_>);
    push_constants(vk::PipelineLayout, vk::ShaderStageFlags, u32, u32, *const c_void);
    reset_query_pool(vk::QueryPool, u32, u32);
    resolve_image2(*const vk::ResolveImageInfo2<'_>);
    set_blend_constants(*const [f32; 4]);
    set_cull_mode(vk::CullModeFlags);
    set_depth_bias(f32, f32, f32);
    set_depth_bias_enable(vk::Bool32);
    set_depth_bounds(f32, f32);
    set_depth_compare_op(vk::CompareOp);
    set_depth_test_enable(vk::Bool32);
    set_depth_write_enable(vk::Bool32);
    set_front_face(vk::FrontFace);
    set_line_width(f32);
    set_primitive_restart_enable(vk::Bool32);
    set_primitive_topology(vk::PrimitiveTopology);
    set_rasterizer_discard_enable(vk::Bool32);
    set_scissor(u32, u32, *const vk::Rect2D);
    set_stencil_reference(vk::StencilFaceFlags, u32);
    set_stencil_test_enable(vk::Bool32);
    set_viewport(u32, u32, *const vk::Viewport);
    update_buffer(vk::Buffer, Size, Size, *const c_void);
    write_timestamp2(Stages, vk::QueryPool, u32);
}
