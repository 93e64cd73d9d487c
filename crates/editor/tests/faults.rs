//! Fail-at-N under the whole editor: start-up, a load, frames, resizes and the close, while the Nth request for pages, for
//! the driver's host memory or for GPU memory fails. It ends with a typed error, or goes on with what it has; the GPU is left
//! as it was found. On a stub of Vulkan, in which nothing crashes but what is ours.
//!
//! A run looks at a sample; `VOLTRUM_FAULTS=all cargo test -p voltrum-editor --test faults -- --nocapture` at every N.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

mod files;
mod opened;

use opened::{Outcome, Run, on_stub};
use std::path::Path;
use std::time::{Duration, Instant};
use voltrum::memory::Faults;
use voltrum::platform::Message;
use voltrum::platform::input::{Key, Modifiers};
use voltrum::render::Stub;
use voltrum::{AppError, Turn, drive, testing};
use voltrum_editor::editor::Editor;
use voltrum_editor::error::EditorError;
use voltrum_editor::exit::Exit;
use voltrum_editor::project::{Play, ProjectRequest};

static STUB: Stub = Stub::new();

const PATIENCE: Duration = Duration::from_secs(60);
/// None, the file's, none again.
const PROJECTS: u32 = 3;
/// Faults of one kind in a sample.
const SAMPLE: u64 = 24;

/// A short life of the editor; how many projects were open in it, of [`PROJECTS`].
fn play(file: &Path) -> Result<u32, AppError<EditorError>> {
    let mut turns = 0;
    drive(&on_stub(&STUB, [200, 150]), &Editor::new(None), None, |instance| {
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
    })?;
    Ok(turns)
}

/// Frames until nothing is loaded any more.
fn settled(instance: &mut Run<'_, '_, '_>, what: &str) -> Outcome {
    let began = Instant::now();
    let mut turn = testing::frames(instance, 2)?;
    while turn == Turn::Continue && instance.is_loading() {
        assert!(began.elapsed() < PATIENCE, "{what} neither comes nor fails");
        turn = instance.frame()?;
    }
    Ok(turn)
}

/// Sees to it that what isn't there is told to be missing. How many came.
fn came_or_failed(instance: &mut Run<'_, '_, '_>, is_there: bool, what: &str) -> u32 {
    let said = instance.state().status.text().0.to_owned();
    assert_ne!(is_there, instance.state().status.is_error(), "{what}: {said}");
    assert!(!said.is_empty() && !said.contains('\n'), "{what}: {said}");
    instance.state().status.clear();
    u32::from(is_there)
}

/// Loads, beside the frames, what is opened, what joins it, and what is loaded once more. Each is there, or the editor says
/// why it isn't and goes on with what it had. How many of the three came.
fn load_beside(file: &Path, other: &Path) -> Result<u32, AppError<EditorError>> {
    let (mut came, mut turns) = (0, 0);
    drive(&on_stub(&STUB, [200, 150]), &Editor::new(None), None, |instance| {
        turns += 1;
        if turns == 1 {
            testing::frames(instance, 2)?;
            instance.state().open(file.to_str().unwrap());
            if settled(instance, "the project")? == Turn::Switch {
                return Ok(Turn::Switch);
            }
            came_or_failed(instance, false, "the project");
            assert!(instance.project().is_empty());
            return Ok(Turn::Quit);
        }
        came += 1;
        testing::frames(instance, 2)?;
        let (files, entities) = (instance.project().files().len(), instance.project().entity_count());
        instance.state().status.clear();
        instance.post(Message::FileDropped(other.to_str().unwrap()))?;
        settled(instance, "what joins it")?;
        let has_joined = instance.project().files().len() > files;
        came += came_or_failed(instance, has_joined, "what joins it");
        assert_eq!(instance.project().entity_count() > entities, has_joined);

        let before = (instance.project().files().len(), instance.project().entity_count());
        testing::press(instance, Modifiers::NONE, Key::F5)?;
        for _ in 0..before.0 {
            settled(instance, "what is loaded once more")?;
        }
        let is_reloaded = instance.state().status.text().0.starts_with("reloaded");
        came += came_or_failed(instance, is_reloaded, "what is loaded once more");
        assert_eq!((instance.project().files().len(), instance.project().entity_count()), before);
        Ok(Turn::Quit)
    })?;
    Ok(came)
}

/// As [`checked`], for what is loaded beside the frames.
fn checked_beside(file: &Path, other: &Path, what: &str) -> u32 {
    let ended = load_beside(file, other);
    assert_eq!((STUB.live(), STUB.device_bytes(), STUB.misuses()), (0, 0, 0), "{what}: {ended:?}");
    match ended {
        Ok(came) => came,
        Err(error) => panic!("{what}: a load that fails ends no editor: {error}"),
    }
}

/// Plays, and sees to it that what failed said so and left nothing. Whether all of it was played.
fn checked(file: &Path, what: &str) -> bool {
    let ended = play(file);
    assert_eq!((STUB.live(), STUB.device_bytes(), STUB.misuses()), (0, 0, 0), "{what}: {ended:?}");
    if let Err(error) = &ended {
        assert!(matches!(Exit::of(error), Exit::Memory | Exit::Gpu), "{what}: {error} {error:?}");
        assert!(!error.to_string().is_empty() && !error.to_string().contains('\n'), "{what}: {error}");
    }
    ended.is_ok_and(|projects| projects == PROJECTS)
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
            "{kind}: {tried} of {requests} requests refused, one at a time: {ended} times the editor did all of it"
        );
        assert!(ended < tried, "no refusal of {kind} was felt");
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

    // the worker's requests: what it loads fails, and nothing else
    let other = files::good(folder.path());
    let faults = Faults::at_request_elsewhere(u64::MAX);
    assert_eq!(checked_beside(&file, &other, "no fault"), 3);
    let requests = faults.requests();
    drop(faults);
    assert!(requests > 20, "{requests}");
    let (mut failed, tried) = (0, sample(requests));
    for begin in [Faults::at_request_elsewhere, Faults::from_request_elsewhere] {
        for n in &tried {
            let faults = begin(*n);
            failed += usize::from(checked_beside(&file, &other, &format!("the worker's pages {n}")) < 3);
            drop(faults);
        }
    }
    assert!(failed > tried.len() / 2, "only {failed} loads failed of twice {}", tried.len());
    println!(
        "the worker's pages: {} of {requests} requests refused, alone and with all that follow: {failed} loads failed",
        tried.len()
    );

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
