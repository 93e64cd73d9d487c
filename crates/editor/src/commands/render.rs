//! `voltrum render`: a scene becomes a PNG, without a window.

use super::phases::Phases;
use super::{to_stdout, turntable};
use crate::backdrop::Backdrop;
use crate::camera::{OrbitCamera, file_camera, placed_camera};
use crate::cli::{CameraRequest, EnvironmentRequest, RenderArgs, ReportFormat, ReportRequest};
use crate::error::EditorError;
use crate::loading;
use crate::look::{Look, Surroundings};
use crate::picture::write_png_by_rows;
use crate::progress_bar::{pictures_bar, with_progress};
use crate::project::{self, Play, Project, ProjectRequest, StagedProject};
use crate::shader_folder;
use std::io::{self, Write};
use std::path::Path;
use voltrum::assets::Loading;
use voltrum::memory::{Arena, MemoryReport, Scope, Tag, Tagged, heap_scope, limit_system_heap};
use voltrum::platform::files;
use voltrum::render::glam::Mat4;
use voltrum::render::{
    Camera, EnvironmentId, EnvironmentUpload, GpuLifetime, Instances, LiveShaders, RenderError, TargetId, UploadBatch,
    View, renderer,
};
use voltrum::scene;
use voltrum::scene::project::Intent;
use voltrum::{AppConfig, AppError, AppState, Client, Frame, Next, Turn};

/// Address space for the report, which has one row per arena and tag.
const REPORT_BYTES: usize = 16 << 20;

/// How much of the scene arena may be in use.
const SCENE_BYTES_MAX: usize = 1 << 30;

/// Renders a file to a PNG and tells who held which memory.
///
/// # Errors
/// A bad file, a shader of `shaders` that is no good, a GPU that is missing or lost, a budget that is spent, a place that can't be written to.
pub fn run(args: &RenderArgs, shaders: Option<&Path>, validate: bool) -> Result<(), AppError<EditorError>> {
    // the driver compiles on several threads, one after the other
    limit_system_heap();
    let config = AppConfig { ui: None, window_size: args.size.0, ..AppConfig::new("voltrum render") }.headless();
    let config = AppConfig { validation: config.validation || validate, scene_limit_bytes: SCENE_BYTES_MAX, ..config };

    shaders.map_or(Ok(()), shader_folder::check)?;
    let shaders = shaders.map(LiveShaders::read).transpose()?;
    let client = RenderClient { args, shaders, phases: Phases::begin() };
    voltrum::drive(&config, &client, Some(()), |instance| {
        for _ in 0..args.frame_count() {
            match instance.frame()? {
                Turn::Continue => {}
                ended => return Ok(ended),
            }
        }
        let pictures = args.turntable.unwrap_or(1);
        let bar = pictures_bar(pictures, args.quiet);
        for index in 0..pictures {
            if index > 0 {
                instance.state().picture = index;
                if instance.frame()? == Turn::Quit {
                    return Ok(Turn::Quit);
                }
            }
            let (state, _, app) = instance.parts();
            let path = turntable::path(args, index);
            client.write_picture(&path, state, app)?;
            client.phases.end("write");
            tracing::info!(output = %path.display(), size = ?args.size.0, "picture written");
            if let Some(bar) = &bar {
                bar.inc(1);
            }
        }
        let mut report_memory = Arena::try_reserve("report", REPORT_BYTES)?;
        let report_memory = report_memory.open();
        let report = match &args.memory_report {
            Some(_) => Some(instance.figures().report(report_memory.tagged(Tag::REPORT), &instance.stats())?),
            None => None,
        };
        if let (Some(report), Some(request)) = (report, &args.memory_report) {
            write_report(&report, request)?;
        }
        check_validation(instance.app())?;
        Ok(Turn::Quit)
    })
}

/// What the validation layers said is a fault of ours, however good the picture.
///
/// # Errors
/// [`EditorError::Validation`].
pub(crate) fn check_validation(app: &AppState<'_>) -> Result<(), EditorError> {
    match app.gpu.validation_messages() {
        0 => Ok(()),
        count => Err(EditorError::Validation { count }),
    }
}

fn write_report(report: &MemoryReport<'_>, request: &ReportRequest) -> Result<(), EditorError> {
    let _foreign = heap_scope(Tag::FOREIGN);
    let write = |out: &mut dyn Write| match request.format {
        ReportFormat::Text => write!(out, "{report}"),
        ReportFormat::Json => writeln!(out, "{}", report.json()),
    };
    match &request.path {
        None => to_stdout(write),
        Some(path) => write_file(path, write),
    }
}

/// Writes a file whole or not at all; a device or a pipe as it comes.
fn write_file(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), EditorError> {
    let is_stream = std::fs::metadata(path).is_ok_and(|place| !place.is_file() && !place.is_dir());
    if is_stream {
        let opened = std::fs::OpenOptions::new().write(true).open(path);
        let written = opened.map(io::BufWriter::new).and_then(|mut out| write(&mut out).and_then(|()| out.flush()));
        return written.map_err(|source| EditorError::Output { target: path.display().to_string(), source });
    }
    Ok(files::write_file_atomic_with(path, |file| {
        let mut out = io::BufWriter::new(file);
        write(&mut out)?;
        out.flush()
    })?)
}

