//! What tells one image from another across files: where its bytes lie, what that file was like, what they mean.
//!
//! # Invariants
//! 1. Paths are compared and hashed byte by byte: links are followed already, and a table looks at very many.
//!
//! # Deliberately absent
//! The sampler, which is each texture's own; images of data URIs, which nobody else can name.

use std::hash::{Hash, Hasher};
use std::path::Path;

use crate::image::ImageInfo;
use crate::stamp::FileStamp;

/// An image in a file. `P` is its path, borrowed or owned. Two that are equal are the same picture.
#[derive(Clone, Copy, Debug)]
pub struct ImageKey<P> {
    /// What the file was like before it was read.
    pub stamp: FileStamp,
    /// The offset and the length of a stretch of the file; `None` where the whole file is the image.
    pub part: Option<(u64, u64)>,
    /// Whether it means colours (sRGB), or data (linear).
    pub is_color: bool,
    /// The file, with links followed.
    pub file: P,
}

impl<P: AsRef<Path>> ImageKey<P> {
    /// Whether both are at one place, where there may have been another picture before.
    pub fn is_in_place_of(&self, other: &ImageKey<impl AsRef<Path>>) -> bool {
        let name = other.file.as_ref().as_os_str();
        (self.part, self.is_color) == (other.part, other.is_color) && self.file.as_ref().as_os_str() == name
    }

    /// The same with another way to hold the path.
    pub fn with_file<Q>(&self, file: Q) -> ImageKey<Q> {
        ImageKey { stamp: self.stamp, part: self.part, is_color: self.is_color, file }
    }
}

impl<P: AsRef<Path>, Q: AsRef<Path>> PartialEq<ImageKey<Q>> for ImageKey<P> {
    fn eq(&self, other: &ImageKey<Q>) -> bool {
        self.stamp == other.stamp && self.is_in_place_of(other)
    }
}

impl<P: AsRef<Path>> Eq for ImageKey<P> {}

impl<P: AsRef<Path>> Hash for ImageKey<P> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.stamp, self.part, self.is_color, self.file.as_ref().as_os_str()).hash(state);
    }
}

/// Says whether an image is there already.
pub type KnowsImages<'k> = dyn Fn(&ImageKey<&Path>) -> Option<KnownImage> + 'k;

/// An image that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownImage {
    /// What its caller calls it.
    pub number: u32,
    /// What it is.
    pub info: ImageInfo,
}
