//! Pools: fixed room for values that come and go, named by handles that never name another's.
//!
//! # Invariants
//! 1. A slot's generation is odd while it holds a value, and rises by one at each insert and removal; a handle names one
//!    odd generation. A slot whose generation would wrap is retired.
//! 2. No drop glue: values with destructors are refused at compile time.
//! 3. Slots below `touched` are initialised. Those above have never held a value: a large pool costs what it has held.

use crate::error::MemoryError;
use crate::tagged::Tagged;
use crate::vec_growth::capacity_error;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::marker::PhantomData;
use core::mem::MaybeUninit;

/// Names a value in a [`Pool`]. A handle of a removed value names nothing, for ever.
///
/// It is plain data, whatever the pool holds: it can be kept, compared, sent to other threads and through foreign code.
///
/// ```
/// use voltrum_memory::Handle;
///
/// struct Mesh;
/// let handle = Handle::<Mesh>::from_parts(3, 1);
/// assert_eq!((handle.index(), handle.generation()), (3, 1));
/// assert_ne!(handle, Handle::NONE);
/// ```
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
/// A slot that has come this far is retired: its next handle would be one that has been.
const GENERATION_END: u32 = u32::MAX - 1;

/// A pool of at most `capacity` values in an arena. Values with destructors are refused at compile time: nobody would run them.
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
    slots: &'a mut [MaybeUninit<Slot<T>>],
    touched: u32,
    free: u32,
    len: u32,
}

