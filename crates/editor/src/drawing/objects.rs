//! The scene's objects on the GPU: [`Instances`] that follow the scene's changes.
//!
//! # Invariants
//! 1. Whatever is not noted as changed is in `instances` as the scene shows it: a part of its shape each.
//! 2. A part is in the list of exactly one slot, or in the list of free ones.

use super::bodies::Body;
use super::color::Colors;
use crate::error::EditorError;
use voltrum::assets::Bounds;
use voltrum::glam::Mat4;
use voltrum::memory::{ArenaVec, Tag, Tagged};
use voltrum::render::{Draw, InstanceId, Instances, RenderError, RendererState, renderer};
use voltrum::scene::{self, Entity, SceneState, ShapeId};

/// The end of a list.
const NONE: u32 = u32::MAX;

/// Moves that are handed over together.
const MOVES: usize = 256;

/// Objects that come to the GPU in one frame: those of a large scene arrive one after the other, and no frame stops for them.
const ARRIVALS_MAX: usize = 16 << 10;

/// What a slot has on the GPU.
#[derive(Clone, Copy)]
struct Kept {
    /// Of the entity; 0 for nothing, or for something that has to be made anew.
    generation: u32,
    shape: u32,
    /// The first of its parts; a body's place among the bodies.
    first: u32,
    is_body: bool,
}

const NOTHING: Kept = Kept { generation: 0, shape: 0, first: NONE, is_body: false };

/// One part of a shape of an entity.
#[derive(Clone, Copy)]
struct Part {
    id: InstanceId,
    next: u32,
}

/// What was followed.
#[derive(Clone, Copy, Default)]
pub(super) struct Changes {
    /// How many slots.
    pub count: usize,
    /// Around those that are shown.
    pub bounds: Bounds,
}

/// See the module.
pub(super) struct Objects<'scene> {
    memory: Tagged<'scene>,
    /// Made once there is something to draw.
    instances: Option<Instances<'scene>>,
    /// By slot.
    kept: ArenaVec<'scene, Kept>,
    parts: ArenaVec<'scene, Part>,
    first_free: u32,
    /// Noted, and not handed over yet.
    moves: ArenaVec<'scene, (InstanceId, Mat4)>,
    /// The [`Colors::revision`] that all are coloured in.
    painted: u64,
    /// What is posed in each frame has no parts here.
    bodies: ArenaVec<'scene, Body<'scene>>,
    /// Some have to wait for the next frame.
    is_arriving: bool,
}

/// Why following stopped.
enum Halt {
    /// It was enough for one frame.
    Enough,
    Failed(EditorError),
}

impl<E: Into<EditorError>> From<E> for Halt {
    fn from(error: E) -> Halt {
        Halt::Failed(error.into())
    }
}

impl<'scene> Objects<'scene> {
    pub(super) fn new(memory: Tagged<'scene>) -> Objects<'scene> {
        let memory = memory.with_tag(Tag::RENDERER);
        let (kept, parts, moves) = (ArenaVec::new_in(memory), ArenaVec::new_in(memory), ArenaVec::new_in(memory));
        let bodies = ArenaVec::new_in(memory);
        Objects {
            memory,
            instances: None,
            kept,
            parts,
            first_free: NONE,
            moves,
            painted: 0,
            bodies,
            is_arriving: false,
        }
    }

    /// Whether some have to wait for the next frame.
    pub(super) fn is_arriving(&self) -> bool {
        self.is_arriving
    }

    pub(super) fn instances(&self) -> Option<&Instances<'scene>> {
        self.instances.as_ref()
    }

    /// What has a shape of `count` from `first` on is to be made anew, once it counts as changed: its parts are others.
    pub(super) fn forget(&mut self, first: ShapeId, count: u32) {
        for kept in &mut self.kept {
            if kept.shape.wrapping_sub(first.index()) < count {
                kept.generation = 0;
            }
        }
    }

