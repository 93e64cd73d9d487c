//#use view tone environment material surface brdf lighting
// Meshes: what each material, coverage and view mode shows.

enable dual_source_blending;

fn base_color(in: Surface) -> vec4<f32> {
    let uv = moved(material.slots[0], in.uv.xy, in.uv.zw);
    var color = material.base_color * in.color;
    if material.slots[0].present > 0.5 {
        color *= textureSample(base_color_texture, base_color_sampler, uv);
    }
    return color;
}

// The normal with the normal map applied.
fn bent_normal(in: Surface, n: vec3<f32>, front: bool) -> vec3<f32> {
    if material.slots[2].present > 0.5 {
        let uv = moved(material.slots[2], in.uv.xy, in.uv.zw);
        let texel = textureSample(normal_texture, normal_sampler, uv).xyz;
        return mapped_normal(in, n, front, uv, texel, material.normal_scale);
    }
    return n;
}

struct Shaded {
    radiance: vec3<f32>,
    alpha: f32,
    // What of the light behind passes through, by colour.
    passing: vec3<f32>,
    // What is behind where nobody looked: the environment.
    behind: vec3<f32>,
}

fn shade_unlit(in: Surface) -> Shaded {
    let base = base_color(in);
    return Shaded(base.rgb, base.a, vec3<f32>(0.0), vec3<f32>(0.0));
}

fn shade(in: Surface, front: bool, layered: bool) -> Shaded {
    let base = base_color(in);
    let smooth_n = shading_normal(in, front);
    var bsdf: Bsdf;
    bsdf.n = bent_normal(in, smooth_n, front);
    bsdf.to_camera = normalize(view.camera_position.xyz - in.position);
    // Interpolated and mapped normals may turn away from the camera, where nothing is defined; those are turned back.
    let away = dot(bsdf.n, bsdf.to_camera);
    if away < 0.02 {
        bsdf.n = normalize(bsdf.n + (0.02 - away) * bsdf.to_camera);
    }
    bsdf.n_dot_v = max(dot(bsdf.n, bsdf.to_camera), 1e-3);

    var metallic = material.metallic;
    var roughness = material.roughness;
    if material.slots[1].present > 0.5 {
        let uv = moved(material.slots[1], in.uv.xy, in.uv.zw);
        let texel = textureSample(metallic_roughness_texture, metallic_roughness_sampler, uv);
        metallic *= texel.b;
        roughness *= texel.g;
    }
    bsdf.metallic = clamp(metallic, 0.0, 1.0);
    bsdf.roughness = clamp(roughness, 0.045, 1.0);
    bsdf.metal = base.rgb;
    bsdf.dielectric = vec3<f32>(0.04);
    bsdf.dielectric_edge = 1.0;
    bsdf.diffuse = base.rgb * (1.0 - bsdf.metallic);

    var occlusion = 1.0;
    if material.slots[3].present > 0.5 {
        let uv = moved(material.slots[3], in.uv.xy, in.uv.zw);
        let texel = textureSample(occlusion_texture, occlusion_sampler, uv).r;
        occlusion = 1.0 + material.occlusion_strength * (texel - 1.0);
    }
    var emissive = material.emissive;
    if material.slots[4].present > 0.5 {
        let uv = moved(material.slots[4], in.uv.xy, in.uv.zw);
        emissive *= textureSample(emissive_texture, emissive_sampler, uv).rgb;
    }

    var transmission = 0.0;
    if layered {
        var specular = material.specular;
        if material.slots[5].present > 0.5 {
            let uv = moved(material.slots[5], in.uv.xy, in.uv.zw);
            specular *= textureSample(specular_texture, specular_sampler, uv).a;
        }
        var specular_color = material.specular_color;
        if material.slots[6].present > 0.5 {
            let uv = moved(material.slots[6], in.uv.xy, in.uv.zw);
            specular_color *= textureSample(specular_color_texture, specular_color_sampler, uv).rgb;
        }
        bsdf.dielectric = min(material.dielectric * specular_color, vec3<f32>(1.0)) * specular;
        bsdf.dielectric_edge = specular;
        bsdf.coat = material.clearcoat;
        if material.slots[7].present > 0.5 {
            let uv = moved(material.slots[7], in.uv.xy, in.uv.zw);
            bsdf.coat *= textureSample(clearcoat_texture, clearcoat_sampler, uv).r;
        }
        var coat_roughness = material.clearcoat_roughness;
        if material.slots[8].present > 0.5 {
            let uv = moved(material.slots[8], in.uv.xy, in.uv.zw);
            coat_roughness *= textureSample(clearcoat_roughness_texture, clearcoat_roughness_sampler, uv).g;
        }
        bsdf.coat_roughness = clamp(coat_roughness, 0.045, 1.0);
        bsdf.coat_n = smooth_n;
        if material.slots[9].present > 0.5 {
            let uv = moved(material.slots[9], in.uv.xy, in.uv.zw);
            let texel = textureSample(clearcoat_normal_texture, clearcoat_normal_sampler, uv).xyz;
            bsdf.coat_n = mapped_normal(in, smooth_n, front, uv, texel, material.clearcoat_normal_scale);
        }
        transmission = material.transmission * (1.0 - bsdf.metallic);
        if material.slots[10].present > 0.5 {
            let uv = moved(material.slots[10], in.uv.xy, in.uv.zw);
            transmission *= textureSample(transmission_texture, transmission_sampler, uv).r;
        }
        bsdf.diffuse *= 1.0 - transmission;
    }

    var radiance = gather(bsdf, layered, in.position, occlusion);
    var passing = vec3<f32>(0.0);
    var behind = vec3<f32>(0.0);
    if layered {
        let edge = bsdf.coat * fresnel(vec3<f32>(0.04), 1.0, max(dot(bsdf.coat_n, bsdf.to_camera), 1e-3)).x;
        emissive *= 1.0 - edge;
        let mirrored = fresnel(bsdf.dielectric, bsdf.dielectric_edge, bsdf.n_dot_v);
        let through = transmission * (1.0 - max(mirrored.r, max(mirrored.g, mirrored.b))) * (1.0 - edge);
        passing = base.rgb * through;
        behind = environment_diffuse(-bsdf.to_camera);
    }
    return Shaded(radiance + emissive, base.a, passing, behind);
}

