//! Turning the frame loop, with a look at the clock and at the counters after each turn.

use voltrum::render::GpuLifetime;
use voltrum::{AppError, Client, Instance, Turn};

use crate::clock::{clocked_on_core, median};
use crate::resident;

/// Turns before the first that counts: what was uploaded arrives, and what grows has grown.
const UNCOUNTED: usize = 30;
/// Turns that count.
const COUNTED: usize = 300;

/// What so many frames took.
#[derive(Default)]
pub(super) struct Measured {
    /// Of each frame, on the loop's thread.
    pub(super) nanoseconds: Vec<f64>,
    /// The most in a frame; `None` where they are not counted.
    pub(super) heap_allocations: Option<f64>,
    pub(super) ui_allocations: Option<f64>,
    /// The process at most, and what the device holds besides.
    pub(super) resident_bytes: f64,
    /// Of the last frame.
    pub(super) draw_calls: f64,
}

impl Measured {
    pub(super) fn median(self) -> f64 {
        median(self.nanoseconds).unwrap_or(0.0)
    }
}

/// Turns the loop until there is enough to tell. Before each turn the camera is moved.
pub(super) fn measure<C: Client>(
    instance: &mut Instance<'_, '_, '_, C>,
    mut move_camera: impl FnMut(&mut Instance<'_, '_, '_, C>),
) -> Result<Measured, AppError<C::Error>> {
    let mut measured = Measured::default();
    for at in 0..UNCOUNTED + COUNTED {
        move_camera(instance);
        let mut turn = Ok(Turn::Continue);
        let nanoseconds = clocked_on_core(|| turn = instance.frame());
        turn?;
        if at < UNCOUNTED {
            continue;
        }
        let stats = instance.stats();
        measured.nanoseconds.push(nanoseconds);
        let most = |so_far: Option<f64>, now: Option<usize>| Some(so_far.unwrap_or(0.0).max(now? as f64));
        measured.heap_allocations = most(measured.heap_allocations, stats.heap_allocations);
        measured.ui_allocations = most(measured.ui_allocations, stats.ui_allocations);
    }
    // what frames hold on the device is mapped, and so is part of the process already
    let usage = instance.app().gpu.usage();
    let device_bytes = usage.used_bytes - usage.lifetime(GpuLifetime::Frame);
    measured.resident_bytes = resident::peak_bytes().unwrap_or(0.0) + device_bytes as f64;
    measured.draw_calls = instance.app().renderer.stats().draw_calls as f64;
    Ok(measured)
}
