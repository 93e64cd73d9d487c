//! Bodies: what is posed anew in each frame, because joints carry it or morph targets shape it.

use crate::project::{Playing, ProjectFile};
use voltrum::assets::StagedSkin;
use voltrum::glam::Mat4;
use voltrum::memory::{ArenaVec, MemoryError, Tagged};
use voltrum::render::{Draw, Pose};
use voltrum::scene::project::Keys;
use voltrum::scene::{self, Entity, SceneState, ShapeId};

/// An entity whose mesh is posed.
#[derive(Clone, Copy)]
pub(super) struct Body<'scene> {
    pub(super) entity: Entity,
    /// What view modes that tell objects apart show it in.
    color: [u8; 4],
    shape: ShapeId,
    /// By position among the project's files.
    file: u32,
    /// Where its first part is among the file's primitives.
    first_primitive: u32,
    /// Where it is among the file's nodes, unless it was made in the project.
    node: Option<u32>,
    skin: Option<u32>,
    /// Of its morph targets, at rest.
    weights: &'scene [f32],
    /// It is shown no longer, and leaves the list before it is posed again.
    pub(super) is_gone: bool,
}

/// What the bodies are in one frame.
#[derive(Default)]
pub(super) struct Posed<'f> {
    pub(super) draws: &'f [Draw],
    pub(super) joints: &'f [Mat4],
    pub(super) weights: &'f [f32],
}

impl<'scene> Body<'scene> {
    /// What an entity with a shape is, if it is a body. What was made in the project has no skin: its mesh is at rest.
    pub(super) fn of(
        files: &[ProjectFile<'scene>],
        keys: &Keys<'scene>,
        entity: Entity,
        shape: ShapeId,
    ) -> Option<Body<'scene>> {
        let mesh = keys.mesh_key(shape)?;
        let file = files.iter().position(|file| file.id() == mesh.file)?;
        let staged = files.get(file)?.scene()?;
        let primitives = staged.meshes.get(mesh.mesh as usize)?.primitives();
        let first_primitive = primitives.start as u32;
        if !staged.primitives.get(primitives)?.iter().any(|one| one.skin.is_some() || one.morphs.is_some()) {
            return None;
        }
        let own = keys.key(entity).filter(|key| key.file() == Some(mesh.file)).map(|key| key.number());
        let own = own.filter(|node| staged.nodes.get(*node as usize).is_some_and(|node| node.mesh == Some(mesh.mesh)));
        let node = own.and_then(|node| staged.nodes.get(node as usize));
        let alike = node.or_else(|| staged.nodes.iter().find(|node| node.mesh == Some(mesh.mesh)));
        let (skin, weights) = (node.and_then(|node| node.skin), alike.map_or(&[][..], |node| node.weights));
        let is_body = skin.is_some() || !weights.is_empty();
        is_body.then_some(Body {
            entity,
            color: [255; 4],
            shape,
            file: file as u32,
            first_primitive,
            node: own,
            skin,
            weights,
            is_gone: false,
        })
    }

    /// The same in another colour.
    pub(super) fn colored(self, color: [u8; 4]) -> Body<'scene> {
        Body { color, ..self }
    }
}

/// Where a skin's joint carries a mesh, in the world; a joint that is gone leaves it where its entity is.
pub(crate) fn joint_matrix(
    scene: &SceneState<'_>,
    file: &ProjectFile<'_>,
    skin: &StagedSkin<'_>,
    joint: usize,
    own: Mat4,
) -> Mat4 {
    let node = skin.joints.get(joint).copied().flatten();
    let entity = node.and_then(|node| file.entities().get(node as usize));
    let world = entity.and_then(|entity| scene::world(scene, *entity));
    let bind = skin.inverse_bind.get(joint).copied().unwrap_or(Mat4::IDENTITY);
    world.map_or(own, |world| world * bind)
}

/// Poses the bodies, in memory of the caller's choice.
pub(super) fn pose<'f>(
    bodies: &[Body<'_>],
    scene: &SceneState<'_>,
    files: &[ProjectFile<'_>],
    playing: Option<&Playing>,
    memory: Tagged<'f>,
) -> Result<Posed<'f>, MemoryError> {
    if bodies.is_empty() {
        return Ok(Posed::default());
    }
    let skin_of = |body: &Body<'_>| files.get(body.file as usize)?.scene()?.skins.get(body.skin? as usize).copied();
    let parts_of =
        |body: &Body<'_>| scene::shapes(scene).get(body.shape.index() as usize).map_or(&[][..], |it| it.parts);
    // parts of a figure follow each other and share their skin
    let figures = bodies.chunk_by(|one, other| (one.file, one.skin) == (other.file, other.skin));
    let joint_count = figures.filter_map(|parts| skin_of(parts.first()?)).map(|skin| skin.joints.len()).sum();
    let mut joints = ArenaVec::try_with_capacity_in(joint_count, memory)?;
    let mut weights = ArenaVec::try_with_capacity_in(bodies.iter().map(|body| body.weights.len()).sum(), memory)?;
    let mut draws = ArenaVec::try_with_capacity_in(bodies.iter().map(|body| parts_of(body).len()).sum(), memory)?;
    let mut last: Option<(u32, Option<u32>, u32)> = None;
    for body in bodies {
        let (Some(file), Some(own)) = (files.get(body.file as usize), scene::world(scene, body.entity)) else {
            continue;
        };
        let skin = skin_of(body);
        let first_joint = match last.filter(|(file, skin, _)| (*file, *skin) == (body.file, body.skin)) {
            Some((_, _, first)) => first,
            None => {
                let first = joints.len() as u32;
                for (at, _) in skin.iter().flat_map(|skin| skin.joints).enumerate() {
                    let skin = skin.unwrap_or_default();
                    joints.try_push(joint_matrix(scene, file, &skin, at, own))?;
                }
                first
            }
        };
        last = Some((body.file, body.skin, first_joint));
        let first_weight = weights.len() as u32;
        weights.try_extend_from_slice(body.weights)?;
        if let Some(playing) = playing.filter(|playing| playing.id().file == body.file as usize) {
            let animation = file.scene().and_then(|scene| scene.animations.get(playing.id().index));
            let track = animation.and_then(|it| it.tracks.iter().find(|track| Some(track.node) == body.node));
            if let Some(curve) = track.and_then(|track| track.weights)
                && curve.lanes as usize == body.weights.len()
            {
                curve.sample(playing.playback().time_secs(), &mut weights[first_weight as usize..]);
            }
        }
        let object_color = body.color;
        let primitives = file.scene().map_or(&[][..], |scene| scene.primitives);
        for (part, at) in parts_of(body).iter().zip(body.first_primitive as usize..) {
            let is_carried = skin.is_some() && primitives.get(at).is_some_and(|primitive| primitive.skin.is_some());
            let joint_count = skin.filter(|_| is_carried).map_or(0, |skin| skin.joints.len() as u32);
            let pose = Pose { first_joint, joint_count, first_weight, weight_count: body.weights.len() as u32 };
            let world = if is_carried { Mat4::IDENTITY } else { own };
            draws.try_push(Draw { mesh: part.mesh, material: part.material, world, object_color, pose })?;
        }
    }
    Ok(Posed { draws: draws.into_slice(), joints: joints.into_slice(), weights: weights.into_slice() })
}
