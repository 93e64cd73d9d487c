//! The images of a project's files, each once: what a load may leave out, since the project has it.
//!
//! While a project is opened, images are numbered file by file as they are staged; the table has them in that order, and
//! what joins later comes behind. A load gets a copy of what is known ([`KnownImages`]) and looks it up by key
//! ([`ImageIndex`]). Taking it over compares each image that it left out with the table: one that has become another meanwhile
//! is no match any more.
//!
//! # Invariants
//! 1. The table refers to no texture by count; the files that show it do.
//! 2. A place whose texture is gone is known to nobody, and is free for another image.
//!
//! # Deliberately absent
//! Images of other projects: each project ends alone.

use super::staged::StagedFile;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use voltrum::assets::image::ImageInfo;
use voltrum::assets::textures::{self, TextureHandle, TextureState};
use voltrum::assets::{ImageKey, KnownImage, Pixels, StagedImage};
use voltrum::memory::{Arena, ArenaMap, ArenaVec, MemoryError, Tag, Tagged};

/// Address space for an index.
const INDEX_BYTES: usize = 64 << 20;

/// An image that a texture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shown<P: AsRef<Path>> {
    pub(super) key: ImageKey<P>,
    pub(super) info: ImageInfo,
}

impl<'s> Shown<&'s Path> {
    /// What of a staged image is new and can be found again.
    fn of<I: Copy>(image: &StagedImage<'s, I>) -> Option<Shown<&'s Path>> {
        image.upload()?;
        Some(Shown { key: image.key?, info: image.info() })
    }
}

/// An arena for an index that a load has for itself, beside that of the scene.
pub(super) fn index_arena() -> Result<Arena<'static>, MemoryError> {
    Arena::try_reserve("images by key", INDEX_BYTES)
}

/// Images by key, for looking up very many. Of those that are the same the first one is found.
pub(super) struct ImageIndex<'k> {
    images: ArenaMap<'k, ImageKey<&'k Path>, KnownImage>,
    /// How many there were, the same ones counted too.
    count: u32,
}

