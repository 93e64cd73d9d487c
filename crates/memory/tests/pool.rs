//! Pools against a plain model: every handle that was ever given names its one value or nothing.

#![allow(clippy::unwrap_used, reason = "the helpers of tests may fail as loudly as tests")]

mod backing;
mod random;

use backing::on_both_backings;
use random::Random;
use std::collections::{HashMap, HashSet};
use voltrum_memory::{Arena, Handle, Pool, Reason, Tag};

fn a_pool_does_what_a_map_of_handles_does(arena: &mut Arena<'_>) {
    for seed in 0..if cfg!(debug_assertions) { 100 } else { 1_000 } {
        let mut random = Random::seeded(seed);
        let scope = arena.open();
        let capacity = random.below(40) as u32;
        let mut pool = Pool::try_new_in(scope.tagged(Tag::GEOMETRY), capacity).unwrap();
        let mut model: HashMap<Handle<u64>, u64> = HashMap::new();
        let mut given: Vec<Handle<u64>> = vec![Handle::NONE, Handle::from_parts(0, 0), Handle::from_parts(capacity, 1)];
        for _ in 0..500 {
            let number = random.next();
            let any = given[random.below(given.len())];
            match random.below(10) {
                0..5 => match pool.try_insert(number) {
                    Ok(handle) => {
                        assert!(handle.index() < capacity && !given.contains(&handle), "handles are never given twice");
                        model.insert(handle, number);
                        given.push(handle);
                    }
                    Err(error) => {
                        assert_eq!((error.reason(), model.len()), (Reason::Capacity, capacity as usize));
                        assert_eq!((error.limit(), error.left()), (capacity as usize, 0));
                    }
                },
                5..8 => assert_eq!(pool.remove(any), model.remove(&any)),
                8 => match (pool.get_mut(any), model.get_mut(&any)) {
                    (Some(ours), Some(theirs)) => (*ours, *theirs) = (number, number),
                    (ours, theirs) => assert_eq!((ours, theirs), (None, None)),
                },
                _ if random.below(20) == 0 => {
                    pool.clear();
                    model.clear();
                }
                _ if random.below(4) == 0 => {
                    pool.retain(|_, value| *value % 3 == 0);
                    model.retain(|_, value| *value % 3 == 0);
                }
                _ => pool.iter_mut().for_each(|(handle, value)| {
                    *value += 1;
                    *model.get_mut(&handle).unwrap() += 1;
                }),
            }
            assert_eq!((pool.len(), pool.is_full()), (model.len(), model.len() == capacity as usize));
            assert_eq!((pool.get(any), pool.contains(any)), (model.get(&any), model.contains_key(&any)));
        }
        assert!(given.iter().all(|handle| pool.get(*handle) == model.get(handle)));
        let read: Vec<_> = pool.iter().map(|(handle, value)| (handle, *value)).collect();
        assert!(pool.iter_mut().map(|(handle, value)| (handle, *value)).eq(read));
        let listed: HashSet<_> = pool.iter().map(|(handle, _)| handle).collect();
        assert_eq!(listed, model.keys().copied().collect());
    }
}

fn a_large_pool_costs_what_it_has_held(arena: &mut Arena<'_>) {
    let scope = arena.open();
    let resident = || {
        let pages = std::fs::read_to_string("/proc/self/statm").ok()?;
        pages.split(' ').nth(1)?.parse::<usize>().ok()
    };
    let before = resident();
    // A million slots of 64 bytes.
    let mut pool = Pool::try_new_in(scope.tagged(Tag::GEOMETRY), 1 << 20).unwrap();
    assert_eq!((pool.len(), pool.capacity(), pool.iter().count()), (0, 1 << 20, 0));
    let first = pool.try_insert([1u64; 7]).unwrap();
    assert_eq!((first.index(), pool.get(first)), (0, Some(&[1; 7])));
    // Where the system says so: less than half of the 64 MiB has been touched, other tests' memory included.
    if let (Some(before), Some(after)) = (before, resident()) {
        assert!(after.saturating_sub(before) * 4_096 < 32 << 20);
    }
}

#[test]
fn handles_are_ordered_and_plain() {
    let [a, b, c] = [(1, 1), (1, 3), (2, 1)].map(|(index, generation)| Handle::<String>::from_parts(index, generation));
    assert!(a < b && b < c && a == Handle::from_parts(1, 1) && a != b);
    assert_eq!((format!("{a:?}"), size_of::<Handle<String>>()), ("#1.1".to_string(), 8));
}

on_both_backings! {
    a_pool_does_what_a_map_of_handles_does: 64 << 20;
    a_large_pool_costs_what_it_has_held: 256 << 20;
}
