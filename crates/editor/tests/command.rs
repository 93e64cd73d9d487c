//! The command `voltrum` as a person runs it: exit codes, messages, pictures, reports.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

mod files;

use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn voltrum(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_voltrum"));
    command.args(arguments).stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> Output {
    voltrum(arguments).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn assert_done(output: &Output) {
    assert_eq!(output.status.code(), Some(0), "{}", stderr(output));
}

/// One line that begins with the program's name; nothing on standard output; no panic.
fn assert_refused(output: &Output, exit: i32, words: &[&str]) {
    let message = stderr(output);
    assert_eq!(output.status.code(), Some(exit), "{message}");
    assert!(output.stdout.is_empty());
    let lines: Vec<&str> = message.lines().filter(|line| line.starts_with("voltrum: ")).collect();
    assert_eq!(lines.len(), 1, "{message}");
    for word in words {
        assert!(lines[0].contains(word), "`{word}` is missing: {message}");
    }
    assert!(!message.contains("panicked") && !message.contains("validation"), "{message}");
}

#[test]
fn shaders_of_a_folder_draw_the_picture_and_bad_ones_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (model, shaders) = (files::good(folder.path()), files::shaders(folder.path()));
    let mut pictures = Vec::new();
    let mut render = |shaders: &Path| {
        let picture = folder.path().join(format!("picture-{}.png", pictures.len()));
        let more = ["--shaders", text(shaders), "--size", "64x64", "--validate"];
        let output = run(&[&["render", text(&model), "-o", text(&picture)], &more[..]].concat());
        pictures.push(fs::read(&picture).unwrap_or_default());
        output
    };
    assert_done(&render(&shaders));
    let mesh = shaders.join("mesh.wgsl");
    let whole = fs::read_to_string(&mesh).unwrap();
    let lit = "return vec4<f32>(tone_map(shade(in, front, false).radiance), 1.0);";
    assert!(whole.contains(lit));
    fs::write(&mesh, whole.replace(lit, "return vec4<f32>(0.0, 1.0, 0.0, 1.0);")).unwrap();
    assert_done(&render(&shaders));
    fs::write(&mesh, whole.replace(lit, "return oops;")).unwrap();
    assert_refused(&render(&shaders), 3, &["mesh.wgsl:", "oops"]);
    fs::remove_file(&mesh).unwrap();
    assert_refused(&render(&shaders), 6, &["mesh.wgsl: no such file"]);
    let nowhere = folder.path().join("nowhere");
    assert_refused(&render(&nowhere), 6, &["nowhere: shaders can't be read there", "name a folder"]);
    assert_refused(&run(&["--shaders", text(&nowhere)]), 6, &["nowhere: shaders can't be read there"]);
    assert!(!pictures[0].is_empty() && !pictures[1].is_empty() && pictures[0] != pictures[1]);
    assert!(pictures[2..].iter().all(Vec::is_empty), "what was refused left a picture");
}

#[test]
fn every_bad_file_gets_one_clear_message_and_its_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    files::good(folder.path());
    let picture = folder.path().join("picture.png");
    for bad in files::bad(folder.path()) {
        let output = run(&["render", text(&bad.path), "-o", text(&picture), "--size", "64x64"]);
        assert_refused(&output, bad.exit, bad.words);
        assert!(!picture.exists(), "{} left a picture", bad.path.display());
        for more in [&["info"][..], &["info", "--json"]] {
            let output = run(&[more, &[text(&bad.path)]].concat());
            if bad.is_in_pixels() {
                assert_done(&output);
            } else {
                assert_refused(&output, bad.exit, bad.words);
            }
        }
    }
}

#[test]
fn a_picture_that_its_decoder_panics_over_is_told_as_a_bad_picture_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/fuzz/found/images");
    let model = files::changed(folder.path(), "scans", |json| json["images"] = json!([{ "uri": "scans.jpg" }]));
    fs::copy(found.join("scans_larger_than_their_frame.jpg"), model.with_file_name("scans.jpg")).unwrap();
    let output = run(&["render", text(&model), "-o", text(&folder.path().join("picture.png")), "--size", "64x64"]);
    assert_refused(&output, 3, &["scans.jpg", "in a way that its decoder can't describe"]);
    assert_eq!(stderr(&output).lines().count(), 1, "{}", stderr(&output));
}

#[test]
fn what_is_partly_broken_is_shown_with_a_warning_that_names_the_place() {
    let folder = tempfile::tempdir().unwrap();
    for repaired in files::repaired(folder.path()) {
        let file = text(&repaired.path);
        let output = run(&["render", file, "-o", "-", "--size", "64x64", "--validate"]);
        assert_done(&output);
        assert_eq!(png_size(&output.stdout), [64, 64], "{file}");
        let info = run(&["info", file]);
        assert_done(&info);
        for told in [stderr(&output), String::from_utf8(info.stdout).unwrap()] {
            let is_told = |line: &str| repaired.words.iter().all(|word| line.contains(word));
            assert!(told.lines().any(is_told), "{file}: {told}");
            assert!(!told.contains("panicked") && !told.contains("validation"), "{told}");
        }
    }
}

