//! The platform's state: window, clock, limiter and pump, and the one call per frame that moves messages on.
//!
//! # Invariants
//! 1. Where nothing is full, every message becomes input or an event; where the event queue is, changes of state (size,
//!    scale, focus, visibility, the wish to quit) are announced by a later pump instead of getting lost.
//! 2. Several changes of size between two pumps make one event.
//! 3. Posted messages come before the window system's.

use std::time::Duration;

use voltrum_memory::{ArenaBox, Tag, Tagged};

use crate::clock::Clock;
use crate::error::PlatformError;
use crate::events::{self, Event, EventCode, EventData, EventState, Sender};
use crate::frame_limiter::FrameLimiter;
use crate::input::{self, InputMessage, InputState};
use crate::message::Message;
use crate::message_queue::MessageQueue;
use crate::pump::{Pump, Waker};
use crate::window::Window;

/// Pumps after losing the keyboard at which the window is asked again whether it was minimised: the window manager needs a
/// moment to say so.
const MINIMISED_CHECK_PUMPS: u32 = 15;

/// Frames without a message before a pump may wait: what an interface needs to come to rest.
pub const QUIET_FRAMES_MIN: u32 = 8;

/// What a monitor that does not say is taken for.
const UNKNOWN_REFRESH: Duration = Duration::from_micros(16_667);

/// The limit is a little faster than the monitor: where presenting throttles, it alone sets the pace.
const LIMIT_PER_REFRESH: f64 = 0.95;

/// Window, clock and message pump of one instance.
pub struct PlatformState<'app> {
    /// The window, or its headless twin.
    pub window: &'app Window,
    /// Time; [`pump_messages`] ticks it.
    pub clock: Clock,
    /// How fast frames follow each other; see [`limit_frame`].
    pub limiter: FrameLimiter,
    /// Whether the window has the keyboard.
    pub focused: bool,
    /// Whether some of the window can be seen: not minimised, not covered, not of size zero.
    pub visible: bool,
    /// Whether the person asked to close the window. Stays until the application answers by quitting or by resetting it.
    pub quit_requested: bool,
    /// How long the next pump may wait for a message; asked for anew in every frame.
    patience: Duration,
    /// Frames since the last message.
    quiet_frames: u32,
    pump: Pump,
    posted: MessageQueue<'app>,
    covered: bool,
    minimised: bool,
    check_minimised_in: u32,
    unannounced_quits: u32,
    announced: Announced,
}

/// What listeners were told last.
struct Announced {
    size: [u32; 2],
    scale: f32,
    focused: bool,
    visible: bool,
}

/// Brings the platform up on an open window.
///
/// A visible window is limited to little more than its monitor's rate, taken for 60 a second where it is unknown; a headless
/// one is not limited.
///
/// # Errors
/// [`PlatformError::Memory`] when the arena is full.
pub fn startup<'app>(
    permanent: Tagged<'app>,
    pump: Pump,
    window: &'app Window,
) -> Result<ArenaBox<'app, PlatformState<'app>>, PlatformError> {
    let permanent = permanent.with_tag(Tag::PLATFORM);
    let interval = (!window.is_headless())
        .then(|| window.refresh_interval().unwrap_or(UNKNOWN_REFRESH).mul_f64(LIMIT_PER_REFRESH));
    let size = window.size();
    let focused = window.ask_focused();
    let visible = size[0] > 0 && size[1] > 0;
    let state = PlatformState {
        window,
        clock: Clock::start(),
        limiter: FrameLimiter::new(interval),
        focused,
        visible,
        quit_requested: false,
        patience: Duration::ZERO,
        quiet_frames: 0,
        pump,
        posted: MessageQueue::try_new_in(permanent)?,
        covered: false,
        minimised: false,
        check_minimised_in: 0,
        unannounced_quits: 0,
        announced: Announced { size, scale: window.scale(), focused, visible },
    };
    Ok(permanent.try_alloc_box(state)?)
}

/// Posts a message as if the window system had sent it; the next [`pump_messages`] handles it. How headless instances are
/// driven.
///
/// # Errors
/// [`PlatformError::QueueFull`] when 512 messages wait, [`PlatformError::Event`] for a path that is too long.
pub fn post(platform: &mut PlatformState<'_>, message: Message<'_>) -> Result<(), PlatformError> {
    platform.posted.push(message)
}

/// Begins a frame: ticks the clock and turns every waiting message into input or a deferred event. Waits only as long as
/// [`PlatformState::wait_for_messages`] allowed.
///
/// # Errors
/// [`PlatformError::WindowLost`] when the connection to the window system broke.
pub fn pump_messages(
    platform: &mut PlatformState<'_>,
    input: &mut InputState<'_>,
    events: &mut EventState<'_>,
) -> Result<(), PlatformError> {
    let patience = platform.take_patience();
    let PlatformState { window, posted, pump, .. } = platform;
    let mut changes = Changes {
        window,
        focused: &mut platform.focused,
        covered: &mut platform.covered,
        quit_requested: &mut platform.quit_requested,
        unannounced_quits: &mut platform.unannounced_quits,
        look_again: false,
        count: 0,
    };
    for _ in 0..posted.len() {
        posted.pop(&mut |message| changes.apply(message, input, events));
    }
    let pumped = pump.pump(window, patience, &mut |message| changes.apply(message, input, events));
    let (look_again, count) = (changes.look_again, changes.count);
    platform.clock.tick();
    platform.quiet_frames = if count > 0 { 0 } else { platform.quiet_frames.saturating_add(1) };
    platform.look_whether_visible(look_again);
    platform.announce(events);
    pumped
}

