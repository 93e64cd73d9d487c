//! Tags cost nothing where tracking is off: allocating with a tag compiles to the same instructions as without one.
//!
//! Builds a small library in release mode, in a target folder of its own, and compares the assembly of its functions.
#![cfg(all(target_arch = "x86_64", target_os = "linux", feature = "std"))]
#![allow(clippy::unwrap_used, reason = "the helpers of tests may fail as loudly as tests")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// Pairs of functions: `NAME_untagged`, `NAME_tagged`.
const SOURCE: &str = r#"
use voltrum_memory::{Scope, Tag};

macro_rules! pair {
    ($untagged:ident $tagged:ident |$memory:ident, $value:ident: $t:ty| $body:expr) => {
        #[unsafe(no_mangle)]
        pub fn $untagged(scope: &Scope<'_>, $value: $t) -> bool { let $memory = scope; $body }
        #[unsafe(no_mangle)]
        pub fn $tagged(scope: &Scope<'_>, $value: $t) -> bool { let $memory = scope.tagged(Tag::RENDERER); $body }
    };
}

pair!(push_untagged push_tagged |memory, value: u64| memory.try_alloc(value).is_ok());
pair!(odd_untagged odd_tagged |memory, value: [u8; 13]| memory.try_alloc(value).is_ok());
pair!(many_untagged many_tagged |memory, count: u64| (0..count).all(|value| memory.try_alloc(value).is_ok()));
pair!(slice_untagged slice_tagged |memory, values: &[u32]| memory.try_alloc_slice_copy(values).is_ok());
pair!(zeroed_untagged zeroed_tagged |memory, count: usize| memory.try_alloc_zeroed::<u32>(count).is_ok());
"#;

const PAIRS: [&str; 5] = ["push", "odd", "many", "slice", "zeroed"];

/// Builds the library with `features` of this crate; its assembly.
fn assembly(features: &str) -> String {
    let memory = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = memory.parent().and_then(Path::parent).unwrap();
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("instructions");
    std::fs::create_dir_all(folder.join("src")).unwrap();
    let manifest = format!(
        "[package]\nname = \"pushes\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n\
         voltrum-memory = {{ path = {memory:?}, features = [{features}] }}\n"
    );
    std::fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    std::fs::write(folder.join("src/lib.rs"), SOURCE).unwrap();
    // The same versions as the workspace's, or the package's, so that nothing is fetched.
    let lock = [memory, workspace].map(|folder| folder.join("Cargo.lock")).into_iter().find(|lock| lock.exists());
    std::fs::copy(lock.unwrap(), folder.join("Cargo.lock")).unwrap();
    let out = folder.join("pushes.s");
    let built = Command::new(env!("CARGO"))
        .current_dir(&folder)
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("CARGO_BUILD_TARGET")
        .args(["rustc", "--release", "--offline", "--quiet", "--lib", "--target-dir"])
        .arg(folder.join("target"))
        .arg("--")
        .arg(format!("--emit=asm={}", out.display()))
        .args(["-Ccodegen-units=1", "-Cdebuginfo=0"])
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    std::fs::read_to_string(out).unwrap()
}

/// The instructions of a function, with local labels numbered from its start; of its twin where the compiler found the two
/// to be one.
fn instructions(assembly: &str, name: &str) -> Vec<String> {
    let aliases = [format!(".set {name},"), format!("{name} =")];
    let twin = |line: &str| aliases.iter().find_map(|alias| Some(line.trim().strip_prefix(alias)?.trim().to_owned()));
    if let Some(twin) = assembly.lines().find_map(twin) {
        return instructions(assembly, &twin);
    }
    let start = format!("{name}:");
    let mut labels: Vec<String> = Vec::new();
    let mut body = Vec::new();
    for line in assembly.lines().skip_while(|line| *line != start).skip(1) {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.starts_with(".Lfunc_end") {
            break;
        }
        if line.is_empty() || (line.starts_with('.') && !line.starts_with(".LBB")) {
            continue;
        }
        let mut text = line.to_owned();
        while let Some(at) = text.find(".LBB") {
            let end = text[at + 1..]
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .map_or(text.len(), |e| at + 1 + e);
            let label = text[at..end].to_owned();
            let index = labels.iter().position(|known| *known == label).unwrap_or_else(|| {
                labels.push(label);
                labels.len() - 1
            });
            text.replace_range(at..end, &format!("label {index}"));
        }
        body.push(text);
    }
    assert!(!body.is_empty(), "no function {name}");
    body
}

#[test]
fn a_tag_costs_no_instruction_where_tracking_is_off() {
    let plain = assembly("");
    for name in PAIRS {
        let untagged = instructions(&plain, &format!("{name}_untagged"));
        let tagged = instructions(&plain, &format!("{name}_tagged"));
        assert_eq!(untagged, tagged, "{name}");
    }
    // The fast path is all in the caller: the two calls are the slow path's, for the block and for why there is none.
    let calls = |name| instructions(&plain, name).iter().filter(|line| line.starts_with("call")).count();
    assert_eq!((calls("push_untagged"), calls("odd_untagged")), (2, 2));

    // With tracking they differ: the comparison does see what a tag costs.
    let tracked = assembly("\"tracking\"");
    for name in ["push", "odd"] {
        let untagged = instructions(&tracked, &format!("{name}_untagged"));
        let tagged = instructions(&tracked, &format!("{name}_tagged"));
        assert_ne!(untagged, tagged, "{name}");
    }
}
