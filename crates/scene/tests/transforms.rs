//! World transforms: only what changed is recomputed, and what is computed is right.
#![allow(clippy::unwrap_used, reason = "the helpers of tests fail loudly, as tests do")]

use glam::{Mat4, Quat, Vec3};
use voltrum_memory::{Arena, Tag};
use voltrum_scene::{
    Bounds, Entity, MeshPart, SceneError, SceneLimits, SceneState, SpawnDesc, Transform, add_shape, bounds,
    bounds_below, despawn, draws, is_shown, reparent, set_local, set_mesh, set_visible, spawn, update_transforms,
    view_from, world,
};

fn with_scene(test: impl FnOnce(&mut SceneState<'_>)) {
    let mut arena = Arena::try_reserve("scene", 1 << 30).unwrap();
    let memory = arena.open();
    test(voltrum_scene::open(memory.tagged(Tag::SCENE), &SceneLimits::default()).unwrap());
}

fn add(scene: &mut SceneState<'_>, parent: Option<Entity>, at: Vec3) -> Entity {
    spawn(scene, &SpawnDesc { parent, local: Transform::at(at).into(), ..SpawnDesc::default() }).unwrap()
}

fn position(scene: &SceneState<'_>, entity: Entity) -> Vec3 {
    world(scene, entity).unwrap().w_axis.truncate()
}

#[test]
fn a_world_transform_is_the_product_of_all_above() {
    with_scene(|scene| {
        let turn = Transform { rotation: Quat::from_rotation_z(0.5), ..Transform::at(Vec3::X) };
        let grow = Transform { scale: Vec3::splat(2.0), ..Transform::at(Vec3::Y) };
        let top = spawn(scene, &SpawnDesc { local: turn.into(), ..SpawnDesc::default() }).unwrap();
        let low = spawn(scene, &SpawnDesc { parent: Some(top), local: grow.into(), ..SpawnDesc::default() }).unwrap();
        update_transforms(scene);
        assert!(world(scene, low).unwrap().abs_diff_eq(turn.matrix() * grow.matrix(), 1e-6));
    });
}

#[test]
fn only_what_changed_and_what_stands_below_is_recomputed() {
    with_scene(|scene| {
        let root = add(scene, None, Vec3::ZERO);
        let arms: Vec<_> = (0..3).map(|_| add(scene, Some(root), Vec3::X)).collect();
        let hands: Vec<_> = arms.iter().map(|arm| add(scene, Some(*arm), Vec3::X)).collect();
        assert_eq!(update_transforms(scene), 7);
        assert_eq!(update_transforms(scene), 0);

        set_local(scene, hands[0], Transform::at(Vec3::Y)).unwrap();
        assert_eq!(update_transforms(scene), 1);
        set_local(scene, arms[1], Transform::at(Vec3::Z)).unwrap();
        assert_eq!(update_transforms(scene), 2);
        assert_eq!(position(scene, hands[1]), Vec3::new(1.0, 0.0, 1.0));
        assert_eq!(position(scene, hands[2]), Vec3::new(2.0, 0.0, 0.0));
    });
}

#[test]
fn a_node_below_several_changes_is_recomputed_once() {
    with_scene(|scene| {
        let top = add(scene, None, Vec3::X);
        let middle = add(scene, Some(top), Vec3::X);
        let low = add(scene, Some(middle), Vec3::X);
        update_transforms(scene);
        for order in [[top, middle, low], [low, middle, top], [middle, low, top]] {
            for entity in order {
                set_local(scene, entity, Transform::at(Vec3::Y)).unwrap();
                set_local(scene, entity, Transform::at(Vec3::Y)).unwrap();
            }
            assert_eq!(update_transforms(scene), 3);
        }
        assert_eq!(position(scene, low), Vec3::Y * 3.0);
    });
}

#[test]
fn a_moved_subtree_follows_its_new_parent() {
    with_scene(|scene| {
        let (left, right) = (add(scene, None, Vec3::X), add(scene, None, Vec3::Y));
        let low = add(scene, Some(left), Vec3::Z);
        let lower = add(scene, Some(low), Vec3::Z);
        update_transforms(scene);
        reparent(scene, low, Some(right), None).unwrap();
        assert_eq!(update_transforms(scene), 2);
        assert_eq!(position(scene, lower), Vec3::new(0.0, 1.0, 2.0));
    });
}

#[test]
fn a_change_to_what_is_gone_is_forgotten() {
    with_scene(|scene| {
        let stays = add(scene, None, Vec3::X);
        let goes = add(scene, None, Vec3::X);
        update_transforms(scene);
        set_local(scene, goes, Transform::at(Vec3::Y)).unwrap();
        despawn(scene, goes).unwrap();
        assert_eq!(set_local(scene, goes, Transform::IDENTITY), Err(SceneError::Stale(goes)));
        assert_eq!(update_transforms(scene), 0);
        set_local(scene, stays, Transform::at(Vec3::Y)).unwrap();
        let new = add(scene, Some(stays), Vec3::Y);
        despawn(scene, new).unwrap();
        let newer = add(scene, Some(stays), Vec3::Y);
        assert_eq!(update_transforms(scene), 2);
        assert_eq!(position(scene, newer), Vec3::Y * 2.0);
    });
}

#[test]
fn what_is_spawned_while_nothing_waits_for_an_update_is_in_its_place_at_once() {
    with_scene(|scene| {
        let cube = Bounds { min: Vec3::splat(-1.0), max: Vec3::splat(1.0) };
        let mesh = Some(add_shape(scene, &[MeshPart::default()], cube).unwrap());
        let turn = Transform { rotation: Quat::from_rotation_z(0.5), ..Transform::at(Vec3::X) };
        let top = spawn(scene, &SpawnDesc { local: turn.into(), ..SpawnDesc::default() }).unwrap();
        let low = SpawnDesc { parent: Some(top), local: turn.into(), mesh, ..SpawnDesc::default() };
        let low = spawn(scene, &low).unwrap();
        let hidden = SpawnDesc { parent: Some(top), hidden: true, mesh, ..SpawnDesc::default() };
        let hidden = spawn(scene, &hidden).unwrap();
        let seen = |scene: &SceneState<'_>| {
            let worlds = [top, low, hidden].map(|one| world(scene, one).unwrap());
            let shown = [top, low, hidden].map(|one| is_shown(scene, one));
            (worlds, shown, draws(scene).count(), bounds(scene))
        };
        let at_once = seen(scene);
        assert_eq!(at_once.1, [true, true, false]);
        assert_eq!(update_transforms(scene), 3, "they count as what the update brought");

        set_local(scene, top, turn).unwrap();
        assert_eq!(update_transforms(scene), 3);
        assert_eq!(seen(scene), at_once, "bit for bit");
    });
}

