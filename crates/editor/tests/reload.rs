//! Files that change on the disk while they are open: what they show changes, everything else stays.
//!
//! One test at a time, since the heap is the process's.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod files;
mod opened;

use files::edit;
use opened::{Outcome, Run};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use voltrum::assets::{geometry, materials, textures};
use voltrum::memory::{Arena, CountingHeap, heap_usage};
use voltrum::platform::Message;
use voltrum::platform::input::Key;
use voltrum::render::glam::{Mat4, Vec3};
use voltrum::render::renderer;
use voltrum::scene::{self, Entity, Transform};
use voltrum::{AppConfig, Turn, testing};
use voltrum_editor::commands::window;
use voltrum_editor::editor::Editor;

#[global_allocator]
static HEAP: CountingHeap = CountingHeap::system();

static TURN: Mutex<()> = Mutex::new(());

const PATIENCE: Duration = Duration::from_secs(60);
const SIZE: [u32; 2] = [960, 600];

/// Opens the good model in an editor without a window; `test` gets it with the model's path.
fn with_model(mut test: impl FnMut(&mut Run<'_, '_, '_>, &Path) -> Outcome) {
    let _turn = TURN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let folder = tempfile::tempdir().unwrap();
    let path = files::good(folder.path());
    let config = AppConfig { window_size: SIZE, ..window::config() }.headless();
    let mut opened = false;
    voltrum::drive(&config, &Editor::new(None), None, |instance| {
        if !std::mem::replace(&mut opened, true) {
            instance.state().store.settings.reloads = false;
            instance.state().open(path.to_str().unwrap());
            return testing::frames_until_open(instance, PATIENCE);
        }
        testing::frames(instance, 3)?;
        let ended = test(instance, &path)?;
        assert_eq!(instance.app().gpu.validation_messages(), 0);
        Ok(ended)
    })
    .unwrap();
}

/// Presses F5, waits, and says what the status line says.
fn reload(instance: &mut Run<'_, '_, '_>) -> String {
    instance.state().status.clear();
    for message in [Message::key_down(Key::F5), Message::key_up(Key::F5)] {
        instance.post(message).unwrap();
    }
    said(instance)
}

/// Goes on until the status line says something.
fn said(instance: &mut Run<'_, '_, '_>) -> String {
    let began = Instant::now();
    while instance.state().status.text().0.is_empty() && began.elapsed() < PATIENCE {
        testing::frames(instance, 1).unwrap();
    }
    // Frames that have nothing to do rest for as long as it is shown.
    let said = instance.state().status.text().0.to_owned();
    testing::frames(instance, 2).unwrap();
    said
}

fn paint(model: &Path, size: u32, shade: u8) {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size, size);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&vec![shade; (size * size) as usize]).unwrap();
    writer.finish().unwrap();
    fs::write(model.with_file_name("paint.png"), bytes).unwrap();
}

/// Writes positions of the model's three vertices.
fn shape(model: &Path, positions: [f32; 9]) {
    let path = model.with_file_name("corner.bin");
    let mut bytes = fs::read(&path).unwrap();
    for (slot, number) in bytes.chunks_exact_mut(4).zip(positions) {
        slot.copy_from_slice(&number.to_le_bytes());
    }
    fs::write(&path, bytes).unwrap();
}

fn texture_size(instance: &mut Run<'_, '_, '_>) -> [u32; 2] {
    let (_, project, app) = instance.parts();
    textures::info(&app.textures, project.files()[0].assets().textures[0]).unwrap().size
}

/// How bright the triangle is, in the viewport of the default layout.
fn brightness(instance: &mut Run<'_, '_, '_>) -> f32 {
    testing::frames(instance, 2).unwrap();
    let mut memory = Arena::try_reserve("picture", 64 << 20).unwrap();
    let memory = memory.open();
    let pixels = renderer::read_screen(&mut instance.app().renderer, &memory).unwrap();
    let places = (340..360).flat_map(|x| (340..360).map(move |y| (x, y)));
    places.map(|(x, y)| f32::from(pixels.at(x, y)[0])).sum::<f32>() / 400.0
}

