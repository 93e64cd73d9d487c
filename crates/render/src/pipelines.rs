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

#[cfg(feature = "live-shaders")]
impl<'gpu, const N: usize> Pipelines<'gpu, N> {
    /// Others for the pipelines that there are; `None` leaves one as it is. Changes nothing yet.
    pub(crate) fn try_remake(
        &self,
        mut remake: impl FnMut(usize) -> Result<Option<Pipeline<'gpu>>, RenderError>,
    ) -> Result<[Option<Pipeline<'gpu>>; N], RenderError> {
        let mut remade = [const { None }; N];
        for (index, (slot, cell)) in remade.iter_mut().zip(&self.cells).enumerate() {
            if cell.get().is_some() {
                *slot = remake(index)?;
            }
        }
        Ok(remade)
    }

    /// Puts others in place, and gives back those that stood there.
    pub(crate) fn replace(&mut self, others: [Option<Pipeline<'gpu>>; N]) -> [Option<Pipeline<'gpu>>; N] {
        let mut cells = self.cells.iter_mut();
        others.map(|other| {
            let cell = cells.next().filter(|_| other.is_some())?;
            let old = cell.take();
            *cell = other.map_or_else(OnceCell::new, OnceCell::from);
            old
        })
    }
}
