//! What people expect of a program on their desktop, in a real window: dense screens, menus by keys, the shared clipboard.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod files;
mod screen;

use screen::{Desktop, PATIENCE, Picture, SCREEN, Screen, Session};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Twice the screen of the other tests, for windows whose pixels are half as large.
const DENSE: [usize; 2] = [SCREEN[0] * 2, SCREEN[1] * 2];

/// The menu bar and the tabs below it: text only.
fn words([width, _]: [usize; 2], scale: usize) -> [usize; 4] {
    [0, 0, width / 5, 40 * scale]
}

/// How often one pixel is much lighter or darker than the one at its left: where letters have sharp edges.
fn sharp_edges(picture: &Picture) -> usize {
    let [width, height] = picture.size;
    let pixels = (0..height).flat_map(|y| (1..width).map(move |x| (x, y)));
    pixels.filter(|&(x, y)| picture.at(x, y)[1].abs_diff(picture.at(x - 1, y)[1]) > 90).count()
}

/// Waits until the viewport's picture is where it is expected, give or take the pixels that are rounded.
fn wait_for_viewport(session: &Session<'_>, expected: [usize; 4]) {
    let began = Instant::now();
    let is_there = |place: [usize; 4]| place.iter().zip(expected).all(|(is, wanted)| is.abs_diff(wanted) <= 4);
    while !is_there(session.viewport()) {
        assert!(began.elapsed() < PATIENCE, "the viewport is at {:?}, not at {expected:?}", session.viewport());
        sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_dense_screen_gets_the_same_window_twice_as_fine_at_the_start_and_when_it_changes() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let sample = files::sample();
    let dense_screen = Screen::start_sized(DENSE);
    let dense = Session::start_with(&dense_screen, &[&sample], folders[0].path(), &[("WINIT_X11_SCALE_FACTOR", "2")]);
    sleep(Duration::from_millis(4_000));
    let at_start = dense_screen.screenshot("dense");
    let fine = dense.viewport();
    dense.close(folders[0].path());

    // an ordinary screen that becomes a dense one, and one of the ordinary kind again
    let screen = Screen::start_sized(DENSE);
    let mut desktop = Desktop::start(&screen, 96);
    let session = Session::start(&screen, &sample, folders[1].path());
    sleep(Duration::from_millis(3_000));
    let coarse = session.viewport();
    let before = screen.screenshot("scale-before");
    assert!(coarse.iter().zip(fine).all(|(side, fine)| fine.abs_diff(side * 2) <= 4), "{coarse:?} {fine:?}");
    let edges = |picture: &Picture, size, scale| sharp_edges(&picture.cut(words(size, scale)));
    let [plain, twice] = [edges(&before, SCREEN, 1), edges(&at_start, DENSE, 2)];
    // blurred letters would have few, magnified ones the same at every other pixel
    assert!(twice * 10 > plain * 13, "{twice} sharp edges on the dense screen, {plain} on the ordinary one");

    desktop.set_dpi(192);
    wait_for_viewport(&session, fine);
    let same = |picture: &Picture, like: &Picture, place| picture.cut(place).share_off_by(&like.cut(place), 2);
    let as_at_start = |picture: &Picture| same(picture, &at_start, words(DENSE, 2));
    let after = screen.screenshot_when("scale-after", |picture| as_at_start(picture) == 0.0);
    assert_eq!(as_at_start(&after), 0.0, "text is not what it is where the window begins that way");
    desktop.set_dpi(96);
    wait_for_viewport(&session, coarse);
    let as_before = |picture: &Picture| same(picture, &before, words(SCREEN, 1));
    let back = screen.screenshot_when("scale-back", |picture| as_before(picture) == 0.0);
    assert_eq!(as_before(&back), 0.0);
    session.close(folders[1].path());
}
