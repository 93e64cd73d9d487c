//! What can go wrong with an asset, in one enum, and what that means for the caller.
//!
//! Messages say which file, where in it, the numbers and what to do. They live on the Rust heap: an error outlives every
//! arena that the failed load could have used.
#![allow(
    clippy::disallowed_types,
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    reason = "an error outlives the arena of the load that failed, so its text is on the heap"
)]

use std::fmt;
use std::io;
use std::path::Path;

use voltrum_memory::MemoryError;
use voltrum_platform::PlatformError;
use voltrum_render::RenderError;

/// What an [`AssetError`] means for the caller: a command turns it into its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The file is not what it claims to be (exit code 3).
    BadFile,
    /// A memory budget or a configured limit was reached (exit code 4).
    Memory,
    /// The graphics device refused (exit code 5).
    Device,
    /// The file is missing, a directory, or may not be read (exit code 6).
    Io,
    /// Somebody asked the load to stop.
    Cancelled,
    /// The caller broke the rules of the interface: a stale handle, an unknown loader.
    Usage,
}

/// A place inside a document: `mesh 3`, or `mesh 3, primitive 1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    kind: &'static str,
    index: u64,
    part: Option<(&'static str, u64)>,
}

impl Place {
    /// The `index`-th thing of its kind, counted from 0 as the document does.
    pub fn new(kind: &'static str, index: usize) -> Self {
        Self { kind, index: index as u64, part: None }
    }

    /// A numbered part of this place.
    pub fn part(self, kind: &'static str, index: usize) -> Self {
        Self { part: Some((kind, index as u64)), ..self }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.index)?;
        match self.part {
            Some((kind, index)) => write!(f, ", {kind} {index}"),
            None => Ok(()),
        }
    }
}

/// A part of a message that no constant can hold.
pub(crate) type Words = Box<str>;

