//! What a frame drew: lists of vertices, indices and commands, readable until the next frame begins.

use super::context::Context;
use super::textures::Texture;
use core::slice;
use dear_imgui_sys as sys;

/// The draw data of the last frame. Borrows the context, and a new frame takes it mutably.
pub(crate) struct DrawData<'c> {
    data: &'c sys::ImDrawData,
}

/// One list: the vertices and indices of a window.
pub(crate) struct DrawList<'c> {
    list: &'c sys::ImDrawList,
}

/// One command of a list; offsets count from the list's beginnings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RawCommand {
    /// Left, top, right, bottom.
    pub(crate) clip: [f32; 4],
    pub(crate) texture: RawTexture,
    pub(crate) vertex_offset: u32,
    pub(crate) first_index: u32,
    pub(crate) index_count: u32,
}

/// What a command draws with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RawTexture {
    /// A texture of the library, by its number.
    Own(u32),
    /// A texture that a widget was given.
    Given(u64),
}

impl Context {
    /// What was drawn, after `render`.
    pub(crate) fn draw_data(&self) -> Option<DrawData<'_>> {
        self.bind();
        // SAFETY: the context is current; the data lives in it and changes only in calls that take it mutably.
        let data = unsafe { sys::igGetDrawData().as_ref() }?;
        data.Valid.then_some(DrawData { data })
    }
}

impl<'c> DrawData<'c> {
    pub(crate) fn display_position(&self) -> [f32; 2] {
        [self.data.DisplayPos.x, self.data.DisplayPos.y]
    }

    pub(crate) fn display_size(&self) -> [f32; 2] {
        [self.data.DisplaySize.x, self.data.DisplaySize.y]
    }

    pub(crate) fn framebuffer_scale(&self) -> [f32; 2] {
        [self.data.FramebufferScale.x, self.data.FramebufferScale.y]
    }

    pub(crate) fn vertex_count(&self) -> usize {
        self.data.TotalVtxCount.max(0) as usize
    }

    pub(crate) fn index_count(&self) -> usize {
        self.data.TotalIdxCount.max(0) as usize
    }

    pub(crate) fn lists(&self) -> impl Iterator<Item = DrawList<'c>> + use<'c> {
        let lists = &self.data.CmdLists;
        // SAFETY: a vector of the library: `Data` holds `Size` pointers to live lists, none while it is empty.
        let lists: &'c [*mut sys::ImDrawList] = unsafe { elements(lists.Data, lists.Size) };
        // SAFETY: the lists of valid draw data are alive and untouched until the next frame begins.
        lists.iter().filter_map(|&list| unsafe { list.as_ref() }).map(|list| DrawList { list })
    }

    /// The textures of the context, whatever their state.
    pub(crate) fn textures(&self) -> impl Iterator<Item = Texture<'c>> + use<'c> {
        let textures = self.data.Textures;
        // SAFETY: null, or the vector of the textures that the context owns; as in `lists`.
        let textures: &'c [*mut sys::ImTextureData] = unsafe {
            match textures.as_ref() {
                Some(textures) => elements(textures.Data, textures.Size),
                None => &[],
            }
        };
        textures.iter().filter_map(|&texture| Texture::new(texture))
    }
}

impl<'c> DrawList<'c> {
    pub(crate) fn vertices(&self) -> &'c [sys::ImDrawVert] {
        // SAFETY: a vector of the library, alive for 'c.
        unsafe { elements(self.list.VtxBuffer.Data, self.list.VtxBuffer.Size) }
    }

    pub(crate) fn indices(&self) -> &'c [u16] {
        // SAFETY: a vector of the library, alive for 'c; its indices are 16 bits wide in this build (the type says so).
        unsafe { elements(self.list.IdxBuffer.Data, self.list.IdxBuffer.Size) }
    }

    /// The commands that draw something. Callbacks are left out: nobody registers any.
    pub(crate) fn commands(&self) -> impl Iterator<Item = RawCommand> + use<'c> {
        let commands = &self.list.CmdBuffer;
        // SAFETY: a vector of the library, alive for 'c.
        let commands: &'c [sys::ImDrawCmd] = unsafe { elements(commands.Data, commands.Size) };
        commands.iter().filter(|command| command.UserCallback.is_none() && command.ElemCount > 0).map(|command| {
            let clip = command.ClipRect;
            RawCommand {
                clip: [clip.x, clip.y, clip.z, clip.w],
                texture: texture(&command.TexRef),
                vertex_offset: command.VtxOffset,
                first_index: command.IdxOffset,
                index_count: command.ElemCount,
            }
        })
    }
}

fn texture(texture: &sys::ImTextureRef_c) -> RawTexture {
    // SAFETY: null, or a texture of the context that the frame refers to, hence alive.
    match unsafe { texture._TexData.as_ref() } {
        Some(data) => RawTexture::Own(data.UniqueID as u32),
        None => RawTexture::Given(texture._TexID),
    }
}

/// The elements of one of the library's vectors.
///
/// # Safety
/// `data` points to `size` initialised values that nothing changes during `'c`, or `size` is zero.
unsafe fn elements<'c, T>(data: *const T, size: i32) -> &'c [T] {
    match usize::try_from(size) {
        // SAFETY: the caller's promise.
        Ok(size) if size > 0 && !data.is_null() => unsafe { slice::from_raw_parts(data, size) },
        _ => &[],
    }
}
