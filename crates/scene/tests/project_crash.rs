//! What saving promises when the disk fails or the power goes: the old project or the new one, and every step that was
//! reported as durable.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "the helpers of tests fail loudly, as tests do"
)]

use std::io::ErrorKind;
use std::path::Path;

use voltrum_memory::{Arena, Tag, Tagged};
use voltrum_platform::files::{Chance, Fault, FaultyDisk};
use voltrum_scene::project::{
    self, Damage, Document, EntityEntry, EntityKey, Intent, Keys, ProjectError, ProjectLimits, ProjectStore, Recovered,
};
use voltrum_scene::{Edit, Entity, SceneLimits, SpawnDesc, spawn};

const PATH: &str = "rooms/room.voltrum";
const LIMITS: ProjectLimits = ProjectLimits {
    file_bytes_max: 1 << 20,
    journal_bytes_max: 1 << 20,
    pending_bytes_max: 64 << 10,
    entries_max: 10_000,
    name_bytes_max: 4096,
    nesting_max: 32,
};

/// A project whose state is the list of its steps: those that the document has, then those of the journal.
struct Session<'s> {
    store: ProjectStore<'s, FaultyDisk>,
    keys: Keys<'s>,
    entity: Entity,
    steps: Vec<String>,
    /// The journal's number of each step that isn't in the document.
    numbers: Vec<Option<u64>>,
    saved: usize,
    damage: Option<Damage>,
}

