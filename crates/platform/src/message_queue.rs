//! Posted messages: a ring in the permanent arena, drained by the next pump.
//!
//! # Invariants
//! 1. First in, first out.
//! 2. A full queue loses the message that comes, counts it and says so.

use voltrum_memory::{MemoryError, Tagged};

use crate::error::PlatformError;
use crate::events::TextId;
use crate::message::Message;
use crate::text_slots::TextSlots;

/// Messages that can wait for a pump.
const MESSAGES_MAX: usize = 512;
/// Dropped files and compositions that can wait for a pump.
const TEXTS_MAX: u16 = 8;

pub(crate) struct MessageQueue<'app> {
    slots: &'app mut [Posted],
    first: usize,
    len: usize,
    texts: TextSlots<'app>,
    dropped: u64,
}

#[derive(Clone, Copy)]
enum Posted {
    Plain(Message<'static>),
    FileDropped(TextId),
    Composing(TextId),
}

impl<'app> MessageQueue<'app> {
    pub(crate) fn try_new_in(memory: Tagged<'app>) -> Result<Self, MemoryError> {
        let empty = Posted::Plain(Message::CloseRequested);
        Ok(Self {
            slots: memory.try_alloc_slice_fill_with(MESSAGES_MAX, |_| empty)?,
            first: 0,
            len: 0,
            texts: TextSlots::try_new_in(memory, TEXTS_MAX)?,
            dropped: 0,
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn push(&mut self, message: Message<'_>) -> Result<(), PlatformError> {
        let capacity = self.slots.len();
        if self.len == capacity {
            self.dropped += 1;
            return Err(PlatformError::QueueFull { capacity, dropped: self.dropped });
        }
        let posted = match message {
            Message::FileDropped(path) => {
                let kept = self.texts.insert(path).inspect_err(|_| self.dropped += 1)?;
                Posted::FileDropped(kept)
            }
            Message::Composing(text) => {
                let kept = self.texts.insert(text).inspect_err(|_| self.dropped += 1)?;
                Posted::Composing(kept)
            }
            Message::CloseRequested => Posted::Plain(Message::CloseRequested),
            Message::Resized(size) => Posted::Plain(Message::Resized(size)),
            Message::ScaleChanged(scale) => Posted::Plain(Message::ScaleChanged(scale)),
            Message::Focused(focused) => Posted::Plain(Message::Focused(focused)),
            Message::Visible(visible) => Posted::Plain(Message::Visible(visible)),
            Message::Input(input) => Posted::Plain(Message::Input(input)),
        };
        self.slots[(self.first + self.len) % capacity] = posted;
        self.len += 1;
        Ok(())
    }

    /// Hands the oldest message to `sink`.
    pub(crate) fn pop(&mut self, sink: &mut dyn FnMut(Message<'_>)) {
        if self.len == 0 {
            return;
        }
        let posted = self.slots[self.first];
        self.first = (self.first + 1) % self.slots.len();
        self.len -= 1;
        match posted {
            Posted::Plain(message) => sink(message),
            Posted::FileDropped(id) => {
                if let Some(path) = self.texts.get(id) {
                    sink(Message::FileDropped(path));
                }
                self.texts.remove(id);
            }
            Posted::Composing(id) => {
                if let Some(text) = self.texts.get(id) {
                    sink(Message::Composing(text));
                }
                self.texts.remove(id);
            }
        }
    }
}
