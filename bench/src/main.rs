//! Side-by-side benchmarks: ours, the peers and the bare limit, measured in turns in one run.
#![forbid(unsafe_code)]

mod machine;
mod measure;
mod memory;
mod table;

use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask bench memory [--json]";

fn main() -> ExitCode {
    let mut json = false;
    let mut rows = Vec::new();
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--json" => json = true,
            "memory" => match memory::rows() {
                Ok(measured) => rows.extend(measured),
                Err(error) => {
                    eprintln!("bench memory: {error}");
                    return ExitCode::FAILURE;
                }
            },
            _ => {
                eprintln!("no benchmark {argument}\n{USAGE}");
                return ExitCode::from(2);
            }
        }
    }
    if rows.is_empty() {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    }
    let machine = machine::describe();
    if json {
        println!("{}", table::json(&machine, &rows));
    } else {
        print!("{}", table::text(&machine, &rows));
    }
    ExitCode::SUCCESS
}