impl<'s> Session<'s> {
    fn open(disk: &FaultyDisk, memory: Tagged<'s>) -> Result<Session<'s>, ProjectError> {
        let limits = SceneLimits { entities_max: 1024, ..SceneLimits::default() };
        let scene = voltrum_scene::open(memory.with_tag(Tag::SCENE), &limits)?;
        let entity = spawn(scene, &SpawnDesc::default())?;
        let mut keys = Keys::try_new(scene, 1)?;
        keys.bind(entity, EntityKey::own(1))?;
        let loaded = project::load(disk, Path::new(PATH), Intent::Edit, 0, &LIMITS, memory)?;
        let mut steps: Vec<String> =
            loaded.document.entities.iter().map(|entity| String::from(entity.name.unwrap())).collect();
        let saved = steps.len();
        let mut numbers = vec![Some(0); saved];
        for step in loaded.recovery.replay() {
            let mut step = step?;
            numbers.push(Some(step.sequence()));
            match step.next(&keys)? {
                Some(Recovered::Edit(Edit::Rename { name, .. })) => steps.push(String::from(name)),
                other => panic!("{other:?}"),
            }
        }
        let damage = loaded.recovery.damage;
        let store = ProjectStore::try_new(disk.clone(), loaded, &LIMITS, memory)?;
        assert!(store.is_writable());
        Ok(Session { store, keys, entity, steps, numbers, saved, damage })
    }

    fn step(&mut self, name: String, now_secs: f64) {
        let mut step = self.store.journal_mut().unwrap().step("step");
        step.add(&Edit::Rename { entity: self.entity, name: &name }, &mut self.keys).unwrap();
        self.numbers.push(step.finish(now_secs, 0));
        self.steps.push(name);
    }

    fn save(&mut self, now_secs: f64) -> Result<(), ProjectError> {
        let entities: Vec<_> = self
            .steps
            .iter()
            .zip(1..)
            .map(|(name, at)| EntityEntry { name: Some(name), ..EntityEntry::new(EntityKey::own(at)) })
            .collect();
        self.store.save(&Document { entities: &entities, ..Document::EMPTY }, now_secs, 0)?;
        self.saved = self.steps.len();
        Ok(())
    }

    /// How many steps from the first on are reported as safe.
    fn durable(&self) -> usize {
        let durable = self.store.journal().durable();
        let safe = |number: &Option<u64>| number.is_some_and(|number| number <= durable);
        self.saved.max(self.numbers.iter().take_while(|number| safe(number)).count())
    }
}

fn with_memory<R>(run: impl FnOnce(Tagged<'_>) -> R) -> R {
    let mut arena = Arena::try_reserve("test", 256 << 20).unwrap();
    let scope = arena.open();
    run(scope.tagged(Tag::PROJECT))
}

fn reopened(disk: &FaultyDisk) -> (Vec<String>, Option<Damage>) {
    with_memory(|memory| {
        let session = Session::open(disk, memory).unwrap();
        (session.steps, session.damage)
    })
}

/// One life of a program: it edits and saves until the power goes, or it is killed. Returns the steps that it took, and how
/// many of them it had reported as safe.
fn live(disk: &FaultyDisk, chance: &mut Chance, cut_after: Option<u64>, has_faults: bool) -> (Vec<String>, usize) {
    if let Some(operations) = cut_after {
        disk.fail(operations, Fault::PowerCut);
    }
    with_memory(|memory| {
        let mut session = match Session::open(disk, memory) {
            Ok(session) => session,
            // the power went while it was opened
            Err(ProjectError::Platform(_)) => return (Vec::new(), 0),
            Err(error) => panic!("{error}"),
        };
        let mut now_secs = 0.0;
        for _ in 0..20 + chance.below(30) {
            now_secs += chance.below(1000) as f64 / 1000.0;
            match chance.below(12) {
                0..=5 => {
                    // some records are longer than a sector
                    let filler = "-".repeat(if chance.below(4) == 0 { chance.below(3000) } else { 0 });
                    let name = format!("{}{filler}", session.steps.len());
                    session.step(name, now_secs);
                }
                6..=7 => drop(session.store.update(now_secs, 0)),
                8..=9 => drop(session.store.flush(now_secs, 0)),
                10 => drop(session.save(now_secs)),
                _ if has_faults => {
                    let errors = [ErrorKind::StorageFull, ErrorKind::PermissionDenied, ErrorKind::Other];
                    let fault = match chance.below(4) {
                        3 => Fault::ShortWrite,
                        kind => Fault::Error(errors[kind]),
                    };
                    disk.fail(chance.below(12) as u64, fault);
                }
                _ => {}
            }
        }
        let durable = session.durable();
        (core::mem::take(&mut session.steps), durable)
    })
}

#[test]
fn what_was_reported_as_durable_survives_any_power_cut() {
    let seeds = std::env::var("VOLTRUM_POWER_CUTS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(400);
    let (mut cuts, mut kept, mut reported) = (0, 0, 0);
    for seed in 0..seeds {
        let mut chance = Chance(seed);
        let disk = FaultyDisk::new();
        let (mut before, mut safe) = (Vec::new(), 0);
        for _ in 0..4 {
            let is_cut = chance.below(8) > 0;
            let cut_after = is_cut.then(|| chance.below(120) as u64);
            let (mut steps, mut durable) = live(&disk, &mut chance, cut_after, seed % 2 == 1);
            if steps.is_empty() {
                // it was never open: what was there before has to be there still
                (steps, durable) = (before.clone(), safe);
            }
            disk.forget_faults();
            if is_cut {
                disk.restore_power(&mut chance);
                cuts += 1;
            } else {
                // killed: what it wrote stays in the system's cache, but its locks are gone
                disk.set_locked(Path::new("rooms/room.voltrum.lock"), false);
            }
            let (found, damage) = reopened(&disk);
            // What was not safe yet may be gone in part, which looks like damage and is kept aside. But where nothing failed
            // before the cut, a journal always belongs to the document that is there.
            let is_expected = damage != Some(Damage::OtherProject) || seed % 2 == 1;
            assert!(is_expected, "seed {seed}: {damage:?}");
            assert!(found.len() >= durable, "seed {seed}: {durable} were safe, {} are there", found.len());
            assert!(steps.starts_with(&found), "seed {seed}: what is there is not what was done");
            assert_eq!(reopened(&disk).0, found, "seed {seed}: opening changes nothing");
            reported += durable;
            kept += found.len();
            // what a program that was killed left in the cache isn't safe by being there
            safe = if is_cut { found.len() } else { durable };
            before = found;
        }
    }
    assert!(cuts >= 1000, "{cuts} cuts");
    assert!(reported > 5 * cuts, "the programs did nothing: {reported} safe, {kept} kept");
}

/// A project with two steps in the document and two in the journal, and the disk it is on.
fn prepared(disk: &FaultyDisk, memory: Tagged<'_>, run: impl FnOnce(&mut Session<'_>)) {
    let mut session = Session::open(disk, memory).unwrap();
    session.step(String::from("one"), 0.0);
    session.step(String::from("two"), 0.0);
    session.save(0.0).unwrap();
    session.step(String::from("three"), 1.0);
    assert!(session.store.flush(1.0, 0));
    session.step(String::from("four"), 2.0);
    run(&mut session);
}

#[test]
fn every_operation_of_saving_may_fail_and_the_old_project_stays() {
    let all = ["one", "two", "three", "four"];
    let mut operations = 0;
    let count = FaultyDisk::new();
    with_memory(|memory| {
        prepared(&count, memory, |session| {
            let before = count.operations();
            session.save(2.0).unwrap();
            operations = count.operations() - before;
        });
    });
    assert!(operations >= 8, "{:?}", count.log());
    let faults = [
        (Fault::Error(ErrorKind::StorageFull), "no space is left"),
        (Fault::Error(ErrorKind::PermissionDenied), "permission denied"),
        (Fault::Error(ErrorKind::ReadOnlyFilesystem), "the disk is read-only"),
        (Fault::Error(ErrorKind::ResourceBusy), "another program has it open"),
        (Fault::Error(ErrorKind::Other), "cannot"),
        (Fault::ShortWrite, ""),
    ];
    let mut refused = 0;
    for operation in 0..operations {
        for (fault, cause) in faults {
            let disk = FaultyDisk::new();
            with_memory(|memory| {
                prepared(&disk, memory, |session| {
                    let old = disk.contents(Path::new(PATH)).unwrap();
                    let log = disk.log().len();
                    disk.fail(operation, fault);
                    let result = session.save(2.0);
                    let failed = disk.log()[log + operation as usize].clone();
                    if let Err(error) = &result {
                        refused += 1;
                        let error = error.to_string();
                        assert!(error.starts_with("rooms") && error.contains(cause), "{failed}: {error}");
                        if !failed.starts_with("sync it rooms") || failed.contains("unfinished") {
                            assert_eq!(disk.contents(Path::new(PATH)), Some(old), "{failed}");
                        }
                        assert!(session.store.is_changed(), "{failed}");
                        let left: Vec<_> = disk
                            .paths()
                            .into_iter()
                            .filter(|path| path.ends_with(".room.voltrum.unfinished"))
                            .collect();
                        assert!(left.is_empty(), "{failed} left {left:?}");
                    } else {
                        assert!(!session.store.is_changed());
                    }
                    session.store.flush(3.0, 0);
                });
            });
            assert_eq!(reopened(&disk).0, all, "operation {operation}, {fault:?}");
            // as it failed, so it may crash
            for seed in 0..4 {
                let disk = FaultyDisk::new();
                with_memory(|memory| {
                    prepared(&disk, memory, |session| {
                        disk.fail(operation, fault);
                        let _ = session.save(2.0);
                        session.store.flush(3.0, 0);
                        disk.restore_power(&mut Chance(seed));
                    });
                });
                assert_eq!(reopened(&disk).0, all, "operation {operation}, {fault:?}, cut {seed}");
            }
            // and the next try puts it right
            let disk = FaultyDisk::new();
            with_memory(|memory| {
                prepared(&disk, memory, |session| {
                    disk.fail(operation, fault);
                    let _ = session.save(2.0);
                    session.save(3.0).unwrap();
                    assert!(!session.store.is_changed());
                });
            });
            assert_eq!(reopened(&disk).0, all);
        }
    }
    assert!(refused > 20, "{refused}");
}

#[test]
fn saving_twice_gives_the_same_bytes() {
    let disk = FaultyDisk::new();
    with_memory(|memory| {
        prepared(&disk, memory, |session| {
            session.save(2.0).unwrap();
            let first = disk.contents(Path::new(PATH));
            session.save(3.0).unwrap();
            assert_eq!(disk.contents(Path::new(PATH)), first);
            let journal = Path::new("rooms/room.voltrum.journal");
            assert_eq!(disk.contents(journal), None, "a save removes the journal");
        });
    });
}
