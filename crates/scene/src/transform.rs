//! Where an entity stands relative to its parent.

use glam::{Mat4, Quat, Vec3};

/// Largest difference between a matrix and its parts put together again, relative to its largest element.
const PARTS_TOLERANCE: f32 = 1e-4;

/// A translation after a rotation after a scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transform {
    /// Metres.
    pub translation: Vec3,
    /// Of unit length.
    pub rotation: Quat,
    /// Per axis.
    pub scale: Vec3,
}

impl Transform {
    /// Stays where it is.
    pub const IDENTITY: Transform = Transform { translation: Vec3::ZERO, rotation: Quat::IDENTITY, scale: Vec3::ONE };

    /// A shift.
    pub const fn at(translation: Vec3) -> Transform {
        Transform { translation, ..Transform::IDENTITY }
    }

    /// The matrix that does the same to a column vector.
    pub fn matrix(&self) -> Mat4 {
        Mat4::from_scale_rotation_translation(self.scale, self.rotation, self.translation)
    }
}

impl Default for Transform {
    fn default() -> Self {
        Transform::IDENTITY
    }
}

/// From an entity's own coordinates to its parent's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Local {
    /// In parts, as people edit it.
    Parts(Transform),
    /// A matrix that no parts make up: it shears or flattens.
    Matrix(Mat4),
}

impl Local {
    /// In parts where they make up the matrix (up to rounding), else the matrix itself.
    pub fn from_matrix(matrix: Mat4) -> Local {
        let (scale, rotation, translation) = matrix.to_scale_rotation_translation();
        let parts = Transform { translation, rotation, scale };
        let largest = matrix.to_cols_array().iter().fold(1.0f32, |largest, element| largest.max(element.abs()));
        // not finite where the matrix flattens an axis; never equal then
        if parts.matrix().abs_diff_eq(matrix, largest * PARTS_TOLERANCE) {
            Local::Parts(parts)
        } else {
            Local::Matrix(matrix)
        }
    }

    /// The matrix.
    pub fn matrix(&self) -> Mat4 {
        match self {
            Local::Parts(parts) => parts.matrix(),
            Local::Matrix(matrix) => *matrix,
        }
    }
}

impl Default for Local {
    fn default() -> Self {
        Local::Parts(Transform::IDENTITY)
    }
}

impl From<Transform> for Local {
    fn from(parts: Transform) -> Self {
        Local::Parts(parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_with_parts_is_taken_apart() {
        let parts = Transform {
            translation: Vec3::new(1.0, 2.0, 3.0),
            rotation: Quat::from_rotation_y(0.7),
            scale: Vec3::splat(2.0),
        };
        let Local::Parts(found) = Local::from_matrix(parts.matrix()) else { panic!("no parts") };
        assert!(found.matrix().abs_diff_eq(parts.matrix(), 1e-5));
    }

    #[test]
    fn what_shears_or_flattens_stays_a_matrix() {
        let mut shear = Mat4::IDENTITY;
        shear.y_axis.x = 0.5;
        assert_eq!(Local::from_matrix(shear), Local::Matrix(shear));
        let flat = Mat4::from_scale(Vec3::new(1.0, 0.0, 1.0));
        assert_eq!(Local::from_matrix(flat).matrix(), flat);
    }
}
