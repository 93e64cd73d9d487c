//! Projects on disk: the document, the journal beside it, and the lock that keeps others out.
//!
//! [`load`] reads a project (on a worker, if need be), [`ProjectStore`] keeps its place on the disk while it is open:
//! [`Journal::step`] takes finished steps, [`ProjectStore::update`] makes them durable within a second, and
//! [`ProjectStore::save`] replaces the document, whole or not at all. After a crash [`Recovery::replay`] gives back what
//! the document lacks.
//!
//! # Invariants
//! 1. What was reported as durable survives a power cut; what is on the disk is always a whole document.
//! 2. The files are plain data until they are checked: their faults are errors with line or place, never a panic, and take
//!    no more memory than the limits say.
//!
//! # Deliberately absent
//! No threads, no clock: both are the caller's. No glTF: the document only names files.

mod capture;
mod checksum;
mod document;
mod error;
mod fields;
mod journal;
mod key;
mod keys;
mod lenses;
mod limits;
mod load;
mod paths;
mod read;
mod reader;
mod record;
mod recovery;
mod reference;
mod replay;
mod restore;
mod scan;
mod step;
mod step_reader;
mod store;
mod write;

pub use capture::{Capture, Capturing, Piece, capture, capture_each};
pub use checksum::Fingerprint;
pub use document::{ComponentEntry, Document, EntityEntry, FileEntry, Place, SCHEMA, UnknownField, View};
pub use error::ProjectError;
pub use journal::{Journal, SYNC_DELAY_SECS, Trouble, TroubleKind};
pub use key::{EntityKey, MeshKey};
pub use keys::Keys;
pub use limits::ProjectLimits;
pub use load::{Access, Intent, LoadedProject, claim, load};
pub use read::read;
pub use recovery::{Damage, Recovery};
pub use reference::reference;
pub use replay::{Replayed, replay};
pub use restore::{Kept, Restored, Source, placeholder, restore};
pub use step::{StepWriter, Telling};
pub use step_reader::{Recovered, StepReader};
pub use store::ProjectStore;
pub use write::write;
