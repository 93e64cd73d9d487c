// Poses a mesh: morph targets, then joints, from the mesh's buffer to vertices of the frame. Mirrors `PoseConstants`
// in src/poses.rs; a vertex is 13 words (src/vertex.rs).

struct Pose {
    vertex_count: u32,
    // In words of the mesh's buffer; 0 for none.
    skin: u32,
    morphs: u32,
    target_count: u32,
    // In vec4s of the frame's buffer.
    first_joint: u32,
    joint_count: u32,
    // In floats of the frame's buffer.
    first_weight: u32,
    weight_count: u32,
    // In words of the posed vertices.
    output: u32,
}

@group(0) @binding(0) var<storage, read> mesh: array<u32>;
@group(1) @binding(0) var<storage, read> frame: array<vec4<f32>>;
@group(1) @binding(1) var<storage, read_write> posed: array<u32>;
var<immediate> pose: Pose;

const WORDS: u32 = 13u;

fn mesh_vec3(at: u32) -> vec3<f32> {
    return bitcast<vec3<f32>>(vec3<u32>(mesh[at], mesh[at + 1u], mesh[at + 2u]));
}

fn store_vec3(at: u32, value: vec3<f32>) {
    let bits = bitcast<vec3<u32>>(value);
    posed[at] = bits.x;
    posed[at + 1u] = bits.y;
    posed[at + 2u] = bits.z;
}

fn frame_float(at: u32) -> f32 {
    return frame[at >> 2u][at & 3u];
}

fn joint(index: u32) -> mat4x4<f32> {
    let at = pose.first_joint + min(index, pose.joint_count - 1u) * 4u;
    return mat4x4<f32>(frame[at], frame[at + 1u], frame[at + 2u], frame[at + 3u]);
}

@compute @workgroup_size(64)
fn cs_main(@builtin(global_invocation_id) id: vec3<u32>) {
    let index = id.x;
    if index >= pose.vertex_count {
        return;
    }
    let source = index * WORDS;
    var position = mesh_vec3(source);
    var normal = mesh_vec3(source + 3u);
    let packed_xy = unpack2x16snorm(mesh[source + 9u]);
    let packed_zw = unpack2x16snorm(mesh[source + 10u]);
    var tangent = vec3<f32>(packed_xy, packed_zw.x);

    let targets = min(pose.target_count, pose.weight_count);
    for (var morph = 0u; morph < targets; morph++) {
        let weight = frame_float(pose.first_weight + morph);
        if weight != 0.0 {
            let delta = pose.morphs + (morph * pose.vertex_count + index) * 9u;
            position += weight * mesh_vec3(delta);
            normal += weight * mesh_vec3(delta + 3u);
            tangent += weight * mesh_vec3(delta + 6u);
        }
    }

    if pose.skin != 0u && pose.joint_count > 0u {
        let at = pose.skin + index * 4u;
        let low = unpack2x16unorm(mesh[at + 2u]);
        let high = unpack2x16unorm(mesh[at + 3u]);
        let sum = low.x + low.y + high.x + high.y;
        if sum > 0.0 {
            let matrix = (joint(mesh[at] & 0xffffu) * low.x + joint(mesh[at] >> 16u) * low.y
                + joint(mesh[at + 1u] & 0xffffu) * high.x + joint(mesh[at + 1u] >> 16u) * high.y) * (1.0 / sum);
            position = (matrix * vec4<f32>(position, 1.0)).xyz;
            let x = matrix[0].xyz;
            let y = matrix[1].xyz;
            let z = matrix[2].xyz;
            let turned = cross(y, z) * normal.x + cross(z, x) * normal.y + cross(x, y) * normal.z;
            normal = turned * select(1.0, -1.0, dot(x, cross(y, z)) < 0.0);
            tangent = x * tangent.x + y * tangent.y + z * tangent.z;
        }
    }
    let length_squared = dot(tangent, tangent);
    tangent *= inverseSqrt(max(length_squared, 1e-30));
    let normal_squared = dot(normal, normal);
    normal *= inverseSqrt(max(normal_squared, 1e-30));

    let to = pose.output + source;
    store_vec3(to, position);
    store_vec3(to + 3u, normal);
    posed[to + 6u] = mesh[source + 6u];
    posed[to + 7u] = mesh[source + 7u];
    posed[to + 8u] = mesh[source + 8u];
    posed[to + 9u] = pack2x16snorm(tangent.xy);
    posed[to + 10u] = pack2x16snorm(vec2<f32>(tangent.z, packed_zw.y));
    posed[to + 11u] = mesh[source + 11u];
    posed[to + 12u] = mesh[source + 12u];
}
