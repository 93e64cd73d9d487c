//! Workers with arenas of their own, carved from one: each has room for its results and a pair for what is in between, and
//! the report shows them all under the arena that they came from, also while they work.
//!
//! `cargo run -p voltrum-memory --example workers`

use std::sync::mpsc;
use voltrum_memory::{Arena, ArenaVec, Bytes, MemoryError, MemoryReport, Scope, Scratch, Tag};

const WORKERS: u32 = 4;

/// Prime factors. The sieve is needed for a while only: it goes into scratch.
fn factors<'a>(number: u32, memory: &mut Scope<'a>, scratch: &mut Scope<'_>) -> Result<&'a [u32], MemoryError> {
    let temp = scratch.temp();
    let end = number.isqrt() as usize + 1;
    let composite = temp.try_alloc_zeroed::<bool>(end + 1)?;
    let mut found = ArenaVec::new_in(temp.tagged(Tag::FRAME));
    let mut rest = number;
    for candidate in 2..=end {
        if composite[candidate] {
            continue;
        }
        composite.iter_mut().skip(candidate * 2).step_by(candidate).for_each(|number| *number = true);
        while rest.is_multiple_of(candidate as u32) {
            found.try_push(candidate as u32)?;
            rest /= candidate as u32;
        }
    }
    if rest > 1 {
        found.try_push(rest)?;
    }
    memory.try_alloc_slice_copy(&found).map(|factors| &*factors)
}

fn main() -> Result<(), MemoryError> {
    let mut loads = Arena::try_reserve("loads", 256 << 20)?;
    let scope = loads.open();

    // Carved here, by the one who owns the arena; each worker's share is its own from then on.
    let mut shares = Vec::new();
    for _ in 0..WORKERS {
        let results = scope.try_child("results", 8 << 20)?;
        let scratch = Scratch::try_carve("scratch", 4 << 20, scope.tagged(Tag::FRAME))?;
        shares.push((results, scratch));
    }

    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|threads| -> Result<(), MemoryError> {
        for (worker, (results, scratch)) in (0..WORKERS).zip(&mut shares) {
            let sender = sender.clone();
            threads.spawn(move || {
                // Scopes stay on this thread; what they lend outlives it, for as long as `shares`.
                let mut memory = results.open();
                let mut other = scratch.open_one();
                for number in (1_000_000 + worker..).step_by(WORKERS as usize).take(500) {
                    let outcome = factors(number, &mut memory, &mut other);
                    if sender.send((number, outcome)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let mut primes = 0;
        for (number, factors) in &receiver {
            let factors = factors?;
            assert_eq!(factors.iter().product::<u32>(), number);
            primes += usize::from(factors.len() == 1);
            if primes == 10 && factors.len() == 1 {
                println!("meanwhile {} are in use\n", Bytes(scope.view().used()));
            }
        }
        println!("{primes} primes among {}\n", 500 * WORKERS);
        Ok(())
    })?;

    print!("{}", MemoryReport::try_collect(scope.tagged(Tag::REPORT), &[scope.view()])?);
    Ok(())
}