/// The cameras of all files, and whether a node has each.
fn cameras<'x>(staged: &'x StagedProject<'_>) -> impl Iterator<Item = bool> + 'x {
    staged.files.iter().filter_map(|file| file.scene.as_ref()).flat_map(|scene| {
        (0..scene.cameras.len()).map(|at| scene.nodes.iter().any(|node| node.camera == u32::try_from(at).ok()))
    })
}

/// Why rows of a picture don't get from the GPU to a file.
enum RowsError {
    Unread(RenderError),
    Unwritten(io::Error),
}

impl From<RenderError> for RowsError {
    fn from(error: RenderError) -> RowsError {
        RowsError::Unread(error)
    }
}

struct RenderClient<'c> {
    args: &'c RenderArgs,
    shaders: Option<LiveShaders>,
    phases: Phases,
}

struct RenderState {
    target: TargetId,
    look: Look,
    environment: EnvironmentId,
    /// Which picture of a turntable is drawn.
    picture: u32,
    failure: Option<EditorError>,
}

impl RenderClient<'_> {
    /// Reads the picture and writes it, some rows at a time.
    fn write_picture(&self, path: &Path, state: &RenderState, app: &mut AppState<'_>) -> Result<(), EditorError> {
        let _foreign = heap_scope(Tag::FOREIGN);
        let (size, is_opaque) = (self.args.size.0, state.look.backdrop != Backdrop::Transparent);
        let mut is_drawn = false;
        let mut unread = None;
        let write = |out: &mut dyn Write| {
            write_png_by_rows(out, size, is_opaque, |put| {
                let read = renderer::read_target_rows(&mut app.renderer, state.target, |rows| {
                    if !std::mem::replace(&mut is_drawn, true) {
                        self.phases.end("draw");
                    }
                    put(rows.rgba).map_err(RowsError::Unwritten)
                });
                read.map_err(|error| match error {
                    RowsError::Unwritten(error) => error,
                    RowsError::Unread(error) => {
                        unread = Some(error.into());
                        io::Error::other("the picture can't be read")
                    }
                })
            })
        };
        let written = if self.args.is_to_stdout() { to_stdout(write) } else { write_file(path, write) };
        unread.map_or(written, Err)
    }

    fn aspect(&self) -> f32 {
        let [width, height] = self.args.size.0;
        width as f32 / height as f32
    }

    /// Shows the animation and the variant that were asked for.
    fn dress(&self, project: &mut Project<'_>, app: &AppState<'_>) -> Result<(), EditorError> {
        let file = || self.args.file.display().to_string();
        if self.args.animation.is_some() || self.args.time.is_some() {
            let asked = self.args.animation.clone().unwrap_or_else(|| "0".to_owned());
            let Some(found) = project.find_animation(&asked) else {
                let known = project.animations().map(|(_, _, animation)| animation.name.to_owned()).collect();
                return Err(EditorError::NotInFile { file: file(), what: "animation", asked, known });
            };
            project.play(Play::Show(found));
            project.play(Play::Toggle);
            project.play(Play::Seek(self.args.time.unwrap_or(0.0)));
            project.animate(0.0)?;
            project.update();
        }
        if let Some(asked) = &self.args.variant {
            let Some((at, variant)) = project.find_variant(asked) else {
                let known = project.variants().map(|(_, _, name)| name.to_owned()).collect();
                return Err(EditorError::NotInFile { file: file(), what: "variant", asked: asked.clone(), known });
            };
            project.wear(&app.materials, at, Some(variant))?;
        }
        Ok(())
    }

    fn camera(&self, project: &Project<'_>, picture: u32) -> Camera {
        let first = self.first_camera(project);
        let Some(count) = self.args.turntable else { return first };
        let middle = match self.args.camera {
            CameraRequest::LookAt { target, .. } => target,
            CameraRequest::Fit | CameraRequest::File(_) => project.bounds().center(),
        };
        turntable::turned(&first, middle, picture, count)
    }

    fn first_camera(&self, project: &Project<'_>) -> Camera {
        match self.args.camera {
            CameraRequest::LookAt { eye, target } => placed_camera(eye, target, self.aspect()),
            CameraRequest::File(index) => match project.camera(index) {
                Some((entity, lens)) => {
                    let world = scene::world(project.scene, entity).unwrap_or(Mat4::IDENTITY);
                    file_camera(&world, &lens, self.aspect())
                }
                None => self.fitted(project),
            },
            CameraRequest::Fit => self.fitted(project),
        }
    }

    fn fitted(&self, project: &Project<'_>) -> Camera {
        let mut camera = OrbitCamera::default();
        if self.args.turntable.is_some() {
            camera.reset([turntable::turned_bounds(&project.bounds())], self.aspect());
        } else {
            camera.reset(project.boxes(), self.aspect());
        }
        camera.camera(self.aspect())
    }
}

