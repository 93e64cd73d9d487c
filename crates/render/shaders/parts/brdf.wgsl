// The BRDF of the glTF 2.0 specification, appendix B.

const PI: f32 = 3.14159265;

fn fresnel(f0: vec3<f32>, f90: f32, v_dot_h: f32) -> vec3<f32> {
    let m = clamp(1.0 - v_dot_h, 0.0, 1.0);
    let m2 = m * m;
    return f0 + (vec3<f32>(f90) - f0) * (m2 * m2 * m);
}

// Trowbridge-Reitz distribution times Smith's joint visibility.
fn specular_lobe(roughness: f32, n_dot_l: f32, n_dot_v: f32, n_dot_h: f32) -> f32 {
    let alpha = roughness * roughness;
    let alpha2 = alpha * alpha;
    let d = n_dot_h * n_dot_h * (alpha2 - 1.0) + 1.0;
    let distribution = alpha2 / (PI * d * d);
    let visibility = 0.5 / max(
        n_dot_l * sqrt(n_dot_v * n_dot_v * (1.0 - alpha2) + alpha2)
            + n_dot_v * sqrt(n_dot_l * n_dot_l * (1.0 - alpha2) + alpha2),
        1e-5,
    );
    return distribution * visibility;
}

// Analytic fit of the split-sum environment BRDF (Karis, "Physically Based Shading on Mobile", 2014): factors of
// the reflectance seen head-on and seen along the surface.
fn split_sum(roughness: f32, n_dot_v: f32) -> vec2<f32> {
    let c0 = vec4<f32>(-1.0, -0.0275, -0.572, 0.022);
    let c1 = vec4<f32>(1.0, 0.0425, 1.04, -0.04);
    let r = roughness * c0 + c1;
    let a004 = min(r.x * r.x, exp2(-9.28 * n_dot_v)) * r.x + r.y;
    return vec2<f32>(-1.04, 1.04) * a004 + r.zw;
}

// What a surface does with light, at one point.
struct Bsdf {
    n: vec3<f32>,
    to_camera: vec3<f32>,
    n_dot_v: f32,
    // What of the base colour is diffuse, over pi nowhere.
    diffuse: vec3<f32>,
    metallic: f32,
    roughness: f32,
    // Reflectance of the dielectric part and of the metallic part, seen head-on; the former along the surface.
    dielectric: vec3<f32>,
    dielectric_edge: f32,
    metal: vec3<f32>,
    coat_n: vec3<f32>,
    coat: f32,
    coat_roughness: f32,
}

// Radiance towards the camera for light of this irradiance from one direction. x of what is diffuse is already scaled
// with the light.
fn reflect_light(bsdf: Bsdf, layered: bool, to_light: vec3<f32>, irradiance: vec3<f32>) -> vec3<f32> {
    let n_dot_l = max(dot(bsdf.n, to_light), 0.0);
    let h = normalize(to_light + bsdf.to_camera);
    let v_dot_h = max(dot(bsdf.to_camera, h), 0.0);
    let n_dot_h = max(dot(bsdf.n, h), 0.0);
    let mirrored = fresnel(bsdf.dielectric, bsdf.dielectric_edge, v_dot_h);
    let passed = 1.0 - max(mirrored.r, max(mirrored.g, mirrored.b));
    let metal = fresnel(bsdf.metal, 1.0, v_dot_h);
    let lobe = specular_lobe(bsdf.roughness, n_dot_l, bsdf.n_dot_v, n_dot_h);
    let specular = mix(mirrored, metal, bsdf.metallic) * lobe;
    var radiance = (bsdf.diffuse * (passed / PI) + specular) * n_dot_l;
    if layered {
        let coat_l = max(dot(bsdf.coat_n, to_light), 0.0);
        let coat_v = max(dot(bsdf.coat_n, bsdf.to_camera), 1e-3);
        let coat_h = max(dot(bsdf.coat_n, h), 0.0);
        let coat_lobe = specular_lobe(bsdf.coat_roughness, coat_l, coat_v, coat_h);
        let edge = bsdf.coat * fresnel(vec3<f32>(0.04), 1.0, coat_v).x;
        let shine = bsdf.coat * fresnel(vec3<f32>(0.04), 1.0, v_dot_h).x * coat_lobe * coat_l;
        radiance = radiance * (1.0 - edge) + vec3<f32>(shine);
    }
    return radiance * irradiance;
}
