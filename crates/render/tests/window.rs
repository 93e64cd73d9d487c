//! The swapchain: frames in a real window, under an X server of the test's own.
//!
//! The outer test starts Xvfb with its screen in a file and runs the inner one in a process of its own, which draws
//! and then looks at that file: what counts is what the X server shows.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod stage;

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use stage::{LIMITS, view};
use voltrum_memory::{Arena, Scope, Tag};
use voltrum_platform::events::{self, EventLimits};
use voltrum_platform::input;
use voltrum_platform::window::{self, WindowConfig, WindowMode};
use voltrum_render::{
    Background, FrameStatus, GpuConfig, RenderPacket, RendererState, TargetId, UiCommand, UiPacket, UiTexture,
    UiVertex, View, gpu, renderer,
};

struct Server {
    process: Child,
    folder: std::path::PathBuf,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn a_window_shows_the_ui_survives_resizes_and_skips_without_area() {
    if Command::new("Xvfb").arg("-help").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
        println!("left out: Xvfb is not installed (apt-get install xvfb)");
        return;
    }
    let folder = std::env::temp_dir().join(format!("voltrum-render-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut process = Command::new("Xvfb")
        .args(["-displayfd", "1", "-screen", "0", "640x480x24", "-nolisten", "tcp", "-fbdir"])
        .arg(&folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut display = String::new();
    let mut lines = std::io::BufReader::new(process.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut lines, &mut display).unwrap();
    let server = Server { process, folder };
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "inside_an_x_server", "--ignored", "--nocapture"])
        .env("DISPLAY", format!(":{}", display.trim()))
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("WAYLAND_SOCKET")
        .env("VOLTRUM_SCREEN", server.folder.join("Xvfb_screen0"))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A pixel of the X server's screen: the file is an X window dump with 32 bits a pixel, blue first.
fn screen_pixel(x: usize, y: usize) -> [u8; 3] {
    let dump = std::fs::read(std::env::var_os("VOLTRUM_SCREEN").unwrap()).unwrap();
    let word = |index: usize| {
        u32::from_be_bytes([dump[index * 4], dump[index * 4 + 1], dump[index * 4 + 2], dump[index * 4 + 3]]) as usize
    };
    let (header, line, colors) = (word(0), word(12), word(19));
    let first = header + colors * 12 + y * line + x * 4;
    [dump[first + 2], dump[first + 1], dump[first]]
}

/// A target over the whole display, and a red square from (10, 10) to (50, 50).
fn ui_frame(
    renderer: &mut RendererState<'_>,
    target: TargetId,
    [width, height]: [f32; 2],
    window_size: [u32; 2],
) -> FrameStatus {
    let corner = |x, y, u, v, color| UiVertex { position: [x, y], uv: [u, v], color };
    let vertices = [
        corner(0.0, 0.0, 0.0, 0.0, u32::MAX),
        corner(width, 0.0, 1.0, 0.0, u32::MAX),
        corner(width, height, 1.0, 1.0, u32::MAX),
        corner(0.0, height, 0.0, 1.0, u32::MAX),
        corner(10.0, 10.0, 0.5, 0.5, 0xFF00_00FF),
        corner(50.0, 10.0, 0.5, 0.5, 0xFF00_00FF),
        corner(50.0, 50.0, 0.5, 0.5, 0xFF00_00FF),
        corner(10.0, 50.0, 0.5, 0.5, 0xFF00_00FF),
    ];
    let whole = [0.0, 0.0, width, height];
    let command =
        |texture, vertex_offset| UiCommand { clip: whole, texture, first_index: 0, index_count: 6, vertex_offset };
    let commands = [command(UiTexture::target(target), 0), command(UiTexture::texture(renderer.white_texture()), 4)];
    let ui = UiPacket {
        display_size: [width, height],
        framebuffer_scale: [1.0, 1.0],
        vertices: &vertices,
        indices: &[0, 1, 2, 0, 2, 3],
        commands: &commands,
        textures: &[],
    };
    let status = renderer::begin_frame(renderer, window_size).unwrap();
    if status == FrameStatus::Ready {
        let background = Background::Color([0.0, 0.5, 0.0, 1.0]);
        let views = [View { background, ..view(target, &[]) }];
        renderer::draw_frame(renderer, &RenderPacket { views: &views, ui: Some(ui) }).unwrap();
        renderer::end_frame(renderer).unwrap();
    }
    status
}

#[test]
#[ignore = "run by the test above, with an X server"]
fn inside_an_x_server() {
    let mut arena = Arena::try_reserve("permanent", 1 << 30).unwrap();
    let permanent: Scope<'_> = arena.open();
    let memory = permanent.tagged(Tag::PLATFORM);
    let config = WindowConfig { title: "render test", size: [320, 240], mode: WindowMode::Windowed };
    let (pump, window) = window::open(memory, &config).unwrap();
    let mut platform = voltrum_platform::startup(memory, pump, &window).unwrap();
    let mut input = input::startup(memory).unwrap();
    let mut events = events::startup(memory, EventLimits::default()).unwrap();
    let config = GpuConfig { validation: true, ..GpuConfig::default() };
    let gpu = gpu::startup(memory, Some(&window), &config).unwrap();
    {
        let mut renderer = renderer::startup(memory, &gpu, Some(&window), LIMITS).unwrap();
        let target = renderer::create_target(&mut renderer, [64, 64], 1, "viewport").unwrap();
        let mut scratch = Arena::try_reserve("scratch", 1 << 20).unwrap();
        let mut show = |size: [u32; 2]| {
            window.set_size(size);
            let start = Instant::now();
            loop {
                voltrum_platform::pump_messages(&mut platform, &mut input, &mut events).unwrap();
                let now = window.size();
                ui_frame(&mut renderer, target, now.map(|side| side as f32), now);
                // linear 0.5 is 188 in sRGB, in the window as in the picture that is read back.
                let [across, down] = now.map(|side| side as usize);
                let shown = [screen_pixel(30, 30), screen_pixel(across - 8, down - 8)];
                if now == size && shown == [[255, 0, 0], [0, 188, 0]] {
                    break;
                }
                assert!(start.elapsed() < Duration::from_secs(10), "{now:?} of {size:?}: the screen has {shown:?}");
            }
        };
        show([320, 240]);
        show([500, 300]);
        show([200, 400]);

        // A minimised window has no area: nothing is drawn, nothing breaks.
        for _ in 0..3 {
            assert_eq!(ui_frame(&mut renderer, target, [1.0, 1.0], [0, 0]), FrameStatus::Skip);
        }
        let size = window.size();
        assert_eq!(ui_frame(&mut renderer, target, [200.0, 400.0], size), FrameStatus::Ready);
        // A size that the surface does not have yet.
        for side in [100, 101, 102] {
            assert_eq!(ui_frame(&mut renderer, target, [200.0, 400.0], [side, side]), FrameStatus::Ready);
        }
        // A frame without a packet still presents, and a target can be read in the middle of one.
        renderer::begin_frame(&mut renderer, size).unwrap();
        renderer::end_frame(&mut renderer).unwrap();
        renderer::begin_frame(&mut renderer, size).unwrap();
        let views = [view(target, &[])];
        renderer::draw_frame(&mut renderer, &RenderPacket { views: &views, ui: None }).unwrap();
        renderer::read_target(&mut renderer, target, &scratch.open()).unwrap();
        renderer::end_frame(&mut renderer).unwrap();
        assert_eq!(gpu.validation_messages(), 0, "the validation layer complained, see the log");
    }
    assert_eq!((gpu.live_objects(), gpu.usage().used_bytes), (0, 0));
    assert_eq!(gpu.validation_messages(), 0, "the validation layer complained, see the log");
}
