//! Meshes, materials and light: what arrives in the pixels of a target.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod stage;

use stage::*;
use voltrum_memory::Scope;
use voltrum_render::glam::{Mat4, Vec3};
use voltrum_render::{
    AlphaMode, Background, Camera, Draw, Filter, GpuLifetime, MaterialDesc, MaterialId, MeshId, MipFilter, RenderError,
    RendererState, SamplerDesc, Sun, TextureId, Vertex, Wrap, camera, renderer,
};

const NEAREST: SamplerDesc = SamplerDesc {
    magnify: Filter::Nearest,
    minify: Filter::Nearest,
    mip: MipFilter::None,
    wrap: [Wrap::Clamp, Wrap::Clamp],
};

/// A sun that shines onto what faces +Z: a white matt surface there is white.
fn frontal() -> Sun {
    Sun { direction: Vec3::NEG_Z, color: [1.0; 3], intensity: 1.0 }
}

fn square_picture(
    renderer: &mut RendererState<'_>,
    scope: &Scope<'_>,
    desc: &MaterialDesc,
    samples: u32,
    background: Background,
) -> [u8; 4] {
    let square = square(renderer);
    let material = renderer::create_material(renderer, desc).unwrap();
    let target = renderer::create_target(renderer, [32, 32], samples, "test").unwrap();
    let draws = [draw(square, material)];
    let shown = voltrum_render::View { sun: frontal(), background, ..view(target, &draws) };
    let center = picture(renderer, shown, scope).at(16, 16);
    renderer::destroy_target(renderer, target);
    center
}

#[test]
fn a_white_surface_in_full_light_is_white_and_half_light_is_srgb_188() {
    perform(LIMITS, |renderer, _, scope| {
        let black = Background::Color([0.0, 0.0, 0.0, 1.0]);
        for samples in [1, 4] {
            let white = square_picture(renderer, scope, &matt([1.0; 4]), samples, black);
            // The dielectric reflection takes 4 % of the diffuse light and gives some back.
            assert_near(white, [252, 252, 252, 255], 3, "white");
            let half = square_picture(renderer, scope, &matt([0.5, 0.5, 0.5, 1.0]), samples, black);
            assert_near(half, [187, 187, 187, 255], 4, "linear 0.5");
            let red = square_picture(renderer, scope, &matt([1.0, 0.0, 0.0, 1.0]), samples, black);
            assert!(red[0] > 245 && red[1] < 40 && red[2] < 40, "{red:?}");
        }
    });
}

#[test]
fn background_colors_are_linear_and_gradients_run_from_top_to_bottom() {
    perform(LIMITS, |renderer, _, scope| {
        let target = renderer::create_target(renderer, [16, 16], 1, "test").unwrap();
        let color = Background::Color([0.5, 0.0, 1.0, 1.0]);
        let pixels = picture(renderer, voltrum_render::View { background: color, ..view(target, &[]) }, scope);
        assert_near(pixels.at(8, 8), [188, 0, 255, 255], 1, "colour");
        let gradient = Background::Gradient { top: [1.0, 0.0, 0.0, 1.0], bottom: [0.0, 0.0, 1.0, 1.0] };
        let pixels = picture(renderer, voltrum_render::View { background: gradient, ..view(target, &[]) }, scope);
        assert!(pixels.at(8, 0)[0] > 240 && pixels.at(8, 15)[2] > 240);
        assert!(pixels.at(8, 0)[2] < 80 && pixels.at(8, 15)[0] < 80);
        let clear = voltrum_render::View { background: Background::Transparent, ..view(target, &[]) };
        assert_eq!(picture(renderer, clear, scope).at(3, 3), [0, 0, 0, 0]);
    });
}

