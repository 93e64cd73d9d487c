//! The command line: what a person may ask for, and how sizes, cameras, colours and levels are read.

mod render_args;

pub use render_args::{CameraRequest, EnvironmentRequest, PictureSize, RenderArgs};

use crate::exit::Exit;
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};
use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;
use tracing_subscriber::filter::LevelFilter;

/// An editor for glTF scenes that says who holds every byte.
#[derive(Debug, Parser)]
#[command(
    name = "voltrum",
    version,
    disable_help_subcommand = true,
    after_help = "Exit codes: 0 done, 2 usage, 3 the file is bad, 4 memory budget, 5 no usable GPU or GPU lost, 6 input or \
                  output.\nA file that is named like a command is opened as ./render, ./info or ./edit."
)]
pub struct Cli {
    /// What to open in the editor: a project (.voltrum), or a .gltf or .glb file
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// What to do instead of opening the editor
    #[command(subcommand)]
    pub command: Option<Command>,
    /// What to log on stderr, and with =PATH to a file: off, error, warn, info, debug or trace
    #[arg(long, global = true, value_name = "LEVEL[=PATH]")]
    pub log: Option<LogRequest>,
    /// Turn Vulkan's validation layers on
    #[arg(long, global = true)]
    pub validate: bool,
    /// Draw with the shaders of DIR, which is laid out like crates/render/shaders; the editor follows them as they change
    #[arg(long, global = true, value_name = "DIR")]
    pub shaders: Option<PathBuf>,
    /// Keep settings in DIR instead of the user's configuration folder
    #[arg(long, value_name = "DIR")]
    pub config: Option<PathBuf>,
}

/// A command that needs no window.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Render a scene to a PNG and exit; needs no window
    Render(Box<RenderArgs>),
    /// Say what is in a file; needs no GPU
    Info(InfoArgs),
    /// Change a project by a script; needs no GPU
    Edit(EditArgs),
}

/// The arguments of `voltrum info`.
#[derive(Clone, Debug, clap::Args)]
pub struct InfoArgs {
    /// The scene: a .gltf or .glb file, or a project (.voltrum)
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Another scene of the file than it says, by its name or its number
    #[arg(long, value_name = "NAME|INDEX")]
    pub scene: Option<String>,
    /// As one JSON object
    #[arg(long)]
    pub json: bool,
}

/// The arguments of `voltrum edit`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = SCRIPT_HELP)]
pub struct EditArgs {
    /// The project: a .voltrum file, which is made if it is missing
    #[arg(value_name = "PROJECT")]
    pub project: PathBuf,
    /// What to do, one command per line; - is standard input
    #[arg(long, value_name = "FILE")]
    pub script: PathBuf,
}

/// What scripts may say.
const SCRIPT_HELP: &str = "\
Commands of a script, one per line; # begins a comment, names with spaces stand in \"quotes\":
  add NAME [PARENT]     import FILE [PARENT]   move NAME X Y Z   rename NAME NEW   delete NAME
  undo    redo          save                   wait MILLISECONDS
NAME and PARENT are paths, as in Lamp/Arm, or names that only one entity has. Of several entities at one path the first is \
meant. Prints `journaled N` once the first N edits of the run are safe on the disk. Edits that are not saved are recovered at \
the next opening.";

impl Cli {
    /// What stderr gets where nobody asked for another level: the editor says what it does, commands only what is wrong.
    pub fn usual_level(&self) -> LevelFilter {
        match &self.command {
            None => LevelFilter::INFO,
            Some(Command::Render(args)) if args.quiet => LevelFilter::ERROR,
            Some(_) => LevelFilter::WARN,
        }
    }
}

/// Reads the command line. `Err` carries what to print and how to exit: help and version are no failures.
///
/// # Errors
/// [`Stop`] for help, the version, and a line that makes no sense.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Cli, Stop> {
    let cli = Cli::try_parse_from(arguments).map_err(|error| Stop::from_clap(&error))?;
    if let (Some(file), Some(command)) = (&cli.file, &cli.command) {
        let name = match command {
            Command::Render(_) => "render",
            Command::Info(_) => "info",
            Command::Edit(_) => "edit",
        };
        let file = file.display();
        return Err(Stop::usage(format!("{file} stands before the command {name}; write `voltrum {name} {file}`")));
    }
    if let Some(Command::Render(args)) = &cli.command {
        args.check()?;
    }
    Ok(cli)
}

