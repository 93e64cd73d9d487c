//! What journals promise: after any cut or flipped bit, the longest prefix that is whole, or a word on what is wrong.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "the helpers of tests fail loudly, as tests do"
)]

use std::path::Path;

use glam::Vec3;
use voltrum_memory::{Arena, Tag, Tagged};
use voltrum_platform::files::{Fault, FaultyDisk};
use voltrum_scene::project::{
    self, Access, Damage, Document, EntityKey, Intent, Keys, LoadedProject, ProjectError, ProjectLimits, ProjectStore,
    Recovered, TroubleKind,
};
use voltrum_scene::{
    Camera, Edit, Entity, Lens, Light, Local, SceneLimits, SceneState, SpawnDesc, SpawnEdit, Transform, spawn,
};

const PATH: &str = "rooms/room.voltrum";
const JOURNAL: &str = "rooms/room.voltrum.journal";
const NOON: u64 = 12 * 3600;

type Lock = <FaultyDisk as voltrum_platform::files::FileSystem>::Lock;

fn with_memory<R>(run: impl FnOnce(Tagged<'_>) -> R) -> R {
    let mut arena = Arena::try_reserve("test", 1 << 30).unwrap();
    let scope = arena.open();
    run(scope.tagged(Tag::PROJECT))
}

fn load<'s>(disk: &FaultyDisk, memory: Tagged<'s>) -> Result<LoadedProject<'s, Lock>, ProjectError> {
    project::load(disk, Path::new(PATH), Intent::Edit, NOON, &ProjectLimits::default(), memory)
}

fn open<'s>(disk: &FaultyDisk, memory: Tagged<'s>) -> ProjectStore<'s, FaultyDisk> {
    let limits = ProjectLimits { pending_bytes_max: 1 << 20, ..ProjectLimits::default() };
    ProjectStore::try_new(disk.clone(), load(disk, memory).unwrap(), &limits, memory).unwrap()
}

fn scene(memory: Tagged<'_>) -> (&mut SceneState<'_>, Keys<'_>, Entity) {
    let limits = SceneLimits { entities_max: 1024, ..SceneLimits::default() };
    let scene = voltrum_scene::open(memory.with_tag(Tag::SCENE), &limits).unwrap();
    let lamp = spawn(scene, &SpawnDesc::default()).unwrap();
    let mut keys = Keys::try_new(scene, 1).unwrap();
    keys.bind(lamp, EntityKey::own(1)).unwrap();
    (scene, keys, lamp)
}

fn rename(
    store: &mut ProjectStore<'_, FaultyDisk>,
    keys: &mut Keys<'_>,
    entity: Entity,
    name: &str,
    now: f64,
) -> Option<u64> {
    let mut step = store.journal_mut().unwrap().step("Rename");
    step.add(&Edit::Rename { entity, name }, keys).unwrap();
    step.finish(now, NOON + now as u64)
}

/// The names of the rename steps that come back.
fn names(loaded: &LoadedProject<'_, Lock>, keys: &Keys<'_>) -> Vec<String> {
    let names = loaded.recovery.replay().map(|step| match step.unwrap().next(keys).unwrap() {
        Some(Recovered::Edit(Edit::Rename { name, .. })) => String::from(name),
        other => panic!("{other:?}"),
    });
    names.collect()
}

/// A disk whose journal has this many steps, named by their number.
fn disk_with(steps: usize) -> FaultyDisk {
    let disk = FaultyDisk::new();
    with_memory(|memory| {
        let (_, mut keys, lamp) = scene(memory);
        let mut store = open(&disk, memory);
        for step in 0..steps {
            rename(&mut store, &mut keys, lamp, &step.to_string(), step as f64);
            assert!(store.flush(step as f64, NOON));
        }
    });
    disk
}

fn disk_holding(journal: &[u8]) -> FaultyDisk {
    let disk = FaultyDisk::new();
    disk.put(Path::new(JOURNAL), journal);
    disk
}

