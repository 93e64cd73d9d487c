//! The render packet: all that a frame shows, lent by the frame arena.

use glam::{Mat4, Vec3};

use crate::camera::Camera;
use crate::handle::{EnvironmentId, MaterialId, MeshId, TargetId, UiTexture};
use crate::instances::Instances;
use crate::light::{Light, Shadow};
use crate::look::{ToneMapping, ViewMode};
use crate::vertex::UiVertex;

/// One frame.
#[derive(Clone, Copy, Debug, Default)]
pub struct RenderPacket<'frame> {
    /// Drawn in this order, each to its target, before the UI.
    pub views: &'frame [View<'frame>],
    /// Drawn to the window; without a window, to the screen image ([`renderer::read_screen`](crate::renderer::read_screen)).
    pub ui: Option<UiPacket<'frame>>,
}

/// One picture of the world. Name what differs from `..View::default()`.
#[derive(Clone, Copy, Debug)]
pub struct View<'frame> {
    /// Where it is drawn; a stale target draws nothing.
    pub target: TargetId,
    /// Where it is seen from.
    pub camera: Camera,
    /// The directional light.
    pub sun: Sun,
    /// Linear colour that the light of the environment is multiplied with.
    pub ambient: [f32; 3],
    /// What is behind.
    pub background: Background,
    /// Whether the plane y = 0 carries a grid.
    pub grid: bool,
    /// What is in it, in any order.
    pub draws: &'frame [Draw],
    /// Lights besides the sun; the first [`LIGHTS_MAX`] shine.
    pub lights: &'frame [Light],
    /// Which light casts a shadow.
    pub shadow: Shadow,
    /// What surrounds the scene; [`EnvironmentId::NONE`] and stale ones are the built-in sky.
    pub environment: EnvironmentId,
    /// Turns the environment around the Y axis, in radians.
    pub environment_turn: f32,
    /// Radiance is multiplied with this before tone mapping.
    pub exposure: f32,
    /// The curve from radiance to the screen.
    pub tone: ToneMapping,
    /// What is shown of each surface.
    pub mode: ViewMode,
    /// Objects kept on the GPU.
    pub instances: Option<&'frame Instances<'frame>>,
    /// Joint matrices that [`Draw::pose`] points into: from the mesh's space at rest to its space posed
    /// (joint's world times inverse bind matrix, with `Draw::world` the identity).
    pub joints: &'frame [Mat4],
    /// Morph weights that [`Draw::pose`] points into.
    pub weights: &'frame [f32],
}

/// How many of a view's lights shine.
pub const LIGHTS_MAX: usize = 64;

impl Default for View<'_> {
    fn default() -> Self {
        View {
            target: TargetId::NONE,
            camera: Camera::default(),
            sun: Sun::default(),
            ambient: [1.0; 3],
            background: Background::Transparent,
            grid: false,
            draws: &[],
            lights: &[],
            shadow: Shadow::Off,
            environment: EnvironmentId::NONE,
            environment_turn: 0.0,
            exposure: 1.0,
            tone: ToneMapping::default(),
            mode: ViewMode::default(),
            instances: None,
            joints: &[],
            weights: &[],
        }
    }
}

/// Light from one direction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sun {
    /// The direction in which the light travels, of any length: (0, -1, 0) shines straight down.
    pub direction: Vec3,
    /// Linear colour.
    pub color: [f32; 3],
    /// A white matt surface that faces the sun is as bright as this.
    pub intensity: f32,
}

impl Default for Sun {
    fn default() -> Self {
        Sun { direction: Vec3::new(-0.45, -1.0, -0.6), color: [1.0, 0.97, 0.92], intensity: 2.2 }
    }
}

/// What is behind everything. Colours are linear with straight alpha.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Background {
    /// One colour.
    Color([f32; 4]),
    /// From the upper to the lower edge of the picture.
    Gradient {
        /// At the upper edge.
        top: [f32; 4],
        /// At the lower edge.
        bottom: [f32; 4],
    },
    /// Nothing: alpha 0.
    Transparent,
    /// The environment, as blurred as a surface of this roughness would mirror it (0 to 1).
    Environment {
        /// How blurred.
        blur: f32,
    },
}

/// One mesh in the world. A stale mesh draws nothing, a stale material is drawn as the visible default.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Draw {
    /// Its triangles.
    pub mesh: MeshId,
    /// Its looks.
    pub material: MaterialId,
    /// From the mesh to the world; affine.
    pub world: Mat4,
    /// What [`ViewMode::Object`] shows it in: sRGB bytes.
    pub object_color: [u8; 4],
    /// How a mesh with a skin or with morph targets is posed; the default leaves it at rest.
    pub pose: Pose,
}

impl Default for Draw {
    fn default() -> Self {
        Draw {
            mesh: MeshId::NONE,
            material: MaterialId::NONE,
            world: Mat4::IDENTITY,
            object_color: [255; 4],
            pose: Pose::default(),
        }
    }
}

/// Stretches of [`View::joints`] and [`View::weights`]. A stretch that reaches past the end poses nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pose {
    /// The first joint matrix.
    pub first_joint: u32,
    /// How many; joints beyond are taken as the last one.
    pub joint_count: u32,
    /// The first weight, for the mesh's first morph target.
    pub first_weight: u32,
    /// How many; targets beyond have weight 0.
    pub weight_count: u32,
}

/// The UI's triangles, as Dear ImGui makes them.
#[derive(Clone, Copy, Debug)]
pub struct UiPacket<'frame> {
    /// Size in the UI's units.
    pub display_size: [f32; 2],
    /// Pixels per unit.
    pub framebuffer_scale: [f32; 2],
    /// All vertices.
    pub vertices: &'frame [UiVertex],
    /// All indices.
    pub indices: &'frame [u16],
    /// Drawn in this order.
    pub commands: &'frame [UiCommand],
    /// Textures to be made, changed or destroyed before drawing.
    pub textures: &'frame [UiTextureUpdate<'frame>],
}

/// One draw of the UI.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UiCommand {
    /// Left, top, right, bottom in the UI's units.
    pub clip: [f32; 4],
    /// What it samples.
    pub texture: UiTexture,
    /// Into [`UiPacket::indices`].
    pub first_index: u32,
    /// How many.
    pub index_count: u32,
    /// Added to each index.
    pub vertex_offset: u32,
}

/// A change to one of the UI's own textures.
#[derive(Clone, Copy, Debug)]
pub struct UiTextureUpdate<'frame> {
    /// The slot, as in [`UiTexture::atlas`].
    pub id: u32,
    /// What happens to it.
    pub kind: UiTextureKind,
    /// sRGB bytes, straight alpha; the rows of the new texture or of the rectangle. Unused for `Destroy`.
    pub rgba: &'frame [u8],
    /// Bytes from one row to the next, a multiple of 4.
    pub row_pitch: u32,
}

/// What happens to a UI texture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UiTextureKind {
    /// It is made, or made anew.
    Create {
        /// Pixels across and down.
        size: [u32; 2],
    },
    /// A rectangle of it changes.
    Update {
        /// Left and top.
        origin: [u32; 2],
        /// Pixels across and down.
        size: [u32; 2],
    },
    /// It goes.
    Destroy,
}
