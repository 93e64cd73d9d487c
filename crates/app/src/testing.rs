//! Driving a client from a test, frame by frame, with synthetic input and no window.
//!
//! [`drive`](crate::drive) hands a test the same [`Instance`] that [`run`](crate::run) turns itself; this
//! module adds what tests want to say in one line. Two instances may run interleaved on one thread: drive the second inside
//! the first's turns.

use crate::client::Client;
use crate::error::AppError;
use crate::instance::{Instance, Turn};
use std::time::{Duration, Instant};

/// Turns the frame loop `count` times.
///
/// # Errors
/// As [`Instance::frame`].
pub fn frames<C: Client>(instance: &mut Instance<'_, '_, '_, C>, count: usize) -> Result<Turn, AppError<C::Error>> {
    for _ in 0..count {
        match instance.frame()? {
            Turn::Continue => {}
            ended => return Ok(ended),
        }
    }
    Ok(Turn::Continue)
}

/// Turns the frame loop until nothing is being loaded: the load has failed, or the next project is there
/// ([`Turn::Switch`]). At most `patience` long.
///
/// # Errors
/// As [`Instance::frame`].
pub fn frames_until_loaded<C: Client>(
    instance: &mut Instance<'_, '_, '_, C>,
    patience: Duration,
) -> Result<Turn, AppError<C::Error>> {
    let began = Instant::now();
    loop {
        match instance.frame()? {
            Turn::Continue if instance.is_loading() && began.elapsed() < patience => {}
            ended => return Ok(ended),
        }
    }
}
