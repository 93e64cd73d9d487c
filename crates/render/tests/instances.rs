//! Instances: objects that stay on the GPU look like draws, and cost nothing while they stay.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod stage;

use stage::*;
use voltrum_memory::{Arena, Tag};
use voltrum_render::glam::{Mat4, Vec3};
use voltrum_render::{
    AlphaMode, Camera, Draw, Instances, MaterialDesc, Pixels, RenderError, RendererLimits, Shadow, Sun, View, ViewMode,
    camera, renderer,
};

fn at(x: f32, y: f32, z: f32) -> Mat4 {
    Mat4::from_translation(Vec3::new(x, y, z))
}

fn differing(a: &Pixels<'_>, b: &Pixels<'_>) -> usize {
    let (a, b) = (a.rgba.chunks_exact(4), b.rgba.chunks_exact(4));
    a.zip(b).filter(|(a, b)| a.iter().zip(*b).any(|(&a, &b)| a.abs_diff(b) > 2)).count()
}

/// A camera that sees a few units around the origin from the front and above.
fn oblique() -> Camera {
    let projection = camera::perspective(0.9, 1.0, 0.1);
    Camera::look_at(Vec3::new(0.0, 4.0, 7.0), Vec3::ZERO, projection)
}

#[test]
fn instances_look_like_the_same_objects_drawn_one_by_one() {
    look_like_draws(1_000, 0);
}

#[test]
fn a_few_instances_look_the_same_before_and_after_more_of_them_come() {
    look_like_draws(0, 0);
    look_like_draws(0, 300);
}

/// With room for `capacity` from the start, and with so many more that come and go out of sight.
fn look_like_draws(capacity: usize, more: usize) {
    perform(LIMITS, |renderer, _, scope| {
        let mut arena = Arena::try_reserve("scene", 16 << 20).unwrap();
        let scene = arena.open();
        let (cube, square) = (cube(renderer), square(renderer));
        let red = renderer::create_material(renderer, &matt([0.8, 0.1, 0.1, 1.0])).unwrap();
        let masked = MaterialDesc { alpha: AlphaMode::Mask(0.5), double_sided: true, ..matt([0.1, 0.7, 0.2, 0.9]) };
        let masked = renderer::create_material(renderer, &masked).unwrap();
        let glass = MaterialDesc { alpha: AlphaMode::Blend, ..matt([0.2, 0.3, 0.9, 0.4]) };
        let glass = renderer::create_material(renderer, &glass).unwrap();
        let mirrored = at(-2.0, 0.5, 0.0) * Mat4::from_scale(Vec3::new(-0.6, 0.6, 0.6));
        let draws = [
            Draw { object_color: [255, 0, 0, 255], ..draw(cube, red) },
            Draw { world: at(2.0, 0.0, -1.0), ..draw(cube, red) },
            Draw { world: mirrored, ..draw(cube, red) },
            Draw { world: at(0.0, 2.0, 0.5), ..draw(square, masked) },
            Draw { world: at(0.5, 0.5, 2.5), ..draw(square, glass) },
            Draw { world: at(-0.5, 0.5, 3.0), ..draw(square, glass) },
            Draw { world: at(300.0, 0.0, 0.0), ..draw(cube, red) },
        ];
        let mut instances = Instances::try_new(renderer, scene.tagged(Tag::SCENE), capacity).unwrap();
        let ids = draws.map(|draw| instances.insert(renderer, &draw).unwrap());
        assert_eq!(instances.len(), 7);
        let unseen = Draw { world: at(0.0, 0.0, 900.0), ..draw(cube, red) };
        let gone: Vec<_> = (0..more).map(|_| instances.insert(renderer, &unseen).unwrap()).collect();
        for id in gone {
            instances.remove(renderer, id).unwrap();
        }
        for samples in [1, 4] {
            let target = renderer::create_target(renderer, [96, 96], samples, "test").unwrap();
            for mode in [ViewMode::Shaded, ViewMode::Wireframe, ViewMode::Normals, ViewMode::Object] {
                let shown = View {
                    camera: oblique(),
                    sun: Sun::default(),
                    ambient: [0.5; 3],
                    shadow: Shadow::Sun { center: Vec3::ZERO, radius: 5.0 },
                    mode,
                    ..view(target, &[])
                };
                let expected = picture(renderer, View { draws: &draws, ..shown }, scope);
                let actual = picture(renderer, View { instances: Some(&instances), ..shown }, scope);
                keep(&expected, &format!("instances-{mode:?}-{samples}-draws.png"));
                keep(&actual, &format!("instances-{mode:?}-{samples}.png"));
                assert_eq!(differing(&actual, &expected), 0, "{mode:?}, {samples} samples");
            }
            renderer::destroy_target(renderer, target);
        }
        for id in ids {
            instances.remove(renderer, id).unwrap();
        }
        assert!(instances.is_empty());
        renderer::destroy_scene(renderer, instances.id());
    });
}

