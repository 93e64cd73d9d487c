//! Out of memory at every point in turn: an error that changes nothing, and what fits is granted afterwards. Memory ends
//! where the system refuses a request (with feature `faults`), where a budget ends, and where a buffer does.
#![allow(clippy::unwrap_used, reason = "the helpers of tests may fail as loudly as tests")]

mod backing;

#[cfg(feature = "std")]
use voltrum_memory::ArenaConfig;
use voltrum_memory::{Arena, ArenaMap, ArenaString, ArenaVec, ArenaView, MemoryError, Pool, Reason, Tag};
#[cfg(feature = "faults")]
use voltrum_memory::{ArenaHeap, Faults};

/// What a view says of its arena, children included.
fn figures(view: ArenaView<'_>) -> (usize, usize, Option<usize>, Vec<usize>) {
    let mut tags = Vec::new();
    view.each_tag(|_, usage| tags.extend([usage.bytes, usage.count]));
    (view.used(), view.committed(), view.padding(), tags)
}

/// Runs `step`; after an error the arena is as it was, and has room for what fits.
fn unchanged_by_errors<T>(
    view: ArenaView<'_>,
    step: impl FnOnce() -> Result<T, MemoryError>,
) -> Result<T, MemoryError> {
    let before = figures(view);
    let result = step();
    if let Err(error) = &result {
        let after = figures(view);
        assert_eq!((before.0, before.2, before.3), (after.0, after.2, after.3), "{error}");
        assert!(matches!(error.reason(), Reason::Commit(12) | Reason::Full | Reason::Budget), "{error}");
        assert!(!error.to_string().is_empty());
    }
    result
}

/// A program with everything that asks for memory.
fn program(arena: &mut Arena<'_>) -> Result<(), MemoryError> {
    let mut scope = arena.open();
    let view = scope.view();
    let kept = scope.try_alloc([7u8; 1_000])?;
    for round in 0..3 {
        let memory = scope.tagged(Tag::SCENE);
        unchanged_by_errors(view, || memory.try_alloc_zeroed::<u8>(100_000 << round))?;
        unchanged_by_errors(view, || memory.try_alloc_slice_fill_with(50_000, |i| i as u32))?;
        unchanged_by_errors(view, || memory.try_alloc_iter((0..30_000).filter(|i| i % 3 != 0)))?;
        unchanged_by_errors(view, || memory.try_alloc_fmt(format_args!("{:>60000}", round)))?;
        unchanged_by_errors(view, || memory.try_alloc_box(vec![[0u64; 100]; 2]).map(drop))?;
        let mut vec = ArenaVec::new_in(memory);
        vec.try_extend(0..20_000u32)?;
        vec.try_reserve(1_000_000)?;
        assert!(vec.iter().enumerate().all(|(index, value)| *value == index as u32));
        let mut text = ArenaString::new_in(memory);
        text.try_fmt(format_args!("{:>60000}", "lamp"))?;
        let mut map = ArenaMap::new_in(memory);
        for key in 0..10_000u32 {
            map.try_insert(key, key)?;
        }
        let mut pool = Pool::try_new_in(memory, 10_000)?;
        assert!(pool.try_insert(1u8).is_ok());
        let mut child = unchanged_by_errors(view, || memory.try_child("child", 32 << 20))?;
        let child_view = child.view();
        assert_eq!(child_view.used(), 0);
        child.open().try_alloc_zeroed::<u8>(5 << 20)?;
        drop(child);
        let mut temp = scope.temp();
        temp.try_alloc_zeroed::<u8>(3 << 20)?;
        let mut cursor = temp.cursor();
        for number in 0..50_000u64 {
            assert_eq!(*cursor.try_alloc(number)?, number);
        }
    }
    assert_eq!(kept, &[7; 1_000]);
    drop(scope);
    arena.trim(0);
    arena.open().try_alloc_zeroed::<u8>(1 << 20)?;
    Ok(())
}

/// Gives the program a little more each time until it is enough; what each failure was.
fn runs_out_until_it_passes(mut run: impl FnMut(usize) -> Result<(), MemoryError>) -> Vec<MemoryError> {
    let (mut errors, mut bytes) = (Vec::new(), 4 << 10);
    while let Err(error) = run(bytes) {
        errors.push(error);
        bytes += bytes / 4;
        assert!(bytes < 1 << 30);
    }
    errors
}

