// All the light that meets a surface: the sun, the lights, the environment, less the shadow.

@group(2) @binding(2) var shadow_map: texture_depth_2d;
@group(2) @binding(3) var shadow_sampler: sampler_comparison;

// How much of the light that casts a shadow arrives, 0 to 1: three by three comparisons, each a bilinear four. Along an
// axis those weigh four texels by 1 - f, 1, 1 and f, which two of them do as well, between the right texels.
fn lit_share(position: vec3<f32>, n: vec3<f32>, to_light: vec3<f32>) -> f32 {
    // Along the normal, by some texels and the more the flatter the light, so that a surface does not shade itself.
    let lift = view.shadow_texel.y * (1.5 + 4.0 * (1.0 - clamp(dot(n, to_light), 0.0, 1.0)));
    let lifted = view.shadow * vec4<f32>(position + n * lift, 1.0);
    let at = lifted.xyz / lifted.w;
    if lifted.w <= 0.0 || any(at.xy < vec2<f32>(0.0)) || any(at.xy > vec2<f32>(1.0)) || at.z < 0.0 || at.z > 1.0 {
        return 1.0;
    }
    // Depth is evenly spread for the sun and gathers near a spot light.
    let reference = at.z + select(at.z * 0.004, view.shadow_texel.w, view.shadow_texel.w > 0.0);
    let texel = view.shadow_texel.x;
    let place = at.xy / texel - 0.5;
    let base = floor(place);
    let f = place - base;
    let near_weight = 2.0 - f;
    let far_weight = 1.0 + f;
    let near = (base - 0.5 + 1.0 / near_weight) * texel;
    let far = (base + 1.5 + f / far_weight) * texel;
    var sum = near_weight.x * near_weight.y * textureSampleCompareLevel(shadow_map, shadow_sampler, near, reference);
    sum += far_weight.x * near_weight.y
        * textureSampleCompareLevel(shadow_map, shadow_sampler, vec2<f32>(far.x, near.y), reference);
    sum += near_weight.x * far_weight.y
        * textureSampleCompareLevel(shadow_map, shadow_sampler, vec2<f32>(near.x, far.y), reference);
    sum += far_weight.x * far_weight.y * textureSampleCompareLevel(shadow_map, shadow_sampler, far, reference);
    return sum / 9.0;
}

// How much of a light arrives, by distance and cone (KHR_lights_punctual).
fn attenuation(light: Light, to_light: vec3<f32>, distance_squared: f32) -> f32 {
    let ratio = distance_squared * light.position.w;
    let window = clamp(1.0 - ratio * ratio, 0.0, 1.0);
    var share = window / max(distance_squared, 1e-8);
    if light.color.w > 1.5 {
        let cone = clamp(dot(light.direction.xyz, -to_light) * light.direction.w + light.cone.x, 0.0, 1.0);
        share *= cone * cone;
    }
    return share;
}

// Radiance towards the camera, emission aside.
fn gather(bsdf: Bsdf, layered: bool, position: vec3<f32>, occlusion: f32) -> vec3<f32> {
    // 0 none, 1 the sun, then the lights.
    let caster = u32(view.sun.w);
    var share = 1.0;
    if caster > 0u {
        var to_light = view.to_sun.xyz;
        if caster > 1u {
            let light = view.lights[caster - 2u];
            to_light = select(light.position.xyz - position, -light.direction.xyz, light.color.w < 0.5);
        }
        share = lit_share(position, bsdf.n, normalize(to_light));
    }
    var radiance = vec3<f32>(0.0);
    let count = u32(view.to_sun.w);
    // The sun is the first of them, so that what reflects a light is there once: drivers copy functions to their calls.
    for (var index = 0u; index <= count; index++) {
        var to_light = view.to_sun.xyz;
        // In units in which a white Lambert surface facing it has radiance 1.
        var arriving = view.sun.rgb * PI;
        if index > 0u {
            let light = view.lights[index - 1u];
            to_light = -light.direction.xyz;
            arriving = light.color.rgb;
            if light.color.w > 0.5 {
                let difference = light.position.xyz - position;
                let distance_squared = dot(difference, difference);
                to_light = difference * inverseSqrt(max(distance_squared, 1e-12));
                arriving *= attenuation(light, to_light, distance_squared);
            }
        }
        if index + 1u == caster {
            arriving *= share;
        }
        radiance += reflect_light(bsdf, layered, to_light, arriving);
    }

    let ab = split_sum(bsdf.roughness, bsdf.n_dot_v);
    // What a rough surface mirrors after several bounces (Lagarde and Golubev, "A Multiple-Scattering Microfacet
    // Model for Real-Time Image Based Lighting", as Filament has it).
    let lost = 1.0 / max(ab.x + ab.y, 1e-3) - 1.0;
    let mirrored = (bsdf.dielectric * ab.x + vec3<f32>(bsdf.dielectric_edge * ab.y))
        * (1.0 + bsdf.dielectric * lost);
    let metal = (bsdf.metal * ab.x + vec3<f32>(ab.y)) * (1.0 + bsdf.metal * lost);
    let passed = 1.0 - max(mirrored.r, max(mirrored.g, mirrored.b));
    let seen = environment_specular(reflect(-bsdf.to_camera, bsdf.n), bsdf.roughness);
    // Where little light arrives, little is mirrored (Lagarde and de Rousiers, 2014).
    let specular_occlusion = clamp(
        pow(bsdf.n_dot_v + occlusion, exp2(-16.0 * bsdf.roughness - 1.0)) - 1.0 + occlusion, 0.0, 1.0);
    var around = environment_diffuse(bsdf.n) * bsdf.diffuse * passed * occlusion
        + seen * mix(mirrored, metal, bsdf.metallic) * specular_occlusion;
    if layered {
        let coat_v = max(dot(bsdf.coat_n, bsdf.to_camera), 1e-3);
        let edge = bsdf.coat * fresnel(vec3<f32>(0.04), 1.0, coat_v).x;
        let coat_ab = split_sum(bsdf.coat_roughness, coat_v);
        let coat_seen = environment_specular(reflect(-bsdf.to_camera, bsdf.coat_n), bsdf.coat_roughness);
        around = around * (1.0 - edge) + coat_seen * (bsdf.coat * (0.04 * coat_ab.x + coat_ab.y)) * occlusion;
    }
    return radiance + around;
}
