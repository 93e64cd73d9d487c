//! Whom a script means: entities by path, and by name alone where only one has it.
//!
//! A path is names from a root downwards with `/` between them; a `/` or `\` that belongs to a name has a `\` before it. Of
//! several entities at one path it means the one that was there first. What is at no path is looked for as a name: exactly
//! one entity, wherever it stands, may have it.
//!
//! # Invariants
//! 1. The table knows every name that an entity ever had; who has it still is asked of the scene. So undo and redo, which
//!    bring entities back under their old handles, need nothing.

use std::collections::HashMap;
use voltrum::scene::{self, Entity, SceneState};

/// See the module.
#[derive(Debug, Default)]
pub struct Names<'scene> {
    entities: HashMap<&'scene str, Vec<Entity>>,
}

/// Why nobody is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unclear {
    /// Nobody is called that.
    Nobody,
    /// Several are.
    Several,
}

impl<'scene> Names<'scene> {
    /// The names of all entities.
    pub fn of(scene: &SceneState<'scene>) -> Names<'scene> {
        let mut names = Names::default();
        for root in scene::roots(scene) {
            scene::descendants(scene, root).for_each(|(entity, _)| names.add(scene, entity));
        }
        names
    }

    /// Notes the name of an entity that is new, or was renamed.
    pub fn add(&mut self, scene: &SceneState<'scene>, entity: Entity) {
        let Some(name) = scene::name(scene, entity) else { return };
        let list = self.entities.entry(name).or_default();
        if list.last() != Some(&entity) {
            list.push(entity);
        }
    }

    /// Who is meant.
    ///
    /// # Errors
    /// [`Unclear`] when nobody is, or several could be.
    pub fn find(&self, scene: &SceneState<'scene>, text: &str) -> Result<Entity, Unclear> {
        let parts = parts(text);
        if let Some(last) = parts.last()
            && let Some(found) = self.called(scene, last).find(|entity| stands_at(scene, *entity, &parts))
        {
            return Ok(found);
        }
        let mut called = self.called(scene, text);
        let first = called.next().ok_or(Unclear::Nobody)?;
        if called.any(|other| other != first) { Err(Unclear::Several) } else { Ok(first) }
    }

    fn called<'x>(&'x self, scene: &'x SceneState<'scene>, name: &'x str) -> impl Iterator<Item = Entity> + 'x {
        let list = self.entities.get(name).map_or(&[][..], Vec::as_slice);
        list.iter().copied().filter(move |entity| scene::name(scene, *entity) == Some(name))
    }
}

/// Whether an entity stands at a path whose last part is its name.
fn stands_at(scene: &SceneState<'_>, entity: Entity, parts: &[String]) -> bool {
    let mut above = scene::parent(scene, entity);
    for part in parts.iter().rev().skip(1) {
        match above {
            Some(parent) if scene::name(scene, parent) == Some(part) => above = scene::parent(scene, parent),
            _ => return false,
        }
    }
    above.is_none()
}

/// The names of a path.
fn parts(path: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut characters = path.chars();
    while let Some(character) = characters.next() {
        let next = match character {
            '/' => {
                parts.push(String::new());
                continue;
            }
            '\\' => characters.next(),
            other => Some(other),
        };
        if let (Some(part), Some(next)) = (parts.last_mut(), next) {
            part.push(next);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use voltrum::memory::{Arena, Tag};
    use voltrum::scene::{SceneLimits, SpawnDesc};

    #[test]
    fn paths_come_first_and_a_name_alone_has_to_be_one_entitys() {
        let mut arena = Arena::try_reserve("scene", 1 << 30).unwrap();
        let memory = arena.open();
        let scene = scene::open(memory.tagged(Tag::SCENE), &SceneLimits::default()).unwrap();
        let mut spawn =
            |name: &str, parent| scene::spawn(scene, &SpawnDesc { name, parent, ..SpawnDesc::default() }).unwrap();
        let table = spawn("Table", None);
        let lamp = spawn("Lamp", Some(table));
        let arm = spawn("Arm", Some(lamp));
        let (chair, other_lamp) = (spawn("Chair", None), spawn("Lamp", None));
        let (slash, twin) = (spawn("a/b", Some(chair)), spawn("Chair", None));
        spawn("Arm", Some(other_lamp));
        let mut names = Names::of(scene);
        assert_eq!(names.find(scene, "Table/Lamp/Arm"), Ok(arm));
        assert_eq!(names.find(scene, "Lamp"), Ok(other_lamp), "a root is at that path");
        assert_eq!(names.find(scene, "Arm"), Err(Unclear::Several));
        assert_eq!(names.find(scene, "Table/Arm"), Err(Unclear::Nobody));
        assert_eq!(names.find(scene, "Chair/a\\/b"), Ok(slash));
        assert_eq!(names.find(scene, "a/b"), Ok(slash), "nothing is at that path, and one is called that");
        assert_eq!(names.find(scene, "Chair"), Ok(chair), "the one that was there first");
        scene::despawn(scene, chair).unwrap();
        assert_eq!(names.find(scene, "Chair"), Ok(twin));
        scene::set_name(scene, lamp, "Light").unwrap();
        names.add(scene, lamp);
        assert_eq!(names.find(scene, "Table/Light/Arm"), Ok(arm));
        assert_eq!(names.find(scene, "Table/Lamp"), Err(Unclear::Nobody));
    }
}
