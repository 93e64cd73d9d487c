//! Work beside the frames: what a client hands over is done by one thread, a piece at a time.
//!
//! # Invariants
//! 1. What was handed over is done, also where the loop ends meanwhile: the loop waits for it.
//! 2. Asking and handing over allocate nothing.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

struct Slot<W> {
    work: Option<W>,
    is_over: bool,
}

/// Where one scene's loop meets the thread that works for it.
pub(crate) struct Works<W> {
    slot: Mutex<Slot<W>>,
    wanted: Condvar,
}

impl<W> Works<W> {
    pub(crate) fn new() -> Works<W> {
        Works { slot: Mutex::new(Slot { work: None, is_over: false }), wanted: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Slot<W>> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For the loop: hands over what `next` gives, unless the piece before still waits.
    pub(crate) fn offer(&self, next: impl FnOnce() -> Option<W>) {
        let mut slot = self.lock();
        if slot.work.is_none() {
            slot.work = next();
            if slot.work.is_some() {
                self.wanted.notify_all();
            }
        }
    }

    /// For the thread: waits for the next piece; `None` when it is time to end.
    pub(crate) fn wait(&self) -> Option<W> {
        let slot = self.wanted.wait_while(self.lock(), |slot| slot.work.is_none() && !slot.is_over);
        slot.unwrap_or_else(PoisonError::into_inner).work.take()
    }
}

/// Ends the thread when the loop leaves, however it leaves, once its work is done.
pub(crate) struct EndWorks<'w, W>(pub(crate) &'w Works<W>);

impl<W> Drop for EndWorks<'_, W> {
    fn drop(&mut self) {
        self.0.lock().is_over = true;
        self.0.wanted.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_handed_over_is_done_before_the_end() {
        let works = Works::new();
        let mut done = [0; 2];
        std::thread::scope(|threads| {
            let end = EndWorks(&works);
            works.offer(|| None);
            works.offer(|| Some(7));
            works.offer(|| unreachable!("one waits"));
            drop(end);
            let (works, done) = (&works, &mut done);
            threads.spawn(move || {
                let mut places = done.iter_mut();
                while let (Some(work), Some(place)) = (works.wait(), places.next()) {
                    *place = work;
                }
            });
        });
        assert_eq!(done, [7, 0]);
    }
}
