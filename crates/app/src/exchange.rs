//! Where the frame loop and the loading worker meet: a request goes one way, a project or an error comes back.
//!
//! # Invariants
//! 1. Posting and polling allocate nothing.
//! 2. The worker ends after it has handed over a project, or when it is told to.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use voltrum_assets::Progress;

struct Slots<R, L, E> {
    request: Option<R>,
    failure: Option<E>,
    loaded: Option<L>,
    is_busy: bool,
    is_over: bool,
}

/// The meeting place of one scene's loop with its worker.
pub(crate) struct Exchange<R, L, E> {
    slots: Mutex<Slots<R, L, E>>,
    wanted: Condvar,
    progress: Progress,
}

impl<R, L, E> Exchange<R, L, E> {
    pub(crate) fn new() -> Exchange<R, L, E> {
        let slots = Slots { request: None, failure: None, loaded: None, is_busy: false, is_over: false };
        Exchange { slots: Mutex::new(slots), wanted: Condvar::new(), progress: Progress::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Slots<R, L, E>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How far the load is.
    pub(crate) fn progress(&self) -> &Progress {
        &self.progress
    }

    /// For the worker: waits for the next request; `None` when it is time to end.
    pub(crate) fn wait(&self) -> Option<R> {
        let mut slots = self.lock();
        loop {
            if slots.is_over {
                return None;
            }
            if let Some(request) = slots.request.take() {
                self.progress.reset();
                return Some(request);
            }
            slots = self.wanted.wait(slots).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// For the worker: a load has failed. A newer request makes the failure nobody's business.
    pub(crate) fn fail(&self, error: E) {
        let mut slots = self.lock();
        if slots.request.is_none() {
            slots.failure = Some(error);
        }
    }

    /// For the worker: a load is done. It counts even where a newer request came too late to cancel it; that one is served
    /// by the next scene's worker.
    pub(crate) fn deliver(&self, loaded: L) {
        self.lock().loaded = Some(loaded);
    }

    /// Ends the worker: a load that runs is cancelled.
    fn end(&self) {
        let mut slots = self.lock();
        slots.is_over = true;
        self.progress.cancel();
        self.wanted.notify_all();
    }

    /// For the loop: takes what was loaded, and the request that came after it.
    pub(crate) fn take_loaded(&self) -> (Option<L>, Option<R>) {
        let mut slots = self.lock();
        (slots.loaded.take(), slots.request.take())
    }
}

/// The loop's side, without the types of the worker's.
pub(crate) trait Port<R, E> {
    /// Asks for a project; cancels a load that still runs.
    fn request(&self, request: R);
    /// Takes the last failure.
    fn take_failure(&self) -> Option<E>;
    /// Whether a project is there.
    fn is_loaded(&self) -> bool;
    /// How far the load is, from the request until its failure is told or its project is taken.
    fn loading(&self) -> Option<&Progress>;
}

impl<R, L, E> Port<R, E> for Exchange<R, L, E> {
    fn request(&self, request: R) {
        let mut slots = self.lock();
        self.progress.cancel();
        slots.is_busy = true;
        slots.failure = None;
        slots.request = Some(request);
        self.wanted.notify_all();
    }

    fn take_failure(&self) -> Option<E> {
        let mut slots = self.lock();
        let failure = slots.failure.take();
        slots.is_busy &= failure.is_none();
        failure
    }

    fn is_loaded(&self) -> bool {
        self.lock().loaded.is_some()
    }

    fn loading(&self) -> Option<&Progress> {
        let busy = self.lock().is_busy;
        busy.then_some(&self.progress)
    }
}

/// Ends the exchange when the loop leaves, however it leaves.
pub(crate) struct EndGuard<'e, R, L, E>(pub(crate) &'e Exchange<R, L, E>);

impl<R, L, E> Drop for EndGuard<'_, R, L, E> {
    fn drop(&mut self) {
        self.0.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_request_overtakes_a_load_and_its_failure() {
        let exchange: Exchange<u32, u32, &str> = Exchange::new();
        exchange.request(1);
        assert_eq!(exchange.wait(), Some(1));
        exchange.request(2);
        assert!(exchange.progress().is_cancelled());
        exchange.fail("1 is broken");
        assert_eq!(exchange.take_failure(), None);
        assert_eq!(exchange.wait(), Some(2));
        assert!(!exchange.progress().is_cancelled());
        exchange.request(3);
        exchange.deliver(2);
        assert!(exchange.is_loaded());
        assert_eq!(exchange.take_loaded(), (Some(2), Some(3)));
    }

    #[test]
    fn a_waiting_worker_ends_with_its_loop() {
        let exchange: Exchange<u32, u32, &str> = Exchange::new();
        std::thread::scope(|threads| {
            let worker = threads.spawn(|| exchange.wait());
            drop(EndGuard(&exchange));
            assert_eq!(worker.join().ok(), Some(None));
        });
    }
}
