//! What a file offers to choose from: its scenes and its variants, on the command line and in projects.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod files;
mod opened;

use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use voltrum::assets::{Loading, Progress};
use voltrum::memory::{Arena, Tag};
use voltrum::scene::project::Intent;
use voltrum::scene::{self, Entity};
use voltrum::{AppConfig, Turn, testing};
use voltrum_editor::commands::window;
use voltrum_editor::no_uploads::NoUploads;
use voltrum_editor::project::{Project, ProjectRequest, SceneName, load};

fn run(arguments: &[&str], file: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_voltrum"));
    command.arg(arguments[0]).arg(file).args(&arguments[1..]).stdin(Stdio::null()).output().unwrap()
}

/// The words of a command that must not succeed.
fn refused(arguments: &[&str], file: &Path) -> String {
    let output = run(arguments, file);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{message}");
    message
}

fn picture(file: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = run(&[&["render", "-o", "-", "--size", "48x32"], arguments].concat(), file);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// A day with a corner, and a night with two things, of which the second is another mesh's.
fn two_scenes(root: &Path) -> PathBuf {
    files::changed(root, "scenes", |model| {
        model["nodes"] = json!([{ "mesh": 0, "name": "Corner" }, { "name": "Moon", "translation": [0, 4, 0] },
            { "mesh": 1, "name": "Star", "scale": [2, 1, 1] }]);
        let mesh = model["meshes"][0].clone();
        model["meshes"].as_array_mut().unwrap().push(mesh);
        model["scenes"] = json!([{ "nodes": [0], "name": "day" }, { "nodes": [1, 2], "name": "night" }]);
    })
}

fn names(project: &Project<'_>) -> Vec<String> {
    let names = scene::entities(project.scene).map(|entity| scene::name(project.scene, entity).unwrap().to_owned());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

fn named(project: &Project<'_>, name: &str) -> Entity {
    scene::entities(project.scene).find(|entity| scene::name(project.scene, *entity) == Some(name)).unwrap()
}

/// Opens without a GPU.
fn with(request: &ProjectRequest, test: impl FnOnce(&mut Project<'_>)) {
    let mut arena = Arena::try_reserve("scene", 8 << 30).unwrap();
    let memory = arena.open();
    let mut scratch = NoUploads::memory().unwrap();
    let (mut uploads, progress) = (NoUploads::new(&mut scratch), Progress::new());
    let staged = load(request, Intent::Edit, &memory, &mut Loading::new(&mut uploads, &progress)).unwrap();
    let mut project = Project::open_headless(staged, memory.tagged(Tag::PROJECT)).unwrap();
    test(&mut project);
    project.close_headless();
}

#[test]
fn commands_show_the_scene_that_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = two_scenes(folder.path());
    let info = |scene: &[&str]| -> Value {
        let output = run(&[&["info", "--json"], scene].concat(), &file);
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let (day, night) = (info(&[]), info(&["--scene", "night"]));
    assert_eq!((&day["name"], &day["nodes"], &day["scenes"]), (&json!("day"), &json!(1), &json!(["day", "night"])));
    assert_eq!((&night["name"], &night["nodes"]), (&json!("night"), &json!(2)));
    let text = run(&["info", "--scene", "1"], &file);
    assert!(String::from_utf8(text.stdout).unwrap().contains("scenes      2: 0 day 1 night"));
    assert_eq!(picture(&file, &["--scene", "0"]), picture(&file, &[]));
    assert_ne!(picture(&file, &["--scene", "night"]), picture(&file, &[]));
    for command in [&["render", "-o", "-", "--scene", "dusk"][..], &["info", "--scene", "2"]] {
        let message = refused(command, &file);
        assert!(message.contains("there is no scene") && message.contains("0 day, 1 night"), "{message}");
    }
    let few = |count| {
        files::changed(folder.path(), "few", |model| {
            model["scenes"] = json!(vec![json!({ "nodes": [0] }); count]);
            model.as_object_mut().unwrap().remove("scene");
        })
    };
    for (count, words) in [(0, "the file has no scenes"), (1, "the file has only scene 0"), (2, "has the scenes 0, 1")]
    {
        let message = refused(&["info", "--scene", "7"], &few(count));
        assert!(message.contains("there is no scene 7; ") && message.contains(words), "{message}");
    }
}

#[test]
fn a_project_has_no_scenes_to_choose_from_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = two_scenes(folder.path());
    let saved = file.with_file_name("night.voltrum");
    with(&ProjectRequest::Open(file), |project| project.save_as(&saved).unwrap());
    for command in [&["render", "-o", "-", "--scene", "day"][..], &["info", "--scene", "0"]] {
        let message = refused(command, &saved);
        assert!(message.contains("night.voltrum") && message.contains("leave --scene out"), "{message}");
    }
}

#[test]
fn a_project_keeps_the_scene_that_it_was_made_of() {
    let folder = tempfile::tempdir().unwrap();
    let file = two_scenes(folder.path());
    let saved = file.with_file_name("night.voltrum");
    with(&ProjectRequest::OpenScene { path: file.clone(), scene: SceneName::Number(1) }, |project| {
        assert_eq!(names(project), ["Moon", "Star"]);
        let again = ProjectRequest::OpenScene { path: file.clone(), scene: SceneName::Number(1) };
        assert_eq!(project.as_request(), again, "what opens it once more");
        let star = named(project, "Star");
        project.rename(star, "Vega").unwrap();
        project.save_as(&saved).unwrap();
    });
    let open = ProjectRequest::Open(saved.clone());
    with(&open, |project| {
        assert_eq!(names(project), ["Moon", "Vega"]);
        // without its nodes the document has no need of the file; the journal then says which scene comes back
        let all: Vec<Entity> = scene::entities(project.scene).collect();
        project.selection_mut().set(all).unwrap();
        project.delete_selected().unwrap();
        project.save().unwrap();
        project.undo().unwrap();
        assert_eq!(names(project), ["Moon", "Vega"]);
    });
    with(&open, |project| {
        let notice = project.take_notice().unwrap();
        assert!(notice.contains("recovered"), "{notice}");
        assert_eq!(names(project), ["Moon", "Vega"]);
        assert!(project.mesh_of(named(project, "Vega")).is_some());
        project.save().unwrap();
    });
    let text = std::fs::read_to_string(&saved).unwrap();
    assert!(text.contains("\"scene\": 1"), "{text}");
    with(&open, |project| assert_eq!(names(project), ["Moon", "Vega"]));
}

/// A triangle that is dull by itself, and red or green in its variants.
fn variants(root: &Path) -> PathBuf {
    files::changed(root, "variants", |model| {
        let paint = |color: [f32; 3]| json!({ "doubleSided": true, "pbrMetallicRoughness": { "baseColorFactor": [color[0], color[1], color[2], 1] } });
        model["materials"] = json!([paint([0.2; 3]), paint([0.9, 0.05, 0.05]), paint([0.05, 0.9, 0.05])]);
        model["extensionsUsed"] = json!(["KHR_materials_variants"]);
        model["extensions"] =
            json!({ "KHR_materials_variants": { "variants": [{ "name": "ripe" }, { "name": "unripe" }] } });
        model["meshes"][0]["primitives"][0]["extensions"] = json!({ "KHR_materials_variants": { "mappings": [
            { "material": 1, "variants": [0] }, { "material": 2, "variants": [1] } ] } });
    })
}

#[test]
fn a_file_is_dressed_in_its_variants_and_in_its_own_materials_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = variants(folder.path());
    let other = |material: u32| {
        files::changed(folder.path(), "plain", |model| {
            let dressed: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
            model["materials"] = dressed["materials"].clone();
            model["meshes"][0]["primitives"][0]["material"] = json!(material);
        })
    };
    assert_eq!(picture(&file, &[]), picture(&other(0), &[]));
    assert_eq!(picture(&file, &["--variant", "ripe"]), picture(&other(1), &[]));
    assert_eq!(picture(&file, &["--variant", "1"]), picture(&other(2), &[]));
    let message = refused(&["render", "-o", "-", "--variant", "rotten"], &file);
    assert!(message.contains("rotten") && message.contains("unripe"), "{message}");

    // the numbers of several files go on from one to the next
    let (place, script) = (folder.path().join("both.voltrum"), folder.path().join("script"));
    std::fs::write(&script, "import plain/model.gltf\nimport variants/model.gltf\nimport variants/model.gltf\nsave\n")
        .unwrap();
    assert!(run(&["edit", "--script", script.to_str().unwrap()], &place).status.success());
    let message = refused(&["render", "-o", "-", "--variant", "4"], &place);
    assert!(message.contains("0 \"ripe\", 1 \"unripe\", 2 \"ripe\", 3 \"unripe\""), "{message}");
    with(&ProjectRequest::Open(place), |project| {
        assert_eq!(
            ["ripe", "1", "2", "3", "4"].map(|wanted| project.find_variant(wanted)),
            [Some((1, 0)), Some((1, 1)), Some((2, 0)), Some((2, 1)), None]
        );
    });

    opened::with_open(AppConfig { window_size: [64, 48], ..window::config() }, &file, |instance| {
        let worn = |project: &Project<'_>| {
            scene::shapes(project.scene)
                .iter()
                .flat_map(|shape| shape.parts)
                .map(|part| part.material)
                .collect::<Vec<_>>()
        };
        let own = worn(instance.project());
        let mut seen = vec![own.clone()];
        for variant in [Some(0), Some(1), Some(7), None] {
            let (_, project, app) = instance.parts();
            project.wear(&app.materials, 0, variant).unwrap();
            testing::frames(instance, 2)?;
            seen.push(worn(instance.project()));
        }
        let [_, ripe, unripe, unknown, again] = &seen[..] else { unreachable!() };
        assert!(ripe != &own && unripe != &own && ripe != unripe);
        assert_eq!((unknown, again), (unripe, &own), "one that there is not changes nothing");
        assert!(!instance.project().is_unsaved());
        Ok(Turn::Quit)
    });
}
