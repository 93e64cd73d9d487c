//! Spawning, despawning and moving entities in the hierarchy.
//!
//! Depth comes from files, so nothing here recurses: subtrees are walked along their links.

use crate::array::{push, reserve_for, reserve_one};
use crate::bounds::placed;
use crate::changes::note;
use crate::components::{Camera, set_camera, set_light, set_name};
use crate::entity::Entity;
use crate::error::SceneError;
use crate::light::Light;
use crate::node::{NONE, Node};
use crate::pack::{Affine, PackedTransform};
use crate::shape::ShapeId;
use crate::state::SceneState;
use crate::transform::Local;
use crate::walk::next_below;
use crate::world::{mark_changed, place_new, put_local};
use voltrum_assets::Bounds;

/// An entity to be.
#[derive(Clone, Copy, Debug, Default)]
pub struct SpawnDesc<'n> {
    /// Its name; copied into the scene arena.
    pub name: &'n str,
    /// What it stands below; without one it is a root.
    pub parent: Option<Entity>,
    /// Before which of that one's children; without one it is the last.
    pub before: Option<Entity>,
    /// Where it stands relative to its parent.
    pub local: Local,
    /// Whether it is hidden, with everything below it.
    pub hidden: bool,
    /// What is drawn there.
    pub mesh: Option<ShapeId>,
    /// What looks from there.
    pub camera: Option<Camera>,
    /// What shines from there.
    pub light: Option<Light>,
}

/// Adds an entity. Where nothing waits for [`update_transforms`](crate::update_transforms) it stands in its place at once;
/// else the next update puts it there.
///
/// # Errors
/// [`SceneError::Stale`] when the parent is gone; [`SceneError::NotAChild`] when `before` has another parent;
/// [`SceneError::Full`]; [`SceneError::Memory`]. Nothing is added then.
// Inlined, so that the description stays in registers: loads that are wider than the caller's stores would wait until those
// have reached the cache, which takes longer than all the rest.
#[inline(always)]
pub fn spawn(scene: &mut SceneState<'_>, desc: &SpawnDesc<'_>) -> Result<Entity, SceneError> {
    let entity = spawn_unnamed(scene, desc)?;
    if !desc.name.is_empty() {
        // after all else that may be refused: a name's bytes stay with the arena
        if let Err(error) = set_name(scene, entity, desc.name) {
            despawn(scene, entity)?;
            return Err(error);
        }
    }
    Ok(entity)
}

/// As [`spawn`], without its name.
#[inline(always)]
pub(crate) fn spawn_unnamed(scene: &mut SceneState<'_>, desc: &SpawnDesc<'_>) -> Result<Entity, SceneError> {
    let (parent, ahead) = place(scene, desc.parent, desc.before)?;
    let (local, has_matrix) = match &desc.local {
        Local::Parts(parts) => ((*parts).into(), false),
        Local::Matrix(_) => (PackedTransform::IDENTITY, true),
    };
    // where nothing waits for an update it is where it belongs at once
    let is_current = scene.first_changed == NONE && !has_matrix;
    let slot = take_slot(scene, local)?;
    let node = &mut scene.nodes[slot as usize];
    node.set_alive(true);
    node.set_visible(!desc.hidden);
    node.set_shown(false);
    let entity = Entity::new(slot, node.generation);
    scene.alive += 1;
    link(scene, slot, parent, ahead);
    let mut around = Bounds::EMPTY;
    if is_current {
        let world = place_new(scene, slot, &local);
        if let Some(shape) = desc.mesh.and_then(|mesh| scene.shapes.get(mesh.index() as usize)) {
            around = placed(shape.bounds, &world);
        }
    } else {
        mark_changed(scene, slot);
    }
    if let Some(mesh) = desc.mesh {
        if let Err(error) = scene.meshes.put(entity, mesh, around) {
            return Err(take_back(scene, entity, error));
        }
        note(scene, slot);
    }
    if desc.camera.is_some() || desc.light.is_some() || matches!(desc.local, Local::Matrix(_)) {
        dress(scene, entity, desc)?;
    }
    Ok(entity)
}

/// Gives a new entity what few have.
fn dress(scene: &mut SceneState<'_>, entity: Entity, desc: &SpawnDesc<'_>) -> Result<(), SceneError> {
    let local = match &desc.local {
        Local::Parts(_) => Ok(()),
        Local::Matrix(_) => put_local(scene, entity.index(), desc.local),
    };
    let camera = local.and_then(|()| desc.camera.map_or(Ok(()), |camera| set_camera(scene, entity, Some(camera))));
    let light = camera.and_then(|()| desc.light.map_or(Ok(()), |light| set_light(scene, entity, Some(light))));
    light.map_err(|error| take_back(scene, entity, error))
}

