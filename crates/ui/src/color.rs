//! A colour of the interface.

/// Red, green, blue, alpha; sRGB bytes, alpha straight.
///
/// ```
/// use voltrum_ui::Color;
///
/// let teal = Color::hex(0x2FB8A6);
/// assert_eq!(teal.to_bytes(), [0x2F, 0xB8, 0xA6, 0xFF]);
/// assert_eq!(teal.with_alpha(0.5).to_bytes()[3], 128);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Color([u8; 4]);

impl Color {
    /// Nothing at all.
    pub const TRANSPARENT: Color = Color([0; 4]);
    /// White.
    pub const WHITE: Color = Color([255; 4]);
    /// Black.
    pub const BLACK: Color = Color([0, 0, 0, 255]);

    /// A colour from its four bytes.
    pub const fn new(red: u8, green: u8, blue: u8, alpha: u8) -> Color {
        Color([red, green, blue, alpha])
    }

    /// An opaque colour written as `0xRRGGBB`.
    pub const fn hex(rgb: u32) -> Color {
        Color([(rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8, 255])
    }

    /// The same colour, `alpha` from 0 (invisible) to 1.
    pub const fn with_alpha(self, alpha: f32) -> Color {
        let [red, green, blue, _] = self.0;
        // the cast saturates, and takes what is not a number as 0
        Color([red, green, blue, (alpha * 255.0 + 0.5) as u8])
    }

    /// Its four bytes.
    pub const fn to_bytes(self) -> [u8; 4] {
        self.0
    }

    /// Its four parts, each from 0 to 1.
    pub fn to_floats(self) -> [f32; 4] {
        self.0.map(|part| f32::from(part) / 255.0)
    }

    /// The form of Dear ImGui's vertices: red in the lowest byte.
    pub const fn packed(self) -> u32 {
        u32::from_le_bytes(self.0)
    }
}
