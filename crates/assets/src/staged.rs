//! A loaded scene before anything of it is on the device: plain data in the scene arena, to be handed from the worker to
//! the main thread.
//!
//! # Invariants
//! 1. Every index in here is smaller than the length of the slice it points into.
//! 2. A node's parent stands before it.
//! 3. Nothing here has a destructor; closing the scene is one arena reset.

mod animation;

use std::path::Path;

use glam::Mat4;
use voltrum_render::{BufferUpload, ImageFormat, ImageUpload, IndexKind, LightKind, SamplerDesc, Topology};

use crate::bounds::Bounds;
use crate::image::{ImageInfo, ImageKind};
use crate::image_key::ImageKey;
use crate::stamp::FileStamp;
use crate::surface::Surface;

pub use animation::{Curve, Interpolation, Parts, StagedAnimation, StagedSkin, Track};

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
    /// The light that stands there, by position in `lights`.
    pub light: Option<u32>,
    /// The skin that carries its mesh, by position in `skins`.
    pub skin: Option<u32>,
    /// The weights of its mesh's morph targets at rest; empty where it has none.
    pub weights: &'s [f32],
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
    /// How many there are: three per triangle of a list.
    pub count: u32,
}

/// Points, lines or triangles with one material. Its vertices are [`voltrum_render::Vertex`] values.
#[derive(Clone, Copy, Debug, Default)]
pub struct StagedPrimitive<B = BufferUpload> {
    /// Where the vertices are.
    pub vertices: B,
    /// How many there are.
    pub vertex_count: u32,
    /// What its vertices make: [`Topology::Points`], `Lines`, `LineStrip` or `Triangles`; strips and fans of triangles
    /// have become lists.
    pub topology: Topology,
    /// The indices; without them vertices are taken in order.
    pub indices: Option<StagedIndices<B>>,
    /// How its vertices follow joints: one [`voltrum_render::SkinVertex`] each.
    pub skin: Option<B>,
    /// What its morph targets add: [`voltrum_render::MorphDelta`]s target by target, and how many targets there are.
    pub morphs: Option<(B, u32)>,
    /// Its material, by position in `materials`; without one it is white and rough.
    pub material: Option<u32>,
    /// Around its vertices.
    pub bounds: Bounds,
    /// How many triangles it has. Those that its mesh keeps stand behind the ones of the primitives before it.
    pub triangle_count: u32,
}

/// A material.
#[derive(Clone, Copy, Debug)]
pub struct StagedMaterial<'s> {
    /// Its name, or empty.
    pub name: &'s str,
    /// How it looks; textures are positions in `textures`.
    pub surface: Surface<u32>,
}

/// What a primitive wears in one of the file's variants (KHR_materials_variants).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StagedVariant {
    /// The primitive, by position in `primitives`; they rise.
    pub primitive: u32,
    /// The variant, by position in `variants`.
    pub variant: u32,
    /// The material, by position in `materials`.
    pub material: u32,
}

/// A light; it stands where the nodes that refer to it are, and shines along their -Z.
#[derive(Clone, Copy, Debug)]
pub struct StagedLight<'s> {
    /// Its name, or empty.
    pub name: &'s str,
    /// How it shines.
    pub kind: LightKind,
    /// Linear colour.
    pub color: [f32; 3],
    /// In lux (directional) or candela.
    pub intensity: f32,
    /// Beyond this distance it lights nothing; 0 for no end.
    pub range: f32,
}

impl Default for StagedLight<'_> {
    fn default() -> Self {
        Self { name: "", kind: LightKind::Point, color: [1.0; 3], intensity: 1.0, range: 0.0 }
    }
}

/// An image and how it is sampled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StagedTexture {
    /// The image, by position in `images`.
    pub image: u32,
    /// How it is sampled.
    pub sampler: SamplerDesc,
}

/// Where an image's pixels are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pixels<I = ImageUpload> {
    /// In upload memory.
    Upload(I),
    /// With an image that was there before, by the number that [`Loading::known`](crate::Loading::known) gave.
    Shared(u32),
}

/// A decoded image.
#[derive(Clone, Copy, Debug)]
pub struct StagedImage<'s, I = ImageUpload> {
    /// Its name or file, or empty.
    pub name: &'s str,
    /// The format of its file.
    pub kind: ImageKind,
    /// Width and height in pixels.
    pub size: [u32; 2],
    /// What its pixels are.
    pub format: ImageFormat,
    /// How many mip levels the file has; with 1 the device makes the others.
    pub levels: u32,
    /// Where its pixels are.
    pub pixels: Pixels<I>,
    /// Which image it is; `None` where no other file can have it.
    pub key: Option<ImageKey<&'s Path>>,
}

impl<I: Copy> StagedImage<'_, I> {
    /// What its file says of it.
    pub fn info(&self) -> ImageInfo {
        ImageInfo { kind: self.kind, size: self.size, format: self.format, levels: self.levels }
    }

    /// Its pixels, unless they are another's.
    pub fn upload(&self) -> Option<I> {
        match self.pixels {
            Pixels::Upload(upload) => Some(upload),
            Pixels::Shared(_) => None,
        }
    }
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
    /// Bytes of its images' pixels, decoded or shared.
    pub image_bytes: u64,
    /// Animations in the file.
    pub animations: u32,
    /// Skins in the file.
    pub skins: u32,
}

/// A file that a scene was made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StagedSource<'s> {
    /// Its name from the document's folder; empty for the document itself.
    pub name: &'s str,
    /// What it was like before it was read.
    pub stamp: FileStamp,
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
    /// The lights.
    pub lights: &'s [StagedLight<'s>],
    /// The skins.
    pub skins: &'s [StagedSkin<'s>],
    /// The animations.
    pub animations: &'s [StagedAnimation<'s>],
    /// The names of the file's variants.
    pub variants: &'s [&'s str],
    /// What primitives wear in which variant, by primitive.
    pub variant_materials: &'s [StagedVariant],
    /// The names of all scenes of the file.
    pub scenes: &'s [&'s str],
    /// Which of them this is; `None` where the file has none and everything is shown.
    pub scene: Option<u32>,
    /// The files that it was made of, the document first.
    pub sources: &'s [StagedSource<'s>],
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
        lights: &[],
        skins: &[],
        animations: &[],
        variants: &[],
        variant_materials: &[],
        scenes: &[],
        scene: None,
        sources: &[],
        bounds: Bounds::EMPTY,
        notes: &[],
        counts: StagedCounts { triangles: 0, vertices: 0, geometry_bytes: 0, image_bytes: 0, animations: 0, skins: 0 },
    };
}

impl<I, B> StagedScene<'_, I, B> {
    /// What a primitive wears in a variant, by position in `materials`; its own material where the variant says nothing.
    pub fn material_in(&self, primitive: u32, variant: u32) -> Option<u32> {
        let first = self.variant_materials.partition_point(|row| row.primitive < primitive);
        let rows = self.variant_materials.get(first..).unwrap_or_default();
        let row = rows.iter().take_while(|row| row.primitive == primitive).find(|row| row.variant == variant);
        let own = self.primitives.get(primitive as usize).and_then(|primitive| primitive.material);
        row.map(|row| row.material).or(own)
    }
}
