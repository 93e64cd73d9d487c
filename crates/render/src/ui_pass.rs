//! The UI pass: Dear ImGui's triangles.
//!
//! sRGB values are blended as they are, so the attachment holds plain bytes; where a window offers only an sRGB
//! format, the shader makes colours linear and the attachment encodes them again.

use ash::vk;
use bytemuck::{Pod, Zeroable};

use crate::error::RenderError;
use crate::packet::{UiCommand, UiPacket};
use crate::pipelines::Pipelines;
use crate::shaders::{Shaders, ui};
use crate::vulkan::Device;
use crate::vulkan::command::Commands;
use crate::vulkan::descriptor::{DescriptorSet, SetLayout};
use crate::vulkan::frame::Frames;
use crate::vulkan::image::Image;
use crate::vulkan::pipeline::{Blend, Class, Depth, Pipeline, PipelineDesc, PipelineLayout, VertexInput};

/// How many textures of its own the UI may have.
pub(crate) const TEXTURES_MAX: usize = 64;

/// Mirrors `Placement` in shaders/ui.wgsl.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
struct Placement {
    scale: [f32; 2],
    offset: [f32; 2],
    linearize: f32,
}

/// A dynamic texture of the UI.
pub(crate) struct UiTextureSlot<'gpu> {
    pub(crate) id: u32,
    pub(crate) image: Image<'gpu>,
    pub(crate) set: DescriptorSet,
}

pub(crate) struct UiPass<'gpu> {
    device: &'gpu Device,
    layout: PipelineLayout<'gpu>,
    pub(crate) pipelines: Pipelines<'gpu, 1>,
    pub(crate) format: vk::Format,
    slots: [Option<UiTextureSlot<'gpu>>; TEXTURES_MAX],
}

impl<'gpu> UiPass<'gpu> {
    pub(crate) fn try_new(
        device: &'gpu Device,
        texture_set: &SetLayout<'gpu>,
        format: vk::Format,
    ) -> Result<UiPass<'gpu>, RenderError> {
        let stages = vk::ShaderStageFlags::VERTEX | vk::ShaderStageFlags::FRAGMENT;
        let layout = PipelineLayout::try_new(device, &[texture_set], stages, size_of::<Placement>() as u32)?;
        Ok(UiPass { device, layout, pipelines: Pipelines::new(), format, slots: [const { None }; TEXTURES_MAX] })
    }

    pub(crate) fn pipeline(&self, shaders: &Shaders) -> Result<&Pipeline<'gpu>, RenderError> {
        let desc = PipelineDesc {
            layout: &self.layout,
            vertex: &ui::VS_MAIN,
            fragment: Some(&ui::FS_MAIN),
            input: VertexInput::Ui,
            class: Class::Triangles,
            blend: Blend::Straight,
            depth: Depth::Absent,
            alpha_coverage: false,
            format: Some(self.format),
            samples: 1,
        };
        self.pipelines.get_or_make(0, || Pipeline::try_new(self.device, shaders, &desc))
    }

    /// The set that samples slot `id`.
    pub(crate) fn set(&self, id: u32) -> Option<DescriptorSet> {
        self.slot(id).map(|slot| slot.set)
    }

    pub(crate) fn slot(&self, id: u32) -> Option<&UiTextureSlot<'gpu>> {
        self.slots.iter().flatten().find(|slot| slot.id == id)
    }

    /// Takes a texture out, for the caller to retire.
    pub(crate) fn take(&mut self, id: u32) -> Option<UiTextureSlot<'gpu>> {
        self.slots.iter_mut().find(|slot| slot.as_ref().is_some_and(|slot| slot.id == id))?.take()
    }

    /// Stores a texture, or gives it back where all slots are taken.
    pub(crate) fn try_insert(&mut self, texture: UiTextureSlot<'gpu>) -> Result<(), UiTextureSlot<'gpu>> {
        match self.slots.iter_mut().find(|slot| slot.is_none()) {
            Some(slot) => {
                *slot = Some(texture);
                Ok(())
            }
            None => Err(texture),
        }
    }

    /// Records the triangles into the rendering that is open. `set_of` finds what a command samples.
    pub(crate) fn record(
        &self,
        frames: &mut Frames<'gpu>,
        commands: Commands<'gpu>,
        pipeline: &Pipeline<'gpu>,
        packet: &UiPacket<'_>,
        size: [u32; 2],
        set_of: impl Fn(crate::handle::UiTexture) -> DescriptorSet,
    ) {
        let [width, height] = packet.display_size;
        if packet.vertices.is_empty() || packet.indices.is_empty() || !(width > 0.0 && height > 0.0) {
            return;
        }
        let vertices: &[u8] = bytemuck::cast_slice(packet.vertices);
        let indices: &[u8] = bytemuck::cast_slice(packet.indices);
        let ring = frames.ring();
        let (Some(vertex_offset), Some(index_offset)) = (ring.push(vertices, 16), ring.push(indices, 16)) else {
            tracing::warn!(
                vertex_bytes = vertices.len(),
                index_bytes = indices.len(),
                "the frame ring is full and the UI is not drawn; raise `RendererLimits::frame_ring_bytes`"
            );
            return;
        };
        let encodes = matches!(self.format, vk::Format::B8G8R8A8_SRGB | vk::Format::R8G8B8A8_SRGB);
        let placement = Placement {
            scale: [2.0 / width, 2.0 / height],
            offset: [-1.0, -1.0],
            linearize: if encodes { 1.0 } else { 0.0 },
        };
        commands.bind_pipeline(pipeline);
        commands.set_viewport(size, false);
        commands.set_faces(false, false);
        commands.push(&self.layout, bytemuck::bytes_of(&placement));
        commands.bind_vertices(0, ring.buffer(), vertex_offset, vertices.len() as u64);
        commands.bind_indices(ring.buffer(), index_offset, false);
        // Dear ImGui begins a command for each window and each clip rectangle; neighbours that look the same are drawn
        // in one, and what is set already is not set again.
        let (mut bound, mut clipped, mut run) = (None, None, Run::default());
        for command in packet.commands {
            let end = u64::from(command.first_index) + u64::from(command.index_count);
            if command.index_count == 0
                || end > packet.indices.len() as u64
                || command.vertex_offset as usize >= packet.vertices.len()
            {
                continue;
            }
            let Some((origin, extent)) = scissor(command.clip, packet.framebuffer_scale, size) else { continue };
            let (texture, clip) = (Some(command.texture), Some((origin, extent)));
            if bound == texture && clipped == clip && run.try_extend(command) {
                continue;
            }
            run.draw(commands);
            run = Run::of(command);
            if bound != texture {
                bound = texture;
                commands.bind_set(&self.layout, 0, set_of(command.texture), None);
            }
            if clipped != clip {
                clipped = clip;
                commands.set_scissor(origin, extent);
            }
        }
        run.draw(commands);
    }
}

