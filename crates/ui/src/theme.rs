//! The look of the interface: a handful of colours and measures, from which the whole style is made.

use crate::Color;

/// Colours and measures of the interface. Measures are in pixels at scale 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Theme {
    /// Behind everything, and the bars along the edges.
    pub background: Color,
    /// Windows and panels.
    pub panel: Color,
    /// Menus, tooltips, pop-ups.
    pub popup: Color,
    /// Fields that hold a value.
    pub frame: Color,
    /// Such a field under the pointer; buttons at rest.
    pub frame_hovered: Color,
    /// Such a field while it is held.
    pub frame_active: Color,
    /// Lines between things.
    pub border: Color,
    /// Text.
    pub text: Color,
    /// Text that is less important, or disabled.
    pub text_dim: Color,
    /// What is selected, checked, being dragged.
    pub accent: Color,
    /// The same, where it covers an area.
    pub accent_dim: Color,
    /// Good news.
    pub success: Color,
    /// What deserves attention.
    pub warning: Color,
    /// What went wrong.
    pub danger: Color,
    /// Height of a line of text.
    pub font_size: f32,
    /// Radius of corners.
    pub rounding: f32,
}

impl Theme {
    /// The framework's own: dark slate, one cyan accent, contrast of text to panel above 11 to 1.
    pub const DARK: Theme = Theme {
        background: Color::hex(0x15171B),
        panel: Color::hex(0x1D2026),
        popup: Color::hex(0x242830),
        frame: Color::hex(0x282D36),
        frame_hovered: Color::hex(0x323844),
        frame_active: Color::hex(0x3E4654),
        border: Color::hex(0x343A45),
        text: Color::hex(0xE2E6EC),
        text_dim: Color::hex(0x8D96A5),
        accent: Color::hex(0x35B5E0),
        accent_dim: Color::hex(0x1F6F8C),
        success: Color::hex(0x6CC779),
        warning: Color::hex(0xE8B04A),
        danger: Color::hex(0xEB6464),
        font_size: 14.0,
        rounding: 4.0,
    };

    /// The same by day: paper and slate, contrast of text to panel above 11 to 1.
    pub const LIGHT: Theme = Theme {
        background: Color::hex(0xD5DAE1),
        panel: Color::hex(0xF1F3F6),
        popup: Color::hex(0xFBFCFD),
        frame: Color::hex(0xE0E4EA),
        frame_hovered: Color::hex(0xD2D8E0),
        frame_active: Color::hex(0xBEC6D1),
        border: Color::hex(0xC3CAD4),
        text: Color::hex(0x1F2530),
        text_dim: Color::hex(0x5C6675),
        accent: Color::hex(0x0B7FAB),
        accent_dim: Color::hex(0x8CCBE2),
        success: Color::hex(0x2C7A3B),
        warning: Color::hex(0x996000),
        danger: Color::hex(0xB92C2C),
        ..Theme::DARK
    };

    /// Eight colours that are easy to tell apart on either theme, for the parts of a bar or a chart; text is readable on
    /// each.
    pub const SERIES: [Color; 8] = [
        Color::hex(0x2B8DB3),
        Color::hex(0xB0812F),
        Color::hex(0x4C955A),
        Color::hex(0x8D62B3),
        Color::hex(0xB45050),
        Color::hex(0x4867B8),
        Color::hex(0xAF5F88),
        Color::hex(0x76834E),
    ];
}

impl Default for Theme {
    fn default() -> Theme {
        Theme::DARK
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Web Content Accessibility Guidelines 2.2, relative luminance and contrast ratio.
    fn contrast(one: Color, other: Color) -> f32 {
        let luminance = |color: Color| {
            let [red, green, blue, _] = color
                .to_floats()
                .map(|part| if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) });
            0.2126 * red + 0.7152 * green + 0.0722 * blue
        };
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn text_is_readable_on_whatever_it_stands_on() {
        for theme in [Theme::DARK, Theme::LIGHT] {
            assert!(contrast(theme.text, theme.panel) > 11.0);
            for ground in [theme.background, theme.popup, theme.frame, theme.frame_hovered] {
                assert!(contrast(theme.text, ground) > 7.0);
            }
            for said in [theme.text_dim, theme.accent, theme.success, theme.warning, theme.danger] {
                assert!(contrast(said, theme.panel) > 4.0, "{said:?} {}", contrast(said, theme.panel));
            }
            // what is chosen is written on it
            assert!(contrast(theme.text, theme.accent_dim) > 4.5);
        }
    }
}
