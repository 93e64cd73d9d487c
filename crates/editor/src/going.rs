//! From one project to the next: opening, saving, closing, quitting, and what has to be asked before.
//!
//! # Invariants
//! 1. Unsaved edits are never dropped without a yes to it.
//! 2. A question that is not answered leaves everything as it is.

use crate::editor_state::EditorState;
use crate::error::EditorError;
use crate::file_dialog::Purpose;
use crate::loading::Request;
use crate::project::{PROJECT_ENDING, Project, ProjectRequest, SceneName, is_project};
use crate::question::{After, Question};
use crate::shader_folder::ShaderFolder;
use crate::status::Mood;
use crate::wishes::{Answer, Wish};
use std::path::{Path, PathBuf};
use voltrum::AppState;
use voltrum::render::{EnvironmentUpload, UploadBatch};
use voltrum::scene::Entity;

/// What the framework is to be told at the end of the update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Going {
    /// Load another project.
    To(Request),
    /// Load something that becomes part of the open one.
    Adding(Request),
    /// Prepare what changes the open one.
    Changing(Request),
    /// End.
    Away,
}

impl EditorState<'_> {
    /// Opens a file in the next turn, as if a person had chosen it; asks first where edits would be lost.
    pub fn open(&mut self, path: &str) {
        self.dialog.purpose = Purpose::Open;
        if self.dialog.path.set(path) {
            self.wishes.push(Wish::UseDialog);
        } else {
            self.status.say(Mood::Error, "the path is too long; move the file to a folder nearer to the root");
        }
    }

    /// Stops the load that runs, as the button beside its bar does.
    pub fn cancel_load(&mut self) {
        self.wishes.push(Wish::CancelLoad);
    }

    /// Closes the open project in the next turn; asks first where edits would be lost.
    pub fn close(&mut self) {
        self.wishes.push(Wish::Close);
    }

    /// Opens what the editor was started on; without that, what a crash has left.
    pub(crate) fn begin(&mut self, first: Option<PathBuf>, project: &mut Project<'_>) {
        match first {
            Some(first) => self.go(After::Open(first), project),
            None => self.recover(project),
        }
    }

    /// Opens the last draft that a crash has left.
    pub(crate) fn recover(&mut self, project: &mut Project<'_>) {
        if let Some(draft) = self.drafts.first().cloned() {
            self.go(After::Recover(draft), project);
        }
    }

    /// Opens, begins, closes or quits; asks first where edits would be lost.
    pub(crate) fn go(&mut self, after: After, project: &mut Project<'_>) {
        if let After::Open(path) = &after
            && project.is_same_file(path)
        {
            self.status.say(Mood::Note, "this project is open already");
            return;
        }
        project.end_drag();
        if project.is_saving() {
            // how the save ends says what is to be asked
            self.asking.after_save = Some(after);
        } else if project.is_unsaved() && !self.discards {
            self.asking.ask(Question::Unsaved(after));
        } else {
            self.depart(after);
        }
    }

    fn depart(&mut self, after: After) {
        self.going = Some(match after {
            After::Open(path) => {
                self.loading.set(&path.to_string_lossy());
                Going::To(ProjectRequest::Open(path).into())
            }
            After::OpenScene(path, scene) => {
                self.loading.set(&path.to_string_lossy());
                Going::To(ProjectRequest::OpenScene { path, scene: SceneName::Number(scene) }.into())
            }
            After::Recover(draft) => {
                self.drafts.retain(|other| *other != draft);
                Going::To(ProjectRequest::Recover(draft).into())
            }
            After::New => Going::To(ProjectRequest::New.into()),
            After::Close => Going::To(ProjectRequest::Close.into()),
            After::Quit => Going::Away,
        });
    }

    /// A file that was dropped on the window: a panorama surrounds the scene; a project, or the first file, is opened; a
    /// scene is added to what is open.
    pub(crate) fn take_in(&mut self, path: PathBuf, project: &mut Project<'_>) {
        if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("hdr")) {
            self.environment.want(path);
        } else if project.is_empty() || is_project(&path) {
            self.go(After::Open(path), project);
        } else {
            self.add_file(path, None, project);
        }
    }

    pub(crate) fn add_file(&mut self, path: PathBuf, under: Option<Entity>, project: &Project<'_>) {
        self.loading.set(&path.to_string_lossy());
        self.going = Some(Going::Adding(project.import_request(path, under).into()));
    }

    /// What goes on by itself beside the project is asked for again where another load cancels it.
    pub(crate) fn note_overtaken(&mut self, going: &Going) {
        if let Going::To(_) | Going::Adding(Request::Project(_)) = going {
            self.environment.note_overtaken();
            self.reloads.note_overtaken();
            self.shaders.iter_mut().for_each(ShaderFolder::note_overtaken);
        }
    }

    /// Surrounds the scene with what was loaded.
    pub(crate) fn take_environment(
        &mut self,
        app: &mut AppState<'_>,
        loaded: (PathBuf, EnvironmentUpload),
        uploads: &UploadBatch<'_>,
    ) -> Result<(), EditorError> {
        tracing::info!(path = %loaded.0.display(), "environment loaded");
        Ok(self.environment.take(&mut app.renderer, uploads, loaded, &mut self.viewport.look)?)
    }

    /// Opens the file dialog beside what is open, or where the last file was.
    pub(crate) fn ask_for_file(&mut self, purpose: Purpose, project: &Project<'_>) {
        let beside = project.path().or_else(|| self.store.settings.recent.first().map(PathBuf::as_path));
        let folder = beside.and_then(Path::parent).map(Path::to_path_buf);
        let folder = folder.or_else(|| std::env::current_dir().ok()).unwrap_or_default();
        let at = match purpose {
            Purpose::SaveAs => {
                let stem = Path::new(project.title()).file_stem().unwrap_or_default().to_string_lossy().into_owned();
                folder.join(format!("{stem}.{PROJECT_ENDING}"))
            }
            Purpose::Environment => {
                let beside = self.environment.path().and_then(Path::parent).map(Path::to_path_buf);
                beside.unwrap_or(folder).join("")
            }
            Purpose::Open | Purpose::Import => folder.join(""),
        };
        self.dialog.ask(purpose, &at);
    }

    /// Does what the file dialog was opened for.
    pub(crate) fn use_file(&mut self, path: PathBuf, project: &mut Project<'_>) {
        if path.as_os_str().is_empty() {
            return;
        }
        match self.dialog.purpose {
            Purpose::Open => self.go(After::Open(path), project),
            Purpose::Import => self.add_file(path, None, project),
            Purpose::Environment => self.environment.want(path),
            Purpose::SaveAs => {
                let path = with_ending(path);
                if path.exists() && !project.is_same_file(&path) {
                    self.asking.ask(Question::Replace(path));
                } else {
                    self.save_at(&path, project);
                }
            }
        }
    }

    /// Saves; asks where that needs a word.
    pub(crate) fn save(&mut self, project: &mut Project<'_>) {
        if project.is_empty() {
            return;
        }
        project.set_view(self.viewport.settings());
        self.begin_saving(true, project);
    }

    /// Saves beside the frames; [`EditorState::after_saving`] follows.
    fn begin_saving(&mut self, is_careful: bool, project: &mut Project<'_>) {
        if project.is_saving() {
            self.asking.saves_again = true;
        } else if let Err(error) = project.begin_saving(is_careful) {
            self.after_saving(Err(error), project);
        }
    }

    fn save_at(&mut self, path: &Path, project: &mut Project<'_>) {
        project.set_view(self.viewport.settings());
        let saved = project.save_as(path);
        self.after_saving(saved, project);
    }

    pub(crate) fn after_saving(&mut self, saved: Result<(), EditorError>, project: &mut Project<'_>) {
        match saved {
            Ok(()) => {
                tracing::info!(path = project.shown_path(), "saved");
                self.status.say(Mood::Note, &format!("saved {}", project.title()));
                if let Some(path) = project.path() {
                    self.store.settings.note_opened(path);
                    self.store.touch();
                }
                let saves_again = std::mem::take(&mut self.asking.saves_again);
                match self.asking.after_save.take() {
                    after if saves_again && project.is_unsaved() => {
                        self.asking.after_save = after;
                        self.save(project);
                    }
                    // edits may have come while it was being saved
                    Some(after) if project.is_unsaved() => self.go(after, project),
                    Some(after) => self.depart(after),
                    None => {}
                }
            }
            Err(EditorError::NeedsPath) => self.ask_for_file(Purpose::SaveAs, project),
            Err(EditorError::ChangedOutside { .. }) => self.asking.ask(Question::ChangedOutside),
            Err(error) => {
                self.asking.cancel();
                self.complain(&error);
            }
        }
    }

    /// Goes on with what a question was asked for.
    pub(crate) fn answer(&mut self, answer: Answer, project: &mut Project<'_>) {
        match (self.asking.question.take(), answer) {
            (_, Answer::Cancel) => self.asking.cancel(),
            (Some(Question::Unsaved(after)), Answer::Yes) => {
                self.asking.after_save = Some(after);
                self.save(project);
            }
            (Some(Question::Unsaved(after)), Answer::No) => {
                self.discards = true;
                project.discard_on_close(true);
                self.depart(after);
            }
            (Some(Question::Replace(path)), Answer::Yes) => self.save_at(&path, project),
            (Some(Question::Replace(path)), Answer::No) => self.dialog.ask(Purpose::SaveAs, &path),
            (Some(Question::ChangedOutside), Answer::Yes) => {
                self.begin_saving(false, project);
            }
            (Some(Question::ChangedOutside), Answer::No) => self.ask_for_file(Purpose::SaveAs, project),
            (None, _) => {}
        }
    }

    /// Shows a failure until it is dismissed.
    pub(crate) fn complain(&mut self, error: &EditorError) {
        self.status.complain(error);
    }
}

/// A project's path, with the ending that is added to a bare name.
fn with_ending(path: PathBuf) -> PathBuf {
    if path.extension().is_none() { path.with_extension(PROJECT_ENDING) } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_name_gets_the_ending_of_projects() {
        assert_eq!(with_ending("a/room".into()), Path::new("a/room.voltrum"));
        assert_eq!(with_ending("a/room.json".into()), Path::new("a/room.json"));
    }
}
