//! A client for tests: its projects are slices of numbers, some of which take long to load and some of which are broken.

#![allow(dead_code, unreachable_pub, reason = "each test file that includes this one uses a part of it")]

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use voltrum::assets::Loading;
use voltrum::memory::{MemoryError, Scope, Tag, Tagged, heap_usage};
use voltrum::render::{UploadBatch, View};
use voltrum::{AppConfig, AppState, Client, Frame, Next};

#[derive(Debug, thiserror::Error)]
pub enum CounterError {
    #[error("project {0} is broken")]
    Broken(u32),
    #[error("cancelled")]
    Cancelled,
    #[error(transparent)]
    Memory(#[from] MemoryError),
}

pub enum Wanted {
    Numbers(u32),
    Slow(u32, Duration),
    Broken(u32),
}

/// What the client was called for; shared with the loading worker, hence atomics.
#[derive(Default)]
pub struct Counter {
    pub loads: AtomicUsize,
    pub opens: AtomicUsize,
    pub closes: AtomicUsize,
    pub shutdowns: AtomicUsize,
    /// Frames drawn while a load was running.
    pub frames_while_loading: AtomicU64,
    /// Where the last loaded slice was when the worker made it.
    pub staged_at: AtomicUsize,
    /// Blocks of the Rust heap charged to our own crates, when the last project began to close.
    pub own_blocks_at_close: AtomicUsize,
    /// The same when the next one was opened: the old scene is gone, the new one's worker has not been started.
    pub own_blocks_at_open: AtomicUsize,
    pub startup_fails: bool,
}

pub struct Numbers<'scene> {
    pub values: &'scene mut [u64],
    pub joined: Vec<&'scene mut [u64]>,
    pub sum: u64,
}

#[derive(Default)]
pub struct CounterState {
    pub failure: Option<String>,
}

/// Live blocks of the Rust heap that were not taken in a scope of foreign code.
pub fn own_blocks() -> usize {
    heap_usage().map_or(0, |heap| heap.live_count - heap.tag(Tag::FOREIGN).count)
}

pub fn config() -> AppConfig<'static> {
    AppConfig { ui: None, ..AppConfig::new("counter") }.headless()
}

impl Client for Counter {
    type Request = Wanted;
    type Staged<'scene> = &'scene mut [u64];
    type Project<'scene> = Numbers<'scene>;
    type Work<'scene> = ();
    type State<'app> = CounterState;
    type Error = CounterError;

    fn startup<'app>(&self, _app: &mut AppState<'app>) -> Result<CounterState, CounterError> {
        if self.startup_fails { Err(CounterError::Broken(0)) } else { Ok(CounterState::default()) }
    }

    fn empty<'scene>(&self) -> &'scene mut [u64] {
        &mut []
    }

    fn load<'scene>(
        &self,
        request: &Wanted,
        memory: &Scope<'scene>,
        loading: &mut Loading<'_, UploadBatch<'_>>,
    ) -> Result<&'scene mut [u64], CounterError> {
        self.loads.fetch_add(1, Relaxed);
        let number = match *request {
            Wanted::Numbers(number) => number,
            Wanted::Broken(number) => return Err(CounterError::Broken(number)),
            Wanted::Slow(number, time) => {
                for _ in 0..100 {
                    std::thread::sleep(time / 100);
                    if loading.progress.is_cancelled() {
                        return Err(CounterError::Cancelled);
                    }
                }
                number
            }
        };
        let values = memory.try_alloc_slice_fill_with(1_000, |i| i as u64 * u64::from(number))?;
        self.staged_at.store(values.as_ptr().addr(), Relaxed);
        Ok(values)
    }

    fn open<'app, 'loaded: 'scene, 'scene>(
        &self,
        _state: &mut CounterState,
        _app: &mut AppState<'app>,
        values: &'loaded mut [u64],
        _memory: Tagged<'scene>,
        _uploads: &UploadBatch<'_>,
    ) -> Result<Numbers<'scene>, CounterError> {
        self.opens.fetch_add(1, Relaxed);
        self.own_blocks_at_open.store(own_blocks(), Relaxed);
        Ok(Numbers { values, joined: Vec::new(), sum: 0 })
    }

    fn import<'app, 'scene>(
        &self,
        _state: &mut CounterState,
        project: &mut Numbers<'scene>,
        _app: &mut AppState<'app>,
        values: &'scene mut [u64],
        _uploads: &UploadBatch<'_>,
    ) -> Result<(), CounterError> {
        project.joined.push(values);
        Ok(())
    }

    fn load_failed<'app>(&self, state: &mut CounterState, _app: &mut AppState<'app>, error: CounterError) {
        state.failure = Some(error.to_string());
    }

    fn update<'app, 'scene>(
        &self,
        _state: &mut CounterState,
        project: &mut Numbers<'scene>,
        _app: &mut AppState<'app>,
        _scene: Tagged<'scene>,
        frame: &mut Frame<'_>,
    ) -> Result<Next<Wanted>, CounterError> {
        let joined = project.joined.iter().flat_map(|values| values.iter());
        project.sum = project.values.iter().chain(joined).sum();
        if frame.loading.is_some() {
            self.frames_while_loading.fetch_add(1, Relaxed);
        }
        Ok(Next::Continue)
    }

    fn render<'f>(
        &self,
        _state: &mut CounterState,
        _project: &mut Numbers<'_>,
        _app: &mut AppState<'_>,
        _frame: &'f Frame<'_>,
    ) -> Result<&'f [View<'f>], CounterError> {
        Ok(&[])
    }

    fn close<'app>(&self, _state: &mut CounterState, _app: &mut AppState<'app>, _project: Numbers<'_>) {
        self.own_blocks_at_close.store(own_blocks(), Relaxed);
        self.closes.fetch_add(1, Relaxed);
    }

    fn shutdown<'app>(&self, _state: CounterState, _app: &mut AppState<'app>) {
        self.shutdowns.fetch_add(1, Relaxed);
    }
}
