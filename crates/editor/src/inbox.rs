//! What the event system told the editor since its last turn.

use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use voltrum::platform::events::{Event, EventCode, EventData, Handled, Listener, Outbox};
use voltrum::ui::TextField;

/// The longest path that the editor takes, in bytes.
pub(crate) const PATH_BYTES_MAX: usize = 4_096;

/// A path in the making, or one that was dropped.
pub(crate) type PathField = TextField<PATH_BYTES_MAX>;

/// Keeps events until the editor asks; lives in the permanent arena.
pub(crate) struct Inbox {
    dropped: RefCell<PathField>,
    has_dropped: Cell<bool>,
}

impl Inbox {
    pub(crate) const fn new() -> Inbox {
        Inbox { dropped: RefCell::new(PathField::new()), has_dropped: Cell::new(false) }
    }

    /// The path of the file that was dropped last, once.
    pub(crate) fn take_dropped(&self) -> Option<PathBuf> {
        self.has_dropped.replace(false).then(|| PathBuf::from(self.dropped.borrow().as_str()))
    }
}

impl<'app> Listener<'app> for Inbox {
    fn on_event(&'app self, event: &Event, outbox: &mut Outbox<'app>) -> Handled {
        if event.code == EventCode::FILE_DROPPED
            && let EventData::Text(id) = event.data
            && let Some(path) = outbox.text(id)
        {
            self.has_dropped.set(self.dropped.borrow_mut().set(path));
        }
        Handled::Pass
    }
}
