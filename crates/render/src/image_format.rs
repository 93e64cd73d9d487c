//! The formats that images can be uploaded in.

use ash::vk;

/// How the bytes of an image are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImageFormat {
    /// Colours: red, green, blue encoded as sRGB, alpha linear.
    Rgba8Srgb,
    /// Data: four linear channels.
    Rgba8Unorm,
    /// Data: one linear channel.
    R8Unorm,
    /// Data: two linear channels.
    Rg8Unorm,
    /// Four half floats.
    Rgba16Float,
    /// Four floats; where a device can't filter them, it is not offered.
    Rgba32Float,
    /// BC1 with sRGB colours, alpha of one bit.
    Bc1Srgb,
    /// BC1 with linear channels.
    Bc1Unorm,
    /// BC3 with sRGB colours.
    Bc3Srgb,
    /// BC3 with linear channels.
    Bc3Unorm,
    /// BC4: one linear channel.
    Bc4Unorm,
    /// BC5: two linear channels.
    Bc5Unorm,
    /// BC6H: three unsigned half floats.
    Bc6hFloat,
    /// BC7 with sRGB colours.
    Bc7Srgb,
    /// BC7 with linear channels.
    Bc7Unorm,
}

impl ImageFormat {
    /// Pixels along either side of a block; 1 for formats without blocks.
    pub const fn block_side(self) -> u32 {
        match self {
            ImageFormat::Rgba8Srgb
            | ImageFormat::Rgba8Unorm
            | ImageFormat::R8Unorm
            | ImageFormat::Rg8Unorm
            | ImageFormat::Rgba16Float
            | ImageFormat::Rgba32Float => 1,
            _ => 4,
        }
    }

    /// Bytes of one block.
    pub const fn block_bytes(self) -> u32 {
        match self {
            ImageFormat::R8Unorm => 1,
            ImageFormat::Rg8Unorm => 2,
            ImageFormat::Rgba8Srgb | ImageFormat::Rgba8Unorm => 4,
            ImageFormat::Rgba16Float | ImageFormat::Bc1Srgb | ImageFormat::Bc1Unorm | ImageFormat::Bc4Unorm => 8,
            _ => 16,
        }
    }

    /// Bytes of a mip level of an image of `size` pixels.
    ///
    /// ```
    /// # use voltrum_render::ImageFormat;
    /// assert_eq!(ImageFormat::Rgba8Srgb.level_bytes([5, 3], 1), 2 * 1 * 4);
    /// assert_eq!(ImageFormat::Bc7Srgb.level_bytes([5, 3], 0), 2 * 1 * 16);
    /// ```
    pub const fn level_bytes(self, size: [u32; 2], level: u32) -> u64 {
        let [across, down] = self.blocks(size, level);
        across as u64 * down as u64 * self.block_bytes() as u64
    }

    /// Whether colours are decoded from sRGB when sampled.
    pub const fn is_srgb(self) -> bool {
        matches!(self, ImageFormat::Rgba8Srgb | ImageFormat::Bc1Srgb | ImageFormat::Bc3Srgb | ImageFormat::Bc7Srgb)
    }

    const fn blocks(self, size: [u32; 2], level: u32) -> [u32; 2] {
        let side = self.block_side();
        let [across, down] = level_size(size, level);
        [across.div_ceil(side), down.div_ceil(side)]
    }

    pub(crate) const fn raw(self) -> vk::Format {
        match self {
            ImageFormat::Rgba8Srgb => vk::Format::R8G8B8A8_SRGB,
            ImageFormat::Rgba8Unorm => vk::Format::R8G8B8A8_UNORM,
            ImageFormat::R8Unorm => vk::Format::R8_UNORM,
            ImageFormat::Rg8Unorm => vk::Format::R8G8_UNORM,
            ImageFormat::Rgba16Float => vk::Format::R16G16B16A16_SFLOAT,
            ImageFormat::Rgba32Float => vk::Format::R32G32B32A32_SFLOAT,
            ImageFormat::Bc1Srgb => vk::Format::BC1_RGBA_SRGB_BLOCK,
            ImageFormat::Bc1Unorm => vk::Format::BC1_RGBA_UNORM_BLOCK,
            ImageFormat::Bc3Srgb => vk::Format::BC3_SRGB_BLOCK,
            ImageFormat::Bc3Unorm => vk::Format::BC3_UNORM_BLOCK,
            ImageFormat::Bc4Unorm => vk::Format::BC4_UNORM_BLOCK,
            ImageFormat::Bc5Unorm => vk::Format::BC5_UNORM_BLOCK,
            ImageFormat::Bc6hFloat => vk::Format::BC6H_UFLOAT_BLOCK,
            ImageFormat::Bc7Srgb => vk::Format::BC7_SRGB_BLOCK,
            ImageFormat::Bc7Unorm => vk::Format::BC7_UNORM_BLOCK,
        }
    }
}

/// The size of a mip level.
pub(crate) const fn level_size([width, height]: [u32; 2], level: u32) -> [u32; 2] {
    let (width, height) = (width >> level, height >> level);
    [if width == 0 { 1 } else { width }, if height == 0 { 1 } else { height }]
}
