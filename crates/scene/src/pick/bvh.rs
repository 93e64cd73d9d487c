//! A tree of boxes over the triangles of one shape.
//!
//! Built once, from the top, by the surface area heuristic over 16 bins (Wald, "On fast construction of SAH-based bounding
//! volume hierarchies", 2007); stored as one array of nodes, so that a ray needs a small stack and no memory.
//!
//! # Invariants
//! 1. A node with triangles is a leaf; the two children of another stand side by side, behind it.
//! 2. Every index of every triangle is smaller than the number of positions.
//! 3. No path is longer than [`DEPTH_MAX`]: from [`DEPTH_HALVING`] on, nodes are halved.

use glam::Vec3;
use voltrum_assets::Bounds;
use voltrum_memory::{ArenaVec, Tagged};

use super::ray::Ray;
use crate::error::SceneError;

/// Triangles that a leaf holds at most.
const LEAF_MAX: usize = 4;
const BINS: usize = 16;
const DEPTH_HALVING: u8 = 56;
/// 56 levels of any split, and 32 of halving four thousand million triangles.
const DEPTH_MAX: usize = 88;

#[derive(Clone, Copy, Debug)]
struct BoxNode {
    bounds: Bounds,
    /// The first triangle of a leaf, the first child of another node.
    first: u32,
    /// Triangles of a leaf; 0 for others.
    count: u32,
}

/// Three positions, and which triangle of the caller's they are.
#[derive(Clone, Copy, Debug)]
struct Triangle {
    corners: [u32; 3],
    number: u32,
}

/// See the module. Made by [`set_triangles`](crate::set_triangles).
#[derive(Clone, Copy, Debug)]
pub struct Bvh<'scene> {
    nodes: &'scene [BoxNode],
    triangles: &'scene [Triangle],
    positions: &'scene [[f32; 3]],
}

/// Where a ray meets a triangle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TriangleHit {
    /// How far along the ray, in lengths of its direction.
    pub distance: f32,
    /// Which triangle, in the order in which they were given.
    pub triangle: u32,
}

impl<'scene> Bvh<'scene> {
    /// A tree over triangles whose positions lie in the arena already. May be built on a worker: what comes of it is plain
    /// data, for [`adopt_triangles`](crate::adopt_triangles).
    ///
    /// # Errors
    /// [`SceneError::Triangles`] when a triangle reaches past the positions; [`SceneError::Memory`].
    pub fn over(
        memory: Tagged<'scene>,
        positions: &'scene [[f32; 3]],
        triangles: &[[u32; 3]],
    ) -> Result<Bvh<'scene>, SceneError> {
        Bvh::grow(memory, positions, triangles.len(), |triangle| triangles[triangle])
    }

    /// Address space for [`Bvh::build`] with these.
    pub(crate) fn bytes(positions: &[[f32; 3]], indices: Option<&[u32]>) -> usize {
        let count = indices.map_or(positions.len(), <[u32]>::len) / 3;
        let nodes = 4 * count.max(1) * size_of::<BoxNode>();
        size_of_val(positions) + count * size_of::<Triangle>() + nodes + (64 << 10)
    }

    pub(crate) fn build(
        memory: Tagged<'scene>,
        positions: &[[f32; 3]],
        indices: Option<&[u32]>,
    ) -> Result<Bvh<'scene>, SceneError> {
        let count = indices.map_or(positions.len(), <[u32]>::len) / 3;
        let positions = &*memory.try_alloc_slice_copy(positions)?;
        Bvh::grow(memory, positions, count, |triangle| {
            [0, 1, 2].map(|corner| match indices {
                Some(indices) => indices[triangle * 3 + corner],
                None => (triangle * 3 + corner) as u32,
            })
        })
    }

    fn grow(
        memory: Tagged<'scene>,
        positions: &'scene [[f32; 3]],
        count: usize,
        corners_of: impl Fn(usize) -> [u32; 3],
    ) -> Result<Bvh<'scene>, SceneError> {
        let mut triangles = ArenaVec::try_with_capacity_in(count, memory)?;
        for triangle in 0..count {
            let corners = corners_of(triangle);
            if let Some(index) = corners.into_iter().find(|corner| *corner as usize >= positions.len()) {
                return Err(SceneError::Triangles { triangle, index, count: positions.len() });
            }
            triangles.try_push(Triangle { corners, number: triangle as u32 })?;
        }
        let triangles = triangles.into_slice();
        let mut nodes = ArenaVec::try_with_capacity_in((2 * count).div_ceil(LEAF_MAX).max(1), memory)?;
        nodes.try_push(BoxNode { bounds: around(triangles, positions), first: 0, count: count as u32 })?;
        let mut waiting = [(0, 0); DEPTH_MAX];
        let mut waiting_count = 1;
        while waiting_count > 0 {
            waiting_count -= 1;
            let (at, depth): (usize, u8) = waiting[waiting_count];
            let BoxNode { first, count, .. } = nodes[at];
            let (start, count) = (first as usize, count as usize);
            if count <= LEAF_MAX {
                continue;
            }
            let range = &mut triangles[start..start + count];
            let middle = split(range, positions, depth >= DEPTH_HALVING);
            let (left, right) = range.split_at(middle);
            let child = nodes.len();
            let (low, high) = (middle as u32, (count - middle) as u32);
            nodes.try_push(BoxNode { bounds: around(left, positions), first, count: low })?;
            nodes.try_push(BoxNode { bounds: around(right, positions), first: first + low, count: high })?;
            (nodes[at].first, nodes[at].count) = (child as u32, 0);
            // depth first: one sibling waits per level
            waiting[waiting_count] = (child, depth + 1);
            waiting[waiting_count + 1] = (child + 1, depth + 1);
            waiting_count += 2;
        }
        Ok(Bvh { nodes: nodes.into_slice(), triangles, positions })
    }

    /// How many triangles it holds.
    pub fn len(&self) -> usize {
        self.triangles.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.triangles.is_empty()
    }

    /// The nearest triangle on a ray in the shape's own coordinates, from either side, nearer than `limit`. Of two at one
    /// distance it is the one that was given first.
    pub fn hit(&self, ray: &Ray, limit: f32) -> Option<TriangleHit> {
        let inverse = ray.direction.recip();
        let (mut best, mut nearest) = (None::<TriangleHit>, limit);
        let mut waiting = [0u32; DEPTH_MAX];
        let mut waiting_count = 1;
        while waiting_count > 0 {
            waiting_count -= 1;
            let node = &self.nodes[waiting[waiting_count] as usize];
            if ray.enters(&node.bounds, inverse).is_none_or(|distance| distance > nearest) {
                continue;
            }
            if node.count == 0 && node.first != 0 {
                let distance = |child: u32| ray.enters(&self.nodes[child as usize].bounds, inverse);
                let (near, far) = (node.first, node.first + 1);
                let (near, far) = match (distance(near), distance(far)) {
                    (Some(one), Some(other)) if other < one => (far, near),
                    _ => (near, far),
                };
                (waiting[waiting_count], waiting[waiting_count + 1]) = (far, near);
                waiting_count += 2;
                continue;
            }
            for triangle in &self.triangles[node.first as usize..][..node.count as usize] {
                let Some(distance) = ray.meets(triangle.corners.map(|at| self.positions[at as usize])) else {
                    continue;
                };
                let is_first = best.is_some_and(|best| triangle.number < best.triangle);
                if distance < nearest || distance == nearest && is_first {
                    nearest = distance;
                    best = Some(TriangleHit { distance, triangle: triangle.number });
                }
            }
        }
        best
    }
}

