//! Compiles `shaders/*.wgsl` to SPIR-V words, so that nobody needs a Vulkan SDK.
//!
//! Each entry point of a `name.wgsl` becomes a `name::ENTRY_POINT` in `$OUT_DIR/shaders.rs`, and for those who bring
//! shaders of their own a row of `FILES`, which says what it needs.

#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "a build script runs on the developer's machine, outside every arena"
)]

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

#[path = "src/prefilter.rs"]
mod prefilter;
#[path = "src/shader_compiler.rs"]
#[allow(dead_code, unreachable_pub, reason = "the renderer's; what is public is so there")]
mod shader_compiler;
mod sky;

use shader_compiler::{CompiledEntry, Needs, Source};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=shaders");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/shader_compiler.rs");
    let folder = Path::new("shaders");
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.sort();

    let mut generated = String::new();
    let mut files = String::new();
    let mut places = 0..;
    for path in paths {
        let name = path.file_stem().and_then(|stem| stem.to_str()).ok_or("a shader's name is not text")?;
        if path.extension().is_none_or(|extension| extension != "wgsl") {
            continue;
        }
        let compiled = Source::read(folder, name).and_then(|source| source.compile(false));
        writeln!(generated, "/// Entry points of `shaders/{name}.wgsl`.\npub(crate) mod {name} {{")?;
        writeln!(generated, "use crate::vulkan::shader::Entry;")?;
        writeln!(files, "({name:?}, &[")?;
        for (CompiledEntry { name, words, needs }, place) in
            compiled.map_err(|fault| fault.to_string())?.into_iter().zip(&mut places)
        {
            let constant = name.to_uppercase();
            writeln!(generated, "pub(crate) static {constant}: Entry = Entry {{ name: c{name:?}, words: &{words:?},")?;
            writeln!(generated, "#[cfg(feature = \"live-shaders\")] place: {place} }};")?;
            let Needs { stage, workgroup, resources, inputs, outputs } = needs;
            writeln!(files, "KnownEntry {{ name: {name:?}, stage: {stage:?}, workgroup: {workgroup:?},")?;
            writeln!(files, "resources: &{resources:?}, inputs: &{inputs:?}, outputs: &{outputs:?} }},")?;
        }
        writeln!(generated, "}}")?;
        writeln!(files, "]),")?;
    }
    writeln!(
        generated,
        "/// The files, and what their entry points need, by place.\n#[cfg(feature = \"live-shaders\")]"
    )?;
    writeln!(generated, "pub(crate) static FILES: &[(&str, &[KnownEntry])] = &[{files}];")?;
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    fs::write(out.join("shaders.rs"), generated)?;
    filter_sky(&out)?;
    Ok(())
}

/// The built-in environment, filtered here so that starting up does not have to.
fn filter_sky(out: &Path) -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=sky.rs");
    println!("cargo::rerun-if-changed=src/prefilter.rs");
    let radiance = |direction, _angle| sky::radiance(direction);
    let mut texels = Vec::new();
    for level in 0..sky::LEVELS {
        let size = sky::SIZE.map(|side| side >> level);
        let roughness = level as f32 / (sky::LEVELS - 1) as f32;
        let mut filtered = vec![0; (size[0] * size[1]) as usize * prefilter::TEXEL_BYTES];
        prefilter::fill_level(size, roughness, 512, radiance, &mut filtered);
        texels.extend(filtered);
    }
    fs::write(out.join("sky.bin"), texels)?;
    let harmonics = prefilter::harmonics(sky::SIZE, radiance);
    let text = format!(
        "const SIZE: [u32; 2] = {:?};\nconst LEVELS: u32 = {};\nconst HARMONICS: [[f32; 4]; 9] = {harmonics:?};\n",
        sky::SIZE,
        sky::LEVELS
    );
    fs::write(out.join("sky.rs"), text)?;
    Ok(())
}
