//! Models as they come from others: what each looks like is kept. They are not part of the repository; where one is absent,
//! its picture is left out with a line.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod files;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use voltrum::render::{Pixels, Tolerance};
use voltrum::testing;

fn assert_looks(name: &str, file: &Path, arguments: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.png");
    let mut command = Command::new(env!("CARGO_BIN_EXE_voltrum"));
    command.arg("render").arg(file).arg("-o").arg(&out).args(["--size", "160x120", "--validate"]).args(arguments);
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    let (size, mut rgba) = testing::read_picture(&out);
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/model-{name}.png"));
    testing::assert_picture(&Pixels { size, rgba: &mut rgba }, golden, Tolerance::default());
}

#[test]
fn models_of_others_are_the_pictures_that_are_kept() {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/models");
    let cases: [(&str, &str, &[&str]); 7] = [
        ("helmet", "FlightHelmet/FlightHelmet.gltf", &[]),
        ("cake", "AlienCake/cakeBirthday.glb", &[]),
        ("fox", "Fox.glb", &[]),
        ("fox-runs", "Fox.glb", &["--animation", "Run", "--time", "0.3"]),
        ("morphs", "MorphStressTest.gltf", &[]),
        ("morphs-pulse", "MorphStressTest.gltf", &["--animation", "0", "--time", "0.9"]),
        ("box-sparse", "box_sparse.glb", &[]),
    ];
    for (name, file, arguments) in cases {
        let path = models.join(file);
        if path.exists() {
            assert_looks(name, &path, arguments);
        } else {
            eprintln!("left out: there is no {}", path.display());
        }
    }
}

#[test]
fn a_figure_of_our_own_bends_as_it_was_kept() {
    let folder = tempfile::tempdir().unwrap();
    let figure: PathBuf = files::figure(folder.path());
    let camera = ["--camera", "0", "--quiet"];
    for (name, more) in
        [("figure-rest", &[][..]), ("figure-bent", &["--time", "0.4"]), ("figure-half", &["--time", "0.7"])]
    {
        assert_looks(name, &figure, &[&camera[..], more].concat());
    }
}
