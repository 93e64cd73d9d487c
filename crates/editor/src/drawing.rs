//! How an open project becomes what is drawn: the same in the viewport and for `voltrum render`.
//!
//! # Invariants
//! 1. A frame in which nothing looks different costs nothing that grows with the number of objects.

mod bodies;
mod color;
mod lights;
mod objects;

use crate::error::EditorError;
use crate::look::{Holdings, Mode};
use crate::project::Project;
use bodies::{Body, Posed};
use objects::{Changes, Objects};
use voltrum::assets::Bounds;
use voltrum::memory::{Scope, Tag, Tagged};
use voltrum::render::{Instances, RendererState, Sun, View, ViewMode};
use voltrum::scene::{self, ShapeId};

pub(crate) use bodies::joint_matrix;
pub(crate) use color::Colors;
pub use color::object_color;

/// What a project has on the GPU beside its files' meshes and materials.
pub struct Drawing<'scene> {
    objects: Objects<'scene>,
    around: Around,
    holdings: Holdings<'scene>,
}

/// The box around everything that is shown, as far as it is known.
#[derive(Clone, Copy)]
struct Around {
    bounds: Bounds,
    /// Else something has left it since it was measured.
    is_tight: bool,
}

impl<'scene> Drawing<'scene> {
    /// Nothing is drawn yet.
    pub(crate) fn new(memory: Tagged<'scene>) -> Drawing<'scene> {
        let around = Around { bounds: Bounds::EMPTY, is_tight: true };
        Drawing { objects: Objects::new(memory), around, holdings: Holdings::new_in(memory.with_tag(Tag::RENDERER)) }
    }

    /// What has a shape of `count` from `first` on has other parts now.
    pub(crate) fn forget(&mut self, first: ShapeId, count: u32) {
        self.objects.forget(first, count);
    }

    /// Gives back what it has on the GPU, once the last frame with it is done.
    pub(crate) fn destroy(&self, renderer: &mut RendererState<'_>) {
        self.objects.destroy(renderer);
    }
}

impl Around {
    /// Boxes only grow while things move: measuring all of them is for the first frame at rest.
    fn follow(&mut self, changed: Bounds, has_changed: bool, all: impl FnOnce() -> Bounds) {
        if has_changed {
            *self = Around { bounds: self.bounds.with(changed), is_tight: false };
        } else if !self.is_tight {
            *self = Around { bounds: all(), is_tight: true };
        }
    }
}

impl<'scene> Project<'scene> {
    /// To be called once a frame, before [`Project::drawn`]: brings the GPU's copy of the objects up to date, in the colours
    /// that a view mode asks for. Very many new ones come over several frames; see [`Project::is_arriving`].
    ///
    /// # Errors
    /// When the GPU or an arena has no room. What didn't fit isn't shown, and is tried again in the next frame.
    pub fn follow(&mut self, renderer: &mut RendererState<'_>, mode: Mode) -> Result<(), EditorError> {
        let (Drawing { objects, around, holdings }, files, keys) = (&mut self.drawing, &self.files, &self.keys);
        let colors = if mode == Mode::Memory {
            holdings.update(renderer, self.scene, self.version)?;
            Colors::ByMemory(holdings)
        } else {
            Colors::ByEntity
        };
        let body = |entity, shape| Body::of(files, keys, entity, shape);
        let mut changes = Changes::default();
        let followed = objects.follow(renderer, self.scene, colors, &body, &mut changes);
        // what came before a failure isn't told again
        around.follow(changes.bounds, changes.count > 0, || scene::bounds(self.scene));
        followed
    }

    /// Around everything that is shown, as of the last [`Project::follow`]: looking it up costs nothing. While things move, it
    /// is around wherever they have been since they last were at rest.
    pub fn drawn_bounds(&self) -> Bounds {
        self.drawing.around.bounds
    }

    /// Whether objects have yet to be shown because there were too many for one frame.
    pub fn is_arriving(&self) -> bool {
        self.drawing.objects.is_arriving()
    }

    /// A view with what there is to see, besides the objects, which are [`Project::instances`]; `look` says how it is looked
    /// at ([`Look::view`](crate::look::Look::view)). Where the scene has lights of its own, the sun steps back.
    ///
    /// # Errors
    /// When the frame arena is full.
    pub fn drawn<'f>(&self, look: View<'f>, memory: &'f Scope<'_>) -> Result<View<'f>, EditorError> {
        let memory = memory.tagged(Tag::RENDERER);
        let Drawing { objects, around, .. } = &self.drawing;
        let Posed { draws, joints, weights } =
            bodies::pose(objects.bodies(), self.scene, &self.files, self.playing(), memory)?;
        let lights = lights::shining(self.scene, memory)?;
        let sun = if lights.is_empty() { look.sun } else { Sun { intensity: 0.0, ..look.sun } };
        let shadow = match look.mode {
            ViewMode::Shaded => lights::shadow(&sun, lights, &around.bounds),
            _ => look.shadow,
        };
        Ok(View { draws, joints, weights, lights, sun, shadow, ..look })
    }

    /// What its objects hold on the GPU, as it was when [`Mode::Memory`] was shown last.
    pub fn holdings(&self) -> &Holdings<'scene> {
        &self.drawing.holdings
    }

    /// The objects that stay on the GPU from frame to frame.
    pub fn instances(&self) -> Option<&Instances<'scene>> {
        self.drawing.objects.instances()
    }
}
