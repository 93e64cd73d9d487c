//! Text in an arena.
//!
//! # Invariants
//! 1. The bytes are UTF-8: only whole `str`s are added, and only whole characters removed.

use crate::error::MemoryError;
use crate::tagged::Tagged;
use crate::vec::ArenaVec;
use core::borrow::Borrow;
use core::cmp::Ordering;
use core::ffi::CStr;
use core::fmt::{self, Write};
use core::hash::{Hash, Hasher};
use core::ops::{Deref, DerefMut};

/// UTF-8 text in an arena that can grow.
///
/// ```
/// use voltrum_memory::{Arena, ArenaString, Tag};
/// # let mut arena = Arena::try_reserve("frame", 1 << 20)?;
/// # let scope = arena.open();
/// let mut title = ArenaString::new_in(scope.tagged(Tag::UI));
/// title.try_push_str("lamp")?;
/// title.try_fmt(format_args!(" ({} nodes)", 12))?;
/// assert_eq!(&*title, "lamp (12 nodes)");
/// # Ok::<(), voltrum_memory::MemoryError>(())
/// ```
pub struct ArenaString<'a> {
    bytes: ArenaVec<'a, u8>,
}

impl<'a> ArenaString<'a> {
    /// Empty text; allocates nothing yet.
    pub fn new_in(memory: Tagged<'a>) -> ArenaString<'a> {
        ArenaString { bytes: ArenaVec::new_in(memory) }
    }

    /// Empty text with room for `capacity` bytes.
    ///
    /// # Errors
    /// When the arena can't hold them.
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_with_capacity_in(capacity: usize, memory: Tagged<'a>) -> Result<ArenaString<'a>, MemoryError> {
        Ok(ArenaString { bytes: ArenaVec::try_with_capacity_in(capacity, memory)? })
    }

    /// A copy of `text` that can grow.
    ///
    /// ```
    /// use voltrum_memory::{Arena, ArenaString, Tag};
    /// # let mut arena = Arena::try_reserve("frame", 1 << 20)?;
    /// # let scope = arena.open();
    /// let mut path = ArenaString::try_from_str_in("models/", scope.tagged(Tag::RESOURCES))?;
    /// path.try_push_str("lamp.gltf")?;
    /// assert_eq!(path, "models/lamp.gltf");
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// When the arena can't hold it.
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_from_str_in(text: &str, memory: Tagged<'a>) -> Result<ArenaString<'a>, MemoryError> {
        Ok(ArenaString { bytes: ArenaVec::try_from_slice_in(text.as_bytes(), memory)? })
    }

    /// The handle that it allocates from.
    pub fn memory(&self) -> Tagged<'a> {
        self.bytes.memory()
    }

    /// Room for `additional` more bytes.
    ///
    /// # Errors
    /// When the arena can't hold them.
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_reserve(&mut self, additional: usize) -> Result<(), MemoryError> {
        self.bytes.try_reserve(additional)
    }

    /// How many bytes fit without growing.
    pub fn capacity(&self) -> usize {
        self.bytes.capacity()
    }

    /// Adds text.
    ///
    /// # Errors
    /// When the arena can't hold it; the text is as it was.
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_push_str(&mut self, text: &str) -> Result<(), MemoryError> {
        self.bytes.try_extend_from_slice(text.as_bytes())
    }

    /// Adds a character.
    ///
    /// # Errors
    /// As [`ArenaString::try_push_str`].
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_push(&mut self, character: char) -> Result<(), MemoryError> {
        self.try_push_str(character.encode_utf8(&mut [0; 4]))
    }

    /// Inserts text at byte `index`.
    ///
    /// ```
    /// use voltrum_memory::{Arena, ArenaString, Tag};
    /// # let mut arena = Arena::try_reserve("frame", 1 << 20)?;
    /// # let scope = arena.open();
    /// let mut path = ArenaString::try_from_str_in("lamp.gltf", scope.tagged(Tag::RESOURCES))?;
    /// path.try_insert_str(0, "models/")?;
    /// assert_eq!(path, "models/lamp.gltf");
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// As [`ArenaString::try_push_str`].
    ///
    /// # Panics
    /// When `index` is past the end or inside a character.
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_insert_str(&mut self, index: usize, text: &str) -> Result<(), MemoryError> {
        assert!(self.is_char_boundary(index), "text is inserted between characters");
        self.try_push_str(text)?;
        self.bytes[index..].rotate_right(text.len());
        Ok(())
    }

    /// Takes the last character.
    pub fn pop(&mut self) -> Option<char> {
        let last = self.chars().next_back()?;
        self.bytes.truncate(self.bytes.len() - last.len_utf8());
        Some(last)
    }

    /// Forgets the text from byte `len` on.
    ///
    /// ```
    /// use voltrum_memory::{Arena, ArenaString, Tag};
    /// # let mut arena = Arena::try_reserve("frame", 1 << 20)?;
    /// # let scope = arena.open();
    /// let mut name = ArenaString::try_from_str_in("lamp.gltf", scope.tagged(Tag::RESOURCES))?;
    /// name.truncate(4);
    /// assert_eq!(name, "lamp");
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Panics
    /// When `len` is inside a character.
    pub fn truncate(&mut self, len: usize) {
        if len < self.len() {
            assert!(self.is_char_boundary(len), "text is cut between characters");
            self.bytes.truncate(len);
        }
    }

    /// Adds formatted text. A `Display` that reports an error ends the text there.
    ///
    /// # Errors
    /// When the arena can't hold it; the part that was written stays.
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_fmt(&mut self, text: fmt::Arguments<'_>) -> Result<(), MemoryError> {
        struct Adapter<'s, 'a> {
            string: &'s mut ArenaString<'a>,
            refused: Option<MemoryError>,
        }
        impl Write for Adapter<'_, '_> {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                self.string.try_push_str(text).map_err(|error| {
                    self.refused = Some(error);
                    fmt::Error
                })
            }
        }
        let _site = self.memory().logged_here();
        let mut adapter = Adapter { string: self, refused: None };
        let _ended_early = adapter.write_fmt(text).is_err();
        adapter.refused.map_or(Ok(()), Err)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        // SAFETY:
        // - invariant 1.
        unsafe { core::str::from_utf8_unchecked(&self.bytes) }
    }

    /// The text, to change in place.
    pub fn as_mut_str(&mut self) -> &mut str {
        // SAFETY:
        // - invariant 1, which safe code keeps when it changes a `str`.
        unsafe { core::str::from_utf8_unchecked_mut(&mut self.bytes) }
    }

    /// Forgets the text; the room stays.
    pub fn clear(&mut self) {
        self.bytes.clear();
    }

    pub(crate) fn give_back(self) {
        self.bytes.give_back();
    }

    /// Ends the string: its text lives as long as the arena's scope.
    pub fn into_str(self) -> &'a mut str {
        // SAFETY:
        // - invariant 1.
        unsafe { core::str::from_utf8_unchecked_mut(self.bytes.into_slice()) }
    }

