//! Faults for tests: requests for pages that fail when the test says so.
//!
//! # Invariants
//! 1. A plan belongs to the thread that made it, and ends with its guard. It is about that thread's requests, or about those
//!    of all others that have no plan for themselves; who no plan is about asks the system as ever.
//!
//! # Deliberately absent
//! Faults in giving pages back: that doesn't fail.

use crate::backing::Refused;
use core::cell::Cell;
use core::marker::PhantomData;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What the system says when it has no memory left: `ENOMEM` on Unix.
const NO_MEMORY: i32 = 12;

/// Whose requests a plan is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asker {
    Program,
    /// The allocation logs, whose requests are none of the program's.
    Log,
}

#[derive(Clone, Copy)]
struct Plan {
    about: Asker,
    /// Requests so far.
    requests: u64,
    /// How many were refused.
    refused: u64,
    /// The requests that fail, counted from 0.
    first: u64,
    last: u64,
}

impl Plan {
    fn new(about: Asker, first: u64, last: u64) -> Plan {
        Plan { about, requests: 0, refused: 0, first, last }
    }

    /// Counts a request; whether it may go to the system.
    fn grant(&mut self) -> Result<(), Refused> {
        if self.about != ASKER.get() {
            return Ok(());
        }
        let fails = (self.first..=self.last).contains(&self.requests);
        self.requests += 1;
        self.refused += u64::from(fails);
        if fails { Err(Refused(NO_MEMORY)) } else { Ok(()) }
    }
}

/// For threads that have no plan for themselves, but for the one that made it.
static ELSEWHERE: Mutex<Option<Plan>> = Mutex::new(None);

fn elsewhere() -> MutexGuard<'static, Option<Plan>> {
    ELSEWHERE.lock().unwrap_or_else(PoisonError::into_inner)
}

std::thread_local! {
    static PLAN: Cell<Option<Plan>> = const { Cell::new(None) };
    /// This thread has made the plan for the others.
    static PLANS_ELSEWHERE: Cell<bool> = const { Cell::new(false) };
    /// Who asks at the moment.
    static ASKER: Cell<Asker> = const { Cell::new(Asker::Program) };
}

/// Makes requests for pages fail while it lives, this thread's or those of all others: the reservations of arenas and the
/// commits by which they grow.
/// Feature `faults`.
///
/// A test that runs its program with the first request failing, then the second, and so on until the program passes has
/// seen every way in which memory can run out:
///
/// ```
/// use voltrum_memory::{Arena, Faults, MemoryError};
///
/// fn program() -> Result<usize, MemoryError> {
///     let mut arena = Arena::try_reserve("program", 64 << 20)?;
///     let scope = arena.open();
///     Ok(scope.try_alloc_zeroed::<u8>(1 << 20)?.len())
/// }
///
/// let mut failures = 0;
/// for n in 0.. {
///     let faults = Faults::from_request(n);
///     let result = program();
///     assert_eq!(result.is_err(), faults.refused() > 0); // an error, never a panic, and only where one was due
///     match result {
///         Ok(_) => break,
///         Err(_) => failures += 1,
///     }
/// }
/// assert_eq!(failures, 3); // the reservation, its first pages, and those of the allocation
/// ```
#[must_use = "faults end where this is dropped"]
#[derive(Debug)]
pub struct Faults {
    is_elsewhere: bool,
    /// It ends on the thread where it began.
    thread: PhantomData<*const ()>,
}

impl Faults {
    /// Fails request `n`, counted from 0, and no other. Where an arena can go on with less than it asked for (it asks for
    /// more than it needs), it does.
    ///
    /// ```
    /// use voltrum_memory::{Arena, Faults};
    ///
    /// let faults = Faults::at_request(0);
    /// let arena = Arena::try_reserve("modest", 64 << 20)?; // refused, and granted at half the size
    /// assert!(arena.view().reserved() < 64 << 20);
    /// assert_eq!((faults.requests(), faults.refused()), (3, 1)); // two reservations and the first pages
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Panics
    /// When this thread has a plan already.
    pub fn at_request(n: u64) -> Faults {
        Faults::begin(Asker::Program, n, n)
    }

    /// Fails request `n`, counted from 0, and all that follow.
    ///
    /// # Panics
    /// When this thread has a plan already.
    pub fn from_request(n: u64) -> Faults {
        Faults::begin(Asker::Program, n, u64::MAX)
    }

