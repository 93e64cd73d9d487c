//! Charts: the map of an arena's live blocks in the order of their addresses, as text and as SVG.
//!
//! Drawn from the allocation log as it is when the chart is printed. The same blocks give the same chart.
//!
//! # Invariants
//! 1. Both forms draw the same cells: a cell is a power of two of bytes, at least 8, and shows the tag that holds most of
//!    it; the cells are few, however many blocks there are.

mod svg;
mod text;

pub use svg::ChartSvg;

use crate::allocation::Allocation;
use crate::size::ALIGN_MIN;
use crate::tag::{TAGS_MAX, Tag};
use crate::view::ArenaView;
use core::iter::Peekable;

/// The map of an arena; prints as text. Made by [`ArenaView::chart`].
#[derive(Clone, Copy)]
pub struct Chart<'a> {
    view: ArenaView<'a>,
}

impl<'a> ArenaView<'a> {
    /// The map of this arena's live blocks, without its children's: as text, and as a picture by [`Chart::svg`]. Without
    /// feature `allocation-log` it says so, and what is in use.
    ///
    /// ```
    /// use voltrum_memory::{ALLOCATION_LOG, Arena, Tag};
    ///
    /// let mut arena = Arena::try_reserve("scene", 1 << 20)?;
    /// let scope = arena.open();
    /// scope.tagged(Tag::SCENE).try_alloc([0u64; 4])?;
    /// scope.tagged(Tag::UNDO).try_alloc([0u64; 2])?;
    /// let text = scope.view().chart().to_string();
    /// if ALLOCATION_LOG {
    ///     assert!(text.contains("MMMMNN"), "{text}"); // a letter for each 8 bytes
    /// }
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    pub fn chart(&self) -> Chart<'a> {
        Chart { view: *self }
    }
}

impl<'a> Chart<'a> {
    /// The map as an SVG document: colours by tag with a legend, addresses, and tag, size, file and line of each block that
    /// is large enough to point at.
    ///
    /// ```
    /// use voltrum_memory::Tag;
    /// # let mut arena = voltrum_memory::Arena::try_reserve("scene", 16 << 20)?;
    /// # let scope = arena.open();
    /// scope.tagged(Tag::SCENE).try_alloc([0u64; 4])?;
    /// let picture = scope.view().chart().svg().to_string();
    /// assert!(picture.starts_with("<svg") && picture.ends_with("</svg>\n"));
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    pub fn svg(&self) -> ChartSvg<'a> {
        ChartSvg(*self)
    }

    /// How the arena is cut where there are to be at most `cells_max` cells.
    fn cut(&self, cells_max: usize) -> Cut {
        let used = self.view.used_here();
        let mut cell = ALIGN_MIN;
        while used.div_ceil(cell) > cells_max {
            cell *= 2;
        }
        Cut { cell, cells: used.div_ceil(cell) }
    }

    fn cells(&self, cut: Cut) -> impl Iterator<Item = Cell> + use<'a> {
        // Blocks without bytes have no place on a map, and only they are out of order.
        let blocks = self.view.allocations().filter(|block| block.size > 0);
        Cells { blocks: blocks.peekable(), cut, at: 0 }
    }
}

/// Bytes to a cell, and how many cells are in use.
#[derive(Clone, Copy)]
struct Cut {
    cell: usize,
    cells: usize,
}

/// What lies in a cell.
#[derive(Clone, Copy)]
struct Cell {
    /// The tag that holds most; `None` where no block lies.
    tag: Option<Tag>,
    /// The one block that lies here, be it with others' padding.
    block: Option<Allocation>,
}

struct Cells<I: Iterator<Item = Allocation>> {
    blocks: Peekable<I>,
    cut: Cut,
    at: usize,
}

impl<I: Iterator<Item = Allocation>> Iterator for Cells<I> {
    type Item = Cell;

    fn next(&mut self) -> Option<Cell> {
        if self.at == self.cut.cells {
            return None;
        }
        let (from, to) = (self.at * self.cut.cell, (self.at + 1) * self.cut.cell);
        self.at += 1;
        let mut held = [0usize; TAGS_MAX];
        let mut cell = Cell { tag: None, block: None };
        let mut blocks = 0;
        while let Some(block) = self.blocks.peek().copied().filter(|block| block.offset < to) {
            let end = block.offset.saturating_add(block.size);
            if end > from {
                let sum = &mut held[block.tag.index()];
                *sum += end.min(to) - block.offset.max(from);
                let most = cell.tag.map_or(0, |tag| held[tag.index()]);
                if cell.tag.is_none() || held[block.tag.index()] > most {
                    cell.tag = Some(block.tag);
                }
                blocks += 1;
                cell.block = (blocks == 1).then_some(block);
            }
            if end > to {
                break;
            }
            self.blocks.next();
        }
        Some(cell)
    }
}
