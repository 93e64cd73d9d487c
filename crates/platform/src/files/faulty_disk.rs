//! A disk for tests: it lives in memory, loses what was not synced when the power is cut, and fails when it is told to.
//!
//! The model is stricter than any real file system, so that what survives here survives everywhere. Written bytes are in a
//! cache until their file is synced; names are in a cache until their folder is. A power cut keeps any subset of what was
//! in the caches, in any order between files, and any part of a write. A sync that fails has dropped what it was to write
//! (as Linux does: Rebello et al., "Can Applications Recover from fsync Failures?", 2020).
//!
//! # Invariants
//! 1. What was synced with success survives every cut: contents by the file's sync, names by the folder's.
//! 2. The same seed gives the same cut.
//!
//! # Deliberately absent
//! Folders are only parts of names, permissions are one switch for the whole disk.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use voltrum_memory::Tagged;

use super::file_system::{FileSystem, OpenFile};
use super::folder_of;
use super::lock_file::{LockOwner, Locking};
use crate::asset_root::keep_path;
use crate::error::PlatformError;

/// Bytes that a disk writes whole or not at all.
const SECTOR_BYTES: usize = 512;

/// Numbers that look random and are the same for the same seed (Steele et al., "SplitMix", 2014).
#[derive(Clone, Copy, Debug)]
pub struct Chance(pub u64);

impl Chance {
    /// The next number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.roll() % end as u64) as usize
    }
}

/// What an operation is made to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing but return this error.
    Error(io::ErrorKind),
    /// Write half of what it is given, and say so; other operations don't mind.
    ShortWrite,
    /// It happens, but nobody hears of it: the power is off until [`FaultyDisk::restore_power`].
    PowerCut,
}

/// A disk in memory. Clones are the same disk.
#[derive(Clone, Debug, Default)]
pub struct FaultyDisk(Arc<Mutex<Disk>>);

/// A file on a [`FaultyDisk`].
#[derive(Debug)]
pub struct FaultyFile {
    disk: FaultyDisk,
    node: usize,
    path: PathBuf,
    power_cuts: u64,
}

/// A lock on a [`FaultyDisk`].
#[derive(Debug)]
pub struct FaultyLock {
    disk: FaultyDisk,
    path: PathBuf,
    power_cuts: u64,
}

#[derive(Debug, Default)]
struct Disk {
    nodes: Vec<Node>,
    names: BTreeMap<PathBuf, usize>,
    durable_names: BTreeMap<PathBuf, usize>,
    renamings: Vec<Renaming>,
    locks: BTreeMap<PathBuf, u64>,
    faults: Vec<(u64, Fault)>,
    log: Vec<String>,
    operations: u64,
    power_cuts: u64,
    free_bytes: Option<usize>,
    is_read_only: bool,
    is_off: bool,
}

#[derive(Clone, Debug, Default)]
struct Node {
    cached: Vec<u8>,
    durable: Vec<u8>,
    changes: Vec<Change>,
}

#[derive(Clone, Debug)]
enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Truncate(usize),
}

/// A change of names that is not durable yet: what each is to stand for.
#[derive(Clone, Debug)]
struct Renaming(Vec<(PathBuf, Option<usize>)>);

impl FaultyDisk {
    /// An empty disk without faults.
    pub fn new() -> FaultyDisk {
        FaultyDisk::default()
    }

    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many operations there have been.
    pub fn operations(&self) -> u64 {
        self.disk().operations
    }

    /// What the operations were, one word and a path each.
    pub fn log(&self) -> Vec<String> {
        self.disk().log.clone()
    }

    /// Makes the operation that comes after `after` more of them do something else.
    pub fn fail(&self, after: u64, fault: Fault) {
        let mut disk = self.disk();
        let operation = disk.operations + after;
        disk.faults.push((operation, fault));
    }

    /// Forgets the faults that have not come yet.
    pub fn forget_faults(&self) {
        self.disk().faults.clear();
    }

    /// How many bytes can still be written; without a number there is no end.
    pub fn set_free_bytes(&self, free_bytes: Option<usize>) {
        self.disk().free_bytes = free_bytes;
    }

