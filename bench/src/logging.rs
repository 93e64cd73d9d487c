//! Our contenders with the memory crate's allocation log on.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    voltrum_bench::work()
}
