//! From a staged scene, which a worker loaded, to entities.

use voltrum_assets::{StagedMesh, StagedScene};

use crate::components::Camera;
use crate::entity::Entity;
use crate::error::SceneError;
use crate::hierarchy::{SpawnDesc, despawn, spawn_unnamed};
use crate::light::Light;
use crate::shape::{MeshPart, ShapeId, adopt_shape};
use crate::state::SceneState;
use crate::transform::Local;

/// Adds a staged scene's nodes as entities and says which became which, in the order of its nodes.
///
/// `part` says what a primitive, by its position, became on the device; each is asked for once. Names are not copied: they
/// lie in the scene arena already. Its meshes become the scene's next shapes, in their order.
///
/// ```
/// # use voltrum_assets::geometry::{self, GeometryState};
/// # use voltrum_assets::materials::{self, MaterialState};
/// # use voltrum_assets::{SceneAssets, StagedScene};
/// # use voltrum_scene::{Entity, MeshPart, SceneError, SceneState};
/// # fn open<'s>(
/// #     scene: &mut SceneState<'s>,
/// #     staged: &StagedScene<'s>,
/// #     assets: &SceneAssets<'s>,
/// #     geometry: &GeometryState<'_>,
/// #     materials: &MaterialState<'_>,
/// # ) -> Result<&'s [Entity], SceneError> {
/// let part = |primitive: usize| MeshPart {
///     mesh: geometry::get(geometry, assets.primitives[primitive].mesh),
///     material: materials::get(materials, assets.primitives[primitive].material),
/// };
/// voltrum_scene::build(scene, staged, part)
/// # }
/// ```
///
/// # Errors
/// [`SceneError::Full`] when the nodes don't all fit, before any is added; [`SceneError::Staged`] when the staged scene
/// contradicts itself; [`SceneError::Memory`]. What was added before is removed again.
pub fn build<'scene, I, B>(
    scene: &mut SceneState<'scene>,
    staged: &StagedScene<'scene, I, B>,
    part: impl FnMut(usize) -> MeshPart,
) -> Result<&'scene [Entity], SceneError> {
    let (asked, left) = (staged.nodes.len() as u32, scene.entities_max - scene.alive);
    if asked > left {
        let max = scene.entities_max;
        return Err(SceneError::Full { column: "nodes", limit: "entities_max", asked, left, max });
    }
    let first_mesh = add_meshes(scene, staged, part)?;
    let built = scene.memory.try_alloc_slice_fill(staged.nodes.len(), Entity::NOBODY)?;
    for at in 0..staged.nodes.len() {
        let added = add_node(scene, staged, first_mesh, &built[..at], at, None).map(|entity| built[at] = entity);
        if let Err(error) = added {
            for entity in &built[..at] {
                // those below one that went before it are gone already
                if scene.is_alive(*entity) {
                    despawn(scene, *entity)?;
                }
            }
            return Err(error);
        }
    }
    Ok(built)
}

/// Makes a staged scene's meshes the scene's next shapes, in their order, and says which the first of them is: what
/// [`build`] does before it adds the nodes.
///
/// # Errors
/// [`SceneError::Staged`] when a mesh contradicts the list of primitives; [`SceneError::Memory`].
pub fn add_meshes<'scene, I, B>(
    scene: &mut SceneState<'scene>,
    staged: &StagedScene<'scene, I, B>,
    part: impl FnMut(usize) -> MeshPart,
) -> Result<ShapeId, SceneError> {
    let first = ShapeId::from_index(scene.shapes.len() as u32);
    let parts = scene.memory.try_alloc_iter((0..staged.primitives.len()).map(part))?;
    for (at, mesh) in staged.meshes.iter().enumerate() {
        adopt_shape(scene, parts_of(parts, mesh, at)?, mesh.bounds)?;
    }
    Ok(first)
}

fn parts_of<'scene>(
    parts: &'scene [MeshPart],
    mesh: &StagedMesh<'_>,
    at: usize,
) -> Result<&'scene [MeshPart], SceneError> {
    let (index, count) = (mesh.first_primitive.saturating_add(mesh.primitive_count), parts.len());
    parts.get(mesh.primitives()).ok_or(SceneError::Staged { from: "mesh", at, to: "primitive", index, count })
}

/// Adds one node, below what its parent became; one that has none goes below `under`.
pub(crate) fn add_node<'scene, I, B>(
    scene: &mut SceneState<'scene>,
    staged: &StagedScene<'scene, I, B>,
    first_mesh: ShapeId,
    built: &[Entity],
    at: usize,
    under: Option<Entity>,
) -> Result<Entity, SceneError> {
    let node = &staged.nodes[at];
    let mesh = refer(staged.meshes, node.mesh, at, "mesh")?.and(node.mesh);
    let desc = SpawnDesc {
        parent: refer(built, node.parent, at, "parent")?.copied().or(under),
        local: Local::from_matrix(node.local),
        mesh: mesh.map(|mesh| ShapeId::from_index(first_mesh.index() + mesh)),
        camera: refer(staged.cameras, node.camera, at, "camera")?.map(|camera| Camera { lens: camera.lens }),
        light: refer(staged.lights, node.light, at, "light")?.map(Light::from),
        ..SpawnDesc::default()
    };
    let entity = spawn_unnamed(scene, &desc)?;
    let named = scene.names.adopt(node.name).and_then(|number| scene.names.set(entity.index() as usize, number));
    if let Err(error) = named {
        despawn(scene, entity)?;
        return Err(error);
    }
    Ok(entity)
}

/// What a node refers to, if it does.
fn refer<'a, T>(list: &'a [T], index: Option<u32>, at: usize, to: &'static str) -> Result<Option<&'a T>, SceneError> {
    let Some(index) = index else { return Ok(None) };
    let missing = SceneError::Staged { from: "node", at, to, index, count: list.len() };
    list.get(index as usize).map(Some).ok_or(missing)
}