/// Why the command line leads nowhere.
#[derive(Debug, PartialEq, Eq)]
pub struct Stop {
    /// What to print.
    pub text: String,
    /// How to exit; [`Exit::Done`] prints to standard output.
    pub exit: Exit,
}

impl Stop {
    fn usage(text: String) -> Stop {
        Stop { text: format!("voltrum: {text}\n"), exit: Exit::Usage }
    }

    fn from_clap(error: &clap::Error) -> Stop {
        let text = error.render().to_string();
        match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Stop { text, exit: Exit::Done },
            _ => {
                let text = text.strip_prefix("error: ").unwrap_or(&text);
                Stop { text: format!("voltrum: {text}"), exit: Exit::Usage }
            }
        }
    }
}

fn is_stdout(path: &std::path::Path) -> bool {
    path.as_os_str() == "-"
}

/// The whole command line's grammar, for tests and completions.
pub fn grammar() -> clap::Command {
    Cli::command()
}

/// How a memory report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Which memory report is wanted, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportRequest {
    /// How it is written.
    pub format: ReportFormat,
    /// The file; `None` is standard output.
    pub path: Option<PathBuf>,
}

impl FromStr for ReportRequest {
    type Err = String;

    fn from_str(text: &str) -> Result<ReportRequest, String> {
        let (format, path) = split_path(text)?;
        let format = match format {
            "text" => ReportFormat::Text,
            "json" => ReportFormat::Json,
            _ => return Err("write text or json, with =PATH for a file, as in json=report.json".to_owned()),
        };
        Ok(ReportRequest { format, path: path.filter(|path| !is_stdout(path)) })
    }
}

/// What is logged, and where to besides stderr.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogRequest {
    /// From this level on.
    pub level: LevelFilter,
    /// A file that takes it, too.
    pub path: Option<PathBuf>,
}

impl FromStr for LogRequest {
    type Err = String;

    fn from_str(text: &str) -> Result<LogRequest, String> {
        let (level, path) = split_path(text)?;
        let level = match level {
            "off" => LevelFilter::OFF,
            "error" => LevelFilter::ERROR,
            "warn" => LevelFilter::WARN,
            "info" => LevelFilter::INFO,
            "debug" => LevelFilter::DEBUG,
            "trace" => LevelFilter::TRACE,
            _ => return Err("write off, error, warn, info, debug or trace, with =PATH for a file".to_owned()),
        };
        Ok(LogRequest { level, path })
    }
}

