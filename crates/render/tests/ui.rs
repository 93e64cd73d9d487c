//! The UI pass: triangles, clipping, dynamic textures, targets shown inside the UI.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod stage;

use stage::*;
use voltrum_memory::{Arena, Scope, Tag};
use voltrum_render::{
    Background, Driver, GpuConfig, GpuFaults, MaterialId, Pixels, RenderError, RenderPacket, RendererState, Shadow,
    TargetId, UiCommand, UiPacket, UiTexture, UiTextureKind, UiTextureUpdate, UiVertex, View, glam, gpu, renderer,
};

const WHITE: u32 = 0xFFFF_FFFF;
const RED: u32 = 0xFF00_00FF;

fn rectangle([left, top, right, bottom]: [f32; 4], color: u32) -> [UiVertex; 4] {
    let corner = |x, y, u, v| UiVertex { position: [x, y], uv: [u, v], color };
    [
        corner(left, top, 0.0, 0.0),
        corner(right, top, 1.0, 0.0),
        corner(right, bottom, 1.0, 1.0),
        corner(left, bottom, 0.0, 1.0),
    ]
}

const QUAD: [u16; 6] = [0, 1, 2, 0, 2, 3];

fn command(texture: UiTexture, clip: [f32; 4]) -> UiCommand {
    UiCommand { clip, texture, first_index: 0, index_count: 6, vertex_offset: 0 }
}

fn packet<'frame>(
    vertices: &'frame [UiVertex],
    commands: &'frame [UiCommand],
    textures: &'frame [UiTextureUpdate<'frame>],
) -> UiPacket<'frame> {
    UiPacket { display_size: [64.0, 64.0], framebuffer_scale: [1.0, 1.0], vertices, indices: &QUAD, commands, textures }
}

fn show<'a>(
    renderer: &mut RendererState<'_>,
    views: &[View<'_>],
    ui: UiPacket<'_>,
    memory: &Scope<'a>,
) -> Result<Pixels<'a>, RenderError> {
    renderer::begin_frame(renderer, [64, 64])?;
    let drawn = renderer::draw_frame(renderer, &RenderPacket { views, ui: Some(ui) });
    renderer::end_frame(renderer)?;
    drawn?;
    renderer::read_screen(renderer, memory)
}

fn atlas(id: u32, rgba: &[u8]) -> UiTextureUpdate<'_> {
    UiTextureUpdate { id, kind: UiTextureKind::Create { size: [2, 2] }, rgba, row_pitch: 8 }
}

const ALL: [f32; 4] = [0.0, 0.0, 64.0, 64.0];

#[test]
fn the_ui_is_drawn_where_there_is_no_memory_for_a_view() {
    static FAULTS: GpuFaults = GpuFaults::new();
    let mut arena = Arena::try_reserve("permanent", 1 << 30).unwrap();
    let permanent = arena.open();
    let memory = permanent.tagged(Tag::RENDERER);
    let config = GpuConfig { driver: Driver::Watched(&FAULTS), validation: true, ..GpuConfig::default() };
    let gpu = gpu::startup(memory, None, &config).unwrap();
    {
        let mut state = renderer::startup(memory, &gpu, None, LIMITS).unwrap();
        let renderer = &mut *state;
        let target = renderer::create_target(renderer, [32, 32], 4, "small").unwrap();
        let shadow = Shadow::Sun { center: glam::Vec3::ZERO, radius: 1.0 };
        let draws = [draw(square(renderer), MaterialId::NONE)];
        let views = [View { target, shadow, draws: &draws, ..View::default() }];
        let commands = [command(UiTexture::texture(renderer.white_texture()), ALL)];
        let vertices = rectangle([0.0, 0.0, 64.0, 64.0], RED);
        // the screen image is there
        show(renderer, &[], packet(&vertices, &commands, &[]), &permanent).unwrap();
        FAULTS.fail_device(0);
        let blue = rectangle([0.0, 0.0, 64.0, 64.0], 0xFFFF_0000);
        let shown = show(renderer, &views, packet(&blue, &commands, &[]), &permanent);
        FAULTS.end();
        assert!(shown.is_err_and(|error| error.is_out_of_memory()));
        let pixels = renderer::read_screen(renderer, &permanent).unwrap();
        assert_eq!(pixels.at(40, 40), [0, 0, 255, 255]);
    }
    assert_eq!((gpu.live_objects(), gpu.validation_messages()), (0, 0));
}