#[test]
fn every_kind_of_edit_comes_back_as_it_was() {
    with_memory(|memory| {
        let disk = FaultyDisk::new();
        let (scene, mut keys, lamp) = scene(memory);
        let made = spawn(scene, &SpawnDesc::default()).unwrap();
        let camera = Some(Camera { lens: Lens::Perspective { fov_y: 1.0, aspect: None, near: 0.1, far: Some(9.0) } });
        let local = Local::Parts(Transform::at(Vec3::new(1.0, -0.0, f32::NAN)));
        let spawned = SpawnEdit {
            entity: Some(made),
            parent: Some(lamp),
            name: "bulb",
            hidden: true,
            camera,
            ..SpawnEdit::default()
        };
        let edits = [
            Edit::Spawn(spawned),
            Edit::Rename { entity: made, name: "Glühbirne" },
            Edit::Move { entity: made, local: Local::Matrix(glam::Mat4::from_diagonal(glam::Vec4::splat(0.3))) },
            Edit::Reparent { entity: made, parent: None, before: Some(lamp) },
            Edit::Show { entity: made, visible: true },
            Edit::SetMesh { entity: made, mesh: None },
            Edit::SetCamera { entity: made, camera },
            Edit::SetLight { entity: made, light: Some(Light::default()) },
            Edit::SetComponent { entity: made, column: "watts", value: Some(&[1, 2, 3]) },
            Edit::SetComponent { entity: made, column: "watts", value: None },
            Edit::Despawn { entity: made },
            Edit::Move { entity: lamp, local },
        ];
        let mut store = open(&disk, memory);
        let mut step = store.journal_mut().unwrap().step("Move 12 objects");
        edits.iter().for_each(|edit| step.add(edit, &mut keys).unwrap());
        assert_eq!(step.finish(0.0, NOON), Some(1));
        assert!(store.close(0.0, NOON));
        let loaded = load(&disk, memory).unwrap();
        assert_eq!(loaded.recovery.to_string(), "recovered 1 edit from 12:00 UTC");
        let mut step = loaded.recovery.replay().next().unwrap().unwrap();
        assert_eq!((step.label(), step.sequence()), ("Move 12 objects", 1));
        let mut back = Vec::new();
        while let Some(edit) = step.next(&keys).unwrap() {
            back.push(edit);
        }
        assert_eq!(back[0], Recovered::Spawn(SpawnEdit { entity: None, ..spawned }, EntityKey::own(2)));
        let same = edits[1..11].iter().map(|edit| Recovered::Edit(*edit));
        assert!(back[1..11].iter().copied().eq(same), "{back:?}");
        let Recovered::Edit(Edit::Move { local: Local::Parts(parts), .. }) = back[11] else { panic!() };
        assert!(parts.translation.z.is_nan() && parts.translation.y.is_sign_negative());
    });
}

#[test]
fn steps_wait_for_others_and_are_durable_within_a_second() {
    with_memory(|memory| {
        let disk = FaultyDisk::new();
        let (_, mut keys, lamp) = scene(memory);
        let mut store = open(&disk, memory);
        assert!(!store.is_changed());
        rename(&mut store, &mut keys, lamp, "a", 10.0);
        assert!(!store.update(10.1, NOON) && store.journal().durable() == 0);
        rename(&mut store, &mut keys, lamp, "b", 10.2);
        assert!(store.update(10.26, NOON) && store.journal().durable() == 2);
        assert!(!store.update(11.0, NOON), "nothing waits");
        assert!(store.is_changed());
        let syncs = disk.log().iter().filter(|line| line.starts_with("sync")).count();
        assert_eq!(syncs, 3, "one of the file, two of its folder: {:?}", disk.log());
    });
}

#[test]
fn a_journal_cut_at_any_byte_gives_its_whole_records() {
    let disk = disk_with(6);
    let journal = disk.contents(Path::new(JOURNAL)).unwrap();
    let record = (journal.len() - 36) / 6;
    for cut in 0..=journal.len() {
        let disk = disk_holding(&journal[..cut]);
        with_memory(|memory| {
            let (_, keys, _) = scene(memory);
            let loaded = load(&disk, memory).unwrap();
            let whole = cut.saturating_sub(36) / record;
            assert_eq!(loaded.recovery.steps as usize, whole, "cut at {cut}");
            assert_eq!(loaded.recovery.damage, None);
            assert_eq!(names(&loaded, &keys), (0..whole).map(|step| step.to_string()).collect::<Vec<_>>());
        });
        // and it goes on where it ended
        with_memory(|memory| {
            let (_, mut keys, lamp) = scene(memory);
            let mut store = open(&disk, memory);
            rename(&mut store, &mut keys, lamp, "next", 0.0);
            assert!(store.close(0.0, NOON));
            let loaded = load(&disk, memory).unwrap();
            assert_eq!(names(&loaded, &keys).last().map(String::as_str), Some("next"), "cut at {cut}");
            assert_eq!(loaded.recovery.steps as usize, cut.saturating_sub(36) / record + 1);
        });
    }
}

