//! From a staged scene to entities.

use glam::{Mat4, Vec3};
use voltrum_assets::{Bounds, Lens, StagedCamera, StagedMesh, StagedNode, StagedPrimitive, StagedScene};
use voltrum_memory::{Arena, Tag};
use voltrum_scene::{
    Local, MeshPart, SceneError, SceneLimits, Transform, bounds, build, cameras, draws, meshes, name, parent,
    update_transforms, world,
};

/// What stands for a primitive on a device that these tests don't have.
fn part(_: usize) -> MeshPart {
    MeshPart::default()
}

fn staged<'s>(nodes: &'s [StagedNode<'s>], cameras: &'s [StagedCamera<'s>]) -> StagedScene<'s, (), ()> {
    StagedScene { nodes, cameras, ..StagedScene::EMPTY }
}

fn node<'s>(name: &'s str, parent: Option<u32>, at: Vec3) -> StagedNode<'s> {
    StagedNode { name, parent, local: Mat4::from_translation(at), ..StagedNode::default() }
}

#[test]
fn a_staged_scene_becomes_entities_with_its_names_in_place() {
    let mut arena = Arena::try_reserve("scene", 1 << 30).unwrap();
    let memory = arena.open();
    let lamp = &*memory.try_alloc_str("lamp").unwrap();
    let cube = Bounds { min: Vec3::ZERO, max: Vec3::ONE };
    let nodes =
        [node("table", None, Vec3::X), StagedNode { mesh: Some(0), camera: Some(0), ..node(lamp, Some(0), Vec3::Y) }];
    let lens = Lens::Perspective { fov_y: 1.0, aspect: None, near: 0.1, far: None };
    let eyes = [StagedCamera { name: "Main", lens }];
    let scene = voltrum_scene::open(memory.tagged(Tag::SCENE), &SceneLimits::default()).unwrap();
    let mesh = StagedMesh { first_primitive: 1, primitive_count: 2, bounds: cube, ..StagedMesh::default() };
    let primitive = StagedPrimitive { vertices: (), vertex_count: 3, ..StagedPrimitive::default() };
    let staged = StagedScene { meshes: &[mesh], primitives: &[primitive; 3], ..staged(&nodes, &eyes) };
    let built = build(scene, &staged, part).unwrap();

    assert_eq!(built.len(), 2);
    update_transforms(scene);
    assert_eq!(name(scene, built[1]).map(str::as_ptr), Some(lamp.as_ptr()));
    assert_eq!(parent(scene, built[1]), Some(built[0]));
    assert_eq!(voltrum_scene::local(scene, built[0]), Some(Local::Parts(Transform::at(Vec3::X))));
    assert_eq!(world(scene, built[1]).unwrap().w_axis.truncate(), Vec3::new(1.0, 1.0, 0.0));
    assert_eq!((meshes(scene).entities(), bounds(scene).max), (&built[1..], Vec3::new(2.0, 2.0, 1.0)));
    assert_eq!(draws(scene).count(), 2);
    assert_eq!(cameras(scene).get(built[1]).unwrap().lens, lens);
}

#[test]
fn a_staged_scene_that_contradicts_itself_leaves_the_scene_as_it_was() {
    let mut arena = Arena::try_reserve("scene", 1 << 30).unwrap();
    let memory = arena.open();
    let good = [node("kept", None, Vec3::X)];
    let bad = [node("a", None, Vec3::X), node("b", Some(0), Vec3::X), node("c", Some(2), Vec3::X)];
    let scene = voltrum_scene::open(memory.tagged(Tag::SCENE), &SceneLimits::default()).unwrap();
    build(scene, &staged(&good, &[]), part).unwrap();
    let refused = build(scene, &staged(&bad, &[]), part).unwrap_err();
    assert_eq!(refused, SceneError::Staged { from: "node", at: 2, to: "parent", index: 2, count: 2 });
    assert_eq!(scene.len(), 1);
}

#[test]
fn a_staged_scene_that_is_too_large_is_refused_before_anything_is_added() {
    let mut arena = Arena::try_reserve("scene", 1 << 30).unwrap();
    let memory = arena.open();
    let limits = SceneLimits { entities_max: 2, cameras_max: 1, lights_max: 1 };
    let nodes = [node("", None, Vec3::X), node("", None, Vec3::X), node("", None, Vec3::X)];
    let scene = voltrum_scene::open(memory.tagged(Tag::SCENE), &limits).unwrap();
    let full = SceneError::Full { column: "nodes", limit: "entities_max", asked: 3, left: 2, max: 2 };
    assert_eq!(build(scene, &staged(&nodes, &[]), part), Err(full));
    assert!(scene.is_empty());
}

#[test]
fn a_mesh_without_its_primitives_is_refused() {
    let mut arena = Arena::try_reserve("scene", 1 << 30).unwrap();
    let memory = arena.open();
    let mesh = StagedMesh { first_primitive: 1, primitive_count: 2, ..StagedMesh::default() };
    let staged = StagedScene { meshes: &[mesh], ..staged(&[], &[]) };
    let scene = voltrum_scene::open(memory.tagged(Tag::SCENE), &SceneLimits::default()).unwrap();
    let refused = build(scene, &staged, part).unwrap_err();
    assert_eq!(refused.to_string(), "staged mesh 0 refers to primitive 3, of which there are 0; stage the file again");
}
