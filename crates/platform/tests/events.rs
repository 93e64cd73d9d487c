//! What the event system promises: order, consumption, the rules during a dispatch, and a queue that can be full.

use std::cell::{Cell, RefCell};

use voltrum_memory::{Arena, ArenaBox, MemoryError, Tag, Tagged};
use voltrum_platform::events::{
    self, Event, EventCode, EventData, EventError, EventLimits, EventState, Handled, Listener, ListenerId, Outbox,
    Sender,
};

const PING: EventCode = EventCode::client(1);
const PONG: EventCode = EventCode::client(2);

fn event(code: EventCode, number: u64) -> Event {
    Event { code, data: EventData::Number(number), sender: Sender::client(7) }
}

fn start<'app>(
    permanent: Tagged<'app>,
    queue_max: u32,
    listeners_max: u32,
) -> Result<ArenaBox<'app, EventState<'app>>, MemoryError> {
    events::startup(permanent, EventLimits { queue_max, listeners_max })
}

/// Writes down what it hears, with its own name.
struct Recorder<'l> {
    name: &'static str,
    log: &'l RefCell<Vec<(&'static str, u64)>>,
    answer: Handled,
}

impl Listener<'_> for Recorder<'_> {
    fn on_event(&self, event: &Event, _: &mut Outbox<'_>) -> Handled {
        if let EventData::Number(number) = event.data {
            self.log.borrow_mut().push((self.name, number));
        }
        self.answer
    }
}

/// Does what the test says, through the outbox.
struct Actor<F>(F);

fn actor<'app, F: Fn(&Event, &mut Outbox<'app>)>(act: F) -> Actor<F> {
    Actor(act)
}

impl<'app, F: Fn(&Event, &mut Outbox<'app>)> Listener<'app> for Actor<F> {
    fn on_event(&'app self, event: &Event, outbox: &mut Outbox<'app>) -> Handled {
        (self.0)(event, outbox);
        Handled::Pass
    }
}

#[test]
fn higher_priorities_hear_first_and_equal_ones_in_order_of_registration() {
    let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
    let scope = arena.open();
    let log = RefCell::new(Vec::new());
    let recorder = |name| Recorder { name, log: &log, answer: Handled::Pass };
    let (low, first, second, high) = (recorder("low"), recorder("first"), recorder("second"), recorder("high"));
    let mut state = start(scope.tagged(Tag::EVENTS), 4, 8).unwrap();
    events::register(&mut state, PING, -5, &low).unwrap();
    events::register(&mut state, PING, 0, &first).unwrap();
    events::register(&mut state, PONG, 99, &first).unwrap();
    events::register(&mut state, PING, 10, &high).unwrap();
    events::register(&mut state, PING, 0, &second).unwrap();
    assert_eq!(events::fire(&mut state, event(PING, 1)), Handled::Pass);
    assert_eq!(*log.borrow(), [("high", 1), ("first", 1), ("second", 1), ("low", 1)]);
}

#[test]
fn a_consumed_event_ends_where_it_was_consumed() {
    let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
    let scope = arena.open();
    let log = RefCell::new(Vec::new());
    let above = Recorder { name: "above", log: &log, answer: Handled::Pass };
    let consumer = Recorder { name: "consumer", log: &log, answer: Handled::Consume };
    let below = Recorder { name: "below", log: &log, answer: Handled::Pass };
    let mut state = start(scope.tagged(Tag::EVENTS), 4, 8).unwrap();
    events::register(&mut state, PING, 1, &below).unwrap();
    events::register(&mut state, PING, 2, &consumer).unwrap();
    events::register(&mut state, PING, 3, &above).unwrap();
    assert_eq!(events::fire(&mut state, event(PING, 5)), Handled::Consume);
    assert_eq!(*log.borrow(), [("above", 5), ("consumer", 5)]);
}

