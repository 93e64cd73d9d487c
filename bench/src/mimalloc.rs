//! The heap contender on mimalloc.
#![forbid(unsafe_code)]

use std::process::ExitCode;

#[global_allocator]
static HEAP: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    voltrum_bench::work()
}
