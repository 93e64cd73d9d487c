//! Benchmarks of the memory crate, of the scene, of frames and of whole programs, next to their peers and to the bare work.
//!
//! Each figure comes from a process of its own, which does one work with one contender (`work.rs`, `contenders/`). The
//! program that people start asks for them in turns (`rounds.rs`), or under callgrind (`callgrind.rs`), and prints one table.
#![forbid(unsafe_code)]

mod callgrind;
mod clock;
mod contenders;
#[cfg(feature = "frame")]
mod frame;
mod host;
#[cfg(feature = "load")]
mod load;
mod loops;
mod machine;
mod memory;
#[cfg(any(feature = "frame", feature = "load"))]
mod models;
mod program;
mod resident;
mod rounds;
#[cfg(feature = "scene")]
mod scene;
mod series;
mod table;
mod work;

use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask bench [memory|scene|frame|load]... [--peers] [--json]";

/// The rows of a group of cases.
type Group = fn() -> Result<Vec<table::Row>, String>;

/// The program that people start: measures, and prints the table.
pub fn bench() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some(program::WORK) => return work(),
        #[cfg(feature = "load")]
        Some(load::watch::WATCH) => return load::watch::watch(),
        _ => {}
    }
    let mut json = false;
    let mut groups: Vec<Group> = Vec::new();
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--json" => json = true,
            "memory" => groups.push(memory::rows),
            #[cfg(feature = "scene")]
            "scene" => groups.push(scene::rows),
            #[cfg(feature = "frame")]
            "frame" => groups.push(frame::rows),
            #[cfg(feature = "load")]
            "load" => groups.push(load::rows),
            _ => {
                eprintln!("no benchmark {argument}\n{USAGE}");
                return ExitCode::from(2);
            }
        }
    }
    if groups.is_empty() {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    }
    let mut rows = Vec::new();
    for group in groups {
        match group() {
            Ok(measured) => rows.extend(measured),
            Err(error) => {
                eprintln!("bench: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    let machine = machine::describe();
    if json {
        println!("{}", table::json(&machine, &rows));
    } else {
        print!("{}", table::text(&machine, &rows));
    }
    ExitCode::SUCCESS
}

/// A process that does one work with one contender, and prints what it took.
pub fn work() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match program::Order::parse(&arguments) {
        Some(order) => {
            println!("{}", program::answer(contenders::run(&order)));
            ExitCode::SUCCESS
        }
        None => {
            eprintln!("usage: {} WORK CONTENDER COUNT PASSES", program::WORK);
            ExitCode::from(2)
        }
    }
}
