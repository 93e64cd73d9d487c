//! What the stub's one physical device says of itself.

use std::ffi::{CStr, c_char, c_void};

use ash::vk;

use super::Stub;
use super::control::Can;
use super::instance::list;
use super::object::{result, stub_of};

/// The longest side of an image.
const SIDE_MAX: u32 = 16_384;

/// # Safety
/// Called as `vkGetPhysicalDeviceProperties`.
pub(super) unsafe extern "system" fn properties(device: vk::PhysicalDevice, out: *mut vk::PhysicalDeviceProperties) {
    // SAFETY: the arguments are the command's.
    unsafe {
        let stub = stub_of(device);
        stub.count();
        out.write(describe(stub.is_bare()));
    }
}

/// # Safety
/// Called as `vkGetPhysicalDeviceProperties2`.
pub(super) unsafe extern "system" fn properties2(
    device: vk::PhysicalDevice,
    out: *mut vk::PhysicalDeviceProperties2<'_>,
) {
    // SAFETY: the arguments are the command's; each structure of a chain is told by its type.
    unsafe {
        let stub = stub_of(device);
        stub.count();
        (*out).properties = describe(stub.is_bare());
        let mut link = (*out).p_next.cast::<vk::BaseOutStructure<'_>>();
        while let Some(next) = link.as_mut() {
            if next.s_type == vk::StructureType::PHYSICAL_DEVICE_DRIVER_PROPERTIES {
                let driver = &mut *link.cast::<vk::PhysicalDeviceDriverProperties<'_>>();
                write(&mut driver.driver_name, c"stub");
                write(&mut driver.driver_info, c"draws nothing");
            }
            link = next.p_next;
        }
    }
}

/// # Safety
/// Called as `vkGetPhysicalDeviceFeatures`.
pub(super) unsafe extern "system" fn features(device: vk::PhysicalDevice, out: *mut vk::PhysicalDeviceFeatures) {
    // SAFETY: the arguments are the command's.
    unsafe {
        let stub = stub_of(device);
        stub.count();
        basic_features(stub.is_bare(), &mut *out);
    }
}

