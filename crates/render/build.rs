//! Compiles `shaders/*.wgsl` to SPIR-V words, so that nobody needs a Vulkan SDK.
//!
//! Each entry point of a `name.wgsl` becomes a `name::ENTRY_POINT` in `$OUT_DIR/shaders.rs`, checked by naga's validator,
//! alone in its SPIR-V: a driver translates no more than a pipeline needs. A file that starts with `//#use a b` gets the text of `shaders/parts/a.wgsl` and `b.wgsl` after its own.

#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "a build script runs on the developer's machine, outside every arena"
)]

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use naga::back::spv;
use naga::valid::{Capabilities, ValidationFlags, Validator};

#[path = "src/prefilter.rs"]
mod prefilter;
mod sky;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=shaders");
    println!("cargo::rerun-if-changed=build.rs");
    let folder = Path::new("shaders");
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.sort();

    let mut generated = String::new();
    for path in paths {
        let name = path.file_stem().and_then(|stem| stem.to_str()).ok_or("a shader's name is not text")?;
        if path.extension().is_none_or(|extension| extension != "wgsl") {
            continue;
        }
        let mut source = fs::read_to_string(&path)?;
        let parts = source.lines().next().and_then(|line| line.strip_prefix("//#use")).unwrap_or("").to_owned();
        for part in parts.split_whitespace() {
            source += &fs::read_to_string(folder.join("parts").join(part).with_extension("wgsl"))?;
        }
        let entries = compile(&source).map_err(|error| format!("{}: {error}", path.display()))?;
        writeln!(generated, "/// Entry points of `shaders/{name}.wgsl`.\npub(crate) mod {name} {{")?;
        writeln!(generated, "use crate::vulkan::shader::Entry;")?;
        for (entry, words) in entries {
            let constant = entry.to_uppercase();
            writeln!(
                generated,
                "pub(crate) static {constant}: Entry = Entry {{ name: c\"{entry}\", words: &{words:?} }};"
            )?;
        }
        writeln!(generated, "}}")?;
    }
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

/// An entry point's name, and words of SPIR-V.
type Entry = (String, Vec<u32>);

/// The module's entry points, each alone.
fn compile(source: &str) -> Result<Vec<Entry>, Box<dyn Error>> {
    let module = naga::front::wgsl::parse_str(source).map_err(|error| error.emit_to_string(source))?;
    let info = Validator::new(ValidationFlags::all(), Capabilities::IMMEDIATES | Capabilities::DUAL_SOURCE_BLENDING)
        .validate(&module)
        .map_err(|error| error.emit_to_string(source))?;
    let options = spv::Options {
        lang_version: (1, 3),
        // No ADJUST_COORDINATE_SPACE: the renderer turns Y up with a viewport of negative height.
        // A mesh may be points, and then the size of a point must be written.
        flags: spv::WriterFlags::FORCE_POINT_SIZE,
        fake_missing_bindings: true,
        ..spv::Options::default()
    };
    let alone = |entry: &naga::EntryPoint| {
        let chosen = spv::PipelineOptions { shader_stage: entry.stage, entry_point: entry.name.clone() };
        Ok((entry.name.clone(), spv::write_vec(&module, &info, &options, Some(&chosen))?))
    };
    module.entry_points.iter().map(alone).collect()
}
