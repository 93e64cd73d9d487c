//! Which function stands behind which name.

use std::ffi::{CStr, c_char, c_void};

use ash::vk;

use super::object::{Kind, plain};
use super::{command, descriptor, device, instance, memory, physical, present, queue};

/// The loader's end of the stub.
pub(crate) fn entry() -> ash::Entry {
    // SAFETY: the functions behave as Vulkan's, and they are part of the program, so they outlive the entry.
    unsafe { ash::Entry::from_static_fn(ash::StaticFn { get_instance_proc_addr }) }
}

/// # Safety
/// Called as `vkGetInstanceProcAddr`.
unsafe extern "system" fn get_instance_proc_addr(
    _instance: vk::Instance,
    name: *const c_char,
) -> vk::PFN_vkVoidFunction {
    // SAFETY: the argument is the command's.
    find(unsafe { CStr::from_ptr(name) })
}

/// # Safety
/// Called as `vkGetDeviceProcAddr`.
unsafe extern "system" fn get_device_proc_addr(_device: vk::Device, name: *const c_char) -> vk::PFN_vkVoidFunction {
    // SAFETY: the argument is the command's.
    find(unsafe { CStr::from_ptr(name) })
}

type Void = unsafe extern "system" fn();

/// Looks through `name => function as type` in turn: functions of that very type, which the compiler checks.
macro_rules! look_up {
    ($wanted:ident; $($name:literal => $function:expr, $kind:ty;)*) => {
        $(
            if $wanted == $name {
                let function: $kind = $function;
                // SAFETY: Vulkan hands all functions out as this type; the caller turns it back.
                return Some(unsafe { std::mem::transmute::<$kind, Void>(function) });
            }
        )*
    };
}

/// The same for plain objects: how they are made and destroyed.
macro_rules! look_up_plain {
    ($wanted:ident; $($create:literal, $destroy:literal => $handle:ty, $kind:expr;)*) => {
        $(
            if $wanted == $create {
                // SAFETY: as above; the structure is passed by pointer, whatever its type.
                return Some(unsafe {
                    std::mem::transmute::<PlainCreate<$handle>, Void>(plain::create::<$handle, { $kind as u32 }>)
                });
            }
            if $wanted == $destroy {
                // SAFETY: as above.
                return Some(unsafe {
                    std::mem::transmute::<PlainDestroy<$handle>, Void>(plain::destroy::<$handle, { $kind as u32 }>)
                });
            }
        )*
    };
}