#[test]
fn what_moves_changes_or_goes_is_seen_to_and_stale_ids_do_nothing() {
    perform(LIMITS, |renderer, _, scope| {
        let mut arena = Arena::try_reserve("scene", 16 << 20).unwrap();
        let scene = arena.open();
        let square = square(renderer);
        let paint = |renderer: &mut _, color| {
            renderer::create_material(renderer, &MaterialDesc { unlit: true, ..matt(color) }).unwrap()
        };
        let (red, green) = (paint(renderer, [1.0, 0.0, 0.0, 1.0]), paint(renderer, [0.0, 1.0, 0.0, 1.0]));
        let target = renderer::create_target(renderer, [32, 32], 1, "test").unwrap();
        let mut instances = Instances::try_new(renderer, scene.tagged(Tag::SCENE), 1_000).unwrap();
        let small = Mat4::from_scale(Vec3::splat(0.3));
        let left = Draw { world: at(-0.5, 0.0, 0.0) * small, ..draw(square, red) };
        let right = Draw { world: at(0.5, 0.0, 0.0) * small, ..draw(square, green) };
        let first = instances.insert(renderer, &left).unwrap();
        let second = instances.insert(renderer, &right).unwrap();
        let seen = |renderer: &mut _, instances: &Instances<'_>| {
            let shown = View { instances: Some(instances), ..view(target, &[]) };
            let pixels = picture(renderer, shown, scope);
            [pixels.at(8, 16), pixels.at(24, 16), pixels.at(16, 8)].map(|[red, green, ..]| (red > 128, green > 128))
        };
        let (nothing, is_red, is_green) = ((false, false), (true, false), (false, true));
        assert_eq!(seen(renderer, &instances), [is_red, is_green, nothing]);
        // Moved twice before it is seen: the last place counts.
        let up = at(0.0, 0.5, 0.0) * small;
        instances.set_worlds(renderer, [(first, &right.world), (first, &up)]).unwrap();
        assert_eq!(seen(renderer, &instances), [nothing, is_green, is_red]);
        instances.set(renderer, second, &Draw { world: left.world, ..draw(square, red) }).unwrap();
        assert_eq!(seen(renderer, &instances), [is_red, nothing, is_red]);
        instances.remove(renderer, first).unwrap();
        assert_eq!(seen(renderer, &instances), [is_red, nothing, nothing]);
        // Its place is taken by another; the old name stays nobody's.
        let third = instances.insert(renderer, &right).unwrap();
        assert_ne!(first, third);
        instances.remove(renderer, first).unwrap();
        instances.set_worlds(renderer, [(first, &up)]).unwrap();
        instances.set(renderer, first, &left).unwrap();
        assert_eq!((seen(renderer, &instances), instances.len()), ([is_red, is_green, nothing], 2));
        // Nothing has changed for longer than staging memory is kept.
        for _ in 0..200 {
            frame(renderer, &[View { instances: Some(&instances), ..view(target, &[]) }]);
        }
        assert_eq!(seen(renderer, &instances), [is_red, is_green, nothing]);
        instances.set_worlds(renderer, [(third, &up)]).unwrap();
        assert_eq!(seen(renderer, &instances), [is_red, nothing, is_green]);

        renderer::destroy_scene(renderer, instances.id());
        let error = instances.insert(renderer, &left).unwrap_err();
        assert!(matches!(error, RenderError::StaleHandle { .. }), "{error}");
        let lost = View { instances: Some(&instances), ..view(target, &[]) };
        assert_eq!(picture(renderer, lost, scope).at(8, 16), [0, 0, 0, 255]);
    });
}

