//! GPU memory in figures: bytes by lifetime and by tag.

use voltrum_memory::Tag;

/// How long a GPU object is meant to live; the same three lifetimes as on the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GpuLifetime {
    /// As long as the renderer.
    Permanent,
    /// As long as the open project.
    Scene,
    /// Per-frame rings and staging on its way to the GPU.
    Frame,
}

impl GpuLifetime {
    /// How many lifetimes there are.
    pub const COUNT: usize = 3;

    /// The place in [`GpuUsage::lifetimes`].
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// What GPU memory is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GpuTag {
    /// Images that materials sample.
    Texture,
    /// Vertices and indices.
    Geometry,
    /// Objects that stay on the GPU, and what culls and draws them.
    Instances,
    /// Render targets, frame rings, read-back.
    Renderer,
    /// The UI's dynamic textures.
    Ui,
    /// Upload batches.
    Staging,
}

impl GpuTag {
    /// How many tags there are.
    pub const COUNT: usize = 6;

    /// All tags, in the order of [`GpuUsage::tags`].
    pub const ALL: [GpuTag; GpuTag::COUNT] =
        [GpuTag::Texture, GpuTag::Geometry, GpuTag::Instances, GpuTag::Renderer, GpuTag::Ui, GpuTag::Staging];

    /// The place in [`GpuUsage::tags`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// One line that says what is charged to this tag.
    pub const fn description(self) -> &'static str {
        match self {
            GpuTag::Texture => "images that materials sample",
            GpuTag::Geometry => "vertices and indices",
            GpuTag::Instances => "objects, and what culls and draws them",
            GpuTag::Renderer => "targets, frame rings, read-back",
            GpuTag::Ui => "font atlas and other textures of the UI",
            GpuTag::Staging => "uploads on their way to the GPU",
        }
    }

    /// The memory report's tag for it.
    pub const fn tag(self) -> Tag {
        match self {
            GpuTag::Texture => Tag::TEXTURE,
            GpuTag::Geometry => Tag::GEOMETRY,
            GpuTag::Instances => Tag::SCENE,
            GpuTag::Renderer => Tag::RENDERER,
            GpuTag::Ui => Tag::UI,
            GpuTag::Staging => Tag::STAGING,
        }
    }
}

/// Bytes and count of one [`GpuTag`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GpuTagUsage {
    /// Bytes that live buffers and images occupy.
    pub bytes: u64,
    /// How many buffers and images those are.
    pub count: u64,
}

/// GPU memory in use at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GpuUsage {
    /// Bytes that live buffers and images occupy; the sum of [`GpuUsage::lifetimes`], and of the tags.
    pub used_bytes: u64,
    /// Bytes by [`GpuLifetime::index`].
    pub lifetimes: [u64; GpuLifetime::COUNT],
    /// Bytes and counts by [`GpuTag::index`].
    pub tags: [GpuTagUsage; GpuTag::COUNT],
}

impl GpuUsage {
    /// Bytes of one lifetime.
    pub fn lifetime(&self, lifetime: GpuLifetime) -> u64 {
        self.lifetimes[lifetime.index()]
    }

    /// Bytes and count of one tag.
    pub fn tag(&self, tag: GpuTag) -> GpuTagUsage {
        self.tags[tag.index()]
    }
}
