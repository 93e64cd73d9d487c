//! Shaders of a folder that can be written to, and something of all that they draw.

#![allow(dead_code, unreachable_pub, reason = "each test binary uses its own part")]
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use crate::gallery::{self, ball, studio};
use crate::stage::{self, matt};
use std::fs;
use std::path::Path;
use tempfile::TempDir;
use voltrum_memory::Scope;
use voltrum_render::{
    Draw, LiveShaders, MaterialDesc, RenderPacket, RendererState, Shadow, TargetId, UiCommand, UiPacket, UiTexture,
    UiVertex, View, renderer,
};

/// The whole of `fs_unlit`'s body, and another one.
pub const UNLIT: [&str; 2] =
    ["return vec4<f32>(tone_map(shade_unlit(in).radiance), 1.0);", "return vec4<f32>(0.0, 1.0, 0.0, 1.0);"];

/// The shaders of this crate in a folder that can be written to.
pub fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("shaders");
    fs::create_dir(folder.path().join("parts")).unwrap();
    for part in ["", "parts"] {
        for entry in fs::read_dir(from.join(part)).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_file() {
                fs::copy(entry.path(), folder.path().join(part).join(entry.file_name())).unwrap();
            }
        }
    }
    folder
}

/// Replaces what a file says once.
pub fn edit(folder: &TempDir, file: &str, from: &str, to: &str) {
    let path = folder.path().join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} says no {from:?} any more");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

pub fn read(folder: &TempDir) -> LiveShaders {
    LiveShaders::read(folder.path()).unwrap()
}

/// Something of all that there is to draw: a lit ball with a shadow, an unlit one, the sky, the grid.
pub struct Show {
    target: TargetId,
    draws: [Draw; 2],
}

impl Show {
    pub fn new(renderer: &mut RendererState<'_>) -> Show {
        let ball = ball(renderer);
        let lit = renderer::create_material(renderer, &matt([0.8, 0.3, 0.2, 1.0])).unwrap();
        let unlit = MaterialDesc { unlit: true, ..matt([0.1, 0.2, 0.9, 1.0]) };
        let unlit = renderer::create_material(renderer, &unlit).unwrap();
        let draw = |index, material| Draw { mesh: ball, material, world: gallery::in_row(index, 2), ..Draw::default() };
        Show { target: gallery::canvas(renderer), draws: [draw(0, lit), draw(1, unlit)] }
    }

    pub fn view(&self) -> View<'_> {
        let shadow = Shadow::Sun { center: voltrum_render::glam::Vec3::ZERO, radius: 4.0 };
        View { grid: true, shadow, ..studio(self.target, &self.draws) }
    }

    /// A frame with something of the interface, too.
    pub fn frame(&self, renderer: &mut RendererState<'_>) {
        renderer::begin_frame(renderer, [64, 64]).unwrap();
        let packet = RenderPacket { views: &[self.view()], ui: Some(triangle()) };
        renderer::draw_frame(renderer, &packet).unwrap();
        renderer::end_frame(renderer).unwrap();
    }

    pub fn picture(&self, renderer: &mut RendererState<'_>, scope: &Scope<'_>) -> Vec<u8> {
        stage::picture(renderer, self.view(), scope).rgba.to_vec()
    }
}

fn triangle() -> UiPacket<'static> {
    const fn corner(x: f32, y: f32) -> UiVertex {
        UiVertex { position: [x, y], uv: [0.0; 2], color: u32::MAX }
    }
    const VERTICES: [UiVertex; 3] = [corner(0.0, 0.0), corner(40.0, 0.0), corner(40.0, 40.0)];
    UiPacket {
        display_size: [64.0; 2],
        framebuffer_scale: [1.0; 2],
        vertices: &VERTICES,
        indices: &[0, 1, 2],
        commands: const {
            &[UiCommand {
                clip: [0.0, 0.0, 64.0, 64.0],
                texture: UiTexture::atlas(0),
                first_index: 0,
                index_count: 3,
                vertex_offset: 0,
            }]
        },
        textures: &[],
    }
}
