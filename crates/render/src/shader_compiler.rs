//! From WGSL to SPIR-V: reads a shader with its parts, has naga compile it, and says what each entry point needs.
//!
//! The build script runs it on the built-in shaders, the renderer on those of a folder ([`crate::LiveShaders`]). A file
//! that starts with `//#use a b` gets the text of `parts/a.wgsl` and `parts/b.wgsl` after its own.
//!
//! # Invariants
//! 1. SPIR-V comes of a module that naga's validator has passed, and asks for no capability but [`CAPABILITIES`].
//! 2. Each entry point is alone in its SPIR-V: a driver translates no more than a pipeline needs.

#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "naga's interface is std's collections; a shader is compiled while building, or after somebody has saved one"
)]

use std::error::Error;
use std::fmt;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use naga::back::spv::{self, Capability};
use naga::common::wgsl::{TypeContext as _, address_space_str};
use naga::proc::{BoundsCheckPolicies, BoundsCheckPolicy, GlobalCtx, Layouter};
use naga::valid::{Capabilities, FunctionInfo, ModuleInfo, ValidationFlags, Validator};
use naga::{AddressSpace, Binding, EntryPoint, Handle, Module, ShaderStage, Type, TypeInner};

/// What devices have without being asked for it.
const CAPABILITIES: [Capability; 4] =
    [Capability::Shader, Capability::Matrix, Capability::ImageQuery, Capability::DerivativeControl];

/// A shader and its parts; the longest built-in one has 34,000. As long a chain of operators makes naga call itself about
/// once for every two bytes: see [`STACK_BYTES`].
const TEXT_BYTES_MAX: u64 = 128 << 10;
/// The stack for compiling any text; the worst found takes between 24 and 64 MiB.
pub(crate) const STACK_BYTES: usize = 256 << 20;
/// A type beyond this fits no uniform buffer, and would make a driver's stack overflow.
const TYPE_BYTES_MAX: u32 = 16 << 10;
/// What Vulkan guarantees of memory that a workgroup shares.
const WORKGROUP_BYTES_MAX: u32 = 16 << 10;
/// What all local variables of a file may take.
const LOCAL_BYTES_MAX: u32 = 64 << 10;
/// 64 components are guaranteed from stage to stage; the position takes four and the size of a point one.
const LOCATIONS_MAX: u32 = 14;

/// What is wrong with a shader, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShaderFault {
    /// The file.
    pub path: PathBuf,
    /// Line and column, both from 1, where they are known.
    pub place: Option<[u32; 2]>,
    /// What is wrong.
    pub problem: ShaderProblem,
}

/// What can be wrong with a shader.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ShaderProblem {
    /// The file can't be read.
    Unreadable(io::ErrorKind),
    /// The file, or a shader with its parts, is too large.
    TooLarge {
        /// How many bytes there may be.
        limit: u64,
    },
    /// It can't be compiled; the compiler's words.
    Invalid(String),
    /// An entry point that pipelines are made of is not there.
    EntryMissing {
        /// Its name.
        entry: String,
    },
    /// An entry point asks for what its pipeline hasn't got, or gives what it doesn't take.
    Unfit {
        /// Its name.
        entry: String,
        /// What does not fit.
        reason: String,
    },
}

impl fmt::Display for ShaderFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.path.display())?;
        if let Some([line, column]) = self.place {
            write!(out, ":{line}:{column}")?;
        }
        match &self.problem {
            ShaderProblem::Unreadable(io::ErrorKind::NotFound) => {
                write!(out, ": no such file; a folder of shaders is laid out like crates/render/shaders")
            }
            ShaderProblem::Unreadable(kind) => write!(out, ": can't be read: {kind}; make it a readable file"),
            ShaderProblem::TooLarge { limit } => {
                write!(out, ": with this there are more than {limit} bytes; a shader and its parts must be shorter")
            }
            ShaderProblem::Invalid(words) => write!(out, ": {words}"),
            ShaderProblem::EntryMissing { entry } => {
                write!(out, ": the entry point {entry} is missing; the renderer draws with it")
            }
            ShaderProblem::Unfit { entry, reason } => write!(out, ": {entry} does not fit its pipeline: {reason}"),
        }
    }
}

/// A shader's text with its parts behind it.
pub(crate) struct Source {
    text: String,
    /// The files it was made of, and where in the text each begins.
    pieces: Vec<(PathBuf, usize)>,
}

