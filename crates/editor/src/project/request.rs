//! What the loading worker is asked for.

use super::images::KnownImages;
use crate::error::EditorError;
use std::io::Read;
use std::path::{Path, PathBuf};
use voltrum::assets::SceneChoice;
use voltrum::scene::Entity;

/// The ending of project files.
pub const PROJECT_ENDING: &str = "voltrum";

/// Which of a file's scenes is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SceneName {
    /// By its number.
    Number(u32),
    /// By its name, or else by its number.
    Named(String),
}

impl SceneName {
    /// The same for a load.
    pub fn choice(&self) -> SceneChoice<'_> {
        match self {
            SceneName::Number(number) => SceneChoice::Number(*number),
            SceneName::Named(name) => SceneChoice::Named(name),
        }
    }
}

/// What a project is made from, or what becomes part of the open one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProjectRequest {
    /// A project, or a glTF file, which a new project refers to.
    Open(PathBuf),
    /// One of a glTF file's scenes, which a new project refers to.
    OpenScene {
        /// The file.
        path: PathBuf,
        /// The scene.
        scene: SceneName,
    },
    /// A glTF file that becomes part of the open project.
    Import {
        /// The file.
        path: PathBuf,
        /// What its topmost nodes stand below.
        under: Option<Entity>,
        /// What of its images the project has already; see [`Project::import_request`](super::Project::import_request).
        images: KnownImages,
    },
    /// The draft of an untitled project, which a crash has left; see [`drafts_left_in`](super::drafts_left_in).
    Recover(PathBuf),
    /// A new project.
    New,
    /// Nothing: the open one closes.
    Close,
}

impl ProjectRequest {
    /// Whether it opens one glTF file as it is.
    pub(crate) fn is_of_one_file(&self) -> bool {
        match self {
            ProjectRequest::Open(path) => !is_project(path),
            ProjectRequest::OpenScene { .. } => true,
            _ => false,
        }
    }

    /// What a command opens: a file, or the scene of it that is named.
    ///
    /// # Errors
    /// [`EditorError::SceneOfProject`] when a project's is named: it shows what it was made of.
    pub(crate) fn look_at(path: &Path, scene: Option<&str>) -> Result<ProjectRequest, EditorError> {
        let path = path.to_path_buf();
        match scene {
            Some(_) if is_project(&path) => Err(EditorError::SceneOfProject { path }),
            Some(name) => Ok(ProjectRequest::OpenScene { path, scene: SceneName::Named(name.to_owned()) }),
            None => Ok(ProjectRequest::Open(path)),
        }
    }
}

/// Whether a file is a project: by its ending, and where that says nothing, by how it begins.
pub fn is_project(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    if ending.eq_ignore_ascii_case(PROJECT_ENDING) {
        return true;
    }
    if ["gltf", "glb"].iter().any(|other| ending.eq_ignore_ascii_case(other)) {
        return false;
    }
    // a pipe or a device would block; the loader refuses them
    let is_file = std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file());
    let mut start = [0; 512];
    let read = is_file.then(|| std::fs::File::open(path).and_then(|mut file| file.read(&mut start)));
    let start = read.and_then(Result::ok).and_then(|count| start.get(..count)).unwrap_or_default();
    let has = |word: &[u8]| start.windows(word.len()).any(|window| window == word);
    has(b"\"schema\"") && !has(b"\"asset\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn projects_are_told_by_their_ending_or_by_how_they_begin() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("room");
        std::fs::write(&path, "{ \"schema\": 2 }").unwrap();
        assert!(is_project(&path) && is_project(Path::new("nowhere.Voltrum")));
        std::fs::write(&path, "{ \"asset\": { \"version\": \"2.0\" }, \"extras\": { \"schema\": 1 } }").unwrap();
        assert!(!is_project(&path) && !is_project(Path::new("lamp.glb")) && !is_project(folder.path()));
    }
}
