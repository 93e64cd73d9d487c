//! A loaded scene before anything of it is on the device: plain data in the scene arena, to be handed from the worker to
//! the main thread.
//!
//! # Invariants
//! 1. Every index in here is smaller than the length of the slice it points into.
//! 2. A node's parent stands before it.
//! 3. Nothing here has a destructor; closing the scene is one arena reset.

use glam::{Mat4, Vec3};
use voltrum_render::{AlphaMode, BufferUpload, ImageUpload, IndexKind, SamplerDesc};

/// A box around things, in the coordinates of whoever holds it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// The corner with the smallest coordinates.
    pub min: Vec3,
    /// The corner with the largest.
    pub max: Vec3,
}

impl Bounds {
    /// Around nothing: any point that is added becomes both corners.
    pub const EMPTY: Self = Self { min: Vec3::INFINITY, max: Vec3::NEG_INFINITY };

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.min.cmpgt(self.max).any()
    }

    /// The box that also holds `point`.
    #[must_use]
    pub fn with_point(self, point: Vec3) -> Self {
        Self { min: self.min.min(point), max: self.max.max(point) }
    }

    /// The box that also holds `other`.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self { min: self.min.min(other.min), max: self.max.max(other.max) }
    }

    /// The box around this one after `transform`.
    #[must_use]
    pub fn transformed(self, transform: &Mat4) -> Self {
        if self.is_empty() {
            return self;
        }
        let [min, max] = [self.min, self.max];
        let mut out = Self::EMPTY;
        for corner in 0..8_u32 {
            let pick = |axis: u32, min: f32, max: f32| if corner >> axis & 1 == 0 { min } else { max };
            out = out.with_point(transform.transform_point3(Vec3::new(
                pick(0, min.x, max.x),
                pick(1, min.y, max.y),
                pick(2, min.z, max.z),
            )));
        }
        out
    }

    /// Its middle; the origin when there is nothing in it.
    pub fn center(&self) -> Vec3 {
        if self.is_empty() {
            return Vec3::ZERO;
        }
        self.min * 0.5 + self.max * 0.5
    }

    /// Half its diagonal: the radius of a sphere around it.
    pub fn radius(&self) -> f32 {
        if self.is_empty() {
            return 0.0;
        }
        (self.max - self.min).length() * 0.5
    }
}

impl Default for Bounds {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl From<Bounds> for voltrum_render::Bounds {
    fn from(bounds: Bounds) -> Self {
        if bounds.is_empty() {
            return Self::EVERYTHING;
        }
        Self { min: bounds.min.to_array(), max: bounds.max.to_array() }
    }
}

/// A place in the hierarchy.
#[derive(Clone, Copy, Debug, Default)]
pub struct StagedNode<'s> {
    /// Its name, or empty.
    pub name: &'s str,
    /// Its parent, by position in `nodes`.
    pub parent: Option<u32>,
    /// From its own coordinates to its parent's.
    pub local: Mat4,
    /// What is drawn there, by position in `meshes`.
    pub mesh: Option<u32>,
    /// The camera that stands there, by position in `cameras`.
    pub camera: Option<u32>,
}

/// Primitives that are drawn together.
#[derive(Clone, Copy, Debug, Default)]
pub struct StagedMesh<'s> {
    /// Its name, or empty.
    pub name: &'s str,
    /// Its first primitive, by position in `primitives`.
    pub first_primitive: u32,
    /// How many it has; 0 when nothing of it can be drawn.
    pub primitive_count: u32,
    /// Around its vertices, in its own coordinates.
    pub bounds: Bounds,
    /// The vertices of all its triangles at rest, for picking; empty where they were too many to keep
    /// ([`LoadLimits::picking_bytes_max`](crate::LoadLimits::picking_bytes_max)).
    pub positions: &'s [[f32; 3]],
    /// Its triangles, as positions in `positions`, primitive after primitive.
    pub triangles: &'s [[u32; 3]],
}

impl StagedMesh<'_> {
    /// Its primitives, as a range of positions.
    pub fn primitives(&self) -> core::ops::Range<usize> {
        let first = self.first_primitive as usize;
        first..first + self.primitive_count as usize
    }
}

/// Indices of a primitive.
#[derive(Clone, Copy, Debug)]
pub struct StagedIndices<B = BufferUpload> {
    /// Where they are.
    pub upload: B,
    /// How wide each is.
    pub kind: IndexKind,
    /// How many there are: three per triangle.
    pub count: u32,
}

/// A list of triangles with one material. Its vertices are [`voltrum_render::Vertex`] values.
#[derive(Clone, Copy, Debug, Default)]
pub struct StagedPrimitive<B = BufferUpload> {
    /// Where the vertices are.
    pub vertices: B,
    /// How many there are.
    pub vertex_count: u32,
    /// The indices; without them three vertices after each other make a triangle.
    pub indices: Option<StagedIndices<B>>,
    /// Its material, by position in `materials`; without one it is white and rough.
    pub material: Option<u32>,
    /// Around its vertices.
    pub bounds: Bounds,
    /// How many triangles it has. Those that its mesh keeps stand behind the ones of the primitives before it.
    pub triangle_count: u32,
}

