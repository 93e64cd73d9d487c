//! Tags: who a byte is charged to.

use crate::error::{MemoryError, Reason};

/// How many tags an arena can tell apart.
pub const TAGS_MAX: usize = 64;

/// Names the owner of an allocation in the memory report.
///
/// The constants are those of the framework; a client makes its own the same way, with an index that is still free:
///
/// ```
/// use voltrum_memory::{Arena, ArenaConfig, Tag};
///
/// const AUDIO: Tag = Tag::new(40, "AUDIO", "mixer voices, decoded clips");
///
/// let config = ArenaConfig { tags: &[AUDIO], ..ArenaConfig::new("permanent", 1 << 20) };
/// let mut arena = Arena::try_reserve_with(&config)?;
/// let scope = arena.open();
/// scope.tagged(AUDIO).try_alloc([0.0f32; 256])?;
/// # Ok::<(), voltrum_memory::MemoryError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag {
    index: u8,
    name: &'static str,
    description: &'static str,
}

macro_rules! builtin_tags {
    ($($index:literal $name:ident $description:literal;)*) => {
        impl Tag {
            $(#[doc = concat!("Charged with: ", $description, ".")]
            pub const $name: Tag = Tag { index: $index, name: stringify!($name), description: $description };)*

            pub(crate) const BUILTIN: &'static [Tag] = &[$(Tag::$name),*];
        }
    };
}

builtin_tags! {
    0 UNTAGGED "allocations that named no tag";
    1 APPLICATION "application state, main loop";
    2 PLATFORM "window, message pump, clock";
    3 EVENTS "listener registry, free list";
    4 INPUT "key states, mouse state";
    5 RESOURCES "loader registry, resource cache metadata";
    6 RENDERER "Vulkan state, pipelines, descriptors";
    7 TEXTURE "texture metadata";
    8 MATERIAL "material definitions, shader references";
    9 GEOMETRY "mesh metadata, vertex layouts";
    10 STAGING "uploads on their way to the GPU";
    11 UI "ImGui context, font atlas";
    12 SCENE "entities, component storage, hierarchy";
    13 UNDO "undo history";
    14 PROJECT "project data";
    15 CLIENT "the client's own state";
    16 FRAME "per-frame scratch";
    17 REPORT "memory reports";
    18 FOREIGN "third-party crates: window system, parsers, decoders, loaders";
}

impl Tag {
    /// A tag of the client's own. `index` is free from 19 on.
    ///
    /// # Panics
    /// At compile time, in a `const`, when `index` is not below [`TAGS_MAX`].
    pub const fn new(index: u8, name: &'static str, description: &'static str) -> Tag {
        assert!((index as usize) < TAGS_MAX, "a tag's index is below 64");
        Tag { index, name, description }
    }

    /// The tag's place among an arena's counters, below [`TAGS_MAX`].
    #[inline]
    pub const fn index(self) -> usize {
        self.index as usize
    }

    /// The name that the report prints.
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// One line that says what is charged to this tag.
    pub const fn description(self) -> &'static str {
        self.description
    }

    /// The tag behind an index: one of `own`, else one of the framework's, else [`Tag::UNTAGGED`]'s kin without a name.
    pub(crate) fn at(index: usize, own: &[Tag]) -> Tag {
        own.iter().chain(Tag::BUILTIN).copied().find(|tag| tag.index() == index).unwrap_or(Tag {
            index: index as u8,
            name: "UNDECLARED",
            description: "a tag that the arena was not told of",
        })
    }

    /// Refuses two names for one index.
    pub(crate) fn check(arena: &'static str, own: &'static [Tag]) -> Result<(), MemoryError> {
        for (at, tag) in own.iter().enumerate() {
            let clash =
                Tag::BUILTIN.iter().chain(&own[..at]).find(|other| other.index == tag.index && other.name != tag.name);
            if let Some(other) = clash {
                return Err(MemoryError::new(
                    arena,
                    Some(tag.name),
                    Reason::TagClash { index: tag.index, taken_by: other.name },
                    0,
                    0,
                    0,
                ));
            }
        }
        Ok(())
    }
}
