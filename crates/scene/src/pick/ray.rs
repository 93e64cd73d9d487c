//! Rays, and where they meet boxes and triangles.

use glam::{Mat4, Vec3};
use voltrum_assets::Bounds;

/// A half-line. Distances along it are in lengths of its direction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ray {
    /// Where it begins.
    pub origin: Vec3,
    /// Where it goes; of any length but zero.
    pub direction: Vec3,
}

impl Ray {
    /// The ray that leaves an eye through a point of its picture: `x` and `y` from -1 (left, bottom) to 1, `unproject` the
    /// inverse of projection times view, `near` and `far` the depths that the projection gives its planes (1 and 0 where
    /// depth is reversed). `None` where the matrix has no inverse.
    pub fn through(unproject: &Mat4, x: f32, y: f32, near: f32, far: f32) -> Option<Ray> {
        let origin = unproject.project_point3(Vec3::new(x, y, near));
        // an infinitely far plane is met half-way
        let beyond = [far, near * 0.5 + far * 0.5].map(|depth| unproject.project_point3(Vec3::new(x, y, depth)));
        let end = beyond.into_iter().find(|end| end.is_finite())?;
        let direction = (end - origin).try_normalize()?;
        origin.is_finite().then_some(Ray { origin, direction })
    }

    /// The point at a distance.
    pub fn at(&self, distance: f32) -> Vec3 {
        self.origin + self.direction * distance
    }

    /// The same ray in coordinates that `matrix` leads to. Distances stay what they are.
    #[must_use]
    pub fn transformed(&self, matrix: &Mat4) -> Ray {
        Ray { origin: matrix.transform_point3(self.origin), direction: matrix.transform_vector3(self.direction) }
    }

    /// How far it is to a box: 0 inside.
    pub fn box_distance(&self, bounds: &Bounds) -> Option<f32> {
        if bounds.is_empty() { None } else { self.enters(bounds, self.direction.recip()) }
    }

    /// As [`Ray::box_distance`]. A ray that runs within a side's plane touches the box (Williams and others, "An efficient
    /// and robust ray-box intersection algorithm", 2005).
    #[inline]
    pub(crate) fn enters(&self, bounds: &Bounds, inverse: Vec3) -> Option<f32> {
        let (one, other) = ((bounds.min - self.origin) * inverse, (bounds.max - self.origin) * inverse);
        let (mut enter, mut leave) = (0.0f32, f32::INFINITY);
        for axis in 0..3 {
            // 0 times infinity is no number, and says nothing: `max` and `min` pass over it
            enter = enter.max(one[axis].min(other[axis]));
            leave = leave.min(one[axis].max(other[axis]));
        }
        // a little room for rounding, so that a box never hides what is in it
        (enter <= leave * 1.000_001).then_some(enter)
    }

    /// How far it is to a triangle, from either side (Möller and Trumbore, "Fast, minimum storage ray/triangle
    /// intersection", 1997).
    #[inline]
    pub fn meets(&self, corners: [[f32; 3]; 3]) -> Option<f32> {
        let [a, b, c] = corners.map(Vec3::from_array);
        let (ab, ac) = (b - a, c - a);
        let p = self.direction.cross(ac);
        let determinant = ab.dot(p);
        if determinant == 0.0 {
            return None;
        }
        let from_a = self.origin - a;
        let u = from_a.dot(p) / determinant;
        let q = from_a.cross(ab);
        let v = self.direction.dot(q) / determinant;
        let distance = ac.dot(q) / determinant;
        // comparisons with what is no number are false
        (u >= 0.0 && v >= 0.0 && u + v <= 1.0 && distance >= 0.0).then_some(distance)
    }
}
