//! The hierarchy: handles with generations, order of siblings, subtrees of any depth.
#![allow(clippy::unwrap_used, reason = "the helpers of tests fail loudly, as tests do")]

use voltrum_memory::{Arena, Tag};
use voltrum_scene::{
    Entity, SceneError, SceneLimits, SceneState, SpawnDesc, children, descendants, despawn, entities, name, parent,
    reparent, roots, spawn, update_transforms,
};

fn with_scene(test: impl FnOnce(&mut SceneState<'_>)) {
    let mut arena = Arena::try_reserve("scene", 1 << 30).unwrap();
    let memory = arena.open();
    test(voltrum_scene::open(memory.tagged(Tag::SCENE), &SceneLimits::default()).unwrap());
}

fn add(scene: &mut SceneState<'_>, name: &str, parent: Option<Entity>) -> Entity {
    spawn(scene, &SpawnDesc { name, parent, ..SpawnDesc::default() }).unwrap()
}

fn names<'a>(scene: &SceneState<'a>, list: impl Iterator<Item = Entity>) -> Vec<&'a str> {
    list.map(|entity| name(scene, entity).unwrap()).collect()
}

#[test]
fn a_stale_handle_never_resolves_though_its_slot_is_used_again() {
    with_scene(|scene| {
        let old = add(scene, "old", None);
        assert_eq!(despawn(scene, old), Ok(1));
        for _ in 0..3 {
            let new = add(scene, "new", None);
            assert_eq!((new.index(), new != old), (old.index(), true));
            assert_eq!(name(scene, old), None);
            assert_eq!(despawn(scene, old), Err(SceneError::Stale(old)));
            assert_eq!(name(scene, new), Some("new"));
            despawn(scene, new).unwrap();
        }
        assert_eq!(scene.slots(), 1);
    });
}

#[test]
fn children_keep_the_order_in_which_they_were_added() {
    with_scene(|scene| {
        let root = add(scene, "root", None);
        for name in ["a", "b", "c"] {
            add(scene, name, Some(root));
        }
        assert_eq!(names(scene, children(scene, root)), ["a", "b", "c"]);
    });
}

#[test]
fn despawning_takes_the_subtree_and_nothing_else() {
    with_scene(|scene| {
        let root = add(scene, "root", None);
        let before = add(scene, "before", Some(root));
        let middle = add(scene, "middle", Some(root));
        let after = add(scene, "after", Some(root));
        let below = add(scene, "below", Some(middle));
        let deeper = add(scene, "deeper", Some(below));
        add(scene, "beside", Some(middle));
        assert_eq!(despawn(scene, middle), Ok(4));
        assert_eq!((scene.is_alive(middle), scene.is_alive(below), scene.is_alive(deeper)), (false, false, false));
        assert_eq!((name(scene, before), name(scene, after)), (Some("before"), Some("after")));
        assert_eq!(names(scene, children(scene, root)), ["before", "after"]);
        assert_eq!(scene.len(), 3);
        assert_eq!(entities(scene).count(), 3);
    });
}

#[test]
fn moving_below_itself_is_refused_and_changes_nothing() {
    with_scene(|scene| {
        let top = add(scene, "top", None);
        let middle = add(scene, "middle", Some(top));
        let low = add(scene, "low", Some(middle));
        for parent in [top, middle, low] {
            assert_eq!(reparent(scene, top, Some(parent), None), Err(SceneError::Cycle { entity: top, parent }));
        }
        let order: Vec<_> = descendants(scene, top).collect();
        assert_eq!(order, [(top, 0), (middle, 1), (low, 2)]);
    });
}

#[test]
fn moving_puts_an_entity_before_a_sibling_or_at_the_end() {
    with_scene(|scene| {
        let (left, right) = (add(scene, "left", None), add(scene, "right", None));
        let a = add(scene, "a", Some(left));
        let b = add(scene, "b", Some(left));
        let c = add(scene, "c", Some(right));
        reparent(scene, c, Some(left), Some(b)).unwrap();
        assert_eq!(names(scene, children(scene, left)), ["a", "c", "b"]);
        reparent(scene, a, Some(left), None).unwrap();
        assert_eq!(names(scene, children(scene, left)), ["c", "b", "a"]);
        reparent(scene, b, None, Some(left)).unwrap();
        assert_eq!(names(scene, roots(scene)), ["b", "left", "right"]);
        assert_eq!((parent(scene, b), parent(scene, c)), (None, Some(left)));
        reparent(scene, c, Some(left), Some(c)).unwrap();
        assert_eq!(reparent(scene, a, Some(right), Some(c)), Err(SceneError::NotAChild { before: c }));
        assert_eq!(names(scene, children(scene, left)), ["c", "a"]);
    });
}

#[test]
fn a_hundred_thousand_levels_need_no_stack() {
    const LEVELS: u32 = 100_000;
    // a stack that recursion of this depth would not survive
    let small = std::thread::Builder::new().stack_size(256 << 10).spawn(|| {
        with_scene(|scene| {
            let root = add(scene, "root", None);
            let mut last = root;
            for _ in 1..LEVELS {
                last = add(scene, "", Some(last));
            }
            assert_eq!(update_transforms(scene), LEVELS as usize);
            assert_eq!(descendants(scene, root).last(), Some((last, LEVELS - 1)));
            assert!(matches!(reparent(scene, root, Some(last), None), Err(SceneError::Cycle { .. })));
            assert_eq!(despawn(scene, root), Ok(LEVELS));
            assert!(scene.is_empty());
        });
    });
    small.unwrap().join().unwrap();
}

#[test]
fn a_full_scene_is_an_error_that_names_its_limit() {
    let mut arena = Arena::try_reserve("scene", 1 << 30).unwrap();
    let memory = arena.open();
    let limits = SceneLimits { entities_max: 3, ..SceneLimits::default() };
    let scene = voltrum_scene::open(memory.tagged(Tag::SCENE), &limits).unwrap();
    let first = add(scene, "", None);
    add(scene, "", None);
    add(scene, "", None);
    let full = spawn(scene, &SpawnDesc::default()).unwrap_err();
    assert_eq!(full, SceneError::Full { column: "nodes", limit: "entities_max", asked: 1, left: 0, max: 3 });
    assert!(full.to_string().contains("`entities_max`"), "{full}");
    despawn(scene, first).unwrap();
    add(scene, "", None);
}
