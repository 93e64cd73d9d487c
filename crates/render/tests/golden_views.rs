//! Golden pictures of views: light, shadow, environment, tone curves, view modes, topologies, poses, formats.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod gallery;
mod stage;

use gallery::*;
use stage::{LIMITS, matt, perform};
use voltrum_memory::{Arena, Tag};
use voltrum_render::glam::{Mat4, Vec3};
use voltrum_render::{
    Background, Draw, EnvironmentId, GpuLifetime, ImageFormat, Light, LightKind, MaterialDesc, MorphDelta, Pose,
    RenderError, RendererState, SamplerDesc, Shadow, SkinVertex, Sun, TargetId, Tolerance, ToneMapping, Topology,
    Vertex, View, ViewMode, compare, renderer,
};

/// Two balls, one of metal, on a floor.
fn still_life(renderer: &mut RendererState<'_>) -> [Draw; 3] {
    let (ball, floor) = (ball(renderer), stage::square(renderer));
    let paint = renderer::create_material(renderer, &matt([0.8, 0.35, 0.2, 1.0])).unwrap();
    let chrome = MaterialDesc { metallic: 1.0, roughness: 0.15, ..matt([0.9, 0.9, 0.9, 1.0]) };
    let chrome = renderer::create_material(renderer, &chrome).unwrap();
    let ground = renderer::create_material(renderer, &matt([0.6, 0.6, 0.6, 1.0])).unwrap();
    let lying = Mat4::from_translation(Vec3::new(0.0, -1.0, 0.0))
        * Mat4::from_rotation_x(-std::f32::consts::FRAC_PI_2)
        * Mat4::from_scale(Vec3::splat(4.0));
    [
        Draw { mesh: ball, material: paint, world: in_row(0, 2), object_color: [255, 80, 0, 255], ..Draw::default() },
        Draw { mesh: ball, material: chrome, world: in_row(1, 2), object_color: [0, 120, 255, 255], ..Draw::default() },
        Draw { mesh: floor, material: ground, world: lying, object_color: [90, 90, 90, 255], ..Draw::default() },
    ]
}

fn dark<'f>(target: TargetId, draws: &'f [Draw]) -> View<'f> {
    let view = studio(target, draws);
    View { sun: Sun { intensity: 0.0, ..view.sun }, ambient: [0.03; 3], ..view }
}

#[test]
fn lights_of_each_kind_fall_off_as_they_should() {
    perform(LIMITS, |renderer, _, scope| {
        let draws = still_life(renderer);
        let target = canvas(renderer);
        let above =
            Light { position: Vec3::new(0.0, 1.0, 1.5), color: [1.0, 0.8, 0.6], intensity: 6.0, ..Light::default() };
        let point = Light { kind: LightKind::Point, ..above };
        let near = Light { range: 2.0, ..point };
        let kind = LightKind::Spot { inner_angle: 0.2, outer_angle: 0.45 };
        let spot = Light { kind, direction: Vec3::new(0.0, -1.0, -0.9), intensity: 20.0, ..above };
        let sun = Light { direction: Vec3::new(1.0, -1.0, -0.3), intensity: 2.0, ..Light::default() };
        for (name, lights) in [
            ("light-point", &[point][..]),
            ("light-range", &[near]),
            ("light-spot", &[spot]),
            ("light-directional", &[sun]),
            ("lights-together", &[point, spot, sun]),
        ] {
            golden(renderer, scope, name, View { lights, ..dark(target, &draws) });
        }
    });
}