/// An entry point, compiled.
pub(crate) struct CompiledEntry {
    pub(crate) name: String,
    pub(crate) words: Vec<u32>,
    pub(crate) needs: Needs<String>,
}

/// What an entry point needs of its pipeline. What is alike is spelled alike.
#[derive(Clone, Debug)]
pub(crate) struct Needs<T> {
    pub(crate) stage: T,
    pub(crate) workgroup: [u32; 3],
    /// What it reads or writes of what is bound.
    pub(crate) resources: Vec<T>,
    /// What it takes from vertices, or from the stage before.
    pub(crate) inputs: Vec<T>,
    /// What it gives to the stage behind, or to attachments.
    pub(crate) outputs: Vec<T>,
}

/// The file of a shader, in a folder of them.
pub(crate) fn path_of(folder: &Path, name: &str) -> PathBuf {
    folder.join(name).with_extension("wgsl")
}

fn path_of_part(folder: &Path, name: &str) -> PathBuf {
    path_of(&folder.join("parts"), name)
}

/// The parts that a shader's text asks for.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.lines().next().and_then(|line| line.strip_prefix("//#use")).unwrap_or("").split_whitespace()
}

/// The files that [`Source::read`] reads of a folder, those that aren't there included.
pub(crate) fn files_of(folder: &Path, name: &str) -> Vec<PathBuf> {
    let path = path_of(folder, name);
    let text = read(&path, TEXT_BYTES_MAX).unwrap_or_default();
    parts(&text).map(|part| path_of_part(folder, part)).chain([path]).collect()
}

/// A file of at most `room` bytes.
fn read(path: &Path, room: u64) -> Result<String, ShaderFault> {
    let fault = |problem| ShaderFault { path: path.to_path_buf(), place: None, problem };
    let unreadable = |error: io::Error| fault(ShaderProblem::Unreadable(error.kind()));
    // A pipe or a device would block.
    if !path.metadata().map_err(unreadable)?.is_file() {
        return Err(fault(ShaderProblem::Unreadable(io::ErrorKind::InvalidInput)));
    }
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(unreadable)?;
    file.take(room + 1).read_to_string(&mut text).map_err(unreadable)?;
    if text.len() as u64 > room {
        return Err(fault(ShaderProblem::TooLarge { limit: TEXT_BYTES_MAX }));
    }
    Ok(text)
}

impl Source {
    /// Reads a shader and its parts.
    pub(crate) fn read(folder: &Path, name: &str) -> Result<Source, ShaderFault> {
        let path = path_of(folder, name);
        let mut text = read(&path, TEXT_BYTES_MAX)?;
        let wanted: Vec<PathBuf> = parts(&text).map(|part| path_of_part(folder, part)).collect();
        let mut pieces = Vec::from([(path, 0)]);
        for path in wanted {
            text.push('\n');
            let part = read(&path, TEXT_BYTES_MAX.saturating_sub(text.len() as u64))?;
            pieces.push((path, text.len()));
            text += &part;
        }
        Ok(Source { text, pieces })
    }

    /// What is wrong, at a byte of the text where that is known.
    fn fault(&self, at: Option<usize>, problem: ShaderProblem) -> ShaderFault {
        let at = at.filter(|at| self.text.is_char_boundary(*at));
        let piece = self.pieces.iter().rev().find(|(_, start)| *start <= at.unwrap_or(0));
        let (path, start) = piece.map_or((Path::new(""), 0), |(path, start)| (path.as_path(), *start));
        let place = at.map(|at| {
            let before = &self.text[start..at];
            let line = before.rsplit('\n').next().unwrap_or("");
            [before.matches('\n').count() as u32 + 1, line.chars().count() as u32 + 1]
        });
        ShaderFault { path: path.to_path_buf(), place, problem }
    }

    /// An entry point that does not fit its pipeline.
    pub(crate) fn unfit(&self, entry: &str, reason: String) -> ShaderFault {
        let begins = |at: &usize| self.text[*at..].trim_start_matches("fn ").trim_start().starts_with(entry);
        let at = self.text.match_indices("fn ").map(|(at, _)| at).find(begins);
        self.fault(at, ShaderProblem::Unfit { entry: entry.to_owned(), reason })
    }

