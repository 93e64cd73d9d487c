//! Tests that run on both backings: in pages of the system and in a caller's buffer.

#![allow(dead_code, unused_macros, unused_imports, reason = "each test program uses a part of it")]
#![allow(clippy::unwrap_used, reason = "the helpers of tests may fail as loudly as tests")]

use std::mem::MaybeUninit;
use voltrum_memory::{Arena, ArenaConfig};

/// No test needs more of a buffer, and what is larger takes long under sanitizers.
const BUFFER_BYTES_MAX: usize = 256 << 20;

/// What a test wants: so many bytes, or all of a configuration.
pub(crate) trait Wanted {
    fn config(self) -> ArenaConfig;
}

impl Wanted for usize {
    fn config(self) -> ArenaConfig {
        ArenaConfig::new("test", self)
    }
}

impl Wanted for ArenaConfig {
    fn config(self) -> ArenaConfig {
        self
    }
}

#[cfg(feature = "std")]
pub(crate) fn on_pages(wanted: impl Wanted, test: impl FnOnce(&mut Arena<'_>)) {
    test(&mut Arena::try_reserve_with(&wanted.config()).unwrap());
}

/// The buffer begins and ends at no round address, and held something before.
pub(crate) fn in_a_buffer(wanted: impl Wanted, test: impl FnOnce(&mut Arena<'_>)) {
    let config = wanted.config();
    let bytes = config.reserve_bytes.min(BUFFER_BYTES_MAX) + Arena::BUFFER_OVERHEAD;
    let mut buffer = Box::new_uninit_slice(bytes + 13);
    let held = if cfg!(miri) { 1 << 10 } else { 1 << 20 };
    buffer[..bytes.min(held)].fill(MaybeUninit::new(0xEE));
    test(&mut Arena::in_buffer_with(&config, &mut buffer[13..]).unwrap());
}

/// An arena beside the one that is tested, wherever there is one to be had.
pub(crate) fn aside(name: &'static str, bytes: usize) -> Arena<'static> {
    #[cfg(feature = "std")]
    return Arena::reserve(name, bytes);
    #[cfg(not(feature = "std"))]
    return Arena::in_buffer(name, Box::leak(Box::new_uninit_slice(bytes + Arena::BUFFER_OVERHEAD))).unwrap();
}

/// `name: what the test wants;` for functions that take the arena to test.
macro_rules! on_both_backings {
    ($($test:ident: $wanted:expr;)*) => { $(
        mod $test {
            #[allow(unused_imports, reason = "some name what a configuration takes")]
            use super::*;

            #[cfg(feature = "std")]
            #[test]
            fn on_pages() {
                crate::backing::on_pages($wanted, super::$test);
            }

            #[test]
            fn in_a_buffer() {
                crate::backing::in_a_buffer($wanted, super::$test);
            }
        }
    )* };
}
pub(crate) use on_both_backings;
