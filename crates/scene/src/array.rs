//! Arrays in child arenas of their own: they grow in place, a little at a time, and may go to another thread with all that
//! is made of them.

use voltrum_memory::{ArenaMap, ArenaVec, DefaultHashBuilder, Lender, MemoryError, Sole, Tag};

use crate::limits::array_bytes;

/// See the module.
pub(crate) type Array<'scene, T> = ArenaVec<'scene, T, Sole<'scene>>;

/// A map in a child arena of its own.
pub(crate) type Map<'scene, K, V> = ArenaMap<'scene, K, V, DefaultHashBuilder, Sole<'scene>>;

/// Bytes by which an array grows: nothing moves, so there is no reason to double.
const STEP_BYTES: usize = 64 << 10;

/// An array in a child arena of its own.
pub(crate) fn array<'scene, T>(
    memory: &impl Lender<'scene>,
    name: &'static str,
    max: u32,
) -> Result<Array<'scene, T>, MemoryError> {
    array_tagged(memory, Tag::SCENE, name, max)
}

/// As [`array`], charged to another tag.
pub(crate) fn array_tagged<'scene, T>(
    memory: &impl Lender<'scene>,
    tag: Tag,
    name: &'static str,
    max: u32,
) -> Result<Array<'scene, T>, MemoryError> {
    let child = memory.try_child(name, array_bytes(max, size_of::<T>()))?;
    Ok(ArenaVec::new_in(child.into_sole(tag)))
}

/// Room for one more.
#[inline]
pub(crate) fn reserve_one<T>(array: &mut Array<'_, T>) -> Result<(), MemoryError> {
    if array.len() == array.capacity() { grow(array) } else { Ok(()) }
}

#[cold]
fn grow<T>(array: &mut Array<'_, T>) -> Result<(), MemoryError> {
    // small arrays double, so that a scene of ten takes room for ten
    let step = (STEP_BYTES / size_of::<T>().max(1)).min(array.len().max(16));
    array.try_reserve_exact(step).or_else(|_| array.try_reserve_exact(1))
}

/// Room for `count` in all, in an array that is filled later.
#[inline]
pub(crate) fn reserve_for<T>(array: &mut Array<'_, T>, count: usize) -> Result<(), MemoryError> {
    if count <= array.capacity() {
        return Ok(());
    }
    let step = (STEP_BYTES / size_of::<T>().max(1)).min(count.max(16));
    let wanted = array.capacity() + step - array.len();
    array.try_reserve_exact(wanted).or_else(|_| array.try_reserve_exact(count - array.len()))
}

/// Adds one at the end.
#[inline(always)]
pub(crate) fn push<T>(array: &mut Array<'_, T>, value: T) -> Result<(), MemoryError> {
    reserve_one(array)?;
    array.try_push(value)
}
