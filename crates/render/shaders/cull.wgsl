// Culls a page of instances and lists what is seen for indirect draws, batch by batch, and in each from near to far: what
// is hidden is rejected before it is shaded. A counting sort by depth: count, sum up, place. Mirrors `CullConstants` and
// `BatchTable` in src/scene_pass.rs.

// Of depths each doubling of the distance has so many.
const DEPTHS_PER_DOUBLING: f32 = 12.0;
const UNSEEN: u32 = 0xffffffffu;

struct Cull {
    // Planes in the world; what is in front of all of them may be seen. The last is the near plane.
    planes: array<vec4<f32>, 5>,
    instance_count: u32,
    batch_count: u32,
    // How far the near plane is from the eye; 0 where depth doesn't matter.
    near: f32,
    // The most instances in a draw.
    slice: u32,
    // Depths of a batch.
    depths: u32,
}

struct Batch {
    // Of the mesh's box.
    center: vec3<f32>,
    // Where its part of the list of seen instances begins.
    first: u32,
    // Half of the box; negative for a mesh that is never culled.
    extent: vec3<f32>,
    // Its first draw.
    command: u32,
}

struct Instance {
    row_x: vec4<f32>,
    row_y: vec4<f32>,
    row_z: vec4<f32>,
    object_color: u32,
    // UNSEEN for none.
    batch: u32,
    padding_x: u32,
    padding_y: u32,
}

@group(0) @binding(0) var<storage, read> instances: array<Instance>;
@group(0) @binding(1) var<storage, read> batches: array<Batch>;
// Five words for each draw; the second counts instances, 0 at first.
@group(0) @binding(2) var<storage, read_write> commands: array<u32>;
@group(0) @binding(3) var<storage, read_write> seen: array<u32>;
// For each batch and depth: how many there are, then where the next of them goes.
@group(0) @binding(4) var<storage, read_write> places: array<atomic<u32>>;
var<immediate> cull: Cull;

// Where in `places` an instance's batch and depth are.
fn place_of(index: u32) -> u32 {
    if index >= cull.instance_count {
        return UNSEEN;
    }
    let instance = instances[index];
    if instance.batch == UNSEEN {
        return UNSEEN;
    }
    let batch = batches[instance.batch];
    let local = vec4<f32>(batch.center, 1.0);
    let center = vec3<f32>(dot(instance.row_x, local), dot(instance.row_y, local), dot(instance.row_z, local));
    if batch.extent.x >= 0.0 {
        let extent = vec3<f32>(
            dot(abs(instance.row_x.xyz), batch.extent),
            dot(abs(instance.row_y.xyz), batch.extent),
            dot(abs(instance.row_z.xyz), batch.extent),
        );
        for (var plane = 0u; plane < 5u; plane++) {
            let p = cull.planes[plane];
            if dot(p.xyz, center) + p.w + dot(abs(p.xyz), extent) < 0.0 {
                return UNSEEN;
            }
        }
    }
    var depth = 0u;
    if cull.near > 0.0 {
        let distance = dot(cull.planes[4].xyz, center) + cull.planes[4].w;
        let doublings = log2(max(distance / cull.near, 1.0));
        depth = u32(clamp(doublings * DEPTHS_PER_DOUBLING, 0.0, 65535.0));
    }
    // Whatever became of a place that is not finite.
    return instance.batch * cull.depths + min(depth, cull.depths - 1u);
}

@compute @workgroup_size(64)
fn cs_count(@builtin(global_invocation_id) id: vec3<u32>) {
    let place = place_of(id.x);
    if place != UNSEEN {
        atomicAdd(&places[place], 1u);
    }
}

@compute @workgroup_size(64)
fn cs_sum(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x >= cull.batch_count {
        return;
    }
    var sum = 0u;
    for (var depth = 0u; depth < cull.depths; depth++) {
        let count = atomicLoad(&places[id.x * cull.depths + depth]);
        atomicStore(&places[id.x * cull.depths + depth], sum);
        sum += count;
    }
    var command = batches[id.x].command;
    while sum > 0u {
        let here = min(sum, cull.slice);
        commands[command * 5u + 1u] = here;
        sum -= here;
        command += 1u;
    }
}

@compute @workgroup_size(64)
fn cs_place(@builtin(global_invocation_id) id: vec3<u32>) {
    let place = place_of(id.x);
    if place != UNSEEN {
        let first = batches[place / cull.depths].first;
        seen[first + atomicAdd(&places[place], 1u)] = id.x;
    }
}