    /// Whether everything that would change the disk is refused.
    pub fn set_read_only(&self, is_read_only: bool) {
        self.disk().is_read_only = is_read_only;
    }

    /// The contents of a file as a program sees them.
    pub fn contents(&self, path: &Path) -> Option<Vec<u8>> {
        let disk = self.disk();
        disk.names.get(path).and_then(|node| disk.nodes.get(*node)).map(|node| node.cached.clone())
    }

    /// Puts a file there, durable.
    pub fn put(&self, path: &Path, contents: &[u8]) {
        let mut disk = self.disk();
        let node = disk.nodes.len();
        let (cached, durable) = (contents.to_vec(), contents.to_vec());
        disk.nodes.push(Node { cached, durable, changes: Vec::new() });
        disk.names.insert(path.to_path_buf(), node);
        disk.durable_names.insert(path.to_path_buf(), node);
    }

    /// The files that there are.
    pub fn paths(&self) -> Vec<PathBuf> {
        self.disk().names.keys().cloned().collect()
    }

    /// Makes somebody else hold the lock at `path`, or nobody.
    pub fn set_locked(&self, path: &Path, is_locked: bool) {
        let mut disk = self.disk();
        if is_locked {
            disk.locks.insert(path.to_path_buf(), 0);
        } else {
            disk.locks.remove(path);
        }
    }

    /// Cuts the power, if it isn't off yet, and gives it back: of what was not durable, `chance` says what is there.
    /// Files and locks from before are void.
    pub fn restore_power(&self, chance: &mut Chance) {
        let mut disk = self.disk();
        let mood = chance.below(4);
        let lottery = |chance: &mut Chance| match mood {
            0 => false,
            1 => true,
            _ => chance.roll() & 1 == 0,
        };
        for node in &mut disk.nodes {
            for change in core::mem::take(&mut node.changes) {
                if lottery(chance) {
                    apply(&mut node.durable, &change, None);
                } else if mood > 1 && chance.roll() & 1 == 0 {
                    apply(&mut node.durable, &change, Some(chance));
                }
            }
            node.cached = node.durable.clone();
        }
        for Renaming(entries) in core::mem::take(&mut disk.renamings) {
            if lottery(chance) {
                rename_all(&mut disk.durable_names, &entries);
            }
        }
        disk.names = disk.durable_names.clone();
        disk.locks.clear();
        disk.faults.clear();
        disk.is_off = false;
        disk.power_cuts += 1;
    }
}

fn apply(contents: &mut Vec<u8>, change: &Change, torn: Option<&mut Chance>) {
    match change {
        Change::Truncate(len) => contents.resize(*len, 0),
        Change::Write { at, bytes } => {
            if contents.len() < at + bytes.len() {
                contents.resize(at + bytes.len(), 0);
            }
            let Some(chance) = torn else {
                contents[*at..at + bytes.len()].copy_from_slice(bytes);
                return;
            };
            // the length has grown, and some sectors have been written, the last one maybe in part
            for (sector, part) in bytes.chunks(SECTOR_BYTES).enumerate() {
                if chance.roll() & 1 == 0 {
                    let kept = if chance.roll() & 1 == 0 { part.len() } else { chance.below(part.len() + 1) };
                    let from = at + sector * SECTOR_BYTES;
                    contents[from..from + kept].copy_from_slice(&part[..kept]);
                }
            }
            if chance.roll() & 1 == 0 {
                contents.truncate(at + chance.below(bytes.len() + 1));
            }
        }
    }
}

fn rename_all(names: &mut BTreeMap<PathBuf, usize>, entries: &[(PathBuf, Option<usize>)]) {
    for (path, node) in entries {
        match node {
            Some(node) => names.insert(path.clone(), *node),
            None => names.remove(path),
        };
    }
}

