//! The project loop: two scene arenas, the next project loading on a worker, the current one untouched by what fails.

mod counter;

use counter::{Counter, Wanted, config};
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use voltrum::testing::{frames, frames_until_loaded, frames_until_open};
use voltrum::{AppConfig, AppError, Turn, drive};

const PATIENCE: Duration = Duration::from_secs(60);

/// 1,000 numbers `i * n` add up to this.
const fn sum(n: u64) -> u64 {
    n * 499_500
}

#[test]
fn frames_go_on_while_a_project_loads_and_its_slice_stays_where_the_worker_put_it() {
    let client = Counter::default();
    let config = AppConfig { frame_interval: Some(Duration::from_millis(16)), ..config() };
    let mut scenes = 0;
    drive(&config, &client, Some(Wanted::Numbers(1)), |instance| {
        scenes += 1;
        let values = instance.project().values.as_ptr().addr();
        assert_eq!(values, client.staged_at.load(Relaxed), "adopting a project moves nothing");
        assert!(instance.scene().address_range().contains(&instance.project().values.as_ptr().cast()));
        if scenes == 2 {
            frames(instance, 1)?;
            assert_eq!(instance.project().sum, sum(2));
            return Ok(Turn::Quit);
        }
        frames(instance, 3)?;
        instance.open(Wanted::Slow(2, Duration::from_secs(2)));
        let before = instance.project().values.as_ptr().addr();
        let turn = frames_until_loaded(instance, PATIENCE)?;
        assert_eq!(instance.project().values.as_ptr().addr(), before);
        assert_eq!(instance.project().sum, sum(1));
        Ok(turn)
    })
    .unwrap();
    let drawn = client.frames_while_loading.load(Relaxed);
    assert_eq!(scenes, 2);
    assert!(drawn >= 60, "{drawn} frames in the 2 s of the load");
}

#[test]
fn a_broken_project_leaves_the_open_one_untouched() {
    let client = Counter::default();
    let mut scenes = 0;
    drive(&config(), &client, Some(Wanted::Numbers(3)), |instance| {
        scenes += 1;
        if scenes == 2 {
            return Ok(Turn::Quit);
        }
        let before = instance.project().values.as_ptr();
        for _ in 0..5 {
            instance.open(Wanted::Broken(13));
            assert_eq!(frames_until_loaded(instance, PATIENCE)?, Turn::Continue);
            assert_eq!(instance.state().failure.take().as_deref(), Some("project 13 is broken"));
            frames(instance, 2)?;
            assert_eq!((instance.project().values.as_ptr(), instance.project().sum), (before, sum(3)));
        }
        // The same worker, the same arena, afterwards:
        instance.open(Wanted::Numbers(4));
        frames_until_loaded(instance, PATIENCE)
    })
    .unwrap();
    assert_eq!(scenes, 2);
    assert_eq!(client.opens.load(Relaxed), 2);
    assert_eq!(client.closes.load(Relaxed), 2);
}

#[test]
#[should_panic(expected = "what is to be opened could not be loaded")]
fn a_test_that_goes_on_with_a_project_fails_where_that_does_not_come() {
    let _ended = drive(&config(), &Counter::default(), None, |instance| {
        instance.open(Wanted::Broken(1));
        frames_until_open(instance, PATIENCE)
    });
}

#[test]
fn a_newer_request_cancels_the_load_that_runs() {
    let client = Counter::default();
    let mut scenes = 0;
    drive(&config(), &client, None, |instance| {
        scenes += 1;
        if scenes == 2 {
            frames(instance, 1)?;
            assert_eq!(instance.project().sum, sum(6));
            return Ok(Turn::Quit);
        }
        assert!(instance.project().values.is_empty(), "without a first request the empty project is open");
        instance.open(Wanted::Slow(5, Duration::from_secs(30)));
        frames(instance, 5)?;
        instance.open(Wanted::Numbers(6));
        let turn = frames_until_loaded(instance, PATIENCE)?;
        assert_eq!(instance.state().failure, None, "a cancelled load is not a failure");
        Ok(turn)
    })
    .unwrap();
    assert_eq!(scenes, 2);
}

