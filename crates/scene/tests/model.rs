//! Random edits against a plain model: hierarchy, transforms, visibility and meshes agree after every few.
#![allow(clippy::unwrap_used, reason = "the helpers of tests fail loudly, as tests do")]

use glam::Vec3;
use voltrum_memory::{Arena, Tag};
use voltrum_scene::{
    Bounds, Entity, SceneError, SceneLimits, SceneState, SpawnDesc, Transform, add_shape, children, descendants,
    despawn, entities, is_shown, mesh_bounds, meshes, name, parent, reparent, roots, set_local, set_mesh, set_name,
    set_visible, spawn, update_transforms, world,
};

/// Marsaglia's xorshift, 64 bits.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end.max(1)
    }
}

struct Node {
    entity: Entity,
    name: String,
    parent: Option<usize>,
    children: Vec<usize>,
    at: Vec3,
    visible: bool,
    mesh: bool,
}

/// By id; ids are never used twice.
#[derive(Default)]
struct Model {
    nodes: Vec<Option<Node>>,
    roots: Vec<usize>,
    gone: Vec<Entity>,
}

impl Model {
    fn node(&self, id: usize) -> &Node {
        self.nodes[id].as_ref().unwrap()
    }

    fn node_mut(&mut self, id: usize) -> &mut Node {
        self.nodes[id].as_mut().unwrap()
    }

    fn alive(&self) -> Vec<usize> {
        (0..self.nodes.len()).filter(|id| self.nodes[*id].is_some()).collect()
    }

    fn siblings(&mut self, parent: Option<usize>) -> &mut Vec<usize> {
        match parent {
            Some(parent) => &mut self.node_mut(parent).children,
            None => &mut self.roots,
        }
    }

    fn is_below(&self, mut id: usize, top: usize) -> bool {
        loop {
            if id == top {
                return true;
            }
            match self.node(id).parent {
                Some(parent) => id = parent,
                None => return false,
            }
        }
    }

    fn below(&self, top: usize) -> Vec<usize> {
        let mut found = vec![top];
        let mut next = 0;
        while next < found.len() {
            found.extend(&self.node(found[next]).children);
            next += 1;
        }
        found
    }

    fn position(&self, id: usize) -> Vec3 {
        let node = self.node(id);
        node.at + node.parent.map_or(Vec3::ZERO, |parent| self.position(parent))
    }

    fn is_shown(&self, id: usize) -> bool {
        self.node(id).visible && self.node(id).parent.is_none_or(|parent| self.is_shown(parent))
    }
}

