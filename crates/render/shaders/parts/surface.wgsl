// A point of a surface: from vertex and instance to what fragment shaders get.

struct Instance {
    // Rows of the affine world matrix.
    row_x: vec4<f32>,
    row_y: vec4<f32>,
    row_z: vec4<f32>,
    // sRGB bytes.
    object_color: u32,
    batch: u32,
    padding_x: u32,
    padding_y: u32,
}

@group(0) @binding(1) var<storage, read> instances: array<Instance>;

struct VertexIn {
    @location(0) position: vec3<f32>,
    @location(1) normal: vec3<f32>,
    @location(2) uv: vec2<f32>,
    @location(3) color: vec4<f32>,
    @location(4) tangent: vec4<f32>,
    @location(5) uv1: vec2<f32>,
    @location(6) instance: u32,
}

// Values at edges are taken inside the triangle: extrapolated normals would glitter along silhouettes.
struct Surface {
    @builtin(position) clip: vec4<f32>,
    @location(0) @interpolate(perspective, centroid) position: vec3<f32>,
    @location(1) @interpolate(perspective, centroid) normal: vec3<f32>,
    @location(2) @interpolate(perspective, centroid) tangent: vec4<f32>,
    // Both sets of texture coordinates.
    @location(3) @interpolate(perspective, centroid) uv: vec4<f32>,
    @location(4) @interpolate(perspective, centroid) color: vec4<f32>,
    @location(5) @interpolate(flat) object_color: u32,
    // At the pixel's middle, be it outside of the triangle: derivatives need neighbours that are a pixel apart.
    @location(6) @interpolate(perspective, center) place: vec3<f32>,
}

fn world_position(instance: Instance, position: vec3<f32>) -> vec3<f32> {
    let local = vec4<f32>(position, 1.0);
    return vec3<f32>(dot(instance.row_x, local), dot(instance.row_y, local), dot(instance.row_z, local));
}

@vertex
fn vs_main(in: VertexIn) -> Surface {
    let instance = instances[in.instance];
    let world = world_position(instance, in.position);

    // Normals go through the inverse transpose; up to a factor that is the cofactor matrix, whose rows are
    // the cross products of the rows. A mirrored matrix (negative determinant) turns its sign.
    let x = instance.row_x.xyz;
    let y = instance.row_y.xyz;
    let z = instance.row_z.xyz;
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
    out.place = world;
    out.normal = normal;
    out.tangent = vec4<f32>(
        dot(x, in.tangent.xyz),
        dot(y, in.tangent.xyz),
        dot(z, in.tangent.xyz),
        in.tangent.w * handedness,
    );
    out.uv = vec4<f32>(in.uv, in.uv1);
    out.color = in.color;
    out.object_color = instance.object_color;
    return out;
}

// The normal of the triangle itself, towards the camera.
fn face_normal(position: vec3<f32>) -> vec3<f32> {
    let n = cross(dpdx(position), dpdy(position));
    let flat = n * inverseSqrt(max(dot(n, n), 1e-30));
    return select(-flat, flat, dot(flat, view.camera_position.xyz - position) > 0.0);
}

// The interpolated normal on the side that is seen; a mesh without normals is shaded flat.
fn shading_normal(in: Surface, front: bool) -> vec3<f32> {
    let flat = face_normal(in.place);
    let length_squared = dot(in.normal, in.normal);
    let smooth_normal = in.normal * inverseSqrt(max(length_squared, 1e-30));
    return select(flat, select(-smooth_normal, smooth_normal, front), length_squared > 1e-20);
}

// A normal map's normal in the world. Without tangents the frame comes from the derivatives of the texture
// coordinates (Schüler, "Normal Mapping Without Precomputed Tangents", 2013).
fn mapped_normal(in: Surface, n: vec3<f32>, front: bool, uv: vec2<f32>, texel: vec3<f32>, scale: f32) -> vec3<f32> {
    let side = select(-1.0, 1.0, front);
    let position_x = dpdx(in.position);
    let position_y = dpdy(in.position);
    let uv_x = dpdx(uv);
    let uv_y = dpdy(uv);
    // Positive where the screen's axes turn as the surface's do.
    let sense = select(-1.0, 1.0, dot(cross(position_x, position_y), n) > 0.0);
    let across_y = cross(position_y, n) * sense;
    let across_x = cross(n, position_x) * sense;
    let derived_t = across_y * uv_x.x + across_x * uv_y.x;
    // v points down in the image, and up in tangent space.
    let derived_b = -(across_y * uv_x.y + across_x * uv_y.y);
    let longest = inverseSqrt(max(max(dot(derived_t, derived_t), dot(derived_b, derived_b)), 1e-30));

    let given = in.tangent.w != 0.0;
    let straight = in.tangent.xyz - n * dot(n, in.tangent.xyz);
    let given_t = straight * inverseSqrt(max(dot(straight, straight), 1e-30));
    let given_b = cross(n, given_t) * in.tangent.w * side;
    let t = select(derived_t * longest, given_t, given);
    let b = select(derived_b * longest, given_b, given);
    let local = vec3<f32>((texel.xy * 2.0 - 1.0) * scale, texel.z * 2.0 - 1.0);
    let bent = t * local.x + b * local.y + n * local.z;
    let length_squared = dot(bent, bent);
    return select(n, bent * inverseSqrt(max(length_squared, 1e-30)), length_squared > 1e-12);
}
