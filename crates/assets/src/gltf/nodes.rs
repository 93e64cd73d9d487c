//! The node hierarchy: a forest is what it must be, parents first is what it becomes.
//!
//! # Invariants
//! 1. Every node has one parent at most and no cycle exists, in the whole document, before anything is laid out.
//! 2. Nothing recurses: the depth of a file can't reach our stack.

use ::gltf::json;
use glam::{Mat4, Quat, Vec3};
use voltrum_memory::{Scope, Tag, Tagged};

use super::cameras::{light_of, light_values};
use super::instancing::Instanced;
use super::source::Sources;
use super::store::Store;
use crate::bounds::Bounds;
use crate::fault::{Fault, Place};
use crate::staged::{Parts, StagedMesh, StagedNode};
use crate::words::{Words, listed, shown as shown_words, whole, words};
use crate::{AssetError, LoadLimits, SceneChoice};

/// No node.
pub(crate) const NONE: u32 = u32::MAX;

/// A node in the order it will have: where it was, and its parent's new position.
#[derive(Clone, Copy)]
pub(crate) struct Placed {
    /// The document's number of it.
    pub(crate) node: u32,
    parent: u32,
    depth: u32,
}

/// Checks the hierarchy and lays the scene's nodes out, parents first and children in the file's order.
pub(crate) fn order<'x>(
    root: &json::Root,
    scene: Option<u32>,
    limits: &LoadLimits,
    store: &mut Store<'_>,
    scratch: Tagged<'x>,
) -> Result<&'x [Placed], AssetError> {
    let count = root.nodes.len();
    if count > limits.nodes_max as usize {
        return Err(AssetError::limit("nodes", count as u64, u64::from(limits.nodes_max), "nodes_max"));
    }
    let parents = parents(root, scratch)?;
    refuse_cycles(parents, scratch)?;

    let roots = scratch.try_alloc_zeroed::<u32>(count)?;
    let roots_count = roots_of(root, scene, (limits, parents), roots, store, scratch)?;
    let stack = scratch.try_alloc_slice_fill_with(count, |_| Placed { node: 0, parent: NONE, depth: 0 })?;
    let placed = scratch.try_alloc_slice_fill_with(count, |_| Placed { node: 0, parent: NONE, depth: 0 })?;
    let (mut height, mut laid) = (0, 0);
    for &node in roots.iter().take(roots_count).rev() {
        if let Some(top) = stack.get_mut(height) {
            top.node = node;
            height += 1;
        }
    }
    while height > 0 {
        height -= 1;
        let (Some(&next), Some(slot)) = (stack.get(height), placed.get_mut(laid)) else {
            break;
        };
        *slot = next;
        let position = laid as u32;
        laid += 1;
        check_depth(next.depth, limits)?;
        let children = root.nodes.get(next.node as usize).and_then(|node| node.children.as_deref());
        for child in children.unwrap_or_default().iter().rev() {
            // There is room: a node has one parent, so it comes here once.
            if let Some(top) = stack.get_mut(height) {
                *top = Placed { node: child.value() as u32, parent: position, depth: next.depth + 1 };
                height += 1;
            }
        }
    }
    let placed: &'x [Placed] = placed;
    Ok(placed.get(..laid).unwrap_or_default())
}

/// Writes where each node of the document was placed.
pub(crate) fn positions(placed: &[Placed], positions: &mut [u32]) {
    for (at, placed) in (0_u32..).zip(placed) {
        if let Some(slot) = positions.get_mut(placed.node as usize) {
            *slot = at;
        }
    }
}

/// Marks the meshes that a laid-out node shows, and how many joints the skins that carry them have at least.
pub(crate) fn mark_meshes(
    root: &json::Root,
    placed: &[Placed],
    used: &mut [bool],
    joints: &mut [u32],
) -> Result<(), Fault> {
    for placed in placed {
        let Some(node) = root.nodes.get(placed.node as usize) else {
            continue;
        };
        let Some(mesh) = node.mesh else { continue };
        let count = used.len();
        let slot = used.get_mut(mesh.value()).ok_or(Fault::Reference {
            from: Place::new("node", placed.node as usize),
            to: "mesh",
            index: mesh.value() as u64,
            count: count as u64,
        })?;
        *slot = true;
        let skin = node.skin.and_then(|skin| root.skins.get(skin.value()));
        if let (Some(skin), Some(slot)) = (skin, joints.get_mut(mesh.value())) {
            let here = u32::try_from(skin.joints.len()).unwrap_or(u32::MAX);
            *slot = if *slot == 0 { here } else { here.min(*slot) };
        }
    }
    Ok(())
}

