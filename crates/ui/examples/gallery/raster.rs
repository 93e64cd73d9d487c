//! A small rasteriser for interface packets: what the renderer does on the GPU, pixel by pixel.

use std::collections::HashMap;
use voltrum_render::{UiPacket, UiTexture, UiTextureKind, UiVertex};

struct Texture {
    size: [u32; 2],
    rgba: Vec<u8>,
}

/// An image, and the textures that packets have told of.
pub(crate) struct Canvas {
    size: [u32; 2],
    pixels: Vec<[f32; 3]>,
    textures: HashMap<u64, Texture>,
}

impl Canvas {
    pub(crate) fn new(size: [u32; 2]) -> Canvas {
        Canvas { size, pixels: vec![[0.0; 3]; (size[0] * size[1]) as usize], textures: HashMap::new() }
    }

    /// Takes in what a packet tells of textures; every packet's, in order.
    pub(crate) fn update(&mut self, packet: &UiPacket<'_>) {
        for update in packet.textures {
            let key = UiTexture::atlas(update.id).bits();
            match update.kind {
                UiTextureKind::Create { size } => {
                    self.textures.insert(key, Texture { size, rgba: update.rgba.to_vec() });
                }
                UiTextureKind::Update { origin, size } => {
                    let texture = self.textures.get_mut(&key).expect("made before it is updated");
                    for y in 0..size[1] {
                        let from = (y * update.row_pitch) as usize;
                        let to = (((origin[1] + y) * texture.size[0] + origin[0]) * 4) as usize;
                        let bytes = (size[0] * 4) as usize;
                        texture.rgba[to..to + bytes].copy_from_slice(&update.rgba[from..from + bytes]);
                    }
                }
                UiTextureKind::Destroy => drop(self.textures.remove(&key)),
            }
        }
    }

    /// Draws a packet over black.
    pub(crate) fn paint(&mut self, packet: &UiPacket<'_>) {
        self.pixels.fill([0.0; 3]);
        for command in packet.commands {
            let Some(texture) = self.textures.get(&command.texture.bits()) else { continue };
            let range = command.first_index as usize..(command.first_index + command.index_count) as usize;
            for corner in packet.indices[range].chunks_exact(3) {
                let vertex = |at: usize| packet.vertices[command.vertex_offset as usize + usize::from(corner[at])];
                triangle(&mut self.pixels, self.size, texture, command.clip, [vertex(0), vertex(1), vertex(2)]);
            }
        }
    }

    /// Red, green, blue, row by row.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        self.pixels.iter().flatten().map(|part| (part * 255.0 + 0.5) as u8).collect()
    }
}

fn triangle(pixels: &mut [[f32; 3]], size: [u32; 2], texture: &Texture, clip: [f32; 4], corners: [UiVertex; 3]) {
    let [a, b, c] = corners.map(|corner| corner.position);
    let edge = |p: [f32; 2], q: [f32; 2], r: [f32; 2]| (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]);
    let area = edge(a, b, c);
    if area == 0.0 {
        return;
    }
    let low = |axis: usize| a[axis].min(b[axis]).min(c[axis]).max(clip[axis]).max(0.0) as u32;
    let high = |axis: usize| (a[axis].max(b[axis]).max(c[axis]).min(clip[axis + 2]).ceil() as u32).min(size[axis]);
    for y in low(1)..high(1) {
        for x in low(0)..high(0) {
            let point = [x as f32 + 0.5, y as f32 + 0.5];
            if point[0] < clip[0] || point[1] < clip[1] || point[0] >= clip[2] || point[1] >= clip[3] {
                continue;
            }
            let weights = [edge(b, c, point) / area, edge(c, a, point) / area, edge(a, b, point) / area];
            if covers(weights, [(b, c), (c, a), (a, b)], area) {
                let color = shade(texture, &corners, weights);
                let pixel = &mut pixels[(y * size[0] + x) as usize];
                for part in 0..3 {
                    pixel[part] += (color[part] - pixel[part]) * color[3];
                }
            }
        }
    }
}

/// Inside, or on an edge that belongs to this triangle and not to its neighbour.
fn covers(weights: [f32; 3], edges: [([f32; 2], [f32; 2]); 3], area: f32) -> bool {
    weights.iter().zip(edges).all(|(&weight, (from, to))| {
        let way = [(to[0] - from[0]) * area.signum(), (to[1] - from[1]) * area.signum()];
        weight > 0.0 || (weight == 0.0 && (way[1] < 0.0 || (way[1] == 0.0 && way[0] > 0.0)))
    })
}

fn shade(texture: &Texture, corners: &[UiVertex; 3], weights: [f32; 3]) -> [f32; 4] {
    let mix = |value: fn(&UiVertex, usize) -> f32, part: usize| -> f32 {
        corners.iter().zip(weights).map(|(corner, weight)| value(corner, part) * weight).sum()
    };
    let tint: [f32; 4] =
        std::array::from_fn(|part| mix(|corner, part| f32::from(corner.color.to_le_bytes()[part]) / 255.0, part));
    let uv = [mix(|corner, part| corner.uv[part], 0), mix(|corner, part| corner.uv[part], 1)];
    let texel = sample(texture, uv);
    std::array::from_fn(|part| tint[part] * texel[part])
}

/// Bilinear, clamped at the edges.
fn sample(texture: &Texture, uv: [f32; 2]) -> [f32; 4] {
    let at = [uv[0] * texture.size[0] as f32 - 0.5, uv[1] * texture.size[1] as f32 - 0.5];
    let (left, top) = (at[0].floor(), at[1].floor());
    let (across, down) = (at[0] - left, at[1] - top);
    let texel = |x: f32, y: f32, part: usize| {
        let x = (x.max(0.0) as u32).min(texture.size[0] - 1);
        let y = (y.max(0.0) as u32).min(texture.size[1] - 1);
        f32::from(texture.rgba[((y * texture.size[0] + x) * 4) as usize + part]) / 255.0
    };
    std::array::from_fn(|part| {
        let upper = texel(left, top, part) * (1.0 - across) + texel(left + 1.0, top, part) * across;
        let lower = texel(left, top + 1.0, part) * (1.0 - across) + texel(left + 1.0, top + 1.0, part) * across;
        upper * (1.0 - down) + lower * down
    })
}