impl<'a, T> Pool<'a, T> {
    /// A pool with room for `capacity` values.
    ///
    /// # Errors
    /// When the arena can't hold it.
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_new_in(memory: Tagged<'a>, capacity: u32) -> Result<Pool<'a, T>, MemoryError> {
        const { assert!(!core::mem::needs_drop::<T>(), "arena collections run no destructors") }
        let slots = memory.try_alloc_slice_uninit(capacity.min(END - 1) as usize)?;
        Ok(Pool { memory, slots, touched: 0, free: END, len: 0 })
    }

    fn touched(&self) -> &[Slot<T>] {
        let touched = &self.slots[..self.touched as usize];
        // SAFETY:
        // - initialised (invariant 3), and a `MaybeUninit` lies as what it may hold.
        unsafe { &*(core::ptr::from_ref(touched) as *const [Slot<T>]) }
    }

    fn touched_mut(&mut self) -> &mut [Slot<T>] {
        let touched = &mut self.slots[..self.touched as usize];
        // SAFETY:
        // - as in `touched`.
        unsafe { &mut *(core::ptr::from_mut(touched) as *mut [Slot<T>]) }
    }

    /// Stores a value.
    ///
    /// # Errors
    /// [`crate::Reason::Capacity`] when the pool is full; the value is lost with it, so make it afterwards where it matters
    /// ([`Pool::is_full`]).
    pub fn try_insert(&mut self, value: T) -> Result<Handle<T>, MemoryError> {
        if self.is_full() {
            return Err(capacity_error(self.memory, 1, 0, self.slots.len()));
        }
        if self.free == END {
            let fresh = Slot { generation: 0, next_free: END, value: MaybeUninit::uninit() };
            self.slots[self.touched as usize].write(fresh);
            self.free = self.touched;
            self.touched += 1;
        }
        let index = self.free;
        let slot = &mut self.touched_mut()[index as usize];
        slot.generation += 1;
        slot.value.write(value);
        let (generation, next_free) = (slot.generation, slot.next_free);
        self.free = next_free;
        self.len += 1;
        Ok(Handle { index, generation, kind: PhantomData })
    }

    fn slot(&self, handle: Handle<T>) -> Option<&Slot<T>> {
        self.touched().get(handle.index as usize).filter(|slot| slot.generation == handle.generation && slot.is_live())
    }

    /// Whether `handle` names a value.
    pub fn contains(&self, handle: Handle<T>) -> bool {
        self.slot(handle).is_some()
    }

    /// The value that `handle` names.
    pub fn get(&self, handle: Handle<T>) -> Option<&T> {
        self.slot(handle).and_then(Slot::value)
    }

    /// The value that `handle` names, to change.
    pub fn get_mut(&mut self, handle: Handle<T>) -> Option<&mut T> {
        let slot = self.touched_mut().get_mut(handle.index as usize)?;
        if slot.generation == handle.generation { slot.value_mut() } else { None }
    }

    /// Takes the value out; its handles name nothing from here on.
    ///
    /// ```
    /// use voltrum_memory::{Arena, Pool, Tag};
    /// # let mut arena = Arena::try_reserve("permanent", 1 << 20)?;
    /// # let scope = arena.open();
    /// let mut meshes = Pool::try_new_in(scope.tagged(Tag::GEOMETRY), 1)?;
    /// let cube = meshes.try_insert("cube")?;
    /// assert_eq!(meshes.remove(cube), Some("cube"));
    /// let ball = meshes.try_insert("ball")?; // the same slot
    /// assert_eq!((meshes.get(cube), meshes.get(ball)), (None, Some(&"ball")));
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    pub fn remove(&mut self, handle: Handle<T>) -> Option<T> {
        self.slot(handle)?;
        let free = self.free;
        let slot = self.touched_mut().get_mut(handle.index as usize)?;
        slot.generation += 1;
        let is_retired = slot.generation >= GENERATION_END;
        if !is_retired {
            slot.next_free = free;
        }
        // SAFETY:
        // - the generation was odd, so the slot held a value (invariant 1); it counts as empty now.
        let value = unsafe { slot.value.assume_init_read() };
        if !is_retired {
            self.free = handle.index;
        }
        self.len -= 1;
        Some(value)
    }

    /// Keeps the values of which `keep` is true; the others' handles name nothing from here on.
    ///
    /// ```
    /// use voltrum_memory::{Arena, Pool, Tag};
    /// # let mut arena = Arena::try_reserve("permanent", 1 << 20)?;
    /// # let scope = arena.open();
    /// let mut numbers = Pool::try_new_in(scope.tagged(Tag::CLIENT), 8)?;
    /// for number in 0..8 {
    ///     numbers.try_insert(number)?;
    /// }
    /// numbers.retain(|_, number| *number % 4 == 0);
    /// assert_eq!(numbers.len(), 2);
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    pub fn retain(&mut self, mut keep: impl FnMut(Handle<T>, &mut T) -> bool) {
        for index in 0..self.touched {
            let slot = &mut self.touched_mut()[index as usize];
            let handle = Handle { index, generation: slot.generation, kind: PhantomData };
            if slot.value_mut().is_some_and(|value| !keep(handle, value)) {
                self.remove(handle);
            }
        }
    }

    /// Forgets all values; their handles name nothing from here on.
    pub fn clear(&mut self) {
        self.retain(|_, _| false);
    }

    /// The values, in slot order.
    pub fn iter(&self) -> impl Iterator<Item = (Handle<T>, &T)> {
        self.touched().iter().enumerate().filter_map(|(index, slot)| {
            let handle = Handle { index: index as u32, generation: slot.generation, kind: PhantomData };
            slot.value().map(|value| (handle, value))
        })
    }

    /// The values, to change, in slot order.
    ///
    /// ```
    /// use voltrum_memory::{Pool, Tag};
    /// # let mut arena = voltrum_memory::Arena::try_reserve("scene", 16 << 20)?;
    /// # let scope = arena.open();
    /// let mut lights = Pool::try_new_in(scope.tagged(Tag::SCENE), 16)?;
    /// let lamp = lights.try_insert(100)?;
    /// lights.try_insert(40)?;
    /// for (handle, brightness) in lights.iter_mut() {
    ///     if handle == lamp {
    ///         *brightness /= 2;
    ///     }
    /// }
    /// assert_eq!(lights.iter().map(|(_, brightness)| *brightness).sum::<i32>(), 90);
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (Handle<T>, &mut T)> {
        self.touched_mut().iter_mut().enumerate().filter_map(|(index, slot)| {
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
        self.free == END && self.touched as usize == self.slots.len()
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

impl<T: fmt::Debug> fmt::Debug for Pool<'_, T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use crate::{Arena, Pool, Tag};
    use core::mem::MaybeUninit;

    #[test]
    fn a_slot_whose_generations_are_used_up_is_retired() {
        let mut buffer = [const { MaybeUninit::uninit() }; 1 << 14];
        let mut arena = Arena::in_buffer("test", &mut buffer).unwrap();
        let scope = arena.open();
        let mut pool = Pool::try_new_in(scope.tagged(Tag::SCENE), 1).unwrap();
        let first = pool.try_insert(1u8).unwrap();
        pool.remove(first);
        // As after two thousand million inserts and removals.
        pool.touched_mut()[0].generation = u32::MAX - 3;
        let last = pool.try_insert(2u8).unwrap();
        assert_eq!(last.generation(), u32::MAX - 2);
        assert_eq!((pool.remove(last), pool.remove(last)), (Some(2), None));
        assert!(pool.is_full() && pool.is_empty() && pool.try_insert(3).is_err());
        assert!(pool.get(first).is_none() && pool.get(last).is_none());
    }
}
