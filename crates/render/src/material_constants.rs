//! The numbers of materials on the GPU: slots of uniform buffers, taken and given back one by one.
//!
//! # Invariants
//! 1. A slot is written when it is taken and never again; it is given back when no frame reads it.

use ash::vk;
use bytemuck::{Pod, Zeroable};
use voltrum_memory::{ArenaVec, MemoryError, Tagged};

use crate::error::RenderError;
use crate::materials::{AlphaMode, MaterialDesc, SLOTS, TextureSlot};
use crate::slots::{Key, Slots};
use crate::usage::{GpuLifetime, GpuTag};
use crate::vulkan::Device;
use crate::vulkan::buffer::{Buffer, BufferKind};

/// Bytes from one slot to the next; a multiple of every device's alignment for uniforms.
const STRIDE: u64 = 512;
const SLOTS_PER_SLAB: u32 = 256;

/// How a slot is sampled; mirrors `Slot` in shaders/material.wgsl.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, Pod, Zeroable)]
struct SlotConstants {
    /// Columns of the 2 × 2 matrix.
    matrix: [f32; 4],
    offset: [f32; 2],
    /// 0 or 1: which texture coordinates.
    uv: f32,
    /// 1 where there is a texture.
    present: f32,
}

/// Mirrors `Material` in shaders/material.wgsl.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
pub(crate) struct MaterialConstants {
    base_color: [f32; 4],
    emissive: [f32; 3],
    alpha_cutoff: f32,
    metallic: f32,
    roughness: f32,
    normal_scale: f32,
    occlusion_strength: f32,
    specular_color: [f32; 3],
    specular: f32,
    /// Reflectance of a dielectric seen head-on, from its index of refraction.
    dielectric: f32,
    clearcoat: f32,
    clearcoat_roughness: f32,
    clearcoat_normal_scale: f32,
    transmission: f32,
    padding: [f32; 3],
    slots: [SlotConstants; SLOTS],
}

const _: () = assert!(size_of::<MaterialConstants>() as u64 <= STRIDE);

/// Bytes of the uniforms that a material's set names.
pub(crate) const CONSTANTS_BYTES: u64 = size_of::<MaterialConstants>() as u64;

impl MaterialConstants {
    pub(crate) fn of(desc: &MaterialDesc, slots: &[Option<TextureSlot>; SLOTS]) -> MaterialConstants {
        // An ior of 0 asks for no Fresnel at all (KHR_materials_ior).
        let dielectric = if desc.ior > 0.0 { ((desc.ior - 1.0) / (desc.ior + 1.0)).powi(2) } else { 1.0 };
        MaterialConstants {
            base_color: desc.base_color,
            emissive: desc.emissive.map(|channel| channel * desc.emissive_strength),
            alpha_cutoff: if let AlphaMode::Mask(cutoff) = desc.alpha { cutoff } else { 0.0 },
            metallic: desc.metallic,
            roughness: desc.roughness,
            normal_scale: desc.normal_scale,
            occlusion_strength: desc.occlusion_strength,
            specular_color: desc.specular_color,
            specular: desc.specular,
            dielectric,
            clearcoat: desc.clearcoat,
            clearcoat_roughness: desc.clearcoat_roughness,
            clearcoat_normal_scale: desc.clearcoat_normal_scale,
            transmission: desc.transmission,
            padding: [0.0; 3],
            slots: slots.map(|slot| slot.map_or(SlotConstants::default(), |slot| SlotConstants::of(&slot))),
        }
    }
}

impl SlotConstants {
    fn of(slot: &TextureSlot) -> SlotConstants {
        let (sin, cos) = slot.transform.rotation.sin_cos();
        let [across, down] = slot.transform.scale;
        SlotConstants {
            // KHR_texture_transform: translation * rotation * scale, with v pointing down.
            matrix: [cos * across, -sin * across, sin * down, cos * down],
            offset: slot.transform.offset,
            uv: if slot.uv == 0 { 0.0 } else { 1.0 },
            present: 1.0,
        }
    }
}

/// A taken slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ConstantsSlot(u32);

/// Where a slot's uniforms lie.
#[derive(Clone, Copy)]
pub(crate) struct ConstantsPlace {
    pub(crate) buffer: vk::Buffer,
    pub(crate) offset: u64,
}

/// All slots; slabs are made as they are needed and kept.
pub(crate) struct ConstantsPool<'gpu> {
    slabs: Slots<'gpu, Buffer<'gpu>>,
    keys: ArenaVec<'gpu, Key>,
    free: ArenaVec<'gpu, u32>,
}

impl<'gpu> ConstantsPool<'gpu> {
    /// Room for `capacity` slots.
    pub(crate) fn try_new_in(memory: Tagged<'gpu>, capacity: u32) -> Result<ConstantsPool<'gpu>, MemoryError> {
        let slabs = capacity.div_ceil(SLOTS_PER_SLAB).max(1);
        Ok(ConstantsPool {
            slabs: Slots::try_new_in(memory, slabs)?,
            keys: ArenaVec::try_with_capacity_in(slabs as usize, memory)?,
            free: ArenaVec::try_with_capacity_in((slabs * SLOTS_PER_SLAB) as usize, memory)?,
        })
    }

    /// Takes a slot and fills it. `None` where all are taken.
    pub(crate) fn try_take(
        &mut self,
        device: &'gpu Device,
        constants: &MaterialConstants,
    ) -> Result<Option<ConstantsSlot>, RenderError> {
        if self.free.is_empty() {
            if self.slabs.is_full() {
                return Ok(None);
            }
            let bytes = STRIDE * u64::from(SLOTS_PER_SLAB);
            let slab = Buffer::try_new(device, BufferKind::Ring, bytes, GpuLifetime::Permanent, GpuTag::Renderer)?;
            let Ok(key) = self.slabs.try_insert(slab) else { return Ok(None) };
            let first = self.keys.len() as u32 * SLOTS_PER_SLAB;
            self.keys.try_push(key)?;
            self.free.try_extend((first..first + SLOTS_PER_SLAB).rev())?;
        }
        let Some(slot) = self.free.pop() else { return Ok(None) };
        let offset = u64::from(slot % SLOTS_PER_SLAB) * STRIDE;
        if let Some(slab) = self.slabs.get_mut(self.keys[(slot / SLOTS_PER_SLAB) as usize]) {
            let place = offset as usize..(offset + CONSTANTS_BYTES) as usize;
            slab.bytes_mut()[place].copy_from_slice(bytemuck::bytes_of(constants));
            slab.flush(offset, CONSTANTS_BYTES)?;
        }
        Ok(Some(ConstantsSlot(slot)))
    }

    pub(crate) fn place(&self, ConstantsSlot(slot): ConstantsSlot) -> ConstantsPlace {
        let slab = self.slabs.get(self.keys[(slot / SLOTS_PER_SLAB) as usize]);
        ConstantsPlace {
            buffer: slab.map_or(vk::Buffer::null(), Buffer::raw),
            offset: u64::from(slot % SLOTS_PER_SLAB) * STRIDE,
        }
    }

    /// Gives a slot back; no frame in flight reads it.
    pub(crate) fn free(&mut self, ConstantsSlot(slot): ConstantsSlot) {
        let kept = self.free.try_push(slot);
        debug_assert!(kept.is_ok(), "there is room for every slot");
    }
}
