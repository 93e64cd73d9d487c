//! Views: recording what a target shows.
//!
//! Order within a view: poses, shadow map, background, opaque and masked meshes by state, the grid, blended meshes from
//! back to front.

use voltrum_memory::{ArenaVec, Scope, Tag};

use crate::draw_list::{self, DrawLists};
use crate::error::RenderError;
use crate::instances::Instances;
use crate::look::ViewMode;
use crate::mesh_pass::InstancesAt;
use crate::meshes::Topology;
use crate::packet::{Background, View};
use crate::passes::Plain;
use crate::renderer::{FrameStats, RendererState};
use crate::retired::Garbage;
use crate::scene_pass::Batches;
use crate::shadow_map::{ShadowMap, shadow_view};
use crate::view_uniforms::ViewUniforms;
use crate::vulkan::barrier::ImageUse;
use crate::vulkan::command::{Commands, Rendering};
use crate::vulkan::descriptor::DescriptorSet;

/// Bytes of scratch a view needs for each draw: its place in lists that may grow by doubling, its pose, and a copy of
/// it where instances are joined to it.
pub(crate) const SCRATCH_PER_DRAW: usize = 320;

/// Triangles that a software driver is given before it draws them ([`RendererState::pause_rendering`]); a draw of kept
/// instances may have more.
const UNPAUSED_TRIANGLES_MAX: u64 = 4 << 10;

/// What every draw of a view has bound.
#[derive(Clone, Copy)]
struct Bound {
    view: DescriptorSet,
    offset: u32,
    surroundings: DescriptorSet,
}

impl<'app> RendererState<'app> {
    /// Records a view into the open frame; its target is ready to be sampled afterwards.
    pub(crate) fn draw_view(&mut self, view: &View<'_>, scratch: &Scope<'_>) -> Result<(), RenderError> {
        let memory = scratch.tagged(Tag::RENDERER);
        // Blended instances are sorted together with the view's own draws.
        let blended = view.instances.map_or(&[][..], Instances::blended);
        let joined;
        let view = if blended.is_empty() {
            view
        } else {
            let mut draws = ArenaVec::try_with_capacity_in(view.draws.len() + blended.len(), memory)?;
            draws.try_extend_from_slice(view.draws)?;
            draws.try_extend_from_slice(blended)?;
            joined = View { draws: draws.into_slice(), ..*view };
            &joined
        };
        let Some(target) = self.targets.get(view.target.key()) else { return Ok(()) };
        let (samples, size) = (target.samples, target.images.color.size());
        let kept = view.draws.len().min(self.limits.draws_max as usize);
        let posed = memory.try_alloc_slice_fill_with(kept, |_| u64::MAX)?;
        self.pose_view(view, posed)?;

        let side = self.shadow_map.side_for(size);
        let shadow = if view.mode == ViewMode::Shaded { shadow_view(view, side) } else { None };
        let mut lists = DrawLists {
            solid: ArenaVec::try_with_capacity_in(kept, memory)?,
            blended: ArenaVec::new_in(memory),
            casters: ArenaVec::new_in(memory),
        };
        let mut stats = self.stats;
        let to_shadow = shadow.as_ref().map(|shadow| &shadow.to_clip);
        draw_list::gather(self, view, samples, posed, to_shadow, &mut lists, &mut stats)?;

        let commands = self.frames.commands();
        self.prepare_shadow_map(shadow.as_ref().map(|_| side), commands)?;
        let to_clip = view.camera.view_projection();
        let Some(environment) = self.environment(view.environment) else { return Ok(()) };
        let (surroundings, harmonics) = (environment.set, *environment.harmonics());
        if let Some(shadow) = &shadow {
            if let Some(instances) = view.instances {
                self.cull_scene(instances, &shadow.to_clip, commands)?;
            }
            let uniforms = ViewUniforms::new(view, &shadow.to_clip, None, &harmonics, 1);
            let bound = self.push_view(&uniforms, surroundings);
            let at = self.push_instances(view.draws, &lists.casters);
            self.draw_shadow_map(view, &lists, posed, bound, at, commands)?;
        }

        if let Some(instances) = view.instances {
            self.cull_scene(instances, &to_clip, commands)?;
            stats.gpu_instances += (instances.len() - instances.blended().len()) as u64;
        }
        let uniforms = ViewUniforms::new(view, &to_clip, shadow.as_ref(), &harmonics, samples);
        let bound = self.push_view(&uniforms, surroundings);
        let solid = self.push_instances(view.draws, &lists.solid);
        let blended = self.push_instances(view.draws, &lists.blended);
        for (at, list) in [(solid, &lists.solid), (blended, &lists.blended)] {
            if at.is_none() || bound.is_none() {
                stats.dropped += list.len() as u64;
            }
        }
        let began = self.begin_target(view, commands);
        let drawn = match (began, bound) {
            (true, Some(bound)) => self.draw_target(view, samples, &lists, posed, bound, [solid, blended], &mut stats),
            _ => Ok(()),
        };
        if began {
            self.end_target(view, commands);
        }
        if let Some(target) = self.targets.get_mut(view.target.key()) {
            commands.transition(&target.images.color, ImageUse::ColorAttachment, ImageUse::Sampled);
            target.drawn = true;
        }
        self.stats = stats;
        drawn
    }

