//! Events: who wants to know is told, at once or at a set point of the frame.
//!
//! A listener registers for a code with a priority. [`fire`] tells listeners at once, highest priority first and in order
//! of registration among equals, until one consumes the event. [`post`] defers it to [`process_pending`], once per frame.
//!
//! # During a dispatch
//! A listener acts through its [`Outbox`]:
//! 1. An event it **fires** is dispatched when the current one has reached its last listener, in order of firing and before
//!    any other pending event. One call of `fire`, or one pending event, starts at most [`CASCADE_MAX`] more; what is left
//!    then becomes pending, so listeners that fire at each other cannot hang a frame.
//! 2. An event it **posts** is dispatched by the next `process_pending`, never by the running one.
//! 3. A listener it **registers** hears from the next event on, not of the current one.
//! 4. A listener it **unregisters**, itself included, is not called again, not even for the current event.
//!
//! # Invariants
//! 1. Listeners are sorted by code, then by priority downwards, then by age.
//! 2. Ids are never used twice, so unregistering a stale one does nothing.
//! 3. Nothing grows after start-up; a full queue or registry is an error with a count.
//!
//! # Deliberately absent
//! Sending from other threads: workers report through what they were given, and the main thread posts.

mod event;
mod queue;

pub use event::{Event, EventCode, EventData, Handled, Sender, TextId};

use queue::{Lane, Queue};
use voltrum_memory::{ArenaBox, ArenaVec, MemoryError, Tag, Tagged};

use crate::text_slots::TextSlots;

/// How many events one event can set off before the rest waits for the next frame.
pub const CASCADE_MAX: usize = 1024;

/// Texts (paths of dropped files) that can be on their way at a time.
const TEXTS_MAX: u16 = 32;

/// How much the event system holds.
#[derive(Clone, Copy, Debug)]
pub struct EventLimits {
    /// Deferred events waiting at a time.
    pub queue_max: u32,
    /// Listeners registered at a time.
    pub listeners_max: u32,
}

impl Default for EventLimits {
    fn default() -> Self {
        Self { queue_max: 1024, listeners_max: 256 }
    }
}

/// Why the event system refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EventError {
    /// As many events wait as fit.
    #[error(
        "the event queue is full: {capacity} events wait, {dropped} dropped so far; raise `queue_max` or process events more often"
    )]
    QueueFull {
        /// How many events fit.
        capacity: usize,
        /// How many did not fit since start-up, this one included.
        dropped: u64,
    },
    /// As many listeners are registered as fit.
    #[error("no room for another listener: {capacity} are registered; raise `listeners_max` or unregister some")]
    ListenersFull {
        /// How many listeners fit.
        capacity: usize,
    },
    /// As many texts are on their way as fit.
    #[error("no room for another event with a text: {capacity} wait; process events first")]
    TextsFull {
        /// How many texts fit.
        capacity: usize,
    },
    /// A text is longer than an event can carry.
    #[error("an event cannot carry a text of {bytes} bytes, the limit is {limit}")]
    TextTooLong {
        /// Length of the text in bytes.
        bytes: usize,
        /// The longest that fits, in bytes.
        limit: usize,
    },
}

/// Names a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ListenerId(u64);

/// Who is told about events.
///
/// Called through a shared reference, because it may be registered several times: what it changes lies in a `Cell`.
///
/// # Example
/// ```
/// use std::cell::Cell;
/// use voltrum_memory::{Arena, Tag};
/// use voltrum_platform::events::{self, Event, EventCode, EventData, EventLimits, Handled, Listener, Outbox, Sender};
///
/// struct Area { pixels: Cell<u64> }
///
/// impl Listener<'_> for Area {
///     fn on_event(&self, event: &Event, _outbox: &mut Outbox<'_>) -> Handled {
///         if let EventData::Size([width, height]) = event.data {
///             self.pixels.set(u64::from(width) * u64::from(height));
///         }
///         Handled::Pass
///     }
/// }
///
/// let mut arena = Arena::try_reserve("permanent", 1 << 20)?;
/// let scope = arena.open();
/// let area = Area { pixels: Cell::new(0) };
/// let mut state = events::startup(scope.tagged(Tag::EVENTS), EventLimits::default())?;
/// events::register(&mut state, EventCode::RESIZED, 0, &area)?;
/// let event = Event { code: EventCode::RESIZED, data: EventData::Size([4, 3]), sender: Sender::PLATFORM };
/// events::fire(&mut state, event);
/// assert_eq!(area.pixels.get(), 12);
/// # Ok::<(), voltrum_platform::PlatformError>(())
/// ```
pub trait Listener<'app> {
    /// Hears of an event.
    fn on_event(&'app self, event: &Event, outbox: &mut Outbox<'app>) -> Handled;
}