impl<'k> ImageIndex<'k> {
    pub(super) fn new_in(memory: Tagged<'k>) -> ImageIndex<'k> {
        ImageIndex { images: ArenaMap::new_in(memory.with_tag(Tag::TEXTURE)), count: 0 }
    }

    /// Puts in the images of a file that was staged behind the others.
    pub(super) fn add_file<'s: 'k, I: Copy, B>(&mut self, file: &StagedFile<'s, I, B>) -> Result<(), MemoryError> {
        let images = file.scene.as_ref().map_or(&[][..], |scene| scene.images);
        images.iter().filter_map(Shown::of).try_for_each(|shown| self.add(Some((shown.key, shown.info))))
    }

    /// Puts one in, or leaves a number out.
    fn add(&mut self, image: Option<(ImageKey<&'k Path>, ImageInfo)>) -> Result<(), MemoryError> {
        let number = self.count;
        self.count += 1;
        if let Some((key, info)) = image {
            self.images.try_get_or_insert_with(key, || KnownImage { number, info })?;
        }
        Ok(())
    }

    pub(super) fn find(&self, key: &ImageKey<&Path>) -> Option<KnownImage> {
        self.images.get(key).copied()
    }
}

/// See the module.
pub(super) struct ImageTable<'scene> {
    shown: ArenaVec<'scene, Option<Shown<&'scene Path>>>,
    textures: ArenaVec<'scene, TextureHandle>,
}

impl<'scene> ImageTable<'scene> {
    pub(super) fn new_in(memory: Tagged<'scene>) -> ImageTable<'scene> {
        let memory = memory.with_tag(Tag::TEXTURE);
        ImageTable { shown: ArenaVec::new_in(memory), textures: ArenaVec::new_in(memory) }
    }

    /// The textures, by number.
    pub(super) fn textures(&self) -> &[TextureHandle] {
        &self.textures
    }

    /// Room for so many more.
    pub(super) fn try_reserve(&mut self, count: usize) -> Result<(), MemoryError> {
        self.shown.try_reserve(count)?;
        self.textures.try_reserve(count)
    }

    /// Puts in what of a file's images is new, with the textures that show them.
    pub(super) fn add_all<I: Copy>(
        &mut self,
        images: &[StagedImage<'scene, I>],
        textures: &[TextureHandle],
    ) -> Result<(), MemoryError> {
        self.try_reserve(images.len())?;
        for (image, texture) in images.iter().zip(textures) {
            if let Some(shown) = Shown::of(image) {
                self.shown.try_push(Some(shown))?;
                self.textures.try_push(*texture)?;
            }
        }
        Ok(())
    }

    /// Puts one in, where there is a place free, or behind the others.
    pub(super) fn add(&mut self, shown: Shown<&'scene Path>, texture: TextureHandle) -> Result<(), MemoryError> {
        match self.shown.iter().position(Option::is_none) {
            Some(at) => {
                (self.shown[at], self.textures[at]) = (Some(shown), texture);
                Ok(())
            }
            None => {
                self.try_reserve(1)?;
                self.shown.try_push(Some(shown))?;
                self.textures.try_push(texture)
            }
        }
    }

    /// The texture of an image that a load has left out; `None` where it is another image's by now.
    pub(super) fn texture_of(&self, number: u32, key: &ImageKey<impl AsRef<Path>>) -> Option<TextureHandle> {
        let shown = self.shown.get(number as usize)?.as_ref()?;
        (shown.key == *key).then(|| self.textures.get(number as usize).copied())?
    }

    /// Whether everything that a load has left out is there.
    pub(super) fn has_all<I: Copy>(&self, images: &[StagedImage<'_, I>]) -> bool {
        images.iter().all(|image| match (image.pixels, &image.key) {
            (Pixels::Shared(number), Some(key)) => self.texture_of(number, key).is_some(),
            (Pixels::Shared(_), None) => false,
            (Pixels::Upload(_), _) => true,
        })
    }

    /// What a texture shows.
    fn shown_by(&self, texture: TextureHandle) -> Option<&Shown<&'scene Path>> {
        let at = self.textures.iter().position(|other| *other == texture)?;
        self.shown.get(at)?.as_ref()
    }

    /// A texture shows an image as it is now.
    pub(super) fn note_changed(&mut self, texture: TextureHandle, key: &ImageKey<PathBuf>, info: ImageInfo) {
        let at = self.textures.iter().position(|other| *other == texture);
        if let Some(Some(shown)) = at.and_then(|at| self.shown.get_mut(at)) {
            *shown = Shown { key: key.with_file(shown.key.file), info };
        }
    }

    /// What an image is to be shown as that was loaded once more, and was shown as `old`: what [`assets::refresh`] is told.
    /// `None` where a load has left it out and it is another one by now.
    ///
    /// [`assets::refresh`]: voltrum::assets::refresh
    pub(super) fn wished<I: Copy>(
        &self,
        image: &StagedImage<'_, I>,
        key: Option<&ImageKey<PathBuf>>,
        old: TextureHandle,
    ) -> Option<TextureHandle> {
        match image.pixels {
            Pixels::Shared(number) => self.texture_of(number, key?),
            Pixels::Upload(_) => Some(match (self.shown_by(old), key) {
                // wherever it is shown, it is this file's part
                (Some(shown), Some(key)) if shown.key.is_in_place_of(key) => old,
                (None, None) => old,
                _ => TextureHandle::NONE,
            }),
        }
    }

    /// Frees the places of textures that nobody refers to any more.
    pub(super) fn forget_gone(&mut self, textures: &TextureState<'_>) {
        for (shown, texture) in self.shown.iter_mut().zip(&self.textures) {
            if textures::info(textures, *texture).is_none() {
                *shown = None;
            }
        }
    }

    /// What a load may leave out.
    pub(super) fn known(&self) -> KnownImages {
        let owned =
            |shown: &Shown<&Path>| Shown { key: shown.key.with_file(shown.key.file.to_path_buf()), info: shown.info };
        KnownImages(self.shown.iter().map(|shown| shown.as_ref().map(owned)).collect())
    }
}

/// The images that the open project has, for a load that is to leave them out. The default: none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownImages(Arc<[Option<Shown<PathBuf>>]>);

impl KnownImages {
    /// The same by key.
    pub(super) fn index<'k>(&'k self, memory: Tagged<'k>) -> Result<ImageIndex<'k>, MemoryError> {
        let mut index = ImageIndex::new_in(memory);
        for shown in &*self.0 {
            index.add(shown.as_ref().map(|shown| (shown.key.with_file(&*shown.key.file), shown.info)))?;
        }
        Ok(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use voltrum::assets::FileStamp;
    use voltrum::assets::image::ImageKind;
    use voltrum::render::ImageFormat;

    #[test]
    fn each_of_very_many_images_is_found_by_its_key_and_another_is_not() {
        let info =
            |side| ImageInfo { kind: ImageKind::Png, size: [side; 2], format: ImageFormat::Rgba8Srgb, levels: 1 };
        let key = |file: u32, part: u64| ImageKey {
            stamp: FileStamp::default(),
            part: Some((part, 8)),
            is_color: true,
            file: PathBuf::from(format!("/models/{file}.glb")),
        };
        // each third place is free, and the last image is the first one again
        let mut shown: Vec<_> = (0..30_000)
            .map(|at| (at % 3 < 2).then(|| Shown { key: key(at / 300, at.into()), info: info(at) }))
            .collect();
        shown.push(Some(Shown { key: key(0, 0), info: info(0) }));
        let known = KnownImages(shown.into());
        let mut arena = index_arena().unwrap();
        let scope = arena.open();
        let index = known.index(scope.tagged(Tag::TEXTURE)).unwrap();
        let found = |key: &ImageKey<PathBuf>| index.find(&key.with_file(&*key.file));
        for at in 0..30_000 {
            let expected = (at % 3 < 2).then(|| KnownImage { number: at, info: info(at) });
            assert_eq!(found(&key(at / 300, at.into())), expected);
        }
        let there = key(0, 0);
        let elsewhere = there.with_file("/models//0.glb".into());
        let others = [elsewhere, ImageKey { part: None, ..there.clone() }, ImageKey { is_color: false, ..there }];
        assert_eq!(others.map(|other| found(&other)), [None; 3]);
    }
}
