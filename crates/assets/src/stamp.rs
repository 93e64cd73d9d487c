//! Stamps of files: whether one has changed since it was loaded, for reloading what somebody edits meanwhile.
//!
//! # Deliberately absent
//! Watching: a stamp is asked for when it suits the caller, a few times a second.

use std::path::Path;
use std::time::SystemTime;

/// What a file was like at one moment. Two equal stamps of one path are, as far as the system can say, one content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct FileStamp {
    length: u64,
    modified: Option<SystemTime>,
}

impl FileStamp {
    /// The stamp of the file at `path`; `None` where there is none, as while an editor replaces it.
    ///
    /// ```
    /// use voltrum_assets::FileStamp;
    /// assert_eq!(FileStamp::of("/nowhere/lamp.gltf".as_ref()), None);
    /// ```
    pub fn of(path: &Path) -> Option<Self> {
        let meta = std::fs::metadata(path).ok().filter(|meta| meta.is_file())?;
        Some(Self { length: meta.len(), modified: meta.modified().ok() })
    }

    /// Whether the file at `path` is there and is not what it was.
    pub fn has_changed(&self, path: &Path) -> bool {
        Self::of(path).is_some_and(|now| now != *self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_tells_a_changed_file_from_one_that_is_not_and_from_one_that_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        std::fs::write(&path, "one").unwrap();
        let stamp = FileStamp::of(&path).unwrap();
        assert!(!stamp.has_changed(&path));
        std::fs::write(&path, "longer").unwrap();
        assert!(stamp.has_changed(&path));
        std::fs::remove_file(&path).unwrap();
        assert!(!stamp.has_changed(&path), "what is gone for a moment is no change");
    }
}
