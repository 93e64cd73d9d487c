//! Slots: a pool for GPU objects, which free themselves on drop.
//!
//! The memory crate's pool refuses destructors; this one owes them and pays when it is dropped.

use std::mem::ManuallyDrop;

use voltrum_memory::{Handle, MemoryError, Pool, Tagged};

/// Fixed room for values with destructors, named by index and generation.
pub(crate) struct Slots<'a, T> {
    pool: Pool<'a, ManuallyDrop<T>>,
}

/// What names a slot: an index and a generation.
pub(crate) type Key = (u32, u32);

impl<'a, T> Slots<'a, T> {
    pub(crate) fn try_new_in(memory: Tagged<'a>, capacity: u32) -> Result<Slots<'a, T>, MemoryError> {
        Ok(Slots { pool: Pool::try_new_in(memory, capacity)? })
    }

    pub(crate) fn is_full(&self) -> bool {
        self.pool.is_full()
    }

    pub(crate) fn len(&self) -> usize {
        self.pool.len()
    }

    /// Stores a value, or gives it back where all slots are taken.
    pub(crate) fn try_insert(&mut self, value: T) -> Result<Key, T> {
        if self.pool.is_full() {
            return Err(value);
        }
        match self.pool.try_insert(ManuallyDrop::new(value)) {
            Ok(handle) => Ok((handle.index(), handle.generation())),
            Err(_) => unreachable!("a pool that is not full takes a value"),
        }
    }

    pub(crate) fn get(&self, key: Key) -> Option<&T> {
        self.pool.get(handle(key)).map(|value| &**value)
    }

    pub(crate) fn get_mut(&mut self, key: Key) -> Option<&mut T> {
        self.pool.get_mut(handle(key)).map(|value| &mut **value)
    }

    pub(crate) fn remove(&mut self, key: Key) -> Option<T> {
        self.pool.remove(handle(key)).map(ManuallyDrop::into_inner)
    }

    /// What `from` names takes the place of what `to` names, which comes back; `from` names nothing any more. `None`, and
    /// nothing changes, where either names nothing.
    pub(crate) fn replace(&mut self, to: Key, from: Key) -> Option<T> {
        if to == from || self.get(to).is_none() {
            return None;
        }
        let value = self.remove(from)?;
        self.get_mut(to).map(|place| std::mem::replace(place, value))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Key, &T)> {
        self.pool.iter().map(|(handle, value)| ((handle.index(), handle.generation()), &**value))
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.pool.iter_mut().map(|(_, value)| &mut **value)
    }
}

impl<T> Drop for Slots<'_, T> {
    fn drop(&mut self) {
        // Handles are gathered in batches, since removal needs the pool that the iterator borrows.
        while !self.pool.is_empty() {
            let mut handles = [Handle::NONE; 64];
            for (slot, (handle, _)) in handles.iter_mut().zip(self.pool.iter()) {
                *slot = handle;
            }
            for handle in handles {
                drop(self.pool.remove(handle).map(ManuallyDrop::into_inner));
            }
        }
    }
}

fn handle<T>((index, generation): Key) -> Handle<ManuallyDrop<T>> {
    Handle::from_parts(index, generation)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use voltrum_memory::{Arena, Tag};

    use super::*;

    #[test]
    fn a_value_takes_the_place_of_another_whose_name_stays() {
        let mut arena = Arena::try_reserve("slots", 1 << 20).unwrap();
        let scope = arena.open();
        let mut slots = Slots::try_new_in(scope.tagged(Tag::RENDERER), 4).unwrap();
        let [one, two] = [1, 2].map(|value| slots.try_insert(value).ok().unwrap());
        assert_eq!(slots.replace(one, two), Some(1));
        assert_eq!((slots.get(one), slots.get(two), slots.len()), (Some(&2), None, 1));
        assert_eq!((slots.replace(one, two), slots.replace(two, one), slots.replace(one, one)), (None, None, None));
        assert_eq!(slots.get(one), Some(&2));
    }

    struct Counted<'c>(&'c Cell<usize>);

    impl Drop for Counted<'_> {
        fn drop(&mut self) {
            self.0.set(self.0.get() + 1);
        }
    }

    #[test]
    fn each_value_is_dropped_once_wherever_it_went() {
        let drops = Cell::new(0);
        let mut arena = Arena::try_reserve("slots", 1 << 20).unwrap();
        let scope = arena.open();
        let mut slots = Slots::try_new_in(scope.tagged(Tag::RENDERER), 200).unwrap();
        let keys: [Key; 200] = std::array::from_fn(|_| slots.try_insert(Counted(&drops)).ok().unwrap());
        assert!(slots.is_full() && slots.try_insert(Counted(&drops)).is_err());
        assert_eq!(drops.get(), 1, "what did not fit");
        drop(slots.remove(keys[7]));
        assert!(slots.remove(keys[7]).is_none() && slots.get(keys[7]).is_none());
        assert_eq!((drops.get(), slots.len()), (2, 199));
        drop(slots);
        assert_eq!(drops.get(), 201);
    }
}