#[test]
fn the_sun_a_spot_and_a_directional_light_cast_shadows() {
    perform(LIMITS, |renderer, _, scope| {
        let draws = still_life(renderer);
        let target = canvas(renderer);
        let shadow = Shadow::Sun { center: Vec3::ZERO, radius: 3.0 };
        let lit = View { sun: Sun { intensity: 1.5, ..Sun::default() }, ambient: [0.3; 3], ..studio(target, &draws) };
        golden(renderer, scope, "shadow-sun", View { shadow, ..lit });
        let kind = LightKind::Spot { inner_angle: 0.5, outer_angle: 0.7 };
        let position = Vec3::new(-2.0, 3.0, 2.0);
        let spot = Light { kind, position, direction: -position, intensity: 60.0, ..Light::default() };
        let sun = Light { direction: Vec3::new(1.0, -1.0, -0.3), intensity: 2.5, ..Light::default() };
        let lights = [spot, sun];
        let shadow = Shadow::Light { index: 0, center: Vec3::ZERO, radius: 8.0 };
        golden(renderer, scope, "shadow-spot", View { shadow, lights: &lights[..1], ..dark(target, &draws) });
        let shadow = Shadow::Light { index: 1, center: Vec3::ZERO, radius: 3.0 };
        golden(renderer, scope, "shadow-directional", View { shadow, lights: &lights, ..dark(target, &draws) });
        // A point light casts none, and the picture is as without.
        let point = [Light { kind: LightKind::Point, ..spot }];
        let shadow = Shadow::Light { index: 0, center: Vec3::ZERO, radius: 3.0 };
        golden(renderer, scope, "shadow-point", View { shadow, lights: &point, ..dark(target, &draws) });
    });
}

#[test]
fn environments_light_are_mirrored_and_can_be_seen() {
    perform(LIMITS, |renderer, _, scope| {
        let draws = still_life(renderer);
        let target = canvas(renderer);
        // Red to the left, green to the right, blue above, a bright lamp in front.
        let size = [64, 32];
        let mut rgb = Vec::new();
        for index in 0..size[0] * size[1] {
            let (u, v) = ((index % size[0]) as f32 / 64.0, (index / size[0]) as f32 / 32.0);
            let lamp = if (u - 0.5).abs() < 0.04 && (v - 0.4).abs() < 0.08 { 20.0 } else { 0.0 };
            rgb.extend([(1.0 - u) + lamp, u + lamp, (1.0 - v) + lamp]);
        }
        let mut scratch = Arena::try_reserve("scratch", 1 << 22).unwrap();
        let mut batch = renderer.gpu().upload_batch(8 << 20);
        let memory = scratch.open();
        let made = renderer::try_environment(&mut batch, size, &rgb, memory.tagged(Tag::RENDERER)).unwrap();
        let wrong = renderer::try_environment(&mut batch, [65, 32], &rgb, memory.tagged(Tag::RENDERER));
        assert!(matches!(wrong, Err(RenderError::EnvironmentInvalid { .. })));
        let environment = renderer::create_environment(renderer, &batch, made, GpuLifetime::Scene).unwrap();
        let sunless = View { sun: Sun { intensity: 0.0, ..Sun::default() }, ..studio(target, &draws) };
        let shown = View { environment, background: Background::Environment { blur: 0.0 }, ..sunless };
        let sky = View { background: Background::Environment { blur: 0.3 }, ..sunless };
        // Until its texels are there, the built-in sky stands in.
        golden(renderer, scope, "environment-sky", View { environment, ..sky });
        renderer::submit_uploads(renderer, batch).unwrap();
        golden(renderer, scope, "environment", shown);
        golden(renderer, scope, "environment-turned", View { environment_turn: 1.5, ..shown });
        renderer::destroy_environment(renderer, environment);
        golden(renderer, scope, "environment-sky", View { environment, ..sky });
        golden(renderer, scope, "environment-sky", View { environment: EnvironmentId::NONE, ..sky });
    });
}

