//! Sliders, drags, colours, fields of text: what edits a value in place.

use super::frame::{Frame, raw};
use core::ffi::CStr;
use dear_imgui_sys as sys;

/// The widest range a slider of the library takes without asserting.
const SLIDER_MAX: f32 = f32::MAX / 2.0;

/// What numbers of a field are measured in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// Nothing.
    #[default]
    None,
    /// Metres.
    Metres,
    /// Degrees.
    Degrees,
    /// Candela.
    Candela,
    /// Lux.
    Lux,
}

/// Formats by unit and number of decimals. Constants, since the library hands them to `printf`.
fn format(unit: Unit, decimals: u8) -> &'static CStr {
    const NONE: [&CStr; 6] = [c"%.0f", c"%.1f", c"%.2f", c"%.3f", c"%.4f", c"%.5f"];
    const METRES: [&CStr; 6] = [c"%.0f m", c"%.1f m", c"%.2f m", c"%.3f m", c"%.4f m", c"%.5f m"];
    const DEGREES: [&CStr; 6] = [c"%.0f°", c"%.1f°", c"%.2f°", c"%.3f°", c"%.4f°", c"%.5f°"];
    const CANDELA: [&CStr; 6] = [c"%.0f cd", c"%.1f cd", c"%.2f cd", c"%.3f cd", c"%.4f cd", c"%.5f cd"];
    const LUX: [&CStr; 6] = [c"%.0f lx", c"%.1f lx", c"%.2f lx", c"%.3f lx", c"%.4f lx", c"%.5f lx"];
    let formats = match unit {
        Unit::None => NONE,
        Unit::Metres => METRES,
        Unit::Degrees => DEGREES,
        Unit::Candela => CANDELA,
        Unit::Lux => LUX,
    };
    formats[usize::from(decimals.min(5))]
}

/// A limit that the library accepts: finite and within half of what the type holds.
fn limit(value: f32) -> f32 {
    if value.is_nan() { 0.0 } else { value.clamp(-SLIDER_MAX, SLIDER_MAX) }
}

impl Frame<'_> {
    pub(crate) fn slider(self, label: &CStr, value: &mut f32, [min, max]: [f32; 2], decimals: u8) -> bool {
        let flags = sys::ImGuiSliderFlags_AlwaysClamp;
        raw!(
            self,
            igSliderFloat(label.as_ptr(), value, limit(min), limit(max), format(Unit::None, decimals).as_ptr(), flags)
        )
    }

    pub(crate) fn slider_int(self, label: &CStr, value: &mut i32, [min, max]: [i32; 2]) -> bool {
        let (min, max) = (min.max(i32::MIN / 2), max.min(i32::MAX / 2));
        let flags = sys::ImGuiSliderFlags_AlwaysClamp;
        raw!(self, igSliderInt(label.as_ptr(), value, min, max, c"%d".as_ptr(), flags))
    }

    /// One to four numbers in a row; `speed` in units per pixel. With `range`, they are kept in it.
    pub(crate) fn drag(
        self,
        label: &CStr,
        values: &mut [f32],
        speed: f32,
        (decimals, unit): (u8, Unit),
        range: Option<[f32; 2]>,
    ) -> bool {
        let count = values.len().min(4) as i32;
        let range = range.map(|range| range.map(limit));
        let [min, max] = match &range {
            Some([min, max]) => [core::ptr::from_ref(min).cast(), core::ptr::from_ref(max).cast()],
            None => [core::ptr::null(); 2],
        };
        raw!(
            self,
            igDragScalarN(
                label.as_ptr(),
                sys::ImGuiDataType_Float,
                values.as_mut_ptr().cast(),
                count,
                speed,
                min,
                max,
                format(unit, decimals).as_ptr(),
                if range.is_some() { sys::ImGuiSliderFlags_AlwaysClamp } else { sys::ImGuiSliderFlags_None },
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
