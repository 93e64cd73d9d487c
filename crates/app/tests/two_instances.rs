//! There is no static state of ours: two instances run interleaved on one thread.

mod counter;

use counter::{Counter, Wanted, config};
use voltrum::testing::frames;
use voltrum::{Turn, drive};

#[test]
fn two_headless_instances_run_interleaved_on_one_thread() {
    let (first, second) = (Counter::default(), Counter::default());
    let mut frames_seen = [0, 0];
    drive(&config(), &first, Some(Wanted::Numbers(1)), |one| {
        drive(&config(), &second, Some(Wanted::Numbers(2)), |two| {
            for turn in 1..=10u64 {
                frames(one, 1).unwrap();
                frames(two, 1)?;
                assert_eq!((one.stats().index, two.stats().index), (turn, turn));
                assert_eq!((one.project().sum, two.project().sum), (499_500, 999_000));
            }
            frames_seen = [one.stats().index, two.stats().index];
            Ok(Turn::Quit)
        })
        .unwrap();
        // The first goes on after the second has closed.
        frames(one, 3)?;
        assert_eq!(one.stats().index, 13);
        Ok(Turn::Quit)
    })
    .unwrap();
    assert_eq!(frames_seen, [10, 10]);
}
