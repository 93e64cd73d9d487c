//! Writes the inputs that fuzzing begins with: `cargo run --manifest-path crates/scene/fuzz/Cargo.toml`.

use std::error::Error;
use std::fs;
use std::path::Path;

use voltrum_scene_fuzz::seeds::{DOCUMENTS, journals};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
    let documents = DOCUMENTS.iter().map(|text| text.as_bytes().to_vec());
    for (kind, seeds) in [("document", documents.collect()), ("journal", journals()?)] {
        fs::create_dir_all(folder.join(kind))?;
        for (number, seed) in seeds.iter().enumerate() {
            fs::write(folder.join(kind).join(format!("{number:02}")), seed)?;
        }
    }
    Ok(())
}
