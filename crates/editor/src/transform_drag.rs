//! What the gizmo does to what is picked: from the change of a drag to everyone's place below their parents.
//!
//! # Invariants
//! 1. Each frame of a drag starts from where things stood when it began, so that nothing adds up.
//! 2. Of things that stand below each other only the topmost one is moved.
//! 3. What a drag doesn't change keeps its numbers bit for bit: moving leaves rotation and scale alone.

use voltrum::render::glam::{Mat4, Quat, Vec3};
use voltrum::scene::{self, Entity, Local, SceneState, Transform};
use voltrum::ui::{GizmoChange, GizmoKind, GizmoPlace};

/// One thing that is dragged, as it stood.
#[derive(Clone, Copy, Debug)]
struct Dragged {
    entity: Entity,
    local: Local,
    world: Mat4,
    from_parent: Mat4,
    /// From the world to its parent.
    to_parent: Mat4,
}

/// A drag of what is picked.
#[derive(Clone, Debug, Default)]
pub(crate) struct TransformDrag {
    dragged: Vec<Dragged>,
    place: Option<GizmoPlace>,
    kind: GizmoKind,
}

impl TransformDrag {
    /// Where the gizmo stands for what is picked: in the middle, its axes as asked; `None` where nothing can be moved.
    pub(crate) fn place(scene: &SceneState<'_>, picked: &[Entity], is_local: bool) -> Option<GizmoPlace> {
        let worlds = picked.iter().filter_map(|entity| scene::world(scene, *entity));
        let (sum, count) =
            worlds.fold((Vec3::ZERO, 0), |(sum, count), world| (sum + world.w_axis.truncate(), count + 1));
        if count == 0 {
            return None;
        }
        let active = picked.last().and_then(|entity| scene::world(scene, *entity));
        let axes = match active {
            Some(world) if is_local => rotation_of(&world),
            _ => Quat::IDENTITY,
        };
        let position = sum / count as f32;
        (position.is_finite() && axes.is_finite()).then_some(GizmoPlace { position, axes })
    }

    /// Takes down where everything stands.
    pub(crate) fn begin(&mut self, scene: &SceneState<'_>, picked: &[Entity], kind: GizmoKind, place: GizmoPlace) {
        self.dragged.clear();
        (self.kind, self.place) = (kind, Some(place));
        for entity in picked.iter().copied() {
            let mut above = std::iter::successors(scene::parent(scene, entity), |parent| scene::parent(scene, *parent));
            if above.any(|parent| picked.contains(&parent)) {
                continue;
            }
            let (Some(local), Some(world)) = (scene::local(scene, entity), scene::world(scene, entity)) else {
                continue;
            };
            let parent = scene::parent(scene, entity);
            let from_parent = parent.and_then(|parent| scene::world(scene, parent)).unwrap_or(Mat4::IDENTITY);
            let to_parent = from_parent.inverse();
            // below something that is flattened nothing can be placed
            if to_parent.is_finite() && world.is_finite() {
                self.dragged.push(Dragged { entity, local, world, from_parent, to_parent });
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.dragged.is_empty()
    }

    pub(crate) fn end(&mut self) {
        self.dragged.clear();
        self.place = None;
    }

    /// What the history calls it.
    pub(crate) fn label(&self) -> String {
        let verb = match self.kind {
            GizmoKind::Move => "Move",
            GizmoKind::Rotate => "Rotate",
            GizmoKind::Scale => "Scale",
        };
        match self.dragged.len() {
            1 => verb.to_owned(),
            count => format!("{verb} {count} objects"),
        }
    }

    /// Where everything stands after a change.
    pub(crate) fn locals(&self, change: GizmoChange) -> impl Iterator<Item = (Entity, Local)> + '_ {
        let place = self.place.unwrap_or(GizmoPlace { position: Vec3::ZERO, axes: Quat::IDENTITY });
        self.dragged.iter().map(move |dragged| (dragged.entity, dragged.after(self.kind, &change, &place)))
    }
}

impl Dragged {
    fn after(&self, kind: GizmoKind, change: &GizmoChange, place: &GizmoPlace) -> Local {
        let matrix = change.matrix(place);
        let position = matrix.transform_point3(self.world.w_axis.truncate());
        let translation = self.to_parent.transform_point3(position);
        match (self.local, kind) {
            (Local::Parts(parts), GizmoKind::Move) => Local::Parts(Transform { translation, ..parts }),
            (Local::Parts(parts), GizmoKind::Rotate) => {
                let parent = rotation_of(&self.from_parent);
                let rotation = (parent.inverse() * change.rotation * parent * parts.rotation).normalize();
                Local::Parts(Transform { translation, rotation, ..parts })
            }
            // along its own axes, which are the gizmo's where it is alone
            (Local::Parts(parts), GizmoKind::Scale) => {
                Local::Parts(Transform { translation, scale: parts.scale * change.scale, ..parts })
            }
            (Local::Matrix(_), _) => Local::from_matrix(self.to_parent * matrix * self.world),
        }
    }
}

/// The rotation in a matrix, whatever it scales.
fn rotation_of(matrix: &Mat4) -> Quat {
    let (_, rotation, _) = matrix.to_scale_rotation_translation();
    if rotation.is_finite() && rotation.length_squared() > 0.5 { rotation.normalize() } else { Quat::IDENTITY }
}

#[cfg(test)]
mod tests {
    use super::*;
    use voltrum::memory::{Arena, Tag};
    use voltrum::scene::{SceneLimits, SpawnDesc};

