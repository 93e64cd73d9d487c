//! Entities, component storage and hierarchy in the scene arena
