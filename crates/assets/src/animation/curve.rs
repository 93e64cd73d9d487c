//! A curve's numbers at a time.

use glam::{Quat, Vec4};

use crate::staged::{Curve, Interpolation};

/// Where a time lies between two keys.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Span {
    /// The key before.
    from: usize,
    /// The key after; the same one before the first and after the last.
    to: usize,
    /// From 0 to 1 between them.
    part: f32,
    /// Seconds between them.
    length_secs: f32,
}

impl Curve<'_> {
    /// Writes the curve's numbers at `time_secs` to `out`, one per lane. Before the first key it is the first value, after
    /// the last the last; a time that is no number counts as before the first.
    pub fn sample(&self, time_secs: f32, out: &mut [f32]) {
        let Some(span) = self.span(time_secs) else { return };
        let value = |key: usize, part: usize, lane: usize| self.value(key, part, lane);
        for (lane, out) in out.iter_mut().enumerate().take(self.lanes as usize) {
            *out = match self.interpolation {
                Interpolation::Step => value(span.from, 0, lane),
                Interpolation::Linear => {
                    let (from, to) = (value(span.from, 0, lane), value(span.to, 0, lane));
                    from + (to - from) * span.part
                }
                Interpolation::Cubic if span.from == span.to => value(span.from, 1, lane),
                Interpolation::Cubic => {
                    let weights = hermite(span.part, span.length_secs);
                    let points = [
                        value(span.from, 1, lane),
                        value(span.from, 2, lane),
                        value(span.to, 1, lane),
                        value(span.to, 0, lane),
                    ];
                    weights.iter().zip(points).map(|(weight, point)| weight * point).sum()
                }
            };
        }
    }

    /// The rotation of a curve of four lanes at `time_secs`, of length 1; `None` when it has no direction.
    pub fn sample_rotation(&self, time_secs: f32) -> Option<Quat> {
        let span = self.span(time_secs)?;
        let key = |key: usize, part: usize| {
            Vec4::new(
                self.value(key, part, 0),
                self.value(key, part, 1),
                self.value(key, part, 2),
                self.value(key, part, 3),
            )
        };
        let unit = |value: Vec4| {
            let length = value.length();
            (length > 1e-6 && length.is_finite()).then(|| Quat::from_vec4(value / length))
        };
        match self.interpolation {
            Interpolation::Step => unit(key(span.from, 0)),
            Interpolation::Linear => match (unit(key(span.from, 0)), unit(key(span.to, 0))) {
                (Some(from), Some(to)) => Some(from.slerp(to, span.part)),
                (from, to) => from.or(to),
            },
            Interpolation::Cubic if span.from == span.to => unit(key(span.from, 1)),
            Interpolation::Cubic => {
                let weights = hermite(span.part, span.length_secs);
                let points = [key(span.from, 1), key(span.from, 2), key(span.to, 1), key(span.to, 0)];
                unit(weights.into_iter().zip(points).map(|(weight, point)| point * weight).sum())
            }
        }
    }

    /// Number `lane` of a key; `part` is 0 for the in-tangent, 1 for the value, 2 for the out-tangent of a cubic curve, and
    /// 0 for others.
    fn value(&self, key: usize, part: usize, lane: usize) -> f32 {
        let lanes = self.lanes as usize;
        let parts = if self.interpolation == Interpolation::Cubic { 3 } else { 1 };
        self.values.get((key * parts + part) * lanes + lane).copied().unwrap_or(0.0)
    }

    fn span(&self, time_secs: f32) -> Option<Span> {
        let last = self.times.len().checked_sub(1)?;
        let after = self.times.partition_point(|time| *time <= time_secs);
        let at = |key| Some(Span { from: key, to: key, part: 0.0, length_secs: 0.0 });
        let Some(from) = after.checked_sub(1) else { return at(0) };
        if from >= last {
            return at(last);
        }
        let (start, end) = (self.times.get(from).copied()?, self.times.get(after).copied()?);
        let length_secs = end - start;
        Some(Span { from, to: after, part: (time_secs - start) / length_secs, length_secs })
    }
}

