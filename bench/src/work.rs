//! What is measured: works that every contender does in its own way.

/// Bytes of a block in [`Work::ZeroedSparse`].
pub(crate) const SPARSE_BYTES: usize = 64 << 10;
/// Blocks of a frame in [`Work::FrameMixed`].
pub(crate) const FRAME_BLOCKS: u32 = 10_000;
/// Values in a temporary scope.
pub(crate) const TEMP_VALUES: u64 = 8;

/// A work. Its count says how often the thing in its description is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Work {
    /// A value of 8 bytes, in memory that has been touched before.
    Push8,
    /// A value of 16 bytes.
    Push16,
    /// A value of 64 bytes.
    Push64,
    /// A frame of 10,000 blocks of 8 to 4,096 bytes, not written to, and its end.
    FrameMixed,
    /// A temporary scope with 8 values of 16 bytes in it.
    TempScope,
    /// A value of 64 bytes, in memory fresh from the system; making the arena counts.
    Fill,
    /// A `u64`, pushed into a vector that is made for it.
    Vector,
    /// Closing a scene of so many objects of three blocks each.
    Close,
    /// A block of 64 KiB of zeros of which one byte is written.
    ZeroedSparse,
    /// Making an arena, touching one byte of it, and ending it.
    Lifecycle,
    /// Something done to a scene.
    Scene(SceneWork),
    /// A frame of an application.
    Frame(FrameWork),
}

/// Something done to a scene of as many entities as the work's count says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum SceneWork {
    /// Making them, each with transforms, a mesh and bounds.
    Create,
    /// Reading the local transform of each and writing its world matrix.
    Iterate,
    /// Moving each, and bringing up to date what follows from that.
    Update,
    /// Moving one that has a few below it, and bringing up to date what follows from that.
    MoveOne,
    /// Removing one of many siblings.
    DeleteOne,
    /// Finding out what a ray meets first.
    Pick,
    /// Ending the scene.
    Close,
    /// Giving its pages back to the system, as a worker does when it opens the arena again.
    GiveBack,
    /// Bytes that they use.
    Used,
    /// Bytes of pages that they take.
    Committed,
    /// Taking back that each was moved.
    UndoMove,
    /// Saving a project that has so many entities of its own.
    Save,
    /// Opening it again.
    Load,
    /// Bytes that are held more after so many switches between two projects than after the tenth.
    Switch,
}

/// A frame of an application, of as many objects as the work's count says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum FrameWork {
    /// FlightHelmet without an interface, the camera moving.
    Helmet,
    /// FlightHelmet in the editor with all its panels, the camera moving.
    HelmetEditor,
    /// Objects that stay where they are, the camera moving.
    Static,
    /// Objects that all move; where to, is known.
    Moving,
    /// Entities that all move, with what follows from that.
    MovingEntities,
    /// Bytes that are resident, those that the device holds counted in.
    Resident,
    /// Allocations on the Rust heap in a frame of [`FrameWork::Static`].
    HeapAllocations,
    /// Allocations on the Rust heap in a frame of [`FrameWork::HelmetEditor`].
    HeapAllocationsEditor,
    /// Allocations through Dear ImGui's hook in a frame of [`FrameWork::HelmetEditor`].
    UiAllocationsEditor,
    /// A frame of the editor over a project of so many entities, the camera moves.
    StaticEditor,
    /// The longest frame while the editor loads FlightHelmet.
    LongestWhileLoading,
    /// The longest frame while the editor goes over to a project of so many entities.
    LongestWhileOpening,
    /// The longest frame while it saves them.
    LongestWhileSaving,
}

impl Work {
    const ALL: [(Work, &'static str); 37] = [
        (Work::Push8, "push_8"),
        (Work::Push16, "push_16"),
        (Work::Push64, "push_64"),
        (Work::FrameMixed, "frame_mixed"),
        (Work::TempScope, "temp_scope"),
        (Work::Fill, "fill"),
        (Work::Vector, "vector"),
        (Work::Close, "close"),
        (Work::ZeroedSparse, "zeroed_sparse"),
        (Work::Lifecycle, "lifecycle"),
        (Work::Scene(SceneWork::Create), "create"),
        (Work::Scene(SceneWork::Iterate), "iterate"),
        (Work::Scene(SceneWork::Update), "update"),
        (Work::Scene(SceneWork::MoveOne), "move_one"),
        (Work::Scene(SceneWork::DeleteOne), "delete_one"),
        (Work::Scene(SceneWork::Pick), "pick"),
        (Work::Scene(SceneWork::Close), "close_scene"),
        (Work::Scene(SceneWork::GiveBack), "give_back"),
        (Work::Scene(SceneWork::Used), "used"),
        (Work::Scene(SceneWork::Committed), "committed"),
        (Work::Scene(SceneWork::UndoMove), "undo_move"),
        (Work::Scene(SceneWork::Save), "save"),
        (Work::Scene(SceneWork::Load), "load"),
        (Work::Scene(SceneWork::Switch), "switch"),
        (Work::Frame(FrameWork::Helmet), "helmet"),
        (Work::Frame(FrameWork::HelmetEditor), "helmet_editor"),
        (Work::Frame(FrameWork::Static), "static"),
        (Work::Frame(FrameWork::Moving), "moving"),
        (Work::Frame(FrameWork::MovingEntities), "moving_entities"),
        (Work::Frame(FrameWork::Resident), "resident"),
        (Work::Frame(FrameWork::HeapAllocations), "heap_allocations"),
        (Work::Frame(FrameWork::HeapAllocationsEditor), "heap_allocations_editor"),
        (Work::Frame(FrameWork::UiAllocationsEditor), "ui_allocations_editor"),
        (Work::Frame(FrameWork::StaticEditor), "static_editor"),
        (Work::Frame(FrameWork::LongestWhileLoading), "longest_while_loading"),
        (Work::Frame(FrameWork::LongestWhileOpening), "longest_while_opening"),
        (Work::Frame(FrameWork::LongestWhileSaving), "longest_while_saving"),
    ];

    pub(crate) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(work, _)| *work == self).map_or("", |(_, name)| name)
    }

    pub(crate) fn named(name: &str) -> Option<Work> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(work, _)| *work)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_work_has_a_name_of_its_own() {
        for (work, name) in Work::ALL {
            assert_eq!(work.name(), name);
            assert_eq!(Work::named(name), Some(work));
        }
        assert_eq!(Work::named("nothing"), None);
    }
}
