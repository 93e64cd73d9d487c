//! Local and world transforms: what changed is listed, and only that and what stands below it is recomputed.
//!
//! # Invariants
//! 1. Whatever is out of date is listed, or stands below something listed. Where nothing is listed, everything is up to
//!    date, and what is added then is made so at once.
//! 2. One update visits a node once, however many of those above it have changed, and no node above the changed ones more
//!    than twice.

use glam::{Mat4, Vec3};

use crate::bounds::place_mesh;
use crate::entity::Entity;
use crate::error::SceneError;
use crate::node::{NONE, PASS_MAX};
use crate::pack::{Affine, PackedTransform};
use crate::state::SceneState;
use crate::transform::Local;
use crate::walk::next_below;

/// Where an entity stands relative to its parent.
pub fn local(scene: &SceneState<'_>, entity: Entity) -> Option<Local> {
    scene.find(entity).map(|at| local_of(scene, at))
}

/// Moves an entity, with everything below it. [`update_transforms`] makes it so.
///
/// # Errors
/// [`SceneError::Stale`] when it is gone; [`SceneError::Memory`].
pub fn set_local(scene: &mut SceneState<'_>, entity: Entity, local: impl Into<Local>) -> Result<(), SceneError> {
    scene.require(entity)?;
    put_local(scene, entity.index(), local.into())?;
    mark_changed(scene, entity.index());
    Ok(())
}

/// The local transforms of all slots, by [`Entity::index`]; a slot without an entity holds what its last one left, and one
/// whose [`local`] is a matrix holds the identity.
pub fn locals<'a>(scene: &'a SceneState<'_>) -> &'a [PackedTransform] {
    &scene.locals
}

pub(crate) fn local_of(scene: &SceneState<'_>, at: usize) -> Local {
    if scene.nodes[at].has_matrix() {
        let matrix = scene.tenant(at as u32).and_then(|entity| scene.matrices.get(entity));
        return Local::Matrix(matrix.copied().unwrap_or(Mat4::IDENTITY));
    }
    Local::Parts(scene.locals[at].unpack())
}

/// Stores a slot's local transform, in parts or beside them.
pub(crate) fn put_local(scene: &mut SceneState<'_>, slot: u32, local: Local) -> Result<(), SceneError> {
    let at = slot as usize;
    let had_matrix = scene.nodes[at].has_matrix();
    match local {
        Local::Parts(parts) => {
            if had_matrix && let Some(entity) = scene.tenant(slot) {
                scene.matrices.remove(entity);
                scene.nodes[at].set_matrix(false);
            }
            scene.locals[at] = parts.into();
        }
        Local::Matrix(matrix) => {
            if let Some(entity) = scene.tenant(slot) {
                scene.matrices.insert(entity, matrix)?;
            }
            scene.nodes[at].set_matrix(true);
            scene.locals[at] = PackedTransform::IDENTITY;
        }
    }
    Ok(())
}

/// From an entity's own coordinates to the world's, as of the last update.
pub fn world(scene: &SceneState<'_>, entity: Entity) -> Option<Mat4> {
    scene.find(entity).map(|at| scene.world_at(at as u32).matrix())
}

