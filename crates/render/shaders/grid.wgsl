//#use view
// The ground grid: the plane y = 0, intersected per pixel, with lines that keep their width on screen.

struct Ray {
    @builtin(position) clip: vec4<f32>,
    @location(0) near: vec3<f32>,
    @location(1) direction: vec3<f32>,
}

struct Line {
    @location(0) color: vec4<f32>,
    @builtin(frag_depth) depth: f32,
}

@vertex
fn vs_main(@builtin(vertex_index) index: u32) -> Ray {
    let corner = vec2<f32>(f32((index << 1u) & 2u), f32(index & 2u)) * 2.0 - 1.0;
    // Depth is reversed: the near plane is at 1, the far one (perhaps infinitely far, w = 0) at 0.
    let near = view.inverse_view_projection * vec4<f32>(corner, 1.0, 1.0);
    let far = view.inverse_view_projection * vec4<f32>(corner, 0.0, 1.0);
    var out: Ray;
    out.clip = vec4<f32>(corner, 0.0, 1.0);
    out.near = near.xyz / near.w;
    out.direction = far.xyz - far.w * out.near;
    return out;
}

// Coverage of lines of `width` pixels at each multiple of `cell`.
fn lines(at: vec2<f32>, cell: f32, derivative: vec2<f32>, width: f32) -> f32 {
    let footprint = max(derivative / cell, vec2<f32>(1e-6));
    let distance = abs(fract(at / cell - 0.5) - 0.5) / footprint;
    let coverage = clamp(vec2<f32>(width * 0.5 + 0.5) - distance, vec2<f32>(0.0), vec2<f32>(1.0));
    // Lines closer together than two pixels fade to their average before they alias.
    let fade = clamp(vec2<f32>(1.0) - (footprint - 0.25) * 4.0, vec2<f32>(0.0), vec2<f32>(1.0));
    let shown = coverage * fade;
    return max(shown.x, shown.y);
}

@fragment
fn fs_main(in: Ray) -> Line {
    let t = -in.near.y / in.direction.y;
    let position = in.near + t * in.direction;
    let at = position.xz;
    let derivative = max(fwidth(at), vec2<f32>(1e-7));

    // Cells of 10^n units, chosen so that the finest shown is five pixels wide at least.
    let level = log(max(max(derivative.x, derivative.y) * 5.0, 1e-6)) / log(10.0);
    let whole = floor(level);
    let part = level - whole;
    let fine = pow(10.0, whole + 1.0);
    let minor = lines(at, fine, derivative, 1.0) * (1.0 - part);
    let major = lines(at, fine * 10.0, derivative, 1.0);
    let strong = lines(at, fine * 100.0, derivative, 1.4);
    var coverage = max(max(minor * 0.5, major * mix(0.8, 0.5, part)), strong * 0.8);
    var color = vec3<f32>(0.33);

    // The axes in their usual colours.
    let to_axis = abs(at) / derivative;
    let along_x = clamp(1.5 - to_axis.y, 0.0, 1.0);
    let along_z = clamp(1.5 - to_axis.x, 0.0, 1.0);
    color = mix(color, vec3<f32>(0.55, 0.06, 0.08), along_x);
    color = mix(color, vec3<f32>(0.06, 0.16, 0.6), along_z);
    coverage = max(coverage, max(along_x, along_z) * 0.85);

    // Fade at grazing angles, where the plane runs to the horizon.
    let to_camera = view.camera_position.xyz - position;
    let grazing = abs(to_camera.y) * inverseSqrt(max(dot(to_camera, to_camera), 1e-12));
    coverage = coverage * smoothstep(0.015, 0.15, grazing);

    let clip = view.view_projection * vec4<f32>(position, 1.0);
    if !(t > 0.0) || !(coverage > 0.002) || !(clip.w > 0.0) {
        discard;
    }
    var out: Line;
    out.color = vec4<f32>(color * coverage, coverage);
    out.depth = clamp(clip.z / clip.w, 0.0, 1.0);
    return out;
}
