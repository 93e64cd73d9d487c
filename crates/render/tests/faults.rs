//! Fail-at-N on the stub: for every N, the Nth Vulkan call, request for host memory, for GPU memory or for pages
//! fails, from start-up to close; nothing panics, nothing is leaked or used wrongly, and the renderer recovers.
//!
//! After the Vulkan conformance suite, which does so with host allocations (`dEQP-VK.api.object_management.
//! alloc_callback_fail.*`).

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod play;
mod stage;

use ash::vk;
use play::{LOSSES, Outcome, play};
use voltrum_memory::{Arena, Faults, Tag};
use voltrum_platform::window::{self, WindowConfig, WindowMode};
use voltrum_render::{Driver, GpuConfig, GpuFaults, RenderError, Stub};

/// Plays once on the stub.
fn play_on(stub: &'static Stub, in_window: bool, with_faults: impl FnOnce() -> Option<Faults>) -> (Outcome, u64) {
    let mut arena = Arena::try_reserve("permanent", 1 << 30).unwrap();
    let permanent = arena.open();
    let mut scratch = Arena::try_reserve("scratch", 16 << 20).unwrap();
    let scratch = scratch.open();
    let config = WindowConfig { title: "play", size: [64, 64], mode: WindowMode::Headless };
    let (_pump, window) = window::open(permanent.tagged(Tag::PLATFORM), &config).unwrap();
    let config = GpuConfig { driver: Driver::Stub(stub), ..GpuConfig::default() };
    let faults = with_faults();
    let outcome = play(&permanent, in_window.then_some(&*window), &config, &scratch);
    let refused = faults.as_ref().map_or(0, Faults::refused);
    drop(faults);
    assert_eq!((stub.live(), stub.device_bytes()), (0, 0), "leaked after {:?}", outcome.errors);
    assert_eq!(stub.misuses(), 0, "see the log; after {:?}", outcome.errors);
    (outcome, refused)
}

/// What every play must come to: the renderer did not start, or draws again, or says that it is lost: with the device,
/// or with what a frame had recorded.
fn check(outcome: &Outcome, fault: &str) {
    let is_loss = |error: &RenderError| match error {
        RenderError::DeviceLost { .. } => true,
        RenderError::OutOfHostMemory { operation } | RenderError::OutOfDeviceMemory { operation, .. } => {
            LOSSES.contains(operation)
        }
        _ => false,
    };
    let lost = outcome.errors.iter().any(is_loss);
    assert!(outcome.recovered || lost || !outcome.started, "{fault}: {:?}", outcome.errors);
}

/// Fails call after call with `result`; how many there were.
fn fail_calls(stub: &'static Stub, in_window: bool, result: vk::Result) -> u64 {
    for n in 0.. {
        stub.fail_call(n, result);
        let (outcome, _) = play_on(stub, in_window, || None);
        let Some(call) = stub.end_faults() else {
            assert!(outcome.errors.is_empty() && outcome.recovered, "{:?}", outcome.errors);
            println!("{n} calls returned {result:?}, one at a time");
            return n;
        };
        let fault = format!("{call} ({n}) returned {result:?}");
        check(&outcome, &fault);
    }
    unreachable!("a play makes finitely many calls")
}

#[test]
fn every_vulkan_call_may_run_out_of_memory() {
    static STUB: Stub = Stub::new();
    let (host, device) = (vk::Result::ERROR_OUT_OF_HOST_MEMORY, vk::Result::ERROR_OUT_OF_DEVICE_MEMORY);
    for (in_window, result) in [(false, host), (true, device)] {
        let calls = fail_calls(&STUB, in_window, result);
        assert!(calls > 100, "{calls}");
    }
}

#[test]
fn every_vulkan_call_may_lose_the_device() {
    static STUB: Stub = Stub::new();
    for in_window in [false, true] {
        let calls = fail_calls(&STUB, in_window, vk::Result::ERROR_DEVICE_LOST);
        assert!(calls > 20, "{calls}");
    }
}

#[test]
fn every_vulkan_call_may_lose_the_surface_or_find_it_changed() {
    static STUB: Stub = Stub::new();
    for result in [vk::Result::ERROR_SURFACE_LOST_KHR, vk::Result::ERROR_OUT_OF_DATE_KHR] {
        let calls = fail_calls(&STUB, true, result);
        assert!(calls > 10, "{calls}");
    }
}

#[test]
fn starting_mapping_and_pools_may_fail() {
    static STUB: Stub = Stub::new();
    for result in [
        vk::Result::ERROR_INITIALIZATION_FAILED,
        vk::Result::ERROR_MEMORY_MAP_FAILED,
        vk::Result::ERROR_OUT_OF_POOL_MEMORY,
        vk::Result::ERROR_FRAGMENTED_POOL,
    ] {
        assert!(fail_calls(&STUB, true, result) > 0);
    }
}

#[test]
fn every_request_for_host_or_gpu_memory_may_be_refused() {
    static STUB: Stub = Stub::new();
    let (faults, mut plans) = (STUB.faults(), 0);
    for of_device in [false, true] {
        for n in 0.. {
            let seen = if of_device {
                faults.fail_device(n);
                faults.fail_host(u64::MAX);
                GpuFaults::device_requests
            } else {
                faults.fail_host(n);
                GpuFaults::host_requests
            };
            let (outcome, _) = play_on(&STUB, true, || None);
            if seen(faults) <= n {
                assert!(outcome.errors.is_empty() && outcome.recovered, "{:?}", outcome.errors);
                break;
            }
            check(&outcome, if of_device { "GPU memory" } else { "host memory" });
            plans += 1;
        }
    }
    faults.end();
    println!("{plans} requests for memory were refused, one at a time");
    assert!(plans > 100, "{plans}");
}

#[test]
fn every_request_for_pages_may_be_refused_alone_or_with_all_that_follow() {
    static STUB: Stub = Stub::new();
    for is_alone in [true, false] {
        for n in 0.. {
            let begin = || if is_alone { Faults::at_request(n) } else { Faults::from_request(n) };
            let (outcome, refused) = play_on(&STUB, true, || Some(begin()));
            if refused == 0 {
                assert!(outcome.errors.is_empty() && outcome.recovered, "{:?}", outcome.errors);
                assert!(n > 3, "{n}");
                break;
            }
            if is_alone {
                check(&outcome, &format!("the pages of request {n}"));
            }
            // without pages there is no going on, but there is a reason
            let is_memory =
                |error: &RenderError| matches!(error, RenderError::Memory(_) | RenderError::OutOfHostMemory { .. });
            assert!(outcome.recovered || outcome.errors.iter().any(is_memory), "{n}: {:?}", outcome.errors);
        }
    }
}
