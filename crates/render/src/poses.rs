//! Poses: meshes with skins and morph targets, posed by a compute shader into vertices of the frame.
//!
//! Whatever draws afterwards, shadow maps included, finds plain vertices.

use ash::vk;
use bytemuck::{Pod, Zeroable};

use crate::error::RenderError;
use crate::meshes::Mesh;
use crate::packet::{Draw, Pose, View};
use crate::pipelines::Pipelines;
use crate::renderer::RendererState;
use crate::retired::Garbage;
use crate::shaders::{Shaders, pose};
use crate::usage::{GpuLifetime, GpuTag};
use crate::vulkan::Device;
use crate::vulkan::buffer::{Buffer, BufferKind};
use crate::vulkan::descriptor::{DescriptorSet, SetKind, SetLayout};
use crate::vulkan::frame::FRAMES_IN_FLIGHT;
use crate::vulkan::pipeline::{Pipeline, PipelineLayout};

/// The least that a frame's posed vertices take once there are some.
const BYTES_MIN: u64 = 1 << 20;
/// More vertices than this stay at rest: 65535 groups of 64 are what devices guarantee.
const VERTICES_MAX: u32 = 65535 * 64;

/// Push constants; mirrors `Pose` in shaders/pose.wgsl.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
struct PoseConstants {
    vertex_count: u32,
    skin: u32,
    morphs: u32,
    target_count: u32,
    first_joint: u32,
    joint_count: u32,
    first_weight: u32,
    weight_count: u32,
    output: u32,
}

/// A frame's posed vertices.
#[derive(Default)]
struct PoseSlot<'gpu> {
    buffer: Option<Buffer<'gpu>>,
    set: Option<DescriptorSet>,
    used: u64,
}

pub(crate) struct Poses<'gpu> {
    device: &'gpu Device,
    pub(crate) mesh_set: SetLayout<'gpu>,
    frame_set: SetLayout<'gpu>,
    layout: PipelineLayout<'gpu>,
    pub(crate) pipelines: Pipelines<'gpu, 1>,
    slots: [PoseSlot<'gpu>; FRAMES_IN_FLIGHT],
}

impl<'gpu> Poses<'gpu> {
    pub(crate) fn try_new(device: &'gpu Device) -> Result<Poses<'gpu>, RenderError> {
        let mesh_set = SetLayout::try_new(device, SetKind::Compute(1))?;
        let frame_set = SetLayout::try_new(device, SetKind::Compute(2))?;
        let stages = vk::ShaderStageFlags::COMPUTE;
        let layout =
            PipelineLayout::try_new(device, &[&mesh_set, &frame_set], stages, size_of::<PoseConstants>() as u32)?;
        Ok(Poses { device, mesh_set, frame_set, layout, pipelines: Pipelines::new(), slots: Default::default() })
    }

    /// Forgets what the slot's last frame posed.
    pub(crate) fn clear(&mut self, slot: usize) {
        self.slots[slot].used = 0;
    }

    /// The posed vertices of the frame that is open.
    pub(crate) fn buffer(&self, slot: usize) -> Option<&Buffer<'gpu>> {
        self.slots[slot].buffer.as_ref()
    }

    pub(crate) fn pipeline(&self, shaders: &Shaders) -> Result<&Pipeline<'gpu>, RenderError> {
        let make = || Pipeline::try_new_compute(self.device, shaders, &self.layout, &pose::CS_MAIN);
        self.pipelines.get_or_make(0, make)
    }
}

/// Whether a draw has to be posed: its mesh can be, and its pose says how and lies within the view's slices.
pub(crate) fn is_posed(view: &View<'_>, draw: &Draw, mesh: &Mesh<'_>) -> bool {
    let Pose { first_joint, joint_count, first_weight, weight_count } = draw.pose;
    let within = |first: u32, count: u32, length: usize| first as usize + count as usize <= length;
    let joints = mesh.skin.is_some() && joint_count > 0;
    let weights = mesh.morphs.is_some() && weight_count > 0;
    (joints || weights)
        && within(first_joint, joint_count, view.joints.len())
        && within(first_weight, weight_count, view.weights.len())
        && mesh.vertex_count <= VERTICES_MAX
        && mesh.pose_set.is_some()
}

impl<'app> RendererState<'app> {
    /// A set for the compute shader that poses a mesh.
    pub(crate) fn allocate_pose_set(&mut self, buffer: &Buffer<'app>) -> Result<DescriptorSet, RenderError> {
        let set = self.sets.try_allocate(&self.poses.mesh_set)?;
        self.sets.write_storage(set, 0, buffer);
        Ok(set)
    }

