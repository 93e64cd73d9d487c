//! The loading worker: fills the free scene arena while the current project keeps running.
//!
//! # Invariants
//! 1. What it hands over is an open scope, what the client staged in it, and the uploads it filled. What is staged is
//!    `Send`: plain data, and collections that own their arenas. Other handles are made on the main thread, by
//!    `Client::open`.
//! 2. A failed load leaves the arena free and its uploads freed.

use crate::client::Client;
use crate::exchange::{Exchange, Job};
use voltrum_assets::{Loading, Progress};
use voltrum_memory::{Arena, Fill, Opened, Scope};
use voltrum_render::{Gpu, UploadBatch};

/// A loaded project on its way to the main thread.
pub(crate) struct Loaded<'s, 'gpu, C: Client> {
    pub(crate) staged: Opened<'s, C::Staged<'s>>,
    pub(crate) uploads: UploadBatch<'gpu>,
}

/// What comes to a project that stays open.
#[allow(clippy::large_enum_variant, reason = "there is one at a time, and it is moved twice")]
pub(crate) enum Brought<'s, 'gpu, C: Client> {
    /// A file that becomes part of it.
    Import(Loaded<'s, 'gpu, C>),
    /// A change of it, and the bytes that are to go to the GPU with it.
    Prepared(C::Request, UploadBatch<'gpu>),
}

/// What a load needs to know of the application; shared with the worker.
pub(crate) struct Site<'l, 'gpu, C> {
    pub(crate) client: &'l C,
    pub(crate) gpu: &'gpu Gpu,
    pub(crate) upload_limit_bytes: u64,
}

/// Where the loop and the worker of one scene meet.
pub(crate) type SceneExchange<'n, 'scene, 'gpu, C> = Exchange<
    <C as Client>::Request,
    Loaded<'n, 'gpu, C>,
    <C as Client>::Error,
    Arena<'scene>,
    Brought<'scene, 'gpu, C>,
>;

struct Filler<'l, 'gpu, C: Client> {
    client: &'l C,
    request: &'l C::Request,
    uploads: UploadBatch<'gpu>,
    progress: &'l Progress,
}

impl<C: Client> Fill for Filler<'_, '_, C> {
    type Filled<'s> = C::Staged<'s>;
    type Error = C::Error;

    fn fill<'s>(&mut self, memory: &Scope<'s>) -> Result<C::Staged<'s>, C::Error> {
        let mut loading = Loading::new(&mut self.uploads, self.progress);
        self.client.load(self.request, memory, &mut loading)
    }
}

/// Loads one project into `free`; on error the arena comes back.
pub(crate) fn load<'n, 'gpu, 'x, C: Client>(
    site: &Site<'_, 'gpu, C>,
    request: &C::Request,
    progress: &Progress,
    free: &'n mut Arena<'x>,
) -> Result<Loaded<'n, 'gpu, C>, (&'n mut Arena<'x>, C::Error)> {
    let uploads = site.gpu.upload_batch(site.upload_limit_bytes);
    let mut filler = Filler { client: site.client, request, uploads, progress };
    let staged = free.open_with(&mut filler)?;
    Ok(Loaded { staged, uploads: filler.uploads })
}

/// Loads one file into memory of the open project's own; on error that is free again.
fn import<'scene, 'gpu, C: Client>(
    site: &Site<'_, 'gpu, C>,
    request: &C::Request,
    progress: &Progress,
    memory: Arena<'scene>,
) -> Result<Loaded<'scene, 'gpu, C>, C::Error> {
    let uploads = site.gpu.upload_batch(site.upload_limit_bytes);
    let mut filler = Filler { client: site.client, request, uploads, progress };
    let staged = memory.into_filled(&mut filler).map_err(|(_free_again, error)| error)?;
    Ok(Loaded { staged, uploads: filler.uploads })
}

/// Prepares a change of the open project; the free arena is what that works in.
fn prepare<'gpu, C: Client>(
    site: &Site<'_, 'gpu, C>,
    request: C::Request,
    progress: &Progress,
    free: &mut Arena<'_>,
) -> Result<(C::Request, UploadBatch<'gpu>), C::Error> {
    let mut uploads = site.gpu.upload_batch(site.upload_limit_bytes);
    let memory = free.open();
    let prepared = site.client.prepare(request, &memory, &mut Loading::new(&mut uploads, progress))?;
    Ok((prepared, uploads))
}

/// The worker of one scene: gives the closed scene's pages back to the system, then serves requests until a project is
/// handed over or the scene's loop ends.
pub(crate) fn work<'n, 'gpu, C: Client>(
    site: &Site<'_, 'gpu, C>,
    exchange: &SceneExchange<'n, '_, 'gpu, C>,
    mut free: &'n mut Arena<'_>,
) {
    free.trim(0);
    while let Some((job, progress)) = exchange.wait() {
        match job {
            Job::Open(request) => match load(site, &request, progress, free) {
                Ok(loaded) => return exchange.deliver(loaded),
                Err((back, error)) => {
                    free = back;
                    exchange.fail(error);
                }
            },
            Job::Import(request, memory) => match import(site, &request, progress, memory) {
                Ok(imported) => exchange.deliver_import(Brought::Import(imported)),
                Err(error) => exchange.fail(error),
            },
            Job::Prepare(request) => {
                let prepared = prepare(site, request, progress, free);
                free.trim(0);
                match prepared {
                    Ok((request, uploads)) => exchange.deliver_import(Brought::Prepared(request, uploads)),
                    Err(error) => exchange.fail(error),
                }
            }
        }
    }
}

/// The empty project, where there is none.
pub(crate) fn empty<'n, 'gpu, C: Client>(site: &Site<'_, 'gpu, C>, free: &'n mut Arena<'_>) -> Loaded<'n, 'gpu, C> {
    let uploads = site.gpu.upload_batch(site.upload_limit_bytes);
    Loaded { staged: (free.open(), site.client.empty()), uploads }
}
