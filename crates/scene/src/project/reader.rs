//! How JSON values are read from a text straight into the scene arena.
//!
//! The parser is serde_json, driven by seeds: what it finds is checked and copied at once, so nothing of the document is
//! ever on the Rust heap but the parser's own scratch, which is as long as the longest text with escapes at most.
//!
//! # Invariants
//! 1. Numbers are finite, texts within their limit, known fields given once.
//! 2. A fault that the parser's error has no room for is kept in the reader, and the parser is stopped.

use core::cell::{Cell, RefCell};
use core::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use voltrum_memory::{ArenaVec, MemoryError, Tagged};

use super::document::UnknownField;
use super::key::EntityKey;
use super::limits::ProjectLimits;
use super::scan::Scan;

/// What all seeds share.
pub(super) struct Reader<'s> {
    pub(super) memory: Tagged<'s>,
    pub(super) limits: ProjectLimits,
    pub(super) scan: Scan,
    /// The document's, as soon as it is known.
    pub(super) schema: Cell<Option<u64>>,
    pub(super) fault: RefCell<Option<Fault>>,
}

/// A reason to stop that is not the text's shape.
#[derive(Debug)]
pub(super) enum Fault {
    Memory(MemoryError),
    Newer(u64),
    /// Other fields come before the schema, by which they are to be read.
    SchemaLater,
}

impl<'s> Reader<'s> {
    /// Stops the parser when the arena is full.
    pub(super) fn keep<T, E: Error>(&self, taken: Result<T, MemoryError>) -> Result<T, E> {
        taken.map_err(|error| self.stop(Fault::Memory(error)))
    }

    pub(super) fn stop<E: Error>(&self, fault: Fault) -> E {
        *self.fault.borrow_mut() = Some(fault);
        E::custom("stopped")
    }
}

/// Something that is filled from an object's fields.
pub(super) trait Fields<'s> {
    /// What it is, for messages: `an entity`.
    const WHAT: &'static str;

    /// Takes the value of a field, or says by `None` that it doesn't know it.
    fn field<'de, A: MapAccess<'de>>(
        &mut self,
        name: &str,
        map: &mut A,
        reader: &Reader<'s>,
    ) -> Result<Option<()>, A::Error>;

    /// Where fields go that it doesn't know.
    fn unknown(&mut self, fields: &'s [UnknownField<'s>]);

    /// What is wrong with its fields together. Asked behind the last of them, so that the error has its line.
    fn check<E: Error>(&self) -> Result<(), E> {
        Ok(())
    }
}

/// Reads an object into what has fields.
pub(super) struct Object<'x, 's, T>(pub(super) &'x mut T, pub(super) &'x Reader<'s>);

impl<'de, 's, T: Fields<'s>> DeserializeSeed<'de> for Object<'_, 's, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de, 's, T: Fields<'s>> Visitor<'de> for Object<'_, 's, T> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(T::WHAT)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Object(target, reader) = self;
        let mut unknown = ArenaVec::new_in(reader.memory);
        while let Some(name) = map.next_key_seed(Text::name(reader))? {
            if target.field(name, &mut map, reader)?.is_none() {
                let value = map.next_value::<&'de RawValue>()?.get();
                let value = reader.keep(reader.memory.try_alloc_str(value))?;
                reader.keep(unknown.try_push(UnknownField { name, value }))?;
            }
        }
        target.unknown(unknown.into_slice());
        target.check()
    }
}

/// Something that lists hold.
pub(super) trait Element<'s>: Sized {
    /// What a list of it is, for messages: `a list of files`.
    const WHAT: &'static str;

    /// The list's next one.
    fn next<'de, A: SeqAccess<'de>>(list: &mut A, reader: &Reader<'s>) -> Result<Option<Self>, A::Error>;
}

/// Reads a list into the arena.
pub(super) struct List<'x, 's, T> {
    reader: &'x Reader<'s>,
    elements: ArenaVec<'s, T>,
}

impl<'x, 's, T: Element<'s>> List<'x, 's, T> {
    /// A list with room for so many.
    pub(super) fn try_new<E: Error>(reader: &'x Reader<'s>, room: usize) -> Result<Self, E> {
        let elements = reader.keep(ArenaVec::try_with_capacity_in(room, reader.memory))?;
        Ok(List { reader, elements })
    }
}

