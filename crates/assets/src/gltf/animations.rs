//! Animations: channels become one track per node, keys become curves that rise.
//!
//! # Invariants
//! 1. What a curve keeps holds the invariants of [`staged::Curve`](crate::staged::Curve): keys that are out of order or not
//!    finite are left out with a note, a curve without keys with them.

use ::gltf::json;
use json::accessor::ComponentType;
use json::animation::Property;
use json::validation::Checked;
use voltrum_memory::{ArenaVec, MemoryError, Scope, Tag, Tagged};

use super::accessor::{Accessor, Reader};
use super::nodes::{NONE, rest};
use super::source::Sources;
use super::store::{NAME_BYTES_MAX, Store};
use crate::fault::{Fault, Place};
use crate::staged::{Curve, Interpolation, Parts, StagedAnimation, StagedNode, Track};
use crate::{AssetError, LoadLimits};

/// Where the nodes of the document are, and what they show.
pub(crate) struct Placing<'x, 's> {
    /// By the document's number: where it was placed.
    pub(crate) positions: &'x [u32],
    pub(crate) nodes: &'x [StagedNode<'s>],
}

/// A channel whose references are known to be good.
struct Channel {
    place: Place,
    node: u32,
    /// How the document has it.
    target: usize,
    path: Property,
    interpolation: Interpolation,
    times: Accessor,
    values: Accessor,
    lanes: usize,
}

impl Channel {
    fn bytes(&self) -> usize {
        let parts = if self.interpolation == Interpolation::Cubic { 3 } else { 1 };
        self.times.count.saturating_mul((1 + parts * self.lanes) * size_of::<f32>()).saturating_add(16)
    }
}

/// Bytes that the animations will take, after a look at every channel.
pub(crate) fn room(root: &json::Root, limits: &LoadLimits, placing: &Placing<'_, '_>) -> Result<usize, AssetError> {
    let mut bytes = 1024_usize;
    for (index, animation) in root.animations.iter().enumerate() {
        let name = animation.name.as_ref().map_or(0, |name| name.len().min(NAME_BYTES_MAX));
        let tracks = animation.channels.len().saturating_mul(size_of::<Track<'_>>());
        bytes = bytes.saturating_add(size_of::<StagedAnimation<'_>>() + 64 + name).saturating_add(tracks);
        for position in 0..animation.channels.len() {
            if let Ok(channel) = channel(root, limits, placing, index, position)? {
                bytes = bytes.saturating_add(channel.bytes());
            }
        }
    }
    Ok(bytes)
}

/// Builds all animations.
pub(crate) fn build<'s>(
    root: &json::Root,
    limits: &LoadLimits,
    placing: &Placing<'_, '_>,
    memory: Tagged<'s>,
    sources: &mut Sources<'_>,
    store: &mut Store<'s>,
    scratch: &mut Scope<'_>,
) -> Result<&'s [StagedAnimation<'s>], AssetError> {
    let animations = memory.try_alloc_slice_fill_with(root.animations.len(), |_| StagedAnimation::default())?;
    for (index, (slot, animation)) in animations.iter_mut().zip(&root.animations).enumerate() {
        let mut tracks = ArenaVec::try_with_capacity_in(animation.channels.len(), memory)?;
        let mut temp = scratch.temp();
        // By node: its track, so that many channels cost no search.
        let by_node = temp.try_alloc_slice_fill_with(placing.nodes.len(), |_| NONE)?;
        for position in 0..animation.channels.len() {
            let channel = match channel(root, limits, placing, index, position)? {
                Ok(channel) => channel,
                Err((place, problem)) => {
                    store.note(format_args!("{place} {problem}: it was left out"))?;
                    continue;
                }
            };
            let Some(curve) = curve(&channel, memory, sources, store, &mut temp)? else {
                continue;
            };
            put(&mut tracks, by_node, &channel, curve, root)?;
        }
        let tracks: &'s [Track<'s>] = tracks.into_slice();
        let curves = |track: &Track<'s>| [track.translation, track.rotation, track.scale, track.weights];
        let ends = tracks.iter().flat_map(curves).flatten().filter_map(|curve| curve.times.last().copied());
        let name = store.name(Tag::SCENE, animation.name.as_deref())?;
        *slot = StagedAnimation { name, duration_secs: ends.fold(0.0, f32::max), tracks };
    }
    Ok(animations)
}

/// Puts a curve into its node's track.
fn put<'s>(
    tracks: &mut ArenaVec<'_, Track<'s>>,
    by_node: &mut [u32],
    channel: &Channel,
    curve: Curve<'s>,
    root: &json::Root,
) -> Result<(), MemoryError> {
    let node = channel.node as usize;
    let known = by_node.get(node).copied().unwrap_or(NONE);
    let at = if known == NONE {
        let rest = root.nodes.get(channel.target).map_or(Parts::IDENTITY, rest);
        tracks.try_push(Track { node: channel.node, rest, ..Track::default() })?;
        if let Some(slot) = by_node.get_mut(node) {
            *slot = tracks.len() as u32 - 1;
        }
        tracks.len() - 1
    } else {
        known as usize
    };
    if let Some(track) = tracks.as_mut_slice().get_mut(at) {
        let slot = match channel.path {
            Property::Translation => &mut track.translation,
            Property::Rotation => &mut track.rotation,
            Property::Scale => &mut track.scale,
            Property::MorphTargetWeights => &mut track.weights,
        };
        *slot = Some(curve);
    }
    Ok(())
}

