//! Instances: objects that stay on the GPU from frame to frame.
//!
//! The tables here lie in the scene arena; the objects themselves lie in GPU buffers, in pages of up to 64 MiB. What
//! changes goes over as records of 64 bytes and is put in place by a compute shader; what does not costs nothing. Each
//! view culls on the GPU and draws indirectly, one draw for each mesh with each material: the CPU's work in a frame
//! does not depend on how many objects there are.
//!
//! Blended surfaces must be drawn from back to front: they are kept here as well and go through the draw list. So do all
//! while there are few.
//!
//! # Invariants
//! 1. `entries[index]` describes the record at place `index % PAGE_INSTANCES` of page `index / PAGE_INSTANCES`.
//! 2. A batch's `counts[page]` is how many of the page's entries name it.
//!
//! # Deliberately absent
//! No skins and no morph targets: what is posed each frame is drawn with [`Draw`].

use std::borrow::Borrow;

use glam::Mat4;
use voltrum_memory::{ArenaMap, ArenaVec, Tag, Tagged};

use crate::draw_list::is_mirrored;
use crate::error::RenderError;
use crate::handle::{MaterialId, MeshId, SceneId};
use crate::materials::Coverage;
use crate::mesh_pass::Instance;
use crate::packet::Draw;
use crate::renderer::RendererState;
use crate::scene_buffers::{PAGE_INSTANCES, PAGES_MAX};

/// So many are drawn one by one, as a view's own draws: culling them on the GPU costs more than it saves.
const LISTED_MAX: usize = 128;

/// No batch, no place.
pub(crate) const NONE: u32 = u32::MAX;

/// Names an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct InstanceId {
    index: u32,
    generation: u32,
}

#[derive(Clone, Copy)]
struct Entry {
    /// Odd while it is alive.
    generation: u32,
    batch: u32,
    object_color: [u8; 4],
    /// The next free entry, or the place among the blended draws.
    link: u32,
    /// Whether its matrix mirrors, as its batch has it.
    mirrored: bool,
    /// Where its record lies in the staging turn that last carried it.
    turn: u32,
    staged_at: u32,
}

/// What is drawn together: one mesh with one material, mirrored or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct BatchKey {
    pub(crate) mesh: MeshId,
    pub(crate) material: MaterialId,
    pub(crate) mirrored: bool,
}

#[derive(Clone, Copy)]
pub(crate) struct Batch {
    pub(crate) key: BatchKey,
    /// How many instances each page has.
    pub(crate) counts: [u32; PAGES_MAX],
}

/// The instances of a scene; the tables lie in its arena.
pub struct Instances<'scene> {
    pub(crate) id: SceneId,
    entries: ArenaVec<'scene, Entry>,
    free: u32,
    alive: usize,
    pub(crate) batches: ArenaVec<'scene, Batch>,
    by_key: ArenaMap<'scene, BatchKey, u32>,
    /// Blended ones, and all while there are few; with the entry of each.
    blended: ArenaVec<'scene, Draw>,
    blended_entries: ArenaVec<'scene, u32>,
    /// There are few: none is on the GPU.
    is_listed: bool,
    /// Changes with the batches and their counts.
    pub(crate) layout: u64,
}

impl std::fmt::Debug for Instances<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Instances").field("id", &self.id).field("len", &self.alive).finish_non_exhaustive()
    }
}

