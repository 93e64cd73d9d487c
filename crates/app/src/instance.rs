//! A running application with its open project: one turn of the frame loop at a time.

use crate::app_state::AppState;
use crate::client::{Client, Next};
use crate::error::AppError;
use crate::exchange::Port;
use crate::figures::Figures;
use crate::frame::{Frame, FrameStats};
use crate::loader::{Brought, Loaded};
use crate::works::Works;
use std::time::{Duration, Instant};
use voltrum_memory::{Arena, MemoryError, Scope, Tag, Tagged, heap_usage};
use voltrum_platform::{Message, events, input, thread_cpu_time};
use voltrum_render::{FrameStatus, Instances, RenderError, RenderPacket, UiPacket, View, renderer};

/// How a turn ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Another one may follow.
    Continue,
    /// The next project is loaded: leave, and the loop comes back with it.
    Switch,
    /// The client wants to end.
    Quit,
}

/// What lives as long as the application runs.
pub(crate) struct Session<'app, C: Client> {
    pub(crate) client: &'app C,
    pub(crate) app: AppState<'app>,
    pub(crate) state: C::State<'app>,
    pub(crate) frames: Scope<'app>,
    pub(crate) figures: Figures<'app>,
    pub(crate) stats: FrameStats,
    pub(crate) was_steady: bool,
    /// What the client wants to be loaded on another GPU, after this one was lost.
    pub(crate) after_loss: Option<C::Request>,
}

impl<'app, C: Client> Session<'app, C> {
    /// Starts the client, after every subsystem.
    pub(crate) fn startup(
        client: &'app C,
        mut app: AppState<'app>,
        frames: Scope<'app>,
        figures: Figures<'app>,
    ) -> Result<Session<'app, C>, AppError<C::Error>> {
        let state = client.startup(&mut app).map_err(AppError::Client)?;
        let stats = FrameStats::default();
        Ok(Session { client, app, state, frames, figures, stats, was_steady: false, after_loss: None })
    }
}

/// A running application with its open project, handed to whoever drives it: [`crate::run`], or a test.
pub struct Instance<'i, 'app, 'scene, C: Client> {
    pub(crate) session: &'i mut Session<'app, C>,
    pub(crate) project: &'i mut C::Project<'scene>,
    pub(crate) memory: Tagged<'scene>,
    pub(crate) loader: &'i (dyn ScenePort<'app, 'scene, C> + 'i),
    pub(crate) works: &'i Works<C::Work<'scene>>,
}

/// The loop's side of one scene's exchange with its worker.
pub(crate) trait ScenePort<'app, 'scene, C: Client>:
    Port<C::Request, C::Error, Arena<'scene>, Brought<'scene, 'app, C>>
{
}

impl<'app, 'scene, C: Client, P> ScenePort<'app, 'scene, C> for P where
    P: Port<C::Request, C::Error, Arena<'scene>, Brought<'scene, 'app, C>>
{
}

/// The least address space for what one import brings.
const IMPORT_BYTES_MIN: usize = 64 << 10;

/// Allocations so far: Rust heap, ImGui hook, Vulkan callbacks.
#[derive(Clone, Copy)]
struct Allocations([Option<usize>; 3]);

impl Allocations {
    fn now(app: &AppState<'_>) -> Allocations {
        let ui = app.ui.is_some().then(|| usize::try_from(voltrum_ui::hook_allocations()).unwrap_or(usize::MAX));
        let heap = heap_usage().map(|heap| heap.allocations);
        Allocations([heap, ui, Some(app.gpu.host_heap().allocations)])
    }

    fn since(self, before: Allocations) -> [Option<usize>; 3] {
        std::array::from_fn(|i| Some(self.0[i]?.wrapping_sub(before.0[i]?)))
    }
}

