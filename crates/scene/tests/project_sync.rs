//! What the journal promises while the disk takes its time: nothing waits for it, and nothing is called safe before it is.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "the helpers of tests fail loudly, as tests do"
)]

use std::cell::Cell;
use std::path::Path;
use std::rc::Rc;

use voltrum_memory::{Arena, Tag, Tagged};
use voltrum_platform::PlatformError;
use voltrum_platform::files::{FaultyDisk, FileSystem, Locking, OpenFile};
use voltrum_scene::project::{self, Document, EntityKey, Intent, Keys, ProjectLimits, ProjectStore, Recovered};
use voltrum_scene::{Edit, Entity, SceneLimits, SpawnDesc, spawn};

const PATH: &str = "room.voltrum";

/// A disk that syncs beside, and says that it is done when it is told to.
#[derive(Clone)]
struct SlowDisk {
    disk: FaultyDisk,
    state: Rc<Cell<State>>,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    GoesOn,
    Done,
    Failed,
}

struct SlowFile {
    file: <FaultyDisk as FileSystem>::File,
    state: Rc<Cell<State>>,
}

impl FileSystem for SlowDisk {
    type File = SlowFile;
    type Lock = <FaultyDisk as FileSystem>::Lock;

    fn read<'a>(&self, path: &Path, memory: Tagged<'a>, limit_bytes: usize) -> Result<&'a mut [u8], PlatformError> {
        self.disk.read(path, memory, limit_bytes)
    }
    fn exists(&self, path: &Path) -> Result<bool, PlatformError> {
        self.disk.exists(path)
    }
    fn real_path<'a>(&self, path: &Path, memory: Tagged<'a>) -> Result<&'a Path, PlatformError> {
        self.disk.real_path(path, memory)
    }
    fn create(&self, path: &Path, like: Option<&Path>) -> Result<SlowFile, PlatformError> {
        Ok(SlowFile { file: self.disk.create(path, like)?, state: self.state.clone() })
    }
    fn open(&self, path: &Path) -> Result<SlowFile, PlatformError> {
        Ok(SlowFile { file: self.disk.open(path)?, state: self.state.clone() })
    }
    fn rename(&self, from: &Path, to: &Path) -> Result<(), PlatformError> {
        self.disk.rename(from, to)
    }
    fn remove(&self, path: &Path) -> Result<(), PlatformError> {
        self.disk.remove(path)
    }
    fn sync_folder_of(&self, path: &Path) -> Result<(), PlatformError> {
        self.disk.sync_folder_of(path)
    }
    fn lock<'a>(
        &self,
        path: &Path,
        now_unix_secs: u64,
        memory: Tagged<'a>,
    ) -> Result<Locking<'a, Self::Lock>, PlatformError> {
        self.disk.lock(path, now_unix_secs, memory)
    }
}

impl OpenFile for SlowFile {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, PlatformError> {
        self.file.write(bytes)
    }
    fn sync(&mut self) -> Result<(), PlatformError> {
        self.file.sync()
    }
    fn begin_sync(&mut self) -> Result<(), PlatformError> {
        Ok(())
    }
    fn poll_sync(&mut self) -> Option<Result<(), PlatformError>> {
        match self.state.get() {
            State::GoesOn => None,
            State::Done => Some(self.file.sync()),
            State::Failed => Some(Err(PlatformError::NoSpace { path: PATH.into(), action: "sync it" })),
        }
    }
    fn truncate(&mut self, len: u64) -> Result<(), PlatformError> {
        self.file.truncate(len)
    }
}

fn with(test: impl FnOnce(&SlowDisk, &mut ProjectStore<'_, SlowDisk>, &mut Keys<'_>, Entity)) {
    let mut arena = Arena::try_reserve("test", 1 << 30).unwrap();
    let scope = arena.open();
    let memory = scope.tagged(Tag::PROJECT);
    let limits = SceneLimits { entities_max: 1024, ..SceneLimits::default() };
    let scene = voltrum_scene::open(memory, &limits).unwrap();
    let lamp = spawn(scene, &SpawnDesc::default()).unwrap();
    let mut keys = Keys::try_new(scene, 1).unwrap();
    keys.bind(lamp, EntityKey::own(1)).unwrap();
    let disk = SlowDisk { disk: FaultyDisk::new(), state: Rc::new(Cell::new(State::GoesOn)) };
    let limits = ProjectLimits { pending_bytes_max: 1 << 20, ..ProjectLimits::default() };
    let loaded = project::load(&disk, Path::new(PATH), Intent::Edit, 0, &limits, memory).unwrap();
    let mut store = ProjectStore::try_new(disk.clone(), loaded, &limits, memory).unwrap();
    // the first step makes the file, which is waited for
    rename(&mut store, &mut keys, lamp, "1");
    assert!(store.flush(0.0, 0));
    test(&disk, &mut store, &mut keys, lamp);
}

