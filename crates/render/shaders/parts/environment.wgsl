// Light from everywhere: spherical harmonics for matt surfaces, a picture with one mip level per roughness for shiny ones.

@group(2) @binding(0) var environment_texture: texture_2d<f32>;
@group(2) @binding(1) var environment_sampler: sampler;

fn turned(direction: vec3<f32>) -> vec3<f32> {
    let cosine = view.environment.x;
    let sine = view.environment.y;
    return vec3<f32>(
        cosine * direction.x - sine * direction.z,
        direction.y,
        sine * direction.x + cosine * direction.z,
    );
}

// Irradiance over pi (Ramamoorthi and Hanrahan, 2001); the coefficients come with the kernel applied.
fn environment_diffuse(normal: vec3<f32>) -> vec3<f32> {
    let n = turned(normal);
    let sum = view.harmonics[0].rgb
        + view.harmonics[1].rgb * n.y + view.harmonics[2].rgb * n.z + view.harmonics[3].rgb * n.x
        + view.harmonics[4].rgb * (n.x * n.y) + view.harmonics[5].rgb * (n.y * n.z)
        + view.harmonics[6].rgb * (3.0 * n.z * n.z - 1.0)
        + view.harmonics[7].rgb * (n.x * n.z) + view.harmonics[8].rgb * (n.x * n.x - n.y * n.y);
    return max(sum, vec3<f32>(0.0)) * view.ambient.rgb;
}

// What a surface of this roughness mirrors from a direction.
fn environment_specular(direction: vec3<f32>, roughness: f32) -> vec3<f32> {
    let d = turned(direction);
    let uv = vec2<f32>(atan2(d.x, -d.z) * 0.15915494 + 0.5, acos(clamp(d.y, -1.0, 1.0)) * 0.31830989);
    let level = roughness * view.environment.z;
    return textureSampleLevel(environment_texture, environment_sampler, uv, level).rgb * view.ambient.rgb;
}
