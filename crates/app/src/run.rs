//! The application's life: three nested scopes that are the three lifetimes.
//!
//! `'app` is the body of [`drive`], `'scene` one turn of its project loop (`run_scene`), `'frame` one turn of the frame
//! loop ([`Instance::frame`]). Two scene arenas alternate: the next project loads into the free one on a worker while the
//! current one keeps running, and an arena is free again exactly when the scene in it has been dropped.

use crate::app_state::AppState;
use crate::client::Client;
use crate::config::AppConfig;
use crate::error::AppError;
use crate::exchange::{EndGuard, Port};
use crate::figures::Figures;
use crate::instance::{Instance, Session, Turn};
use crate::loader::{self, Loaded, SceneExchange, Site};
use crate::works::{EndWorks, Works};
use voltrum_assets::Progress;
use voltrum_memory::{Arena, ArenaBox, ArenaConfig, MemoryError, PagePolicy, Tag, Tagged, heap_scope};
use voltrum_platform::window;
use voltrum_platform::{Pump, Window, WindowConfig};
use voltrum_render::{Gpu, GpuConfig, gpu, renderer};

/// Runs an application until its client quits. With `first`, that project is loaded before anything is drawn; without,
/// the client's empty project is opened.
///
/// # Errors
/// Whatever keeps it from starting or ends it early, a `first` project that can't be loaded included.
pub fn run<C: Client>(config: &AppConfig<'_>, client: &C, first: Option<C::Request>) -> Result<(), AppError<C::Error>> {
    drive(config, client, first, |instance| {
        loop {
            match instance.frame()? {
                Turn::Continue => {}
                ended => return Ok(ended),
            }
        }
    })
}

/// As [`run`], with the frame loop in the caller's hands: `turns` is called once for each open project, calls
/// [`Instance::frame`] as often as it likes, and returns what ended the project's life ([`Turn::Switch`] only after
/// `frame` said so; it counts as [`Turn::Quit`] otherwise).
///
/// # Errors
/// As [`run`], and what `turns` returns.
pub fn drive<C: Client>(
    config: &AppConfig<'_>,
    client: &C,
    first: Option<C::Request>,
    mut turns: impl FnMut(&mut Instance<'_, '_, '_, C>) -> Result<Turn, AppError<C::Error>>,
) -> Result<(), AppError<C::Error>> {
    let mut arenas = Arenas::reserve(config)?;
    let [scene_a, scene_b] = &mut arenas.scenes;
    let (mut scene_a, view_a) = scene_a.watched();
    let (mut scene_b, view_b) = scene_b.watched();
    let (mut frames, frame_view) = arenas.frame.watched();

    let permanent = arenas.permanent.open();
    let permanent = permanent.tagged(Tag::APPLICATION);
    let window_config = WindowConfig { title: config.title, size: config.window_size, mode: config.window_mode };
    let (mut pump, window) = window::open(permanent.with_tag(Tag::PLATFORM), &window_config)?;

    let mut start = Start::First(first);
    let mut is_second = false;
    // a second turn only after a GPU was lost; the renderer has told the log of it
    loop {
        // 'app begins
        let gpu = open_gpu(config, permanent, &window)?;
        let app = AppState::startup(permanent, pump, &window, &gpu, config)?;
        let figures = Figures { permanent: permanent.view(), scenes: [view_a, view_b], frame: frame_view, gpu: &gpu };
        let site = Site { client, gpu: &gpu, upload_limit_bytes: config.upload_limit_bytes };
        let session = Session::startup(client, app, frames.open(), figures)?;
        let Some(loss) = live(session, &site, start, [&mut scene_a, &mut scene_b], &mut turns)? else { return Ok(()) };
        if is_second && loss.frames < RECOVERED_FRAMES {
            return Err(loss.error);
        }
        (pump, start, is_second) = (loss.pump, Start::Again(loss.request), true);
    }
}

/// How many frames a GPU that was opened once more has to draw before another loss is another matter.
const RECOVERED_FRAMES: u64 = 600;

/// What a life on one GPU begins with.
enum Start<R> {
    /// A project that is loaded before anything is drawn, or none.
    First(Option<R>),
    /// What was open on a GPU that was lost: loaded beside the frames.
    Again(R),
}

/// A GPU was lost, and the client knows how to go on.
struct Loss<C: Client> {
    pump: Pump,
    request: C::Request,
    /// How many frames it had drawn.
    frames: u64,
    error: AppError<C::Error>,
}

fn open_gpu<'p, E>(
    config: &AppConfig<'_>,
    permanent: Tagged<'p>,
    window: &'p Window,
) -> Result<ArenaBox<'p, Gpu>, AppError<E>> {
    let gpu_config =
        GpuConfig { driver: config.driver, validation: config.validation, host_heap_bytes: config.driver_heap_bytes };
    let drawn_to = (!window.is_headless()).then_some(window);
    Ok(gpu::startup(permanent.with_tag(Tag::RENDERER), drawn_to, &gpu_config)?)
}