#[test]
fn up_is_up_right_is_right_and_near_hides_far() {
    perform(LIMITS, |renderer, _, scope| {
        let square = square(renderer);
        let target = renderer::create_target(renderer, [64, 64], 1, "test").unwrap();
        let mut color =
            |rgb: [f32; 3]| renderer::create_material(renderer, &matt([rgb[0], rgb[1], rgb[2], 1.0])).unwrap();
        let (red, green, blue) = (color([1.0, 0.0, 0.0]), color([0.0, 1.0, 0.0]), color([0.0, 0.0, 1.0]));
        let small = Mat4::from_scale(Vec3::splat(0.25));
        let at = |x, y, z| Mat4::from_translation(Vec3::new(x, y, z)) * small;
        let draws = [
            Draw { mesh: square, material: red, world: at(0.0, 0.7, 0.0), ..Draw::default() },
            Draw { mesh: square, material: green, world: at(0.7, 0.0, 0.0), ..Draw::default() },
            // Blue before green, drawn after red: order must not matter.
            Draw { mesh: square, material: blue, world: at(0.7, -0.2, -1.0), ..Draw::default() },
        ];
        let shown = voltrum_render::View { sun: frontal(), ..view(target, &draws) };
        let pixels = picture(renderer, shown, scope);
        keep(&pixels, "up_right.png");
        assert!(pixels.at(32, 10)[0] > 200, "red is above: {:?}", pixels.at(32, 10));
        assert!(pixels.at(54, 32)[1] > 200, "green is to the right and before blue");
        assert!(pixels.at(54, 44)[2] > 200, "blue shows below green");
    });
}

#[test]
fn texture_rows_run_downwards_and_wrap_as_asked() {
    perform(LIMITS, |renderer, _, scope| {
        // Upper left red, upper right green, lower left blue, lower right white.
        let rgba = [255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 255, 255, 255, 255];
        let texture = texture(renderer, [2, 2], &rgba, NEAREST);
        let square = square(renderer);
        let desc = MaterialDesc { base_color_texture: Some(texture.into()), ..MaterialDesc::default() };
        let material = renderer::create_material(renderer, &desc).unwrap();
        let target = renderer::create_target(renderer, [32, 32], 1, "test").unwrap();
        let draws = [draw(square, material)];
        let pixels = picture(renderer, voltrum_render::View { sun: frontal(), ..view(target, &draws) }, scope);
        assert!(pixels.at(8, 8)[0] > 240 && pixels.at(8, 8)[1] < 40, "upper left is red: {:?}", pixels.at(8, 8));
        assert!(pixels.at(24, 8)[1] > 240 && pixels.at(24, 8)[0] < 40, "upper right is green");
        assert!(pixels.at(8, 24)[2] > 240 && pixels.at(8, 24)[0] < 40, "lower left is blue");
        assert_near(pixels.at(24, 24), [252, 252, 252, 255], 3, "lower right is white");
    });
}

#[test]
fn small_pictures_of_large_textures_show_the_mean_of_their_mip_levels() {
    perform(LIMITS, |renderer, _, scope| {
        let mut rgba = [255; 256 * 256 * 4];
        for (index, pixel) in rgba.chunks_exact_mut(4).enumerate() {
            let white = (index % 256 + index / 256) % 2 == 0;
            pixel[..3].fill(if white { 255 } else { 0 });
        }
        let texture = texture(renderer, [256, 256], &rgba, SamplerDesc::default());
        let desc = MaterialDesc { base_color_texture: Some(texture.into()), ..MaterialDesc::default() };
        let pixel = square_picture(renderer, scope, &desc, 1, Background::Transparent);
        // The mean of black and white is linear 0.5; a filter that is not sRGB-right would say 128.
        assert_near(pixel, [187, 187, 187, 255], 5, "mean");
    });
}

