//! Retired GPU objects: destroyed by the client, still used by frames in flight.

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
}

const CAPACITY: usize = 512;

/// A queue of garbage, oldest first; serials never fall along it.
pub(crate) struct Retired<'gpu> {
    entries: [Option<(u64, Garbage<'gpu>)>; CAPACITY],
    first: usize,
    count: usize,
}

impl<'gpu> Retired<'gpu> {
    pub(crate) fn new() -> Retired<'gpu> {
        Retired { entries: [const { None }; CAPACITY], first: 0, count: 0 }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.count == CAPACITY
    }

    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// Keeps `garbage` until `serial` is done. There is room: the caller saw to it.
    pub(crate) fn push(&mut self, serial: u64, garbage: Garbage<'gpu>) {
        assert!(self.count < CAPACITY, "the caller makes room before it retires");
        self.entries[(self.first + self.count) % CAPACITY] = Some((serial, garbage));
        self.count += 1;
    }

    /// Frees everything whose serial is done.
    pub(crate) fn collect(
        &mut self,
        completed: u64,
        sets: &mut DescriptorPools<'gpu>,
        constants: &mut ConstantsPool<'gpu>,
    ) {
        while let Some((serial, _)) = &self.entries[self.first] {
            if *serial > completed {
                break;
            }
            match self.entries[self.first].take() {
                Some((_, Garbage::Set(set))) => sets.free(set),
                Some((_, Garbage::Constants(slot))) => constants.free(slot),
                Some((_, Garbage::Buffer(buffer))) => drop(buffer),
                Some((_, Garbage::Image(image))) => drop(image),
                None => {}
            }
            self.first = (self.first + 1) % CAPACITY;
            self.count -= 1;
        }
    }
}