#[test]
fn in_a_white_furnace_white_surfaces_disappear() {
    perform(LIMITS, |renderer, _, scope| {
        let ball = ball(renderer);
        let target = canvas(renderer);
        let mut scratch = Arena::try_reserve("scratch", 1 << 22).unwrap();
        let mut batch = renderer.gpu().upload_batch(8 << 20);
        let memory = scratch.open();
        // A linear 0.5 is 188 in sRGB.
        let made = renderer::try_environment(&mut batch, [64, 32], &[0.5; 64 * 32 * 3], memory.tagged(Tag::RENDERER));
        let environment = renderer::create_environment(renderer, &batch, made.unwrap(), GpuLifetime::Scene).unwrap();
        renderer::submit_uploads(renderer, batch).unwrap();
        for metallic in [0.0, 1.0] {
            for roughness in [0.0, 0.3, 0.6, 1.0] {
                let white = MaterialDesc { metallic, roughness, ..MaterialDesc::default() };
                let material = renderer::create_material(renderer, &white).unwrap();
                let draws = [Draw { mesh: ball, material, ..Draw::default() }];
                let view = View { environment, ambient: [1.0; 3], tone: ToneMapping::None, ..studio(target, &draws) };
                let view = View { sun: Sun { intensity: 0.0, ..view.sun }, ..view };
                let pixels = stage::picture(renderer, view, scope);
                for x in [64, 74, 80] {
                    let what = format!("metallic {metallic}, roughness {roughness}, column {x}");
                    stage::assert_near(pixels.at(x, 48), [188, 188, 188, 255], 8, &what);
                }
            }
        }
    });
}

#[test]
fn tone_curves_tame_highlights_each_in_its_way() {
    perform(LIMITS, |renderer, _, scope| {
        let draws = still_life(renderer);
        let target = canvas(renderer);
        for (tone, name) in [
            (ToneMapping::None, "tone-none"),
            (ToneMapping::Neutral, "tone-neutral"),
            (ToneMapping::Aces, "tone-aces"),
            (ToneMapping::Agx, "tone-agx"),
        ] {
            golden(renderer, scope, name, View { tone, exposure: 2.5, ..studio(target, &draws) });
        }
    });
}

#[test]
fn view_modes_show_edges_normals_coordinates_overdraw_and_objects() {
    perform(LIMITS, |renderer, _, scope| {
        let draws = still_life(renderer);
        let target = canvas(renderer);
        for (mode, name) in [
            (ViewMode::Wireframe, "mode-wireframe"),
            (ViewMode::Normals, "mode-normals"),
            (ViewMode::Uv, "mode-uv"),
            (ViewMode::Overdraw, "mode-overdraw"),
            (ViewMode::Object, "mode-object"),
        ] {
            golden(renderer, scope, name, View { mode, grid: true, ..studio(target, &draws) });
        }
    });
}

#[test]
fn points_lines_strips_and_fans() {
    perform(LIMITS, |renderer, _, scope| {
        let target = renderer::create_target(renderer, [64, 64], 1, "golden").unwrap();
        let unlit = MaterialDesc { unlit: true, double_sided: true, ..MaterialDesc::default() };
        let material = renderer::create_material(renderer, &unlit).unwrap();
        let at = |x: f32, y: f32| Vertex { position: [x, y, 0.0], ..Vertex::default() };
        let zigzag = [at(-0.8, -0.5), at(-0.4, 0.5), at(0.0, -0.5), at(0.4, 0.5), at(0.8, -0.5), at(0.9, 0.5)];
        let lit =
            |pixels: &voltrum_render::Pixels<'_>| pixels.rgba.chunks_exact(4).filter(|pixel| pixel[0] > 200).count();
        let mut counts = Vec::new();
        for (topology, name) in [
            (Topology::Points, "topology-points"),
            (Topology::Lines, "topology-lines"),
            (Topology::LineStrip, "topology-line-strip"),
            (Topology::Triangles, "topology-triangles"),
            (Topology::TriangleStrip, "topology-triangle-strip"),
            (Topology::TriangleFan, "topology-triangle-fan"),
        ] {
            for indices in [&[][..], &[0, 1, 2, 3, 4, 5]] {
                let mesh =
                    upload(renderer, &zigzag, indices, |upload| voltrum_render::MeshUpload { topology, ..upload });
                let draws = [Draw { mesh, material, ..Draw::default() }];
                let pixels = stage::picture(renderer, stage::view(target, &draws), scope);
                assert_golden(name, &pixels);
                counts.push(lit(&pixels));
            }
        }
        assert_eq!(counts[0], 6, "a pixel for each point");
        assert!(counts[4] > counts[2] && counts[8] > counts[6], "strips join what lists leave apart: {counts:?}");
    });
}

