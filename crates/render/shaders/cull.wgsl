// Culls a page of instances and lists what is seen, batch by batch, for indirect draws. Mirrors `CullConstants` and
// `BatchTable` in src/scene_pass.rs.

struct Cull {
    // Planes in the world; what is in front of all of them may be seen.
    planes: array<vec4<f32>, 5>,
    instance_count: u32,
}

struct Batch {
    // Of the mesh's box.
    center: vec3<f32>,
    // Where its part of the list of seen instances begins.
    first: u32,
    // Half of the box; negative for a mesh that is never culled.
    extent: vec3<f32>,
    padding: u32,
}

struct Instance {
    row_x: vec4<f32>,
    row_y: vec4<f32>,
    row_z: vec4<f32>,
    object_color: u32,
    // 0xffffffff for none.
    batch: u32,
    padding_x: u32,
    padding_y: u32,
}

@group(0) @binding(0) var<storage, read> instances: array<Instance>;
@group(0) @binding(1) var<storage, read> batches: array<Batch>;
// Five words for each batch; the second counts instances.
@group(0) @binding(2) var<storage, read_write> commands: array<atomic<u32>>;
@group(0) @binding(3) var<storage, read_write> seen: array<u32>;
var<immediate> cull: Cull;

@compute @workgroup_size(64)
fn cs_main(@builtin(global_invocation_id) id: vec3<u32>) {
    let index = id.x;
    if index >= cull.instance_count {
        return;
    }
    let instance = instances[index];
    if instance.batch == 0xffffffffu {
        return;
    }
    let batch = batches[instance.batch];
    if batch.extent.x >= 0.0 {
        let local = vec4<f32>(batch.center, 1.0);
        let center = vec3<f32>(dot(instance.row_x, local), dot(instance.row_y, local), dot(instance.row_z, local));
        let extent = vec3<f32>(
            dot(abs(instance.row_x.xyz), batch.extent),
            dot(abs(instance.row_y.xyz), batch.extent),
            dot(abs(instance.row_z.xyz), batch.extent),
        );
        for (var plane = 0u; plane < 5u; plane++) {
            let p = cull.planes[plane];
            if dot(p.xyz, center) + p.w + dot(abs(p.xyz), extent) < 0.0 {
                return;
            }
        }
    }
    let place = atomicAdd(&commands[instance.batch * 5u + 1u], 1u);
    seen[batch.first + place] = index;
}
