//! Local and world transforms: what changed is listed, and only that and what stands below it is recomputed.
//!
//! # Invariants
//! 1. Whatever is out of date is listed, or stands below something listed.
//! 2. One update visits a node once, however many of those above it have changed, and no node above the changed ones more
//!    than twice.

use glam::{Mat4, Vec3};

use crate::bounds::place_mesh;
use crate::entity::Entity;
use crate::error::SceneError;
use crate::node::NONE;
use crate::state::SceneState;
use crate::transform::Local;

/// Where an entity stands relative to its parent.
pub fn local(scene: &SceneState<'_>, entity: Entity) -> Option<Local> {
    scene.find(entity).map(|at| scene.locals[at])
}

/// Moves an entity, with everything below it. [`update_transforms`] makes it so.
///
/// # Errors
/// [`SceneError::Stale`] when it is gone.
pub fn set_local(scene: &mut SceneState<'_>, entity: Entity, local: impl Into<Local>) -> Result<(), SceneError> {
    let at = scene.require(entity)?;
    scene.locals[at] = local.into();
    mark_changed(scene, entity.index());
    Ok(())
}

/// From an entity's own coordinates to the world's, as of the last update.
pub fn world<'a>(scene: &'a SceneState<'_>, entity: Entity) -> Option<&'a Mat4> {
    scene.find(entity).map(|at| &scene.worlds[at])
}

/// The world transforms of all slots, as of the last update, by [`Entity::index`]; a slot without an entity holds what its
/// last one left.
pub fn worlds<'a>(scene: &'a SceneState<'_>) -> &'a [Mat4] {
    &scene.worlds
}

/// From the world's coordinates to those of an eye that stands at an entity and looks down its -Z, as glTF's cameras do.
/// The entity's scale plays no part. `None` when the entity is gone or flattened to nothing.
pub fn view_from(scene: &SceneState<'_>, entity: Entity) -> Option<Mat4> {
    let world = world(scene, entity)?;
    let (back, up) = (world.z_axis.truncate().try_normalize()?, world.y_axis.truncate());
    let right = up.cross(back).try_normalize()?;
    let eye: Vec3 = world.w_axis.truncate();
    Some(Mat4::look_to_rh(eye, -back, back.cross(right)))
}

/// Recomputes the world transforms, bounds and inherited visibility of what changed and of what stands below it, and says
/// how many entities that were. Costs nothing when nothing changed.
pub fn update_transforms(scene: &mut SceneState<'_>) -> usize {
    scene.pass = scene.pass.wrapping_add(1);
    if scene.pass == 0 {
        // marks of four thousand million passes ago must not look like this one's
        scene.nodes.iter_mut().for_each(|node| node.pass = 0);
        scene.pass = 1;
    }
    let mut recomputed = 0;
    while scene.first_changed != NONE {
        let slot = scene.first_changed;
        let node = &mut scene.nodes[slot as usize];
        scene.first_changed = node.next_changed;
        node.set_listed(false);
        // else it is gone, or was done below something else
        if node.is_changed() {
            let top = topmost_changed(scene, slot);
            recomputed += recompute_below(scene, top);
        }
    }
    recomputed
}

pub(crate) fn mark_changed(scene: &mut SceneState<'_>, slot: u32) {
    let node = &mut scene.nodes[slot as usize];
    node.set_changed(true);
    if !node.is_listed() {
        node.set_listed(true);
        node.next_changed = scene.first_changed;
        scene.first_changed = slot;
    }
}

/// The highest node out of date on the way up. What is above it is marked, so that the next way up ends there.
fn topmost_changed(scene: &mut SceneState<'_>, slot: u32) -> u32 {
    let mut top = slot;
    let mut above = scene.nodes[slot as usize].parent;
    while above != NONE && scene.nodes[above as usize].pass != scene.pass {
        if scene.nodes[above as usize].is_changed() {
            top = above;
        }
        above = scene.nodes[above as usize].parent;
    }
    let mut above = scene.nodes[top as usize].parent;
    while above != NONE && scene.nodes[above as usize].pass != scene.pass {
        scene.nodes[above as usize].pass = scene.pass;
        above = scene.nodes[above as usize].parent;
    }
    top
}

/// Recomputes a subtree, parents first, along its links.
fn recompute_below(scene: &mut SceneState<'_>, top: u32) -> usize {
    let mut count = 0;
    let mut slot = top;
    loop {
        recompute(scene, slot);
        count += 1;
        let mut node = &scene.nodes[slot as usize];
        if node.first_child != NONE {
            slot = node.first_child;
            continue;
        }
        while slot != top && node.next == NONE {
            slot = node.parent;
            node = &scene.nodes[slot as usize];
        }
        if slot == top {
            return count;
        }
        slot = node.next;
    }
}

fn recompute(scene: &mut SceneState<'_>, slot: u32) {
    let at = slot as usize;
    let parent = scene.nodes[at].parent;
    let local = scene.locals[at].matrix();
    let (world, shown) = if parent == NONE {
        (local, true)
    } else {
        (scene.worlds[parent as usize] * local, scene.nodes[parent as usize].is_shown())
    };
    scene.worlds[at] = world;
    let node = &mut scene.nodes[at];
    let shown = shown && node.is_visible();
    node.set_shown(shown);
    node.set_changed(false);
    node.pass = scene.pass;
    place_mesh(scene, slot);
}