impl<'de, 's, T: Element<'s> + 's> DeserializeSeed<'de> for List<'_, 's, T> {
    type Value = &'s [T];

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<&'s [T], D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de, 's, T: Element<'s> + 's> Visitor<'de> for List<'_, 's, T> {
    type Value = &'s [T];

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(T::WHAT)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<&'s [T], A::Error> {
        while let Some(element) = T::next(&mut list, self.reader)? {
            self.reader.keep(self.elements.try_push(element))?;
        }
        Ok(self.elements.into_slice())
    }
}

impl<'s> Element<'s> for EntityKey {
    const WHAT: &'static str = "a list of ids";

    fn next<'de, A: SeqAccess<'de>>(list: &mut A, _reader: &Reader<'s>) -> Result<Option<Self>, A::Error> {
        list.next_element_seed(Key)
    }
}

/// Reads a text into the arena.
pub(super) struct Text<'x, 's> {
    reader: &'x Reader<'s>,
    bytes_max: usize,
}

impl<'x, 's> Text<'x, 's> {
    /// A name or a path.
    pub(super) fn name(reader: &'x Reader<'s>) -> Self {
        Text { reader, bytes_max: reader.limits.name_bytes_max }
    }
}

impl<'de, 's> DeserializeSeed<'de> for Text<'_, 's> {
    type Value = &'s str;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<&'s str, D::Error> {
        from.deserialize_str(self)
    }
}

impl<'s> Visitor<'_> for Text<'_, 's> {
    type Value = &'s str;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<&'s str, E> {
        if text.len() > self.bytes_max {
            return Err(E::custom(format_args!("a text of {} bytes, the limit is {}", text.len(), self.bytes_max)));
        }
        self.reader.keep(self.reader.memory.try_alloc_str(text)).map(|text| &*text)
    }
}

/// Reads a key: a number, or a text like `2/17`.
pub(super) struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = EntityKey;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<EntityKey, D::Error> {
        from.deserialize_any(self)
    }
}

impl Visitor<'_> for Key {
    type Value = EntityKey;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an entity's id: a number from 1, or \"FILE/NODE\"")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<EntityKey, E> {
        let number = u32::try_from(number).ok().filter(|number| *number > 0);
        number.map(EntityKey::own).ok_or_else(|| E::custom("ids are numbers from 1 to 4294967295"))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<EntityKey, E> {
        EntityKey::parse(text).ok_or_else(|| E::custom("an id is a number from 1, or a text like \"2/17\""))
    }
}

/// Reads one number as it stands, rounded once.
pub(super) fn number<E: Error>(raw: &RawValue) -> Result<f32, E> {
    let text = raw.get();
    let is_number = text.bytes().next().is_some_and(|byte| byte == b'-' || byte.is_ascii_digit());
    let number = text.parse::<f32>().ok().filter(|_| is_number);
    match number {
        Some(number) if number.is_finite() => Ok(number),
        Some(_) => Err(E::custom("a number that is too large: no finite value is that far from 0")),
        None => Err(E::custom("expected a number")),
    }
}

/// Reads a list of exactly so many numbers.
pub(super) struct Numbers<const N: usize>;

impl<'de, const N: usize> DeserializeSeed<'de> for Numbers<N> {
    type Value = [f32; N];

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<[f32; N], D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de, const N: usize> Visitor<'de> for Numbers<N> {
    type Value = [f32; N];

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "a list of {N} numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<[f32; N], A::Error> {
        let mut numbers = [0.0; N];
        for (at, place) in numbers.iter_mut().enumerate() {
            let raw = list.next_element::<&'de RawValue>()?;
            *place = number(raw.ok_or_else(|| A::Error::invalid_length(at, &self))?)?;
        }
        match list.next_element::<&'de RawValue>()? {
            Some(_) => Err(A::Error::invalid_length(N + 1, &self)),
            None => Ok(numbers),
        }
    }
}

/// Puts a value where none was: a field is given once.
pub(super) fn once<T, E: Error>(place: &mut Option<T>, value: T, name: &str) -> Result<Option<()>, E> {
    match place.replace(value) {
        Some(_) => Err(E::custom(format_args!("{name:?} is given twice"))),
        None => Ok(Some(())),
    }
}
