//! How much a load may take. Every count in a file is compared with one of these before anything is allocated for it.

/// The limits of one load. The defaults fit the largest scenes that the default arenas hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoadLimits {
    /// Bytes of a document's JSON. Embedded data URIs count.
    pub json_bytes_max: u64,
    /// Objects (`{`) in a document: each costs the JSON parser a few hundred bytes of heap.
    pub json_objects_max: u64,
    /// Commas in a document: each separates values that may cost tens of bytes of heap.
    pub json_commas_max: u64,
    /// Nodes of a scene.
    pub nodes_max: u32,
    /// How deep nodes may nest.
    pub node_depth_max: u32,
    /// Primitives (pieces with one material each) of all meshes.
    pub primitives_max: u32,
    /// Vertices of one primitive, and its indices.
    pub vertices_max: u32,
    /// Materials, and also textures and images.
    pub materials_max: u32,
    /// Pixels along either side of an image.
    pub image_side_max: u32,
    /// Bytes of one compressed image file.
    pub image_bytes_max: u64,
    /// Bytes of address space for the loader's scratch memory, which is given back when the load ends.
    pub scratch_bytes_max: usize,
    /// Bytes of the scene arena for the triangles that picking needs; where they take more, none are kept, and a note says
    /// so. With 0 none are kept and nothing is said: a load that nobody will pick in.
    pub picking_bytes_max: usize,
    /// Notes kept for the user; later ones are only counted.
    pub notes_max: u32,
}

impl Default for LoadLimits {
    fn default() -> Self {
        Self {
            json_bytes_max: 256 << 20,
            json_objects_max: 1_000_000,
            json_commas_max: 16_000_000,
            nodes_max: 262_144,
            node_depth_max: 512,
            primitives_max: 65_536,
            vertices_max: 1 << 26,
            materials_max: 16_384,
            image_side_max: 16_384,
            image_bytes_max: 256 << 20,
            scratch_bytes_max: 1 << 30,
            picking_bytes_max: 96 << 20,
            notes_max: 32,
        }
    }
}
