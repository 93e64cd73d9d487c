//! Rays against triangles: the tree of boxes agrees with asking every triangle.
#![allow(clippy::unwrap_used, reason = "the helpers of tests fail loudly, as tests do")]

use glam::{Mat4, Quat, Vec3};
use voltrum_memory::{Arena, Tag};
use voltrum_scene::pick::{PickHit, Ray, pick};
use voltrum_scene::query::{Frustum, Reach, entities_in};
use voltrum_scene::{
    Bounds, Entity, SceneError, SceneLimits, SceneState, ShapeId, SpawnDesc, Transform, add_shape, despawn,
    set_triangles, set_visible, shapes, spawn, update_transforms,
};

/// Marsaglia's xorshift, 64 bits.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end.max(1)
    }

    fn number(&mut self) -> f32 {
        self.below(20_001) as f32 / 10_000.0 - 1.0
    }

    fn vector(&mut self) -> Vec3 {
        Vec3::new(self.number(), self.number(), self.number())
    }
}

fn with_scene(test: impl FnOnce(&mut SceneState<'_>)) {
    let mut arena = Arena::try_reserve("scene", 1 << 30).unwrap();
    let memory = arena.open();
    test(voltrum_scene::open(memory.tagged(Tag::SCENE), &SceneLimits::default()).unwrap());
}

/// The nearest of all triangles, the first of them where several are.
fn nearest(triangles: &[[[f32; 3]; 3]], ray: &Ray) -> Option<(f32, u32)> {
    let hits = triangles.iter().zip(0..).filter_map(|(corners, number)| Some((ray.meets(*corners)?, number)));
    hits.min_by(|a, b| a.0.total_cmp(&b.0))
}

fn soup(random: &mut Random, count: usize, size: f32) -> Vec<[[f32; 3]; 3]> {
    let mut all: Vec<[[f32; 3]; 3]> = Vec::new();
    for _ in 0..count {
        let at = random.vector();
        let triangle = match random.below(8) {
            // of one point, of one line, twice the same, on a plane
            0 => [at.to_array(); 3],
            1 => [at, at + Vec3::X * size, at + Vec3::X * 2.0 * size].map(|corner| corner.to_array()),
            2 if !all.is_empty() => all[random.below(all.len())],
            3 => [0, 1, 2].map(|_| (at + random.vector() * size).with_z(0.0).to_array()),
            _ => [0, 1, 2].map(|_| (at + random.vector() * size).to_array()),
        };
        all.push(triangle);
    }
    all
}

#[test]
fn the_tree_agrees_with_asking_every_triangle() {
    let mut random = Random(0x2545_F491_4F6C_DD1D);
    let mut hits = 0;
    for (count, size) in [(0, 0.5), (1, 0.5), (5, 1.0), (300, 0.3), (5000, 0.05), (64, 0.0)] {
        let triangles = soup(&mut random, count, size);
        let positions: Vec<[f32; 3]> = triangles.iter().flatten().copied().collect();
        let indices: Vec<u32> = (0..positions.len() as u32).collect();
        with_scene(|scene| {
            let shape = add_shape(scene, &[], Bounds::EMPTY).unwrap();
            let given = if count == 300 { Some(&indices[..]) } else { None };
            set_triangles(scene, shape, &positions, given).unwrap();
            let tree = shapes(scene)[shape.index() as usize].triangles.unwrap();
            assert_eq!(tree.len(), count);
            for case in 0..2000 {
                let origin = random.vector() * 2.0;
                let direction = match case % 5 {
                    0 => [Vec3::X, -Vec3::Y, Vec3::Z][random.below(3)],
                    1 => random.vector() * 3.0,
                    _ => random.vector() * 0.5 - origin,
                };
                let ray = Ray { origin, direction };
                let found = tree.hit(&ray, f32::INFINITY).map(|hit| (hit.distance, hit.triangle));
                assert_eq!(found, nearest(&triangles, &ray), "{ray:?}");
                hits += usize::from(found.is_some());
            }
        });
    }
    assert!(hits > 1000, "{hits}");
}

#[test]
fn triangles_with_numbers_that_are_none_end_no_search() {
    with_scene(|scene| {
        let shape = add_shape(scene, &[], Bounds::EMPTY).unwrap();
        let mut positions = vec![[f32::NAN; 3]; 300];
        positions.extend([[f32::INFINITY; 3]; 300]);
        positions.extend([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]);
        set_triangles(scene, shape, &positions, None).unwrap();
        let ray = Ray { origin: Vec3::new(0.2, 0.2, 1.0), direction: -Vec3::Z };
        let tree = shapes(scene)[0].triangles.unwrap();
        assert_eq!(tree.hit(&ray, f32::INFINITY).map(|hit| hit.triangle), Some(200));
    });
}

#[test]
fn triangles_that_name_positions_that_are_not_there_are_refused() {
    with_scene(|scene| {
        let shape = add_shape(scene, &[], Bounds::EMPTY).unwrap();
        let refused = set_triangles(scene, shape, &[[0.0; 3]; 3], Some(&[0, 1, 2, 0, 1, 3]));
        assert_eq!(refused, Err(SceneError::Triangles { triangle: 1, index: 3, count: 3 }));
        let nowhere = ShapeId::from_index(7);
        assert_eq!(set_triangles(scene, nowhere, &[], None), Err(SceneError::Shape { shape: 7, count: 1 }));
        assert!(shapes(scene)[0].triangles.is_none());
    });
}

#[test]
fn a_ray_picks_the_nearest_shown_entity_of_a_scene() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    with_scene(|scene| {
        let triangles = soup(&mut random, 200, 0.3);
        let positions: Vec<[f32; 3]> = triangles.iter().flatten().copied().collect();
        let bounds = positions.iter().fold(Bounds::EMPTY, |all, at| all.with_point(Vec3::from_array(*at)));
        let shape = add_shape(scene, &[], bounds).unwrap();
        set_triangles(scene, shape, &positions, None).unwrap();
        let boxes = add_shape(scene, &[], Bounds { min: -Vec3::ONE, max: Vec3::ONE }).unwrap();
        let mut placed: Vec<(Entity, Mat4)> = Vec::new();
        for at in 0..60 {
            let local = Transform {
                translation: random.vector() * 6.0,
                rotation: Quat::from_axis_angle(Vec3::Y, random.number() * 3.0),
                scale: Vec3::splat(0.2 + random.number().abs()),
            };
            let desc = SpawnDesc { mesh: Some(shape), local: local.into(), ..SpawnDesc::default() };
            let entity = spawn(scene, &desc).unwrap();
            match at % 6 {
                0 => set_visible(scene, entity, false).unwrap(),
                1 => drop(despawn(scene, entity).unwrap()),
                _ => placed.push((entity, local.matrix())),
            }
        }
        let far = Transform::at(Vec3::new(0.0, 100.0, 0.0));
        let cube = spawn(scene, &SpawnDesc { mesh: Some(boxes), local: far.into(), ..SpawnDesc::default() }).unwrap();
        update_transforms(scene);
        let mut hits = 0;
        for _ in 0..1000 {
            let ray = Ray { origin: random.vector() * 8.0, direction: random.vector() };
            let all = placed.iter().filter_map(|(entity, world)| {
                nearest(&triangles, &ray.transformed(&world.inverse())).map(|(distance, _)| (*entity, distance))
            });
            let wanted = all.min_by(|a, b| a.1.total_cmp(&b.1));
            let found = pick(scene, &ray).filter(|hit| hit.entity != cube);
            assert_eq!(found.map(|hit| hit.entity), wanted.map(|(entity, _)| entity));
            let difference = found.map_or(0.0, |hit| hit.distance) - wanted.map_or(0.0, |(_, distance)| distance);
            assert!(difference.abs() < 1e-3);
            hits += usize::from(found.is_some());
        }
        assert!(hits > 100, "{hits}");
        let down = Ray { origin: Vec3::new(0.0, 110.0, 0.0), direction: -Vec3::Y };
        assert_eq!(pick(scene, &down), Some(PickHit { entity: cube, distance: 9.0, triangle: None }));
    });
}

