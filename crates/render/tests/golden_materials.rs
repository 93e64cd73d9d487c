//! Golden pictures of materials: one for each feature that glTF has.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod gallery;
mod stage;

use gallery::*;
use stage::{LIMITS, matt, perform};
use voltrum_memory::Scope;
use voltrum_render::glam::{Mat4, Vec3};
use voltrum_render::{
    AlphaMode, Background, Draw, Filter, ImageFormat, MaterialDesc, MipFilter, RendererState, SamplerDesc, TextureId,
    TextureSlot, UvTransform, View, Wrap, renderer,
};

/// A row of balls, one for each material.
fn row(renderer: &mut RendererState<'_>, scope: &Scope<'_>, name: &str, materials: &[MaterialDesc]) {
    let ball = ball(renderer);
    let draws: Vec<Draw> = materials
        .iter()
        .enumerate()
        .map(|(index, desc)| Draw {
            mesh: ball,
            material: renderer::create_material(renderer, desc).unwrap(),
            world: in_row(index, materials.len()),
            ..Draw::default()
        })
        .collect();
    let target = canvas(renderer);
    golden(renderer, scope, name, studio(target, &draws));
}

fn slot(texture: TextureId) -> Option<TextureSlot> {
    Some(texture.into())
}

fn board(renderer: &mut RendererState<'_>) -> TextureId {
    painted(renderer, 64, ImageFormat::Rgba8Srgb, |u, v| {
        if on_board(u, v, 8.0) { [0.85, 0.3, 0.2, 1.0] } else { [0.9, 0.85, 0.7, 1.0] }
    })
}

#[test]
fn metals_and_dielectrics_from_mirrors_to_chalk() {
    perform(LIMITS, |renderer, _, scope| {
        for (metallic, name) in [(0.0, "dielectrics"), (1.0, "metals")] {
            let materials = [0.0, 0.25, 0.5, 1.0].map(|roughness| MaterialDesc {
                metallic,
                roughness,
                ..matt([0.9, 0.6, 0.3, 1.0])
            });
            row(renderer, scope, name, &materials);
        }
    });
}

#[test]
fn metallic_roughness_occlusion_and_emissive_textures() {
    perform(LIMITS, |renderer, _, scope| {
        let stripes = painted(renderer, 64, ImageFormat::Rgba8Unorm, |u, v| {
            let stripe = if (v * 8.0).fract() < 0.5 { 1.0 } else { 0.0 };
            // Occlusion in red, roughness in green, metallic in blue.
            [if on_board(u, v, 8.0) { 1.0 } else { 0.2 }, 0.2 + 0.6 * u, stripe, 1.0]
        });
        let glow = painted(renderer, 64, ImageFormat::Rgba8Srgb, |u, v| {
            if (u * 16.0).fract() < 0.2 || (v * 8.0).fract() < 0.2 {
                [0.2, 0.9, 1.0, 1.0]
            } else {
                [0.0, 0.0, 0.0, 1.0]
            }
        });
        let base = MaterialDesc { metallic: 1.0, ..matt([0.9, 0.8, 0.7, 1.0]) };
        let materials = [
            MaterialDesc { metallic_roughness_texture: slot(stripes), ..base },
            MaterialDesc { occlusion_texture: slot(stripes), ..matt([0.9, 0.8, 0.7, 1.0]) },
            MaterialDesc { occlusion_texture: slot(stripes), occlusion_strength: 0.3, ..matt([0.9, 0.8, 0.7, 1.0]) },
            MaterialDesc {
                emissive: [1.0; 3],
                emissive_strength: 3.0,
                emissive_texture: slot(glow),
                ..matt([0.1, 0.1, 0.1, 1.0])
            },
        ];
        row(renderer, scope, "data-textures", &materials);
    });
}