#[test]
fn rectangles_land_where_they_should_y_down_and_clipped() {
    perform(LIMITS, |renderer, _, scope| {
        let white = [255; 16];
        let vertices = rectangle([8.0, 4.0, 40.0, 60.0], RED);
        let commands = [command(UiTexture::atlas(7), [0.0, 0.0, 64.0, 30.0])];
        let pixels = show(renderer, &[], packet(&vertices, &commands, &[atlas(7, &white)]), scope).unwrap();
        keep(&pixels, "ui.png");
        assert_eq!(pixels.at(20, 10), [255, 0, 0, 255], "inside");
        assert_eq!(pixels.at(20, 29), [255, 0, 0, 255], "the last row within the clip");
        assert_eq!(pixels.at(20, 30), [0, 0, 0, 255], "clipped");
        assert_eq!(pixels.at(4, 10), [0, 0, 0, 255], "left of it");
        assert_eq!(pixels.at(20, 2), [0, 0, 0, 255], "above it");
    });
}

#[test]
fn colors_are_srgb_bytes_and_blend_as_such() {
    perform(LIMITS, |renderer, _, scope| {
        let white = [255; 16];
        let vertices = rectangle(ALL, 0x80FF_FFFF);
        let commands = [command(UiTexture::atlas(0), ALL)];
        let pixels = show(renderer, &[], packet(&vertices, &commands, &[atlas(0, &white)]), scope).unwrap();
        assert_near(pixels.at(9, 9), [128, 128, 128, 255], 1, "half of white over black");
    });
}

#[test]
fn a_target_shown_in_the_ui_has_the_bytes_that_are_read_back() {
    perform(LIMITS, |renderer, _, scope| {
        let target = renderer::create_target(renderer, [64, 64], 4, "viewport").unwrap();
        let background = Background::Gradient { top: [0.8, 0.2, 0.1, 1.0], bottom: [0.01, 0.02, 0.3, 1.0] };
        let shown = View { background, ..view(target, &[]) };
        let vertices = rectangle(ALL, WHITE);
        let commands = [command(UiTexture::target(target), ALL)];
        let screen = show(renderer, &[shown], packet(&vertices, &commands, &[]), scope).unwrap();
        let direct = renderer::read_target(renderer, target, scope).unwrap();
        let worst = screen.rgba.iter().zip(direct.rgba.iter()).map(|(a, b)| a.abs_diff(*b)).max();
        assert_eq!(worst, Some(0));
    });
}

#[test]
fn ui_textures_can_be_made_changed_and_destroyed() {
    perform(LIMITS, |renderer, gpu, scope| {
        let base = gpu.usage();
        let black = [0, 0, 0, 255].repeat(4);
        let vertices = rectangle(ALL, WHITE);
        let commands = [command(UiTexture::atlas(3), ALL)];
        show(renderer, &[], packet(&vertices, &commands, &[atlas(3, &black)]), scope).unwrap();
        // The right column turns green; the rows of the source are further apart than the rectangle is wide.
        let green = [0, 255, 0, 255, 9, 9, 9, 9, 0, 255, 0, 255];
        let kind = UiTextureKind::Update { origin: [1, 0], size: [1, 2] };
        let update = UiTextureUpdate { id: 3, kind, rgba: &green, row_pitch: 8 };
        let pixels = show(renderer, &[], packet(&vertices, &commands, &[update]), scope).unwrap();
        assert_eq!(pixels.at(60, 32), [0, 255, 0, 255]);
        assert_eq!(pixels.at(3, 32), [0, 0, 0, 255]);
        let gone = UiTextureUpdate { id: 3, kind: UiTextureKind::Destroy, rgba: &[], row_pitch: 0 };
        let pixels = show(renderer, &[], packet(&vertices, &commands, &[gone]), scope).unwrap();
        assert_eq!(pixels.at(4, 4), [40, 10, 40, 255], "what is missing shows the checker");
        renderer::wait_idle(renderer).unwrap();
        let tag = voltrum_render::GpuTag::Ui;
        assert_eq!(gpu.usage().tag(tag), base.tag(tag));
        // A large atlas goes through a staging buffer of its own.
        let large = [255; 1024 * 1024 * 4].as_slice();
        let kind = UiTextureKind::Create { size: [1024, 1024] };
        let update = UiTextureUpdate { id: 3, kind, rgba: large, row_pitch: 4096 };
        let pixels = show(renderer, &[], packet(&vertices, &commands, &[update]), scope).unwrap();
        assert_eq!(pixels.at(4, 4), [255, 255, 255, 255]);
    });
}

