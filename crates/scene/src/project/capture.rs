//! From entities to a document: what the project says beyond its glTF files.
//!
//! # Invariants
//! 1. The same scene gives the same document: parents before children, siblings in order.
//! 2. Nodes that are as in their file are not mentioned. What waits for a missing file stays as it was.

use voltrum_assets::StagedNode;
use voltrum_memory::{ArenaVec, MemoryError, Tagged};

use super::document::{ComponentEntry, Document, EntityEntry, FileEntry, Place, View};
use super::error::ProjectError;
use super::key::EntityKey;
use super::keys::Keys;
use super::restore::{Kept, Source, placeholder};
use crate::component::COMPONENT_BYTES_MAX;
use crate::components::{Camera, cameras, is_visible, lights, meshes, name};
use crate::entity::Entity;
use crate::light::Light;
use crate::state::SceneState;
use crate::transform::Local;
use crate::walk::{Children, children, descendants, first_child, parent, roots};
use crate::world::local;

/// What a document is made of, a piece at a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Piece<'x, 's> {
    /// An entity that was added or changed.
    Entity(&'x EntityEntry<'s>),
    /// A file's node that was removed.
    Removed(EntityKey),
}

/// What is to be saved. Entities without a key get one. The document lies in `memory`, but for names and unknown fields,
/// which stay where they are.
///
/// # Errors
/// [`ProjectError::Memory`] when either arena has no room.
pub fn capture<'f, 's: 'f>(
    scene: &SceneState<'s>,
    keys: &mut Keys<'s>,
    kept: &Kept<'s>,
    files: &'f [FileEntry<'f>],
    sources: &[Source<'s>],
    view: View<'f>,
    memory: Tagged<'f>,
) -> Result<Document<'f>, ProjectError> {
    let (mut entities, mut removed) = (ArenaVec::new_in(memory), ArenaVec::new_in(memory));
    capture_each(scene, keys, kept, files, sources, memory, &mut |piece| match piece {
        Piece::Entity(entity) => Ok(entities.try_push(*entity)?),
        Piece::Removed(key) => Ok(removed.try_push(key)?),
    })?;
    Ok(Document {
        files,
        entities: entities.into_slice(),
        removed: removed.into_slice(),
        view,
        next_number: keys.next_number(),
        unknown: kept.document.unknown,
    })
}

/// As [`capture`], for who collects the pieces elsewhere; only components of a client's own lie in `memory`. What else a
/// [`Document`] says is the caller's: `files`, the view, [`Keys::next_number`] afterwards, and what [`Kept`] knows.
///
/// # Errors
/// [`ProjectError::Memory`]; what `take` says.
pub fn capture_each<'f, 's: 'f>(
    scene: &SceneState<'s>,
    keys: &mut Keys<'s>,
    kept: &Kept<'s>,
    files: &[FileEntry<'_>],
    sources: &[Source<'s>],
    memory: Tagged<'f>,
    take: &mut dyn FnMut(Piece<'_, 'f>) -> Result<(), ProjectError>,
) -> Result<(), ProjectError> {
    let mut capture = Capture { scene, kept, sources, memory, take };
    capture.siblings(keys, None)?;
    for root in roots(scene) {
        for (entity, _) in descendants(scene, root) {
            if first_child(scene, entity).is_some() {
                capture.siblings(keys, Some(entity))?;
            }
        }
    }
    let is_known = |key: EntityKey| keys.entity(key).is_some();
    for entry in kept.document.entities {
        if entry.key.file().is_some_and(|file| is_listed(files, file)) && !is_known(entry.key) {
            (capture.take)(Piece::Entity(entry))?;
        }
    }
    for source in sources.iter().filter(|source| is_listed(files, source.file)) {
        for (entity, node) in source.entities.iter().zip(0..) {
            let key = EntityKey::node(source.file, node);
            let above = source.nodes.get(node as usize).and_then(|node| node.parent);
            // brought back by a replay, they may be other ones now
            let now = |node: u32, was: Entity| keys.entity(EntityKey::node(source.file, node)).unwrap_or(was);
            let above = above.and_then(|above| Some(now(above, *source.entities.get(above as usize)?)));
            let is_topmost = above.is_none_or(|above| scene.is_alive(above));
            let is_alive = scene.is_alive(now(node, *entity));
            if !is_alive && is_topmost {
                (capture.take)(Piece::Removed(key))?;
            }
        }
    }
    for key in kept.document.removed {
        if key.file().is_some_and(|file| is_listed(files, file)) && !is_known(*key) {
            (capture.take)(Piece::Removed(*key))?;
        }
    }
    Ok(())
}

fn is_listed(files: &[FileEntry<'_>], file: u32) -> bool {
    files.iter().any(|entry| entry.id == file)
}

struct Capture<'x, 'f, 's> {
    scene: &'x SceneState<'s>,
    kept: &'x Kept<'s>,
    sources: &'x [Source<'s>],
    memory: Tagged<'f>,
    take: &'x mut dyn FnMut(Piece<'_, 'f>) -> Result<(), ProjectError>,
}

