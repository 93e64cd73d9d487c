//! Three-component vectors, quaternions and noise: the arithmetic that the sample's shapes and textures share.
//!
//! # Deliberately absent
//! No maths crate: the generator needs a dozen lines, and its output must not change with a dependency.

use std::ops::{Add, Mul, Neg, Sub};

/// A point, direction or colour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Vec3 {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) z: f32,
}

/// Short form of a [`Vec3`].
#[inline(always)]
pub(super) const fn vec3(x: f32, y: f32, z: f32) -> Vec3 {
    Vec3 { x, y, z }
}

impl Vec3 {
    pub(super) const ZERO: Vec3 = vec3(0.0, 0.0, 0.0);
    pub(super) const ONE: Vec3 = vec3(1.0, 1.0, 1.0);
    pub(super) const UP: Vec3 = vec3(0.0, 1.0, 0.0);

    #[inline(always)]
    pub(super) fn array(self) -> [f32; 3] {
        [self.x, self.y, self.z]
    }

    #[inline(always)]
    pub(super) fn dot(self, other: Vec3) -> f32 {
        self.x * other.x + self.y * other.y + self.z * other.z
    }

    #[inline(always)]
    pub(super) fn cross(self, other: Vec3) -> Vec3 {
        vec3(
            self.y * other.z - self.z * other.y,
            self.z * other.x - self.x * other.z,
            self.x * other.y - self.y * other.x,
        )
    }

    #[inline(always)]
    pub(super) fn length(self) -> f32 {
        self.dot(self).sqrt()
    }

    /// The unit vector, or `fallback` where there is no direction.
    pub(super) fn unit_or(self, fallback: Vec3) -> Vec3 {
        let length = self.length();
        if length > 1e-8 { self * (1.0 / length) } else { fallback }
    }

    #[inline(always)]
    pub(super) fn scale(self, by: Vec3) -> Vec3 {
        vec3(self.x * by.x, self.y * by.y, self.z * by.z)
    }

    pub(super) fn lerp(self, to: Vec3, t: f32) -> Vec3 {
        self + (to - self) * t
    }

    #[inline(always)]
    pub(super) fn min(self, other: Vec3) -> Vec3 {
        vec3(self.x.min(other.x), self.y.min(other.y), self.z.min(other.z))
    }

    #[inline(always)]
    pub(super) fn max(self, other: Vec3) -> Vec3 {
        vec3(self.x.max(other.x), self.y.max(other.y), self.z.max(other.z))
    }
}

impl Add for Vec3 {
    type Output = Vec3;
    #[inline(always)]
    fn add(self, other: Vec3) -> Vec3 {
        vec3(self.x + other.x, self.y + other.y, self.z + other.z)
    }
}

impl Sub for Vec3 {
    type Output = Vec3;
    #[inline(always)]
    fn sub(self, other: Vec3) -> Vec3 {
        vec3(self.x - other.x, self.y - other.y, self.z - other.z)
    }
}

impl Mul<f32> for Vec3 {
    type Output = Vec3;
    #[inline(always)]
    fn mul(self, by: f32) -> Vec3 {
        vec3(self.x * by, self.y * by, self.z * by)
    }
}

impl Neg for Vec3 {
    type Output = Vec3;
    #[inline(always)]
    fn neg(self) -> Vec3 {
        self * -1.0
    }
}

/// A rotation as glTF stores it: x, y, z, w.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rotation(pub(super) [f32; 4]);

impl Rotation {
    pub(super) const NONE: Rotation = Rotation([0.0, 0.0, 0.0, 1.0]);

    pub(super) fn about(axis: Vec3, degrees: f32) -> Rotation {
        let (sin, cos) = (degrees.to_radians() * 0.5).sine_cosine();
        let axis = axis.unit_or(Vec3::UP);
        Rotation([axis.x * sin, axis.y * sin, axis.z * sin, cos])
    }

    /// About the vertical axis, the turn most things need.
    pub(super) fn turn(degrees: f32) -> Rotation {
        Rotation::about(Vec3::UP, degrees)
    }

    /// First `self`, then `after`.
    pub(super) fn then(self, after: Rotation) -> Rotation {
        let ([ax, ay, az, aw], [bx, by, bz, bw]) = (after.0, self.0);
        Rotation([
            aw * bx + ax * bw + ay * bz - az * by,
            aw * by - ax * bz + ay * bw + az * bx,
            aw * bz + ax * by - ay * bx + az * bw,
            aw * bw - ax * bx - ay * by - az * bz,
        ])
    }

