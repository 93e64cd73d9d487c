//! The GPU fails: memory that runs out in a load leaves the open project alone, a lost device is opened once more, and
//! ends the application with an error where that does not help, after everything was closed. On a stub of Vulkan, since real ones fail seldom.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use voltrum::assets::Loading;
use voltrum::memory::{MemoryError, Scope, Tagged};
use voltrum::render::{
    Driver, GpuLifetime, ImageFormat, ImageUpload, RenderError, SamplerDesc, Stub, TextureId, UploadBatch, View,
    renderer,
};
use voltrum::testing::{frames, frames_until_loaded};
use voltrum::{AppConfig, AppError, AppState, Client, Frame, Next, Turn, drive};

const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug, thiserror::Error)]
enum PictureError {
    #[error(transparent)]
    Render(#[from] RenderError),
    #[error(transparent)]
    Memory(#[from] MemoryError),
}

/// A client whose projects are one image of a given side.
#[derive(Default)]
struct Pictures {
    closes: AtomicUsize,
    /// Whether it goes on with the same picture after a GPU was lost.
    goes_on: bool,
}

struct Picture {
    texture: Option<TextureId>,
    side: u32,
}

impl Client for Pictures {
    type Request = u32;
    type Staged<'scene> = Option<ImageUpload>;
    type Project<'scene> = Picture;
    type Work<'scene> = ();
    type State<'app> = Option<String>;
    type Error = PictureError;

    fn startup<'app>(&self, _app: &mut AppState<'app>) -> Result<Self::State<'app>, PictureError> {
        Ok(None)
    }

    fn empty<'scene>(&self) -> Self::Staged<'scene> {
        None
    }

    fn load<'scene>(
        &self,
        side: &u32,
        _memory: &Scope<'scene>,
        loading: &mut Loading<'_, UploadBatch<'_>>,
    ) -> Result<Self::Staged<'scene>, PictureError> {
        let (upload, _) = loading.uploads.try_image([*side; 2], ImageFormat::Rgba8Srgb)?;
        loading.uploads.try_reserve()?;
        Ok(Some(upload))
    }

    fn open<'app, 'loaded: 'scene, 'scene>(
        &self,
        _state: &mut Option<String>,
        app: &mut AppState<'app>,
        staged: Self::Staged<'loaded>,
        _memory: Tagged<'scene>,
        uploads: &UploadBatch<'_>,
    ) -> Result<Self::Project<'scene>, PictureError> {
        let Some(upload) = staged else { return Ok(Picture { texture: None, side: 0 }) };
        let (sampler, lifetime) = (SamplerDesc::default(), GpuLifetime::Scene);
        let texture = renderer::create_texture(&mut app.renderer, uploads, upload, sampler, lifetime)?;
        Ok(Picture { texture: Some(texture), side: upload.size()[0] })
    }

    fn load_failed<'app>(&self, state: &mut Option<String>, _app: &mut AppState<'app>, error: PictureError) {
        *state = Some(error.to_string());
    }

    fn update<'app, 'scene>(
        &self,
        _state: &mut Option<String>,
        _project: &mut Self::Project<'scene>,
        _app: &mut AppState<'app>,
        _scene: Tagged<'scene>,
        _frame: &mut Frame<'_>,
    ) -> Result<Next<u32>, PictureError> {
        Ok(Next::Continue)
    }

    fn render<'f>(
        &self,
        _state: &mut Option<String>,
        _project: &mut Picture,
        _app: &mut AppState<'_>,
        _frame: &'f Frame<'_>,
    ) -> Result<&'f [View<'f>], PictureError> {
        Ok(&[])
    }

    fn device_lost<'app>(
        &self,
        _state: &mut Option<String>,
        project: &mut Picture,
        _app: &mut AppState<'app>,
    ) -> Option<u32> {
        self.goes_on.then_some(project.side)
    }

    fn close<'app>(&self, _state: &mut Option<String>, app: &mut AppState<'app>, project: Picture) {
        if let Some(texture) = project.texture {
            renderer::destroy_texture(&mut app.renderer, texture);
        }
        self.closes.fetch_add(1, Relaxed);
    }
}