/// An entity that can't have what it is to have isn't added.
#[cold]
fn take_back(scene: &mut SceneState<'_>, entity: Entity, error: SceneError) -> SceneError {
    // it has just been made, so it is there
    let _removed = despawn(scene, entity);
    error
}

/// Removes an entity with everything below it and says how many that were. Handles of others stay valid; theirs never
/// resolve again.
///
/// # Errors
/// [`SceneError::Stale`] when it is gone already.
pub fn despawn(scene: &mut SceneState<'_>, entity: Entity) -> Result<u32, SceneError> {
    let root = scene.require(entity)? as u32;
    unlink(scene, root);
    let before = scene.alive;
    release_below(scene, root);
    Ok(before - scene.alive)
}

/// Moves an entity with everything below it under another parent (none: to the roots), before one of its children or to
/// the end. It keeps its local transform, so it stands elsewhere unless the parents agree.
///
/// # Errors
/// [`SceneError::Cycle`] when the new parent is the entity itself or stands below it; [`SceneError::NotAChild`] when
/// `before` has another parent; [`SceneError::Stale`] when one of them is gone. The hierarchy is as it was.
pub fn reparent(
    scene: &mut SceneState<'_>,
    entity: Entity,
    parent: Option<Entity>,
    before: Option<Entity>,
) -> Result<(), SceneError> {
    let slot = scene.require(entity)? as u32;
    let (under, ahead) = place(scene, parent, before)?;
    if let Some(parent) = parent {
        let mut above = under;
        while above != NONE {
            if above == slot {
                return Err(SceneError::Cycle { entity, parent });
            }
            above = scene.nodes[above as usize].parent;
        }
    }
    if ahead != slot {
        unlink(scene, slot);
        link(scene, slot, under, ahead);
        mark_changed(scene, slot);
    }
    Ok(())
}

/// The slots of a parent and of the child to stand before, or [`NONE`].
fn place(scene: &SceneState<'_>, parent: Option<Entity>, before: Option<Entity>) -> Result<(u32, u32), SceneError> {
    let under = match parent {
        Some(parent) => scene.require(parent)? as u32,
        None => NONE,
    };
    let Some(before) = before else { return Ok((under, NONE)) };
    let ahead = scene.require(before)? as u32;
    if scene.nodes[ahead as usize].parent == under { Ok((under, ahead)) } else { Err(SceneError::NotAChild { before }) }
}

/// A free slot: a used one if there is, else a new one in every array over all slots.
#[inline(always)]
fn take_slot(scene: &mut SceneState<'_>, local: PackedTransform) -> Result<u32, SceneError> {
    let slot = scene.first_free;
    if slot != NONE {
        let at = slot as usize;
        let node = &mut scene.nodes[at];
        scene.first_free = node.next;
        node.next = NONE;
        scene.locals[at] = local;
        if let Some(world) = scene.worlds.get_mut(at) {
            *world = Affine::IDENTITY;
        }
        return Ok(slot);
    }
    let slot = scene.nodes.len() as u32;
    if slot == scene.room {
        scene.room = make_room(scene)?;
    }
    push(&mut scene.nodes, Node::NEW)?;
    push(&mut scene.locals, local)?;
    Ok(slot)
}

/// Room for one more slot at least, and for how many in all. All arrays have it before any grows, so that they stay of one
/// length.
#[cold]
fn make_room(scene: &mut SceneState<'_>) -> Result<u32, SceneError> {
    let max = scene.entities_max;
    if scene.nodes.len() >= max as usize {
        return Err(SceneError::Full { column: "nodes", limit: "entities_max", asked: 1, left: 0, max });
    }
    reserve_one(&mut scene.nodes)?;
    reserve_one(&mut scene.locals)?;
    reserve_for(&mut scene.worlds, scene.nodes.len() + 1)?;
    let room = scene.nodes.capacity().min(scene.locals.capacity()).min(scene.worlds.capacity());
    Ok(max.min(room as u32))
}

/// Takes an entity with everything below it out of the scene so that it can come back: slots, generations and data stay,
/// and no handle finds them. Says how many that were.
pub(crate) fn park(scene: &mut SceneState<'_>, root: u32) -> u32 {
    unlink(scene, root);
    let before = scene.alive;
    let mut slot = root;
    loop {
        if let Some(entity) = scene.tenant(slot) {
            if scene.meshes.park(entity) {
                note(scene, slot);
            }
            scene.cameras.park(entity);
            scene.lights.park(entity);
            for column in &scene.columns {
                column.park(entity);
            }
        }
        let node = &mut scene.nodes[slot as usize];
        node.set_alive(false);
        node.set_parked(true);
        node.set_changed(false);
        scene.alive -= 1;
        slot = next_below(scene, slot, root);
        if slot == NONE {
            scene.parked += before - scene.alive;
            return before - scene.alive;
        }
    }
}