/// Commands that are drawn in one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Run {
    first_index: u32,
    index_count: u32,
    vertex_offset: u32,
}

impl Run {
    fn of(command: &UiCommand) -> Run {
        let UiCommand { first_index, index_count, vertex_offset, .. } = *command;
        Run { first_index, index_count, vertex_offset }
    }

    /// Takes a command in, if it goes on where the run ends.
    fn try_extend(&mut self, command: &UiCommand) -> bool {
        let goes_on =
            self.vertex_offset == command.vertex_offset && self.first_index + self.index_count == command.first_index;
        if goes_on {
            self.index_count += command.index_count;
        }
        goes_on
    }

    fn draw(self, commands: Commands<'_>) {
        if self.index_count > 0 {
            commands.draw_indexed(self.index_count, self.first_index, self.vertex_offset as i32, 1, 0);
        }
    }
}

/// A clip rectangle in pixels, within the target; `None` where nothing is left of it.
fn scissor(clip: [f32; 4], scale: [f32; 2], size: [u32; 2]) -> Option<([u32; 2], [u32; 2])> {
    // `as` saturates and turns NaN into 0.
    let edge = |value: f32, scale: f32, limit: u32| ((value * scale) as u32).min(limit);
    let (left, top) = (edge(clip[0], scale[0], size[0]), edge(clip[1], scale[1], size[1]));
    let (right, bottom) = (edge(clip[2], scale[0], size[0]), edge(clip[3], scale[1], size[1]));
    (right > left && bottom > top).then(|| ([left, top], [right - left, bottom - top]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_drawn_in_one_and_others_are_not() {
        let texture = crate::handle::UiTexture::atlas(0);
        let command = |first_index, index_count, vertex_offset| UiCommand {
            clip: [0.0; 4],
            texture,
            first_index,
            index_count,
            vertex_offset,
        };
        let mut run = Run::of(&command(6, 3, 10));
        assert!(run.try_extend(&command(9, 6, 10)));
        assert_eq!(run, Run { first_index: 6, index_count: 9, vertex_offset: 10 });
        assert!(!run.try_extend(&command(15, 3, 11)) && !run.try_extend(&command(18, 3, 10)));
    }

    #[test]
    fn scissors_stay_inside_the_target() {
        assert_eq!(scissor([-5.0, -5.0, 20.0, 10.0], [2.0, 2.0], [30, 30]), Some(([0, 0], [30, 20])));
        assert_eq!(scissor([10.0, 10.0, 5.0, 20.0], [1.0, 1.0], [30, 30]), None);
        assert_eq!(scissor([f32::NAN, 0.0, 8.0, 8.0], [1.0, 1.0], [30, 30]), Some(([0, 0], [8, 8])));
        assert_eq!(scissor([40.0, 0.0, 50.0, 8.0], [1.0, 1.0], [30, 30]), None);
    }
}
