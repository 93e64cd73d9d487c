//! Medians of interleaved rounds: whatever else the machine does meanwhile strikes all contenders alike.

use crate::clock::median;

/// The median figure of each contender that has one, in their order.
///
/// Every round asks each of them once, beginning with another one each time. A round before the first warms the machine up;
/// who has no figure there takes no part.
///
/// # Errors
/// The first contender that fails.
pub(crate) fn medians<C, E>(
    contenders: &[C],
    rounds: usize,
    mut measure: impl FnMut(&C) -> Result<Option<f64>, E>,
) -> Result<Vec<Option<f64>>, E> {
    let mut figures = Vec::with_capacity(contenders.len());
    for contender in contenders {
        figures.push(measure(contender)?.map(|_| Vec::with_capacity(rounds)));
    }
    for round in 0..rounds {
        for turn in 0..contenders.len() {
            let which = (round + turn) % contenders.len();
            if let Some(figures) = &mut figures[which] {
                figures.extend(measure(&contenders[which])?);
            }
        }
    }
    Ok(figures.into_iter().map(|figures| median(figures?)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    #[test]
    fn every_contender_runs_in_every_round_but_who_has_no_figure() {
        let mut runs = [0; 3];
        let medians = medians(&[0, 1, 2], 5, |contender: &usize| {
            runs[*contender] += 1;
            Ok::<_, Infallible>((*contender != 1).then_some(*contender as f64))
        });
        assert_eq!(medians, Ok(vec![Some(0.0), None, Some(2.0)]));
        assert_eq!(runs, [6, 1, 6]);
    }

    #[test]
    fn rounds_begin_with_another_contender_each_time() {
        let mut order = Vec::new();
        let _ = medians(&['a', 'b'], 2, |contender: &char| {
            order.push(*contender);
            Ok::<_, Infallible>(Some(1.0))
        });
        assert_eq!(order, ['a', 'b', 'a', 'b', 'b', 'a']);
    }

    #[test]
    fn a_failure_ends_it() {
        assert_eq!(medians(&[1], 3, |_| Err::<Option<f64>, _>("no")), Err("no"));
    }
}