    /// An entry point that isn't there.
    pub(crate) fn missing(&self, entry: &str) -> ShaderFault {
        self.fault(None, ShaderProblem::EntryMissing { entry: entry.to_owned() })
    }

    /// All entry points. `is_guarded` has indices of arrays that lie in registers and on stacks kept within them, which
    /// built-in shaders see to themselves; those of buffers are the device's care (`robustBufferAccess`).
    pub(crate) fn compile(&self, is_guarded: bool) -> Result<Vec<CompiledEntry>, ShaderFault> {
        let invalid = |at, words: String| self.fault(at, ShaderProblem::Invalid(words));
        let module = naga::front::wgsl::parse_str(&self.text).map_err(|error| {
            let at = error.labels().next().and_then(|(span, _)| span.to_range());
            invalid(at.map(|range| range.start), in_a_line(error.message()))
        })?;
        let info =
            Validator::new(ValidationFlags::all(), Capabilities::IMMEDIATES | Capabilities::DUAL_SOURCE_BLENDING)
                .validate(&module)
                .map_err(|error| {
                    let at = error.spans().next().and_then(|(span, _)| span.to_range());
                    invalid(at.map(|range| range.start), chain(error.as_inner()))
                })?;
        let mut layouts = Layouter::default();
        layouts.update(module.to_ctx()).map_err(|error| invalid(None, chain(&error)))?;
        check_sizes(&module, &layouts).map_err(|(at, words)| invalid(at, words))?;
        let index = if is_guarded { BoundsCheckPolicy::Restrict } else { BoundsCheckPolicy::Unchecked };
        let options = spv::Options {
            lang_version: (1, 3),
            // No ADJUST_COORDINATE_SPACE: the renderer turns Y up with a viewport of negative height.
            // A mesh may be points, and then the size of a point must be written.
            flags: spv::WriterFlags::FORCE_POINT_SIZE,
            fake_missing_bindings: true,
            capabilities: Some(CAPABILITIES.into_iter().collect()),
            bounds_check_policies: BoundsCheckPolicies { index, ..BoundsCheckPolicies::default() },
            ..spv::Options::default()
        };
        let alone = |(at, entry): (usize, &EntryPoint)| {
            let chosen = spv::PipelineOptions { shader_stage: entry.stage, entry_point: entry.name.clone() };
            let words = spv::write_vec(&module, &info, &options, Some(&chosen));
            let words = words.map_err(|error| self.unfit(&entry.name, chain(&error)))?;
            let needs = needs(&module, &info, &layouts, at, entry);
            Ok(CompiledEntry { name: entry.name.clone(), words, needs })
        };
        module.entry_points.iter().enumerate().map(alone).collect()
    }
}

/// An error with what caused it.
fn chain(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words += ": ";
        words += &error.to_string();
        cause = error.source();
    }
    in_a_line(&words)
}

