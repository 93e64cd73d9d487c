//! The hierarchy as a list of rows: what is closed is left out, so that a panel can show any stretch of it.
//!
//! # Invariants
//! 1. Rows stand in the order of the walk: parents before children, siblings in order.
//! 2. There is room for every entity from the start; opening and closing allocates nothing.

use voltrum::memory::{ArenaVec, MemoryError, Tagged};
use voltrum::scene::{self, Entity, SceneState};

/// Levels that are open at first in a large scene.
const OPEN_DEPTH: u32 = 3;
/// A scene of no more entities is all open at first.
const OPEN_ALL_MAX: usize = 200;

/// One row of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Who it shows.
    pub entity: Entity,
    /// How deep it stands.
    pub depth: u32,
    /// Whether there are children to open.
    pub has_children: bool,
    /// Whether they are shown.
    pub is_open: bool,
}

/// The rows of a scene.
pub struct TreeRows<'scene> {
    rows: ArenaVec<'scene, Row>,
    /// By slot.
    open: &'scene mut [bool],
}

impl<'scene> TreeRows<'scene> {
    /// The rows of `scene`, which has `count` entities.
    ///
    /// # Errors
    /// When `memory` has no room.
    pub fn try_new(
        scene: &SceneState<'_>,
        count: usize,
        memory: Tagged<'scene>,
    ) -> Result<TreeRows<'scene>, MemoryError> {
        let rows = ArenaVec::try_with_capacity_in(count, memory)?;
        let open = memory.try_alloc_slice_fill_with(scene.slots(), |_| count <= OPEN_ALL_MAX)?;
        let mut tree = TreeRows { rows, open };
        if count > OPEN_ALL_MAX {
            for root in scene::roots(scene) {
                for (entity, _) in scene::descendants(scene, root).filter(|(_, depth)| *depth + 1 < OPEN_DEPTH) {
                    tree.set_open(entity, true);
                }
            }
        }
        tree.rebuild(scene)?;
        Ok(tree)
    }

    /// The rows, from the top.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Opens what is closed, and the reverse.
    ///
    /// # Errors
    /// When the scene has grown past what there was room for.
    pub fn toggle(&mut self, scene: &SceneState<'_>, entity: Entity) -> Result<(), MemoryError> {
        let is_open = self.open.get(entity.index() as usize).copied().unwrap_or(false);
        self.set_open(entity, !is_open);
        self.rebuild(scene)
    }

    /// Opens all that `entity` stands below, so that it has a row.
    ///
    /// # Errors
    /// As [`TreeRows::toggle`].
    pub fn reveal(&mut self, scene: &SceneState<'_>, entity: Entity) -> Result<(), MemoryError> {
        let mut above = scene::parent(scene, entity);
        while let Some(parent) = above {
            self.set_open(parent, true);
            above = scene::parent(scene, parent);
        }
        self.rebuild(scene)
    }

    fn set_open(&mut self, entity: Entity, is_open: bool) {
        if let Some(open) = self.open.get_mut(entity.index() as usize) {
            *open = is_open;
        }
    }

    fn rebuild(&mut self, scene: &SceneState<'_>) -> Result<(), MemoryError> {
        self.rows.clear();
        for root in scene::roots(scene) {
            // what stands deeper than this is below something closed
            let mut depth_max = u32::MAX;
            for (entity, depth) in scene::descendants(scene, root) {
                if depth > depth_max {
                    continue;
                }
                let has_children = scene::first_child(scene, entity).is_some();
                let is_open = self.open.get(entity.index() as usize).copied().unwrap_or(false);
                depth_max = if is_open { u32::MAX } else { depth };
                self.rows.try_push(Row { entity, depth, has_children, is_open })?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use voltrum::memory::{Arena, Tag};
    use voltrum::scene::{SceneLimits, SpawnDesc};

    #[test]
    fn closing_a_row_hides_all_below_it_and_nothing_else() {
        let mut arena = Arena::try_reserve("scene", 1 << 30).unwrap();
        let memory = arena.open();
        let scene = scene::open(memory.tagged(Tag::SCENE), &SceneLimits::default()).unwrap();
        let mut spawn =
            |name: &str, parent| scene::spawn(scene, &SpawnDesc { name, parent, ..SpawnDesc::default() }).unwrap();
        let table = spawn("table", None);
        let leg = spawn("leg", Some(table));
        let foot = spawn("foot", Some(leg));
        let top = spawn("top", Some(table));
        let lamp = spawn("lamp", None);
        let mut tree = TreeRows::try_new(scene, 5, memory.tagged(Tag::PROJECT)).unwrap();
        let shown = |tree: &TreeRows<'_>| tree.rows().iter().map(|row| (row.entity, row.depth)).collect::<Vec<_>>();
        assert_eq!(shown(&tree), [(table, 0), (leg, 1), (foot, 2), (top, 1), (lamp, 0)]);
        tree.toggle(scene, leg).unwrap();
        assert_eq!(shown(&tree), [(table, 0), (leg, 1), (top, 1), (lamp, 0)]);
        tree.toggle(scene, table).unwrap();
        assert_eq!(shown(&tree), [(table, 0), (lamp, 0)]);
        tree.toggle(scene, table).unwrap();
        assert_eq!(shown(&tree), [(table, 0), (leg, 1), (top, 1), (lamp, 0)]);
        tree.toggle(scene, table).unwrap();
        tree.reveal(scene, foot).unwrap();
        assert_eq!(shown(&tree), [(table, 0), (leg, 1), (foot, 2), (top, 1), (lamp, 0)]);
        tree.toggle(scene, leg).unwrap();
        assert!(tree.rows()[1].has_children && !tree.rows()[1].is_open);
        assert!(!tree.rows()[2].has_children);
    }
}
