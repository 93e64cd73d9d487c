//! The memory crate next to bumpalo and to the bare work.
//!
//! Everything runs in memory that has been touched before, but for what a case says.

use std::alloc::Layout;
use std::hint::black_box;
use std::time::Instant;

use bumpalo::Bump;
use voltrum_memory::{Arena, MemoryError, Scope};

use crate::measure::{self, Contender, nanoseconds};
use crate::table::Row;

const PUSHES: usize = 100_000;
const FRAME_ALLOCATIONS: usize = 10_000;
const TEMPS: usize = 10_000;
const TEMP_ALLOCATIONS: u64 = 8;
const OBJECTS: u64 = 1_000_000;

const ARENA_BYTES: usize = 1 << 30;

/// Every case, in the order of the table.
///
/// # Errors
/// The system refused an arena.
pub(crate) fn rows() -> Result<Vec<Row>, MemoryError> {
    Ok(vec![
        push::<1>("push_8")?,
        push::<2>("push_16")?,
        push::<8>("push_64")?,
        frame_mixed()?,
        temp_scope()?,
        drop_1m()?,
    ])
}

/// Values of `WORDS` times 8 bytes, one after the other: nanoseconds for each.
fn push<const WORDS: usize>(case: &'static str) -> Result<Row, MemoryError> {
    let mut arena = Arena::try_reserve("bench", ARENA_BYTES)?;
    let mut bump = Bump::with_capacity(PUSHES * WORDS * 8 + 4_096);
    let mut places: Vec<[u64; WORDS]> = (0..PUSHES).map(|_| [0; WORDS]).collect();
    let value = |index: usize| [index as u64; WORDS];
    let row = compare(
        case,
        "ns",
        PUSHES as f64,
        || {
            let scope = arena.open();
            nanoseconds(|| {
                for index in 0..PUSHES {
                    black_box(scope.alloc(value(index)));
                }
            })
        },
        Some(&mut || {
            nanoseconds(|| {
                for (index, place) in places.iter_mut().enumerate() {
                    *place = value(index);
                    black_box(place);
                }
            })
        }),
        || {
            bump.reset();
            nanoseconds(|| {
                for index in 0..PUSHES {
                    black_box(bump.alloc(value(index)));
                }
            })
        },
    );
    Ok(row)
}

/// A frame of 10,000 blocks of 8 to 4,096 bytes, and its end: nanoseconds for the frame. The limit only adds up.
fn frame_mixed() -> Result<Row, MemoryError> {
    let layouts = mixed_layouts();
    let mut arena = Arena::try_reserve("bench", ARENA_BYTES)?;
    let bytes: usize = layouts.iter().map(Layout::size).sum();
    let mut bump = Bump::with_capacity(bytes + FRAME_ALLOCATIONS * 8);
    let row = compare(
        "frame_mixed",
        "ns",
        1.0,
        || {
            nanoseconds(|| {
                let scope = arena.open();
                for layout in &layouts {
                    let _ = black_box(scope.try_alloc_layout(*layout));
                }
            })
        },
        Some(&mut || {
            nanoseconds(|| {
                let mut position = 0;
                for layout in &layouts {
                    position = black_box(position + layout.size());
                }
            })
        }),
        || {
            nanoseconds(|| {
                for layout in &layouts {
                    let _ = black_box(bump.try_alloc_layout(*layout));
                }
                bump.reset();
            })
        },
    );
    Ok(row)
}