impl<'app, 'scene, C: Client> Instance<'_, 'app, 'scene, C> {
    /// One turn of the frame loop, in the specification's order.
    ///
    /// # Errors
    /// The GPU's loss, a full arena, the client's own; the application is then over.
    pub fn frame(&mut self) -> Result<Turn, AppError<C::Error>> {
        let Session { client, app, state, frames, figures, stats, was_steady, .. } = &mut *self.session;
        let before = Allocations::now(app);

        voltrum_platform::pump_messages(&mut app.platform, &mut app.input, &mut app.events)?;
        let began = (thread_cpu_time(), Instant::now());
        input::update(&mut app.input);
        events::process_pending(&mut app.events);
        if let Some(error) = self.loader.take_failure() {
            client.load_failed(state, app, error);
        }
        if self.loader.is_loaded() {
            return Ok(Turn::Switch);
        }
        let brought = match self.loader.take_imported() {
            Some(Brought::Import(Loaded { staged: (scope, staged), uploads })) => {
                // what it lent is the scene's from here on
                core::mem::forget(scope);
                Some((client.import(state, self.project, app, staged, &uploads), uploads))
            }
            Some(Brought::Prepared(request, mut uploads)) => {
                Some((client.apply(state, self.project, app, request, &mut uploads), uploads))
            }
            None => None,
        };
        match brought {
            Some((Ok(()), uploads)) => renderer::submit_uploads(&mut app.renderer, uploads)?,
            Some((Err(error), _)) => client.load_failed(state, app, error),
            None => {}
        }
        let loading = self.loader.loading();
        let is_steady = loading.is_none() && input::messages(&app.input).is_empty();

        let mut frame = Frame {
            memory: frames.frame(),
            delta_secs: app.platform.clock.delta_secs(),
            index: stats.index + 1,
            stats: *stats,
            loading,
            figures: *figures,
        };
        let next = client.update(state, self.project, app, self.memory, &mut frame).map_err(AppError::Client)?;
        self.works.offer(|| client.take_work(self.project, self.memory));
        let views = client.render(state, self.project, app, &frame).map_err(AppError::Client)?;
        let ui = draw_ui(*client, state, self.project, app, &frame)?;
        let views = with_instances(views, client.instances(self.project), frame.memory.tagged(Tag::FRAME))?;
        match draw(app, &RenderPacket { views, ui }) {
            Err(error) if error.is_out_of_memory() && !app.renderer.is_lost() => {
                client.draw_failed(state, app, error)?
            }
            drawn => drawn?,
        }
        let frame_bytes = figures.frame_used();
        drop(frame);

        stats.index += 1;
        stats.cpu_ms = spent_since(began).as_secs_f64() * 1_000.0;
        stats.frame_arena_peak = stats.frame_arena_peak.max(frame_bytes);
        if is_steady && *was_steady {
            [stats.heap_allocations, stats.ui_allocations, stats.driver_allocations] =
                Allocations::now(app).since(before);
        }
        *was_steady = is_steady;
        voltrum_platform::limit_frame(&mut app.platform);
        Ok(match next {
            Next::Continue => Turn::Continue,
            Next::Quit => Turn::Quit,
            Next::Open(request) => {
                self.loader.request(request);
                Turn::Continue
            }
            Next::Import(request) => {
                self.import(request)?;
                Turn::Continue
            }
            Next::Prepare(request) => {
                self.prepare(request);
                Turn::Continue
            }
        })
    }

    /// Asks for a project, as [`Next::Open`] does.
    pub fn open(&mut self, request: C::Request) {
        self.loader.request(request);
    }

    /// Asks for a file to become part of the open project, as [`Next::Import`] does.
    ///
    /// # Errors
    /// When the scene arena has no room at all.
    pub fn import(&mut self, request: C::Request) -> Result<(), AppError<C::Error>> {
        let bytes = self.session.client.import_reserve_bytes(&request);
        self.loader.import(request, import_memory(self.memory, bytes)?);
        Ok(())
    }

    /// Asks for a change of the open project to be prepared, as [`Next::Prepare`] does.
    pub fn prepare(&mut self, request: C::Request) {
        self.loader.prepare(request);
    }

    /// Gives the application a message of the window system, to be seen by the next turn.
    ///
    /// # Errors
    /// When the queue of messages is full.
    pub fn post(&mut self, message: Message<'_>) -> Result<(), AppError<C::Error>> {
        Ok(voltrum_platform::post(&mut self.session.app.platform, message)?)
    }

    /// Every subsystem.
    pub fn app(&mut self) -> &mut AppState<'app> {
        &mut self.session.app
    }

    /// The client's state.
    pub fn state(&mut self) -> &mut C::State<'app> {
        &mut self.session.state
    }

    /// The open project.
    pub fn project(&mut self) -> &mut C::Project<'scene> {
        self.project
    }

    /// The client's state, the open project and every subsystem, all at once.
    pub fn parts(&mut self) -> (&mut C::State<'app>, &mut C::Project<'scene>, &mut AppState<'app>) {
        (&mut self.session.state, self.project, &mut self.session.app)
    }

    /// The open project's memory.
    pub fn scene(&self) -> Tagged<'scene> {
        self.memory
    }

    /// What the last turns cost.
    pub fn stats(&self) -> FrameStats {
        self.session.stats
    }

    /// Whether a project is being loaded.
    pub fn is_loading(&self) -> bool {
        self.loader.loading().is_some()
    }

    /// Where a memory report of this application comes from.
    pub fn figures(&self) -> Figures<'app> {
        self.session.figures
    }
}

