//! The renderer draws a packet as a plain rasteriser draws it: textures, clipping, colours.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

#[path = "../examples/gallery/panels.rs"]
mod panels;
#[path = "../examples/gallery/raster.rs"]
mod raster;
mod support;

use panels::{Panels, draw, layout};
use raster::Canvas;
use support::{Stage, permanent};
use voltrum_memory::{Arena, Tag};
use voltrum_render::{GpuConfig, RenderPacket, RendererLimits, gpu, renderer};
use voltrum_ui::UiConfig;

#[test]
fn the_gpu_draws_the_panels_as_the_rasteriser_does() {
    let mut permanent_arena = Arena::try_reserve("permanent", 1 << 30).expect("address space");
    let mut scratch = Arena::try_reserve("scratch", 64 << 20).expect("address space");
    let memory = permanent_arena.open();
    let config = GpuConfig { validation: true, ..GpuConfig::default() };
    let gpu = gpu::startup(memory.tagged(Tag::RENDERER), None, &config).expect("a Vulkan device");
    {
        let mut state =
            renderer::startup(memory.tagged(Tag::RENDERER), &gpu, None, RendererLimits::default()).expect("renderer");
        let mut ui_arena = permanent();
        let ui_scope = ui_arena.open();
        let mut stage = Stage::new(ui_scope.tagged(Tag::UI), UiConfig { layout: Some(layout), ..UiConfig::default() });
        stage.size = [640, 400];
        let mut canvas = Canvas::new(stage.size);
        let mut panels = Panels::new();
        for frame in 0..8 {
            // another size of the font on the way: the atlas is updated and grows
            stage.scale = if frame < 4 { 1.5 } else { 1.0 };
            let size = stage.size;
            stage.frame(
                |ui| draw(ui, &mut panels),
                |packet| {
                    canvas.update(packet);
                    if frame == 7 {
                        canvas.paint(packet);
                    }
                    renderer::begin_frame(&mut state, size).expect("a frame begins");
                    let packet = RenderPacket { views: &[], ui: Some(*packet) };
                    renderer::draw_frame(&mut state, &packet).expect("the packet is drawn");
                    renderer::end_frame(&mut state).expect("a frame ends");
                },
            );
        }
        let scope = scratch.open();
        let pixels = renderer::read_screen(&mut state, &scope).expect("the screen can be read");
        assert_eq!(pixels.size, stage.size);
        let gpu_bytes: Vec<u8> = pixels.rgba.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
        compare(&gpu_bytes, &canvas.to_bytes());
    }
    assert_eq!(gpu.validation_messages(), 0, "the validation layer complained, see the log");
}

/// Almost all bytes are equal to within rounding; edges of triangles may fall on either side of a pixel.
fn compare(gpu: &[u8], cpu: &[u8]) {
    assert_eq!(gpu.len(), cpu.len());
    let differs = |limit: u8| gpu.iter().zip(cpu).filter(|(a, b)| a.abs_diff(**b) > limit).count();
    let lit = cpu.iter().filter(|&&byte| byte > 128).count();
    assert!(lit > cpu.len() / 100, "the picture is dark");
    let (rounded, off) = (differs(3), differs(48));
    println!("{} bytes, {rounded} differ by more than 3, {off} by more than 48", cpu.len());
    assert!(rounded < cpu.len() / 200, "{rounded} of {} bytes differ by more than 3", cpu.len());
    assert!(off < cpu.len() / 2000, "{off} of {} bytes differ by more than 48", cpu.len());
}
