//! Who takes part, and what each of them is run by.

mod bare;
mod blink;
mod bump_scopes;
mod bumpalos;
mod heap;
mod ours;
mod typed;

use bump_scope::settings::BumpSettings;

use crate::program::{Order, Taken};
use crate::work::{SceneWork, Work};

/// The program that has a contender in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    /// The one that people start; its heap is the system's.
    Main,
    Mimalloc,
    Jemalloc,
    /// The memory crate counts.
    Tracking,
    /// The memory crate counts and logs.
    Logging,
}

impl Program {
    pub(crate) fn file_name(self) -> Option<&'static str> {
        match self {
            Program::Main => None,
            Program::Mimalloc => Some("voltrum-bench-mimalloc"),
            Program::Jemalloc => Some("voltrum-bench-jemalloc"),
            Program::Tracking => Some("voltrum-bench-tracking"),
            Program::Logging => Some("voltrum-bench-logging"),
        }
    }
}

/// What a contender is to the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Ours,
    Peer,
    /// The bare work.
    Limit,
}

/// One way to do the works. Its name makes it what it is.
#[derive(Debug)]
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    pub(crate) role: Role,
    pub(crate) program: Program,
    run: fn(&Order) -> Option<Taken>,
}

pub(crate) const fn contender(
    name: &'static str,
    role: Role,
    program: Program,
    run: fn(&Order) -> Option<Taken>,
) -> Contender {
    Contender { name, role, program, run }
}

/// Everyone, in the order of the table's columns.
pub(crate) static CONTENDERS: &[Contender] = &[
    contender("ours", Role::Ours, Program::Main, ours::scope),
    contender("cursor", Role::Ours, Program::Main, ours::cursor),
    contender("tagged", Role::Ours, Program::Main, ours::tagged),
    contender("counted", Role::Ours, Program::Tracking, ours::tagged),
    contender("logged", Role::Ours, Program::Logging, ours::tagged),
    contender("limit", Role::Limit, Program::Main, bare::run),
    contender("bumpalo", Role::Peer, Program::Main, bumpalos::run::<1>),
    contender("bumpalo-min-align-8", Role::Peer, Program::Main, bumpalos::run::<8>),
    contender("bump-scope", Role::Peer, Program::Main, bump_scopes::run::<BumpSettings<1>>),
    contender("bump-scope-min-align-8", Role::Peer, Program::Main, bump_scopes::run::<BumpSettings<8>>),
    contender("blink-alloc", Role::Peer, Program::Main, blink::run),
    contender("typed-arena", Role::Peer, Program::Main, typed::run),
    contender("mimalloc", Role::Peer, Program::Mimalloc, heap::run),
    contender("jemalloc", Role::Peer, Program::Jemalloc, heap::run),
    contender("glibc", Role::Peer, Program::Main, heap::run),
];

impl Contender {
    pub(crate) fn named(name: &str) -> Option<&'static Contender> {
        all().find(|contender| contender.name == name)
    }
}

/// Those of all groups.
fn all() -> impl Iterator<Item = &'static Contender> {
    let all = CONTENDERS.iter();
    #[cfg(feature = "scene")]
    let all = all.chain(crate::scene::CONTENDERS);
    #[cfg(feature = "frame")]
    let all = all.chain(crate::frame::CONTENDERS);
    all
}

impl PartialEq for Contender {
    fn eq(&self, other: &Contender) -> bool {
        self.name == other.name
    }
}

impl Eq for Contender {}

/// Does a work in this process; `None` where the contender can't.
pub(crate) fn run(order: &Order) -> Option<Taken> {
    if matches!(order.work, Work::Close | Work::Scene(SceneWork::Close)) {
        // once with next to nothing, so that the clock and the code are there: after a million objects neither is
        (order.contender.run)(&Order { count: 10, ..*order })?;
    }
    (order.contender.run)(order)
}

/// What a work took that left no mark on the resident bytes worth telling.
pub(crate) fn took(nanoseconds: f64) -> Option<Taken> {
    Some(Taken { nanoseconds, amount: 0.0 })
}

/// Does a work and looks how many bytes became resident meanwhile, at most.
fn took_with_bytes(action: impl FnOnce() -> f64) -> Option<Taken> {
    let before = crate::resident::bytes();
    let nanoseconds = action();
    let bytes = before.zip(crate::resident::peak_bytes()).map_or(0.0, |(before, peak)| peak - before);
    Some(Taken { nanoseconds, amount: bytes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::Series;

    #[test]
    fn names_are_told_apart() {
        for (at, contender) in all().enumerate() {
            assert_eq!(all().position(|other| other.name == contender.name), Some(at));
        }
    }

    #[test]
    fn every_case_is_about_a_contender_of_ours() {
        let series = crate::memory::SERIES.iter();
        #[cfg(feature = "scene")]
        let series = series.chain(crate::scene::SERIES);
        #[cfg(feature = "frame")]
        let series = series.chain(crate::frame::SERIES);
        for (case, ours) in series.flat_map(Series::cases) {
            assert!(Contender::named(ours).is_some_and(|contender| contender.role == Role::Ours), "{case}");
        }
    }
}
