//! Views: culling, sorting and recording what a target shows.
//!
//! Order within a view: background, opaque and masked meshes by state, the grid, blended meshes from back to front.

use bytemuck::{Pod, Zeroable};
use glam::{Mat4, Vec3};
use voltrum_memory::{ArenaVec, MemoryError, Scope, Tag};

use crate::frustum;
use crate::handle::{MaterialId, MeshId};
use crate::materials::{AlphaMode, Material, MaterialConstants, MaterialDesc};
use crate::meshes::Mesh;
use crate::packet::{Background, Draw, View};
use crate::passes::Passes;
use crate::renderer::{Defaults, FrameStats};
use crate::slots::Slots;
use crate::targets::Target;
use crate::textures::Texture;
use crate::vulkan::barrier::ImageUse;
use crate::vulkan::command::{Commands, Rendering};
use crate::vulkan::descriptor::DescriptorSet;
use crate::vulkan::frame::Frames;
use crate::vulkan::pipeline::INSTANCE_BYTES;

/// What a view's shaders know; mirrors `View` in shaders/view.wgsl.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
pub(crate) struct ViewUniforms {
    view_projection: [[f32; 4]; 4],
    inverse_view_projection: [[f32; 4]; 4],
    camera_position: [f32; 4],
    to_sun: [f32; 4],
    sun: [f32; 4],
    ambient: [f32; 4],
}

/// The upper three rows of an affine matrix.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
struct Instance {
    rows: [[f32; 4]; 3],
}

const _: () = assert!(size_of::<Instance>() == INSTANCE_BYTES as usize);

/// A draw that is neither stale nor out of sight.
#[derive(Clone, Copy)]
struct Item {
    /// What it is sorted by.
    key: u64,
    draw: u32,
}

/// What recording a view reads.
pub(crate) struct Resources<'r, 'gpu> {
    pub(crate) passes: &'r Passes<'gpu>,
    pub(crate) meshes: &'r Slots<'gpu, Mesh<'gpu>>,
    pub(crate) materials: &'r Slots<'gpu, Material>,
    pub(crate) textures: &'r Slots<'gpu, Texture<'gpu>>,
    pub(crate) defaults: &'r Defaults,
    pub(crate) uniform_alignment: u64,
    pub(crate) draws_max: u32,
}

/// How one material is drawn: its own way, or the visible default's.
struct Look<'r> {
    constants: &'r MaterialConstants,
    set: DescriptorSet,
    alpha: AlphaMode,
    double_sided: bool,
}

impl Resources<'_, '_> {
    fn mesh(&self, id: MeshId) -> Option<&Mesh<'_>> {
        self.meshes.get(id.key()).filter(|mesh| mesh.is_ready())
    }

    fn look(&self, id: MaterialId) -> Look<'_> {
        let defaults = self.defaults;
        let Some(material) = self.materials.get(id.key()) else {
            return Look {
                constants: &defaults.constants,
                set: defaults.checker_set,
                alpha: AlphaMode::Opaque,
                double_sided: true,
            };
        };
        let texture = material.texture.map(|id| self.textures.get(id.key()).is_some_and(Texture::is_ready));
        let set = match (texture, material.set) {
            (None, _) => defaults.white_set,
            (Some(true), Some(set)) => set,
            (Some(_), _) => defaults.checker_set,
        };
        let Material { constants, alpha, double_sided, .. } = material;
        Look { constants, set, alpha: *alpha, double_sided: *double_sided }
    }
}

/// The push constants of the visible default.
pub(crate) fn default_constants() -> MaterialConstants {
    MaterialConstants::of(&MaterialDesc::default())
}