/// Which scene is shown: the one that is asked for, the document's default, its first; `None` where it has no scenes.
pub(crate) fn shown(root: &json::Root, asked: SceneChoice<'_>) -> Result<Option<u32>, AssetError> {
    let named = |asked: &str| root.scenes.iter().position(|scene| scene.name.as_deref() == Some(asked));
    let asked = match asked {
        SceneChoice::Usual => None,
        SceneChoice::Number(number) => Some((number as usize, words(number))),
        SceneChoice::Named(name) => {
            Some((named(name).or_else(|| name.parse().ok()).unwrap_or(usize::MAX), shown_words(name)))
        }
    };
    if let Some((index, asked)) = asked {
        return match index < root.scenes.len() {
            true => Ok(Some(index as u32)),
            false => Err(Fault::SceneUnknown { asked, known: scene_names(root) }.into()),
        };
    }
    let stated = root.scene.map(|scene| scene.value());
    let index = stated.unwrap_or(0);
    if index < root.scenes.len() {
        return Ok(Some(index as u32));
    }
    if stated.is_none() {
        return Ok(None);
    }
    let problem = "is the one to show, but the file has no such scene";
    Err(Fault::Invalid { place: Place::new("scene", index), problem }.into())
}

/// The scenes there are, for a message.
fn scene_names(root: &json::Root) -> Words {
    let names = root.scenes.iter().enumerate().map(|(at, scene)| (at, scene.name.as_deref().unwrap_or_default()));
    match root.scenes.len() {
        0 => words("no scenes"),
        1 => whole(format_args!("only scene {}", listed(names))),
        _ => whole(format_args!("the scenes {}", listed(names))),
    }
}

/// Scratch memory that laying out takes; address space.
pub(crate) fn room(root: &json::Root, limits: &LoadLimits) -> usize {
    let nodes = root.nodes.len().min(limits.nodes_max as usize);
    let each = 2 * size_of::<Placed>() + 2 * size_of::<u32>() + 2 + size_of::<Instanced>() * 2;
    nodes.saturating_mul(each).saturating_add(64 << 10)
}

/// Builds the nodes that stay, and behind them one per instance of those that are instanced.
pub(crate) fn build<'s>(
    root: &json::Root,
    placed: &[Placed],
    instances: &[Instanced],
    sources: &mut Sources<'_>,
    store: &mut Store<'s>,
    scratch: &mut Scope<'_>,
) -> Result<&'s [StagedNode<'s>], AssetError> {
    let memory = store.tagged(Tag::SCENE);
    let extra: usize = instances.iter().map(|instanced| instanced.count()).sum();
    let nodes = memory.try_alloc_slice_fill_with(placed.len() + extra, |_| StagedNode::default())?;
    for (slot, placed) in nodes.iter_mut().zip(placed) {
        let index = placed.node as usize;
        let Some(node) = root.nodes.get(index) else {
            continue;
        };
        let place = Place::new("node", index);
        let refer = |what: &'static str, index: Option<usize>, count: usize| match index {
            Some(index) if index >= count => {
                Err(Fault::Reference { from: place, to: what, index: index as u64, count: count as u64 })
            }
            index => Ok(index.map(|index| index as u32)),
        };
        let mesh = node.mesh.map(|mesh| mesh.value() as u32);
        *slot = StagedNode {
            name: store.name(Tag::SCENE, node.name.as_deref())?,
            parent: (placed.parent != NONE).then_some(placed.parent),
            local: local(node, place, store)?,
            mesh,
            camera: refer("camera", node.camera.map(|camera| camera.value()), root.cameras.len())?,
            light: light_of(node, light_values(root).len(), place, store)?,
            skin: refer("skin", node.skin.map(|skin| skin.value()), root.skins.len())?.filter(|_| mesh.is_some()),
            weights: weights(root, node, place, store)?,
        };
    }
    let mut next = placed.len();
    for instanced in instances {
        next = instanced.fill(nodes, next, sources, store, scratch)?;
    }
    Ok(nodes)
}

