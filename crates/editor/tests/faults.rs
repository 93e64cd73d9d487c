//! Fail-at-N under the whole editor: start-up, a load, frames, resizes and the close, while the Nth request for pages, for
//! the driver's host memory or for GPU memory fails. It ends with a typed error, or goes on with what it has; the GPU is left
//! as it was found. On a stub of Vulkan, in which nothing crashes but what is ours.
//!
//! A run looks at a sample; `VOLTRUM_FAULTS=all cargo test -p voltrum-editor --test faults -- --nocapture` at every N.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod files;

use std::path::Path;
use std::time::Duration;
use voltrum::memory::Faults;
use voltrum::platform::Message;
use voltrum::render::{Driver, Stub};
use voltrum::{AppConfig, AppError, Turn, drive, testing};
use voltrum_editor::commands::window;
use voltrum_editor::editor::Editor;
use voltrum_editor::error::EditorError;
use voltrum_editor::exit::Exit;
use voltrum_editor::project::{Play, ProjectRequest};

static STUB: Stub = Stub::new();

const PATIENCE: Duration = Duration::from_secs(60);
/// Faults of one kind in a sample.
const SAMPLE: u64 = 24;

/// A short life of the editor; whether it came to its end.
fn play(file: &Path) -> Result<(), AppError<EditorError>> {
    let config =
        AppConfig { driver: Driver::Stub(&STUB), validation: false, window_size: [200, 150], ..window::config() };
    let mut turns = 0;
    drive(&config.headless(), &Editor::new(None), None, |instance| {
        turns += 1;
        testing::frames(instance, 2)?;
        match turns {
            1 => {
                instance.state().open(file.to_str().unwrap());
                // it opens, or says why it doesn't
                match testing::frames_until_loaded(instance, PATIENCE)? {
                    Turn::Continue => Ok(Turn::Quit),
                    turn => Ok(turn),
                }
            }
            2 => {
                if let Some(bend) = instance.project().find_animation("Bend") {
                    instance.project().play(Play::Show(bend));
                }
                for size in [[300, 200], [0, 0], [64, 900], [200, 150]] {
                    instance.post(Message::Resized(size))?;
                    testing::frames(instance, 2)?;
                }
                instance.open(ProjectRequest::Close.into());
                testing::frames_until_loaded(instance, PATIENCE)
            }
            _ => Ok(Turn::Quit),
        }
    })
}

/// Plays, and sees to it that what failed said so and left nothing.
fn checked(file: &Path, what: &str) -> bool {
    let ended = play(file);
    assert_eq!((STUB.live(), STUB.device_bytes(), STUB.misuses()), (0, 0, 0), "{what}: {ended:?}");
    if let Err(error) = &ended {
        assert!(matches!(Exit::of(error), Exit::Memory | Exit::Gpu), "{what}: {error} {error:?}");
        assert!(!error.to_string().is_empty() && !error.to_string().contains('\n'), "{what}: {error}");
    }
    ended.is_ok()
}

/// Which of `requests` are to fail, the later ones closer together.
fn sample(requests: u64) -> Vec<u64> {
    if std::env::var_os("VOLTRUM_FAULTS").is_some() || requests <= SAMPLE {
        return (0..requests).collect();
    }
    let mut sample: Vec<u64> =
        (0..SAMPLE).map(|at| requests - 1 - (requests - 1) * at * at / (SAMPLE * SAMPLE)).collect();
    sample.dedup();
    sample
}

#[test]
fn memory_that_runs_out_anywhere_is_an_error_or_does_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let file = files::figure(folder.path());
    let told = |kind: &str, requests: u64, tried: usize, ended: usize| {
        println!(
            "{kind}: {tried} of {requests} requests refused, one at a time: {ended} times the editor went on to its end"
        );
    };

    // a request that never comes
    let faults = Faults::at_request(u64::MAX);
    assert!(checked(&file, "no fault"));
    let requests = faults.requests();
    drop(faults);
    let tried = sample(requests);
    let mut ended = 0;
    for n in &tried {
        let faults = Faults::at_request(*n);
        ended += usize::from(checked(&file, &format!("pages {n}")));
        drop(faults);
    }
    assert!(requests > 20, "{requests}");
    told("pages", requests, tried.len(), ended);
    for n in sample(requests).into_iter().step_by(3) {
        let _faults = Faults::from_request(n);
        checked(&file, &format!("pages from {n} on"));
    }

    let gpu = STUB.faults();
    for of_device in [false, true] {
        let plan = |n| {
            gpu.fail_host(if of_device { u64::MAX } else { n });
            gpu.fail_device(if of_device { n } else { u64::MAX });
        };
        plan(u64::MAX - 1);
        assert!(checked(&file, "no fault"));
        let requests = if of_device { gpu.device_requests() } else { gpu.host_requests() };
        assert!(requests > 20, "{requests}");
        let tried = sample(requests);
        let kind = if of_device { "GPU memory" } else { "host memory" };
        let mut ended = 0;
        for n in &tried {
            plan(*n);
            ended += usize::from(checked(&file, &format!("{kind} {n}")));
        }
        told(kind, requests, tried.len(), ended);
    }
    gpu.end();
}
