//! Compiles `shaders/*.wgsl` to SPIR-V words, so that nobody needs a Vulkan SDK.
//!
//! Each `name.wgsl` becomes `pub(crate) const NAME: &[u32]` in `$OUT_DIR/shaders.rs`, checked by naga's
//! validator. `shaders/view.wgsl` is a prelude: the files that start with `//#view` get its text first.

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

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=shaders");
    println!("cargo::rerun-if-changed=build.rs");
    let folder = Path::new("shaders");
    let view = fs::read_to_string(folder.join("view.wgsl"))?;
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    paths.sort();

    let mut generated = String::new();
    for path in paths {
        let name = path.file_stem().and_then(|stem| stem.to_str()).ok_or("a shader's name is not text")?;
        if name == "view" || path.extension().is_none_or(|extension| extension != "wgsl") {
            continue;
        }
        let own = fs::read_to_string(&path)?;
        let source = if own.starts_with("//#view") { format!("{own}\n{view}") } else { own };
        let words = compile(&source).map_err(|error| format!("{}: {error}", path.display()))?;
        writeln!(
            generated,
            "/// SPIR-V of `shaders/{name}.wgsl`.\npub(crate) const {}: &[u32] = &{words:?};",
            name.to_uppercase()
        )?;
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    fs::write(out.join("shaders.rs"), generated)?;
    Ok(())
}

fn compile(source: &str) -> Result<Vec<u32>, Box<dyn Error>> {
    let module = naga::front::wgsl::parse_str(source).map_err(|error| error.emit_to_string(source))?;
    let info = Validator::new(ValidationFlags::all(), Capabilities::IMMEDIATES)
        .validate(&module)
        .map_err(|error| error.emit_to_string(source))?;
    let options = spv::Options {
        lang_version: (1, 3),
        // No ADJUST_COORDINATE_SPACE: the renderer turns Y up with a viewport of negative height.
        flags: spv::WriterFlags::empty(),
        fake_missing_bindings: true,
        ..spv::Options::default()
    };
    Ok(spv::write_vec(&module, &info, &options, None)?)
}