#[test]
fn quitting_while_a_project_loads_ends_cleanly() {
    let client = Counter::default();
    drive(&config(), &client, Some(Wanted::Numbers(1)), |instance| {
        instance.open(Wanted::Slow(2, Duration::from_secs(60)));
        frames(instance, 3)
    })
    .unwrap();
    assert_eq!((client.closes.load(Relaxed), client.shutdowns.load(Relaxed)), (1, 1));
}

#[test]
fn a_first_project_that_cannot_be_loaded_is_the_clients_error_and_everything_closes() {
    let client = Counter::default();
    let result = drive(&config(), &client, Some(Wanted::Broken(9)), |_| Ok(Turn::Quit));
    assert!(matches!(&result, Err(AppError::Client(error)) if error.to_string() == "project 9 is broken"));
    assert_eq!((client.opens.load(Relaxed), client.shutdowns.load(Relaxed)), (0, 1));
}

#[test]
fn a_start_up_that_fails_undoes_itself() {
    let client = Counter { startup_fails: true, ..Counter::default() };
    for _ in 0..3 {
        assert!(matches!(drive(&config(), &client, None, |_| Ok(Turn::Quit)), Err(AppError::Client(_))));
    }
    // Each subsystem's own start-up, by a permanent arena that is too small for the next one:
    let mut kinds = std::collections::BTreeSet::new();
    let sizes = std::iter::successors(Some(64 << 10), |bytes| Some(bytes + bytes / 4));
    for permanent_limit_bytes in sizes.take_while(|bytes| *bytes <= 1 << 30) {
        let config = AppConfig { permanent_limit_bytes, ..config() };
        match drive(&config, &Counter::default(), None, |_| Ok(Turn::Quit)) {
            Ok(()) => kinds.insert("started".to_string()),
            Err(error) => kinds.insert(error.to_string().split_whitespace().take(6).collect::<Vec<_>>().join(" ")),
        };
    }
    assert!(kinds.contains("started"), "{kinds:?}");
    assert!(kinds.iter().all(|kind| kind == "started" || kind.contains("permanent arena")), "{kinds:?}");
}

#[test]
fn what_joins_the_open_project_is_loaded_beside_its_frames_into_its_own_memory() {
    let client = Counter::default();
    let config = AppConfig { frame_interval: Some(Duration::from_millis(16)), ..config() };
    let mut scenes = 0;
    drive(&config, &client, Some(Wanted::Numbers(1)), |instance| {
        scenes += 1;
        if scenes == 2 {
            frames(instance, 1)?;
            assert_eq!(instance.project().sum, sum(9), "what joined went with its project");
            return Ok(Turn::Quit);
        }
        frames(instance, 2)?;
        instance.import(Wanted::Slow(2, Duration::from_secs(1)))?;
        let drawn = client.frames_while_loading.load(Relaxed);
        assert_eq!(frames_until_loaded(instance, PATIENCE)?, Turn::Continue, "the project stays");
        assert!(client.frames_while_loading.load(Relaxed) >= drawn + 5, "frames go on");
        frames(instance, 1)?;
        assert_eq!(instance.project().sum, sum(1) + sum(2));
        let range = instance.scene().address_range();
        assert!(range.contains(&instance.project().joined[0].as_ptr().cast()));

        // each takes gigabytes of address space and gives them back
        for number in 0..100 {
            instance.import(Wanted::Broken(number))?;
            assert_eq!(frames_until_loaded(instance, PATIENCE)?, Turn::Continue);
            frames(instance, 1)?;
            assert_eq!(instance.state().failure.take(), Some(format!("project {number} is broken")));
        }
        assert_eq!((instance.project().joined.len(), client.closes.load(Relaxed)), (1, 0));

        // a project that is asked for meanwhile is what counts
        instance.import(Wanted::Slow(3, Duration::from_secs(60)))?;
        frames(instance, 2)?;
        instance.open(Wanted::Numbers(9));
        frames_until_loaded(instance, PATIENCE)
    })
    .unwrap();
    assert_eq!(scenes, 2);
}
