//! How far a load is, on a terminal's last line.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::mpsc;
use std::time::Duration;
use voltrum::assets::Progress;
use voltrum::memory::{Tag, heap_scope};

/// How often the bar moves.
const INTERVAL: Duration = Duration::from_millis(50);

/// Runs `load` and shows how far it is, when stderr is a terminal and nobody asked for silence.
pub(crate) fn with_progress<R>(progress: &Progress, quiet: bool, load: impl FnOnce() -> R) -> R {
    if quiet || !std::io::stderr().is_terminal() {
        return load();
    }
    std::thread::scope(|threads| {
        let (done, is_done) = mpsc::channel::<()>();
        threads.spawn(move || show(progress, &is_done));
        let result = load();
        drop(done);
        result
    })
}

/// A bar for a row of pictures, when stderr is a terminal and nobody asked for silence.
pub(crate) fn pictures_bar(count: u32, quiet: bool) -> Option<ProgressBar> {
    if count < 2 || quiet || !std::io::stderr().is_terminal() {
        return None;
    }
    let _foreign = heap_scope(Tag::FOREIGN);
    let bar = ProgressBar::with_draw_target(Some(u64::from(count)), ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{wide_bar} {pos} of {len} pictures");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    Some(bar)
}

fn show(progress: &Progress, is_done: &mpsc::Receiver<()>) {
    let _foreign = heap_scope(Tag::FOREIGN);
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    // a name that is too long for the line is cut
    let style = ProgressStyle::with_template("{bar:24} {bytes} of {total_bytes}, {prefix} {wide_msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    while is_done.recv_timeout(INTERVAL) == Err(mpsc::RecvTimeoutError::Timeout) {
        bar.set_length(progress.total_bytes());
        bar.set_position(progress.done_bytes());
        bar.set_prefix(format!("{} of {} files,", progress.done_files(), progress.total_files()));
        bar.set_message(format!("{} {}", progress.stage().label(), progress.file().as_str()));
    }
    bar.finish_and_clear();
}