/// A ribbon from y = -1 to y = 1 whose upper half follows the second joint.
fn ribbon(renderer: &mut RendererState<'_>) -> voltrum_render::MeshId {
    const ROWS: usize = 9;
    let mut vertices = Vec::new();
    let mut skin = Vec::new();
    let mut deltas = [Vec::new(), Vec::new()];
    let mut indices = Vec::new();
    for row in 0..ROWS {
        let along = row as f32 / (ROWS - 1) as f32;
        for side in [-1.0f32, 1.0] {
            vertices.push(Vertex {
                position: [side * 0.25, along * 2.0 - 1.0, 0.0],
                normal: [0.0, 0.0, 1.0],
                uv: [side * 0.5 + 0.5, 1.0 - along],
                ..Vertex::default()
            });
            let share = (along * 65535.0) as u16;
            skin.push(SkinVertex { joints: [0, 1, 0, 0], weights: [65535 - share, share, 0, 0] });
            let belly = (along * std::f32::consts::PI).sin();
            deltas[0].push(MorphDelta { position: [side * belly * 0.5, 0.0, 0.0], ..MorphDelta::default() });
            deltas[1].push(MorphDelta { position: [along * 0.8, 0.0, 0.0], ..MorphDelta::default() });
        }
        if row > 0 {
            let first = (row as u16 - 1) * 2;
            indices.extend([first, first + 1, first + 3, first, first + 3, first + 2]);
        }
    }
    upload_with(renderer, &vertices, &indices, |batch, upload| {
        let (skin_upload, bytes) = batch.try_buffer(size_of_val(&skin[..])).unwrap();
        bytes.copy_from_slice(bytemuck::cast_slice(&skin));
        let all: Vec<MorphDelta> = deltas.concat();
        let (morphs, bytes) = batch.try_buffer(size_of_val(&all[..])).unwrap();
        bytes.copy_from_slice(bytemuck::cast_slice(&all));
        voltrum_render::MeshUpload { skin: Some(skin_upload), morphs: Some((morphs, 2)), ..upload }
    })
}

