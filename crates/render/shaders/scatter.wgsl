// Puts changed instances where they belong: the last two words of a record are its place and its page.

struct Scatter {
    count: u32,
    page: u32,
}

struct Record {
    words: array<vec4<u32>, 4>,
}

@group(0) @binding(0) var<storage, read> records: array<Record>;
@group(1) @binding(0) var<storage, read_write> instances: array<Record>;
var<immediate> scatter: Scatter;

@compute @workgroup_size(64)
fn cs_main(@builtin(global_invocation_id) id: vec3<u32>) {
    if id.x < scatter.count {
        let record = records[id.x];
        if record.words[3].w == scatter.page {
            instances[record.words[3].z] = record;
        }
    }
}
