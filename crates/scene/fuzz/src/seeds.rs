//! The inputs that fuzzing begins with.

use std::error::Error;
use std::path::Path;

use crate::journal::DOCUMENT;
use crate::{JOURNAL, PROJECT, empty, limits, with_memory};
use glam::{Mat4, Vec3, Vec4};
use voltrum_platform::files::FaultyDisk;
use voltrum_scene::project::{Intent, ProjectStore, load, restore};
use voltrum_scene::{Camera, Edit, Lens, Light, Local, SpawnDesc, SpawnEdit, Transform, spawn};

/// Project files.
pub const DOCUMENTS: &[&str] = &[
    "{ \"schema\": 2 }",
    "{ \"schema\": 1, \"entities\": [ { \"id\": 1, \"name\": \"table\" } ] }",
    DOCUMENT,
    r#"{ "schema": 2, "next_id": 9, "files": [ { "id": 1, "path": "models/lamp.glb", "by": "hand" } ],
        "entities": [ { "id": "1/0", "translation": [1, 2, 3], "visible": false },
                      { "id": "1/2", "parent": 4, "before": 5, "mesh": null, "camera": null },
                      { "id": 4, "parent": null, "mesh": "1/0", "matrix": [1,0,0,0, 0,1,0,0, 0,0,1,0, 0,0,0.5,1] },
                      { "id": 5, "parent": "1/1", "note": [1, {"a": null}] } ],
        "removed": [ "1/3", "1/4" ], "view": { "eye": [1, 2, 3], "target": [0, 0, 0], "camera": 4, "grid": true } }"#,
    r#"{ "schema": 2, "entities": [
        { "id": 7, "name": "eye \u00e9\n", "camera": { "kind": "perspective", "fov_y": 1.0, "aspect": 1.5, "near": 0.1, "far": 9 } },
        { "id": 8, "camera": { "kind": "orthographic", "half_width": 1, "half_height": 2, "near": 0, "far": 3 } },
        { "id": 9, "light": { "kind": "spot", "color": [1, 0.5, 0], "intensity": 4, "range": 2, "inner": 0.1, "outer": 0.2 } },
        { "id": 10, "rotation": [0, 0.6, 0, 0.8], "scale": [1, 2, -1], "components": { "watts": "0000803f" } } ],
        "later": { "kept": true } }"#,
];

/// Journals, each as it is and with its checksums put right.
///
/// # Errors
/// One can't be written.
pub fn journals() -> Result<Vec<Vec<u8>>, Box<dyn Error>> {
    let mut seeds = Vec::new();
    for steps in [1, 3, 12] {
        let journal = journal(steps)?;
        seeds.extend([0, 1].map(|how| [&[how], journal.as_slice()].concat()));
    }
    Ok(seeds)
}

/// A journal of so many steps, which go through every kind of edit.
fn journal(steps: usize) -> Result<Vec<u8>, Box<dyn Error>> {
    let disk = FaultyDisk::new();
    disk.put(Path::new(PROJECT), DOCUMENT.as_bytes());
    with_memory(|memory| {
        let loaded = load(&disk, Path::new(PROJECT), Intent::Edit, 0, &limits(), memory)?;
        let scene = empty(memory);
        let mut keys = restore(scene, &loaded.document, &[], None)?.keys;
        let mut store = ProjectStore::try_new(disk.clone(), loaded, &limits(), memory)?;
        let table = voltrum_scene::roots(scene).next().ok_or("the document has roots")?;
        for number in 0..steps {
            let made = spawn(scene, &SpawnDesc { parent: Some(table), ..SpawnDesc::default() })?;
            let camera =
                Some(Camera { lens: Lens::Perspective { fov_y: 1.0, aspect: None, near: 0.1, far: Some(9.0) } });
            let edits = [
                Edit::Spawn(SpawnEdit {
                    entity: Some(made),
                    parent: Some(table),
                    name: "bulb",
                    ..SpawnEdit::default()
                }),
                Edit::Rename { entity: made, name: "lamp" },
                Edit::Move { entity: made, local: Local::Parts(Transform::at(Vec3::new(1.0, 2.0, number as f32))) },
                Edit::Move { entity: made, local: Local::Matrix(Mat4::from_diagonal(Vec4::splat(0.3))) },
                Edit::Reparent { entity: made, parent: None, before: Some(table) },
                Edit::Show { entity: made, visible: number % 2 == 0 },
                Edit::SetMesh { entity: made, mesh: None },
                Edit::SetCamera { entity: made, camera },
                Edit::SetLight { entity: made, light: Some(Light::default()) },
                Edit::Despawn { entity: made },
            ];
            let mut step = store.journal_mut()?.step("Move 12 objects");
            let count = if steps == 1 { edits.len() } else { 3 + number % 8 };
            for edit in &edits[..count.min(edits.len())] {
                step.add(edit, &mut keys)?;
            }
            step.finish(number as f64, number as u64);
        }
        store.close(99.0, 99);
        Ok(disk.contents(Path::new(JOURNAL)).unwrap_or_default())
    })
}