/// What is wrong inside a file that could be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// Zero bytes.
    #[error("the file is empty; copy or export it again")]
    Empty,
    /// The file ends before something it announces.
    #[error("{what} needs {} bytes, the file has {}; it is cut off, copy or download it again", Grouped(*needs), Grouped(*has))]
    Truncated {
        /// What was being read.
        what: &'static str,
        /// Bytes there are.
        has: u64,
        /// Bytes there should be.
        needs: u64,
    },
    /// Neither a .gltf nor a .glb.
    #[error("this is no glTF 2.0 file: {reason}; open a .gltf or .glb file")]
    NotGltf {
        /// Why not.
        reason: &'static str,
    },
    /// The text is no JSON, or it is JSON of another shape.
    #[error("not a valid glTF document at line {line}, column {column}: {message}; export the file again")]
    Json {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// The parser's words.
        message: Box<str>,
    },
    /// A glTF of another version.
    #[error("glTF version {version} is not supported, only 2.x is; export it as glTF 2.0")]
    Version {
        /// The version it states.
        version: Box<str>,
    },
    /// An extension is required that this loader has not got.
    #[error("the file requires the extension {name}, which is not supported; export it without")]
    Extension {
        /// The extension's name.
        name: Box<str>,
    },
    /// A reference to something that isn't there.
    #[error("{from} refers to {to} {index}, but the file has {}; export it again", Grouped(*count))]
    Reference {
        /// Where the reference stands.
        from: Place,
        /// What it refers to.
        to: &'static str,
        /// The index it names.
        index: u64,
        /// How many there are.
        count: u64,
    },
    /// Something reaches past the end of what it lies in.
    #[error("{inner} reaches byte {} of {outer}, which has {}; export the file again", Grouped(*end), Grouped(*length))]
    Range {
        /// What reaches too far.
        inner: Place,
        /// What it lies in.
        outer: Place,
        /// One past the last byte it needs; saturates.
        end: u64,
        /// Bytes there are.
        length: u64,
    },
    /// A buffer's file or data is shorter than the document says.
    #[error("buffer {buffer} has {} bytes, but the file says {}; it is cut off or belongs to another file, copy it again", Grouped(*has), Grouped(*needs))]
    BufferShort {
        /// Which buffer.
        buffer: u64,
        /// Bytes there are.
        has: u64,
        /// `byteLength`.
        needs: u64,
    },
    /// A buffer has neither a `uri` nor a chunk of its own.
    #[error("buffer {buffer} has no data: no uri and no binary chunk in the file; export it again")]
    BufferMissing {
        /// Which buffer.
        buffer: u64,
    },
    /// A file that the document names can't be read.
    #[error("{place} names {uri}, which {problem}; put that file beside this one or export again")]
    Dependency {
        /// Who names it.
        place: Place,
        /// The name, as the document has it.
        uri: Box<str>,
        /// What the system said.
        problem: Box<str>,
    },
    /// A name that leads out of the asset's folder.
    #[error("{place} names {uri}, which {problem}; keep every file of the asset inside its folder")]
    Escape {
        /// Who names it.
        place: Place,
        /// The name, as the document has it.
        uri: Box<str>,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A data URI that can't be decoded.
    #[error("{place} has a data URI that {problem}; export the file again")]
    DataUri {
        /// Whose data it is.
        place: Place,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A value that the format doesn't allow there.
    #[error("{place} {problem}; export the file again")]
    Invalid {
        /// Where.
        place: Place,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A number that the format doesn't allow there.
    #[error("{place} has {what} {}, {rule}; export the file again", Grouped(*value))]
    Number {
        /// Where.
        place: Place,
        /// What the number is.
        what: &'static str,
        /// The number.
        value: u64,
        /// What would be allowed.
        rule: &'static str,
    },
    /// Attributes of one primitive differ in length.
    #[error("{place} has {} of {attribute}, but {} positions; export the file again", Grouped(*has), Grouped(*needs))]
    AttributeCount {
        /// Where.
        place: Place,
        /// Which attribute.
        attribute: &'static str,
        /// Its count.
        has: u64,
        /// The positions' count.
        needs: u64,
    },
    /// An index past the last vertex.
    #[error("{place} has index {} at position {}, but only {} vertices; export the file again", Grouped(*value), Grouped(*position), Grouped(*vertices))]
    IndexRange {
        /// Where.
        place: Place,
        /// The index.
        value: u64,
        /// Where in the index list.
        position: u64,
        /// How many vertices there are.
        vertices: u64,
    },
    /// Not a number, or infinite.
    #[error("{place} has a {what} that is not a finite number, at element {}; export the file again", Grouped(*element))]
    NotFinite {
        /// Where.
        place: Place,
        /// What it is.
        what: &'static str,
        /// Which element.
        element: u64,
    },
    /// A node is its own ancestor.
    #[error("node {node} is its own ancestor, {length} steps up; break the cycle and export again")]
    Cycle {
        /// A node of the cycle.
        node: u64,
        /// How many nodes the cycle has.
        length: u64,
    },
    /// A node has two parents.
    #[error("node {node} is a child of {first} and of {second}; a node has one parent, export the file again")]
    Parents {
        /// The node.
        node: u64,
        /// One parent.
        first: Place,
        /// The other.
        second: Place,
    },
    /// Bytes that are no picture.
    #[error("{place}{name} can't be decoded: {problem}; export the image again as PNG or JPEG")]
    Image {
        /// Which image.
        place: Place,
        /// Its name or uri.
        name: Named,
        /// The decoder's words.
        problem: Box<str>,
    },
    /// A picture larger than the limit.
    #[error("{place}{name} is {} x {} pixels, the limit is {} per side; scale it down or raise `image_side_max`", Grouped(*width), Grouped(*height), Grouped(*limit))]
    ImageSize {
        /// Which image.
        place: Place,
        /// Its name or uri.
        name: Named,
        /// Pixels across.
        width: u64,
        /// Pixels down.
        height: u64,
        /// The limit per side.
        limit: u64,
    },
    /// Text that is not UTF-8.
    #[error("the text is not UTF-8 at byte {}; save it as UTF-8", Grouped(*at))]
    Text {
        /// The first bad byte.
        at: u64,
    },
}

/// A name in a message: nothing, or ` "name"`.
#[derive(Debug)]
pub struct Named(Option<Box<str>>);

impl Named {
    /// A name as a document has it; long ones are cut.
    pub fn new(name: Option<&str>) -> Self {
        Self(name.map(shown))
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(name) => write!(f, " (\"{name}\")"),
            None => Ok(()),
        }
    }
}

/// Everything that can go wrong with an asset.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AssetError {
    /// No such file.
    #[error("{path}: no such file; check the path")]
    Missing {
        /// The path as given.
        path: Box<str>,
    },
    /// A directory where a file is wanted.
    #[error("{path}: this is a directory; name a file in it")]
    Directory {
        /// The path as given.
        path: Box<str>,
    },
    /// The system doesn't let us read it.
    #[error("{path}: permission denied; make the file readable")]
    Denied {
        /// The path as given.
        path: Box<str>,
    },
    /// The system failed to read it.
    #[error("{path}: cannot be read: {source}; check the disk and try again")]
    Io {
        /// The path as given.
        path: Box<str>,
        /// What the system said.
        source: io::Error,
    },
    /// The file could be read, but what it says is wrong.
    #[error("{path}: {fault}")]
    Content {
        /// The path as given.
        path: Box<str>,
        /// What is wrong.
        fault: Box<Fault>,
    },
    /// More of something than the configuration allows.
    #[error("{path}: {} {what}, the limit is {}; raise `{option}` or open a smaller file", Grouped(*count), Grouped(*limit))]
    Limit {
        /// The path as given.
        path: Box<str>,
        /// What there is too much of.
        what: &'static str,
        /// How much there is.
        count: u64,
        /// How much is allowed.
        limit: u64,
        /// The option that allows more.
        option: &'static str,
    },
    /// An arena is full.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// The upload memory or the device refused.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// The platform refused in a way that has no variant of its own here.
    #[error(transparent)]
    Platform(PlatformError),
    /// The load was asked to stop, and did.
    #[error("loading was cancelled")]
    Cancelled,
    /// A handle whose thing is gone.
    #[error("a stale {what} handle was used; don't keep handles past their release")]
    Stale {
        /// What the handle was of.
        what: &'static str,
    },
    /// A table of fixed size is full.
    #[error("all {} {what} places are taken; raise `{option}` or release some", Grouped(*capacity))]
    Full {
        /// What there is no place for.
        what: &'static str,
        /// How many places there are.
        capacity: u64,
        /// The option that gives more.
        option: &'static str,
    },
    /// A resource's name leaves the asset root, or is none.
    #[error("resource name {name} {problem}; use a relative path inside the asset root")]
    Name {
        /// The name as given.
        name: Box<str>,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// No loader for this kind of resource.
    #[error("resource {name}: no loader is registered for its kind; register one first")]
    NoLoader {
        /// The name as given.
        name: Box<str>,
    },
    /// The same resource was asked for as two kinds.
    #[error("resource {name} is loaded as another kind; release it first or ask for that kind")]
    Kind {
        /// The name as given.
        name: Box<str>,
    },
}

impl AssetError {
    /// What this error means for the caller.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Missing { .. }
            | Self::Directory { .. }
            | Self::Denied { .. }
            | Self::Io { .. }
            | Self::Platform(_) => ErrorKind::Io,
            Self::Content { .. } => ErrorKind::BadFile,
            Self::Limit { .. } | Self::Full { .. } | Self::Memory(_) => ErrorKind::Memory,
            Self::Render(error) => render_kind(error),
            Self::Cancelled => ErrorKind::Cancelled,
            Self::Stale { .. } | Self::Name { .. } | Self::NoLoader { .. } | Self::Kind { .. } => ErrorKind::Usage,
        }
    }

    /// The fault inside a readable file, if that is what this error is.
    pub fn fault(&self) -> Option<&Fault> {
        match self {
            Self::Content { fault, .. } => Some(fault),
            _ => None,
        }
    }

    /// An I/O error of the system on `path`, sorted by what the user can do about it.
    pub(crate) fn io(path: &Path, error: io::Error) -> Self {
        let name = shown_path(path);
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing { path: name },
            io::ErrorKind::IsADirectory => Self::Directory { path: name },
            io::ErrorKind::PermissionDenied => Self::Denied { path: name },
            _ => Self::Io { path: name, source: error },
        }
    }

    /// `path` is a directory.
    pub(crate) fn directory(path: &Path) -> Self {
        Self::Directory { path: shown_path(path) }
    }

    /// Too much of something; the file's name is added by [`AssetError::in_file`].
    pub(crate) fn limit(what: &'static str, count: u64, limit: u64, option: &'static str) -> Self {
        Self::Limit { path: Box::default(), what, count, limit, option }
    }

    /// Adds the file's name to an error that was made without knowing it.
    pub(crate) fn in_file(self, file: &Path) -> Self {
        match self {
            Self::Content { path, fault } if path.is_empty() => Self::Content { path: shown_path(file), fault },
            Self::Limit { path, what, count, limit, option } if path.is_empty() => {
                Self::Limit { path: shown_path(file), what, count, limit, option }
            }
            other => other,
        }
    }
}

