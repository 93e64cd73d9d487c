//! Opens a window and prints what happens to it: every input message and every event, until it is closed.
//!
//! `cargo run -p voltrum-platform --example window`

use voltrum_memory::{Arena, Tag};
use voltrum_platform::events::{self, Event, EventCode, EventData, EventLimits, Handled, Listener, Outbox};
use voltrum_platform::input;
use voltrum_platform::window::{self, WindowConfig, WindowMode};
use voltrum_platform::{PlatformError, limit_frame, pump_messages, startup};

struct Printer;

impl Listener<'_> for Printer {
    fn on_event(&self, event: &Event, outbox: &mut Outbox<'_>) -> Handled {
        match event.data {
            EventData::Text(id) => println!("event {}: {:?}", event.code.number(), outbox.text(id)),
            data => println!("event {}: {data:?}", event.code.number()),
        }
        Handled::Pass
    }
}

fn run() -> Result<(), PlatformError> {
    let mut arena = Arena::try_reserve("permanent", 4 << 20)?;
    let scope = arena.open();
    let permanent = scope.tagged(Tag::PLATFORM);

    let config = WindowConfig { title: "messages", size: [640, 480], mode: WindowMode::Windowed };
    let (pump, window) = window::open(permanent, &config)?;
    let mut platform = startup(permanent, pump, &window)?;
    let mut events = events::startup(permanent, EventLimits::default())?;
    let mut input = input::startup(permanent)?;
    let codes = [
        EventCode::QUIT_REQUESTED,
        EventCode::RESIZED,
        EventCode::SCALE_CHANGED,
        EventCode::FOCUS_CHANGED,
        EventCode::VISIBILITY_CHANGED,
        EventCode::FILE_DROPPED,
    ];
    for code in codes {
        events::register(&mut events, code, 0, &Printer)?;
    }
    println!("{:?} pixels, scale {}", window.size(), window.scale());

    while !platform.quit_requested {
        pump_messages(&mut platform, &mut input, &mut events)?;
        input::update(&mut input);
        events::process_pending(&mut events);
        for message in input::messages(&input) {
            println!("frame {}: {message:?}", platform.clock.frame());
        }
        limit_frame(&mut platform);
    }
    Ok(())
}

fn main() -> std::process::ExitCode {
    match run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}