/// The weights of value, out-tangent, next value and its in-tangent (glTF 2.0, C.5).
fn hermite(t: f32, length_secs: f32) -> [f32; 4] {
    let (t2, t3) = (t * t, t * t * t);
    [2.0 * t3 - 3.0 * t2 + 1.0, length_secs * (t3 - 2.0 * t2 + t), 3.0 * t2 - 2.0 * t3, length_secs * (t3 - t2)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve<'s>(interpolation: Interpolation, times: &'s [f32], values: &'s [f32], lanes: u32) -> Curve<'s> {
        Curve { interpolation, times, values, lanes }
    }

    fn one(curve: &Curve<'_>, time: f32) -> f32 {
        let mut out = [f32::NAN];
        curve.sample(time, &mut out);
        out[0]
    }

    #[test]
    fn a_step_keeps_the_earlier_value() {
        let step = curve(Interpolation::Step, &[1.0, 2.0, 4.0], &[10.0, 20.0, 40.0], 1);
        let expected = [(0.0, 10.0), (1.0, 10.0), (1.99, 10.0), (2.0, 20.0), (3.9, 20.0), (4.0, 40.0), (9.0, 40.0)];
        for (time, value) in expected {
            assert_eq!(one(&step, time), value, "{time}");
        }
        assert_eq!(one(&step, f32::NAN), 10.0);
    }

    #[test]
    fn a_line_goes_straight_and_stands_still_outside() {
        let line = curve(Interpolation::Linear, &[1.0, 3.0], &[10.0, 20.0], 1);
        for (time, value) in [(0.0, 10.0), (1.5, 12.5), (2.0, 15.0), (3.0, 20.0), (4.0, 20.0)] {
            assert_eq!(one(&line, time), value);
        }
        assert_eq!(one(&curve(Interpolation::Linear, &[1.0], &[7.0], 1), 5.0), 7.0);
    }

    #[test]
    fn a_spline_meets_its_values_and_its_tangents() {
        // in-tangent, value, out-tangent at 0 and at 2 seconds
        let spline = curve(Interpolation::Cubic, &[0.0, 2.0], &[9.0, 1.0, 0.5, -0.25, 3.0, 9.0], 1);
        assert_eq!((one(&spline, -1.0), one(&spline, 0.0), one(&spline, 2.0), one(&spline, 9.0)), (1.0, 1.0, 3.0, 3.0));
        let slope = |time: f32| (one(&spline, time + 1e-2) - one(&spline, time - 1e-2)) / 2e-2;
        assert!((slope(0.02) - 0.5).abs() < 0.1 && (slope(1.98) + 0.25).abs() < 0.1);
        assert!((one(&spline, 1.0) - (0.5 * 1.0 + 2.0 * 0.125 * 0.5 + 0.5 * 3.0 + 2.0 * 0.125 * 0.25)).abs() < 1e-6);
    }

    #[test]
    fn rotations_take_the_shorter_way_and_keep_their_length() {
        let quarter = Quat::from_rotation_y(core::f32::consts::FRAC_PI_2);
        // The same rotation with its signs turned: the way to it must not go around.
        let values: Vec<f32> = [Quat::IDENTITY, -quarter].iter().flat_map(|quat| quat.to_array()).collect();
        let turn = curve(Interpolation::Linear, &[0.0, 1.0], &values, 4);
        let half = turn.sample_rotation(0.5).unwrap();
        assert!(half.angle_between(Quat::from_rotation_y(core::f32::consts::FRAC_PI_4)) < 1e-3);
        assert!((half.length() - 1.0).abs() < 1e-6);
        let still = curve(Interpolation::Linear, &[0.0], &[0.0; 4], 4);
        assert_eq!(still.sample_rotation(0.0), None);
    }
}