impl Client for RenderClient<'_> {
    type Request = ();
    type Staged<'scene> = (StagedProject<'scene>, Option<EnvironmentUpload>);
    type Project<'scene> = Project<'scene>;
    type Work<'scene> = ();
    type State<'app> = RenderState;
    type Error = EditorError;

    fn startup<'app>(&self, app: &mut AppState<'app>) -> Result<RenderState, EditorError> {
        if self.shaders.is_some() {
            renderer::use_shaders(&mut app.renderer, self.shaders.clone())?;
        }
        let target = renderer::create_target(&mut app.renderer, self.args.size.0, self.args.samples, "picture")?;
        self.phases.end("start");
        let environment = EnvironmentId::NONE;
        Ok(RenderState { target, look: self.args.look(), environment, picture: 0, failure: None })
    }

    fn empty<'scene>(&self) -> Self::Staged<'scene> {
        (StagedProject::EMPTY, None)
    }

    fn load<'scene>(
        &self,
        _request: &(),
        memory: &Scope<'scene>,
        loading: &mut Loading<'_, UploadBatch<'_>>,
    ) -> Result<Self::Staged<'scene>, EditorError> {
        let request = ProjectRequest::look_at(&self.args.file, self.args.scene.as_deref())?;
        let progress = loading.progress;
        let (staged, environment) = with_progress(progress, self.args.quiet, || {
            let environment = match &self.args.environment {
                EnvironmentRequest::File(path) => Some(loading::environment(path, loading)?),
                EnvironmentRequest::Default | EnvironmentRequest::None => None,
            };
            Ok::<_, EditorError>((project::load(&request, Intent::Look, memory, loading)?, environment))
        })?;
        self.phases.end("read");
        if let CameraRequest::File(asked) = self.args.camera {
            let count = cameras(&staged).count();
            if !cameras(&staged).nth(asked).unwrap_or(false) {
                let file = self.args.file.display().to_string();
                return Err(EditorError::NoCamera { file, asked, count });
            }
        }
        Ok((staged, environment))
    }

    fn open<'app, 'loaded: 'scene, 'scene>(
        &self,
        state: &mut RenderState,
        app: &mut AppState<'app>,
        (staged, environment): Self::Staged<'loaded>,
        memory: Tagged<'scene>,
        uploads: &UploadBatch<'_>,
    ) -> Result<Project<'scene>, EditorError> {
        for file in staged.files.iter().filter(|_| !self.args.quiet) {
            for note in file.scene.as_ref().map_or(&[][..], |scene| scene.notes) {
                tracing::warn!("{}: {note}", file.entry.path);
            }
        }
        if let Some(upload) = environment {
            let lifetime = GpuLifetime::Permanent;
            state.environment = renderer::create_environment(&mut app.renderer, uploads, upload, lifetime)?;
            state.look.surroundings = Surroundings::Loaded(state.environment);
        }
        let mut project = Project::open(app, staged, memory, uploads)?;
        // what stands in for one that failed has nothing to choose from
        let dressed = if project.is_empty() { Ok(()) } else { self.dress(&mut project, app) };
        if let Err(error) = dressed {
            project.close(app);
            return Err(error);
        }
        while let Some(notice) = project.take_notice() {
            if !self.args.quiet {
                tracing::warn!("{}: {notice}", project.shown_path());
            }
        }
        Ok(project)
    }

    fn load_failed<'app>(&self, state: &mut RenderState, _app: &mut AppState<'app>, error: EditorError) {
        state.failure = Some(error);
    }

    fn update<'app, 'scene>(
        &self,
        state: &mut RenderState,
        _project: &mut Project<'scene>,
        app: &mut AppState<'app>,
        _scene: Tagged<'scene>,
        _frame: &mut Frame<'_>,
    ) -> Result<Next<()>, EditorError> {
        renderer::finish_uploads(&mut app.renderer)?;
        match state.failure.take() {
            Some(error) => Err(error),
            None => Ok(Next::Continue),
        }
    }

    fn render<'f>(
        &self,
        state: &mut RenderState,
        project: &mut Project<'_>,
        app: &mut AppState<'_>,
        frame: &'f Frame<'_>,
    ) -> Result<&'f [View<'f>], EditorError> {
        project.follow(&mut app.renderer, state.look.mode)?;
        // a picture shows all of it
        while project.is_arriving() {
            project.follow(&mut app.renderer, state.look.mode)?;
        }
        let drawn = project.drawn(state.look.view(), &frame.memory)?;
        let view = View { target: state.target, camera: self.camera(project, state.picture), ..drawn };
        Ok(frame.memory.tagged(Tag::FRAME).try_alloc([view])?)
    }

    fn instances<'p>(&self, project: &'p Project<'_>) -> Option<&'p Instances<'p>> {
        project.instances()
    }

    fn close<'app>(&self, _state: &mut RenderState, app: &mut AppState<'app>, project: Project<'_>) {
        project.close(app);
    }

    fn shutdown<'app>(&self, state: RenderState, app: &mut AppState<'app>) {
        renderer::destroy_environment(&mut app.renderer, state.environment);
        renderer::destroy_target(&mut app.renderer, state.target);
    }
}
