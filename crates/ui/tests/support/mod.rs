//! What the tests share: an interface with its input, driven frame by frame without a window or a GPU.
#![allow(dead_code, reason = "each test binary uses its part")]

use voltrum_memory::{Arena, ArenaBox, Scope, Tag, Tagged};
use voltrum_platform::input::{self, InputMessage, InputState, MouseButton};
use voltrum_render::UiPacket;
use voltrum_ui::{self as ui, Ui, UiConfig, UiState};

pub(crate) const SIZE: [u32; 2] = [1280, 720];

pub(crate) fn permanent() -> Arena<'static> {
    Arena::try_reserve("permanent", 16 << 20).expect("address space for the permanent arena")
}

/// An interface and its input in the permanent arena, its frames in an arena of their own.
pub(crate) struct Stage<'app> {
    pub(crate) ui: ArenaBox<'app, UiState<'app>>,
    pub(crate) input: ArenaBox<'app, InputState<'app>>,
    pub(crate) frames: Arena<'static>,
    pub(crate) size: [u32; 2],
    pub(crate) scale: f32,
}

impl<'app> Stage<'app> {
    pub(crate) fn new(permanent: Tagged<'app>, config: UiConfig) -> Stage<'app> {
        Stage {
            ui: ui::startup(permanent, config).expect("the interface starts"),
            input: input::startup(permanent.with_tag(Tag::INPUT)).expect("input starts"),
            frames: Arena::try_reserve("frame", 64 << 20).expect("address space for the frame arena"),
            size: SIZE,
            scale: 1.0,
        }
    }

    /// Sends messages; the next frame sees them.
    pub(crate) fn send(&mut self, messages: &[InputMessage]) {
        for &message in messages {
            input::push(&mut self.input, message);
        }
    }

    /// One frame: `draw` fills it, `look` sees the packet.
    pub(crate) fn frame<D, R>(&mut self, draw: impl FnOnce(Ui<'_>) -> D, look: impl FnOnce(&UiPacket<'_>) -> R) -> R {
        input::update(&mut self.input);
        let frame: Scope<'_> = self.frames.open();
        ui::begin_frame(&mut self.ui, &self.input, 1.0 / 60.0, self.size, self.scale);
        draw(ui::widgets(&self.ui).expect("a frame is open"));
        look(&ui::end_frame(&mut self.ui, &frame).expect("the frame arena holds the packet"))
    }
}

pub(crate) fn moved(position: [f32; 2]) -> InputMessage {
    InputMessage::MouseMoved(position)
}

pub(crate) fn button(pressed: bool) -> InputMessage {
    InputMessage::MouseButton { button: MouseButton::Left, pressed }
}

/// Asserts what a renderer relies on.
pub(crate) fn check_packet(packet: &UiPacket<'_>) {
    for command in packet.commands {
        let range = command.first_index as usize..command.first_index as usize + command.index_count as usize;
        let indices = packet.indices.get(range).expect("a command's indices lie in the packet");
        for &index in indices {
            let vertex = command.vertex_offset as usize + usize::from(index);
            assert!(vertex < packet.vertices.len(), "index {vertex} of {} vertices", packet.vertices.len());
        }
        let [left, top, right, bottom] = command.clip;
        let [width, height] = packet.display_size;
        assert!(0.0 <= left && left < right && right <= width, "{:?}", command.clip);
        assert!(0.0 <= top && top < bottom && bottom <= height, "{:?}", command.clip);
    }
}
