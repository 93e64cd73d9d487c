//! From a staged scene, which a worker loaded, to entities.

use voltrum_assets::StagedScene;
use voltrum_memory::ArenaVec;

use crate::components::{Camera, MeshInstance};
use crate::entity::Entity;
use crate::error::SceneError;
use crate::hierarchy::{SpawnDesc, despawn, spawn_named};
use crate::state::SceneState;
use crate::transform::Local;

/// Adds a staged scene's nodes as entities and says which became which, in the order of its nodes. `meshes` is what its
/// meshes became on the device, in the order of its meshes. Names are not copied: they lie in the scene arena already.
///
/// # Errors
/// [`SceneError::Full`] when the nodes don't all fit, before any is added; [`SceneError::Staged`] when a node refers to what
/// isn't there, and then what was added before is removed again; [`SceneError::Memory`].
pub fn build<'scene, I, B>(
    scene: &mut SceneState<'scene>,
    staged: &StagedScene<'scene, I, B>,
    meshes: &[MeshInstance<'scene>],
) -> Result<&'scene [Entity], SceneError> {
    let (asked, left) = (staged.nodes.len() as u32, scene.entities_max - scene.alive);
    if asked > left {
        let max = scene.entities_max;
        return Err(SceneError::Full { column: "nodes", limit: "entities_max", asked, left, max });
    }
    let mut built = ArenaVec::try_with_capacity_in(staged.nodes.len(), scene.memory)?;
    for index in 0..staged.nodes.len() {
        let added = add_node(scene, staged, meshes, &built, index).and_then(|entity| Ok(built.try_push(entity)?));
        if let Err(error) = added {
            for entity in &built {
                // those below one that went before it are gone already
                if scene.is_alive(*entity) {
                    despawn(scene, *entity)?;
                }
            }
            return Err(error);
        }
    }
    Ok(built.into_slice())
}

fn add_node<'scene, I, B>(
    scene: &mut SceneState<'scene>,
    staged: &StagedScene<'scene, I, B>,
    meshes: &[MeshInstance<'scene>],
    built: &[Entity],
    index: usize,
) -> Result<Entity, SceneError> {
    let node = &staged.nodes[index];
    let desc = SpawnDesc {
        parent: refer(built, node.parent, index, "parent")?.copied(),
        local: Local::from_matrix(node.local),
        mesh: refer(meshes, node.mesh, index, "mesh")?.copied(),
        camera: refer(staged.cameras, node.camera, index, "camera")?.map(|camera| Camera { lens: camera.lens }),
        ..SpawnDesc::default()
    };
    spawn_named(scene, node.name, &desc)
}

/// What a node refers to, if it does.
fn refer<'a, T>(
    list: &'a [T],
    index: Option<u32>,
    node: usize,
    what: &'static str,
) -> Result<Option<&'a T>, SceneError> {
    let Some(index) = index else { return Ok(None) };
    let missing = SceneError::Staged { node, what, index, count: list.len() };
    list.get(index as usize).map(Some).ok_or(missing)
}