    /// Ends the string with a zero byte, for C.
    ///
    /// ```
    /// use voltrum_memory::{Arena, ArenaString, Tag};
    /// # let mut arena = Arena::try_reserve("frame", 1 << 20)?;
    /// # let scope = arena.open();
    /// let mut name = ArenaString::new_in(scope.tagged(Tag::UI));
    /// name.try_fmt(format_args!("Inspector###{}", 7))?;
    /// assert_eq!(name.try_into_cstr()?, c"Inspector###7");
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// When the arena can't hold one byte more; [`crate::Reason::InteriorNul`] when C would see less than the whole text.
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_into_cstr(mut self) -> Result<&'a CStr, MemoryError> {
        let _site = self.memory().logged_here();
        let checked = self.memory().check_for_c(self.as_bytes());
        if let Err(error) = checked.and_then(|()| self.try_push('\0')) {
            self.give_back();
            return Err(error);
        }
        // SAFETY:
        // - one zero byte, at the end: the text was checked before that one was added.
        Ok(unsafe { CStr::from_bytes_with_nul_unchecked(self.into_str().as_bytes()) })
    }
}

impl Deref for ArenaString<'_> {
    type Target = str;
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl DerefMut for ArenaString<'_> {
    fn deref_mut(&mut self) -> &mut str {
        self.as_mut_str()
    }
}

impl AsRef<str> for ArenaString<'_> {
    fn as_ref(&self) -> &str {
        self
    }
}

impl AsRef<[u8]> for ArenaString<'_> {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl Borrow<str> for ArenaString<'_> {
    fn borrow(&self) -> &str {
        self
    }
}

impl PartialEq for ArenaString<'_> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}
impl Eq for ArenaString<'_> {}

impl PartialEq<str> for ArenaString<'_> {
    fn eq(&self, other: &str) -> bool {
        **self == *other
    }
}

impl PartialEq<&str> for ArenaString<'_> {
    fn eq(&self, other: &&str) -> bool {
        **self == **other
    }
}

impl PartialOrd for ArenaString<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for ArenaString<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        (**self).cmp(other)
    }
}

impl Hash for ArenaString<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

/// `write!` into it; a full arena is a `fmt::Error` without the numbers, which [`ArenaString::try_fmt`] keeps.
impl fmt::Write for ArenaString<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.try_push_str(text).map_err(|_| fmt::Error)
    }
}

impl fmt::Display for ArenaString<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self)
    }
}

impl fmt::Debug for ArenaString<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(out)
    }
}
