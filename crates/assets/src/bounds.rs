//! Boxes around things.

use glam::{Mat4, Vec3};

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
