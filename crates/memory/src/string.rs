//! Text in an arena.

use crate::error::MemoryError;
use crate::tagged::Tagged;
use crate::vec::ArenaVec;
use core::fmt::{self, Write};
use core::ops::Deref;

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

    /// Adds text.
    ///
    /// # Errors
    /// When the arena can't hold it; the text is as it was.
    pub fn try_push_str(&mut self, text: &str) -> Result<(), MemoryError> {
        self.bytes.try_extend_from_slice(text.as_bytes())
    }

    /// Adds a character.
    ///
    /// # Errors
    /// As [`ArenaString::try_push_str`].
    pub fn try_push(&mut self, character: char) -> Result<(), MemoryError> {
        self.try_push_str(character.encode_utf8(&mut [0; 4]))
    }

    /// Adds formatted text. A `Display` that reports an error ends the text there.
    ///
    /// # Errors
    /// When the arena can't hold it; the part that was written stays.
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
        let mut adapter = Adapter { string: self, refused: None };
        let _ended_early = adapter.write_fmt(text).is_err();
        adapter.refused.map_or(Ok(()), Err)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        // SAFETY:
        // - only whole `str`s are ever added, and only all of it is ever removed.
        unsafe { core::str::from_utf8_unchecked(&self.bytes) }
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
        // - as in `as_str`.
        unsafe { core::str::from_utf8_unchecked_mut(self.bytes.into_slice()) }
    }
}

impl Deref for ArenaString<'_> {
    type Target = str;
    fn deref(&self) -> &str {
        self.as_str()
    }
}

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
