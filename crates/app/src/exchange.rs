//! Where the frame loop and the loading worker meet: a request goes one way, a project, an import or an error comes back.
//!
//! # Invariants
//! 1. Posting and polling allocate nothing.
//! 2. The worker ends after it has handed over a project, or when it is told to.
//! 3. Each load has a progress that nobody else's cancellation reaches: the one that the worker is at, and the latest.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use voltrum_assets::Progress;

/// What the worker is to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Job<R, M> {
    /// Load a project into the free scene arena.
    Open(R),
    /// Load a file into memory of the open project's own.
    Import(R, M),
    /// Prepare what changes the open project.
    Prepare(R),
}

struct Slots<R, L, E, M, I> {
    job: Option<Job<R, M>>,
    failure: Option<E>,
    loaded: Option<L>,
    imported: Option<I>,
    is_busy: bool,
    is_over: bool,
    /// Which progress is that of the job that was posted last.
    latest: usize,
    /// Which the worker has, from a job on until it waits for the next.
    running: Option<usize>,
}

/// The meeting place of one scene's loop with its worker.
pub(crate) struct Exchange<R, L, E, M, I> {
    slots: Mutex<Slots<R, L, E, M, I>>,
    wanted: Condvar,
    progress: [Progress; 2],
}

impl<R, L, E, M, I> Exchange<R, L, E, M, I> {
    pub(crate) fn new() -> Exchange<R, L, E, M, I> {
        let slots = Slots {
            job: None,
            failure: None,
            loaded: None,
            imported: None,
            is_busy: false,
            is_over: false,
            latest: 0,
            running: None,
        };
        Exchange { slots: Mutex::new(slots), wanted: Condvar::new(), progress: [Progress::new(), Progress::new()] }
    }

