//! The client of `docs/first-client.md`: a scene with a square that turns, a panel that says how fast, and the memory it
//! takes.
//!
//! ```text
//! cargo run --example first_client -- [--window]
//! ```

use voltrum::assets::Loading;
use voltrum::glam::{Quat, Vec3};
use voltrum::memory::{MemoryError, Scope, Tag, Tagged};
use voltrum::render::{
    Background, Bounds, BufferUpload, Camera, Draw, GpuLifetime, MaterialDesc, MaterialId, MeshId, MeshUpload,
    RenderError, TargetId, UiTexture, UploadBatch, Vertex, View, camera, renderer,
};
use voltrum::scene::{self, Entity, SceneError, SceneLimits, SceneState, SpawnDesc, Transform};
use voltrum::ui::{self, LayerId, Ui, UiError, Window};
use voltrum::{AppConfig, AppState, Client, Frame, Next};

/// What can go wrong here: whatever can go wrong in the floors below.
#[derive(Debug, thiserror::Error)]
pub enum TurnerError {
    /// An arena refused.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// The renderer or the GPU.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// The scene.
    #[error(transparent)]
    Scene(#[from] SceneError),
    /// The interface.
    #[error(transparent)]
    Ui(#[from] UiError),
}

/// The program. What changes is in its state and in its project.
pub struct Turner;

/// Lives as long as the program.
pub struct TurnerState {
    /// What the square is drawn into.
    pub target: TargetId,
    /// Set in the panel.
    pub turns_per_sec: f32,
    panel: Option<LayerId>,
}

/// Lives as long as the open project; may point into the scene arena.
pub struct Sheet<'scene> {
    /// In radians.
    pub angle: f32,
    /// Those of the last frames.
    pub angles: &'scene mut [f32],
    scene: &'scene mut SceneState<'scene>,
    square: Entity,
    mesh: MeshId,
    material: MaterialId,
}

/// Of the picture, in pixels.
pub const SIZE: [u32; 2] = [320, 240];

impl Client for Turner {
    type Request = ();
    type Staged<'scene> = Option<BufferUpload>;
    type Project<'scene> = Sheet<'scene>;
    type Work<'scene> = ();
    type State<'app> = TurnerState;
    type Error = TurnerError;

    fn startup<'app>(&self, app: &mut AppState<'app>) -> Result<TurnerState, TurnerError> {
        let target = renderer::create_target(&mut app.renderer, SIZE, 4, "turner")?;
        let panel = match &mut app.ui {
            Some(ui) => Some(ui::layers_mut(ui).push("Turner", 0)?),
            None => None,
        };
        Ok(TurnerState { target, turns_per_sec: 0.25, panel })
    }

    fn empty<'scene>(&self) -> Self::Staged<'scene> {
        None
    }

