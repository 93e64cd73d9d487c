//! Values that count how often they are dropped.

use std::cell::RefCell;

/// How often each value was dropped that was made here.
#[derive(Default)]
pub(crate) struct Drops(RefCell<Vec<u8>>);

impl Drops {
    /// A new value; its number is its place in the count.
    pub(crate) fn counted(&self) -> Counted<'_> {
        let mut counts = self.0.borrow_mut();
        counts.push(0);
        Counted { number: counts.len() - 1, drops: self }
    }

    pub(crate) fn of(&self, number: usize) -> u8 {
        self.0.borrow()[number]
    }

    pub(crate) fn made(&self) -> usize {
        self.0.borrow().len()
    }
}

/// A value with a destructor.
pub(crate) struct Counted<'d> {
    pub(crate) number: usize,
    drops: &'d Drops,
}

impl Counted<'_> {
    /// Alive, and itself.
    pub(crate) fn check(&self) {
        assert_eq!(self.drops.of(self.number), 0, "dropped while it was owned");
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        let mut counts = self.drops.0.borrow_mut();
        counts[self.number] += 1;
        assert_eq!(counts[self.number], 1, "dropped twice");
    }
}
