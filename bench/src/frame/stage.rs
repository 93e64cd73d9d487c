//! A client without an interface: a scene of entities whose objects are kept on the device.

use std::path::PathBuf;

use voltrum::assets::{self, AssetSystems, Loading, SceneAssets, StagedScene, geometry, gltf, materials};
use voltrum::glam::{Mat4, Quat, Vec3};
use voltrum::memory::{ArenaVec, Scope, Tag, Tagged};
use voltrum::render::{
    Background, Bounds, BufferUpload, Camera, Draw, Driver, GpuLifetime, InstanceId, Instances, MaterialDesc,
    MaterialId, MeshId, MeshUpload, Stub, TargetId, UploadBatch, Vertex, View, camera, renderer,
};
use voltrum::scene::{self, Entity, MeshPart, SceneLimits, SceneState, ShapeId, SpawnDesc, Transform};
use voltrum::{AppConfig, AppState, Client, Frame, Next, Turn};
use voltrum_editor::error::EditorError;

use super::measured::{Measured, measure};
use crate::loops::or_refused;

const SIZE: [u32; 2] = [1_280, 720];
/// Meshes, and as many materials: objects have one of each, in all pairs.
const KINDS: usize = 4;
/// Objects on a side of the square that they stand in.
const ROW: u32 = 1_000;
/// How much of a scene arena may be in use, as in the editor.
const SCENE_BYTES_MAX: usize = 1 << 30;

static STUB: Stub = Stub::new();

/// What is on the stage.
pub(super) enum Request {
    /// A glTF file.
    Model(PathBuf),
    /// So many objects, each an entity.
    Objects { count: u32, moves: Moves },
}

/// What moves in each frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moves {
    Nothing,
    /// Every object on the device: its matrix is there and goes over.
    Objects,
    /// Every entity, and what follows from that: world transform, bounds, its object on the device.
    Entities,
}

#[allow(clippy::large_enum_variant, reason = "there is one of it, for as long as a scene is loaded")]
pub(super) enum Staged<'scene> {
    Nothing,
    Model(StagedScene<'scene>),
    Objects([BufferUpload; KINDS]),
}

pub(super) struct Project<'scene> {
    scene: &'scene mut SceneState<'scene>,
    instances: Instances<'scene>,
    /// What is drawn of which entity.
    placed: ArenaVec<'scene, (Entity, InstanceId)>,
    /// Where objects are in even and in odd frames, where only they move.
    worlds: [ArenaVec<'scene, Mat4>; 2],
    assets: Option<SceneAssets<'scene>>,
    meshes: [MeshId; KINDS],
    materials: [MaterialId; KINDS],
}

/// Frames of what is asked for, with a camera that moves.
pub(super) fn frames(request: &Request) -> Measured {
    let config = AppConfig {
        driver: Driver::Stub(&STUB),
        validation: false,
        ui: None,
        window_size: SIZE,
        scene_limit_bytes: SCENE_BYTES_MAX,
        ..AppConfig::new("bench")
    };
    let mut measured = Measured::default();
    or_refused(voltrum::drive(&config.headless(), &Stage { request }, Some(()), |instance| {
        measured = measure(instance, |instance| instance.state().turn += 0.01)?;
        Ok(Turn::Quit)
    }));
    measured
}

struct Stage<'r> {
    request: &'r Request,
}

struct StageState {
    target: TargetId,
    turn: f32,
}

