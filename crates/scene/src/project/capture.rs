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
use crate::walk::{first_child, next_sibling, parent, roots};
use crate::world::local;

/// So many entities are looked at in the time that one is captured in.
const SEEKS_PER_ENTITY: usize = 8;

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
    let mut capturing = Capturing::new(scene);
    capturing.go_on(&mut Capture { scene, kept, files, sources, memory, take }, keys, usize::MAX)?;
    Ok(())
}

/// A capture that is done a part at a time, so that no frame stops for it. It is of one state of the scene: once that has
/// changed, it has to begin anew.
#[derive(Clone, Debug)]
pub struct Capturing {
    stage: Stage,
}

/// How far it has come.
#[derive(Clone, Debug)]
enum Stage {
    Siblings(Siblings),
    /// Looks for the next one that has children.
    Seeks(Entity),
    /// What waits for missing files, from here on.
    Waiting(usize),
    /// What was removed of a source, from a node on.
    Removed(usize, usize),
    /// What had been removed of missing files.
    RemovedWaiting,
    Done,
}

impl Capturing {
    /// At its beginning.
    pub fn new(scene: &SceneState<'_>) -> Capturing {
        Capturing { stage: Stage::Siblings(Siblings::new(None, roots(scene).next())) }
    }

    /// Goes on by about as many entities; whether all is done. The rest is as for [`capture_each`].
    ///
    /// # Errors
    /// As [`capture_each`]. Then it has to begin anew.
    pub fn go_on<'f, 's: 'f>(
        &mut self,
        capture: &mut Capture<'_, 'f, 's>,
        keys: &mut Keys<'s>,
        entities_max: usize,
    ) -> Result<bool, ProjectError> {
        let mut left = entities_max.saturating_mul(SEEKS_PER_ENTITY);
        while left > 0 && !matches!(self.stage, Stage::Done) {
            let cost = if matches!(self.stage, Stage::Siblings(_)) { SEEKS_PER_ENTITY } else { 1 };
            left = left.saturating_sub(cost);
            self.step(capture, keys)?;
        }
        Ok(matches!(self.stage, Stage::Done))
    }

    fn step<'f, 's: 'f>(&mut self, capture: &mut Capture<'_, 'f, 's>, keys: &mut Keys<'s>) -> Result<(), ProjectError> {
        let Capture { scene, kept, sources, .. } = *capture;
        match &mut self.stage {
            Stage::Siblings(siblings) => {
                if !siblings.step(capture, keys)? {
                    let after = match siblings.above {
                        Some(above) => after(scene, above),
                        None => roots(scene).next(),
                    };
                    self.stage = after.map_or(Stage::Waiting(0), Stage::Seeks);
                }
            }
            Stage::Seeks(entity) => {
                self.stage = match first_child(scene, *entity) {
                    Some(child) => Stage::Siblings(Siblings::new(Some(*entity), Some(child))),
                    None => after(scene, *entity).map_or(Stage::Waiting(0), Stage::Seeks),
                };
            }
            Stage::Waiting(at) => match kept.document.entities.get(*at) {
                Some(entry) => {
                    capture.waiting(keys, entry)?;
                    *at += 1;
                }
                None => self.stage = Stage::Removed(0, 0),
            },
            Stage::Removed(source, node) => match sources.get(*source) {
                Some(of) if *node < of.entities.len() => {
                    capture.removed(keys, of, *node)?;
                    *node += 1;
                }
                Some(_) => (*source, *node) = (*source + 1, 0),
                None => self.stage = Stage::RemovedWaiting,
            },
            Stage::RemovedWaiting => {
                for key in kept.document.removed {
                    capture.removed_waiting(keys, *key)?;
                }
                self.stage = Stage::Done;
            }
            Stage::Done => {}
        }
        Ok(())
    }
}

/// Who comes after an entity where parents come before their children.
fn after(scene: &SceneState<'_>, entity: Entity) -> Option<Entity> {
    let mut at = entity;
    if let Some(child) = first_child(scene, at) {
        return Some(child);
    }
    loop {
        match next_sibling(scene, at) {
            Some(next) => return Some(next),
            None => at = parent(scene, at)?,
        }
    }
}

