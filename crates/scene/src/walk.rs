//! Ways through the hierarchy. None recurses and none needs memory: the links are the way.

use crate::entity::Entity;
use crate::node::NONE;
use crate::state::SceneState;

/// Every entity, in the order of slots.
pub fn entities<'a>(scene: &'a SceneState<'_>) -> impl Iterator<Item = Entity> + 'a {
    let slots = scene.nodes.iter().enumerate();
    slots.filter(|(_, node)| node.is_alive()).map(|(slot, node)| Entity::new(slot as u32, node.generation))
}

/// What an entity stands below; `None` for roots and for what is gone.
pub fn parent(scene: &SceneState<'_>, entity: Entity) -> Option<Entity> {
    scene.find(entity).and_then(|at| scene.tenant(scene.nodes[at].parent))
}

/// An entity's first child.
pub fn first_child(scene: &SceneState<'_>, entity: Entity) -> Option<Entity> {
    scene.find(entity).and_then(|at| scene.tenant(scene.nodes[at].first_child))
}

/// The next child of an entity's parent (for a root: the next root).
pub fn next_sibling(scene: &SceneState<'_>, entity: Entity) -> Option<Entity> {
    scene.find(entity).and_then(|at| scene.tenant(scene.nodes[at].next))
}

/// Siblings, in order.
#[derive(Clone)]
pub struct Children<'a, 'scene> {
    scene: &'a SceneState<'scene>,
    slot: u32,
}

/// The entities without a parent.
pub fn roots<'a, 'scene>(scene: &'a SceneState<'scene>) -> Children<'a, 'scene> {
    Children { scene, slot: scene.first_root }
}

/// An entity's children; none for what is gone.
pub fn children<'a, 'scene>(scene: &'a SceneState<'scene>, entity: Entity) -> Children<'a, 'scene> {
    Children { scene, slot: scene.find(entity).map_or(NONE, |at| scene.nodes[at].first_child) }
}

impl Iterator for Children<'_, '_> {
    type Item = Entity;

    fn next(&mut self) -> Option<Entity> {
        let entity = self.scene.tenant(self.slot)?;
        self.slot = self.scene.nodes[self.slot as usize].next;
        Some(entity)
    }
}

/// A subtree, parents before children, siblings in order, with how many levels each stands below the first.
#[derive(Clone)]
pub struct Descendants<'a, 'scene> {
    scene: &'a SceneState<'scene>,
    slot: u32,
    depth: u32,
}

/// An entity and everything below it; nothing for what is gone.
pub fn descendants<'a, 'scene>(scene: &'a SceneState<'scene>, entity: Entity) -> Descendants<'a, 'scene> {
    Descendants { scene, slot: scene.find(entity).map_or(NONE, |at| at as u32), depth: 0 }
}

impl Iterator for Descendants<'_, '_> {
    type Item = (Entity, u32);

    fn next(&mut self) -> Option<(Entity, u32)> {
        let entity = self.scene.tenant(self.slot)?;
        let depth = self.depth;
        let mut node = &self.scene.nodes[self.slot as usize];
        if node.first_child == NONE {
            while self.depth > 0 && node.next == NONE {
                self.depth -= 1;
                node = &self.scene.nodes[node.parent as usize];
            }
            // at depth 0 the walk is back where it began, whose siblings are no part of it
            self.slot = if self.depth == 0 { NONE } else { node.next };
        } else {
            self.slot = node.first_child;
            self.depth += 1;
        }
        Some((entity, depth))
    }
}

/// The slot after `slot` in the subtree below `root`, parents first; [`NONE`] after the last.
#[inline]
pub(crate) fn next_below(scene: &SceneState<'_>, slot: u32, root: u32) -> u32 {
    let mut node = &scene.nodes[slot as usize];
    if node.first_child != NONE {
        return node.first_child;
    }
    let mut at = slot;
    while at != root && node.next == NONE {
        at = node.parent;
        node = &scene.nodes[at as usize];
    }
    if at == root { NONE } else { node.next }
}
