//! Pictures, and pictures that the mouse works in: a viewport's view of the scene.

use super::Ui;
use crate::UiTexture;
use crate::label::with_name;
use core::fmt::Display;

/// The buttons that an [`Area`] listens to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MouseButton {
    /// The main button.
    Left = 0,
    /// The context button.
    Right = 1,
    /// The wheel, pressed.
    Middle = 2,
}

/// What the mouse did in an area in this frame. Lengths are in physical pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    /// The pointer is over it and nothing covers it.
    pub hovered: bool,
    /// A button that went down in it is still held, wherever the pointer is now.
    pub active: bool,
    /// The left button went down and up in it.
    pub clicked: bool,
    /// The left button went down in it twice, quickly.
    pub double_clicked: bool,
    /// How far the wheel turned over it; y positive away from the person.
    pub wheel: [f32; 2],
    /// The pointer, from the area's upper left corner.
    pub pointer: [f32; 2],
    /// Left and top in the window.
    pub min: [f32; 2],
    /// Width and height.
    pub size: [f32; 2],
    drags: [Option<[f32; 2]>; 3],
}

impl Area {
    /// How far the pointer moved in this frame while `button` was held in the area; `None` while it isn't.
    pub fn drag(&self, button: MouseButton) -> Option<[f32; 2]> {
        self.drags[button as usize]
    }
}

impl Ui<'_> {
    /// A picture of that width and height, in physical pixels.
    pub fn image(&self, texture: UiTexture, size: [f32; 2]) {
        self.frame.image(texture.bits(), size);
    }

    /// A picture that takes the mouse: clicks, drags, the wheel. The keyboard stays the application's while it is held.
    /// Sides below one pixel become one.
    ///
    /// ```
    /// # use voltrum_ui::{MouseButton, Ui, UiTexture, Window};
    /// # fn layer(ui: Ui<'_>, scene: UiTexture, yaw: &mut f32) {
    /// ui.window("Viewport", Window::new().no_padding().no_scroll(), || {
    ///     let view = ui.image_area("scene", scene, ui.available());
    ///     if let Some([x, _]) = view.drag(MouseButton::Left) {
    ///         *yaw -= x * 0.01;
    ///     }
    /// });
    /// # }
    /// ```
    pub fn image_area(&self, name: impl Display, texture: UiTexture, size: [f32; 2]) -> Area {
        let min = self.frame.cursor();
        let size = at_least_one(size);
        self.frame.draw_image(texture.bits(), min, [min[0] + size[0], min[1] + size[1]]);
        self.area(name, size)
    }

    /// An area that takes the mouse and shows what [`Ui::draw`] puts there.
    pub fn area(&self, name: impl Display, size: [f32; 2]) -> Area {
        let frame = self.frame;
        let min = frame.cursor();
        let size = at_least_one(size);
        let clicked = with_name(name, |name| frame.area(name, size));
        let (hovered, active) = (frame.item_hovered(), frame.item_active());
        if hovered {
            frame.own_wheel();
        }
        if active {
            frame.hold_area();
        }
        let pointer = frame.mouse_position();
        let delta = frame.mouse_delta();
        Area {
            hovered,
            active,
            clicked: clicked && frame.mouse_released(MouseButton::Left as i32),
            double_clicked: hovered && frame.mouse_double_clicked(MouseButton::Left as i32),
            wheel: if hovered { frame.mouse_wheel() } else { [0.0, 0.0] },
            pointer: [pointer[0] - min[0], pointer[1] - min[1]],
            min,
            size,
            drags: [MouseButton::Left, MouseButton::Right, MouseButton::Middle]
                .map(|button| (active && frame.mouse_down(button as i32)).then_some(delta)),
        }
    }
}

/// The library takes a side of zero for "all that is left".
fn at_least_one(size: [f32; 2]) -> [f32; 2] {
    size.map(|side| side.max(1.0))
}