#[test]
fn what_is_spawned_while_something_waits_for_an_update_waits_with_it() {
    with_scene(|scene| {
        let top = add(scene, None, Vec3::X);
        update_transforms(scene);
        set_local(scene, top, Transform::at(Vec3::Y)).unwrap();
        let low = add(scene, Some(top), Vec3::Y);
        assert!(!is_shown(scene, low));
        assert_eq!(update_transforms(scene), 2);
        assert_eq!(position(scene, low), Vec3::Y * 2.0);
    });
}

#[test]
fn hiding_an_entity_hides_what_stands_below() {
    with_scene(|scene| {
        let cube = Bounds { min: Vec3::splat(-1.0), max: Vec3::splat(1.0) };
        let top = add(scene, None, Vec3::X * 5.0);
        let low = add(scene, Some(top), Vec3::X * 5.0);
        let shape = add_shape(scene, &[MeshPart::default(); 2], cube).unwrap();
        set_mesh(scene, low, Some(shape)).unwrap();
        update_transforms(scene);
        assert_eq!(draws(scene).count(), 2);
        assert_eq!(draws(scene).next().unwrap().world.w_axis.x, 10.0);
        assert_eq!((bounds(scene).min.x, bounds(scene).max.x), (9.0, 11.0));

        set_visible(scene, top, false).unwrap();
        update_transforms(scene);
        assert!(!is_shown(scene, low) && draws(scene).next().is_none() && bounds(scene).is_empty());
        set_visible(scene, top, true).unwrap();
        update_transforms(scene);
        assert_eq!(draws(scene).count(), 2);
        set_mesh(scene, low, None).unwrap();
        assert!(bounds(scene).is_empty());
    });
}

#[test]
fn bounds_follow_their_entities() {
    with_scene(|scene| {
        let cube = Bounds { min: Vec3::splat(-1.0), max: Vec3::splat(1.0) };
        let mesh = add_shape(scene, &[], cube).unwrap();
        let left = add(scene, None, Vec3::ZERO);
        let right = add(scene, None, Vec3::X * 4.0);
        set_mesh(scene, left, Some(mesh)).unwrap();
        set_mesh(scene, right, Some(mesh)).unwrap();
        update_transforms(scene);
        assert_eq!((bounds(scene).min.x, bounds(scene).max.x), (-1.0, 5.0));
        set_local(scene, right, Transform { scale: Vec3::splat(3.0), ..Transform::at(Vec3::X * 4.0) }).unwrap();
        update_transforms(scene);
        assert_eq!(bounds_below(scene, right).max, Vec3::new(7.0, 3.0, 3.0));
        despawn(scene, left).unwrap();
        assert_eq!(bounds(scene).min.x, 1.0);
    });
}

#[test]
fn a_camera_looks_down_its_negative_z_whatever_its_scale() {
    with_scene(|scene| {
        let turned = Transform {
            rotation: Quat::from_rotation_y(0.9),
            scale: Vec3::splat(7.0),
            translation: Vec3::new(1.0, 2.0, 3.0),
        };
        let eye = spawn(scene, &SpawnDesc { local: turned.into(), ..SpawnDesc::default() }).unwrap();
        update_transforms(scene);
        let straight = Transform { scale: Vec3::ONE, ..turned };
        assert!(view_from(scene, eye).unwrap().abs_diff_eq(straight.matrix().inverse(), 1e-5));
        set_local(scene, eye, voltrum_scene::Local::Matrix(Mat4::ZERO)).unwrap();
        update_transforms(scene);
        assert_eq!(view_from(scene, eye), None);
    });
}