/// Goes along siblings and tells those that stand as their file has them: the others are placed before them.
struct Anchors<'x, 's> {
    rest: Children<'x, 's>,
    above: Option<Entity>,
    highest: Option<(usize, u32)>,
}

impl<'f, 's: 'f> Capture<'_, 'f, 's> {
    fn siblings(&mut self, keys: &mut Keys<'s>, above: Option<Entity>) -> Result<(), ProjectError> {
        let scene = self.scene;
        let list = || above.map_or_else(|| roots(scene), |above| children(scene, above));
        let mut here = Anchors { rest: list(), above, highest: None };
        let mut ahead = Anchors { rest: list(), above, highest: None };
        // how far `ahead` has come, and what it found there
        let (mut at, mut seen, mut next) = (0usize, 0usize, None);
        while let Some((entity, is_anchor)) = here.step(self, keys) {
            at += 1;
            if is_anchor {
                self.entity(keys, entity, None)?;
                continue;
            }
            while seen <= at || next.is_none() {
                let Some((found, is_anchor)) = ahead.step(self, keys) else {
                    next = next.filter(|_| seen > at);
                    break;
                };
                seen += 1;
                next = (is_anchor && seen > at).then_some(found);
            }
            let above = above.map(|above| keys.key_or_new(above)).transpose()?;
            let before = next.map(|next| keys.key_or_new(next)).transpose()?;
            self.entity(keys, entity, Some(Place { parent: above, before }))?;
        }
        Ok(())
    }

    /// The source that an entity is a node of, with its position, and the node.
    fn node(&self, keys: &Keys<'_>, entity: Entity) -> Option<(usize, u32, &StagedNode<'s>)> {
        let key = keys.key(entity)?;
        let file = key.file()?;
        let (order, source) = self.sources.iter().enumerate().find(|(_, source)| source.file == file)?;
        Some((order, key.number(), source.nodes.get(key.number() as usize)?))
    }