#[test]
fn updates_that_do_not_add_up_are_refused_and_the_frame_goes_on() {
    perform(LIMITS, |renderer, _, scope| {
        let vertices = rectangle(ALL, WHITE);
        let commands = [command(UiTexture::atlas(1), ALL)];
        let short = [0; 8];
        let refused = show(renderer, &[], packet(&vertices, &commands, &[atlas(1, &short)]), scope);
        assert!(matches!(refused, Err(RenderError::UiTexture { id: 1, .. })), "{refused:?}");
        let kind = UiTextureKind::Update { origin: [1, 1], size: [2, 2] };
        let outside = UiTextureUpdate { id: 1, kind, rgba: &[0; 64], row_pitch: 8 };
        let refused = show(renderer, &[], packet(&vertices, &commands, &[outside]), scope);
        assert!(matches!(refused, Err(RenderError::UiTexture { .. })), "{refused:?}");
        // Commands that reach past the buffers, and textures that name nothing.
        let commands = [
            UiCommand { first_index: 3, ..command(UiTexture::atlas(1), ALL) },
            UiCommand { vertex_offset: 400, ..command(UiTexture::atlas(1), ALL) },
            UiCommand { first_index: u32::MAX, index_count: u32::MAX, ..command(UiTexture::atlas(1), ALL) },
            command(UiTexture::from_bits(0), ALL),
            command(UiTexture::target(TargetId::NONE), ALL),
            command(UiTexture::from_bits(u64::MAX), [0.0, 0.0, f32::INFINITY, f32::NAN]),
        ];
        show(renderer, &[], packet(&vertices, &commands, &[]), scope).unwrap();
    });
}

#[test]
fn drawing_without_a_frame_is_an_error_and_beginning_twice_is_not() {
    perform(LIMITS, |renderer, _, scope| {
        let empty = RenderPacket::default();
        assert!(matches!(renderer::draw_frame(renderer, &empty), Err(RenderError::NoFrame)));
        assert!(matches!(renderer::end_frame(renderer), Err(RenderError::NoFrame)));
        assert!(matches!(renderer::read_screen(renderer, scope), Err(RenderError::TargetEmpty)));
        renderer::begin_frame(renderer, [8, 8]).unwrap();
        renderer::begin_frame(renderer, [8, 8]).unwrap();
        renderer::end_frame(renderer).unwrap();
        assert!(matches!(renderer::end_frame(renderer), Err(RenderError::NoFrame)));
    });
}

#[test]
fn the_screen_follows_the_size_of_the_window() {
    perform(LIMITS, |renderer, _, scope| {
        let white = [255; 16];
        let vertices = rectangle(ALL, WHITE);
        let commands = [command(UiTexture::atlas(0), [0.0, 0.0, 1000.0, 1000.0])];
        for side in [64, 32, 0, 100] {
            renderer::begin_frame(renderer, [side, side]).unwrap();
            let update = [atlas(0, &white)];
            let ui = Some(packet(&vertices, &commands, &update));
            renderer::draw_frame(renderer, &RenderPacket { views: &[], ui }).unwrap();
            renderer::end_frame(renderer).unwrap();
            match renderer::read_screen(renderer, scope) {
                Ok(pixels) => assert_eq!(pixels.size, [side, side]),
                Err(error) => assert!(side == 0 && matches!(error, RenderError::TargetEmpty), "{error}"),
            }
        }
    });
}
