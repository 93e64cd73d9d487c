//! The theme as the library's style: which of our few colours and measures goes where.

use super::vec2;
use crate::Color;
use crate::theme::Theme;
use dear_imgui_sys as sys;

/// Fills a style from a theme, at scale 1.
pub(super) fn fill(style: &mut sys::ImGuiStyle, theme: &Theme) {
    measures(style, theme);
    colors(style, theme);
}

fn measures(style: &mut sys::ImGuiStyle, theme: &Theme) {
    let round = theme.rounding;
    style.FontSizeBase = theme.font_size;
    style.WindowPadding = vec2([10.0, 8.0]);
    style.FramePadding = vec2([8.0, 4.0]);
    style.CellPadding = vec2([6.0, 3.0]);
    style.ItemSpacing = vec2([8.0, 6.0]);
    style.ItemInnerSpacing = vec2([6.0, 4.0]);
    style.IndentSpacing = 16.0;
    style.ScrollbarSize = 12.0;
    style.GrabMinSize = 10.0;
    style.WindowRounding = round + 2.0;
    style.ChildRounding = round;
    style.FrameRounding = round;
    style.PopupRounding = round;
    style.ScrollbarRounding = 9.0;
    style.GrabRounding = round;
    style.TabRounding = round;
    style.MenuItemRounding = round;
    style.WindowBorderSize = 1.0;
    style.ChildBorderSize = 1.0;
    style.PopupBorderSize = 1.0;
    style.FrameBorderSize = 0.0;
    style.TabBorderSize = 0.0;
    style.TabBarBorderSize = 1.0;
    style.TabBarOverlineSize = 2.0;
    style.SeparatorTextBorderSize = 1.0;
    style.SeparatorTextPadding = vec2([0.0, 4.0]);
    style.DockingSeparatorSize = 3.0;
    style.WindowTitleAlign = vec2([0.0, 0.5]);
    style.WindowMenuButtonPosition = sys::ImGuiDir_None;
    style.TreeLinesFlags = sys::ImGuiTreeNodeFlags_DrawLinesToNodes;
}

fn colors(style: &mut sys::ImGuiStyle, theme: &Theme) {
    let clear = Color::TRANSPARENT;
    let mut set = |index: sys::ImGuiCol, color: Color| {
        let [x, y, z, w] = color.to_floats();
        if let Some(slot) = usize::try_from(index).ok().and_then(|index| style.Colors.get_mut(index)) {
            *slot = sys::ImVec4_c { x, y, z, w };
        }
    };
    set(sys::ImGuiCol_Text, theme.text);
    set(sys::ImGuiCol_TextDisabled, theme.text_dim);
    set(sys::ImGuiCol_TextLink, theme.accent);
    set(sys::ImGuiCol_TextSelectedBg, theme.accent.with_alpha(0.35));
    set(sys::ImGuiCol_InputTextCursor, theme.text);
    set(sys::ImGuiCol_WindowBg, theme.panel);
    set(sys::ImGuiCol_ChildBg, clear);
    set(sys::ImGuiCol_PopupBg, theme.popup);
    set(sys::ImGuiCol_MenuBarBg, theme.background);
    set(sys::ImGuiCol_Border, theme.border);
    set(sys::ImGuiCol_BorderShadow, clear);
    set(sys::ImGuiCol_FrameBg, theme.frame);
    set(sys::ImGuiCol_FrameBgHovered, theme.frame_hovered);
    set(sys::ImGuiCol_FrameBgActive, theme.frame_active);
    set(sys::ImGuiCol_TitleBg, theme.background);
    set(sys::ImGuiCol_TitleBgActive, theme.background);
    set(sys::ImGuiCol_TitleBgCollapsed, theme.background);
    set(sys::ImGuiCol_ScrollbarBg, clear);
    set(sys::ImGuiCol_ScrollbarGrab, theme.frame_active);
    set(sys::ImGuiCol_ScrollbarGrabHovered, theme.text_dim.with_alpha(0.6));
    set(sys::ImGuiCol_ScrollbarGrabActive, theme.accent);
    set(sys::ImGuiCol_CheckMark, theme.accent);
    set(sys::ImGuiCol_CheckboxSelectedBg, theme.frame);
    set(sys::ImGuiCol_SliderGrab, theme.accent.with_alpha(0.8));
    set(sys::ImGuiCol_SliderGrabActive, theme.accent);
    set(sys::ImGuiCol_Button, theme.frame_hovered);
    set(sys::ImGuiCol_ButtonHovered, theme.frame_active);
    set(sys::ImGuiCol_ButtonActive, theme.accent_dim);
    set(sys::ImGuiCol_Header, theme.accent.with_alpha(0.24));
    set(sys::ImGuiCol_HeaderHovered, theme.accent.with_alpha(0.16));
    set(sys::ImGuiCol_HeaderActive, theme.accent.with_alpha(0.36));
    set(sys::ImGuiCol_Separator, theme.border);
    set(sys::ImGuiCol_SeparatorHovered, theme.accent_dim);
    set(sys::ImGuiCol_SeparatorActive, theme.accent);
    set(sys::ImGuiCol_ResizeGrip, clear);
    set(sys::ImGuiCol_ResizeGripHovered, theme.accent_dim);
    set(sys::ImGuiCol_ResizeGripActive, theme.accent);
    set(sys::ImGuiCol_Tab, theme.background);
    set(sys::ImGuiCol_TabHovered, theme.frame_active);
    set(sys::ImGuiCol_TabSelected, theme.panel);
    set(sys::ImGuiCol_TabSelectedOverline, theme.accent);
    set(sys::ImGuiCol_TabDimmed, theme.background);
    set(sys::ImGuiCol_TabDimmedSelected, theme.panel);
    set(sys::ImGuiCol_TabDimmedSelectedOverline, theme.border);
    set(sys::ImGuiCol_DockingPreview, theme.accent.with_alpha(0.4));
    set(sys::ImGuiCol_DockingEmptyBg, theme.background);
    set(sys::ImGuiCol_PlotLines, theme.accent);
    set(sys::ImGuiCol_PlotLinesHovered, theme.warning);
    set(sys::ImGuiCol_PlotHistogram, theme.accent);
    set(sys::ImGuiCol_PlotHistogramHovered, theme.warning);
    set(sys::ImGuiCol_TableHeaderBg, theme.frame);
    set(sys::ImGuiCol_TableBorderStrong, theme.border);
    set(sys::ImGuiCol_TableBorderLight, theme.border.with_alpha(0.6));
    set(sys::ImGuiCol_TableRowBg, clear);
    set(sys::ImGuiCol_TableRowBgAlt, theme.text.with_alpha(0.025));
    set(sys::ImGuiCol_TreeLines, theme.border);
    set(sys::ImGuiCol_DragDropTarget, theme.accent);
    set(sys::ImGuiCol_DragDropTargetBg, theme.accent.with_alpha(0.1));
    set(sys::ImGuiCol_UnsavedMarker, theme.warning);
    set(sys::ImGuiCol_NavCursor, theme.accent);
    set(sys::ImGuiCol_NavWindowingHighlight, theme.accent);
    set(sys::ImGuiCol_NavWindowingDimBg, theme.background.with_alpha(0.5));
    set(sys::ImGuiCol_ModalWindowDimBg, theme.background.with_alpha(0.6));
}
