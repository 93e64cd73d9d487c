//! `voltrum info` on a project: what it holds, with what its journal would recover counted in. Nothing on the disk changes.

use super::info::{BoundsInfo, Triple, bounds_info, print};
use super::to_stdout;
use crate::cli::InfoArgs;
use crate::error::EditorError;
use crate::no_uploads::NoUploads;
use crate::progress_bar::with_progress;
use crate::project::{self, Project, ProjectRequest};
use serde::Serialize;
use std::fmt;
use voltrum::assets::{Loading, Progress};
use voltrum::memory::{Arena, Tag, heap_scope};
use voltrum::scene;
use voltrum::scene::project::Intent;

/// Address space for the project.
const SCENE_BYTES: usize = 64 << 30;

/// Says what is in a project.
///
/// # Errors
/// When a file is missing or bad, or standard output refuses.
pub(super) fn run(args: &InfoArgs) -> Result<(), EditorError> {
    let mut arena = Arena::try_reserve("scene", SCENE_BYTES)?;
    let memory = arena.open();
    let mut scratch = NoUploads::memory()?;
    let mut uploads = NoUploads::new(&mut scratch);
    let progress = Progress::new();
    let request = ProjectRequest::look_at(&args.file, args.scene.as_deref())?;
    let mut loading = Loading::new(&mut uploads, &progress);
    let load = || project::load(&request, Intent::Look, &memory, &mut loading);
    let staged = with_progress(&progress, false, load)?;
    let recovered = staged.loaded.as_ref().map(|loaded| loaded.recovery).unwrap_or_default();
    let mut project = Project::open_headless(staged, memory.tagged(Tag::PROJECT))?;
    let _foreign = heap_scope(Tag::FOREIGN);
    let file = args.file.display().to_string();
    let mut notes = Vec::new();
    while let Some(notice) = project.take_notice() {
        notes.push(notice);
    }
    let info = ProjectInfo {
        schema: 1,
        file: &file,
        entities: project.entity_count(),
        meshes: scene::meshes(project.scene).entities().len(),
        cameras: scene::cameras(project.scene).entities().len(),
        lights: scene::lights(project.scene).entities().len(),
        bounds: bounds_info(&project.bounds()),
        recovered_edits: recovered.steps,
        files: project.files().iter().map(file_info).collect(),
        notes: &notes,
    };
    to_stdout(|out| print(&info, args.json, out))
}

fn file_info<'s>(file: &project::ProjectFile<'s>) -> FileInfo<'s> {
    let scene = file.scene();
    FileInfo {
        id: file.id(),
        path: file.path(),
        nodes: scene.map(|scene| scene.nodes.len()),
        triangles: scene.map(|scene| scene.counts.triangles),
        fault: Some(file.fault()).filter(|fault| !fault.is_empty()),
    }
}

/// What is in a project, as the JSON has it.
#[derive(Debug, Serialize)]
struct ProjectInfo<'s> {
    schema: u32,
    file: &'s str,
    entities: usize,
    meshes: usize,
    cameras: usize,
    lights: usize,
    bounds: Option<BoundsInfo>,
    recovered_edits: u64,
    files: Vec<FileInfo<'s>>,
    notes: &'s [&'s str],
}

#[derive(Debug, Serialize)]
struct FileInfo<'s> {
    id: u32,
    path: &'s str,
    nodes: Option<usize>,
    triangles: Option<u64>,
    fault: Option<&'s str>,
}

impl fmt::Display for ProjectInfo<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}", self.file)?;
        let (meshes, cameras, lights) = (self.meshes, self.cameras, self.lights);
        writeln!(out, "  entities    {}: {meshes} with a mesh, {cameras} cameras, {lights} lights", self.entities)?;
        if let Some(BoundsInfo { min, max }) = &self.bounds {
            writeln!(out, "  bounds      {} to {}", Triple(*min), Triple(*max))?;
        }
        if self.recovered_edits > 0 {
            writeln!(out, "  unsaved     {} edits in the journal, counted in", self.recovered_edits)?;
        }
        writeln!(out, "  files       {}", self.files.len())?;
        for file in &self.files {
            write!(out, "    {:<3} {}", file.id, file.path)?;
            match (file.nodes, file.triangles, file.fault) {
                (Some(nodes), Some(triangles), _) => writeln!(out, ": {nodes} nodes, {triangles} triangles")?,
                (_, _, fault) => writeln!(out, ": missing: {}", fault.unwrap_or_default())?,
            }
        }
        self.notes.iter().try_for_each(|note| writeln!(out, "  note: {note}"))
    }
}