fn is_listed(files: &[FileEntry<'_>], file: u32) -> bool {
    files.iter().any(|entry| entry.id == file)
}

/// What a capture is of, and who takes its pieces; see [`capture_each`].
pub struct Capture<'x, 'f, 's> {
    /// What is to be saved.
    pub scene: &'x SceneState<'s>,
    /// What the project file had besides.
    pub kept: &'x Kept<'s>,
    /// The files that it will refer to.
    pub files: &'x [FileEntry<'x>],
    /// What is in them.
    pub sources: &'x [Source<'s>],
    /// For components of a client's own.
    pub memory: Tagged<'f>,
    /// Who takes the pieces.
    pub take: &'x mut dyn FnMut(Piece<'_, 'f>) -> Result<(), ProjectError>,
}

/// Goes along siblings.
#[derive(Clone, Debug)]
struct Siblings {
    above: Option<Entity>,
    here: Anchors,
    ahead: Anchors,
    /// How far `ahead` has come, and what it found there.
    at: usize,
    seen: usize,
    next: Option<Entity>,
}

/// Goes along siblings and tells those that stand as their file has them: the others are placed before them.
#[derive(Clone, Debug)]
struct Anchors {
    rest: Option<Entity>,
    above: Option<Entity>,
    highest: Option<(usize, u32)>,
}

impl Siblings {
    fn new(above: Option<Entity>, first: Option<Entity>) -> Siblings {
        let anchors = Anchors { rest: first, above, highest: None };
        Siblings { above, here: anchors.clone(), ahead: anchors, at: 0, seen: 0, next: None }
    }

    /// Captures the next one; whether there was one.
    fn step<'f, 's: 'f>(
        &mut self,
        capture: &mut Capture<'_, 'f, 's>,
        keys: &mut Keys<'s>,
    ) -> Result<bool, ProjectError> {
        let Some((entity, is_anchor)) = self.here.step(capture, keys) else { return Ok(false) };
        self.at += 1;
        if is_anchor {
            capture.entity(keys, entity, None)?;
            return Ok(true);
        }
        while self.seen <= self.at || self.next.is_none() {
            let Some((found, is_anchor)) = self.ahead.step(capture, keys) else {
                self.next = self.next.filter(|_| self.seen > self.at);
                break;
            };
            self.seen += 1;
            self.next = (is_anchor && self.seen > self.at).then_some(found);
        }
        let above = self.above.map(|above| keys.key_or_new(above)).transpose()?;
        let before = self.next.map(|next| keys.key_or_new(next)).transpose()?;
        capture.entity(keys, entity, Some(Place { parent: above, before }))?;
        Ok(true)
    }
}

impl<'f, 's: 'f> Capture<'_, 'f, 's> {
    /// What waits for a missing file.
    fn waiting(&mut self, keys: &Keys<'_>, entry: &EntityEntry<'s>) -> Result<(), ProjectError> {
        let is_listed = entry.key.file().is_some_and(|file| is_listed(self.files, file));
        if is_listed && keys.entity(entry.key).is_none() {
            (self.take)(Piece::Entity(entry))?;
        }
        Ok(())
    }

    /// A node of a source, where it is gone and the one above it isn't.
    fn removed(&mut self, keys: &Keys<'_>, source: &Source<'s>, node: usize) -> Result<(), ProjectError> {
        let Some(entity) = source.entities.get(node).filter(|_| is_listed(self.files, source.file)) else {
            return Ok(());
        };
        let key = EntityKey::node(source.file, node as u32);
        let above = source.nodes.get(node).and_then(|node| node.parent);
        // brought back by a replay, they may be other ones now
        let now = |node: u32, was: Entity| keys.entity(EntityKey::node(source.file, node)).unwrap_or(was);
        let above = above.and_then(|above| Some(now(above, *source.entities.get(above as usize)?)));
        let is_topmost = above.is_none_or(|above| self.scene.is_alive(above));
        if !self.scene.is_alive(now(node as u32, *entity)) && is_topmost {
            (self.take)(Piece::Removed(key))?;
        }
        Ok(())
    }

    /// A node of a missing file that had been removed.
    fn removed_waiting(&mut self, keys: &Keys<'_>, key: EntityKey) -> Result<(), ProjectError> {
        if key.file().is_some_and(|file| is_listed(self.files, file)) && keys.entity(key).is_none() {
            (self.take)(Piece::Removed(key))?;
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

impl Anchors {
    /// The next sibling, and whether it stands as its file has it.
    fn step<'f, 's: 'f>(&mut self, capture: &Capture<'_, 'f, 's>, keys: &Keys<'_>) -> Option<(Entity, bool)> {
        let entity = self.rest?;
        self.rest = next_sibling(capture.scene, entity);
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
