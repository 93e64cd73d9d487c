//! A stage for tests: a headless renderer with validation on, and small things to draw.

#![allow(dead_code, unreachable_pub, reason = "each test binary uses its own part of the stage")]
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use voltrum_memory::{Arena, Scope, Tag};
use voltrum_render::glam::Vec3;
use voltrum_render::{
    Background, Bounds, Camera, Draw, Gpu, GpuConfig, GpuLifetime, ImageFormat, MaterialDesc, MeshId, MeshUpload,
    Pixels, RenderError, RenderPacket, RendererLimits, RendererState, SamplerDesc, Sun, TargetId, TextureId,
    ToneMapping, UploadBatch, Vertex, View, camera, gpu, mips, renderer,
};

/// Small tables: a test starts in no time.
pub const LIMITS: RendererLimits = RendererLimits {
    textures_max: 32,
    meshes_max: 32,
    materials_max: 32,
    targets_max: 4,
    draws_max: 1024,
    frame_ring_bytes: 1 << 20,
};

/// Opens a GPU and a renderer, runs `play`, and checks that nothing was leaked and nothing complained.
pub fn perform(limits: RendererLimits, play: impl FnOnce(&mut RendererState<'_>, &Gpu, &mut Scope<'_>)) {
    perform_with_gpu(|gpu, permanent| {
        let mut scratch = Arena::try_reserve("scratch", 256 << 20).unwrap();
        let mut scope = scratch.open();
        let mut state = renderer::startup(permanent.tagged(Tag::RENDERER), gpu, None, limits).unwrap();
        play(&mut state, gpu, &mut scope);
    });
}

/// Opens a GPU alone.
pub fn perform_with_gpu(play: impl FnOnce(&Gpu, &Scope<'_>)) {
    let mut arena = Arena::try_reserve("permanent", 1 << 30).unwrap();
    let permanent = arena.open();
    let config = GpuConfig { validation: true, ..GpuConfig::default() };
    let gpu = gpu::startup(permanent.tagged(Tag::RENDERER), None, &config).unwrap();
    assert!(gpu.is_validated(), "the tests need vulkan-validationlayers");
    play(&gpu, &permanent);
    assert_eq!(gpu.live_objects(), 0, "Vulkan objects were leaked");
    assert_eq!(gpu.usage().used_bytes, 0, "GPU memory was leaked: {:?}", gpu.usage());
    assert_eq!(gpu.validation_messages(), 0, "the validation layer complained, see the log");
}

/// A batch's worth of uploads, submitted.
pub fn load<'app, T>(
    renderer: &mut RendererState<'app>,
    fill: impl FnOnce(&mut RendererState<'app>, &mut UploadBatch<'app>) -> Result<T, RenderError>,
) -> T {
    let mut batch = renderer.gpu().upload_batch(64 << 20);
    let made = fill(renderer, &mut batch).unwrap();
    renderer::submit_uploads(renderer, batch).unwrap();
    made
}

pub fn mesh(renderer: &mut RendererState<'_>, vertices: &[Vertex], indices: Option<&[u16]>) -> MeshId {
    load(renderer, |renderer, batch| {
        let (buffer, bytes) = batch.try_buffer(size_of_val(vertices))?;
        bytes.copy_from_slice(bytemuck::cast_slice(vertices));
        let mut index_upload = None;
        if let Some(indices) = indices {
            let (buffer, bytes) = batch.try_buffer(size_of_val(indices))?;
            bytes.copy_from_slice(bytemuck::cast_slice(indices));
            index_upload = Some((buffer, voltrum_render::IndexKind::U16, indices.len() as u32));
        }
        let upload = MeshUpload {
            vertices: buffer,
            vertex_count: vertices.len() as u32,
            indices: index_upload,
            bounds: Bounds::around(vertices.iter().map(|vertex| vertex.position)),
            ..MeshUpload::default()
        };
        renderer::create_mesh(renderer, batch, &upload, GpuLifetime::Scene)
    })
}

pub fn texture(renderer: &mut RendererState<'_>, size: [u32; 2], rgba: &[u8], sampler: SamplerDesc) -> TextureId {
    load(renderer, |renderer, batch| {
        let format = ImageFormat::Rgba8Srgb;
        let (upload, texels) = batch.try_image_levels(size, format, mips::levels(format, size))?;
        texels[..rgba.len()].copy_from_slice(rgba);
        mips::fill(format, size, texels);
        renderer::create_texture(renderer, batch, upload, sampler, GpuLifetime::Scene)
    })
}

