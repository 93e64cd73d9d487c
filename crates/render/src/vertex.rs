//! Vertices as the GPU reads them.

use bytemuck::{Pod, Zeroable};

/// A vertex of a mesh; 52 bytes.
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
    /// MikkTSpace tangent and handedness, packed by [`Vertex::pack_tangent`]. All zeros: the shader makes its own
    /// from the derivatives of the texture coordinates.
    pub tangent: [i16; 4],
    /// The second set of texture coordinates.
    pub uv1: [f32; 2],
}

impl Default for Vertex {
    fn default() -> Self {
        let zero = [0.0; 2];
        Vertex { position: [0.0; 3], normal: [0.0; 3], uv: zero, color: [255; 4], tangent: [0; 4], uv1: zero }
    }
}

impl Vertex {
    /// Packs a unit tangent and its handedness (+1 or -1) as glTF has them.
    ///
    /// ```
    /// # use voltrum_render::Vertex;
    /// assert_eq!(Vertex::pack_tangent([1.0, 0.0, 0.0, -1.0]), [32767, 0, 0, -32767]);
    /// ```
    pub fn pack_tangent(tangent: [f32; 4]) -> [i16; 4] {
        tangent.map(|part| (part.clamp(-1.0, 1.0) * 32767.0).round() as i16)
    }
}

/// How a vertex follows the joints of a skin; 16 bytes. As many as there are vertices, in a buffer of their own.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pod, Zeroable)]
pub struct SkinVertex {
    /// Which joints, as indices into the joint matrices of the draw.
    pub joints: [u16; 4],
    /// How much each counts; 65535 is 1. They should add up to 65535.
    pub weights: [u16; 4],
}

/// What a morph target adds to a vertex at weight 1; 36 bytes. The buffer holds the deltas of all vertices for the
/// first target, then for the second, and so on.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Pod, Zeroable)]
pub struct MorphDelta {
    /// To the position.
    pub position: [f32; 3],
    /// To the normal.
    pub normal: [f32; 3],
    /// To the tangent, without its handedness.
    pub tangent: [f32; 3],
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
