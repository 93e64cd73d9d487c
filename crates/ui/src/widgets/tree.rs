//! Trees and sections that open and close.

use super::Ui;
use crate::imgui::StyleColor;
use crate::label::with_name;
use core::fmt::Display;
use dear_imgui_sys as sys;

/// How a node of a tree is shown.
#[derive(Clone, Copy, Debug, Default)]
#[must_use]
pub struct TreeNode {
    flags: i32,
}

impl TreeNode {
    /// A node that may have children, closed at first; opened by its arrow or a double click.
    pub const fn new() -> TreeNode {
        TreeNode { flags: 0 }
    }

    /// Without children: no arrow, its content never runs.
    pub const fn leaf(self, leaf: bool) -> TreeNode {
        if leaf { TreeNode { flags: self.flags | sys::ImGuiTreeNodeFlags_Leaf } } else { self }
    }

    /// Shown as picked.
    pub const fn selected(self, selected: bool) -> TreeNode {
        if selected { TreeNode { flags: self.flags | sys::ImGuiTreeNodeFlags_Selected } } else { self }
    }

    /// Open at first.
    pub const fn open(self, open: bool) -> TreeNode {
        if open { TreeNode { flags: self.flags | sys::ImGuiTreeNodeFlags_DefaultOpen } } else { self }
    }
}

/// What happened to a node of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeItem {
    /// It is open, and its content has run unless it is a leaf.
    pub open: bool,
    /// It was clicked to be picked, not to be opened or closed.
    pub picked: bool,
    /// It was clicked twice, quickly.
    pub double_clicked: bool,
    /// The pointer is over it.
    pub hovered: bool,
}

impl Ui<'_> {
    /// A node of a tree; `children` runs while it is open. Give nodes of the same name an identity with
    /// [`Ui::with_id`].
    ///
    /// ```
    /// # use voltrum_ui::{TreeNode, Ui};
    /// # fn layer(ui: Ui<'_>, selected: &mut usize) {
    /// let root = ui.tree_node("Root", TreeNode::new().open(true), || {
    ///     for index in 0..3 {
    ///         let node = TreeNode::new().leaf(true).selected(*selected == index);
    ///         if ui.tree_node(format_args!("Node {index}"), node, || {}).picked {
    ///             *selected = index;
    ///         }
    ///     }
    /// });
    /// # let _ = root;
    /// # }
    /// ```
    pub fn tree_node(&self, label: impl Display, node: TreeNode, children: impl FnOnce()) -> TreeItem {
        let flags = node.flags
            | sys::ImGuiTreeNodeFlags_OpenOnArrow
            | sys::ImGuiTreeNodeFlags_OpenOnDoubleClick
            | sys::ImGuiTreeNodeFlags_SpanAvailWidth;
        let leaf = flags & sys::ImGuiTreeNodeFlags_Leaf != 0;
        let frame = self.frame;
        let open = with_name(label, |label| frame.tree_node(label, flags));
        // asked now: the children are the last item afterwards
        let hovered = frame.item_hovered();
        let item = TreeItem {
            open,
            picked: frame.item_clicked(0) && !frame.item_toggled(),
            double_clicked: hovered && frame.mouse_double_clicked(0),
            hovered,
        };
        if open {
            frame.tree_children(|| {
                if !leaf {
                    children()
                }
            });
        }
        item
    }

    /// A heading that opens and closes what is below it; `content` runs while it is open.
    pub fn section<R>(&self, label: impl Display, open: bool, content: impl FnOnce() -> R) -> Option<R> {
        let flags = if open { sys::ImGuiTreeNodeFlags_DefaultOpen } else { sys::ImGuiTreeNodeFlags_None };
        let frame = self.frame;
        let (calm, hovered) = (frame.field_color(), frame.field_hovered_color());
        // the colours of a field: those of a picked line would be too loud for a heading
        let is_open = frame.with_color(StyleColor::Header, calm, || {
            frame.with_color(StyleColor::HeaderHovered, hovered, || {
                frame.with_color(StyleColor::HeaderActive, hovered, || {
                    with_name(label, |label| frame.collapsing_header(label, flags))
                })
            })
        });
        is_open.then(content)
    }
}