impl Client for Stage<'_> {
    type Request = ();
    type Staged<'scene> = Staged<'scene>;
    type Project<'scene> = Project<'scene>;
    type Work<'scene> = ();
    type State<'app> = StageState;
    type Error = EditorError;

    fn startup<'app>(&self, app: &mut AppState<'app>) -> Result<StageState, EditorError> {
        Ok(StageState { target: renderer::create_target(&mut app.renderer, SIZE, 1, "stage")?, turn: 0.0 })
    }

    fn empty<'scene>(&self) -> Staged<'scene> {
        Staged::Nothing
    }

    fn load<'scene>(
        &self,
        _request: &(),
        memory: &Scope<'scene>,
        loading: &mut Loading<'_, UploadBatch<'_>>,
    ) -> Result<Staged<'scene>, EditorError> {
        match self.request {
            Request::Model(path) => Ok(Staged::Model(gltf::load(path, memory, loading)?)),
            Request::Objects { .. } => {
                let mut uploads = [BufferUpload::default(); KINDS];
                for (upload, height) in uploads.iter_mut().zip(1..) {
                    let vertices = tetrahedron(height as f32);
                    let bytes = voltrum::bytemuck::cast_slice(&vertices);
                    let (made, place) = loading.uploads.try_buffer(bytes.len())?;
                    place.copy_from_slice(bytes);
                    *upload = made;
                }
                Ok(Staged::Objects(uploads))
            }
        }
    }

    fn open<'app, 'loaded: 'scene, 'scene>(
        &self,
        _state: &mut StageState,
        app: &mut AppState<'app>,
        staged: Staged<'loaded>,
        memory: Tagged<'scene>,
        uploads: &UploadBatch<'_>,
    ) -> Result<Project<'scene>, EditorError> {
        let scene = scene::open(memory.with_tag(Tag::SCENE), &SceneLimits::default())?;
        let capacity = match self.request {
            Request::Model(_) => 0,
            Request::Objects { count, .. } => *count as usize,
        };
        let mut project = Project {
            scene,
            instances: Instances::try_new(&mut app.renderer, memory, capacity)?,
            placed: ArenaVec::try_with_capacity_in(capacity, memory)?,
            worlds: [ArenaVec::new_in(memory), ArenaVec::new_in(memory)],
            assets: None,
            meshes: [MeshId::NONE; KINDS],
            materials: [MaterialId::NONE; KINDS],
        };
        match staged {
            Staged::Nothing => {}
            Staged::Model(staged) => project.add_model(app, &staged, memory, uploads)?,
            Staged::Objects(vertices) => project.add_objects(app, capacity as u32, vertices, uploads)?,
        }
        scene::update_transforms(project.scene);
        project.place(app)?;
        if let Request::Objects { moves: Moves::Objects, .. } = self.request {
            for (height, worlds) in [0.0, 0.5].into_iter().zip(&mut project.worlds) {
                worlds.try_extend((0..capacity as u32).map(|index| place(index, height).matrix()))?;
            }
        }
        Ok(project)
    }

    fn load_failed<'app>(&self, _state: &mut StageState, _app: &mut AppState<'app>, error: EditorError) {
        eprintln!("bench: {error}");
    }

    fn update<'app, 'scene>(
        &self,
        _state: &mut StageState,
        project: &mut Project<'scene>,
        app: &mut AppState<'app>,
        _scene: Tagged<'scene>,
        frame: &mut Frame<'_>,
    ) -> Result<Next<()>, EditorError> {
        match self.request {
            Request::Objects { moves: Moves::Objects, .. } => project.shift_objects(app, frame.index)?,
            Request::Objects { moves: Moves::Entities, .. } => project.shift_entities(app, frame.index)?,
            Request::Objects { moves: Moves::Nothing, .. } | Request::Model(_) => {
                scene::update_transforms(project.scene);
            }
        }
        Ok(Next::Continue)
    }

    fn render<'f>(
        &self,
        state: &mut StageState,
        _project: &mut Project<'_>,
        _app: &mut AppState<'_>,
        frame: &'f Frame<'_>,
    ) -> Result<&'f [View<'f>], EditorError> {
        let projection = camera::perspective(0.8, SIZE[0] as f32 / SIZE[1] as f32, 0.1);
        let eye = Quat::from_rotation_y(state.turn) * Vec3::new(0.0, 900.0, 1_400.0);
        let view = View {
            target: state.target,
            camera: Camera::look_at(eye, Vec3::ZERO, projection),
            background: Background::Color([0.02, 0.03, 0.05, 1.0]),
            ..View::default()
        };
        Ok(frame.memory.tagged(Tag::FRAME).try_alloc([view])?)
    }

    fn instances<'p>(&self, project: &'p Project<'_>) -> Option<&'p Instances<'p>> {
        Some(&project.instances)
    }

    fn close<'app>(&self, _state: &mut StageState, app: &mut AppState<'app>, project: Project<'_>) {
        renderer::destroy_scene(&mut app.renderer, project.instances.id());
        if let Some(assets) = project.assets {
            let mut systems = AssetSystems {
                textures: &mut app.textures,
                materials: &mut app.materials,
                geometry: &mut app.geometry,
            };
            assets::release(&mut systems, &mut app.renderer, &assets);
        }
        for (mesh, material) in project.meshes.into_iter().zip(project.materials) {
            renderer::destroy_mesh(&mut app.renderer, mesh);
            renderer::destroy_material(&mut app.renderer, material);
        }
    }

    fn shutdown<'app>(&self, state: StageState, app: &mut AppState<'app>) {
        renderer::destroy_target(&mut app.renderer, state.target);
    }
}

