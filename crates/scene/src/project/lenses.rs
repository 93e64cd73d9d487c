//! Cameras and lights as the document has them: an object whose `kind` says what its other fields mean, or `null`.

use core::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;
use voltrum_assets::Lens;

use super::document::UnknownField;
use super::reader::{Fields, Numbers, Object, Reader, Text, number, once};
use crate::components::Camera;
use crate::light::{Light, LightKind};

/// An object, or `null`, which leaves the target as it is.
pub(super) struct OrNull<'x, 's, T>(Object<'x, 's, T>);

impl<'de, 's, T: Fields<'s>> DeserializeSeed<'de> for OrNull<'_, 's, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_option(self)
    }
}

impl<'de, 's, T: Fields<'s>> Visitor<'de> for OrNull<'_, 's, T> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}, or null", T::WHAT)
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        self.0.deserialize(from)
    }
}

/// A camera on its way.
#[derive(Clone, Copy, Default)]
pub(super) struct CameraDraft<'s> {
    kind: Option<&'s str>,
    /// `fov_y`, `aspect`, `near`, `far`, `half_width`, `half_height`.
    numbers: [Option<f32>; 6],
    unknown: &'s [UnknownField<'s>],
}

const LENS_FIELDS: [&str; 6] = ["fov_y", "aspect", "near", "far", "half_width", "half_height"];

type WithUnknown<'s, T> = (Option<Option<T>>, &'s [UnknownField<'s>]);

impl<'s> CameraDraft<'s> {
    pub(super) fn seed<'x>(&'x mut self, reader: &'x Reader<'s>) -> OrNull<'x, 's, Self> {
        OrNull(Object(self, reader))
    }

    /// The camera; none for what was `null`.
    pub(super) fn finish<E: Error>(self) -> Result<WithUnknown<'s, Camera>, E> {
        let [fov_y, aspect, near, far, half_width, half_height] = self.numbers;
        let needs =
            |value: Option<f32>, name| value.ok_or_else(|| E::custom(format_args!("the camera needs {name:?}")));
        let lens = match self.kind {
            None if self.numbers.iter().all(Option::is_none) && self.unknown.is_empty() => {
                return Ok((Some(None), &[]));
            }
            Some("perspective") => {
                Lens::Perspective { fov_y: needs(fov_y, "fov_y")?, aspect, near: needs(near, "near")?, far }
            }
            Some("orthographic") => Lens::Orthographic {
                half_width: needs(half_width, "half_width")?,
                half_height: needs(half_height, "half_height")?,
                near: needs(near, "near")?,
                far: needs(far, "far")?,
            },
            _ => return Err(E::custom("a camera's \"kind\" is \"perspective\" or \"orthographic\"")),
        };
        Ok((Some(Some(Camera { lens })), self.unknown))
    }
}

impl<'s> Fields<'s> for CameraDraft<'s> {
    const WHAT: &'static str = "a camera: an object with \"kind\"";

    fn field<'de, A: MapAccess<'de>>(
        &mut self,
        name: &str,
        map: &mut A,
        reader: &Reader<'s>,
    ) -> Result<Option<()>, A::Error> {
        if name == "kind" {
            return once(&mut self.kind, map.next_value_seed(Text::name(reader))?, name);
        }
        match LENS_FIELDS.iter().zip(&mut self.numbers).find(|(field, _)| **field == name) {
            Some((_, place)) => once(place, number(map.next_value::<&'de RawValue>()?)?, name),
            None => Ok(None),
        }
    }

    fn unknown(&mut self, fields: &'s [UnknownField<'s>]) {
        self.unknown = fields;
    }

    fn check<E: Error>(&self) -> Result<(), E> {
        self.finish().map(drop)
    }
}

/// A light on its way.
#[derive(Clone, Copy, Default)]
pub(super) struct LightDraft<'s> {
    kind: Option<&'s str>,
    color: Option<[f32; 3]>,
    /// `intensity`, `range`, `inner`, `outer`.
    numbers: [Option<f32>; 4],
    unknown: &'s [UnknownField<'s>],
}

const LIGHT_FIELDS: [&str; 4] = ["intensity", "range", "inner", "outer"];

impl<'s> LightDraft<'s> {
    pub(super) fn seed<'x>(&'x mut self, reader: &'x Reader<'s>) -> OrNull<'x, 's, Self> {
        OrNull(Object(self, reader))
    }

    /// The light; none for what was `null`.
    pub(super) fn finish<E: Error>(self) -> Result<WithUnknown<'s, Light>, E> {
        let [intensity, range, inner, outer] = self.numbers;
        let needs = |value: Option<f32>, name| value.ok_or_else(|| E::custom(format_args!("the light needs {name:?}")));
        let kind = match self.kind {
            None if self.color.is_none() && self.numbers.iter().all(Option::is_none) && self.unknown.is_empty() => {
                return Ok((Some(None), &[]));
            }
            Some("directional") => LightKind::Directional,
            Some("point") => LightKind::Point,
            Some("spot") => LightKind::Spot { inner: needs(inner, "inner")?, outer: needs(outer, "outer")? },
            _ => return Err(E::custom("a light's \"kind\" is \"directional\", \"point\" or \"spot\"")),
        };
        let color = self.color.unwrap_or([1.0; 3]);
        Ok((Some(Some(Light { kind, color, intensity: needs(intensity, "intensity")?, range })), self.unknown))
    }
}

impl<'s> Fields<'s> for LightDraft<'s> {
    const WHAT: &'static str = "a light: an object with \"kind\"";

    fn field<'de, A: MapAccess<'de>>(
        &mut self,
        name: &str,
        map: &mut A,
        reader: &Reader<'s>,
    ) -> Result<Option<()>, A::Error> {
        match name {
            "kind" => return once(&mut self.kind, map.next_value_seed(Text::name(reader))?, name),
            "color" => return once(&mut self.color, map.next_value_seed(Numbers)?, name),
            _ => {}
        }
        match LIGHT_FIELDS.iter().zip(&mut self.numbers).find(|(field, _)| **field == name) {
            Some((_, place)) => once(place, number(map.next_value::<&'de RawValue>()?)?, name),
            None => Ok(None),
        }
    }

    fn unknown(&mut self, fields: &'s [UnknownField<'s>]) {
        self.unknown = fields;
    }

    fn check<E: Error>(&self) -> Result<(), E> {
        self.finish().map(drop)
    }
}
