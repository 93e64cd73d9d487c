//! Sliders, drags, colours, fields of text: what edits a value in place.

use super::frame::{Frame, raw};
use core::ffi::CStr;
use dear_imgui_sys as sys;

/// The widest range a slider of the library takes without asserting.
const SLIDER_MAX: f32 = f32::MAX / 2.0;

/// Formats by number of decimals. Constants, since the library hands them to `printf`.
fn format(decimals: u8) -> &'static CStr {
    match decimals {
        0 => c"%.0f",
        1 => c"%.1f",
        2 => c"%.2f",
        3 => c"%.3f",
        4 => c"%.4f",
        _ => c"%.5f",
    }
}

/// A limit that the library accepts: finite and within half of what the type holds.
fn limit(value: f32) -> f32 {
    if value.is_nan() { 0.0 } else { value.clamp(-SLIDER_MAX, SLIDER_MAX) }
}

impl Frame<'_> {
    pub(crate) fn slider(self, label: &CStr, value: &mut f32, [min, max]: [f32; 2], decimals: u8) -> bool {
        let flags = sys::ImGuiSliderFlags_AlwaysClamp;
        raw!(self, igSliderFloat(label.as_ptr(), value, limit(min), limit(max), format(decimals).as_ptr(), flags))
    }

    pub(crate) fn slider_int(self, label: &CStr, value: &mut i32, [min, max]: [i32; 2]) -> bool {
        let (min, max) = (min.max(i32::MIN / 2), max.min(i32::MAX / 2));
        let flags = sys::ImGuiSliderFlags_AlwaysClamp;
        raw!(self, igSliderInt(label.as_ptr(), value, min, max, c"%d".as_ptr(), flags))
    }

    /// One to four numbers in a row; `speed` in units per pixel.
    pub(crate) fn drag(self, label: &CStr, values: &mut [f32], speed: f32, decimals: u8) -> bool {
        let count = values.len().min(4) as i32;
        raw!(
            self,
            igDragScalarN(
                label.as_ptr(),
                sys::ImGuiDataType_Float,
                values.as_mut_ptr().cast(),
                count,
                speed,
                core::ptr::null(),
                core::ptr::null(),
                format(decimals).as_ptr(),
                sys::ImGuiSliderFlags_None,
            )
        )
    }

    pub(crate) fn color3(self, label: &CStr, value: &mut [f32; 3]) -> bool {
        raw!(self, igColorEdit3(label.as_ptr(), value.as_mut_ptr(), sys::ImGuiColorEditFlags_Float))
    }

    pub(crate) fn color4(self, label: &CStr, value: &mut [f32; 4]) -> bool {
        let flags = sys::ImGuiColorEditFlags_Float | sys::ImGuiColorEditFlags_AlphaBar;
        raw!(self, igColorEdit4(label.as_ptr(), value.as_mut_ptr(), flags))
    }

    /// A field of text. `buffer` is NUL-terminated before and after, at whatever length fits; `true` on Enter.
    pub(crate) fn input_text(self, label: &CStr, hint: &CStr, buffer: &mut [u8]) -> bool {
        let Some(last) = buffer.last_mut() else { return false };
        // the library reads up to the first NUL and never past the end, if there is one
        *last = 0;
        let flags = sys::ImGuiInputTextFlags_EnterReturnsTrue | sys::ImGuiInputTextFlags_AutoSelectAll;
        raw!(
            self,
            igInputTextWithHint(
                label.as_ptr(),
                hint.as_ptr(),
                buffer.as_mut_ptr().cast(),
                buffer.len(),
                flags,
                None,
                core::ptr::null_mut()
            )
        )
    }
}
