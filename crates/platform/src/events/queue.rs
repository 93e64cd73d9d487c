//! The nodes of deferred events: one block in the permanent arena, a free list and two chains through it.
//!
//! # Invariants
//! 1. Every node is in exactly one of: free list, `urgent`, `pending`.
//! 2. Chains are first in, first out.

use voltrum_memory::{MemoryError, Tagged};

use super::event::{Event, EventCode, EventData, Sender};

const END: u32 = u32::MAX;

pub(crate) struct Queue<'app> {
    nodes: &'app mut [Node],
    free: u32,
    chains: [Chain; 2],
}

#[derive(Clone, Copy)]
struct Node {
    event: Event,
    next: u32,
}

#[derive(Clone, Copy)]
struct Chain {
    first: u32,
    last: u32,
    len: usize,
}

/// Which of the two chains.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Fired during a dispatch: next, before anything that is pending.
    Urgent,
    /// Posted: at the next `process_pending`.
    Pending,
}

impl<'app> Queue<'app> {
    pub(crate) fn try_new_in(memory: Tagged<'app>, capacity: u32) -> Result<Self, MemoryError> {
        let event = Event { code: EventCode::client(0), data: EventData::None, sender: Sender::PLATFORM };
        let nodes = memory.try_alloc_slice_fill_with(capacity as usize, |index| {
            let next = index as u32 + 1;
            Node { event, next: if next < capacity { next } else { END } }
        })?;
        let empty = Chain { first: END, last: END, len: 0 };
        Ok(Self { nodes, free: if capacity == 0 { END } else { 0 }, chains: [empty; 2] })
    }

    pub(crate) fn capacity(&self) -> usize {
        self.nodes.len()
    }

    pub(crate) fn len(&self, lane: Lane) -> usize {
        self.chains[lane as usize].len
    }

    /// Appends to the lane; `false` when no node is free.
    pub(crate) fn push(&mut self, lane: Lane, event: Event) -> bool {
        let index = self.free;
        let Some(node) = self.nodes.get_mut(index as usize) else { return false };
        self.free = node.next;
        *node = Node { event, next: END };
        self.link(lane, index);
        true
    }

    /// Takes the lane's oldest event; its node is free again.
    pub(crate) fn pop(&mut self, lane: Lane) -> Option<Event> {
        let index = self.unlink(lane)?;
        let node = &mut self.nodes[index as usize];
        node.next = self.free;
        self.free = index;
        Some(node.event)
    }

    /// Moves everything urgent behind what is pending.
    pub(crate) fn postpone_urgent(&mut self) {
        while let Some(index) = self.unlink(Lane::Urgent) {
            self.link(Lane::Pending, index);
        }
    }

    fn link(&mut self, lane: Lane, index: u32) {
        self.nodes[index as usize].next = END;
        let chain = &mut self.chains[lane as usize];
        match self.nodes.get_mut(chain.last as usize) {
            Some(last) => last.next = index,
            None => chain.first = index,
        }
        chain.last = index;
        chain.len += 1;
    }

    fn unlink(&mut self, lane: Lane) -> Option<u32> {
        let chain = &mut self.chains[lane as usize];
        let index = chain.first;
        let node = self.nodes.get(index as usize)?;
        chain.first = node.next;
        if chain.first == END {
            chain.last = END;
        }
        chain.len -= 1;
        Some(index)
    }
}
