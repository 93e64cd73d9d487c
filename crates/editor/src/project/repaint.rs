//! What becomes of a file's textures when it is loaded once more.
//!
//! # Invariants
//! 1. A picture that has changed on the disk changes behind its texture, for every file that shows it. Where the file means
//!    another picture now, it gets another texture, and the files that share the old one keep that.
//! 2. Nothing can fail any more once the textures have changed.

use super::images::{ImageTable, Shown};
use crate::error::EditorError;
use std::path::{Path, PathBuf};
use voltrum::assets::textures::{TextureHandle, TextureState};
use voltrum::assets::{ImageKey, StagedImage};
use voltrum::memory::Tagged;
use voltrum::platform::files::keep_path;

/// See the module.
pub(super) struct Repaint<'r, 'scene> {
    images: &'r [StagedImage<'static>],
    keys: &'r [Option<ImageKey<PathBuf>>],
    old: &'scene [TextureHandle],
    /// What each image is to be shown as, for [`refresh`](voltrum::assets::refresh), which says what it is shown as then.
    pub(super) textures: Vec<TextureHandle>,
    /// Room for these, where they are not the old ones.
    kept: &'scene mut [TextureHandle],
    /// The files of the textures that are made, as far as they are known.
    files: Vec<(usize, &'scene Path)>,
}

impl<'r, 'scene> Repaint<'r, 'scene> {
    /// `None` where the load has left out what is another image by now.
    pub(super) fn plan(
        table: &ImageTable<'scene>,
        (images, keys): (&'r [StagedImage<'static>], &'r [Option<ImageKey<PathBuf>>]),
        old: &'scene [TextureHandle],
    ) -> Option<Repaint<'r, 'scene>> {
        // more or less of them is told by who shows them
        let had = old.iter().copied().chain(std::iter::repeat(TextureHandle::NONE));
        let wished = images.iter().zip(keys).zip(had).map(|((image, key), old)| table.wished(image, key.as_ref(), old));
        Some(Repaint { images, keys, old, textures: wished.collect::<Option<_>>()?, kept: &mut [], files: Vec::new() })
    }

    /// By position, the images that get textures of their own and can be found again.
    fn made(&self) -> impl Iterator<Item = (usize, &'r ImageKey<PathBuf>)> {
        let is_made = |at: &usize| self.textures[*at] == TextureHandle::NONE;
        (0..self.textures.len()).filter(is_made).filter_map(|at| Some((at, self.keys[at].as_ref()?)))
    }

    /// What it takes of the scene arena.
    pub(super) fn bytes(&self) -> usize {
        let files: usize = self.made().map(|(_, key)| key.file.as_os_str().len() + size_of::<Shown<&Path>>()).sum();
        if self.textures == self.old { 0 } else { size_of_val(self.old) + files }
    }

    /// Takes it.
    pub(super) fn prepare(
        &mut self,
        table: &mut ImageTable<'scene>,
        memory: Tagged<'scene>,
    ) -> Result<(), EditorError> {
        if self.textures != self.old {
            self.kept = memory.try_alloc_slice_copy(self.old)?;
        }
        let mut files = Vec::new();
        for (at, key) in self.made() {
            files.push((at, keep_path(&key.file, |bytes| memory.try_alloc_slice_copy(bytes))?));
        }
        table.try_reserve(files.len())?;
        self.files = files;
        Ok(())
    }

    /// Notes what has changed; gives the file's textures.
    pub(super) fn finish(
        self,
        table: &mut ImageTable<'scene>,
        textures: &TextureState<'_>,
    ) -> Result<&'scene [TextureHandle], EditorError> {
        for (at, (image, now)) in self.images.iter().zip(&self.textures).enumerate() {
            if let (Some(_), Some(key)) = (image.upload(), &self.keys[at])
                && self.old[at] == *now
            {
                table.note_changed(*now, key, image.info());
            }
        }
        table.forget_gone(textures);
        for (at, file) in self.files {
            if let Some(key) = &self.keys[at] {
                table.add(Shown { key: key.with_file(file), info: self.images[at].info() }, self.textures[at])?;
            }
        }
        if self.kept.is_empty() {
            return Ok(self.old);
        }
        self.kept.copy_from_slice(&self.textures);
        Ok(self.kept)
    }
}
