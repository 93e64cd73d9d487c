//! Starting up where something is missing: typed errors, nothing left behind.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::process::Command;

use voltrum_memory::{Arena, Tag};
use voltrum_render::{GpuConfig, RenderError, RendererLimits, gpu, renderer};

/// Runs one of the ignored tests below in a process of its own, with other surroundings.
fn run_elsewhere(test: &str, variables: &[(&str, &str)]) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--ignored", "--nocapture"]);
    let output = command.envs(variables.iter().copied()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn without_a_driver_the_error_says_what_to_install() {
    run_elsewhere(
        "there_is_no_driver",
        &[("VK_ICD_FILENAMES", "/nonexistent.json"), ("VK_DRIVER_FILES", "/nonexistent.json")],
    );
}

#[test]
#[ignore = "run by the test above, in a process without drivers"]
fn there_is_no_driver() {
    let mut arena = Arena::try_reserve("permanent", 1 << 20).unwrap();
    let permanent = arena.open();
    let used = permanent.view().used();
    let error = gpu::startup(permanent.tagged(Tag::RENDERER), None, &GpuConfig::default()).err().unwrap();
    assert!(matches!(error, RenderError::NoDevice { found: 0, .. }), "{error}");
    assert!(error.is_gpu_unusable());
    assert!(error.to_string().contains("mesa-vulkan-drivers"), "{error}");
    assert_eq!(permanent.view().used(), used);
}

#[test]
fn a_permanent_arena_without_room_is_an_error_and_leaves_nothing_open() {
    let mut arena = Arena::try_reserve("permanent", 1 << 30).unwrap();
    let permanent = arena.open();
    let config = GpuConfig { validation: true, ..GpuConfig::default() };
    let gpu = gpu::startup(permanent.tagged(Tag::RENDERER), None, &config).unwrap();
    let mut step = 16 << 10;
    let mut failures = 0;
    loop {
        let mut small = Arena::try_reserve("small", step).unwrap();
        let scope = small.open();
        match renderer::startup(scope.tagged(Tag::RENDERER), &gpu, None, RendererLimits::default()) {
            Ok(_) => break,
            Err(error) => assert!(matches!(error, RenderError::Memory(_)), "{error}"),
        }
        assert_eq!((gpu.live_objects(), gpu.usage().used_bytes), (0, 0));
        failures += 1;
        step *= 2;
    }
    assert!(failures > 3, "{failures}");
    assert_eq!(gpu.validation_messages(), 0);
}

#[test]
fn a_ring_beyond_all_memory_is_out_of_device_memory() {
    let mut arena = Arena::try_reserve("permanent", 1 << 30).unwrap();
    let permanent = arena.open();
    let memory = permanent.tagged(Tag::RENDERER);
    let gpu = gpu::startup(memory, None, &GpuConfig { validation: false, ..GpuConfig::default() }).unwrap();
    let limits = RendererLimits { frame_ring_bytes: 1 << 46, ..RendererLimits::default() };
    let error = renderer::startup(memory, &gpu, None, limits).err().unwrap();
    assert!(matches!(error, RenderError::OutOfDeviceMemory { .. }), "{error}");
    assert_eq!((gpu.live_objects(), gpu.usage().used_bytes), (0, 0));
}

#[test]
fn a_driver_heap_without_room_is_an_error_at_every_step() {
    let mut arena = Arena::try_reserve("permanent", 1 << 30).unwrap();
    let permanent = arena.open();
    let memory = permanent.tagged(Tag::RENDERER);
    let mut failures = 0;
    for host_heap_bytes in [64 << 10, 96 << 10, 128 << 10, 192 << 10, 256 << 10, 512 << 10, 1 << 20, 2 << 20, 8 << 20] {
        let config = GpuConfig { validation: false, host_heap_bytes, ..GpuConfig::default() };
        match gpu::startup(memory, None, &config) {
            Ok(gpu) => {
                let opened = renderer::startup(memory, &gpu, None, RendererLimits::default());
                failures += u32::from(opened.is_err());
                drop(opened);
                assert_eq!((gpu.live_objects(), gpu.usage().used_bytes), (0, 0));
            }
            Err(error) => {
                failures += 1;
                assert!(error.is_gpu_unusable(), "{error}");
            }
        }
    }
    assert!(failures > 0);
}
