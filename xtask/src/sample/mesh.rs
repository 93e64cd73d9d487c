//! Triangle meshes and the shapes the sample is made of: rounded boxes, spheres, lathes, tori, tubes, leaves.
//!
//! # Invariants
//! 1. Every attribute array has one entry per vertex; normals are unit length.
//! 2. Triangles wind counter-clockwise seen from the side their normals point to, as glTF asks.

use std::f32::consts::TAU;

use super::vector::{Portable, Rotation, Vec3, fractal, square, vec3};

/// Vertices and triangles in the space of one node.
#[derive(Clone, Default)]
pub(super) struct Mesh {
    pub(super) positions: Vec<Vec3>,
    pub(super) normals: Vec<Vec3>,
    pub(super) uvs: Vec<[f32; 2]>,
    /// Ambient light that reaches the vertex, 0..1 per channel, linear.
    pub(super) colors: Vec<Vec3>,
    pub(super) triangles: Vec<[u16; 3]>,
}

impl Mesh {
    fn push(&mut self, position: Vec3, normal: Vec3, uv: [f32; 2]) {
        self.positions.push(position);
        self.normals.push(normal);
        self.uvs.push(uv);
        self.colors.push(Vec3::ONE);
    }

    /// Drops triangles without area and turns the others to face along their normals (invariant 2).
    fn orient(mut self) -> Mesh {
        let (positions, normals) = (&self.positions, &self.normals);
        self.triangles.retain_mut(|triangle| {
            let [a, b, c] = triangle.map(usize::from);
            let face = (positions[b] - positions[a]).cross(positions[c] - positions[a]);
            if face.dot(normals[a] + normals[b] + normals[c]) < 0.0 {
                triangle.swap(1, 2);
            }
            face.length() > 1e-9
        });
        self
    }

    /// Adds another mesh, moved.
    pub(super) fn with(mut self, other: &Mesh, at: Vec3, rotation: Rotation) -> Mesh {
        let base = self.positions.len() as u16;
        for index in 0..other.positions.len() {
            self.push(
                rotation.apply(other.positions[index]) + at,
                rotation.apply(other.normals[index]),
                other.uvs[index],
            );
        }
        self.triangles.extend(other.triangles.iter().map(|triangle| triangle.map(|vertex| vertex + base)));
        self
    }

    pub(super) fn moved(self, by: Vec3) -> Mesh {
        Mesh::default().with(&self, by, Rotation::NONE)
    }

    /// Replaces the texture coordinates by a function of the position.
    pub(super) fn mapped(mut self, uv: impl Fn(Vec3) -> [f32; 2]) -> Mesh {
        for (place, position) in self.uvs.iter_mut().zip(&self.positions) {
            *place = uv(*position);
        }
        self
    }

    /// Multiplies and shifts the texture coordinates: which part of its texture an object shows.
    pub(super) fn textured(mut self, scale: [f32; 2], offset: [f32; 2]) -> Mesh {
        for uv in &mut self.uvs {
            *uv = [uv[0] * scale[0] + offset[0], uv[1] * scale[1] + offset[1]];
        }
        self
    }

    /// Bends a shape that lies along X around the vertical axis, `radius` away; its +Z looks at the centre.
    pub(super) fn bent(mut self, radius: f32) -> Mesh {
        for index in 0..self.positions.len() {
            let position = self.positions[index];
            let angle = position.x / radius;
            let turn = Rotation::turn(-angle.to_degrees());
            self.positions[index] = turn.apply(vec3(0.0, position.y, position.z - radius));
            self.normals[index] = turn.apply(self.normals[index]);
        }
        self.orient()
    }
}

/// A grid over `place(u, v)`, u and v in 0..=1, with normals from the function's own slope.
pub(super) fn surface(
    columns: usize,
    rows: usize,
    place: impl Fn(f32, f32) -> Vec3,
    outward: impl Fn(Vec3, f32, f32) -> Vec3,
) -> Mesh {
    let mut mesh = Mesh::default();
    for row in 0..=rows {
        for column in 0..=columns {
            let (u, v) = (column as f32 / columns as f32, row as f32 / rows as f32);
            // poles have no slope along u: the normal is taken a little inside
            let (inner_u, inner_v) = (u, v.clamp(2e-3, 1.0 - 2e-3));
            let step = 1e-3;
            let along_u = place(inner_u + step, inner_v) - place(inner_u - step, inner_v);
            let along_v = place(inner_u, inner_v + step) - place(inner_u, inner_v - step);
            let normal = along_v.cross(along_u);
            let normal = (normal * (1.0 / normal.length().max(1e-20))).unit_or(Vec3::UP);
            let hint = outward(place(inner_u, inner_v), u, v);
            mesh.push(place(u, v), if normal.dot(hint) < 0.0 { -normal } else { normal }, [u, v]);
        }
    }
    let stride = columns as u16 + 1;
    for row in 0..rows as u16 {
        for column in 0..columns as u16 {
            let at = row * stride + column;
            mesh.triangles.push([at, at + 1, at + stride + 1]);
            mesh.triangles.push([at, at + stride + 1, at + stride]);
        }
    }
    mesh.orient()
}

