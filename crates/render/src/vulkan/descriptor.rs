//! Descriptor set layouts, the pools, and the sets from them.

use ash::vk;

use super::buffer::Buffer;
use super::device::Device;
use crate::error::{Named, RenderError};
use crate::material_constants::{CONSTANTS_BYTES, ConstantsPlace};
use crate::materials::SLOTS;

/// What a set holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SetKind {
    /// Binding 0: the view's uniforms, at a dynamic offset; binding 1: instances.
    View,
    /// Binding 0: a texture; binding 1: its sampler.
    Texture,
    /// Binding 0: the numbers; then the textures, then their samplers.
    Material,
    /// Bindings 0 and 1: the environment and its sampler; 2 and 3: the shadow map and its sampler.
    Surroundings,
    /// Storage buffers of a compute shader, this many.
    Compute(u32),
}

const BINDINGS_MAX: usize = 1 + 2 * SLOTS;

impl SetKind {
    fn binding(self, index: u32) -> Option<(vk::DescriptorType, vk::ShaderStageFlags)> {
        use vk::DescriptorType as Type;
        use vk::ShaderStageFlags as Stage;
        const FIRST_SAMPLER: u32 = 1 + SLOTS as u32;
        const END: u32 = BINDINGS_MAX as u32;
        let both = Stage::VERTEX | Stage::FRAGMENT;
        Some(match (self, index) {
            (SetKind::View, 0) => (Type::UNIFORM_BUFFER_DYNAMIC, both),
            (SetKind::View, 1) => (Type::STORAGE_BUFFER, Stage::VERTEX),
            (SetKind::Texture, 0) | (SetKind::Surroundings, 0 | 2) => (Type::SAMPLED_IMAGE, Stage::FRAGMENT),
            (SetKind::Texture, 1) | (SetKind::Surroundings, 1 | 3) => (Type::SAMPLER, Stage::FRAGMENT),
            (SetKind::Material, 0) => (Type::UNIFORM_BUFFER, Stage::FRAGMENT),
            (SetKind::Material, 1..FIRST_SAMPLER) => (Type::SAMPLED_IMAGE, Stage::FRAGMENT),
            (SetKind::Material, FIRST_SAMPLER..END) => (Type::SAMPLER, Stage::FRAGMENT),
            (SetKind::Compute(count), _) if index < count => (Type::STORAGE_BUFFER, Stage::COMPUTE),
            _ => return None,
        })
    }
}

/// The layout of one kind of set.
pub(crate) struct SetLayout<'gpu> {
    device: &'gpu Device,
    raw: vk::DescriptorSetLayout,
}