#[test]
fn masked_pixels_are_left_out_and_blended_ones_mix_in_linear_light() {
    perform(LIMITS, |renderer, _, scope| {
        let black = Background::Color([0.0, 0.0, 0.0, 1.0]);
        let desc = |alpha, mode| MaterialDesc { base_color: [1.0, 1.0, 1.0, alpha], alpha: mode, ..matt([1.0; 4]) };
        let masked = square_picture(renderer, scope, &desc(0.4, AlphaMode::Mask(0.5)), 1, black);
        assert_eq!(masked, [0, 0, 0, 255]);
        let kept = square_picture(renderer, scope, &desc(0.6, AlphaMode::Mask(0.5)), 1, black);
        assert!(kept[0] > 245, "{kept:?}");
        let opaque = square_picture(renderer, scope, &desc(0.1, AlphaMode::Opaque), 1, black);
        assert!(opaque[0] > 245 && opaque[3] == 255, "{opaque:?}");
        let blended = square_picture(renderer, scope, &desc(0.5, AlphaMode::Blend), 1, black);
        assert_near(blended, [187, 187, 187, 255], 4, "half of white over black");
        let alone = square_picture(renderer, scope, &desc(0.5, AlphaMode::Blend), 1, Background::Transparent);
        assert_near(alone, [252, 252, 252, 128], 4, "straight alpha over nothing");
    });
}

#[test]
fn blended_surfaces_are_drawn_from_back_to_front_whatever_their_order() {
    perform(LIMITS, |renderer, _, scope| {
        let square = square(renderer);
        let target = renderer::create_target(renderer, [16, 16], 1, "test").unwrap();
        let mut glass = |rgb: [f32; 3]| {
            let desc = MaterialDesc { alpha: AlphaMode::Blend, ..matt([rgb[0], rgb[1], rgb[2], 0.9]) };
            renderer::create_material(renderer, &desc).unwrap()
        };
        let (red, blue) = (glass([1.0, 0.0, 0.0]), glass([0.0, 0.0, 1.0]));
        let near = Draw { mesh: square, material: red, world: Mat4::from_translation(Vec3::Z), ..Draw::default() };
        let far = Draw { mesh: square, material: blue, world: Mat4::from_translation(-Vec3::Z), ..Draw::default() };
        let projection = camera::perspective(0.5, 1.0, 0.1);
        let perspective = Camera::look_at(Vec3::new(0.0, 0.0, 5.0), Vec3::ZERO, projection);
        let orders = [[near, far], [far, near]];
        for (draws, camera) in orders.iter().flat_map(|draws| [(draws, perspective), (draws, flat_camera())]) {
            let shown = voltrum_render::View { sun: frontal(), camera, ..view(target, draws) };
            let pixel = picture(renderer, shown, scope).at(8, 8);
            assert!(pixel[0] > 220 && pixel[2] < 120, "red is before blue: {pixel:?}");
        }
    });
}

#[test]
fn back_faces_show_only_where_double_sided_and_mirroring_keeps_front_faces() {
    perform(LIMITS, |renderer, _, scope| {
        let square = square(renderer);
        let target = renderer::create_target(renderer, [16, 16], 1, "test").unwrap();
        let single = renderer::create_material(renderer, &matt([1.0; 4])).unwrap();
        let double = MaterialDesc { double_sided: true, ..matt([1.0; 4]) };
        let double = renderer::create_material(renderer, &double).unwrap();
        let turned = Mat4::from_rotation_y(std::f32::consts::PI);
        let mirrored = Mat4::from_scale(Vec3::new(-1.0, 1.0, 1.0));
        for (material, world, expected) in
            [(single, turned, 0), (double, turned, 250), (single, mirrored, 250), (double, mirrored, 250)]
        {
            let draws = [Draw { mesh: square, material, world, ..Draw::default() }];
            let shown = voltrum_render::View { sun: frontal(), ..view(target, &draws) };
            let pixel = picture(renderer, shown, scope).at(8, 8);
            assert!(pixel[0].abs_diff(expected) < 8, "{pixel:?} instead of {expected}");
        }
    });
}

