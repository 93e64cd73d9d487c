//! Commands: edits to be done later, for those who are looking at the scene now.
//!
//! While a slice or an iterator of a scene is borrowed, the scene can't change: the compiler says so. Who finds out, while
//! looking, that something is to change, notes it here, and has it done when it has stopped looking.
//!
//! ```compile_fail,E0502
//! fn delete_all(scene: &mut voltrum_scene::SceneState<'_>) {
//!     for entity in voltrum_scene::entities(scene) {
//!         voltrum_scene::despawn(scene, entity); // the scene is being looked at
//!     }
//! }
//! ```
//!
//! ```compile_fail,E0502
//! fn delete_lit<'s>(scene: &mut voltrum_scene::SceneState<'s>, watts: voltrum_scene::ColumnRef<'s, f32>) {
//!     let column = watts.borrow(scene);
//!     for entity in column.entities() {
//!         voltrum_scene::despawn(scene, *entity); // a column of it is being looked at
//!     }
//! }
//! ```

use voltrum_memory::{ArenaVec, MemoryError, Tagged};

use crate::edit::{Edit, SpawnEdit};
use crate::error::SceneError;
use crate::undo::Transaction;

/// Edits in the order in which they were asked for. Lives in the frame arena.
///
/// ```
/// # use voltrum_memory::{Arena, Tag};
/// # use voltrum_scene::{Commands, Edit, SceneLimits, SpawnDesc, undo};
/// # let (mut arena, mut frames) = (Arena::try_reserve("scene", 1 << 30)?, Arena::try_reserve("frame", 1 << 20)?);
/// # let (memory, frame) = (arena.open(), frames.open());
/// # let scene = voltrum_scene::open(memory.tagged(Tag::SCENE), &SceneLimits::default())?;
/// # let history = undo::open(scene, memory.tagged(Tag::UNDO), undo::HISTORY_BYTES)?;
/// # for name in ["lamp", "table", "lamp"] {
/// #     voltrum_scene::spawn(scene, &SpawnDesc { name, ..SpawnDesc::default() })?;
/// # }
/// let mut commands = Commands::new(frame.tagged(Tag::FRAME));
/// for entity in voltrum_scene::entities(scene) {
///     if voltrum_scene::name(scene, entity) == Some("lamp") {
///         commands.try_push(&Edit::Despawn { entity })?;
///     }
/// }
/// let mut edit = undo::begin(history, scene, "Delete lamps");
/// commands.apply(&mut edit)?;
/// edit.commit()?;
/// assert_eq!(scene.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Commands<'frame> {
    memory: Tagged<'frame>,
    edits: ArenaVec<'frame, Edit<'frame>>,
}

impl<'frame> Commands<'frame> {
    /// None yet.
    pub fn new(memory: Tagged<'frame>) -> Commands<'frame> {
        Commands { memory, edits: ArenaVec::new_in(memory) }
    }

    /// Asks for an edit; text and bytes are copied.
    ///
    /// # Errors
    /// When the frame arena has no room.
    pub fn try_push(&mut self, edit: &Edit<'_>) -> Result<(), MemoryError> {
        let edit: Edit<'frame> = match *edit {
            Edit::Spawn(spawn) => {
                let SpawnEdit { entity, parent, before, local, hidden, mesh, camera, light, .. } = spawn;
                let name = self.memory.try_alloc_str(spawn.name)?;
                Edit::Spawn(SpawnEdit { entity, parent, before, name, local, hidden, mesh, camera, light })
            }
            Edit::Rename { entity, name } => Edit::Rename { entity, name: self.memory.try_alloc_str(name)? },
            Edit::SetComponent { entity, column, value } => {
                let value = match value {
                    Some(bytes) => Some(&*self.memory.try_alloc_slice_copy(bytes)?),
                    None => None,
                };
                Edit::SetComponent { entity, column: self.memory.try_alloc_str(column)?, value }
            }
            Edit::Despawn { entity } => Edit::Despawn { entity },
            Edit::Move { entity, local } => Edit::Move { entity, local },
            Edit::Reparent { entity, parent, before } => Edit::Reparent { entity, parent, before },
            Edit::Show { entity, visible } => Edit::Show { entity, visible },
            Edit::SetMesh { entity, mesh } => Edit::SetMesh { entity, mesh },
            Edit::SetCamera { entity, camera } => Edit::SetCamera { entity, camera },
            Edit::SetLight { entity, light } => Edit::SetLight { entity, light },
        };
        self.edits.try_push(edit)
    }

    /// What was asked for.
    pub fn edits(&self) -> &[Edit<'frame>] {
        &self.edits
    }

    /// Does what was asked for, in order, and forgets it. Edits of what an earlier one removed are passed over.
    ///
    /// # Errors
    /// Of the first edit that was refused for another reason; the transaction decides what becomes of those before.
    pub fn apply(&mut self, edit: &mut Transaction<'_, '_>) -> Result<(), SceneError> {
        for command in &self.edits {
            match edit.apply(command) {
                Ok(_) | Err(SceneError::Stale(_)) => {}
                Err(error) => return Err(error),
            }
        }
        self.edits.clear();
        Ok(())
    }
}