#[test]
fn a_rectangle_of_the_picture_selects_what_is_in_it() {
    with_scene(|scene| {
        let shape = add_shape(scene, &[], Bounds { min: Vec3::splat(-0.5), max: Vec3::splat(0.5) }).unwrap();
        let mut place = |x: f32, z: f32| {
            let local = Transform::at(Vec3::new(x, 0.0, z)).into();
            spawn(scene, &SpawnDesc { mesh: Some(shape), local, ..SpawnDesc::default() }).unwrap()
        };
        let (left, middle, right, behind) = (place(-4.0, 0.0), place(0.0, 0.0), place(4.0, 0.0), place(0.0, 20.0));
        update_transforms(scene);
        let view = Mat4::look_at_rh(Vec3::Z * 10.0, Vec3::ZERO, Vec3::Y);
        for projection in [
            Mat4::perspective_rh(1.0, 1.0, 0.1, 100.0),
            Mat4::perspective_infinite_reverse_rh(1.0, 1.0, 0.1),
            Mat4::orthographic_rh(-6.0, 6.0, -6.0, 6.0, 0.1, 100.0),
        ] {
            let select = |corner, other, reach| {
                entities_in(scene, &Frustum::new(&(projection * view), corner, other), reach).collect::<Vec<_>>()
            };
            assert_eq!(select([-1.0, -1.0], [1.0, 1.0], Reach::Whole), [left, middle, right]);
            assert_eq!(select([0.01, 1.0], [-1.0, -1.0], Reach::Touching), [left, middle]);
            assert_eq!(select([0.01, 1.0], [-1.0, -1.0], Reach::Whole), [left]);
            assert!(!select([-1.0, -1.0], [1.0, 1.0], Reach::Touching).contains(&behind));
        }
        let unproject = (Mat4::perspective_infinite_reverse_rh(1.0, 1.0, 0.1) * view).inverse();
        let ray = Ray::through(&unproject, 0.0, 0.0, 1.0, 0.0).unwrap();
        assert_eq!(pick(scene, &ray).map(|hit| hit.entity), Some(middle));
    });
}
