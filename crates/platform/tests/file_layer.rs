//! What the file layer promises, on the system's files and on the disk for tests: synced is durable, the rest may go.
#![cfg(feature = "faulty-disk")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests fail loudly, as tests do")]

use std::io::ErrorKind;
use std::path::Path;

use voltrum_memory::{Arena, Tag};
use voltrum_platform::PlatformError;
use voltrum_platform::files::{Chance, Fault, FaultyDisk, FileSystem, Locking, OpenFile, Replacement, SystemFiles};

fn replace<F: FileSystem>(files: &F, path: &Path, contents: &[u8]) -> Result<(), PlatformError> {
    let unfinished = path.with_extension("unfinished");
    let mut next = Replacement::begin(files, path, &unfinished)?;
    contents.chunks(7).try_for_each(|part| next.write(part))?;
    next.place()?;
    files.sync_folder_of(path)
}

fn tour<F: FileSystem>(files: &F, path: &Path) {
    let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
    let scope = arena.open();
    let memory = scope.tagged(Tag::PROJECT);
    assert!(!files.exists(path).unwrap());
    let long = vec![7u8; 100_000];
    replace(files, path, &long).unwrap();
    assert_eq!(files.read(path, memory, 1 << 20).unwrap(), long);
    assert!(matches!(files.read(path, memory, 99_999), Err(PlatformError::TooLarge { .. })));
    let mut file = files.open(path).unwrap();
    file.truncate(3).unwrap();
    file.write_all(b"end").unwrap();
    file.sync().unwrap();
    assert_eq!(files.read(path, memory, 10).unwrap(), b"\x07\x07\x07end");
    file.write_all(b"!").unwrap();
    file.begin_sync().unwrap();
    let synced = loop {
        match file.poll_sync() {
            Some(synced) => break synced,
            None => std::thread::yield_now(),
        }
    };
    synced.unwrap();
    assert!(matches!(file.poll_sync(), Some(Ok(()))), "none goes on");
    file.begin_sync().unwrap();
    file.sync().unwrap();
    drop(file);
    let lock = path.with_extension("lock");
    let Locking::Taken { lock: first, stale: None } = files.lock(&lock, 5, memory).unwrap() else { unreachable!() };
    let Locking::Held(Some(owner)) = files.lock(&lock, 6, memory).unwrap() else { unreachable!() };
    assert_eq!(owner.since_unix_secs, 5);
    drop(first);
    assert!(matches!(files.lock(&lock, 7, memory).unwrap(), Locking::Taken { stale: None, .. }));
    files.remove(path).unwrap();
    assert!(matches!(files.remove(path), Err(PlatformError::NotFound { .. })));
    assert!(matches!(files.open(path), Err(PlatformError::NotFound { .. })));
}

#[test]
fn the_systems_files_and_the_disk_for_tests_behave_alike() {
    let folder = tempfile::tempdir().unwrap();
    tour(&SystemFiles, &folder.path().join("file.bin"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left");
    tour(&FaultyDisk::new(), Path::new("folder/file.bin"));
}

#[test]
fn only_what_was_synced_survives_every_power_cut() {
    let (path, mut seen) = (Path::new("a/b"), std::collections::BTreeSet::new());
    for seed in 0..200 {
        let disk = FaultyDisk::new();
        let mut file = disk.create(path, None).unwrap();
        file.write_all(b"safe").unwrap();
        file.sync().unwrap();
        disk.sync_folder_of(path).unwrap();
        file.write_all(b"maybe").unwrap();
        disk.restore_power(&mut Chance(seed));
        let contents = disk.contents(path).expect("its name is durable");
        assert!(contents.starts_with(b"safe"));
        assert!(file.write_all(b"void").is_err());
        seen.insert(contents);
    }
    assert!(seen.len() > 3, "all, nothing and parts: {seen:?}");
}

#[test]
fn a_failed_sync_drops_what_it_was_to_write() {
    let (disk, path) = (FaultyDisk::new(), Path::new("a/b"));
    let mut file = disk.create(path, None).unwrap();
    disk.sync_folder_of(path).unwrap();
    file.write_all(b"lost").unwrap();
    disk.fail(0, Fault::Error(ErrorKind::Other));
    assert!(file.sync().is_err());
    file.sync().unwrap();
    assert_eq!(disk.contents(path).unwrap(), b"lost", "the cache has it");
    disk.restore_power(&mut Chance(1));
    assert_eq!(disk.contents(path).unwrap(), b"", "the disk hasn't");
}

#[test]
fn errors_name_the_file_and_the_cause() {
    let (disk, path) = (FaultyDisk::new(), Path::new("a/b"));
    disk.set_free_bytes(Some(10));
    let error = replace(&disk, path, &[0; 100]).unwrap_err().to_string();
    assert_eq!(error, "a/b.unfinished: cannot write it: no space is left on the disk; free some");
    assert!(disk.paths().is_empty(), "what was begun is gone");
    disk.set_read_only(true);
    let error = replace(&disk, path, &[]).unwrap_err().to_string();
    assert_eq!(error, "a/b.unfinished: cannot create it: the disk is read-only; choose another folder");
}