#[test]
fn vertex_colors_tint_and_missing_normals_are_shaded_flat() {
    perform(LIMITS, |renderer, _, scope| {
        let corner = |x: f32, y: f32| Vertex { position: [x, y, 0.0], color: [255, 0, 0, 255], ..Vertex::default() };
        let triangle = mesh(renderer, &[corner(-1.0, -1.0), corner(1.0, -1.0), corner(0.0, 1.0)], None);
        let white = renderer::create_material(renderer, &matt([1.0; 4])).unwrap();
        let target = renderer::create_target(renderer, [16, 16], 1, "test").unwrap();
        let draws = [draw(triangle, white)];
        let pixel = picture(renderer, voltrum_render::View { sun: frontal(), ..view(target, &draws) }, scope).at(8, 8);
        assert!(pixel[0] > 245 && pixel[1] < 40, "{pixel:?}");
    });
}

#[test]
fn stale_handles_draw_nothing_or_the_visible_default() {
    perform(LIMITS, |renderer, _, scope| {
        let target = renderer::create_target(renderer, [32, 32], 1, "test").unwrap();
        let shape = square(renderer);
        let white = [255; 4];
        let texture = texture(renderer, [1, 1], &white, SamplerDesc::default());
        let textured = MaterialDesc { base_color_texture: Some(texture.into()), ..MaterialDesc::default() };
        let textured = renderer::create_material(renderer, &textured).unwrap();
        let plain = renderer::create_material(renderer, &matt([1.0; 4])).unwrap();
        let look = |renderer: &mut RendererState<'_>, mesh, material| {
            let draws = [draw(mesh, material)];
            let shown = voltrum_render::View { sun: frontal(), ..view(target, &draws) };
            let pixels = picture(renderer, shown, scope);
            (pixels.at(2, 2), pixels.at(6, 2))
        };
        assert_eq!(look(renderer, MeshId::NONE, plain).0, [0, 0, 0, 255]);
        let (dark, loud) = look(renderer, shape, MaterialId::NONE);
        assert!(loud[0] > 240 && loud[1] < 40 && dark[0] < 60, "{dark:?} {loud:?}");

        renderer::destroy_texture(renderer, texture);
        let (dark, loud) = look(renderer, shape, textured);
        assert!(loud[0] > 240 && loud[1] < 40 && dark[0] < 60, "a lost texture shows the checker");
        renderer::destroy_material(renderer, textured);
        let (_, loud) = look(renderer, shape, textured);
        assert!(loud[0] > 240 && loud[1] < 40);
        renderer::destroy_mesh(renderer, shape);
        assert_eq!(look(renderer, shape, plain).0, [0, 0, 0, 255]);

        // A new object in the old slot is not the old object.
        let again = square(renderer);
        assert_eq!((again.index(), look(renderer, shape, plain).0), (shape.index(), [0, 0, 0, 255]));
        assert!(look(renderer, again, plain).0[0] > 240);

        renderer::destroy_target(renderer, target);
        assert!(matches!(renderer::read_target(renderer, target, scope), Err(RenderError::StaleHandle { .. })));
        frame(renderer, &[view(target, &[draw(again, plain)])]);
        for _ in 0..2 {
            renderer::destroy_mesh(renderer, shape);
            renderer::destroy_texture(renderer, texture);
            renderer::destroy_texture(renderer, TextureId::NONE);
            renderer::destroy_target(renderer, target);
        }
    });
}

#[test]
fn many_copies_of_a_mesh_take_one_draw_call_and_hidden_ones_none() {
    perform(LIMITS, |renderer, _, _| {
        let square = square(renderer);
        let material = renderer::create_material(renderer, &matt([1.0; 4])).unwrap();
        let target = renderer::create_target(renderer, [32, 32], 1, "test").unwrap();
        let draws: [Draw; 100] = std::array::from_fn(|index| Draw {
            mesh: square,
            material,
            world: Mat4::from_translation(Vec3::new(if index < 60 { 0.0 } else { 10.0 }, 0.0, 0.0)),
            ..Draw::default()
        });
        frame(renderer, &[view(target, &draws)]);
        let stats = renderer.stats();
        assert_eq!((stats.draw_calls, stats.instances, stats.culled, stats.triangles), (1, 60, 40, 120));
        assert_eq!(stats.dropped, 0);
    });
}