    const TURNED: Transform = Transform {
        translation: Vec3::new(0.0, 2.0, 0.0),
        rotation: Quat::from_xyzw(0.0, 0.6, 0.0, 0.8),
        scale: Vec3::ONE,
    };

    /// A table that is turned, with a lamp and its bulb on it.
    fn with_scene(test: impl FnOnce(&mut SceneState<'_>, [Entity; 3])) {
        let mut arena = Arena::try_reserve("scene", 1 << 30).unwrap();
        let memory = arena.open();
        let opened = scene::open(memory.tagged(Tag::SCENE), &SceneLimits::default()).unwrap();
        let mut spawn = |parent, local: Transform| {
            scene::spawn(opened, &SpawnDesc { parent, local: local.into(), ..SpawnDesc::default() }).unwrap()
        };
        let table = spawn(None, TURNED);
        let lamp = spawn(Some(table), Transform { scale: Vec3::splat(2.0), ..Transform::at(Vec3::X) });
        let bulb = spawn(Some(lamp), Transform::at(Vec3::Y));
        scene::update_transforms(opened);
        test(opened, [table, lamp, bulb]);
    }

    fn drag(scene: &mut SceneState<'_>, picked: &[Entity], kind: GizmoKind, change: GizmoChange) {
        let mut drag = TransformDrag::default();
        let place = TransformDrag::place(scene, picked, false).unwrap();
        drag.begin(scene, picked, kind, place);
        let locals: Vec<_> = drag.locals(change).collect();
        for (entity, local) in locals {
            scene::set_local(scene, entity, local).unwrap();
        }
        scene::update_transforms(scene);
    }

    #[test]
    fn moving_goes_the_worlds_way_below_a_parent_that_is_turned_and_keeps_the_rest() {
        with_scene(|scene, [_, lamp, _]| {
            let before = scene::world(scene, lamp).unwrap();
            drag(scene, &[lamp], GizmoKind::Move, GizmoChange { translation: Vec3::Z, ..GizmoChange::NONE });
            let after = scene::world(scene, lamp).unwrap();
            assert!(after.abs_diff_eq(Mat4::from_translation(Vec3::Z) * before, 1e-5));
            let Some(Local::Parts(parts)) = scene::local(scene, lamp) else { panic!("no parts") };
            assert_eq!((parts.rotation, parts.scale), (Quat::IDENTITY, Vec3::splat(2.0)));
        });
    }

    #[test]
    fn what_stands_below_something_that_is_picked_too_is_moved_once() {
        with_scene(|scene, [table, lamp, bulb]| {
            let before = scene::world(scene, bulb).unwrap();
            drag(
                scene,
                &[bulb, table, lamp],
                GizmoKind::Move,
                GizmoChange { translation: Vec3::X * 3.0, ..GizmoChange::NONE },
            );
            let moved = Mat4::from_translation(Vec3::X * 3.0) * before;
            assert!(scene::world(scene, bulb).unwrap().abs_diff_eq(moved, 1e-4));
        });
    }

    #[test]
    fn turning_and_scaling_go_around_the_gizmos_place() {
        with_scene(|scene, [_, lamp, _]| {
            let before = scene::world(scene, lamp).unwrap();
            let rotation = Quat::from_rotation_x(0.5);
            drag(scene, &[lamp], GizmoKind::Rotate, GizmoChange { rotation, ..GizmoChange::NONE });
            let after = scene::world(scene, lamp).unwrap();
            assert!(after.w_axis.abs_diff_eq(before.w_axis, 1e-5));
            assert!((after.x_axis.truncate()).abs_diff_eq(rotation * before.x_axis.truncate(), 1e-4));
            drag(scene, &[lamp], GizmoKind::Scale, GizmoChange { scale: Vec3::splat(0.5), ..GizmoChange::NONE });
            let Some(Local::Parts(parts)) = scene::local(scene, lamp) else { panic!("no parts") };
            assert_eq!(parts.scale, Vec3::ONE);
        });
    }

    #[test]
    fn several_things_turn_around_their_middle() {
        with_scene(|scene, [table, _, bulb]| {
            let other =
                scene::spawn(scene, &SpawnDesc { local: Transform::at(Vec3::X * 8.0).into(), ..SpawnDesc::default() })
                    .unwrap();
            scene::update_transforms(scene);
            let picked = [table, other];
            let place = TransformDrag::place(scene, &picked, false).unwrap();
            assert!(place.position.abs_diff_eq(Vec3::new(4.0, 1.0, 0.0), 1e-5));
            let rotation = Quat::from_rotation_y(std::f32::consts::PI);
            drag(scene, &picked, GizmoKind::Rotate, GizmoChange { rotation, ..GizmoChange::NONE });
            let at = scene::world(scene, other).unwrap().w_axis.truncate();
            assert!(at.abs_diff_eq(Vec3::ZERO, 1e-4), "{at}");
            assert!(scene.is_alive(bulb));
        });
    }
}
