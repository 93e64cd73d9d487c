//! What the viewport shows, and how large it is.

use crate::camera::{OrbitCamera, file_camera};
use crate::error::EditorError;
use crate::look::Look;
use crate::preview::{Arriving, Preview};
use crate::project::{Project, ViewSettings};
use crate::screenshot::Screenshots;
use voltrum::AppState;
use voltrum::memory::{Scope, Tag};
use voltrum::render::glam::Mat4;
use voltrum::render::{Camera, RenderError, RendererState, TargetId, UiTexture, View, renderer};
use voltrum::scene::{self, Entity};

/// The viewport's picture before the interface has said how large it is.
const SIZE_FIRST: [u32; 2] = [640, 360];

/// Where the viewport is seen from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Viewpoint {
    /// From the camera that the mouse moves.
    #[default]
    Orbit,
    /// From a camera of the scene, until the mouse moves it.
    Scene(Entity),
}

/// The viewport: its picture, its camera, its settings.
pub struct Viewport {
    /// How the scene is looked at.
    pub look: Look,
    /// Samples per pixel: 1 or 4.
    pub samples: u32,
    /// The camera that the mouse moves.
    pub camera: OrbitCamera,
    /// Which camera is in use.
    pub viewpoint: Viewpoint,
    /// Width and height that the panel has room for; `None` while it is not shown.
    pub wanted: Option<[u32; 2]>,
    /// Everything is framed and nobody has moved the camera since: it follows the panel's shape.
    is_framed: bool,
    /// Left, top, width and height of the picture in the window.
    place: [f32; 4],
    /// Where the mouse holds the picture, from its upper left corner.
    pub(crate) grip: Option<[f32; 2]>,
    /// Dragging it moves the view; else it turns it.
    pub(crate) pans: bool,
    /// How far it has been dragged since its button went down, in pixels.
    pub(crate) dragged: f32,
    /// Where a rectangle that selects was begun, from the picture's upper left corner.
    pub(crate) box_from: Option<[f32; 2]>,
    /// What is seen of a file before it is there.
    preview: Preview,
    target: TargetId,
    size: [u32; 2],
    samples_made: u32,
    /// The size and the samples that the GPU had no room for.
    refused: Option<([u32; 2], u32)>,
}

impl Viewport {
    /// A viewport with a picture of its own.
    ///
    /// # Errors
    /// When the GPU has no room for it.
    pub fn create(gpu: &mut RendererState<'_>) -> Result<Viewport, RenderError> {
        let samples = 4;
        let target = renderer::create_target(gpu, SIZE_FIRST, samples, "viewport")?;
        Ok(Viewport {
            look: Look { grid: true, ..Look::default() },
            samples,
            camera: OrbitCamera::default(),
            viewpoint: Viewpoint::Orbit,
            wanted: None,
            is_framed: false,
            place: [0.0; 4],
            grip: None,
            pans: false,
            dragged: 0.0,
            box_from: None,
            preview: Preview::default(),
            target,
            size: SIZE_FIRST,
            samples_made: samples,
            refused: None,
        })
    }

    /// Gives the picture back.
    pub fn destroy(&mut self, gpu: &mut RendererState<'_>) {
        self.preview.clear(gpu);
        renderer::destroy_target(gpu, self.target);
    }

    /// Shows all of a project that has just been opened.
    pub fn show_all(&mut self, project: &Project<'_>) {
        self.viewpoint = Viewpoint::Orbit;
        self.is_framed = true;
        self.camera.reset(project.boxes(), self.aspect());
    }

    /// Looks from where a project was looked at when it was saved; at all of it where it doesn't say.
    pub fn show(&mut self, project: &Project<'_>) {
        self.refused = None;
        self.viewpoint = Viewpoint::Orbit;
        self.is_framed = true;
        self.camera.reset(project.framing().iter().copied(), self.aspect());
        self.look_from(&project.view());
    }

    /// Looks from where it is told to, as far as it is told.
    pub fn look_from(&mut self, view: &ViewSettings) {
        if let Some(grid) = view.grid {
            self.look.grid = grid;
        }
        if let (Some(eye), Some(target)) = (view.eye, view.target) {
            self.camera.place(eye, target);
            self.is_framed = false;
        }
        if let Some(camera) = view.camera {
            self.viewpoint = Viewpoint::Scene(camera);
        }
    }

    /// How it is looked at, for a project to keep.
    pub fn settings(&self) -> ViewSettings {
        let (eye, target) = self.camera.eye_and_target();
        let camera = match self.viewpoint {
            Viewpoint::Orbit => None,
            Viewpoint::Scene(entity) => Some(entity),
        };
        ViewSettings { eye: Some(eye), target: Some(target), camera, grid: Some(self.look.grid) }
    }

