//! What an event is: a code, data and a sender, all plain values.

/// What happened. The numbers below 256 are Voltrum's own, the rest belong to the client ([`EventCode::client`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventCode(u16);

const CLIENT_FIRST: u16 = 256;

impl EventCode {
    /// The person asked to close the window. No data.
    pub const QUIT_REQUESTED: Self = Self(1);
    /// The drawable area has another size: [`EventData::Size`] in physical pixels.
    pub const RESIZED: Self = Self(2);
    /// Physical pixels per logical pixel have changed: [`EventData::Real`].
    pub const SCALE_CHANGED: Self = Self(3);
    /// The window has the keyboard or lost it: [`EventData::Flag`].
    pub const FOCUS_CHANGED: Self = Self(4);
    /// Some of the window can be seen, or none of it: [`EventData::Flag`].
    pub const VISIBILITY_CHANGED: Self = Self(5);
    /// A file was dropped on the window: [`EventData::Text`] with its path.
    pub const FILE_DROPPED: Self = Self(6);

    /// A code of the client's own, `number` below 65,280.
    ///
    /// # Panics
    /// On a number that is out of range; at compile time where the result is a constant.
    ///
    /// ```
    /// use voltrum_platform::events::EventCode;
    /// const SELECTION_CHANGED: EventCode = EventCode::client(0);
    /// ```
    pub const fn client(number: u16) -> Self {
        assert!(number <= u16::MAX - CLIENT_FIRST, "client event codes end at 65,279");
        Self(CLIENT_FIRST + number)
    }

    /// The code as a number.
    pub const fn number(self) -> u16 {
        self.0
    }
}

/// Who sent an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sender(u32);

impl Sender {
    /// The platform: window and pump.
    pub const PLATFORM: Self = Self(0);

    /// A sender of the client's own: any number, for instance an entity's.
    pub const fn client(number: u32) -> Self {
        Self(number.wrapping_add(1))
    }
}

/// What an event carries.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum EventData {
    /// Nothing.
    #[default]
    None,
    /// Yes or no.
    Flag(bool),
    /// A size in physical pixels.
    Size([u32; 2]),
    /// A place in physical pixels from the upper left corner.
    Position([f32; 2]),
    /// A whole number, an index, a handle.
    Number(u64),
    /// A quantity.
    Real(f64),
    /// Text kept by the event system until this event has been dispatched: ask
    /// [`Outbox::text`](super::Outbox::text).
    Text(TextId),
}

/// Names a text that the event system keeps for a deferred event. Stale once the event has been dispatched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TextId {
    pub(crate) slot: u16,
    pub(crate) generation: u32,
}

/// Something that happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// What.
    pub code: EventCode,
    /// With which data.
    pub data: EventData,
    /// Who says so.
    pub sender: Sender,
}

/// Whether an event goes on to listeners of lower priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handled {
    /// It goes on.
    Pass,
    /// It ends here.
    Consume,
}