    /// What is posed in each frame.
    pub(super) fn bodies(&self) -> &[Body<'scene>] {
        &self.bodies
    }

    /// Frees the GPU's side; the rest goes with the scene arena.
    pub(super) fn destroy(&self, renderer: &mut RendererState<'_>) {
        if let Some(instances) = &self.instances {
            renderer::destroy_scene(renderer, instances.id());
        }
    }

    /// Does what the scene's changes ask for, and adds them to `changes`; `body` says what is a body.
    ///
    /// # Errors
    /// When the GPU or the scene arena has no room; what wasn't done is done by the next call.
    pub(super) fn follow(
        &mut self,
        renderer: &mut RendererState<'_>,
        scene: &mut SceneState<'scene>,
        colors: Colors<'_, 'scene>,
        body: &dyn Fn(Entity, ShapeId) -> Option<Body<'scene>>,
        changes: &mut Changes,
    ) -> Result<(), EditorError> {
        if self.instances.is_none() {
            if scene::meshes(scene).is_empty() {
                return Ok(());
            }
            self.begin(renderer, scene)?;
        }
        if self.painted != colors.revision() {
            // in other colours all are other objects
            self.kept.iter_mut().for_each(|kept| kept.generation = 0);
            scene::watch(scene)?;
            self.painted = colors.revision();
        }
        let Objects { instances, kept, parts, first_free, moves, bodies, is_arriving, .. } = self;
        let Some(instances) = instances else { return Ok(()) };
        let mut lists =
            Lists { renderer, instances, parts, first_free, moves, colors, bodies, body, arrived: 0, has_gone: false };
        let followed = scene::follow_changes(scene, |scene, slot| {
            if lists.arrived >= ARRIVALS_MAX {
                return Err(Halt::Enough);
            }
            changes.count += 1;
            if let Some((entity, _)) = scene::shown_at(scene, slot)
                && let Some(at) = scene::meshes(scene).position(entity)
            {
                changes.bounds = changes.bounds.with(scene::mesh_bounds(scene)[at]);
            }
            if kept.len() <= slot as usize {
                // no further than this frame needs: the first touch of a page may take its time
                let reach = (slot as usize + 1).next_multiple_of(ARRIVALS_MAX).min(scene.slots());
                kept.try_resize(reach, NOTHING)?;
            }
            Ok(lists.follow(scene, slot, &mut kept[slot as usize])?)
        });
        *is_arriving = matches!(followed, Err(Halt::Enough));
        let moved = lists.hand_over_moves();
        if lists.has_gone {
            bodies.retain(|body| !body.is_gone);
            for (at, body) in (0..).zip(bodies.iter()) {
                kept[body.entity.index() as usize].first = at;
            }
        }
        match followed {
            Err(Halt::Failed(error)) => Err(error),
            Ok(()) | Err(Halt::Enough) => Ok(moved?),
        }
    }

    fn begin(&mut self, renderer: &mut RendererState<'_>, scene: &mut SceneState<'scene>) -> Result<(), EditorError> {
        let shapes = scene::shapes(scene);
        let parts = |shape: &ShapeId| shapes.get(shape.index() as usize).map_or(0, |shape| shape.parts.len());
        let count = scene::meshes(scene).values().iter().map(parts).sum();
        self.kept.try_reserve_exact(scene.slots())?;
        self.parts.try_reserve_exact(count)?;
        self.moves.try_reserve_exact(MOVES)?;
        scene::watch(scene)?;
        self.instances = Some(Instances::try_new(renderer, self.memory, count)?);
        Ok(())
    }
}

/// All but what slots have, while changes are followed.
struct Lists<'x, 'scene, 'app> {
    renderer: &'x mut RendererState<'app>,
    instances: &'x mut Instances<'scene>,
    parts: &'x mut ArenaVec<'scene, Part>,
    first_free: &'x mut u32,
    moves: &'x mut ArenaVec<'scene, (InstanceId, Mat4)>,
    colors: Colors<'x, 'scene>,
    bodies: &'x mut ArenaVec<'scene, Body<'scene>>,
    body: &'x dyn Fn(Entity, ShapeId) -> Option<Body<'scene>>,
    /// How many parts and bodies were inserted.
    arrived: usize,
    /// Some of the bodies are gone.
    has_gone: bool,
}