/// How a surface looks.
#[derive(Clone, Copy, Debug)]
pub struct StagedMaterial<'s> {
    /// Its name, or empty.
    pub name: &'s str,
    /// Linear colour and opacity; multiplied with the texture.
    pub base_color: [f32; 4],
    /// The base colour's texture, by position in `textures`.
    pub texture: Option<u32>,
    /// From 0 to 1.
    pub metallic: f32,
    /// From 0 to 1.
    pub roughness: f32,
    /// What opacity means.
    pub alpha: AlphaMode,
    /// Whether its back is drawn, too.
    pub double_sided: bool,
    /// Whether the file wants it without light.
    pub unlit: bool,
}

/// An image and how it is sampled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StagedTexture {
    /// The image, by position in `images`.
    pub image: u32,
    /// How it is sampled.
    pub sampler: SamplerDesc,
}

/// A decoded image.
#[derive(Clone, Copy, Debug)]
pub struct StagedImage<'s, I = ImageUpload> {
    /// Its name or file, or empty.
    pub name: &'s str,
    /// Width and height in pixels.
    pub size: [u32; 2],
    /// Where its pixels are: RGBA, 8 bits each, sRGB.
    pub upload: I,
}

/// What a camera sees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Lens {
    /// Far things are small.
    Perspective {
        /// The vertical field of view in radians.
        fov_y: f32,
        /// Width over height, when the file fixes it.
        aspect: Option<f32>,
        /// Distance of the near plane.
        near: f32,
        /// Distance of the far plane; without one it is infinitely far.
        far: Option<f32>,
    },
    /// Far things are as large as near ones.
    Orthographic {
        /// Half the width of what it sees.
        half_width: f32,
        /// Half the height of what it sees.
        half_height: f32,
        /// Distance of the near plane.
        near: f32,
        /// Distance of the far plane.
        far: f32,
    },
}

/// A camera; it stands where the nodes that refer to it are, and looks down their -Z.
#[derive(Clone, Copy, Debug)]
pub struct StagedCamera<'s> {
    /// Its name, or empty.
    pub name: &'s str,
    /// What it sees.
    pub lens: Lens,
}

/// What a file holds that is not in the slices, for `info` and for people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StagedCounts {
    /// Triangles of all primitives.
    pub triangles: u64,
    /// Vertices of all primitives.
    pub vertices: u64,
    /// Bytes of vertices and indices.
    pub geometry_bytes: u64,
    /// Bytes of decoded pixels.
    pub image_bytes: u64,
    /// Animations in the file, which are not played.
    pub animations: u32,
    /// Skins in the file, which are shown at rest.
    pub skins: u32,
}

/// A loaded scene.
#[derive(Clone, Copy, Debug)]
pub struct StagedScene<'s, I = ImageUpload, B = BufferUpload> {
    /// The scene's name, or empty.
    pub name: &'s str,
    /// The program that wrote the file, or empty.
    pub generator: &'s str,
    /// The hierarchy, parents first.
    pub nodes: &'s [StagedNode<'s>],
    /// The meshes.
    pub meshes: &'s [StagedMesh<'s>],
    /// The primitives of all meshes.
    pub primitives: &'s [StagedPrimitive<B>],
    /// The materials.
    pub materials: &'s [StagedMaterial<'s>],
    /// The textures that the materials use.
    pub textures: &'s [StagedTexture],
    /// The images that the textures use.
    pub images: &'s [StagedImage<'s, I>],
    /// The cameras.
    pub cameras: &'s [StagedCamera<'s>],
    /// Around everything, in the scene's coordinates.
    pub bounds: Bounds,
    /// What was left out or repaired, for the user.
    pub notes: &'s [&'s str],
    /// How much there is of what.
    pub counts: StagedCounts,
}

impl<I, B> StagedScene<'_, I, B> {
    /// A scene with nothing in it.
    pub const EMPTY: Self = Self {
        name: "",
        generator: "",
        nodes: &[],
        meshes: &[],
        primitives: &[],
        materials: &[],
        textures: &[],
        images: &[],
        cameras: &[],
        bounds: Bounds::EMPTY,
        notes: &[],
        counts: StagedCounts { triangles: 0, vertices: 0, geometry_bytes: 0, image_bytes: 0, animations: 0, skins: 0 },
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_grow_and_turn() {
        assert!(Bounds::EMPTY.is_empty());
        let bounds = Bounds::EMPTY.with_point(Vec3::ZERO).with_point(Vec3::new(2.0, 0.0, 0.0));
        let turned = bounds.transformed(&Mat4::from_rotation_z(core::f32::consts::FRAC_PI_2));
        assert!((turned.max - Vec3::new(0.0, 2.0, 0.0)).length() < 1e-6);
        assert_eq!((bounds.center(), bounds.radius()), (Vec3::X, 1.0));
    }

    #[test]
    fn empty_bounds_stay_empty_wherever_they_go() {
        assert!(Bounds::EMPTY.transformed(&Mat4::from_translation(Vec3::ONE)).is_empty());
        assert_eq!(Bounds::EMPTY.center(), Vec3::ZERO);
    }
}