    /// Puts a view's uniforms into the ring. `None` where it is full.
    fn push_view(&mut self, uniforms: &ViewUniforms, surroundings: DescriptorSet) -> Option<Bound> {
        let alignment = self.gpu.device().physical().limits.min_uniform_buffer_offset_alignment.max(16);
        let offset = self.frames.ring().push(bytemuck::bytes_of(uniforms), alignment)?;
        Some(Bound { view: self.frames.view_set(), offset: offset as u32, surroundings })
    }

    fn bind_view(&self, bound: Bound, commands: Commands<'app>) {
        commands.bind_set(&self.passes.mesh_layout, 0, bound.view, Some(bound.offset));
        commands.bind_set(&self.passes.mesh_layout, 2, bound.surroundings, None);
    }

    fn draw_batches(
        &self,
        view: &View<'_>,
        instances: &Instances<'_>,
        which: Batches,
        samples: u32,
        bound: Bound,
        stats: &mut FrameStats,
    ) -> Result<(), RenderError> {
        let commands = self.frames.commands();
        let bind = |set| self.bind_view(Bound { view: set, ..bound }, commands);
        self.record_batches(view, instances, which, samples, bind, stats)
    }

    /// Sees to it that there is a shadow map to sample, and of this side where a view casts shadows.
    fn prepare_shadow_map(&mut self, side: Option<u32>, commands: Commands<'app>) -> Result<(), RenderError> {
        if let Some(side) = side.filter(|side| *side != self.shadow_map.side()) {
            let map = ShadowMap::try_new_of(self.gpu.device(), side)?;
            let old = std::mem::replace(&mut self.shadow_map, map);
            self.retire(Garbage::Image(old.image));
            self.rewrite_surroundings()?;
        }
        if !self.shadow_map.drawn {
            self.shadow_map.drawn = true;
            let image = &self.shadow_map.image;
            commands.transition(image, ImageUse::Discard, ImageUse::DepthAttachment);
            commands.begin_rendering(&Rendering {
                color: None,
                resolve: None,
                depth: Some(image.view()),
                clear: None,
                size: image.size(),
                ..Rendering::default()
            });
            commands.end_rendering();
            commands.transition(image, ImageUse::DepthAttachment, ImageUse::Sampled);
        }
        Ok(())
    }

    fn draw_shadow_map(
        &mut self,
        view: &View<'_>,
        lists: &DrawLists<'_>,
        posed: &[u64],
        bound: Option<Bound>,
        at: Option<InstancesAt>,
        commands: Commands<'app>,
    ) -> Result<(), RenderError> {
        let size = self.shadow_map.image.size();
        let depth = Some(self.shadow_map.image.view());
        commands.transition(&self.shadow_map.image, ImageUse::Sampled, ImageUse::DepthAttachment);
        commands.begin_rendering(&Rendering { depth, size, ..Rendering::default() });
        commands.set_viewport(size, true);
        commands.set_scissor([0, 0], size);
        let mut drawn = Ok(());
        let mut unseen = FrameStats::default();
        if let (Some(bound), Some(instances)) = (bound, view.instances) {
            drawn = self.draw_batches(view, instances, Batches::Casters, 1, bound, &mut unseen);
        }
        if let (Some(bound), Some(at), Ok(())) = (bound, at, &drawn) {
            self.bind_view(bound, commands);
            drawn = self.record_items(view, &lists.casters, posed, at, true, &mut unseen);
        }
        commands.end_rendering();
        commands.transition(&self.shadow_map.image, ImageUse::DepthAttachment, ImageUse::Sampled);
        drawn
    }

    /// Opens rendering to the view's target; `false` where it is stale.
    fn begin_target(&self, view: &View<'_>, commands: Commands<'app>) -> bool {
        let Some(target) = self.targets.get(view.target.key()) else { return false };
        let size = target.images.color.size();
        let color = &target.images.color;
        commands.transition(color, ImageUse::Discard, ImageUse::ColorAttachment);
        commands.transition(&target.images.depth, ImageUse::Discard, ImageUse::DepthAttachment);
        let multisampled = target.images.multisampled.as_ref();
        if let Some(image) = multisampled {
            commands.transition(image, ImageUse::Discard, ImageUse::ColorAttachment);
        }
        let clear = match view.background {
            _ if view.mode == ViewMode::Overdraw => [0.0, 0.0, 0.0, 1.0],
            Background::Color([red, green, blue, alpha]) => [red * alpha, green * alpha, blue * alpha, alpha],
            Background::Gradient { .. } | Background::Environment { .. } | Background::Transparent => [0.0; 4],
        };
        commands.begin_rendering(&Rendering {
            color: Some(multisampled.unwrap_or(color).view()),
            resolve: multisampled.filter(|_| !self.gpu.is_software()).map(|_| color.view()),
            depth: Some(target.images.depth.view()),
            clear: Some(clear),
            size,
            pauses: self.gpu.is_software(),
            resumes: false,
        });
        commands.set_viewport(size, true);
        commands.set_scissor([0, 0], size);
        commands.set_faces(false, false);
        true
    }

