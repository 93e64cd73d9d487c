//! Duplicates of entities with everything below them.

use crate::entity::Entity;
use crate::error::SceneError;
use crate::hierarchy::{SpawnDesc, despawn, spawn_unnamed};
use crate::node::NONE;
use crate::state::SceneState;
use crate::world::local_of;

/// Copies an entity with everything below it, all components included, to a place in the hierarchy: below `parent` (none:
/// among the roots), before one of its children or at the end. Says what the topmost became.
///
/// # Errors
/// As [`spawn`](crate::spawn); [`SceneError::Cycle`] when the copy would stand below its original. Nothing is added then.
pub fn duplicate(
    scene: &mut SceneState<'_>,
    entity: Entity,
    parent: Option<Entity>,
    before: Option<Entity>,
) -> Result<Entity, SceneError> {
    duplicate_with(scene, entity, parent, before, &mut |_, _| Ok(()))
}

/// As [`duplicate`]; `made` is told of every copy, parents first.
pub(crate) fn duplicate_with<'scene>(
    scene: &mut SceneState<'scene>,
    entity: Entity,
    parent: Option<Entity>,
    before: Option<Entity>,
    made: &mut dyn FnMut(&mut SceneState<'scene>, Entity) -> Result<(), SceneError>,
) -> Result<Entity, SceneError> {
    let root = scene.require(entity)? as u32;
    let mut above = parent.and_then(|parent| scene.find(parent)).map_or(NONE, |at| at as u32);
    while above != NONE {
        if above == root {
            return Err(SceneError::Cycle { entity, parent: parent.unwrap_or(entity) });
        }
        above = scene.nodes[above as usize].parent;
    }
    let top = copy(scene, root, parent, before)?;
    // both trees are walked side by side: where one goes up, the other does
    let (mut source, mut target) = (root, top);
    let mut result = made(scene, top);
    while result.is_ok() {
        let mut node = &scene.nodes[source as usize];
        let mut under = Some(target);
        if node.first_child == NONE {
            while source != root && node.next == NONE {
                source = node.parent;
                node = &scene.nodes[source as usize];
                target = crate::walk::parent(scene, target).unwrap_or(top);
            }
            if source == root {
                return Ok(top);
            }
            source = node.next;
            under = crate::walk::parent(scene, target);
        } else {
            source = node.first_child;
        }
        result = copy(scene, source, under, None).and_then(|copy| {
            target = copy;
            made(scene, copy)
        });
    }
    despawn(scene, top)?;
    result.map(|()| top)
}

/// Copies one entity, without those below it.
fn copy(
    scene: &mut SceneState<'_>,
    slot: u32,
    parent: Option<Entity>,
    before: Option<Entity>,
) -> Result<Entity, SceneError> {
    let at = slot as usize;
    let Some(source) = scene.tenant(slot) else { return Err(SceneError::Stale(Entity::NOBODY)) };
    let desc = SpawnDesc {
        name: "",
        parent,
        before,
        local: local_of(scene, at),
        hidden: !scene.nodes[at].is_visible(),
        mesh: scene.meshes.get(source).copied(),
        camera: scene.cameras.get(source).copied(),
        light: scene.lights.get(source).copied(),
    };
    let entity = spawn_unnamed(scene, &desc)?;
    let named = scene.names.set(entity.index() as usize, scene.names.number(at));
    let dressed = named.and_then(|()| scene.columns.iter().try_for_each(|column| column.copy(source, entity)));
    if let Err(error) = dressed {
        despawn(scene, entity)?;
        return Err(error);
    }
    Ok(entity)
}