#[test]
fn a_good_file_is_rendered_and_described() {
    let folder = tempfile::tempdir().unwrap();
    let good = files::good(folder.path());
    let picture = folder.path().join("picture.png");
    assert_done(&run(&["render", text(&good), "-o", text(&picture), "--size", "64x48"]));
    assert_eq!(png_size(&fs::read(&picture).unwrap()), [64, 48]);
    let output = run(&["info", text(&good), "--json"]);
    assert_done(&output);
    let info: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(info["schema"], 1);
    assert_eq!((&info["nodes"], &info["triangles"], &info["vertices"]), (&1.into(), &1.into(), &3.into()));
    assert_eq!((&info["images"][0]["width"], &info["images"][0]["format"]), (&4.into(), &"Rgba8Srgb".into()));
    assert_eq!(info["materials"][0]["name"], "Paint");
}

#[test]
fn info_says_what_is_in_the_sample() {
    let sample = files::sample();
    let output = run(&["info", text(&sample)]);
    assert_done(&output);
    let info = String::from_utf8(output.stdout).unwrap();
    for word in ["nodes", "meshes", "triangles", "materials", "images", "512 x 512", "cameras", "bounds"] {
        assert!(info.contains(word), "`{word}` is missing: {info}");
    }
}

fn png_size(bytes: &[u8]) -> [u32; 2] {
    let reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
    [reader.info().width, reader.info().height]
}

fn pixels(bytes: &[u8]) -> Vec<u8> {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::ALPHA);
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut pixels).unwrap();
    pixels
}

/// Tags, padding and children of an arena and of all below it add up.
fn assert_adds_up(arena: &Value) {
    let number = |value: &Value| value.as_u64().unwrap_or_else(|| panic!("a number is missing: {arena}"));
    let tags: u64 = arena["tags"].as_array().unwrap().iter().map(|tag| number(&tag["bytes"])).sum();
    let children = arena["children"].as_array().unwrap();
    let below: u64 = children.iter().map(|child| number(&child["used"])).sum();
    assert_eq!(tags + number(&arena["padding"]) + below, number(&arena["used"]), "{arena}");
    assert!(number(&arena["used"]) <= number(&arena["peak"]), "{arena}");
    assert!(number(&arena["used"]) <= number(&arena["committed"]), "{arena}");
    assert!(number(&arena["committed"]) <= number(&arena["reserved"]), "{arena}");
    children.iter().for_each(assert_adds_up);
}

#[test]
fn the_sample_becomes_a_picture_and_a_report_that_adds_up() {
    let folder = tempfile::tempdir().unwrap();
    let (sample, picture) = (files::sample(), folder.path().join("sample.png"));
    let arguments = ["render", text(&sample), "-o", text(&picture), "--size", "320x180", "--memory-report", "json"];
    let output = run(&arguments);
    assert_done(&output);
    assert!(stderr(&output).is_empty(), "{}", stderr(&output));

    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&report["schema"], &report["tracking"]), (&1.into(), &"tags".into()));
    let arenas = report["arenas"].as_array().unwrap();
    for name in ["permanent", "scene a", "scene b", "frame"] {
        assert!(arenas.iter().any(|arena| arena["name"] == name), "{name} is missing");
    }
    arenas.iter().for_each(assert_adds_up);
    assert_eq!(report["frame"]["heap_allocations"], 0);
    assert!(report["gpu"]["used"].as_u64().unwrap() > 0 && report["process"]["resident"].as_u64().unwrap() > 0);
    let lifetimes = report["gpu"]["lifetimes"].as_object().unwrap().values();
    assert_eq!(lifetimes.map(|bytes| bytes.as_u64().unwrap()).sum::<u64>(), report["gpu"]["used"].as_u64().unwrap());

    let bytes = fs::read(&picture).unwrap();
    assert_eq!(png_size(&bytes), [320, 180]);
    let pixels = pixels(&bytes);
    let mut colors: Vec<&[u8]> = pixels.chunks_exact(4).collect();
    colors.sort_unstable();
    colors.dedup();
    assert!(colors.len() > 2_000, "the picture shows only {} colours", colors.len());
}