/// A square from (-1, -1) to (1, 1) that faces +Z, its uv as glTF has it: (0, 0) at the upper left.
pub fn square(renderer: &mut RendererState<'_>) -> MeshId {
    let corner = |x: f32, y: f32| Vertex {
        position: [x, y, 0.0],
        normal: [0.0, 0.0, 1.0],
        uv: [x * 0.5 + 0.5, 0.5 - y * 0.5],
        ..Vertex::default()
    };
    let vertices = [corner(-1.0, -1.0), corner(1.0, -1.0), corner(1.0, 1.0), corner(-1.0, 1.0)];
    mesh(renderer, &vertices, Some(&[0, 1, 2, 0, 2, 3]))
}

/// A cube from -1 to 1 with flat faces.
pub fn cube(renderer: &mut RendererState<'_>) -> MeshId {
    let mut vertices = [Vertex::default(); 36];
    let mut next = 0;
    for axis in 0..3 {
        for sign in [-1.0, 1.0] {
            let mut normal = [0.0; 3];
            normal[axis] = sign;
            let normal = Vec3::from(normal);
            let across = Vec3::new(normal.y, normal.z, normal.x);
            let up = normal.cross(across);
            for (x, y) in [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)] {
                vertices[next] = Vertex {
                    position: (normal + across * x + up * y).to_array(),
                    normal: normal.to_array(),
                    uv: [x * 0.5 + 0.5, 0.5 - y * 0.5],
                    ..Vertex::default()
                };
                next += 1;
            }
        }
    }
    mesh(renderer, &vertices, None)
}

/// A square of two units fills the picture of this camera.
pub fn flat_camera() -> Camera {
    let projection = camera::orthographic(1.0, 1.0, 0.1, 10.0);
    Camera::look_at(Vec3::new(0.0, 0.0, 5.0), Vec3::ZERO, projection)
}

/// No sun, white light from everywhere: a matt surface that looks up shows its own colour.
pub fn view<'frame>(target: TargetId, draws: &'frame [Draw]) -> View<'frame> {
    View {
        target,
        camera: flat_camera(),
        sun: Sun { direction: Vec3::NEG_Z, color: [1.0; 3], intensity: 0.0 },
        ambient: [0.0; 3],
        background: Background::Color([0.0, 0.0, 0.0, 1.0]),
        draws,
        tone: ToneMapping::None,
        ..View::default()
    }
}

/// One frame with some views.
pub fn frame(renderer: &mut RendererState<'_>, views: &[View<'_>]) {
    renderer::begin_frame(renderer, [0, 0]).unwrap();
    renderer::draw_frame(renderer, &RenderPacket { views, ui: None }).unwrap();
    renderer::end_frame(renderer).unwrap();
}

/// One frame with one view, read back.
pub fn picture<'a>(renderer: &mut RendererState<'_>, view: View<'_>, memory: &Scope<'a>) -> Pixels<'a> {
    let target = view.target;
    frame(renderer, &[view]);
    renderer::read_target(renderer, target, memory).unwrap()
}

/// A matt material.
pub fn matt(color: [f32; 4]) -> MaterialDesc {
    MaterialDesc { base_color: color, ..MaterialDesc::default() }
}

pub fn draw(mesh: MeshId, material: voltrum_render::MaterialId) -> Draw {
    Draw { mesh, material, ..Draw::default() }
}

pub fn assert_near(actual: [u8; 4], expected: [u8; 4], tolerance: u8, what: &str) {
    let near = actual.iter().zip(expected).all(|(&a, b)| a.abs_diff(b) <= tolerance);
    assert!(near, "{what}: {actual:?} instead of {expected:?}");
}

/// Writes a picture where a person can look at it, if VOLTRUM_PICTURES names a folder.
pub fn keep(pixels: &Pixels<'_>, name: &str) {
    let Some(folder) = std::env::var_os("VOLTRUM_PICTURES") else { return };
    let file = std::fs::File::create(std::path::Path::new(&folder).join(name)).unwrap();
    let mut encoder = png::Encoder::new(std::io::BufWriter::new(file), pixels.size[0], pixels.size[1]);
    encoder.set_color(png::ColorType::Rgba);
    encoder.write_header().unwrap().write_image_data(pixels.rgba).unwrap();
}
