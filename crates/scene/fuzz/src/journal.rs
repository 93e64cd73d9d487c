//! Journals.
//!
//! The first byte of an input says whether the rest is a journal as it is, or one whose checksums and numbers are put right
//! first: what is behind them would hardly ever be reached otherwise.

use std::path::Path;

use voltrum_memory::Tag;
use voltrum_platform::files::FaultyDisk;
use voltrum_scene::project::{Fingerprint, Intent, Keys, Recovered, StepReader, load, restore};
use voltrum_scene::{Edit, SceneError, SceneState, undo, update_transforms};

use crate::{JOURNAL, PROJECT, empty, limits, saved, with_memory};

/// The project that the journals follow.
pub const DOCUMENT: &str = r#"{ "schema": 2, "entities": [
    { "id": 1, "name": "table", "translation": [0, 1, 0] },
    { "id": 2, "name": "lamp", "parent": 1, "light": { "kind": "point", "color": [1, 1, 1], "intensity": 9 } },
    { "id": 3, "parent": 1 } ] }"#;

/// Bytes of a journal's head, and of a record's.
const HEAD_BYTES: usize = 36;
const RECORD_BYTES: usize = 24;

/// Opens the project with the journal beside it, replays what comes back, saves, and takes all of it back. Says
/// whether anything came back.
///
/// # Panics
/// Where one of these doesn't give what it promises.
pub fn run(data: &[u8]) -> bool {
    let Some((how, journal)) = data.split_first() else { return false };
    let mut journal = journal.to_vec();
    if how % 2 == 1 {
        seal(&mut journal);
    }
    let disk = FaultyDisk::new();
    disk.put(Path::new(PROJECT), DOCUMENT.as_bytes());
    disk.put(Path::new(JOURNAL), &journal);
    with_memory(|memory| {
        let Ok(loaded) = load(&disk, Path::new(PROJECT), Intent::Edit, 0, &limits(), memory) else { return false };
        let scene = empty(memory);
        let Ok(mut restored) = restore(scene, &loaded.document, &[], None) else {
            panic!("the journal changed what the project file says");
        };
        let history = undo::open(scene, memory.with_tag(Tag::UNDO), 1 << 20).unwrap_or_else(|error| panic!("{error}"));
        let begun = saved(scene, &mut restored.keys, &restored.kept, memory);
        let mut steps = 0;
        for step in loaded.recovery.replay() {
            let Ok(step) = step else { break };
            let mut edit = undo::begin(history, scene, "replay");
            if replay(step, &mut edit, &mut restored.keys).is_none() {
                edit.roll_back();
                break;
            }
            if edit.commit().is_err() {
                break;
            }
            steps += 1;
        }
        update_transforms(scene);
        check(scene);
        let _text = saved(scene, &mut restored.keys, &restored.kept, memory);
        while let Ok(Some(_)) = undo::undo(history, scene) {
            check(scene);
        }
        if history.lost() == 0
            && let (Ok(begun), Ok(ended)) = (begun, saved(scene, &mut restored.keys, &restored.kept, memory))
        {
            // keys that were given meanwhile stay given
            let [begun, ended] = [begun, ended].map(|text| String::from_utf8_lossy(&text).into_owned());
            let entities = |text: &str| text.find("\"entities\"").map(|at| text[at..].to_owned());
            assert_eq!(entities(&begun), entities(&ended), "all steps taken back");
        }
        steps > 0
    })
}

fn replay(mut step: StepReader<'_>, edit: &mut undo::Transaction<'_, '_>, keys: &mut Keys<'_>) -> Option<()> {
    while let Some(found) = step.next(keys).ok()? {
        match found {
            Recovered::Edit(change) => applied(edit.apply(&change).map(drop))?,
            Recovered::Spawn(spawn, key) => match edit.apply(&Edit::Spawn(spawn)) {
                Ok(entity) => keys.bind(entity, key).ok()?,
                Err(error) => applied(Err(error))?,
            },
            Recovered::Import(_) | Recovered::Missing(_) => {}
        }
    }
    Some(())
}

/// What concerns something that is gone is left out; what has no room ends the replay.
fn applied(result: Result<(), SceneError>) -> Option<()> {
    match result {
        Err(SceneError::Memory(_) | SceneError::Full { .. }) => None,
        _ => Some(()),
    }
}

/// The hierarchy holds together: from the roots, every entity is met once.
fn check(scene: &SceneState<'_>) {
    let met: usize = voltrum_scene::roots(scene).map(|root| voltrum_scene::descendants(scene, root).count()).sum();
    assert_eq!(met, scene.len());
}

/// Puts the checksums of the head and of each record right, and the records' numbers.
fn seal(journal: &mut [u8]) {
    if journal.len() < HEAD_BYTES {
        return;
    }
    let base = Fingerprint::of(DOCUMENT.as_bytes());
    journal[..8].copy_from_slice(b"VOLTRUMJ");
    journal[8..12].copy_from_slice(&1u32.to_le_bytes());
    journal[20..28].copy_from_slice(&base.len.to_le_bytes());
    journal[28..32].copy_from_slice(&base.crc.to_le_bytes());
    let crc = Fingerprint::of(&journal[..32]).crc;
    journal[32..36].copy_from_slice(&crc.to_le_bytes());
    let (mut at, mut number) = (HEAD_BYTES, 1u64);
    while journal.len() - at > RECORD_BYTES {
        let rest = &mut journal[at..];
        let room = (rest.len() - RECORD_BYTES) as u32;
        let len = u32::from_le_bytes([rest[0], rest[1], rest[2], rest[3]]).clamp(1, room);
        rest[..4].copy_from_slice(&len.to_le_bytes());
        rest[8..16].copy_from_slice(&number.to_le_bytes());
        let end = RECORD_BYTES + len as usize;
        let crc = Fingerprint::of(&[&rest[..4], &rest[8..end]].concat()).crc;
        rest[4..8].copy_from_slice(&crc.to_le_bytes());
        at += end;
        number += 1;
    }
}
