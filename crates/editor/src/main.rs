//! The command `voltrum`.

#![forbid(unsafe_code)]

use std::panic;
use std::process::ExitCode;
use voltrum::AppError;
use voltrum::assets::image;
use voltrum::memory::{CountingHeap, Tag, heap_scope};
use voltrum_editor::cli::{self, Cli, Command};
use voltrum_editor::commands::{edit, info, render, window};
use voltrum_editor::error::EditorError;
use voltrum_editor::exit::Exit;
use voltrum_editor::logging;

#[global_allocator]
static HEAP: CountingHeap = CountingHeap::system();

fn main() -> ExitCode {
    let parsed = {
        let _foreign = heap_scope(Tag::FOREIGN);
        hush_decoders();
        cli::parse(std::env::args_os())
    };
    let exit = match parsed {
        Ok(cli) => run(&cli).map_or_else(|error| fail(&error), |()| Exit::Done),
        Err(stop) => {
            if stop.exit == Exit::Done {
                print(&mut std::io::stdout(), &stop.text);
            } else {
                print(&mut std::io::stderr(), &stop.text);
            }
            stop.exit
        }
    };
    exit.into()
}

/// A decoder's panic over a damaged picture is told as what is wrong with the picture, and not as a panic, too.
fn hush_decoders() {
    let tell = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if !image::is_decoding() {
            tell(panic);
        }
    }));
}

fn run(cli: &Cli) -> Result<(), AppError<EditorError>> {
    logging::start(cli.log.as_ref(), cli.usual_level())?;
    match &cli.command {
        None => window::run(cli),
        Some(Command::Render(args)) => render::run(args, cli.shaders.as_deref(), cli.validate),
        Some(Command::Info(args)) => Ok(info::run(args)?),
        Some(Command::Edit(args)) => Ok(edit::run(args)?),
    }
}

fn fail(error: &AppError<EditorError>) -> Exit {
    print(&mut std::io::stderr(), &format!("voltrum: {error}\n"));
    Exit::of(error)
}

/// Prints; a reader that has gone is no concern of ours.
fn print(out: &mut dyn std::io::Write, text: &str) {
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