#[test]
fn what_a_mesh_claims_must_fit_its_bytes() {
    perform(LIMITS, |renderer, gpu, _| {
        let mut batch = gpu.upload_batch(1 << 20);
        let (vertices, _) = batch.try_buffer(size_of::<Vertex>() * 3).unwrap();
        let (indices, _) = batch.try_buffer(6).unwrap();
        let upload = voltrum_render::MeshUpload { vertices, vertex_count: 4, ..voltrum_render::MeshUpload::default() };
        let mut refuse = |upload: voltrum_render::MeshUpload| {
            let made = renderer::create_mesh(renderer, &batch, &upload, GpuLifetime::Scene);
            assert!(matches!(made, Err(RenderError::MeshInvalid { .. })), "{made:?}");
        };
        refuse(upload);
        refuse(voltrum_render::MeshUpload { vertex_count: 0, ..upload });
        let kind = voltrum_render::IndexKind::U32;
        refuse(voltrum_render::MeshUpload { vertex_count: 3, indices: Some((indices, kind, 3)), ..upload });
    });
}

#[test]
fn indices_beyond_the_vertices_draw_something_and_harm_nothing() {
    perform(LIMITS, |renderer, _, scope| {
        let corner = |x: f32, y: f32| Vertex { position: [x, y, 0.0], ..Vertex::default() };
        let vertices = [corner(-1.0, -1.0), corner(1.0, -1.0), corner(0.0, 1.0)];
        let broken = mesh(renderer, &vertices, Some(&[0, 1, 65_535]));
        let material = renderer::create_material(renderer, &matt([1.0; 4])).unwrap();
        let target = renderer::create_target(renderer, [16, 16], 1, "test").unwrap();
        picture(renderer, view(target, &[draw(broken, material)]), scope);
    });
}

#[test]
fn meshes_of_more_triangles_than_a_software_driver_is_given_at_once_are_drawn_whole() {
    const SIDE: usize = 96;
    let color = |cell: usize| [0, 1, 2].map(|bit| if (cell * 5 % 8) >> bit & 1 == 1 { 255 } else { 0 });
    // A square for each pixel, of two triangles.
    let corner = |cell: usize, right: usize, up: usize| {
        let [x, y] = [cell % SIDE + right, cell / SIDE + up].map(|step| step as f32 * 2.0 / SIDE as f32 - 1.0);
        let [r, g, b] = color(cell);
        Vertex { position: [x, y, 0.0], color: [r, g, b, 255], ..Vertex::default() }
    };
    let around = [[0, 0], [1, 0], [1, 1], [0, 1]];
    let turns = [0, 1, 2, 0, 2, 3];
    let cells = 0..SIDE * SIDE;
    let shared: Vec<Vertex> =
        cells.clone().flat_map(|cell| around.map(|[right, up]| corner(cell, right, up))).collect();
    let indices: Vec<u16> = cells.clone().flat_map(|cell| turns.map(|turn| (cell * 4 + turn) as u16)).collect();
    let apart: Vec<Vertex> = indices.iter().map(|&index| shared[usize::from(index)]).collect();
    perform(LIMITS, |renderer, _, scope| {
        let desc = MaterialDesc { unlit: true, ..matt([1.0; 4]) };
        let material = renderer::create_material(renderer, &desc).unwrap();
        let meshes = [mesh(renderer, &shared, Some(&indices)), mesh(renderer, &apart, None)];
        for (mesh, samples) in meshes.into_iter().flat_map(|mesh| [(mesh, 1), (mesh, 4)]) {
            let target = renderer::create_target(renderer, [SIDE as u32; 2], samples, "test").unwrap();
            let behind = Draw { world: Mat4::from_translation(Vec3::NEG_Z * 0.5), ..draw(mesh, material) };
            let pixels = picture(renderer, view(target, &[draw(mesh, material), behind]), scope);
            for cell in cells.clone() {
                let [r, g, b] = color(cell);
                // Rows of pixels run downwards.
                let there = pixels.at((cell % SIDE) as u32, (SIDE - 1 - cell / SIDE) as u32);
                assert_eq!(there, [r, g, b, 255], "{cell} with {samples} samples");
            }
            assert_eq!(renderer.stats().triangles, 2 * 2 * (SIDE * SIDE) as u64);
            renderer::destroy_target(renderer, target);
        }
    });
}

