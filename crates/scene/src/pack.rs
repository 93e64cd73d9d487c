//! Transforms as scenes store them: 40 bytes of parts, 48 of a world matrix.

use glam::{Mat4, Quat, Vec3};

use crate::transform::Transform;

/// A [`Transform`] without the gaps that aligned types have: what [`locals`](crate::locals) is a slice of.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct PackedTransform {
    /// Metres.
    pub translation: [f32; 3],
    /// x, y, z, w; of unit length.
    pub rotation: [f32; 4],
    /// Per axis.
    pub scale: [f32; 3],
}

const _: () = assert!(size_of::<PackedTransform>() == 40 && size_of::<Affine>() == 48);

impl PackedTransform {
    /// Stays where it is.
    pub const IDENTITY: PackedTransform =
        PackedTransform { translation: [0.0; 3], rotation: [0.0, 0.0, 0.0, 1.0], scale: [1.0; 3] };

    /// As types to calculate with.
    #[inline]
    pub fn unpack(&self) -> Transform {
        Transform {
            translation: Vec3::from_array(self.translation),
            rotation: Quat::from_array(self.rotation),
            scale: Vec3::from_array(self.scale),
        }
    }

    /// The matrix that does the same.
    #[inline]
    pub fn affine(&self) -> Affine {
        let [x, y, z, w] = self.rotation;
        let [sx, sy, sz] = self.scale;
        let (x2, y2, z2) = (x + x, y + y, z + z);
        let (xx, xy, xz) = (x * x2, x * y2, x * z2);
        let (yy, yz, zz) = (y * y2, y * z2, z * z2);
        let (wx, wy, wz) = (w * x2, w * y2, w * z2);
        Affine {
            x_axis: [(1.0 - (yy + zz)) * sx, (xy + wz) * sx, (xz - wy) * sx],
            y_axis: [(xy - wz) * sy, (1.0 - (xx + zz)) * sy, (yz + wx) * sy],
            z_axis: [(xz + wy) * sz, (yz - wx) * sz, (1.0 - (xx + yy)) * sz],
            translation: self.translation,
        }
    }

    pub(crate) fn words(&self) -> [u32; 10] {
        let ([a, b, c], [d, e, f, g], [h, i, j]) = (self.translation, self.rotation, self.scale);
        [a, b, c, d, e, f, g, h, i, j].map(f32::to_bits)
    }

    pub(crate) fn from_words(words: [u32; 10]) -> PackedTransform {
        let [a, b, c, d, e, f, g, h, i, j] = words.map(f32::from_bits);
        PackedTransform { translation: [a, b, c], rotation: [d, e, f, g], scale: [h, i, j] }
    }
}

impl From<Transform> for PackedTransform {
    #[inline]
    fn from(parts: Transform) -> Self {
        PackedTransform {
            translation: parts.translation.to_array(),
            rotation: parts.rotation.to_array(),
            scale: parts.scale.to_array(),
        }
    }
}

/// A matrix without its last row, which is 0, 0, 0, 1 in every transform of a scene.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct Affine {
    /// Where the first axis goes.
    pub x_axis: [f32; 3],
    /// Where the second axis goes.
    pub y_axis: [f32; 3],
    /// Where the third axis goes.
    pub z_axis: [f32; 3],
    /// Where the origin goes, in metres.
    pub translation: [f32; 3],
}

impl Affine {
    /// Stays where it is.
    pub const IDENTITY: Affine =
        Affine { x_axis: [1.0, 0.0, 0.0], y_axis: [0.0, 1.0, 0.0], z_axis: [0.0, 0.0, 1.0], translation: [0.0; 3] };

    /// With its last row.
    #[inline]
    pub fn matrix(&self) -> Mat4 {
        Mat4::from_cols(
            Vec3::from_array(self.x_axis).extend(0.0),
            Vec3::from_array(self.y_axis).extend(0.0),
            Vec3::from_array(self.z_axis).extend(0.0),
            Vec3::from_array(self.translation).extend(1.0),
        )
    }

    /// Without the last row of `matrix`.
    #[inline]
    pub fn from_matrix(matrix: &Mat4) -> Affine {
        Affine {
            x_axis: matrix.x_axis.truncate().to_array(),
            y_axis: matrix.y_axis.truncate().to_array(),
            z_axis: matrix.z_axis.truncate().to_array(),
            translation: matrix.w_axis.truncate().to_array(),
        }
    }

    /// `inner` first, then this one.
    #[inline]
    pub fn after(&self, inner: &Affine) -> Affine {
        let turned = |v: [f32; 3]| {
            Vec3::from_array(self.x_axis) * v[0]
                + Vec3::from_array(self.y_axis) * v[1]
                + Vec3::from_array(self.z_axis) * v[2]
        };
        Affine {
            x_axis: turned(inner.x_axis).to_array(),
            y_axis: turned(inner.y_axis).to_array(),
            z_axis: turned(inner.z_axis).to_array(),
            translation: (turned(inner.translation) + Vec3::from_array(self.translation)).to_array(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_transforms_and_matrices_agree_with_the_aligned_ones() {
        let parts = Transform {
            translation: Vec3::new(1.0, -2.0, 3.0),
            rotation: Quat::from_rotation_y(0.7) * Quat::from_rotation_x(0.3),
            scale: Vec3::new(2.0, 0.5, -1.0),
        };
        let packed = PackedTransform::from(parts);
        assert_eq!(packed.unpack(), parts);
        assert_eq!(PackedTransform::from_words(packed.words()), packed);
        assert!(packed.affine().matrix().abs_diff_eq(parts.matrix(), 1e-6));
        let both = packed.affine().after(&packed.affine()).matrix();
        assert!(both.abs_diff_eq(parts.matrix() * parts.matrix(), 1e-5));
        assert_eq!(Affine::from_matrix(&packed.affine().matrix()), packed.affine());
    }
}
