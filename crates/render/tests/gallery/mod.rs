//! A gallery for golden pictures: things to draw, made here, and the comparison with what is kept in `tests/golden/`.
//!
//! A picture passes within [`Tolerance`]'s default. On failure the picture and its difference (eight times as strong) lie in
//! the target folder. `VOLTRUM_GOLDEN=write` keeps new pictures.

#![allow(dead_code, unreachable_pub, reason = "each test binary uses its own part of the gallery")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use std::path::{Path, PathBuf};

use voltrum_memory::Scope;
use voltrum_render::glam::{Mat4, Vec3, Vec4};
use voltrum_render::{
    Background, Bounds, Camera, Draw, Filter, GpuLifetime, ImageFormat, IndexKind, MeshId, MeshUpload, MipFilter,
    Pixels, RendererState, SamplerDesc, Sun, TargetId, TextureId, Tolerance, ToneMapping, Vertex, View, Wrap, camera,
    compare, difference_into, mips, renderer,
};

use crate::stage;

/// Fails where a picture is not what is kept under `name`.
pub fn assert_golden(name: &str, pixels: &Pixels<'_>) {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{name}.png"));
    if std::env::var_os("VOLTRUM_GOLDEN").is_some() {
        write(&kept, pixels.size, pixels.rgba);
        return;
    }
    let file = std::fs::File::open(&kept).unwrap_or_else(|_| panic!("{name}: there is no {}", kept.display()));
    let mut reader = png::Decoder::new(std::io::BufReader::new(file)).read_info().unwrap();
    let mut expected = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut expected).unwrap();
    assert_eq!([info.width, info.height], pixels.size, "{name}: another size");
    let found = compare(pixels.rgba, &expected, Tolerance::default());
    if !found.is_within {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let mut difference = vec![0; expected.len()];
        difference_into(pixels.rgba, &expected, &mut difference);
        let (picture, differs) = (folder.join(format!("{name}.png")), folder.join(format!("{name}-difference.png")));
        write(&picture, pixels.size, pixels.rgba);
        write(&differs, pixels.size, &difference);
        panic!(
            "{name}: {} of {} pixels differ, the worst by {}; see {}",
            found.odd,
            found.pixels,
            found.worst,
            differs.display()
        );
    }
}

fn write(path: &Path, size: [u32; 2], rgba: &[u8]) {
    let mut encoder =
        png::Encoder::new(std::io::BufWriter::new(std::fs::File::create(path).unwrap()), size[0], size[1]);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_compression(png::Compression::High);
    encoder.write_header().unwrap().write_image_data(rgba).unwrap();
}

/// Draws a view and compares it.
pub fn golden(renderer: &mut RendererState<'_>, scope: &Scope<'_>, name: &str, view: View<'_>) {
    let pixels = stage::picture(renderer, view, scope);
    assert_golden(name, &pixels);
}

/// A target of 128 × 96 pixels with four samples each.
pub fn canvas(renderer: &mut RendererState<'_>) -> TargetId {
    renderer::create_target(renderer, [128, 96], 4, "golden").unwrap()
}

/// Daylight and the built-in sky, from the front and a little above.
pub fn studio<'f>(target: TargetId, draws: &'f [Draw]) -> View<'f> {
    let projection = camera::perspective(0.6, 128.0 / 96.0, 0.1);
    View {
        target,
        camera: Camera::look_at(Vec3::new(0.0, 1.2, 6.0), Vec3::ZERO, projection),
        sun: Sun { intensity: 1.0, ..Sun::default() },
        ambient: [0.6; 3],
        background: Background::Gradient { top: [0.12, 0.14, 0.18, 1.0], bottom: [0.03, 0.03, 0.04, 1.0] },
        tone: ToneMapping::Neutral,
        draws,
        ..View::default()
    }
}

/// A ball of radius 1 with tangents; `u` runs around it, `v` from the upper pole down. The second coordinates are
/// four times the first.
pub fn ball(renderer: &mut RendererState<'_>) -> MeshId {
    let (vertices, indices) = ball_geometry(true);
    upload(renderer, &vertices, &indices, |upload| upload)
}

pub fn ball_geometry(tangents: bool) -> (Vec<Vertex>, Vec<u16>) {
    use std::f32::consts::{PI, TAU};
    const ACROSS: u16 = 32;
    const DOWN: u16 = 16;
    let mut vertices = Vec::new();
    let mut indices = Vec::new();
    for row in 0..=DOWN {
        for column in 0..=ACROSS {
            let (u, v) = (f32::from(column) / f32::from(ACROSS), f32::from(row) / f32::from(DOWN));
            let ((sin_phi, cos_phi), (sin_theta, cos_theta)) = ((u * TAU).sin_cos(), (v * PI).sin_cos());
            let normal = [sin_theta * sin_phi, cos_theta, sin_theta * cos_phi];
            let tangent = [cos_phi, 0.0, -sin_phi, 1.0];
            vertices.push(Vertex {
                position: normal,
                normal,
                uv: [u, v],
                uv1: [u * 4.0, v * 4.0],
                tangent: if tangents { Vertex::pack_tangent(tangent) } else { [0; 4] },
                ..Vertex::default()
            });
        }
    }
    for row in 0..DOWN {
        for column in 0..ACROSS {
            let corner = |down: u16, across: u16| (row + down) * (ACROSS + 1) + column + across;
            indices.extend([corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 0), corner(1, 1), corner(0, 1)]);
        }
    }
    (vertices, indices)
}

