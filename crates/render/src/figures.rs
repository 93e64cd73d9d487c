//! What a frame came to, and what is alive: plain figures.

/// What a frame came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameStatus {
    /// A frame is open: draw, then end it.
    Ready,
    /// There is nothing to draw to (a minimised window); don't draw, don't end.
    Skip,
}

/// What the last frame drew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FrameStats {
    /// Draw calls for meshes.
    pub draw_calls: u64,
    /// Meshes drawn, those of [`Instances`](crate::Instances) aside.
    pub instances: u64,
    /// Objects of [`Instances`](crate::Instances) that were culled and drawn by the GPU; how many it saw, it does not
    /// tell.
    pub gpu_instances: u64,
    /// Triangles in the meshes drawn.
    pub triangles: u64,
    /// Draws out of sight.
    pub culled: u64,
    /// Draws left out because a limit was met.
    pub dropped: u64,
}

/// What is alive in the renderer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ObjectCounts {
    /// Textures, the renderer's own included.
    pub textures: usize,
    /// Meshes.
    pub meshes: usize,
    /// Materials.
    pub materials: usize,
    /// Offscreen targets.
    pub targets: usize,
    /// Destroyed objects that wait for their last frame.
    pub retired: usize,
}
