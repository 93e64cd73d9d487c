//! Extension objects: values of unknown shape, read field by field.
//!
//! # Invariants
//! 1. A field of the wrong type, or a number that is not finite, is left out with a note that names the place; it never
//!    fails the load and never reaches what is staged.

use ::gltf::json::{self, Value};
use voltrum_memory::MemoryError;
use voltrum_render::UvTransform;

use super::store::Store;
use crate::fault::Place;

/// An extension object that is one.
#[derive(Clone, Copy)]
pub(crate) struct Extension<'j> {
    value: &'j Value,
    name: &'static str,
    place: Place,
}

/// A texture that a material refers to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct TextureInfo {
    /// The document's texture.
    pub(crate) index: usize,
    /// Which set of texture coordinates.
    pub(crate) set: u32,
    /// What happens to them.
    pub(crate) transform: UvTransform,
}

impl<'j> Extension<'j> {
    /// The extension `name` of `place`, if the file has it and it is an object.
    pub(crate) fn of(
        value: Option<&'j Value>,
        name: &'static str,
        place: Place,
        store: &mut Store<'_>,
    ) -> Result<Option<Self>, MemoryError> {
        let Some(value) = value else {
            return Ok(None);
        };
        if !value.is_object() {
            store.note(format_args!("{place} has a {name} that is no object: it was left out"))?;
            return Ok(None);
        }
        Ok(Some(Self { value, name, place }))
    }

    /// A field's value, when the file has it.
    pub(crate) fn get(&self, key: &str) -> Option<&'j Value> {
        self.value.get(key)
    }

    /// An object inside of this one.
    pub(crate) fn object(&self, key: &str, store: &mut Store<'_>) -> Result<Option<Self>, MemoryError> {
        match self.get(key) {
            None => Ok(None),
            Some(value) if value.is_object() => Ok(Some(Self { value, ..*self })),
            Some(_) => {
                self.complain(key, store)?;
                Ok(None)
            }
        }
    }

    /// A number.
    pub(crate) fn number(&self, key: &str, otherwise: f32, store: &mut Store<'_>) -> Result<f32, MemoryError> {
        let Some(value) = self.get(key) else {
            return Ok(otherwise);
        };
        match finite(value) {
            Some(number) => Ok(number),
            None => {
                self.complain(key, store)?;
                Ok(otherwise)
            }
        }
    }

    /// Some numbers.
    pub(crate) fn numbers<const N: usize>(
        &self,
        key: &str,
        otherwise: [f32; N],
        store: &mut Store<'_>,
    ) -> Result<[f32; N], MemoryError> {
        let Some(value) = self.get(key) else {
            return Ok(otherwise);
        };
        if let Value::Array(items) = value
            && items.len() == N
        {
            let mut out = otherwise;
            let good = out.iter_mut().zip(items).all(|(out, item)| finite(item).map(|number| *out = number).is_some());
            if good {
                return Ok(out);
            }
        }
        self.complain(key, store)?;
        Ok(otherwise)
    }

    /// An index or another whole number.
    pub(crate) fn whole(&self, key: &str, store: &mut Store<'_>) -> Result<Option<u64>, MemoryError> {
        match self.get(key) {
            None => Ok(None),
            Some(value) => match value.as_u64() {
                Some(number) => Ok(Some(number)),
                None => {
                    self.complain(key, store)?;
                    Ok(None)
                }
            },
        }
    }

    /// A word.
    pub(crate) fn word(&self, key: &str) -> Option<&'j str> {
        self.get(key).and_then(Value::as_str)
    }

    /// A texture.
    pub(crate) fn texture(&self, key: &str, store: &mut Store<'_>) -> Result<Option<TextureInfo>, MemoryError> {
        let Some(info) = self.object(key, store)? else {
            return Ok(None);
        };
        let Some(index) = info.whole("index", store)? else {
            return Ok(None);
        };
        let set = info.whole("texCoord", store)?.unwrap_or(0).min(u64::from(u32::MAX)) as u32;
        let moved = info.get("extensions").and_then(|all| all.get(TRANSFORM));
        let (set, transform) = transform(moved, set, self.place, store)?;
        Ok(Some(TextureInfo { index: index as usize, set, transform }))
    }

    fn complain(&self, key: &str, store: &mut Store<'_>) -> Result<(), MemoryError> {
        let Self { name, place, .. } = self;
        store.note(format_args!("{place} has a {name} whose \"{key}\" is of the wrong kind: it was left out"))
    }
}

const TRANSFORM: &str = "KHR_texture_transform";

/// A texture of the core format.
pub(crate) fn texture_info(
    index: usize,
    set: u32,
    extensions: Option<&json::extensions::texture::Info>,
    place: Place,
    store: &mut Store<'_>,
) -> Result<TextureInfo, MemoryError> {
    let moved = extensions.and_then(|extensions| extensions.others.get(TRANSFORM));
    let (set, transform) = transform(moved, set, place, store)?;
    Ok(TextureInfo { index, set, transform })
}

/// KHR_texture_transform: which set, and what happens to it.
pub(crate) fn transform(
    value: Option<&Value>,
    set: u32,
    place: Place,
    store: &mut Store<'_>,
) -> Result<(u32, UvTransform), MemoryError> {
    let plain = UvTransform::default();
    let Some(object) = Extension::of(value, TRANSFORM, place, store)? else {
        return Ok((set, plain));
    };
    let set = object.whole("texCoord", store)?.map_or(set, |other| other.min(u64::from(u32::MAX)) as u32);
    let transform = UvTransform {
        offset: object.numbers("offset", plain.offset, store)?,
        rotation: object.number("rotation", plain.rotation, store)?,
        scale: object.numbers("scale", plain.scale, store)?,
    };
    Ok((set, transform))
}

fn finite(value: &Value) -> Option<f32> {
    value.as_f64().map(|number| number as f32).filter(|number| number.is_finite())
}
