//! Whether files that are open have changed on the disk: a thread looks once a second, and sleeps while there are none.
//!
//! # Invariants
//! 1. Looking takes no heap memory, and a frame in which nothing has changed takes no lock.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Barrier, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use voltrum::assets::FileStamp;
use voltrum::memory::{Tag, heap_scope};
use voltrum::platform::Waker;

/// How often is looked.
const INTERVAL: Duration = Duration::from_secs(1);

/// A file on the disk, which a file of the project is made of.
#[derive(Debug)]
struct Watched {
    /// The project's file.
    owner: u32,
    path: PathBuf,
    /// What it was like when somebody looked last.
    stamp: FileStamp,
    has_changed: bool,
}

#[derive(Default)]
struct Shared {
    list: Mutex<Vec<Watched>>,
    look: Condvar,
    has_changed: AtomicBool,
    is_over: AtomicBool,
}

impl Shared {
    fn list(&self) -> MutexGuard<'_, Vec<Watched>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn watch(&self, waker: &Waker) {
        let mut list = self.list();
        while !self.is_over.load(Relaxed) {
            list = if list.is_empty() {
                self.look.wait(list).unwrap_or_else(PoisonError::into_inner)
            } else {
                let wait = self.look.wait_timeout(list, INTERVAL);
                wait.map_or_else(|poisoned| poisoned.into_inner().0, |(list, _)| list)
            };
            for watched in list.iter_mut() {
                if let Some(now) = FileStamp::of(&watched.path).filter(|now| *now != watched.stamp) {
                    (watched.stamp, watched.has_changed) = (now, true);
                    self.has_changed.store(true, Relaxed);
                    waker.wake();
                }
            }
        }
    }
}

/// See the module.
pub(crate) struct FileWatch {
    shared: Arc<Shared>,
    waker: Waker,
    thread: Option<JoinHandle<()>>,
}

impl FileWatch {
    /// Watches nothing; what changes ends the wait of whoever has the waker's other end.
    pub(crate) fn new(waker: Waker) -> FileWatch {
        FileWatch { shared: Arc::default(), waker, thread: None }
    }

    /// Watches no file any more.
    pub(crate) fn clear(&mut self) {
        *self.shared.list() = Vec::new();
        self.shared.has_changed.store(false, Relaxed);
    }

    /// Whether files are watched for one of the project's.
    pub(crate) fn has(&self, owner: u32) -> bool {
        self.shared.list().iter().any(|watched| watched.owner == owner)
    }

    /// Watches these files for one of the project's, and no others for it.
    pub(crate) fn watch(&mut self, owner: u32, files: impl IntoIterator<Item = (PathBuf, FileStamp)>) {
        let mut list = self.shared.list();
        list.retain(|watched| watched.owner != owner);
        list.extend(files.into_iter().map(|(path, stamp)| Watched { owner, path, stamp, has_changed: false }));
        drop(list);
        self.shared.look.notify_all();
        if self.thread.is_none() {
            let (shared, waker) = (Arc::clone(&self.shared), self.waker.clone());
            let _foreign = heap_scope(Tag::FOREIGN);
            let thread = std::thread::Builder::new().name("voltrum-watch".to_owned());
            // a thread takes heap memory while it starts, which is to be over before the next frame
            let started = Arc::new(Barrier::new(2));
            let tells = Arc::clone(&started);
            let run = move || {
                tells.wait();
                drop(tells);
                shared.watch(&waker);
            };
            match thread.spawn(run) {
                Ok(thread) => {
                    started.wait();
                    self.thread = Some(thread);
                }
                Err(error) => tracing::warn!("files are not watched: {error}"),
            }
        }
    }

    /// A file of the project of which something has changed, once for each change.
    pub(crate) fn take_changed(&self) -> Option<u32> {
        if !self.shared.has_changed.load(Relaxed) {
            return None;
        }
        let mut list = self.shared.list();
        let owner = list.iter().find(|watched| watched.has_changed).map(|watched| watched.owner);
        list.iter_mut().filter(|watched| Some(watched.owner) == owner).for_each(|watched| watched.has_changed = false);
        self.shared.has_changed.store(list.iter().any(|watched| watched.has_changed), Relaxed);
        owner
    }
}

impl Drop for FileWatch {
    fn drop(&mut self) {
        // under the lock: the thread is not between its look at this and its wait
        let list = self.shared.list();
        self.shared.is_over.store(true, Relaxed);
        drop(list);
        self.shared.look.notify_all();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::warn!("the thread that watches files has failed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    fn wait(watch: &FileWatch) -> Option<u32> {
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(60) {
            if let Some(owner) = watch.take_changed() {
                return Some(owner);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        None
    }

    #[test]
    fn a_file_that_changes_is_told_once_for_whom_it_was_watched() {
        let folder = tempfile::tempdir().unwrap();
        let paths = ["one", "two"].map(|name| folder.path().join(name));
        let mut watch = FileWatch::new(Waker::default());
        for (owner, path) in (1..).zip(&paths) {
            std::fs::write(path, "old").unwrap();
            watch.watch(owner, [(path.clone(), FileStamp::of(path).unwrap())]);
        }
        assert_eq!(watch.take_changed(), None);
        std::fs::write(&paths[1], "newer").unwrap();
        assert_eq!((wait(&watch), watch.take_changed()), (Some(2), None));
        watch.clear();
        std::fs::write(&paths[0], "newer").unwrap();
        watch.watch(1, [(paths[0].clone(), FileStamp::of(&paths[0]).unwrap())]);
        assert_eq!(watch.take_changed(), None);
    }
}
