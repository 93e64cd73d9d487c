//! Baked ambient occlusion: how much of the sky each vertex sees, by casting rays at the assembled scene.
//!
//! A cosine-weighted set of directions per vertex (Hammersley points, the same set everywhere, so neighbours differ
//! smoothly), against a bounding volume tree over all triangles. Distant hits count less: rooms stay bright.
//!
//! # Invariants
//! 1. The result depends on the scene alone, not on the number of threads.

use std::f32::consts::TAU;

use super::vector::{Portable, Vec3, vec3};

/// A point whose light is wanted.
pub(super) struct Sample {
    pub(super) position: Vec3,
    pub(super) normal: Vec3,
}

/// A solid triangle of the assembled scene.
pub(super) type Occluder = [Vec3; 3];

const RAYS: u32 = 64;
const REACH: f32 = 1.3;
const LEAF_TRIANGLES: usize = 4;

struct Node {
    low: Vec3,
    high: Vec3,
    /// First child, of an inner node; the second follows it.
    children: usize,
    /// First triangle, of a leaf.
    first: usize,
    /// Triangles in a leaf; 0 in an inner node.
    count: usize,
}

struct Tree {
    nodes: Vec<Node>,
    triangles: Vec<Occluder>,
}

/// The share of ambient light, 0..1, that reaches each sample.
pub(super) fn bake(samples: &[Sample], occluders: Vec<Occluder>) -> Vec<f32> {
    if occluders.is_empty() {
        return vec![1.0; samples.len()];
    }
    let tree = Tree::build(occluders);
    let directions: Vec<Vec3> = (0..RAYS).map(hemisphere).collect();
    let mut light = vec![1.0; samples.len()];
    let share = samples.len().div_ceil(std::thread::available_parallelism().map_or(1, usize::from)).max(1);
    std::thread::scope(|threads| {
        for (samples, light) in samples.chunks(share).zip(light.chunks_mut(share)) {
            let (tree, directions) = (&tree, &directions);
            threads.spawn(move || {
                for (sample, light) in samples.iter().zip(light) {
                    *light = tree.visible(sample, directions);
                }
            });
        }
    });
    light
}

/// Direction `index` of the cosine-weighted hemisphere about +Z.
fn hemisphere(index: u32) -> Vec3 {
    let (u, v) = ((index as f32 + 0.5) / RAYS as f32, index.reverse_bits() as f32 / 4_294_967_296.0);
    let (sin, cos) = (v * TAU).sine_cosine();
    let ring = u.sqrt();
    vec3(cos * ring, sin * ring, (1.0 - u).sqrt())
}

impl Tree {
    fn build(mut triangles: Vec<Occluder>) -> Tree {
        let mut nodes = vec![Node { low: Vec3::ZERO, high: Vec3::ZERO, children: 0, first: 0, count: 0 }];
        let mut pending = vec![(0usize, 0usize, triangles.len())];
        while let Some((node, from, to)) = pending.pop() {
            let part = &mut triangles[from..to];
            let (low, high) =
                part.iter().flatten().fold((Vec3::ONE * f32::MAX, Vec3::ONE * f32::MIN), |(low, high), corner| {
                    (low.min(*corner), high.max(*corner))
                });
            (nodes[node].low, nodes[node].high) = (low, high);
            if part.len() <= LEAF_TRIANGLES {
                (nodes[node].first, nodes[node].count) = (from, to - from);
                continue;
            }
            let middle = from + split(part);
            let child = nodes.len();
            nodes[node].children = child;
            for _ in 0..2 {
                nodes.push(Node { low, high, children: 0, first: 0, count: 0 });
            }
            pending.push((child, from, middle));
            pending.push((child + 1, middle, to));
        }
        Tree { nodes, triangles }
    }

    fn visible(&self, sample: &Sample, directions: &[Vec3]) -> f32 {
        let helper = if sample.normal.x.abs() > 0.8 { Vec3::UP } else { vec3(1.0, 0.0, 0.0) };
        let tangent = helper.cross(sample.normal).unit_or(Vec3::UP);
        let bitangent = sample.normal.cross(tangent);
        let start = sample.position + sample.normal * 4e-3;
        let mut light = 0.0;
        for direction in directions {
            let ray = tangent * direction.x + bitangent * direction.y + sample.normal * direction.z;
            let distance = self.nearest(start, ray);
            light += (distance / REACH).min(1.0).power(0.85);
        }
        light / directions.len() as f32
    }

    /// How far a ray gets, at most [`REACH`]. Near children are looked into first, so that far ones can be skipped.
    fn nearest(&self, start: Vec3, ray: Vec3) -> f32 {
        let inverse = vec3(1.0 / ray.x, 1.0 / ray.y, 1.0 / ray.z);
        let mut nearest = REACH;
        let mut stack = [(0usize, 0.0f32); 64];
        let mut depth = 1;
        while depth > 0 {
            depth -= 1;
            let (index, enter) = stack[depth];
            if enter >= nearest {
                continue;
            }
            let node = &self.nodes[index];
            for triangle in &self.triangles[node.first..node.first + node.count] {
                nearest = hit(triangle, start, ray).map_or(nearest, |distance| distance.min(nearest));
            }
            if node.count == 0 {
                let [left, right] = [node.children, node.children + 1];
                let [to_left, to_right] = [left, right].map(|child| self.nodes[child].enter(start, inverse));
                let order = if to_left < to_right {
                    [(right, to_right), (left, to_left)]
                } else {
                    [(left, to_left), (right, to_right)]
                };
                for (child, enter) in order {
                    if enter < nearest {
                        stack[depth] = (child, enter);
                        depth += 1;
                    }
                }
            }
        }
        nearest
    }
}