impl Lists<'_, '_, '_> {
    fn follow(&mut self, scene: &SceneState<'_>, slot: u32, kept: &mut Kept) -> Result<(), EditorError> {
        let shown = scene::shown_at(scene, slot);
        let world = scene::worlds(scene).get(slot as usize).map_or(Mat4::IDENTITY, |world| world.matrix());
        if let Some((entity, shape)) = shown
            && (kept.generation, kept.shape) == (entity.generation(), shape.index())
        {
            // a body is placed where it is posed
            return if kept.is_body { Ok(()) } else { Ok(self.place(kept.first, &world)?) };
        }
        self.remove(kept)?;
        if let Some((entity, shape)) = shown {
            self.insert(scene, entity, shape, world, kept)?;
        }
        Ok(())
    }

    fn place(&mut self, mut at: u32, world: &Mat4) -> Result<(), RenderError> {
        while let Some(part) = self.parts.get(at as usize).copied() {
            if self.moves.len() == MOVES {
                self.hand_over_moves()?;
            }
            self.moves.try_push((part.id, *world))?;
            at = part.next;
        }
        Ok(())
    }

    fn insert(
        &mut self,
        scene: &SceneState<'_>,
        entity: Entity,
        shape: ShapeId,
        world: Mat4,
        kept: &mut Kept,
    ) -> Result<(), EditorError> {
        let object_color = self.colors.of(entity, shape);
        if let Some(body) = (self.body)(entity, shape) {
            self.bodies.try_push(body.colored(object_color))?;
            let first = self.bodies.len() as u32 - 1;
            *kept = Kept { generation: entity.generation(), shape: shape.index(), first, is_body: true };
            self.arrived += 1;
            return Ok(());
        }
        let shown = scene::shapes(scene).get(shape.index() as usize);
        for part in shown.map_or(&[][..], |shape| shape.parts) {
            let draw = Draw { mesh: part.mesh, material: part.material, world, object_color, ..Draw::default() };
            if *self.first_free == NONE {
                self.parts.try_reserve(1)?;
            }
            let id = self.instances.insert(self.renderer, &draw)?;
            self.arrived += 1;
            let part = Part { id, next: kept.first };
            kept.first = match self.parts.get_mut(*self.first_free as usize) {
                Some(free) => {
                    let at = std::mem::replace(self.first_free, free.next);
                    *free = part;
                    at
                }
                None => {
                    self.parts.try_push(part)?;
                    self.parts.len() as u32 - 1
                }
            };
        }
        (kept.generation, kept.shape) = (entity.generation(), shape.index());
        Ok(())
    }

    fn remove(&mut self, kept: &mut Kept) -> Result<(), RenderError> {
        kept.generation = 0;
        if std::mem::take(&mut kept.is_body) {
            let first = std::mem::replace(&mut kept.first, NONE);
            if let Some(body) = self.bodies.get_mut(first as usize) {
                (body.is_gone, self.has_gone) = (true, true);
            }
        }
        while let Some(part) = self.parts.get_mut(kept.first as usize) {
            self.instances.remove(self.renderer, part.id)?;
            let next = std::mem::replace(&mut part.next, *self.first_free);
            *self.first_free = std::mem::replace(&mut kept.first, next);
        }
        Ok(())
    }

    /// Those that the GPU has no room for stay, for the next time.
    fn hand_over_moves(&mut self) -> Result<(), RenderError> {
        if !self.moves.is_empty() {
            self.instances.set_worlds(self.renderer, self.moves.iter().map(|(id, world)| (*id, world)))?;
            self.moves.clear();
        }
        Ok(())
    }
}