impl From<PlatformError> for AssetError {
    fn from(error: PlatformError) -> Self {
        match error {
            PlatformError::NotFound { path } => Self::Missing { path: shown_path(&path) },
            PlatformError::IsDirectory { path } => Self::Directory { path: shown_path(&path) },
            PlatformError::PermissionDenied { path } => Self::Denied { path: shown_path(&path) },
            PlatformError::TooLarge { path, bytes, limit } => {
                Self::Limit { path: shown_path(&path), what: "bytes", count: bytes, limit, option: "file_bytes_max" }
            }
            PlatformError::OutsideRoot { name, reason, .. } => Self::Name { name: shown(&name), problem: reason },
            PlatformError::Memory(error) => Self::Memory(error),
            PlatformError::Io { path, source, .. } => Self::Io { path: shown_path(&path), source },
            other => Self::Platform(other),
        }
    }
}

impl From<Fault> for AssetError {
    fn from(fault: Fault) -> Self {
        Self::Content { path: Box::default(), fault: Box::new(fault) }
    }
}

fn render_kind(error: &RenderError) -> ErrorKind {
    match error {
        RenderError::Memory(_) | RenderError::UploadLimit { .. } | RenderError::LimitReached { .. } => {
            ErrorKind::Memory
        }
        RenderError::ImageTooLarge { .. } => ErrorKind::BadFile,
        error if error.is_gpu_unusable() => ErrorKind::Device,
        _ => ErrorKind::Usage,
    }
}

