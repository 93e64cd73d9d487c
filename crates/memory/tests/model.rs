//! Random sequences of operations against a plain model: blocks never overlap, stay aligned and intact, destructors run
//! once, and the totals add up after every operation.

#![allow(clippy::unwrap_used, reason = "the helpers of tests may fail as loudly as tests")]

mod backing;
mod random;

use backing::on_both_backings;
use random::{Random, assert_adds_up};
use std::alloc::Layout;
use std::collections::BTreeMap;
use std::rc::Rc;
use voltrum_memory::{Arena, ArenaBox, ArenaVec, ArenaView, LogUsage, Scope, TAGS_MAX, Tag, Tagged};

const TAGS: [Tag; 4] = [Tag::SCENE, Tag::UI, Tag::TEXTURE, Tag::UNDO];

fn tag(random: &mut Random) -> Tag {
    TAGS[random.below(TAGS.len())]
}

/// Live blocks by address: length and the byte that fills them.
#[derive(Default)]
struct Model {
    live: BTreeMap<usize, (usize, u8)>,
    operations: usize,
}

impl Model {
    /// Fills a new block and remembers it, after checking that it overlaps none that is live.
    fn add(&mut self, block: *mut u8, len: usize, align: usize, random: &mut Random) {
        assert!(block.addr().is_multiple_of(align));
        if len == 0 {
            return;
        }
        let below = self.live.range(..block.addr() + len).next_back();
        if let Some((other, (bytes, _))) = below {
            assert!(other + bytes <= block.addr(), "{other:x}+{bytes} overlaps {block:?}+{len}");
        }
        let fill = random.next() as u8;
        // SAFETY:
        // - the caller was granted `len` bytes, and nobody else uses them: that is what this model finds out.
        unsafe { block.write_bytes(fill, len) };
        self.live.insert(block.expose_provenance(), (len, fill));
    }

    fn add_slice(&mut self, slice: &mut [u8], random: &mut Random) {
        self.add(slice.as_mut_ptr(), slice.len(), 1, random);
    }

    fn check(&self) {
        for (at, (len, fill)) in &self.live {
            let block = std::ptr::with_exposed_provenance::<u8>(*at);
            // SAFETY:
            // - the block is live: its scope has not ended.
            let bytes = unsafe { std::slice::from_raw_parts(block, *len) };
            assert!(bytes.iter().all(|byte| byte == fill), "{at:x}+{len} was overwritten");
        }
    }
}

/// The log, block by block, makes up the totals; its blocks don't overlap.
fn assert_log_agrees(view: ArenaView<'_>, log: LogUsage) {
    assert_eq!((log.missed, log.missed_bytes), (0, 0));
    let (mut bytes, mut padding, mut end) = ([0; TAGS_MAX], log.unowned_bytes, 0);
    let mut counts = [0; TAGS_MAX];
    for block in view.allocations() {
        bytes[block.tag.index()] += block.size;
        counts[block.tag.index()] += 1;
        padding += block.padding;
        if block.size > 0 {
            assert!(block.offset >= end, "{block} overlaps the one before");
            end = block.offset + block.size;
        }
        assert!(block.file == file!() && block.line > 0, "{block}");
    }
    assert!(end <= view.used_here());
    for index in 0..TAGS_MAX {
        let usage = view.tag(Tag::new(index as u8, "", ""));
        assert_eq!((bytes[index], counts[index]), (usage.bytes, usage.count), "tag {index}");
    }
    assert_eq!(view.padding(), Some(padding));
}

fn assert_logs_agree(view: ArenaView<'_>) {
    view.each_child(assert_logs_agree);
    if let Some(log) = view.log() {
        assert_log_agrees(view, log);
    }
}

fn collect<'a>(memory: Tagged<'a>, len: usize, model: &mut Model, random: &mut Random) {
    let fill = random.next() as u8;
    let mut vec = ArenaVec::new_in(memory);
    for index in 0..len {
        vec.try_push(fill).unwrap();
        if index % 97 == 0 && random.below(4) == 0 {
            memory.alloc(0u64); // the vector is not the last block any more
        }
    }
    assert!(vec.iter().all(|byte| *byte == fill));
    if random.below(2) == 0 {
        vec.truncate(len / 2);
    }
    model.add_slice(vec.into_slice(), random);
}

