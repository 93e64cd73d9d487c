//! Samplers, made on first use and kept: one per description.

use ash::vk;

use super::device::Device;
use crate::error::{Named, RenderError};
use crate::sampler::{Filter, MipFilter, SamplerDesc, Wrap};

/// 2 × 2 × 3 × 3 × 3 descriptions exist.
const DESCRIPTIONS: usize = 108;

/// All samplers of a device that have been asked for.
pub(crate) struct Samplers<'gpu> {
    device: &'gpu Device,
    made: [vk::Sampler; DESCRIPTIONS],
    comparing: vk::Sampler,
}

impl<'gpu> Samplers<'gpu> {
    pub(crate) fn new(device: &'gpu Device) -> Samplers<'gpu> {
        Samplers { device, made: [vk::Sampler::null(); DESCRIPTIONS], comparing: vk::Sampler::null() }
    }

    pub(crate) fn try_get(&mut self, desc: SamplerDesc) -> Result<vk::Sampler, RenderError> {
        let place = place(desc);
        if self.made[place] == vk::Sampler::null() {
            self.made[place] = create(self.device, desc)?;
            self.device.account().born();
        }
        Ok(self.made[place])
    }

    /// The sampler of shadow maps: four comparisons, weighted. Depth is reversed, so what is lit is nearer or as near.
    pub(crate) fn try_get_comparing(&mut self) -> Result<vk::Sampler, RenderError> {
        if self.comparing == vk::Sampler::null() {
            let info = vk::SamplerCreateInfo::default()
                .mag_filter(vk::Filter::LINEAR)
                .min_filter(vk::Filter::LINEAR)
                .address_mode_u(vk::SamplerAddressMode::CLAMP_TO_EDGE)
                .address_mode_v(vk::SamplerAddressMode::CLAMP_TO_EDGE)
                .address_mode_w(vk::SamplerAddressMode::CLAMP_TO_EDGE)
                .compare_enable(true)
                .compare_op(vk::CompareOp::GREATER_OR_EQUAL);
            // SAFETY: the device is live.
            self.comparing =
                unsafe { self.device.raw().create_sampler(&info, self.device.callbacks()) }.named("vkCreateSampler")?;
            self.device.account().born();
        }
        Ok(self.comparing)
    }
}

impl Drop for Samplers<'_> {
    fn drop(&mut self) {
        for sampler in self.made.into_iter().chain([self.comparing]).filter(|&sampler| sampler != vk::Sampler::null()) {
            // SAFETY: made from this device, destroyed once; the owner waited for the GPU (module invariant 1).
            unsafe { self.device.raw().destroy_sampler(sampler, self.device.callbacks()) };
            self.device.account().gone();
        }
    }
}

fn place(desc: SamplerDesc) -> usize {
    let mut place = desc.magnify as usize;
    place = place * 2 + desc.minify as usize;
    place = place * 3 + desc.mip as usize;
    place = place * 3 + desc.wrap[0] as usize;
    place * 3 + desc.wrap[1] as usize
}

fn create(device: &Device, desc: SamplerDesc) -> Result<vk::Sampler, RenderError> {
    let smooth = desc.magnify == Filter::Linear && desc.minify == Filter::Linear && desc.mip == MipFilter::Linear;
    // A software driver pays for every tap.
    let anisotropic = device.physical().anisotropy && smooth && !device.physical().software;
    let info = vk::SamplerCreateInfo::default()
        .mag_filter(filter(desc.magnify))
        .min_filter(filter(desc.minify))
        .mipmap_mode(match desc.mip {
            MipFilter::Linear => vk::SamplerMipmapMode::LINEAR,
            MipFilter::Nearest | MipFilter::None => vk::SamplerMipmapMode::NEAREST,
        })
        .address_mode_u(address(desc.wrap[0]))
        .address_mode_v(address(desc.wrap[1]))
        .address_mode_w(vk::SamplerAddressMode::CLAMP_TO_EDGE)
        .anisotropy_enable(anisotropic)
        .max_anisotropy(if anisotropic { 8.0_f32.min(device.physical().limits.max_sampler_anisotropy) } else { 1.0 })
        .max_lod(if desc.mip == MipFilter::None { 0.25 } else { vk::LOD_CLAMP_NONE });
    // SAFETY: the device is live; anisotropy is asked for only where the feature is on.
    unsafe { device.raw().create_sampler(&info, device.callbacks()) }.named("vkCreateSampler")
}

fn filter(filter: Filter) -> vk::Filter {
    match filter {
        Filter::Nearest => vk::Filter::NEAREST,
        Filter::Linear => vk::Filter::LINEAR,
    }
}

fn address(wrap: Wrap) -> vk::SamplerAddressMode {
    match wrap {
        Wrap::Repeat => vk::SamplerAddressMode::REPEAT,
        Wrap::Mirror => vk::SamplerAddressMode::MIRRORED_REPEAT,
        Wrap::Clamp => vk::SamplerAddressMode::CLAMP_TO_EDGE,
    }
}