#[test]
fn any_flipped_bit_is_found_and_what_is_before_it_comes_back() {
    let disk = disk_with(4);
    let journal = disk.contents(Path::new(JOURNAL)).unwrap();
    let record = (journal.len() - 36) / 4;
    for bit in 0..journal.len() * 8 {
        let mut damaged = journal.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        let disk = disk_holding(&damaged);
        with_memory(|memory| {
            let (_, keys, _) = scene(memory);
            let loaded = load(&disk, memory).unwrap();
            let expected = if bit / 8 < 36 { 0 } else { (bit / 8 - 36) / record };
            let back = names(&loaded, &keys);
            assert_eq!(back, (0..expected).map(|step| step.to_string()).collect::<Vec<_>>(), "bit {bit}");
            let is_last = expected == 3;
            match loaded.recovery.damage {
                None => assert!(is_last, "bit {bit} went unseen"),
                Some(Damage::Head) => assert!(bit / 8 < 36),
                Some(Damage::Records { offset, lost }) => {
                    assert_eq!((offset as usize, lost as usize), (36 + expected * record, 3 - expected), "bit {bit}");
                }
                Some(other) => panic!("bit {bit}: {other:?}"),
            }
            if loaded.recovery.damage.is_some() {
                let aside = loaded.kept_aside.expect("it is kept");
                assert_eq!(disk.contents(aside), Some(damaged), "bit {bit}");
                assert!(loaded.recovery.to_string().contains("damaged"));
            }
        });
    }
}

#[test]
fn a_journal_of_another_state_of_the_project_is_kept_aside() {
    let disk = disk_with(2);
    disk.put(Path::new(PATH), b"{ \"schema\": 2 }");
    with_memory(|memory| {
        let loaded = load(&disk, memory).unwrap();
        assert_eq!((loaded.recovery.damage, loaded.recovery.steps), (Some(Damage::OtherProject), 0));
        assert!(disk.contents(loaded.kept_aside.unwrap()).is_some());
        assert!(disk.contents(Path::new(JOURNAL)).is_none());
        drop(loaded);
        assert_eq!(load(&disk, memory).unwrap().recovery.damage, None, "it is told once");
    });
}

#[test]
fn trouble_is_told_and_the_next_try_comes_by_itself() {
    with_memory(|memory| {
        let disk = FaultyDisk::new();
        let (_, mut keys, lamp) = scene(memory);
        let mut store = open(&disk, memory);
        for (begin, end, kind) in [
            (
                &(|disk: &FaultyDisk| disk.set_free_bytes(Some(3))) as &dyn Fn(&FaultyDisk),
                &(|disk: &FaultyDisk| disk.set_free_bytes(None)) as &dyn Fn(&FaultyDisk),
                TroubleKind::NoSpace,
            ),
            (&|disk| disk.set_read_only(true), &|disk| disk.set_read_only(false), TroubleKind::NotWritable),
            (&|disk| disk.fail(0, Fault::Error(std::io::ErrorKind::ResourceBusy)), &|_| {}, TroubleKind::Busy),
        ] {
            begin(&disk);
            let durable = store.journal().durable();
            let number = rename(&mut store, &mut keys, lamp, "kept", 0.0).unwrap();
            assert!(store.update(1.0, NOON));
            let trouble = store.journal().trouble().expect("told").clone();
            assert_eq!((trouble.kind, store.journal().durable()), (kind, durable));
            assert!(trouble.message.contains(JOURNAL), "{}", trouble.message);
            assert!(!store.update(1.1, NOON), "not yet");
            end(&disk);
            assert!(store.update(trouble.next_try_secs, NOON));
            assert_eq!((store.journal().trouble(), store.journal().durable()), (None, number));
        }
        assert!(store.close(9.0, NOON));
        assert_eq!(names(&load(&disk, memory).unwrap(), &keys), ["kept", "kept", "kept"]);
    });
}