/// `word=PATH` in two; a path that is announced has to be there.
fn split_path(text: &str) -> Result<(&str, Option<PathBuf>), String> {
    match text.split_once('=') {
        None => Ok((text, None)),
        Some((_, "")) => Err("a path is missing after the =".to_owned()),
        Some((word, path)) => Ok((word, Some(PathBuf::from(path)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backdrop::Backdrop;
    use crate::look::{Mode, Tone};
    use glam::Vec3;

    fn parsed(line: &str) -> Result<Cli, Stop> {
        parse(line.split(' ').map(OsString::from))
    }

    fn render(line: &str) -> RenderArgs {
        match parsed(line).unwrap().command {
            Some(Command::Render(args)) => *args,
            other => panic!("{line} became {other:?}"),
        }
    }

    fn refused(line: &str) -> String {
        let stop = parsed(line).unwrap_err();
        assert_eq!(stop.exit, Exit::Usage, "{line}");
        assert!(stop.text.starts_with("voltrum: "), "{line}: {}", stop.text);
        stop.text
    }

    #[test]
    fn the_grammar_holds_together() {
        grammar().debug_assert();
    }

    #[test]
    fn a_file_alone_opens_the_editor_and_none_is_needed() {
        let cli = parsed("voltrum lamp.glb").unwrap();
        assert_eq!(cli.file.as_deref(), Some("lamp.glb".as_ref()));
        assert!(cli.command.is_none());
        assert!(parsed("voltrum").unwrap().file.is_none());
    }

    #[test]
    fn a_file_named_like_a_command_is_reached_through_its_folder() {
        assert_eq!(parsed("voltrum ./render").unwrap().file.as_deref(), Some("./render".as_ref()));
        assert_eq!(parsed("voltrum ./info").unwrap().file.as_deref(), Some("./info".as_ref()));
    }

    #[test]
    fn render_has_sensible_defaults() {
        let args = render("voltrum render lamp.glb -o lamp.png");
        assert_eq!(args.size, PictureSize([1_280, 720]));
        assert_eq!((args.frame_count(), args.samples, args.camera), (1, 4, CameraRequest::Fit));
        assert!(!args.is_to_stdout() && !args.grid && !args.quiet);
        assert_eq!(render("voltrum render a.glb -o a.png --memory-report text").frame_count(), 4);
    }

    #[test]
    fn every_option_of_render_is_understood() {
        let line = "voltrum render a.glb -o - --size 640x480 --frames 7 --camera -1,2,3,0,0.5,0 --samples 1 \
                    --background #102030 --memory-report json=out.json --validate --quiet --log debug=log.txt \
                    --mode memory --tone agx --exposure -1.5 --environment-turn -450 --environment a.hdr";
        let cli = parsed(line).unwrap();
        assert!(cli.validate);
        assert_eq!(cli.log, Some(LogRequest { level: LevelFilter::DEBUG, path: Some("log.txt".into()) }));
        let args = render(line);
        let camera = CameraRequest::LookAt { eye: Vec3::new(-1.0, 2.0, 3.0), target: Vec3::new(0.0, 0.5, 0.0) };
        assert_eq!((args.size, args.frame_count(), args.camera), (PictureSize([640, 480]), 7, camera));
        assert_eq!((args.samples, args.background), (1, Backdrop::Color([0x10, 0x20, 0x30])));
        assert_eq!(
            args.memory_report,
            Some(ReportRequest { format: ReportFormat::Json, path: Some("out.json".into()) })
        );
        assert!(args.is_to_stdout() && args.quiet);
        let look = args.look();
        assert_eq!((look.mode, look.tone, look.exposure_stops), (Mode::Memory, Tone::Agx, -1.5));
        assert_eq!((look.turn_degrees, look.backdrop), (-90.0, args.background));
        assert_eq!(args.environment, EnvironmentRequest::File("a.hdr".into()));
    }

    #[test]
    fn a_report_to_a_dash_goes_to_standard_output() {
        let report = render("voltrum render a.glb -o a.png --memory-report json=-").memory_report;
        assert_eq!(report, Some(ReportRequest { format: ReportFormat::Json, path: None }));
    }

    #[test]
    fn what_makes_no_sense_is_a_usage_error_with_a_remedy() {
        for (line, remedy) in [
            ("voltrum render a.glb", "--output <OUT>"),
            ("voltrum render a.glb -o a.png --size big", "as in 1280x720"),
            ("voltrum render a.glb -o a.png --size 0x720", "1 to 16384"),
            ("voltrum render a.glb -o a.png --size 70000x720", "1 to 16384"),
            ("voltrum render a.glb -o a.png --camera 1,2,3", "six numbers"),
            ("voltrum render a.glb -o a.png --camera 1,2,nan,0,0,0", "six numbers"),
            ("voltrum render a.glb -o a.png --camera 1,2,3,1,2,3", "two different places"),
            ("voltrum render a.glb -o a.png --samples 3", "1 or 4"),
            ("voltrum render a.glb -o a.png --frames 0", "1"),
            ("voltrum render a.glb -o a.png --background plaid", "studio"),
            ("voltrum render a.glb -o a.png --background environment=2", "0 to 1"),
            ("voltrum render a.glb -o a.png --mode cartoon", "overdraw"),
            ("voltrum render a.glb -o a.png --tone filmic", "neutral, aces, agx"),
            ("voltrum render a.glb -o a.png --exposure nan", "from -10 to 10"),
            ("voltrum render a.glb -o a.png --exposure 11", "from -10 to 10"),
            ("voltrum render a.glb -o a.png --environment-turn round", "degrees"),
            ("voltrum render a.glb -o a.png --memory-report xml", "text or json"),
            ("voltrum render a.glb -o a.png --memory-report json=", "path is missing"),
            ("voltrum render a.glb -o - --turntable 8", "frames/%04d.png"),
            ("voltrum render a.glb -o a.png --turntable 0", "1"),
            ("voltrum render a.glb -o - --memory-report json", "give one of them a file"),
            ("voltrum --log loud", "off, error, warn"),
            ("voltrum --unknown", "--unknown"),
            ("voltrum a.glb render b.glb -o c.png", "write `voltrum render a.glb`"),
        ] {
            let text = refused(line);
            assert!(text.contains(remedy), "{line}: {text}");
        }
    }

    #[test]
    fn help_and_version_are_no_failures() {
        for line in ["voltrum --help", "voltrum render --help", "voltrum --version"] {
            assert_eq!(parsed(line).unwrap_err().exit, Exit::Done, "{line}");
        }
    }
}
