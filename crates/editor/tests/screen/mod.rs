//! A real window on an X server of the test's own, worked by synthetic mouse and keyboard.
//!
//! Needs Xvfb, xdotool and ImageMagick's `import`; `cargo xtask test` installs them. The screenshots stay in the target
//! folder's `tmp`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail loudly")]
#![allow(dead_code, reason = "each test binary uses its part")]

mod clipboard;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{ClientMessageEvent, ConnectionExt, CreateWindowAux, EventMask, PropMode, WindowClass};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

pub(crate) const PATIENCE: Duration = Duration::from_secs(90);
pub(crate) const SCREEN: [usize; 2] = [1_600, 900];
/// The corner of the viewport in which the axes are drawn, in pixels.
const AXES: usize = 80;
/// The line that the interface draws around a panel, in pixels.
const BORDER: usize = 2;

/// A process that ends with the test.
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// An X server without a window manager.
pub(crate) struct Screen {
    _server: Running,
    display: String,
}

impl Screen {
    pub(crate) fn start() -> Screen {
        Screen::start_sized(SCREEN)
    }

    pub(crate) fn start_sized([width, height]: [usize; 2]) -> Screen {
        let size = format!("{width}x{height}x24");
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", &size, "-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb is missing; apt-get install xvfb");
        let mut number = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut number).unwrap();
        assert!(!number.trim().is_empty(), "Xvfb found no free display");
        Screen { _server: Running(server), display: format!(":{}", number.trim()) }
    }

    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("DISPLAY", &self.display).env_remove("WAYLAND_DISPLAY").env_remove("WAYLAND_SOCKET");
        command
    }

    /// Runs xdotool and gives what it prints.
    pub(crate) fn xdotool(&self, arguments: &[&str]) -> String {
        let output = self.command("xdotool").args(arguments).output();
        let output = output.expect("xdotool is missing; apt-get install xdotool");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    pub(crate) fn screenshot(&self, name: &str) -> Picture {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("window-{name}.png"));
        let status = self.command("import").args(["-window", "root", "-depth", "8"]).arg(&path).status();
        assert!(status.expect("import is missing; apt-get install imagemagick").success());
        Picture::read(&path)
    }

    /// Takes screenshots until one is as it should be, for as long as patience lasts; the last one. A busy machine shows
    /// seconds later what was done.
    pub(crate) fn screenshot_when(&self, name: &str, is_so: impl Fn(&Picture) -> bool) -> Picture {
        let began = Instant::now();
        loop {
            let picture = self.screenshot(name);
            if is_so(&picture) || began.elapsed() > PATIENCE {
                return picture;
            }
            sleep(Duration::from_millis(500));
        }
    }

    /// Asks a window to close, as a window manager's button does (ICCCM 4.2.8.1).
    pub(crate) fn close_window(&self, window: u32) {
        let (connection, _) = x11rb::connect(Some(&self.display)).unwrap();
        let atom = |name: &str| connection.intern_atom(false, name.as_bytes()).unwrap().reply().unwrap().atom;
        let (protocols, delete) = (atom("WM_PROTOCOLS"), atom("WM_DELETE_WINDOW"));
        let event = ClientMessageEvent::new(32, window, protocols, [delete, 0, 0, 0, 0]);
        // checked: the connection must not end before the server has read this
        connection.send_event(false, window, EventMask::NO_EVENT, event).unwrap().check().unwrap();
    }
}

/// What a desktop tells its programs (XSETTINGS): how many dots per inch there are. There as long as this is.
pub(crate) struct Desktop {
    connection: RustConnection,
    window: u32,
    serial: u32,
}

impl Desktop {
    /// 96 is an ordinary screen.
    pub(crate) fn start(screen: &Screen, dpi: u32) -> Desktop {
        let (connection, at) = x11rb::connect(Some(&screen.display)).unwrap();
        let (window, root) = (connection.generate_id().unwrap(), connection.setup().roots[at].root);
        let (class, nothing) = (WindowClass::INPUT_OUTPUT, CreateWindowAux::new());
        connection.create_window(0, window, root, 0, 0, 1, 1, 0, class, 0, &nothing).unwrap().check().unwrap();
        let selection = format!("_XSETTINGS_S{at}");
        let selection = connection.intern_atom(false, selection.as_bytes()).unwrap().reply().unwrap().atom;
        connection.set_selection_owner(window, selection, x11rb::CURRENT_TIME).unwrap().check().unwrap();
        let mut desktop = Desktop { connection, window, serial: 0 };
        desktop.set_dpi(dpi);
        desktop
    }