#[test]
fn more_than_fits_into_memory_is_told_and_a_save_puts_it_right() {
    with_memory(|memory| {
        let disk = FaultyDisk::new();
        let (_, mut keys, lamp) = scene(memory);
        let mut store = open(&disk, memory);
        let long = "x".repeat(3 << 20);
        rename(&mut store, &mut keys, lamp, "before", 0.0).unwrap();
        assert_eq!(rename(&mut store, &mut keys, lamp, &long, 0.0), None);
        assert_eq!(rename(&mut store, &mut keys, lamp, "behind a gap", 0.0), None);
        assert!(!store.flush(0.0, NOON), "not all is safe");
        assert_eq!(store.journal().trouble().unwrap().kind, TroubleKind::TooMuch);
        assert!(store.is_changed());
        store.save(&Document::EMPTY, 1.0, NOON).unwrap();
        assert_eq!(store.journal().trouble(), None);
        assert!(!store.is_changed());
        rename(&mut store, &mut keys, lamp, "after", 2.0).unwrap();
        assert!(store.close(2.0, NOON));
        assert_eq!(names(&load(&disk, memory).unwrap(), &keys), ["after"]);
    });
}

#[test]
fn the_second_one_opens_read_only_and_learns_who_has_it() {
    with_memory(|memory| {
        let disk = FaultyDisk::new();
        let first = open(&disk, memory);
        let second = load(&disk, memory).unwrap();
        let Access::ReadOnly { owner: Some(owner), reason } = second.access else { panic!("{:?}", second.access) };
        assert_eq!(owner.since_unix_secs, NOON);
        assert_eq!(reason, "process 1 on elsewhere has it open; close it there and open it again");
        let mut second = open(&disk, memory);
        let error = second.save(&Document::EMPTY, 0.0, NOON).unwrap_err().to_string();
        assert!(error.starts_with("rooms/room.voltrum: is open for reading only: process 1"), "{error}");
        assert!(second.journal_mut().is_err());
        drop(first);
        assert!(open(&disk, memory).is_writable());
    });
}

#[test]
fn edits_of_what_is_missing_are_told_apart() {
    let disk = disk_with(1);
    with_memory(|memory| {
        let (scene, _, _) = scene(memory);
        let nobody = Keys::try_new(scene, 1).unwrap();
        let loaded = load(&disk, memory).unwrap();
        let edit = loaded.recovery.replay().next().unwrap().unwrap().next(&nobody).unwrap();
        assert_eq!(edit, Some(Recovered::Missing(EntityKey::own(1))));
    });
}

#[test]
fn steps_that_a_stand_in_has_gathered_follow_in_the_journal_under_its_numbers() {
    let disk = FaultyDisk::new();
    with_memory(|memory| {
        let (_, mut keys, lamp) = scene(memory);
        let mut store = open(&disk, memory);
        for name in ["one", "two"] {
            rename(&mut store, &mut keys, lamp, name, 0.0);
        }
        let mut spare = store.journal().stand_in(memory).unwrap();
        for round in 0..2 {
            for name in ["three", "four"] {
                let mut step = spare.step("Rename");
                step.add(&Edit::Rename { entity: lamp, name }, &mut keys).unwrap();
                assert!(step.finish(1.0, NOON + 60).is_some());
            }
            store.save(&Document { next_number: 2, ..Document::EMPTY }, 1.0, NOON + 61).unwrap();
            let last = store.journal().last();
            store.journal_mut().unwrap().take_from(&mut spare, 2.0);
            assert_eq!((store.journal().last(), store.journal().durable()), (last + 2, last), "round {round}");
            assert!(store.is_changed() && store.flush(2.0, NOON + 62));
            // what a crash would give back now
            let loaded = project::load(&disk, Path::new(PATH), Intent::Look, NOON, &ProjectLimits::default(), memory);
            let loaded = loaded.unwrap();
            assert_eq!((names(&loaded, &keys), loaded.recovery.damage), (vec!["three".into(), "four".into()], None));
            assert_eq!(loaded.recovery.since_unix_secs, NOON + 60, "when they were done");
        }
        // one that could not take a step leaves a gap, which only a save closes
        spare.give_up(3.0);
        store.journal_mut().unwrap().take_from(&mut spare, 3.0);
        assert_eq!(store.journal().trouble().map(|trouble| trouble.kind), Some(TroubleKind::TooMuch));
        assert_eq!(rename(&mut store, &mut keys, lamp, "five", 4.0), None);
        store.save(&Document { next_number: 2, ..Document::EMPTY }, 5.0, NOON).unwrap();
        assert!(rename(&mut store, &mut keys, lamp, "six", 6.0).is_some());
    });
}