impl<'scene> Instances<'scene> {
    /// No instances yet, and room for `capacity` before any table has to grow.
    ///
    /// # Errors
    /// [`RenderError::LimitReached`] with too many scenes at once, [`RenderError::Memory`],
    /// [`RenderError::OutOfDeviceMemory`].
    pub fn try_new(
        renderer: &mut RendererState<'_>,
        memory: Tagged<'scene>,
        capacity: usize,
    ) -> Result<Instances<'scene>, RenderError> {
        let memory = memory.with_tag(Tag::RENDERER);
        let entries = ArenaVec::try_with_capacity_in(capacity, memory)?;
        let is_listed = capacity <= LISTED_MAX;
        let id = renderer.create_scene_buffers(if is_listed { 0 } else { capacity })?;
        Ok(Instances {
            id,
            entries,
            free: NONE,
            alive: 0,
            batches: ArenaVec::new_in(memory),
            by_key: ArenaMap::new_in(memory),
            blended: ArenaVec::new_in(memory),
            blended_entries: ArenaVec::new_in(memory),
            is_listed,
            layout: 1,
        })
    }

    /// The scene on the GPU, for [`destroy_scene`](crate::renderer::destroy_scene).
    pub fn id(&self) -> SceneId {
        self.id
    }

    /// How many instances there are.
    pub fn len(&self) -> usize {
        self.alive
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.alive == 0
    }

    /// Adds an instance; its pose is not looked at. Whether its material blends is looked at here: when that changes
    /// later, [`Instances::set`] it anew, or it is drawn after everything else without being sorted.
    ///
    /// # Errors
    /// [`RenderError::LimitReached`] beyond sixteen million, [`RenderError::Memory`],
    /// [`RenderError::OutOfDeviceMemory`], [`RenderError::StaleHandle`] when the scene has been destroyed.
    pub fn insert(&mut self, renderer: &mut RendererState<'_>, draw: &Draw) -> Result<InstanceId, RenderError> {
        let index = if self.free == NONE { self.entries.len() as u32 } else { self.free };
        let limit = (PAGES_MAX * PAGE_INSTANCES) as u32;
        if index >= limit {
            return Err(RenderError::LimitReached { what: "instances", limit, field: "none, it is fixed" });
        }
        if self.is_listed && self.entries.len() == LISTED_MAX && self.free == NONE {
            self.unlist(renderer)?;
        }
        renderer.reserve_instances(self.id, if self.is_listed { 0 } else { index as usize + 1 })?;
        let batch = self.batch_of(draw)?;
        if index as usize == self.entries.len() {
            self.entries.try_push(Entry {
                generation: 0,
                batch: NONE,
                object_color: [0; 4],
                link: NONE,
                mirrored: false,
                turn: 0,
                staged_at: 0,
            })?;
        } else {
            self.free = self.entries[index as usize].link;
        }
        let entry = &mut self.entries[index as usize];
        entry.generation += 1;
        entry.batch = NONE;
        entry.link = NONE;
        let id = InstanceId { index, generation: entry.generation };
        self.alive += 1;
        self.place(renderer, index, batch, draw)?;
        Ok(id)
    }

    /// Changes all of an instance: mesh, material, place, colour. A stale id changes nothing.
    ///
    /// # Errors
    /// As [`Instances::insert`].
    pub fn set(&mut self, renderer: &mut RendererState<'_>, id: InstanceId, draw: &Draw) -> Result<(), RenderError> {
        if !self.is_alive(id) {
            return Ok(());
        }
        let batch = self.batch_of(draw)?;
        self.leave(id.index);
        self.place(renderer, id.index, batch, draw)
    }

    /// Moves instances. Stale ids are left out.
    ///
    /// # Errors
    /// [`RenderError::OutOfDeviceMemory`], [`RenderError::StaleHandle`] when the scene has been destroyed.
    pub fn set_worlds<M: Borrow<Mat4>>(
        &mut self,
        renderer: &mut RendererState<'_>,
        moves: impl IntoIterator<Item = (InstanceId, M)>,
    ) -> Result<(), RenderError> {
        if self.is_listed {
            return self.set_worlds_of_listed(renderer, moves);
        }
        let mut staging = renderer.stage_records(self.id)?;
        for (id, world) in moves {
            let world = world.borrow();
            let Some(entry) = self.entries.get_mut(id.index as usize) else { continue };
            if entry.generation != id.generation {
                continue;
            }
            if entry.mirrored != is_mirrored(world) {
                let BatchKey { mesh, material, .. } = self.batches[entry.batch as usize].key;
                let object_color = entry.object_color;
                let draw = Draw { mesh, material, world: *world, object_color, ..Draw::default() };
                self.set(renderer, id, &draw)?;
                staging = renderer.stage_records(self.id)?;
                continue;
            }
            if entry.link != NONE {
                self.blended[entry.link as usize].world = *world;
                continue;
            }
            let record = record(world, entry.object_color, entry.batch, id.index);
            if entry.turn == staging.turn {
                staging.replace(entry.staged_at, &record);
                continue;
            }
            let at = match staging.push(&record) {
                Some(at) => at,
                None => {
                    renderer.make_room_for_records(self.id)?;
                    staging = renderer.stage_records(self.id)?;
                    staging.push(&record).unwrap_or(0)
                }
            };
            (entry.turn, entry.staged_at) = (staging.turn, at);
        }
        Ok(())
    }

    /// Removes an instance. A stale id changes nothing.
    ///
    /// # Errors
    /// [`RenderError::OutOfDeviceMemory`], [`RenderError::StaleHandle`] when the scene has been destroyed.
    pub fn remove(&mut self, renderer: &mut RendererState<'_>, id: InstanceId) -> Result<(), RenderError> {
        if !self.is_alive(id) {
            return Ok(());
        }
        self.leave(id.index);
        if !self.is_listed {
            self.send(renderer, id.index, &record(&Mat4::IDENTITY, [0; 4], NONE, id.index))?;
        }
        let entry = &mut self.entries[id.index as usize];
        entry.generation += 1;
        entry.link = self.free;
        self.free = id.index;
        self.alive -= 1;
        Ok(())
    }

    /// Blended ones, for the draw list.
    pub(crate) fn blended(&self) -> &[Draw] {
        &self.blended
    }

    /// Whether there are few, all of which are in [`Instances::blended`].
    pub(crate) fn is_listed(&self) -> bool {
        self.is_listed
    }

    /// Entries on a page, dead ones included.
    pub(crate) fn page_len(&self, page: usize) -> u32 {
        self.entries.len().saturating_sub(page * PAGE_INSTANCES).min(PAGE_INSTANCES) as u32
    }

    fn is_alive(&self, id: InstanceId) -> bool {
        self.entries.get(id.index as usize).is_some_and(|entry| entry.generation == id.generation)
    }

    /// The batch of a draw, made if it is the first of its kind.
    fn batch_of(&mut self, draw: &Draw) -> Result<u32, RenderError> {
        let key = BatchKey { mesh: draw.mesh, material: draw.material, mirrored: is_mirrored(&draw.world) };
        if let Some(&batch) = self.by_key.get(&key) {
            return Ok(batch);
        }
        let batch = self.batches.len() as u32;
        self.batches.try_push(Batch { key, counts: [0; PAGES_MAX] })?;
        self.by_key.try_insert(key, batch)?;
        self.layout += 1;
        Ok(batch)
    }

    /// Takes an entry out of its batch, and out of the blended draws.
    fn leave(&mut self, index: u32) {
        let Entry { batch, link, .. } = self.entries[index as usize];
        if batch != NONE {
            self.batches[batch as usize].counts[index as usize / PAGE_INSTANCES] -= 1;
            self.layout += 1;
        }
        if link != NONE {
            self.unlink(link);
        }
        let entry = &mut self.entries[index as usize];
        entry.batch = NONE;
        entry.link = NONE;
    }

    /// Puts an entry into a batch and sends its record; a blended one becomes a draw instead.
    fn place(
        &mut self,
        renderer: &mut RendererState<'_>,
        index: u32,
        batch: u32,
        draw: &Draw,
    ) -> Result<(), RenderError> {
        let blends = self.is_listed || blends(renderer, draw);
        if blends {
            let link = self.blended.len() as u32;
            self.blended.try_reserve(1)?;
            self.blended_entries.try_push(index)?;
            self.blended.try_push(Draw { pose: Default::default(), ..*draw })?;
            self.entries[index as usize].link = link;
        }
        let shown = if blends { NONE } else { batch };
        let entry = &mut self.entries[index as usize];
        entry.batch = batch;
        entry.object_color = draw.object_color;
        entry.mirrored = is_mirrored(&draw.world);
        self.batches[batch as usize].counts[index as usize / PAGE_INSTANCES] += 1;
        self.layout += 1;
        if self.is_listed {
            return Ok(());
        }
        self.send(renderer, index, &record(&draw.world, draw.object_color, shown, index))
    }

    fn set_worlds_of_listed<M: Borrow<Mat4>>(
        &mut self,
        renderer: &mut RendererState<'_>,
        moves: impl IntoIterator<Item = (InstanceId, M)>,
    ) -> Result<(), RenderError> {
        renderer.reserve_instances(self.id, 0)?;
        for (id, world) in moves {
            let Some(entry) = self.entries.get(id.index as usize).filter(|entry| entry.generation == id.generation)
            else {
                continue;
            };
            let draw = Draw { world: *world.borrow(), ..self.blended[entry.link as usize] };
            if entry.mirrored == is_mirrored(&draw.world) {
                self.blended[entry.link as usize] = draw;
            } else {
                self.set(renderer, id, &draw)?;
            }
        }
        Ok(())
    }

    /// There are many from now on: all go to the GPU, and only blended ones stay in the list. On failure nothing has
    /// changed.
    fn unlist(&mut self, renderer: &mut RendererState<'_>) -> Result<(), RenderError> {
        renderer.reserve_instances(self.id, self.entries.len())?;
        for index in 0..self.entries.len() as u32 {
            let Entry { link, batch, .. } = self.entries[index as usize];
            let Some(draw) = self.blended.get(link as usize).copied() else { continue };
            let shown = if blends(renderer, &draw) { NONE } else { batch };
            self.send(renderer, index, &record(&draw.world, draw.object_color, shown, index))?;
        }
        for index in 0..self.entries.len() {
            let link = self.entries[index].link;
            if self.blended.get(link as usize).is_some_and(|draw| !blends(renderer, draw)) {
                self.unlink(link);
                self.entries[index].link = NONE;
            }
        }
        self.is_listed = false;
        self.layout += 1;
        Ok(())
    }

    /// Takes a draw out of the list.
    fn unlink(&mut self, link: u32) {
        self.blended.swap_remove(link as usize);
        self.blended_entries.swap_remove(link as usize);
        if let Some(&moved) = self.blended_entries.get(link as usize) {
            self.entries[moved as usize].link = link;
        }
    }

    fn send(&mut self, renderer: &mut RendererState<'_>, index: u32, record: &Instance) -> Result<(), RenderError> {
        let entry = &mut self.entries[index as usize];
        loop {
            let mut staging = renderer.stage_records(self.id)?;
            if entry.turn == staging.turn {
                staging.replace(entry.staged_at, record);
                return Ok(());
            }
            if let Some(at) = staging.push(record) {
                (entry.turn, entry.staged_at) = (staging.turn, at);
                return Ok(());
            }
            renderer.make_room_for_records(self.id)?;
        }
    }
}

fn blends(renderer: &RendererState<'_>, draw: &Draw) -> bool {
    renderer.materials.get(draw.material.key()).is_some_and(|material| material.coverage == Coverage::Blend)
}

#[inline]
fn record(world: &Mat4, object_color: [u8; 4], batch: u32, index: u32) -> Instance {
    let index = index as usize;
    let place = [(index % PAGE_INSTANCES) as u32, (index / PAGE_INSTANCES) as u32];
    Instance::new(world, object_color, batch, place)
}