/// A text of the file's as a message shows it: no control characters, not longer than 120 characters.
pub(crate) fn shown(text: &str) -> Words {
    let mut out = String::new();
    for (at, c) in text.chars().enumerate() {
        if at == 120 {
            out.push('…');
            break;
        }
        out.push(if c.is_control() { '\u{fffd}' } else { c });
    }
    out.into_boxed_str()
}

/// Something's own words, as a message shows them.
pub(crate) fn words(text: impl fmt::Display) -> Words {
    shown(&text.to_string())
}

/// A path as a message shows it, in full.
pub(crate) fn shown_path(path: &Path) -> Words {
    path.display().to_string().into_boxed_str()
}

/// A number with a comma between groups of three.
struct Grouped(u64);

impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 1000 {
            return write!(f, "{}", self.0);
        }
        write!(f, "{},{:03}", Grouped(self.0 / 1000), self.0 % 1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_three() {
        assert_eq!(Grouped(7).to_string(), "7");
        assert_eq!(Grouped(1_204).to_string(), "1,204");
        assert_eq!(Grouped(12_000_030).to_string(), "12,000,030");
    }

    #[test]
    fn a_fault_gets_the_name_of_its_file() {
        let error = AssetError::from(Fault::Range {
            inner: Place::new("accessor", 4),
            outer: Place::new("bufferView", 2),
            end: 1204,
            length: 1152,
        });
        let error = error.in_file(Path::new("models/lamp.gltf"));
        assert_eq!(
            error.to_string(),
            "models/lamp.gltf: accessor 4 reaches byte 1,204 of bufferView 2, which has 1,152; export the file again"
        );
        assert_eq!(error.kind(), ErrorKind::BadFile);
    }

    #[test]
    fn a_long_or_hostile_name_is_cut_and_cleaned() {
        assert_eq!(&*shown("a\u{1b}[2Jb"), "a\u{fffd}[2Jb");
        assert_eq!(shown(&"x".repeat(1000)).chars().count(), 121);
    }
}
