//! The frame's drawing as a packet of plain data in the frame arena, for the renderer.
//!
//! # Invariants
//! 1. Everything in a packet is a copy: it refers to nothing of the library's and stays valid for `'frame`.
//! 2. Vertices and indices of all windows are joined; a command's offsets count from the packet's beginnings, and every
//!    index plus its command's vertex offset is below the number of vertices.
//! 3. Clip rectangles lie inside the display; commands that would show nothing are left out.
//! 4. Textures are marked as settled last, after everything that can fail: an arena that is full loses no update.

use crate::UiError;
use crate::imgui::{DrawData, RawTexture, Texture, Wish};
use voltrum_memory::{ArenaVec, Tagged};
use voltrum_render::{UiCommand, UiPacket, UiTexture, UiTextureKind, UiTextureUpdate, UiVertex};

/// Bytes of a pixel.
const PIXEL_BYTES: usize = 4;

/// Copies the draw data. `resend` makes every texture anew, for a renderer that has none of them.
pub(crate) fn build<'frame>(
    data: &DrawData<'_>,
    memory: Tagged<'frame>,
    resend: bool,
) -> Result<UiPacket<'frame>, UiError> {
    let textures = copy_textures(data, memory, resend)?;
    let mut vertices = ArenaVec::try_with_capacity_in(data.vertex_count(), memory)?;
    let mut indices = ArenaVec::try_with_capacity_in(data.index_count(), memory)?;
    let mut commands = ArenaVec::try_with_capacity_in(data.lists().map(|list| list.commands().count()).sum(), memory)?;
    for list in data.lists() {
        let (first_vertex, first_index) = (vertices.len() as u32, indices.len() as u32);
        vertices.try_extend(list.vertices().iter().map(|vertex| UiVertex {
            position: [vertex.pos.x, vertex.pos.y],
            uv: [vertex.uv.x, vertex.uv.y],
            color: vertex.col,
        }))?;
        indices.try_extend_from_slice(list.indices())?;
        for command in list.commands() {
            let Some(clip) = visible_part(command.clip, data.display_position(), data.display_size()) else { continue };
            commands.try_push(UiCommand {
                clip,
                texture: match command.texture {
                    RawTexture::Own(number) => UiTexture::atlas(number),
                    RawTexture::Given(id) => UiTexture::from_bits(id),
                },
                first_index: first_index + command.first_index,
                index_count: command.index_count,
                vertex_offset: first_vertex + command.vertex_offset,
            })?;
        }
    }
    for texture in data.textures() {
        match texture.wish() {
            Wish::Create | Wish::Update => texture.settle(UiTexture::atlas(texture.number()).bits()),
            Wish::Destroy => texture.forget(),
            Wish::Nothing => {}
        }
    }
    Ok(UiPacket {
        display_size: data.display_size(),
        framebuffer_scale: data.framebuffer_scale(),
        vertices: vertices.into_slice(),
        indices: indices.into_slice(),
        commands: commands.into_slice(),
        textures,
    })
}

fn changed(rect: [u32; 4]) -> (UiTextureKind, [u32; 4]) {
    let [left, top, width, height] = rect;
    (UiTextureKind::Update { origin: [left, top], size: [width, height] }, rect)
}

/// The part of a clip rectangle that the display shows, moved to the display's origin; `None` when there is none.
fn visible_part([left, top, right, bottom]: [f32; 4], [x, y]: [f32; 2], [width, height]: [f32; 2]) -> Option<[f32; 4]> {
    let clip = [(left - x).max(0.0), (top - y).max(0.0), (right - x).min(width), (bottom - y).min(height)];
    (clip[0] < clip[2] && clip[1] < clip[3]).then_some(clip)
}

fn copy_textures<'frame>(
    data: &DrawData<'_>,
    memory: Tagged<'frame>,
    resend: bool,
) -> Result<&'frame [UiTextureUpdate<'frame>], UiError> {
    let wish = |texture: &Texture<'_>| match texture.wish() {
        Wish::Nothing | Wish::Update if resend && texture.is_live() => Wish::Create,
        wish => wish,
    };
    let wishes = || data.textures().filter(|texture| wish(texture) != Wish::Nothing);
    let mut updates = ArenaVec::try_with_capacity_in(wishes().count(), memory)?;
    for texture in wishes() {
        let size = texture.size();
        let (kind, rect) = match wish(&texture) {
            Wish::Destroy => (UiTextureKind::Destroy, [0, 0, 0, 0]),
            Wish::Update => changed(texture.changed()),
            Wish::Create | Wish::Nothing => (UiTextureKind::Create { size }, [0, 0, size[0], size[1]]),
        };
        updates.try_push(UiTextureUpdate {
            id: texture.number(),
            kind,
            rgba: copy_rect(texture.pixels(), size, rect, memory)?,
            row_pitch: rect[2] * PIXEL_BYTES as u32,
        })?;
    }
    Ok(updates.into_slice())
}

/// Copies left, top, width, height out of an image, rows without gaps. Empty where the image doesn't hold all of it.
fn copy_rect<'frame>(
    pixels: &[u8],
    size: [u32; 2],
    rect: [u32; 4],
    memory: Tagged<'frame>,
) -> Result<&'frame [u8], UiError> {
    let [left, top, width, height] = rect.map(|side| side as usize);
    let image_width = size[0] as usize;
    let mut copy = ArenaVec::try_with_capacity_in(width * height * PIXEL_BYTES, memory)?;
    for y in top..top + height {
        let from = (y * image_width + left) * PIXEL_BYTES;
        match pixels.get(from..from + width * PIXEL_BYTES) {
            Some(row) => copy.try_extend_from_slice(row)?,
            None => return Ok(&[]),
        }
    }
    Ok(copy.into_slice())
}

#[cfg(test)]
mod tests {
    use super::*;
    use voltrum_memory::{Arena, Tag};

    #[test]
    fn a_clip_rectangle_is_cut_to_the_display_or_left_out() {
        let part = |clip| visible_part(clip, [0.0, 0.0], [100.0, 50.0]);
        assert_eq!(part([-5.0, 10.0, 200.0, 40.0]), Some([0.0, 10.0, 100.0, 40.0]));
        assert_eq!(part([110.0, 0.0, 120.0, 10.0]), None);
        assert_eq!(part([10.0, 10.0, 10.0, 20.0]), None);
        assert_eq!(part([f32::NAN, 0.0, 10.0, 10.0]), Some([0.0, 0.0, 10.0, 10.0]));
    }

    #[test]
    fn a_rectangle_of_an_image_is_copied_without_its_surroundings() {
        let mut arena = Arena::try_reserve("test", 1 << 20).expect("reserve");
        let scope = arena.open();
        // 3 × 2 pixels, each of four equal bytes
        let image: Vec<u8> = (0..6u8).flat_map(|pixel| [pixel; 4]).collect();
        let copy = copy_rect(&image, [3, 2], [1, 0, 2, 2], scope.tagged(Tag::UI)).expect("copy");
        assert_eq!(copy, [1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 5, 5, 5, 5]);
        assert!(copy_rect(&image, [3, 2], [0, 1, 3, 2], scope.tagged(Tag::UI)).expect("copy").is_empty());
    }
}
