//! Columns: components in slices, addresses that last, room as far as the arena goes.

use voltrum_memory::{Arena, Tag};
use voltrum_scene::{
    Camera, ColumnRef, Lens, SceneError, SceneLimits, SceneState, SpawnDesc, add_column, cameras, despawn, set_camera,
    spawn, update_transforms, worlds,
};

fn addresses<'s>(scene: &SceneState<'s>, weights: &ColumnRef<'s, [u64; 4]>) -> [*const u8; 3] {
    let weights = weights.borrow(scene);
    [worlds(scene).as_ptr().cast(), weights.values().as_ptr().cast(), weights.entities().as_ptr().cast()]
}

const LENS: Lens = Lens::Orthographic { half_width: 1.0, half_height: 1.0, near: 0.1, far: 10.0 };

#[test]
fn columns_keep_their_addresses_while_they_grow() {
    let mut arena = Arena::try_reserve("scene", 1 << 30).unwrap();
    let memory = arena.open();
    let scene = voltrum_scene::open(memory.tagged(Tag::SCENE), &SceneLimits::default()).unwrap();
    let first = spawn(scene, &SpawnDesc::default()).unwrap();
    let weights = add_column::<[u64; 4]>(scene, "weights", 1 << 20).unwrap();
    weights.borrow_mut(scene).insert(first, [1; 4]).unwrap();
    update_transforms(scene);
    let before = addresses(scene, &weights);
    for _ in 0..50_000 {
        // what lies about in the arena between two of a column's elements must not matter
        scene.memory().try_alloc(7u64).unwrap();
        let entity = spawn(scene, &SpawnDesc { name: "node", ..SpawnDesc::default() }).unwrap();
        weights.borrow_mut(scene).insert(entity, [2; 4]).unwrap();
    }
    update_transforms(scene);
    let after = addresses(scene, &weights);
    assert_eq!(before, after);
    assert_eq!(weights.borrow(scene).get(first), Some(&[1; 4]));
    let inside = memory.view().address_range();
    assert!(
        inside.contains(&worlds(scene).as_ptr().cast())
            && inside.contains(&weights.borrow(scene).values().as_ptr().cast())
    );
}

#[test]
fn removal_closes_the_gap_and_keeps_the_others() {
    let mut arena = Arena::try_reserve("scene", 1 << 30).unwrap();
    let memory = arena.open();
    let scene = voltrum_scene::open(memory.tagged(Tag::SCENE), &SceneLimits::default()).unwrap();
    let entities: Vec<_> = (0..4).map(|_| spawn(scene, &SpawnDesc::default()).unwrap()).collect();
    let column = add_column::<u64>(scene, "numbers", 10).unwrap();
    let mut column = column.borrow_mut(scene);
    for (number, entity) in entities.iter().enumerate() {
        assert_eq!(column.insert(*entity, number as u64), Ok(None));
    }
    assert_eq!(column.insert(entities[1], 11), Ok(Some(1)));
    assert_eq!(column.remove(entities[1]), Some(11));
    assert_eq!(column.remove(entities[1]), None);
    assert_eq!(column.values(), [0, 3, 2]);
    for kept in [0, 2, 3] {
        assert_eq!(column.get(entities[kept]), Some(&(kept as u64)));
    }
}

#[test]
fn a_component_of_what_is_gone_is_not_found_by_its_slots_next_tenant() {
    let mut arena = Arena::try_reserve("scene", 1 << 30).unwrap();
    let memory = arena.open();
    let scene = voltrum_scene::open(memory.tagged(Tag::SCENE), &SceneLimits::default()).unwrap();
    let old = spawn(scene, &SpawnDesc::default()).unwrap();
    let other = spawn(scene, &SpawnDesc::default()).unwrap();
    let column = add_column::<u8>(scene, "marks", 10).unwrap();
    column.borrow_mut(scene).insert(old, 1).unwrap();
    column.borrow_mut(scene).insert(other, 2).unwrap();
    despawn(scene, old).unwrap();
    let new = spawn(scene, &SpawnDesc::default()).unwrap();
    assert_eq!((new.index(), column.borrow(scene).get(new)), (old.index(), None));
    let mut column = column.borrow_mut(scene);
    assert_eq!(column.entities(), [other]);
    column.insert(new, 3).unwrap();
    assert_eq!(column.insert(old, 4), Err(SceneError::Stale(old)));
    assert_eq!(column.get(new), Some(&3));
}

