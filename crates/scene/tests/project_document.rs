//! What project documents promise: what is written is read, the same bytes come out, and faults are named.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "the helpers of tests fail loudly, as tests do"
)]

use std::fmt::Write as _;
use std::path::Path;

use glam::{Mat4, Quat, Vec3};
use voltrum_memory::{Arena, Tag, Tagged};
use voltrum_platform::files::Chance;
use voltrum_scene::project::{
    self, ComponentEntry, Document, EntityEntry, EntityKey, FileEntry, MeshKey, Place, ProjectError, ProjectLimits,
    View,
};
use voltrum_scene::{Camera, Lens, Light, LightKind, Local, Transform};

const PATH: &str = "room.voltrum";

fn with_memory<R>(run: impl FnOnce(Tagged<'_>) -> R) -> R {
    let mut arena = Arena::try_reserve("test", 1 << 30).unwrap();
    let scope = arena.open();
    run(scope.tagged(Tag::PROJECT))
}

fn read<'s>(text: &str, memory: Tagged<'s>) -> Result<Document<'s>, ProjectError> {
    project::read(text.as_bytes(), Path::new(PATH), &ProjectLimits::default(), memory)
}

fn write(document: &Document<'_>) -> Result<String, ProjectError> {
    let mut out = Vec::new();
    project::write(document, Path::new(PATH), &ProjectLimits::default(), &mut |bytes| {
        out.extend_from_slice(bytes);
        Ok(())
    })?;
    Ok(String::from_utf8(out).unwrap())
}

fn refused(text: &str) -> String {
    with_memory(|memory| read(text, memory).unwrap_err().to_string())
}

fn in_document(entities: &str) -> String {
    format!("{{\n  \"schema\": 2,\n  \"entities\": [\n    {entities}\n  ]\n}}\n")
}

fn full() -> Document<'static> {
    const TABLE: EntityKey = EntityKey::own(1);
    const ARM: EntityKey = EntityKey::node(2, 17);
    Document {
        files: const {
            &[
                FileEntry { id: 1, path: "table.glb", scene: None, unknown: &[] },
                FileEntry { id: 2, path: "lamps/\"desk\".gltf", scene: Some(3), unknown: &[] },
            ]
        },
        entities: vec![
            EntityEntry { name: Some("Tisch \n\"1\" \u{1F4A1}\u{1}"), ..EntityEntry::new(TABLE) },
            EntityEntry {
                place: Some(Place { parent: Some(TABLE), before: Some(EntityKey::node(2, 0)) }),
                local: Some(Local::Parts(Transform {
                    translation: Vec3::new(-0.0, 1.0e-40, 3.402_823_5e38),
                    rotation: Quat::from_xyzw(0.1, 0.2, 0.3, 0.9),
                    scale: Vec3::new(1.0, 2.0, 0.333_333_34),
                })),
                visible: Some(false),
                mesh: Some(Some(MeshKey { file: 2, mesh: 3 })),
                components: &[ComponentEntry { column: "watts", bytes: &[0, 0xff, 0x10] }],
                ..EntityEntry::new(EntityKey::own(2))
            },
            EntityEntry {
                name: Some(""),
                place: Some(Place { parent: None, before: None }),
                local: Some(Local::Parts(Transform::IDENTITY)),
                camera: Some(None),
                light: Some(None),
                mesh: Some(None),
                ..EntityEntry::new(ARM)
            },
            EntityEntry {
                local: Some(Local::Matrix(Mat4::from_cols_array(&core::array::from_fn(|at| at as f32 * 0.1)))),
                camera: Some(Some(Camera {
                    lens: Lens::Perspective { fov_y: 0.8, aspect: None, near: 0.1, far: Some(100.0) },
                })),
                light: Some(Some(Light {
                    kind: LightKind::Spot { inner: 0.1, outer: 0.5 },
                    color: [1.0, 0.5, 0.25],
                    intensity: 80.0,
                    range: Some(3.0),
                })),
                ..EntityEntry::new(EntityKey::own(3))
            },
            EntityEntry {
                camera: Some(Some(Camera {
                    lens: Lens::Orthographic { half_width: 1.0, half_height: 2.0, near: 0.0, far: 3.0 },
                })),
                light: Some(Some(Light::default())),
                ..EntityEntry::new(EntityKey::own(4))
            },
        ]
        .leak(),
        removed: const { &[EntityKey::node(1, 3)] },
        view: View {
            eye: Some(Vec3::ONE),
            target: Some(Vec3::ZERO),
            camera: Some(ARM),
            grid: Some(true),
            unknown: &[],
        },
        next_number: 9,
        unknown: &[],
    }
}

