//! Draws a tool's panels into a PNG without window or GPU, to see the theme: `gallery OUT.png [SCALE]`.
#![allow(clippy::expect_used, reason = "an example may fail loudly")]

mod panels;
mod raster;

use panels::{Panels, draw, layout};
use raster::Canvas;
use std::fs::File;
use std::io::BufWriter;
use voltrum_memory::{Arena, Tag};
use voltrum_platform::input;
use voltrum_ui::{self as ui, UiConfig};

/// Windows find their size over some frames; this one is shown.
const LAST: usize = 5;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().unwrap_or_else(|| "gallery.png".to_owned());
    let scale: f32 = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(1.0);
    let size = [(1280.0 * scale) as u32, (720.0 * scale) as u32];

    let mut permanent = Arena::try_reserve("permanent", 16 << 20).expect("address space");
    let mut frames = Arena::try_reserve("frame", 64 << 20).expect("address space");
    let permanent = permanent.open();
    let input = input::startup(permanent.tagged(Tag::INPUT)).expect("input");
    let config = UiConfig { layout: Some(layout), ..UiConfig::default() };
    let mut interface = ui::startup(permanent.tagged(Tag::UI), config).expect("interface");
    let mut canvas = Canvas::new(size);
    let mut panels = Panels::new();
    for turn in 0..=LAST {
        let frame = frames.open();
        ui::begin_frame(&mut interface, &input, 1.0 / 60.0, size, scale);
        draw(ui::widgets(&interface).expect("a frame is open"), &mut panels);
        let packet = ui::end_frame(&mut interface, &frame).expect("packet");
        canvas.update(&packet);
        if turn == LAST {
            canvas.paint(&packet);
        }
    }
    write_png(&path, size, &canvas.to_bytes()).expect("the PNG can be written");
}

fn write_png(path: &str, size: [u32; 2], rgb: &[u8]) -> Result<(), png::EncodingError> {
    let mut encoder = png::Encoder::new(BufWriter::new(File::create(path)?), size[0], size[1]);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header()?.write_image_data(rgb)
}
