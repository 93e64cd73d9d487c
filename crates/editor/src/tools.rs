//! The tools of the viewport: which gizmo, along whose axes, in which steps.

use crate::settings::Snap;
use crate::transform_drag::TransformDrag;
use voltrum::ui::{Gizmo, GizmoKind, GizmoPlace};

/// What the viewport's tools are set to, and the drag that is going on.
#[derive(Clone, Debug, Default)]
pub struct Tools {
    /// What a drag of the gizmo does.
    pub kind: GizmoKind,
    /// Along the picked thing's own axes, not the world's.
    pub is_local: bool,
    /// Where the gizmo stood when it was drawn last, or when its drag began.
    pub place: Option<GizmoPlace>,
    pub(crate) gizmo: Gizmo,
    pub(crate) drag: TransformDrag,
}

impl Tools {
    /// Scale goes along a thing's own axes always: along others it would shear.
    pub(crate) fn uses_local_axes(&self) -> bool {
        self.is_local || self.kind == GizmoKind::Scale
    }

    /// The steps of a drag; Ctrl turns them on or off.
    pub(crate) fn step(&self, snap: &Snap, is_control_held: bool) -> Option<f32> {
        (snap.is_on != is_control_held).then_some(match self.kind {
            GizmoKind::Move => snap.distance,
            GizmoKind::Rotate => snap.angle.to_radians(),
            GizmoKind::Scale => snap.factor,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_turns_steps_on_and_off() {
        let (mut tools, mut snap) = (Tools::default(), Snap::default());
        assert_eq!(tools.step(&snap, false), None);
        assert_eq!(tools.step(&snap, true), Some(snap.distance));
        (tools.kind, snap.is_on) = (GizmoKind::Rotate, true);
        assert_eq!(tools.step(&snap, false), Some(snap.angle.to_radians()));
        assert_eq!(tools.step(&snap, true), None);
    }
}
