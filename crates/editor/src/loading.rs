//! What the worker loads for the editor: projects, and environments for whichever project is open.

use crate::error::EditorError;
use crate::preview::Arriving;
use crate::project::{self, ProjectRequest, Reload, StagedProject};
use crate::shader_folder::ShaderRead;
use std::path::{Path, PathBuf};
use voltrum::assets::{LoadLimits, Loading, Shapes, load_environment};
use voltrum::memory::Scope;
use voltrum::render::{EnvironmentUpload, UploadBatch};
use voltrum::scene::project::Intent;

/// Address space for a scene that joins the open project.
const IMPORT_BYTES: usize = 4 << 30;

/// What is asked of the worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// A project, or what becomes part of the open one.
    Project(ProjectRequest),
    /// An environment; it belongs to no project.
    Environment(PathBuf),
    /// A file of the open project, once more.
    Reload(Reload),
    /// The shaders of a folder; they belong to no project.
    Shaders(Box<ShaderRead>),
}

impl Request {
    /// Address space of the open project's for what it brings.
    pub fn reserve_bytes(&self) -> usize {
        match self {
            Request::Project(_) => IMPORT_BYTES,
            Request::Environment(_) | Request::Reload(_) | Request::Shaders(_) => 0,
        }
    }
}

impl From<ProjectRequest> for Request {
    fn from(request: ProjectRequest) -> Request {
        Request::Project(request)
    }
}

/// What the worker has made.
#[allow(clippy::large_enum_variant, reason = "moved once for each load, and a box would take the heap")]
pub enum Staged<'scene> {
    /// Of a [`Request::Project`].
    Project(StagedProject<'scene>),
    /// Of a [`Request::Environment`].
    Environment(PathBuf, EnvironmentUpload),
}

/// Loads what is asked for; the shapes of a file that is opened go ahead of it.
///
/// # Errors
/// A bad file, memory that does not suffice, a person who cancels.
pub(crate) fn load<'scene>(
    request: &Request,
    arriving: &Arriving,
    memory: &Scope<'scene>,
    loading: &mut Loading<'_, UploadBatch<'_>>,
) -> Result<Staged<'scene>, EditorError> {
    arriving.begin();
    let intent = Intent::Edit;
    match request {
        Request::Project(request) if request.is_of_one_file() => {
            let bring = |shapes: &Shapes<'_>| arriving.bring(shapes);
            let loading = &mut Loading { on_shapes: Some(&bring), ..loading.lend() };
            Ok(Staged::Project(project::load(request, intent, memory, loading)?))
        }
        Request::Project(request) => Ok(Staged::Project(project::load(request, intent, memory, loading)?)),
        Request::Environment(path) => Ok(Staged::Environment(path.clone(), environment(path, loading)?)),
        // prepared, not loaded
        Request::Reload(_) | Request::Shaders(_) => Ok(Staged::Project(StagedProject::EMPTY)),
    }
}

/// Prepares what changes the open project.
///
/// # Errors
/// As [`Reload::load`].
pub fn prepare(
    request: Request,
    memory: &Scope<'_>,
    loading: &mut Loading<'_, UploadBatch<'_>>,
) -> Result<Request, EditorError> {
    match request {
        Request::Reload(reload) => Ok(Request::Reload(reload.load(memory, loading)?)),
        Request::Shaders(read) => Ok(Request::Shaders(Box::new(read.load(loading.uploads)))),
        other => Ok(other),
    }
}

/// Loads an environment from a `.hdr` file.
///
/// # Errors
/// A bad file, memory that does not suffice, a person who cancels.
pub fn environment(path: &Path, loading: &mut Loading<'_, UploadBatch<'_>>) -> Result<EnvironmentUpload, EditorError> {
    let upload = load_environment(path, loading.uploads, &LoadLimits::default(), loading.progress)?;
    loading.uploads.try_reserve()?;
    Ok(upload)
}
