//! A whole client on the public API: a cube that spins. Headless by default, so that it also runs where there is no display;
//! `--window` opens one.
//!
//! ```text
//! cargo run --example spinner -- [--window] [FRAMES]
//! ```

use voltrum::assets::Loading;
use voltrum::glam;
use voltrum::memory::{Arena, MemoryError, Scope, Tag, Tagged};
use voltrum::render::{
    Background, Bounds, BufferUpload, Camera, Draw, GpuLifetime, MaterialDesc, MaterialId, MeshId, MeshUpload,
    RenderError, Sun, TargetId, UploadBatch, Vertex, View, camera, renderer,
};
use voltrum::{AppConfig, AppState, Client, Frame, Next, Turn};

/// What can go wrong in a spinner.
#[derive(Debug, thiserror::Error)]
enum SpinnerError {
    #[error(transparent)]
    Memory(#[from] MemoryError),
    #[error(transparent)]
    Render(#[from] RenderError),
}

/// The program. It has no settings, so it is empty; what changes is in its state and its project.
struct Spinner {
    frames: u64,
}

/// Lives as long as the program; may point into the permanent arena.
struct SpinnerState<'app> {
    greeting: &'app str,
    target: TargetId,
}

/// Lives as long as the open project; may point into the scene arena.
struct Cube<'scene> {
    angle: f32,
    trail: &'scene mut [f32; 64],
    mesh: MeshId,
    material: MaterialId,
}

const SIZE: [u32; 2] = [320, 240];

impl Client for Spinner {
    type Request = ();
    type Staged<'scene> = Option<(BufferUpload, u32)>;
    type Project<'scene> = Cube<'scene>;
    type Work<'scene> = ();
    type State<'app> = SpinnerState<'app>;
    type Error = SpinnerError;

    fn startup<'app>(&self, app: &mut AppState<'app>) -> Result<SpinnerState<'app>, SpinnerError> {
        let greeting =
            app.permanent.with_tag(Tag::CLIENT).try_alloc_fmt(format_args!("on {}", app.gpu.device_name()))?;
        let target = renderer::create_target(&mut app.renderer, SIZE, 4, "spinner")?;
        Ok(SpinnerState { greeting, target })
    }

    fn empty<'scene>(&self) -> Self::Staged<'scene> {
        None
    }

    fn load<'scene>(
        &self,
        _request: &(),
        _memory: &Scope<'scene>,
        loading: &mut Loading<'_, UploadBatch<'_>>,
    ) -> Result<Self::Staged<'scene>, SpinnerError> {
        // On a worker: vertices go straight into memory that the GPU can copy from.
        let vertices = cube();
        let bytes = voltrum::bytemuck::cast_slice(&vertices);
        let (upload, place) = loading.uploads.try_buffer(bytes.len())?;
        place.copy_from_slice(bytes);
        // If the GPU's memory does not suffice, this load fails and what is open stays.
        loading.uploads.try_reserve()?;
        Ok(Some((upload, vertices.len() as u32)))
    }

    fn open<'app, 'loaded: 'scene, 'scene>(
        &self,
        _state: &mut SpinnerState<'app>,
        app: &mut AppState<'app>,
        staged: Self::Staged<'loaded>,
        memory: Tagged<'scene>,
        uploads: &UploadBatch<'_>,
    ) -> Result<Cube<'scene>, SpinnerError> {
        let trail = memory.try_alloc([0.0; 64])?;
        let paint = MaterialDesc { base_color: [0.9, 0.35, 0.1, 1.0], ..MaterialDesc::default() };
        let material = renderer::create_material(&mut app.renderer, &paint)?;
        let mesh = match staged {
            None => MeshId::NONE,
            Some((vertices, vertex_count)) => {
                let bounds = Bounds { min: [-1.0; 3], max: [1.0; 3] };
                let upload = MeshUpload { vertices, vertex_count, bounds, ..MeshUpload::default() };
                let made = renderer::create_mesh(&mut app.renderer, uploads, &upload, GpuLifetime::Scene);
                // memory goes with the scene arena, what is on the GPU does not
                made.inspect_err(|_| renderer::destroy_material(&mut app.renderer, material))?
            }
        };
        Ok(Cube { angle: 0.0, trail, mesh, material })
    }

    fn load_failed<'app>(&self, _state: &mut SpinnerState<'app>, _app: &mut AppState<'app>, error: SpinnerError) {
        eprintln!("spinner: {error}");
    }

    fn update<'app, 'scene>(
        &self,
        _state: &mut SpinnerState<'app>,
        cube: &mut Cube<'scene>,
        app: &mut AppState<'app>,
        _scene: Tagged<'scene>,
        frame: &mut Frame<'_>,
    ) -> Result<Next<()>, SpinnerError> {
        cube.angle += frame.delta_secs;
        cube.trail[frame.index as usize % 64] = cube.angle;
        Ok(if frame.index >= self.frames || app.platform.quit_requested { Next::Quit } else { Next::Continue })
    }

    fn render<'f>(
        &self,
        state: &mut SpinnerState<'_>,
        cube: &mut Cube<'_>,
        _app: &mut AppState<'_>,
        frame: &'f Frame<'_>,
    ) -> Result<&'f [View<'f>], SpinnerError> {
        let world = glam::Mat4::from_rotation_y(cube.angle);
        let draws =
            frame.memory.try_alloc([Draw { mesh: cube.mesh, material: cube.material, world, ..Draw::default() }])?;
        let projection = camera::perspective(0.8, SIZE[0] as f32 / SIZE[1] as f32, 0.1);
        let view = View {
            target: state.target,
            camera: Camera::look_at(glam::Vec3::new(3.0, 2.0, 4.0), glam::Vec3::ZERO, projection),
            sun: Sun::default(),
            ambient: [0.2; 3],
            background: Background::Color([0.02, 0.03, 0.05, 1.0]),
            grid: true,
            draws,
            ..View::default()
        };
        Ok(frame.memory.try_alloc([view])?)
    }

    fn close<'app>(&self, _state: &mut SpinnerState<'app>, app: &mut AppState<'app>, cube: Cube<'_>) {
        renderer::destroy_mesh(&mut app.renderer, cube.mesh);
        renderer::destroy_material(&mut app.renderer, cube.material);
    }

    fn shutdown<'app>(&self, state: SpinnerState<'app>, app: &mut AppState<'app>) {
        renderer::destroy_target(&mut app.renderer, state.target);
    }
}

