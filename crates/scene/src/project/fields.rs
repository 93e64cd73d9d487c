//! What fields the objects of a document have.
//!
//! Schema 1, of drafts before the first release, had `"hidden": true` where schema 2 has `"visible": false`; the rest is
//! the same. It is migrated here, field by field.

use glam::{Mat4, Quat, Vec3};
use serde::de::{Error, MapAccess, SeqAccess};
use serde_json::value::RawValue;
use voltrum_memory::ArenaVec;

use super::document::{ComponentEntry, Document, EntityEntry, FileEntry, Place, SCHEMA, UnknownField, View};
use super::key::{EntityKey, MeshKey};
use super::lenses::{CameraDraft, LightDraft};
use super::reader::{Element, Fault, Fields, Key, List, Numbers, Object, Reader, Text, once};
use crate::component::COMPONENT_BYTES_MAX;
use crate::transform::{Local, Transform};

/// A document on its way.
#[derive(Default)]
pub(super) struct DocumentDraft<'s> {
    schema: Option<u64>,
    files: Option<&'s [FileEntry<'s>]>,
    entities: Option<&'s [EntityEntry<'s>]>,
    removed: Option<&'s [EntityKey]>,
    view: Option<View<'s>>,
    next_number: Option<u32>,
    unknown: &'s [UnknownField<'s>],
}

impl<'s> DocumentDraft<'s> {
    /// The document, unless not even a schema was given.
    pub(super) fn finish(self) -> Option<Document<'s>> {
        self.schema?;
        let entities = self.entities.unwrap_or_default();
        let own = entities.iter().filter(|entity| entity.key.file().is_none()).map(|entity| entity.key.number());
        let above = own.max().unwrap_or(0).saturating_add(1);
        Some(Document {
            files: self.files.unwrap_or_default(),
            entities,
            removed: self.removed.unwrap_or_default(),
            view: self.view.unwrap_or_default(),
            next_number: self.next_number.unwrap_or(1).max(above),
            unknown: self.unknown,
        })
    }
}

impl<'s> Fields<'s> for DocumentDraft<'s> {
    const WHAT: &'static str = "a voltrum project: an object with \"schema\"";

    fn field<'de, A: MapAccess<'de>>(
        &mut self,
        name: &str,
        map: &mut A,
        reader: &Reader<'s>,
    ) -> Result<Option<()>, A::Error> {
        if name == "schema" {
            let schema = map.next_value::<u64>()?;
            reader.schema.set(Some(schema));
            return match schema {
                1..=SCHEMA => once(&mut self.schema, schema, name),
                0 => Err(A::Error::custom("there is no schema 0")),
                newer => Err(reader.stop(Fault::Newer(newer))),
            };
        }
        if reader.schema.get().is_none() {
            return Err(reader.stop(Fault::SchemaLater));
        }
        match name {
            "files" => {
                let files = map.next_value_seed(List::try_new(reader, 0)?)?;
                once(&mut self.files, files, name)
            }
            "entities" => {
                let entities = map.next_value_seed(List::try_new(reader, reader.scan.objects)?)?;
                once(&mut self.entities, entities, name)
            }
            "removed" => {
                let removed = map.next_value_seed(List::try_new(reader, 0)?)?;
                once(&mut self.removed, removed, name)
            }
            "view" => {
                let mut view = View::default();
                map.next_value_seed(Object(&mut view, reader))?;
                once(&mut self.view, view, name)
            }
            "next_id" => once(&mut self.next_number, map.next_value::<u32>()?, name),
            _ => Ok(None),
        }
    }

    fn unknown(&mut self, fields: &'s [UnknownField<'s>]) {
        self.unknown = fields;
    }
}

/// A file's reference on its way.
#[derive(Default)]
struct FileDraft<'s> {
    id: Option<u32>,
    path: Option<&'s str>,
    scene: Option<u32>,
    unknown: &'s [UnknownField<'s>],
}

impl<'s> Fields<'s> for FileDraft<'s> {
    const WHAT: &'static str = "a file: an object with \"id\" and \"path\"";

    fn field<'de, A: MapAccess<'de>>(
        &mut self,
        name: &str,
        map: &mut A,
        reader: &Reader<'s>,
    ) -> Result<Option<()>, A::Error> {
        match name {
            "id" => match map.next_value::<u32>()? {
                0 => Err(A::Error::custom("files are numbered from 1")),
                id => once(&mut self.id, id, name),
            },
            "path" => once(&mut self.path, map.next_value_seed(Text::name(reader))?, name),
            "scene" => once(&mut self.scene, map.next_value::<u32>()?, name),
            _ => Ok(None),
        }
    }

    fn unknown(&mut self, fields: &'s [UnknownField<'s>]) {
        self.unknown = fields;
    }

    fn check<E: Error>(&self) -> Result<(), E> {
        match (self.id, self.path) {
            (Some(_), Some(_)) => Ok(()),
            _ => Err(E::custom("a file needs \"id\" and \"path\"")),
        }
    }
}

