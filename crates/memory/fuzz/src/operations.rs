//! Programs on arenas: scopes in scopes, children, and everything that allocates in them.
//!
//! # Invariants
//! 1. A life takes its blocks out of the model when it ends, after a last look at them: what a scope lent stays intact beyond
//!    the scope's own end, as long as its lifetime lasts.

use crate::drops::{Counted, Drops};
use crate::input::Input;
use crate::model::{Figures, Model, assert_adds_up};
use voltrum_memory::{Arena, ArenaBox, ArenaConfig, ArenaVec, ArenaView, MemoryError, PagePolicy, Scope, Scratch};

const STEPS_MAX: usize = 200;
const DEPTH_MAX: usize = 5;
/// Live values of each kind in one life.
pub(crate) const HELD_MAX: usize = 12;

/// A program under way.
pub(crate) struct Program<'d> {
    pub(crate) input: Input<'d>,
    pub(crate) model: Model,
    pub(crate) drops: &'d Drops,
    /// Whether children may be carved.
    carves: bool,
    /// Whether pages may go while a scope is open: to children, or because the arena trims itself at the begin of a frame.
    gives_back: bool,
    steps: usize,
}

/// What one life keeps from step to step.
#[derive(Default)]
pub(crate) struct Held<'t, 'd> {
    pub(crate) boxes: Vec<(usize, ArenaBox<'t, Counted<'d>>)>,
    pub(crate) slices: Vec<ArenaBox<'t, [Counted<'d>]>>,
    pub(crate) objects: Vec<ArenaBox<'t, dyn Alive + 'd>>,
    arrays: Vec<(ArenaVec<'t, u64>, Vec<u64>)>,
    children: Vec<Arena<'t>>,
}

/// For boxes of trait objects.
pub(crate) trait Alive {
    fn check(&self);
}

impl Alive for Counted<'_> {
    fn check(&self) {
        Counted::check(self);
    }
}

/// Runs the program that `data` says, in pages of the system and in a buffer.
pub fn run(data: &[u8]) {
    run_in(data, None);
    run_in(data, Some(Vec::new()));
}

fn run_in(data: &[u8], mut buffer: Option<Vec<u8>>) {
    let drops = Drops::default();
    let mut input = Input::new(data);
    let carves = input.below(3) > 0;
    let bytes = match input.below(8) {
        0 => 1 + input.below(256 << 10),
        1 => 5 << 20,
        _ => (256 << 10) << input.below(4),
    };
    let limit_bytes = input.one_in(4).then(|| (64 << 10) + input.below(1 << 20));
    let pages = if input.one_in(16) { PagePolicy::Auto } else { PagePolicy::Small };
    let trim_after = if input.one_in(3) { 1 + input.below(4) as u32 } else { 0 };
    let gives_back = carves || trim_after > 0;
    let mut program = Program { input, model: Model::default(), drops: &drops, carves, gives_back, steps: 0 };
    let config = ArenaConfig { limit_bytes, pages, trim_after, ..ArenaConfig::new("root", bytes) };
    let arena = match &mut buffer {
        None => Arena::try_reserve_with(&config),
        Some(buffer) => {
            // Its bytes stay as the allocator gives them: nothing may rely on zeros.
            buffer.reserve_exact(bytes + Arena::BUFFER_OVERHEAD);
            Arena::in_buffer_with(&config, buffer.spare_capacity_mut())
        }
    };
    let Ok(mut arena) = arena else {
        assert!(limit_bytes.is_some(), "so few bytes can be had");
        return;
    };
    assert!(arena.view().reserved() >= bytes);
    let empty = arena.view().committed();
    for _ in 0..8 {
        let scope = arena.open();
        assert_eq!((scope.view().used(), scope.view().padding().unwrap_or(0)), (0, 0));
        program.life(scope, 0);
        assert!(arena.view().committed() <= limit_bytes.unwrap_or(usize::MAX));
        if program.input.one_in(3) {
            let keep = program.input.size();
            arena.trim(keep);
            let committed = arena.view().committed();
            assert!(keep > 32 << 10 || committed <= empty, "{committed} bytes are left of {empty}");
        }
        if program.is_over() {
            break;
        }
    }
    drop(arena);
    assert!((0..drops.made()).all(|number| drops.of(number) == 1), "a value was never dropped");
}

impl<'d> Program<'d> {
    pub(crate) fn is_over(&self) -> bool {
        self.input.is_over() || self.steps >= STEPS_MAX
    }

