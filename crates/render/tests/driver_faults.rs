//! Fail-at-N on the system's driver: each fault in a process of its own, since a driver may crash where it gets no
//! memory. What crashes in there is listed and none of ours; everything else must hold as on the stub.
//!
//! A run looks at a sample; `VOLTRUM_FAULTS=all cargo test -p voltrum-render --test driver_faults -- --nocapture` at
//! every N (minutes), and prints the list.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod play;
mod stage;

use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use play::{LOSSES, play};
use voltrum_memory::{Arena, Faults};
use voltrum_render::{Driver, GpuConfig, GpuFaults, RenderError};

/// Where a fault strikes.
const KINDS: [&str; 3] = ["host", "device", "pages"];
/// Faults of one kind in a sample.
const SAMPLE: u64 = 16;

/// What a process says at its end: requests of its kind, and what came of it.
const MARK: &str = "play:";

#[test]
#[ignore = "run by the test below, in a process of its own"]
fn one_play() {
    static FAULTS: GpuFaults = GpuFaults::new();
    let fault = std::env::var("VOLTRUM_FAULT").unwrap();
    let (kind, n) = fault.split_once(' ').unwrap();
    let n: u64 = n.parse().unwrap();
    let mut arena = Arena::try_reserve("permanent", 1 << 30).unwrap();
    let permanent = arena.open();
    let mut scratch = Arena::try_reserve("scratch", 16 << 20).unwrap();
    let scratch = scratch.open();
    let config = GpuConfig { driver: Driver::Watched(&FAULTS), validation: true, ..GpuConfig::default() };
    match kind {
        "host" => FAULTS.fail_host(n),
        "device" => FAULTS.fail_device(n),
        _ => {}
    }
    let pages = (kind == "pages").then(|| Faults::at_request(n));
    let outcome = play(&permanent, None, &config, &scratch);
    let requests = match kind {
        "host" => FAULTS.host_requests(),
        "device" => FAULTS.device_requests(),
        _ => pages.as_ref().map_or(0, Faults::requests),
    };
    // Pages that an arena can do without change nothing.
    let whole = outcome.recovered || !outcome.started || outcome.errors.iter().any(is_loss);
    assert!(whole, "{:?}", outcome.errors);
    // The validation layer takes note of a submission before it knows that it failed, and complains about what follows.
    let submitted = |error: &RenderError| matches!(error, RenderError::OutOfHostMemory { operation: "vkQueueSubmit2" });
    let messages = if outcome.errors.iter().any(submitted) { 0 } else { outcome.messages };
    assert_eq!(messages, 0, "the validation layer complained, see above; after {:?}", outcome.errors);
    println!("{MARK} {requests} {:?}", outcome.errors.first());
}

/// After these the renderer says at every call that it is lost.
fn is_loss(error: &voltrum_render::RenderError) -> bool {
    use voltrum_render::RenderError as Error;
    match error {
        Error::DeviceLost { .. } => true,
        Error::OutOfHostMemory { operation } | Error::OutOfDeviceMemory { operation, .. } => LOSSES.contains(operation),
        _ => false,
    }
}

/// How long a play may take; one takes a fraction of a second.
const PATIENCE: Duration = Duration::from_secs(8);

/// How a play ended.
enum End {
    /// With what it said after the mark.
    Told(String),
    /// By a signal, or not at all: nothing of ours aborts, touches memory that is not there, or waits for ever.
    Driver(String),
    /// With a failed assertion.
    Failed(String),
}

fn play_elsewhere(kind: &str, n: u64) -> End {
    let path = std::env::temp_dir().join(format!("voltrum-play-{}-{kind}-{n}", std::process::id()));
    let file = std::fs::File::create(&path).unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "one_play", "--ignored", "--nocapture"])
        .env("VOLTRUM_FAULT", format!("{kind} {n}"))
        .env("RUST_BACKTRACE", "0")
        .stdout(file.try_clone().unwrap())
        .stderr(file)
        .spawn()
        .unwrap();
    let began = Instant::now();
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break Some(status),
            None if began.elapsed() > PATIENCE => {
                child.kill().unwrap();
                child.wait().unwrap();
                break None;
            }
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
    std::fs::remove_file(&path).unwrap();
    let told = text.lines().find_map(|line| line.split_once(MARK)).map(|(_, rest)| rest.trim().to_owned());
    match (status, told) {
        (Some(status), Some(told)) if status.success() => End::Told(told),
        (Some(status), _) if status.code().is_some() => End::Failed(text),
        (Some(status), _) => End::Driver(status.to_string()),
        (None, _) => End::Driver("it hung".to_owned()),
    }
}

#[test]
fn memory_that_runs_out_anywhere_is_an_error_or_a_crash_inside_the_driver() {
    let all = std::env::var_os("VOLTRUM_FAULTS").is_some();
    for kind in KINDS {
        let End::Told(whole) = play_elsewhere(kind, u64::MAX - 1) else { panic!("a play without a fault failed") };
        let (requests, errors) = whole.split_once(' ').unwrap();
        assert_eq!(errors, "None", "a play without a fault");
        let requests: u64 = requests.parse().unwrap();
        // Start-up makes the most requests, and the later ones are the more interesting.
        let mut wanted: Vec<u64> = match all || requests <= SAMPLE {
            true => (0..requests).collect(),
            false => {
                (0..SAMPLE).map(|index| requests - 1 - (requests - 1) * index * index / (SAMPLE * SAMPLE)).collect()
            }
        };
        wanted.dedup();
        let failures = Mutex::new(Vec::new());
        let (next, crashes, errors) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|threads| {
            for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
                threads.spawn(|| {
                    while let Some(&n) = wanted.get(next.fetch_add(1, Relaxed)) {
                        match play_elsewhere(kind, n) {
                            End::Told(told) => {
                                errors.fetch_add(usize::from(!told.ends_with("None")), Relaxed);
                            }
                            End::Driver(how) => {
                                crashes.fetch_add(1, Relaxed);
                                println!("{kind} {n}: {how}, inside the driver or its loader");
                            }
                            End::Failed(text) => failures.lock().unwrap().push(format!("{kind} {n}: {text}")),
                        }
                    }
                });
            }
        });
        println!(
            "{kind}: {} of {requests} requests refused, one at a time: {} were errors, {} went unnoticed, {} crashed the driver",
            wanted.len(),
            errors.load(Relaxed),
            wanted.len() - errors.load(Relaxed) - crashes.load(Relaxed),
            crashes.load(Relaxed)
        );
        let failures = failures.into_inner().unwrap();
        assert!(failures.is_empty(), "{}", failures.join("\n"));
        assert!(errors.into_inner() > 0, "no {kind} fault was felt");
        assert!(kind == "host" || crashes.load(Relaxed) == 0, "{kind} memory is ours, not the driver's");
    }
}
