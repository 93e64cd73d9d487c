//! Descriptor set layouts, the pool, and the sets from it.

use ash::vk;

use super::buffer::Buffer;
use super::device::Device;
use crate::error::{Named, RenderError};

/// What a set holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SetKind {
    /// Binding 0: the view's uniforms, at a dynamic offset.
    View,
    /// Binding 0: a texture; binding 1: its sampler.
    Texture,
}

/// The layout of one kind of set.
pub(crate) struct SetLayout<'gpu> {
    device: &'gpu Device,
    raw: vk::DescriptorSetLayout,
}

impl<'gpu> SetLayout<'gpu> {
    pub(crate) fn try_new(device: &'gpu Device, kind: SetKind) -> Result<SetLayout<'gpu>, RenderError> {
        use vk::DescriptorType as Type;
        use vk::ShaderStageFlags as Stage;
        let binding = |index, kind, stages| {
            vk::DescriptorSetLayoutBinding::default()
                .binding(index)
                .descriptor_type(kind)
                .descriptor_count(1)
                .stage_flags(stages)
        };
        let view = [binding(0, Type::UNIFORM_BUFFER_DYNAMIC, Stage::VERTEX | Stage::FRAGMENT)];
        let texture = [binding(0, Type::SAMPLED_IMAGE, Stage::FRAGMENT), binding(1, Type::SAMPLER, Stage::FRAGMENT)];
        let info = vk::DescriptorSetLayoutCreateInfo::default().bindings(match kind {
            SetKind::View => &view,
            SetKind::Texture => &texture,
        });
        // SAFETY: the device is live, the bindings are distinct.
        let raw = unsafe { device.raw().create_descriptor_set_layout(&info, device.callbacks()) }
            .named("vkCreateDescriptorSetLayout")?;
        device.account().born();
        Ok(SetLayout { device, raw })
    }

    pub(crate) fn raw(&self) -> vk::DescriptorSetLayout {
        self.raw
    }
}

impl Drop for SetLayout<'_> {
    fn drop(&mut self) {
        // SAFETY: made from this device, destroyed once.
        unsafe { self.device.raw().destroy_descriptor_set_layout(self.raw, self.device.callbacks()) };
        self.device.account().gone();
    }
}

/// A set of the pool. Given back through [`DescriptorPool::free`] once the GPU no longer uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DescriptorSet {
    pub(crate) raw: vk::DescriptorSet,
}

/// The pool that all sets come from.
pub(crate) struct DescriptorPool<'gpu> {
    device: &'gpu Device,
    raw: vk::DescriptorPool,
    capacity: u32,
}

impl<'gpu> DescriptorPool<'gpu> {
    /// Room for `textures` sets of [`SetKind::Texture`] and `views` of [`SetKind::View`].
    pub(crate) fn try_new(
        device: &'gpu Device,
        textures: u32,
        views: u32,
    ) -> Result<DescriptorPool<'gpu>, RenderError> {
        let size = |kind, count| vk::DescriptorPoolSize { ty: kind, descriptor_count: count };
        let sizes = [
            size(vk::DescriptorType::SAMPLED_IMAGE, textures),
            size(vk::DescriptorType::SAMPLER, textures),
            size(vk::DescriptorType::UNIFORM_BUFFER_DYNAMIC, views),
        ];
        let info = vk::DescriptorPoolCreateInfo::default()
            .flags(vk::DescriptorPoolCreateFlags::FREE_DESCRIPTOR_SET)
            .max_sets(textures + views)
            .pool_sizes(&sizes);
        // SAFETY: the device is live, counts are above 0.
        let raw = unsafe { device.raw().create_descriptor_pool(&info, device.callbacks()) }
            .named("vkCreateDescriptorPool")?;
        device.account().born();
        Ok(DescriptorPool { device, raw, capacity: textures + views })
    }

    /// A fresh set.
    ///
    /// # Errors
    /// [`RenderError::LimitReached`] where all sets are out.
    pub(crate) fn try_allocate(&mut self, layout: &SetLayout<'gpu>) -> Result<DescriptorSet, RenderError> {
        let layouts = [layout.raw];
        let info = vk::DescriptorSetAllocateInfo::default().descriptor_pool(self.raw).set_layouts(&layouts);
        let mut raw = vk::DescriptorSet::null();
        let allocate = self.device.raw().fp_v1_0().allocate_descriptor_sets;
        // SAFETY: pool and layout are live, `raw` has room for the one set; `&mut self` makes the pool ours alone.
        let result = unsafe { allocate(self.device.raw().handle(), &info, &mut raw) };
        match result {
            vk::Result::SUCCESS => Ok(DescriptorSet { raw }),
            vk::Result::ERROR_OUT_OF_POOL_MEMORY | vk::Result::ERROR_FRAGMENTED_POOL => {
                Err(RenderError::LimitReached { what: "descriptor sets", limit: self.capacity, field: "materials_max" })
            }
            result => Err(RenderError::from_vulkan("vkAllocateDescriptorSets", result)),
        }
    }

    /// Gives a set back; no frame in flight uses it.
    pub(crate) fn free(&mut self, set: DescriptorSet) {
        // SAFETY: the set is this pool's and is given back once (module invariant 1).
        let freed = unsafe { self.device.raw().free_descriptor_sets(self.raw, &[set.raw]) };
        debug_assert!(freed.is_ok(), "freeing a descriptor set can't fail");
    }

    /// Points a texture set at an image and a sampler.
    pub(crate) fn write_texture(&mut self, set: DescriptorSet, view: vk::ImageView, sampler: vk::Sampler) {
        let image = [vk::DescriptorImageInfo::default()
            .image_view(view)
            .image_layout(vk::ImageLayout::SHADER_READ_ONLY_OPTIMAL)];
        let sampler = [vk::DescriptorImageInfo::default().sampler(sampler)];
        let writes = [
            vk::WriteDescriptorSet::default()
                .dst_set(set.raw)
                .dst_binding(0)
                .descriptor_type(vk::DescriptorType::SAMPLED_IMAGE)
                .image_info(&image),
            vk::WriteDescriptorSet::default()
                .dst_set(set.raw)
                .dst_binding(1)
                .descriptor_type(vk::DescriptorType::SAMPLER)
                .image_info(&sampler),
        ];
        // SAFETY: the set is fresh, so no frame in flight reads it; view and sampler are live.
        unsafe { self.device.raw().update_descriptor_sets(&writes, &[]) };
    }

    /// Points a view set at the uniforms in `buffer`, `range` bytes from a dynamic offset.
    pub(crate) fn write_view(&mut self, set: DescriptorSet, buffer: &Buffer<'gpu>, range: u64) {
        let uniforms = [vk::DescriptorBufferInfo { buffer: buffer.raw(), offset: 0, range }];
        let writes = [vk::WriteDescriptorSet::default()
            .dst_set(set.raw)
            .dst_binding(0)
            .descriptor_type(vk::DescriptorType::UNIFORM_BUFFER_DYNAMIC)
            .buffer_info(&uniforms)];
        // SAFETY: the set is fresh, so no frame in flight reads it; the buffer is live.
        unsafe { self.device.raw().update_descriptor_sets(&writes, &[]) };
    }
}

impl Drop for DescriptorPool<'_> {
    fn drop(&mut self) {
        // SAFETY: made from this device, destroyed once with its sets; the owner waited for the GPU.
        unsafe { self.device.raw().destroy_descriptor_pool(self.raw, self.device.callbacks()) };
        self.device.account().gone();
    }
}