/// A smooth curve through control points (Catmull–Rom), `per_span` pieces between two of them.
pub(super) fn curve<const N: usize>(points: &[[f32; N]], per_span: usize) -> Vec<[f32; N]> {
    let mut out = Vec::new();
    let last = points.len() - 1;
    for span in 0..last {
        let corner = [points[span.saturating_sub(1)], points[span], points[span + 1], points[(span + 2).min(last)]];
        for piece in 0..per_span {
            let t = piece as f32 / per_span as f32;
            out.push(std::array::from_fn(|axis| {
                let [a, b, c, d] = corner.map(|point| point[axis]);
                0.5 * (2.0 * b
                    + (c - a) * t
                    + (2.0 * a - 5.0 * b + 4.0 * c - d) * t * t
                    + (3.0 * b - a - 3.0 * c + d) * t * t * t)
            }));
        }
    }
    out.push(points[last]);
    out
}

/// Turns outlines of `[radius, height]` about the vertical axis. Each outline is smooth in itself and makes a crease
/// with the next; going up, its outside is away from the axis. `flutes` carves that many grooves, `depth` deep.
pub(super) fn lathe(columns: usize, outlines: &[&[[f32; 2]]], flutes: u32, depth: f32) -> Mesh {
    let mut mesh = Mesh::default();
    let length = |outline: &[[f32; 2]]| -> f32 { outline.windows(2).map(|pair| span(pair[0], pair[1])).sum() };
    let total: f32 = outlines.iter().map(|outline| length(outline)).sum::<f32>().max(1e-6);
    let mut walked = 0.0;
    for outline in outlines {
        let first = mesh.positions.len() as u16;
        for (row, &[radius, height]) in outline.iter().enumerate() {
            let (before, after) = (outline[row.saturating_sub(1)], outline[(row + 1).min(outline.len() - 1)]);
            if row > 0 {
                walked += span(before, outline[row]);
            }
            let slope = [after[0] - before[0], after[1] - before[1]];
            for column in 0..=columns {
                let u = column as f32 / columns as f32;
                let (sin, cos) = (u * TAU).sine_cosine();
                let wave = (u * flutes as f32 * std::f32::consts::PI).sine().abs();
                let carved = radius - depth * wave;
                // the groove's own slope around the axis, d(carved)/d(angle)
                let phase = u * flutes as f32 * std::f32::consts::PI;
                let around = if flutes == 0 {
                    0.0
                } else {
                    -depth * flutes as f32 * 0.5 * phase.cosine() * phase.sine().signum()
                };
                let (outward, side) = (vec3(sin, 0.0, cos), vec3(cos, 0.0, -sin));
                let flat = outward * slope[1] - Vec3::UP * slope[0];
                let normal = flat.unit_or(Vec3::UP) - side * (around / radius.max(1e-3));
                mesh.push(outward * carved + Vec3::UP * height, normal.unit_or(Vec3::UP), [u, 1.0 - walked / total]);
            }
        }
        let stride = columns as u16 + 1;
        for row in 0..outline.len() as u16 - 1 {
            for column in 0..columns as u16 {
                let at = first + row * stride + column;
                mesh.triangles.push([at, at + 1, at + stride + 1]);
                mesh.triangles.push([at, at + stride + 1, at + stride]);
            }
        }
    }
    mesh.orient()
}

fn span(a: [f32; 2], b: [f32; 2]) -> f32 {
    (square(a[0] - b[0]) + square(a[1] - b[1])).sqrt()
}

/// A ball about the origin.
pub(super) fn sphere(columns: usize, rows: usize, radius: f32) -> Mesh {
    let mut mesh = surface(columns, rows, |u, v| on_sphere(u, v) * radius, |at, _, _| at);
    for (normal, position) in mesh.normals.iter_mut().zip(&mesh.positions) {
        *normal = position.unit_or(Vec3::UP);
    }
    mesh.orient()
}

fn on_sphere(u: f32, v: f32) -> Vec3 {
    let ((sin, cos), (height, ring)) = ((u * TAU).sine_cosine(), ((0.5 - v) * TAU * 0.5).sine_cosine());
    vec3(sin * ring, height, cos * ring)
}

