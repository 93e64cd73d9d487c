//! A project document from its text.

use core::cell::{Cell, RefCell};
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeSeed;
use serde_json::de::StrRead;
use voltrum_assets::words::{Words, shown_path, whole, words};
use voltrum_memory::{ArenaVec, Tag, Tagged, heap_scope};

use super::document::{Document, SCHEMA};
use super::error::ProjectError;
use super::fields::DocumentDraft;
use super::key::EntityKey;
use super::limits::ProjectLimits;
use super::reader::{Fault, Object, Reader};
use super::reference::check_reference;
use super::scan::{place_of, scan};

/// Reads a document. What stays of it goes into `memory`; `path` is for messages only.
///
/// ```
/// # use std::path::Path;
/// # use voltrum_memory::{Arena, Tag};
/// # use voltrum_scene::project::{self, ProjectLimits};
/// # let mut arena = Arena::try_reserve("scene", 1 << 30)?;
/// # let memory = arena.open();
/// let text = br#"{ "schema": 2, "entities": [ { "id": 1, "name": "table", "translation": [0, 1, 0] } ] }"#;
/// let limits = ProjectLimits::default();
/// let document = project::read(text, Path::new("room.voltrum"), &limits, memory.tagged(Tag::PROJECT))?;
/// assert_eq!(document.entities[0].name, Some("table"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`ProjectError::Json`] with line and column for what is no project, or has numbers that aren't finite, texts that are
/// too long, or brackets too deep; [`ProjectError::Newer`]; [`ProjectError::Limit`]; [`ProjectError::Content`] for ids that
/// are used twice or refer in a circle; [`ProjectError::Reference`] for files outside of the project's folder;
/// [`ProjectError::Memory`].
pub fn read<'s>(
    text: &[u8],
    path: &Path,
    limits: &ProjectLimits,
    memory: Tagged<'s>,
) -> Result<Document<'s>, ProjectError> {
    let shown = shown_path(path);
    let text = utf8(text, &shown)?;
    let scan = scan(text, limits, &shown)?;
    let reader = Reader { memory, limits: *limits, scan, schema: Cell::new(None), fault: RefCell::new(None) };
    let no_schema = || ProjectError::Json { path: whole(&shown), line: 1, column: 1, message: words("no \"schema\"") };
    let draft = || {
        parse(text, |parser| {
            let mut draft = DocumentDraft::default();
            Object(&mut draft, &reader).deserialize(&mut *parser)?;
            parser.end().map(|()| draft)
        })
    };
    let mut parsed = draft();
    if reader.fault.borrow_mut().take_if(|fault| matches!(fault, Fault::SchemaLater)).is_some() {
        parsed = match parse(text, |parser| Head::deserialize(parser)) {
            Ok(Head { schema: None }) => return Err(no_schema()),
            Ok(Head { schema: Some(found) }) if found > SCHEMA => {
                return Err(ProjectError::Newer { path: shown, found, supported: SCHEMA });
            }
            Ok(Head { schema }) => {
                reader.schema.set(schema);
                draft()
            }
            Err(error) => Err(error),
        };
    }
    let draft = match (parsed, reader.fault.take()) {
        (Ok(draft), _) => draft,
        (Err(_), Some(Fault::Memory(error))) => return Err(error.into()),
        (Err(_), Some(Fault::Newer(found))) => {
            return Err(ProjectError::Newer { path: shown, found, supported: SCHEMA });
        }
        (Err((line, column, message)), _) => {
            // the parser ends its message with the place, which ours begins with
            let message = words(message.rsplit_once(" at line ").map_or(&*message, |(message, _)| message));
            return Err(ProjectError::Json { path: shown, line, column, message });
        }
    };
    let document = draft.finish().ok_or_else(no_schema)?;
    check(&document, &shown, memory)?;
    Ok(document)
}

/// What says how the rest of a document is to be read, where it doesn't come first.
#[derive(Deserialize)]
struct Head {
    schema: Option<u64>,
}

