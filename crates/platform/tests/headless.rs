//! What the platform promises, shown on headless instances: messages become input and events, and instances are apart.

use std::cell::RefCell;
use std::time::Duration;

use raw_window_handle::{HandleError, HasDisplayHandle, HasWindowHandle};
use voltrum_memory::{Arena, ArenaBox, Tag, Tagged};
use voltrum_platform::events::{
    self, Event, EventCode, EventData, EventLimits, EventState, Handled, Listener, Outbox, Sender,
};
use voltrum_platform::input::{self, InputState, Key, MouseButton};
use voltrum_platform::window::{self, WindowConfig, WindowMode};
use voltrum_platform::{
    Message, PlatformError, PlatformState, Pump, Window, limit_frame, post, pump_messages, startup,
};

const CODES: [EventCode; 6] = [
    EventCode::QUIT_REQUESTED,
    EventCode::RESIZED,
    EventCode::SCALE_CHANGED,
    EventCode::FOCUS_CHANGED,
    EventCode::VISIBILITY_CHANGED,
    EventCode::FILE_DROPPED,
];

/// Keeps what it hears, texts as text.
#[derive(Default)]
struct Recorder {
    heard: RefCell<Vec<(EventCode, EventData)>>,
    texts: RefCell<Vec<String>>,
}

impl Recorder {
    fn take(&self) -> Vec<(EventCode, EventData)> {
        self.heard.take()
    }
}

impl Listener<'_> for Recorder {
    fn on_event(&self, event: &Event, outbox: &mut Outbox<'_>) -> Handled {
        assert_eq!(event.sender, Sender::PLATFORM);
        match event.data {
            EventData::Text(id) => {
                let text = outbox.text(id).map(str::to_owned);
                self.texts.borrow_mut().extend(text);
            }
            data => self.heard.borrow_mut().push((event.code, data)),
        }
        Handled::Pass
    }
}

fn open<'app>(permanent: Tagged<'app>) -> Result<(Pump, ArenaBox<'app, Window>), PlatformError> {
    let config = WindowConfig { title: "test", size: [320, 200], mode: WindowMode::Headless };
    window::open(permanent, &config)
}

struct Instance<'app> {
    platform: ArenaBox<'app, PlatformState<'app>>,
    input: ArenaBox<'app, InputState<'app>>,
    events: ArenaBox<'app, EventState<'app>>,
}

impl<'app> Instance<'app> {
    fn start(
        permanent: Tagged<'app>,
        pump: Pump,
        window: &'app Window,
        recorder: &'app Recorder,
        queue_max: u32,
    ) -> Result<Self, PlatformError> {
        let limits = EventLimits { queue_max, listeners_max: 8 };
        let mut events = events::startup(permanent, limits)?;
        for code in CODES {
            events::register(&mut events, code, 0, recorder)?;
        }
        let platform = startup(permanent, pump, window)?;
        Ok(Self { platform, input: input::startup(permanent)?, events })
    }

    fn frame(&mut self) -> Result<(), PlatformError> {
        pump_messages(&mut self.platform, &mut self.input, &mut self.events)?;
        input::update(&mut self.input);
        events::process_pending(&mut self.events);
        Ok(())
    }

    fn post(&mut self, message: Message<'_>) -> Result<(), PlatformError> {
        post(&mut self.platform, message)
    }
}

