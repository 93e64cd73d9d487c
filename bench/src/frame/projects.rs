//! Projects of many entities in the editor: a frame, the longest frame while one is opened, and while it is saved.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use voltrum::{AppError, Instance, Turn};
use voltrum_editor::editor::Editor;
use voltrum_editor::error::EditorError;

use super::editor::{around, drive, longest_while_loading};
use super::measured::Measured;
use crate::clock::on_core;
use crate::loops::or_refused;

/// A million entities take a while to read.
const PATIENCE: Duration = Duration::from_secs(300);

/// Frames until everything is on the GPU and at rest.
const ARRIVAL: usize = 200;

/// One triangle.
const TRIANGLE: &str = r#"{"asset":{"version":"2.0"},"scene":0,"scenes":[{"nodes":[0]}],"nodes":[{"mesh":0}],
"meshes":[{"primitives":[{"attributes":{"POSITION":0}}]}],
"accessors":[{"bufferView":0,"componentType":5126,"count":3,"type":"VEC3","min":[0,0,0],"max":[1,1,0]}],
"bufferViews":[{"buffer":0,"byteLength":36}],"buffers":[{"byteLength":36,"uri":
"data:application/octet-stream;base64,AAAAAAAAAAAAAAAAAACAPwAAAAAAAAAAAAAAAAAAgD8AAAAA"}]}"#;

/// A folder beside this program, with a project of so many entities that show a triangle each. It goes when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn with_project(count: u64) -> (Folder, PathBuf) {
        let own = or_refused(std::env::current_exe());
        let folder = Folder(own.with_file_name(format!("bench-frames-{}", std::process::id())));
        or_refused(fs::create_dir_all(&folder.0));
        or_refused(fs::write(folder.0.join("triangle.gltf"), TRIANGLE));
        let mut text =
            String::from("{ \"schema\": 2, \"files\": [{ \"id\": 1, \"path\": \"triangle.gltf\" }], \"entities\": [\n");
        for id in 1..=count {
            let (end, x, y) = (if id == count { "" } else { "," }, id % 1_000, id / 1_000);
            let place = format_args!("\"translation\": [{x}, {y}, 0]");
            or_refused(writeln!(
                text,
                "{{ \"id\": {id}, \"name\": \"object {id}\", {place}, \"mesh\": \"1/0\" }}{end}"
            ));
        }
        text.push_str("] }\n");
        let path = folder.0.join("many.voltrum");
        or_refused(fs::write(&path, text));
        (folder, path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _gone = fs::remove_dir_all(&self.0);
    }
}

/// Over such a project, once all of it has arrived.
pub(super) fn frames(count: u64) -> Measured {
    let (_folder, path) = Folder::with_project(count);
    let mut measured = Measured::default();
    drive(&path, &mut |instance, is_open| {
        if !is_open {
            return voltrum::testing::frames_until_open(instance, PATIENCE);
        }
        voltrum::testing::frames(instance, ARRIVAL)?;
        measured = around(instance)?;
        Ok(Turn::Quit)
    });
    measured
}

/// While such a project takes the place of an empty one, and its objects arrive.
pub(super) fn longest_while_opening(count: u64) -> f64 {
    let (_folder, path) = Folder::with_project(count);
    longest_while_loading(&path)
}

/// While all of such a project is saved, from the wish for it on.
pub(super) fn longest_while_saving(count: u64) -> f64 {
    let (_folder, path) = Folder::with_project(count);
    let mut longest = 0.0;
    drive(&path, &mut |instance, is_open| {
        if !is_open {
            return voltrum::testing::frames_until_open(instance, PATIENCE);
        }
        voltrum::testing::frames(instance, ARRIVAL)?;
        or_refused(instance.project().add("one more", None));
        voltrum::testing::frames(instance, ARRIVAL)?;
        longest = saved(instance, &path)?;
        Ok(Turn::Quit)
    });
    longest
}

/// Saves, and says how long the longest frame until it is done was on the loop's thread.
fn saved(instance: &mut Instance<'_, '_, '_, Editor>, path: &Path) -> Result<f64, AppError<EditorError>> {
    let before = or_refused(fs::metadata(path)).len();
    let (mut longest, mut marked, began) = (0.0_f64, on_core(), Instant::now());
    or_refused(instance.project().begin_saving(true));
    while instance.project().is_unsaved() && began.elapsed() < PATIENCE {
        instance.frame()?;
        let now = on_core();
        longest = longest.max(now - marked);
        marked = now;
    }
    assert!(or_refused(fs::metadata(path)).len() > before, "it was not saved");
    Ok(longest)
}
