//! Keys: names of entities that hold from one run to the next.

use core::fmt;

/// Names an entity for as long as its project exists: one that was made in the project by a number of its own, one that
/// came from a glTF file by the file's number and the node's position in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntityKey {
    file: u32,
    number: u32,
}

impl EntityKey {
    /// An entity that was made in the project. Numbers begin at 1.
    pub const fn own(number: u32) -> EntityKey {
        EntityKey { file: 0, number }
    }

    /// A node of a file. Files are numbered from 1, nodes from 0.
    pub const fn node(file: u32, node: u32) -> EntityKey {
        EntityKey { file, number: node }
    }

    /// The number of the file that it comes from; `None` for an entity of the project's own.
    pub const fn file(self) -> Option<u32> {
        if self.file == 0 { None } else { Some(self.file) }
    }

    /// The node's position, or the entity's own number.
    pub const fn number(self) -> u32 {
        self.number
    }

    /// Both as one number, by which keys sort: the project's own first, then file by file.
    pub const fn to_bits(self) -> u64 {
        (self.file as u64) << 32 | self.number as u64
    }

    /// The reverse of [`EntityKey::to_bits`]; `None` for what names nothing.
    pub const fn from_bits(bits: u64) -> Option<EntityKey> {
        if bits == 0 { None } else { Some(EntityKey { file: (bits >> 32) as u32, number: bits as u32 }) }
    }

    /// A key as the document has it: `7`, or `2/17` for node 17 of file 2.
    pub(super) fn parse(text: &str) -> Option<EntityKey> {
        // `parse` takes a sign, which would give one key two spellings
        let number = |text: &str| text.parse::<u32>().ok().filter(|_| text.as_bytes()[0].is_ascii_digit());
        match text.split_once('/') {
            Some((file, node)) => {
                number(file).filter(|file| *file > 0).zip(number(node)).map(|(f, n)| Self::node(f, n))
            }
            None => number(text).filter(|number| *number > 0).map(Self::own),
        }
    }
}

impl fmt::Display for EntityKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.file() {
            Some(file) => write!(out, "{file}/{}", self.number),
            None => write!(out, "{}", self.number),
        }
    }
}

/// Names a mesh of a glTF file: the file's number in the project, and the mesh's position in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MeshKey {
    /// The file, from 1.
    pub file: u32,
    /// The mesh, from 0.
    pub mesh: u32,
}

impl MeshKey {
    /// Both as one number that is never 0.
    pub const fn to_bits(self) -> u64 {
        (self.file as u64) << 32 | self.mesh as u64
    }

    /// The reverse of [`MeshKey::to_bits`]; `None` for what names nothing.
    pub const fn from_bits(bits: u64) -> Option<MeshKey> {
        let file = (bits >> 32) as u32;
        if file == 0 { None } else { Some(MeshKey { file, mesh: bits as u32 }) }
    }

    /// A key as the document has it: `2/3` for mesh 3 of file 2.
    pub(super) fn parse(text: &str) -> Option<MeshKey> {
        let key = EntityKey::parse(text)?;
        key.file().map(|file| MeshKey { file, mesh: key.number() })
    }
}

impl fmt::Display for MeshKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.file, self.mesh)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_are_written() {
        for key in [EntityKey::own(1), EntityKey::own(u32::MAX), EntityKey::node(2, 0), EntityKey::node(9, 17)] {
            assert_eq!(EntityKey::parse(&key.to_string()), Some(key));
            assert_eq!(EntityKey::from_bits(key.to_bits()), Some(key));
        }
        for wrong in ["", "0", "0/3", "-1", "+1", "1/", "/1", "1/2/3", "4294967296", "x", "1 "] {
            assert_eq!(EntityKey::parse(wrong), None, "{wrong}");
        }
    }
}