impl<'scene> Project<'scene> {
    fn add_model(
        &mut self,
        app: &mut AppState<'_>,
        staged: &StagedScene<'scene>,
        memory: Tagged<'scene>,
        uploads: &UploadBatch<'_>,
    ) -> Result<(), EditorError> {
        let mut systems =
            AssetSystems { textures: &mut app.textures, materials: &mut app.materials, geometry: &mut app.geometry };
        let assets = assets::instantiate(&mut systems, &mut app.renderer, uploads, staged, &[], memory)?;
        let part = |at: usize| MeshPart {
            mesh: geometry::get(&app.geometry, assets.primitives[at].mesh),
            material: materials::get(&app.materials, assets.primitives[at].material),
        };
        scene::build(self.scene, staged, part)?;
        self.assets = Some(assets);
        Ok(())
    }

    fn add_objects(
        &mut self,
        app: &mut AppState<'_>,
        count: u32,
        vertices: [BufferUpload; KINDS],
        uploads: &UploadBatch<'_>,
    ) -> Result<(), EditorError> {
        let mut shapes = [ShapeId::default(); KINDS * KINDS];
        for (at, vertices) in vertices.into_iter().enumerate() {
            let height = (at + 1) as f32;
            let bounds = Bounds { min: [-0.5, 0.0, -0.5], max: [0.5, height, 0.5] };
            let upload = MeshUpload { vertices, vertex_count: 12, bounds, ..MeshUpload::default() };
            self.meshes[at] = renderer::create_mesh(&mut app.renderer, uploads, &upload, GpuLifetime::Scene)?;
            let paint = MaterialDesc { base_color: [height / KINDS as f32, 0.4, 0.2, 1.0], ..MaterialDesc::default() };
            self.materials[at] = renderer::create_material(&mut app.renderer, &paint)?;
        }
        for (at, shape) in shapes.iter_mut().enumerate() {
            let part = MeshPart { mesh: self.meshes[at % KINDS], material: self.materials[at / KINDS] };
            let bounds = assets::Bounds { min: Vec3::new(-0.5, 0.0, -0.5), max: Vec3::new(0.5, KINDS as f32, 0.5) };
            *shape = scene::add_shape(self.scene, &[part], bounds)?;
        }
        for index in 0..count {
            let mesh = Some(shapes[index as usize % shapes.len()]);
            scene::spawn(self.scene, &SpawnDesc { mesh, local: place(index, 0.0).into(), ..SpawnDesc::default() })?;
        }
        Ok(())
    }

    /// Puts what the entities show on the device.
    fn place(&mut self, app: &mut AppState<'_>) -> Result<(), EditorError> {
        for (entity, shape) in scene::meshes(self.scene).iter() {
            let world = scene::worlds(self.scene)[entity.index() as usize].matrix();
            for part in scene::shapes(self.scene)[shape.index() as usize].parts {
                let draw = Draw { mesh: part.mesh, material: part.material, world, ..Draw::default() };
                self.placed.try_push((entity, self.instances.insert(&mut app.renderer, &draw)?))?;
            }
        }
        Ok(())
    }

    /// Moves every object on the device.
    fn shift_objects(&mut self, app: &mut AppState<'_>, frame: u64) -> Result<(), EditorError> {
        let worlds = &self.worlds[frame as usize % 2];
        let moves = self.placed.iter().zip(worlds).map(|((_, id), world)| (*id, world));
        Ok(self.instances.set_worlds(&mut app.renderer, moves)?)
    }

    /// Moves every entity, and its object on the device.
    fn shift_entities(&mut self, app: &mut AppState<'_>, frame: u64) -> Result<(), EditorError> {
        let height = (frame % 100) as f32 * 0.01;
        for (entity, _) in &self.placed {
            scene::set_local(self.scene, *entity, place(entity.index(), height))?;
        }
        scene::update_transforms(self.scene);
        let worlds = scene::worlds(self.scene);
        let moves = self.placed.iter().map(|(entity, id)| (*id, worlds[entity.index() as usize].matrix()));
        self.instances.set_worlds(&mut app.renderer, moves)?;
        Ok(())
    }
}

/// Where an object stands: turned, so that no product is trivial.
fn place(index: u32, height: f32) -> Transform {
    let at = Vec3::new((index % ROW) as f32, height, (index / ROW) as f32) - Vec3::new(0.5, 0.0, 0.5) * ROW as f32;
    Transform { rotation: Quat::from_xyzw(0.0, 0.6, 0.0, 0.8), ..Transform::at(at) }
}

/// Four triangles, counter-clockwise from outside.
fn tetrahedron(height: f32) -> [Vertex; 12] {
    let corners = [[-0.5, 0.0, -0.5], [0.5, 0.0, -0.5], [0.0, 0.0, 0.5], [0.0, height, 0.0]];
    let faces = [[0, 1, 2], [0, 3, 1], [1, 3, 2], [2, 3, 0]];
    std::array::from_fn(|at| Vertex {
        position: corners[faces[at / 3][at % 3]],
        normal: [0.0, 1.0, 0.0],
        ..Vertex::default()
    })
}
