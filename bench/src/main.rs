//! Side-by-side benchmarks: ours, the peers and the bare limit, measured in turns in one run.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    voltrum_bench::bench()
}