#[test]
fn a_program_in_a_buffer_that_is_too_small_gets_an_error_whatever_its_size() {
    let errors = runs_out_until_it_passes(|bytes| {
        let mut buffer = Box::new_uninit_slice(bytes + Arena::BUFFER_OVERHEAD);
        program(&mut Arena::in_buffer("program", &mut buffer)?)
    });
    assert!(errors.len() > 20, "{}", errors.len());
    assert!(errors.iter().all(|error| error.reason() == Reason::Full && error.left() < error.limit()));
}

#[cfg(feature = "std")]
#[test]
fn a_program_whose_budget_is_too_small_gets_an_error_wherever_it_ends() {
    let errors = runs_out_until_it_passes(|bytes| {
        let config = ArenaConfig { limit_bytes: Some(bytes), ..ArenaConfig::new("program", 256 << 20) };
        program(&mut Arena::try_reserve_with(&config)?)
    });
    assert!(errors.len() > 20 && errors.iter().all(|error| error.reason() == Reason::Budget), "{}", errors.len());
}

#[cfg(feature = "faults")]
fn fails_until_it_passes(plan: fn(u64) -> Faults) -> (u64, u64) {
    let (mut errors, mut n) = (0, 0);
    loop {
        let faults = plan(n);
        let result = Arena::try_reserve("program", 256 << 20).and_then(|mut arena| program(&mut arena));
        if faults.refused() == 0 {
            assert_eq!(result, Ok(()));
            return (n, errors);
        }
        errors += u64::from(result.is_err());
        drop(faults);
        n += 1;
        assert!(n < 10_000);
    }
}

#[cfg(feature = "faults")]
#[test]
fn a_program_without_memory_from_any_request_on_gets_an_error() {
    let (requests, errors) = fails_until_it_passes(Faults::from_request);
    assert!(requests > 10, "{requests}");
    // Asking for a hint's worth may fail where nothing needs it.
    assert!(errors >= requests - 3, "{errors} of {requests}");
}

#[cfg(feature = "faults")]
#[test]
fn a_single_refusal_is_an_error_or_made_up_for() {
    let (requests, errors) = fails_until_it_passes(Faults::at_request);
    assert!(requests > 10 && errors >= 1, "{errors} of {requests}");
}

#[cfg(feature = "faults")]
#[test]
fn what_fits_is_granted_after_a_refusal() {
    let mut arena = Arena::reserve("test", 64 << 20);
    let scope = arena.open();
    let faults = Faults::from_request(0);
    let error = scope.try_alloc_zeroed::<u8>(1 << 20).unwrap_err();
    assert_eq!((error.reason(), faults.requests()), (Reason::Commit(12), faults.refused()));
    scope.try_alloc([1u8; 1_000]).unwrap(); // in the pages that are there
    assert_eq!(scope.try_child("child", 1 << 20).err().map(|error| error.reason()), Some(Reason::Commit(12)));
    drop(faults);
    let _child = scope.try_child("child", 1 << 20).unwrap();
    scope.try_alloc_zeroed::<u8>(1 << 20).unwrap();
}

#[cfg(feature = "faults")]
#[test]
fn a_reservation_is_tried_again_smaller() {
    let faults = Faults::at_request(0);
    let arena = Arena::try_reserve("test", 64 << 20).unwrap();
    assert!((32 << 20..33 << 20).contains(&arena.view().reserved()));
    drop(faults);
    let _faults = Faults::from_request(0);
    assert_eq!(Arena::try_reserve("test", 64 << 20).err().map(|error| error.reason()), Some(Reason::Reserve(12)));
}

#[cfg(feature = "faults")]
#[test]
fn a_heap_without_memory_says_so_and_goes_on() {
    let heap = ArenaHeap::try_reserve("heap", 64 << 20, Tag::UI).unwrap();
    let first = heap.allocate(1_000, 8).unwrap();
    let faults = Faults::from_request(0);
    assert_eq!(heap.allocate(8 << 20, 8), None);
    // SAFETY: a live block of this heap, with that alignment.
    assert_eq!(unsafe { heap.reallocate(first, 8 << 20, 8) }, None);
    let second = heap.allocate(1_000, 8).unwrap();
    drop(faults);
    let third = heap.allocate(8 << 20, 8).unwrap();
    assert_eq!(heap.stats().live_count, 3);
    for block in [first, second, third] {
        // SAFETY: live blocks of this heap, not used again.
        unsafe { heap.deallocate(block) };
    }
    assert_eq!(heap.stats().live_bytes, 0);
}

#[cfg(feature = "faults")]
#[test]
fn other_threads_are_not_concerned() {
    let _faults = Faults::from_request(0);
    std::thread::spawn(|| Arena::reserve("other", 1 << 20).open().alloc_zeroed::<u8>(1 << 19).len()).join().unwrap();
}
