//! Driving a client from a test, frame by frame, with synthetic input and no window.
//!
//! [`drive`](crate::drive) hands a test the same [`Instance`] that [`run`](crate::run) turns itself; this
//! module adds what tests want to say in one line. Two instances may run interleaved on one thread: drive the second inside
//! the first's turns.
//!
//! Input goes in by [`Instance::post`] or the shorter [`press`] and [`click`]; what comes out is compared: a picture by
//! [`assert_picture`], two memory reports by [`assert_not_grown`]. See `examples/first_client.rs` for a client with its test.

mod picture;
mod report;

pub use picture::{assert_picture, read_picture, write_picture};
pub use report::assert_not_grown;

use crate::client::Client;
use crate::error::AppError;
use crate::instance::{Instance, Turn};
use std::time::{Duration, Instant};
use voltrum_platform::Message;
use voltrum_platform::input::{InputMessage, Key, Modifiers, MouseButton};

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

/// Turns the frame loop until the next project is there, for a load that must not fail: what it returns, [`Turn::Switch`],
/// ends the life of the open one. At most `patience` long.
///
/// # Errors
/// As [`Instance::frame`].
///
/// # Panics
/// When the load fails or takes longer: a test that went on to its end without the project would show nothing.
#[track_caller]
pub fn frames_until_open<C: Client>(
    instance: &mut Instance<'_, '_, '_, C>,
    patience: Duration,
) -> Result<Turn, AppError<C::Error>> {
    let turn = frames_until_loaded(instance, patience)?;
    let why = if instance.is_loading() { "is not there in time" } else { "could not be loaded" };
    assert_eq!(turn, Turn::Switch, "what is to be opened {why}");
    Ok(turn)
}

/// Presses a key with modifiers and lets it go, and turns the frame loop until that has been seen.
///
/// # Errors
/// As [`Instance::frame`] and [`Instance::post`].
pub fn press<C: Client>(
    instance: &mut Instance<'_, '_, '_, C>,
    modifiers: Modifiers,
    key: Key,
) -> Result<Turn, AppError<C::Error>> {
    instance.post(Message::Input(InputMessage::Modifiers(modifiers)))?;
    instance.post(Message::key_down(key))?;
    frames(instance, 1)?;
    instance.post(Message::key_up(key))?;
    instance.post(Message::Input(InputMessage::Modifiers(Modifiers::NONE)))?;
    frames(instance, 2)
}

/// Clicks with the left button at a place of the window, in pixels, and turns the frame loop until that has been seen.
///
/// # Errors
/// As [`Instance::frame`] and [`Instance::post`].
pub fn click<C: Client>(instance: &mut Instance<'_, '_, '_, C>, at: [f32; 2]) -> Result<Turn, AppError<C::Error>> {
    instance.post(Message::mouse_moved(at))?;
    frames(instance, 2)?;
    instance.post(Message::button_down(MouseButton::Left))?;
    frames(instance, 1)?;
    instance.post(Message::button_up(MouseButton::Left))?;
    frames(instance, 2)
}
