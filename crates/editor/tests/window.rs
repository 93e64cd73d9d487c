//! The editor in a real window: opening, orbiting, switching, failing, closing.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod files;
mod screen;

use screen::{Picture, SCREEN, Screen, Session};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

/// What `voltrum render` makes of the same file at the same size.
fn rendered(file: &Path, [_, _, width, height]: [usize; 4], folder: &Path) -> Picture {
    let path = folder.join("rendered.png");
    let size = format!("{width}x{height}");
    let status = Command::new(env!("CARGO_BIN_EXE_voltrum"))
        .args(["render", "--grid", "--quiet", "--size", &size, "-o"])
        .args([&path, file])
        .status();
    assert!(status.unwrap().success());
    Picture::read(&path)
}

#[test]
fn a_person_opens_orbits_switches_fails_and_closes() {
    let folder = tempfile::tempdir().unwrap();
    let (sample, second) = (files::sample(), files::good(folder.path()));
    let broken = folder.path().join("cut.glb");
    fs::write(&broken, &fs::read(&sample).unwrap()[..5_000]).unwrap();

    let screen = Screen::start();
    let mut session = Session::start(&screen, &sample, folder.path());
    sleep(Duration::from_millis(3_000));
    let place = session.viewport();
    let expected = rendered(&sample, place, folder.path());
    // The stated tolerance: of ten thousand pixels, at most four are off by more than 2 of 255; the sign of the scene's
    // camera is drawn over one or two.
    let off = |picture: &Picture| picture.cut(place).share_off_by(&expected, 2);
    let first = screen.screenshot_when("sample", |picture| off(picture) <= 0.0004);
    assert_eq!(first.size, SCREEN);
    assert!(off(&first) <= 0.0004, "{:.3} % of the viewport differ from the offscreen picture", off(&first) * 100.0);

    session.orbit();
    let moved = |picture: &Picture| picture.cut(place).share_off_by(&first.cut(place), 8);
    let orbited = screen.screenshot_when("orbited", |picture| moved(picture) > 0.1);
    assert!(moved(&orbited) > 0.1, "only {:.1} % of the viewport moved", moved(&orbited) * 100.0);
    // the way to its goal is not over as soon as it can be seen
    sleep(Duration::from_millis(3_000));
    let orbited = screen.screenshot("orbited");

    let until = format!("opened path={:?}", second.to_str().unwrap());
    session.open_by_path_field(&second, &until);
    let changed = |picture: &Picture| picture.cut(place).share_off_by(&orbited.cut(place), 8);
    let switched = screen.screenshot_when("second", |picture| changed(picture) > 0.1);
    assert!(changed(&switched) > 0.1);
    sleep(Duration::from_millis(3_000));
    let switched = screen.screenshot("second");

    session.open_by_path_field(&broken, "cut off");
    let red = |picture: &Picture| {
        let status_line = picture.cut([0, SCREEN[1] - 30, SCREEN[0] / 2, 30]);
        status_line.rgb.chunks_exact(3).filter(|p| p[0] > 180 && p[1] < 120 && p[2] < 120).count()
    };
    let kept = |picture: &Picture| picture.cut(place).share_off_by(&switched.cut(place), 8);
    let failed = screen.screenshot_when("broken", |picture| red(picture) > 100 && kept(picture) < 0.002);
    assert!(kept(&failed) < 0.002, "{:.2} % of the viewport changed", kept(&failed) * 100.0);
    assert!(red(&failed) > 100, "the status line shows no error");

    session.close(folder.path());
}

#[test]
fn models_of_others_look_in_the_viewport_as_they_are_rendered() {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/models");
    let screen = Screen::start();
    for name in ["FlightHelmet/FlightHelmet.gltf", "Fox.glb"] {
        let model = models.join(name);
        if !model.exists() {
            println!("skipped: {} is not there", model.display());
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        let session = Session::start(&screen, &model, folder.path());
        let place = session.viewport();
        let expected = rendered(&model, place, folder.path());
        let off = |picture: &Picture| picture.cut(place).share_off_by(&expected, 2);
        let shown = format!("viewport-{}", name.split(['/', '.']).next().unwrap());
        let shown = screen.screenshot_when(&shown, |picture| off(picture) <= 0.0004);
        assert!(off(&shown) <= 0.0004, "{name}: {:.3} % differ from the offscreen picture", off(&shown) * 100.0);
        session.close(folder.path());
    }
}