/// A water-worn stone: a ball with slow dents.
pub(super) fn pebble(columns: usize, rows: usize, size: Vec3, seed: u32) -> Mesh {
    let place = |u: f32, v: f32| {
        let dent = 0.72
            + 0.5
                * fractal(u.rem_euclid(1.0), v.clamp(0.0, 1.0) * 0.5, [3, 3], 2, seed)
                * (v.clamp(0.0, 1.0) * TAU * 0.5).sine()
            + 0.14;
        on_sphere(u, v).scale(size) * dent
    };
    surface(columns, rows, place, |at, _, _| at)
}

/// A ring in the XZ plane.
pub(super) fn torus(columns: usize, rows: usize, radius: f32, thickness: f32) -> Mesh {
    let centre = |u: f32| vec3((u * TAU).sine(), 0.0, (u * TAU).cosine()) * radius;
    let place = |u: f32, v: f32| {
        let (sin, cos) = (v * TAU).sine_cosine();
        centre(u) * (1.0 + cos * thickness / radius) + Vec3::UP * (sin * thickness)
    };
    let mut mesh = surface(columns, rows, place, |at, u, _| at - centre(u));
    for (index, normal) in mesh.normals.iter_mut().enumerate() {
        let [u, _] = mesh.uvs[index];
        *normal = (mesh.positions[index] - centre(u)).unit_or(Vec3::UP);
    }
    mesh.orient()
}

/// A pipe along a path of `[x, y, z, radius]`, open at both ends, elliptical by `flatten` across the path's plane.
pub(super) fn tube(columns: usize, path: &[[f32; 4]], flatten: f32) -> Mesh {
    let mut mesh = Mesh::default();
    let point = |index: usize| vec3(path[index][0], path[index][1], path[index][2]);
    for row in 0..path.len() {
        let ahead = (point((row + 1).min(path.len() - 1)) - point(row.saturating_sub(1))).unit_or(Vec3::UP);
        // paths of this scene lie in the XY plane, so Z is never along them
        let side = vec3(0.0, 0.0, 1.0);
        let top = side.cross(ahead).unit_or(Vec3::UP);
        for column in 0..=columns {
            let (sin, cos) = (column as f32 / columns as f32 * TAU).sine_cosine();
            let outward = top * cos + side * (sin * flatten);
            let normal = top * cos * flatten + side * sin;
            let uv = [column as f32 / columns as f32, row as f32 / (path.len() - 1) as f32];
            mesh.push(point(row) + outward * path[row][3], normal.unit_or(top), uv);
        }
    }
    let stride = columns as u16 + 1;
    for row in 0..path.len() as u16 - 1 {
        for column in 0..columns as u16 {
            let at = row * stride + column;
            mesh.triangles.push([at, at + 1, at + stride + 1]);
            mesh.triangles.push([at, at + stride + 1, at + stride]);
        }
    }
    mesh.orient()
}

/// A box with rounded edges about the origin; `pieces` per axis, texture coordinates in metres along each face.
pub(super) fn rounded_box(size: Vec3, bevel: f32, pieces: [usize; 3]) -> Mesh {
    let half = size * 0.5;
    let inner = half - Vec3::ONE * bevel;
    let mut mesh = Mesh::default();
    let axes = [vec3(1.0, 0.0, 0.0), vec3(0.0, 1.0, 0.0), vec3(0.0, 0.0, 1.0)];
    // a face's grid lines along one axis: the rounded strip, the flat part in `pieces`, the other strip
    let lines = |extent: f32, pieces: usize| -> Vec<f32> {
        let flat = extent - bevel;
        let mut lines = vec![-extent];
        lines.extend((0..=pieces).map(|piece| flat * (2.0 * piece as f32 / pieces as f32 - 1.0)));
        lines.push(extent);
        lines
    };
    let along = |vector: Vec3, axis: Vec3| vector.dot(axis);
    for axis in 0..3 {
        let (right, up) = match axis {
            0 => (axes[2], axes[1]),
            1 => (axes[0], axes[2]),
            _ => (axes[0], axes[1]),
        };
        let counts = match axis {
            0 => [pieces[2], pieces[1]],
            1 => [pieces[0], pieces[2]],
            _ => [pieces[0], pieces[1]],
        };
        for sign in [-1.0, 1.0] {
            let (columns, rows) = (lines(along(half, right), counts[0]), lines(along(half, up), counts[1]));
            let first = mesh.positions.len() as u16;
            for &b in &rows {
                for &a in &columns {
                    let on_cube = right * a + up * b + axes[axis] * (sign * along(half, axes[axis]));
                    let core = on_cube.max(-inner).min(inner);
                    let normal = (on_cube - core).unit_or(axes[axis] * sign);
                    mesh.push(core + normal * bevel, normal, [a * sign + along(half, right), along(half, up) - b]);
                }
            }
            let stride = columns.len() as u16;
            for row in 0..rows.len() as u16 - 1 {
                for column in 0..stride - 1 {
                    let at = first + row * stride + column;
                    mesh.triangles.push([at, at + 1, at + stride + 1]);
                    mesh.triangles.push([at, at + stride + 1, at + stride]);
                }
            }
        }
    }
    mesh.orient()
}