    /// Poses the draws of a view that need it, and writes to `places` where their vertices lie in the frame's buffer,
    /// in bytes; `u64::MAX` for draws at rest. `places` holds as many as there are draws.
    pub(crate) fn pose_view(&mut self, view: &View<'_>, places: &mut [u64]) -> Result<(), RenderError> {
        let slot = self.frames.current();
        let mut needed = 0;
        for (draw, place) in view.draws.iter().zip(places.iter_mut()) {
            let mesh = self.meshes.get(draw.mesh.key()).filter(|mesh| mesh.is_ready());
            *place = match mesh.filter(|mesh| is_posed(view, draw, mesh)) {
                Some(mesh) => {
                    needed += mesh.vertex_bytes.next_multiple_of(16);
                    0
                }
                None => u64::MAX,
            };
        }
        if needed == 0 {
            return Ok(());
        }
        self.make_room(slot, needed)?;
        let joints: &[u8] = bytemuck::cast_slice(view.joints);
        let weights: &[u8] = bytemuck::cast_slice(view.weights);
        let ring = self.frames.ring();
        let (Some(joints_at), Some(weights_at)) = (ring.push(joints, 16), ring.push(weights, 16)) else {
            places.fill(u64::MAX);
            tracing::warn!("the frame ring is full and nothing is posed; raise `RendererLimits::frame_ring_bytes`");
            return Ok(());
        };
        let commands = self.frames.commands();
        let poses = &mut self.poses;
        let Some(set) = poses.slots[slot].set else { return Ok(()) };
        commands.guard_work();
        commands.bind_compute(poses.pipeline(&self.shaders)?);
        commands.bind_compute_set(&poses.layout, 1, set);
        for (draw, place) in view.draws.iter().zip(places.iter_mut()).filter(|(_, place)| **place == 0) {
            let Some(mesh) = self.meshes.get(draw.mesh.key()) else { continue };
            let Some(mesh_set) = mesh.pose_set else { continue };
            *place = poses.slots[slot].used;
            poses.slots[slot].used += mesh.vertex_bytes.next_multiple_of(16);
            let constants = PoseConstants {
                vertex_count: mesh.vertex_count,
                skin: mesh.skin.map_or(0, |offset| (offset / 4) as u32),
                morphs: mesh.morphs.map_or(0, |(offset, _)| (offset / 4) as u32),
                target_count: mesh.morphs.map_or(0, |(_, targets)| targets),
                first_joint: (joints_at / 16) as u32 + draw.pose.first_joint * 4,
                joint_count: draw.pose.joint_count,
                first_weight: (weights_at / 4) as u32 + draw.pose.first_weight,
                weight_count: draw.pose.weight_count,
                output: (*place / 4) as u32,
            };
            commands.bind_compute_set(&poses.layout, 0, mesh_set);
            commands.push(&poses.layout, bytemuck::bytes_of(&constants));
            commands.dispatch(mesh.vertex_count);
        }
        commands.publish_work();
        Ok(())
    }

    /// Sees to it that the slot's buffer takes `needed` more bytes.
    fn make_room(&mut self, slot: usize, needed: u64) -> Result<(), RenderError> {
        let place = &self.poses.slots[slot];
        let held = place.buffer.as_ref().map_or(0, Buffer::size);
        if place.used + needed <= held {
            return Ok(());
        }
        let size = (place.used + needed).next_power_of_two().max(BYTES_MIN);
        let device = self.gpu.device();
        let buffer = Buffer::try_new(device, BufferKind::Work, size, GpuLifetime::Frame, GpuTag::Geometry)?;
        let set = self.sets.try_allocate(&self.poses.frame_set)?;
        self.sets.write_storage(set, 0, self.frames.ring().buffer());
        self.sets.write_storage(set, 1, &buffer);
        let place = &mut self.poses.slots[slot];
        // What this frame's earlier views posed is in the old buffer, which their draws have been recorded with.
        place.used = 0;
        let old_buffer = place.buffer.replace(buffer);
        let old_set = place.set.replace(set);
        if let (Some(buffer), Some(set)) = (old_buffer, old_set) {
            self.retire(Garbage::Buffer(buffer));
            self.retire(Garbage::Set(set));
        }
        Ok(())
    }
}