fn config(stub: &'static Stub) -> AppConfig<'static> {
    AppConfig { driver: Driver::Stub(stub), ui: None, ..AppConfig::new("pictures") }.headless()
}

#[test]
fn gpu_memory_that_runs_out_in_a_load_leaves_the_open_project_untouched() {
    static STUB: Stub = Stub::new();
    let client = Pictures::default();
    let mut scenes = 0;
    drive(&config(&STUB), &client, Some(512), |instance| {
        scenes += 1;
        if scenes == 2 {
            assert_eq!(instance.project().side, 1_024);
            frames(instance, 2)?;
            return Ok(Turn::Quit);
        }
        frames(instance, 3)?;
        let texture = instance.project().texture;
        let (usage, bytes) = (instance.app().gpu.usage(), STUB.device_bytes());
        // For the staging of the next project, and not for its image as well.
        STUB.limit_device_bytes(bytes + (100 << 20));
        for _ in 0..3 {
            instance.open(4_096);
            assert_eq!(frames_until_loaded(instance, PATIENCE)?, Turn::Continue);
            let failure = instance.state().take().unwrap();
            assert!(failure.starts_with("the GPU is out of memory"), "{failure}");
            frames(instance, 2)?;
            assert_eq!((instance.project().texture, instance.project().side), (texture, 512));
            assert_eq!(instance.app().gpu.usage(), usage, "the failed load left nothing");
        }
        STUB.limit_device_bytes(1 << 40);
        instance.open(1_024);
        frames_until_loaded(instance, PATIENCE)
    })
    .unwrap();
    assert_eq!((scenes, client.closes.load(Relaxed)), (2, 2));
    assert_eq!((STUB.live(), STUB.misuses(), STUB.device_bytes()), (0, 0, 0));
}

#[test]
fn a_frame_that_there_is_no_memory_for_ends_a_client_that_knows_no_better() {
    static STUB: Stub = Stub::new();
    let ended = drive(&config(&STUB), &Pictures::default(), None, |instance| {
        frames(instance, 3)?;
        STUB.fail_next("vkBeginCommandBuffer", ash::vk::Result::ERROR_OUT_OF_HOST_MEMORY);
        frames(instance, 3)
    });
    assert!(STUB.end_faults().is_some());
    assert!(matches!(ended, Err(AppError::Render(RenderError::OutOfHostMemory { .. }))), "{ended:?}");
    assert_eq!((STUB.live(), STUB.misuses()), (0, 0));
}

#[test]
fn a_lost_device_ends_the_application_with_an_error_and_everything_is_closed() {
    static STUB: Stub = Stub::new();
    // Whichever call finds out, in frames or while a project is being loaded.
    for n in 0..6 {
        let client = Pictures::default();
        let mut scenes = 0;
        let result = drive(&config(&STUB), &client, Some(64), |instance| {
            scenes += 1;
            frames(instance, 2)?;
            STUB.fail_call(n, ash::vk::Result::ERROR_DEVICE_LOST);
            instance.open(128);
            frames(instance, 10_000)
        });
        assert!(matches!(result, Err(AppError::Render(RenderError::DeviceLost { .. }))), "{n}");
        assert!(STUB.end_faults().is_some());
        // one more where the load was done before a call failed
        assert_eq!(client.closes.load(Relaxed), scenes);
        assert_eq!((STUB.live(), STUB.misuses(), STUB.device_bytes()), (0, 0, 0));
    }
}

#[test]
fn a_lost_device_is_opened_once_more_with_what_was_open() {
    static STUB: Stub = Stub::new();
    for n in 0..6 {
        let client = Pictures { goes_on: true, ..Pictures::default() };
        let mut sides = Vec::new();
        drive(&config(&STUB), &client, Some(64), |instance| {
            sides.push(instance.project().side);
            match sides.as_slice() {
                [64] => {
                    frames(instance, 2)?;
                    STUB.fail_call(n, ash::vk::Result::ERROR_DEVICE_LOST);
                    frames(instance, 10_000)
                }
                // nothing is open until the worker has loaded it again
                [64, 0] => {
                    assert!(STUB.end_faults().is_some());
                    frames_until_loaded(instance, PATIENCE)
                }
                _ => {
                    frames(instance, 5)?;
                    assert!(instance.project().texture.is_some());
                    Ok(Turn::Quit)
                }
            }
        })
        .unwrap();
        assert_eq!(sides, [64, 0, 64], "{n}");
        assert_eq!(client.closes.load(Relaxed), 3);
        assert_eq!((STUB.live(), STUB.misuses(), STUB.device_bytes()), (0, 0, 0));
    }
}

#[test]
fn a_device_that_is_lost_again_at_once_ends_the_application() {
    static STUB: Stub = Stub::new();
    let client = Pictures { goes_on: true, ..Pictures::default() };
    let mut lives = 0;
    let result = drive(&config(&STUB), &client, None, |instance| {
        lives += 1;
        frames(instance, if lives == 2 { 600 } else { 5 })?;
        STUB.fail_call(0, ash::vk::Result::ERROR_DEVICE_LOST);
        frames(instance, 10_000)
    });
    assert!(matches!(result, Err(AppError::Render(RenderError::DeviceLost { .. }))));
    assert_eq!(lives, 3, "the second life was long enough for a third, the third was not");
    STUB.end_faults();
    assert_eq!((STUB.live(), STUB.misuses(), STUB.device_bytes()), (0, 0, 0));
}
