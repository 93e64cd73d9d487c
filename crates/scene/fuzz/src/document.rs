//! Project files.

use std::path::Path;

use voltrum_scene::project::{read, restore};
use voltrum_scene::update_transforms;

use crate::{PROJECT, empty, limits, saved, text_of, with_memory};

/// Reads the bytes as a project file. Where they are one, it is written as it was read, carried out, saved, and opened again. Says
/// whether all of that was done.
///
/// # Panics
/// Where one of these doesn't give what it promises.
pub fn run(data: &[u8]) -> bool {
    with_memory(|memory| {
        let Ok(document) = read(data, Path::new(PROJECT), &limits(), memory) else { return false };
        // what is read can be written, but where a limit counts what the writer adds
        if let Ok(text) = text_of(&document) {
            let again = read(&text, Path::new(PROJECT), &limits(), memory);
            let again = again.unwrap_or_else(|error| panic!("{error}\n{}", String::from_utf8_lossy(&text)));
            assert!(text_of(&again).is_ok_and(|again| again == text), "what is read is written as it was");
        }
        let scene = empty(memory);
        let Ok(mut restored) = restore(scene, &document, &[], None) else { return false };
        update_transforms(scene);
        let Ok(first) = saved(scene, &mut restored.keys, &restored.kept, memory) else { return false };
        let second = saved(scene, &mut restored.keys, &restored.kept, memory);
        assert!(second.is_ok_and(|second| second == first), "saving twice without an edit gives the same bytes");
        let Ok(document) = read(&first, Path::new(PROJECT), &limits(), memory) else {
            panic!("what was saved can't be opened:\n{}", String::from_utf8_lossy(&first));
        };
        let scene = empty(memory);
        let Ok(mut restored) = restore(scene, &document, &[], None) else {
            panic!("what was saved can't be carried out:\n{}", String::from_utf8_lossy(&first));
        };
        let third = saved(scene, &mut restored.keys, &restored.kept, memory);
        assert!(
            third.as_ref().is_ok_and(|third| *third == first),
            "opening and saving gives the same bytes:\n{}\n{}",
            String::from_utf8_lossy(&first),
            String::from_utf8_lossy(&third.unwrap_or_default()),
        );
        true
    })
}
