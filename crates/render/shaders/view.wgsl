// What every pass of a view knows. Mirrors `ViewUniforms` in src/views.rs.
struct View {
    view_projection: mat4x4<f32>,
    inverse_view_projection: mat4x4<f32>,
    camera_position: vec4<f32>,
    // Unit vector towards the sun.
    to_sun: vec4<f32>,
    // Linear colour times intensity.
    sun: vec4<f32>,
    ambient: vec4<f32>,
}

@group(0) @binding(0) var<uniform> view: View;
