//! Loaders: what kind of resource a file is, and whether it is one.
//!
//! A loader looks at a file's bytes once, when it comes into the cache, and says what it found. The bytes stay as they are.

use crate::fault::{Fault, Named, Place};
use crate::gltf::document;
use crate::image::{ImageInfo, probe};
use crate::words::words;
use crate::{AssetError, LoadLimits};

/// A kind of resource: one loader each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ResourceKind(u16);

impl ResourceKind {
    /// UTF-8 text.
    pub const TEXT: Self = Self(0);
    /// Bytes of any meaning.
    pub const BINARY: Self = Self(1);
    /// A PNG or JPEG, with its size.
    pub const IMAGE: Self = Self(2);
    /// A glTF document, checked without its buffers and images.
    pub const GLTF: Self = Self(3);

    /// A kind of the client's own, for a loader that it registers.
    pub const fn client(number: u16) -> Self {
        Self(number.saturating_add(1024))
    }
}

/// What a loader found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResourceInfo {
    /// Text of so many lines.
    Text {
        /// Lines, the last one with or without its end.
        lines: u32,
    },
    /// Bytes.
    Binary,
    /// A picture.
    Image(ImageInfo),
    /// A glTF document.
    Gltf {
        /// Nodes in it.
        nodes: u32,
        /// Meshes in it.
        meshes: u32,
        /// Materials in it.
        materials: u32,
        /// Images in it.
        images: u32,
    },
    /// What a client's loader found.
    Client(u64),
}

/// Looks at a file of one kind.
pub trait Loader {
    /// Says what `bytes` are.
    ///
    /// # Errors
    /// What is wrong with them; the file's name is added by the caller.
    fn inspect(&self, bytes: &[u8]) -> Result<ResourceInfo, AssetError>;
}

/// The loader of [`ResourceKind::TEXT`].
pub(crate) struct TextLoader;

impl Loader for TextLoader {
    fn inspect(&self, bytes: &[u8]) -> Result<ResourceInfo, AssetError> {
        let text = core::str::from_utf8(bytes).map_err(|error| Fault::Text { at: error.valid_up_to() as u64 })?;
        Ok(ResourceInfo::Text { lines: u32::try_from(text.lines().count()).unwrap_or(u32::MAX) })
    }
}

/// The loader of [`ResourceKind::BINARY`].
pub(crate) struct BinaryLoader;

impl Loader for BinaryLoader {
    fn inspect(&self, _bytes: &[u8]) -> Result<ResourceInfo, AssetError> {
        Ok(ResourceInfo::Binary)
    }
}

/// The loader of [`ResourceKind::IMAGE`].
pub(crate) struct ImageLoader;

impl Loader for ImageLoader {
    fn inspect(&self, bytes: &[u8]) -> Result<ResourceInfo, AssetError> {
        let place = Place::new("image", 0);
        let broken = |problem| Fault::Image { place, name: Named::new(None), problem: words(problem) };
        Ok(ResourceInfo::Image(probe(bytes).map_err(broken)?))
    }
}

/// The loader of [`ResourceKind::GLTF`].
pub(crate) struct GltfLoader;

impl Loader for GltfLoader {
    fn inspect(&self, bytes: &[u8]) -> Result<ResourceInfo, AssetError> {
        let document = document::check(bytes, &LoadLimits::default())?;
        let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        Ok(ResourceInfo::Gltf {
            nodes: count(document.nodes.len()),
            meshes: count(document.meshes.len()),
            materials: count(document.materials.len()),
            images: count(document.images.len()),
        })
    }
}
