//! Skins, morph targets and animations of a loaded scene: numbers in the scene arena, to be evaluated by
//! [`animation`](crate::animation).
//!
//! # Invariants
//! 1. A curve's times rise strictly and are finite, and there is at least one.
//! 2. A curve has `lanes` values per time, three times as many where it is cubic; all are finite.
//! 3. A skin has one inverse matrix per joint.

use glam::{Mat4, Quat, Vec3};

/// A node's place, in parts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parts {
    /// Added last.
    pub translation: Vec3,
    /// Of length 1.
    pub rotation: Quat,
    /// Multiplied first.
    pub scale: Vec3,
}

impl Parts {
    /// At the origin, not turned, as large as it is.
    pub const IDENTITY: Self = Self { translation: Vec3::ZERO, rotation: Quat::IDENTITY, scale: Vec3::ONE };

    /// The parts of an affine matrix; what can't be told apart (shear) is lost.
    pub fn from_matrix(matrix: &Mat4) -> Self {
        let (scale, rotation, translation) = matrix.to_scale_rotation_translation();
        let scale = if scale.is_finite() { scale } else { Vec3::ONE };
        let rotation = if rotation.is_finite() { rotation } else { Quat::IDENTITY };
        Self { translation, rotation, scale }
    }

    /// The matrix that they make.
    pub fn matrix(&self) -> Mat4 {
        Mat4::from_scale_rotation_translation(self.scale, self.rotation, self.translation)
    }
}

impl Default for Parts {
    fn default() -> Self {
        Self::IDENTITY
    }
}

/// Bones that carry a mesh.
#[derive(Clone, Copy, Debug, Default)]
pub struct StagedSkin<'s> {
    /// Its name, or empty.
    pub name: &'s str,
    /// The joints, by position in `nodes`; `None` for one that the scene doesn't show, which stays at rest.
    pub joints: &'s [Option<u32>],
    /// From the mesh's coordinates to each joint's, at rest.
    pub inverse_bind: &'s [Mat4],
}

/// How values follow each other between two times (glTF 2.0, appendix C).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Interpolation {
    /// The earlier value stays.
    Step,
    /// In a straight line; rotations along the shorter great circle.
    #[default]
    Linear,
    /// Along a cubic spline: each time has an in-tangent, a value and an out-tangent.
    Cubic,
}

/// Numbers over time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Curve<'s> {
    /// How values follow each other.
    pub interpolation: Interpolation,
    /// Seconds.
    pub times: &'s [f32],
    /// `lanes` per time, three times as many where the curve is cubic.
    pub values: &'s [f32],
    /// How many numbers it gives at each time.
    pub lanes: u32,
}

/// What an animation does to one node.
#[derive(Clone, Copy, Debug, Default)]
pub struct Track<'s> {
    /// The node, by position in `nodes`.
    pub node: u32,
    /// Where the node is without the animation.
    pub rest: Parts,
    /// Three lanes.
    pub translation: Option<Curve<'s>>,
    /// Four lanes: x, y, z, w.
    pub rotation: Option<Curve<'s>>,
    /// Three lanes.
    pub scale: Option<Curve<'s>>,
    /// One lane per morph target of the node's mesh.
    pub weights: Option<Curve<'s>>,
}

/// An animation.
#[derive(Clone, Copy, Debug, Default)]
pub struct StagedAnimation<'s> {
    /// Its name, or empty.
    pub name: &'s str,
    /// The last time of its curves, in seconds.
    pub duration_secs: f32,
    /// One per node that it moves.
    pub tracks: &'s [Track<'s>],
}
