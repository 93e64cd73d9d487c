//! The folder whose shaders take the place of the built-in ones: when one of them changes, all are read on the worker, and
//! the pipelines that they change are made there.
//!
//! # Invariants
//! 1. Shaders that are broken, or that there is no room for, change nothing: what was drawn with stays.
//! 2. A frame in which no file has changed takes no lock and no heap memory; one that takes shaders over makes no pipeline.

use crate::carried::Carried;
use crate::editor_state::EditorState;
use crate::error::EditorError;
use crate::file_watch::FileWatch;
use crate::status::{Mood, Status};
use std::path::{Path, PathBuf};
use voltrum::AppState;
use voltrum::assets::FileStamp;
use voltrum::memory::{Tag, heap_scope};
use voltrum::render::{LiveShaders, PipelinesInUse, RenderError, RendererState, UploadBatch, renderer};

/// A GPU that is lost within so many frames of a change may have been lost to it: a shader that never ends, say.
const SETTLED_FRAMES: u64 = 300;

/// Whether shaders can be read from a folder at all.
///
/// # Errors
/// [`EditorError::ShaderFolder`] where it isn't one.
pub fn check(folder: &Path) -> Result<(), EditorError> {
    let unreadable = |source| EditorError::ShaderFolder { path: folder.to_path_buf(), source };
    std::fs::read_dir(folder).map(|_| ()).map_err(unreadable)
}

/// A folder's shaders for the worker to read, and what came of it.
#[derive(Clone, Debug)]
pub struct ShaderRead {
    folder: PathBuf,
    in_use: PipelinesInUse,
    read: Option<Result<LiveShaders, RenderError>>,
    sources: Vec<(PathBuf, FileStamp)>,
}

impl PartialEq for ShaderRead {
    /// Whether the same is asked for.
    fn eq(&self, other: &ShaderRead) -> bool {
        self.folder == other.folder
    }
}

impl Eq for ShaderRead {}

impl ShaderRead {
    /// For the worker: reads the shaders and makes pipelines of them, which it leaves in `uploads`. What is wrong with them is
    /// told when they are taken over.
    #[must_use]
    pub fn load(self, uploads: &mut UploadBatch<'_>) -> ShaderRead {
        let _foreign = heap_scope(Tag::FOREIGN);
        // The stamps first: what changes while it is read is read again. A file that is missing has none and gets one.
        let files = LiveShaders::files(&self.folder).into_iter();
        let sources = files.map(|path| (FileStamp::of(&path).unwrap_or_default(), path));
        let sources = sources.map(|(stamp, path)| (path, stamp)).collect();
        let read = LiveShaders::read(&self.folder);
        ShaderRead { sources, ..self }.remake(read, uploads)
    }

    /// Makes the pipelines that shaders change.
    fn remake(self, read: Result<LiveShaders, RenderError>, uploads: &mut UploadBatch<'_>) -> ShaderRead {
        let remade = read.and_then(|shaders| {
            renderer::remake_pipelines(uploads, &self.in_use, Some(shaders.clone()))?;
            Ok(shaders)
        });
        ShaderRead { read: Some(remade), ..self }
    }
}

/// See the module.
pub(crate) struct ShaderFolder {
    folder: PathBuf,
    watch: FileWatch,
    /// `None` while the built-in ones are drawn with.
    in_use: Option<LiveShaders>,
    is_wanted: bool,
    /// The worker has been asked for it.
    is_asked: bool,
    /// Why what the folder holds is not drawn with.
    trouble: Option<String>,
    /// Since others were drawn with.
    frames: u64,
}

impl ShaderFolder {
    /// Draws with a folder's shaders before anything else is drawn; after a GPU was lost, with what it was drawn with. Where
    /// that can't be, the status line says so.
    pub(crate) fn startup(
        folder: PathBuf,
        carried: &mut Carried,
        app: &mut AppState<'_>,
        status: &mut Status,
    ) -> ShaderFolder {
        let watch = FileWatch::new(app.platform.waker());
        let (in_use, trouble) = (None, None);
        let mut shaders = ShaderFolder { folder, watch, in_use, is_wanted: false, is_asked: false, trouble, frames: 0 };
        let begun = match carried.is_again {
            true => shaders.begin_again(carried.shaders.take(), &mut app.renderer),
            false => shaders.begin(&mut app.renderer),
        };
        if let Err(error) = begun {
            shaders.trouble = Some(error.to_string());
            status.complain(&error);
        }
        shaders
    }