#[test]
fn a_listener_hears_its_own_code_only_and_nothing_after_unregistering() {
    let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
    let scope = arena.open();
    let log = RefCell::new(Vec::new());
    let recorder = Recorder { name: "r", log: &log, answer: Handled::Pass };
    let mut state = start(scope.tagged(Tag::EVENTS), 4, 8).unwrap();
    let id = events::register(&mut state, PING, 0, &recorder).unwrap();
    events::fire(&mut state, event(PONG, 1));
    events::fire(&mut state, event(PING, 2));
    assert!(events::unregister(&mut state, id));
    assert!(!events::unregister(&mut state, id), "the second time there is nothing to end");
    events::fire(&mut state, event(PING, 3));
    assert_eq!(*log.borrow(), [("r", 2)]);
    let newer = events::register(&mut state, PING, 0, &recorder).unwrap();
    assert_ne!(id, newer, "ids are never used twice");
    assert!(!events::unregister(&mut state, id));
    assert_eq!(events::listeners(&state), 1);
}

#[test]
fn a_posted_event_waits_for_process_pending_and_order_is_kept() {
    let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
    let scope = arena.open();
    let log = RefCell::new(Vec::new());
    let recorder = Recorder { name: "r", log: &log, answer: Handled::Pass };
    let mut state = start(scope.tagged(Tag::EVENTS), 4, 8).unwrap();
    events::register(&mut state, PING, 0, &recorder).unwrap();
    for number in 0..3 {
        events::post(&mut state, event(PING, number)).unwrap();
    }
    assert!(log.borrow().is_empty());
    assert_eq!(events::process_pending(&mut state), 3);
    assert_eq!(*log.borrow(), [("r", 0), ("r", 1), ("r", 2)]);
    assert_eq!(events::process_pending(&mut state), 0);
}

#[test]
fn a_full_queue_is_a_counted_error_and_takes_events_again_after_processing() {
    let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
    let scope = arena.open();
    let log = RefCell::new(Vec::new());
    let recorder = Recorder { name: "r", log: &log, answer: Handled::Pass };
    let mut state = start(scope.tagged(Tag::EVENTS), 2, 8).unwrap();
    events::register(&mut state, PING, 0, &recorder).unwrap();
    events::post(&mut state, event(PING, 0)).unwrap();
    events::post(&mut state, event(PING, 1)).unwrap();
    for dropped in 1..=3 {
        let error = events::post(&mut state, event(PING, 9)).unwrap_err();
        assert_eq!(error, EventError::QueueFull { capacity: 2, dropped });
    }
    assert_eq!(events::dropped(&state), 3);
    events::process_pending(&mut state);
    events::post(&mut state, event(PING, 2)).unwrap();
    events::process_pending(&mut state);
    assert_eq!(*log.borrow(), [("r", 0), ("r", 1), ("r", 2)]);
}

#[test]
fn the_free_list_serves_any_number_of_events_without_growing() {
    let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
    let scope = arena.open();
    let mut state = start(scope.tagged(Tag::EVENTS), 3, 8).unwrap();
    let used = scope.view().used();
    for round in 0..1_000 {
        for number in 0..=round % 3 {
            events::post(&mut state, event(PING, number)).unwrap();
        }
        assert_eq!(events::process_pending(&mut state) as u64, round % 3 + 1);
    }
    for number in 0..3 {
        events::post(&mut state, event(PING, number)).unwrap();
    }
    assert_eq!(events::pending(&state), 3);
    assert_eq!(scope.view().used(), used);
}

