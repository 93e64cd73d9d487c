//! Animation: curves at a time, poses of nodes, joint matrices of skins, and where in time a playback stands.
//!
//! Everything here is a function of its arguments: results lie in the memory that the caller names, which is the frame
//! arena while a scene is shown.
//!
//! Source: Khronos, *glTF 2.0 Specification*, appendix C (interpolation) and 3.7.3 (skins).
//!
//! # Deliberately absent
//! Blending of animations, and events along the way.

mod curve;
mod playback;

use glam::{Mat4, Quat, Vec3};
use voltrum_memory::{MemoryError, Tagged};

use crate::staged::{Parts, StagedAnimation, StagedNode, StagedSkin, Track};

pub use playback::{Playback, Repeat};

/// A node at one moment of an animation.
#[derive(Clone, Copy, Debug)]
pub struct NodePose<'f> {
    /// The node, by position in the staged `nodes`.
    pub node: u32,
    /// From its own coordinates to its parent's.
    pub local: Mat4,
    /// The same in parts.
    pub parts: Parts,
    /// The weights of its mesh's morph targets, where the animation says them.
    pub weights: Option<&'f [f32]>,
}

/// The nodes that an animation moves, at `time_secs`. Before its first and after its last key a curve stands still.
///
/// # Errors
/// [`MemoryError`] when `memory` is full.
///
/// # Examples
/// ```
/// use voltrum_assets::animation::sample;
/// use voltrum_assets::{Curve, Interpolation, StagedAnimation, Track};
/// use voltrum_memory::{Arena, Tag};
///
/// let walk = Curve { interpolation: Interpolation::Linear, times: &[0.0, 2.0], values: &[0., 0., 0., 4., 0., 0.], lanes: 3 };
/// let tracks = [Track { node: 7, translation: Some(walk), ..Track::default() }];
/// let animation = StagedAnimation { name: "walk", duration_secs: 2.0, tracks: &tracks };
/// let mut frame = Arena::try_reserve("frame", 1 << 16)?;
/// let frame = frame.open();
/// let pose = sample(&animation, 0.5, frame.tagged(Tag::SCENE))?;
/// assert_eq!((pose[0].node, pose[0].parts.translation.x), (7, 1.0));
/// # Ok::<(), voltrum_memory::MemoryError>(())
/// ```
pub fn sample<'f>(
    animation: &StagedAnimation<'_>,
    time_secs: f32,
    memory: Tagged<'f>,
) -> Result<&'f [NodePose<'f>], MemoryError> {
    let none = NodePose { node: 0, local: Mat4::IDENTITY, parts: Parts::IDENTITY, weights: None };
    let poses = memory.try_alloc_slice_fill_with(animation.tracks.len(), |_| none)?;
    for (pose, track) in poses.iter_mut().zip(animation.tracks) {
        let parts = parts_at(track, time_secs);
        let weights = match &track.weights {
            None => None,
            Some(curve) => {
                let weights = memory.try_alloc_zeroed::<f32>(curve.lanes as usize)?;
                curve.sample(time_secs, weights);
                Some(&*weights)
            }
        };
        *pose = NodePose { node: track.node, local: parts.matrix(), parts, weights };
    }
    Ok(poses)
}

/// A track's node at `time_secs`, without its weights.
pub fn parts_at(track: &Track<'_>, time_secs: f32) -> Parts {
    let mut parts = track.rest;
    if let Some(curve) = &track.translation {
        let mut value = parts.translation.to_array();
        curve.sample(time_secs, &mut value);
        parts.translation = Vec3::from_array(value);
    }
    if let Some(curve) = &track.rotation {
        parts.rotation = curve.sample_rotation(time_secs).unwrap_or(Quat::IDENTITY);
    }
    if let Some(curve) = &track.scale {
        let mut value = parts.scale.to_array();
        curve.sample(time_secs, &mut value);
        parts.scale = Vec3::from_array(value);
    }
    parts
}

/// From each node's own coordinates to the scene's, with a pose over the nodes' own places. For whoever has no scene of
/// entities: a picture of one moment, a test.
///
/// # Errors
/// [`MemoryError`] when `memory` is full.
pub fn worlds<'f>(
    nodes: &[StagedNode<'_>],
    pose: &[NodePose<'_>],
    memory: Tagged<'f>,
) -> Result<&'f [Mat4], MemoryError> {
    let worlds =
        memory.try_alloc_slice_fill_with(nodes.len(), |at| nodes.get(at).map_or(Mat4::IDENTITY, |node| node.local))?;
    for pose in pose {
        if let Some(world) = worlds.get_mut(pose.node as usize) {
            *world = pose.local;
        }
    }
    for (at, node) in nodes.iter().enumerate() {
        // A parent stands before its children.
        let Some(above) = node.parent.and_then(|parent| worlds.get(parent as usize)).copied() else { continue };
        if let Some(world) = worlds.get_mut(at) {
            *world = above * *world;
        }
    }
    Ok(worlds)
}

/// The matrices that carry a skinned mesh's vertices from rest to where its joints are in the scene (glTF 2.0, 3.7.3.3):
/// a draw with them has the identity as its own world matrix.
///
/// `world_of` says where a node of the staged scene is; a joint without a node stays at rest.
///
/// # Errors
/// [`MemoryError`] when `memory` is full.
pub fn joint_matrices<'f>(
    skin: &StagedSkin<'_>,
    mut world_of: impl FnMut(u32) -> Mat4,
    memory: Tagged<'f>,
) -> Result<&'f [Mat4], MemoryError> {
    let matrices = memory.try_alloc_slice_fill_with(skin.joints.len(), |at| {
        let bind = skin.inverse_bind.get(at).copied().unwrap_or(Mat4::IDENTITY);
        match skin.joints.get(at) {
            Some(&Some(joint)) => world_of(joint) * bind,
            _ => Mat4::IDENTITY,
        }
    })?;
    Ok(matrices)
}
