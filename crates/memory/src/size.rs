//! Address arithmetic and byte counts: no unsafe, nothing that can overflow unnoticed.

use core::fmt;

/// Every position in an arena is a multiple of this many bytes.
pub(crate) const ALIGN_MIN: usize = 8;
pub(crate) const KIB: usize = 1 << 10;
pub(crate) const MIB: usize = 1 << 20;
/// The size of a huge page on the targets that have them.
pub(crate) const HUGE_PAGE: usize = 2 * MIB;

/// Rounds `value` up to a multiple of `align`, a power of two; `None` where that overflows.
#[inline(always)]
pub(crate) const fn align_up(value: usize, align: usize) -> Option<usize> {
    match value.checked_add(align - 1) {
        Some(sum) => Some(sum & !(align - 1)),
        None => None,
    }
}

/// Rounds `value` down to a multiple of `align`, a power of two.
#[inline(always)]
pub(crate) const fn align_down(value: usize, align: usize) -> usize {
    value & !(align - 1)
}

/// The bytes that a block of `size` takes in an arena. `size` is at most `isize::MAX`, as in every `Layout`.
#[inline(always)]
pub(crate) const fn rounded(size: usize) -> usize {
    (size + (ALIGN_MIN - 1)) & !(ALIGN_MIN - 1)
}

/// A byte count as people read it: `31.5 MiB`.
///
/// ```
/// assert_eq!(voltrum_memory::Bytes(33_030_144).to_string(), "31.5 MiB");
/// assert_eq!(voltrum_memory::Bytes(12).to_string(), "12 B");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub usize);

impl fmt::Display for Bytes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (divisor, unit) = match self.0 {
            0..1_024 => return write!(out, "{} B", self.0),
            1_024..1_048_576 => (10, "KiB"),
            1_048_576..1_073_741_824 => (20, "MiB"),
            _ => (30, "GiB"),
        };
        write!(out, "{:.1} {unit}", self.0 as f64 / (1u64 << divisor) as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn align_up_reports_overflow() {
        assert_eq!(align_up(13, 8), Some(16));
        assert_eq!(align_up(16, 8), Some(16));
        assert_eq!(align_up(usize::MAX - 3, 8), None);
    }

    #[test]
    fn align_down_never_rises() {
        assert_eq!(align_down(4_097, 4_096), 4_096);
        assert_eq!(align_down(4_095, 4_096), 0);
    }
}
