//! Hash maps in an arena.
//!
//! # Invariants
//! 1. No drop glue: keys and values with destructors are refused at compile time.
//! 2. Growth is by `try_` functions only. A table that grows leaves its old bytes to the arena until the scope ends.
//! 3. What takes `&self` reads entries and never the arena, so that a map that owns its arena can be read by many threads.

use crate::error::MemoryError;
use crate::lender::{Lender, handle_of};
use crate::sole::Sole;
use crate::tagged::Tagged;
use core::alloc::Layout;
use core::borrow::Borrow;
use core::fmt;
use core::hash::{BuildHasher, Hash};
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use hashbrown::{DefaultHashBuilder, HashMap, hash_map};

/// A hash map in an arena.
///
/// ```
/// use voltrum_memory::{Arena, ArenaMap, Tag};
/// # let mut arena = Arena::try_reserve("permanent", 1 << 20)?;
/// # let scope = arena.open();
/// let mut sizes = ArenaMap::new_in(scope.tagged(Tag::RESOURCES));
/// sizes.try_insert("lamp.gltf", 1_204u64)?;
/// assert_eq!(sizes.get("lamp.gltf"), Some(&1_204));
/// # Ok::<(), voltrum_memory::MemoryError>(())
/// ```
///
/// Keys and values with destructors are refused at compile time, for nobody would run them: `HashMap` of hashbrown over a
/// [`Tagged`] takes them.
///
/// `S` makes the hash; the default is hashbrown's, which is fast and no defence against keys chosen to collide.
///
/// Over a [`Sole`] handle it owns its arena: it may go to another thread, and be read by many.
pub struct ArenaMap<'a, K, V, S = DefaultHashBuilder, M: Lender<'a> = Tagged<'a>> {
    inner: ManuallyDrop<HashMap<K, V, S, M>>,
    life: PhantomData<&'a ()>,
}

impl<'a, K: Eq + Hash, V, M: Lender<'a>> ArenaMap<'a, K, V, DefaultHashBuilder, M> {
    /// An empty map; allocates nothing yet.
    pub fn new_in(memory: M) -> Self {
        ArenaMap::with_hasher_in(DefaultHashBuilder::default(), memory)
    }

    /// An empty map with room for `capacity` entries.
    ///
    /// # Errors
    /// When the arena can't hold them.
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_with_capacity_in(capacity: usize, memory: M) -> Result<Self, MemoryError> {
        let mut map = ArenaMap::new_in(memory);
        map.try_reserve(capacity)?;
        Ok(map)
    }
}

// SAFETY:
// - a shared borrow gives `&K` and `&V`, hashes with `&S`, and never gets at the handle (invariant 3), which is why the
//   handle need not be `Sync`.
unsafe impl<'a, K: Sync, V: Sync, S: Sync> Sync for ArenaMap<'a, K, V, S, Sole<'a>> {}

impl<'a, K, V, S> ArenaMap<'a, K, V, S> {
    /// The handle that it allocates from.
    pub fn memory(&self) -> Tagged<'a> {
        *self.inner.allocator()
    }
}

