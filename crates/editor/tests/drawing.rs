//! What is drawn is what the scene says, whatever was done to it.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod files;
mod opened;

use std::path::Path;
use voltrum::AppState;
use voltrum::glam::{Quat, Vec3};
use voltrum::memory::{Arena, Scope};
use voltrum::render::{Draw, Driver, RenderPacket, Stub, TargetId, View, renderer};
use voltrum::scene::{self, Entity, SpawnDesc, Transform};
use voltrum::{AppConfig, Turn};
use voltrum_editor::commands::window;
use voltrum_editor::drawing::object_color;
use voltrum_editor::look::{Look, Mode};
use voltrum_editor::project::Project;

/// Marsaglia's xorshift, 64 bits.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end.max(1)
    }

    fn unit(&mut self) -> f32 {
        self.below(1000) as f32 / 1000.0 - 0.5
    }
}

/// What the scene says is to be drawn.
fn draws(project: &Project<'_>, mode: Mode) -> Vec<Draw> {
    let shown = scene::meshes(project.scene).iter().filter(|(entity, _)| scene::is_shown(project.scene, *entity));
    let draws = shown.flat_map(|(entity, shape)| {
        let world = scene::world(project.scene, entity).unwrap();
        let object_color = if mode == Mode::Memory { project.holdings().color(*shape) } else { object_color(entity) };
        let parts = scene::shapes(project.scene)[shape.index() as usize].parts;
        parts.iter().map(move |part| Draw {
            mesh: part.mesh,
            material: part.material,
            world,
            object_color,
            ..Draw::default()
        })
    });
    draws.collect()
}

/// Mirrored half of the time.
fn place(random: &mut Random) -> Transform {
    let rotation = Quat::from_rotation_y(random.unit() * 6.0);
    let scale = Vec3::new([1.0, -1.0][random.below(2)], 1.0, 1.0);
    let translation = Vec3::new(random.unit(), random.unit(), random.unit()) * 3.0;
    Transform { translation, rotation, scale }
}

fn edit(project: &mut Project<'_>, random: &mut Random) {
    let alive: Vec<Entity> = scene::entities(project.scene).collect();
    let picked = alive.get(random.below(alive.len())).copied();
    let parent = alive.get(random.below(alive.len())).copied();
    // what is refused leaves things as they are
    let _refused = match (random.below(12), picked) {
        (0, Some(entity)) => project.delete(entity),
        // a duplicate that stays where it is hides half of what it is compared with
        (1 | 2, Some(entity)) if alive.len() < 60 => {
            let mesh = scene::meshes(project.scene).get(entity).copied();
            let desc = SpawnDesc { parent, mesh, local: place(random).into(), ..SpawnDesc::default() };
            project.edit("Add", |edit| edit.spawn(&desc).map(drop))
        }
        (3, Some(entity)) => project.set_visible(entity, random.below(3) > 0),
        (4, Some(entity)) => project.reparent(&[entity], parent, None),
        (5, Some(entity)) => {
            let mesh = parent.and_then(|parent| scene::meshes(project.scene).get(parent).copied());
            project.edit("Mesh", |edit| edit.set_mesh(entity, mesh))
        }
        (6..=8, Some(entity)) => project.edit("Move", |edit| edit.set_local(entity, place(random))),
        (9 | 10, _) => project.undo().map(drop),
        _ => project.redo().map(drop),
    };
}

/// Draws the same twice: as the project does, and from a list.
fn draw(project: &mut Project<'_>, app: &mut AppState<'_>, targets: [TargetId; 2], mode: Mode, memory: &Scope<'_>) {
    project.update();
    project.follow(&mut app.renderer, mode).unwrap();
    let list = draws(project, mode);
    assert_eq!(project.instances().map_or(0, |instances| instances.len()), list.len());
    let camera = voltrum_editor::camera::placed_camera(Vec3::new(2.5, 2.0, 4.5), Vec3::ZERO, 1.0);
    let look = Look { mode, ..Look::default() };
    let shown = View { camera, ..project.drawn(look.view(), memory).unwrap() };
    let views = [
        View { target: targets[0], instances: project.instances(), ..shown },
        View { target: targets[1], draws: &list, ..shown },
    ];
    renderer::begin_frame(&mut app.renderer, [0, 0]).unwrap();
    renderer::draw_frame(&mut app.renderer, &RenderPacket { views: &views, ui: None }).unwrap();
    renderer::end_frame(&mut app.renderer).unwrap();
}

