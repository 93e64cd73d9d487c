//! What a program gives the framework: its state, its projects, and what to do with them once a frame.
//!
//! # Invariants
//! 1. `State<'app>` may point into the permanent arena, `Project<'scene>` into the scene arena; neither can keep what a
//!    frame lent, and the state can't keep what the scene lent. The compiler says so.

use crate::{AppState, Frame};
use voltrum_assets::Loading;
use voltrum_memory::{Scope, Tagged};
use voltrum_render::{Instances, RenderError, UploadBatch, View};
use voltrum_ui::{LayerId, Ui};

/// What a client wants after its turn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Next<R> {
    /// Another turn.
    #[default]
    Continue,
    /// Load a project on the worker, and switch to it once it is there. A load that still runs is cancelled.
    Open(R),
    /// Load something on the worker that becomes part of the open project: [`Client::import`] takes it over once it is
    /// there. A load that still runs is cancelled.
    Import(R),
    /// Prepare something on the worker that changes the open project: [`Client::prepare`] does it, [`Client::apply`] takes it
    /// over once it is there. A load that still runs is cancelled.
    Prepare(R),
    /// End the application.
    Quit,
}

/// A program: what it keeps, and what it does at start-up, at each frame, and at its end.
///
/// Its functions take `&self`, since the loader calls [`Client::load`] from a worker while the others run; what changes is
/// in the state and in the project.
///
/// # What the compiler refuses
/// The state outlives every project, so it can't keep what a project's memory lends:
///
/// ```compile_fail
/// # use voltrum::memory::{MemoryError, Tagged};
/// struct State<'app> {
///     angles: &'app [f32],
/// }
///
/// fn open<'app, 'scene>(state: &mut State<'app>, memory: Tagged<'scene>) -> Result<(), MemoryError> {
///     state.angles = memory.try_alloc_slice_copy(&[0.5])?;
///     Ok(())
/// }
/// ```
///
/// A project outlives every frame, so it can't keep what a frame lends, but for a copy in memory of its own:
///
/// ```compile_fail
/// # use voltrum::{Frame, memory::{MemoryError, Tagged}};
/// struct Sheet<'scene> {
///     title: &'scene str,
/// }
///
/// fn update<'scene>(sheet: &mut Sheet<'scene>, frame: &Frame<'_>) -> Result<(), MemoryError> {
///     sheet.title = frame.memory.try_alloc_fmt(format_args!("frame {}", frame.index))?;
///     Ok(())
/// }
/// ```
///
/// ```
/// # use voltrum::{Frame, memory::{MemoryError, Tagged}};
/// # struct Sheet<'scene> {
/// #     title: &'scene str,
/// # }
/// fn update<'scene>(sheet: &mut Sheet<'scene>, own: Tagged<'scene>, frame: &Frame<'_>) -> Result<(), MemoryError> {
///     let title = frame.memory.try_alloc_fmt(format_args!("frame {}", frame.index))?;
///     sheet.title = own.try_alloc_str(title)?;
///     Ok(())
/// }
/// ```
///
/// An arena ends without a destructor, so nothing that needs one goes into it, but for a box that runs it:
///
/// ```compile_fail
/// # use voltrum::memory::{MemoryError, Tagged};
/// # fn main() { let _called: fn(Tagged<'_>) -> Result<(), MemoryError> = keep; }
/// fn keep(memory: Tagged<'_>) -> Result<(), MemoryError> {
///     memory.try_alloc(String::from("on the heap"))?;
///     Ok(())
/// }
/// ```
///
/// ```
/// # use voltrum::memory::{MemoryError, Tagged};
/// fn keep(memory: Tagged<'_>) -> Result<(), MemoryError> {
///     memory.try_alloc_box(String::from("on the heap"))?;
///     Ok(())
/// }
/// ```
pub trait Client: Sync {
    /// What names a project: a path, say.
    type Request: Send;
    /// A loaded project before it is opened, made on the worker: plain data in the scene arena, and collections that own
    /// theirs ([`Sole`](voltrum_memory::Sole)).
    type Staged<'scene>: Send;
    /// An open project.
    type Project<'scene>;
    /// A piece of work on the open project that another thread does beside the frames: a save, say. `()` where there is none.
    type Work<'scene>: Send;
    /// What the program keeps as long as it runs.
    type State<'app>;
    /// What can go wrong in the client's own steps.
    type Error: std::error::Error + Send + 'static;

