//! Whose Vulkan a GPU is opened on.

#[cfg(feature = "stub")]
use crate::vulkan::{faults::GpuFaults, stub::Stub};

/// Whose Vulkan to open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Driver {
    /// The system's.
    #[default]
    System,
    /// The system's, with faults that a test plans. Feature `stub`.
    #[cfg(feature = "stub")]
    Watched(&'static GpuFaults),
    /// A stand-in within the process that draws nothing. It presents to headless windows, too. Feature `stub`.
    #[cfg(feature = "stub")]
    Stub(&'static Stub),
}

impl Driver {
    /// Whether it is the stand-in.
    pub(crate) fn is_stub(self) -> bool {
        match self {
            Driver::System => false,
            #[cfg(feature = "stub")]
            Driver::Watched(_) => false,
            #[cfg(feature = "stub")]
            Driver::Stub(_) => true,
        }
    }

    /// The faults that were planned for it.
    #[cfg(feature = "stub")]
    pub(crate) fn faults(self) -> Option<&'static GpuFaults> {
        match self {
            Driver::System => None,
            Driver::Watched(faults) => Some(faults),
            Driver::Stub(stub) => Some(stub.faults()),
        }
    }
}
