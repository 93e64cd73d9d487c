//! Vertices as the GPU reads them.

use bytemuck::{Pod, Zeroable};

/// A vertex of a mesh; 36 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub struct Vertex {
    /// In the mesh's space.
    pub position: [f32; 3],
    /// Unit length; all zeros asks for flat shading.
    pub normal: [f32; 3],
    /// Texture coordinates, (0, 0) at the image's upper left as in glTF.
    pub uv: [f32; 2],
    /// Linear RGBA, 255 is 1; multiplied with the base colour.
    pub color: [u8; 4],
}

impl Default for Vertex {
    fn default() -> Self {
        Vertex { position: [0.0; 3], normal: [0.0; 3], uv: [0.0; 2], color: [255; 4] }
    }
}

/// A vertex of the UI, laid out as Dear ImGui's `ImDrawVert`; 20 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub struct UiVertex {
    /// In the UI's units, Y down.
    pub position: [f32; 2],
    /// Texture coordinates.
    pub uv: [f32; 2],
    /// sRGB bytes, red in the lowest.
    pub color: u32,
}

/// The box around a mesh, in its own space.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// The least corner.
    pub min: [f32; 3],
    /// The greatest corner.
    pub max: [f32; 3],
}

impl Bounds {
    /// A box that nothing is outside of: such a mesh is never culled.
    pub const EVERYTHING: Bounds = Bounds { min: [f32::NEG_INFINITY; 3], max: [f32::INFINITY; 3] };

    /// The box around some points; [`Bounds::EVERYTHING`] for none.
    pub fn around(points: impl IntoIterator<Item = [f32; 3]>) -> Bounds {
        let mut bounds = Bounds { min: [f32::INFINITY; 3], max: [f32::NEG_INFINITY; 3] };
        for point in points {
            for (axis, at) in point.into_iter().enumerate() {
                bounds.min[axis] = bounds.min[axis].min(at);
                bounds.max[axis] = bounds.max[axis].max(at);
            }
        }
        if bounds.min[0] > bounds.max[0] { Bounds::EVERYTHING } else { bounds }
    }

    pub(crate) fn is_finite(&self) -> bool {
        self.min.iter().chain(&self.max).all(|value| value.is_finite())
    }
}
