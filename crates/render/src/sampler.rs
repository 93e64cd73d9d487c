//! How a texture is sampled; the choices of glTF 2.0.

/// Between texels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Filter {
    /// The nearest texel.
    Nearest,
    /// Linear interpolation.
    #[default]
    Linear,
}

/// Between mip levels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MipFilter {
    /// Only the largest level.
    None,
    /// The nearest level.
    Nearest,
    /// Linear interpolation.
    #[default]
    Linear,
}

/// Outside of 0..1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wrap {
    /// Starts over.
    #[default]
    Repeat,
    /// Starts over, mirrored.
    Mirror,
    /// The edge goes on.
    Clamp,
}

/// A sampler; the default is trilinear and repeats, as glTF has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SamplerDesc {
    /// Filter where a texel covers more than a pixel.
    pub magnify: Filter,
    /// Filter where a pixel covers more than a texel.
    pub minify: Filter,
    /// Filter between mip levels.
    pub mip: MipFilter,
    /// Wrap along u and v.
    pub wrap: [Wrap; 2],
}