/// A mesh; `change` may add streams to the upload.
pub fn upload(
    renderer: &mut RendererState<'_>,
    vertices: &[Vertex],
    indices: &[u16],
    change: impl FnOnce(MeshUpload) -> MeshUpload,
) -> MeshId {
    upload_with(renderer, vertices, indices, |_, upload| change(upload))
}

/// The same, with the batch at hand.
pub fn upload_with<'app>(
    renderer: &mut RendererState<'app>,
    vertices: &[Vertex],
    indices: &[u16],
    change: impl FnOnce(&mut voltrum_render::UploadBatch<'app>, MeshUpload) -> MeshUpload,
) -> MeshId {
    stage::load(renderer, |renderer, batch| {
        let (buffer, bytes) = batch.try_buffer(size_of_val(vertices))?;
        bytes.copy_from_slice(bytemuck::cast_slice(vertices));
        let mut with_indices = None;
        if !indices.is_empty() {
            let (buffer, bytes) = batch.try_buffer(size_of_val(indices))?;
            bytes.copy_from_slice(bytemuck::cast_slice(indices));
            with_indices = Some((buffer, IndexKind::U16, indices.len() as u32));
        }
        let upload = MeshUpload {
            vertices: buffer,
            vertex_count: vertices.len() as u32,
            indices: with_indices,
            bounds: Bounds::around(vertices.iter().map(|vertex| vertex.position)),
            ..MeshUpload::default()
        };
        let upload = change(batch, upload);
        renderer::create_mesh(renderer, batch, &upload, GpuLifetime::Scene)
    })
}

/// A texture of `size` squared texels; `texel` is asked for the middle of each, in 0..1.
pub fn painted(
    renderer: &mut RendererState<'_>,
    size: u32,
    format: ImageFormat,
    texel: impl Fn(f32, f32) -> [f32; 4],
) -> TextureId {
    stage::load(renderer, |renderer, batch| {
        let (upload, pixels) = batch.try_image_levels([size; 2], format, mips::levels(format, [size; 2]))?;
        for (index, pixel) in pixels.chunks_exact_mut(4).take((size * size) as usize).enumerate() {
            let (x, y) = (index as u32 % size, index as u32 / size);
            let color = texel((x as f32 + 0.5) / size as f32, (y as f32 + 0.5) / size as f32);
            pixel.copy_from_slice(&color.map(|channel| (channel.clamp(0.0, 1.0) * 255.0).round() as u8));
        }
        mips::fill(format, [size; 2], pixels);
        let sampler = SamplerDesc {
            magnify: Filter::Linear,
            minify: Filter::Linear,
            mip: MipFilter::Linear,
            wrap: [Wrap::Repeat; 2],
        };
        renderer::create_texture(renderer, batch, upload, sampler, GpuLifetime::Scene)
    })
}

/// Whether a point lies on the dark squares of a board of `cells`.
pub fn on_board(u: f32, v: f32, cells: f32) -> bool {
    ((u * cells).floor() + (v * cells).floor()) as i32 % 2 == 0
}

/// A normal map of round bumps.
pub fn bumps(renderer: &mut RendererState<'_>) -> TextureId {
    painted(renderer, 128, ImageFormat::Rgba8Unorm, |u, v| {
        let (x, y) = ((u * 16.0).fract() * 2.0 - 1.0, (v * 8.0).fract() * 2.0 - 1.0);
        let reach = (1.0 - x * x - y * y).max(0.0);
        let normal = if reach > 0.0 { Vec3::new(x, -y, 1.2).normalize() } else { Vec3::Z };
        Vec4::new(normal.x * 0.5 + 0.5, normal.y * 0.5 + 0.5, normal.z * 0.5 + 0.5, 1.0).to_array()
    })
}

/// A place for one of `count` things in a row.
pub fn in_row(index: usize, count: usize) -> Mat4 {
    let step = 4.6 / count as f32;
    let x = (index as f32 - (count as f32 - 1.0) * 0.5) * step;
    Mat4::from_translation(Vec3::new(x, 0.0, 0.0)) * Mat4::from_scale(Vec3::splat(step * 0.46))
}
