//! Handles: what names a GPU object from outside.
//!
//! A handle is an index and a generation. Once its object is destroyed it names nothing, for ever: drawing with it
//! draws nothing or the visible default.

use crate::slots::Key;

macro_rules! handles {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name {
            index: u32,
            generation: u32,
        }

        impl $name {
            /// A handle that names nothing.
            pub const NONE: $name = $name { index: u32::MAX, generation: 0 };

            /// The slot; handles of one slot differ in their generation.
            pub fn index(self) -> u32 {
                self.index
            }

            /// Which of the slot's objects.
            pub fn generation(self) -> u32 {
                self.generation
            }

            pub(crate) fn key(self) -> Key {
                (self.index, self.generation)
            }

            pub(crate) fn new((index, generation): Key) -> $name {
                $name { index, generation }
            }
        }

        impl Default for $name {
            fn default() -> Self {
                $name::NONE
            }
        }
    )*};
}

handles! {
    /// Names a texture.
    TextureId;
    /// Names a mesh.
    MeshId;
    /// Names a material.
    MaterialId;
    /// Names an offscreen target.
    TargetId;
    /// Names an environment.
    EnvironmentId;
    /// Names a scene: objects kept on the GPU.
    SceneId;
}

/// What a UI command samples, in the 64 bits that Dear ImGui has for it.
///
/// ```
/// use voltrum_render::UiTexture;
///
/// let atlas = UiTexture::atlas(3);
/// assert_eq!(UiTexture::from_bits(atlas.bits()), atlas);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UiTexture(u64);

/// A [`UiTexture`] taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UiSource {
    Atlas(u32),
    Target(TargetId),
    Texture(TextureId),
    Nothing,
}

const ATLAS: u64 = 1;
const TARGET: u64 = 2;
const TEXTURE: u64 = 3;
const KIND_BITS: u32 = 2;
const INDEX_BITS: u32 = 30;

impl UiTexture {
    /// A dynamic texture of the UI, by its slot.
    pub const fn atlas(slot: u32) -> UiTexture {
        UiTexture(ATLAS | (slot as u64) << 32)
    }

    /// The colours of an offscreen target.
    pub const fn target(id: TargetId) -> UiTexture {
        UiTexture::of(TARGET, id.index, id.generation)
    }

    /// A texture.
    pub const fn texture(id: TextureId) -> UiTexture {
        UiTexture::of(TEXTURE, id.index, id.generation)
    }

    /// The bits for `ImTextureID`; never 0.
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// From the bits of an `ImTextureID`. Bits that came from nowhere name nothing.
    pub const fn from_bits(bits: u64) -> UiTexture {
        UiTexture(bits)
    }

    const fn of(kind: u64, index: u32, generation: u32) -> UiTexture {
        UiTexture(kind | (index as u64 & ((1 << INDEX_BITS) - 1)) << KIND_BITS | (generation as u64) << 32)
    }

    pub(crate) fn source(self) -> UiSource {
        let index = ((self.0 >> KIND_BITS) & ((1 << INDEX_BITS) - 1)) as u32;
        let upper = (self.0 >> 32) as u32;
        match self.0 & ((1 << KIND_BITS) - 1) {
            ATLAS => UiSource::Atlas(upper),
            TARGET => UiSource::Target(TargetId::new((index, upper))),
            TEXTURE => UiSource::Texture(TextureId::new((index, upper))),
            _ => UiSource::Nothing,
        }
    }
}
