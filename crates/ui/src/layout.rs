//! Where windows dock: the builder of the first layout, and layouts as text for the application to keep.
//!
//! Dear ImGui reads its own text back without much suspicion, so a saved layout carries a check sum, and a text that
//! was damaged or edited is refused before the library sees it. Its sizes are those at scale 1: on a denser screen the panels
//! take as much of the window, not as many of its pixels.

use crate::UiError;
use crate::imgui::{Direction, DockTree, Leaf};
use crate::label::with_name;
use core::fmt::Display;
use voltrum_memory::{ArenaString, Tagged};

/// First line of a saved layout, before the check sum.
const MAGIC: &str = "voltrum-layout 1 ";

/// A part of the window that windows can dock in. Splitting takes it, so it is split once at most.
#[derive(Debug)]
pub struct DockNode<'d> {
    leaf: Leaf<'d>,
}

/// Which part of a node is split off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The left part.
    Left,
    /// The right part.
    Right,
    /// The upper part.
    Top,
    /// The lower part.
    Bottom,
}

/// Builds a layout: splits the window and says which window goes where.
///
/// ```
/// use voltrum_ui::{DockBuilder, DockNode, Side, UiConfig};
///
/// fn layout<'d>(dock: &DockBuilder<'d>, root: DockNode<'d>) {
///     let (tree, rest) = dock.split(root, Side::Left, 0.2);
///     let (memory, viewport) = dock.split(rest, Side::Bottom, 0.3);
///     dock.place("Scene", &tree);
///     dock.place("Memory", &memory);
///     dock.place("Viewport", &viewport);
/// }
/// let config = UiConfig { layout: Some(layout), ..UiConfig::default() };
/// # let _ = config;
/// ```
pub struct DockBuilder<'d> {
    tree: &'d DockTree<'d>,
}

/// What a [`UiConfig`](crate::UiConfig) builds its first layout with. The node it gets is the whole window, less menu
/// bar and status bar.
pub type LayoutFn = for<'d> fn(&DockBuilder<'d>, DockNode<'d>);

impl<'d> DockBuilder<'d> {
    /// Runs `build` on the root of a tree.
    pub(crate) fn run<'c: 'd>(tree: &'d DockTree<'c>, root: Leaf<'c>, build: LayoutFn) {
        build(&DockBuilder { tree }, DockNode { leaf: root });
    }

    /// Splits a node in two: the part at `side`, `share` of it (0.05 to 0.95), and the rest.
    pub fn split(&self, node: DockNode<'d>, side: Side, share: f32) -> (DockNode<'d>, DockNode<'d>) {
        let direction = match side {
            Side::Left => Direction::Left,
            Side::Right => Direction::Right,
            Side::Top => Direction::Up,
            Side::Bottom => Direction::Down,
        };
        let (part, rest) = self.tree.split(node.leaf, direction, share);
        (DockNode { leaf: part }, DockNode { leaf: rest })
    }

    /// Puts the window of that name there; several in one node become tabs.
    pub fn place(&self, window: impl Display, node: &DockNode<'d>) {
        with_name(window, |window| self.tree.dock(window, &node.leaf));
    }
}

/// The library's text, as it is.
pub(crate) fn words(text: &[u8]) -> Result<&str, UiError> {
    core::str::from_utf8(text).map_err(|_| UiError::Layout("a window's name is no text"))
}

/// The library's text with our first line.
pub(crate) fn seal<'a>(text: &str, memory: Tagged<'a>) -> Result<&'a str, UiError> {
    let mut sealed = ArenaString::new_in(memory);
    sealed.try_fmt(format_args!("{MAGIC}{:016x}\n", check_sum(text.as_bytes())))?;
    sealed.try_push_str(text)?;
    Ok(sealed.into_str())
}

/// The library's text, if the first line vouches for it.
pub(crate) fn unseal(sealed: &str) -> Result<&str, UiError> {
    let rest = sealed.strip_prefix(MAGIC).ok_or(UiError::Layout("its first line is missing"))?;
    let (sum, text) = rest.split_once('\n').ok_or(UiError::Layout("it ends after its first line"))?;
    let sum = u64::from_str_radix(sum, 16).map_err(|_| UiError::Layout("its check sum is no number"))?;
    if sum != check_sum(text.as_bytes()) {
        return Err(UiError::Layout("its check sum differs"));
    }
    Ok(text)
}

/// A layout whose places and sizes are so many times what they are in `text`, in the library's format. Names stay, and so do
/// the columns of tables, which know the scale that they are for.
pub(crate) fn scaled<'a>(text: &str, factor: f32, memory: Tagged<'a>) -> Result<&'a str, UiError> {
    let mut out = ArenaString::new_in(memory);
    for line in text.split_inclusive('\n') {
        let is_name = line.starts_with('[');
        for word in line.split_inclusive([' ', '\n']) {
            match pair(word).filter(|_| !is_name) {
                Some((key, [x, y], rest)) => {
                    let [x, y] = [x, y].map(|side| (f32::from(side) * factor).round() as i16);
                    out.try_fmt(format_args!("{key}{x},{y}{rest}"))?;
                }
                None => out.try_push_str(word)?,
            }
        }
    }
    Ok(out.into_str())
}

/// `Size=12,34` and what follows it, in its parts.
fn pair(word: &str) -> Option<(&str, [i16; 2], &str)> {
    let key = ["Pos=", "Size=", "SizeRef="].into_iter().find(|key| word.starts_with(key))?;
    let (key, numbers) = word.split_at(key.len());
    let end = numbers.trim_end().len();
    let (numbers, rest) = numbers.split_at(end);
    let (x, y) = numbers.split_once(',')?;
    Some((key, [x.parse().ok()?, y.parse().ok()?], rest))
}

/// FNV-1a, 64 bits (Fowler, Noll, Vo; draft-eastlake-fnv).
fn check_sum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, &byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use voltrum_memory::{Arena, Tag};

    #[test]
    fn a_sealed_layout_opens_and_a_damaged_one_does_not() {
        let mut arena = Arena::try_reserve("test", 1 << 20).expect("reserve");
        let scope = arena.open();
        let sealed = seal("[Window][Scene]\nPos=1,2\n", scope.tagged(Tag::UI)).expect("seal");
        assert_eq!(unseal(sealed).expect("unseal"), "[Window][Scene]\nPos=1,2\n");
        for damaged in ["", "voltrum-layout 1 ", "[Window][Scene]\n", &sealed.replace("Pos=1", "Pos=9")] {
            assert!(matches!(unseal(damaged), Err(UiError::Layout(_))), "{damaged:?}");
        }
    }

    #[test]
    fn places_and_sizes_are_scaled_and_nothing_else() {
        let mut arena = Arena::try_reserve("test", 1 << 20).expect("reserve");
        let scope = arena.open();
        let text = "[Window][a Size=1,2]\nPos=60,-3\nSize=401,30\nDockId=0x0000000A,1\n\n[Table][0x0B,2]\nRefScale=13\n\
                    Column 0  Width=12\n\n[Docking][Data]\n  DockNode  ID=0x01 SizeRef=362,858 Split=X Size=x,3\n";
        let twice = text
            .replace("Pos=60,-3", "Pos=120,-6")
            .replace("\nSize=401,30", "\nSize=802,60")
            .replace("SizeRef=362,858", "SizeRef=724,1716");
        let double = scaled(text, 2.0, scope.tagged(Tag::UI)).expect("scaled");
        assert_eq!(double, twice);
        assert_eq!(scaled(double, 0.5, scope.tagged(Tag::UI)).expect("scaled"), text);
    }
}
