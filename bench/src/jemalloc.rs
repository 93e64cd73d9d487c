//! The heap contender on jemalloc.
#![forbid(unsafe_code)]

use std::process::ExitCode;

#[global_allocator]
static HEAP: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    voltrum_bench::work()
}
