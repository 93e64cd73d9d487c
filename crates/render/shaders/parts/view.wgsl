// What every pass of a view knows. Mirrors `ViewUniforms` in src/view_uniforms.rs.

struct Light {
    // w: 1 / range², 0 for no end.
    position: vec4<f32>,
    // Linear, times intensity. w: 0 directional, 1 point, 2 spot.
    color: vec4<f32>,
    // Unit vector in which it shines. w: scale of the cone's cosine.
    direction: vec4<f32>,
    // x: offset of the cone's cosine.
    cone: vec4<f32>,
}

struct View {
    view_projection: mat4x4<f32>,
    inverse_view_projection: mat4x4<f32>,
    // From the world to the shadow map: x and y in 0..1, z the depth.
    shadow: mat4x4<f32>,
    // w: exposure.
    camera_position: vec4<f32>,
    // Unit vector towards the sun. w: how many lights.
    to_sun: vec4<f32>,
    // Linear colour times intensity. w: which light casts a shadow: 0 none, 1 the sun, 2 and more `lights`.
    sun: vec4<f32>,
    // What the environment is multiplied with. w: the tone curve.
    ambient: vec4<f32>,
    // Cosine and sine of the environment's turn, its last mip level, the background's blur.
    environment: vec4<f32>,
    // The shadow map's texel in 0..1 and in the world, then the target's samples, then what depth is
    // forgiven (0: in proportion to it).
    shadow_texel: vec4<f32>,
    // Irradiance over pi as spherical harmonics, nine coefficients.
    harmonics: array<vec4<f32>, 9>,
    lights: array<Light, 64>,
}

@group(0) @binding(0) var<uniform> view: View;
