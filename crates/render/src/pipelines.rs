//! Pipelines of one kind, each made when it is first needed.

use std::cell::OnceCell;

use crate::error::RenderError;
use crate::vulkan::pipeline::Pipeline;

/// Room for `N` pipelines.
pub(crate) struct Pipelines<'gpu, const N: usize> {
    cells: [OnceCell<Pipeline<'gpu>>; N],
}

impl<'gpu, const N: usize> Pipelines<'gpu, N> {
    pub(crate) const fn new() -> Pipelines<'gpu, N> {
        Pipelines { cells: [const { OnceCell::new() }; N] }
    }

    /// The pipeline at a place; `make` makes it where there is none.
    pub(crate) fn get_or_make(
        &self,
        index: usize,
        make: impl FnOnce() -> Result<Pipeline<'gpu>, RenderError>,
    ) -> Result<&Pipeline<'gpu>, RenderError> {
        let cell = &self.cells[index];
        if let Some(pipeline) = cell.get() {
            return Ok(pipeline);
        }
        let pipeline = make()?;
        Ok(cell.get_or_init(|| pipeline))
    }
}

impl<'gpu, const N: usize> Pipelines<'gpu, N> {
    /// Puts others where there are none.
    pub(crate) fn fill(&self, others: Pipelines<'gpu, N>) {
        for (cell, other) in self.cells.iter().zip(others.cells) {
            if let Some(other) = other.into_inner() {
                // What is there is as good.
                let _ = cell.set(other);
            }
        }
    }

    /// Where there are any.
    pub(crate) fn places(&self) -> Places {
        let mut places = Places::default();
        for (index, _) in self.cells.iter().enumerate().filter(|(_, cell)| cell.get().is_some()) {
            places.0[index / 64] |= 1 << (index % 64);
        }
        places
    }
}

#[cfg(feature = "live-shaders")]
impl<'gpu, const N: usize> Pipelines<'gpu, N> {
    /// Whether there is one at a place.
    pub(crate) fn has(&self, index: usize) -> bool {
        self.cells[index].get().is_some()
    }

    /// Puts others in place, where there are others, and gives back those that stood there.
    pub(crate) fn replace(&mut self, others: Pipelines<'gpu, N>) -> [Option<Pipeline<'gpu>>; N] {
        let mut cells = self.cells.iter_mut();
        others.cells.map(|other| {
            let (cell, other) = (cells.next()?, other.into_inner()?);
            std::mem::replace(cell, OnceCell::from(other)).into_inner()
        })
    }
}

/// Places among [`Pipelines`] of one kind, of which there are at most 256.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Places([u64; 4]);

impl Places {
    pub(crate) fn iter(self) -> impl Iterator<Item = usize> {
        (0..256).filter(move |index| self.0[index / 64] >> (index % 64) & 1 == 1)
    }
}