fn edit(scene: &mut SceneState<'_>, model: &mut Model, random: &mut Random) {
    let alive = model.alive();
    let pick = |random: &mut Random| alive.get(random.below(alive.len())).copied();
    let at = Vec3::new(random.below(9) as f32, random.below(9) as f32, random.below(9) as f32);
    match (random.below(16), pick(random)) {
        (0..=4, picked) => {
            let parent = picked.filter(|_| random.below(4) > 0);
            let id = model.nodes.len();
            let name = format!("node {id}");
            let visible = random.below(5) > 0;
            let desc = SpawnDesc {
                name: &name,
                parent: parent.map(|parent| model.node(parent).entity),
                local: Transform::at(at).into(),
                hidden: !visible,
                ..SpawnDesc::default()
            };
            let entity = spawn(scene, &desc).unwrap();
            model.nodes.push(Some(Node { entity, name, parent, children: Vec::new(), at, visible, mesh: false }));
            model.siblings(parent).push(id);
        }
        (5, Some(id)) => {
            let below = model.below(id);
            assert_eq!(despawn(scene, model.node(id).entity), Ok(below.len() as u32));
            let parent = model.node(id).parent;
            model.siblings(parent).retain(|sibling| *sibling != id);
            for id in below {
                let node = model.nodes[id].take().unwrap();
                model.gone.push(node.entity);
            }
        }
        (6..=8, Some(id)) => {
            let parent = pick(random).filter(|_| random.below(5) > 0);
            let siblings = model.siblings(parent).clone();
            let before = siblings.get(random.below(siblings.len() + 1)).copied();
            let entity = |id: usize| model.node(id).entity;
            let moved = reparent(scene, entity(id), parent.map(entity), before.map(entity));
            if parent.is_some_and(|parent| model.is_below(parent, id)) {
                assert!(matches!(moved, Err(SceneError::Cycle { .. })));
                return;
            }
            assert_eq!(moved, Ok(()));
            if before == Some(id) {
                return;
            }
            let former = model.node(id).parent;
            model.siblings(former).retain(|sibling| *sibling != id);
            let siblings = model.siblings(parent);
            let place = before.and_then(|before| siblings.iter().position(|sibling| *sibling == before));
            siblings.insert(place.unwrap_or(siblings.len()), id);
            model.node_mut(id).parent = parent;
        }
        (9..=11, Some(id)) => {
            set_local(scene, model.node(id).entity, Transform::at(at)).unwrap();
            model.node_mut(id).at = at;
        }
        (12, Some(id)) => {
            let visible = random.below(2) == 0;
            set_visible(scene, model.node(id).entity, visible).unwrap();
            model.node_mut(id).visible = visible;
        }
        (13, Some(id)) => {
            let mesh = random.below(3) > 0;
            let bounds = Bounds { min: Vec3::ZERO, max: Vec3::ONE };
            let instance = add_shape(scene, &[], bounds).unwrap();
            set_mesh(scene, model.node(id).entity, mesh.then_some(instance)).unwrap();
            model.node_mut(id).mesh = mesh;
        }
        (14, Some(id)) => {
            let name = format!("renamed {}", random.below(100));
            set_name(scene, model.node(id).entity, &name).unwrap();
            model.node_mut(id).name = name;
        }
        _ => {
            update_transforms(scene);
        }
    }
}

fn compare(scene: &mut SceneState<'_>, model: &Model) {
    update_transforms(scene);
    assert_eq!(update_transforms(scene), 0);
    let alive = model.alive();
    assert_eq!(scene.len(), alive.len());
    assert_eq!(entities(scene).count(), alive.len());
    let entity = |id: &usize| model.node(*id).entity;
    assert_eq!(roots(scene).collect::<Vec<_>>(), model.roots.iter().map(entity).collect::<Vec<_>>());
    for id in &alive {
        let node = model.node(*id);
        assert_eq!(name(scene, node.entity), Some(node.name.as_str()));
        assert_eq!(parent(scene, node.entity), node.parent.as_ref().map(entity));
        assert_eq!(
            children(scene, node.entity).collect::<Vec<_>>(),
            node.children.iter().map(entity).collect::<Vec<_>>()
        );
        assert_eq!(world(scene, node.entity).unwrap().w_axis.truncate(), model.position(*id));
        assert_eq!(is_shown(scene, node.entity), model.is_shown(*id));
        assert_eq!(descendants(scene, node.entity).count(), model.below(*id).len());
        let bounds = meshes(scene).position(node.entity).map(|at| mesh_bounds(scene)[at].min);
        assert_eq!(bounds, node.mesh.then(|| model.position(*id)));
    }
    assert_eq!(meshes(scene).len(), mesh_bounds(scene).len());
    assert!(model.gone.iter().all(|entity| !scene.is_alive(*entity) && name(scene, *entity).is_none()));
}

#[test]
fn random_edits_agree_with_a_plain_model() {
    for seed in 1..=12u64 {
        let mut arena = Arena::try_reserve("scene", 1 << 30).unwrap();
        let memory = arena.open();
        let scene = voltrum_scene::open(memory.tagged(Tag::SCENE), &SceneLimits::default()).unwrap();
        let mut model = Model::default();
        let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        for step in 0..1500 {
            edit(scene, &mut model, &mut random);
            if step % 50 == 49 {
                compare(scene, &model);
            }
        }
        assert!(model.gone.len() > 100, "seed {seed} despawned {}", model.gone.len());
    }
}
