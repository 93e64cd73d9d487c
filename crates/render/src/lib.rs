//! Vulkan renderer whose host memory lives in arenas and whose GPU memory has lifetimes