/// One random operation on an open scope.
fn step<'a>(
    scope: &mut Scope<'a>,
    boxes: &mut Vec<ArenaBox<'a, Counted>>,
    model: &mut Model,
    drops: &Rc<()>,
    random: &mut Random,
    depth: usize,
) {
    let size = random.size();
    let child_bytes = scope.view().reserved() / 4;
    match random.below(13) {
        0..3 => {
            let slice = scope.tagged(tag(random)).alloc_slice_fill_with(size, |i| i as u8).as_mut_ptr();
            model.add(slice, size, 1, random);
        }
        3 => {
            let align = 1 << random.below(14);
            let layout = Layout::from_size_align(size, align).unwrap();
            model.add(scope.alloc_layout(layout).as_ptr(), size, align, random);
        }
        4 => {
            let zeros = scope.alloc_zeroed::<u8>(size);
            assert!(zeros.iter().all(|byte| *byte == 0));
            model.add_slice(zeros, random);
        }
        5 => {
            let text = scope.alloc_fmt(format_args!("{size} and {depth}"));
            assert_eq!(*text, *format!("{size} and {depth}"));
            model.add(text.as_mut_ptr(), text.len(), 1, random);
        }
        6 => boxes.push(scope.alloc_box(Counted { number: model.operations, _alive: drops.clone() })),
        7 => collect(scope.tagged(tag(random)), size, model, random),
        8 => {
            let mut cursor = scope.cursor().tagged(tag(random));
            for _ in 0..random.below(20) {
                let block = cursor.alloc([0u8; 24]);
                model.add(block.as_mut_ptr(), 24, 1, random);
                let align = 1 << random.below(9);
                let len = random.below(200);
                let block = cursor.try_alloc_layout(Layout::from_size_align(len, align).unwrap()).unwrap();
                model.add(block.as_ptr(), len, align, random);
                if random.below(4) == 0 {
                    let mut temp = cursor.temp().tagged(tag(random));
                    temp.try_alloc_str("gone with the nested cursor").unwrap();
                    let layout = Layout::from_size_align(random.below(100_000), 1 << random.below(9)).unwrap();
                    temp.try_alloc_layout(layout).unwrap();
                }
            }
            if random.below(8) == 0 {
                std::mem::forget(cursor);
            }
        }
        9 if child_bytes > 8 << 20 => {
            let Ok(mut child) = scope.try_child("child", child_bytes) else { return };
            {
                let mut inner = child.open();
                nest(&mut inner, model, random, depth + 1);
            }
            if random.below(4) == 0 {
                std::mem::forget(child);
            }
        }
        10 if child_bytes > 4 << 20 => {
            let Ok(array) = scope.try_child("array", 2 << 20) else { return };
            let array = array.into_tagged(tag(random));
            collect(array, size, model, random);
        }
        11 if depth < 5 => {
            let mut temp = scope.temp();
            nest(&mut temp, model, random, depth + 1);
            if random.below(8) == 0 {
                std::mem::forget(temp);
            }
        }
        _ => {
            boxes.pop();
        }
    }
}

/// A scope's life: operations, then an end after which the blocks from before are still intact.
fn nest(scope: &mut Scope<'_>, model: &mut Model, random: &mut Random, depth: usize) {
    let outer = model.live.clone();
    let drops = Rc::new(());
    let mut boxes = Vec::new();
    for _ in 0..random.below(if depth == 0 { 60 } else { 12 }) {
        model.operations += 1;
        // Arenas are kept far from full: refusals have tests of their own.
        if scope.view().used() < scope.view().reserved() / 4 {
            step(scope, &mut boxes, model, &drops, random, depth);
        }
        assert_adds_up(scope.view());
        assert_logs_agree(scope.view());
        assert_eq!(Rc::strong_count(&drops), 1 + boxes.len());
        assert!(boxes.iter().all(|counted| counted.number <= model.operations));
    }
    model.check();
    drop(boxes);
    assert_eq!(Rc::strong_count(&drops), 1);
    model.live = outer;
}

struct Counted {
    number: usize,
    _alive: Rc<()>,
}

fn random_lives_of_an_arena_agree_with_the_model(arena: &mut Arena<'_>) {
    let rounds = if cfg!(debug_assertions) { 150 } else { 600 };
    let empty = arena.open().view().committed();
    for seed in 1..=rounds {
        let mut random = Random::seeded(seed);
        let mut model = Model::default();
        {
            let mut scope = arena.open();
            assert_eq!((scope.view().used(), scope.view().padding().unwrap_or(0)), (0, 0));
            nest(&mut scope, &mut model, &mut random, 0);
            if seed % 5 == 0 {
                std::mem::forget(scope);
            }
        }
        if seed % 3 == 0 {
            arena.trim(0);
            assert_eq!(arena.view().committed(), empty);
        }
    }
}

on_both_backings! {
    random_lives_of_an_arena_agree_with_the_model: 2 << 30;
}