impl<'s> Element<'s> for FileEntry<'s> {
    const WHAT: &'static str = "a list of files";

    fn next<'de, A: SeqAccess<'de>>(list: &mut A, reader: &Reader<'s>) -> Result<Option<Self>, A::Error> {
        let mut draft = FileDraft::default();
        let Some(()) = list.next_element_seed(Object(&mut draft, reader))? else { return Ok(None) };
        let (Some(id), Some(path)) = (draft.id, draft.path) else {
            return Err(A::Error::custom("a file needs \"id\" and \"path\""));
        };
        Ok(Some(FileEntry { id, path, scene: draft.scene, unknown: draft.unknown }))
    }
}

/// An entity on its way.
#[derive(Default)]
struct EntityDraft<'s> {
    key: Option<EntityKey>,
    name: Option<&'s str>,
    parent: Option<Option<EntityKey>>,
    before: Option<EntityKey>,
    translation: Option<[f32; 3]>,
    rotation: Option<[f32; 4]>,
    scale: Option<[f32; 3]>,
    matrix: Option<[f32; 16]>,
    visible: Option<bool>,
    mesh: Option<Option<MeshKey>>,
    camera: Option<CameraDraft<'s>>,
    light: Option<LightDraft<'s>>,
    components: Option<Components<'s>>,
    unknown: &'s [UnknownField<'s>],
}

impl<'s> Fields<'s> for EntityDraft<'s> {
    const WHAT: &'static str = "an entity: an object with \"id\"";

    fn field<'de, A: MapAccess<'de>>(
        &mut self,
        name: &str,
        map: &mut A,
        reader: &Reader<'s>,
    ) -> Result<Option<()>, A::Error> {
        match name {
            "id" => once(&mut self.key, map.next_value_seed(Key)?, name),
            "name" => once(&mut self.name, map.next_value_seed(Text::name(reader))?, name),
            "parent" => {
                let raw = map.next_value::<&'de RawValue>()?;
                let parent = if raw.get() == "null" { None } else { Some(key_of(raw)?) };
                once(&mut self.parent, parent, name)
            }
            "before" => once(&mut self.before, map.next_value_seed(Key)?, name),
            "translation" => once(&mut self.translation, map.next_value_seed(Numbers)?, name),
            "rotation" => once(&mut self.rotation, map.next_value_seed(Numbers)?, name),
            "scale" => once(&mut self.scale, map.next_value_seed(Numbers)?, name),
            "matrix" => once(&mut self.matrix, map.next_value_seed(Numbers)?, name),
            "visible" => once(&mut self.visible, map.next_value::<bool>()?, name),
            "hidden" if reader.schema.get() == Some(1) => once(&mut self.visible, !map.next_value::<bool>()?, name),
            "mesh" => once(&mut self.mesh, mesh_of(map.next_value::<&'de RawValue>()?)?, name),
            "camera" => {
                let mut camera = CameraDraft::default();
                map.next_value_seed(camera.seed(reader))?;
                once(&mut self.camera, camera, name)
            }
            "light" => {
                let mut light = LightDraft::default();
                map.next_value_seed(light.seed(reader))?;
                once(&mut self.light, light, name)
            }
            "components" => {
                let mut components = Components(ArenaVec::new_in(reader.memory));
                map.next_value_seed(Object(&mut components, reader))?;
                once(&mut self.components, components, name)
            }
            _ => Ok(None),
        }
    }

    fn unknown(&mut self, fields: &'s [UnknownField<'s>]) {
        self.unknown = fields;
    }

    fn check<E: Error>(&self) -> Result<(), E> {
        let key = self.key.ok_or_else(|| E::custom("an entity needs \"id\""))?;
        if self.place().is_some_and(|place| place.parent == Some(key) || place.before == Some(key)) {
            return Err(E::custom("it refers to itself"));
        }
        self.local().map(drop)
    }
}