    fn entity(&mut self, keys: &mut Keys<'s>, entity: Entity, place: Option<Place>) -> Result<(), ProjectError> {
        let (scene, key) = (self.scene, keys.key_or_new(entity)?);
        let old = self.kept.entry(key);
        let mut entry = EntityEntry::new(key);
        let (here, visible) = (local(scene, entity), is_visible(scene, entity));
        let (camera, light) = (cameras(scene).get(entity).copied(), lights(scene).get(entity).copied());
        let shape = meshes(scene).get(entity).copied();
        let mesh = shape.and_then(|shape| keys.mesh_key(shape));
        let called = name(scene, entity).unwrap_or_default();
        entry.place = place;
        if let Some((_, _, node)) = self.node(keys, entity) {
            let file = key.file().unwrap_or_default();
            let source = self.sources.iter().find(|source| source.file == file);
            let staged = |at: u32| source.and_then(|source| source.cameras.get(at as usize));
            let was = node.camera.and_then(staged).map(|camera| Camera { lens: camera.lens });
            let was_mesh = node.mesh.map(|mesh| super::MeshKey { file, mesh });
            entry.name = (called != node.name).then_some(called);
            entry.local = here.filter(|here| *here != Local::from_matrix(node.local));
            entry.visible = (!visible).then_some(false);
            entry.camera = (camera != was).then_some(camera);
            let staged = |at: u32| source.and_then(|source| source.lights.get(at as usize));
            let was = node.light.and_then(staged).map(Light::from);
            entry.light = (light != was).then_some(light);
            entry.mesh = (mesh != was_mesh).then_some(mesh);
        } else if key.file().is_some() {
            // stands for a missing file: only what was done to it counts
            entry.visible = (!visible).then_some(false);
            entry.local = here.filter(|here| *here != Local::default());
            entry.place = place.filter(|place| *place != Place::default());
        } else {
            entry.name = (!called.is_empty()).then_some(called);
            entry.local = here.filter(|here| *here != Local::default());
            entry.visible = (!visible).then_some(false);
            entry.camera = camera.map(Some);
            entry.light = light.map(Some);
            entry.mesh = mesh.map(Some);
            entry.place = place.filter(|place| *place != Place::default());
            if let Some(old) = old {
                self.keep_waiting(keys, entity, old, &mut entry);
            }
        }
        if let Some(old) = old {
            (entry.unknown, entry.camera_unknown) = (old.unknown, old.camera_unknown);
            entry.light_unknown = old.light_unknown;
        }
        entry.components = self.components(entity, old.map_or(&[], |old| old.components))?;
        let says_nothing = EntityEntry { key, ..EntityEntry::new(key) } == entry;
        if key.file().is_none() || !says_nothing {
            (self.take)(Piece::Entity(&entry))?;
        }
        Ok(())
    }

    /// What refers to a missing file goes on doing so, as long as nobody has changed it.
    fn keep_waiting(&self, keys: &Keys<'_>, entity: Entity, old: &EntityEntry<'s>, entry: &mut EntityEntry<'f>) {
        if let (None, Some(Some(mesh))) = (entry.mesh, old.mesh)
            && keys.shape(mesh).is_none()
        {
            entry.mesh = old.mesh;
        }
        let file = old.place.and_then(|place| place.parent).and_then(|key| key.file());
        if let (Some(place), Some(file)) = (old.place, file) {
            let is_missing = place.parent.is_some_and(|key| keys.entity(key).is_none());
            if is_missing && parent(self.scene, entity) == keys.entity(placeholder(file)) {
                entry.place = old.place;
            }
        }
    }

    /// A client's components, and those of columns that the scene hasn't got.
    fn components(
        &self,
        entity: Entity,
        old: &'s [ComponentEntry<'s>],
    ) -> Result<&'f [ComponentEntry<'f>], MemoryError> {
        let columns = &self.scene.columns;
        if columns.is_empty() {
            return Ok(old);
        }
        let mut list = ArenaVec::new_in(self.memory);
        for column in columns.iter() {
            let mut bytes = [0; COMPONENT_BYTES_MAX];
            if let Some(count) = column.write(entity, &mut bytes) {
                let bytes = &*self.memory.try_alloc_slice_copy(&bytes[..count])?;
                list.try_push(ComponentEntry { column: column.name(), bytes })?;
            }
        }
        for component in old {
            if !columns.iter().any(|column| column.name() == component.column) {
                list.try_push(*component)?;
            }
        }
        Ok(list.into_slice())
    }
}

impl Anchors<'_, '_> {
    /// The next sibling, and whether it stands as its file has it.
    fn step<'f, 's: 'f>(&mut self, capture: &Capture<'_, 'f, 's>, keys: &Keys<'_>) -> Option<(Entity, bool)> {
        let entity = self.rest.next()?;
        let Some((order, number, node)) = capture.node(keys, entity) else { return Some((entity, false)) };
        let file = keys.key(entity).and_then(|key| key.file()).unwrap_or_default();
        let above = node.parent.and_then(|above| keys.entity(EntityKey::node(file, above)));
        let rank = (order, number);
        let is_anchor = above == self.above && self.highest.is_none_or(|highest| rank > highest);
        if is_anchor {
            self.highest = Some(rank);
        }
        Some((entity, is_anchor))
    }
}