/// The world transforms of all slots, as of the last update, by [`Entity::index`]; a slot without an entity holds what its
/// last one left, and slots that are new since then may not be in it yet.
pub fn worlds<'a>(scene: &'a SceneState<'_>) -> &'a [Affine] {
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

/// Recomputes the world transforms, bounds and inherited visibility of what changed and of what stands below it. Costs
/// nothing when nothing changed. Says how many were computed since the last call, those that [`spawn`](crate::spawn) put in
/// their place included: an entity that was spawned and then moved counts twice.
pub fn update_transforms(scene: &mut SceneState<'_>) -> usize {
    let placed = core::mem::take(&mut scene.placed);
    if scene.first_changed == NONE {
        return placed;
    }
    // there is room: spawning saw to it
    if scene.worlds.try_resize(scene.nodes.len().max(scene.worlds.len()), Affine::IDENTITY).is_err() {
        return 0;
    }
    scene.pass += 1;
    if scene.pass > PASS_MAX {
        // marks of millions of passes ago must not look like this one's
        scene.nodes.iter_mut().for_each(|node| node.set_pass(0));
        scene.pass = 1;
    }
    let mut recomputed = placed;
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

/// Puts a new slot where it belongs, while all others are: without children, that is all there is to do.
#[inline(always)]
pub(crate) fn place_new(scene: &mut SceneState<'_>, slot: u32, local: &PackedTransform) -> Affine {
    let at = slot as usize;
    let local = local.affine();
    let node = &scene.nodes[at];
    let (world, shown) = match node.parent {
        NONE => (local, true),
        parent => (scene.worlds[parent as usize].after(&local), scene.nodes[parent as usize].is_shown()),
    };
    match scene.worlds.get_mut(at) {
        Some(place) => *place = world,
        // there is room: `take_slot` saw to it
        None => drop(scene.worlds.try_push(world)),
    }
    let node = &mut scene.nodes[at];
    node.set_shown(shown && node.is_visible());
    scene.placed += 1;
    world
}

/// Trades the transforms of the tenants of neighbouring slots, which are of one generation, for those in `words`. Tenants
/// that are others, or that have a matrix, keep theirs.
pub(crate) fn put_transforms(scene: &mut SceneState<'_>, first: u32, generation: u32, words: &mut [u32]) {
    let (words, _) = words.as_chunks_mut::<10>();
    let start = first as usize;
    let (Some(nodes), Some(locals)) =
        (scene.nodes.get_mut(start..start + words.len()), scene.locals.get_mut(start..start + words.len()))
    else {
        return;
    };
    for (slot, ((node, local), words)) in (first..).zip(nodes.iter_mut().zip(locals).zip(words)) {
        if node.is_alive() && node.generation.get() == generation && !node.has_matrix() {
            let was = local.words();
            *local = PackedTransform::from_words(*words);
            *words = was;
            node.set_changed(true);
            if !node.is_listed() {
                node.set_listed(true);
                node.next_changed = scene.first_changed;
                scene.first_changed = slot;
            }
        }
    }
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
    while above != NONE && scene.nodes[above as usize].pass() != scene.pass {
        if scene.nodes[above as usize].is_changed() {
            top = above;
        }
        above = scene.nodes[above as usize].parent;
    }
    let mut above = scene.nodes[top as usize].parent;
    while above != NONE && scene.nodes[above as usize].pass() != scene.pass {
        let pass = scene.pass;
        scene.nodes[above as usize].set_pass(pass);
        above = scene.nodes[above as usize].parent;
    }
    top
}

/// Recomputes a subtree, parents first, along its links.
fn recompute_below(scene: &mut SceneState<'_>, top: u32) -> usize {
    let mut count = 0;
    let mut slot = top;
    while slot != NONE {
        recompute(scene, slot);
        count += 1;
        slot = next_below(scene, slot, top);
    }
    count
}

/// Where a slot is shown that its parts alone don't say.
#[cold]
fn posed_or_matrix(scene: &SceneState<'_>, at: usize) -> Affine {
    let pose = scene
        .tenant(at as u32)
        .filter(|_| scene.nodes[at].is_posed())
        .and_then(|entity| scene.poses.as_ref()?.get(entity));
    match pose {
        Some(pose) => pose.affine(),
        None => Affine::from_matrix(&local_of(scene, at).matrix()),
    }
}

#[inline]
fn recompute(scene: &mut SceneState<'_>, slot: u32) {
    let at = slot as usize;
    let node = &scene.nodes[at];
    let local = if node.is_plain() { scene.locals[at].affine() } else { posed_or_matrix(scene, at) };
    let (world, shown) = match node.parent {
        NONE => (local, true),
        parent => (scene.worlds[parent as usize].after(&local), scene.nodes[parent as usize].is_shown()),
    };
    scene.worlds[at] = world;
    let pass = scene.pass;
    let node = &mut scene.nodes[at];
    let shown = shown && node.is_visible();
    node.set_shown(shown);
    node.set_changed(false);
    node.set_pass(pass);
    place_mesh(scene, slot, &world);
}
