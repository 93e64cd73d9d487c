//! What a process without a display is told. Tests run themselves again, because the environment and the one event loop
//! belong to a process.

use std::process::Command;

use voltrum_memory::{Arena, Tag};
use voltrum_platform::window::{self, WindowConfig, WindowMode};

const CHILD: &str = "VOLTRUM_TEST_OPENS_A_WINDOW";

/// Runs the test called `name` again in a process with these variables alone to find a display; gives its answers to two
/// attempts at a window. In that process itself it makes the attempts and gives nothing.
fn two_attempts(name: &str, variables: &[(&str, &str)]) -> std::io::Result<Vec<String>> {
    if std::env::var_os(CHILD).is_some() {
        let config = WindowConfig { title: "test", size: [64, 64], mode: WindowMode::Windowed };
        for _ in 0..2 {
            let mut arena = Arena::try_reserve("test", 1 << 20).map_err(std::io::Error::other)?;
            match window::open(arena.open().tagged(Tag::PLATFORM), &config) {
                Ok(_) => println!("\nANSWER opened"),
                Err(error) => println!("\nANSWER {error}"),
            }
        }
        return Ok(Vec::new());
    }
    let output = Command::new(std::env::current_exe()?)
        .args(["--exact", name, "--nocapture"])
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("WAYLAND_SOCKET")
        .envs(variables.iter().copied())
        .env(CHILD, "1")
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let answers: Vec<String> =
        text.lines().filter_map(|line| line.strip_prefix("ANSWER ")).map(str::to_owned).collect();
    assert!(output.status.success() && answers.len() == 2, "{text}");
    Ok(answers)
}

#[test]
fn a_missing_display_names_the_command_that_needs_none() -> std::io::Result<()> {
    let answers = two_attempts("a_missing_display_names_the_command_that_needs_none", &[])?;
    for answer in &answers {
        assert!(answer.starts_with("no display: neither WAYLAND_DISPLAY nor DISPLAY is set"), "{answer}");
        assert!(answer.contains("`voltrum render"), "{answer}");
    }
    Ok(())
}

#[cfg(target_os = "linux")]
#[test]
fn a_compositor_that_is_gone_is_named_and_uses_nothing_up() -> std::io::Result<()> {
    let name = "a_compositor_that_is_gone_is_named_and_uses_nothing_up";
    for answer in two_attempts(name, &[("WAYLAND_DISPLAY", "wayland-gone")])? {
        let expected = "no display: WAYLAND_DISPLAY is \"wayland-gone\": no compositor answers";
        assert!(answer.starts_with(expected), "{answer}");
    }
    Ok(())
}

#[cfg(target_os = "linux")]
#[test]
fn an_unreachable_display_is_named_and_the_second_attempt_says_that_it_is_the_second() -> std::io::Result<()> {
    let name = "an_unreachable_display_is_named_and_the_second_attempt_says_that_it_is_the_second";
    let answers = two_attempts(name, &[("DISPLAY", ":41973")])?;
    // where the libraries are missing, that is the answer, twice
    if let [first, second] = answers.as_slice()
        && !first.contains("apt install")
    {
        assert!(first.starts_with("no display: DISPLAY is \":41973\": "), "{first}");
        assert!(!first.contains(".rs:"), "no place in foreign sources: {first}");
        assert!(second.contains("opened its one window already, or has tried to"), "{second}");
    }
    Ok(())
}
