//! What an application is given to start with.

use std::time::Duration;
use voltrum_assets::geometry::GeometryLimits;
use voltrum_assets::materials::MaterialLimits;
use voltrum_assets::resources::ResourceConfig;
use voltrum_assets::textures::TextureLimits;
use voltrum_memory::Tag;
use voltrum_platform::WindowMode;
use voltrum_platform::events::EventLimits;
use voltrum_render::{Driver, RendererLimits};
use voltrum_ui::UiConfig;

const MIB: usize = 1 << 20;
const GIB: usize = 1 << 30;

/// How an application starts. [`AppConfig::new`] gives the defaults; every limit is a field.
#[derive(Clone, Debug)]
pub struct AppConfig<'c> {
    /// The window's title.
    pub title: &'c str,
    /// Width and height of the window, in pixels at scale 1.
    pub window_size: [u32; 2],
    /// A window of the system, or its headless twin.
    pub window_mode: WindowMode,
    /// The most that the permanent arena may commit, in bytes.
    pub permanent_limit_bytes: usize,
    /// The most that each of the two scene arenas may commit, in bytes.
    pub scene_limit_bytes: usize,
    /// Address space of each scene arena, in bytes: its arrays grow in children, each with room for its limit. Less when
    /// the system refuses.
    pub scene_reserve_bytes: usize,
    /// The most that the frame arena may commit, in bytes.
    pub frame_limit_bytes: usize,
    /// After how many frames pages of the frame arena that none of them needed go back to the system; 0 for never.
    pub frame_trim_after: u32,
    /// The most that one load may hold in memory on its way to the GPU, in bytes.
    pub upload_limit_bytes: u64,
    /// Whose Vulkan draws.
    pub driver: Driver,
    /// Host memory that the GPU's driver may take through callbacks, in bytes.
    pub driver_heap_bytes: usize,
    /// The folder that resources are named from, and how many bytes of them there may be.
    pub resources: ResourceConfig<'c>,
    /// How many textures.
    pub textures: TextureLimits,
    /// How many materials.
    pub materials: MaterialLimits,
    /// How many meshes.
    pub geometry: GeometryLimits,
    /// Queue and listeners.
    pub events: EventLimits,
    /// What the GPU may hold, and what one frame may draw.
    pub renderer: RendererLimits,
    /// The interface; `None` for a program without one.
    pub ui: Option<UiConfig>,
    /// Whether to load Vulkan's validation layers where they are installed.
    pub validation: bool,
    /// The shortest time from frame to frame; `None` follows the display (headless: as fast as it goes).
    pub frame_interval: Option<Duration>,
    /// The client's own memory tags, for the report.
    pub tags: &'static [Tag],
}

impl<'c> AppConfig<'c> {
    /// The defaults: a window of 1280 × 720, 1 GiB permanent, 2 × 256 MiB scene, 64 MiB frame.
    pub fn new(title: &'c str) -> AppConfig<'c> {
        AppConfig {
            title,
            window_size: [1_280, 720],
            window_mode: WindowMode::Windowed,
            permanent_limit_bytes: GIB,
            scene_limit_bytes: 256 * MIB,
            scene_reserve_bytes: 64 * GIB,
            frame_limit_bytes: 64 * MIB,
            frame_trim_after: 600,
            upload_limit_bytes: 512 << 20,
            driver: Driver::System,
            driver_heap_bytes: 256 * MIB,
            resources: ResourceConfig::default(),
            textures: TextureLimits::default(),
            materials: MaterialLimits::default(),
            geometry: GeometryLimits::default(),
            events: EventLimits::default(),
            renderer: RendererLimits::default(),
            ui: Some(UiConfig::default()),
            validation: cfg!(debug_assertions),
            frame_interval: None,
            tags: &[],
        }
    }

    /// The same without a window: as [`WindowMode::Headless`].
    #[must_use]
    pub fn headless(self) -> AppConfig<'c> {
        AppConfig { window_mode: WindowMode::Headless, ..self }
    }
}
