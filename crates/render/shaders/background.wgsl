//#use view environment tone
// A vertical gradient, or the environment, behind everything.

struct Gradient {
    top: vec4<f32>,
    bottom: vec4<f32>,
}

var<immediate> gradient: Gradient;

struct Corner {
    @builtin(position) clip: vec4<f32>,
    @location(0) height: f32,
    @location(1) direction: vec3<f32>,
}

@vertex
fn vs_main(@builtin(vertex_index) index: u32) -> Corner {
    let corner = vec2<f32>(f32((index << 1u) & 2u), f32(index & 2u)) * 2.0 - 1.0;
    // Depth is reversed: the near plane is at 1, the far one (perhaps infinitely far, w = 0) at 0.
    let near = view.inverse_view_projection * vec4<f32>(corner, 1.0, 1.0);
    let far = view.inverse_view_projection * vec4<f32>(corner, 0.0, 1.0);
    var out: Corner;
    out.clip = vec4<f32>(corner, 0.0, 1.0);
    out.height = corner.y * 0.5 + 0.5;
    out.direction = far.xyz - far.w * (near.xyz / near.w);
    return out;
}

@fragment
fn fs_main(in: Corner) -> @location(0) vec4<f32> {
    let color = mix(gradient.bottom, gradient.top, clamp(in.height, 0.0, 1.0));
    return vec4<f32>(color.rgb * color.a, color.a);
}

@fragment
fn fs_environment(in: Corner) -> @location(0) vec4<f32> {
    return vec4<f32>(tone_map(environment_specular(normalize(in.direction), view.environment.w)), 1.0);
}