#[test]
fn four_samples_smooth_edges() {
    perform(LIMITS, |renderer, _, scope| {
        let square = square(renderer);
        let material = renderer::create_material(renderer, &matt([1.0; 4])).unwrap();
        let world = Mat4::from_rotation_z(0.3) * Mat4::from_scale(Vec3::splat(0.5));
        let mut shades = |samples| {
            let target = renderer::create_target(renderer, [64, 64], samples, "test").unwrap();
            let draws = [Draw { mesh: square, material, world, ..Draw::default() }];
            let pixels = picture(renderer, voltrum_render::View { sun: frontal(), ..view(target, &draws) }, scope);
            pixels.rgba.chunks_exact(4).filter(|pixel| pixel[0] > 20 && pixel[0] < 235).count()
        };
        assert_eq!(shades(1), 0);
        assert!(shades(4) > 40);
        let odd = renderer::create_target(renderer, [8, 8], 3, "test");
        assert!(matches!(odd, Err(RenderError::Samples { samples: 3 })));
    });
}

#[test]
fn a_lit_scene_with_grid_looks_right() {
    perform(LIMITS, |renderer, _, scope| {
        let cube = cube(renderer);
        let target = renderer::create_target(renderer, [640, 400], 4, "test").unwrap();
        let mut color = |rgb: [f32; 3], metallic, roughness| {
            let desc = MaterialDesc { metallic, roughness, ..matt([rgb[0], rgb[1], rgb[2], 1.0]) };
            renderer::create_material(renderer, &desc).unwrap()
        };
        let (clay, gold) = (color([0.7, 0.25, 0.15], 0.0, 0.8), color([1.0, 0.77, 0.34], 1.0, 0.3));
        let draws = [
            Draw {
                mesh: cube,
                material: clay,
                world: Mat4::from_translation(Vec3::new(-1.6, 1.0, 0.0)),
                ..Draw::default()
            },
            Draw {
                mesh: cube,
                material: gold,
                world: Mat4::from_translation(Vec3::new(1.6, 1.0, 0.0)) * Mat4::from_rotation_y(0.6),
                ..Draw::default()
            },
            Draw {
                mesh: cube,
                material: MaterialId::NONE,
                world: Mat4::from_translation(Vec3::new(0.0, 1.0, -4.0)),
                ..Draw::default()
            },
        ];
        let projection = camera::perspective(45f32.to_radians(), 1.6, 0.05);
        let shown = voltrum_render::View {
            camera: Camera::look_at(Vec3::new(3.0, 4.0, 9.0), Vec3::new(0.0, 0.8, 0.0), projection),
            sun: Sun::default(),
            ambient: [0.35, 0.4, 0.5],
            background: Background::Gradient { top: [0.12, 0.15, 0.2, 1.0], bottom: [0.35, 0.36, 0.38, 1.0] },
            grid: true,
            ..view(target, &draws)
        };
        let plain = voltrum_render::View { grid: false, ..shown };
        let without = picture(renderer, plain, scope);
        let pixels = picture(renderer, shown, scope);
        keep(&pixels, "scene.png");
        let changed = pixels.rgba.chunks(4).zip(without.rgba.chunks(4)).filter(|(a, b)| a != b).count();
        assert!(changed > 3000, "the grid shows: {changed} pixels");
        assert!(changed < 640 * 400 / 2, "the grid does not cover everything: {changed} pixels");
    });
}
