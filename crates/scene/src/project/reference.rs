//! References to files: relative paths that stay in the project's folder.

use std::path::Path;

use voltrum_assets::words::{shown_path, words};
use voltrum_memory::Tagged;
use voltrum_platform::files;

use super::error::ProjectError;

/// Checks a reference as the document has it; says what is wrong.
///
/// # Errors
/// The rule that it breaks.
pub(super) fn check_reference(path: &str) -> Result<(), &'static str> {
    // a drive's letter names a place elsewhere on the one system that has them, and projects travel
    if path.as_bytes().get(1) == Some(&b':') {
        return Err("the name is absolute");
    }
    if path.split('/').any(|part| part == "..") {
        return Err("`..` leads out of the folder");
    }
    files::check_name(path)
}

/// The reference by which a project at `project` names the file at `file`: its path from the project's folder, with `/`
/// between folders. Both paths have to be real ones, with links followed
/// ([`FileSystem::real_path`](voltrum_platform::files::FileSystem::real_path)).
///
/// ```
/// # use std::path::Path;
/// # use voltrum_memory::{Arena, Tag};
/// # use voltrum_scene::project;
/// # let mut arena = Arena::try_reserve("scene", 1 << 30)?;
/// # let memory = arena.open();
/// # let memory = memory.tagged(Tag::PROJECT);
/// let project = Path::new("/rooms/hall.voltrum");
/// assert_eq!(project::reference(project, Path::new("/rooms/lamps/desk.glb"), memory)?, "lamps/desk.glb");
/// assert!(project::reference(project, Path::new("/lamps/desk.glb"), memory).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`ProjectError::Reference`] for a file outside of the project's folder, or with a name that is no Unicode;
/// [`ProjectError::Memory`].
pub fn reference<'s>(project: &Path, file: &Path, memory: Tagged<'s>) -> Result<&'s str, ProjectError> {
    let refuse = |reason| ProjectError::Reference { path: shown_path(project), file: words(file.display()), reason };
    let folder = project.parent().unwrap_or(Path::new(""));
    let inside = file.strip_prefix(folder).map_err(|_| refuse("it is outside of the project's folder"))?;
    let mut out = voltrum_memory::ArenaString::new_in(memory);
    for part in inside.components() {
        let part = part.as_os_str().to_str().ok_or_else(|| refuse("its name is no Unicode"))?;
        if !out.is_empty() {
            out.try_push('/')?;
        }
        out.try_push_str(part)?;
    }
    check_reference(&out).map_err(refuse)?;
    Ok(out.into_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_that_stay_in_the_folder_pass() {
        for path in ["a.glb", "lamps/desk.glb", "./a.glb", "a..b/c"] {
            assert_eq!(check_reference(path), Ok(()), "{path}");
        }
        for path in ["", "/etc/passwd", "../a.glb", "a/../../b", "a/../b", "C:/a.glb", "C:a.glb", "a\\b.glb", "a\0b"] {
            assert!(check_reference(path).is_err(), "{path}");
        }
    }
}
