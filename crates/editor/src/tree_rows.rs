//! The hierarchy as a list of rows: what is closed is left out, so that a panel can show any stretch of it.
//!
//! # Invariants
//! 1. Rows stand in the order of the walk: parents before children, siblings in order.
//! 2. Both lists have address space for as many entities as the scene can have, and grow in place; what changes nothing
//!    allocates nothing.

use voltrum::memory::{ArenaVec, MemoryError, Sole, Tag, Tagged};
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
    rows: ArenaVec<'scene, Row, Sole<'scene>>,
    /// By slot.
    open: ArenaVec<'scene, bool, Sole<'scene>>,
    /// New entities are open: the scene was small when it was opened.
    opens_new: bool,
    /// The project's version that the rows are of.
    version: Option<u64>,
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
        let opens_new = count <= OPEN_ALL_MAX;
        let entities_max = scene.entities_max() as usize;
        let room = |name, bytes| Ok::<_, MemoryError>(memory.try_child(name, bytes)?.into_sole(Tag::PROJECT));
        let rows = ArenaVec::new_in(room("tree rows", 2 * entities_max * size_of::<Row>())?);
        let open = ArenaVec::new_in(room("tree open", 2 * entities_max + (64 << 10))?);
        let mut tree = TreeRows { rows, open, opens_new, version: None };
        if !opens_new {
            for root in scene::roots(scene) {
                for (entity, _) in scene::descendants(scene, root).filter(|(_, depth)| *depth + 1 < OPEN_DEPTH) {
                    tree.set_open(entity, true)?;
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

    /// Where an entity's row is, if it has one.
    pub fn place(&self, entity: Entity) -> Option<usize> {
        self.rows.iter().position(|row| row.entity == entity)
    }

    /// Brings the rows up to a version of the project; nothing where they are of it.
    ///
    /// # Errors
    /// When no page can be had.
    pub fn follow(&mut self, scene: &SceneState<'_>, version: u64) -> Result<(), MemoryError> {
        if self.version != Some(version) {
            self.version = Some(version);
            self.rebuild(scene)?;
        }
        Ok(())
    }

    /// Opens what is closed, and the reverse.
    ///
    /// # Errors
    /// As [`TreeRows::follow`].
    pub fn toggle(&mut self, scene: &SceneState<'_>, entity: Entity) -> Result<(), MemoryError> {
        self.set_open(entity, !self.is_open(entity))?;
        self.rebuild(scene)
    }

    /// Opens all that `entity` stands below, so that it has a row.
    ///
    /// # Errors
    /// As [`TreeRows::follow`].
    pub fn reveal(&mut self, scene: &SceneState<'_>, entity: Entity) -> Result<(), MemoryError> {
        let mut is_changed = false;
        let mut above = scene::parent(scene, entity);
        while let Some(parent) = above {
            if !self.is_open(parent) {
                self.set_open(parent, true)?;
                is_changed = true;
            }
            above = scene::parent(scene, parent);
        }
        if is_changed { self.rebuild(scene) } else { Ok(()) }
    }

    /// Opens a row; it shows at the next [`TreeRows::follow`] of another version.
    ///
    /// # Errors
    /// As [`TreeRows::follow`].
    pub fn open(&mut self, entity: Entity) -> Result<(), MemoryError> {
        self.version = None;
        self.set_open(entity, true)
    }

    fn is_open(&self, entity: Entity) -> bool {
        self.open.get(entity.index() as usize).copied().unwrap_or(self.opens_new)
    }

    fn set_open(&mut self, entity: Entity, is_open: bool) -> Result<(), MemoryError> {
        let slot = entity.index() as usize;
        while self.open.len() <= slot {
            self.open.try_push(self.opens_new)?;
        }
        self.open[slot] = is_open;
        Ok(())
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
                let is_open = self.is_open(entity);
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
    use voltrum::memory::Arena;
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

    #[test]
    fn rows_follow_what_is_added_and_removed_and_stay_as_they_are_otherwise() {
        let mut arena = Arena::try_reserve("scene", 1 << 30).unwrap();
        let memory = arena.open();
        let scene = scene::open(memory.tagged(Tag::SCENE), &SceneLimits::default()).unwrap();
        let mut tree = TreeRows::try_new(scene, 0, memory.tagged(Tag::PROJECT)).unwrap();
        let mut spawned = Vec::new();
        for _ in 0..1_000 {
            let parent = spawned.last().copied();
            spawned.push(scene::spawn(scene, &SpawnDesc { parent, ..SpawnDesc::default() }).unwrap());
        }
        assert!(tree.rows().is_empty());
        tree.follow(scene, 1).unwrap();
        assert_eq!(tree.rows().len(), 1_000);
        assert_eq!(tree.place(spawned[700]), Some(700));
        scene::despawn(scene, spawned[500]).unwrap();
        tree.follow(scene, 1).unwrap();
        assert_eq!(tree.rows().len(), 1_000);
        tree.follow(scene, 2).unwrap();
        assert_eq!(tree.rows().len(), 500);
    }
}