/// Runs `test` on a headless instance of its own.
fn on_an_instance(
    queue_max: u32,
    test: impl FnOnce(&mut Instance<'_>, &Recorder) -> Result<(), PlatformError>,
) -> Result<(), PlatformError> {
    let mut arena = Arena::try_reserve("test", 4 << 20)?;
    let scope = arena.open();
    let permanent = scope.tagged(Tag::PLATFORM);
    let recorder = Recorder::default();
    let (pump, window) = open(permanent)?;
    let mut instance = Instance::start(permanent, pump, &window, &recorder, queue_max)?;
    test(&mut instance, &recorder)
}

#[test]
fn posted_input_shows_in_the_next_frame() -> Result<(), PlatformError> {
    on_an_instance(16, |instance, recorder| {
        instance.post(Message::key_down(Key::O))?;
        instance.post(Message::character('o'))?;
        instance.post(Message::mouse_moved([10.0, 20.0]))?;
        instance.post(Message::button_down(MouseButton::Left))?;
        instance.post(Message::wheel([0.0, -1.0]))?;
        assert!(!input::is_key_down(&instance.input, Key::O));
        instance.frame()?;
        assert!(input::was_key_pressed(&instance.input, Key::O));
        assert_eq!(input::text(&instance.input), "o");
        assert_eq!(input::mouse_position(&instance.input), [10.0, 20.0]);
        assert!(input::was_button_pressed(&instance.input, MouseButton::Left));
        assert_eq!(input::wheel(&instance.input), [0.0, -1.0]);
        assert_eq!(input::messages(&instance.input).len(), 5);
        instance.frame()?;
        assert!(!input::was_key_pressed(&instance.input, Key::O));
        assert!(input::is_key_down(&instance.input, Key::O));
        assert!(recorder.take().is_empty());
        Ok(())
    })
}

#[test]
fn several_changes_of_size_make_one_event() -> Result<(), PlatformError> {
    on_an_instance(16, |instance, recorder| {
        for width in [400, 500, 640] {
            instance.post(Message::Resized([width, 480]))?;
        }
        instance.frame()?;
        assert_eq!(instance.platform.window.size(), [640, 480]);
        assert_eq!(recorder.take(), [(EventCode::RESIZED, EventData::Size([640, 480]))]);
        instance.platform.window.set_size([320, 200]);
        instance.frame()?;
        assert_eq!(recorder.take(), [(EventCode::RESIZED, EventData::Size([320, 200]))]);
        instance.frame()?;
        assert!(recorder.take().is_empty());
        Ok(())
    })
}

#[test]
fn scale_focus_and_visibility_are_announced_when_they_change() -> Result<(), PlatformError> {
    on_an_instance(16, |instance, recorder| {
        instance.post(Message::key_down(Key::W))?;
        instance.frame()?;
        instance.post(Message::ScaleChanged(2.0))?;
        instance.post(Message::Focused(false))?;
        instance.post(Message::Visible(false))?;
        instance.frame()?;
        assert_eq!(
            recorder.take(),
            [
                (EventCode::SCALE_CHANGED, EventData::Real(2.0)),
                (EventCode::FOCUS_CHANGED, EventData::Flag(false)),
                (EventCode::VISIBILITY_CHANGED, EventData::Flag(false)),
            ]
        );
        assert_eq!(instance.platform.window.scale(), 2.0);
        assert!(!instance.platform.focused && !instance.platform.visible);
        assert!(input::was_key_released(&instance.input, Key::W));
        instance.post(Message::Visible(true))?;
        instance.frame()?;
        assert!(instance.platform.visible);
        instance.post(Message::Resized([0, 0]))?;
        instance.frame()?;
        assert!(!instance.platform.visible, "a window of size zero cannot be seen");
        Ok(())
    })
}

#[test]
fn every_wish_to_close_is_announced_and_the_answer_is_the_applications() -> Result<(), PlatformError> {
    on_an_instance(16, |instance, recorder| {
        let quit = (EventCode::QUIT_REQUESTED, EventData::None);
        instance.post(Message::CloseRequested)?;
        instance.frame()?;
        assert!(instance.platform.quit_requested);
        assert_eq!(recorder.take(), [quit]);
        instance.platform.quit_requested = false;
        instance.frame()?;
        assert!(!instance.platform.quit_requested && recorder.take().is_empty());
        instance.post(Message::CloseRequested)?;
        instance.frame()?;
        assert!(instance.platform.quit_requested);
        assert_eq!(recorder.take(), [quit]);
        Ok(())
    })
}

#[test]
fn dropped_files_arrive_with_their_paths_in_order() -> Result<(), PlatformError> {
    on_an_instance(16, |instance, recorder| {
        for name in ["a.glb", "folder/ö 2.gltf", "c.glb"] {
            instance.post(Message::FileDropped(name))?;
        }
        instance.frame()?;
        assert_eq!(recorder.texts.take(), ["a.glb", "folder/ö 2.gltf", "c.glb"]);
        Ok(())
    })
}

#[test]
fn a_full_event_queue_delays_changes_of_state_and_loses_none() -> Result<(), PlatformError> {
    on_an_instance(1, |instance, recorder| {
        instance.post(Message::Resized([5, 5]))?;
        instance.post(Message::Focused(false))?;
        instance.post(Message::CloseRequested)?;
        let mut heard = Vec::new();
        for _ in 0..3 {
            instance.frame()?;
            heard.extend(recorder.take());
        }
        assert_eq!(
            heard,
            [
                (EventCode::RESIZED, EventData::Size([5, 5])),
                (EventCode::FOCUS_CHANGED, EventData::Flag(false)),
                (EventCode::QUIT_REQUESTED, EventData::None),
            ]
        );
        Ok(())
    })
}

#[test]
fn more_posts_than_fit_are_refused_and_counted_and_the_queue_recovers() -> Result<(), PlatformError> {
    on_an_instance(16, |instance, _| {
        let mut posted = 0;
        while instance.post(Message::key_down(Key::A)).is_ok() {
            posted += 1;
        }
        let error = instance.post(Message::key_up(Key::A));
        assert!(matches!(error, Err(PlatformError::QueueFull { capacity, dropped: 2 }) if capacity == posted));
        instance.frame()?;
        instance.post(Message::key_up(Key::A))?;
        instance.frame()?;
        assert!(input::was_key_released(&instance.input, Key::A));
        Ok(())
    })
}

#[test]
fn two_instances_on_one_thread_share_nothing() -> Result<(), PlatformError> {
    on_an_instance(16, |one, heard_by_one| {
        on_an_instance(16, |two, heard_by_two| {
            for turn in 0..3 {
                one.post(Message::Resized([100 + turn, 1]))?;
                two.post(Message::key_down(Key::ALL[turn as usize]))?;
                one.frame()?;
                two.frame()?;
                let size = EventData::Size([100 + turn, 1]);
                assert_eq!(heard_by_one.take(), [(EventCode::RESIZED, size)]);
                assert!(heard_by_two.take().is_empty());
                assert!(input::messages(&one.input).is_empty());
                assert!(input::was_key_pressed(&two.input, Key::ALL[turn as usize]));
            }
            Ok(())
        })
    })
}

#[test]
fn instances_on_several_threads_share_nothing() {
    std::thread::scope(|threads| {
        let running: Vec<_> = (1..=4u32)
            .map(|number| {
                threads.spawn(move || {
                    on_an_instance(16, |instance, recorder| {
                        for turn in 1..100 {
                            instance.post(Message::Resized([number, turn]))?;
                            instance.frame()?;
                            let size = EventData::Size([number, turn]);
                            assert_eq!(recorder.take(), [(EventCode::RESIZED, size)]);
                        }
                        Ok(())
                    })
                })
            })
            .collect();
        for thread in running {
            thread.join().unwrap().unwrap();
        }
    });
}

#[test]
fn a_headless_window_has_no_handles_and_no_limit_of_frames() -> Result<(), PlatformError> {
    on_an_instance(16, |instance, _| {
        let window = instance.platform.window;
        assert!(window.is_headless());
        assert!(matches!(window.window_handle(), Err(HandleError::NotSupported)));
        assert!(matches!(window.display_handle(), Err(HandleError::NotSupported)));
        window.set_title("nothing happens");
        assert_eq!(limit_frame(&mut instance.platform), Duration::ZERO);
        Ok(())
    })
}

#[test]
fn a_fixed_step_makes_time_a_matter_of_frames() -> Result<(), PlatformError> {
    on_an_instance(16, |instance, _| {
        instance.platform.clock.set_fixed_step(Some(Duration::from_millis(25)));
        for _ in 0..4 {
            instance.frame()?;
        }
        assert_eq!(instance.platform.clock.frame(), 4);
        assert_eq!(instance.platform.clock.delta_secs(), 0.025);
        assert_eq!(instance.platform.clock.absolute_secs(), 0.1);
        Ok(())
    })
}