#[test]
fn normal_maps_look_the_same_with_tangents_and_without() {
    perform(LIMITS, |renderer, _, scope| {
        let bumps = bumps(renderer);
        let target = canvas(renderer);
        let desc = MaterialDesc { normal_texture: slot(bumps), roughness: 0.4, ..matt([0.5, 0.6, 0.7, 1.0]) };
        let half = MaterialDesc { normal_scale: 0.4, ..desc };
        let materials = [desc, half].map(|desc| renderer::create_material(renderer, &desc).unwrap());
        for tangents in [true, false] {
            let (vertices, indices) = ball_geometry(tangents);
            let ball = upload(renderer, &vertices, &indices, |upload| upload);
            // Mirrored, the bumps still stand out.
            let worlds = [in_row(0, 3), in_row(1, 3), in_row(2, 3) * Mat4::from_scale(Vec3::new(-1.0, 1.0, 1.0))];
            let materials = [materials[0], materials[1], materials[0]];
            let draws = [0, 1, 2].map(|index| Draw {
                mesh: ball,
                material: materials[index],
                world: worlds[index],
                ..Draw::default()
            });
            golden(renderer, scope, if tangents { "normal-map" } else { "normal-map-derived" }, studio(target, &draws));
        }
    });
}

#[test]
fn unlit_surfaces_vertex_colors_and_flat_normals() {
    perform(LIMITS, |renderer, _, scope| {
        let board = board(renderer);
        let target = canvas(renderer);
        let (mut vertices, indices) = ball_geometry(true);
        let plain = upload(renderer, &vertices, &indices, |upload| upload);
        for vertex in &mut vertices {
            vertex.color = [(vertex.uv[0] * 255.0) as u8, (vertex.uv[1] * 255.0) as u8, 128, 255];
        }
        let tinted = upload(renderer, &vertices, &indices, |upload| upload);
        for vertex in &mut vertices {
            vertex.normal = [0.0; 3];
            vertex.color = [255; 4];
        }
        let flat = upload(renderer, &vertices, &indices, |upload| upload);
        let unlit = MaterialDesc { unlit: true, base_color_texture: slot(board), ..MaterialDesc::default() };
        let unlit = renderer::create_material(renderer, &unlit).unwrap();
        let white = renderer::create_material(renderer, &matt([0.9, 0.9, 0.9, 1.0])).unwrap();
        let draws = [(plain, unlit), (tinted, white), (flat, white)];
        let mut index = 0;
        let draws = draws.map(|(mesh, material)| {
            index += 1;
            Draw { mesh, material, world: in_row(index - 1, 3), ..Draw::default() }
        });
        golden(renderer, scope, "unlit-tinted-flat", studio(target, &draws));
    });
}

#[test]
fn masks_keep_smooth_edges_and_blending_mixes() {
    perform(LIMITS, |renderer, _, scope| {
        let holes = painted(renderer, 128, ImageFormat::Rgba8Srgb, |u, v| {
            let (x, y) = ((u * 12.0).fract() - 0.5, (v * 6.0).fract() - 0.5);
            [0.9, 0.7, 0.2, (x * x + y * y).sqrt() * 2.0]
        });
        let mask = MaterialDesc {
            base_color_texture: slot(holes),
            alpha: AlphaMode::Mask(0.6),
            double_sided: true,
            ..MaterialDesc::default()
        };
        let blend = MaterialDesc { alpha: AlphaMode::Blend, ..mask };
        let thin = MaterialDesc { alpha: AlphaMode::Blend, ..matt([0.3, 0.6, 1.0, 0.35]) };
        row(renderer, scope, "mask-and-blend", &[mask, blend, thin]);

        // The same before nothing: what is read back has straight alpha.
        let ball = ball(renderer);
        let target = canvas(renderer);
        let material = renderer::create_material(renderer, &mask).unwrap();
        let draws = [Draw { mesh: ball, material, ..Draw::default() }];
        let view = View { background: Background::Transparent, ..studio(target, &draws) };
        golden(renderer, scope, "mask-before-nothing", view);
    });
}

