//! What an animation shows is no edit: it ends without a trace.
#![allow(clippy::unwrap_used, reason = "the helpers of tests fail loudly, as tests do")]

use glam::{Mat4, Quat, Vec3};
use voltrum_memory::{Arena, Tag};
use voltrum_scene::pick::{Ray, pick};
use voltrum_scene::undo;
use voltrum_scene::{
    Affine, Bounds, Entity, Local, SceneError, SceneLimits, SceneState, SpawnDesc, Transform, add_shape, bounds, carry,
    despawn, is_posed, local, pose, set_local, spawn, unpose, update_transforms, world,
};

fn with_scene(test: impl FnOnce(&mut SceneState<'_>)) {
    let mut arena = Arena::try_reserve("scene", 4 << 30).unwrap();
    let memory = arena.open();
    test(voltrum_scene::open(memory.tagged(Tag::SCENE), &SceneLimits::default()).unwrap());
}

fn bits(scene: &SceneState<'_>, entities: &[Entity]) -> Vec<[u32; 16]> {
    entities.iter().map(|entity| world(scene, *entity).unwrap().to_cols_array().map(f32::to_bits)).collect()
}

#[test]
fn a_pose_moves_what_is_below_and_leaves_the_places_as_they_were_to_the_last_bit() {
    with_scene(|scene| {
        let odd = Transform { rotation: Quat::from_rotation_x(0.3), ..Transform::at(Vec3::new(0.1, 0.7, -0.3)) };
        let sheared = Local::Matrix(Mat4::from_cols_array(&[
            1.0, 0.3, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.1, 0.2, 0.3, 1.0,
        ]));
        let top = spawn(scene, &SpawnDesc { local: odd.into(), ..SpawnDesc::default() }).unwrap();
        let low = spawn(scene, &SpawnDesc { parent: Some(top), local: sheared, ..SpawnDesc::default() }).unwrap();
        update_transforms(scene);
        let before = bits(scene, &[top, low]);
        for turn in 0..5 {
            pose(scene, top, Transform::at(Vec3::X * turn as f32)).unwrap();
            pose(scene, low, Transform::at(Vec3::Y)).unwrap();
            update_transforms(scene);
            assert_eq!(world(scene, low).unwrap().w_axis.truncate(), Vec3::new(turn as f32, 1.0, 0.0));
            assert_eq!((local(scene, top), local(scene, low)), (Some(odd.into()), Some(sheared)));
        }
        pose(scene, low, Transform::at(Vec3::Y)).unwrap();
        assert_eq!(update_transforms(scene), 0, "the same pose moves nothing");
        assert!(is_posed(scene));
        unpose(scene);
        update_transforms(scene);
        assert_eq!(bits(scene, &[top, low]), before);
        assert!(!is_posed(scene));
        let nowhere = Transform::at(Vec3::NAN);
        assert_eq!(pose(scene, top, nowhere), Err(SceneError::NotFinite));
    });
}

#[test]
fn who_is_moved_removed_or_brought_back_while_it_is_posed_stands_where_the_edit_left_it() {
    let mut arena = Arena::try_reserve("scene", 4 << 30).unwrap();
    let memory = arena.open();
    let scene = voltrum_scene::open(memory.tagged(Tag::SCENE), &SceneLimits::default()).unwrap();
    let history = undo::open(scene, memory.tagged(Tag::UNDO), undo::HISTORY_BYTES).unwrap();
    let [a, b] = [0, 1].map(|_| spawn(scene, &SpawnDesc::default()).unwrap());
    for entity in [a, b] {
        pose(scene, entity, Transform::at(Vec3::Y)).unwrap();
    }
    let mut edit = undo::begin(history, scene, "edit");
    edit.set_local(a, Transform::at(Vec3::Z)).unwrap();
    edit.despawn(b).unwrap();
    edit.commit().unwrap();
    update_transforms(scene);
    assert_eq!(world(scene, a).unwrap().w_axis.truncate(), Vec3::Y, "it is still posed");
    unpose(scene);
    update_transforms(scene);
    assert_eq!(world(scene, a).unwrap().w_axis.truncate(), Vec3::Z);
    undo::undo(history, scene).unwrap();
    update_transforms(scene);
    for entity in [a, b] {
        assert_eq!(world(scene, entity).unwrap(), Mat4::IDENTITY);
    }
    pose(scene, b, Transform::at(Vec3::Y)).unwrap();
    despawn(scene, b).unwrap();
    let next = spawn(scene, &SpawnDesc::default()).unwrap();
    update_transforms(scene);
    assert_eq!((next.index(), world(scene, next).unwrap()), (b.index(), Mat4::IDENTITY));
    assert_eq!(pose(scene, b, Transform::IDENTITY), Err(SceneError::Stale(b)));
}

#[test]
fn a_mesh_that_a_skin_carries_is_met_and_framed_where_it_is_carried() {
    with_scene(|scene| {
        let shape = add_shape(scene, &[], Bounds { min: Vec3::ZERO, max: Vec3::ONE }).unwrap();
        let body = spawn(scene, &SpawnDesc { mesh: Some(shape), ..SpawnDesc::default() }).unwrap();
        carry(scene, body, Some(Affine::from_matrix(&Mat4::from_translation(Vec3::X * 10.0)))).unwrap();
        set_local(scene, body, Transform::at(Vec3::Y * 50.0)).unwrap();
        update_transforms(scene);
        assert_eq!(bounds(scene).min, Vec3::X * 10.0);
        let ray = Ray { origin: Vec3::new(10.5, 0.5, 5.0), direction: -Vec3::Z };
        assert_eq!(pick(scene, &ray).map(|hit| hit.entity), Some(body));
        carry(scene, body, None).unwrap();
        assert_eq!((bounds(scene).min, pick(scene, &ray)), (Vec3::Y * 50.0, None));
    });
}