impl<'s> Element<'s> for EntityEntry<'s> {
    const WHAT: &'static str = "a list of entities";

    fn next<'de, A: SeqAccess<'de>>(list: &mut A, reader: &Reader<'s>) -> Result<Option<Self>, A::Error> {
        let mut draft = EntityDraft::default();
        let Some(()) = list.next_element_seed(Object(&mut draft, reader))? else { return Ok(None) };
        let local = draft.local()?;
        let key = draft.key.ok_or_else(|| A::Error::custom("an entity needs \"id\""))?;
        let (camera, camera_unknown) = draft.camera.map_or(Ok((None, &[][..])), CameraDraft::finish)?;
        let (light, light_unknown) = draft.light.map_or(Ok((None, &[][..])), LightDraft::finish)?;
        Ok(Some(EntityEntry {
            key,
            name: draft.name,
            place: draft.place(),
            local,
            visible: draft.visible,
            camera,
            light,
            mesh: draft.mesh,
            camera_unknown,
            light_unknown,
            components: draft.components.map_or(&[], |Components(list)| list.into_slice()),
            unknown: draft.unknown,
        }))
    }
}

impl EntityDraft<'_> {
    fn place(&self) -> Option<Place> {
        match (self.parent, self.before) {
            (None, None) => None,
            (parent, before) => Some(Place { parent: parent.flatten(), before }),
        }
    }

    fn local<E: Error>(&self) -> Result<Option<Local>, E> {
        let parts = (self.translation, self.rotation, self.scale);
        match (self.matrix, parts) {
            (None, (None, None, None)) => Ok(None),
            (Some(matrix), (None, None, None)) => Ok(Some(Local::Matrix(Mat4::from_cols_array(&matrix)))),
            (None, (translation, rotation, scale)) => Ok(Some(Local::Parts(Transform {
                translation: translation.map_or(Vec3::ZERO, Vec3::from),
                rotation: rotation.map_or(Quat::IDENTITY, Quat::from_array),
                scale: scale.map_or(Vec3::ONE, Vec3::from),
            }))),
            _ => Err(E::custom("\"matrix\" stands for translation, rotation and scale; give one or the others")),
        }
    }
}

/// A client's components of an entity: an object of texts by column.
struct Components<'s>(ArenaVec<'s, ComponentEntry<'s>>);

impl<'s> Fields<'s> for Components<'s> {
    const WHAT: &'static str = "an object of components";

    fn field<'de, A: MapAccess<'de>>(
        &mut self,
        name: &str,
        map: &mut A,
        reader: &Reader<'s>,
    ) -> Result<Option<()>, A::Error> {
        let raw = map.next_value::<&'de RawValue>()?.get();
        let wrong = || A::Error::custom("a component is a text of hexadecimal digits, two per byte");
        let digits = raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"')).ok_or_else(wrong)?.as_bytes();
        if digits.len() % 2 != 0 || digits.len() > 2 * COMPONENT_BYTES_MAX {
            return Err(wrong());
        }
        let mut bytes = [0; COMPONENT_BYTES_MAX];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let [high, low] = [pair[0], pair[1]].map(|digit| (digit as char).to_digit(16));
            *byte = high.zip(low).map(|(high, low)| (high << 4 | low) as u8).ok_or_else(wrong)?;
        }
        let bytes = &*reader.keep(reader.memory.try_alloc_slice_copy(&bytes[..digits.len() / 2]))?;
        let column = &*reader.keep(reader.memory.try_alloc_str(name))?;
        reader.keep(self.0.try_push(ComponentEntry { column, bytes })).map(Some)
    }

    fn unknown(&mut self, _none: &'s [UnknownField<'s>]) {}
}

impl<'s> Fields<'s> for View<'s> {
    const WHAT: &'static str = "a view: an object";

    fn field<'de, A: MapAccess<'de>>(
        &mut self,
        name: &str,
        map: &mut A,
        _reader: &Reader<'s>,
    ) -> Result<Option<()>, A::Error> {
        match name {
            "eye" => once(&mut self.eye, map.next_value_seed(Numbers)?.into(), name),
            "target" => once(&mut self.target, map.next_value_seed(Numbers)?.into(), name),
            "camera" => once(&mut self.camera, map.next_value_seed(Key)?, name),
            "grid" => once(&mut self.grid, map.next_value::<bool>()?, name),
            _ => Ok(None),
        }
    }

    fn unknown(&mut self, fields: &'s [UnknownField<'s>]) {
        self.unknown = fields;
    }
}

/// A key from its JSON, where `null` may stand as well.
fn key_of<E: Error>(raw: &RawValue) -> Result<EntityKey, E> {
    let text = raw.get();
    let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    EntityKey::parse(text).ok_or_else(|| E::custom("an id is a number from 1, or a text like \"2/17\""))
}

fn mesh_of<E: Error>(raw: &RawValue) -> Result<Option<MeshKey>, E> {
    if raw.get() == "null" {
        return Ok(None);
    }
    let key = raw.get().strip_prefix('"').and_then(|text| text.strip_suffix('"')).and_then(MeshKey::parse);
    key.map(Some).ok_or_else(|| E::custom("a mesh is a text like \"2/3\": mesh 3 of file 2"))
}