#[test]
fn an_event_fired_during_a_dispatch_comes_right_after_it_and_before_what_is_pending() {
    let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
    let scope = arena.open();
    let log = RefCell::new(Vec::new());
    let firing = actor(|heard, outbox| {
        if heard.data == EventData::Number(1) {
            outbox.fire(event(PONG, 10)).unwrap();
            outbox.fire(event(PONG, 11)).unwrap();
        }
    });
    let ping = Recorder { name: "ping", log: &log, answer: Handled::Pass };
    let pong = Recorder { name: "pong", log: &log, answer: Handled::Pass };
    let mut state = start(scope.tagged(Tag::EVENTS), 8, 8).unwrap();
    events::register(&mut state, PING, 1, &firing).unwrap();
    events::register(&mut state, PING, 0, &ping).unwrap();
    events::register(&mut state, PONG, 0, &pong).unwrap();
    events::post(&mut state, event(PING, 1)).unwrap();
    events::post(&mut state, event(PING, 2)).unwrap();
    events::process_pending(&mut state);
    assert_eq!(*log.borrow(), [("ping", 1), ("pong", 10), ("pong", 11), ("ping", 2)]);
}

#[test]
fn an_event_posted_during_processing_waits_for_the_next_frame() {
    let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
    let scope = arena.open();
    let heard = Cell::new(0);
    let reposting = actor(|_, outbox| {
        heard.set(heard.get() + 1);
        outbox.post(event(PING, 0)).unwrap();
    });
    let mut state = start(scope.tagged(Tag::EVENTS), 4, 8).unwrap();
    events::register(&mut state, PING, 0, &reposting).unwrap();
    events::post(&mut state, event(PING, 0)).unwrap();
    for frames in 1..=3 {
        assert_eq!(events::process_pending(&mut state), 1);
        assert_eq!(heard.get(), frames);
    }
}

#[test]
fn listeners_that_fire_at_each_other_do_not_hang_the_frame() {
    let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
    let scope = arena.open();
    let heard = Cell::new(0usize);
    let endless = actor(|_, outbox| {
        heard.set(heard.get() + 1);
        outbox.fire(event(PING, 0)).unwrap();
    });
    let mut state = start(scope.tagged(Tag::EVENTS), 4, 8).unwrap();
    events::register(&mut state, PING, 0, &endless).unwrap();
    events::fire(&mut state, event(PING, 0));
    assert_eq!(heard.get(), events::CASCADE_MAX + 1);
    assert_eq!(events::pending(&state), 1, "the rest waits for the next frame");
}

#[test]
fn a_listener_registered_during_a_dispatch_hears_from_the_next_event_on() {
    let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
    let scope = arena.open();
    let log = RefCell::new(Vec::new());
    let late = Recorder { name: "late", log: &log, answer: Handled::Pass };
    let added = Cell::new(None::<ListenerId>);
    let adding = actor(|_, outbox| {
        if added.get().is_none() {
            added.set(Some(outbox.register(PING, -1, &late).unwrap()));
        }
    });
    let mut state = start(scope.tagged(Tag::EVENTS), 4, 8).unwrap();
    events::register(&mut state, PING, 0, &adding).unwrap();
    events::fire(&mut state, event(PING, 1));
    assert!(log.borrow().is_empty());
    events::fire(&mut state, event(PING, 2));
    assert_eq!(*log.borrow(), [("late", 2)]);
    assert!(events::unregister(&mut state, added.get().unwrap()));
}

#[test]
fn a_listener_unregistered_during_a_dispatch_is_not_called_again() {
    let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
    let scope = arena.open();
    let log = RefCell::new(Vec::new());
    let ids = RefCell::new(Vec::new());
    let removing = actor(|_, outbox| {
        for id in ids.borrow_mut().drain(..) {
            assert!(outbox.unregister(id));
            assert!(!outbox.unregister(id));
        }
    });
    let gone = Recorder { name: "gone", log: &log, answer: Handled::Pass };
    let kept = Recorder { name: "kept", log: &log, answer: Handled::Pass };
    let mut state = start(scope.tagged(Tag::EVENTS), 4, 3).unwrap();
    // the one that removes leaves too
    ids.borrow_mut().push(events::register(&mut state, PING, 5, &removing).unwrap());
    ids.borrow_mut().push(events::register(&mut state, PING, 4, &gone).unwrap());
    events::register(&mut state, PING, 3, &kept).unwrap();
    events::fire(&mut state, event(PING, 1));
    events::fire(&mut state, event(PING, 2));
    assert_eq!(*log.borrow(), [("kept", 1), ("kept", 2)]);
    assert_eq!(events::listeners(&state), 1);
    events::register(&mut state, PONG, 0, &gone).unwrap();
    events::register(&mut state, PONG, 0, &gone).unwrap();
}