/// Memory of the scene's own for the worker to fill: as much as is asked for, or half of that, and so on.
fn import_memory(memory: Tagged<'_>, bytes: usize) -> Result<Arena<'_>, MemoryError> {
    let mut bytes = bytes.max(IMPORT_BYTES_MIN);
    loop {
        match memory.with_tag(Tag::PROJECT).try_child("import", bytes) {
            Err(_) if bytes > IMPORT_BYTES_MIN => bytes /= 2,
            child => return child,
        }
    }
}

/// What this thread has computed since then; how long it took where the system doesn't say.
fn spent_since((cpu, wall): (Option<Duration>, Instant)) -> Duration {
    match (cpu, thread_cpu_time()) {
        (Some(before), Some(now)) => now.saturating_sub(before),
        _ => wall.elapsed(),
    }
}

/// Interface: begin, the client's layers from back to front, end.
fn draw_ui<'f, C: Client>(
    client: &C,
    state: &mut C::State<'_>,
    project: &mut C::Project<'_>,
    app: &mut AppState<'_>,
    frame: &'f Frame<'_>,
) -> Result<Option<UiPacket<'f>>, AppError<C::Error>> {
    let (size, scale) = (app.window.size(), app.window.scale());
    match &mut app.ui {
        Some(ui) => voltrum_ui::begin_frame(ui, &app.input, frame.delta_secs, size, scale),
        None => return Ok(None),
    }
    let shared = &*app;
    if let Some(ui) = &shared.ui {
        let widgets = voltrum_ui::widgets(ui)?;
        for layer in voltrum_ui::layers(ui).visible() {
            client.draw_layer(layer.id(), widgets, state, project, shared, frame).map_err(AppError::Client)?;
        }
    }
    let Some(ui) = &mut app.ui else { return Ok(None) };
    let packet = voltrum_ui::end_frame(ui, &frame.memory)?;
    app.window.set_cursor(voltrum_ui::cursor(ui));
    app.window.set_input_method(voltrum_ui::text_cursor(ui));
    Ok(Some(packet))
}

/// The views, with the project's objects in those that name none. The project can't lend them earlier: the layers may
/// change it.
fn with_instances<'f>(
    views: &'f [View<'f>],
    instances: Option<&'f Instances<'f>>,
    memory: Tagged<'f>,
) -> Result<&'f [View<'f>], MemoryError> {
    if instances.is_none() {
        return Ok(views);
    }
    let with = views.iter().map(|view| View { instances: view.instances.or(instances), ..*view });
    Ok(memory.try_alloc_iter(with)?)
}

/// Hands the frame's packet to the renderer.
fn draw(app: &mut AppState<'_>, packet: &RenderPacket<'_>) -> Result<(), RenderError> {
    let size = app.window.size();
    let (drawn, is_skipped) = match renderer::begin_frame(&mut app.renderer, size) {
        Ok(FrameStatus::Ready) => {
            let drawn = renderer::draw_frame(&mut app.renderer, packet);
            // What could be drawn is shown.
            (renderer::end_frame(&mut app.renderer).and(drawn), false)
        }
        Ok(FrameStatus::Skip) => (Ok(()), true),
        Err(error) => (Err(error), true),
    };
    // The packet's texture updates are told once; these may not have arrived.
    if let (Some(ui), true) = (&mut app.ui, is_skipped || drawn.is_err()) {
        voltrum_ui::resend_textures(ui);
    }
    drawn
}
