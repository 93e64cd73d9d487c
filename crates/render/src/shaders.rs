//! SPIR-V of the shaders in `shaders/`, as the build script made it, or what a client has put in its place.

#[cfg(feature = "live-shaders")]
use crate::live_shaders::{KnownEntry, LiveShaders};
use crate::vulkan::shader::Entry;

include!(concat!(env!("OUT_DIR"), "/shaders.rs"));

/// What pipelines are made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shaders {
    #[cfg(feature = "live-shaders")]
    pub(crate) live: Option<LiveShaders>,
}

impl Shaders {
    /// An entry point's SPIR-V.
    pub(crate) fn words(&self, entry: &'static Entry) -> &[u32] {
        #[cfg(feature = "live-shaders")]
        if let Some(words) = self.live.as_ref().and_then(|live| live.words(entry)) {
            return words;
        }
        entry.words
    }
}
