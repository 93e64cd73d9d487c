//! From a document to entities: what the project says beyond its glTF files is done to the scene that these made.
//!
//! # Invariants
//! 1. What can't be done because a file is missing, or has changed, is kept in the document and comes back with the file.

use super::document::{Document, EntityEntry};
use super::error::ProjectError;
use super::key::EntityKey;
use super::keys::Keys;
use crate::components::{set_camera, set_light, set_mesh, set_name, set_visible};
use crate::entity::Entity;
use crate::error::SceneError;
use crate::hierarchy::{SpawnDesc, despawn, reparent, spawn};
use crate::shape::ShapeId;
use crate::state::SceneState;
use crate::walk::parent;
use crate::world::set_local;
use voltrum_assets::{StagedCamera, StagedLight, StagedNode};

/// A glTF file of the project that was loaded and built ([`build`](crate::build())).
#[derive(Clone, Copy, Debug)]
pub struct Source<'s> {
    /// Its number in the project.
    pub file: u32,
    /// Its nodes, as loaded.
    pub nodes: &'s [StagedNode<'s>],
    /// Its cameras, as loaded.
    pub cameras: &'s [StagedCamera<'s>],
    /// Its lights, as loaded.
    pub lights: &'s [StagedLight<'s>],
    /// What each node became.
    pub entities: &'s [Entity],
    /// What its first mesh became; the others follow.
    pub first_mesh: ShapeId,
    /// How many meshes it has.
    pub mesh_count: u32,
}

/// A project whose document was carried out.
pub struct Restored<'s> {
    /// Which entity has which key.
    pub keys: Keys<'s>,
    /// What [`capture`](super::capture()) needs of the document.
    pub kept: Kept<'s>,
    /// Entries that wait for a file that is missing or has changed.
    pub waiting: u32,
}

/// A document, and where in it each key is.
#[derive(Clone, Copy, Debug)]
pub struct Kept<'s> {
    pub(super) document: Document<'s>,
    /// By key.
    pub(super) index: &'s [(EntityKey, u32)],
}

impl<'s> Kept<'s> {
    /// What a project that was just made keeps.
    pub const EMPTY: Kept<'static> = Kept { document: Document::EMPTY, index: &[] };

    /// The document as it was read.
    pub fn document(&self) -> &Document<'s> {
        &self.document
    }

    pub(super) fn entry(&self, key: EntityKey) -> Option<&EntityEntry<'s>> {
        let found = self.index.binary_search_by_key(&key, |(key, _)| *key).ok()?;
        self.document.entities.get(self.index.get(found)?.1 as usize)
    }
}

/// The key of what stands for a file that is missing.
pub const fn placeholder(file: u32) -> EntityKey {
    EntityKey::node(file, u32::MAX)
}

/// Does to the scene what the document says. `sources` are those of its files that could be loaded, in the document's
/// order; for each of the others an entity stands that shows `missing` and has the file's path for a name.
///
/// # Errors
/// [`ProjectError::Scene`] and [`ProjectError::Memory`] when the scene has no room, or the document moves something below
/// itself. The scene is of no use then.
pub fn restore<'s>(
    scene: &mut SceneState<'s>,
    document: &Document<'s>,
    sources: &[Source<'s>],
    missing: Option<ShapeId>,
) -> Result<Restored<'s>, ProjectError> {
    let mut keys = Keys::try_new(scene, document.next_number)?;
    let nodes = sources.iter().map(|source| source.entities.len()).sum::<usize>();
    keys.reserve(nodes + document.entities.len())?;
    for source in sources {
        for (entity, node) in source.entities.iter().zip(0..) {
            keys.bind(*entity, EntityKey::node(source.file, node))?;
        }
        keys.bind_meshes(source.file, source.first_mesh, source.mesh_count)?;
    }
    for file in document.files {
        if !sources.iter().any(|source| source.file == file.id) {
            let entity = spawn(scene, &SpawnDesc { name: file.path, mesh: missing, ..SpawnDesc::default() })?;
            keys.bind(entity, placeholder(file.id))?;
        }
    }
    let mut waiting = 0;
    let later = scene.memory().try_alloc_slice_fill(document.entities.len(), 0u32)?;
    let mut later_count = 0;
    for (entry, at) in document.entities.iter().zip(0u32..) {
        match apply(scene, &mut keys, entry)? {
            Applied::Yes => {}
            Applied::WithoutPlace => {
                later[later_count] = at;
                later_count += 1;
            }
            Applied::Waits => waiting += 1,
        }
    }
    for entry in later[..later_count].iter().filter_map(|at| document.entities.get(*at as usize)) {
        waiting += u32::from(!place(scene, &keys, entry, true)?);
    }
    for key in document.removed {
        match keys.entity(*key) {
            // what stood above it may have taken it along
            Some(entity) if scene.is_alive(entity) => drop(despawn(scene, entity)?),
            Some(_) => {}
            None => waiting += 1,
        }
    }
    let index =
        scene.memory().try_alloc_iter(document.entities.iter().zip(0u32..).map(|(entry, at)| (entry.key, at)))?;
    index.sort_unstable();
    Ok(Restored { keys, kept: Kept { document: *document, index }, waiting })
}