/// A flat square in the XY plane that faces +Z, texture coordinates in metres.
pub(super) fn panel(size: f32, pieces: usize) -> Mesh {
    let place = |u: f32, v: f32| vec3(u - 0.5, 0.5 - v, 0.0) * size;
    surface(pieces, pieces, place, |_, _, _| vec3(0.0, 0.0, 1.0)).textured([size, size], [0.0, 0.0])
}

/// A leaf as a strip that rises along +Z from the origin and bows down; texture stem at v = 1, tip at v = 0.
pub(super) fn leaf(length: f32, width: f32, rise: f32, pieces: usize) -> Mesh {
    let mut mesh = Mesh::default();
    for piece in 0..=pieces {
        let t = piece as f32 / pieces as f32;
        // an arc whose slope falls from `rise` at the stem to twice as far below at the tip
        let height = length * (rise * t - 0.75 * rise * t * t - 0.12 * t * t);
        let reach = length * t * (1.0 - 0.12 * t);
        for side in [-1.0, 0.0, 1.0f32] {
            let fold = side.abs() * width * 0.14;
            // normals lean up and outwards, so that a bush is lit as one round thing
            let normal = vec3(side * 0.35, 1.0, 0.25 + 0.5 * t).unit_or(Vec3::UP);
            mesh.push(vec3(side * width * 0.5, height + fold, reach), normal, [side * 0.5 + 0.5, 1.0 - t]);
        }
    }
    for row in 0..pieces as u16 {
        for column in 0..2 {
            let at = row * 3 + column;
            mesh.triangles.push([at, at + 1, at + 4]);
            mesh.triangles.push([at, at + 4, at + 3]);
        }
    }
    mesh.orient()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shapes() -> Vec<Mesh> {
        let profile = curve(&[[0.2, 0.0], [0.4, 0.3], [0.1, 0.6]], 3);
        vec![
            lathe(16, &[&profile], 0, 0.0),
            lathe(64, &[&profile], 16, 0.01),
            sphere(16, 8, 1.0),
            pebble(16, 8, vec3(0.1, 0.06, 0.08), 3),
            torus(16, 8, 1.0, 0.2),
            tube(8, &[[0.0, 0.0, 0.0, 0.1], [0.2, 0.5, 0.0, 0.1]], 1.0),
            rounded_box(vec3(1.0, 2.0, 3.0), 0.1, [2, 3, 1]),
            rounded_box(vec3(2.0, 1.0, 0.2), 0.02, [12, 2, 1]).bent(2.0),
            panel(1.0, 3),
            leaf(0.4, 0.2, 1.0, 4),
        ]
    }

    #[test]
    fn every_vertex_has_a_unit_normal_and_all_attributes() {
        for mesh in shapes() {
            let count = mesh.positions.len();
            assert_eq!([mesh.normals.len(), mesh.uvs.len(), mesh.colors.len()], [count; 3]);
            assert!(mesh.normals.iter().all(|normal| (normal.length() - 1.0).abs() < 1e-3));
            assert!(!mesh.triangles.is_empty());
            assert!(mesh.triangles.iter().flatten().all(|vertex| usize::from(*vertex) < count));
        }
    }

    #[test]
    fn triangles_face_the_way_their_normals_point() {
        for mesh in shapes() {
            for triangle in &mesh.triangles {
                let [a, b, c] = triangle.map(usize::from);
                let face = (mesh.positions[b] - mesh.positions[a]).cross(mesh.positions[c] - mesh.positions[a]);
                assert!(face.dot(mesh.normals[a] + mesh.normals[b] + mesh.normals[c]) >= 0.0);
            }
        }
    }

    #[test]
    fn a_curve_passes_through_its_points() {
        let points = [[0.0, 0.0], [1.0, 2.0], [3.0, 1.0]];
        let curve = curve(&points, 4);
        assert_eq!([curve[0], curve[4], curve[8]], points);
    }
}
