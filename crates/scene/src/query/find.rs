//! Entities by name and by path.
//!
//! A path is names from a root downwards with `/` between them: `Lamp/Arm/Bulb`. A `/` or `\` that belongs to a name has a
//! `\` before it.

use voltrum_memory::{ArenaString, ArenaVec, MemoryError, Tagged};

use crate::components::name;
use crate::entity::Entity;
use crate::state::SceneState;
use crate::walk::{children, entities, first_child, next_sibling, parent, roots};

/// Every entity of that name, in the order of slots.
pub fn find<'a>(scene: &'a SceneState<'_>, wanted: &'a str) -> impl Iterator<Item = Entity> + 'a {
    entities(scene).filter(move |entity| name(scene, *entity) == Some(wanted))
}

/// The first child of that name; without a parent, the first root.
pub fn find_child(scene: &SceneState<'_>, parent: Option<Entity>, wanted: &str) -> Option<Entity> {
    let mut siblings = match parent {
        Some(parent) => children(scene, parent),
        None => roots(scene),
    };
    siblings.find(|entity| name(scene, *entity) == Some(wanted))
}

/// The first entity at a path, in the order of the hierarchy. Where siblings share a name, each is tried.
pub fn find_path(scene: &SceneState<'_>, path: &str) -> Option<Entity> {
    let mut at = roots(scene).next()?;
    let (mut level, mut rest) = (0u32, path);
    loop {
        let (part, below) = first_part(rest);
        if is_called(part, name(scene, at).unwrap_or("")) {
            let Some(below) = below else { return Some(at) };
            if let Some(child) = first_child(scene, at) {
                (at, level, rest) = (child, level + 1, below);
                continue;
            }
        }
        let from = level;
        at = loop {
            if let Some(next) = next_sibling(scene, at) {
                break next;
            }
            level = level.checked_sub(1)?;
            at = parent(scene, at)?;
        };
        if level != from {
            rest = (0..level).try_fold(path, |rest, _| first_part(rest).1)?;
        }
    }
}

/// The path of an entity, in memory of the caller's choice; empty when it is gone. Where siblings share a name,
/// [`find_path`] finds the first of them.
///
/// # Errors
/// When that has no room.
pub fn path<'f>(scene: &SceneState<'_>, entity: Entity, memory: Tagged<'f>) -> Result<&'f str, MemoryError> {
    let mut names = ArenaVec::new_in(memory);
    let mut at = Some(entity);
    while let Some(one) = at {
        names.try_push(name(scene, one).unwrap_or(""))?;
        at = parent(scene, one);
    }
    let mut text = ArenaString::new_in(memory);
    for (position, name) in names.iter().rev().enumerate() {
        if position > 0 {
            text.try_push('/')?;
        }
        for character in name.chars() {
            if matches!(character, '/' | '\\') {
                text.try_push('\\')?;
            }
            text.try_push(character)?;
        }
    }
    Ok(text.into_str())
}

/// The first part of a path, as written, and what follows its `/`, if it has one.
fn first_part(path: &str) -> (&str, Option<&str>) {
    let mut is_escaped = false;
    let end = path.find(|character| {
        let ends = character == '/' && !is_escaped;
        is_escaped = character == '\\' && !is_escaped;
        ends
    });
    end.map_or((path, None), |end| (&path[..end], Some(&path[end + 1..])))
}

/// Whether a part, as written, is a name.
fn is_called(part: &str, name: &str) -> bool {
    let mut is_escaped = false;
    let plain = part.chars().filter(move |character| {
        is_escaped = *character == '\\' && !is_escaped;
        !is_escaped
    });
    plain.eq(name.chars())
}