/// Records a view into the open frame; its target is ready to be sampled afterwards.
pub(crate) fn record<'gpu>(
    resources: &Resources<'_, 'gpu>,
    frames: &mut Frames<'gpu>,
    target: &mut Target<'gpu>,
    view: &View<'_>,
    scratch: &Scope<'_>,
    stats: &mut FrameStats,
) -> Result<(), MemoryError> {
    let to_clip = view.camera.view_projection();
    let memory = scratch.tagged(Tag::RENDERER);
    let mut solid = ArenaVec::try_with_capacity_in(view.draws.len().min(resources.draws_max as usize), memory)?;
    let mut blended = ArenaVec::new_in(memory);
    sort_draws(resources, view, &to_clip, &mut solid, &mut blended, stats)?;

    let commands = frames.commands();
    let size = target.images.color.size();
    let color = &target.images.color;
    commands.transition(color, ImageUse::Discard, ImageUse::ColorAttachment);
    commands.transition(&target.images.depth, ImageUse::Discard, ImageUse::DepthAttachment);
    let multisampled = target.images.multisampled.as_ref();
    if let Some(image) = multisampled {
        commands.transition(image, ImageUse::Discard, ImageUse::ColorAttachment);
    }
    let clear = match view.background {
        Background::Color([red, green, blue, alpha]) => [red * alpha, green * alpha, blue * alpha, alpha],
        Background::Gradient { .. } | Background::Transparent => [0.0; 4],
    };
    commands.begin_rendering(&Rendering {
        color: multisampled.unwrap_or(color).view(),
        resolve: multisampled.map(|_| color.view()),
        depth: Some(target.images.depth.view()),
        clear: Some(clear),
        size,
    });
    commands.set_viewport(size, true);
    commands.set_scissor([0, 0], size);
    commands.set_faces(false, false);

    let passes = resources.passes;
    let pipelines = passes.pipelines(target.samples);
    if let Background::Gradient { top, bottom } = view.background {
        commands.bind_pipeline(&pipelines.background);
        commands.push(&passes.background_layout, bytemuck::bytes_of(&[top, bottom]));
        commands.draw(3, 1, 0);
    }
    let uniforms = uniforms(view, &to_clip);
    if let Some(offset) = frames.ring().push(bytemuck::bytes_of(&uniforms), resources.uniform_alignment) {
        let view_set = frames.view_set();
        let offset = Some(offset as u32);
        commands.bind_set(&passes.mesh_layout, 0, view_set, offset);
        record_items(resources, frames, target.samples, view.draws, &solid, commands, stats);
        if view.grid {
            commands.bind_pipeline(&pipelines.grid);
            commands.bind_set(&passes.grid_layout, 0, view_set, offset);
            commands.set_faces(false, false);
            commands.draw(3, 1, 0);
            commands.bind_set(&passes.mesh_layout, 0, view_set, offset);
        }
        record_items(resources, frames, target.samples, view.draws, &blended, commands, stats);
    } else {
        stats.dropped += solid.len() as u64 + blended.len() as u64;
    }
    commands.end_rendering();
    commands.transition(&target.images.color, ImageUse::ColorAttachment, ImageUse::Sampled);
    target.drawn = true;
    Ok(())
}

fn uniforms(view: &View<'_>, to_clip: &Mat4) -> ViewUniforms {
    let to_sun = (-view.sun.direction).normalize_or(Vec3::Y);
    let sun = Vec3::from(view.sun.color) * view.sun.intensity;
    ViewUniforms {
        view_projection: to_clip.to_cols_array_2d(),
        inverse_view_projection: to_clip.inverse().to_cols_array_2d(),
        camera_position: view.camera.position.extend(1.0).to_array(),
        to_sun: to_sun.extend(0.0).to_array(),
        sun: sun.extend(0.0).to_array(),
        ambient: Vec3::from(view.ambient).extend(0.0).to_array(),
    }
}

/// Splits a view's draws into solid ones, sorted by state, and blended ones, sorted from back to front.
fn sort_draws(
    resources: &Resources<'_, '_>,
    view: &View<'_>,
    to_clip: &Mat4,
    solid: &mut ArenaVec<'_, Item>,
    blended: &mut ArenaVec<'_, Item>,
    stats: &mut FrameStats,
) -> Result<(), MemoryError> {
    let kept = view.draws.len().min(resources.draws_max as usize);
    stats.dropped += (view.draws.len() - kept) as u64;
    for (index, draw) in view.draws[..kept].iter().enumerate() {
        let Some(mesh) = resources.mesh(draw.mesh) else { continue };
        let mesh_to_clip = *to_clip * draw.world;
        if !frustum::may_be_visible(&mesh.bounds, &mesh_to_clip) {
            stats.culled += 1;
            continue;
        }
        let item = |key| Item { key, draw: index as u32 };
        let alpha = resources.look(draw.material).alpha;
        if alpha == AlphaMode::Blend {
            // Farther first; bits of floats that are not negative sort like the floats.
            let to_camera = view.camera.view * draw.world;
            let depth = (-to_camera.transform_point3(center(mesh)).z).max(0.0);
            blended.try_push(item(u64::from(!depth.to_bits()) << 32 | index as u64))?;
        } else {
            let masked = u64::from(matches!(alpha, AlphaMode::Mask(_)));
            let mirrored = u64::from(is_mirrored(&draw.world));
            let material = u64::from(draw.material.index() & 0xFFF_FFFF);
            let mesh = u64::from(draw.mesh.index() & 0xFFF_FFFF);
            solid.try_push(item(masked << 63 | mirrored << 62 | material << 28 | mesh))?;
        }
    }
    solid.sort_unstable_by_key(|item| (item.key, item.draw));
    blended.sort_unstable_by_key(|item| item.key);
    Ok(())
}

