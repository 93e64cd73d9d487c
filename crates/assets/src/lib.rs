//! Resources, glTF, textures, materials and geometry
