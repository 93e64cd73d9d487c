//! Hash maps in an arena.
//!
//! # Invariants
//! 1. No drop glue: keys and values with destructors are refused at compile time.
//! 2. Growth is by `try_` functions only. A table that grows leaves its old bytes to the arena until the scope ends.

use crate::error::MemoryError;
use crate::tagged::Tagged;
use core::alloc::Layout;
use core::borrow::Borrow;
use core::hash::Hash;
use core::mem::ManuallyDrop;
use hashbrown::{DefaultHashBuilder, HashMap};

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
pub struct ArenaMap<'a, K, V> {
    inner: ManuallyDrop<HashMap<K, V, DefaultHashBuilder, Tagged<'a>>>,
}

impl<'a, K: Eq + Hash, V> ArenaMap<'a, K, V> {
    /// An empty map; allocates nothing yet.
    pub fn new_in(memory: Tagged<'a>) -> ArenaMap<'a, K, V> {
        const { assert!(!core::mem::needs_drop::<(K, V)>(), "arena collections run no destructors") }
        ArenaMap { inner: ManuallyDrop::new(HashMap::new_in(memory)) }
    }

    /// Room for `additional` more entries.
    ///
    /// # Errors
    /// When the arena can't hold them. The map is as it was.
    pub fn try_reserve(&mut self, additional: usize) -> Result<(), MemoryError> {
        if self.inner.try_reserve(additional).is_ok() {
            return Ok(());
        }
        let memory = *self.inner.allocator();
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
    pub fn try_insert(&mut self, key: K, value: V) -> Result<Option<V>, MemoryError> {
        self.try_reserve(1)?;
        Ok(self.inner.insert(key, value))
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
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.inner.iter()
    }

    /// The entries, with values to change, in no order.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&K, &mut V)> {
        self.inner.iter_mut()
    }
}
