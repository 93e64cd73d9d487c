//! The asset root: a folder that names cannot leave.
//!
//! A name is a relative path with `/` between its parts, the same on every system. It is checked twice: as text, and after
//! the file system has followed its links.
//!
//! # Invariants
//! 1. What `resolve` returns lies inside the root, with every link followed.
//! 2. Names are taken literally: `%2e` is three characters here. Who decodes names decodes them before.
//!
//! # Deliberately absent
//! Protection from somebody who swaps links in the folder while it is read: whoever may write there may as well change the
//! assets.

use std::fs;
use std::path::{Component, Path};

use voltrum_memory::{MemoryError, Scope, Tagged};

use crate::error::PlatformError;

/// A folder that names cannot leave.
pub struct AssetRoot<'app> {
    path: &'app Path,
}

impl<'app> AssetRoot<'app> {
    /// Opens the folder at `path`; its own path is kept in `memory`, with links followed.
    ///
    /// # Errors
    /// [`PlatformError::NotFound`], [`PlatformError::NotADirectory`], [`PlatformError::PermissionDenied`],
    /// [`PlatformError::Memory`].
    pub fn open(memory: Tagged<'app>, path: &Path) -> Result<Self, PlatformError> {
        let fail = |source| PlatformError::from_io(path, "open it", source);
        let real = fs::canonicalize(path).map_err(fail)?;
        if !fs::metadata(&real).map_err(fail)?.is_dir() {
            return Err(PlatformError::NotADirectory { path: path.to_path_buf() });
        }
        let kept = keep_path(&real, |bytes| memory.try_alloc_slice_copy(bytes))?;
        Ok(Self { path: kept })
    }

    /// The folder, with links followed.
    pub fn path(&self) -> &'app Path {
        self.path
    }

    /// The path of the file or folder called `name`, with links followed, in `memory`.
    ///
    /// # Errors
    /// [`PlatformError::OutsideRoot`] for a name that is empty, absolute, has a backslash or NUL in it, or leads out of the
    /// root by `..` or by a link; [`PlatformError::NotFound`] and its kind for one that leads nowhere.
    ///
    /// # Example
    /// ```
    /// use std::path::Path;
    /// use voltrum_memory::{Arena, Tag};
    /// use voltrum_platform::{PlatformError, files::AssetRoot};
    ///
    /// let mut arena = Arena::try_reserve("permanent", 1 << 20)?;
    /// let scope = arena.open();
    /// let root = AssetRoot::open(scope.tagged(Tag::RESOURCES), Path::new("src"))?;
    /// assert!(root.resolve("files.rs", &scope).is_ok());
    /// assert!(matches!(root.resolve("../Cargo.toml", &scope), Err(PlatformError::OutsideRoot { .. })));
    /// # Ok::<(), PlatformError>(())
    /// ```
    pub fn resolve<'a>(&self, name: &str, memory: &Scope<'a>) -> Result<&'a Path, PlatformError> {
        let outside =
            |reason| PlatformError::OutsideRoot { name: String::from(name), root: self.path.to_path_buf(), reason };
        check_name(name).map_err(outside)?;
        let wanted = self.path.join(name);
        let real = fs::canonicalize(&wanted).map_err(|source| PlatformError::from_io(&wanted, "find it", source))?;
        if !real.starts_with(self.path) {
            return Err(outside("a link leads out of the folder"));
        }
        keep_path(&real, |bytes| memory.try_alloc_slice_copy(bytes))
    }
}

/// Checks a name by the rules that need no file system; says which one it breaks.
///
/// # Errors
/// For a name that is empty, absolute, has a backslash or NUL in it, or leads out of the root by `..`.
pub fn check_name(name: &str) -> Result<(), &'static str> {
    if name.is_empty() {
        return Err("the name is empty");
    }
    if name.contains('\0') {
        return Err("the name has a NUL character in it");
    }
    // on Windows these separate folders and name drives, and one name has to mean one file everywhere
    if name.contains('\\') {
        return Err("the name has a backslash in it; write `/` between folders");
    }
    let mut depth = 0usize;
    for component in Path::new(name).components() {
        match component {
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
            Component::ParentDir => {
                depth = depth.checked_sub(1).ok_or("`..` leads out of the folder")?;
            }
            Component::RootDir | Component::Prefix(_) => return Err("the name is absolute"),
        }
    }
    Ok(())
}

/// Puts a path where `keep` puts bytes.
///
/// ```
/// # use std::path::Path;
/// # use voltrum_memory::Arena;
/// # use voltrum_platform::files;
/// # let mut arena = Arena::try_reserve("scene", 1 << 20)?;
/// # let scope = arena.open();
/// let kept = files::keep_path(Path::new("lamps/desk.png"), |bytes| scope.try_alloc_slice_copy(bytes))?;
/// assert_eq!(kept, Path::new("lamps/desk.png"));
/// # Ok::<(), voltrum_platform::PlatformError>(())
/// ```
///
/// # Errors
/// [`PlatformError::Memory`]; where paths are Unicode, [`PlatformError::Io`] for one that isn't.
#[cfg(unix)]
pub fn keep_path<'a>(
    path: &Path,
    keep: impl FnOnce(&[u8]) -> Result<&'a mut [u8], MemoryError>,
) -> Result<&'a Path, PlatformError> {
    use std::os::unix::ffi::OsStrExt;
    let bytes: &'a [u8] = keep(path.as_os_str().as_bytes())?;
    Ok(Path::new(std::ffi::OsStr::from_bytes(bytes)))
}

/// Puts a path where `keep` puts bytes.
///
/// # Errors
/// [`PlatformError::Memory`]; [`PlatformError::Io`] for one that isn't Unicode.
#[cfg(not(unix))]
pub fn keep_path<'a>(
    path: &Path,
    keep: impl FnOnce(&[u8]) -> Result<&'a mut [u8], MemoryError>,
) -> Result<&'a Path, PlatformError> {
    let not_unicode = || {
        let source = std::io::Error::new(std::io::ErrorKind::InvalidData, "it is not valid Unicode");
        PlatformError::Io { path: path.to_path_buf(), action: "use the path", source }
    };
    let text = path.to_str().ok_or_else(not_unicode)?;
    let bytes: &'a [u8] = keep(text.as_bytes())?;
    Ok(Path::new(std::str::from_utf8(bytes).map_err(|_| not_unicode())?))
}