    /// Fails request `n`, counted from 0, of the allocation logs and all that follow, and none of the program's: with feature
    /// `allocation-log`. A log that is refused memory counts what it can't list ([`crate::LogUsage::missed`]) and fails
    /// nothing.
    ///
    /// ```
    /// use voltrum_memory::{ALLOCATION_LOG, Arena, Faults};
    ///
    /// let mut arena = Arena::try_reserve("scene", 1 << 20)?;
    /// let scope = arena.open();
    /// let faults = Faults::from_log_request(0);
    /// scope.try_alloc([0u8; 64])?;
    /// assert_eq!(faults.refused() > 0, ALLOCATION_LOG);
    /// assert_eq!(scope.view().log().is_some_and(|log| log.missed == 1), ALLOCATION_LOG);
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Panics
    /// When this thread has a plan already.
    pub fn from_log_request(n: u64) -> Faults {
        Faults::begin(Asker::Log, n, u64::MAX)
    }

    /// Fails request `n`, counted from 0, of all other threads together, and no other: for what workers do. Which request
    /// that is depends on how they take turns, unless there is one worker. Tests that run beside this one are other threads,
    /// too: it wants a process of its own.
    ///
    /// ```standalone_crate
    /// use voltrum_memory::{Arena, Faults, MemoryError};
    ///
    /// let faults = Faults::at_request_elsewhere(1);
    /// let used = |arena: &mut Arena<'_>| Ok::<_, MemoryError>(arena.open().try_alloc_zeroed::<u8>(4 << 20)?.len());
    /// let mut arena = Arena::try_reserve("here", 8 << 20)?;
    /// assert!(used(&mut arena).is_ok());
    /// let worker = || Arena::try_reserve("there", 8 << 20).and_then(|mut arena| used(&mut arena));
    /// assert!(std::thread::scope(|threads| threads.spawn(worker).join()).unwrap().is_err());
    /// assert_eq!(faults.refused(), 1);
    /// # Ok::<(), MemoryError>(())
    /// ```
    ///
    /// # Panics
    /// When there is a plan for other threads already.
    pub fn at_request_elsewhere(n: u64) -> Faults {
        Faults::begin_elsewhere(n, n)
    }

    /// Fails request `n`, counted from 0, of all other threads together, and all that follow.
    ///
    /// # Panics
    /// When there is a plan for other threads already.
    pub fn from_request_elsewhere(n: u64) -> Faults {
        Faults::begin_elsewhere(n, u64::MAX)
    }

    fn begin(about: Asker, first: u64, last: u64) -> Faults {
        assert!(PLAN.get().is_none(), "faults are planned on this thread already");
        PLAN.set(Some(Plan::new(about, first, last)));
        Faults { is_elsewhere: false, thread: PhantomData }
    }

    fn begin_elsewhere(first: u64, last: u64) -> Faults {
        let mut plan = elsewhere();
        assert!(plan.is_none(), "faults are planned for other threads already");
        *plan = Some(Plan::new(Asker::Program, first, last));
        PLANS_ELSEWHERE.set(true);
        Faults { is_elsewhere: true, thread: PhantomData }
    }

    fn plan(&self) -> Option<Plan> {
        if self.is_elsewhere { *elsewhere() } else { PLAN.get() }
    }

    /// Requests so far of those it is about, the refused ones included.
    pub fn requests(&self) -> u64 {
        self.plan().map_or(0, |plan| plan.requests)
    }

    /// How many were refused.
    pub fn refused(&self) -> u64 {
        self.plan().map_or(0, |plan| plan.refused)
    }
}

impl Drop for Faults {
    fn drop(&mut self) {
        if self.is_elsewhere {
            *elsewhere() = None;
            PLANS_ELSEWHERE.set(false);
        } else {
            PLAN.set(None);
        }
    }
}

/// Does work whose requests are an allocation log's.
#[cfg(feature = "allocation-log")]
pub(crate) fn for_log<R>(work: impl FnOnce() -> R) -> R {
    let asker = ASKER.replace(Asker::Log);
    let result = work();
    ASKER.set(asker);
    result
}

/// Counts a request; whether it may go to the system.
pub(crate) fn grant() -> Result<(), Refused> {
    if let Some(mut plan) = PLAN.get() {
        let granted = plan.grant();
        PLAN.set(Some(plan));
        return granted;
    }
    if PLANS_ELSEWHERE.get() { Ok(()) } else { elsewhere().as_mut().map_or(Ok(()), Plan::grant) }
}