/// A temporary scope with 8 values of 16 bytes in it: nanoseconds for each scope. bumpalo has none, so it resets.
fn temp_scope() -> Result<Row, MemoryError> {
    let mut arena = Arena::try_reserve("bench", ARENA_BYTES)?;
    let mut scope = arena.open();
    let mut bump = Bump::with_capacity(4_096);
    let mut places = [[0u64; 2]; TEMP_ALLOCATIONS as usize];
    let row = compare(
        "temp_scope",
        "ns",
        TEMPS as f64,
        || {
            nanoseconds(|| {
                for _ in 0..TEMPS {
                    let temp = scope.temp();
                    for index in 0..TEMP_ALLOCATIONS {
                        black_box(temp.alloc([index; 2]));
                    }
                }
            })
        },
        Some(&mut || {
            nanoseconds(|| {
                for _ in 0..TEMPS {
                    for (index, place) in places.iter_mut().enumerate() {
                        *place = [index as u64; 2];
                        black_box(place);
                    }
                }
            })
        }),
        || {
            nanoseconds(|| {
                for _ in 0..TEMPS {
                    for index in 0..TEMP_ALLOCATIONS {
                        black_box(bump.alloc([index; 2]));
                    }
                    bump.reset();
                }
            })
        },
    );
    Ok(row)
}

/// Closing a scene of a million objects of three blocks each: microseconds until the arena is open again.
fn drop_1m() -> Result<Row, MemoryError> {
    let mut arena = Arena::try_reserve("bench", ARENA_BYTES)?;
    let row = compare(
        "drop_1m",
        "us",
        1e3,
        || {
            let scope = arena.open();
            for index in 0..OBJECTS {
                black_box(Object::in_scope(&scope, index));
            }
            let started = Instant::now();
            drop(scope);
            let _ = black_box(arena.open());
            started.elapsed().as_secs_f64() * 1e9
        },
        None,
        || {
            // What a scene takes isn't known before it is loaded, so bumpalo grows; a reset gives all chunks but one back.
            let mut bump = Bump::new();
            for index in 0..OBJECTS {
                black_box(Object::in_bump(&bump, index));
            }
            nanoseconds(|| bump.reset())
        },
    );
    Ok(row)
}

/// What a scene holds: an object with a name and a transform.
struct Object<'a> {
    _name: &'a mut [u8; 24],
    _transform: &'a mut [f32; 16],
    _index: u64,
}

impl<'a> Object<'a> {
    fn in_scope(scope: &Scope<'a>, index: u64) -> &'a mut Self {
        scope.alloc(Object {
            _name: scope.alloc([index as u8; 24]),
            _transform: scope.alloc([index as f32; 16]),
            _index: index,
        })
    }

    fn in_bump(bump: &'a Bump, index: u64) -> &'a mut Self {
        bump.alloc(Object {
            _name: bump.alloc([index as u8; 24]),
            _transform: bump.alloc([index as f32; 16]),
            _index: index,
        })
    }
}

/// Sizes that look like chance and are the same in each run (Knuth's multiplicative hash).
fn mixed_layouts() -> Vec<Layout> {
    (1..=FRAME_ALLOCATIONS as u32)
        .map(|index| {
            let hash = index.wrapping_mul(2_654_435_769);
            let words = (hash >> 23) as usize + 1;
            Layout::array::<u64>(words).unwrap_or(Layout::new::<u64>())
        })
        .collect()
}

/// Measures one case; `divisor` turns the nanoseconds of a run into the metric.
fn compare(
    case: &'static str,
    metric: &'static str,
    divisor: f64,
    ours: impl FnMut() -> f64,
    limit: Option<&mut dyn FnMut() -> f64>,
    bumpalo: impl FnMut() -> f64,
) -> Row {
    let mut contenders = vec![Contender::new("ours", ours), Contender::new("bumpalo", bumpalo)];
    let has_limit = limit.is_some();
    if let Some(limit) = limit {
        contenders.push(Contender::new("limit", limit));
    }
    let medians: Vec<f64> = measure::medians(&mut contenders).into_iter().map(|took| took / divisor).collect();
    Row {
        case,
        metric,
        ours: medians[0],
        limit: has_limit.then(|| medians[2]),
        peers: vec![(contenders[1].name, medians[1])],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mixed_blocks_have_8_to_4096_bytes() {
        let layouts = mixed_layouts();
        assert_eq!(layouts.len(), FRAME_ALLOCATIONS);
        assert!(layouts.iter().all(|layout| (8..=4_096).contains(&layout.size())));
        let mean = layouts.iter().map(Layout::size).sum::<usize>() / layouts.len();
        assert!((1_900..2_200).contains(&mean), "{mean}");
    }
}
