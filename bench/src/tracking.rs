//! Our contenders with the memory crate's counters on.
#![forbid(unsafe_code)]

use std::process::ExitCode;

#[global_allocator]
static HEAP: voltrum_memory::CountingHeap = voltrum_memory::CountingHeap::system();

fn main() -> ExitCode {
    voltrum_bench::work()
}
