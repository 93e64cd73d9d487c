//! The scene's state: slots, links and built-in components, in arrays that grow in place.
//!
//! # Invariants
//! 1. `nodes` and `locals` are of one length: one element per slot that was ever used. `worlds` has room for as many, and
//!    reaches as far as the last update did.
//! 2. Every array lies in a child arena of its own: elements keep their addresses.
//! 3. Nothing has a destructor: closing a scene is the reset of its arena, whatever it held.
//! 4. Every array owns its arena, so a scene may be made on one thread and go on on another.

use glam::Mat4;
use voltrum_memory::{ArenaBox, Sole, Tag, Tagged};

use crate::array::{Array, array};
use crate::changes::Changes;
use crate::column::Column;
use crate::columns::ColumnOps;
use crate::components::Camera;
use crate::entity::Entity;
use crate::error::SceneError;
use crate::light::Light;
use crate::limits::{ENTITIES_MIN, SceneLimits, fit, footprint};
use crate::names::Names;
use crate::node::{NONE, Node};
use crate::pack::{Affine, PackedTransform};
use crate::shape::{Shape, ShapeId, Shapes};
use voltrum_assets::Bounds;

/// An open scene. Lives in the scene arena, made by [`open`].
pub struct SceneState<'scene> {
    /// For texts, parts of shapes, and columns that come later.
    pub(crate) memory: Sole<'scene>,
    pub(crate) entities_max: u32,
    pub(crate) nodes: Array<'scene, Node>,
    pub(crate) locals: Array<'scene, PackedTransform>,
    /// Of those whose node says that no parts make it up.
    pub(crate) matrices: Column<'scene, Mat4>,
    pub(crate) worlds: Array<'scene, Affine>,
    /// Of those whose node says that they are posed.
    pub(crate) poses: Option<Column<'scene, PackedTransform>>,
    /// Where meshes are that skins carry.
    pub(crate) carried: Option<Column<'scene, Affine>>,
    pub(crate) names: Names<'scene>,
    pub(crate) shapes: Shapes<'scene>,
    pub(crate) meshes: Column<'scene, ShapeId, Bounds>,
    pub(crate) cameras: Column<'scene, Camera>,
    pub(crate) lights: Column<'scene, Light>,
    pub(crate) columns: Array<'scene, &'scene (dyn ColumnOps + Sync)>,
    /// While somebody watches.
    pub(crate) changes: Option<Changes<'scene>>,
    /// Slots that `nodes`, `locals` and `worlds` all have room for.
    pub(crate) room: u32,
    pub(crate) first_root: u32,
    pub(crate) first_free: u32,
    pub(crate) first_changed: u32,
    pub(crate) pass: u32,
    /// Entities that were put where they belong since the last update.
    pub(crate) placed: usize,
    pub(crate) alive: u32,
    /// Slots whose tenants can come back.
    pub(crate) parked: u32,
    /// Slots that lost their tenants for ever, all told.
    pub(crate) released: u64,
}

const _: () = assert!(!core::mem::needs_drop::<SceneState<'static>>(), "closing a scene is O(1)");

const _: () = {
    const fn is_send<T: Send>() {}
    is_send::<SceneState<'static>>()
};

/// Columns that a client may add.
const COLUMNS_MAX: u32 = 1 << 10;

/// Opens an empty scene in the scene arena. Its arrays reserve address space for `limits`, or for less where the arena
/// can't give that much.
///
/// # Errors
/// [`SceneError::Memory`] when the arena can't give room for the fewest entities a scene is opened for.
pub fn open<'scene>(
    memory: Tagged<'scene>,
    limits: &SceneLimits,
) -> Result<&'scene mut SceneState<'scene>, SceneError> {
    open_boxed(memory, limits).map(ArenaBox::leak)
}

