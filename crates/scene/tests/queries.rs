//! Finding entities by name and path; commands that wait until nobody looks.
#![allow(clippy::unwrap_used, reason = "the helpers of tests fail loudly, as tests do")]

use voltrum_memory::{Arena, Tag};
use voltrum_scene::query::{find, find_child, find_path, path};
use voltrum_scene::{
    Commands, Edit, Entity, SceneLimits, SceneState, SpawnDesc, SpawnEdit, entities, name, spawn, undo,
};

fn add(scene: &mut SceneState<'_>, name: &str, parent: Option<Entity>) -> Entity {
    spawn(scene, &SpawnDesc { name, parent, ..SpawnDesc::default() }).unwrap()
}

#[test]
fn a_path_finds_what_it_names_whatever_the_names_are() {
    let mut arena = Arena::try_reserve("scene", 1 << 30).unwrap();
    let mut frames = Arena::try_reserve("frame", 1 << 20).unwrap();
    let (memory, frame) = (arena.open(), frames.open());
    let scene = voltrum_scene::open(memory.tagged(Tag::SCENE), &SceneLimits::default()).unwrap();
    // two of one name: the bulb is in the second
    add(scene, "Lamp", None);
    let lamp = add(scene, "Lamp", None);
    add(scene, "Arm", Some(lamp));
    let arm = add(scene, "Arm", Some(lamp));
    let bulb = add(scene, "Bulb", Some(arm));
    let odd = add(scene, r"a/b\c", Some(bulb));
    let unnamed = add(scene, "", Some(odd));
    assert_eq!(find_path(scene, "Lamp/Arm/Bulb"), Some(bulb));
    assert_eq!(find_path(scene, "Lamp/Arm/bulb"), None);
    assert_eq!(find_path(scene, "Arm"), None);
    assert_eq!(find_path(scene, "Lamp/Arm/Bulb/Wire"), None);
    for entity in [bulb, odd, unnamed] {
        let text = path(scene, entity, frame.tagged(Tag::FRAME)).unwrap();
        assert_eq!(find_path(scene, text), Some(entity), "{text}");
    }
    assert_eq!(path(scene, odd, frame.tagged(Tag::FRAME)).unwrap(), r"Lamp/Arm/Bulb/a\/b\\c");
    assert_eq!(find(scene, "Arm").count(), 2);
    assert_eq!((find_child(scene, Some(arm), "Bulb"), find_child(scene, None, "Bulb")), (Some(bulb), None));
}

#[test]
fn paths_of_ten_thousand_levels_are_found() {
    let mut arena = Arena::try_reserve("scene", 1 << 30).unwrap();
    let mut frames = Arena::try_reserve("frame", 1 << 24).unwrap();
    let (memory, frame) = (arena.open(), frames.open());
    let scene = voltrum_scene::open(memory.tagged(Tag::SCENE), &SceneLimits::default()).unwrap();
    let mut lowest = None;
    for _ in 0..10_000 {
        lowest = Some(add(scene, "n", lowest));
    }
    let text = path(scene, lowest.unwrap(), frame.tagged(Tag::FRAME)).unwrap();
    assert_eq!(text.len(), 19_999);
    assert_eq!(find_path(scene, text), lowest);
}

#[test]
fn commands_wait_until_nobody_looks() {
    let mut arena = Arena::try_reserve("scene", 1 << 30).unwrap();
    let mut frames = Arena::try_reserve("frame", 1 << 20).unwrap();
    let (memory, frame) = (arena.open(), frames.open());
    let scene = voltrum_scene::open(memory.tagged(Tag::SCENE), &SceneLimits::default()).unwrap();
    let history = undo::open(scene, memory.tagged(Tag::UNDO), 1 << 20).unwrap();
    let lamp = add(scene, "lamp", None);
    add(scene, "bulb", Some(lamp));
    add(scene, "table", None);
    let mut commands = Commands::new(frame.tagged(Tag::FRAME));
    for entity in entities(scene) {
        let new = format!("{} 2", name(scene, entity).unwrap());
        commands.try_push(&Edit::Spawn(SpawnEdit { name: &new, ..SpawnEdit::default() })).unwrap();
        if new != "table 2" {
            // the bulb is gone already when its turn comes
            commands.try_push(&Edit::Despawn { entity }).unwrap();
        }
    }
    let mut edit = undo::begin(history, scene, "Replace");
    commands.apply(&mut edit).unwrap();
    assert_eq!(edit.commit().map(|committed| committed.edits), Ok(4));
    let mut names: Vec<_> = entities(scene).map(|entity| name(scene, entity).unwrap()).collect();
    names.sort_unstable();
    assert_eq!((names, commands.edits().len()), (vec!["bulb 2", "lamp 2", "table", "table 2"], 0));
    undo::undo(history, scene).unwrap();
    assert_eq!(scene.len(), 3);
}