/// The event system.
pub struct EventState<'app> {
    outbox: Outbox<'app>,
}

/// What a listener may do while it is told about an event; see the rules in the [module's header](self).
pub struct Outbox<'app> {
    listeners: ArenaVec<'app, Entry<'app>>,
    /// Registered during the current dispatch.
    joining: ArenaVec<'app, Entry<'app>>,
    /// How many in `listeners` were unregistered during the current dispatch.
    leaving: usize,
    listeners_max: usize,
    queue: Queue<'app>,
    texts: TextSlots<'app>,
    last_id: u64,
    dropped: u64,
    dispatching: bool,
}

#[derive(Clone, Copy)]
struct Entry<'app> {
    code: EventCode,
    priority: i32,
    id: ListenerId,
    alive: bool,
    listener: &'app (dyn Listener<'app> + 'app),
}

/// Brings the event system up, with room for as much as `limits` say.
///
/// # Errors
/// When the arena is full.
pub fn startup<'app>(
    permanent: Tagged<'app>,
    limits: EventLimits,
) -> Result<ArenaBox<'app, EventState<'app>>, MemoryError> {
    let permanent = permanent.with_tag(Tag::EVENTS);
    let listeners_max = limits.listeners_max as usize;
    let outbox = Outbox {
        listeners: ArenaVec::try_with_capacity_in(listeners_max, permanent)?,
        joining: ArenaVec::try_with_capacity_in(listeners_max, permanent)?,
        leaving: 0,
        listeners_max,
        queue: Queue::try_new_in(permanent, limits.queue_max)?,
        texts: TextSlots::try_new_in(permanent, TEXTS_MAX)?,
        last_id: 0,
        dropped: 0,
        dispatching: false,
    };
    permanent.try_alloc_box(EventState { outbox })
}

/// Registers `listener` for events with `code`. Higher priorities hear first; equal ones in order of registration.
///
/// # Errors
/// [`EventError::ListenersFull`].
pub fn register<'app>(
    events: &mut EventState<'app>,
    code: EventCode,
    priority: i32,
    listener: &'app (dyn Listener<'app> + 'app),
) -> Result<ListenerId, EventError> {
    events.outbox.register(code, priority, listener)
}

/// Ends a registration. `false` when it had ended before.
pub fn unregister(events: &mut EventState<'_>, id: ListenerId) -> bool {
    events.outbox.unregister(id)
}

/// Tells the listeners at once, and about everything that they fire. [`Handled::Consume`] when one consumed `event`.
pub fn fire(events: &mut EventState<'_>, event: Event) -> Handled {
    let handled = events.dispatch(&event);
    events.drain_urgent();
    handled
}

/// Defers an event to the next [`process_pending`].
///
/// # Errors
/// [`EventError::QueueFull`] with the number of events lost so far; the queue takes events again after the next
/// `process_pending`.
pub fn post(events: &mut EventState<'_>, event: Event) -> Result<(), EventError> {
    events.outbox.post(event)
}

/// Defers an event that carries `text`, which is copied and kept until the event has been dispatched.
///
/// # Errors
/// [`EventError::QueueFull`], [`EventError::TextsFull`], [`EventError::TextTooLong`] past 4,096 bytes.
pub fn post_text(events: &mut EventState<'_>, code: EventCode, sender: Sender, text: &str) -> Result<(), EventError> {
    events.outbox.post_text(code, sender, text)
}

/// Dispatches the events that wait, oldest first; those posted meanwhile wait for the next call. Returns how many it were.
pub fn process_pending(events: &mut EventState<'_>) -> usize {
    let waiting = events.outbox.queue.len(Lane::Pending);
    for _ in 0..waiting {
        let Some(event) = events.outbox.queue.pop(Lane::Pending) else { break };
        events.dispatch(&event);
        events.drain_urgent();
        if let EventData::Text(id) = event.data {
            events.outbox.texts.remove(id);
        }
    }
    waiting
}

/// How many deferred events wait.
pub fn pending(events: &EventState<'_>) -> usize {
    events.outbox.queue.len(Lane::Pending)
}

/// How many listeners are registered.
pub fn listeners(events: &EventState<'_>) -> usize {
    events.outbox.registered()
}

/// How many events were lost since start-up because something was full.
pub fn dropped(events: &EventState<'_>) -> u64 {
    events.outbox.dropped
}

