//! Spawning, despawning and moving entities in the hierarchy.
//!
//! Depth comes from files, so nothing here recurses: subtrees are walked along their links.

use crate::components::{Camera, MeshInstance, remove_mesh, set_camera, set_mesh, set_name};
use crate::entity::Entity;
use crate::error::SceneError;
use crate::node::{NONE, Node};
use crate::state::SceneState;
use crate::transform::Local;
use crate::world::mark_changed;
use glam::Mat4;

/// An entity to be.
#[derive(Clone, Copy, Debug, Default)]
pub struct SpawnDesc<'n, 'scene> {
    /// Its name; copied into the scene arena.
    pub name: &'n str,
    /// What it stands below; without one it is a root.
    pub parent: Option<Entity>,
    /// Where it stands relative to its parent.
    pub local: Local,
    /// Whether it is hidden, with everything below it.
    pub hidden: bool,
    /// What is drawn there.
    pub mesh: Option<MeshInstance<'scene>>,
    /// What looks from there.
    pub camera: Option<Camera>,
}

/// Adds an entity, as its parent's last child.
///
/// # Errors
/// [`SceneError::Stale`] when the parent is gone; [`SceneError::Full`]; [`SceneError::Memory`]. Nothing is added then.
pub fn spawn<'scene>(scene: &mut SceneState<'scene>, desc: &SpawnDesc<'_, 'scene>) -> Result<Entity, SceneError> {
    let entity = spawn_named(scene, "", desc)?;
    // after all else that may be refused: a name's bytes stay with the arena
    if let Err(error) = set_name(scene, entity, desc.name) {
        despawn(scene, entity)?;
        return Err(error);
    }
    Ok(entity)
}

/// As [`spawn`], with a name that lives as long as the scene and is not copied.
pub(crate) fn spawn_named<'scene>(
    scene: &mut SceneState<'scene>,
    name: &'scene str,
    desc: &SpawnDesc<'_, 'scene>,
) -> Result<Entity, SceneError> {
    let parent = match desc.parent {
        Some(parent) => scene.require(parent)? as u32,
        None => NONE,
    };
    let slot = take_slot(scene)?;
    let at = slot as usize;
    let node = &mut scene.nodes[at];
    node.set_alive(true);
    node.set_visible(!desc.hidden);
    node.set_shown(false);
    let entity = Entity::new(slot, node.generation);
    scene.locals[at] = desc.local;
    scene.worlds[at] = Mat4::IDENTITY;
    scene.names[at] = name;
    scene.alive += 1;
    link(scene, slot, parent, NONE);
    mark_changed(scene, slot);
    let dressed = (|| {
        if let Some(mesh) = desc.mesh {
            set_mesh(scene, entity, Some(mesh))?;
        }
        if let Some(camera) = desc.camera {
            set_camera(scene, entity, Some(camera))?;
        }
        Ok(entity)
    })();
    if dressed.is_err() {
        despawn(scene, entity)?;
    }
    dressed
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
    let mut under = NONE;
    if let Some(parent) = parent {
        under = scene.require(parent)? as u32;
        let mut above = under;
        while above != NONE {
            if above == slot {
                return Err(SceneError::Cycle { entity, parent });
            }
            above = scene.nodes[above as usize].parent;
        }
    }
    let mut ahead = NONE;
    if let Some(before) = before {
        ahead = scene.require(before)? as u32;
        if scene.nodes[ahead as usize].parent != under {
            return Err(SceneError::NotAChild { before });
        }
        if ahead == slot {
            return Ok(());
        }
    }
    unlink(scene, slot);
    link(scene, slot, under, ahead);
    mark_changed(scene, slot);
    Ok(())
}

/// A free slot: a used one if there is, else a new one in every array over all slots.
fn take_slot(scene: &mut SceneState<'_>) -> Result<u32, SceneError> {
    let slot = scene.first_free;
    if slot != NONE {
        let node = &mut scene.nodes[slot as usize];
        scene.first_free = node.next;
        node.next = NONE;
        return Ok(slot);
    }
    let slot = scene.nodes.len() as u32;
    let max = scene.entities_max;
    if slot >= max {
        return Err(SceneError::Full { column: "nodes", limit: "entities_max", asked: 1, left: 0, max });
    }
    // all have room before any grows, so that they stay of one length
    scene.nodes.try_reserve(1)?;
    scene.locals.try_reserve(1)?;
    scene.worlds.try_reserve(1)?;
    scene.names.try_reserve(1)?;
    scene.nodes.try_push(Node::NEW)?;
    scene.locals.try_push(Local::default())?;
    scene.worlds.try_push(Mat4::IDENTITY)?;
    scene.names.try_push("")?;
    Ok(slot)
}

/// Ends a slot's tenancy. The next tenant has the next generation; a slot that has run out of them is never used again.
fn release(scene: &mut SceneState<'_>, slot: u32) {
    if let Some(entity) = scene.tenant(slot) {
        remove_mesh(scene, entity);
        scene.cameras.remove(entity);
    }
    scene.alive -= 1;
    scene.names[slot as usize] = "";
    let node = &mut scene.nodes[slot as usize];
    node.set_alive(false);
    node.set_changed(false);
    (node.parent, node.first_child, node.last_child, node.previous, node.next) = (NONE, NONE, NONE, NONE, NONE);
    if let Some(generation) = node.generation.checked_add(1) {
        node.generation = generation;
        node.next = scene.first_free;
        scene.first_free = slot;
    }
}

/// Puts a slot among the children of `parent` (or the roots), before `ahead` or at the end.
fn link(scene: &mut SceneState<'_>, slot: u32, parent: u32, ahead: u32) {
    let behind = match ahead {
        NONE if parent == NONE => scene.last_root,
        NONE => scene.nodes[parent as usize].last_child,
        _ => scene.nodes[ahead as usize].previous,
    };
    let node = &mut scene.nodes[slot as usize];
    (node.parent, node.previous, node.next) = (parent, behind, ahead);
    *after(scene, parent, behind) = slot;
    *ahead_of(scene, parent, ahead) = slot;
}

/// Takes a slot out from among its siblings.
fn unlink(scene: &mut SceneState<'_>, slot: u32) {
    let Node { parent, previous, next, .. } = scene.nodes[slot as usize];
    *after(scene, parent, previous) = next;
    *ahead_of(scene, parent, next) = previous;
    let node = &mut scene.nodes[slot as usize];
    (node.parent, node.previous, node.next) = (NONE, NONE, NONE);
}

/// The link that leads forwards from `sibling`, or to the first child where there is none before.
fn after<'a>(scene: &'a mut SceneState<'_>, parent: u32, sibling: u32) -> &'a mut u32 {
    match (parent, sibling) {
        (NONE, NONE) => &mut scene.first_root,
        (parent, NONE) => &mut scene.nodes[parent as usize].first_child,
        (_, sibling) => &mut scene.nodes[sibling as usize].next,
    }
}

/// The link that leads backwards from `sibling`, or to the last child where there is none behind.
fn ahead_of<'a>(scene: &'a mut SceneState<'_>, parent: u32, sibling: u32) -> &'a mut u32 {
    match (parent, sibling) {
        (NONE, NONE) => &mut scene.last_root,
        (parent, NONE) => &mut scene.nodes[parent as usize].last_child,
        (_, sibling) => &mut scene.nodes[sibling as usize].previous,
    }
}
