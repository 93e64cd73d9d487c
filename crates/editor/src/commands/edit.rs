//! `voltrum edit`: a script changes a project. Needs no GPU and no window.
//!
//! # Invariants
//! 1. `journaled N` is printed once the first N edits of the run are safe on the disk, and not before.
//! 2. Whatever ends the run, the edits before it stay: saved, or in the journal.

use crate::cli::EditArgs;
use crate::error::EditorError;
use crate::no_uploads::NoUploads;
use crate::progress_bar::with_progress;
use crate::project::{self, Access, Picking, Project, StagedProject};
use crate::script::{self, Command, Line, Lines, Names, Unclear};
use std::collections::VecDeque;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use voltrum::assets::{Loading, Progress};
use voltrum::memory::{Arena, ArenaConfig, Scope, Tag};
use voltrum::scene::project::{Intent, ProjectError, reference};
use voltrum::scene::{self, Entity, Local, SpawnDesc};

/// Address space for a project, and how much of it may be in use.
const SCENE_BYTES: usize = 64 << 30;
const SCENE_BYTES_MAX: usize = 2 << 30;

/// How long the script may stay silent before what waits is written.
const SILENCE: Duration = Duration::from_millis(1);

/// How long the next line may take before the journal gets another turn.
const TURN: Duration = Duration::from_millis(100);

/// Edits are written together when this much time has passed since the last time, or four times what that took.
const FLUSH_APART: Duration = Duration::from_millis(4);

/// Does what a script says.
///
/// # Errors
/// What the script, the project or the disk says; what was done before stays.
pub fn run(args: &EditArgs) -> Result<(), EditorError> {
    let lines = Lines::open(&args.script)
        .map_err(|source| EditorError::Script { script: args.script.display().to_string(), source })?;
    let mut arena = Arena::try_reserve_with(&ArenaConfig {
        reserve_bytes_min: 1 << 30,
        limit_bytes: Some(SCENE_BYTES_MAX),
        ..ArenaConfig::new("scene", SCENE_BYTES)
    })?;
    let memory = arena.open();
    let mut scratch = NoUploads::memory()?;
    let mut uploads = NoUploads::new(&mut scratch);
    let progress = Progress::new();
    let loading = &mut Loading::new(&mut uploads, &progress);
    let load = || project::load_project(&args.project, Intent::Edit, Picking::Boxes, &memory, loading);
    let staged = with_progress(&progress, false, load)?;
    let is_new = staged.loaded.as_ref().is_some_and(|loaded| loaded.is_new);
    let mut project = Project::open_headless(staged, memory.tagged(Tag::PROJECT))?;
    if let Access::ReadOnly { reason } = project.access() {
        let path = args.project.display().to_string().into_boxed_str();
        return Err(EditorError::Project(ProjectError::ReadOnly { path, reason: reason.into() }));
    }
    while let Some(notice) = project.take_notice() {
        tracing::warn!("{}: {notice}", args.project.display());
    }
    if is_new {
        project.save()?;
    }
    let names = Names::of(project.scene);
    let mut run = Run { project, names, memory: &memory, loading, waiting: VecDeque::new(), journaled: 0, last: None };
    let outcome = run.all(&lines, &args.script);
    // what was done is told, whatever came behind it
    let is_safe = run.flush();
    let trouble = run.project.journal_trouble().map(str::to_owned);
    run.project.close_headless();
    outcome?;
    match trouble {
        Some(message) if !is_safe => Err(EditorError::NotJournaled { message }),
        _ => Ok(()),
    }
}

struct Run<'r, 'c, 's, 'u> {
    project: Project<'r>,
    names: Names<'r>,
    memory: &'r Scope<'s>,
    loading: &'r mut Loading<'c, NoUploads<'u>>,
    /// The journal's number of each edit that isn't told yet.
    waiting: VecDeque<u64>,
    journaled: u64,
    /// When edits were written last, and how long that took.
    last: Option<(Instant, Duration)>,
}

impl Run<'_, '_, '_, '_> {
    fn all(&mut self, lines: &Lines, script: &Path) -> Result<(), EditorError> {
        let mut patience = SILENCE;
        loop {
            let (line, text) = match lines.next(patience) {
                Line::Text(line, text) => (line, text),
                Line::NotYet => {
                    self.flush();
                    self.project.update();
                    patience = TURN;
                    continue;
                }
                Line::End => return Ok(()),
                Line::Bad(line, problem) => return Err(fault(script, line, problem.to_owned())),
                Line::Failed(source) => {
                    return Err(EditorError::Script { script: script.display().to_string(), source });
                }
            };
            patience = SILENCE;
            let command = script::parse(&text).map_err(|problem| fault(script, line, problem))?;
            let Some(command) = command else { continue };
            self.command(&command).map_err(|error| match error {
                Refused::Script(problem) => fault(script, line, problem),
                Refused::Editor(EditorError::NameTooLong { .. }) => fault(script, line, name_problem(&command)),
                Refused::Editor(error) => {
                    EditorError::ScriptFailed { script: script.display().to_string(), line, source: Box::new(error) }
                }
            })?;
            let is_time = self.last.is_none_or(|(at, took)| at.elapsed() >= FLUSH_APART.max(took * 4));
            if is_time && !self.waiting.is_empty() {
                self.flush();
            }
        }
    }