impl EventState<'_> {
    fn dispatch(&mut self, event: &Event) -> Handled {
        let outbox = &mut self.outbox;
        outbox.dispatching = true;
        let mut handled = Handled::Pass;
        let mut index = outbox.listeners.partition_point(|entry| entry.code < event.code);
        while let Some(entry) = outbox.listeners.get(index).copied() {
            if entry.code != event.code {
                break;
            }
            index += 1;
            if entry.alive && entry.listener.on_event(event, outbox) == Handled::Consume {
                handled = Handled::Consume;
                break;
            }
        }
        outbox.dispatching = false;
        outbox.settle();
        handled
    }

    fn drain_urgent(&mut self) {
        for _ in 0..CASCADE_MAX {
            let Some(event) = self.outbox.queue.pop(Lane::Urgent) else { return };
            self.dispatch(&event);
        }
        if self.outbox.queue.len(Lane::Urgent) > 0 {
            tracing::warn!(CASCADE_MAX, "listeners fire events at each other; the rest waits for the next frame");
            self.outbox.queue.postpone_urgent();
        }
    }
}

impl<'app> Outbox<'app> {
    /// Dispatches an event right after the current one.
    ///
    /// # Errors
    /// [`EventError::QueueFull`].
    pub fn fire(&mut self, event: Event) -> Result<(), EventError> {
        self.push(Lane::Urgent, event)
    }

    /// Defers an event to the next [`process_pending`].
    ///
    /// # Errors
    /// [`EventError::QueueFull`].
    pub fn post(&mut self, event: Event) -> Result<(), EventError> {
        self.push(Lane::Pending, event)
    }

    /// Defers an event that carries a text; see [`post_text`].
    ///
    /// # Errors
    /// As [`post_text`].
    pub fn post_text(&mut self, code: EventCode, sender: Sender, text: &str) -> Result<(), EventError> {
        let id = self.texts.insert(text).inspect_err(|_| self.dropped += 1)?;
        self.push(Lane::Pending, Event { code, data: EventData::Text(id), sender })
            .inspect_err(|_| self.texts.remove(id))
    }

    /// The text of an event that is being dispatched; `None` for one that has been.
    pub fn text(&self, id: TextId) -> Option<&str> {
        self.texts.get(id)
    }

    /// Registers a listener; during a dispatch it hears from the next event on.
    ///
    /// # Errors
    /// [`EventError::ListenersFull`].
    pub fn register(
        &mut self,
        code: EventCode,
        priority: i32,
        listener: &'app (dyn Listener<'app> + 'app),
    ) -> Result<ListenerId, EventError> {
        let full = EventError::ListenersFull { capacity: self.listeners_max };
        if self.registered() >= self.listeners_max {
            return Err(full);
        }
        let id = ListenerId(self.last_id + 1);
        let entry = Entry { code, priority, id, alive: true, listener };
        let added = if self.dispatching {
            self.joining.try_push(entry).map_err(|_| full)
        } else {
            self.insert(entry).map_err(|_| full)
        };
        added.map(|()| {
            self.last_id += 1;
            id
        })
    }

    /// Ends a registration: the listener is not called again. `false` when it had ended before.
    pub fn unregister(&mut self, id: ListenerId) -> bool {
        if let Some(place) = self.joining.iter().position(|entry| entry.id == id) {
            self.joining.remove(place);
            return true;
        }
        let Some(place) = self.listeners.iter().position(|entry| entry.id == id && entry.alive) else {
            return false;
        };
        if self.dispatching {
            self.listeners[place].alive = false;
            self.leaving += 1;
        } else {
            self.listeners.remove(place);
        }
        true
    }

    fn registered(&self) -> usize {
        self.listeners.len() - self.leaving + self.joining.len()
    }

    fn push(&mut self, lane: Lane, event: Event) -> Result<(), EventError> {
        if self.queue.push(lane, event) {
            return Ok(());
        }
        self.dropped += 1;
        Err(EventError::QueueFull { capacity: self.queue.capacity(), dropped: self.dropped })
    }

    fn insert(&mut self, entry: Entry<'app>) -> Result<(), MemoryError> {
        let order = |other: &Entry<'_>| {
            (other.code, std::cmp::Reverse(other.priority)) <= (entry.code, std::cmp::Reverse(entry.priority))
        };
        let place = self.listeners.partition_point(order);
        self.listeners.try_insert(place, entry)
    }

    /// Carries out what was asked for during a dispatch.
    fn settle(&mut self) {
        if self.leaving > 0 {
            let mut kept = 0;
            for index in 0..self.listeners.len() {
                if self.listeners[index].alive {
                    self.listeners[kept] = self.listeners[index];
                    kept += 1;
                }
            }
            self.listeners.truncate(kept);
            self.leaving = 0;
        }
        for index in 0..self.joining.len() {
            let entry = self.joining[index];
            // `register` has counted the places
            let added = self.insert(entry);
            debug_assert!(added.is_ok(), "a listener that joined has lost its place");
        }
        self.joining.clear();
    }
}
