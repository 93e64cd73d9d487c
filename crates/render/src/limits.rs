//! The renderer's limits.

/// How much the renderer makes room for. All tables are made at start-up and never grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RendererLimits {
    /// Textures alive at once.
    pub textures_max: u32,
    /// Meshes alive at once.
    pub meshes_max: u32,
    /// Materials alive at once.
    pub materials_max: u32,
    /// Offscreen targets alive at once.
    pub targets_max: u32,
    /// Draws in one view; what is beyond is not drawn and counted in [`FrameStats`](crate::FrameStats).
    pub draws_max: u32,
    /// GPU memory for the uniforms, instances and UI vertices of one frame; there are two frames in flight.
    pub frame_ring_bytes: u64,
}

impl Default for RendererLimits {
    fn default() -> Self {
        RendererLimits {
            textures_max: 4096,
            meshes_max: 16384,
            materials_max: 4096,
            targets_max: 16,
            draws_max: 131_072,
            frame_ring_bytes: 16 << 20,
        }
    }
}
