//! The lock under which arenas list their children and heaps hand out blocks.
//!
//! With feature `std` it is the system's mutex: whoever waits sleeps, while the holder asks the system for pages. Without,
//! there is nobody to sleep under, and it spins. What is done under it then is short and calls nothing that waits: a list is
//! walked, a block is found; no pages are asked for. Code that interrupts its holder and wants the same lock waits for ever,
//! as with any lock: interrupt handlers get an arena of their own.
//!
//! # Invariants
//! 1. A panic under the lock leaves it free and its value whole: nothing that is done under it calls foreign code but the
//!    visitors of reports, which only read.

#[cfg(feature = "std")]
pub(crate) use system::{Lock, LockGuard};

#[cfg(not(feature = "std"))]
pub(crate) use spin::{Lock, LockGuard};

#[cfg(feature = "std")]
mod system {
    use std::sync::{Mutex, MutexGuard, PoisonError};

    /// The value, while it is locked.
    pub(crate) type LockGuard<'l, T> = MutexGuard<'l, T>;

    /// A value that one thread at a time gets at.
    pub(crate) struct Lock<T>(Mutex<T>);

    impl<T> Lock<T> {
        pub(crate) const fn new(value: T) -> Lock<T> {
            Lock(Mutex::new(value))
        }

        pub(crate) fn lock(&self) -> LockGuard<'_, T> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }
}

#[cfg(any(test, not(feature = "std")))]
mod spin {
    use core::cell::UnsafeCell;
    use core::hint::spin_loop;
    use core::ops::{Deref, DerefMut};
    use core::sync::atomic::{
        AtomicBool,
        Ordering::{Acquire, Relaxed, Release},
    };

    /// A value that one thread at a time gets at.
    pub(crate) struct Lock<T> {
        is_held: AtomicBool,
        value: UnsafeCell<T>,
    }

    /// The value, while it is locked.
    pub(crate) struct LockGuard<'l, T> {
        lock: &'l Lock<T>,
    }

    // SAFETY:
    // - one guard at a time lives, so the value is reached by one thread at a time, to which it may be sent.
    unsafe impl<T: Send> Sync for Lock<T> {}
    // SAFETY:
    // - a shared guard gives only `&T`.
    unsafe impl<T: Sync> Sync for LockGuard<'_, T> {}

    impl<T> Lock<T> {
        pub(crate) const fn new(value: T) -> Lock<T> {
            Lock { is_held: AtomicBool::new(false), value: UnsafeCell::new(value) }
        }

        pub(crate) fn lock(&self) -> LockGuard<'_, T> {
            while self.is_held.compare_exchange_weak(false, true, Acquire, Relaxed).is_err() {
                // Waiting reads only, so that the holder's cache line stays where it is.
                while self.is_held.load(Relaxed) {
                    spin_loop();
                }
            }
            LockGuard { lock: self }
        }
    }

    impl<T> Deref for LockGuard<'_, T> {
        type Target = T;
        fn deref(&self) -> &T {
            // SAFETY:
            // - the guard holds the lock, so nobody else reaches the value.
            unsafe { &*self.lock.value.get() }
        }
    }

    impl<T> DerefMut for LockGuard<'_, T> {
        fn deref_mut(&mut self) -> &mut T {
            // SAFETY:
            // - as above, and `&mut self` makes it unique.
            unsafe { &mut *self.lock.value.get() }
        }
    }

    impl<T> Drop for LockGuard<'_, T> {
        fn drop(&mut self) {
            self.lock.is_held.store(false, Release);
        }
    }

    #[cfg(test)]
    mod tests {
        use super::Lock;

        #[test]
        fn additions_under_the_spin_lock_are_not_lost() {
            let turns = if cfg!(miri) { 50 } else { 5_000 };
            let sum = Lock::new([0u64; 2]);
            std::thread::scope(|threads| {
                for _ in 0..4 {
                    threads.spawn(|| {
                        for _ in 0..turns {
                            let mut sum = sum.lock();
                            sum[0] += 1;
                            sum[1] += sum[0];
                        }
                    });
                }
            });
            assert_eq!(*sum.lock(), [4 * turns, 4 * turns * (4 * turns + 1) / 2]);
        }

        #[test]
        fn a_panic_under_the_spin_lock_frees_it() {
            let lock = Lock::new(1u8);
            let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                let mut value = lock.lock();
                *value = 2;
                assert_eq!(*value, 3, "on purpose");
            }));
            assert!(panicked.is_err());
            assert_eq!(*lock.lock(), 2);
        }
    }
}