#[test]
fn index_of_refraction_and_specular() {
    perform(LIMITS, |renderer, _, scope| {
        let dark = MaterialDesc { roughness: 0.15, ..matt([0.05, 0.05, 0.06, 1.0]) };
        let materials = [
            MaterialDesc { ior: 1.0, ..dark },
            MaterialDesc { ior: 1.33, ..dark },
            MaterialDesc { ior: 2.4, ..dark },
            MaterialDesc { specular: 0.0, ..dark },
            MaterialDesc { specular_color: [1.0, 0.2, 0.1], ior: 2.0, ..dark },
        ];
        row(renderer, scope, "ior-and-specular", &materials);
    });
}

#[test]
fn clear_coat_lies_over_a_rough_base() {
    perform(LIMITS, |renderer, _, scope| {
        let bumps = bumps(renderer);
        let paint = MaterialDesc { roughness: 0.7, metallic: 0.6, ..matt([0.7, 0.05, 0.05, 1.0]) };
        let coated = MaterialDesc { clearcoat: 1.0, clearcoat_roughness: 0.03, ..paint };
        let materials = [
            paint,
            coated,
            MaterialDesc { clearcoat_roughness: 0.4, ..coated },
            MaterialDesc { normal_texture: slot(bumps), ..coated },
            MaterialDesc { clearcoat_normal_texture: slot(bumps), ..coated },
        ];
        row(renderer, scope, "clear-coat", &materials);
    });
}

#[test]
fn each_layer_has_textures_of_its_own() {
    perform(LIMITS, |renderer, _, scope| {
        // Each channel says something else: stripes, a ramp, cells.
        let data = painted(renderer, 64, ImageFormat::Rgba8Unorm, |u, v| {
            let (stripe, cell) = ((v * 8.0).fract() < 0.5, on_board(u, v, 8.0));
            [f32::from(stripe), u, f32::from(cell), if stripe { 1.0 } else { 0.1 }]
        });
        let tint = painted(renderer, 64, ImageFormat::Rgba8Srgb, |u, _| {
            if (u * 8.0).fract() < 0.5 { [1.0, 0.2, 0.1, 1.0] } else { [0.2, 0.5, 1.0, 1.0] }
        });
        let dark = MaterialDesc { roughness: 0.2, ior: 2.4, ..matt([0.03, 0.03, 0.03, 1.0]) };
        let coated = MaterialDesc { clearcoat: 1.0, roughness: 0.8, metallic: 0.5, ..matt([0.5, 0.1, 0.1, 1.0]) };
        let materials = [
            MaterialDesc { specular_texture: slot(data), ..dark },
            MaterialDesc { specular_color_texture: slot(tint), ..dark },
            MaterialDesc { clearcoat_texture: slot(data), ..coated },
            MaterialDesc { clearcoat_roughness: 0.8, clearcoat_roughness_texture: slot(data), ..coated },
            MaterialDesc { transmission: 1.0, transmission_texture: slot(data), ..matt([0.9, 0.5, 0.2, 1.0]) },
        ];
        row(renderer, scope, "layer-textures", &materials);
    });
}

