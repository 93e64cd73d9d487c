//! What a process without a display is told. The test runs itself again, because the environment belongs to a process.

use std::process::Command;

use voltrum_memory::{Arena, Tag};
use voltrum_platform::window::{self, WindowConfig, WindowMode};

const CHILD: &str = "VOLTRUM_TEST_OPENS_A_WINDOW";

#[test]
fn a_missing_display_is_an_error_that_names_the_command_for_headless_work() {
    if std::env::var_os(CHILD).is_some() {
        let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
        let scope = arena.open();
        let config = WindowConfig { title: "test", size: [64, 64], mode: WindowMode::Windowed };
        // what failed before the event loop was made does not use it up: the second answer is the first one's
        for _ in 0..2 {
            match window::open(scope.tagged(Tag::PLATFORM), &config) {
                Ok(_) => println!("OPENED"),
                Err(error) => println!("ERROR {error}"),
            }
        }
        return;
    }
    let name = "a_missing_display_is_an_error_that_names_the_command_for_headless_work";
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(CHILD, "1")
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("WAYLAND_SOCKET")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    assert!(!text.contains("OPENED"), "{text}");
    let expected = "ERROR no display: neither WAYLAND_DISPLAY nor DISPLAY is set";
    assert_eq!(text.matches(expected).count(), 2, "{text}");
    assert!(text.contains("`voltrum render"), "{text}");
}
