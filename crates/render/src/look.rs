//! How a view is shown: tone mapping and view modes.

/// The curve that brings radiance into what a screen can show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ToneMapping {
    /// None: what is above 1 is cut off.
    None,
    /// Khronos PBR Neutral: keeps base colours as they are, compresses highlights only.
    #[default]
    Neutral,
    /// The fit of the ACES reference curve by Stephen Hill.
    Aces,
    /// AgX, the fit by Benjamin Wrensch.
    Agx,
}

/// What is shown of each surface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ViewMode {
    /// Materials and light.
    #[default]
    Shaded,
    /// The edges of triangles, in the base colour.
    Wireframe,
    /// World-space normals, normal maps included: (x, y, z) from -1..1 as red, green, blue.
    Normals,
    /// Texture coordinates as red and green, with a checker of eighths.
    Uv,
    /// How often each pixel is drawn, from dark to bright.
    Overdraw,
    /// [`Draw::object_color`](crate::Draw::object_color), dimly lit: whatever the caller wants to say with it.
    Object,
}
