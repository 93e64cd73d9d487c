//#view
// Lit, textured meshes: Lambert diffuse and GGX specular from one directional light, plus an ambient term.

struct Material {
    base_color: vec4<f32>,
    metallic: f32,
    roughness: f32,
    alpha_cutoff: f32,
    padding: f32,
}

@group(1) @binding(0) var base_color_texture: texture_2d<f32>;
@group(1) @binding(1) var base_color_sampler: sampler;
var<immediate> material: Material;

struct VertexIn {
    @location(0) position: vec3<f32>,
    @location(1) normal: vec3<f32>,
    @location(2) uv: vec2<f32>,
    @location(3) color: vec4<f32>,
    // Rows of the affine world matrix.
    @location(4) row_x: vec4<f32>,
    @location(5) row_y: vec4<f32>,
    @location(6) row_z: vec4<f32>,
}

struct Surface {
    @builtin(position) clip: vec4<f32>,
    @location(0) position: vec3<f32>,
    @location(1) normal: vec3<f32>,
    @location(2) uv: vec2<f32>,
    @location(3) color: vec4<f32>,
}

@vertex
fn vs_main(in: VertexIn) -> Surface {
    let local = vec4<f32>(in.position, 1.0);
    let world = vec3<f32>(dot(in.row_x, local), dot(in.row_y, local), dot(in.row_z, local));

    // Normals go through the inverse transpose; up to a factor that is the cofactor matrix, whose rows are
    // the cross products of the rows. A mirrored matrix (negative determinant) turns its sign.
    let x = in.row_x.xyz;
    let y = in.row_y.xyz;
    let z = in.row_z.xyz;
    let cofactor_x = cross(y, z);
    let handedness = select(1.0, -1.0, dot(x, cofactor_x) < 0.0);
    let normal = handedness * vec3<f32>(
        dot(cofactor_x, in.normal),
        dot(cross(z, x), in.normal),
        dot(cross(x, y), in.normal),
    );

    var out: Surface;
    out.clip = view.view_projection * vec4<f32>(world, 1.0);
    out.position = world;
    out.normal = normal;
    out.uv = in.uv;
    out.color = in.color;
    return out;
}

// Analytic fit of the split-sum environment BRDF (Karis, "Physically Based Shading on Mobile", 2014).
fn environment(specular: vec3<f32>, roughness: f32, n_dot_v: f32) -> vec3<f32> {
    let c0 = vec4<f32>(-1.0, -0.0275, -0.572, 0.022);
    let c1 = vec4<f32>(1.0, 0.0425, 1.04, -0.04);
    let r = roughness * c0 + c1;
    let a004 = min(r.x * r.x, exp2(-9.28 * n_dot_v)) * r.x + r.y;
    let ab = vec2<f32>(-1.04, 1.04) * a004 + r.zw;
    return specular * ab.x + vec3<f32>(ab.y);
}

// Radiance towards the camera; the BRDF is the one of the glTF 2.0 specification, appendix B.
fn shade(in: Surface, front: bool, base: vec3<f32>, face_normal: vec3<f32>) -> vec3<f32> {
    let to_camera = normalize(view.camera_position.xyz - in.position);
    // A mesh without normals is shaded flat.
    let length_squared = dot(in.normal, in.normal);
    var n = select(face_normal, in.normal * inverseSqrt(max(length_squared, 1e-30)), length_squared > 1e-20);
    let turned = select(-n, n, front);
    n = select(turned, n, length_squared <= 1e-20);

    let l = view.to_sun.xyz;
    let h = normalize(l + to_camera);
    let n_dot_l = max(dot(n, l), 0.0);
    let n_dot_v = max(dot(n, to_camera), 1e-3);
    let n_dot_h = max(dot(n, h), 0.0);
    let v_dot_h = max(dot(to_camera, h), 0.0);

    let metallic = clamp(material.metallic, 0.0, 1.0);
    let roughness = clamp(material.roughness, 0.045, 1.0);
    let diffuse = base * (1.0 - metallic);
    let specular = mix(vec3<f32>(0.04), base, metallic);

    let alpha = roughness * roughness;
    let alpha2 = alpha * alpha;
    let d = n_dot_h * n_dot_h * (alpha2 - 1.0) + 1.0;
    let distribution = alpha2 / (d * d);
    let visibility = 0.5 / max(
        n_dot_l * sqrt(n_dot_v * n_dot_v * (1.0 - alpha2) + alpha2)
            + n_dot_v * sqrt(n_dot_l * n_dot_l * (1.0 - alpha2) + alpha2),
        1e-5,
    );
    let fresnel = specular + (vec3<f32>(1.0) - specular) * pow(1.0 - v_dot_h, 5.0);
    // The sun's intensity is in units in which a white Lambert surface facing it has radiance 1, hence no pi.
    let lit = (diffuse * (vec3<f32>(1.0) - fresnel) + fresnel * (distribution * visibility)) * n_dot_l;

    // The sky is above: what looks down receives half. Reflections see a brighter sky over a darker ground, with a
    // horizon that is the softer the rougher the surface.
    let sky = mix(0.5, 1.0, n.y * 0.5 + 0.5);
    let horizon = 0.15 + 0.85 * roughness;
    let mirrored = mix(0.35, 1.4, smoothstep(-horizon, horizon, reflect(-to_camera, n).y));
    let ambient = diffuse * sky + environment(specular, roughness, n_dot_v) * mirrored;
    return lit * view.sun.rgb + ambient * view.ambient.rgb;
}

// The normal of the triangle itself, towards the camera.
fn facing(position: vec3<f32>) -> vec3<f32> {
    let n = cross(dpdx(position), dpdy(position));
    let flat = n * inverseSqrt(max(dot(n, n), 1e-30));
    return select(-flat, flat, dot(flat, view.camera_position.xyz - position) > 0.0);
}

fn base_color(in: Surface) -> vec4<f32> {
    return textureSample(base_color_texture, base_color_sampler, in.uv) * material.base_color * in.color;
}

@fragment
fn fs_opaque(in: Surface, @builtin(front_facing) front: bool) -> @location(0) vec4<f32> {
    let base = base_color(in);
    return vec4<f32>(shade(in, front, base.rgb, facing(in.position)), 1.0);
}

@fragment
fn fs_mask(in: Surface, @builtin(front_facing) front: bool) -> @location(0) vec4<f32> {
    let base = base_color(in);
    let face_normal = facing(in.position);
    if base.a < material.alpha_cutoff {
        discard;
    }
    return vec4<f32>(shade(in, front, base.rgb, face_normal), 1.0);
}

// Premultiplied: targets hold colour times alpha, so that a transparent background stays correct.
@fragment
fn fs_blend(in: Surface, @builtin(front_facing) front: bool) -> @location(0) vec4<f32> {
    let base = base_color(in);
    let alpha = clamp(base.a, 0.0, 1.0);
    return vec4<f32>(shade(in, front, base.rgb, facing(in.position)) * alpha, alpha);
}