/// Line, column and words of what is wrong, where something is.
fn parse<'t, T>(
    text: &'t str,
    read: impl FnOnce(&mut serde_json::Deserializer<StrRead<'t>>) -> serde_json::Result<T>,
) -> Result<T, (usize, usize, Words)> {
    let _foreign = heap_scope(Tag::FOREIGN);
    let read = read(&mut serde_json::Deserializer::from_str(text));
    read.map_err(|error| (error.line(), error.column(), words(&error)))
}

fn utf8<'t>(text: &'t [u8], path: &Words) -> Result<&'t str, ProjectError> {
    core::str::from_utf8(text).map_err(|error| {
        let valid = text.get(..error.valid_up_to()).and_then(|valid| core::str::from_utf8(valid).ok());
        let (line, column) = place_of(valid.unwrap_or_default(), error.valid_up_to());
        ProjectError::Json { path: whole(path), line, column, message: words("bytes that are no UTF-8") }
    })
}

/// Rules that need the whole document.
fn check(document: &Document<'_>, path: &Words, memory: Tagged<'_>) -> Result<(), ProjectError> {
    let wrong = |list: &str, at: usize, message: core::fmt::Arguments<'_>| ProjectError::Content {
        path: whole(path),
        place: words(format_args!("{list}[{at}]")),
        message: words(message),
    };
    for (at, file) in document.files.iter().enumerate() {
        if let Err(reason) = check_reference(file.path) {
            return Err(ProjectError::Reference { path: whole(path), file: words(file.path), reason });
        }
        if let Some(first) = document.files.iter().take(at).position(|other| other.id == file.id) {
            return Err(wrong("files", at, format_args!("id {} is that of files[{first}] already", file.id)));
        }
    }
    // in a child that is dropped: nothing of this stays
    let bytes = (document.entities.len() + document.removed.len()) * 4 * size_of::<EntityKey>() + (64 << 10);
    let mut child = memory.try_child("document check", bytes)?;
    let scope = child.open();
    let scratch = scope.tagged(Tag::PROJECT);
    let mut keys = ArenaVec::try_with_capacity_in(document.entities.len().max(document.removed.len()), scratch)?;
    keys.try_extend(document.entities.iter().zip(0u32..).map(|(entity, at)| (entity.key, at)))?;
    keys.sort_unstable();
    for pair in keys.windows(2) {
        if let [(key, first), (other, second)] = pair
            && key == other
        {
            let message = format_args!("id {key} is that of entities[{first}] already");
            return Err(wrong("entities", *second as usize, message));
        }
    }
    let seen = scratch.try_alloc_zeroed(document.entities.len())?;
    check_circles(document, &keys, seen).map_err(|at| {
        let key = document.entities[at].key;
        wrong("entities", at, format_args!("entity {key} stands below itself"))
    })?;
    keys.clear();
    keys.try_extend(document.removed.iter().zip(0u32..).map(|(key, at)| (*key, at)))?;
    keys.sort_unstable();
    for (at, pair) in keys.windows(2).enumerate() {
        if pair[0].0 == pair[1].0 {
            let (key, at) = keys[at + 1];
            return Err(wrong("removed", at as usize, format_args!("id {key} is there already")));
        }
    }
    match document.removed.iter().position(|key| key.file().is_none()) {
        Some(at) => Err(wrong("removed", at, format_args!("only nodes of files can be removed, like \"1/3\""))),
        None => Ok(()),
    }
}

/// Follows parents upwards, each entity once: a way up that comes to one of an earlier way ends there.
fn check_circles(document: &Document<'_>, sorted: &[(EntityKey, u32)], seen: &mut [u32]) -> Result<(), usize> {
    for (start, way) in (0..document.entities.len()).zip(1u32..) {
        let mut next = Some(start);
        while let Some(at) = next {
            match seen.get_mut(at) {
                Some(mark) if *mark == way => return Err(start),
                Some(mark) if *mark == 0 => *mark = way,
                _ => break,
            }
            next = document.entities.get(at).and_then(|entity| entity.place?.parent).and_then(|parent| {
                let found = sorted.binary_search_by_key(&parent, |(key, _)| *key).ok()?;
                sorted.get(found).map(|(_, at)| *at as usize)
            });
        }
    }
    Ok(())
}
