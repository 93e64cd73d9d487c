//! How an open project becomes what is drawn: the same in the viewport and for `voltrum render`.
//!
//! # Invariants
//! 1. A frame in which nothing looks different costs nothing that grows with the number of objects.

mod color;
mod objects;

use crate::error::EditorError;
use crate::project::Project;
use objects::Objects;
use voltrum::assets::Bounds;
use voltrum::memory::Tagged;
use voltrum::render::{Instances, RendererState, View};
use voltrum::scene;

pub use color::object_color;

/// What a project has on the GPU beside its files' meshes and materials.
pub struct Drawing<'scene> {
    objects: Objects<'scene>,
    around: Around,
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
        Drawing { objects: Objects::new(memory), around: Around { bounds: Bounds::EMPTY, is_tight: true } }
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
    /// To be called once a frame, before [`Project::drawn`]: brings the GPU's copy of the objects up to date.
    ///
    /// # Errors
    /// When the GPU or an arena has no room. What didn't fit isn't shown, and is tried again in the next frame.
    pub fn follow(&mut self, renderer: &mut RendererState<'_>) -> Result<(), EditorError> {
        let Drawing { objects, around } = &mut self.drawing;
        let changes = objects.follow(renderer, self.scene)?;
        around.follow(changes.bounds, changes.count > 0, || scene::bounds(self.scene));
        Ok(())
    }

    /// A view with what there is to see, besides the objects, which are [`Project::instances`]; `look` says how it is looked
    /// at ([`Look::view`](crate::look::Look::view)).
    pub fn drawn<'f>(&self, look: View<'f>) -> View<'f> {
        look
    }

    /// The objects that stay on the GPU from frame to frame.
    pub fn instances(&self) -> Option<&Instances<'scene>> {
        self.drawing.objects.instances()
    }
}
