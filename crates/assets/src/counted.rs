//! Things with reference counts: the last release takes them out.
//!
//! # Invariants
//! 1. A thing is in the table from its insertion, with one reference, to the release that makes it none.
//! 2. A handle of a thing that was taken out names nothing, for ever.

use voltrum_memory::{Handle, Pool, Tagged};

use crate::AssetError;

/// Bytes on the device that a system may hold.
pub(crate) struct Budget {
    held: u64,
    limit: u64,
    what: &'static str,
    option: &'static str,
}

impl Budget {
    /// Of `limit` bytes for `what`; `option` is what the user can raise.
    pub(crate) const fn new(limit: u64, what: &'static str, option: &'static str) -> Self {
        Self { held: 0, limit, what, option }
    }

    /// Fails unless there are so many bytes left.
    pub(crate) fn check(&self, asked: u64) -> Result<(), AssetError> {
        let Self { held, limit, what, option } = *self;
        if held.saturating_add(asked) > limit {
            return Err(AssetError::Budget { what, asked, held, limit, option });
        }
        Ok(())
    }

    pub(crate) fn take(&mut self, bytes: u64) {
        self.held = self.held.saturating_add(bytes);
    }

    pub(crate) fn give(&mut self, bytes: u64) {
        self.held = self.held.saturating_sub(bytes);
    }

    pub(crate) fn held(&self) -> u64 {
        self.held
    }
}

/// A thing and how many refer to it.
pub(crate) struct Entry<T> {
    value: T,
    references: u32,
}

/// A table of fixed size.
pub(crate) struct Counted<'a, T> {
    entries: Pool<'a, Entry<T>>,
    what: &'static str,
    option: &'static str,
}

impl<'a, T: Copy> Counted<'a, T> {
    /// A table with `capacity` places for `what`; `option` is what the user can raise.
    pub(crate) fn try_new_in(
        memory: Tagged<'a>,
        capacity: u32,
        what: &'static str,
        option: &'static str,
    ) -> Result<Self, AssetError> {
        Ok(Self { entries: Pool::try_new_in(memory, capacity)?, what, option })
    }

    /// Fails unless there is a place; to be asked before something is made that would have to be undone.
    pub(crate) fn check_room(&self) -> Result<(), AssetError> {
        if self.entries.is_full() {
            return Err(AssetError::Full {
                what: self.what,
                capacity: self.entries.capacity() as u64,
                option: self.option,
            });
        }
        Ok(())
    }

    /// Puts a thing in, with one reference.
    pub(crate) fn insert(&mut self, value: T) -> Result<Handle<Entry<T>>, AssetError> {
        self.check_room()?;
        Ok(self.entries.try_insert(Entry { value, references: 1 })?)
    }

    /// One more refers to it.
    pub(crate) fn retain(&mut self, handle: Handle<Entry<T>>) -> Result<(), AssetError> {
        let entry = self.entries.get_mut(handle).ok_or(AssetError::Stale { what: self.what })?;
        entry.references = entry.references.saturating_add(1);
        Ok(())
    }

    /// One less refers to it; gives the thing back when that was the last.
    pub(crate) fn release(&mut self, handle: Handle<Entry<T>>) -> Result<Option<T>, AssetError> {
        let entry = self.entries.get_mut(handle).ok_or(AssetError::Stale { what: self.what })?;
        entry.references -= 1;
        if entry.references > 0 {
            return Ok(None);
        }
        Ok(self.entries.remove(handle).map(|entry| entry.value))
    }

    /// The thing, unless it is gone.
    pub(crate) fn get(&self, handle: Handle<Entry<T>>) -> Option<T> {
        self.entries.get(handle).map(|entry| entry.value)
    }

    /// Puts another thing in its place: the handle and those who refer to it stay. Gives the old one back.
    pub(crate) fn replace(&mut self, handle: Handle<Entry<T>>, value: T) -> Option<T> {
        self.entries.get_mut(handle).map(|entry| core::mem::replace(&mut entry.value, value))
    }

    /// All things.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Handle<Entry<T>>, T)> {
        self.entries.iter().map(|(handle, entry)| (handle, entry.value))
    }

    /// How many refer to it; 0 when it is gone.
    pub(crate) fn references(&self, handle: Handle<Entry<T>>) -> u32 {
        self.entries.get(handle).map_or(0, |entry| entry.references)
    }

    /// How many things there are.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use voltrum_memory::{Arena, Tag};

    #[test]
    fn the_last_release_takes_a_thing_out_and_its_handle_goes_stale() {
        let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
        let scope = arena.open();
        let mut things = Counted::try_new_in(scope.tagged(Tag::TEXTURE), 1, "thing", "things_max").unwrap();
        let thing = things.insert(7).unwrap();
        assert!(matches!(things.insert(8), Err(AssetError::Full { capacity: 1, .. })));
        things.retain(thing).unwrap();
        assert_eq!((things.references(thing), things.release(thing).unwrap()), (2, None));
        assert_eq!(things.release(thing).unwrap(), Some(7));
        assert_eq!((things.get(thing), things.len()), (None, 0));
        assert!(matches!(things.release(thing), Err(AssetError::Stale { what: "thing" })));
        let next = things.insert(9).unwrap();
        assert_ne!(next, thing);
        assert!(things.retain(thing).is_err());
    }
}
