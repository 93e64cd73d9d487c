//! What can be wrong inside a file that could be read, and where.

use std::fmt;

use crate::words::{Grouped, Words, shown};

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
        message: Words,
    },
    /// A glTF of another version.
    #[error("glTF version {version} is not supported, only 2.x is; export it as glTF 2.0")]
    Version {
        /// The version it states.
        version: Words,
    },
    /// An extension is required that this loader has not got.
    #[error("the file requires the extension {name}, which is not supported; export it without")]
    Extension {
        /// The extension's name.
        name: Words,
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
        uri: Words,
        /// What the system said.
        problem: Words,
    },
    /// A name that leads out of the asset's folder.
    #[error("{place} names {uri}, which {problem}; keep every file of the asset inside its folder")]
    Escape {
        /// Who names it.
        place: Place,
        /// The name, as the document has it.
        uri: Words,
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
    /// A scene was asked for that the file has not got.
    #[error("there is no scene {asked}; the file has {known}")]
    SceneUnknown {
        /// Its name or number, as asked for.
        asked: Words,
        /// Those that there are, with their numbers.
        known: Words,
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
        problem: Words,
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
pub struct Named(Option<Words>);

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