/// Sorts triangles into two parts and gives the first one's length: the cut, of a few per axis, whose boxes have the
/// least surface times triangles (the surface area heuristic).
fn split(part: &mut [Occluder]) -> usize {
    const CUTS: usize = 12;
    let middle = |triangle: &Occluder| (triangle[0] + triangle[1] + triangle[2]) * (1.0 / 3.0);
    let (low, high) = part
        .iter()
        .map(middle)
        .fold((Vec3::ONE * f32::MAX, Vec3::ONE * f32::MIN), |(low, high), at| (low.min(at), high.max(at)));
    let mut best = (f32::MAX, 0, 0);
    let bin = |triangle: &Occluder, axis: usize| {
        let (low, high) = (low.array()[axis], high.array()[axis]);
        let share = (middle(triangle).array()[axis] - low) / (high - low).max(1e-12);
        ((share * CUTS as f32) as usize).min(CUTS - 1)
    };
    for axis in 0..3 {
        let mut bins = [(Vec3::ONE * f32::MAX, Vec3::ONE * f32::MIN, 0usize); CUTS];
        for triangle in part.iter() {
            let (low, high, count) = &mut bins[bin(triangle, axis)];
            *low = triangle.iter().fold(*low, |low, corner| low.min(*corner));
            *high = triangle.iter().fold(*high, |high, corner| high.max(*corner));
            *count += 1;
        }
        for cut in 1..CUTS {
            let cost: f32 = [&bins[..cut], &bins[cut..]].into_iter().map(surface_times_count).sum();
            if cost < best.0 {
                best = (cost, axis, cut);
            }
        }
    }
    let (_, axis, cut) = best;
    // stable, so that the tree depends on the scene alone
    part.sort_by_key(|triangle| bin(triangle, axis) >= cut);
    let first = part.iter().filter(|triangle| bin(triangle, axis) < cut).count();
    if first == 0 || first == part.len() { part.len() / 2 } else { first }
}

fn surface_times_count(bins: &[(Vec3, Vec3, usize)]) -> f32 {
    let (mut low, mut high, mut total) = (Vec3::ONE * f32::MAX, Vec3::ONE * f32::MIN, 0);
    for bin in bins {
        (low, high, total) = (low.min(bin.0), high.max(bin.1), total + bin.2);
    }
    if total == 0 {
        return 0.0;
    }
    let size = high - low;
    (size.x * size.y + size.y * size.z + size.z * size.x) * total as f32
}

impl Node {
    /// Where a ray enters the box; infinitely far if it misses.
    fn enter(&self, start: Vec3, inverse: Vec3) -> f32 {
        let (ax, bx) = ((self.low.x - start.x) * inverse.x, (self.high.x - start.x) * inverse.x);
        let (ay, by) = ((self.low.y - start.y) * inverse.y, (self.high.y - start.y) * inverse.y);
        let (az, bz) = ((self.low.z - start.z) * inverse.z, (self.high.z - start.z) * inverse.z);
        let enter = ax.min(bx).max(ay.min(by)).max(az.min(bz)).max(0.0);
        let leave = ax.max(bx).min(ay.max(by)).min(az.max(bz));
        if enter <= leave { enter } else { f32::INFINITY }
    }
}

/// Möller and Trumbore's test, from both sides.
fn hit(triangle: &Occluder, start: Vec3, ray: Vec3) -> Option<f32> {
    let (edge_a, edge_b) = (triangle[1] - triangle[0], triangle[2] - triangle[0]);
    let across = ray.cross(edge_b);
    let area = edge_a.dot(across);
    if area.abs() < 1e-12 {
        return None;
    }
    let from = start - triangle[0];
    let u = from.dot(across) / area;
    let around = from.cross(edge_a);
    let v = ray.dot(around) / area;
    let distance = edge_b.dot(around) / area;
    (u >= 0.0 && v >= 0.0 && u + v <= 1.0 && distance > 1e-4).then_some(distance)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two triangles on the plane y = `height`, large against the rays' reach.
    fn plane(height: f32) -> [Occluder; 2] {
        let corner = |x: f32, z: f32| vec3(x, height, z);
        let (a, b, c, d) = (corner(-50.0, -50.0), corner(50.0, -50.0), corner(50.0, 50.0), corner(-50.0, 50.0));
        [[a, b, c], [a, c, d]]
    }

    fn up() -> Sample {
        Sample { position: Vec3::ZERO, normal: Vec3::UP }
    }

    #[test]
    fn open_ground_is_bright_and_a_low_ceiling_darkens_it() {
        assert_eq!(bake(&[up()], plane(0.0).to_vec()), [1.0]);
        let low = bake(&[up()], plane(0.1).to_vec())[0];
        let high = bake(&[up()], plane(0.8).to_vec())[0];
        assert!(low < 0.35 && low < high && high < 1.0, "{low} {high}");
    }

    #[test]
    fn the_tree_finds_what_trying_every_triangle_finds() {
        let at = |index: i32, seed: u32| super::super::vector::hash(index, 7, seed) * 2.0 - 1.0;
        let corner = |index: i32| vec3(at(index, 1), at(index, 2), at(index, 3));
        let near = |index: i32| corner(index) + vec3(at(index, 4), at(index, 5), at(index, 6)) * 0.2;
        let triangles: Vec<Occluder> =
            (0..300).map(|index| [corner(index), near(index), near(index) + corner(index + 1) * 0.1]).collect();
        let tree = Tree::build(triangles.clone());
        for index in 0..200 {
            let (start, ray) = (corner(index + 1000), corner(index + 2000).unit_or(Vec3::UP));
            let tried = triangles.iter().filter_map(|triangle| hit(triangle, start, ray)).fold(REACH, f32::min);
            assert_eq!(tree.nearest(start, ray), tried);
        }
    }
}
