//! What saving a scene and opening it again promises: the same entities, in the same places, under the same keys.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "the helpers of tests fail loudly, as tests do"
)]

use std::path::Path;

use glam::{Mat4, Quat, Vec3};
use voltrum_assets::{StagedMesh, StagedNode, StagedScene};
use voltrum_memory::{Arena, Tag, Tagged};
use voltrum_platform::files::Chance;
use voltrum_scene::project::{
    self, Document, EntityKey, FileEntry, Kept, ProjectLimits, Restored, Source, View, capture, restore,
};
use voltrum_scene::{
    Entity, Light, Local, SceneLimits, SceneState, ShapeId, SpawnDesc, Transform, add_column, build, children, despawn,
    entities, is_visible, lights, local, meshes, name, reparent, roots, set_light, set_local, set_mesh, set_name,
    set_visible, shapes, spawn,
};

const FILES: &[FileEntry<'static>] = &[
    FileEntry { id: 1, path: "table.glb", scene: None, unknown: &[] },
    FileEntry { id: 2, path: "lamp.glb", scene: None, unknown: &[] },
];

fn node(name: &'static str, parent: Option<u32>, mesh: Option<u32>) -> StagedNode<'static> {
    StagedNode {
        name,
        parent,
        local: Mat4::from_rotation_translation(Quat::from_rotation_y(0.3), Vec3::Y),
        mesh,
        ..StagedNode::default()
    }
}

/// Two files: a table with legs and a lamp with an arm, a bulb and a switch.
fn nodes(file: u32) -> &'static [StagedNode<'static>] {
    let nodes = match file {
        1 => vec![
            node("table", None, Some(0)),
            node("leg", Some(0), Some(1)),
            node("leg", Some(0), Some(1)),
            node("leg", Some(0), Some(1)),
        ],
        _ => vec![
            node("lamp", None, None),
            node("arm", Some(0), Some(0)),
            node("bulb", Some(1), Some(1)),
            node("stand", None, None),
        ],
    };
    nodes.leak()
}

fn empty<'s>(memory: Tagged<'s>) -> &'s mut SceneState<'s> {
    let limits = SceneLimits { entities_max: 4096, ..SceneLimits::default() };
    voltrum_scene::open(memory.with_tag(Tag::SCENE), &limits).unwrap()
}

fn source<'s>(scene: &mut SceneState<'s>, file: u32) -> Source<'s> {
    let staged: StagedScene<'s, (), ()> =
        StagedScene { nodes: nodes(file), meshes: vec![StagedMesh::default(); 2].leak(), ..StagedScene::EMPTY };
    let first_mesh = ShapeId::from_index(shapes(scene).len() as u32);
    let entities = build(scene, &staged, |_| Default::default()).unwrap();
    Source { file, nodes: staged.nodes, cameras: &[], lights: &[], entities, first_mesh, mesh_count: 2 }
}

fn opened<'s>(
    text: &str,
    files: &[u32],
    memory: Tagged<'s>,
) -> (&'s mut SceneState<'s>, Vec<Source<'s>>, Restored<'s>) {
    let scene = empty(memory);
    let sources: Vec<_> = files.iter().map(|file| source(scene, *file)).collect();
    let document = project::read(text.as_bytes(), Path::new("a.voltrum"), &ProjectLimits::default(), memory).unwrap();
    let restored = restore(scene, &document, &sources, None).unwrap();
    (scene, sources, restored)
}

fn saved<'s>(
    scene: &SceneState<'s>,
    sources: &[Source<'s>],
    restored: &mut Restored<'s>,
    memory: Tagged<'s>,
) -> String {
    let view = View { grid: Some(true), ..View::default() };
    let document = capture(scene, &mut restored.keys, &restored.kept, FILES, sources, view, memory).unwrap();
    text_of(&document)
}

fn text_of(document: &Document<'_>) -> String {
    let mut out = Vec::new();
    project::write(document, Path::new("a.voltrum"), &ProjectLimits::default(), &mut |bytes| {
        out.extend_from_slice(bytes);
        Ok(())
    })
    .unwrap();
    String::from_utf8(out).unwrap()
}

fn begun() -> String {
    text_of(&Document { files: FILES, ..Document::EMPTY })
}

/// Everything that there is to see, in order.
fn picture(scene: &SceneState<'_>, keys: &project::Keys<'_>) -> Vec<String> {
    fn add(scene: &SceneState<'_>, keys: &project::Keys<'_>, entity: Entity, depth: usize, out: &mut Vec<String>) {
        out.push(format!(
            "{depth} {} {:?} {:?} {} {:?} {:?}",
            keys.key(entity).unwrap(),
            name(scene, entity).unwrap(),
            local(scene, entity).unwrap(),
            is_visible(scene, entity),
            meshes(scene).get(entity).map(|shape| keys.mesh_key(*shape)),
            lights(scene).get(entity),
        ));
        children(scene, entity).for_each(|child| add(scene, keys, child, depth + 1, out));
    }
    let mut out = Vec::new();
    roots(scene).for_each(|root| add(scene, keys, root, 0, &mut out));
    out
}

