//! The application's state: the single place that knows every subsystem.
//!
//! # Invariants
//! 1. Each subsystem's state lives in the permanent arena, under its tag; this struct holds the pointers.
//! 2. Fields are ordered so that they drop in reverse of start-up; a failed start-up undoes itself the same way.

use crate::AppConfig;
use crate::error::AppError;
use voltrum_assets::geometry::{self, GeometryState};
use voltrum_assets::materials::{self, MaterialState};
use voltrum_assets::resources::{self, ResourceState};
use voltrum_assets::textures::{self, TextureState};
use voltrum_memory::{ArenaBox, Tag, Tagged};
use voltrum_platform::events::{self, EventState};
use voltrum_platform::input::{self, InputState};
use voltrum_platform::{PlatformState, Pump, Window};
use voltrum_render::{Gpu, RendererState, renderer};
use voltrum_ui::UiState;

/// Every subsystem, by name. Functions of a subsystem take its state first: `input::is_key_down(&app.input, key)`.
pub struct AppState<'app> {
    /// The interface, where the application has one.
    pub ui: Option<ArenaBox<'app, UiState<'app>>>,
    /// Meshes by handle.
    pub geometry: ArenaBox<'app, GeometryState<'app>>,
    /// Materials by handle.
    pub materials: ArenaBox<'app, MaterialState<'app>>,
    /// Textures by handle.
    pub textures: ArenaBox<'app, TextureState<'app>>,
    /// Draws.
    pub renderer: ArenaBox<'app, RendererState<'app>>,
    /// Files by name.
    pub resources: ArenaBox<'app, ResourceState<'app>>,
    /// Keyboard and mouse.
    pub input: ArenaBox<'app, InputState<'app>>,
    /// Who wants to know what happened.
    pub events: ArenaBox<'app, EventState<'app>>,
    /// Window messages and time.
    pub platform: ArenaBox<'app, PlatformState<'app>>,
    /// The GPU: device, memory, driver.
    pub gpu: &'app Gpu,
    /// The window or its headless twin.
    pub window: &'app Window,
    /// What lives as long as the application.
    pub permanent: Tagged<'app>,
}

impl<'app> AppState<'app> {
    /// Starts every subsystem in the specification's order. On failure nothing is left open.
    pub(crate) fn startup<E>(
        permanent: Tagged<'app>,
        pump: Pump,
        window: &'app Window,
        gpu: &'app Gpu,
        config: &AppConfig<'_>,
    ) -> Result<AppState<'app>, AppError<E>> {
        let mut platform = voltrum_platform::startup(permanent.with_tag(Tag::PLATFORM), pump, window)?;
        if config.frame_interval.is_some() {
            platform.limiter.set_interval(config.frame_interval);
        }
        let events = events::startup(permanent.with_tag(Tag::EVENTS), config.events)?;
        let input = input::startup(permanent.with_tag(Tag::INPUT))?;
        let resources = resources::startup_isolated(permanent.with_tag(Tag::RESOURCES), &config.resources)?;
        let drawn_to = (!window.is_headless()).then_some(window);
        let mut renderer = renderer::startup(permanent.with_tag(Tag::RENDERER), gpu, drawn_to, config.renderer)?;
        let textures = textures::startup(permanent.with_tag(Tag::TEXTURE), &mut renderer, config.textures)?;
        let materials =
            materials::startup(permanent.with_tag(Tag::MATERIAL), &mut renderer, &textures, config.materials)?;
        let geometry = geometry::startup(permanent.with_tag(Tag::GEOMETRY), &mut renderer, config.geometry)?;
        let ui = match config.ui {
            Some(ui) => {
                let mut ui = voltrum_ui::startup(permanent.with_tag(Tag::UI), ui)?;
                // headless instances are tests: they leave what a person has copied alone
                if !window.is_headless() {
                    voltrum_ui::use_system_clipboard(&mut ui);
                }
                Some(ui)
            }
            None => None,
        };
        Ok(AppState {
            ui,
            geometry,
            materials,
            textures,
            renderer,
            resources,
            input,
            events,
            platform,
            gpu,
            window,
            permanent,
        })
    }
}