#[test]
fn skins_and_morph_targets_pose_each_draw_on_its_own() {
    perform(LIMITS, |renderer, _, scope| {
        let ribbon = ribbon(renderer);
        let target = canvas(renderer);
        let board = painted(renderer, 64, ImageFormat::Rgba8Srgb, |u, v| {
            if on_board(u, v * 2.0, 4.0) { [0.2, 0.4, 0.8, 1.0] } else { [0.9, 0.9, 0.8, 1.0] }
        });
        let desc =
            MaterialDesc { base_color_texture: Some(board.into()), double_sided: true, ..MaterialDesc::default() };
        let material = renderer::create_material(renderer, &desc).unwrap();
        let place = |x: f32| Mat4::from_translation(Vec3::new(x, 0.0, 0.0));
        let bend = |x: f32, angle: f32| place(x) * Mat4::from_rotation_z(angle);
        let joints = [place(-0.6), bend(-0.6, 0.9), place(1.4), bend(1.4, -1.2)];
        let weights = [1.0, 0.0, 0.5, 0.6];
        let draw = |world, pose| Draw { mesh: ribbon, material, world, pose, ..Draw::default() };
        let draws = [
            draw(place(-1.6), Pose::default()),
            draw(Mat4::IDENTITY, Pose { first_joint: 0, joint_count: 2, ..Pose::default() }),
            draw(place(0.4), Pose { first_weight: 0, weight_count: 2, ..Pose::default() }),
            draw(Mat4::IDENTITY, Pose { first_joint: 2, joint_count: 2, first_weight: 2, weight_count: 2 }),
            // A stretch that reaches past the end poses nothing.
            draw(place(2.2), Pose { first_joint: 3, joint_count: 2, ..Pose::default() }),
        ];
        let shadow = Shadow::Sun { center: Vec3::ZERO, radius: 3.0 };
        let posed = View { joints: &joints, weights: &weights, shadow, ..studio(target, &draws) };
        golden(renderer, scope, "poses", posed);
        let stats = renderer.stats();
        assert_eq!((stats.draw_calls, stats.culled), (4, 0), "the two at rest share a draw call");
        // Far from where its box at rest would be, and still seen; out of sight, and left out.
        let far = [place(100.0), place(100.0)];
        let draws = [draw(place(-100.0), Pose { joint_count: 2, ..Pose::default() }), draws[1]];
        let posed = View { joints: &far, draws: &draws, ..posed };
        golden(renderer, scope, "poses-far", posed);
        assert_eq!(renderer.stats().culled, 1);
    });
}

#[test]
fn a_mirrored_skeleton_keeps_its_front_in_front() {
    perform(LIMITS, |renderer, _, scope| {
        let ribbon = ribbon(renderer);
        let target = canvas(renderer);
        let material = renderer::create_material(renderer, &matt([0.7, 0.5, 0.3, 1.0])).unwrap();
        let turned = Mat4::from_rotation_z(0.4);
        for mirror in [Vec3::ONE, Vec3::new(-1.0, 1.0, 1.0), Vec3::new(1.0, 1.0, -1.0)] {
            let world = turned * Mat4::from_scale(mirror);
            let placed = [Draw { mesh: ribbon, material, world, ..Draw::default() }];
            let pose = Pose { joint_count: 2, ..Pose::default() };
            let carried = [Draw { mesh: ribbon, material, pose, ..Draw::default() }];
            let shadow = Shadow::Sun { center: Vec3::ZERO, radius: 2.0 };
            let view = View { shadow, ..studio(target, &placed) };
            let expected = stage::picture(renderer, view, scope);
            let empty = stage::picture(renderer, View { draws: &[], ..view }, scope);
            let joints = [world; 2];
            let actual = stage::picture(renderer, View { draws: &carried, joints: &joints, ..view }, scope);
            assert!(compare(actual.rgba, expected.rgba, Tolerance::default()).is_within, "{mirror}");
            // Turned over as a whole, what looks at the camera is its back.
            let shows = !compare(empty.rgba, expected.rgba, Tolerance::default()).is_within;
            assert_eq!(shows, mirror.z > 0.0, "{mirror}");
        }
    });
}