    fn lock(&self) -> MutexGuard<'_, Slots<R, L, E, M, I>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For the worker: waits for the next job, and says where its progress is told; `None` when it is time to end.
    pub(crate) fn wait(&self) -> Option<(Job<R, M>, &Progress)> {
        let mut slots = self.lock();
        slots.running = None;
        loop {
            if slots.is_over {
                return None;
            }
            if let Some(job) = slots.job.take() {
                slots.running = Some(slots.latest);
                return Some((job, &self.progress[slots.latest]));
            }
            slots = self.wanted.wait(slots).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// For the worker: a load has failed. A newer request makes the failure nobody's business.
    pub(crate) fn fail(&self, error: E) {
        let mut slots = self.lock();
        if slots.job.is_none() {
            slots.failure = Some(error);
        }
    }

    /// For the worker: a load is done. It counts even where a newer request came too late to cancel it; that one is served
    /// by the next scene's worker.
    pub(crate) fn deliver(&self, loaded: L) {
        self.lock().loaded = Some(loaded);
    }

    /// For the worker: a file for the open project is there, or a change of it.
    pub(crate) fn deliver_import(&self, imported: I) {
        self.lock().imported = Some(imported);
    }

    /// Ends the worker: a load that runs is cancelled.
    fn end(&self) {
        let mut slots = self.lock();
        slots.is_over = true;
        self.progress.iter().for_each(Progress::cancel);
        self.wanted.notify_all();
    }

    /// For the loop: takes what was loaded, and the request that came after it. An import that came after it was meant for
    /// the project that closes.
    pub(crate) fn take_loaded(&self) -> (Option<L>, Option<R>) {
        let mut slots = self.lock();
        let request = match slots.job.take() {
            Some(Job::Open(request)) => Some(request),
            Some(Job::Import(..) | Job::Prepare(_)) | None => None,
        };
        (slots.loaded.take(), request)
    }

    fn post(&self, job: Job<R, M>) {
        let mut slots = self.lock();
        if let Some(running) = slots.running {
            self.progress[running].cancel();
            slots.latest = 1 - running;
        }
        self.progress[slots.latest].reset();
        slots.is_busy = true;
        slots.failure = None;
        slots.job = Some(job);
        self.wanted.notify_all();
    }
}

/// The loop's side, without the types of the worker's.
pub(crate) trait Port<R, E, M, I> {
    /// Asks for a project; cancels a load that still runs.
    fn request(&self, request: R);
    /// Asks for a file, to be loaded into memory of the open project's own; cancels a load that still runs.
    fn import(&self, request: R, memory: M);
    /// Asks for a change of the open project to be prepared; cancels a load that still runs.
    fn prepare(&self, request: R);
    /// Takes the last failure.
    fn take_failure(&self) -> Option<E>;
    /// Takes the file, or the change, that was asked for.
    fn take_imported(&self) -> Option<I>;
    /// Whether a project is there.
    fn is_loaded(&self) -> bool;
    /// How far the load is, from the request until its failure is told or what it brought is taken.
    fn loading(&self) -> Option<&Progress>;
}

impl<R, L, E, M, I> Port<R, E, M, I> for Exchange<R, L, E, M, I> {
    fn request(&self, request: R) {
        self.post(Job::Open(request));
    }

    fn import(&self, request: R, memory: M) {
        self.post(Job::Import(request, memory));
    }

    fn prepare(&self, request: R) {
        self.post(Job::Prepare(request));
    }

    fn take_failure(&self) -> Option<E> {
        let mut slots = self.lock();
        let failure = slots.failure.take();
        slots.is_busy &= failure.is_none();
        failure
    }

    fn take_imported(&self) -> Option<I> {
        let mut slots = self.lock();
        let imported = slots.imported.take();
        // one that was followed by another request is followed by another load
        slots.is_busy &= imported.is_none() || slots.job.is_some();
        imported
    }

    fn is_loaded(&self) -> bool {
        self.lock().loaded.is_some()
    }

    fn loading(&self) -> Option<&Progress> {
        let slots = self.lock();
        slots.is_busy.then_some(&self.progress[slots.latest])
    }
}

/// Ends the exchange when the loop leaves, however it leaves.
pub(crate) struct EndGuard<'e, R, L, E, M, I>(pub(crate) &'e Exchange<R, L, E, M, I>);

impl<R, L, E, M, I> Drop for EndGuard<'_, R, L, E, M, I> {
    fn drop(&mut self) {
        self.0.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_request_overtakes_a_load_and_its_failure() {
        let exchange: Exchange<u32, u32, &str, (), u32> = Exchange::new();
        exchange.request(1);
        let (job, first) = exchange.wait().unwrap();
        assert_eq!(job, Job::Open(1));
        assert!(!first.is_cancelled());
        exchange.request(2);
        assert!(first.is_cancelled());
        assert!(exchange.loading().is_some_and(|progress| !progress.is_cancelled()), "the one that is to come isn't");
        exchange.fail("1 is broken");
        assert_eq!(exchange.take_failure(), None);
        let (job, second) = exchange.wait().unwrap();
        assert_eq!(job, Job::Open(2));
        assert!(!second.is_cancelled());
        exchange.request(3);
        exchange.deliver(2);
        assert!(exchange.is_loaded());
        assert_eq!(exchange.take_loaded(), (Some(2), Some(3)));
    }

    #[test]
    fn a_load_can_be_cancelled_before_the_worker_has_woken_up_or_come_back() {
        let exchange: Exchange<u32, u32, &str, (), u32> = Exchange::new();
        exchange.request(1);
        exchange.loading().unwrap().cancel();
        let (job, first) = exchange.wait().unwrap();
        assert_eq!(job, Job::Open(1));
        assert!(first.is_cancelled());
        exchange.request(2);
        exchange.loading().unwrap().cancel();
        exchange.request(3);
        assert!(first.is_cancelled() && exchange.loading().is_some_and(|progress| !progress.is_cancelled()));
        exchange.loading().unwrap().cancel();
        let (job, third) = exchange.wait().unwrap();
        assert_eq!(job, Job::Open(3));
        assert!(third.is_cancelled());
    }

    #[test]
    fn an_import_is_taken_once_and_the_worker_goes_on() {
        let exchange: Exchange<u32, u32, &str, &str, u32> = Exchange::new();
        exchange.import(1, "memory");
        assert_eq!(exchange.wait().map(|(job, _)| job), Some(Job::Import(1, "memory")));
        assert!(exchange.loading().is_some());
        exchange.deliver_import(7);
        assert_eq!((exchange.take_imported(), exchange.take_imported()), (Some(7), None));
        assert!(exchange.loading().is_none() && !exchange.is_loaded());
        exchange.import(2, "memory");
        exchange.request(3);
        assert_eq!(exchange.wait().map(|(job, _)| job), Some(Job::Open(3)), "the newer one counts");
    }

    #[test]
    fn a_waiting_worker_ends_with_its_loop() {
        let exchange: Exchange<u32, u32, &str, (), u32> = Exchange::new();
        std::thread::scope(|threads| {
            let worker = threads.spawn(|| exchange.wait().map(|(job, _)| job));
            drop(EndGuard(&exchange));
            assert_eq!(worker.join().ok(), Some(None));
        });
    }
}
