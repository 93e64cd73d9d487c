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
    let depth = parts(path).count();
    let mut at = roots(scene).next()?;
    let mut level = 0;
    loop {
        let matches = parts(path).nth(level).is_some_and(|part| is_called(part, name(scene, at).unwrap_or("")));
        if matches && level + 1 == depth {
            return Some(at);
        }
        if matches && let Some(below) = first_child(scene, at) {
            at = below;
            level += 1;
            continue;
        }
        at = loop {
            if let Some(next) = next_sibling(scene, at) {
                break next;
            }
            level = level.checked_sub(1)?;
            at = parent(scene, at)?;
        };
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

/// The parts of a path, as written.
fn parts(path: &str) -> impl Iterator<Item = &str> {
    let mut is_escaped = false;
    path.split(move |character| {
        let ends = character == '/' && !is_escaped;
        is_escaped = character == '\\' && !is_escaped;
        ends
    })
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