#[test]
fn textures_are_sampled_and_wrapped_as_asked() {
    perform(LIMITS, |renderer, _, scope| {
        let image = painted(renderer, 4, ImageFormat::Rgba8Srgb, |u, v| [u, v, f32::from(on_board(u, v, 4.0)), 1.0]);
        let nearest = SamplerDesc {
            magnify: Filter::Nearest,
            minify: Filter::Nearest,
            mip: MipFilter::None,
            wrap: [Wrap::Repeat; 2],
        };
        let linear = SamplerDesc { magnify: Filter::Linear, ..nearest };
        let transform = UvTransform { scale: [3.0, 3.0], offset: [-1.0, -1.0], ..UvTransform::default() };
        let square = stage::square(renderer);
        let target = canvas(renderer);
        let mut draws = Vec::new();
        for (at, sampler) in [
            nearest,
            SamplerDesc { wrap: [Wrap::Mirror, Wrap::Clamp], ..nearest },
            SamplerDesc { wrap: [Wrap::Clamp, Wrap::Mirror], ..linear },
            linear,
        ]
        .into_iter()
        .enumerate()
        {
            let slot = TextureSlot { transform, sampler: Some(sampler), ..image.into() };
            let desc = MaterialDesc { unlit: true, base_color_texture: Some(slot), ..MaterialDesc::default() };
            let material = renderer::create_material(renderer, &desc).unwrap();
            draws.push(Draw { mesh: square, material, world: in_row(at, 4), ..Draw::default() });
        }
        golden(renderer, scope, "samplers", studio(target, &draws));
    });
}

#[test]
fn transmission_lets_what_is_behind_through() {
    perform(LIMITS, |renderer, _, scope| {
        let board = board(renderer);
        let (ball, square) = (ball(renderer), stage::square(renderer));
        let target = canvas(renderer);
        let glass = MaterialDesc { transmission: 1.0, roughness: 0.05, ..MaterialDesc::default() };
        let green = MaterialDesc { base_color: [0.4, 0.9, 0.5, 1.0], ..glass };
        let frosted = MaterialDesc { transmission: 0.5, ..green };
        let behind = MaterialDesc { unlit: true, base_color_texture: slot(board), ..MaterialDesc::default() };
        let behind = renderer::create_material(renderer, &behind).unwrap();
        let wall = Mat4::from_translation(Vec3::new(0.0, 0.0, -1.5)) * Mat4::from_scale(Vec3::splat(2.2));
        let mut draws = vec![Draw { mesh: square, material: behind, world: wall, ..Draw::default() }];
        for (index, desc) in [glass, green, frosted].iter().enumerate() {
            let material = renderer::create_material(renderer, desc).unwrap();
            draws.push(Draw { mesh: ball, material, world: in_row(index, 3), ..Draw::default() });
        }
        golden(renderer, scope, "transmission", studio(target, &draws));
    });
}

#[test]
fn texture_transforms_and_the_second_coordinates() {
    perform(LIMITS, |renderer, _, scope| {
        let board = board(renderer);
        let moved = |transform: UvTransform, uv| MaterialDesc {
            base_color_texture: Some(TextureSlot { transform, uv, ..board.into() }),
            ..MaterialDesc::default()
        };
        let same = UvTransform::default();
        let materials = [
            moved(same, 0),
            moved(UvTransform { scale: [0.5, 0.25], ..same }, 0),
            moved(UvTransform { rotation: 0.6, offset: [0.1, 0.2], ..same }, 0),
            moved(same, 1),
        ];
        row(renderer, scope, "texture-transforms", &materials);
    });
}

#[test]
fn a_changed_material_looks_different_and_a_stale_one_cannot_be_changed() {
    perform(LIMITS, |renderer, _, scope| {
        let square = stage::square(renderer);
        let unlit = |color| MaterialDesc { unlit: true, ..matt(color) };
        let material = renderer::create_material(renderer, &unlit([1.0, 0.0, 0.0, 1.0])).unwrap();
        let target = renderer::create_target(renderer, [16, 16], 1, "test").unwrap();
        let draws = [stage::draw(square, material)];
        assert_eq!(stage::picture(renderer, stage::view(target, &draws), scope).at(8, 8), [255, 0, 0, 255]);
        for green in [0.25, 1.0] {
            renderer::update_material(renderer, material, &unlit([0.0, green, 0.0, 1.0])).unwrap();
        }
        assert_eq!(stage::picture(renderer, stage::view(target, &draws), scope).at(8, 8), [0, 255, 0, 255]);
        renderer::destroy_material(renderer, material);
        assert!(renderer::update_material(renderer, material, &unlit([1.0; 4])).is_err());
    });
}
