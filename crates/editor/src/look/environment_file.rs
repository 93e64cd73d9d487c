//! The environment that a person chose: its file, its handle, and the load that brings it.
//!
//! # Invariants
//! 1. A file that can't be loaded leaves the environment as it is.
//! 2. A load waits until no other is going on: it cancels none. One that is cancelled by another begins again after that.

use super::{Look, Surroundings};
use std::path::{Path, PathBuf};
use voltrum::render::{
    EnvironmentId, EnvironmentUpload, GpuLifetime, RenderError, RendererState, UploadBatch, renderer,
};

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct EnvironmentFile {
    id: EnvironmentId,
    path: Option<PathBuf>,
    wanted: Option<PathBuf>,
    /// What the load that goes on is to bring, if it is one of these.
    loading: Option<PathBuf>,
}

impl EnvironmentFile {
    /// The file whose environment is there; `None` before the first.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// The environment, as surroundings; `None` before the first.
    pub fn surroundings(&self) -> Option<Surroundings> {
        self.path.is_some().then_some(Surroundings::Loaded(self.id))
    }

    /// Begins with a look that was kept, and asks for its environment; until that is there, the sky stands in for it.
    pub(crate) fn begin_with(&mut self, look: Look, panorama: Option<PathBuf>) -> Look {
        let Surroundings::Loaded(_) = look.surroundings else { return look };
        self.wanted = panorama;
        Look { surroundings: Surroundings::Sky, ..look }
    }

    /// Asks for a file, as soon as nothing else is being loaded.
    pub fn want(&mut self, path: PathBuf) {
        self.wanted = Some(path);
    }

    /// Whether a file is asked for that isn't there yet.
    pub fn is_wanting(&self) -> bool {
        self.wanted.is_some()
    }

    /// What is to be loaded now.
    pub(crate) fn begin(&mut self) -> Option<PathBuf> {
        self.loading = self.wanted.take();
        self.loading.clone()
    }

    /// Another load begins: what it overtakes is asked for again.
    pub(crate) fn note_overtaken(&mut self) {
        if let Some(path) = self.loading.take() {
            self.wanted.get_or_insert(path);
        }
    }

    /// The load that went on has failed.
    pub(crate) fn note_failed(&mut self) {
        self.loading = None;
    }

    /// Takes what was loaded from a file in the place of what was there, and looks at it.
    ///
    /// # Errors
    /// When the GPU has no room for it; what was there stays.
    pub(crate) fn take(
        &mut self,
        gpu: &mut RendererState<'_>,
        uploads: &UploadBatch<'_>,
        (path, upload): (PathBuf, EnvironmentUpload),
        look: &mut Look,
    ) -> Result<(), RenderError> {
        self.loading = None;
        let id = renderer::create_environment(gpu, uploads, upload, GpuLifetime::Permanent)?;
        renderer::destroy_environment(gpu, self.id);
        (self.id, self.path) = (id, Some(path));
        look.surroundings = Surroundings::Loaded(id);
        Ok(())
    }

    /// Gives it back.
    pub(crate) fn destroy(&self, gpu: &mut RendererState<'_>) {
        renderer::destroy_environment(gpu, self.id);
    }
}