#[test]
fn what_is_written_comes_back_bit_for_bit_and_gives_the_same_bytes() {
    let text = write(&full()).unwrap();
    with_memory(|memory| {
        let document = read(&text, memory).unwrap();
        assert_eq!(document, full());
        let Some(Local::Parts(parts)) = document.entities[1].local else { panic!() };
        assert!(parts.translation.x.is_sign_negative(), "-0 is not 0");
        assert_eq!(write(&document).unwrap(), text);
    });
    assert_eq!(
        write(&Document::EMPTY).unwrap(),
        with_memory(|memory| write(&read(&text, memory).map(|_| Document::EMPTY).unwrap()).unwrap())
    );
}

#[test]
fn any_finite_number_comes_back_bit_for_bit() {
    let mut chance = Chance(7);
    for _ in 0..20_000 {
        let number = f32::from_bits(chance.roll() as u32);
        if !number.is_finite() {
            continue;
        }
        let text = in_document(&format!(r#"{{ "id": 1, "translation": [{number:?}, 0, 0] }}"#));
        with_memory(|memory| {
            let document = read(&text, memory).unwrap();
            let Some(Local::Parts(parts)) = document.entities[0].local else { panic!() };
            assert_eq!(parts.translation.x.to_bits(), number.to_bits());
        });
    }
}

#[test]
fn each_entity_has_a_line_so_that_a_moved_one_is_one_line_of_a_diff() {
    let before = write(&full()).unwrap();
    let mut entities = full().entities.to_vec();
    entities[1].visible = Some(true);
    let after = write(&Document { entities: &entities, ..full() }).unwrap();
    let changed = before.lines().zip(after.lines()).filter(|(before, after)| before != after).count();
    assert_eq!((changed, before.lines().count()), (1, after.lines().count()));
}

#[test]
fn unknown_fields_survive_at_every_level() {
    let text = r#"{
  "schema": 2,
  "next_id": 1,
  "files": [
    { "id": 1, "path": "a.glb", "licence": { "name": "CC0", "years": [1, 2] } }
  ],
  "entities": [
    { "id": "1/0", "camera": { "kind": "perspective", "fov_y": 0.5, "near": 0.1, "shutter": 1e3 }, "light": { "kind": "point", "color": [1.0, 1.0, 1.0], "intensity": 1.0, "flicker": true }, "physics": { "mass": 1.50 }, "a\nb": null }
  ],
  "removed": [],
  "view": { "grid": true, "fog": [ 0.10 ] },
  "plugins": {
    "x": "\u00e9"
  }
}
"#;
    with_memory(|memory| {
        let document = read(text, memory).unwrap();
        assert_eq!(document.entities[0].unknown[0].name, "physics");
        assert_eq!(write(&document).unwrap(), text);
    });
}

#[test]
fn a_newer_schema_is_refused_before_anything_else_and_says_what_to_do() {
    for text in
        [r#"{ "schema": 3, "entities": "of another shape" }"#, r#"{ "entities": "of another shape", "schema": 3 }"#]
    {
        assert_eq!(
            refused(text),
            "room.voltrum: written in schema 3 by a newer version of voltrum, this one reads up to 2; update voltrum to open it"
        );
    }
}

#[test]
fn fields_may_come_in_any_order() {
    with_memory(|memory| {
        let text = r#"{ "next_id": 9, "entities": [{ "hidden": true, "name": "lamp", "id": 5 }], "schema": 1 }"#;
        let document = read(text, memory).unwrap();
        assert_eq!((document.entities[0].visible, document.entities[0].name), (Some(false), Some("lamp")));
        assert!(write(&document).unwrap().starts_with("{\n  \"schema\": 2"));
    });
}

#[test]
fn an_older_schema_is_migrated() {
    with_memory(|memory| {
        let text = r#"{ "schema": 1, "entities": [{ "id": 5, "hidden": true }, { "id": 6, "hidden": false }] }"#;
        let document = read(text, memory).unwrap();
        let visible: Vec<_> = document.entities.iter().map(|entity| entity.visible).collect();
        assert_eq!((visible, document.next_number), (vec![Some(false), Some(true)], 7));
        let saved = write(&document).unwrap();
        assert!(saved.contains("\"schema\": 2") && saved.contains(r#"{ "id": 5, "visible": false }"#), "{saved}");
        // what schema 1 called so is nothing that schema 2 knows
        let newer = read(&text.replace("\"schema\": 1", "\"schema\": 2"), memory).unwrap();
        assert_eq!((newer.entities[0].visible, newer.entities[0].unknown.len()), (None, 1));
    });
}

#[test]
fn bad_input_is_named_with_line_or_place() {
    let cases: &[(&str, &str)] = &[
        ("", "line 1, column 0: EOF"),
        ("[]", "line 1"),
        ("{}", "no \"schema\""),
        (r#"{ "entities": [] }"#, "no \"schema\""),
        (r#"{ "entities": [], "schema": "two" }"#, "line 1, column 33: invalid type"),
        (r#"{ "entities": [], "schema": 0 }"#, "no schema 0"),
        (r#"{ "entities": [], "schema": 2, "schema": 2 }"#, "duplicate field"),
        (r#"{ "entities": [{ "id": 1"#, "EOF"),
        (r#"{ "schema": 0 }"#, "no schema 0"),
        (r#"{ "schema": 2, "schema": 2 }"#, "given twice"),
        ("{ \"schema\": 2 } x", "trailing characters"),
        (r#"{ "schema": 2, "removed": ["1/3", "2/1", "1/3"] }"#, "removed[2]: id 1/3 is there already"),
        (r#"{ "schema": 2, "removed": [4] }"#, "removed[0]: only nodes"),
        (r#"{ "schema": 2, "files": [{ "id": 1, "path": "../a.glb" }] }"#, "\"../a.glb\" can't be part"),
        (r#"{ "schema": 2, "files": [{ "id": 1, "path": "/etc/a.glb" }] }"#, "the name is absolute"),
        (r#"{ "schema": 2, "files": [{ "id": 1, "path": "C:\\a.glb" }] }"#, "the name is absolute"),
        (r#"{ "schema": 2, "files": [{ "id": 1, "path": "a.glb" }, { "id": 1, "path": "b.glb" }] }"#, "files[1]: id 1"),
        (r#"{ "schema": 2, "files": [{ "id": 0, "path": "a.glb" }] }"#, "numbered from 1"),
        (r#"{ "schema": 2, "files": [{ "id": 1 }] }"#, "needs \"id\" and \"path\""),
    ];
    let entities: &[(&str, &str)] = &[
        (r#"{ "id": 1 }, { "id": 2 }, { "id": 1 }"#, "entities[2]: id 1 is that of entities[0] already"),
        (r#"{ "id": 1, "parent": 1 }"#, "it refers to itself"),
        (r#"{ "id": "1/2", "before": "1/2" }"#, "refers to itself"),
        (r#"{ "id": 1, "parent": 2 }, { "id": 2, "parent": 3 }, { "id": 3, "parent": 2 }"#, "stands below itself"),
        (r#"{ "id": 1, "translation": [1e39, 0, 0] }"#, "line 4, column 37: a number that is too large"),
        (r#"{ "id": 1, "translation": [NaN, 0, 0] }"#, "line 4"),
        (r#"{ "id": 1, "translation": ["1", 0, 0] }"#, "expected a number"),
        (r#"{ "id": 1, "translation": [1, 0] }"#, "invalid length 2"),
        (r#"{ "id": 1, "translation": [1, 0, 0, 0] }"#, "invalid length 4"),
        (r#"{ "id": 1, "matrix": [1] }"#, "invalid length 1"),
        (r#"{ "name": "a" }"#, "needs \"id\""),
        (r#"{ "id": 0 }"#, "from 1"),
        (r#"{ "id": -1 }"#, "id"),
        (r#"{ "id": 4294967296 }"#, "from 1"),
        (r#"{ "id": "x" }"#, "\"2/17\""),
        (r#"{ "id": 1, "name": 3 }"#, "a text"),
        (r#"{ "id": 1, "camera": { "kind": "fisheye" } }"#, "\"perspective\""),
        (r#"{ "id": 1, "camera": { "kind": "perspective" } }"#, "needs \"fov_y\""),
        (r#"{ "id": 1, "light": { "kind": "spot", "intensity": 1 } }"#, "needs \"inner\""),
        (r#"{ "id": 1, "components": { "watts": "0g" } }"#, "hexadecimal"),
        (r#"{ "id": 1, "components": { "watts": 7 } }"#, "hexadecimal"),
    ];
    for (text, words) in cases {
        let error = refused(text);
        assert!(error.starts_with("room.voltrum: ") && error.contains(words), "{text}: {error}");
    }
    for (text, words) in entities {
        let error = refused(&in_document(text));
        assert!(error.starts_with("room.voltrum: ") && error.contains(words), "{text}: {error}");
    }
    let error = refused("{ \"schema\": 2,\n \"x\": \"\u{0}\" }");
    assert!(error.contains("line 2"), "{error}");
    let error = with_memory(|memory| {
        project::read(b"{\n\"\xff\"", Path::new(PATH), &ProjectLimits::default(), memory).unwrap_err().to_string()
    });
    assert!(error.contains("line 2, column 2: bytes that are no UTF-8"), "{error}");
}

#[test]
fn huge_names_and_deep_nesting_are_refused_with_the_numbers() {
    let error = refused(&in_document(&format!(r#"{{ "id": 1, "name": "{}" }}"#, "x".repeat(1 << 20))));
    assert!(error.contains("line 4") && error.contains("a text of 1048576 bytes, the limit is 4096"), "{error}");
    let error = refused(&in_document(&format!(r#"{{ "id": 1, "x": {}{} }}"#, "[".repeat(10_000), "]".repeat(10_000))));
    assert!(error.contains("33 brackets around each other, the limit is 32"), "{error}");
    let name = "x".repeat(5000);
    let entities = [EntityEntry { name: Some(&name), ..EntityEntry::new(EntityKey::own(4)) }];
    let error = write(&Document { entities: &entities, ..Document::EMPTY }).unwrap_err().to_string();
    assert!(error.contains("entity 4 has a name longer than"), "{error}");
    let local = Some(Local::Parts(Transform::at(Vec3::new(0.0, f32::NAN, 0.0))));
    let entities = [EntityEntry { local, ..EntityEntry::new(EntityKey::own(4)) }];
    let error = write(&Document { entities: &entities, ..Document::EMPTY }).unwrap_err().to_string();
    assert!(error.contains("entity 4 has a number that isn't finite"), "{error}");
}

#[test]
fn ten_thousand_levels_of_hierarchy_are_read_in_any_order() {
    let mut lines: Vec<String> = (2..=10_000).map(|id| format!(r#"{{ "id": {id}, "parent": {} }}"#, id - 1)).collect();
    lines.push(String::from(r#"{ "id": 1 }"#));
    for _ in 0..2 {
        with_memory(|memory| {
            assert_eq!(read(&in_document(&lines.join(",\n")), memory).unwrap().entities.len(), 10_000)
        });
        lines.reverse();
    }
    *lines.last_mut().unwrap() = String::from(r#"{ "id": 1, "parent": 10000 }"#);
    assert!(refused(&in_document(&lines.join(","))).contains("stands below itself"));
}

#[test]
fn what_is_too_much_for_the_arena_is_an_error_with_numbers() {
    let mut text = String::new();
    (1..=2000).for_each(|id| write!(text, "{}{{\"id\":{id}}}", if id > 1 { "," } else { "" }).unwrap());
    let mut arena = Arena::try_reserve("small", 128 << 10).unwrap();
    let scope = arena.open();
    let error = read(&in_document(&text), scope.tagged(Tag::PROJECT)).unwrap_err();
    assert!(matches!(error, ProjectError::Memory(_)), "{error}");
    let limits = ProjectLimits { entries_max: 1999, ..ProjectLimits::default() };
    let error = with_memory(|memory| {
        project::read(in_document(&text).as_bytes(), Path::new(PATH), &limits, memory).unwrap_err().to_string()
    });
    assert_eq!(error, "room.voltrum: has 2000 entities and files, the limit is 1999; raise `entries_max`");
}

/// Documents damaged at random give an error or a document that can be saved and read again. The seed is fixed; the number
/// of them is `VOLTRUM_MUTATIONS`, for longer runs by hand.
#[test]
fn damaged_documents_never_panic_and_stay_in_the_budget() {
    let rounds = std::env::var("VOLTRUM_MUTATIONS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(20_000);
    let original = write(&full()).unwrap().into_bytes();
    let pieces: &[&[u8]] = &[
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"\"",
        b"\\",
        b"null",
        b"1e999",
        b"-",
        b"\"id\"",
        b"\"parent\": 1,",
        b"\xff",
        b"\\ud800",
        b"{\"schema\": 2}",
        b"4294967295",
        b"\"1/0\"",
        b"\"x\": [[[[[[[[",
    ];
    let mut arena = Arena::try_reserve("budget", 8 << 20).unwrap();
    let mut chance = Chance(42);
    let mut accepted = 0;
    for _ in 0..rounds {
        let mut text = original.clone();
        for _ in 0..=chance.below(4) {
            let at = chance.below(text.len().max(1));
            match chance.below(5) {
                0 if !text.is_empty() => text[at] = chance.roll() as u8,
                1 if !text.is_empty() => text[at] ^= 1 << chance.below(8),
                2 => text.truncate(at),
                3 => {
                    let end = at + chance.below(text.len() + 1 - at).min(40);
                    text.drain(at..end);
                }
                _ => {
                    let piece = pieces[chance.below(pieces.len())];
                    text.splice(at..at, piece.iter().copied());
                }
            }
        }
        let scope = arena.open();
        let memory = scope.tagged(Tag::PROJECT);
        if let Ok(document) = project::read(&text, Path::new(PATH), &ProjectLimits::default(), memory) {
            accepted += 1;
            let saved = write(&document).unwrap();
            let again = read(&saved, memory).unwrap();
            assert_eq!(again, document);
            assert_eq!(write(&again).unwrap(), saved);
        }
    }
    assert!(accepted > rounds / 100, "{accepted} of {rounds} were still documents");
}