fn corner(instance: &mut Run<'_, '_, '_>) -> Entity {
    instance.project().files()[0].entities()[0]
}

fn world(instance: &mut Run<'_, '_, '_>, entity: Entity) -> Mat4 {
    instance.project().update();
    scene::world(instance.project().scene, entity).unwrap()
}

#[test]
fn a_changed_picture_shows_on_what_it_is_painted_on() {
    with_model(|instance, model| {
        // a metal would mirror the dark
        edit(model, |model| model["materials"][0]["pbrMetallicRoughness"]["metallicFactor"] = json!(0));
        assert_eq!(reload(instance), "reloaded model.gltf");
        let before = brightness(instance);
        assert!(before > 60.0, "{before}");
        let handles = instance.project().files()[0].assets().textures.to_vec();
        paint(model, 16, 20);
        assert_eq!(reload(instance), "reloaded model.gltf");
        assert_eq!((texture_size(instance), instance.project().files()[0].assets().textures), ([16; 2], &handles[..]));
        let after = brightness(instance);
        assert!(after < before * 0.7, "{before} became {after}");
        Ok(Turn::Quit)
    });
}

#[test]
fn a_broken_file_leaves_what_there_was_and_says_so() {
    with_model(|instance, model| {
        let (before, version) = (brightness(instance), instance.project().version());
        let picture = model.with_file_name("paint.png");
        let good = fs::read(&picture).unwrap();
        for (path, bytes) in [(picture.as_path(), &good[..40]), (model, b"{ \"asset\"".as_slice())] {
            let whole = fs::read(path).unwrap();
            fs::write(path, bytes).unwrap();
            let status = reload(instance);
            assert!(status.contains("model.gltf: ") && status.ends_with("what was loaded before stays"), "{status}");
            assert!(instance.state().status.is_error());
            fs::write(path, whole).unwrap();
        }
        fs::remove_file(model).unwrap();
        assert!(reload(instance).contains("no such file"));
        assert_eq!((texture_size(instance), instance.project().version()), ([4; 2], version));
        assert!((brightness(instance) - before).abs() < 1.0);
        Ok(Turn::Quit)
    });
}

#[test]
fn materials_places_and_shapes_follow_the_file_and_edits_stay() {
    with_model(|instance, model| {
        let entity = corner(instance);
        edit(model, |model| {
            model["nodes"][0]["translation"] = json!([5, 0, 0]);
            model["materials"][0]["pbrMetallicRoughness"]["baseColorFactor"] = json!([0.25, 0.5, 0.75, 1]);
        });
        shape(model, [0.0, 0.0, 0.0, 3.0, 0.0, 0.0, 0.0, 3.0, 0.0]);
        assert_eq!(reload(instance), "reloaded model.gltf");
        assert_eq!((corner(instance), instance.project().name(entity)), (entity, "Corner"));
        assert_eq!(world(instance, entity).w_axis.x, 5.0, "nobody had moved it");
        let (_, project, app) = instance.parts();
        let material = materials::info(&app.materials, project.files()[0].assets().materials[0]).unwrap();
        assert_eq!(material.surface.base_color, [0.25, 0.5, 0.75, 1.0]);
        let bounds = project.bounds();
        assert_eq!((bounds.min, bounds.max), (Vec3::new(5.0, 0.0, 0.0), Vec3::new(8.0, 3.0, 0.0)));
        let ray = scene::pick::Ray { origin: Vec3::new(7.0, 0.5, 2.0), direction: Vec3::NEG_Z };
        assert_eq!(project.pick(&ray).map(|hit| hit.entity), Some(entity), "its new triangle is what is hit");
        assert!(!project.is_unsaved(), "the project didn't change, its file did");

        let lifted = Transform { translation: Vec3::new(5.0, 9.0, 0.0), ..Transform::IDENTITY };
        instance.project().edit("Lift", |edit| edit.set_local(entity, lifted)).unwrap();
        edit(model, |model| model["nodes"][0]["translation"] = json!([7, 0, 0]));
        assert_eq!(reload(instance), "reloaded model.gltf");
        assert_eq!(world(instance, entity).w_axis.y, 9.0, "the edit stays");
        assert_eq!(instance.project().history().done(), 1);
        assert!(instance.project().undo().unwrap());
        Ok(Turn::Quit)
    });
}