#[test]
fn thousands_take_a_draw_call_or_two_and_grow_their_page_as_they_come() {
    perform(LIMITS, |renderer, gpu, scope| {
        let mut arena = Arena::try_reserve("scene", 16 << 20).unwrap();
        let scene = arena.open();
        let square = square(renderer);
        let paint = MaterialDesc { unlit: true, ..matt([1.0; 4]) };
        let white = renderer::create_material(renderer, &paint).unwrap();
        let target = renderer::create_target(renderer, [64, 64], 1, "test").unwrap();
        let mut instances = Instances::try_new(renderer, scene.tagged(Tag::SCENE), 0).unwrap();
        // A square for each pixel, smaller than it.
        let side = 64;
        let place = |index: usize| {
            let (x, y) = ((index % side) as f32, (index / side) as f32);
            at((x + 0.5) / 32.0 - 1.0, (y + 0.5) / 32.0 - 1.0, 0.0) * Mat4::from_scale(Vec3::splat(0.008))
        };
        let mut ids = Vec::new();
        for index in 0..side * side {
            ids.push(instances.insert(renderer, &Draw { world: place(index), ..draw(square, white) }).unwrap());
            if index % 1000 == 0 {
                frame(renderer, &[View { instances: Some(&instances), ..view(target, &[]) }]);
            }
        }
        let shown = View { instances: Some(&instances), ..view(target, &[]) };
        let pixels = picture(renderer, shown, scope);
        assert!(pixels.rgba.chunks_exact(4).all(|pixel| pixel[0] > 250), "every pixel has its square");
        // a software driver is given them in slices
        assert_eq!(renderer.stats().draw_calls, if gpu.is_software() { 2 } else { 1 });
        let held = gpu.usage().tag(voltrum_render::GpuTag::Instances).bytes;
        assert!(held < 4096 * 80, "{held}");
        // Half of them go away, at once.
        let worlds: Vec<Mat4> = (0..ids.len()).map(|_| at(50.0, 0.0, 0.0)).collect();
        instances.set_worlds(renderer, ids.iter().copied().zip(&worlds).step_by(2)).unwrap();
        let shown = View { instances: Some(&instances), ..view(target, &[]) };
        let pixels = picture(renderer, shown, scope);
        let white = pixels.rgba.chunks_exact(4).filter(|pixel| pixel[0] > 250).count();
        assert_eq!(white, side * side / 2);
        for id in ids {
            instances.remove(renderer, id).unwrap();
        }
        let pixels = picture(renderer, View { instances: Some(&instances), ..view(target, &[]) }, scope);
        assert!(pixels.rgba.chunks_exact(4).all(|pixel| pixel[0] < 5), "nothing is left");
        renderer::destroy_scene(renderer, instances.id());
    });
}

#[test]
fn pictures_of_so_many_triangles_that_drawing_pauses_keep_depth_and_samples() {
    let side: usize = 96;
    let limits = RendererLimits { draws_max: 1 << 15, frame_ring_bytes: 8 << 20, ..LIMITS };
    perform(limits, |renderer, _, scope| {
        let mut arena = Arena::try_reserve("scene", 32 << 20).unwrap();
        let scene = arena.open();
        let square = square(renderer);
        let [front, behind] = [[1.0, 1.0, 1.0, 1.0], [1.0, 0.0, 0.0, 1.0]]
            .map(|color| renderer::create_material(renderer, &MaterialDesc { unlit: true, ..matt(color) }).unwrap());
        // A square for each pixel, and one behind each that is drawn after all of them.
        let place = |index: usize, z: f32| {
            let [x, y] = [index % side, index / side].map(|step| (step as f32 + 0.5) * 2.0 / side as f32 - 1.0);
            at(x, y, z) * Mat4::from_scale(Vec3::splat(0.9 / side as f32))
        };
        let draws: Vec<Draw> = [(front, 0.0), (behind, -0.1)]
            .iter()
            .flat_map(|&(material, z)| {
                (0..side * side).map(move |index| Draw { world: place(index, z), ..draw(square, material) })
            })
            .collect();
        let mut instances = Instances::try_new(renderer, scene.tagged(Tag::SCENE), draws.len()).unwrap();
        for draw in &draws {
            instances.insert(renderer, draw).unwrap();
        }
        for samples in [1, 4] {
            let target = renderer::create_target(renderer, [side as u32; 2], samples, "test").unwrap();
            for shown in [view(target, &draws), View { instances: Some(&instances), ..view(target, &[]) }] {
                let pixels = picture(renderer, shown, scope);
                assert!(
                    pixels.rgba.chunks_exact(4).all(|pixel| pixel[..3].iter().all(|&part| part > 250)),
                    "{samples}"
                );
            }
        }
        renderer::destroy_scene(renderer, instances.id());
    });
}