fn with_memory<R>(run: impl FnOnce(Tagged<'_>) -> R) -> R {
    let mut arena = Arena::try_reserve("test", 1 << 30).unwrap();
    let scope = arena.open();
    run(scope.tagged(Tag::PROJECT))
}

#[test]
fn a_project_without_changes_mentions_only_its_files() {
    with_memory(|memory| {
        let (scene, sources, mut restored) = opened(&begun(), &[1, 2], memory);
        let text = saved(scene, &sources, &mut restored, memory);
        assert_eq!(
            text,
            "{\n  \"schema\": 2,\n  \"next_id\": 1,\n  \"files\": [\n    { \"id\": 1, \"path\": \"table.glb\" },\n    \
             { \"id\": 2, \"path\": \"lamp.glb\" }\n  ],\n  \"entities\": [],\n  \"removed\": [],\n  \
             \"view\": { \"grid\": true }\n}\n"
        );
    });
}

/// One random change.
fn change(scene: &mut SceneState<'_>, chance: &mut Chance) {
    let all: Vec<Entity> = entities(scene).collect();
    let any = |chance: &mut Chance| if all.is_empty() { None } else { Some(all[chance.below(all.len())]) };
    let number = |chance: &mut Chance| chance.below(2000) as f32 / 7.0 - 100.0;
    match (chance.below(10), any(chance)) {
        (0..=1, parent) => {
            let local = Local::Parts(Transform::at(Vec3::new(number(chance), number(chance), 0.0)));
            let parent = parent.filter(|_| chance.below(4) > 0);
            let siblings: Vec<_> = match parent {
                Some(parent) => children(scene, parent).collect(),
                None => roots(scene).collect(),
            };
            let before = if chance.below(2) == 0 || siblings.is_empty() {
                None
            } else {
                Some(siblings[chance.below(siblings.len())])
            };
            let shape = Some(ShapeId::from_index(chance.below(4) as u32)).filter(|_| chance.below(2) == 0);
            spawn(scene, &SpawnDesc { name: "new", parent, before, local, mesh: shape, ..SpawnDesc::default() })
                .unwrap();
        }
        (2, Some(entity)) if chance.below(3) == 0 => drop(despawn(scene, entity).unwrap()),
        (3, Some(entity)) => {
            let matrix = Mat4::from_scale_rotation_translation(
                Vec3::new(number(chance), 1.0, 2.0),
                Quat::from_rotation_x(number(chance)),
                Vec3::X,
            );
            set_local(scene, entity, Local::from_matrix(matrix)).unwrap();
        }
        (4, Some(entity)) => set_name(scene, entity, ["", "a \"b\"", "\u{1F4A1}"][chance.below(3)]).unwrap(),
        (5, Some(entity)) => set_visible(scene, entity, chance.below(2) == 0).unwrap(),
        (6, Some(entity)) => {
            set_mesh(scene, entity, Some(ShapeId::from_index(chance.below(4) as u32)).filter(|_| chance.below(2) == 0))
                .unwrap()
        }
        (7, Some(entity)) => set_light(scene, entity, Some(Light::default()).filter(|_| chance.below(2) == 0)).unwrap(),
        (_, Some(entity)) => {
            let parent = any(chance).filter(|_| chance.below(3) > 0);
            let siblings: Vec<_> = match parent {
                Some(parent) => children(scene, parent).collect(),
                None => roots(scene).collect(),
            };
            let before = if chance.below(2) == 0 || siblings.is_empty() {
                None
            } else {
                Some(siblings[chance.below(siblings.len())])
            };
            // circles are refused
            let _ = reparent(scene, entity, parent, before);
        }
        (_, None) => {}
    }
}

#[test]
fn random_edits_are_there_again_after_saving_and_opening() {
    for seed in 0..300 {
        let mut chance = Chance(seed);
        let mut text = begun();
        for _ in 0..3 {
            text = with_memory(|memory| {
                let (scene, sources, mut restored) = opened(&text, &[1, 2], memory);
                assert_eq!(restored.waiting, 0);
                (0..chance.below(40)).for_each(|_| change(scene, &mut chance));
                let text = saved(scene, &sources, &mut restored, memory);
                assert_eq!(saved(scene, &sources, &mut restored, memory), text, "seed {seed}: saving twice");
                let before = picture(scene, &restored.keys);
                with_memory(|memory| {
                    let (scene, sources, mut restored) = opened(&text, &[1, 2], memory);
                    let after = picture(scene, &restored.keys);
                    assert_eq!(after, before, "seed {seed}\n{text}");
                    assert_eq!(saved(scene, &sources, &mut restored, memory), text, "seed {seed}: opened and saved");
                });
                text
            });
        }
    }
}

#[test]
fn a_missing_file_leaves_a_placeholder_and_all_that_was_done_to_it() {
    let mut chance = Chance(5);
    let text = with_memory(|memory| {
        let (scene, sources, mut restored) = opened(&begun(), &[1, 2], memory);
        let find = |restored: &Restored<'_>, node| restored.keys.entity(EntityKey::node(2, node)).unwrap();
        set_name(scene, find(&restored, 1), "renamed").unwrap();
        despawn(scene, find(&restored, 2)).unwrap();
        spawn(
            scene,
            &SpawnDesc {
                name: "below",
                parent: Some(find(&restored, 1)),
                mesh: Some(ShapeId::from_index(3)),
                ..SpawnDesc::default()
            },
        )
        .unwrap();
        saved(scene, &sources, &mut restored, memory)
    });
    let without = with_memory(|memory| {
        let (scene, sources, mut restored) = opened(&text, &[1], memory);
        assert!(restored.waiting > 0);
        let stand_in = roots(scene).find(|root| name(scene, *root) == Some("lamp.glb")).expect("a placeholder");
        assert_eq!(children(scene, stand_in).filter_map(|child| name(scene, child)).collect::<Vec<_>>(), ["below"]);
        let saved_now = saved(scene, &sources, &mut restored, memory);
        assert_eq!(sorted(&saved_now), sorted(&text), "nothing is lost");
        let _ = chance.roll();
        saved_now
    });
    with_memory(|memory| {
        let (scene, sources, mut restored) = opened(&without, &[1, 2], memory);
        assert_eq!((restored.waiting, saved(scene, &sources, &mut restored, memory)), (0, text));
    });
}

fn sorted(text: &str) -> Vec<String> {
    let mut lines: Vec<_> = text.lines().map(|line| String::from(line.trim_end_matches(','))).collect();
    lines.sort();
    lines
}

#[test]
fn a_clients_components_are_saved_and_those_of_no_column_are_kept() {
    let text = with_memory(|memory| {
        let scene = empty(memory);
        let watts = add_column::<f32>(scene, "watts", 100).unwrap();
        let lamp = spawn(scene, &SpawnDesc { name: "lamp", ..SpawnDesc::default() }).unwrap();
        watts.borrow_mut(scene).insert(lamp, 60.0).unwrap();
        let mut restored = Restored { keys: project::Keys::try_new(scene, 1).unwrap(), kept: Kept::EMPTY, waiting: 0 };
        saved(scene, &[], &mut restored, memory)
    });
    assert!(text.contains(r#"{ "id": 1, "name": "lamp", "components": { "watts": "00007042" } }"#), "{text}");
    with_memory(|memory| {
        let scene = empty(memory);
        let document = project::read(text.as_bytes(), Path::new("a"), &ProjectLimits::default(), memory).unwrap();
        let mut restored = restore(scene, &Document { files: &[], ..document }, &[], None).unwrap();
        assert_eq!(saved(scene, &[], &mut restored, memory), text);
    });
    with_memory(|memory| {
        let scene = empty(memory);
        let watts = add_column::<f32>(scene, "watts", 100).unwrap();
        add_column::<u8>(scene, "other", 100).unwrap();
        let document = project::read(text.as_bytes(), Path::new("a"), &ProjectLimits::default(), memory).unwrap();
        let restored = restore(scene, &Document { files: &[], ..document }, &[], None).unwrap();
        let lamp = restored.keys.entity(EntityKey::own(1)).unwrap();
        assert_eq!(watts.borrow(scene).get(lamp), Some(&60.0));
    });
}

#[test]
fn what_refers_to_what_comes_later_finds_it() {
    let text = r#"{ "schema": 2, "entities": [ { "id": 3, "name": "leaf", "parent": 2 }, { "id": 2, "name": "branch", "parent": 1 }, { "id": 1, "name": "root" } ] }"#;
    with_memory(|memory| {
        let (scene, _, _) = opened(text, &[], memory);
        let root = roots(scene).next().unwrap();
        let branch = children(scene, root).next().unwrap();
        assert_eq!(children(scene, branch).filter_map(|leaf| name(scene, leaf)).collect::<Vec<_>>(), ["leaf"]);
        assert_eq!(roots(scene).count(), 1);
    });
}
