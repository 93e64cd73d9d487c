//! Another program's side of the clipboard (ICCCM 2).

use super::{PATIENCE, Screen};
use std::thread::sleep;
use std::time::{Duration, Instant};
use x11rb::COPY_DEPTH_FROM_PARENT;
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ConnectionExt, CreateWindowAux, EventMask, PropMode, SelectionNotifyEvent, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

/// A program without a window that anybody sees.
struct Program {
    connection: RustConnection,
    window: Window,
    clipboard: Atom,
    utf8: Atom,
    targets: Atom,
}

impl Program {
    fn start(display: &str) -> Program {
        let (connection, screen) = x11rb::connect(Some(display)).unwrap();
        let root = &connection.setup().roots[screen];
        let window = connection.generate_id().unwrap();
        let (class, aux) = (WindowClass::INPUT_OUTPUT, CreateWindowAux::new());
        let made = connection.create_window(COPY_DEPTH_FROM_PARENT, window, root.root, 0, 0, 1, 1, 0, class, 0, &aux);
        made.unwrap().check().unwrap();
        let atom = |name: &str| connection.intern_atom(false, name.as_bytes()).unwrap().reply().unwrap().atom;
        let (clipboard, utf8, targets) = (atom("CLIPBOARD"), atom("UTF8_STRING"), atom("TARGETS"));
        Program { connection, window, clipboard, utf8, targets }
    }

    /// Answers who pastes, until somebody else copies or the screen ends.
    fn serve(&self, text: &str) {
        while let Ok(event) = self.connection.wait_for_event() {
            let request = match event {
                Event::SelectionRequest(request) => request,
                Event::SelectionClear(_) => break,
                _ => continue,
            };
            let (to, property, connection) = (request.requestor, request.property, &self.connection);
            let answered = if request.target == self.targets {
                connection.change_property32(PropMode::REPLACE, to, property, AtomEnum::ATOM, &[self.utf8])
            } else {
                connection.change_property8(PropMode::REPLACE, to, property, self.utf8, text.as_bytes())
            };
            answered.unwrap().check().unwrap();
            let notice = SelectionNotifyEvent {
                response_type: x11rb::protocol::xproto::SELECTION_NOTIFY_EVENT,
                sequence: 0,
                time: request.time,
                requestor: to,
                selection: request.selection,
                target: request.target,
                property,
            };
            connection.send_event(false, to, EventMask::NO_EVENT, notice).unwrap().check().unwrap();
        }
    }
}

impl Screen {
    /// Another program copies a text.
    pub(crate) fn copy_elsewhere(&self, text: &'static str) {
        let program = Program::start(&self.display);
        let owned = program.connection.set_selection_owner(program.window, program.clipboard, x11rb::CURRENT_TIME);
        owned.unwrap().check().unwrap();
        std::thread::spawn(move || program.serve(text));
    }

    /// Another program pastes what was copied, once somebody has copied something.
    pub(crate) fn paste_elsewhere(&self) -> String {
        let Program { connection, window, clipboard, utf8, .. } = Program::start(&self.display);
        let began = Instant::now();
        loop {
            assert!(began.elapsed() < PATIENCE, "nobody has copied anything");
            let asked = connection.convert_selection(window, clipboard, utf8, utf8, x11rb::CURRENT_TIME);
            asked.unwrap().check().unwrap();
            if let Event::SelectionNotify(notice) = connection.wait_for_event().unwrap()
                && notice.property != x11rb::NONE
            {
                let text = connection.get_property(true, window, utf8, utf8, 0, 1 << 16).unwrap().reply().unwrap();
                return String::from_utf8(text.value).unwrap();
            }
            sleep(Duration::from_millis(100));
        }
    }
}