    /// A scope's life: steps, its end, and a last look. Whether the scope was forgotten.
    pub(crate) fn life<'t>(&mut self, mut scope: Scope<'t>, depth: usize) -> bool {
        let outer = self.model.live.clone();
        let view = scope.view();
        let mut held = Held::default();
        let mut committed = view.committed();
        for _ in 0..self.input.below(if depth == 0 { 100 } else { 16 }) {
            if self.is_over() {
                break;
            }
            self.steps += 1;
            self.step(&mut scope, &mut held, depth);
            self.check(&held);
            assert_adds_up(view);
            assert!(self.gives_back || view.committed() >= committed, "pages went while their scope was open");
            committed = view.committed();
        }
        let is_forgotten = self.input.one_in(8);
        if is_forgotten {
            std::mem::forget(scope);
        } else {
            drop(scope);
        }
        // The handle is gone, 't goes on: so do children and what lies in them.
        self.array_step(&mut held);
        self.child_step(&mut held, depth);
        self.check(&held);
        drop(held);
        self.model.check();
        self.model.live = outer;
        is_forgotten
    }

    fn check(&self, held: &Held<'_, '_>) {
        self.model.check();
        for (number, boxed) in &held.boxes {
            assert_eq!(*number, boxed.number);
            boxed.check();
        }
        held.slices.iter().flat_map(|slice| slice.iter()).for_each(Counted::check);
        held.objects.iter().for_each(|object| object.check());
        for (array, expected) in &held.arrays {
            assert_eq!(array.as_slice(), expected);
            self.model.assert_apart(array.as_ptr().addr(), size_of_val(array.as_slice()));
        }
    }

    fn step<'t>(&mut self, scope: &mut Scope<'t>, held: &mut Held<'t, 'd>, depth: usize) {
        match self.input.below(20) {
            0..8 => self.value_step(scope, held),
            8 | 9 => {
                let view = scope.view();
                self.cursor_life(scope.cursor(), view, 0);
            }
            10 | 11 => {
                let tag = self.input.tag();
                self.collections(scope.tagged(tag));
            }
            12..15 if depth < DEPTH_MAX => {
                let view = scope.view();
                let before = Figures::of(view);
                let nested = if self.input.one_in(3) { scope.frame() } else { scope.temp() };
                if !self.life(nested, depth + 1) {
                    assert_eq!(Figures::of(view), before, "the end of a scope restores what was before");
                }
            }
            15 if self.carves && held.children.len() < HELD_MAX => {
                let bytes = self.input.size() * 4;
                let tag = self.input.tag();
                let before = Figures::of(scope.view());
                // By the scope, not by a handle: so it lives as long as what the scope lends.
                let child = match tag.index() {
                    0 => scope.try_child("child", bytes),
                    _ => scope.try_child("other child", bytes),
                };
                assert_eq!(Figures::of(scope.view()), before, "a child is no block of its parent");
                held.children.extend(child);
            }
            16 if self.carves && held.arrays.len() < HELD_MAX => {
                let bytes = self.input.size() * 2;
                if let Ok(array) = scope.try_child("array", bytes) {
                    let array = array.into_tagged(self.input.tag());
                    held.arrays.push((ArenaVec::new_in(array), Vec::new()));
                }
            }
            17 => self.child_step(held, depth),
            18 => self.array_step(held),
            _ if self.carves && depth < DEPTH_MAX => self.scratch_step(scope, depth),
            _ => self.drop_step(held),
        }
    }

    /// A refused request leaves all figures as they were.
    pub(crate) fn granted<T>(
        &self,
        view: ArenaView<'_>,
        before: &Figures,
        result: Result<T, MemoryError>,
    ) -> Option<T> {
        if result.is_err() {
            assert_eq!(Figures::of(view), *before, "a refused request left something behind");
        }
        result.ok()
    }

    fn child_step(&mut self, held: &mut Held<'_, 'd>, depth: usize) {
        if held.children.is_empty() {
            return;
        }
        let index = self.input.below(held.children.len());
        let child = &mut held.children[index];
        match self.input.below(8) {
            0 => drop(held.children.swap_remove(index)),
            1 => std::mem::forget(held.children.swap_remove(index)),
            2 => child.trim(self.input.size()),
            3 if depth < DEPTH_MAX => {
                let (mut watched, view) = child.watched();
                self.life(watched.open(), depth + 1);
                assert_adds_up(view);
            }
            _ if depth < DEPTH_MAX => {
                self.life(child.open(), depth + 1);
            }
            _ => {}
        }
    }

    /// An array that grows in a stretch of its own never moves.
    fn array_step(&mut self, held: &mut Held<'_, '_>) {
        if held.arrays.is_empty() {
            return;
        }
        let index = self.input.below(held.arrays.len());
        let (array, expected) = &mut held.arrays[index];
        let place = (array.capacity() > 0).then(|| array.as_ptr());
        for _ in 0..self.input.below(64) {
            let value = self.input.number();
            if array.try_push(value).is_ok() {
                expected.push(value);
            }
        }
        if self.input.one_in(4) {
            let len = self.input.below(expected.len() + 1);
            array.truncate(len);
            expected.truncate(len);
        }
        assert!(place.is_none_or(|place| place == array.as_ptr()), "an array alone in its arena has moved");
    }

    /// Results in one arena, temps in the other, and the two exchanged.
    fn scratch_step(&mut self, scope: &Scope<'_>, depth: usize) {
        let tag = self.input.tag();
        let Ok(mut scratch) = Scratch::try_carve("scratch", self.input.size() * 2, scope.tagged(tag)) else { return };
        let outer = self.model.live.clone();
        {
            let (mut memory, mut other) = scratch.open();
            for _ in 0..self.input.below(4) {
                let block = memory.try_alloc_slice_fill(self.input.size(), 0u8);
                block.into_iter().for_each(|block| self.model.add_slice(block));
                self.life(other.temp(), depth + 1);
                std::mem::swap(&mut memory, &mut other);
            }
            self.model.check();
        }
        self.model.live = outer;
        if self.input.one_in(2) {
            scratch.trim(self.input.size());
        } else {
            self.life(scratch.open_one(), depth + 1);
        }
    }

    fn drop_step(&mut self, held: &mut Held<'_, 'd>) {
        match self.input.below(4) {
            0 => {
                held.slices.pop();
            }
            1 => {
                held.objects.pop();
            }
            2 => {
                let value = held.boxes.pop().map(|(number, boxed)| (number, ArenaBox::into_inner(boxed)));
                value.iter().for_each(|(number, value)| assert_eq!(*number, value.number));
            }
            _ if !held.boxes.is_empty() => {
                let index = self.input.below(held.boxes.len());
                let (number, boxed) = held.boxes.swap_remove(index);
                drop(boxed);
                assert_eq!(self.drops.of(number), 1);
            }
            _ => {}
        }
    }
}