fn corners(triangle: &Triangle, positions: &[[f32; 3]]) -> [Vec3; 3] {
    triangle.corners.map(|at| Vec3::from_array(positions[at as usize]))
}

fn around(triangles: &[Triangle], positions: &[[f32; 3]]) -> Bounds {
    let all = triangles.iter().flat_map(|triangle| corners(triangle, positions));
    all.fold(Bounds::EMPTY, Bounds::with_point)
}

/// Three times the centre.
fn center(triangle: &Triangle, positions: &[[f32; 3]]) -> Vec3 {
    let [a, b, c] = corners(triangle, positions);
    a + b + c
}

fn area(bounds: &Bounds) -> f32 {
    if bounds.is_empty() {
        return 0.0;
    }
    let side = bounds.max - bounds.min;
    side.x * side.y + side.y * side.z + side.z * side.x
}

/// Puts triangles that belong together side by side and says where the second part begins; neither is empty.
fn split(triangles: &mut [Triangle], positions: &[[f32; 3]], halve: bool) -> usize {
    let half = triangles.len() / 2;
    let centers = triangles.iter().fold(Bounds::EMPTY, |all, one| all.with_point(center(one, positions)));
    let sides = centers.max - centers.min;
    let axis = if sides.x >= sides.y && sides.x >= sides.z {
        0
    } else if sides.y >= sides.z {
        1
    } else {
        2
    };
    let (low, side) = (centers.min[axis], sides[axis]);
    // triangles of one centre, or with coordinates that are no numbers, are told apart by nothing
    if !(side > 0.0 && side.is_finite()) {
        return half;
    }
    let bin = |triangle: &Triangle| {
        // no number becomes bin 0
        (((center(triangle, positions)[axis] - low) / side * BINS as f32) as usize).min(BINS - 1)
    };
    if halve {
        let by_center = |a: &Triangle, b: &Triangle| center(a, positions)[axis].total_cmp(&center(b, positions)[axis]);
        triangles.select_nth_unstable_by(half, by_center);
        return half;
    }
    let mut bins = [(Bounds::EMPTY, 0usize); BINS];
    for triangle in &*triangles {
        let (bounds, count) = &mut bins[bin(triangle)];
        *bounds = corners(triangle, positions).into_iter().fold(*bounds, Bounds::with_point);
        *count += 1;
    }
    let mut above = [(Bounds::EMPTY, 0usize); BINS + 1];
    for at in (0..BINS).rev() {
        above[at] = (above[at + 1].0.with(bins[at].0), above[at + 1].1 + bins[at].1);
    }
    let (mut below, mut best) = ((Bounds::EMPTY, 0usize), (f32::INFINITY, 0));
    for at in 1..BINS {
        below = (below.0.with(bins[at - 1].0), below.1 + bins[at - 1].1);
        let cost = area(&below.0) * below.1 as f32 + area(&above[at].0) * above[at].1 as f32;
        if below.1 > 0 && above[at].1 > 0 && cost < best.0 {
            best = (cost, at);
        }
    }
    let (_, first_above) = best;
    if first_above == 0 {
        return half;
    }
    let mut middle = 0;
    for at in 0..triangles.len() {
        if bin(&triangles[at]) < first_above {
            triangles.swap(at, middle);
            middle += 1;
        }
    }
    middle
}