    /// Brings the picture to the size and the samples that are wanted.
    ///
    /// # Errors
    /// When the GPU has no room for it; the picture stays as it was, and the same is not asked for again before another
    /// project is shown.
    pub fn update(&mut self, gpu: &mut RendererState<'_>, project: &Project<'_>) -> Result<(), RenderError> {
        let (size, samples) = (self.wanted_size(), self.samples);
        if self.refused == Some((size, samples)) {
            return Ok(());
        }
        self.refused = Some((size, samples));
        if samples != self.samples_made {
            let target = renderer::create_target(gpu, size, samples, "viewport")?;
            renderer::destroy_target(gpu, self.target);
            (self.target, self.samples_made) = (target, samples);
        } else if size != self.size {
            renderer::resize_target(gpu, self.target, size)?;
        }
        self.refused = None;
        let is_reshaped = size != self.size;
        self.size = size;
        if is_reshaped && self.is_framed {
            self.show_all(project);
        }
        Ok(())
    }

    /// Shows what has arrived of a file, while that is wanted, and looks at all of it.
    pub(crate) fn follow(&mut self, arriving: &Arriving, is_wanted: bool, app: &mut AppState<'_>) {
        let aspect = self.aspect();
        if let Some(boxes) = self.preview.follow(arriving, is_wanted, app) {
            self.viewpoint = Viewpoint::Orbit;
            self.camera.reset(boxes, aspect);
        }
    }

    /// Whether something is seen of a file before it is there.
    pub fn is_preview(&self) -> bool {
        self.preview.is_shown()
    }

    /// Whether the picture has another size than the panel wishes.
    pub(crate) fn is_unsettled(&self) -> bool {
        let size = self.wanted_size();
        size != self.size && self.refused != Some((size, self.samples))
    }

    fn wanted_size(&self) -> [u32; 2] {
        self.wanted.unwrap_or(self.size).map(|side| side.max(1))
    }

    /// The picture, for the interface.
    pub fn texture(&self) -> UiTexture {
        UiTexture::target(self.target)
    }

    /// The picture, for tests.
    pub fn target(&self) -> TargetId {
        self.target
    }

    /// Width and height of the picture in pixels.
    pub fn size(&self) -> [u32; 2] {
        self.size
    }

    /// Width over height.
    pub fn aspect(&self) -> f32 {
        self.size[0] as f32 / self.size[1] as f32
    }

    /// What the picture is seen with.
    pub fn seen_with(&self, project: &Project<'_>) -> Camera {
        if let Viewpoint::Scene(entity) = self.viewpoint
            && let Some(camera) = scene::cameras(project.scene).get(entity)
        {
            let world = scene::world(project.scene, entity).unwrap_or(Mat4::IDENTITY);
            return file_camera(&world, &camera.lens, self.aspect());
        }
        self.camera.camera(self.aspect())
    }

    /// Left, top, width and height of the picture in the window.
    pub fn place(&self) -> [f32; 4] {
        self.place
    }

    /// Notes where in the window the picture is.
    pub(crate) fn set_place(&mut self, min: [f32; 2], size: [f32; 2]) {
        let place = [min[0], min[1], size[0], size[1]];
        if self.place != place {
            self.place = place;
            tracing::debug!(?place, "viewport placed");
        }
    }

    /// Hands the camera over to a person; one of the file from where it stands.
    pub fn take_over(&mut self, project: &Project<'_>) {
        self.is_framed = false;
        if self.viewpoint != Viewpoint::Orbit {
            let camera = self.seen_with(project);
            self.camera.adopt(&camera, &project.bounds());
            self.viewpoint = Viewpoint::Orbit;
        }
    }

    /// What is to be drawn in this frame; while the panel is hidden, no more than a screenshot.
    ///
    /// # Errors
    /// When the frame arena is full.
    pub(crate) fn views<'f>(
        &self,
        project: &Project<'_>,
        shots: &Screenshots,
        memory: &'f Scope<'_>,
    ) -> Result<&'f [View<'f>], EditorError> {
        let is_hidden = self.wanted.is_none();
        if is_hidden && !shots.is_due() {
            return Ok(&[]);
        }
        let drawn = project.drawn(self.look.view(), memory)?;
        let memory = memory.tagged(Tag::FRAME);
        let draws = if self.preview.is_shown() { self.preview.draws(memory)? } else { drawn.draws };
        let view = View { target: self.target, camera: self.seen_with(project), draws, ..drawn };
        Ok(match shots.view(&view) {
            Some(shot) if is_hidden => memory.try_alloc([shot])?,
            Some(shot) => memory.try_alloc([view, shot])?,
            None => memory.try_alloc([view])?,
        })
    }
}