#[test]
fn a_listener_can_register_and_unregister_itself_while_it_is_told() {
    let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
    let scope = arena.open();
    struct Once {
        heard: Cell<u32>,
        again: Cell<Option<ListenerId>>,
    }
    impl<'app> Listener<'app> for Once {
        fn on_event(&'app self, _: &Event, outbox: &mut Outbox<'app>) -> Handled {
            self.heard.set(self.heard.get() + 1);
            match self.again.take() {
                Some(id) => assert!(outbox.unregister(id)),
                None => self.again.set(outbox.register(PING, 0, self).ok()),
            }
            Handled::Pass
        }
    }
    let once = Once { heard: Cell::new(0), again: Cell::new(None) };
    let mut state = start(scope.tagged(Tag::EVENTS), 4, 2).unwrap();
    events::register(&mut state, PING, 1, &once).unwrap();
    events::fire(&mut state, event(PING, 0));
    assert_eq!((once.heard.get(), events::listeners(&state)), (1, 2));
    // the first call ends the second registration before its turn comes
    events::fire(&mut state, event(PING, 0));
    assert_eq!((once.heard.get(), events::listeners(&state)), (2, 1));
}

#[test]
fn more_listeners_than_the_limit_are_refused() {
    let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
    let scope = arena.open();
    let log = RefCell::new(Vec::new());
    let recorder = Recorder { name: "r", log: &log, answer: Handled::Pass };
    let mut state = start(scope.tagged(Tag::EVENTS), 4, 2).unwrap();
    let first = events::register(&mut state, PING, 0, &recorder).unwrap();
    events::register(&mut state, PING, 0, &recorder).unwrap();
    let error = events::register(&mut state, PING, 0, &recorder).unwrap_err();
    assert_eq!(error, EventError::ListenersFull { capacity: 2 });
    events::unregister(&mut state, first);
    events::register(&mut state, PING, 0, &recorder).unwrap();
}

#[test]
fn a_text_lives_until_its_event_has_been_dispatched() {
    let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
    let scope = arena.open();
    let seen = RefCell::new(Vec::new());
    let last = Cell::new(None);
    let reader = actor(|heard, outbox| {
        if let EventData::Text(id) = heard.data {
            seen.borrow_mut().push(outbox.text(id).unwrap().to_owned());
            if let Some(stale) = last.replace(Some(id)) {
                assert_eq!(outbox.text(stale), None);
            }
        }
    });
    let mut state = start(scope.tagged(Tag::EVENTS), 64, 2).unwrap();
    events::register(&mut state, PING, 0, &reader).unwrap();
    for round in 0..100 {
        events::post_text(&mut state, PING, Sender::PLATFORM, &format!("scene {round}.glb")).unwrap();
        events::process_pending(&mut state);
    }
    assert_eq!(seen.borrow().len(), 100);
    assert_eq!(seen.borrow()[99], "scene 99.glb");

    let long = "x".repeat(4097);
    let error = events::post_text(&mut state, PING, Sender::PLATFORM, &long).unwrap_err();
    assert_eq!(error, EventError::TextTooLong { bytes: 4097, limit: 4096 });
    let full = (0..33).find_map(|_| events::post_text(&mut state, PING, Sender::PLATFORM, "a").err()).unwrap();
    assert_eq!(full, EventError::TextsFull { capacity: 32 });
}