    /// Makes the program's state. What it allocates lives in the permanent arena, `app.permanent`.
    ///
    /// # Errors
    /// The client's own; the application then ends and closes what it had opened.
    fn startup<'app>(&self, app: &mut AppState<'app>) -> Result<Self::State<'app>, Self::Error>;

    /// The project that is open while there is none: allocates nothing, can't fail.
    fn empty<'scene>(&self) -> Self::Staged<'scene>;

    /// Loads a project into the scene arena. Runs on the worker, beside the frames of the current project.
    ///
    /// # Errors
    /// The client's own; the current project stays as it is, and [`Client::load_failed`] hears of it.
    fn load<'scene>(
        &self,
        request: &Self::Request,
        memory: &Scope<'scene>,
        loading: &mut Loading<'_, UploadBatch<'_>>,
    ) -> Result<Self::Staged<'scene>, Self::Error>;

    /// How much of the scene arena's address space a load for [`Next::Import`] may fill: it stays taken as long as the
    /// project is open, whatever was used of it. Less is given where less is left.
    fn import_reserve_bytes(&self, _request: &Self::Request) -> usize {
        4 << 30
    }

    /// Adopts a loaded project, which stays where the worker put it (hence the two lifetimes): between two frames, so what
    /// takes longer for larger projects belongs into [`Client::load`]. The uploads that the load filled can be named here; the
    /// framework submits them right afterwards.
    ///
    /// # Errors
    /// The client's own; the empty project is opened instead, and [`Client::load_failed`] hears of it. What was made on the GPU
    /// until then goes with [`Client::close`] only where there is a project: it is to be given back first.
    fn open<'app, 'loaded: 'scene, 'scene>(
        &self,
        state: &mut Self::State<'app>,
        app: &mut AppState<'app>,
        staged: Self::Staged<'loaded>,
        memory: Tagged<'scene>,
        uploads: &UploadBatch<'_>,
    ) -> Result<Self::Project<'scene>, Self::Error>;

    /// Makes a loaded file part of the open project. It was loaded by [`Client::load`], for [`Next::Import`], into memory
    /// of the open project's own; `uploads` is submitted right afterwards.
    ///
    /// # Errors
    /// The client's own; the project stays as it is, and [`Client::load_failed`] hears of it.
    fn import<'app, 'scene>(
        &self,
        _state: &mut Self::State<'app>,
        _project: &mut Self::Project<'scene>,
        _app: &mut AppState<'app>,
        _staged: Self::Staged<'scene>,
        _uploads: &UploadBatch<'_>,
    ) -> Result<(), Self::Error> {
        Ok(())
    }

    /// Prepares what changes the open project, a file that is loaded once more, say. Runs on the worker. `memory` is free
    /// again afterwards: what is kept goes into the request, which [`Client::apply`] gets, with the uploads.
    ///
    /// # Errors
    /// The client's own; the project stays as it is, and [`Client::load_failed`] hears of it.
    fn prepare(
        &self,
        request: Self::Request,
        _memory: &Scope<'_>,
        _loading: &mut Loading<'_, UploadBatch<'_>>,
    ) -> Result<Self::Request, Self::Error> {
        Ok(request)
    }

    /// Changes the open project as was prepared; `uploads` is submitted right afterwards, and what the renderer is to have of
    /// it besides bytes is taken out here.
    ///
    /// # Errors
    /// The client's own; the project stays as it is, and [`Client::load_failed`] hears of it.
    fn apply<'app, 'scene>(
        &self,
        _state: &mut Self::State<'app>,
        _project: &mut Self::Project<'scene>,
        _app: &mut AppState<'app>,
        _prepared: Self::Request,
        _uploads: &mut UploadBatch<'app>,
    ) -> Result<(), Self::Error> {
        Ok(())
    }

    /// A project could not be opened, or a file not be made part of it.
    fn load_failed<'app>(&self, state: &mut Self::State<'app>, app: &mut AppState<'app>, error: Self::Error);

    /// There was no memory for all that the turn before was to draw: the window shows what it did, or lacks what there was no
    /// room for, and each turn tries again.
    ///
    /// # Errors
    /// To end the application with the error, which is what happens by default.
    fn draw_failed<'app>(
        &self,
        _state: &mut Self::State<'app>,
        _app: &mut AppState<'app>,
        error: RenderError,
    ) -> Result<(), RenderError> {
        Err(error)
    }

    /// One turn: moves things.
    ///
    /// # Errors
    /// The client's own; the application ends.
    fn update<'app, 'scene>(
        &self,
        state: &mut Self::State<'app>,
        project: &mut Self::Project<'scene>,
        app: &mut AppState<'app>,
        scene: Tagged<'scene>,
        frame: &mut Frame<'_>,
    ) -> Result<Next<Self::Request>, Self::Error>;

    /// One turn: says what is to be drawn. The views live in the frame arena.
    ///
    /// # Errors
    /// The client's own; the application ends.
    fn render<'f>(
        &self,
        state: &mut Self::State<'_>,
        project: &mut Self::Project<'_>,
        app: &mut AppState<'_>,
        frame: &'f Frame<'_>,
    ) -> Result<&'f [View<'f>], Self::Error>;

    /// One turn, after the layers: the objects that the project keeps on the GPU. They are in each view of
    /// [`Client::render`] that names none of its own.
    fn instances<'p>(&self, _project: &'p Self::Project<'_>) -> Option<&'p Instances<'p>> {
        None
    }

    /// One turn: draws one of the interface's layers. What the user does there is best noted in the state and done in the
    /// next [`Client::update`].
    ///
    /// # Errors
    /// The client's own; the application ends.
    fn draw_layer(
        &self,
        _layer: LayerId,
        _ui: Ui<'_>,
        _state: &mut Self::State<'_>,
        _project: &mut Self::Project<'_>,
        _app: &AppState<'_>,
        _frame: &Frame<'_>,
    ) -> Result<(), Self::Error> {
        Ok(())
    }

    /// The GPU was lost while this project was open. What is to be loaded once the device is open again, or `None` to end the
    /// application with [`RenderError::DeviceLost`](voltrum_render::RenderError::DeviceLost). [`Client::close`] and
    /// [`Client::shutdown`] follow, and where a request was returned, [`Client::startup`]: the window stays, every other
    /// state is made anew, and what the lost one held in the permanent arena stays there, unused. A device that is lost
    /// again within 600 frames ends the application.
    fn device_lost<'app>(
        &self,
        _state: &mut Self::State<'app>,
        _project: &mut Self::Project<'_>,
        _app: &mut AppState<'app>,
    ) -> Option<Self::Request> {
        None
    }

    /// Asked after each update: work that another thread is to do beside the frames, one piece after the other. How it went
    /// is between the work and the project. The project is not closed before the work is done.
    fn take_work<'scene>(
        &self,
        _project: &mut Self::Project<'scene>,
        _scene: Tagged<'scene>,
    ) -> Option<Self::Work<'scene>> {
        None
    }

    /// Does a piece of work, on a thread of its own.
    fn work(&self, _work: Self::Work<'_>) {}

    /// A project closes: gives back what is not the scene arena's, GPU handles above all. Its memory is dropped afterwards,
    /// in one step.
    fn close<'app>(&self, state: &mut Self::State<'app>, app: &mut AppState<'app>, project: Self::Project<'_>);

    /// The application ends. Its last project has been closed.
    fn shutdown<'app>(&self, _state: Self::State<'app>, _app: &mut AppState<'app>) {}
}