/// # Safety
/// Called as `vkGetPhysicalDeviceFeatures2`.
pub(super) unsafe extern "system" fn features2(device: vk::PhysicalDevice, out: *mut vk::PhysicalDeviceFeatures2<'_>) {
    // SAFETY: the arguments are the command's; each structure of a chain is told by its type.
    unsafe {
        let stub = stub_of(device);
        stub.count();
        let bare = stub.is_bare();
        basic_features(bare, &mut (*out).features);
        let mut link = (*out).p_next.cast::<vk::BaseOutStructure<'_>>();
        while let Some(next) = link.as_mut() {
            match next.s_type {
                vk::StructureType::PHYSICAL_DEVICE_VULKAN_1_1_FEATURES if !bare => {
                    all(link, size_of::<vk::PhysicalDeviceVulkan11Features<'_>>());
                }
                vk::StructureType::PHYSICAL_DEVICE_VULKAN_1_2_FEATURES => {
                    if !bare {
                        all(link, size_of::<vk::PhysicalDeviceVulkan12Features<'_>>());
                    }
                    (*link.cast::<vk::PhysicalDeviceVulkan12Features<'_>>()).timeline_semaphore = vk::TRUE;
                }
                vk::StructureType::PHYSICAL_DEVICE_VULKAN_1_3_FEATURES => {
                    if !bare {
                        all(link, size_of::<vk::PhysicalDeviceVulkan13Features<'_>>());
                    }
                    let features = &mut *link.cast::<vk::PhysicalDeviceVulkan13Features<'_>>();
                    features.dynamic_rendering = vk::TRUE;
                    features.synchronization2 = vk::TRUE;
                    features.maintenance4 = vk::TRUE;
                }
                _ => {}
            }
            link = next.p_next;
        }
    }
}

/// # Safety
/// Called as `vkGetPhysicalDeviceMemoryProperties`.
pub(super) unsafe extern "system" fn memory(device: vk::PhysicalDevice, out: *mut vk::PhysicalDeviceMemoryProperties) {
    // SAFETY: the arguments are the command's.
    unsafe {
        stub_of(device).count();
        out.write(memory_types());
    }
}

/// # Safety
/// Called as `vkGetPhysicalDeviceMemoryProperties2`.
pub(super) unsafe extern "system" fn memory2(
    device: vk::PhysicalDevice,
    out: *mut vk::PhysicalDeviceMemoryProperties2<'_>,
) {
    // SAFETY: the arguments are the command's.
    unsafe {
        stub_of(device).count();
        (*out).memory_properties = memory_types();
    }
}

/// # Safety
/// Called as `vkGetPhysicalDeviceQueueFamilyProperties`.
pub(super) unsafe extern "system" fn queue_families(
    device: vk::PhysicalDevice,
    count: *mut u32,
    out: *mut vk::QueueFamilyProperties,
) {
    let family = vk::QueueFamilyProperties {
        queue_flags: vk::QueueFlags::GRAPHICS | vk::QueueFlags::COMPUTE | vk::QueueFlags::TRANSFER,
        queue_count: 1,
        min_image_transfer_granularity: vk::Extent3D { width: 1, height: 1, depth: 1 },
        ..Default::default()
    };
    // SAFETY: the arguments are the command's.
    unsafe {
        stub_of(device).count();
        let _ = list(&[family], count, out);
    }
}

/// # Safety
/// Called as `vkGetPhysicalDeviceFormatProperties`.
pub(super) unsafe extern "system" fn format(
    device: vk::PhysicalDevice,
    format: vk::Format,
    out: *mut vk::FormatProperties,
) {
    // SAFETY: the arguments are the command's.
    unsafe {
        let stub = stub_of(device);
        stub.count();
        let optimal_tiling_features = format_features(stub, format);
        out.write(vk::FormatProperties { optimal_tiling_features, ..Default::default() });
    }
}

/// # Safety
/// Called as `vkGetPhysicalDeviceImageFormatProperties`.
pub(super) unsafe extern "system" fn image_format(
    device: vk::PhysicalDevice,
    format: vk::Format,
    _kind: vk::ImageType,
    _tiling: vk::ImageTiling,
    _usage: vk::ImageUsageFlags,
    _flags: vk::ImageCreateFlags,
    out: *mut vk::ImageFormatProperties,
) -> vk::Result {
    result(|| {
        // SAFETY: the arguments are the command's.
        unsafe {
            let stub = stub_of(device);
            stub.enter("vkGetPhysicalDeviceImageFormatProperties", Can::MEMORY)?;
            if format_features(stub, format).is_empty() {
                return Err(vk::Result::ERROR_FORMAT_NOT_SUPPORTED);
            }
            out.write(vk::ImageFormatProperties {
                max_extent: vk::Extent3D { width: SIDE_MAX, height: SIDE_MAX, depth: 1 },
                max_mip_levels: SIDE_MAX.ilog2() + 1,
                max_array_layers: 256,
                sample_counts: vk::SampleCountFlags::TYPE_1 | vk::SampleCountFlags::TYPE_4,
                max_resource_size: 1 << 31,
            });
        }
        Ok(())
    })
}

fn format_features(stub: &Stub, format: vk::Format) -> vk::FormatFeatureFlags {
    use vk::FormatFeatureFlags as Feature;
    let copied = Feature::TRANSFER_SRC | Feature::TRANSFER_DST;
    let sampled = copied | Feature::SAMPLED_IMAGE | Feature::SAMPLED_IMAGE_FILTER_LINEAR;
    let drawn = sampled
        | Feature::BLIT_SRC
        | Feature::BLIT_DST
        | Feature::COLOR_ATTACHMENT
        | Feature::COLOR_ATTACHMENT_BLEND
        | Feature::STORAGE_IMAGE;
    match format {
        _ if stub.lacks(format) || format == vk::Format::UNDEFINED => Feature::empty(),
        vk::Format::D32_SFLOAT | vk::Format::D16_UNORM => sampled | Feature::DEPTH_STENCIL_ATTACHMENT,
        // The chapter on formats guarantees these ("Mandatory format support").
        vk::Format::R8G8B8A8_UNORM
        | vk::Format::R8G8B8A8_SRGB
        | vk::Format::B8G8R8A8_UNORM
        | vk::Format::B8G8R8A8_SRGB
        | vk::Format::R16G16B16A16_SFLOAT
        | vk::Format::R8_UNORM
        | vk::Format::R8G8_UNORM => drawn,
        vk::Format::R32G32B32A32_SFLOAT => copied | Feature::SAMPLED_IMAGE | Feature::COLOR_ATTACHMENT,
        _ if stub.is_bare() => Feature::empty(),
        _ if (vk::Format::BC1_RGB_UNORM_BLOCK..=vk::Format::BC7_SRGB_BLOCK).contains(&format) => sampled,
        _ => drawn,
    }
}

fn basic_features(bare: bool, features: &mut vk::PhysicalDeviceFeatures) {
    if bare {
        *features = vk::PhysicalDeviceFeatures::default().robust_buffer_access(true);
        return;
    }
    let words = size_of::<vk::PhysicalDeviceFeatures>() / size_of::<vk::Bool32>();
    // SAFETY: the structure is made of nothing but `VkBool32`s.
    unsafe { std::slice::from_raw_parts_mut(std::ptr::from_mut(features).cast::<vk::Bool32>(), words) }.fill(vk::TRUE);
}

/// Turns all features of a chained structure on: they are `VkBool32`s after the type and the next link.
///
/// # Safety
/// `link` is such a structure of `bytes`.
unsafe fn all(link: *mut vk::BaseOutStructure<'_>, bytes: usize) {
    let start =
        size_of::<vk::StructureType>().next_multiple_of(align_of::<*const c_void>()) + size_of::<*const c_void>();
    let words = (bytes - start) / size_of::<vk::Bool32>();
    // SAFETY: within the structure (contract), aligned to four bytes; the padding at its end may be written.
    unsafe {
        std::slice::from_raw_parts_mut(link.cast::<u8>().add(start).cast::<vk::Bool32>(), words).fill(vk::TRUE);
    }
}

fn memory_types() -> vk::PhysicalDeviceMemoryProperties {
    use vk::MemoryPropertyFlags as Flag;
    let mut properties =
        vk::PhysicalDeviceMemoryProperties { memory_type_count: 3, memory_heap_count: 2, ..Default::default() };
    let host = Flag::HOST_VISIBLE | Flag::HOST_COHERENT;
    for (index, (property_flags, heap_index)) in
        [(Flag::DEVICE_LOCAL, 0), (host, 1), (host | Flag::HOST_CACHED, 1)].into_iter().enumerate()
    {
        properties.memory_types[index] = vk::MemoryType { property_flags, heap_index };
    }
    properties.memory_heaps[0] = vk::MemoryHeap { size: 64 << 30, flags: vk::MemoryHeapFlags::DEVICE_LOCAL };
    properties.memory_heaps[1] = vk::MemoryHeap { size: 64 << 30, flags: vk::MemoryHeapFlags::empty() };
    properties
}

fn describe(bare: bool) -> vk::PhysicalDeviceProperties {
    let counts = vk::SampleCountFlags::TYPE_1 | vk::SampleCountFlags::TYPE_4;
    let limits = vk::PhysicalDeviceLimits {
        max_image_dimension1_d: SIDE_MAX,
        max_image_dimension2_d: if bare { 4_096 } else { SIDE_MAX },
        max_image_dimension3_d: 2_048,
        max_image_dimension_cube: SIDE_MAX,
        max_image_array_layers: 256,
        max_framebuffer_width: SIDE_MAX,
        max_framebuffer_height: SIDE_MAX,
        max_framebuffer_layers: 256,
        max_viewport_dimensions: [SIDE_MAX; 2],
        max_viewports: 1,
        max_color_attachments: 4,
        max_uniform_buffer_range: 16_384,
        max_storage_buffer_range: 1 << 27,
        max_push_constants_size: 128,
        max_memory_allocation_count: 4_096,
        max_sampler_allocation_count: 4_000,
        max_bound_descriptor_sets: 4,
        max_per_stage_descriptor_samplers: 16,
        max_per_stage_descriptor_uniform_buffers: 12,
        max_per_stage_descriptor_storage_buffers: 4,
        max_per_stage_descriptor_sampled_images: 16,
        max_per_stage_descriptor_storage_images: 4,
        max_per_stage_resources: 128,
        max_descriptor_set_samplers: 96,
        max_descriptor_set_uniform_buffers: 72,
        max_descriptor_set_uniform_buffers_dynamic: 8,
        max_descriptor_set_storage_buffers: 24,
        max_descriptor_set_storage_buffers_dynamic: 4,
        max_descriptor_set_sampled_images: 96,
        max_descriptor_set_storage_images: 24,
        max_vertex_input_attributes: 16,
        max_vertex_input_bindings: 16,
        max_vertex_input_attribute_offset: 2_047,
        max_vertex_input_binding_stride: 2_048,
        max_vertex_output_components: 64,
        max_fragment_input_components: 64,
        max_fragment_output_attachments: 4,
        max_compute_shared_memory_size: 16_384,
        max_compute_work_group_count: [65_535; 3],
        max_compute_work_group_invocations: 128,
        max_compute_work_group_size: [128, 128, 64],
        max_draw_indexed_index_value: u32::MAX,
        max_draw_indirect_count: if bare { 1 } else { u32::MAX },
        max_sampler_lod_bias: 2.0,
        max_sampler_anisotropy: if bare { 1.0 } else { 16.0 },
        min_memory_map_alignment: 64,
        min_texel_buffer_offset_alignment: 256,
        min_uniform_buffer_offset_alignment: 256,
        min_storage_buffer_offset_alignment: 256,
        buffer_image_granularity: 1,
        framebuffer_color_sample_counts: counts,
        framebuffer_depth_sample_counts: counts,
        sampled_image_color_sample_counts: counts,
        sampled_image_depth_sample_counts: counts,
        non_coherent_atom_size: 64,
        optimal_buffer_copy_offset_alignment: 1,
        optimal_buffer_copy_row_pitch_alignment: 1,
        point_size_range: [1.0, 1.0],
        line_width_range: [1.0, 1.0],
        ..Default::default()
    };
    let mut properties = vk::PhysicalDeviceProperties {
        api_version: vk::API_VERSION_1_3,
        driver_version: 1,
        device_type: vk::PhysicalDeviceType::OTHER,
        limits,
        ..Default::default()
    };
    write(&mut properties.device_name, if bare { c"bare stub" } else { c"stub" });
    properties
}

fn write(place: &mut [c_char], text: &CStr) {
    for (place, &byte) in place.iter_mut().zip(text.to_bytes_with_nul()) {
        *place = byte as c_char;
    }
}