#[test]
fn objects_on_the_gpu_are_those_of_the_scene_after_random_edits_undone_and_redone() {
    let config = AppConfig { window_size: [320, 240], ..window::config() };
    opened::with_open(config, &files::sample(), |instance| {
        let (_, project, app) = instance.parts();
        let targets =
            ["objects", "draws"].map(|name| renderer::create_target(&mut app.renderer, [64; 2], 1, name).unwrap());
        let mut arena = Arena::try_reserve("pictures", 16 << 20).unwrap();
        let mut random = Random(0x9E37_79B9_7F4A_7C15);
        for step in 0..600 {
            edit(project, &mut random);
            if random.below(4) > 0 {
                continue;
            }
            let mode = [Mode::Objects, Mode::Shaded, Mode::Memory][random.below(3)];
            let scope = arena.open();
            draw(project, app, targets, mode, &scope);
            let [a, b] = targets.map(|target| renderer::read_target(&mut app.renderer, target, &scope).unwrap());
            let pairs = a.rgba.chunks_exact(4).zip(b.rgba.chunks_exact(4));
            let different = pairs.filter(|(a, b)| a.iter().zip(*b).any(|(a, b)| a.abs_diff(*b) > 2)).count();
            // blended surfaces at one depth have no order
            assert!(different <= 8, "step {step}, {mode:?}: {different} pixels differ");
        }
        targets.iter().for_each(|target| renderer::destroy_target(&mut app.renderer, *target));
        Ok(Turn::Quit)
    });
}

/// Opens a file on a stub of Vulkan.
fn on_stub(file: &Path, mut look: impl FnMut(&mut Project<'_>, &mut AppState<'_>)) {
    static STUB: Stub = Stub::new();
    let config = AppConfig { driver: Driver::Stub(&STUB), validation: false, ..window::config() };
    opened::with_open(config, file, |instance| {
        let (_, project, app) = instance.parts();
        look(project, app);
        Ok(Turn::Quit)
    });
}

/// Adds what shows the same mesh as an entity.
fn add_alike(project: &mut Project<'_>, name: &str, count: usize) {
    let one = scene::query::find(project.scene, name).next().unwrap();
    let mesh = scene::meshes(project.scene).get(one).copied();
    let desc = SpawnDesc { mesh, ..SpawnDesc::default() };
    project.edit("Add", |edit| (0..count).try_for_each(|_| edit.spawn(&desc).map(drop))).unwrap();
    project.update();
}

#[test]
fn very_many_objects_come_and_change_their_colours_over_several_frames() {
    const COUNT: usize = 40_000;
    let folder = tempfile::tempdir().unwrap();
    on_stub(&files::good(folder.path()), |project, app| {
        add_alike(project, "Corner", COUNT);
        for mode in [Mode::Shaded, Mode::Memory, Mode::Objects] {
            let mut frames = 0;
            while frames == 0 || project.is_arriving() {
                project.follow(&mut app.renderer, mode).unwrap();
                frames += 1;
            }
            assert!((3..10).contains(&frames), "{mode:?}: {frames} frames");
            assert_eq!(project.instances().unwrap().len(), COUNT + 1, "{mode:?}");
            project.follow(&mut app.renderer, mode).unwrap();
            assert!(!project.is_arriving(), "{mode:?} is there, and stays");
        }
    });
}

#[test]
fn what_is_posed_in_each_frame_comes_and_goes_with_its_entity_and_has_its_colour() {
    let folder = tempfile::tempdir().unwrap();
    let mut arena = Arena::try_reserve("frames", 16 << 20).unwrap();
    on_stub(&files::figure(folder.path()), |project, app| {
        let mut check = |project: &mut Project<'_>, count: usize, mode: Mode| {
            project.update();
            project.follow(&mut app.renderer, mode).unwrap();
            let figure = scene::query::find(project.scene, "Figure").next();
            let mesh = figure.and_then(|figure| scene::meshes(project.scene).get(figure).copied());
            let alike = scene::meshes(project.scene).iter().filter(|(_, other)| Some(**other) == mesh);
            let mut expected: Vec<[u8; 4]> = alike
                .map(
                    |(entity, shape)| {
                        if mode == Mode::Memory { project.holdings().color(*shape) } else { object_color(entity) }
                    },
                )
                .collect();
            let memory = arena.open();
            let drawn = project.drawn(Look { mode, ..Look::default() }.view(), &memory).unwrap();
            let mut colors: Vec<[u8; 4]> = drawn.draws.iter().map(|draw| draw.object_color).collect();
            expected.sort_unstable();
            colors.sort_unstable();
            assert_eq!((colors.len(), &colors), (count, &expected), "{mode:?}");
        };
        check(project, 1, Mode::Shaded);
        add_alike(project, "Figure", 3);
        check(project, 4, Mode::Shaded);
        let second = scene::entities(project.scene).last().unwrap();
        project.delete(second).unwrap();
        check(project, 3, Mode::Objects);
        check(project, 3, Mode::Memory);
        project.undo().unwrap();
        check(project, 4, Mode::Memory);
        project.undo().unwrap();
        check(project, 1, Mode::Objects);
        project.redo().unwrap();
        check(project, 4, Mode::Objects);
    });
}