enum Applied {
    Yes,
    /// What it refers to comes later in the document.
    WithoutPlace,
    /// It isn't there.
    Waits,
}

fn apply<'s>(
    scene: &mut SceneState<'s>,
    keys: &mut Keys<'s>,
    entry: &EntityEntry<'s>,
) -> Result<Applied, ProjectError> {
    let entity = match (keys.entity(entry.key), entry.key.file()) {
        (Some(entity), _) => entity,
        (None, Some(_)) => return Ok(Applied::Waits),
        (None, None) => {
            // below its parent at once where that is known: no way up has to be walked to look for a circle
            let wanted = entry.place.and_then(|place| place.parent).and_then(|parent| keys.entity(parent));
            let entity = spawn(scene, &SpawnDesc { parent: wanted, ..SpawnDesc::default() })?;
            keys.bind(entity, entry.key)?;
            entity
        }
    };
    if let Some(name) = entry.name {
        set_name(scene, entity, name)?;
    }
    if let Some(local) = entry.local {
        set_local(scene, entity, local)?;
    }
    if let Some(visible) = entry.visible {
        set_visible(scene, entity, visible)?;
    }
    if let Some(mesh) = entry.mesh {
        set_mesh(scene, entity, mesh.and_then(|mesh| keys.shape(mesh)))?;
    }
    if let Some(camera) = entry.camera {
        set_camera(scene, entity, camera)?;
    }
    if let Some(light) = entry.light {
        set_light(scene, entity, light)?;
    }
    for component in entry.components {
        let column = scene.columns.iter().find(|column| column.name() == component.column).copied();
        column.map_or(Ok(()), |column| column.read(entity, Some(component.bytes)))?;
    }
    Ok(if place(scene, keys, entry, false)? { Applied::Yes } else { Applied::WithoutPlace })
}

/// Puts an entity where its entry says, and says whether all that it refers to is there. At `last`, what isn't is done
/// without: what stands below a missing file's node stands below what stands for the file.
fn place(
    scene: &mut SceneState<'_>,
    keys: &Keys<'_>,
    entry: &EntityEntry<'_>,
    last: bool,
) -> Result<bool, ProjectError> {
    let (Some(place), Some(entity)) = (entry.place, keys.entity(entry.key)) else { return Ok(true) };
    let find = |key: Option<EntityKey>| key.and_then(|key| keys.entity(key)).filter(|found| scene.is_alive(*found));
    let (above, before) = (find(place.parent), find(place.before));
    let is_whole = above.is_some() == place.parent.is_some() && before.is_some() == place.before.is_some();
    if !is_whole && !last {
        return Ok(false);
    }
    let stand_in = || find(place.parent.and_then(|key| key.file()).map(placeholder));
    let above = above.or_else(stand_in);
    // a sibling that has gone elsewhere leaves the end of the list
    let before = before.filter(|before| parent(scene, *before) == above && *before != entity);
    let is_there = before.is_none() && parent(scene, entity) == above && entry.key.file().is_none();
    if is_there && !last {
        return Ok(is_whole);
    }
    match reparent(scene, entity, above, before) {
        Err(SceneError::Stale(_)) | Ok(()) => Ok(is_whole),
        Err(error) => Err(error.into()),
    }
}
