//! Shapes: what entities can show. Many entities share one; each keeps four bytes.

use voltrum_assets::Bounds;
use voltrum_memory::Tag;
use voltrum_render::{MaterialId, MeshId};

use crate::array::Array;
use crate::bounds::place_mesh;
use crate::error::SceneError;
use crate::pick::Bvh;
use crate::state::SceneState;

/// Names a shape of a scene. Shapes stay as long as the scene.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ShapeId(u32);

impl ShapeId {
    /// Its position among the scene's shapes, in the order in which they were added.
    pub const fn index(self) -> u32 {
        self.0
    }

    /// The shape at a position; one that no scene has shows nothing.
    pub const fn from_index(index: u32) -> ShapeId {
        ShapeId(index)
    }
}

/// One mesh of the renderer in one material.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MeshPart {
    /// The triangles.
    pub mesh: MeshId,
    /// How they look.
    pub material: MaterialId,
}

/// What entities can show.
#[derive(Clone, Copy, Debug)]
pub struct Shape<'scene> {
    /// Drawn together; lies in the scene arena.
    pub parts: &'scene [MeshPart],
    /// Around the vertices, in the entity's own coordinates.
    pub bounds: Bounds,
    /// Its triangles, where somebody has said which they are; rays hit its box otherwise.
    pub triangles: Option<&'scene Bvh<'scene>>,
}

/// The shapes of a scene, by [`ShapeId::index`].
pub fn shapes<'a, 'scene>(scene: &'a SceneState<'scene>) -> &'a [Shape<'scene>] {
    &scene.shapes
}

/// Adds a shape. Its parts are copied into the scene arena.
///
/// # Errors
/// [`SceneError::Memory`].
pub fn add_shape(scene: &mut SceneState<'_>, parts: &[MeshPart], bounds: Bounds) -> Result<ShapeId, SceneError> {
    let parts = scene.memory.try_alloc_slice_copy(parts)?;
    adopt_shape(scene, parts, bounds)
}

/// As [`add_shape`], with parts that lie in the scene arena already.
pub(crate) fn adopt_shape<'scene>(
    scene: &mut SceneState<'scene>,
    parts: &'scene [MeshPart],
    bounds: Bounds,
) -> Result<ShapeId, SceneError> {
    scene.shapes.try_push(Shape { parts, bounds, triangles: None })?;
    Ok(ShapeId(scene.shapes.len() as u32 - 1))
}

/// Gives shapes other parts: `parts` says which, for `first` and those after it. Whoever shows one of them counts as changed.
pub fn set_parts<'scene>(
    scene: &mut SceneState<'scene>,
    first: ShapeId,
    parts: impl IntoIterator<Item = &'scene [MeshPart]>,
) {
    let shapes = scene.shapes.get_mut(first.0 as usize..).unwrap_or_default();
    let mut count = 0;
    for (shape, parts) in shapes.iter_mut().zip(parts) {
        shape.parts = parts;
        count += 1;
    }
    let Some(changes) = &mut scene.changes else { return };
    for (entity, shape) in scene.meshes.iter() {
        if shape.0.wrapping_sub(first.0) < count {
            changes.mark(entity.index());
        }
    }
}

/// Says what a shape's triangles are, so that rays hit them and not its box. Three indices make a triangle; without indices
/// three positions after each other do. They are copied into the scene arena, in the order of a tree of boxes.
///
/// Loading hands vertices to the device and keeps none: whoever wants exact picking reads them once more, or keeps them
/// while it loads, and calls this.
///
/// # Errors
/// [`SceneError::Triangles`] when an index reaches past the positions; [`SceneError::Shape`] when the scene has no such
/// shape; [`SceneError::Memory`]. The shape is as it was.
pub fn set_triangles(
    scene: &mut SceneState<'_>,
    shape: ShapeId,
    positions: &[[f32; 3]],
    indices: Option<&[u32]>,
) -> Result<(), SceneError> {
    let at = shape.0 as usize;
    if at >= scene.shapes.len() {
        return Err(SceneError::Shape { shape: shape.0, count: scene.shapes.len() });
    }
    let memory = scene.memory.try_child("triangles", Bvh::bytes(positions, indices))?.into_tagged(Tag::SCENE);
    let bvh = Bvh::build(memory, positions, indices)?;
    scene.shapes[at].triangles = Some(scene.memory.try_alloc(bvh)?);
    Ok(())
}

/// Says what a shape is drawn as: for scenes that are built before there are handles.
///
/// # Errors
/// [`SceneError::Shape`] when the scene has no such shape.
pub fn adopt_parts<'scene>(
    scene: &mut SceneState<'scene>,
    shape: ShapeId,
    parts: &'scene [MeshPart],
) -> Result<(), SceneError> {
    let count = scene.shapes.len();
    let found = scene.shapes.get_mut(shape.0 as usize).ok_or(SceneError::Shape { shape: shape.0, count })?;
    found.parts = parts;
    Ok(())
}

/// As [`set_triangles`], with a tree that was built before ([`Bvh::over`]) and lies in the scene arena.
///
/// # Errors
/// [`SceneError::Shape`] when the scene has no such shape.
pub fn adopt_triangles<'scene>(
    scene: &mut SceneState<'scene>,
    shape: ShapeId,
    triangles: &'scene Bvh<'scene>,
) -> Result<(), SceneError> {
    let count = scene.shapes.len();
    let found = scene.shapes.get_mut(shape.0 as usize).ok_or(SceneError::Shape { shape: shape.0, count })?;
    found.triangles = Some(triangles);
    Ok(())
}

/// Says that a shape's vertices are others now: the box around them, and that its triangles aren't known until
/// [`set_triangles`] says them. Who shows it is placed anew.
///
/// # Errors
/// [`SceneError::Shape`] when the scene has no such shape.
pub fn reshape(scene: &mut SceneState<'_>, shape: ShapeId, bounds: Bounds) -> Result<(), SceneError> {
    let count = scene.shapes.len();
    let found = scene.shapes.get_mut(shape.0 as usize).ok_or(SceneError::Shape { shape: shape.0, count })?;
    (found.bounds, found.triangles) = (bounds, None);
    for at in 0..scene.meshes.len() {
        if scene.meshes.values()[at] == shape {
            let slot = scene.meshes.entities()[at].index();
            let world = *scene.world_at(slot);
            place_mesh(scene, slot, &world);
        }
    }
    Ok(())
}

/// What the scene keeps them in.
pub(crate) type Shapes<'scene> = Array<'scene, Shape<'scene>>;
