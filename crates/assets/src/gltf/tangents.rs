//! Tangents for normal maps of files that have none: MikkTSpace, as glTF 2.0, 3.7.2.1 asks.
//!
//! Tangents belong to corners of triangles. Corners of one vertex that agree stay one vertex; the others part.
//!
//! # Invariants
//! 1. What is made is a list of triangles over vertices that each name a vertex of the file.

use bevy_mikktspace::{Geometry, TangentSpace, generate_tangents};
use voltrum_memory::{ArenaVec, Tag, Tagged, heap_scope};
use voltrum_render::Vertex;

use crate::AssetError;

/// The most corners of a vertex that are compared before it parts anyway: no file makes this quadratic.
const COMPARED_MAX: usize = 16;

const NONE: u32 = u32::MAX;

/// Vertices with tangents.
pub(crate) struct Tangents<'x> {
    /// For each new vertex: which vertex of the file it is.
    pub(crate) sources: &'x [u32],
    /// For each new vertex: its tangent.
    pub(crate) tangents: &'x [[i16; 4]],
    /// The triangles, as numbers of new vertices.
    pub(crate) triangles: &'x [[u32; 3]],
}

/// Makes tangents for triangles over `vertices`, from the first or the second texture coordinates.
pub(crate) fn make<'x>(
    vertices: &[Vertex],
    triangles: &[[u32; 3]],
    uv: u8,
    scratch: Tagged<'x>,
) -> Result<Tangents<'x>, AssetError> {
    let corners = scratch.try_alloc_zeroed::<[i16; 4]>(triangles.len() * 3)?;
    {
        let _foreign = heap_scope(Tag::FOREIGN);
        // What it can't do (no triangle at all) leaves zeros, which the renderer answers with its own.
        let _ = generate_tangents(&mut Corners { vertices, triangles, uv, tangents: corners });
    }
    let mut sources = ArenaVec::try_with_capacity_in(corners.len(), scratch)?;
    let mut tangents = ArenaVec::try_with_capacity_in(corners.len(), scratch)?;
    let mut others = ArenaVec::try_with_capacity_in(corners.len(), scratch)?;
    let firsts = scratch.try_alloc_slice_fill_with(vertices.len(), |_| NONE)?;
    let out = scratch.try_alloc_slice_copy(triangles)?;
    for (corner, tangent) in out.as_flattened_mut().iter_mut().zip(corners.iter()) {
        let source = *corner;
        let mut known = firsts.get(source as usize).copied().unwrap_or(NONE);
        for _ in 0..COMPARED_MAX {
            if known == NONE || tangents.get(known as usize) == Some(tangent) {
                break;
            }
            known = others.get(known as usize).copied().unwrap_or(NONE);
        }
        if known == NONE || tangents.get(known as usize) != Some(tangent) {
            known = sources.len() as u32;
            sources.try_push(source)?;
            tangents.try_push(*tangent)?;
            let first = firsts.get_mut(source as usize);
            others.try_push(first.map_or(NONE, |first| core::mem::replace(first, known)))?;
        }
        *corner = known;
    }
    Ok(Tangents { sources: sources.into_slice(), tangents: tangents.into_slice(), triangles: out })
}

/// How MikkTSpace sees them.
struct Corners<'c> {
    vertices: &'c [Vertex],
    triangles: &'c [[u32; 3]],
    uv: u8,
    tangents: &'c mut [[i16; 4]],
}

impl Corners<'_> {
    fn vertex(&self, face: usize, corner: usize) -> Vertex {
        let at = self.triangles.get(face).and_then(|triangle| triangle.get(corner)).copied().unwrap_or(0);
        self.vertices.get(at as usize).copied().unwrap_or_default()
    }
}

impl Geometry for Corners<'_> {
    fn num_faces(&self) -> usize {
        self.triangles.len()
    }

    fn num_vertices_of_face(&self, _face: usize) -> usize {
        3
    }

    fn position(&self, face: usize, corner: usize) -> [f32; 3] {
        self.vertex(face, corner).position
    }

    fn normal(&self, face: usize, corner: usize) -> [f32; 3] {
        self.vertex(face, corner).normal
    }

    fn tex_coord(&self, face: usize, corner: usize) -> [f32; 2] {
        let vertex = self.vertex(face, corner);
        let [u, v] = if self.uv == 0 { vertex.uv } else { vertex.uv1 };
        // MikkTSpace has the image's origin at its lower left.
        [u, 1.0 - v]
    }

    fn set_tangent(&mut self, tangent: Option<TangentSpace>, face: usize, corner: usize) {
        let Some(tangent) = tangent.map(|tangent| tangent.tangent_encoded()) else { return };
        if let Some(slot) = self.tangents.get_mut(face * 3 + corner)
            && tangent.iter().all(|part| part.is_finite())
        {
            *slot = Vertex::pack_tangent(tangent);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use voltrum_memory::Arena;

    fn vertex(x: f32, y: f32, u: f32, v: f32) -> Vertex {
        Vertex { position: [x, y, 0.0], normal: [0.0, 0.0, 1.0], uv: [u, v], ..Vertex::default() }
    }

    #[test]
    fn a_flat_square_gets_one_tangent_along_u() {
        let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
        let scope = arena.open();
        let square = [vertex(0., 0., 0., 1.), vertex(1., 0., 1., 1.), vertex(1., 1., 1., 0.), vertex(0., 1., 0., 0.)];
        let made = make(&square, &[[0, 1, 2], [0, 2, 3]], 0, scope.tagged(Tag::STAGING)).unwrap();
        assert_eq!((made.sources, made.triangles), (&[0, 1, 2, 3][..], &[[0, 1, 2], [0, 2, 3]][..]));
        assert!(made.tangents.iter().all(|tangent| *tangent == [32767, 0, 0, 32767]), "{:?}", made.tangents);
    }

    #[test]
    fn vertices_part_where_the_texture_is_mirrored() {
        let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
        let scope = arena.open();
        // Two triangles share an edge; the second runs through the texture the other way.
        let vertices =
            [vertex(0., 0., 0., 0.), vertex(0., 1., 0., 1.), vertex(1., 0., 1., 0.), vertex(-1., 0., 1., 0.)];
        let made = make(&vertices, &[[0, 2, 1], [0, 1, 3]], 0, scope.tagged(Tag::STAGING)).unwrap();
        assert_eq!(made.sources.len(), 6);
        assert_eq!(made.triangles, [[0, 1, 2], [3, 4, 5]]);
        assert_eq!(made.sources, [0, 2, 1, 0, 1, 3]);
        assert!(made.tangents[0][0] > 0 && made.tangents[3][0] < 0);
        assert_ne!(made.tangents[0][3], made.tangents[3][3]);
    }

    #[test]
    fn triangles_without_area_and_wild_numbers_make_no_trouble() {
        let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
        let scope = arena.open();
        let wild = [vertex(0., 0., 0., 0.), vertex(1e38, -1e38, 1e38, 0.), vertex(3e38, 0., -3e38, 1e-40)];
        for triangles in [&[[0, 0, 0]][..], &[[0, 1, 2]], &[[0, 1, 1], [2, 1, 0]], &[]] {
            let made = make(&wild, triangles, 0, scope.tagged(Tag::STAGING)).unwrap();
            assert_eq!(made.triangles.len(), triangles.len());
        }
    }
}