fn in_a_line(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What no validator looks at, since only devices have limits: says where something is too large, and what.
fn check_sizes(module: &Module, layouts: &Layouter) -> Result<(), (Option<usize>, String)> {
    let size = |ty: Handle<Type>| u64::from(layouts[ty].size);
    for (handle, ty) in module.types.iter() {
        if size(handle) > u64::from(TYPE_BYTES_MAX) {
            let name = ty.name.as_deref().unwrap_or("a type");
            let at = module.types.get_span(handle).to_range().map(|range| range.start);
            let words = format!("{name} has {} bytes, there may be {TYPE_BYTES_MAX}; make it smaller", size(handle));
            return Err((at, words));
        }
    }
    let of_space = |space: AddressSpace| {
        module.global_variables.iter().filter(move |(_, variable)| variable.space == space).map(|(_, one)| size(one.ty))
    };
    let functions = module.functions.iter().map(|(_, function)| function);
    let functions = functions.chain(module.entry_points.iter().map(|entry| &entry.function));
    let locals = functions.flat_map(|function| function.local_variables.iter()).map(|(_, variable)| size(variable.ty));
    for (what, bytes, limit) in [
        ("variables that a workgroup shares", of_space(AddressSpace::WorkGroup).sum(), WORKGROUP_BYTES_MAX),
        ("private and local variables", of_space(AddressSpace::Private).chain(locals).sum::<u64>(), LOCAL_BYTES_MAX),
    ] {
        if bytes > u64::from(limit) {
            return Err((None, format!("{what} have {bytes} bytes, there may be {limit}; make them smaller")));
        }
    }
    let results = module.entry_points.iter().filter_map(|entry| entry.function.result.as_ref());
    let members = results.filter_map(|result| match &module.types[result.ty].inner {
        TypeInner::Struct { members, .. } => Some(members.iter().filter_map(|member| member.binding.as_ref())),
        _ => None,
    });
    for binding in members.flatten() {
        if let Binding::Location { location, .. } = binding
            && *location >= LOCATIONS_MAX
        {
            let words = format!("@location({location}) is too high, there are {LOCATIONS_MAX}, from 0; join some");
            return Err((None, words));
        }
    }
    Ok(())
}

fn needs(module: &Module, info: &ModuleInfo, layouts: &Layouter, at: usize, entry: &EntryPoint) -> Needs<String> {
    let stage = match entry.stage {
        ShaderStage::Vertex => "vertex".to_owned(),
        ShaderStage::Fragment => "fragment".to_owned(),
        ShaderStage::Compute => "compute".to_owned(),
        other => format!("{other:?}"),
    };
    let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
    for argument in &entry.function.arguments {
        varyings(
            module.to_ctx(),
            argument.binding.as_ref(),
            argument.ty,
            entry.stage == ShaderStage::Fragment,
            &mut inputs,
        );
    }
    if let Some(result) = &entry.function.result {
        varyings(module.to_ctx(), result.binding.as_ref(), result.ty, entry.stage == ShaderStage::Vertex, &mut outputs);
    }
    // Whatever is made out of the vertices' numbering is there without anybody's doing.
    inputs.retain(|input| !input.starts_with("@builtin"));
    if entry.stage == ShaderStage::Vertex {
        outputs.retain(|output| !output.starts_with("@builtin"));
    }
    let resources = resources(module, info.get_entry_point(at), layouts);
    Needs { stage, workgroup: entry.workgroup_size, resources, inputs, outputs }
}

/// What an entry point uses of what is bound, spelled out.
fn resources(module: &Module, used: &FunctionInfo, layouts: &Layouter) -> Vec<String> {
    let mut resources = Vec::new();
    for (_, variable) in module.global_variables.iter().filter(|(handle, _)| !used[*handle].is_empty()) {
        let place = variable.binding.map(|at| format!("@group({}) @binding({}) ", at.group, at.binding));
        let place = place.unwrap_or_default();
        let space = match variable.space {
            AddressSpace::Private | AddressSpace::WorkGroup | AddressSpace::Function => continue,
            AddressSpace::Handle => String::new(),
            space => {
                let (space, access) = address_space_str(space);
                let access = access.map_or(String::new(), |access| format!(", {access}"));
                format!("var<{}{access}> ", space.unwrap_or_default())
            }
        };
        let ty = match module.types[variable.ty].inner {
            TypeInner::Image { .. } | TypeInner::Sampler { .. } => module.to_ctx().type_to_string(variable.ty),
            TypeInner::Array { size: naga::ArraySize::Dynamic, stride, .. } => format!("in steps of {stride} bytes"),
            _ => format!("of {} bytes", layouts[variable.ty].size),
        };
        resources.push(format!("{place}{space}{ty}"));
    }
    resources
}

/// What comes or goes by an argument or a result, spelled out; how it is interpolated where it `varies` between vertices.
fn varyings(context: GlobalCtx<'_>, binding: Option<&Binding>, ty: Handle<Type>, varies: bool, into: &mut Vec<String>) {
    match binding {
        Some(Binding::BuiltIn(builtin)) => into.push(format!("@builtin({builtin:?})")),
        Some(Binding::Location { location, interpolation, sampling, blend_src, .. }) => {
            let source = blend_src.map_or(String::new(), |source| format!(" @blend_src({source})"));
            let manner = match (interpolation, sampling) {
                _ if !varies => String::new(),
                (Some(interpolation), Some(sampling)) => format!(" {interpolation:?} {sampling:?}"),
                (Some(interpolation), None) => format!(" {interpolation:?}"),
                _ => String::new(),
            };
            let ty = context.type_to_string(ty);
            into.push(format!("@location({location}){source}{} {ty}", manner.to_lowercase()));
        }
        None => {
            if let TypeInner::Struct { members, .. } = &context.types[ty].inner {
                members.iter().for_each(|member| varyings(context, member.binding.as_ref(), member.ty, varies, into));
            }
        }
    }
}
