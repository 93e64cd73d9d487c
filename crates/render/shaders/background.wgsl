// A vertical gradient behind everything.

struct Gradient {
    top: vec4<f32>,
    bottom: vec4<f32>,
}

var<immediate> gradient: Gradient;

struct Corner {
    @builtin(position) clip: vec4<f32>,
    @location(0) height: f32,
}

@vertex
fn vs_main(@builtin(vertex_index) index: u32) -> Corner {
    let corner = vec2<f32>(f32((index << 1u) & 2u), f32(index & 2u)) * 2.0 - 1.0;
    var out: Corner;
    out.clip = vec4<f32>(corner, 0.0, 1.0);
    out.height = corner.y * 0.5 + 0.5;
    return out;
}

@fragment
fn fs_main(in: Corner) -> @location(0) vec4<f32> {
    let color = mix(gradient.bottom, gradient.top, clamp(in.height, 0.0, 1.0));
    return vec4<f32>(color.rgb * color.a, color.a);
}
