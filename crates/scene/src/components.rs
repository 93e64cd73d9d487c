//! The built-in components: names, visibility, meshes, cameras; and columns of a client's own.

use voltrum_assets::{Bounds, Lens};
use voltrum_render::{Draw, MaterialId, MeshId};

use crate::bounds::place_mesh;
use crate::column::Column;
use crate::entity::Entity;
use crate::error::SceneError;
use crate::state::SceneState;
use crate::world::mark_changed;

/// One mesh of the renderer in one material.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MeshPart {
    /// The triangles.
    pub mesh: MeshId,
    /// How they look.
    pub material: MaterialId,
}

/// What an entity shows. Entities that show the same share the list of parts.
#[derive(Clone, Copy, Debug)]
pub struct MeshInstance<'scene> {
    /// Drawn together; lies in the scene arena.
    pub parts: &'scene [MeshPart],
    /// Around the vertices, in the entity's own coordinates.
    pub bounds: Bounds,
}

/// What looks from an entity, down its -Z.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Camera {
    /// What it sees.
    pub lens: Lens,
}

/// An entity's name, or empty; `None` when the entity is gone.
pub fn name<'scene>(scene: &SceneState<'scene>, entity: Entity) -> Option<&'scene str> {
    scene.find(entity).map(|at| scene.names[at])
}

/// Renames an entity. The old name's bytes stay with the arena until the scene closes.
///
/// # Errors
/// [`SceneError::Stale`] when it is gone; [`SceneError::Memory`].
pub fn set_name(scene: &mut SceneState<'_>, entity: Entity, name: &str) -> Result<(), SceneError> {
    let at = scene.require(entity)?;
    if scene.names[at] != name {
        scene.names[at] = scene.memory.try_alloc_str(name)?;
    }
    Ok(())
}

/// Whether an entity wishes to be seen.
pub fn is_visible(scene: &SceneState<'_>, entity: Entity) -> bool {
    scene.find(entity).is_some_and(|at| scene.nodes[at].is_visible())
}

/// Whether an entity and all above it wish to be seen, as of the last update.
pub fn is_shown(scene: &SceneState<'_>, entity: Entity) -> bool {
    scene.find(entity).is_some_and(|at| scene.nodes[at].is_shown())
}

/// Shows or hides an entity, with everything below it. [`update_transforms`](crate::update_transforms) makes it so.
///
/// # Errors
/// [`SceneError::Stale`] when it is gone.
pub fn set_visible(scene: &mut SceneState<'_>, entity: Entity, visible: bool) -> Result<(), SceneError> {
    let at = scene.require(entity)?;
    if scene.nodes[at].is_visible() != visible {
        scene.nodes[at].set_visible(visible);
        mark_changed(scene, entity.index());
    }
    Ok(())
}

/// The meshes of all entities that have one.
pub fn meshes<'a, 'scene>(scene: &'a SceneState<'scene>) -> &'a Column<'scene, MeshInstance<'scene>> {
    &scene.meshes
}

/// The meshes, to change what they show in place. Bounds follow at the entity's next change; [`set_mesh`] at once.
pub fn meshes_mut<'a, 'scene>(scene: &'a mut SceneState<'scene>) -> &'a mut [MeshInstance<'scene>] {
    scene.meshes.values_mut()
}

/// Gives an entity what it shows, or takes it away.
///
/// # Errors
/// [`SceneError::Stale`] when it is gone; [`SceneError::Full`]; [`SceneError::Memory`].
pub fn set_mesh<'scene>(
    scene: &mut SceneState<'scene>,
    entity: Entity,
    mesh: Option<MeshInstance<'scene>>,
) -> Result<(), SceneError> {
    scene.require(entity)?;
    let Some(mesh) = mesh else {
        remove_mesh(scene, entity);
        return Ok(());
    };
    scene.mesh_bounds.try_reserve(1)?;
    scene.meshes.insert(entity, mesh)?;
    if scene.mesh_bounds.len() < scene.meshes.len() {
        scene.mesh_bounds.try_push(Bounds::EMPTY)?;
    }
    place_mesh(scene, entity.index());
    Ok(())
}

pub(crate) fn remove_mesh(scene: &mut SceneState<'_>, entity: Entity) {
    if let Some(at) = scene.meshes.position(entity) {
        scene.meshes.remove(entity);
        scene.mesh_bounds.swap_remove(at);
    }
}

/// The cameras of all entities that have one.
pub fn cameras<'a, 'scene>(scene: &'a SceneState<'scene>) -> &'a Column<'scene, Camera> {
    &scene.cameras
}

/// Gives an entity a camera, or takes it away.
///
/// # Errors
/// [`SceneError::Stale`] when it is gone; [`SceneError::Full`]; [`SceneError::Memory`].
pub fn set_camera(scene: &mut SceneState<'_>, entity: Entity, camera: Option<Camera>) -> Result<(), SceneError> {
    scene.require(entity)?;
    match camera {
        Some(camera) => scene.cameras.insert(entity, camera).map(drop),
        None => {
            scene.cameras.remove(entity);
            Ok(())
        }
    }
}

/// What is to be drawn, as of the last update: a draw per part of every mesh that is shown.
pub fn draws<'a>(scene: &'a SceneState<'_>) -> impl Iterator<Item = Draw> + 'a {
    scene.meshes.iter().filter(|(entity, _)| is_shown(scene, *entity)).flat_map(|(entity, instance)| {
        let world = scene.worlds[entity.index() as usize];
        instance.parts.iter().map(move |part| Draw { mesh: part.mesh, material: part.material, world })
    })
}

/// A column of components of the client's own, for up to `components_max` entities, fewer where the scene arena can't give
/// that much. The client keeps it; entities that go leave their components behind until
/// [`Column::retain_alive`] is asked to forget them.
///
/// ```
/// # use voltrum_memory::{Arena, Tag};
/// # use voltrum_scene::{SceneLimits, SpawnDesc};
/// # let mut arena = Arena::try_reserve("scene", 1 << 30)?;
/// # let memory = arena.open();
/// # let scene = voltrum_scene::open(memory.tagged(Tag::SCENE), &SceneLimits::default())?;
/// let lamp = voltrum_scene::spawn(scene, &SpawnDesc::default())?;
/// let mut watts = voltrum_scene::add_column::<f32>(scene, "watts", 1000)?;
/// watts.insert(lamp, 60.0)?;
/// assert_eq!(watts.values().iter().sum::<f32>(), 60.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`SceneError::Memory`] when the scene arena has no room left for even a few.
pub fn add_column<'scene, T>(
    scene: &SceneState<'scene>,
    name: &'static str,
    components_max: u32,
) -> Result<Column<'scene, T>, SceneError> {
    Column::fitting(scene.memory, name, components_max, scene.entities_max)
}