#[test]
fn a_full_column_names_its_limit_and_spawns_nothing() {
    let mut arena = Arena::try_reserve("scene", 1 << 30).unwrap();
    let memory = arena.open();
    let limits = SceneLimits { cameras_max: 1, ..SceneLimits::default() };
    let scene = voltrum_scene::open(memory.tagged(Tag::SCENE), &limits).unwrap();
    let desc = SpawnDesc { camera: Some(Camera { lens: LENS }), ..SpawnDesc::default() };
    let first = spawn(scene, &desc).unwrap();
    let full = SceneError::Full { column: "cameras", limit: "cameras_max", asked: 1, left: 0, max: 1 };
    let used = scene.memory().view().used();
    assert_eq!(spawn(scene, &SpawnDesc { name: "second", ..desc }), Err(full));
    assert_eq!(scene.len(), 1);
    assert!(scene.memory().view().used() < used + 256, "only the slot is new");
    set_camera(scene, first, None).unwrap();
    spawn(scene, &desc).unwrap();
    assert_eq!(cameras(scene).len(), 1);
}

#[test]
fn columns_shrink_to_what_the_arena_can_give() {
    let mut arena = Arena::try_reserve("scene", 32 << 20).unwrap();
    let memory = arena.open();
    let scene = voltrum_scene::open(memory.tagged(Tag::SCENE), &SceneLimits::default()).unwrap();
    let max = scene.entities_max();
    assert!((1024..1 << 20).contains(&max), "{max}");
    for _ in 0..max {
        spawn(scene, &SpawnDesc::default()).unwrap();
    }
    assert!(matches!(spawn(scene, &SpawnDesc::default()), Err(SceneError::Full { .. })));
    // half of the arena is still there: for what the scene keeps beside its arrays, and for others
    drop(scene.memory().try_child("texts and columns", 3 << 20).unwrap());
    drop(memory.tagged(Tag::PROJECT).try_child("others", 6 << 20).unwrap());
}

#[test]
fn an_arena_without_room_is_an_error_with_numbers() {
    let mut arena = Arena::try_reserve("scene", 256 << 10).unwrap();
    let memory = arena.open();
    let refused = voltrum_scene::open(memory.tagged(Tag::SCENE), &SceneLimits::default()).map(drop).unwrap_err();
    assert!(matches!(refused, SceneError::Memory(_)), "{refused}");
}

#[test]
fn closing_gives_everything_back_and_the_next_scene_takes_it_up() {
    let mut arena = Arena::try_reserve("scene", 1 << 30).unwrap();
    let mut used = Vec::new();
    for _ in 0..10 {
        let memory = arena.open();
        let scene = voltrum_scene::open(memory.tagged(Tag::SCENE), &SceneLimits::default()).unwrap();
        for _ in 0..5000 {
            spawn(scene, &SpawnDesc { name: "node", ..SpawnDesc::default() }).unwrap();
        }
        used.push((memory.view().used(), memory.view().committed()));
    }
    assert!(used.iter().all(|figures| *figures == used[1]), "{used:?}");
}

#[test]
fn an_empty_scene_commits_little() {
    let mut arena = Arena::try_reserve("scene", 1 << 30).unwrap();
    let memory = arena.open();
    let before = memory.view().committed();
    voltrum_scene::open(memory.tagged(Tag::SCENE), &SceneLimits::default()).unwrap();
    let committed = memory.view().committed() - before;
    assert!(committed <= 1_408 << 10, "{committed} bytes");
    assert!(memory.view().used() < 64 << 10, "{} bytes", memory.view().used());
}
