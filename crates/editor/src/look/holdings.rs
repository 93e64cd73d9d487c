//! Memory by object: what each shape's meshes and textures hold on the GPU, and the colours that tell.
//!
//! The figures are the renderer's own account of each mesh and each texture. What several shapes share counts for each of
//! them, so they add up to more than the GPU's total.

use voltrum::memory::{ArenaVec, MemoryError, Tagged};
use voltrum::render::{RendererState, TextureId, renderer};
use voltrum::scene::{self, Entity, SceneState, Shape, ShapeId};

/// From little to much: sRGB, evenly spaced on a logarithmic scale.
pub const SCALE: [[u8; 3]; 5] =
    [[0x34, 0x5A, 0xC8], [0x2B, 0xA9, 0xC4], [0x5F, 0xBF, 0x4E], [0xE6, 0xC2, 0x35], [0xDC, 0x45, 0x36]];

/// What something holds on the GPU, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Vertices, indices, skins, morph targets.
    pub meshes: u64,
    /// Images of its materials, each once.
    pub textures: u64,
}

impl Held {
    /// Both together.
    pub fn bytes(self) -> u64 {
        self.meshes + self.textures
    }

    fn of(gpu: &RendererState<'_>, shape: &Shape<'_>, scratch: &mut Vec<TextureId>) -> Held {
        scratch.clear();
        let mut held = Held::default();
        for part in shape.parts {
            held.meshes += renderer::mesh_bytes(gpu, part.mesh);
            scratch.extend(renderer::material_textures(gpu, part.material));
        }
        scratch.sort_unstable();
        scratch.dedup();
        held.textures = scratch.iter().map(|texture| renderer::texture_bytes(gpu, *texture)).sum();
        held
    }
}

/// What the shapes of a scene hold. Lies in the scene arena.
pub struct Holdings<'scene> {
    held: ArenaVec<'scene, Held>,
    /// The least and the most that an entity holds.
    range: [u64; 2],
    version: u64,
    revision: u64,
}

impl<'scene> Holdings<'scene> {
    /// Knows nothing yet.
    pub fn new_in(memory: Tagged<'scene>) -> Holdings<'scene> {
        Holdings { held: ArenaVec::new_in(memory), range: [0; 2], version: 0, revision: 1 }
    }

    /// Looks at a scene again if it has changed; `version` says so.
    ///
    /// # Errors
    /// When the scene arena has no room.
    pub fn update(&mut self, gpu: &RendererState<'_>, scene: &SceneState<'_>, version: u64) -> Result<(), MemoryError> {
        if version == self.version {
            return Ok(());
        }
        let mut scratch = Vec::new();
        let shapes = scene::shapes(scene);
        self.held.try_resize(shapes.len(), Held::default())?;
        let mut has_changed = false;
        for (held, shape) in self.held.iter_mut().zip(shapes) {
            let now = Held::of(gpu, shape, &mut scratch);
            has_changed |= std::mem::replace(held, now) != now;
        }
        let shown = || scene::meshes(scene).values().iter().map(|shape| self.of_shape(*shape).bytes());
        let range = [shown().min().unwrap_or(0), shown().max().unwrap_or(0)];
        has_changed |= std::mem::replace(&mut self.range, range) != range;
        self.revision += u64::from(has_changed);
        self.version = version;
        Ok(())
    }

    /// What a shape holds.
    pub fn of_shape(&self, shape: ShapeId) -> Held {
        self.held.get(shape.index() as usize).copied().unwrap_or_default()
    }

    /// What an entity's shape holds; nothing where it has none.
    pub fn of(&self, scene: &SceneState<'_>, entity: Entity) -> Option<Held> {
        scene::meshes(scene).get(entity).map(|shape| self.of_shape(*shape))
    }

    /// The least and the most that an entity holds, in bytes: the ends of [`SCALE`].
    pub fn range(&self) -> [u64; 2] {
        self.range
    }

    /// What an object that shows this is coloured in.
    pub fn color(&self, shape: ShapeId) -> [u8; 4] {
        scale_color(self.place(self.of_shape(shape).bytes()))
    }

    /// Another number after each update that found something else; never 0.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Where bytes stand on the scale, from 0 to 1.
    pub fn place(&self, bytes: u64) -> f32 {
        let power = |bytes: u64| (bytes.max(1) as f32).log2();
        let [least, most] = self.range.map(power);
        if most - least < 1e-3 { 0.5 } else { ((power(bytes) - least) / (most - least)).clamp(0.0, 1.0) }
    }
}

/// The colour at a place of the scale.
pub fn scale_color(place: f32) -> [u8; 4] {
    let along = place.clamp(0.0, 1.0) * (SCALE.len() - 1) as f32;
    let from = (along as usize).min(SCALE.len() - 2);
    let share = along - from as f32;
    let mixed = |at: usize| f32::from(SCALE[from][at]) * (1.0 - share) + f32::from(SCALE[from + 1][at]) * share;
    [mixed(0) as u8, mixed(1) as u8, mixed(2) as u8, u8::MAX]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_goes_from_its_first_colour_to_its_last() {
        let opaque = |[r, g, b]: [u8; 3]| [r, g, b, 255];
        assert_eq!(scale_color(-1.0), opaque(SCALE[0]));
        assert_eq!(scale_color(0.5), opaque(SCALE[2]));
        assert_eq!(scale_color(7.0), opaque(SCALE[4]));
    }
}