#[test]
fn the_heap_of_our_own_crates_stays_small() {
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("sample.png");
    let output =
        run(&["render", text(&files::sample()), "-o", text(&picture), "--size", "64x64", "--memory-report", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let tags = report["heap"]["tags"].as_array().unwrap();
    let ours: u64 = tags.iter().filter(|tag| tag["tag"] != "FOREIGN").map(|tag| tag["bytes"].as_u64().unwrap()).sum();
    assert!(ours <= 64 << 10, "{ours} bytes");
}

#[test]
fn picture_and_report_go_where_they_are_sent() {
    let folder = tempfile::tempdir().unwrap();
    let good = files::good(folder.path());
    let report = folder.path().join("report.txt");
    let request = format!("text={}", report.display());
    let output = run(&["render", text(&good), "-o", "-", "--size", "32x32", "--memory-report", &request]);
    assert_done(&output);
    assert_eq!(png_size(&output.stdout), [32, 32]);
    let report = fs::read_to_string(report).unwrap();
    assert!(report.contains("PERMANENT ARENA") && report.contains("TOTAL"), "{report}");
    assert_done(&run(&["render", text(&good), "-o", "/dev/null", "--size", "32x32"]));
}

#[test]
fn a_transparent_background_stays_transparent() {
    let folder = tempfile::tempdir().unwrap();
    let good = files::good(folder.path());
    let corner = |background| {
        let output = run(&["render", text(&good), "-o", "-", "--size", "32x32", "--background", background]);
        assert_done(&output);
        pixels(&output.stdout)[..4].to_vec()
    };
    assert_eq!(corner("transparent")[3], 0);
    assert_eq!(corner("#ff8000"), [255, 128, 0, 255]);
}

#[test]
fn a_camera_that_the_file_has_not_got_is_a_usage_error() {
    let sample = files::sample();
    let output = run(&["render", text(&sample), "-o", "/dev/null", "--camera", "9", "--size", "32x32"]);
    assert_refused(&output, 2, &["camera 9", "only camera 0", "--camera fit"]);
    let by_number = run(&["render", text(&sample), "-o", "-", "--camera", "0", "--size", "32x32"]);
    let by_place = run(&["render", text(&sample), "-o", "-", "--camera=-3,2,3,0,0,0", "--size", "32x32"]);
    assert_done(&by_number);
    assert_done(&by_place);
    assert_ne!(by_number.stdout, by_place.stdout);
}

#[test]
fn a_place_that_can_not_be_written_is_an_output_error() {
    let folder = tempfile::tempdir().unwrap();
    let good = files::good(folder.path());
    let nowhere = folder.path().join("no/such/folder/picture.png");
    assert_refused(&run(&["render", text(&good), "-o", text(&nowhere), "--size", "32x32"]), 6, &["picture.png"]);
    assert_refused(&run(&["render", text(&good), "-o", text(folder.path()), "--size", "32x32"]), 6, &["directory"]);
    let log = format!("debug={}", nowhere.display());
    assert_refused(&run(&["--log", &log, "info", text(&good)]), 6, &["log", "folder that exists"]);
}

#[test]
fn usage_errors_and_help_have_their_exit_codes() {
    assert_refused(&run(&["render"]), 2, &["required"]);
    assert_refused(&run(&["render", "a.glb", "-o", "a.png", "--size", "big"]), 2, &["big"]);
    let help = run(&["--help"]);
    assert_done(&help);
    assert!(String::from_utf8_lossy(&help.stdout).contains("render"));
    assert_done(&run(&["--version"]));
}

#[test]
fn without_a_usable_gpu_the_message_says_what_to_install() {
    let sample = files::sample();
    let mut command = voltrum(&["render", text(&sample), "-o", "/dev/null", "--size", "32x32"]);
    command.env("VK_DRIVER_FILES", "/nowhere.json").env("VK_ICD_FILENAMES", "/nowhere.json");
    assert_refused(&command.output().unwrap(), 5, &["mesa-vulkan-drivers"]);
}

#[test]
fn without_address_space_the_message_says_how_much_was_asked_for() {
    let line =
        format!("ulimit -v 900000; exec '{}' render '{}' -o -", env!("CARGO_BIN_EXE_voltrum"), text(&files::sample()));
    let output = Command::new("sh").args(["-c", &line]).output().unwrap();
    assert_refused(&output, 4, &["arena", "GiB", "ulimit -v"]);
}

#[test]
fn without_a_display_the_message_names_the_command_that_needs_none() {
    let mut command = voltrum(&[text(&files::sample())]);
    command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY").env_remove("WAYLAND_SOCKET");
    assert_refused(&command.output().unwrap(), 6, &["no display", "voltrum render"]);
}

#[test]
fn the_log_names_driver_and_device() {
    let folder = tempfile::tempdir().unwrap();
    let (good, log) = (files::good(folder.path()), folder.path().join("voltrum.log"));
    let request = format!("info={}", log.display());
    assert_done(&run(&["render", text(&good), "-o", "/dev/null", "--size", "32x32", "--log", &request]));
    let log = fs::read_to_string(log).unwrap();
    assert!(log.contains("device=") && log.contains("driver="), "{log}");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let mut child =
        voltrum(&["info", text(&files::sample())]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_done(&output);
    std::io::stderr().flush().unwrap();
}
