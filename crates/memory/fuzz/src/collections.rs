//! Collections that take turns in one arena, each against its twin of the standard library.

use crate::model::{Figures, assert_adds_up, is_filled};
use crate::operations::Program;
use allocator_api2::alloc::Allocator;
use std::alloc::Layout;
use std::collections::BTreeMap;
use std::ptr::NonNull;
use voltrum_memory::{ArenaMap, ArenaString, ArenaVec, Handle, Pool, Tagged};

const PIECES: [&str; 4] =
    ["a", "lamp", "größer", "a longer piece of text, which soon fills what a string has reserved"];

/// A pool, and its values by the index of their handle.
type PoolTwins<'m> = (Pool<'m, u64>, BTreeMap<u32, (Handle<u64>, u64)>);

/// Twins under way.
struct Twins<'m> {
    vec: (ArenaVec<'m, u32>, Vec<u32>),
    text: (ArenaString<'m>, String),
    map: (ArenaMap<'m, u16, u64>, BTreeMap<u16, u64>),
    pool: Option<PoolTwins<'m>>,
    blocks: Vec<Raw>,
}

/// A block of the allocator's interface.
#[derive(Clone, Copy)]
struct Raw {
    at: NonNull<u8>,
    layout: Layout,
    fill: u8,
}

impl Raw {
    fn bytes<'b>(self) -> &'b mut [u8] {
        // SAFETY:
        // - the block is live and its owner's alone: that is what the program finds out.
        unsafe { std::slice::from_raw_parts_mut(self.at.as_ptr(), self.layout.size()) }
    }
}

impl Program<'_> {
    pub(crate) fn collections(&mut self, memory: Tagged<'_>) {
        let mut twins = Twins {
            vec: (ArenaVec::new_in(memory), Vec::new()),
            text: (ArenaString::new_in(memory), String::new()),
            map: (ArenaMap::new_in(memory), BTreeMap::new()),
            pool: None,
            blocks: Vec::new(),
        };
        for _ in 0..self.input.below(40) {
            if self.is_over() {
                break;
            }
            match self.input.below(10) {
                0..3 => self.vec_step(&mut twins.vec.0, &mut twins.vec.1),
                3 => self.text_step(&mut twins.text.0, &mut twins.text.1),
                4 | 5 => self.map_step(&mut twins.map.0, &mut twins.map.1),
                6 => self.pool_step(memory, &mut twins.pool),
                7..9 => self.raw_step(memory, &mut twins.blocks),
                _ => {
                    if let Ok(block) = memory.try_alloc([0u8; 16]) {
                        self.model.add_slice(block);
                    }
                }
            }
            self.check_twins(&twins);
            assert_adds_up(memory.view());
        }
        let Twins { vec: (vec, expected), text: (text, words), .. } = twins;
        // SAFETY:
        // - granted to the collections, which are used up; dropped here.
        unsafe {
            let slice = vec.into_slice();
            assert_eq!(slice, expected);
            self.model.add(NonNull::from(&mut *slice).cast(), size_of_val(slice), 1);
            let text = text.into_str();
            assert_eq!(*text, *words);
            self.model.add(NonNull::from(&mut *text).cast(), text.len(), 1);
        }
    }

    fn check_twins(&self, twins: &Twins<'_>) {
        self.model.check();
        assert_eq!(twins.vec.0.as_slice(), twins.vec.1);
        assert_eq!(twins.text.0.as_str(), twins.text.1);
        assert_eq!(twins.map.0.len(), twins.map.1.len());
        assert!(twins.map.1.iter().all(|(key, value)| twins.map.0.get(key) == Some(value)));
        if let Some((pool, expected)) = &twins.pool {
            assert_eq!(pool.len(), expected.len());
            assert!(expected.values().all(|(handle, value)| pool.get(*handle) == Some(value)));
        }
        let mut places = vec![
            (twins.vec.0.as_ptr().addr(), twins.vec.0.capacity() * 4),
            (twins.text.0.as_ptr().addr(), twins.text.0.capacity()),
        ];
        for block in &twins.blocks {
            assert!(is_filled(block.bytes(), block.fill), "a block of the allocator was overwritten");
            places.push((block.at.addr().get(), block.layout.size()));
        }
        places.retain(|(_, len)| *len > 0);
        places.sort_unstable();
        assert!(places.windows(2).all(|pair| pair[0].0 + pair[0].1 <= pair[1].0), "collections overlap");
        places.iter().for_each(|(at, len)| self.model.assert_apart(*at, *len));
    }

    fn vec_step(&mut self, vec: &mut ArenaVec<'_, u32>, expected: &mut Vec<u32>) {
        let (value, index) = (self.input.number() as u32, self.input.below(expected.len() + 1));
        let view = vec.memory().view();
        let before = Figures::of(view);
        match self.input.below(12) {
            0..3 => {
                for _ in 0..self.input.below(200) {
                    let before = Figures::of(view);
                    if self.granted(view, &before, vec.try_push(value)).is_some() {
                        expected.push(value);
                    }
                }
            }
            3 => {
                if self.granted(view, &before, vec.try_insert(index, value)).is_some() {
                    expected.insert(index, value);
                }
            }
            4 => {
                let source = vec![value; self.input.size()];
                if self.granted(view, &before, vec.try_extend_from_slice(&source)).is_some() {
                    expected.extend(source);
                }
            }
            5 if vec.try_extend_from_within(..index).is_ok() => expected.extend_from_within(..index),
            6 if index < expected.len() => assert_eq!(vec.remove(index), expected.remove(index)),
            7 if index < expected.len() => assert_eq!(vec.swap_remove(index), expected.swap_remove(index)),
            8 => {
                vec.truncate(index);
                expected.truncate(index);
            }
            9 => vec.shrink_to_fit(),
            10 => {
                let len = self.input.size() % 3_000;
                if vec.try_resize(len, value).is_ok() {
                    expected.resize(len, value);
                }
            }
            11 => {
                vec.retain(|item| item % 3 != 0);
                expected.retain(|item| item % 3 != 0);
            }
            _ => assert_eq!(vec.pop(), expected.pop()),
        }
    }

    fn text_step(&mut self, text: &mut ArenaString<'_>, expected: &mut String) {
        let piece = PIECES[self.input.below(PIECES.len())];
        match self.input.below(6) {
            0 | 1 if text.try_push_str(piece).is_ok() => expected.push_str(piece),
            2 if text.try_push('ß').is_ok() => expected.push('ß'),
            3 if text.try_insert_str(0, piece).is_ok() => expected.insert_str(0, piece),
            4 => assert_eq!(text.pop(), expected.pop()),
            5 => {
                text.clear();
                expected.clear();
            }
            _ => {}
        }
    }

    fn map_step(&mut self, map: &mut ArenaMap<'_, u16, u64>, expected: &mut BTreeMap<u16, u64>) {
        let (key, value) = (self.input.below(300) as u16, self.input.number());
        let view = map.memory().view();
        let before = Figures::of(view);
        match self.input.below(5) {
            0..3 => {
                for key in key..key + self.input.below(20) as u16 {
                    let before = Figures::of(view);
                    if let Some(old) = self.granted(view, &before, map.try_insert(key, value)) {
                        assert_eq!(old, expected.insert(key, value));
                    }
                }
            }
            3 => {
                let more = self.input.below(400);
                self.granted(view, &before, map.try_reserve(more));
            }
            _ => assert_eq!(map.remove(&key), expected.remove(&key)),
        }
    }

    fn pool_step<'m>(&mut self, memory: Tagged<'m>, pool: &mut Option<PoolTwins<'m>>) {
        let value = self.input.number();
        let Some((pool, expected)) = pool else {
            let capacity = self.input.below(100) as u32;
            *pool = Pool::try_new_in(memory, capacity).ok().map(|pool| (pool, BTreeMap::new()));
            return;
        };
        if self.input.one_in(3) {
            let index = self.input.below(100) as u32;
            if let Some((handle, value)) = expected.remove(&index) {
                assert_eq!((pool.remove(handle), pool.remove(handle), pool.get(handle)), (Some(value), None, None));
            }
            return;
        }
        match pool.try_insert(value) {
            Ok(handle) => assert!(expected.insert(handle.index(), (handle, value)).is_none(), "a slot was given twice"),
            Err(_) => assert_eq!(expected.len(), pool.capacity()),
        }
    }

    fn raw_step(&mut self, memory: Tagged<'_>, blocks: &mut Vec<Raw>) {
        let (size, align) = (self.input.size(), self.input.align(13));
        let Ok(layout) = Layout::from_size_align(size, align) else { return };
        let choice = self.input.below(8);
        if choice < 3 || blocks.is_empty() {
            let is_zeroed = choice == 0;
            let granted = if is_zeroed { memory.allocate_zeroed(layout) } else { memory.allocate(layout) };
            if let Ok(block) = granted {
                let block = Raw { at: block.cast(), layout, fill: self.model.next_fill() };
                assert!(!is_zeroed || is_filled(block.bytes(), 0), "not zero");
                self.write(block, blocks);
            }
            return;
        }
        let block = blocks.swap_remove(self.input.below(blocks.len()));
        let (old, kept) = (block.layout, size.min(block.layout.size()));
        // SAFETY:
        // - a live block of this allocator with its layout, forgotten here unless the request is refused; sizes are compared
        //   before `grow` and `shrink`.
        let changed = unsafe {
            match choice {
                3 => return memory.deallocate(block.at, old),
                4 if size >= old.size() => memory.grow_zeroed(block.at, old, layout),
                _ if size >= old.size() => memory.grow(block.at, old, layout),
                _ => memory.shrink(block.at, old, layout),
            }
        };
        let Ok(changed) = changed else { return blocks.push(block) };
        let changed = Raw { at: changed.cast(), layout, fill: self.model.next_fill() };
        assert!(is_filled(&changed.bytes()[..kept], block.fill), "contents were lost on the way");
        let is_zeroed = choice == 4 && size >= old.size();
        assert!(!is_zeroed || is_filled(&changed.bytes()[kept..], 0), "not zero");
        self.write(changed, blocks);
    }

    fn write(&self, block: Raw, blocks: &mut Vec<Raw>) {
        assert!(block.at.addr().get().is_multiple_of(block.layout.align()));
        self.model.assert_apart(block.at.addr().get(), block.layout.size());
        block.bytes().fill(block.fill);
        blocks.push(block);
    }
}
