//! The arguments of `voltrum render`: how sizes, cameras, environments and the rest are read.

use super::{ReportRequest, Stop, is_stdout};
use crate::backdrop::Backdrop;
use crate::look::{EXPOSURE_STOPS, Look, Mode, Surroundings, Tone};
use glam::Vec3;
use std::path::PathBuf;
use std::str::FromStr;

/// The longest side that a picture may be asked for with, in pixels; what the GPU takes may be less.
const SIDE_MAX: u32 = 16_384;

/// The arguments of `voltrum render`.
#[derive(Clone, Debug, clap::Args)]
pub struct RenderArgs {
    /// The scene: a .gltf or .glb file, or a project (.voltrum)
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Where the PNG goes; - is standard output
    #[arg(short, long, value_name = "OUT")]
    pub output: PathBuf,
    /// Width and height of the picture in pixels
    #[arg(long, value_name = "WxH", default_value = "1280x720")]
    pub size: PictureSize,
    /// Frames to draw before the picture is taken; 4 with a memory report, otherwise 1
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub frames: Option<u32>,
    /// Everything in view, a camera of the file by its number, or a place and what it looks at
    #[arg(long, value_name = "fit|INDEX|x,y,z,tx,ty,tz", default_value = "fit", allow_hyphen_values = true)]
    pub camera: CameraRequest,
    /// Show another scene of the file than it says, by its name or its number
    #[arg(long, value_name = "NAME|INDEX")]
    pub scene: Option<String>,
    /// Show an animation of the file, by its name or its number
    #[arg(long, value_name = "NAME|INDEX")]
    pub animation: Option<String>,
    /// How far into the animation, in seconds; the first one where none is named
    #[arg(long, value_name = "SECONDS", value_parser = parse_seconds)]
    pub time: Option<f32>,
    /// Dress the file in one of its variants, by its name or its number
    #[arg(long, value_name = "NAME|INDEX")]
    pub variant: Option<String>,
    /// Samples per pixel
    #[arg(long, value_name = "1|4", default_value = "4", value_parser = parse_samples)]
    pub samples: u32,
    /// What is behind: studio, dark, light, sky, white, black, #rrggbb, transparent, or the environment, blurred from 0 to 1
    #[arg(long, value_name = "NAME|#rrggbb|environment[=BLUR]", default_value = "studio")]
    pub background: Backdrop,
    /// What is shown of each surface
    #[arg(long, value_enum, default_value_t)]
    pub mode: Mode,
    /// The curve from radiance to the screen
    #[arg(long, value_enum, default_value_t)]
    pub tone: Tone,
    /// How much brighter, in stops: 1 is twice the light, -1 is half of it
    #[arg(long, value_name = "STOPS", default_value_t, allow_hyphen_values = true, value_parser = parse_exposure)]
    pub exposure: f32,
    /// Turn the environment around the Y axis
    #[arg(long, value_name = "DEGREES", default_value_t, allow_hyphen_values = true, value_parser = parse_turn)]
    pub environment_turn: f32,
    /// What surrounds the scene and lights it: the built-in sky, a panorama (.hdr), or nothing
    #[arg(long, value_name = "FILE|none|default", default_value = "default")]
    pub environment: EnvironmentRequest,
    /// Make N pictures around the scene; OUT may say where their numbers stand, as in frames/%04d.png
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub turntable: Option<u32>,
    /// Draw the grid on the plane y = 0
    #[arg(long)]
    pub grid: bool,
    /// Print who holds which memory at the last frame, to standard output or to PATH
    #[arg(long, value_name = "text|json[=PATH]")]
    pub memory_report: Option<ReportRequest>,
    /// No progress bar and no warnings
    #[arg(long)]
    pub quiet: bool,
}

impl RenderArgs {
    /// How many frames are drawn before the picture is taken.
    pub fn frame_count(&self) -> u32 {
        // The report speaks of a steady frame: the first two bring uploads in, the next two are alike.
        self.frames.unwrap_or(if self.memory_report.is_some() { 4 } else { 1 })
    }

    /// How the scene is looked at; an environment that is a file is yet to be loaded.
    pub fn look(&self) -> Look {
        Look {
            mode: self.mode,
            tone: self.tone,
            exposure_stops: self.exposure,
            turn_degrees: self.environment_turn,
            backdrop: self.background,
            grid: self.grid,
            surroundings: match self.environment {
                EnvironmentRequest::None => Surroundings::None,
                EnvironmentRequest::Default | EnvironmentRequest::File(_) => Surroundings::Sky,
            },
        }
    }

