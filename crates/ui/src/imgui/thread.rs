//! Which thread owns Dear ImGui. The library keeps its current context in one plain global.
//!
//! A thread owns the library for as long as it has an interface frame open, or for the length of one call outside a
//! frame. Another thread's interface waits; a second interface on the same thread does not. So tests that run in
//! parallel, each with an application of its own, take turns frame by frame.
//!
//! # Deliberately absent
//! No time-out: a thread that forgets an interface with a frame open (`mem::forget`) keeps the others waiting.

use core::marker::PhantomData;
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread::{self, ThreadId};

struct Owner {
    thread: Option<ThreadId>,
    depth: usize,
}

static OWNER: Mutex<Owner> = Mutex::new(Owner { thread: None, depth: 0 });
static RELEASED: Condvar = Condvar::new();

/// Proof that the library belongs to this thread; nests.
pub(crate) struct Owned {
    /// Neither `Send` nor `Sync`: the proof is about one thread.
    not_send: PhantomData<*const ()>,
}

impl Owned {
    /// Takes the library for this thread, waiting while another one has it.
    pub(crate) fn acquire() -> Owned {
        let me = thread::current().id();
        let mut owner = OWNER.lock().unwrap_or_else(PoisonError::into_inner);
        while owner.thread.is_some_and(|other| other != me) {
            owner = RELEASED.wait(owner).unwrap_or_else(PoisonError::into_inner);
        }
        owner.thread = Some(me);
        owner.depth += 1;
        Owned { not_send: PhantomData }
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        let mut owner = OWNER.lock().unwrap_or_else(PoisonError::into_inner);
        owner.depth -= 1;
        if owner.depth == 0 {
            owner.thread = None;
            RELEASED.notify_one();
        }
    }
}