#[test]
fn images_of_every_format_come_out_as_they_went_in() {
    perform(LIMITS, |renderer, _, scope| {
        let square = stage::square(renderer);
        let target = renderer::create_target(renderer, [16, 16], 1, "test").unwrap();
        let half = |value: f32| match value {
            1.0 => 0x3C00u16,
            0.5 => 0x3800,
            _ => 0,
        };
        let halves = [1.0, 0.5, 0.0, 1.0].map(|value| half(value).to_le_bytes()).concat();
        let floats = [1.0f32, 0.5, 0.0, 1.0].map(f32::to_le_bytes).concat();
        // A BC1 block of one colour: red 31, green 32 of 63, blue 0.
        let bc1 = [0x00, 0xFC, 0x00, 0xFC, 0, 0, 0, 0];
        let bc4 = [255, 255, 0, 0, 0, 0, 0, 0];
        let cases = [
            (ImageFormat::Rgba8Unorm, &[255, 128, 0, 255][..], [255, 188, 0]),
            (ImageFormat::Rgba8Srgb, &[255, 188, 0, 255], [255, 188, 0]),
            (ImageFormat::Rg8Unorm, &[255, 128], [255, 188, 0]),
            (ImageFormat::R8Unorm, &[255], [255, 0, 0]),
            (ImageFormat::Rgba16Float, &halves, [255, 188, 0]),
            (ImageFormat::Rgba32Float, &floats, [255, 188, 0]),
            (ImageFormat::Bc1Unorm, &bc1, [255, 188, 0]),
            (ImageFormat::Bc4Unorm, &bc4, [255, 0, 0]),
        ];
        for (format, block, expected) in cases {
            let side = format.block_side();
            let mut batch = renderer.gpu().upload_batch(1 << 20);
            if !renderer.gpu().supports(format) {
                let refused = batch.try_image([side; 2], format);
                assert!(matches!(refused, Err(RenderError::FormatUnsupported { .. })), "{format:?}");
                continue;
            }
            let (image, bytes) = batch.try_image([side; 2], format).unwrap();
            bytes.copy_from_slice(block);
            let sampler = SamplerDesc::default();
            let texture = renderer::create_texture(renderer, &batch, image, sampler, GpuLifetime::Scene).unwrap();
            renderer::submit_uploads(renderer, batch).unwrap();
            let desc =
                MaterialDesc { unlit: true, base_color_texture: Some(texture.into()), ..MaterialDesc::default() };
            let material = renderer::create_material(renderer, &desc).unwrap();
            let draws = [stage::draw(square, material)];
            let [red, green, blue, _] = stage::picture(renderer, stage::view(target, &draws), scope).at(8, 8);
            stage::assert_near(
                [red, green, blue, 255],
                [expected[0], expected[1], expected[2], 255],
                2,
                &format!("{format:?}"),
            );
        }
    });
}

#[test]
fn an_image_brings_its_own_mip_levels_and_no_more_than_its_size_has() {
    perform(LIMITS, |renderer, _, scope| {
        let square = stage::square(renderer);
        let mut batch = renderer.gpu().upload_batch(1 << 20);
        for levels in [0, 4] {
            let refused = batch.try_image_levels([4, 4], ImageFormat::Rgba8Unorm, levels);
            assert!(matches!(refused, Err(RenderError::ImageLevels { most: 3, .. })), "{refused:?}");
        }
        // Red, then green, then blue.
        let (image, bytes) = batch.try_image_levels([64, 64], ImageFormat::Rgba8Unorm, 3).unwrap();
        let (red, rest) = bytes.split_at_mut(64 * 64 * 4);
        let (green, blue) = rest.split_at_mut(32 * 32 * 4);
        for (level, color) in [(red, [255, 0, 0, 255]), (green, [0, 255, 0, 255]), (blue, [0, 0, 255, 255])] {
            level.chunks_exact_mut(4).for_each(|texel| texel.copy_from_slice(&color));
        }
        let texture =
            renderer::create_texture(renderer, &batch, image, SamplerDesc::default(), GpuLifetime::Scene).unwrap();
        renderer::submit_uploads(renderer, batch).unwrap();
        let desc = MaterialDesc { unlit: true, base_color_texture: Some(texture.into()), ..MaterialDesc::default() };
        let material = renderer::create_material(renderer, &desc).unwrap();
        for (side, channel) in [(64, 0), (32, 1), (16, 2), (4, 2)] {
            let target = renderer::create_target(renderer, [side; 2], 1, "test").unwrap();
            let draws = [stage::draw(square, material)];
            let pixel = stage::picture(renderer, stage::view(target, &draws), scope).at(side / 2, side / 2);
            assert!(pixel[channel] > 250, "{side}: {pixel:?}");
            renderer::destroy_target(renderer, target);
        }
    });
}