// With several samples, alpha says how many the edge of the mask leaves (the pipeline turns alpha into coverage, then
// into 1); with one sample, half is the limit.
fn covered(shaded: Shaded) -> vec4<f32> {
    let several = view.shadow_texel.z > 1.5;
    let edge = max(fwidth(shaded.alpha), 1e-4);
    let share = clamp((shaded.alpha - material.alpha_cutoff) / edge + 0.5, 0.0, 1.0);
    if share < select(0.5, 0.0625, several) {
        discard;
    }
    return vec4<f32>(tone_map(shaded.radiance), select(1.0, share, several));
}

// Premultiplied: targets hold colour times alpha, so that a transparent background stays correct. One alpha can't tint
// what is behind: it is darkened as the darkest colour is, and the rest of the tint comes from the environment.
fn blended(shaded: Shaded) -> vec4<f32> {
    let alpha = clamp(shaded.alpha, 0.0, 1.0);
    let least = min(shaded.passing.r, min(shaded.passing.g, shaded.passing.b));
    let radiance = shaded.radiance + (shaded.passing - vec3<f32>(least)) * shaded.behind;
    return vec4<f32>(tone_map(radiance) * alpha, alpha * (1.0 - least));
}

// What the surface adds, and what is behind is multiplied with.
struct Tinted {
    @location(0) @blend_src(0) color: vec4<f32>,
    @location(0) @blend_src(1) passing: vec4<f32>,
}