impl Disk {
    /// Counts an operation and says what becomes of it.
    fn begin(&mut self, action: &'static str, path: &Path, changes: bool) -> Result<Option<Fault>, PlatformError> {
        let fail = |kind: io::ErrorKind| PlatformError::from_io(path, action, kind.into());
        if self.is_off {
            return Err(PlatformError::from_io(path, action, io::Error::other("the power is off")));
        }
        let operation = self.operations;
        self.operations += 1;
        self.log.push(format!("{action} {}", path.display()));
        let fault = self.faults.iter().find(|(at, _)| *at == operation).map(|(_, fault)| *fault);
        match fault {
            Some(Fault::Error(kind)) => Err(fail(kind)),
            _ if changes && self.is_read_only => Err(fail(io::ErrorKind::ReadOnlyFilesystem)),
            Some(Fault::PowerCut) => {
                self.is_off = true;
                Ok(fault)
            }
            fault => Ok(fault),
        }
    }

    /// The answer to an operation that has happened.
    fn end<T>(&self, fault: Option<Fault>, path: &Path, action: &'static str, done: T) -> Result<T, PlatformError> {
        match fault {
            Some(Fault::PowerCut) => Err(PlatformError::from_io(path, action, io::Error::other("the power went off"))),
            _ => Ok(done),
        }
    }

    fn find(&self, path: &Path, action: &'static str) -> Result<usize, PlatformError> {
        let missing = || PlatformError::from_io(path, action, io::ErrorKind::NotFound.into());
        self.names.get(path).copied().ok_or_else(missing)
    }

    fn rename(&mut self, entries: Vec<(PathBuf, Option<usize>)>) {
        rename_all(&mut self.names, &entries);
        self.renamings.push(Renaming(entries));
    }

    fn is_void(&self, power_cuts: u64) -> bool {
        self.power_cuts != power_cuts
    }
}

impl FileSystem for FaultyDisk {
    type File = FaultyFile;
    type Lock = FaultyLock;

    fn read<'a>(&self, path: &Path, memory: Tagged<'a>, limit_bytes: usize) -> Result<&'a mut [u8], PlatformError> {
        let mut disk = self.disk();
        let fault = disk.begin("read it", path, false)?;
        let contents = &disk.nodes[disk.find(path, "read it")?].cached;
        if contents.len() > limit_bytes {
            let (bytes, limit) = (contents.len() as u64, limit_bytes as u64);
            return Err(PlatformError::TooLarge { path: path.to_path_buf(), bytes, limit });
        }
        let read = memory.try_alloc_slice_copy(contents)?;
        disk.end(fault, path, "read it", read)
    }

    fn exists(&self, path: &Path) -> Result<bool, PlatformError> {
        let mut disk = self.disk();
        let fault = disk.begin("look for it", path, false)?;
        disk.end(fault, path, "look for it", disk.names.contains_key(path))
    }

    fn real_path<'a>(&self, path: &Path, memory: Tagged<'a>) -> Result<&'a Path, PlatformError> {
        keep_path(path, |bytes| memory.try_alloc_slice_copy(bytes))
    }

    fn create(&self, path: &Path, _like: Option<&Path>) -> Result<FaultyFile, PlatformError> {
        let mut disk = self.disk();
        let fault = disk.begin("create it", path, true)?;
        let node = disk.nodes.len();
        disk.nodes.push(Node::default());
        disk.rename(vec![(path.to_path_buf(), Some(node))]);
        let (path, power_cuts) = (path.to_path_buf(), disk.power_cuts);
        disk.end(fault, &path.clone(), "create it", FaultyFile { disk: self.clone(), node, path, power_cuts })
    }

    fn open(&self, path: &Path) -> Result<FaultyFile, PlatformError> {
        let mut disk = self.disk();
        let fault = disk.begin("open it", path, true)?;
        let node = disk.find(path, "open it")?;
        let (path, power_cuts) = (path.to_path_buf(), disk.power_cuts);
        disk.end(fault, &path.clone(), "open it", FaultyFile { disk: self.clone(), node, path, power_cuts })
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<(), PlatformError> {
        let mut disk = self.disk();
        let action = "rename the new file over it";
        let fault = disk.begin(action, to, true)?;
        let node = disk.find(from, action)?;
        disk.rename(vec![(to.to_path_buf(), Some(node)), (from.to_path_buf(), None)]);
        disk.end(fault, to, action, ())
    }

    fn remove(&self, path: &Path) -> Result<(), PlatformError> {
        let mut disk = self.disk();
        let fault = disk.begin("remove it", path, true)?;
        disk.find(path, "remove it")?;
        disk.rename(vec![(path.to_path_buf(), None)]);
        disk.end(fault, path, "remove it", ())
    }

    fn sync_folder_of(&self, path: &Path) -> Result<(), PlatformError> {
        let mut disk = self.disk();
        let folder = folder_of(path);
        let fault = disk.begin("sync it", folder, false)?;
        let renamings = core::mem::take(&mut disk.renamings);
        for renaming in renamings {
            if renaming.0.iter().any(|(path, _)| folder_of(path) == folder) {
                rename_all(&mut disk.durable_names, &renaming.0);
            } else {
                disk.renamings.push(renaming);
            }
        }
        disk.end(fault, folder, "sync it", ())
    }

    fn lock<'a>(
        &self,
        path: &Path,
        now_unix_secs: u64,
        memory: Tagged<'a>,
    ) -> Result<Locking<'a, FaultyLock>, PlatformError> {
        let mut disk = self.disk();
        let fault = disk.begin("lock it", path, true)?;
        if let Some(since_unix_secs) = disk.locks.get(path).copied() {
            let host = memory.try_alloc_str("elsewhere")?;
            return Ok(Locking::Held(Some(LockOwner { pid: 1, host, since_unix_secs })));
        }
        disk.locks.insert(path.to_path_buf(), now_unix_secs);
        let (path, power_cuts) = (path.to_path_buf(), disk.power_cuts);
        disk.end(fault, &path, "lock it", ())?;
        Ok(Locking::Taken { lock: FaultyLock { disk: self.clone(), path, power_cuts }, stale: None })
    }
}