/// The weights of a node's morph targets: its own, its mesh's, or zeros.
fn weights<'s>(
    root: &json::Root,
    node: &json::Node,
    place: Place,
    store: &mut Store<'s>,
) -> Result<&'s [f32], AssetError> {
    let Some(mesh) = node.mesh.and_then(|mesh| root.meshes.get(mesh.value())) else {
        return Ok(&[]);
    };
    let count = targets(mesh);
    if count == 0 {
        return Ok(&[]);
    }
    let stated = node.weights.as_deref().or(mesh.weights.as_deref()).unwrap_or_default();
    if !stated.is_empty() && stated.len() != count || stated.iter().any(|weight| !weight.is_finite()) {
        store.note(format_args!("{place} has {} morph weights for {count} targets, or some that are not finite: what doesn't fit was replaced by 0", stated.len()))?;
    }
    let weight = |at: usize| stated.get(at).copied().filter(|weight| weight.is_finite()).unwrap_or(0.0);
    Ok(store.tagged(Tag::SCENE).try_alloc_slice_fill_with(count, weight)?)
}

/// How many morph targets a mesh has: its primitives must agree (glTF 2.0, 3.7.2.2), the first one counts.
pub(crate) fn targets(mesh: &json::Mesh) -> usize {
    mesh.primitives.first().and_then(|primitive| primitive.targets.as_ref()).map_or(0, |targets| targets.len())
}

/// The box around everything that the nodes show.
pub(crate) fn bounds(
    nodes: &[StagedNode<'_>],
    meshes: &[StagedMesh<'_>],
    scratch: &Scope<'_>,
) -> Result<Bounds, AssetError> {
    let worlds = scratch.try_alloc_slice_fill_with(nodes.len(), |_| Mat4::IDENTITY)?;
    let mut all = Bounds::EMPTY;
    for (index, node) in nodes.iter().enumerate() {
        let above = node.parent.and_then(|parent| worlds.get(parent as usize));
        let world = above.map_or(node.local, |above| *above * node.local);
        if let Some(slot) = worlds.get_mut(index) {
            *slot = world;
        }
        if let Some(mesh) = node.mesh.and_then(|mesh| meshes.get(mesh as usize)) {
            let here = mesh.bounds.transformed(&world);
            // Finite parts can multiply to something that is not; such a node is nowhere.
            if here.min.is_finite() && here.max.is_finite() {
                all = all.with(here);
            }
        }
    }
    Ok(all)
}

fn parents<'x>(root: &json::Root, scratch: Tagged<'x>) -> Result<&'x [u32], AssetError> {
    let count = root.nodes.len();
    let parents = scratch.try_alloc_slice_fill_with(count, |_| NONE)?;
    for (index, node) in root.nodes.iter().enumerate() {
        for child in node.children.as_deref().unwrap_or_default() {
            let parent = parents.get_mut(child.value()).ok_or(Fault::Reference {
                from: Place::new("node", index),
                to: "node",
                index: child.value() as u64,
                count: count as u64,
            })?;
            if child.value() == index {
                return Err(Fault::Cycle { node: index as u64, length: 1 }.into());
            }
            if *parent != NONE {
                return Err(Fault::Parents {
                    node: child.value() as u64,
                    first: Place::new("node", *parent as usize),
                    second: Place::new("node", index),
                }
                .into());
            }
            *parent = index as u32;
        }
    }
    Ok(parents)
}

/// Walks up from every node, no node twice.
fn refuse_cycles(parents: &[u32], scratch: Tagged<'_>) -> Result<(), AssetError> {
    const ON_THE_WAY: u8 = 1;
    const DONE: u8 = 2;
    let states = scratch.try_alloc_zeroed::<u8>(parents.len())?;
    for start in 0..parents.len() {
        for (mark, stop) in [(ON_THE_WAY, 0), (DONE, ON_THE_WAY)] {
            let mut at = start;
            while let Some(state) = states.get_mut(at) {
                if *state != stop {
                    if mark == ON_THE_WAY && *state == ON_THE_WAY {
                        return Err(Fault::Cycle { node: at as u64, length: cycle_length(parents, at) }.into());
                    }
                    break;
                }
                *state = mark;
                match parents.get(at) {
                    Some(&parent) if parent != NONE => at = parent as usize,
                    _ => break,
                }
            }
        }
    }
    Ok(())
}

fn cycle_length(parents: &[u32], start: usize) -> u64 {
    let (mut at, mut length) = (start, 0);
    while let Some(&parent) = parents.get(at) {
        length += 1;
        at = parent as usize;
        if at == start {
            break;
        }
    }
    length
}