    /// Whether the picture goes to standard output.
    pub fn is_to_stdout(&self) -> bool {
        is_stdout(&self.output)
    }

    pub(super) fn check(&self) -> Result<(), Stop> {
        if self.turntable.is_some() && self.is_to_stdout() {
            let text = "a turntable's pictures can't all go to standard output; name files, as in -o frames/%04d.png";
            return Err(Stop::usage(text.to_owned()));
        }
        let report_to_stdout = self.memory_report.as_ref().is_some_and(|report| report.path.is_none());
        if self.is_to_stdout() && report_to_stdout {
            let text = "both the picture and the memory report would go to standard output; give one of them a file, as in \
                        --memory-report json=report.json";
            return Err(Stop::usage(text.to_owned()));
        }
        Ok(())
    }
}

/// Width and height of a picture, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureSize(pub [u32; 2]);

impl FromStr for PictureSize {
    type Err = String;

    fn from_str(text: &str) -> Result<PictureSize, String> {
        let sides = text
            .split_once(['x', 'X', '×'])
            .and_then(|(width, height)| Some([width.trim().parse::<u32>().ok()?, height.trim().parse::<u32>().ok()?]));
        let Some(size) = sides else {
            return Err("write width x height in pixels, as in 1280x720".to_owned());
        };
        if size.iter().any(|side| !(1..=SIDE_MAX).contains(side)) {
            return Err(format!("each side must be 1 to {SIDE_MAX} pixels"));
        }
        Ok(PictureSize(size))
    }
}

/// Where a picture is seen from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CameraRequest {
    /// From in front, with everything in view.
    Fit,
    /// From a camera of the file.
    File(usize),
    /// From a place, towards another.
    LookAt {
        /// Where it stands.
        eye: Vec3,
        /// What it looks at.
        target: Vec3,
    },
}

impl FromStr for CameraRequest {
    type Err = String;

    fn from_str(text: &str) -> Result<CameraRequest, String> {
        let text = text.trim();
        if text == "fit" {
            return Ok(CameraRequest::Fit);
        }
        if let Ok(index) = text.parse() {
            return Ok(CameraRequest::File(index));
        }
        let numbers: Option<Vec<f32>> =
            text.split(',').map(|part| part.trim().parse().ok().filter(|number: &f32| number.is_finite())).collect();
        let [x, y, z, tx, ty, tz] = numbers.as_deref().unwrap_or_default() else {
            return Err("write fit, the number of a camera in the file, or six numbers x,y,z,tx,ty,tz".to_owned());
        };
        let (eye, target) = (Vec3::new(*x, *y, *z), Vec3::new(*tx, *ty, *tz));
        if eye == target {
            return Err("the camera stands where it looks; give it two different places".to_owned());
        }
        Ok(CameraRequest::LookAt { eye, target })
    }
}

/// What surrounds a scene in a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnvironmentRequest {
    /// The built-in sky.
    Default,
    /// Nothing.
    None,
    /// A panorama.
    File(PathBuf),
}

impl FromStr for EnvironmentRequest {
    type Err = String;

    fn from_str(text: &str) -> Result<EnvironmentRequest, String> {
        match text {
            "default" => Ok(EnvironmentRequest::Default),
            "none" => Ok(EnvironmentRequest::None),
            "" => Err("write default, none, or the path of a .hdr file".to_owned()),
            path => Ok(EnvironmentRequest::File(path.into())),
        }
    }
}

fn parse_exposure(text: &str) -> Result<f32, String> {
    let (least, most) = (EXPOSURE_STOPS.start(), EXPOSURE_STOPS.end());
    let stops = text.parse().ok().filter(|stops| EXPOSURE_STOPS.contains(stops));
    stops.ok_or_else(|| format!("write a number of stops from {least} to {most}, as in 1.5"))
}

fn parse_seconds(text: &str) -> Result<f32, String> {
    let seconds = text.parse().ok().filter(|seconds: &f32| seconds.is_finite() && *seconds >= 0.0);
    seconds.ok_or_else(|| "write seconds from the animation's beginning, as in 1.5".to_owned())
}

fn parse_turn(text: &str) -> Result<f32, String> {
    let degrees: Option<f32> = text.parse().ok().filter(|degrees: &f32| degrees.is_finite());
    degrees.map(|degrees| degrees % 360.0).ok_or_else(|| "write a number of degrees, as in 90".to_owned())
}

fn parse_samples(text: &str) -> Result<u32, String> {
    match text {
        "1" => Ok(1),
        "4" => Ok(4),
        _ => Err("a pixel has 1 or 4 samples".to_owned()),
    }
}