/// Brings back what [`park`] took, below `parent` before `ahead`.
pub(crate) fn unpark(scene: &mut SceneState<'_>, root: u32, parent: u32, ahead: u32) -> u32 {
    let before = scene.alive;
    let mut slot = root;
    loop {
        let node = &mut scene.nodes[slot as usize];
        node.set_alive(true);
        node.set_parked(false);
        if let Some(entity) = scene.tenant(slot) {
            scene.meshes.unpark(entity);
            scene.cameras.unpark(entity);
            scene.lights.unpark(entity);
            for column in &scene.columns {
                column.unpark(entity);
            }
        }
        scene.alive += 1;
        slot = next_below(scene, slot, root);
        if slot == NONE {
            break;
        }
    }
    link(scene, root, parent, ahead);
    mark_changed(scene, root);
    scene.parked -= scene.alive - before;
    scene.alive - before
}

/// Ends the tenancy of what [`park`] took.
pub(crate) fn release_parked(scene: &mut SceneState<'_>, root: u32) {
    release_below(scene, root);
}

/// Ends the tenancy of a slot that has been unlinked, and of everything below it.
fn release_below(scene: &mut SceneState<'_>, root: u32) {
    let mut slot = root;
    loop {
        let Node { first_child, next, parent, .. } = scene.nodes[slot as usize];
        if first_child != NONE {
            slot = first_child;
            continue;
        }
        release(scene, slot);
        if slot == root {
            break;
        }
        if next == NONE {
            // all children are gone: the parent is a leaf now
            scene.nodes[parent as usize].first_child = NONE;
            slot = parent;
        } else {
            slot = next;
        }
    }
}

/// Ends a slot's tenancy. The next tenant has the next generation; a slot that has run out of them is never used again.
fn release(scene: &mut SceneState<'_>, slot: u32) {
    if let Some(entity) = scene.tenant(slot) {
        if scene.meshes.remove(entity).is_some() {
            note(scene, slot);
        }
        scene.cameras.remove(entity);
        scene.lights.remove(entity);
        if scene.nodes[slot as usize].has_matrix() {
            scene.matrices.remove(entity);
        }
        scene.poses.as_mut().and_then(|column| column.remove(entity));
        scene.carried.as_mut().and_then(|column| column.remove(entity));
        for column in &scene.columns {
            column.forget(entity);
        }
    }
    scene.names.clear(slot as usize);
    scene.released += 1;
    let node = &mut scene.nodes[slot as usize];
    if node.is_parked() {
        scene.parked -= 1;
    } else {
        scene.alive -= 1;
    }
    node.set_alive(false);
    node.set_parked(false);
    node.set_changed(false);
    node.set_matrix(false);
    node.set_posed(false);
    (node.parent, node.first_child, node.previous, node.next) = (NONE, NONE, NONE, NONE);
    if let Some(generation) = node.generation.checked_add(1) {
        node.generation = generation;
        node.next = scene.first_free;
        scene.first_free = slot;
    }
}

/// Puts a slot among the children of `parent` (or the roots), before `ahead` or at the end.
pub(crate) fn link(scene: &mut SceneState<'_>, slot: u32, parent: u32, ahead: u32) {
    let first = scene.first_below(parent);
    let at = slot as usize;
    scene.nodes[at].parent = parent;
    scene.nodes[at].next = ahead;
    if first == NONE {
        scene.nodes[at].previous = slot;
        *first_link(scene, parent) = slot;
        return;
    }
    // the first one's link backwards leads to the last
    let behind_of = if ahead == NONE { first } else { ahead };
    let behind = core::mem::replace(&mut scene.nodes[behind_of as usize].previous, slot);
    scene.nodes[at].previous = behind;
    if ahead == first {
        *first_link(scene, parent) = slot;
    } else {
        scene.nodes[behind as usize].next = slot;
    }
}

/// Takes a slot out from among its siblings.
pub(crate) fn unlink(scene: &mut SceneState<'_>, slot: u32) {
    let Node { parent, previous, next, .. } = scene.nodes[slot as usize];
    let first = scene.first_below(parent);
    if slot == first {
        *first_link(scene, parent) = next;
        if next != NONE {
            scene.nodes[next as usize].previous = previous;
        }
    } else {
        scene.nodes[previous as usize].next = next;
        let behind_of = if next == NONE { first } else { next };
        scene.nodes[behind_of as usize].previous = previous;
    }
    let node = &mut scene.nodes[slot as usize];
    (node.parent, node.previous, node.next) = (NONE, NONE, NONE);
}

fn first_link<'a>(scene: &'a mut SceneState<'_>, parent: u32) -> &'a mut u32 {
    if parent == NONE { &mut scene.first_root } else { &mut scene.nodes[parent as usize].first_child }
}