/// The nodes that the scene begins with; returns how many were written to `roots`.
///
/// A scene should list nodes without parents only (glTF 2.0, 3.5.2), and files in use list others, too. Of those, the ones
/// below another listed node come with it; the rest begin the scene without their parents.
fn roots_of(
    root: &json::Root,
    scene: Option<u32>,
    (limits, parents): (&LoadLimits, &[u32]),
    roots: &mut [u32],
    store: &mut Store<'_>,
    scratch: Tagged<'_>,
) -> Result<usize, AssetError> {
    let mut count = 0;
    let mut begin = |node: u32| {
        if let Some(slot) = roots.get_mut(count) {
            *slot = node;
            count += 1;
        }
    };
    let Some(index) = scene.map(|scene| scene as usize) else {
        let tops = (0_u32..).zip(parents).filter(|(_, parent)| **parent == NONE);
        tops.for_each(|(node, _)| begin(node));
        return Ok(count);
    };
    let nodes = root.scenes.get(index).map_or(&[][..], |scene| &scene.nodes);
    let listed = scratch.try_alloc_zeroed::<bool>(parents.len())?;
    let mut twice = false;
    for node in nodes {
        let seen = listed.get_mut(node.value()).ok_or(Fault::Reference {
            from: Place::new("scene", index),
            to: "node",
            index: node.value() as u64,
            count: parents.len() as u64,
        })?;
        twice |= *seen;
        *seen = true;
    }
    let mut with_parents = false;
    for node in (0..parents.len()).filter(|node| listed.get(*node) == Some(&true)) {
        let (mut at, mut levels, mut inside) = (node, 0, false);
        while let Some(&parent) = parents.get(at).filter(|parent| **parent != NONE) {
            at = parent as usize;
            inside |= listed.get(at) == Some(&true);
            levels += 1;
            if inside {
                break;
            }
            check_depth(levels, limits)?;
        }
        with_parents |= levels > 0;
        if !inside {
            begin(node as u32);
        }
    }
    if twice || with_parents {
        store.note(format_args!(
            "the scene lists nodes that have parents, or one twice: each was put in its one place"
        ))?;
    }
    Ok(count)
}

fn check_depth(depth: u32, limits: &LoadLimits) -> Result<(), AssetError> {
    if depth <= limits.node_depth_max {
        return Ok(());
    }
    let limit = u64::from(limits.node_depth_max);
    Err(AssetError::limit("levels of nodes", u64::from(depth), limit, "node_depth_max"))
}

/// A node's place in parts, when the document has it so.
pub(crate) fn rest(node: &json::Node) -> Parts {
    if let Some(matrix) = &node.matrix {
        return Parts::from_matrix(&Mat4::from_cols_array(matrix));
    }
    let finite = |value: [f32; 3], otherwise: Vec3| {
        let value = Vec3::from_array(value);
        if value.is_finite() { value } else { otherwise }
    };
    let rotation = Quat::from_array(node.rotation.unwrap_or_default().0);
    let length = rotation.length();
    Parts {
        translation: finite(node.translation.unwrap_or_default(), Vec3::ZERO),
        rotation: if length.is_finite() && length > 1e-6 { rotation / length } else { Quat::IDENTITY },
        scale: finite(node.scale.unwrap_or([1.0; 3]), Vec3::ONE),
    }
}

fn local(node: &json::Node, place: Place, store: &mut Store<'_>) -> Result<Mat4, AssetError> {
    if let Some(mut matrix) = node.matrix {
        if !matrix.iter().all(|value| value.is_finite()) {
            store.note(format_args!("{place} has a matrix that is not finite: it was replaced by the identity"))?;
            return Ok(Mat4::IDENTITY);
        }
        let last_row = [matrix[3], matrix[7], matrix[11], matrix[15]];
        if last_row != [0.0, 0.0, 0.0, 1.0] {
            store.note(format_args!("{place} has a matrix that is not affine: its last row was replaced"))?;
            (matrix[3], matrix[7], matrix[11], matrix[15]) = (0.0, 0.0, 0.0, 1.0);
        }
        return Ok(Mat4::from_cols_array(&matrix));
    }
    let (translation, scale) = (node.translation.unwrap_or_default(), node.scale.unwrap_or([1.0; 3]));
    if !translation.iter().chain(&scale).all(|value| value.is_finite()) {
        store.note(format_args!("{place} has a translation or scale that is not finite: it was left out"))?;
    }
    let length = Quat::from_array(node.rotation.unwrap_or_default().0).length();
    if !length.is_finite() || length <= 1e-6 {
        store.note(format_args!("{place} has a rotation without direction: it was left out"))?;
    } else if (length - 1.0).abs() > 1e-3 {
        store.note(format_args!("{place} has a rotation of length {length}: it was scaled to 1"))?;
    }
    Ok(rest(node).matrix())
}
