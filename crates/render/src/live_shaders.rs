//! Shaders that a client brings: WGSL files of a folder, compiled and held against what pipelines expect.
//!
//! [`LiveShaders::read`] runs on any thread; [`renderer::use_shaders`](crate::renderer::use_shaders) has the renderer draw
//! with them.
//!
//! # Invariants
//! 1. Each entry point that the renderer draws with is there, and asks for nothing that a pipeline of its kind hasn't got:
//!    no driver sees an interface that the build script has not seen.
//!
//! # Deliberately absent
//! Whether a shader comes to an end: one that loops for ever loses the device, or stops a software driver.

#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "what naga makes is on the heap, goes from thread to thread and changes when somebody saves a shader"
)]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use voltrum_memory::{Tag, heap_scope};

use crate::error::RenderError;
use crate::shader_compiler::{self, CompiledEntry, ShaderFault, ShaderProblem, Source};
use crate::shaders::FILES;
use crate::vulkan::shader::Entry;

/// A fault as an error carries it.
pub(crate) type Fault = Box<ShaderFault>;

/// What a built-in entry point needs, as the build script found it.
pub(crate) struct KnownEntry {
    pub(crate) name: &'static str,
    pub(crate) stage: &'static str,
    pub(crate) workgroup: [u32; 3],
    pub(crate) resources: &'static [&'static str],
    pub(crate) inputs: &'static [&'static str],
    pub(crate) outputs: &'static [&'static str],
}

/// Shaders of a folder, fit to be drawn with. A clone is the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveShaders {
    /// SPIR-V of all entry points, by place.
    words: Arc<[Vec<u32>]>,
}

impl LiveShaders {
    /// Reads and compiles all shaders of a folder, which is laid out like `crates/render/shaders`: the same files with the
    /// same entry points, each with the bindings, inputs and outputs that it has there, or fewer. Takes as long as some
    /// frames.
    ///
    /// # Errors
    /// [`RenderError::Shader`]: the first thing that is wrong, and where.
    pub fn read(folder: &Path) -> Result<LiveShaders, RenderError> {
        let _foreign = heap_scope(Tag::FOREIGN);
        let mut words = Vec::new();
        for (name, known) in FILES {
            let read = read_apart(folder, name, known);
            words.extend(read.map_err(|fault| RenderError::Shader(Box::new(fault)))?);
        }
        Ok(LiveShaders { words: words.into() })
    }

    /// The files that [`LiveShaders::read`] looks at in a folder, those that are missing included.
    pub fn files(folder: &Path) -> Vec<PathBuf> {
        let _foreign = heap_scope(Tag::FOREIGN);
        let mut files: Vec<PathBuf> =
            FILES.iter().flat_map(|(name, _)| shader_compiler::files_of(folder, name)).collect();
        files.sort();
        files.dedup();
        files
    }

    /// An entry point's SPIR-V.
    pub(crate) fn words(&self, entry: &Entry) -> Option<&[u32]> {
        self.words.get(entry.place).map(Vec::as_slice)
    }
}

/// As [`read`], on a thread of its own: whatever a person may write ends in words, be it too much for a stack of the usual
/// size or for the compiler's own assertions.
fn read_apart(folder: &Path, name: &str, known: &[KnownEntry]) -> Result<Vec<Vec<u32>>, ShaderFault> {
    let fault = |problem| ShaderFault { path: shader_compiler::path_of(folder, name), place: None, problem };
    thread::scope(|threads| {
        let thread = thread::Builder::new().name("voltrum-shaders".to_owned()).stack_size(shader_compiler::STACK_BYTES);
        let work = || {
            let _foreign = heap_scope(Tag::FOREIGN);
            read(folder, name, known)
        };
        let thread = thread.spawn_scoped(threads, work);
        let thread = thread.map_err(|error| fault(ShaderProblem::Unreadable(error.kind())))?;
        let failed = "the compiler failed; undo what was written last, or write it in another way";
        thread.join().unwrap_or_else(|_| Err(fault(ShaderProblem::Invalid(failed.to_owned()))))
    })
}

/// SPIR-V of a file's entry points, in the order of those that are built in.
fn read(folder: &Path, name: &str, known: &[KnownEntry]) -> Result<Vec<Vec<u32>>, ShaderFault> {
    let source = Source::read(folder, name)?;
    let mut compiled = source.compile(true)?;
    let mut words = Vec::with_capacity(known.len());
    for entry in known {
        let is_meant = |one: &CompiledEntry| one.name == entry.name && one.needs.stage == entry.stage;
        let at = compiled.iter().position(is_meant).ok_or_else(|| source.missing(entry.name))?;
        check(entry, known, &compiled, at).map_err(|reason| source.unfit(entry.name, reason))?;
        words.push(std::mem::take(&mut compiled[at].words));
    }
    Ok(words)
}

/// Says in which way an entry point does not fit the pipelines that the built-in one is for.
fn check(built_in: &KnownEntry, known: &[KnownEntry], compiled: &[CompiledEntry], at: usize) -> Result<(), String> {
    let needs = &compiled[at].needs;
    if needs.workgroup != built_in.workgroup {
        let ([x, y, z], [had_x, had_y, had_z]) = (needs.workgroup, built_in.workgroup);
        return Err(format!("its workgroup is {x}, {y}, {z} and must be {had_x}, {had_y}, {had_z}"));
    }
    // What one entry point of a file and a stage reads is bound for all of them; but for the shadow map's, which is being
    // drawn to: that pass has no outputs.
    let draws_depth_alone = built_in.stage == "fragment" && built_in.outputs.is_empty();
    let is_like = |other: &&KnownEntry| match draws_depth_alone {
        true => other.name == built_in.name,
        false => other.stage == built_in.stage,
    };
    let bound = |resource: &&String| known.iter().filter(is_like).any(|one| one.resources.contains(&resource.as_str()));
    if let Some(resource) = needs.resources.iter().find(|resource| !bound(resource)) {
        return Err(format!("it uses {resource}, which it hasn't got there"));
    }
    match built_in.stage {
        "vertex" => {
            if let Some(input) = needs.inputs.iter().find(|input| !built_in.inputs.contains(&input.as_str())) {
                return Err(format!("it takes {input}, which no vertex has"));
            }
        }
        "fragment" => {
            let vertex = compiled.iter().find(|one| one.needs.stage == "vertex");
            let given = |input: &&String| vertex.is_some_and(|vertex| vertex.needs.outputs.contains(input));
            if let Some(input) = needs.inputs.iter().find(|input| !given(input)) {
                return Err(format!("it takes {input}, which the vertex shader doesn't give"));
            }
            let wanted = built_in.outputs;
            let same = needs.outputs.len() == wanted.len()
                && needs.outputs.iter().all(|output| wanted.contains(&output.as_str()));
            if !same {
                let list =
                    |outputs: &[&str]| if outputs.is_empty() { "nothing".to_owned() } else { outputs.join(", ") };
                let outputs: Vec<&str> = needs.outputs.iter().map(String::as_str).collect();
                return Err(format!("it gives {}, and must give {}", list(&outputs), list(wanted)));
            }
        }
        _ => {}
    }
    Ok(())
}