fn center(mesh: &Mesh<'_>) -> Vec3 {
    if mesh.bounds.is_finite() { (Vec3::from(mesh.bounds.min) + Vec3::from(mesh.bounds.max)) * 0.5 } else { Vec3::ZERO }
}

fn is_mirrored(world: &Mat4) -> bool {
    world.x_axis.truncate().cross(world.y_axis.truncate()).dot(world.z_axis.truncate()) < 0.0
}

/// Draws sorted items; neighbours of one mesh and material go into one instanced draw.
fn record_items<'gpu>(
    resources: &Resources<'_, 'gpu>,
    frames: &mut Frames<'gpu>,
    samples: u32,
    draws: &[Draw],
    items: &[Item],
    commands: Commands<'gpu>,
    stats: &mut FrameStats,
) {
    if items.is_empty() {
        return;
    }
    let draw_of = |item: &Item| &draws[item.draw as usize];
    let bytes = items.len() as u64 * u64::from(INSTANCE_BYTES);
    let Some((offset, place)) = frames.ring().take(bytes, 16) else {
        stats.dropped += items.len() as u64;
        return;
    };
    for (place, item) in place.chunks_exact_mut(INSTANCE_BYTES as usize).zip(items) {
        let world = &draw_of(item).world;
        let rows = [world.row(0).to_array(), world.row(1).to_array(), world.row(2).to_array()];
        place.copy_from_slice(bytemuck::bytes_of(&Instance { rows }));
    }
    commands.bind_vertices(1, frames.ring().buffer(), offset, bytes);

    let layout = &resources.passes.mesh_layout;
    let pipelines = resources.passes.pipelines(samples);
    let mut bound_alpha = None;
    let mut bound_material = None;
    let mut bound_mesh = None;
    let mut first = 0;
    while first < items.len() {
        let draw = draw_of(&items[first]);
        let mirrored = is_mirrored(&draw.world);
        let same = |item: &&Item| {
            let other = draw_of(item);
            other.mesh == draw.mesh && other.material == draw.material && is_mirrored(&other.world) == mirrored
        };
        let count = items[first..].iter().take_while(same).count();
        let first_instance = first as u32;
        first += count;
        let Some(mesh) = resources.mesh(draw.mesh) else { continue };
        let look = resources.look(draw.material);
        let kind = std::mem::discriminant(&look.alpha);
        if bound_alpha != Some(kind) {
            bound_alpha = Some(kind);
            commands.bind_pipeline(match look.alpha {
                AlphaMode::Opaque => &pipelines.opaque,
                AlphaMode::Mask(_) => &pipelines.mask,
                AlphaMode::Blend => &pipelines.blend,
            });
        }
        if bound_material != Some((draw.material, mirrored)) {
            bound_material = Some((draw.material, mirrored));
            commands.bind_set(layout, 1, look.set, None);
            commands.push(layout, bytemuck::bytes_of(look.constants));
            commands.set_faces(!look.double_sided, mirrored);
        }
        if bound_mesh != Some(draw.mesh) {
            bound_mesh = Some(draw.mesh);
            commands.bind_vertices(0, &mesh.buffer, 0, mesh.vertex_bytes);
            if let Some((offset, wide, _)) = mesh.indices {
                commands.bind_indices(&mesh.buffer, offset, wide);
            }
        }
        match mesh.indices {
            Some((_, _, indices)) => commands.draw_indexed(indices, 0, 0, count as u32, first_instance),
            None => commands.draw(mesh.vertex_count, count as u32, first_instance),
        }
        stats.draw_calls += 1;
        stats.instances += count as u64;
        stats.triangles += mesh.triangles() * count as u64;
    }
}
