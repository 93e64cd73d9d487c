//! Dragging one widget onto another.

use super::frame::{Frame, raw};
use core::ffi::CStr;
use dear_imgui_sys as sys;

impl Frame<'_> {
    /// The last item can be dragged; `preview` draws what hangs at the pointer. Whether it is being dragged.
    pub(crate) fn drag_source(self, kind: &CStr, payload: u64, preview: impl FnOnce()) -> bool {
        if !raw!(self, igBeginDragDropSource(sys::ImGuiDragDropFlags_None)) {
            return false;
        }
        self.until(sys::igEndDragDropSource, || {
            let bytes = payload.to_ne_bytes();
            // the library copies the bytes; up to sixteen need no memory of its heap
            raw!(self, igSetDragDropPayload(kind.as_ptr(), bytes.as_ptr().cast(), bytes.len(), sys::ImGuiCond_Always));
            preview();
        });
        true
    }

    /// What hovers over the last item, if it is of that kind: its payload, and whether it was let go.
    pub(crate) fn drop_target(self, kind: &CStr) -> Option<(u64, bool)> {
        raw!(self, igBeginDragDropTarget())
            .then(|| {
                self.until(sys::igEndDragDropTarget, || {
                    let flags =
                        sys::ImGuiDragDropFlags_AcceptBeforeDelivery | sys::ImGuiDragDropFlags_AcceptNoDrawDefaultRect;
                    let payload = raw!(self, igAcceptDragDropPayload(kind.as_ptr(), flags));
                    // SAFETY: null, or the context's payload, which lives until the frame ends.
                    let payload = unsafe { payload.as_ref() }?;
                    if payload.DataSize != 8 || payload.Data.is_null() {
                        return None;
                    }
                    // SAFETY: the payload holds as many bytes as it says, 8; they need no alignment.
                    let bytes = unsafe { payload.Data.cast::<[u8; 8]>().read_unaligned() };
                    Some((u64::from_ne_bytes(bytes), payload.Delivery))
                })
            })
            .flatten()
    }
}
