//! Pools: fixed room for values that come and go, named by handles that never name another's.
//!
//! # Invariants
//! 1. A slot's generation is odd while it holds a value, and rises by one at each insert and removal; a handle names one
//!    odd generation. A slot whose generation would wrap is retired.
//! 2. No drop glue: values with destructors are refused at compile time.

use crate::error::MemoryError;
use crate::tagged::Tagged;
use crate::vec::capacity_error;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::marker::PhantomData;
use core::mem::MaybeUninit;

/// Names a value in a [`Pool`]. A handle of a removed value names nothing, for ever.
pub struct Handle<T> {
    index: u32,
    generation: u32,
    kind: PhantomData<fn() -> T>,
}

impl<T> Handle<T> {
    /// A handle that names nothing.
    pub const NONE: Handle<T> = Handle { index: u32::MAX, generation: 0, kind: PhantomData };

    /// The slot.
    pub fn index(self) -> u32 {
        self.index
    }
    /// Which of the slot's values.
    pub fn generation(self) -> u32 {
        self.generation
    }
    /// A handle from its parts, as when it travelled through foreign code; it names what it named, or nothing.
    pub const fn from_parts(index: u32, generation: u32) -> Handle<T> {
        Handle { index, generation, kind: PhantomData }
    }
}

impl<T> Clone for Handle<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Handle<T> {}
impl<T> PartialEq for Handle<T> {
    fn eq(&self, other: &Self) -> bool {
        (self.index, self.generation) == (other.index, other.generation)
    }
}
impl<T> Eq for Handle<T> {}
impl<T> PartialOrd for Handle<T> {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Handle<T> {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        (self.index, self.generation).cmp(&(other.index, other.generation))
    }
}
impl<T> Hash for Handle<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.index, self.generation).hash(state);
    }
}
impl<T> fmt::Debug for Handle<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "#{}.{}", self.index, self.generation)
    }
}

struct Slot<T> {
    generation: u32,
    next_free: u32,
    value: MaybeUninit<T>,
}

const END: u32 = u32::MAX;

/// A pool of at most `capacity` values in an arena.
///
/// ```
/// use voltrum_memory::{Arena, Pool, Tag};
/// # let mut arena = Arena::try_reserve("permanent", 1 << 20)?;
/// # let scope = arena.open();
/// let mut meshes = Pool::try_new_in(scope.tagged(Tag::GEOMETRY), 64)?;
/// let cube = meshes.try_insert("cube")?;
/// assert_eq!(meshes.get(cube), Some(&"cube"));
/// meshes.remove(cube);
/// assert_eq!(meshes.get(cube), None);
/// # Ok::<(), voltrum_memory::MemoryError>(())
/// ```
pub struct Pool<'a, T> {
    memory: Tagged<'a>,
    slots: &'a mut [Slot<T>],
    free: u32,
    len: u32,
}

impl<'a, T> Pool<'a, T> {
    /// A pool with room for `capacity` values.
    ///
    /// # Errors
    /// When the arena can't hold it.
    pub fn try_new_in(memory: Tagged<'a>, capacity: u32) -> Result<Pool<'a, T>, MemoryError> {
        const { assert!(!core::mem::needs_drop::<T>(), "arena collections run no destructors") }
        let capacity = capacity.min(END - 1);
        let slots = memory.try_alloc_slice_fill_with(capacity as usize, |index| Slot {
            generation: 0,
            next_free: if index as u32 + 1 == capacity { END } else { index as u32 + 1 },
            value: MaybeUninit::uninit(),
        })?;
        Ok(Pool { memory, slots, free: if capacity == 0 { END } else { 0 }, len: 0 })
    }

    /// Stores a value.
    ///
    /// # Errors
    /// [`crate::Reason::Capacity`] when the pool is full; the value is lost with it, so make it afterwards where it matters
    /// ([`Pool::is_full`]).
    pub fn try_insert(&mut self, value: T) -> Result<Handle<T>, MemoryError> {
        let index = self.free;
        let Some(slot) = self.slots.get_mut(index as usize) else {
            return Err(capacity_error(self.memory, 1, 0, self.slots.len()));
        };
        self.free = slot.next_free;
        slot.generation += 1;
        slot.value.write(value);
        self.len += 1;
        Ok(Handle { index, generation: slot.generation, kind: PhantomData })
    }

    fn slot(&self, handle: Handle<T>) -> Option<&Slot<T>> {
        self.slots.get(handle.index as usize).filter(|slot| slot.generation == handle.generation && slot.is_live())
    }

    /// The value that `handle` names.
    pub fn get(&self, handle: Handle<T>) -> Option<&T> {
        self.slot(handle).and_then(Slot::value)
    }

    /// The value that `handle` names, to change.
    pub fn get_mut(&mut self, handle: Handle<T>) -> Option<&mut T> {
        let slot = self.slots.get_mut(handle.index as usize)?;
        if slot.generation == handle.generation { slot.value_mut() } else { None }
    }

    /// Takes the value out; its handles name nothing from here on.
    pub fn remove(&mut self, handle: Handle<T>) -> Option<T> {
        self.slot(handle)?;
        let slot = self.slots.get_mut(handle.index as usize)?;
        slot.generation += 1;
        self.len -= 1;
        if slot.generation < u32::MAX - 1 {
            slot.next_free = self.free;
            self.free = handle.index;
        }
        // SAFETY:
        // - the generation was odd, so the slot held a value (invariant 1); it counts as empty now.
        Some(unsafe { slot.value.assume_init_read() })
    }

    /// The values, in slot order.
    pub fn iter(&self) -> impl Iterator<Item = (Handle<T>, &T)> {
        self.slots.iter().enumerate().filter_map(|(index, slot)| {
            let handle = Handle { index: index as u32, generation: slot.generation, kind: PhantomData };
            slot.value().map(|value| (handle, value))
        })
    }

    /// The values, to change, in slot order.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (Handle<T>, &mut T)> {
        self.slots.iter_mut().enumerate().filter_map(|(index, slot)| {
            let handle = Handle { index: index as u32, generation: slot.generation, kind: PhantomData };
            slot.value_mut().map(|value| (handle, value))
        })
    }

    /// How many values it holds.
    pub fn len(&self) -> usize {
        self.len as usize
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether the next insert will be refused.
    pub fn is_full(&self) -> bool {
        self.free == END
    }

    /// How many values it can hold.
    pub fn capacity(&self) -> usize {
        self.slots.len()
    }
}

impl<T> Slot<T> {
    fn is_live(&self) -> bool {
        self.generation % 2 == 1
    }
    fn value(&self) -> Option<&T> {
        // SAFETY:
        // - an odd generation means that the slot holds a value (invariant 1).
        self.is_live().then(|| unsafe { self.value.assume_init_ref() })
    }
    fn value_mut(&mut self) -> Option<&mut T> {
        // SAFETY:
        // - an odd generation means that the slot holds a value (invariant 1).
        self.is_live().then(|| unsafe { self.value.assume_init_mut() })
    }
}