impl<'a, K: Eq + Hash, V, S: BuildHasher, M: Lender<'a>> ArenaMap<'a, K, V, S, M> {
    /// An empty map with a hasher of your own; allocates nothing yet.
    ///
    /// ```
    /// use std::hash::RandomState; // no key can be chosen to collide
    /// use voltrum_memory::{Arena, ArenaMap, Tag};
    /// # let mut arena = Arena::try_reserve("permanent", 1 << 20)?;
    /// # let scope = arena.open();
    /// let mut sessions = ArenaMap::with_hasher_in(RandomState::new(), scope.tagged(Tag::CLIENT));
    /// sessions.try_insert("token of a stranger", 1)?;
    /// assert_eq!(sessions.len(), 1);
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    pub fn with_hasher_in(hasher: S, memory: M) -> Self {
        const { assert!(!core::mem::needs_drop::<(K, V, S)>(), "arena collections run no destructors") }
        ArenaMap { inner: ManuallyDrop::new(HashMap::with_hasher_in(hasher, memory)), life: PhantomData }
    }

    /// Room for `additional` more entries.
    ///
    /// # Errors
    /// When the arena can't hold them. The map is as it was.
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_reserve(&mut self, additional: usize) -> Result<(), MemoryError> {
        let _site = handle_of(self.inner.allocator()).logged_here();
        if self.inner.try_reserve(additional).is_ok() {
            return Ok(());
        }
        let memory = handle_of(self.inner.allocator());
        let entries = self.inner.len().saturating_add(additional).saturating_mul(2);
        Err(match Layout::array::<(K, V)>(entries) {
            Ok(layout) => memory.header().explain(layout, memory.owner()),
            Err(_) => memory.header().overflow(memory.owner()),
        })
    }

    /// Sets the value of `key`; gives the old one back.
    ///
    /// # Errors
    /// As [`ArenaMap::try_reserve`].
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_insert(&mut self, key: K, value: V) -> Result<Option<V>, MemoryError> {
        match self.try_reserve(1) {
            Ok(()) => Ok(self.inner.insert(key, value)),
            // A key that is there needs no room.
            Err(error) => match self.inner.get_mut(&key) {
                Some(there) => Ok(Some(core::mem::replace(there, value))),
                None => Err(error),
            },
        }
    }

    /// The value of `key`; where there is none, what `make` gives is set first.
    ///
    /// ```
    /// use voltrum_memory::{Arena, ArenaMap, Tag};
    /// # let mut arena = Arena::try_reserve("permanent", 1 << 20)?;
    /// # let scope = arena.open();
    /// let mut counts = ArenaMap::new_in(scope.tagged(Tag::RESOURCES));
    /// for word in "a lamp and a bulb".split(' ') {
    ///     *counts.try_get_or_insert_with(word, || 0)? += 1;
    /// }
    /// assert_eq!(counts.get("a"), Some(&2));
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// As [`ArenaMap::try_reserve`]; `make` is not called then.
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_get_or_insert_with(&mut self, key: K, make: impl FnOnce() -> V) -> Result<&mut V, MemoryError> {
        match self.try_reserve(1) {
            Ok(()) => Ok(self.inner.entry(key).or_insert_with(make)),
            // A key that is there needs no room.
            Err(error) => self.inner.get_mut(&key).ok_or(error),
        }
    }

    /// Sets what an iterator gives; of entries with one key the last stays.
    ///
    /// # Errors
    /// As [`ArenaMap::try_reserve`]; what was set before stays.
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_extend(&mut self, entries: impl IntoIterator<Item = (K, V)>) -> Result<(), MemoryError> {
        for (key, value) in entries {
            self.try_insert(key, value)?;
        }
        Ok(())
    }

    /// The key as the map has it, and its value.
    pub fn get_key_value<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<(&K, &V)>
    where
        K: Borrow<Q>,
    {
        self.inner.get_key_value(key)
    }

    /// The value of `key`.
    pub fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.inner.get(key)
    }

    /// The value of `key`, to change.
    pub fn get_mut<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        self.inner.get_mut(key)
    }

    /// Takes an entry out.
    ///
    /// ```
    /// use voltrum_memory::{ArenaMap, Tag};
    /// # let mut arena = voltrum_memory::Arena::try_reserve("scene", 16 << 20)?;
    /// # let scope = arena.open();
    /// let mut sizes = ArenaMap::new_in(scope.tagged(Tag::RESOURCES));
    /// sizes.try_insert("lamp.gltf", 1_204u64)?;
    /// assert_eq!(sizes.remove("lamp.gltf"), Some(1_204));
    /// assert!(!sizes.contains_key("lamp.gltf"));
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    pub fn remove<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.inner.remove(key)
    }

    /// Whether `key` has a value.
    pub fn contains_key<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.inner.contains_key(key)
    }

    /// Takes an entry out, with its key.
    pub fn remove_entry<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<(K, V)>
    where
        K: Borrow<Q>,
    {
        self.inner.remove_entry(key)
    }

    /// Keeps the entries of which `keep` is true.
    ///
    /// ```
    /// use voltrum_memory::{ArenaMap, Tag};
    /// # let mut arena = voltrum_memory::Arena::try_reserve("scene", 16 << 20)?;
    /// # let scope = arena.open();
    /// let mut ages = ArenaMap::new_in(scope.tagged(Tag::RESOURCES));
    /// ages.try_extend([("lamp", 1), ("bulb", 90)])?;
    /// ages.retain(|_, age| *age < 60);
    /// assert_eq!((ages.len(), ages.get("lamp")), (1, Some(&1)));
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    pub fn retain(&mut self, keep: impl FnMut(&K, &mut V) -> bool) {
        self.inner.retain(keep);
    }
}

impl<'a, K, V, S, M: Lender<'a>> ArenaMap<'a, K, V, S, M> {
    /// How many entries fit without growing.
    pub fn capacity(&self) -> usize {
        self.inner.capacity()
    }

    /// How many entries it has.
    pub fn len(&self) -> usize {
        self.inner.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.inner.is_empty()
    }

    /// Forgets all entries; the room stays.
    pub fn clear(&mut self) {
        self.inner.clear();
    }

    /// The entries, in no order.
    pub fn iter(&self) -> hash_map::Iter<'_, K, V> {
        self.inner.iter()
    }

    /// The entries, with values to change, in no order.
    pub fn iter_mut(&mut self) -> hash_map::IterMut<'_, K, V> {
        self.inner.iter_mut()
    }

    /// The keys, in no order.
    pub fn keys(&self) -> hash_map::Keys<'_, K, V> {
        self.inner.keys()
    }

    /// The values, in no order.
    pub fn values(&self) -> hash_map::Values<'_, K, V> {
        self.inner.values()
    }

    /// The values, to change, in no order.
    pub fn values_mut(&mut self) -> hash_map::ValuesMut<'_, K, V> {
        self.inner.values_mut()
    }
}

impl<'a, K: fmt::Debug, V: fmt::Debug, S, M: Lender<'a>> fmt::Debug for ArenaMap<'a, K, V, S, M> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_map().entries(self.iter()).finish()
    }
}

impl<'m, 'a, K, V, S, M: Lender<'a>> IntoIterator for &'m ArenaMap<'a, K, V, S, M> {
    type Item = (&'m K, &'m V);
    type IntoIter = hash_map::Iter<'m, K, V>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'m, 'a, K, V, S, M: Lender<'a>> IntoIterator for &'m mut ArenaMap<'a, K, V, S, M> {
    type Item = (&'m K, &'m mut V);
    type IntoIter = hash_map::IterMut<'m, K, V>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}
