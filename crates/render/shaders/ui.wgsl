// Dear ImGui's triangles. Colours and textures are sRGB bytes and are blended as such, which is what its themes
// are made for; `linearize` is 1 where the only attachment to be had encodes to sRGB by itself.

struct Placement {
    scale: vec2<f32>,
    offset: vec2<f32>,
    linearize: f32,
}

@group(0) @binding(0) var picture: texture_2d<f32>;
@group(0) @binding(1) var picture_sampler: sampler;
var<immediate> placement: Placement;

struct VertexIn {
    @location(0) position: vec2<f32>,
    @location(1) uv: vec2<f32>,
    @location(2) color: vec4<f32>,
}

struct Corner {
    @builtin(position) clip: vec4<f32>,
    @location(0) uv: vec2<f32>,
    @location(1) color: vec4<f32>,
}

@vertex
fn vs_main(in: VertexIn) -> Corner {
    var out: Corner;
    out.clip = vec4<f32>(in.position * placement.scale + placement.offset, 0.0, 1.0);
    out.uv = in.uv;
    out.color = in.color;
    return out;
}

fn linear_from_srgb(color: vec3<f32>) -> vec3<f32> {
    let low = color / 12.92;
    let high = pow((color + 0.055) / 1.055, vec3<f32>(2.4));
    return select(high, low, color <= vec3<f32>(0.04045));
}

@fragment
fn fs_main(in: Corner) -> @location(0) vec4<f32> {
    let color = textureSample(picture, picture_sampler, in.uv) * in.color;
    return vec4<f32>(select(color.rgb, linear_from_srgb(color.rgb), placement.linearize > 0.5), color.a);
}
