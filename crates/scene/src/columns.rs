//! Columns of a client's own components: the client holds a typed handle, the scene an untyped one, so that whatever
//! happens to an entity happens to them.
//!
//! # Invariants
//! 1. Every borrow of a column borrows its scene, shared: what changes the structure needs the scene exclusively, so it
//!    never meets a column that is in use.
//!
//! # Deliberately absent
//! No registry of types: a type needs to be a [`Component`], and that is all.

use std::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard, TryLockError};

use crate::column::Column;
use crate::component::{COMPONENT_BYTES_MAX, Component};
use crate::components::set;
use crate::entity::Entity;
use crate::error::SceneError;
use crate::state::SceneState;

/// Names a column of a scene. Made by [`add_column`].
pub struct ColumnRef<'scene, T> {
    column: &'scene RwLock<Column<'scene, T>>,
    index: u32,
}

impl<T> Clone for ColumnRef<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for ColumnRef<'_, T> {}

/// Adds a column of components of the client's own, for up to `components_max` entities, fewer where the scene arena can't
/// give that much. Components leave with their entities, come back with them on undo, and are duplicated with them.
///
/// ```
/// # use voltrum_memory::{Arena, Tag};
/// # use voltrum_scene::{SceneLimits, SpawnDesc};
/// # let mut arena = Arena::try_reserve("scene", 1 << 30)?;
/// # let memory = arena.open();
/// # let scene = voltrum_scene::open(memory.tagged(Tag::SCENE), &SceneLimits::default())?;
/// let watts = voltrum_scene::add_column::<f32>(scene, "watts", 1000)?;
/// let lamp = voltrum_scene::spawn(scene, &SpawnDesc::default())?;
/// watts.borrow_mut(scene).insert(lamp, 60.0)?;
/// assert_eq!(watts.borrow(scene).values().iter().sum::<f32>(), 60.0);
/// voltrum_scene::despawn(scene, lamp)?;
/// assert!(watts.borrow(scene).is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`SceneError::Column`] when the name is taken or a component takes more than [`COMPONENT_BYTES_MAX`] bytes;
/// [`SceneError::Memory`] when the scene arena has no room left for even a few.
pub fn add_column<'scene, T: Component>(
    scene: &mut SceneState<'scene>,
    name: &'static str,
    components_max: u32,
) -> Result<ColumnRef<'scene, T>, SceneError> {
    if T::BYTES > COMPONENT_BYTES_MAX || scene.columns.iter().any(|column| column.name() == name) {
        return Err(SceneError::Column { name, bytes: T::BYTES, max: COMPONENT_BYTES_MAX });
    }
    scene.columns.try_reserve(1)?;
    let column = Column::<T>::fitting(&scene.memory, name, components_max, scene.entities_max)?;
    let column: &'scene RwLock<Column<'scene, T>> = scene.memory.try_alloc(RwLock::new(column))?;
    scene.columns.try_push(column)?;
    Ok(ColumnRef { column, index: scene.columns.len() as u32 - 1 })
}

impl<'scene, T: Component> ColumnRef<'scene, T> {
    /// The column, to read.
    ///
    /// # Panics
    /// While [`ColumnRef::borrow_mut`] is in use.
    pub fn borrow<'a>(&self, _scene: &'a SceneState<'scene>) -> RwLockReadGuard<'a, Column<'scene, T>> {
        reading(self.column).unwrap_or_else(|| refuse())
    }

    /// The column, to change. The scene and other columns can be read meanwhile.
    ///
    /// # Panics
    /// While the column is borrowed already.
    pub fn borrow_mut<'a>(&self, _scene: &'a SceneState<'scene>) -> RwLockWriteGuard<'a, Column<'scene, T>> {
        writing(self.column).unwrap_or_else(|| refuse())
    }

    pub(crate) fn index(&self) -> u32 {
        self.index
    }
}

/// A scene and its columns go from thread to thread as a whole, so nobody ever waits: what is in use is in use here.
fn reading<T>(column: &RwLock<T>) -> Option<RwLockReadGuard<'_, T>> {
    match column.try_read() {
        Ok(column) => Some(column),
        // somebody's panic left each component whole
        Err(TryLockError::Poisoned(column)) => Some(column.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

fn writing<T>(column: &RwLock<T>) -> Option<RwLockWriteGuard<'_, T>> {
    match column.try_write() {
        Ok(column) => Some(column),
        Err(TryLockError::Poisoned(column)) => Some(column.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

#[cold]
#[track_caller]
#[allow(clippy::panic, reason = "the documented behaviour of borrowing what is borrowed already")]
fn refuse() -> ! {
    panic!("the column is borrowed already")
}

/// What a scene does with a column whose type it doesn't know. A column that is in use, which invariant 1 excludes for all
/// but guards that were forgotten, is left as it is.
pub(crate) trait ColumnOps {
    fn name(&self) -> &'static str;
    fn park(&self, entity: Entity);
    fn unpark(&self, entity: Entity);
    fn forget(&self, entity: Entity);
    /// Gives `to` a copy of what `from` has.
    fn copy(&self, from: Entity, to: Entity) -> Result<(), SceneError>;
    /// Writes an entity's component, parked or not, and says how many bytes that were.
    fn write(&self, entity: Entity, bytes: &mut [u8; COMPONENT_BYTES_MAX]) -> Option<usize>;
    /// Gives an entity the component that bytes make, or takes it away.
    fn read(&self, entity: Entity, bytes: Option<&[u8]>) -> Result<(), SceneError>;
    /// Bytes of a component.
    fn bytes(&self) -> usize;
}

impl<T: Component> ColumnOps for RwLock<Column<'_, T>> {
    fn name(&self) -> &'static str {
        reading(self).map_or("", |column| column.name())
    }

    fn park(&self, entity: Entity) {
        if let Some(mut column) = writing(self) {
            column.park(entity);
        }
    }

    fn unpark(&self, entity: Entity) {
        if let Some(mut column) = writing(self) {
            column.unpark(entity);
        }
    }

    fn forget(&self, entity: Entity) {
        if let Some(mut column) = writing(self) {
            column.remove(entity);
        }
    }

    fn copy(&self, from: Entity, to: Entity) -> Result<(), SceneError> {
        match writing(self) {
            Some(mut column) => match column.get(from).copied() {
                Some(value) => column.insert(to, value).map(drop),
                None => Ok(()),
            },
            None => Ok(()),
        }
    }

    fn write(&self, entity: Entity, bytes: &mut [u8; COMPONENT_BYTES_MAX]) -> Option<usize> {
        let column = reading(self)?;
        column.kept(entity)?.write(&mut bytes[..T::BYTES]);
        Some(T::BYTES)
    }

    fn read(&self, entity: Entity, bytes: Option<&[u8]>) -> Result<(), SceneError> {
        let Some(mut column) = writing(self) else { return Ok(()) };
        let Some(bytes) = bytes else { return set(&mut column, entity, None) };
        let (name, wrong) = (column.name(), bytes.len() != T::BYTES);
        let value = if wrong { None } else { T::read(bytes) };
        match value {
            Some(value) => set(&mut column, entity, Some(value)),
            None => Err(SceneError::Component { column: name, bytes: bytes.len(), wanted: T::BYTES }),
        }
    }

    fn bytes(&self) -> usize {
        T::BYTES
    }
}
