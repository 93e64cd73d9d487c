//! Project files, on the disk that this program lies on.

use std::fs;
use std::path::{Path, PathBuf};

use voltrum_memory::{Scope, Tag};
use voltrum_platform::files::SystemFiles;
use voltrum_scene::project::{
    self, Document, Intent, Kept, Keys, LoadedProject, ProjectLimits, ProjectStore, View, capture, restore,
};
use voltrum_scene::{SceneLimits, SceneState, SpawnDesc, spawn};

use super::data::transform;
use super::ours::{empty, reserve};
use crate::clock::clocked;
use crate::loops::or_refused;

/// A folder beside this program, so on the disk and not in memory as temporary folders may be. It goes when it is dropped.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new() -> Folder {
        let own = or_refused(std::env::current_exe());
        let folder = own.with_file_name(format!("bench-{}", std::process::id()));
        or_refused(fs::create_dir_all(&folder));
        Folder(folder)
    }

    pub(super) fn project(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _gone = fs::remove_dir_all(&self.0);
    }
}

/// Durable when it returns: the file's contents and its place in the folder are synced.
pub(super) fn save(count: u64) -> f64 {
    let folder = Folder::new();
    write(&folder.project("a.voltrum"), count)
}

/// From its file to a scene that can be edited.
pub(super) fn load(count: u64) -> f64 {
    let folder = Folder::new();
    let path = folder.project("a.voltrum");
    write(&path, count);
    let mut arena = reserve();
    let memory = arena.open();
    clocked(|| {
        let (scene, _) = read(&memory, &path);
        assert_eq!(scene.len() as u64, count);
    })
}

/// What a save of so many comes to, and how long it takes to put it on the disk the same way, from one buffer.
pub(super) fn bare_save(count: u64) -> f64 {
    let folder = Folder::new();
    let path = folder.project("a.voltrum");
    write(&path, count);
    let bytes = or_refused(fs::read(&path));
    clocked(|| or_refused(voltrum_platform::files::write_file_atomic(&path, &bytes)))
}

/// How long it takes to read such a file.
pub(super) fn bare_load(count: u64) -> f64 {
    let folder = Folder::new();
    let path = folder.project("a.voltrum");
    write(&path, count);
    clocked(|| {
        std::hint::black_box(or_refused(fs::read(&path)));
    })
}

/// Makes a project of so many entities of its own, each with a name, a place and every eighth below another one, and saves
/// it; how long the saving takes.
pub(super) fn write(path: &Path, count: u64) -> f64 {
    let mut arena = reserve();
    let memory = arena.open();
    let scene = empty(&memory);
    let mut parent = None;
    for index in 0..count {
        let name = format!("object {index}");
        let desc = SpawnDesc { name: &name, parent, local: transform(index).into(), ..SpawnDesc::default() };
        let entity = or_refused(spawn(scene, &desc));
        if index % 8 == 0 {
            parent = Some(entity);
        }
    }
    let tagged = memory.tagged(Tag::PROJECT);
    let limits = ProjectLimits::default();
    let loaded = or_refused(project::load(&SystemFiles, path, Intent::Edit, 0, &limits, tagged));
    let mut store = or_refused(ProjectStore::try_new(SystemFiles, loaded, &limits, tagged));
    let mut keys = or_refused(Keys::try_new(scene, 1));
    let nanoseconds = clocked(|| {
        let mut room = or_refused(tagged.try_child("document", 1 << 30));
        let room = room.open();
        let document = capture(scene, &mut keys, &Kept::EMPTY, &[], &[], View::default(), room.tagged(Tag::PROJECT));
        or_refused(store.save(&or_refused(document), 0.0, 0));
    });
    store.close(0.0, 0);
    nanoseconds
}

/// Opens a project.
pub(super) fn read<'s>(
    memory: &'s Scope<'_>,
    path: &Path,
) -> (&'s mut SceneState<'s>, LoadedProject<'s, impl Sized + use<>>) {
    let tagged = memory.tagged(Tag::PROJECT);
    let limits = ProjectLimits::default();
    let loaded = or_refused(project::load(&SystemFiles, path, Intent::Edit, 0, &limits, tagged));
    let scene = or_refused(voltrum_scene::open(tagged.with_tag(Tag::SCENE), &SceneLimits::default()));
    let document: &Document<'_> = &loaded.document;
    or_refused(restore(scene, document, &[], None));
    (scene, loaded)
}