    /// Vertices or indices that a draw may have, so that [`RendererState::pause_rendering`] gets its turn.
    pub(crate) fn draw_elements_max(&self, topology: Topology) -> u32 {
        match topology {
            Topology::Triangles if self.gpu.is_software() => UNPAUSED_TRIANGLES_MAX as u32 * 3,
            _ => u32::MAX,
        }
    }

    /// Lets a software driver draw what it has been given, once that is much: it keeps each triangle with all that it
    /// interpolates until then. Others draw as they go. `casts` where the pass is the shadow map's.
    pub(crate) fn pause_rendering(&self, view: &View<'_>, casts: bool, triangles: &mut u64) {
        if *triangles < UNPAUSED_TRIANGLES_MAX || !self.gpu.is_software() {
            return;
        }
        *triangles = 0;
        let commands = self.frames.commands();
        if casts {
            let image = &self.shadow_map.image;
            let (depth, size) = (Some(image.view()), image.size());
            commands.end_rendering();
            commands.transition(image, ImageUse::DepthAttachment, ImageUse::DepthAttachment);
            commands.begin_rendering(&Rendering { depth, size, resumes: true, ..Rendering::default() });
            return;
        }
        let Some(images) = self.targets.get(view.target.key()).map(|target| &target.images) else { return };
        let drawn_to = images.multisampled.as_ref().unwrap_or(&images.color);
        commands.end_rendering();
        commands.transition(drawn_to, ImageUse::ColorAttachment, ImageUse::ColorAttachment);
        commands.transition(&images.depth, ImageUse::DepthAttachment, ImageUse::DepthAttachment);
        commands.begin_rendering(&Rendering {
            color: Some(drawn_to.view()),
            depth: Some(images.depth.view()),
            size: images.color.size(),
            pauses: true,
            resumes: true,
            ..Rendering::default()
        });
    }

    /// Ends rendering to the view's target. A pass that may have been paused is resolved here, once.
    fn end_target(&self, view: &View<'_>, commands: Commands<'app>) {
        commands.end_rendering();
        let Some(images) = self.targets.get(view.target.key()).map(|target| &target.images) else { return };
        let Some(multisampled) = images.multisampled.as_ref().filter(|_| self.gpu.is_software()) else { return };
        commands.transition(multisampled, ImageUse::ColorAttachment, ImageUse::ColorAttachment);
        commands.begin_rendering(&Rendering {
            color: Some(multisampled.view()),
            resolve: Some(images.color.view()),
            size: images.color.size(),
            ..Rendering::default()
        });
        commands.end_rendering();
    }

    #[allow(clippy::too_many_arguments, reason = "one call, and each is a step's result")]
    fn draw_target(
        &mut self,
        view: &View<'_>,
        samples: u32,
        lists: &DrawLists<'_>,
        posed: &[u64],
        bound: Bound,
        [solid, blended]: [Option<InstancesAt>; 2],
        stats: &mut FrameStats,
    ) -> Result<(), RenderError> {
        let commands = self.frames.commands();
        self.draw_background(view, samples, bound, commands)?;
        if let Some(instances) = view.instances {
            self.draw_batches(view, instances, Batches::Solid, samples, bound, stats)?;
        }
        self.bind_view(bound, commands);
        if let Some(at) = solid {
            self.record_items(view, &lists.solid, posed, at, false, stats)?;
        }
        if view.grid && view.mode != ViewMode::Overdraw {
            commands.bind_pipeline(self.passes.plain(&self.shaders, Plain::Grid, samples)?);
            commands.bind_set(&self.passes.grid_layout, 0, bound.view, Some(bound.offset));
            commands.set_faces(false, false);
            commands.draw(3, 0, 1, 0);
            self.bind_view(bound, commands);
        }
        if let Some(instances) = view.instances {
            self.draw_batches(view, instances, Batches::Blended, samples, bound, stats)?;
            self.bind_view(bound, commands);
        }
        if let Some(at) = blended {
            self.record_items(view, &lists.blended, posed, at, false, stats)?;
        }
        Ok(())
    }

    fn draw_background(
        &self,
        view: &View<'_>,
        samples: u32,
        bound: Bound,
        commands: Commands<'app>,
    ) -> Result<(), RenderError> {
        let (plain, constants) = match view.background {
            _ if view.mode == ViewMode::Overdraw => return Ok(()),
            Background::Gradient { top, bottom } => (Plain::Gradient, [top, bottom]),
            Background::Environment { .. } => (Plain::Environment, [[0.0; 4]; 2]),
            Background::Color(_) | Background::Transparent => return Ok(()),
        };
        let layout = &self.passes.background_layout;
        commands.bind_pipeline(self.passes.plain(&self.shaders, plain, samples)?);
        commands.bind_set(layout, 0, bound.view, Some(bound.offset));
        commands.bind_set(layout, 2, bound.surroundings, None);
        commands.push(layout, bytemuck::bytes_of(&constants));
        commands.draw(3, 0, 1, 0);
        Ok(())
    }
}