/// Twelve triangles around the origin, counter-clockwise from outside.
fn cube() -> [Vertex; 36] {
    const CORNERS: [[f32; 2]; 6] = [[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]];
    std::array::from_fn(|i| {
        let (face, [u, v]) = (i / 6, CORNERS[i % 6]);
        let (axis, side) = (face / 2, if face % 2 == 0 { 1.0 } else { -1.0 });
        let (mut position, mut normal) = ([0.0; 3], [0.0; 3]);
        (position[axis], normal[axis]) = (side, side);
        (position[(axis + 1) % 3], position[(axis + 2) % 3]) = (u * side, v);
        Vertex { position, normal, uv: [u * 0.5 + 0.5, 0.5 - v * 0.5], ..Vertex::default() }
    })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let frames = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(120);
    let config = AppConfig { ui: None, window_size: SIZE, ..AppConfig::new("spinner") };
    let config = if arguments.iter().any(|argument| argument == "--window") { config } else { config.headless() };

    voltrum::drive(&config, &Spinner { frames }, Some(()), |instance| {
        let mut turn = Turn::Continue;
        while turn == Turn::Continue {
            turn = instance.frame()?;
        }
        // The project is still open: what does it hold, and does the middle of the picture show the cube?
        let mut memory = Arena::try_reserve("picture", 4 << 20)?;
        let memory = memory.open();
        let report = instance.figures().report(memory.tagged(Tag::REPORT), &instance.stats())?;
        print!("{report}");
        let (state, cube, app) = instance.parts();
        let pixels = renderer::read_target(&mut app.renderer, state.target, &memory)?;
        println!(
            "{}: {frames} frames, turned by {:.2} rad (last kept {:.2}), middle pixel {:?}",
            state.greeting,
            cube.angle,
            cube.trail.iter().copied().fold(0.0, f32::max),
            pixels.at(SIZE[0] / 2, SIZE[1] / 2),
        );
        Ok(turn)
    })?;
    Ok(())
}
