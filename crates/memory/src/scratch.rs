//! Scratch arenas: two for each thread, so that whoever makes results in one has the other for what is in between.
//!
//! A function that makes something often needs memory for a while: tokens, a stack, a table of what it has seen. If that came
//! from the arena of the results, it would stay there; so it comes from a second arena. In C such a function asks a
//! thread-local pair for the one that is not its caller's, and must name the arenas that it was given. Leave one out, and
//! results are overwritten. Here the two scopes are two `&mut`, which can't be of one arena, and that is the whole of it.
//!
//! # Invariants
//! 1. The two arenas are apart: nothing in one is in the other, and neither is carved from the other.

use crate::arena::Arena;
use crate::error::MemoryError;
use crate::scope::Scope;
use crate::tagged::Tagged;
use crate::view::ArenaView;

/// A thread's two scratch arenas.
///
/// Write functions as `fn parse<'a>(.., memory: &mut Scope<'a>, scratch: &mut Scope<'_>) -> .. &'a ..`, and let the first
/// line be `let mut temp = scratch.temp();`. Inside, call the next such function with the two exchanged: its results go into
/// `temp`, its scratch is a temp of `memory`, gone when it returns. Two arenas are enough for any depth.
///
/// ```
/// use voltrum_memory::{MemoryError, Scope, Scratch};
///
/// fn words<'a>(text: &str, memory: &mut Scope<'a>, _scratch: &mut Scope<'_>) -> Result<&'a [&'a str], MemoryError> {
///     let text = memory.try_alloc_str(text)?;
///     Ok(memory.try_alloc_iter(text.split(' '))?)
/// }
///
/// fn longest<'a>(text: &str, memory: &mut Scope<'a>, scratch: &mut Scope<'_>) -> Result<&'a str, MemoryError> {
///     let mut temp = scratch.temp();
///     let words = words(text, &mut temp, memory)?; // they die with `temp`
///     let longest = words.iter().max_by_key(|word| word.len()).unwrap_or(&"");
///     Ok(memory.try_alloc_str(longest)?) // the result doesn't
/// }
///
/// let mut scratch = Scratch::try_reserve("scratch", 16 << 20)?;
/// let (mut memory, mut other) = scratch.open();
/// assert_eq!(longest("a lamp and a lightbulb", &mut memory, &mut other)?, "lightbulb");
/// assert_eq!((memory.view().used(), other.view().used()), (16, 0)); // nothing else is left
/// # Ok::<(), MemoryError>(())
/// ```
///
/// The same arena twice does not compile, be it as a scope, a temp or a handle:
///
/// ```compile_fail,E0499
/// # use voltrum_memory::{Scope, Scratch};
/// # fn longest<'a>(text: &str, memory: &mut Scope<'a>, scratch: &mut Scope<'_>) {}
/// # let mut scratch = Scratch::try_reserve("scratch", 16 << 20).unwrap();
/// let (mut memory, _other) = scratch.open();
/// longest("a lamp", &mut memory, &mut memory.temp());
/// ```
///
/// A worker takes a pair along: it is `Send`, the scopes are, and so is a pair carved from an arena of another thread.
#[must_use]
pub struct Scratch<'p> {
    arenas: [Arena<'p>; 2],
}

#[cfg(feature = "std")]
impl Scratch<'static> {
    /// Reserves two arenas of `bytes` each. With feature `std`; without: [`Scratch::of`] two arenas in buffers.
    ///
    /// # Errors
    /// As [`Arena::try_reserve`].
    pub fn try_reserve(name: &'static str, bytes: usize) -> Result<Scratch<'static>, MemoryError> {
        Ok(Scratch::of(Arena::try_reserve(name, bytes)?, Arena::try_reserve(name, bytes)?))
    }
}

impl<'p> Scratch<'p> {
    /// Carves two arenas of `bytes` each from another one, under which they show in reports.
    ///
    /// ```
    /// use voltrum_memory::{Scratch, Tag};
    /// # let mut arena = voltrum_memory::Arena::try_reserve("loads", 64 << 20)?;
    /// # let scope = arena.open();
    /// let mut scratch = Scratch::try_carve("decoder scratch", 4 << 20, scope.tagged(Tag::RESOURCES))?;
    /// std::thread::scope(|threads| {
    ///     threads.spawn(move || scratch.open_one().alloc_zeroed::<u8>(1_000).len());
    /// });
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Tagged::try_child`].
    pub fn try_carve(name: &'static str, bytes: usize, memory: Tagged<'p>) -> Result<Scratch<'p>, MemoryError> {
        Ok(Scratch::of(memory.try_child(name, bytes)?, memory.try_child(name, bytes)?))
    }

    /// A pair of two arenas, which are free from here on.
    pub fn of(first: Arena<'p>, second: Arena<'p>) -> Scratch<'p> {
        Scratch { arenas: [first, second] }
    }

    /// Begins both anew: one for results, one for what is in between. Which is which is the caller's choice.
    pub fn open(&mut self) -> (Scope<'_>, Scope<'_>) {
        let [first, second] = &mut self.arenas;
        (first.open(), second.open())
    }

    /// Begins one anew, where results go to an arena that is no part of the pair.
    ///
    /// ```
    /// use voltrum_memory::{Arena, Scratch};
    ///
    /// let mut scene = Arena::try_reserve("scene", 1 << 20)?;
    /// let scene = scene.open();
    /// let mut scratch = Scratch::try_reserve("scratch", 1 << 20)?;
    ///
    /// let temp = scratch.open_one();
    /// let digits = temp.try_alloc_iter("a1b2c3".chars().filter_map(|c| c.to_digit(10)))?;
    /// let sum = scene.try_alloc(digits.iter().sum::<u32>())?;
    /// drop(temp);
    /// assert_eq!(*sum, 6);
    /// # Ok::<(), voltrum_memory::MemoryError>(())
    /// ```
    pub fn open_one(&mut self) -> Scope<'_> {
        self.arenas[0].open()
    }

    /// Views for reports.
    pub fn views(&self) -> [ArenaView<'_>; 2] {
        self.arenas.each_ref().map(Arena::view)
    }

    /// Empties both and gives what lies above the first `keep_bytes` of each back to the system; see [`Arena::trim`].
    pub fn trim(&mut self, keep_bytes: usize) {
        self.arenas.iter_mut().for_each(|arena| arena.trim(keep_bytes));
    }
}