impl Drop for FaultyLock {
    fn drop(&mut self) {
        let mut disk = self.disk.disk();
        if !disk.is_void(self.power_cuts) {
            disk.locks.remove(&self.path);
        }
    }
}

impl FaultyFile {
    fn begin(&self, disk: &mut Disk, action: &'static str) -> Result<Option<Fault>, PlatformError> {
        if disk.is_void(self.power_cuts) {
            let source = io::Error::other("it was open when the power went off");
            return Err(PlatformError::from_io(&self.path, action, source));
        }
        disk.begin(action, &self.path, true)
    }
}

impl OpenFile for FaultyFile {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, PlatformError> {
        let mut disk = self.disk.disk();
        let fault = self.begin(&mut disk, "write it")?;
        let asked = if fault == Some(Fault::ShortWrite) { bytes.len().div_ceil(2) } else { bytes.len() };
        let len = asked.min(disk.free_bytes.unwrap_or(usize::MAX));
        if len == 0 && !bytes.is_empty() {
            return Err(PlatformError::from_io(&self.path, "write it", io::ErrorKind::StorageFull.into()));
        }
        disk.free_bytes = disk.free_bytes.map(|free| free - len);
        let node = &mut disk.nodes[self.node];
        let change = Change::Write { at: node.cached.len(), bytes: bytes[..len].to_vec() };
        apply(&mut node.cached, &change, None);
        node.changes.push(change);
        disk.end(fault, &self.path, "write it", len)
    }

    fn sync(&mut self) -> Result<(), PlatformError> {
        let mut disk = self.disk.disk();
        let begun = self.begin(&mut disk, "sync it");
        let node = &mut disk.nodes[self.node];
        // whether it succeeds or not, the cache takes it for written afterwards
        let changes = core::mem::take(&mut node.changes);
        let fault = begun?;
        changes.iter().for_each(|change| apply(&mut node.durable, change, None));
        disk.end(fault, &self.path, "sync it", ())
    }

    fn truncate(&mut self, len: u64) -> Result<(), PlatformError> {
        let mut disk = self.disk.disk();
        let fault = self.begin(&mut disk, "cut it")?;
        let node = &mut disk.nodes[self.node];
        let change = Change::Truncate(len as usize);
        apply(&mut node.cached, &change, None);
        node.changes.push(change);
        disk.end(fault, &self.path, "cut it", ())
    }
}
