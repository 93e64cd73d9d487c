// A material. Mirrors `MaterialConstants` in src/material_constants.rs.

struct Slot {
    // Columns of the matrix that moves texture coordinates.
    transform: vec4<f32>,
    offset: vec2<f32>,
    // 0 or 1: which texture coordinates.
    uv: f32,
    // 1 where there is a texture.
    present: f32,
}

struct Material {
    base_color: vec4<f32>,
    emissive: vec3<f32>,
    alpha_cutoff: f32,
    metallic: f32,
    roughness: f32,
    normal_scale: f32,
    occlusion_strength: f32,
    specular_color: vec3<f32>,
    specular: f32,
    dielectric: f32,
    clearcoat: f32,
    clearcoat_roughness: f32,
    clearcoat_normal_scale: f32,
    transmission: f32,
    padding_x: f32,
    padding_y: f32,
    padding_z: f32,
    slots: array<Slot, 11>,
}

@group(1) @binding(0) var<uniform> material: Material;
@group(1) @binding(1) var base_color_texture: texture_2d<f32>;
@group(1) @binding(2) var metallic_roughness_texture: texture_2d<f32>;
@group(1) @binding(3) var normal_texture: texture_2d<f32>;
@group(1) @binding(4) var occlusion_texture: texture_2d<f32>;
@group(1) @binding(5) var emissive_texture: texture_2d<f32>;
@group(1) @binding(6) var specular_texture: texture_2d<f32>;
@group(1) @binding(7) var specular_color_texture: texture_2d<f32>;
@group(1) @binding(8) var clearcoat_texture: texture_2d<f32>;
@group(1) @binding(9) var clearcoat_roughness_texture: texture_2d<f32>;
@group(1) @binding(10) var clearcoat_normal_texture: texture_2d<f32>;
@group(1) @binding(11) var transmission_texture: texture_2d<f32>;
@group(1) @binding(12) var base_color_sampler: sampler;
@group(1) @binding(13) var metallic_roughness_sampler: sampler;
@group(1) @binding(14) var normal_sampler: sampler;
@group(1) @binding(15) var occlusion_sampler: sampler;
@group(1) @binding(16) var emissive_sampler: sampler;
@group(1) @binding(17) var specular_sampler: sampler;
@group(1) @binding(18) var specular_color_sampler: sampler;
@group(1) @binding(19) var clearcoat_sampler: sampler;
@group(1) @binding(20) var clearcoat_roughness_sampler: sampler;
@group(1) @binding(21) var clearcoat_normal_sampler: sampler;
@group(1) @binding(22) var transmission_sampler: sampler;

fn moved(slot: Slot, uv0: vec2<f32>, uv1: vec2<f32>) -> vec2<f32> {
    let uv = select(uv0, uv1, slot.uv > 0.5);
    return slot.transform.xy * uv.x + slot.transform.zw * uv.y + slot.offset;
}
