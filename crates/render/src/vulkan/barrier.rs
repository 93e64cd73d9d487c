//! Image barriers by use: what an image was for, what it will be for.

use ash::vk;

/// A use of an image, with the stages, the accesses and the layout that go with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ImageUse {
    /// Whatever came before; the contents may be thrown away.
    Discard,
    /// Just acquired from the swapchain; the wait for that is at the colour output stage.
    Acquired,
    CopyTarget,
    CopySource,
    Sampled,
    ColorAttachment,
    DepthAttachment,
    Present,
}

struct Scope {
    stages: vk::PipelineStageFlags2,
    accesses: vk::AccessFlags2,
    layout: vk::ImageLayout,
}

impl ImageUse {
    fn scope(self) -> Scope {
        use vk::{AccessFlags2 as Access, ImageLayout as Layout, PipelineStageFlags2 as Stage};
        let scope = |stages, accesses, layout| Scope { stages, accesses, layout };
        match self {
            ImageUse::Discard => scope(Stage::ALL_COMMANDS, Access::MEMORY_WRITE, Layout::UNDEFINED),
            ImageUse::Acquired => scope(Stage::COLOR_ATTACHMENT_OUTPUT, Access::NONE, Layout::UNDEFINED),
            ImageUse::CopyTarget => scope(Stage::ALL_TRANSFER, Access::TRANSFER_WRITE, Layout::TRANSFER_DST_OPTIMAL),
            ImageUse::CopySource => scope(Stage::ALL_TRANSFER, Access::TRANSFER_READ, Layout::TRANSFER_SRC_OPTIMAL),
            ImageUse::Sampled => {
                scope(Stage::FRAGMENT_SHADER, Access::SHADER_SAMPLED_READ, Layout::SHADER_READ_ONLY_OPTIMAL)
            }
            ImageUse::ColorAttachment => scope(
                Stage::COLOR_ATTACHMENT_OUTPUT,
                Access::COLOR_ATTACHMENT_WRITE | Access::COLOR_ATTACHMENT_READ,
                Layout::COLOR_ATTACHMENT_OPTIMAL,
            ),
            ImageUse::DepthAttachment => scope(
                Stage::EARLY_FRAGMENT_TESTS | Stage::LATE_FRAGMENT_TESTS,
                Access::DEPTH_STENCIL_ATTACHMENT_READ | Access::DEPTH_STENCIL_ATTACHMENT_WRITE,
                Layout::DEPTH_ATTACHMENT_OPTIMAL,
            ),
            ImageUse::Present => scope(Stage::NONE, Access::NONE, Layout::PRESENT_SRC_KHR),
        }
    }
}

/// Makes the mip levels `mips` of an image ready for another use.
pub(crate) fn image_barrier(
    image: vk::Image,
    from: ImageUse,
    to: ImageUse,
    mips: std::ops::Range<u32>,
) -> vk::ImageMemoryBarrier2<'static> {
    let depth = from == ImageUse::DepthAttachment || to == ImageUse::DepthAttachment;
    let aspect = if depth { vk::ImageAspectFlags::DEPTH } else { vk::ImageAspectFlags::COLOR };
    let (from, to) = (from.scope(), to.scope());
    vk::ImageMemoryBarrier2::default()
        .src_stage_mask(from.stages)
        .src_access_mask(from.accesses)
        .old_layout(from.layout)
        .dst_stage_mask(to.stages)
        .dst_access_mask(to.accesses)
        .new_layout(to.layout)
        .src_queue_family_index(vk::QUEUE_FAMILY_IGNORED)
        .dst_queue_family_index(vk::QUEUE_FAMILY_IGNORED)
        .image(image)
        .subresource_range(vk::ImageSubresourceRange {
            aspect_mask: aspect,
            base_mip_level: mips.start,
            level_count: mips.end - mips.start,
            base_array_layer: 0,
            layer_count: 1,
        })
}
