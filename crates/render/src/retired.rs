//! Retired GPU objects: destroyed by the client, still used by frames in flight.

use std::mem::ManuallyDrop;

use voltrum_memory::{ArenaVec, MemoryError, Tagged};

use crate::material_constants::{ConstantsPool, ConstantsSlot};
use crate::vulkan::buffer::Buffer;
use crate::vulkan::descriptor::{DescriptorPools, DescriptorSet};
use crate::vulkan::image::Image;

/// What waits for its last frame.
pub(crate) enum Garbage<'gpu> {
    Buffer(Buffer<'gpu>),
    Image(Image<'gpu>),
    Set(DescriptorSet),
    Constants(ConstantsSlot),
    #[cfg(feature = "live-shaders")]
    Pipeline(crate::vulkan::pipeline::Pipeline<'gpu>),
}

const CAPACITY_FIRST: usize = 256;

/// How much is freed at the beginning of a frame. A software driver takes a microsecond for each, a frame has a few thousand:
/// a project that had many objects goes away over a few frames, none of which is longer for it.
pub(crate) const FREED_PER_FRAME: usize = 1_024;

/// Garbage with the submission that may still use it. The list grows to what a project had at most, so that closing
/// one never waits for the GPU.
pub(crate) struct Retired<'gpu> {
    entries: ArenaVec<'gpu, ManuallyDrop<(u64, Garbage<'gpu>)>>,
}

impl<'gpu> Retired<'gpu> {
    pub(crate) fn try_new_in(memory: Tagged<'gpu>) -> Result<Retired<'gpu>, MemoryError> {
        Ok(Retired { entries: ArenaVec::try_with_capacity_in(CAPACITY_FIRST, memory)? })
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Makes room for one more.
    pub(crate) fn try_reserve(&mut self) -> Result<(), MemoryError> {
        self.entries.try_reserve(1)
    }

    /// Keeps `garbage` until `serial` is done. There is room: the caller saw to it.
    pub(crate) fn push(&mut self, serial: u64, garbage: Garbage<'gpu>) {
        let kept = self.entries.try_push(ManuallyDrop::new((serial, garbage)));
        assert!(kept.is_ok(), "the caller makes room before it retires");
    }

    /// Frees what has a serial that is done, up to `most` of it.
    pub(crate) fn collect(
        &mut self,
        completed: u64,
        most: usize,
        sets: &mut DescriptorPools<'gpu>,
        constants: &mut ConstantsPool<'gpu>,
    ) {
        let (mut index, mut freed) = (0, 0);
        while let Some(entry) = self.entries.get(index).filter(|_| freed < most) {
            if entry.0 > completed {
                index += 1;
                continue;
            }
            freed += 1;
            let (_, garbage) = ManuallyDrop::into_inner(self.entries.swap_remove(index));
            match garbage {
                Garbage::Set(set) => sets.free(set),
                Garbage::Constants(slot) => constants.free(slot),
                Garbage::Buffer(buffer) => drop(buffer),
                Garbage::Image(image) => drop(image),
                #[cfg(feature = "live-shaders")]
                Garbage::Pipeline(pipeline) => drop(pipeline),
            }
        }
    }
}

impl Drop for Retired<'_> {
    fn drop(&mut self) {
        while let Some(entry) = self.entries.pop() {
            drop(ManuallyDrop::into_inner(entry));
        }
    }
}