/// What the status line says of it, and how a model becomes it.
type Make = (&'static str, fn(&mut Value));

#[test]
fn a_file_of_another_make_is_refused_with_what_differs() {
    with_model(|instance, model| {
        let whole = fs::read(model).unwrap();
        let makes: [Make; 4] = [
            ("has 2 nodes and had 1", |model| {
                model["nodes"] = json!([{ "mesh": 0, "name": "Corner" }, { "name": "new" }]);
                model["scenes"][0]["nodes"] = json!([0, 1]);
            }),
            ("nodes with other parents or contents", |model| model["nodes"] = json!([{ "name": "Corner" }])),
            ("has 0 images and had 1", |model| model["materials"] = json!([{ "name": "Paint" }])),
            ("has 1 cameras and had 0", |model| {
                model["cameras"] = json!([{ "type": "perspective", "perspective": { "yfov": 1, "znear": 0.1 } }]);
            }),
        ];
        for (words, change) in makes {
            edit(model, change);
            let status = reload(instance);
            assert!(status.contains(words) && status.contains("open it anew"), "{status}");
            assert_eq!((instance.project().entity_count(), texture_size(instance)), (1, [4; 2]));
            fs::write(model, &whole).unwrap();
        }
        assert_eq!(reload(instance), "reloaded model.gltf");
        Ok(Turn::Quit)
    });
}

#[test]
fn a_change_is_seen_without_a_wish_where_that_is_set() {
    with_model(|instance, model| {
        testing::frames(instance, 20)?;
        assert_eq!(instance.stats().heap_allocations, Some(0), "watching takes nothing");
        paint(model, 32, 90);
        instance.state().store.settings.reloads = true;
        instance.state().status.clear();
        let began = Instant::now();
        while texture_size(instance) != [32; 2] && began.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(5));
            testing::frames(instance, 1)?;
        }
        assert_eq!(texture_size(instance), [32; 2]);
        Ok(Turn::Quit)
    });
}

/// What may not grow.
fn held(instance: &mut Run<'_, '_, '_>) -> [usize; 11] {
    let figures = instance.figures();
    let app = instance.app();
    renderer::wait_idle(&mut app.renderer).unwrap();
    let [permanent, scene_a, scene_b, frame] = figures.arenas().map(|arena| arena.committed());
    let heap = heap_usage().unwrap();
    [
        permanent,
        scene_a,
        scene_b,
        frame,
        textures::count(&app.textures),
        materials::count(&app.materials),
        geometry::count(&app.geometry),
        app.gpu.usage().used_bytes as usize,
        app.gpu.live_objects() as usize,
        heap.live_bytes,
        heap.live_count,
    ]
}

/// What is held once the worker has given back what it worked in, and the GPU what it is done with.
fn held_at_rest(instance: &mut Run<'_, '_, '_>) -> [usize; 11] {
    let mut last = held(instance);
    for _ in 0..200 {
        std::thread::sleep(Duration::from_millis(20));
        testing::frames(instance, 4).unwrap();
        let now = held(instance);
        if now == last {
            return now;
        }
        last = now;
    }
    last
}

#[test]
fn a_hundred_reloads_hold_no_more_than_ten() {
    with_model(|instance, model| {
        let mut after_ten = [0; 11];
        for round in 1..=100_u8 {
            paint(model, 8, round);
            edit(model, |model| {
                model["materials"][0]["pbrMetallicRoughness"]["roughnessFactor"] = json!(f32::from(round) / 100.0);
            });
            assert_eq!(reload(instance), "reloaded model.gltf");
            if round == 10 {
                after_ten = held_at_rest(instance);
            }
        }
        let held = held_at_rest(instance);
        assert!(held.iter().zip(after_ten).all(|(now, then)| *now <= then), "{held:?} after {after_ten:?}");
        Ok(Turn::Quit)
    });
}