/// The application's life on one GPU: `None` when it is over.
fn live<'app, C: Client>(
    mut session: Session<'app, C>,
    site: &Site<'_, 'app, C>,
    start: Start<C::Request>,
    scenes: [&mut Arena<'_>; 2],
    turns: &mut impl FnMut(&mut Instance<'_, '_, '_, C>) -> Result<Turn, AppError<C::Error>>,
) -> Result<Option<Loss<C>>, AppError<C::Error>> {
    let outcome = run_projects(&mut session, site, start, scenes, turns);
    let Session { client, mut app, state, stats, after_loss, .. } = session;
    client.shutdown(state, &mut app);
    match (outcome, after_loss) {
        (Err(error), Some(request)) => {
            let pump = ArenaBox::into_inner(app.platform).into_pump();
            Ok(Some(Loss { pump, request, frames: stats.index, error }))
        }
        (outcome, _) => outcome.map(|()| None),
    }
}

/// The project loop: one scene arena is in use, the other is free or being filled.
fn run_projects<'app, C: Client>(
    session: &mut Session<'app, C>,
    site: &Site<'_, 'app, C>,
    start: Start<C::Request>,
    [scene_a, scene_b]: [&mut Arena<'_>; 2],
    turns: &mut impl FnMut(&mut Instance<'_, '_, '_, C>) -> Result<Turn, AppError<C::Error>>,
) -> Result<(), AppError<C::Error>> {
    let (mut in_a, mut request) = match start {
        Start::First(None) => (loader::empty(site, scene_a), None),
        Start::First(Some(request)) => {
            let loaded = loader::load(site, &request, &Progress::new(), scene_a);
            (loaded.map_err(|(_free_again, error)| AppError::Client(error))?, None)
        }
        Start::Again(request) => (loader::empty(site, scene_a), Some(request)),
    };
    loop {
        let Some((in_b, after)) = run_scene(session, site, in_a, scene_b, request, turns)? else { return Ok(()) };
        let Some(next) = run_scene(session, site, in_b, scene_a, after, turns)? else { return Ok(()) };
        (in_a, request) = next;
    }
}

/// The four root arenas, in the order in which they are reserved.
struct Arenas {
    permanent: Arena<'static>,
    scenes: [Arena<'static>; 2],
    frame: Arena<'static>,
}

impl Arenas {
    fn reserve(config: &AppConfig<'_>) -> Result<Arenas, MemoryError> {
        let arena = |name, reserve_bytes: usize, limit_bytes: usize, trim_after, pages| {
            Arena::try_reserve_with(&ArenaConfig {
                pages,
                reserve_bytes_min: limit_bytes.min(reserve_bytes),
                limit_bytes: Some(limit_bytes),
                tags: config.tags,
                trim_after,
                ..ArenaConfig::new(name, reserve_bytes)
            })
        };
        let scene = |name| {
            let reserve_bytes = config.scene_reserve_bytes.max(config.scene_limit_bytes);
            arena(name, reserve_bytes, config.scene_limit_bytes, 0, PagePolicy::Auto)
        };
        let (permanent, frame) = (config.permanent_limit_bytes, config.frame_limit_bytes);
        Ok(Arenas {
            // Most of it is tables that few places of are ever used.
            permanent: arena("permanent", permanent, permanent, 0, PagePolicy::Small)?,
            scenes: [scene("scene a")?, scene("scene b")?],
            frame: arena("frame", frame, frame, config.frame_trim_after, PagePolicy::Auto)?,
        })
    }
}

/// The next scene's project, and the request that came after it.
type Following<'n, 'gpu, C> = (Loaded<'n, 'gpu, C>, Option<<C as Client>::Request>);

/// One turn of the project loop: opens what was loaded, drives it, closes it. `None` when the application is to end.
fn run_scene<'n, 'app, C: Client>(
    session: &mut Session<'app, C>,
    site: &Site<'_, 'app, C>,
    loaded: Loaded<'_, 'app, C>,
    free: &'n mut Arena<'_>,
    pending: Option<C::Request>,
    turns: &mut impl FnMut(&mut Instance<'_, '_, '_, C>) -> Result<Turn, AppError<C::Error>>,
) -> Result<Option<Following<'n, 'app, C>>, AppError<C::Error>> {
    let client = session.client;
    let Loaded { staged: (scope, staged), uploads } = loaded;
    let memory = scope.tagged(Tag::PROJECT);
    let Session { app, state, .. } = &mut *session;
    let mut project = match client.open(state, app, staged, memory, &uploads) {
        Ok(project) => project,
        Err(error) => {
            client.load_failed(state, app, error);
            client.open(state, app, client.empty(), memory, &uploads).map_err(AppError::Client)?
        }
    };
    renderer::submit_uploads(&mut app.renderer, uploads)?;

    let exchange: SceneExchange<'n, '_, 'app, C> = SceneExchange::new();
    if let Some(request) = pending {
        exchange.request(request);
    }
    let works = Works::new();
    let turned = std::thread::scope(|threads| {
        let ends = (EndGuard(&exchange), EndWorks(&works));
        let started = {
            let _std = heap_scope(Tag::FOREIGN);
            let thread = |name: &str| std::thread::Builder::new().name(name.into());
            let loading = thread(WORKER).spawn_scoped(threads, || loader::work(site, &exchange, free));
            let work = || {
                while let Some(work) = works.wait() {
                    client.work(work);
                }
            };
            loading.and_then(|_| thread(WORKER_BESIDE).spawn_scoped(threads, work))
        };
        let beside = started.map_err(AppError::Worker)?;
        let turned = turns(&mut Instance { session, project: &mut project, memory, loader: &exchange, works: &works });
        drop(ends);
        // a panic there is told on the way out of the scope
        let _ended = beside.join();
        turned
    });
    let Session { app, state, after_loss, .. } = &mut *session;
    if turned.is_err() && app.renderer.is_device_lost() {
        *after_loss = client.device_lost(state, &mut project, app);
    }
    client.close(state, app, project);
    Ok(match turned? {
        Turn::Switch => match exchange.take_loaded() {
            (Some(loaded), request) => Some((loaded, request)),
            (None, _) => None,
        },
        Turn::Continue | Turn::Quit => None,
    })
}

/// The loading thread's name, as debuggers show it.
const WORKER: &str = "voltrum-load";

/// That of the thread that works beside the frames.
const WORKER_BESIDE: &str = "voltrum-work";