fn rename(store: &mut ProjectStore<'_, SlowDisk>, keys: &mut Keys<'_>, entity: Entity, name: &str) {
    let mut step = store.journal_mut().unwrap().step("Rename");
    step.add(&Edit::Rename { entity, name }, keys).unwrap();
    step.finish(0.0, 0).expect("taken");
}

/// The names that come back after a power cut.
fn recovered(disk: &SlowDisk, keys: &Keys<'_>) -> Vec<String> {
    let disk = disk.disk.clone();
    let mut arena = Arena::try_reserve("test", 1 << 30).unwrap();
    let scope = arena.open();
    let memory = scope.tagged(Tag::PROJECT);
    let loaded = project::load(&disk, Path::new(PATH), Intent::Look, 0, &ProjectLimits::default(), memory).unwrap();
    let names = loaded.recovery.replay().map(|step| match step.unwrap().next(keys).unwrap() {
        Some(Recovered::Edit(Edit::Rename { name, .. })) => String::from(name),
        other => panic!("{other:?}"),
    });
    names.collect()
}

#[test]
fn steps_that_come_while_a_sync_goes_on_are_safe_with_the_next_one() {
    with(|disk, store, keys, lamp| {
        rename(store, keys, lamp, "2");
        assert!(!store.update(1.0, 0), "it has only begun");
        assert_eq!((store.journal().durable(), store.journal().is_durable()), (1, false));
        rename(store, keys, lamp, "3");
        rename(store, keys, lamp, "4");
        assert!(!store.update(2.0, 0));
        disk.state.set(State::Done);
        assert!(store.update(2.1, 0));
        assert_eq!((store.journal().durable(), store.journal().is_durable()), (2, false));
        assert!(store.update(2.2, 0), "the others have waited long enough");
        assert_eq!((store.journal().durable(), store.journal().is_durable()), (4, true));
        assert!(!store.update(9.0, 0), "nothing waits");
        assert_eq!(recovered(disk, keys), ["1", "2", "3", "4"]);
    });
}

#[test]
fn a_sync_that_fails_beside_loses_nothing_and_is_tried_again() {
    with(|disk, store, keys, lamp| {
        rename(store, keys, lamp, "2");
        assert!(!store.update(1.0, 0));
        rename(store, keys, lamp, "3");
        disk.state.set(State::Failed);
        assert!(store.update(1.1, 0));
        let next = store.journal().trouble().expect("told").next_try_secs;
        assert_eq!(store.journal().durable(), 1);
        disk.state.set(State::Done);
        assert!(!store.update(next - 0.1, 0) && store.update(next, 0));
        assert_eq!((store.journal().durable(), store.journal().trouble()), (3, None));
        assert_eq!(recovered(disk, keys), ["1", "2", "3"], "each of them once");
    });
}

#[test]
fn who_can_not_wait_flushes_saves_or_closes() {
    with(|disk, store, keys, lamp| {
        rename(store, keys, lamp, "2");
        assert!(!store.update(1.0, 0));
        rename(store, keys, lamp, "3");
        assert!(store.flush(1.1, 0));
        assert_eq!((store.journal().durable(), recovered(disk, keys)), (3, vec!["1".into(), "2".into(), "3".into()]));
        rename(store, keys, lamp, "4");
        assert!(!store.update(2.0, 0));
        rename(store, keys, lamp, "5");
        store.save(&Document::EMPTY, 2.1, 0).unwrap();
        assert!(!store.is_changed() && store.journal().durable() == store.journal().last());
        assert!(recovered(disk, keys).is_empty());
        rename(store, keys, lamp, "6");
        assert!(store.flush(3.0, 0));
        rename(store, keys, lamp, "7");
        assert!(!store.update(4.0, 0));
        store.discard().unwrap();
        assert!(store.journal().is_durable() && recovered(disk, keys).is_empty());
    });
}