    fn command(&mut self, command: &Command) -> Result<(), Refused> {
        let before = (self.project.version(), self.project.steps().0);
        match command {
            Command::Add { name, parent } => {
                let parent = parent.as_deref().map(|parent| self.find(parent)).transpose()?;
                project::check_name(name)?;
                let desc = SpawnDesc { name, parent, ..SpawnDesc::default() };
                let entity = self.project.edit("Add entity", |edit| edit.spawn(&desc))?;
                self.names.add(self.project.scene, entity);
            }
            Command::Import { file, parent } => self.import(file, parent.as_deref())?,
            Command::Move { name, to } => {
                let entity = self.find(name)?;
                let local = match scene::local(self.project.scene, entity).unwrap_or_default() {
                    Local::Parts(mut parts) => {
                        parts.translation = *to;
                        Local::Parts(parts)
                    }
                    Local::Matrix(mut matrix) => {
                        matrix.w_axis = to.extend(matrix.w_axis.w);
                        Local::Matrix(matrix)
                    }
                };
                self.project.edit("Move", |edit| edit.set_local(entity, local))?;
            }
            Command::Rename { name, new } => {
                let entity = self.find(name)?;
                self.project.rename(entity, new)?;
                self.names.add(self.project.scene, entity);
            }
            Command::Delete { name } => {
                let entity = self.find(name)?;
                self.project.delete(entity)?;
            }
            Command::Undo | Command::Redo => {
                let (is_done, what) = match command {
                    Command::Undo => (self.project.undo()?, "undo"),
                    _ => (self.project.redo()?, "redo"),
                };
                if !is_done {
                    tracing::warn!("there is nothing to {what}");
                    return Ok(());
                }
            }
            Command::Save => {
                self.flush();
                self.project.save()?;
                self.tell_all();
                return Ok(());
            }
            Command::Wait(time) => {
                self.wait(*time);
                return Ok(());
            }
        }
        let (version, last) = (self.project.version(), self.project.steps().0);
        // one that the journal couldn't take is safe only with the next save, which has just been tried
        let is_lost = version != before.0 && last == before.1;
        match (is_lost, self.project.is_unsaved()) {
            (true, false) => self.tell_all_and_one(),
            (true, true) => self.waiting.push_back(u64::MAX),
            (false, _) => self.waiting.push_back(last),
        }
        Ok(())
    }

    fn import(&mut self, file: &Path, parent: Option<&str>) -> Result<(), Refused> {
        let under = parent.map(|parent| self.find(parent)).transpose()?;
        let project = self.project.path().unwrap_or(Path::new(""));
        // what stands beside the project is meant before what stands where the command was called
        let beside = project.parent().map(|folder| folder.join(file)).filter(|path| path.exists());
        let path = beside.unwrap_or_else(|| PathBuf::from(file));
        // before anything of it is read; what isn't there, and a folder, is told by the load
        if let Some(real) = path.canonicalize().ok().filter(|real| !real.is_dir()) {
            reference(project, &real, self.memory.tagged(Tag::PROJECT)).map_err(EditorError::from)?;
        }
        let progress = self.loading.progress;
        progress.reset();
        let load = || project::load_gltf(&path, Picking::Boxes, self.memory, self.loading);
        let staged = with_progress(progress, false, load)?;
        let staged = StagedProject { under, ..staged };
        let before = self.project.files().len();
        self.project.import_headless(&staged)?;
        for entity in self.project.files().get(before..).unwrap_or_default().iter().flat_map(|file| file.entities()) {
            self.names.add(self.project.scene, *entity);
        }
        Ok(())
    }

    fn find(&self, name: &str) -> Result<Entity, Refused> {
        let shown = script::shortened(name);
        self.names.find(self.project.scene, name).map_err(|unclear| {
            Refused::Script(match unclear {
                Unclear::Nobody => {
                    format!("nothing is called {shown:?}; add it first, or give its path as in Lamp/Arm")
                }
                Unclear::Several => format!("several are called {shown:?}; say which by its path, as in Lamp/Arm"),
            })
        })
    }

    /// Sleeps; the journal gets its turns.
    fn wait(&mut self, time: Duration) {
        let until = Instant::now() + time;
        self.flush();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            std::thread::sleep(left.min(TURN));
            self.project.update();
            self.tell();
        }
    }

    /// Writes what waits and tells what is safe; says whether all is.
    fn flush(&mut self) -> bool {
        let began = Instant::now();
        let is_safe = self.project.flush();
        self.last = Some((Instant::now(), began.elapsed()));
        self.tell();
        is_safe
    }

    fn tell(&mut self) {
        let (_, durable) = self.project.steps();
        let count = self.waiting.iter().take_while(|step| **step <= durable).count();
        self.waiting.drain(..count);
        self.print(count);
    }

    /// After a save: the project file has them all.
    fn tell_all(&mut self) {
        let count = self.waiting.len();
        self.waiting.clear();
        self.print(count);
    }

    fn tell_all_and_one(&mut self) {
        self.waiting.push_back(0);
        self.tell_all();
    }

    fn print(&mut self, count: usize) {
        if count == 0 {
            return;
        }
        let mut out = io::BufWriter::new(io::stdout().lock());
        for _ in 0..count {
            self.journaled += 1;
            // a reader that has gone is no failure
            let _ = writeln!(out, "journaled {}", self.journaled);
        }
        let _ = out.flush();
    }
}

/// Why a command wasn't done.
enum Refused {
    /// The script asks for what can't be.
    Script(String),
    /// Something else refused.
    Editor(EditorError),
}

impl<E: Into<EditorError>> From<E> for Refused {
    fn from(error: E) -> Refused {
        Refused::Editor(error.into())
    }
}

fn fault(script: &Path, line: usize, problem: String) -> EditorError {
    EditorError::ScriptLine { script: script.display().to_string(), line, problem }
}

fn name_problem(command: &Command) -> String {
    let name = match command {
        Command::Rename { new, .. } => new,
        Command::Add { name, .. } => name,
        _ => "",
    };
    let limit = voltrum::scene::project::ProjectLimits::default().name_bytes_max;
    format!("the name {:?} has {} bytes, the limit is {limit}; shorten it", script::shortened(name), name.len())
}