fn tinted(shaded: Shaded) -> Tinted {
    let alpha = clamp(shaded.alpha, 0.0, 1.0);
    let passing = vec3<f32>(1.0 - alpha) + shaded.passing * alpha;
    let most = max(passing.r, max(passing.g, passing.b));
    return Tinted(vec4<f32>(tone_map(shaded.radiance) * alpha, 1.0 - most), vec4<f32>(passing, most));
}

@fragment
fn fs_unlit(in: Surface) -> @location(0) vec4<f32> {
    return vec4<f32>(tone_map(shade_unlit(in).radiance), 1.0);
}

@fragment
fn fs_unlit_mask(in: Surface) -> @location(0) vec4<f32> {
    return covered(shade_unlit(in));
}

@fragment
fn fs_unlit_blend(in: Surface) -> @location(0) vec4<f32> {
    return blended(shade_unlit(in));
}

@fragment
fn fs_lit(in: Surface, @builtin(front_facing) front: bool) -> @location(0) vec4<f32> {
    return vec4<f32>(tone_map(shade(in, front, false).radiance), 1.0);
}

@fragment
fn fs_lit_mask(in: Surface, @builtin(front_facing) front: bool) -> @location(0) vec4<f32> {
    return covered(shade(in, front, false));
}

@fragment
fn fs_lit_blend(in: Surface, @builtin(front_facing) front: bool) -> @location(0) vec4<f32> {
    return blended(shade(in, front, false));
}

@fragment
fn fs_layered(in: Surface, @builtin(front_facing) front: bool) -> @location(0) vec4<f32> {
    return vec4<f32>(tone_map(shade(in, front, true).radiance), 1.0);
}

@fragment
fn fs_layered_mask(in: Surface, @builtin(front_facing) front: bool) -> @location(0) vec4<f32> {
    return covered(shade(in, front, true));
}

// For devices that blend with two sources.
@fragment
fn fs_layered_tint(in: Surface, @builtin(front_facing) front: bool) -> Tinted {
    return tinted(shade(in, front, true));
}

@fragment
fn fs_layered_blend(in: Surface, @builtin(front_facing) front: bool) -> @location(0) vec4<f32> {
    return blended(shade(in, front, true));
}

// Leaves out what a mask leaves out; the cutoff of materials without a mask is 0.
fn cut(in: Surface) {
    if base_color(in).a < material.alpha_cutoff {
        discard;
    }
}

@fragment
fn fs_wireframe(in: Surface) -> @location(0) vec4<f32> {
    return vec4<f32>(base_color(in).rgb, 1.0);
}

@fragment
fn fs_normals(in: Surface, @builtin(front_facing) front: bool) -> @location(0) vec4<f32> {
    let n = bent_normal(in, shading_normal(in, front), front);
    cut(in);
    return vec4<f32>(n * 0.5 + 0.5, 1.0);
}

@fragment
fn fs_uv(in: Surface) -> @location(0) vec4<f32> {
    cut(in);
    let cell = vec2<i32>(floor(in.uv.xy * 8.0));
    let dim = select(1.0, 0.6, ((cell.x + cell.y) & 1) == 1);
    return vec4<f32>(vec3<f32>(fract(in.uv.xy), 0.0) * dim, 1.0);
}

@fragment
fn fs_overdraw(in: Surface) -> @location(0) vec4<f32> {
    return vec4<f32>(0.10, 0.04, 0.015, 0.0);
}

@fragment
fn fs_object(in: Surface, @builtin(front_facing) front: bool) -> @location(0) vec4<f32> {
    let n = shading_normal(in, front);
    cut(in);
    let bytes = unpack4x8unorm(in.object_color).rgb;
    let low = bytes / 12.92;
    let high = pow((bytes + 0.055) / 1.055, vec3<f32>(2.4));
    let linear = select(high, low, bytes <= vec3<f32>(0.04045));
    let facing = max(dot(n, normalize(view.camera_position.xyz - in.position)), 0.0);
    return vec4<f32>(linear * (0.4 + 0.6 * facing), 1.0);
}

// A shadow map has no colours; only masks need a look at the material.
@fragment
fn fs_shadow_mask(in: Surface) {
    cut(in);
}