    pub(crate) fn set_dpi(&mut self, dpi: u32) {
        self.serial += 1;
        let name = b"Xft/DPI\0";
        // byte order, serial, how many settings; an integer, its name with its length, serial, value (XSETTINGS 0.5)
        let mut bytes = vec![0, 0, 0, 0];
        bytes.extend([self.serial, 1].map(u32::to_le_bytes).concat());
        bytes.extend([0, 0, 7, 0]);
        bytes.extend(name);
        bytes.extend([self.serial, dpi * 1_024].map(u32::to_le_bytes).concat());
        let connection = &self.connection;
        let atom = connection.intern_atom(false, b"_XSETTINGS_SETTINGS").unwrap().reply().unwrap().atom;
        connection.change_property8(PropMode::REPLACE, self.window, atom, atom, &bytes).unwrap().check().unwrap();
    }
}

/// Opaque pixels.
pub(crate) struct Picture {
    pub(crate) size: [usize; 2],
    pub(crate) rgb: Vec<u8>,
}

impl Picture {
    pub(crate) fn read(path: &Path) -> Picture {
        let mut decoder = png::Decoder::new(BufReader::new(fs::File::open(path).unwrap()));
        decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::STRIP_16);
        let mut reader = decoder.read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut bytes).unwrap();
        let step = info.color_type.samples();
        let rgb =
            bytes[..info.buffer_size()].chunks_exact(step).flat_map(|p| [p[0], p[1 % step], p[2 % step]]).collect();
        Picture { size: [info.width as usize, info.height as usize], rgb }
    }

    pub(crate) fn at(&self, x: usize, y: usize) -> [u8; 3] {
        let first = (y * self.size[0] + x) * 3;
        [self.rgb[first], self.rgb[first + 1], self.rgb[first + 2]]
    }

    pub(crate) fn cut(&self, [left, top, width, height]: [usize; 4]) -> Picture {
        let rows = (top..top + height).flat_map(|y| (left..left + width).flat_map(move |x| self.at(x, y)));
        Picture { size: [width, height], rgb: rows.collect() }
    }

    /// For each pixel that the scene alone draws, how far its worst channel is off.
    pub(crate) fn differences(&self, other: &Picture) -> Vec<u8> {
        assert_eq!(self.size, other.size);
        let [width, height] = self.size;
        let rows = BORDER..height - BORDER;
        let inside = rows.flat_map(|y| (BORDER..width - BORDER).map(move |x| (x, y)));
        let outside_of_axes = inside.filter(|(x, y)| *x >= AXES || *y + AXES < height);
        let off = |(x, y)| {
            let (a, b) = (self.at(x, y), other.at(x, y));
            (0..3).map(|channel| a[channel].abs_diff(b[channel])).max().unwrap()
        };
        outside_of_axes.map(off).collect()
    }

    /// Which share of the pixels is off by more than `tolerance`.
    pub(crate) fn share_off_by(&self, other: &Picture, tolerance: u8) -> f64 {
        let differences = self.differences(other);
        differences.iter().filter(|off| **off > tolerance).count() as f64 / differences.len() as f64
    }
}

/// The editor, its log, and where its viewport is.
pub(crate) struct Session<'s> {
    screen: &'s Screen,
    pub(crate) process: Running,
    log: PathBuf,
    pub(crate) window: u32,
}

