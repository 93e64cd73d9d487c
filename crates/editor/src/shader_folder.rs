//! The folder whose shaders take the place of the built-in ones: read on the worker when one of them changes.
//!
//! # Invariants
//! 1. Shaders that are broken, or that there is no room for, change nothing: what was drawn with stays.
//! 2. A frame in which no file has changed takes no lock and no heap memory.

use crate::carried::Carried;
use crate::editor_state::EditorState;
use crate::error::EditorError;
use crate::file_watch::FileWatch;
use crate::status::{Mood, Status};
use std::path::{Path, PathBuf};
use voltrum::AppState;
use voltrum::assets::FileStamp;
use voltrum::memory::{Tag, heap_scope};
use voltrum::render::{LiveShaders, RenderError, RendererState, renderer};

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
    /// For the worker: reads the shaders. What is wrong with them is told when they are taken over.
    #[must_use]
    pub fn load(self) -> ShaderRead {
        let _foreign = heap_scope(Tag::FOREIGN);
        // The stamps first: what changes while it is read is read again. A file that is missing has none and gets one.
        let files = LiveShaders::files(&self.folder).into_iter();
        let sources = files.map(|path| (FileStamp::of(&path).unwrap_or_default(), path));
        let sources = sources.map(|(stamp, path)| (path, stamp)).collect();
        ShaderRead { read: Some(LiveShaders::read(&self.folder)), sources, ..self }
    }
}

/// See the module.
pub(crate) struct ShaderFolder {
    folder: PathBuf,
    watch: FileWatch,
    /// `None` while the built-in ones are drawn with.
    in_use: Option<LiveShaders>,
    is_wanted: bool,
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
        let mut shaders = ShaderFolder { folder, watch, in_use: None, is_wanted: false, trouble: None, frames: 0 };
        let begun = match carried.is_again {
            true => shaders.begin_again(carried.shaders.take(), &mut app.renderer),
            false => shaders.take(shaders.request().load(), &mut app.renderer).map(|_| ()),
        };
        if let Err(error) = begun {
            shaders.trouble = Some(error.to_string());
            status.complain(&error);
        }
        shaders
    }

    fn begin_again(
        &mut self,
        carried: Option<LiveShaders>,
        renderer: &mut RendererState<'_>,
    ) -> Result<(), EditorError> {
        let read = self.request().load();
        let Some(shaders) = carried else {
            // Whatever changes from now on is tried.
            self.watch.watch(0, read.sources);
            return Err(EditorError::ShadersLostGpu { path: self.folder.clone() });
        };
        let kept = ShaderRead { read: Some(Ok(shaders)), sources: Vec::new(), ..read.clone() };
        self.take(kept, renderer)?;
        self.take(read, renderer).map(|_| ())
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
    pub(crate) fn take_request(&mut self) -> Option<ShaderRead> {
        std::mem::take(&mut self.is_wanted).then(|| self.request())
    }

    fn request(&self) -> ShaderRead {
        ShaderRead { folder: self.folder.clone(), read: None, sources: Vec::new() }
    }

    /// Draws with what was read; whether that is news.
    fn take(&mut self, read: ShaderRead, renderer: &mut RendererState<'_>) -> Result<bool, EditorError> {
        let taken = self.try_take(read, renderer);
        let had_trouble = std::mem::replace(&mut self.trouble, taken.as_ref().err().map(ToString::to_string)).is_some();
        taken.map(|is_other| is_other || had_trouble)
    }

    fn try_take(&mut self, read: ShaderRead, renderer: &mut RendererState<'_>) -> Result<bool, EditorError> {
        let Some(shaders) = read.read else { return Ok(false) };
        self.watch.watch(0, read.sources);
        let shaders = shaders.map_err(not_reloaded)?;
        let is_other = self.in_use.as_ref() != Some(&shaders);
        if is_other {
            let remade = renderer::use_shaders(renderer, Some(shaders.clone())).map_err(not_reloaded)?;
            tracing::info!(folder = %self.folder.display(), pipelines = remade, "shaders loaded");
            (self.in_use, self.frames) = (Some(shaders), 0);
        }
        Ok(is_other)
    }
}

fn not_reloaded(source: RenderError) -> EditorError {
    EditorError::NotReloaded { source: Box::new(source.into()) }
}

impl EditorState<'_> {
    /// Draws with shaders that were read, and says so.
    pub(crate) fn take_shaders(&mut self, read: ShaderRead, app: &mut AppState<'_>) -> Result<(), EditorError> {
        if let Some(folder) = &mut self.shaders
            && folder.take(read, &mut app.renderer)?
        {
            self.status.say(Mood::Note, "reloaded the shaders");
        }
        Ok(())
    }
}
