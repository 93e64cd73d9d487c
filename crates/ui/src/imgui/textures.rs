//! The textures that the library asks its renderer to make, update and destroy (its protocol since 1.92).
//!
//! The font atlas is such a texture: it grows as glyphs are first used, so a frame may carry an update, and a larger
//! texture may replace a smaller one that is destroyed a frame later.

use core::marker::PhantomData;
use core::ptr::NonNull;
use core::slice;
use dear_imgui_sys as sys;

/// What the library wants done with a texture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    Nothing,
    Create,
    Update,
    Destroy,
}

/// One texture of a context; borrows its draw data.
pub(crate) struct Texture<'c> {
    raw: NonNull<sys::ImTextureData>,
    borrow: PhantomData<&'c sys::ImTextureData>,
}

impl<'c> Texture<'c> {
    pub(super) fn new(raw: *mut sys::ImTextureData) -> Option<Texture<'c>> {
        NonNull::new(raw).map(|raw| Texture { raw, borrow: PhantomData })
    }

    fn data(&self) -> &'c sys::ImTextureData {
        // SAFETY: a texture of the context, alive until the next frame begins; only `settle` and `forget` write to it,
        // to fields that are plain values, and no reference of ours is held across them.
        unsafe { self.raw.as_ref() }
    }

    /// Counts up from 1 in each context; never used twice.
    pub(crate) fn number(&self) -> u32 {
        self.data().UniqueID as u32
    }

    pub(crate) fn wish(&self) -> Wish {
        match self.data().Status {
            sys::ImTextureStatus_WantCreate => Wish::Create,
            sys::ImTextureStatus_WantUpdates => Wish::Update,
            // in the first frame of the wish, commands may still refer to it
            sys::ImTextureStatus_WantDestroy if self.data().UnusedFrames > 0 => Wish::Destroy,
            _ => Wish::Nothing,
        }
    }

    /// Whether a renderer that has lost its textures needs this one again.
    pub(crate) fn is_live(&self) -> bool {
        matches!(self.data().Status, sys::ImTextureStatus_OK | sys::ImTextureStatus_WantUpdates)
    }

    /// Width and height, in pixels.
    pub(crate) fn size(&self) -> [u32; 2] {
        [self.data().Width.max(0) as u32, self.data().Height.max(0) as u32]
    }

    /// Left, top, width, height of what has changed.
    pub(crate) fn changed(&self) -> [u32; 4] {
        let rect = self.data().UpdateRect;
        [rect.x, rect.y, rect.w, rect.h].map(u32::from)
    }

    /// All pixels, four bytes each, rows without gaps. Empty unless the texture has colour bytes.
    pub(crate) fn pixels(&self) -> &'c [u8] {
        let data = self.data();
        let [width, height] = self.size();
        if data.Pixels.is_null() || data.Format != sys::ImTextureFormat_RGBA32 {
            return &[];
        }
        // SAFETY: the library keeps width × height × 4 bytes of this format until the texture is destroyed.
        unsafe { slice::from_raw_parts(data.Pixels, width as usize * height as usize * 4) }
    }

    /// The renderer has been told; commands name the texture by `id` from now on.
    pub(crate) fn settle(&self, id: u64) {
        // SAFETY: the texture is alive; both calls write plain values.
        unsafe {
            sys::ImTextureData_SetTexID(self.raw.as_ptr(), id);
            sys::ImTextureData_SetStatus(self.raw.as_ptr(), sys::ImTextureStatus_OK);
        }
    }

    /// The renderer has been told to destroy it.
    pub(crate) fn forget(&self) {
        // SAFETY: as in `settle`; zero is the library's invalid id.
        unsafe {
            sys::ImTextureData_SetTexID(self.raw.as_ptr(), 0);
            sys::ImTextureData_SetStatus(self.raw.as_ptr(), sys::ImTextureStatus_Destroyed);
        }
    }
}