impl<'gpu> SetLayout<'gpu> {
    pub(crate) fn try_new(device: &'gpu Device, kind: SetKind) -> Result<SetLayout<'gpu>, RenderError> {
        let mut bindings = [vk::DescriptorSetLayoutBinding::default(); BINDINGS_MAX];
        let mut count = 0;
        for (index, binding) in bindings.iter_mut().enumerate() {
            let Some((kind, stages)) = kind.binding(index as u32) else { break };
            *binding = vk::DescriptorSetLayoutBinding::default()
                .binding(index as u32)
                .descriptor_type(kind)
                .descriptor_count(1)
                .stage_flags(stages);
            count += 1;
        }
        let info = vk::DescriptorSetLayoutCreateInfo::default().bindings(&bindings[..count]);
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

/// A set of the pools. Given back through [`DescriptorPools::free`] once the GPU no longer uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DescriptorSet {
    pub(crate) raw: vk::DescriptorSet,
    pool: u16,
}

const POOLS_MAX: usize = 512;
/// Sets in one pool; those of materials are large, so that fewer of them fit.
const SETS_PER_POOL: u32 = 256;

/// The pools that all sets come from; a new one is made when the others are full.
pub(crate) struct DescriptorPools<'gpu> {
    device: &'gpu Device,
    pools: [vk::DescriptorPool; POOLS_MAX],
    count: usize,
    /// Which pool had room last.
    hint: usize,
}

impl<'gpu> DescriptorPools<'gpu> {
    pub(crate) fn new(device: &'gpu Device) -> DescriptorPools<'gpu> {
        DescriptorPools { device, pools: [vk::DescriptorPool::null(); POOLS_MAX], count: 0, hint: 0 }
    }

    /// A fresh set.
    ///
    /// # Errors
    /// [`RenderError::LimitReached`] where all sets are out.
    pub(crate) fn try_allocate(&mut self, layout: &SetLayout<'gpu>) -> Result<DescriptorSet, RenderError> {
        let (hint, count) = (self.hint, self.count);
        for index in std::iter::once(hint).filter(|&hint| hint < count).chain((0..count).rev()) {
            if let Some(set) = self.allocate_from(index, layout)? {
                self.hint = index;
                return Ok(set);
            }
        }
        if self.count == POOLS_MAX {
            let limit = POOLS_MAX as u32 * SETS_PER_POOL;
            return Err(RenderError::LimitReached { what: "descriptor sets", limit, field: "none, it is fixed" });
        }
        self.pools[self.count] = self.create_pool()?;
        self.device.account().born();
        self.count += 1;
        self.hint = self.count - 1;
        let out = RenderError::OutOfDeviceMemory { operation: "vkAllocateDescriptorSets", asked: 0 };
        self.allocate_from(self.hint, layout)?.ok_or(out)
    }

    /// Gives a set back; no frame in flight uses it.
    pub(crate) fn free(&mut self, set: DescriptorSet) {
        self.hint = usize::from(set.pool);
        // SAFETY: the set is this pool's and is given back once (module invariant 1).
        let freed = unsafe { self.device.raw().free_descriptor_sets(self.pools[self.hint], &[set.raw]) };
        debug_assert!(freed.is_ok(), "freeing a descriptor set can't fail");
    }

    fn allocate_from(&mut self, index: usize, layout: &SetLayout<'gpu>) -> Result<Option<DescriptorSet>, RenderError> {
        let layouts = [layout.raw];
        let info = vk::DescriptorSetAllocateInfo::default().descriptor_pool(self.pools[index]).set_layouts(&layouts);
        let mut raw = vk::DescriptorSet::null();
        let allocate = self.device.raw().fp_v1_0().allocate_descriptor_sets;
        // SAFETY: pool and layout are live, `raw` has room for the one set; `&mut self` makes the pool ours alone.
        match unsafe { allocate(self.device.raw().handle(), &info, &mut raw) } {
            vk::Result::SUCCESS => Ok(Some(DescriptorSet { raw, pool: index as u16 })),
            vk::Result::ERROR_OUT_OF_POOL_MEMORY | vk::Result::ERROR_FRAGMENTED_POOL => Ok(None),
            result => Err(RenderError::from_vulkan("vkAllocateDescriptorSets", result)),
        }
    }

    fn create_pool(&self) -> Result<vk::DescriptorPool, RenderError> {
        let size = |kind, count| vk::DescriptorPoolSize { ty: kind, descriptor_count: count };
        let sizes = [
            size(vk::DescriptorType::SAMPLED_IMAGE, SETS_PER_POOL * 4),
            size(vk::DescriptorType::SAMPLER, SETS_PER_POOL * 4),
            size(vk::DescriptorType::UNIFORM_BUFFER, SETS_PER_POOL),
            size(vk::DescriptorType::UNIFORM_BUFFER_DYNAMIC, SETS_PER_POOL / 2),
            size(vk::DescriptorType::STORAGE_BUFFER, SETS_PER_POOL),
        ];
        let info = vk::DescriptorPoolCreateInfo::default()
            .flags(vk::DescriptorPoolCreateFlags::FREE_DESCRIPTOR_SET)
            .max_sets(SETS_PER_POOL)
            .pool_sizes(&sizes);
        // SAFETY: the device is live, counts are above 0.
        unsafe { self.device.raw().create_descriptor_pool(&info, self.device.callbacks()) }
            .named("vkCreateDescriptorPool")
    }

    /// Points a texture set at an image and a sampler.
    pub(crate) fn write_texture(&mut self, set: DescriptorSet, view: vk::ImageView, sampler: vk::Sampler) {
        self.write_images(set, 0, &[view]);
        self.write_samplers(set, 1, &[sampler]);
    }

    /// Points a material set at its numbers, textures and samplers.
    pub(crate) fn write_material(
        &mut self,
        set: DescriptorSet,
        constants: ConstantsPlace,
        views: &[vk::ImageView; SLOTS],
        samplers: &[vk::Sampler; SLOTS],
    ) {
        let ConstantsPlace { buffer, offset } = constants;
        let place = vk::DescriptorBufferInfo { buffer, offset, range: CONSTANTS_BYTES };
        self.write_buffer(set, 0, vk::DescriptorType::UNIFORM_BUFFER, place);
        self.write_images(set, 1, views);
        self.write_samplers(set, 1 + SLOTS as u32, samplers);
    }

    /// Points a surroundings set at an environment and a shadow map, each an image with its sampler.
    pub(crate) fn write_surroundings(
        &mut self,
        set: DescriptorSet,
        environment: (vk::ImageView, vk::Sampler),
        shadow: (vk::ImageView, vk::Sampler),
    ) {
        for (first, (view, sampler)) in [(0, environment), (2, shadow)] {
            self.write_images(set, first, &[view]);
            self.write_samplers(set, first + 1, &[sampler]);
        }
    }

    /// Points a view set at the uniforms in `uniforms`, `range` bytes from a dynamic offset, and at instances.
    pub(crate) fn write_view(
        &mut self,
        set: DescriptorSet,
        uniforms: &Buffer<'gpu>,
        range: u64,
        instances: &Buffer<'gpu>,
    ) {
        let place = vk::DescriptorBufferInfo { buffer: uniforms.raw(), offset: 0, range };
        self.write_buffer(set, 0, vk::DescriptorType::UNIFORM_BUFFER_DYNAMIC, place);
        self.write_storage(set, 1, instances);
    }

    /// Points a binding at a whole buffer, or as much of it as the device can see at once.
    pub(crate) fn write_storage(&mut self, set: DescriptorSet, binding: u32, buffer: &Buffer<'gpu>) {
        let range = buffer.size().min(u64::from(self.device.physical().limits.max_storage_buffer_range));
        let place = vk::DescriptorBufferInfo { buffer: buffer.raw(), offset: 0, range };
        self.write_buffer(set, binding, vk::DescriptorType::STORAGE_BUFFER, place);
    }

    fn write_buffer(
        &mut self,
        set: DescriptorSet,
        binding: u32,
        kind: vk::DescriptorType,
        place: vk::DescriptorBufferInfo,
    ) {
        let places = [place];
        let write = vk::WriteDescriptorSet::default()
            .dst_set(set.raw)
            .dst_binding(binding)
            .descriptor_type(kind)
            .buffer_info(&places);
        // SAFETY: the set is fresh, so no frame in flight reads it; the buffer is live and holds the range.
        unsafe { self.device.raw().update_descriptor_sets(&[write], &[]) };
    }

    /// Images to bindings in a row.
    fn write_images(&mut self, set: DescriptorSet, first: u32, views: &[vk::ImageView]) {
        let mut infos = [vk::DescriptorImageInfo::default(); SLOTS];
        for (info, &view) in infos.iter_mut().zip(views) {
            *info = info.image_view(view).image_layout(vk::ImageLayout::SHADER_READ_ONLY_OPTIMAL);
        }
        self.write_each(set, first, vk::DescriptorType::SAMPLED_IMAGE, &infos[..views.len()]);
    }

    /// Samplers to bindings in a row.
    fn write_samplers(&mut self, set: DescriptorSet, first: u32, samplers: &[vk::Sampler]) {
        let mut infos = [vk::DescriptorImageInfo::default(); SLOTS];
        for (info, &sampler) in infos.iter_mut().zip(samplers) {
            *info = info.sampler(sampler);
        }
        self.write_each(set, first, vk::DescriptorType::SAMPLER, &infos[..samplers.len()]);
    }

    fn write_each(
        &mut self,
        set: DescriptorSet,
        first: u32,
        kind: vk::DescriptorType,
        infos: &[vk::DescriptorImageInfo],
    ) {
        let mut writes = [vk::WriteDescriptorSet::default(); SLOTS];
        for (index, (write, info)) in writes.iter_mut().zip(infos).enumerate() {
            *write = vk::WriteDescriptorSet::default()
                .dst_set(set.raw)
                .dst_binding(first + index as u32)
                .descriptor_type(kind)
                .image_info(std::slice::from_ref(info));
        }
        // SAFETY: the set is fresh, so no frame in flight reads it; views and samplers are live.
        unsafe { self.device.raw().update_descriptor_sets(&writes[..infos.len()], &[]) };
    }
}

impl Drop for DescriptorPools<'_> {
    fn drop(&mut self) {
        for &pool in &self.pools[..self.count] {
            // SAFETY: made from this device, destroyed once with its sets; the owner waited for the GPU.
            unsafe { self.device.raw().destroy_descriptor_pool(pool, self.device.callbacks()) };
            self.device.account().gone();
        }
    }
}
