//! The queue of submitted batches: their copies go into the next frame, their memory goes when that is done.

use crate::error::RenderError;
use crate::renderer::RendererState;
use crate::retired::Garbage;
use crate::uploads::UploadBatch;
use crate::vulkan::command::Commands;

/// Batches that may wait for the next frame.
pub(crate) const BATCHES_MAX: usize = 8;

/// Hands a filled batch over: its copies are recorded with the next frame, its memory is freed when that is done.
///
/// # Errors
/// [`RenderError::ForeignGpu`], and what the driver reports.
pub fn submit_uploads<'app>(
    renderer: &mut RendererState<'app>,
    mut batch: UploadBatch<'app>,
) -> Result<(), RenderError> {
    renderer.check_alive()?;
    batch.check_gpu(renderer.gpu)?;
    batch.flush()?;
    renderer.take_early(&mut batch);
    if renderer.batches.iter().all(Option::is_some) {
        renderer.upload_now()?;
    }
    if let Some(slot) = renderer.batches.iter_mut().find(|slot| slot.is_none()) {
        *slot = Some(batch);
    }
    Ok(())
}

/// Copies what was submitted, and waits for it: its memory is freed before anything is drawn. For who draws one picture;
/// a program with frames need not wait.
///
/// # Errors
/// What the driver reports.
pub fn finish_uploads(renderer: &mut RendererState<'_>) -> Result<(), RenderError> {
    renderer.check_alive()?;
    if renderer.batches.iter().any(Option::is_some) { renderer.upload_now() } else { Ok(()) }
}

impl<'app> RendererState<'app> {
    /// Records the copies of all submitted batches and retires their memory.
    pub(crate) fn record_uploads(&mut self, commands: Commands<'app>) {
        for index in 0..BATCHES_MAX {
            let Some(batch) = self.batches[index].take() else { continue };
            for texture in self.textures.iter_mut() {
                if texture.upload(&batch, commands) {
                    self.textures_epoch += 1;
                }
            }
            for mesh in self.meshes.iter_mut() {
                if mesh.upload(&batch, commands) {
                    self.meshes_epoch += 1;
                }
            }
            for environment in self.environments.iter_mut() {
                environment.upload(&batch, commands);
            }
            commands.publish_copies();
            for buffer in batch.into_buffers() {
                self.retire(Garbage::Buffer(buffer));
            }
        }
    }

    /// Copies all submitted batches without a frame.
    fn upload_now(&mut self) -> Result<(), RenderError> {
        if self.open {
            self.record_uploads(self.frames.commands());
            return Ok(());
        }
        // Empties the retired queue, which then has room for all batches.
        let result = self.settle().and_then(|()| self.frames.begin_immediate());
        self.note_loss(result)?;
        // What is retired from here on belongs to this submission.
        self.open = true;
        self.record_uploads(self.frames.immediate());
        self.open = false;
        let result = self.frames.finish_immediate();
        self.note_loss(result)?;
        self.collect(usize::MAX)
    }
}