type PlainCreate<H> =
    unsafe extern "system" fn(vk::Device, *const c_void, *const vk::AllocationCallbacks<'_>, *mut H) -> vk::Result;
type PlainDestroy<H> = unsafe extern "system" fn(vk::Device, H, *const vk::AllocationCallbacks<'_>);
type Pipelines = unsafe extern "system" fn(
    vk::Device,
    vk::PipelineCache,
    u32,
    *const c_void,
    *const vk::AllocationCallbacks<'_>,
    *mut vk::Pipeline,
) -> vk::Result;

fn find(name: &CStr) -> Option<Void> {
    find_global(name).or_else(|| find_object(name)).or_else(|| find_command(name))
}

fn find_global(name: &CStr) -> Option<Void> {
    look_up! { name;
        c"vkGetInstanceProcAddr" => get_instance_proc_addr, vk::PFN_vkGetInstanceProcAddr;
        c"vkGetDeviceProcAddr" => get_device_proc_addr, vk::PFN_vkGetDeviceProcAddr;
        c"vkCreateInstance" => instance::create_instance, vk::PFN_vkCreateInstance;
        c"vkDestroyInstance" => instance::destroy_instance, vk::PFN_vkDestroyInstance;
        c"vkEnumerateInstanceVersion" => instance::enumerate_instance_version, vk::PFN_vkEnumerateInstanceVersion;
        c"vkEnumerateInstanceExtensionProperties" => instance::enumerate_instance_extensions,
            vk::PFN_vkEnumerateInstanceExtensionProperties;
        c"vkEnumerateInstanceLayerProperties" => instance::enumerate_instance_layers,
            vk::PFN_vkEnumerateInstanceLayerProperties;
        c"vkEnumeratePhysicalDevices" => instance::enumerate_physical_devices, vk::PFN_vkEnumeratePhysicalDevices;
        c"vkEnumerateDeviceExtensionProperties" => instance::enumerate_device_extensions,
            vk::PFN_vkEnumerateDeviceExtensionProperties;
        c"vkGetPhysicalDeviceProperties" => physical::properties, vk::PFN_vkGetPhysicalDeviceProperties;
        c"vkGetPhysicalDeviceProperties2" => physical::properties2, vk::PFN_vkGetPhysicalDeviceProperties2;
        c"vkGetPhysicalDeviceFeatures" => physical::features, vk::PFN_vkGetPhysicalDeviceFeatures;
        c"vkGetPhysicalDeviceFeatures2" => physical::features2, vk::PFN_vkGetPhysicalDeviceFeatures2;
        c"vkGetPhysicalDeviceMemoryProperties" => physical::memory, vk::PFN_vkGetPhysicalDeviceMemoryProperties;
        c"vkGetPhysicalDeviceMemoryProperties2" => physical::memory2, vk::PFN_vkGetPhysicalDeviceMemoryProperties2;
        c"vkGetPhysicalDeviceQueueFamilyProperties" => physical::queue_families,
            vk::PFN_vkGetPhysicalDeviceQueueFamilyProperties;
        c"vkGetPhysicalDeviceFormatProperties" => physical::format, vk::PFN_vkGetPhysicalDeviceFormatProperties;
        c"vkGetPhysicalDeviceImageFormatProperties" => physical::image_format,
            vk::PFN_vkGetPhysicalDeviceImageFormatProperties;
        c"vkCreateHeadlessSurfaceEXT" => present::create_surface, vk::PFN_vkCreateHeadlessSurfaceEXT;
        c"vkDestroySurfaceKHR" => present::destroy_surface, vk::PFN_vkDestroySurfaceKHR;
        c"vkGetPhysicalDeviceSurfaceSupportKHR" => present::support, vk::PFN_vkGetPhysicalDeviceSurfaceSupportKHR;
        c"vkGetPhysicalDeviceSurfaceCapabilitiesKHR" => present::capabilities,
            vk::PFN_vkGetPhysicalDeviceSurfaceCapabilitiesKHR;
        c"vkGetPhysicalDeviceSurfaceFormatsKHR" => present::formats, vk::PFN_vkGetPhysicalDeviceSurfaceFormatsKHR;
        c"vkGetPhysicalDeviceSurfacePresentModesKHR" => present::modes,
            vk::PFN_vkGetPhysicalDeviceSurfacePresentModesKHR;
    }
    None
}

fn find_object(name: &CStr) -> Option<Void> {
    look_up_plain! { name;
        c"vkCreateFence", c"vkDestroyFence" => vk::Fence, Kind::Fence;
        c"vkCreateImageView", c"vkDestroyImageView" => vk::ImageView, Kind::ImageView;
        c"vkCreateSampler", c"vkDestroySampler" => vk::Sampler, Kind::Sampler;
        c"vkCreateShaderModule", c"vkDestroyShaderModule" => vk::ShaderModule, Kind::ShaderModule;
        c"vkCreatePipelineCache", c"vkDestroyPipelineCache" => vk::PipelineCache, Kind::PipelineCache;
        c"vkCreatePipelineLayout", c"vkDestroyPipelineLayout" => vk::PipelineLayout, Kind::PipelineLayout;
        c"vkCreateDescriptorSetLayout", c"vkDestroyDescriptorSetLayout" => vk::DescriptorSetLayout, Kind::SetLayout;
        c"vkCreateQueryPool", c"vkDestroyQueryPool" => vk::QueryPool, Kind::QueryPool;
        c"(pipelines are made in arrays)", c"vkDestroyPipeline" => vk::Pipeline, Kind::Pipeline;
    }
    look_up! { name;
        c"vkCreateGraphicsPipelines" => plain::create_pipelines, Pipelines;
        c"vkCreateComputePipelines" => plain::create_pipelines, Pipelines;
        c"vkCreateDevice" => device::create_device, vk::PFN_vkCreateDevice;
        c"vkDestroyDevice" => device::destroy_device, vk::PFN_vkDestroyDevice;
        c"vkGetDeviceQueue" => device::get_queue, vk::PFN_vkGetDeviceQueue;
        c"vkDeviceWaitIdle" => device::wait_idle, vk::PFN_vkDeviceWaitIdle;
        c"vkCreateCommandPool" => device::create_pool, vk::PFN_vkCreateCommandPool;
        c"vkDestroyCommandPool" => device::destroy_pool, vk::PFN_vkDestroyCommandPool;
        c"vkResetCommandPool" => device::reset_pool, vk::PFN_vkResetCommandPool;
        c"vkAllocateCommandBuffers" => device::allocate_buffers, vk::PFN_vkAllocateCommandBuffers;
        c"vkBeginCommandBuffer" => device::begin_buffer, vk::PFN_vkBeginCommandBuffer;
        c"vkEndCommandBuffer" => device::end_buffer, vk::PFN_vkEndCommandBuffer;
        c"vkAllocateMemory" => memory::allocate, vk::PFN_vkAllocateMemory;
        c"vkFreeMemory" => memory::free, vk::PFN_vkFreeMemory;
        c"vkMapMemory" => memory::map, vk::PFN_vkMapMemory;
        c"vkUnmapMemory" => memory::unmap, vk::PFN_vkUnmapMemory;
        c"vkFlushMappedMemoryRanges" => memory::flush, vk::PFN_vkFlushMappedMemoryRanges;
        c"vkInvalidateMappedMemoryRanges" => memory::flush, vk::PFN_vkInvalidateMappedMemoryRanges;
        c"vkCreateBuffer" => memory::create_buffer, vk::PFN_vkCreateBuffer;
        c"vkDestroyBuffer" => memory::destroy_buffer, vk::PFN_vkDestroyBuffer;
        c"vkCreateImage" => memory::create_image, vk::PFN_vkCreateImage;
        c"vkDestroyImage" => memory::destroy_image, vk::PFN_vkDestroyImage;
        c"vkBindBufferMemory" => memory::bind_buffer, vk::PFN_vkBindBufferMemory;
        c"vkBindImageMemory" => memory::bind_image, vk::PFN_vkBindImageMemory;
        c"vkBindBufferMemory2" => memory::bind_buffers, vk::PFN_vkBindBufferMemory2;
        c"vkBindImageMemory2" => memory::bind_images, vk::PFN_vkBindImageMemory2;
        c"vkGetBufferMemoryRequirements" => memory::buffer_requirements1, vk::PFN_vkGetBufferMemoryRequirements;
        c"vkGetImageMemoryRequirements" => memory::image_requirements1, vk::PFN_vkGetImageMemoryRequirements;
        c"vkGetBufferMemoryRequirements2" => memory::buffer_requirements, vk::PFN_vkGetBufferMemoryRequirements2;
        c"vkGetImageMemoryRequirements2" => memory::image_requirements, vk::PFN_vkGetImageMemoryRequirements2;
        c"vkGetDeviceBufferMemoryRequirements" => memory::future_buffer_requirements,
            vk::PFN_vkGetDeviceBufferMemoryRequirements;
        c"vkGetDeviceImageMemoryRequirements" => memory::future_image_requirements,
            vk::PFN_vkGetDeviceImageMemoryRequirements;
        c"vkCreateDescriptorPool" => descriptor::create_pool, vk::PFN_vkCreateDescriptorPool;
        c"vkDestroyDescriptorPool" => descriptor::destroy_pool, vk::PFN_vkDestroyDescriptorPool;
        c"vkAllocateDescriptorSets" => descriptor::allocate, vk::PFN_vkAllocateDescriptorSets;
        c"vkFreeDescriptorSets" => descriptor::free, vk::PFN_vkFreeDescriptorSets;
        c"vkUpdateDescriptorSets" => descriptor::update, vk::PFN_vkUpdateDescriptorSets;
        c"vkCreateSemaphore" => queue::create_semaphore, vk::PFN_vkCreateSemaphore;
        c"vkDestroySemaphore" => queue::destroy_semaphore, vk::PFN_vkDestroySemaphore;
        c"vkGetSemaphoreCounterValue" => queue::counter_value, vk::PFN_vkGetSemaphoreCounterValue;
        c"vkWaitSemaphores" => queue::wait_semaphores, vk::PFN_vkWaitSemaphores;
        c"vkQueueSubmit2" => queue::submit, vk::PFN_vkQueueSubmit2;
        c"vkQueueWaitIdle" => queue::wait_idle, vk::PFN_vkQueueWaitIdle;
        c"vkCreateSwapchainKHR" => present::create_swapchain, vk::PFN_vkCreateSwapchainKHR;
        c"vkDestroySwapchainKHR" => present::destroy_swapchain, vk::PFN_vkDestroySwapchainKHR;
        c"vkGetSwapchainImagesKHR" => present::images, vk::PFN_vkGetSwapchainImagesKHR;
        c"vkAcquireNextImageKHR" => present::acquire, vk::PFN_vkAcquireNextImageKHR;
        c"vkQueuePresentKHR" => present::present, vk::PFN_vkQueuePresentKHR;
    }
    None
}

fn find_command(name: &CStr) -> Option<Void> {
    look_up! { name;
        c"vkCmdBeginQuery" => command::begin_query, vk::PFN_vkCmdBeginQuery;
        c"vkCmdBeginRendering" => command::begin_rendering, vk::PFN_vkCmdBeginRendering;
        c"vkCmdBindDescriptorSets" => command::bind_descriptor_sets, vk::PFN_vkCmdBindDescriptorSets;
        c"vkCmdBindIndexBuffer" => command::bind_index_buffer, vk::PFN_vkCmdBindIndexBuffer;
        c"vkCmdBindPipeline" => command::bind_pipeline, vk::PFN_vkCmdBindPipeline;
        c"vkCmdBindVertexBuffers" => command::bind_vertex_buffers, vk::PFN_vkCmdBindVertexBuffers;
        c"vkCmdBindVertexBuffers2" => command::bind_vertex_buffers2, vk::PFN_vkCmdBindVertexBuffers2;
        c"vkCmdBlitImage" => command::blit_image, vk::PFN_vkCmdBlitImage;
        c"vkCmdBlitImage2" => command::blit_image2, vk::PFN_vkCmdBlitImage2;
        c"vkCmdClearColorImage" => command::clear_color_image, vk::PFN_vkCmdClearColorImage;
        c"vkCmdCopyBuffer" => command::copy_buffer, vk::PFN_vkCmdCopyBuffer;
        c"vkCmdCopyBuffer2" => command::copy_buffer2, vk::PFN_vkCmdCopyBuffer2;
        c"vkCmdCopyBufferToImage" => command::copy_buffer_to_image, vk::PFN_vkCmdCopyBufferToImage;
        c"vkCmdCopyBufferToImage2" => command::copy_buffer_to_image2, vk::PFN_vkCmdCopyBufferToImage2;
        c"vkCmdCopyImage" => command::copy_image, vk::PFN_vkCmdCopyImage;
        c"vkCmdCopyImage2" => command::copy_image2, vk::PFN_vkCmdCopyImage2;
        c"vkCmdCopyImageToBuffer" => command::copy_image_to_buffer, vk::PFN_vkCmdCopyImageToBuffer;
        c"vkCmdCopyImageToBuffer2" => command::copy_image_to_buffer2, vk::PFN_vkCmdCopyImageToBuffer2;
        c"vkCmdDispatch" => command::dispatch, vk::PFN_vkCmdDispatch;
        c"vkCmdDispatchIndirect" => command::dispatch_indirect, vk::PFN_vkCmdDispatchIndirect;
        c"vkCmdDraw" => command::draw, vk::PFN_vkCmdDraw;
        c"vkCmdDrawIndexed" => command::draw_indexed, vk::PFN_vkCmdDrawIndexed;
        c"vkCmdDrawIndexedIndirect" => command::draw_indexed_indirect, vk::PFN_vkCmdDrawIndexedIndirect;
        c"vkCmdDrawIndexedIndirectCount" => command::draw_indexed_indirect_count,
            vk::PFN_vkCmdDrawIndexedIndirectCount;
        c"vkCmdDrawIndirect" => command::draw_indirect, vk::PFN_vkCmdDrawIndirect;
        c"vkCmdDrawIndirectCount" => command::draw_indirect_count, vk::PFN_vkCmdDrawIndirectCount;
        c"vkCmdEndQuery" => command::end_query, vk::PFN_vkCmdEndQuery;
        c"vkCmdEndRendering" => command::end_rendering, vk::PFN_vkCmdEndRendering;
        c"vkCmdFillBuffer" => command::fill_buffer, vk::PFN_vkCmdFillBuffer;
        c"vkCmdPipelineBarrier2" => command::pipeline_barrier2, vk::PFN_vkCmdPipelineBarrier2;
        c"vkCmdPushConstants" => command::push_constants, vk::PFN_vkCmdPushConstants;
        c"vkCmdResetQueryPool" => command::reset_query_pool, vk::PFN_vkCmdResetQueryPool;
        c"vkCmdResolveImage2" => command::resolve_image2, vk::PFN_vkCmdResolveImage2;
        c"vkCmdSetBlendConstants" => command::set_blend_constants, vk::PFN_vkCmdSetBlendConstants;
        c"vkCmdSetCullMode" => command::set_cull_mode, vk::PFN_vkCmdSetCullMode;
        c"vkCmdSetDepthBias" => command::set_depth_bias, vk::PFN_vkCmdSetDepthBias;
        c"vkCmdSetDepthBiasEnable" => command::set_depth_bias_enable, vk::PFN_vkCmdSetDepthBiasEnable;
        c"vkCmdSetDepthBounds" => command::set_depth_bounds, vk::PFN_vkCmdSetDepthBounds;
        c"vkCmdSetDepthCompareOp" => command::set_depth_compare_op, vk::PFN_vkCmdSetDepthCompareOp;
        c"vkCmdSetDepthTestEnable" => command::set_depth_test_enable, vk::PFN_vkCmdSetDepthTestEnable;
        c"vkCmdSetDepthWriteEnable" => command::set_depth_write_enable, vk::PFN_vkCmdSetDepthWriteEnable;
        c"vkCmdSetFrontFace" => command::set_front_face, vk::PFN_vkCmdSetFrontFace;
        c"vkCmdSetLineWidth" => command::set_line_width, vk::PFN_vkCmdSetLineWidth;
        c"vkCmdSetPrimitiveRestartEnable" => command::set_primitive_restart_enable,
            vk::PFN_vkCmdSetPrimitiveRestartEnable;
        c"vkCmdSetPrimitiveTopology" => command::set_primitive_topology, vk::PFN_vkCmdSetPrimitiveTopology;
        c"vkCmdSetRasterizerDiscardEnable" => command::set_rasterizer_discard_enable,
            vk::PFN_vkCmdSetRasterizerDiscardEnable;
        c"vkCmdSetScissor" => command::set_scissor, vk::PFN_vkCmdSetScissor;
        c"vkCmdSetStencilReference" => command::set_stencil_reference, vk::PFN_vkCmdSetStencilReference;
        c"vkCmdSetStencilTestEnable" => command::set_stencil_test_enable, vk::PFN_vkCmdSetStencilTestEnable;
        c"vkCmdSetViewport" => command::set_viewport, vk::PFN_vkCmdSetViewport;
        c"vkCmdUpdateBuffer" => command::update_buffer, vk::PFN_vkCmdUpdateBuffer;
        c"vkCmdWriteTimestamp2" => command::write_timestamp2, vk::PFN_vkCmdWriteTimestamp2;
    }
    None
}