impl Session<'_> {
    pub(crate) fn start<'s>(screen: &'s Screen, file: &Path, folder: &Path) -> Session<'s> {
        Session::start_on(screen, &[file], folder)
    }

    /// Starts the editor on a file or on none, and waits until something is open.
    pub(crate) fn start_on<'s>(screen: &'s Screen, file: &[&Path], folder: &Path) -> Session<'s> {
        Session::start_with(screen, file, folder, &[])
    }

    /// As [`Session::start_on`], with variables of the environment.
    pub(crate) fn start_with<'s>(
        screen: &'s Screen,
        file: &[&Path],
        folder: &Path,
        variables: &[(&str, &str)],
    ) -> Session<'s> {
        let log = folder.join("editor.log");
        // what an editor before this one said is no word of this one
        let _ = fs::remove_file(&log);
        let process = screen
            .command(env!("CARGO_BIN_EXE_voltrum"))
            .envs(variables.iter().copied())
            .args(file)
            .arg("--validate")
            .arg("--config")
            .arg(folder.join("config"))
            .arg(format!("--log=debug={}", log.display()))
            .stderr(fs::File::create(folder.join("stderr")).unwrap())
            .spawn()
            .unwrap();
        let mut session = Session { screen, process: Running(process), log, window: 0 };
        session.wait_for("opened path=");
        let process = session.process.0.id().to_string();
        let found = screen.xdotool(&["search", "--all", "--pid", &process, "--name", "Voltrum"]);
        session.window = found.parse().expect("the window has no title");
        // no window manager is there to do it
        screen.xdotool(&["windowfocus", "--sync", &session.window.to_string()]);
        session
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    pub(crate) fn wait_for(&mut self, words: &str) {
        let began = Instant::now();
        while !self.log().contains(words) {
            assert_eq!(self.process.0.try_wait().unwrap(), None, "the editor ended: {}", self.log());
            assert!(began.elapsed() < PATIENCE, "`{words}` never came: {}", self.log());
            sleep(Duration::from_millis(50));
        }
    }

    /// Left, top, width, height of the viewport, as the log told last.
    pub(crate) fn viewport(&self) -> [usize; 4] {
        self.place("viewport placed")
    }

    /// Left, top, width, height, as the log told last in these words.
    pub(crate) fn place(&self, words: &str) -> [usize; 4] {
        let log = self.log();
        let line = log.lines().rfind(|line| line.contains(words)).expect(words);
        let numbers = line.split(['[', ']', ',']).filter_map(|part| part.trim().parse::<f32>().ok());
        let place: Vec<usize> = numbers.map(|number| number as usize).collect();
        place.try_into().expect("four numbers")
    }

    pub(crate) fn open_by_path_field(&mut self, path: &Path, until: &str) {
        let shown = |session: &Self| session.log().matches("path field shown").count();
        let (before, began) = (shown(self), Instant::now());
        self.screen.xdotool(&["key", "ctrl+o"]);
        while shown(self) == before {
            assert!(began.elapsed() < PATIENCE, "the path field does not show");
            sleep(Duration::from_millis(50));
        }
        // the field takes the keyboard a few frames later
        sleep(Duration::from_millis(1_500));
        self.screen.xdotool(&["key", "ctrl+a"]);
        self.screen.xdotool(&["type", "--delay", "40", path.to_str().unwrap()]);
        sleep(Duration::from_millis(1_500));
        self.screen.xdotool(&["key", "Return"]);
        self.wait_for(until);
        // the pop-up fades and the first frames of the new scene are drawn
        sleep(Duration::from_millis(2_000));
    }

    pub(crate) fn orbit(&self) {
        let [left, top, width, height] = self.viewport();
        let [x, y] = [(left + width / 2).to_string(), (top + height / 2).to_string()];
        self.screen.xdotool(&["mousemove", &x, &y]);
        sleep(Duration::from_millis(500));
        self.screen.xdotool(&["mousedown", "1"]);
        for _ in 0..6 {
            sleep(Duration::from_millis(200));
            self.screen.xdotool(&["mousemove_relative", "--", "-14", "6"]);
        }
        sleep(Duration::from_millis(500));
        self.screen.xdotool(&["mouseup", "1"]);
        sleep(Duration::from_millis(2_000));
    }

    /// Waits until the log has said something `count` times.
    pub(crate) fn wait_for_count(&mut self, words: &str, count: usize) {
        let began = Instant::now();
        while self.log().matches(words).count() < count {
            assert_eq!(self.process.0.try_wait().unwrap(), None, "the editor ended: {}", self.log());
            assert!(began.elapsed() < PATIENCE, "`{words}` came less than {count} times: {}", self.log());
            sleep(Duration::from_millis(50));
        }
    }

    /// The window's title.
    pub(crate) fn title(&self) -> String {
        self.screen.xdotool(&["getwindowname", &self.window.to_string()])
    }

    /// Waits until the title is this.
    pub(crate) fn wait_for_title(&mut self, title: &str) {
        let began = Instant::now();
        while self.title() != title {
            assert_eq!(self.process.0.try_wait().unwrap(), None, "the editor ended: {}", self.log());
            assert!(began.elapsed() < PATIENCE, "the title is {:?}, not {title:?}: {}", self.title(), self.log());
            sleep(Duration::from_millis(100));
        }
    }

    pub(crate) fn click(&self, [x, y]: [usize; 2]) {
        self.screen.xdotool(&["mousemove", &x.to_string(), &y.to_string()]);
        sleep(Duration::from_millis(700));
        self.screen.xdotool(&["click", "1"]);
        sleep(Duration::from_millis(700));
    }

    pub(crate) fn key(&self, key: &str) {
        self.screen.xdotool(&["key", key]);
        sleep(Duration::from_millis(700));
    }

    /// Asks the window to close, and waits until the editor has ended; what it said.
    pub(crate) fn close(mut self, folder: &Path) -> String {
        self.screen.close_window(self.window);
        self.wait_for_end(folder)
    }

    /// Waits until the editor has ended by itself and without a complaint; what it said.
    pub(crate) fn wait_for_end(&mut self, folder: &Path) -> String {
        let began = Instant::now();
        let status = loop {
            if let Some(status) = self.process.0.try_wait().unwrap() {
                break status;
            }
            assert!(began.elapsed() < PATIENCE, "the editor does not end: {}", self.log());
            sleep(Duration::from_millis(50));
        };
        let told = fs::read_to_string(folder.join("stderr")).unwrap() + &self.log();
        assert_eq!(status.code(), Some(0), "{told}");
        for word in ["VUID", "validation", "panicked", "leak"] {
            assert!(!told.to_lowercase().contains(&word.to_lowercase()), "{told}");
        }
        told
    }
}
