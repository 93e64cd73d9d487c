//! What the inspector has to remember between frames: a name in the making, and angles as they were typed.

use crate::panels::NameField;
use crate::project::{Mixed, Project};
use voltrum::render::glam::{EulerRot, Quat};
use voltrum::scene::Entity;

/// See the module.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inspector {
    pub(crate) name: NameInMaking,
    /// Whose angles were shown last, the rotation that they make, and they themselves: a rotation has many.
    angles: Option<(Entity, Quat, [f32; 3])>,
    /// In what those that are selected differ, at these versions of the project and its selection.
    mixed: ([u64; 2], Mixed),
}

/// The name field.
#[derive(Clone, Debug, Default)]
pub(crate) struct NameInMaking {
    entity: Option<Entity>,
    pub(crate) field: NameField,
    pub(crate) is_edited: bool,
}

impl NameInMaking {
    /// Shows an entity's name, unless a person is changing it.
    pub(crate) fn show(&mut self, entity: Entity, name: &str) {
        if self.entity != Some(entity) || (!self.is_edited && self.field.as_str() != name) {
            self.field.set(name);
            self.entity = Some(entity);
            self.is_edited = false;
        }
    }
}

impl Inspector {
    /// In what those that are selected differ; looked at only when something has changed.
    pub(crate) fn mixed(&mut self, project: &Project<'_>) -> Mixed {
        let versions = [project.version(), project.selection().version()];
        if project.selection().len() < 2 {
            return Mixed::default();
        }
        if self.mixed.0 != versions {
            self.mixed = (versions, project.mixed());
        }
        self.mixed.1
    }

    /// A rotation as angles about X, Y and Z: those that were typed, as long as they make it.
    pub(crate) fn degrees(&mut self, entity: Entity, rotation: Quat) -> [f32; 3] {
        match self.angles {
            Some((of, made, angles)) if of == entity && made == rotation => angles,
            _ => {
                let (x, y, z) = rotation.to_euler(EulerRot::XYZ);
                // never minus zero
                let angles = [x, y, z].map(|angle| {
                    let degrees = angle.to_degrees();
                    if degrees.abs() < 5e-5 { 0.0 } else { degrees }
                });
                self.angles = Some((entity, rotation, angles));
                angles
            }
        }
    }

    pub(crate) fn note_degrees(&mut self, entity: Entity, rotation: Quat, angles: [f32; 3]) {
        self.angles = Some((entity, rotation, angles));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use voltrum::scene::Entity;

    #[test]
    fn angles_stay_as_they_were_typed_past_half_a_turn() {
        let entity = Entity::from_bits(1 << 32).unwrap();
        let mut inspector = Inspector::default();
        let typed = [0.0f32, 190.0, 0.0];
        let rotation = Quat::from_euler(EulerRot::XYZ, 0.0, typed[1].to_radians(), 0.0);
        inspector.note_degrees(entity, rotation, typed);
        assert_eq!(inspector.degrees(entity, rotation), typed);
        let other = inspector.degrees(entity, Quat::IDENTITY);
        assert_eq!(other, [0.0; 3]);
        assert_ne!(inspector.degrees(entity, rotation), typed);
    }

    #[test]
    fn a_name_that_is_being_typed_is_not_replaced() {
        let [one, other] = [1 << 32, 1 << 32 | 1].map(|bits| Entity::from_bits(bits).unwrap());
        let mut name = NameInMaking::default();
        name.show(one, "lamp");
        name.is_edited = true;
        name.field.set("lam");
        name.show(one, "lamp");
        assert_eq!(name.field.as_str(), "lam");
        name.show(other, "table");
        assert_eq!(name.field.as_str(), "table");
    }
}
