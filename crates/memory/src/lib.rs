//! Reserve/commit arenas with lifetimes, tags and a memory report
