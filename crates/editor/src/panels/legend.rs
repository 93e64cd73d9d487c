//! The legend of memory by object: what the colours stand for, and what the object under the pointer holds.

use crate::look::{Held, Holdings, SCALE};
use voltrum::memory::Bytes;
use voltrum::ui::{Area, Color, Ui};

/// Measures at scale 1.
const BAR: [f32; 2] = [180.0, 10.0];
const MARGIN: f32 = 12.0;

/// Draws it in the picture's upper right corner.
pub(super) fn draw(ui: Ui<'_>, area: &Area, holdings: &Holdings<'_>) {
    let scale = ui.scale();
    let [width, height] = BAR.map(|side| side * scale);
    let (gap, line) = (6.0 * scale, ui.line_height());
    let right = area.min[0] + area.size[0] - MARGIN * scale;
    let (left, top) = (right - width, area.min[1] + MARGIN * scale);
    let min = [left - gap, top - gap];
    let max = [right + gap, top + 2.0 * line + height + gap];
    ui.draw().rect_filled(min, max, ui.theme().panel.with_alpha(0.85), 4.0 * scale);
    ui.draw().text([left, top], ui.theme().text, "GPU memory by object");
    let (y, step) = (top + line, width / SCALE.len() as f32);
    for (at, [red, green, blue]) in SCALE.into_iter().enumerate() {
        let from = left + step * at as f32;
        let color = Color::new(red, green, blue, u8::MAX);
        ui.draw().rect_filled([from, y], [from + step, y + height], color, 0.0);
    }
    let [least, most] = holdings.range().map(shown);
    let below = y + height;
    ui.draw().text([left, below], ui.theme().text_dim, least);
    ui.draw().text([right - ui.text_size(most)[0], below], ui.theme().text_dim, most);
}

/// What an object holds, at the pointer.
pub(super) fn told(ui: Ui<'_>, name: &str, held: Held) {
    ui.tooltip_now(|| {
        ui.text_str(if name.is_empty() { "unnamed" } else { name });
        ui.text(shown(held.bytes()));
        ui.text_dim(format_args!("meshes {}", shown(held.meshes)));
        ui.text_dim(format_args!("textures {}", shown(held.textures)));
    });
}

pub(super) fn shown(bytes: u64) -> Bytes {
    Bytes(usize::try_from(bytes).unwrap_or(usize::MAX))
}