    fn load<'scene>(
        &self,
        _request: &(),
        _memory: &Scope<'scene>,
        loading: &mut Loading<'_, UploadBatch<'_>>,
    ) -> Result<Self::Staged<'scene>, TurnerError> {
        let vertices = square();
        let bytes = voltrum::bytemuck::cast_slice(&vertices);
        let (upload, place) = loading.uploads.try_buffer(bytes.len())?;
        place.copy_from_slice(bytes);
        Ok(Some(upload))
    }

    fn open<'app, 'loaded: 'scene, 'scene>(
        &self,
        _state: &mut TurnerState,
        app: &mut AppState<'app>,
        staged: Self::Staged<'loaded>,
        memory: Tagged<'scene>,
        uploads: &UploadBatch<'_>,
    ) -> Result<Sheet<'scene>, TurnerError> {
        let angles = memory.with_tag(Tag::CLIENT).try_alloc_slice_fill_with(64, |_| 0.0)?;
        let scene = scene::open(memory.with_tag(Tag::SCENE), &SceneLimits::default())?;
        let square = scene::spawn(scene, &SpawnDesc { name: "square", ..SpawnDesc::default() })?;

        let paint = MaterialDesc { base_color: [0.9, 0.35, 0.1, 1.0], double_sided: true, ..MaterialDesc::default() };
        let material = renderer::create_material(&mut app.renderer, &paint)?;
        let mesh = match staged {
            None => MeshId::NONE,
            Some(vertices) => {
                let bounds = Bounds { min: [-1.0; 3], max: [1.0; 3] };
                let upload = MeshUpload { vertices, vertex_count: 6, bounds, ..MeshUpload::default() };
                let made = renderer::create_mesh(&mut app.renderer, uploads, &upload, GpuLifetime::Scene);
                // memory goes with the scene arena, what is on the GPU does not
                made.inspect_err(|_| renderer::destroy_material(&mut app.renderer, material))?
            }
        };
        Ok(Sheet { angle: 0.0, angles, scene, square, mesh, material })
    }

    fn load_failed<'app>(&self, _state: &mut TurnerState, _app: &mut AppState<'app>, error: TurnerError) {
        eprintln!("turner: {error}");
    }

    fn update<'app, 'scene>(
        &self,
        state: &mut TurnerState,
        sheet: &mut Sheet<'scene>,
        app: &mut AppState<'app>,
        _scene: Tagged<'scene>,
        frame: &mut Frame<'_>,
    ) -> Result<Next<()>, TurnerError> {
        sheet.angle += state.turns_per_sec * std::f32::consts::TAU * frame.delta_secs;
        sheet.angles[frame.index as usize % 64] = sheet.angle;
        let turned = Transform { rotation: Quat::from_rotation_z(sheet.angle), ..Transform::IDENTITY };
        scene::set_local(sheet.scene, sheet.square, turned)?;
        scene::update_transforms(sheet.scene);
        Ok(if app.platform.quit_requested { Next::Quit } else { Next::Continue })
    }

    fn render<'f>(
        &self,
        state: &mut TurnerState,
        sheet: &mut Sheet<'_>,
        _app: &mut AppState<'_>,
        frame: &'f Frame<'_>,
    ) -> Result<&'f [View<'f>], TurnerError> {
        let world = scene::world(sheet.scene, sheet.square).unwrap_or_default();
        let draws =
            frame.memory.try_alloc([Draw { mesh: sheet.mesh, material: sheet.material, world, ..Draw::default() }])?;
        let projection = camera::perspective(0.8, SIZE[0] as f32 / SIZE[1] as f32, 0.1);
        let view = View {
            target: state.target,
            camera: Camera::look_at(Vec3::new(0.0, 0.0, 5.0), Vec3::ZERO, projection),
            background: Background::Color([0.02, 0.03, 0.05, 1.0]),
            draws,
            ..View::default()
        };
        Ok(frame.memory.try_alloc([view])?)
    }

    fn draw_layer(
        &self,
        layer: LayerId,
        ui: Ui<'_>,
        state: &mut TurnerState,
        sheet: &mut Sheet<'_>,
        _app: &AppState<'_>,
        frame: &Frame<'_>,
    ) -> Result<(), TurnerError> {
        if Some(layer) == state.panel {
            ui.window("Turner", Window::new().first_size([360.0, 380.0]), || {
                ui.image(UiTexture::target(state.target), SIZE.map(|side| side as f32));
                ui.slider("turns a second", &mut state.turns_per_sec, -2.0..=2.0, 2);
                ui.text(format_args!("turned by {:.1} rad in {} frames", sheet.angle, frame.index));
                ui.text_dim(format_args!("{:?} Rust heap allocations", frame.stats.heap_allocations));
            });
        }
        Ok(())
    }

    fn close<'app>(&self, _state: &mut TurnerState, app: &mut AppState<'app>, sheet: Sheet<'_>) {
        renderer::destroy_mesh(&mut app.renderer, sheet.mesh);
        renderer::destroy_material(&mut app.renderer, sheet.material);
    }

    fn shutdown<'app>(&self, state: TurnerState, app: &mut AppState<'app>) {
        renderer::destroy_target(&mut app.renderer, state.target);
    }
}

/// Two triangles that face the camera, counter-clockwise.
fn square() -> [Vertex; 6] {
    let corners = [[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]];
    corners.map(|[x, y]: [f32; 2]| Vertex { position: [x, y, 0.0], normal: [0.0, 0.0, 1.0], ..Vertex::default() })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let config = AppConfig::new("turner");
    if std::env::args().any(|argument| argument == "--window") {
        return Ok(voltrum::run(&config, &Turner, Some(()))?);
    }
    voltrum::drive(&config.headless(), &Turner, Some(()), |instance| voltrum::testing::frames(instance, 60))?;
    println!("60 frames without a window; --window opens one");
    Ok(())
}
