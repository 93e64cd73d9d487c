//! The message pump: the one file that runs winit's event loop.
//!
//! The loop of the application is explicit: once per frame the pump hands over what the window system has to say and
//! returns. It waits only where the caller says for how long.
//!
//! # Invariants
//! 1. winit allows one event loop per process and counts failed attempts, so everything that can be checked is checked
//!    before the loop is made.
//! 2. A headless pump never touches winit.
//! 3. A pump with nothing to say allocates nothing.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use voltrum_memory::{Tag, heap_scope};
use winit::application::ApplicationHandler;
use winit::error::EventLoopError;
use winit::event::WindowEvent;
use winit::event_loop::{ActiveEventLoop, EventLoop};
use winit::platform::pump_events::{EventLoopExtPumpEvents, PumpStatus};
use winit::window::{Window as NativeWindow, WindowAttributes, WindowId};

use crate::display::{self, Backend};
use crate::error::PlatformError;
use crate::message::Message;
use crate::translate::Translator;
use crate::window::{Window, WindowConfig};

/// How often a pump that waits looks whether something came. Under X11 the driver's present thread reads the same
/// connection: what it takes off the socket waits in a queue, and no poll of the socket wakes for it.
const LOOK_INTERVAL: Duration = Duration::from_millis(33);

/// winit keeps the same mark for itself; this one answers before any work is done.
static WINDOW_TAKEN: AtomicBool = AtomicBool::new(false);

/// Ends the pump's wait from another thread: for what happens beside the window.
#[derive(Clone, Debug, Default)]
pub struct Waker(Arc<AtomicBool>);

impl Waker {
    /// Has the wait that goes on, or the next one, end within a few hundredths of a second.
    pub fn wake(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The source of window messages: winit's event loop, or nothing when headless.
pub struct Pump {
    event_loop: Option<EventLoop<()>>,
    translator: Translator,
    waker: Waker,
}

impl Pump {
    pub(crate) fn headless() -> Self {
        Self { event_loop: None, translator: Translator::new(), waker: Waker::default() }
    }

    pub(crate) fn waker(&self) -> &Waker {
        &self.waker
    }

    /// Makes the process's event loop and opens its window.
    pub(crate) fn open_window(config: &WindowConfig<'_>) -> Result<(Self, NativeWindow), PlatformError> {
        let backend = display::choose_backend()?;
        if WINDOW_TAKEN.swap(true, Ordering::AcqRel) {
            return Err(PlatformError::WindowTaken);
        }
        let _foreign = heap_scope(Tag::FOREIGN);
        let attributes = WindowAttributes::default()
            .with_title(config.title)
            .with_inner_size(winit::dpi::LogicalSize::new(config.size[0], config.size[1]));
        // winit panics on display servers that lack an extension it wants; its words go to the panic hook, ours to the caller
        let opened = catch_unwind(AssertUnwindSafe(|| {
            let mut event_loop = build_event_loop(backend)?;
            let mut opener = Opener { attributes, window: None };
            let _ = event_loop.pump_app_events(Some(Duration::ZERO), &mut opener);
            Ok((event_loop, opener.window))
        }));
        match opened {
            Ok(Ok((event_loop, Some(Ok(window))))) => {
                let translator = Translator::new();
                let pump = Self { event_loop: Some(event_loop), translator, waker: Waker::default() };
                Ok((pump, window))
            }
            Ok(Ok((_, Some(Err(error))))) => {
                Err(PlatformError::WindowSystem { action: "open a window", reason: error.to_string() })
            }
            Ok(Ok((_, None))) => Err(PlatformError::WindowSystem {
                action: "open a window",
                reason: String::from("the event loop did not start"),
            }),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(PlatformError::WindowSystem {
                action: "start",
                reason: String::from("it lacks something that windows need; details above"),
            }),
        }
    }

    /// Hands every waiting message of the window system to `sink`, in order; where there is none, it waits for one, but
    /// no longer than `patience`.
    pub(crate) fn pump(
        &mut self,
        window: &Window,
        patience: Duration,
        sink: &mut dyn FnMut(Message<'_>),
    ) -> Result<(), PlatformError> {
        let Some(event_loop) = &mut self.event_loop else { return Ok(()) };
        let _foreign = heap_scope(Tag::FOREIGN);
        let deadline = Instant::now() + patience;
        loop {
            let mut count = 0u32;
            let mut counted = |message: Message<'_>| {
                count += 1;
                sink(message);
            };
            let left = deadline.saturating_duration_since(Instant::now());
            let mut handler = Handler { window, translator: &mut self.translator, sink: &mut counted };
            if let PumpStatus::Exit(code) = event_loop.pump_app_events(Some(left.min(LOOK_INTERVAL)), &mut handler) {
                return Err(PlatformError::WindowLost { code });
            }
            let is_woken = self.waker.0.swap(false, Ordering::Relaxed);
            if count > 0 || is_woken || left <= LOOK_INTERVAL {
                return Ok(());
            }
        }
    }
}

/// Opens the window in the event loop's first turn. What else happens in that turn is asked for afterwards: size, scale
/// and focus are read from the window itself.
struct Opener {
    attributes: WindowAttributes,
    window: Option<Result<NativeWindow, winit::error::OsError>>,
}

impl ApplicationHandler for Opener {
    fn resumed(&mut self, event_loop: &ActiveEventLoop) {
        if self.window.is_none() {
            self.window = Some(event_loop.create_window(self.attributes.clone()));
        }
    }

    fn window_event(&mut self, _: &ActiveEventLoop, _: WindowId, _: WindowEvent) {}
}

struct Handler<'h> {
    window: &'h Window,
    translator: &'h mut Translator,
    sink: &'h mut dyn FnMut(Message<'_>),
}

impl ApplicationHandler for Handler<'_> {
    fn resumed(&mut self, _: &ActiveEventLoop) {}

    fn window_event(&mut self, _: &ActiveEventLoop, _: WindowId, event: WindowEvent) {
        self.translator.translate(&event, self.window.scale(), self.sink);
    }
}

fn build_event_loop(backend: Backend) -> Result<EventLoop<()>, PlatformError> {
    let mut builder = EventLoop::builder();
    #[cfg(target_os = "linux")]
    {
        use winit::platform::wayland::EventLoopBuilderExtWayland;
        use winit::platform::x11::EventLoopBuilderExtX11;
        match backend {
            Backend::X11 => builder.with_x11(),
            Backend::Wayland => builder.with_wayland(),
        };
        // applications run their main loop where they like; X11 and Wayland do not mind
        EventLoopBuilderExtX11::with_any_thread(&mut builder, true);
    }
    #[cfg(windows)]
    {
        use winit::platform::windows::EventLoopBuilderExtWindows;
        builder.with_any_thread(true);
    }
    builder.build().map_err(|error| match error {
        EventLoopError::RecreationAttempt => PlatformError::WindowTaken,
        EventLoopError::Os(error) if cfg!(target_os = "linux") => {
            PlatformError::NoDisplay { reason: display::describe(backend, &plain_words(&error)) }
        }
        error => PlatformError::WindowSystem { action: "start", reason: error.to_string() },
    })
}

/// winit's message without the place in its source: `os error at FILE.rs:LINE: MESSAGE`.
fn plain_words(error: &winit::error::OsError) -> String {
    let text = error.to_string();
    let words = text.split_once(".rs:").and_then(|(_, rest)| rest.split_once(": "));
    words.map_or(text.as_str(), |(_, words)| words).to_owned()
}