    pub(super) fn apply(self, point: Vec3) -> Vec3 {
        let [x, y, z, w] = self.0;
        let axis = vec3(x, y, z);
        let twice = axis.cross(point) * 2.0;
        point + twice * w + axis.cross(twice)
    }

    /// The turn of a camera at `eye` that looks at `target`: its -Z points there, its +X stays level.
    pub(super) fn look(eye: Vec3, target: Vec3) -> Rotation {
        let to = target - eye;
        let yaw = (-to.x).angle_over(-to.z).to_degrees();
        let pitch = to.y.angle_over((to.x * to.x + to.z * to.z).sqrt()).to_degrees();
        Rotation::about(vec3(1.0, 0.0, 0.0), pitch).then(Rotation::turn(yaw))
    }
}

/// The functions that a C library may round differently from another: taken in double precision and rounded once, they
/// give the same single-precision number wherever the generator runs.
pub(super) trait Portable {
    fn sine(self) -> f32;
    fn cosine(self) -> f32;
    fn sine_cosine(self) -> (f32, f32);
    fn power(self, exponent: f32) -> f32;
    /// The angle whose tangent is `self / across`.
    fn angle_over(self, across: f32) -> f32;
}

impl Portable for f32 {
    fn sine(self) -> f32 {
        f64::from(self).sin() as f32
    }

    fn cosine(self) -> f32 {
        f64::from(self).cos() as f32
    }

    fn sine_cosine(self) -> (f32, f32) {
        (self.sine(), self.cosine())
    }

    fn power(self, exponent: f32) -> f32 {
        f64::from(self).powf(f64::from(exponent)) as f32
    }

    fn angle_over(self, across: f32) -> f32 {
        f64::from(self).atan2(f64::from(across)) as f32
    }
}

pub(super) fn square(x: f32) -> f32 {
    x * x
}

/// A well mixed number in 0..1 for a lattice point.
pub(super) fn hash(x: i32, y: i32, seed: u32) -> f32 {
    let mut h =
        (x as u32).wrapping_mul(0x9E37_79B1) ^ (y as u32).wrapping_mul(0x85EB_CA77) ^ seed.wrapping_mul(0xC2B2_AE3D);
    h = (h ^ (h >> 15)).wrapping_mul(0x2C1B_3C6D);
    h = (h ^ (h >> 12)).wrapping_mul(0x297A_2D39);
    h ^= h >> 15;
    (h >> 8) as f32 / (1 << 24) as f32
}

/// 0 below `from`, 1 above `to`, smooth between.
pub(super) fn smoothstep(from: f32, to: f32, x: f32) -> f32 {
    let t = ((x - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// Value noise in 0..1 that repeats after `period` lattice cells in each direction, so that textures tile.
pub(super) fn noise(x: f32, y: f32, period: [i32; 2], seed: u32) -> f32 {
    let (cell_x, cell_y) = (x.floor(), y.floor());
    let (fx, fy) = (smoothstep(0.0, 1.0, x - cell_x), smoothstep(0.0, 1.0, y - cell_y));
    let at = |dx: i32, dy: i32| {
        hash((cell_x as i32 + dx).rem_euclid(period[0]), (cell_y as i32 + dy).rem_euclid(period[1]), seed)
    };
    let low = at(0, 0) + (at(1, 0) - at(0, 0)) * fx;
    let high = at(0, 1) + (at(1, 1) - at(0, 1)) * fx;
    low + (high - low) * fy
}

/// Fractal sum of [`noise`] over `octaves`, in 0..1; `u` and `v` in texture coordinates, `cells` lattice cells across.
pub(super) fn fractal(u: f32, v: f32, cells: [i32; 2], octaves: u32, seed: u32) -> f32 {
    let (mut sum, mut weight, mut total) = (0.0, 0.5, 0.0);
    for octave in 0..octaves {
        let period = [cells[0] << octave, cells[1] << octave];
        sum += weight * noise(u * period[0] as f32, v * period[1] as f32, period, seed + octave * 17);
        total += weight;
        weight *= 0.5;
    }
    sum / total
}
