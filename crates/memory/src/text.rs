//! Text in an arena that does not grow: `str`, formatted text, C strings.

use crate::error::{MemoryError, Reason};
use crate::string::ArenaString;
use crate::tagged::Tagged;
use core::ffi::CStr;
use core::fmt;

impl<'a> Tagged<'a> {
    /// Copies text.
    ///
    /// ```
    /// # let mut arena = voltrum_memory::Arena::try_reserve("names", 1 << 20)?;
    /// # let scope = arena.open();
    /// let name = scope.try_alloc_str("lamp.gltf")?;
    /// name.make_ascii_uppercase();
    /// assert_eq!(name, "LAMP.GLTF");
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Tagged::try_alloc`].
    #[inline]
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_alloc_str(self, text: &str) -> Result<&'a mut str, MemoryError> {
        let bytes = self.try_alloc_slice_copy(text.as_bytes())?;
        // SAFETY:
        // - a copy of a `str` is UTF-8.
        Ok(unsafe { core::str::from_utf8_unchecked_mut(bytes) })
    }

    /// Formats text: `format!` into the arena. A `Display` that reports an error ends the text there.
    ///
    /// ```
    /// # let mut arena = voltrum_memory::Arena::try_reserve("frame", 1 << 20)?;
    /// # let scope = arena.open();
    /// let title = scope.try_alloc_fmt(format_args!("{} ({} nodes)", "lamp", 12))?;
    /// assert_eq!(title, "lamp (12 nodes)");
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Tagged::try_alloc`].
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_alloc_fmt(self, text: fmt::Arguments<'_>) -> Result<&'a mut str, MemoryError> {
        // Text without arguments is copied at once.
        if let Some(text) = text.as_str() {
            return self.try_alloc_str(text);
        }
        let mut string = ArenaString::new_in(self);
        match string.try_fmt(text) {
            Ok(()) => Ok(string.into_str()),
            Err(error) => {
                string.give_back();
                Err(error)
            }
        }
    }

    /// Copies text for C and ends it with a zero byte. Takes a `&str`, bytes, and whatever else reads as bytes.
    ///
    /// ```
    /// use voltrum_memory::Reason;
    /// # let mut arena = voltrum_memory::Arena::try_reserve("names", 1 << 20)?;
    /// # let scope = arena.open();
    /// let name = scope.try_alloc_cstr("VK_LAYER_KHRONOS_validation")?;
    /// assert_eq!(name.count_bytes(), 27);
    /// let cut = scope.try_alloc_cstr(b"lamp\0shade").map_err(|error| error.reason());
    /// assert_eq!(cut, Err(Reason::InteriorNul { at: 4 }));
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Tagged::try_alloc`], and [`Reason::InteriorNul`] when C would see less than the whole text.
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_alloc_cstr(self, text: impl AsRef<[u8]>) -> Result<&'a CStr, MemoryError> {
        let text = text.as_ref();
        self.check_for_c(text)?;
        let place = self.try_array::<u8>(text.len() + 1)?;
        // SAFETY:
        // - the block has room for the text and one byte more, is new, so it can't overlap, and lives for 'a;
        // - one zero byte, at the end: the text was checked.
        unsafe {
            place.as_ptr().copy_from_nonoverlapping(text.as_ptr(), text.len());
            place.add(text.len()).write(0);
            let bytes = core::slice::from_raw_parts(place.as_ptr(), text.len() + 1);
            Ok(CStr::from_bytes_with_nul_unchecked(bytes))
        }
    }

    /// Formats text for C and ends it with a zero byte.
    ///
    /// ```
    /// # let mut arena = voltrum_memory::Arena::try_reserve("names", 1 << 20)?;
    /// # let scope = arena.open();
    /// let name = scope.try_alloc_cstr_fmt(format_args!("mesh {}", 3))?;
    /// assert_eq!(name, c"mesh 3");
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Tagged::try_alloc_cstr`].
    #[cfg_attr(feature = "allocation-log", track_caller)]
    pub fn try_alloc_cstr_fmt(self, text: fmt::Arguments<'_>) -> Result<&'a CStr, MemoryError> {
        let mut string = ArenaString::new_in(self);
        match string.try_fmt(text) {
            Ok(()) => string.try_into_cstr(),
            Err(error) => {
                string.give_back();
                Err(error)
            }
        }
    }

    /// Refuses text with a zero byte inside.
    pub(crate) fn check_for_c(self, text: &[u8]) -> Result<(), MemoryError> {
        match text.iter().position(|byte| *byte == 0) {
            None => Ok(()),
            Some(at) => {
                let header = self.header();
                Err(header.error(Reason::InteriorNul { at }, Some(self.owner()), text.len(), header.left()))
            }
        }
    }
}