/// Ends a frame: sleeps until the next one is due, longer while nobody can see the window. Returns how long it slept.
pub fn limit_frame(platform: &mut PlatformState<'_>) -> Duration {
    let seen = platform.visible || platform.window.is_headless();
    platform.limiter.wait(seen)
}

/// What messages change in the state, apart from the pump that they come from.
struct Changes<'p> {
    window: &'p Window,
    focused: &'p mut bool,
    covered: &'p mut bool,
    quit_requested: &'p mut bool,
    unannounced_quits: &'p mut u32,
    look_again: bool,
    count: u32,
}

impl Changes<'_> {
    fn apply(&mut self, message: Message<'_>, input: &mut InputState<'_>, events: &mut EventState<'_>) {
        self.count = self.count.saturating_add(1);
        match message {
            Message::CloseRequested => {
                *self.quit_requested = true;
                *self.unannounced_quits = self.unannounced_quits.saturating_add(1);
            }
            Message::Resized(size) => self.window.note_size(size),
            Message::ScaleChanged(scale) => self.window.note_scale(scale),
            Message::Focused(focused) => {
                *self.focused = focused;
                self.look_again = true;
                input::push(input, InputMessage::Focus(focused));
            }
            Message::Visible(visible) => {
                *self.covered = !visible;
                self.look_again = true;
            }
            Message::FileDropped(path) => {
                let code = EventCode::FILE_DROPPED;
                if let Err(error) = events::post_text(events, code, Sender::PLATFORM, path) {
                    tracing::warn!(path, %error, "dropped file lost");
                }
            }
            Message::Composing(text) => input::compose(input, text),
            Message::Input(message) => input::push(input, message),
        }
    }
}

impl PlatformState<'_> {
    /// Nothing of the program's moves: the next frame may wait so long for a message. Holds for one frame; a program that
    /// draws only when needed says so in each. The first [`QUIET_FRAMES_MIN`] frames after a message don't wait, so that an
    /// interface settles; headless instances never do.
    pub fn wait_for_messages(&mut self, at_most: Duration) {
        self.patience = at_most;
    }

    /// How long the next frame may wait, as this one has said.
    pub fn patience(&self) -> Duration {
        self.patience
    }

    /// What ends [`PlatformState::wait_for_messages`] from another thread.
    pub fn waker(&self) -> Waker {
        self.pump.waker().clone()
    }

    fn take_patience(&mut self) -> Duration {
        let wished = std::mem::take(&mut self.patience);
        let may_wait = !self.window.is_headless() && self.posted.len() == 0 && self.quiet_frames >= QUIET_FRAMES_MIN;
        if may_wait { wished } else { Duration::ZERO }
    }

    /// Ends the platform's state and keeps the source of its messages, of which a process has one: for another start-up on
    /// the same window.
    pub fn into_pump(self) -> Pump {
        self.pump
    }

    /// Asks the window whether it is minimised when focus or visibility changed, and once more a little later.
    fn look_whether_visible(&mut self, look_again: bool) {
        if look_again {
            self.check_minimised_in = if self.focused { 0 } else { MINIMISED_CHECK_PUMPS };
            self.minimised = self.window.ask_minimised();
        } else if self.check_minimised_in > 0 {
            self.check_minimised_in -= 1;
            if self.check_minimised_in == 0 {
                self.minimised = self.window.ask_minimised();
            }
        }
        let [width, height] = self.window.size();
        self.visible = !self.covered && !self.minimised && width > 0 && height > 0;
    }

    /// Posts an event for every state that differs from what listeners were told; a full queue leaves the rest for later.
    fn announce(&mut self, events: &mut EventState<'_>) {
        let told = |code, data, events: &mut EventState<'_>| {
            events::post(events, Event { code, data, sender: Sender::PLATFORM }).is_ok()
        };
        let (size, scale) = (self.window.size(), self.window.scale());
        if size != self.announced.size && told(EventCode::RESIZED, EventData::Size(size), events) {
            self.announced.size = size;
        }
        if scale != self.announced.scale && told(EventCode::SCALE_CHANGED, EventData::Real(f64::from(scale)), events) {
            self.announced.scale = scale;
        }
        if self.focused != self.announced.focused
            && told(EventCode::FOCUS_CHANGED, EventData::Flag(self.focused), events)
        {
            self.announced.focused = self.focused;
        }
        if self.visible != self.announced.visible
            && told(EventCode::VISIBILITY_CHANGED, EventData::Flag(self.visible), events)
        {
            self.announced.visible = self.visible;
        }
        while self.unannounced_quits > 0 && told(EventCode::QUIT_REQUESTED, EventData::None, events) {
            self.unannounced_quits -= 1;
        }
    }
}