/// As [`open`], for a worker: the box and all of the scene may go to another thread, and to a shorter life.
///
/// # Errors
/// As [`open`].
pub fn open_boxed<'scene>(
    memory: Tagged<'scene>,
    limits: &SceneLimits,
) -> Result<ArenaBox<'scene, SceneState<'scene>>, SceneError> {
    let memory = memory.with_tag(Tag::SCENE);
    let cameras_max = limits.cameras_max.min(limits.entities_max);
    let lights_max = limits.lights_max.min(limits.entities_max);
    let bytes = |entities: u32| {
        footprint(entities, size_of::<Node>())
            + footprint(entities, size_of::<PackedTransform>())
            + footprint(entities, size_of::<Affine>())
            + footprint(entities, size_of::<u32>())
            + Column::<Mat4>::bytes(entities, entities)
            + Column::<ShapeId, Bounds>::bytes(entities, entities)
            + Column::<Camera>::bytes(cameras_max, entities)
            + Column::<Light>::bytes(lights_max, entities)
    };
    // the last index is the mark of no slot
    let wanted = limits.entities_max.min(NONE - 1);
    let entities_max = fit(memory, wanted, wanted.min(ENTITIES_MIN), bytes)?;
    let of_slots = array(&memory, "names", entities_max)?;
    let (nodes, locals) = (array(&memory, "nodes", entities_max)?, array(&memory, "local transforms", entities_max)?);
    let matrices = Column::exact(&memory, "matrices", "entities_max", entities_max, entities_max)?;
    let worlds = array(&memory, "world transforms", entities_max)?;
    let meshes = Column::exact(&memory, "meshes", "entities_max", entities_max, entities_max)?;
    let cameras = Column::exact(&memory, "cameras", "cameras_max", cameras_max, entities_max)?;
    let lights = Column::exact(&memory, "lights", "lights_max", lights_max, entities_max)?;
    let own = memory.try_child("scene", memory.left() / 2)?.into_sole(Tag::SCENE);
    let names = Names::new(&own, of_slots)?;
    let shapes_max = u32::try_from(own.tagged().left() / 8 / size_of::<Shape<'_>>()).unwrap_or(u32::MAX);
    let state = SceneState {
        entities_max,
        nodes,
        locals,
        matrices,
        worlds,
        poses: None,
        carried: None,
        names,
        shapes: array(&own, "shapes", shapes_max)?,
        meshes,
        cameras,
        lights,
        columns: array(&own, "columns", COLUMNS_MAX)?,
        changes: None,
        memory: own,
        room: 0,
        first_root: NONE,
        first_free: NONE,
        first_changed: NONE,
        pass: 0,
        placed: 0,
        alive: 0,
        parked: 0,
        released: 0,
    };
    Ok(memory.try_alloc_box(state)?)
}

impl<'scene> SceneState<'scene> {
    /// How many entities fit: the limit that was asked for, or less where the arena couldn't give that much.
    pub fn entities_max(&self) -> u32 {
        self.entities_max
    }

    /// How many entities live.
    pub fn len(&self) -> usize {
        self.alive as usize
    }

    /// Whether none lives.
    pub fn is_empty(&self) -> bool {
        self.alive == 0
    }

    /// How many slots have been used so far: the length of the arrays over all slots.
    pub fn slots(&self) -> usize {
        self.nodes.len()
    }

    /// How many entities are out of the scene and may come back by undo or redo.
    pub fn parked(&self) -> usize {
        self.parked as usize
    }

    /// Whether an entity is still there.
    pub fn is_alive(&self, entity: Entity) -> bool {
        self.find(entity).is_some()
    }

    /// Memory for data that lives as long as the scene.
    pub fn memory(&self) -> &Sole<'scene> {
        &self.memory
    }

    /// The entity's slot.
    pub(crate) fn find(&self, entity: Entity) -> Option<usize> {
        let slot = entity.index() as usize;
        self.nodes
            .get(slot)
            .filter(|node| node.is_alive() && node.generation.get() == entity.generation())
            .map(|_| slot)
    }

    /// Whether an entity is out of the scene and may come back.
    pub(crate) fn is_parked(&self, entity: Entity) -> bool {
        let node = self.nodes.get(entity.index() as usize);
        node.is_some_and(|node| node.is_parked() && node.generation.get() == entity.generation())
    }

    pub(crate) fn require(&self, entity: Entity) -> Result<usize, SceneError> {
        self.find(entity).ok_or(SceneError::Stale(entity))
    }

    /// The tenant of a slot that is known to have one, or `None` for [`NONE`].
    pub(crate) fn tenant(&self, slot: u32) -> Option<Entity> {
        self.nodes.get(slot as usize).map(|node| Entity::new(slot, node.generation))
    }

    /// Whether some of a full column's room is taken by what may come back.
    pub(crate) fn keeps_parked(&self, column: &str) -> bool {
        match column {
            "cameras" => self.cameras.has_parked(),
            "lights" => self.lights.has_parked(),
            _ => self.parked > 0,
        }
    }

    /// A slot's world transform; before its first update it stands where the world begins.
    #[inline]
    pub(crate) fn world_at(&self, slot: u32) -> &Affine {
        self.worlds.get(slot as usize).unwrap_or(&Affine::IDENTITY)
    }

    /// The first child of a slot, or the first root.
    pub(crate) fn first_below(&self, parent: u32) -> u32 {
        if parent == NONE { self.first_root } else { self.nodes[parent as usize].first_child }
    }
}