    fn begin(&mut self, renderer: &mut RendererState<'_>) -> Result<(), EditorError> {
        let mut uploads = renderer.gpu().upload_batch(0);
        let read = self.request(renderer).load(&mut uploads);
        self.take(read, renderer, &mut uploads).map(|_| ())
    }

    fn begin_again(
        &mut self,
        carried: Option<LiveShaders>,
        renderer: &mut RendererState<'_>,
    ) -> Result<(), EditorError> {
        let mut uploads = renderer.gpu().upload_batch(0);
        let request = self.request(renderer);
        let Some(shaders) = carried else {
            // Whatever changes from now on is tried.
            self.watch.watch(0, request.load(&mut uploads).sources);
            return Err(EditorError::ShadersLostGpu { path: self.folder.clone() });
        };
        let kept = request.remake(Ok(shaders), &mut uploads);
        self.take(kept, renderer, &mut uploads)?;
        self.begin(renderer)
    }

    /// What is drawn with, for another GPU, unless it may be why this one was lost.
    pub(crate) fn carried(&self) -> Option<LiveShaders> {
        self.in_use.clone().filter(|_| self.frames >= SETTLED_FRAMES)
    }

    /// Why what the folder holds is not drawn with, if that is so.
    pub(crate) fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// The folder is to be read once more.
    pub(crate) fn want(&mut self) {
        self.is_wanted = true;
    }

    /// Whether it is to be read.
    pub(crate) fn is_waiting(&self) -> bool {
        self.is_wanted
    }

    /// Looks whether a file has changed. Once a frame.
    pub(crate) fn update(&mut self) {
        self.frames += 1;
        self.is_wanted |= self.watch.take_changed().is_some();
    }

    /// What the worker is to be asked for.
    pub(crate) fn take_request(&mut self, renderer: &RendererState<'_>) -> Option<ShaderRead> {
        self.is_asked |= self.is_wanted;
        std::mem::take(&mut self.is_wanted).then(|| self.request(renderer))
    }

    /// Another load begins: what it overtakes is wanted again.
    pub(crate) fn note_overtaken(&mut self) {
        self.is_wanted |= std::mem::take(&mut self.is_asked);
    }

    fn request(&self, renderer: &RendererState<'_>) -> ShaderRead {
        let in_use = renderer::pipelines_in_use(renderer);
        ShaderRead { folder: self.folder.clone(), in_use, read: None, sources: Vec::new() }
    }

    /// Draws with what was read; whether that is news.
    fn take<'app>(
        &mut self,
        read: ShaderRead,
        renderer: &mut RendererState<'app>,
        uploads: &mut UploadBatch<'app>,
    ) -> Result<bool, EditorError> {
        self.is_asked = false;
        let taken = self.try_take(read, renderer, uploads);
        if matches!(taken, Err(RenderError::PipelinesOutdated)) {
            // Something was drawn for the first time meanwhile.
            self.is_wanted = true;
            return Ok(false);
        }
        let taken = taken.map_err(|source| EditorError::NotReloaded { source: Box::new(source.into()) });
        let had_trouble = std::mem::replace(&mut self.trouble, taken.as_ref().err().map(ToString::to_string)).is_some();
        taken.map(|is_other| is_other || had_trouble)
    }

    fn try_take<'app>(
        &mut self,
        read: ShaderRead,
        renderer: &mut RendererState<'app>,
        uploads: &mut UploadBatch<'app>,
    ) -> Result<bool, RenderError> {
        let Some(shaders) = read.read else { return Ok(false) };
        self.watch.watch(0, read.sources);
        let shaders = shaders?;
        let is_other = self.in_use.as_ref() != Some(&shaders);
        if is_other {
            let remade = renderer::swap_pipelines(renderer, uploads)?;
            tracing::info!(folder = %self.folder.display(), pipelines = remade, "shaders loaded");
            (self.in_use, self.frames) = (Some(shaders), 0);
        }
        Ok(is_other)
    }
}

impl EditorState<'_> {
    /// Draws with shaders that were read, and says so.
    pub(crate) fn take_shaders<'app>(
        &mut self,
        read: ShaderRead,
        app: &mut AppState<'app>,
        uploads: &mut UploadBatch<'app>,
    ) -> Result<(), EditorError> {
        if let Some(folder) = &mut self.shaders
            && folder.take(read, &mut app.renderer, uploads)?
        {
            self.status.say(Mood::Note, "reloaded the shaders");
        }
        Ok(())
    }
}