/// A channel, or what is left out and why.
type Found = Result<Channel, (Place, &'static str)>;

/// Checks one channel. References that point nowhere fail the load; what only can't be played is left out.
fn channel(
    root: &json::Root,
    limits: &LoadLimits,
    placing: &Placing<'_, '_>,
    animation_index: usize,
    position: usize,
) -> Result<Found, AssetError> {
    let place = Place::new("animation", animation_index).part("channel", position);
    let Some(animation) = root.animations.get(animation_index) else {
        return Ok(Err((place, "is not there")));
    };
    let Some(channel) = animation.channels.get(position) else {
        return Ok(Err((place, "is not there")));
    };
    let sampler = animation.samplers.get(channel.sampler.value()).ok_or(Fault::Reference {
        from: place,
        to: "sampler of its animation",
        index: channel.sampler.value() as u64,
        count: animation.samplers.len() as u64,
    })?;
    let times = Accessor::check(root, limits, sampler.input.value(), place)?;
    let values = Accessor::check(root, limits, sampler.output.value(), place)?;
    let target = channel.target.node.value();
    let Some(&node) = placing.positions.get(target) else {
        let count = root.nodes.len() as u64;
        return Err(Fault::Reference { from: place, to: "node", index: target as u64, count }.into());
    };
    if node == NONE {
        return Ok(Err((place, "moves a node that the scene doesn't show")));
    }
    let (Checked::Valid(path), Checked::Valid(interpolation)) = (channel.target.path, sampler.interpolation) else {
        return Ok(Err((place, "has an unknown path or interpolation")));
    };
    let interpolation = match interpolation {
        json::animation::Interpolation::Step => Interpolation::Step,
        json::animation::Interpolation::Linear => Interpolation::Linear,
        json::animation::Interpolation::CubicSpline => Interpolation::Cubic,
    };
    let targets = placing.nodes.get(node as usize).map_or(0, |node| node.weights.len());
    let (lanes, element) = match path {
        Property::Translation | Property::Scale => (3, 3),
        Property::Rotation => (4, 4),
        Property::MorphTargetWeights => (targets, 1),
    };
    if lanes == 0 {
        return Ok(Err((place, "animates weights of a mesh without morph targets")));
    }
    if times.lanes != 1 || times.component != ComponentType::F32 {
        return Ok(Err((place, "has times that are not single floats")));
    }
    if values.lanes != element || values.component == ComponentType::U32 {
        return Ok(Err((place, "has values of the wrong type")));
    }
    let parts = if interpolation == Interpolation::Cubic { 3 } else { 1 };
    if times.count == 0 || values.count < times.count.saturating_mul(parts * lanes / element) {
        return Ok(Err((place, "has no keys, or fewer values than keys")));
    }
    Ok(Ok(Channel { place, node, target, path, interpolation, times, values, lanes }))
}

/// Reads a channel's keys; `None` when none of them can be used.
fn curve<'s>(
    channel: &Channel,
    memory: Tagged<'s>,
    sources: &mut Sources<'_>,
    store: &mut Store<'_>,
    scratch: &mut Scope<'_>,
) -> Result<Option<Curve<'s>>, AssetError> {
    let temp = scratch.temp();
    let staging = temp.tagged(Tag::STAGING);
    let keys = channel.times.count;
    let parts = if channel.interpolation == Interpolation::Cubic { 3 } else { 1 };
    let per_key = channel.lanes * parts;
    let times = memory.try_alloc_zeroed::<f32>(keys)?;
    read(channel.times, sources, staging, times)?;
    let values = memory.try_alloc_zeroed::<f32>(keys * per_key)?;
    read(channel.values, sources, staging, values)?;
    let (mut kept, mut last) = (0, f32::NEG_INFINITY);
    for key in 0..keys {
        let range = key * per_key..(key + 1) * per_key;
        let time = times.get(key).copied().unwrap_or(f32::NAN);
        let good = time.is_finite()
            && time > last
            && values.get(range.clone()).is_some_and(|values| values.iter().all(|value| value.is_finite()));
        if !good {
            continue;
        }
        if kept != key {
            values.copy_within(range, kept * per_key);
            if let Some(slot) = times.get_mut(kept) {
                *slot = time;
            }
        }
        last = time;
        kept += 1;
    }
    if kept < keys {
        store.note(format_args!(
            "{} has {} of {keys} keys that are out of order or not finite: they were left out",
            channel.place,
            keys - kept
        ))?;
    }
    if kept == 0 {
        return Ok(None);
    }
    let (times, values): (&'s [f32], &'s [f32]) = (times, values);
    Ok(Some(Curve {
        interpolation: channel.interpolation,
        times: times.get(..kept).unwrap_or_default(),
        values: values.get(..kept * per_key).unwrap_or_default(),
        lanes: channel.lanes as u32,
    }))
}

/// Reads numbers one after the other, whatever the accessor's lanes.
fn read(accessor: Accessor, sources: &mut Sources<'_>, scratch: Tagged<'_>, out: &mut [f32]) -> Result<(), AssetError> {
    let mut reader = Reader::open(accessor, sources, scratch)?;
    let mut block = [[0.0_f32; 4]; 256];
    let lanes = accessor.lanes.clamp(1, 4);
    for chunk in out.chunks_mut(block.len() * lanes) {
        let count = chunk.len() / lanes;
        let block = block.get_mut(..count).unwrap_or_default();
        reader.floats(sources, [0.0; 4], block)?;
        for (out, element) in chunk.chunks_mut(lanes).zip(block.iter()) {
            for (out, value) in out.iter_mut().zip(element) {
                *out = *value;
            }
        }
    }
    Ok(())
}
