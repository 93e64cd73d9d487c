//! Colours that tell objects apart.

use crate::look::Holdings;
use voltrum::scene::{Entity, ShapeId};

/// What objects are coloured in.
#[derive(Clone, Copy)]
pub(crate) enum Colors<'h, 'scene> {
    /// Each in one of its own.
    ByEntity,
    /// Each by what it holds.
    ByMemory(&'h Holdings<'scene>),
}

impl Colors<'_, '_> {
    /// An entity's colour, which shows a shape.
    pub(crate) fn of(self, entity: Entity, shape: ShapeId) -> [u8; 4] {
        match self {
            Colors::ByEntity => object_color(entity),
            Colors::ByMemory(holdings) => holdings.color(shape),
        }
    }

    /// Another number where objects are to be coloured anew.
    pub(crate) fn revision(self) -> u64 {
        match self {
            Colors::ByEntity => 0,
            Colors::ByMemory(holdings) => holdings.revision(),
        }
    }
}

/// What [`ViewMode::Object`](voltrum::render::ViewMode::Object) shows an entity in: neighbours differ, and it stays the same
/// from one run to the next.
pub fn object_color(entity: Entity) -> [u8; 4] {
    // hues a golden section apart (Martin Ankerl, "How to generate random colors programmatically", 2009)
    let hue = (f64::from(entity.index()) * 0.618_033_988_749_895).fract() as f32 * 6.0;
    // rings of three strengths, so that the next round of hues differs, too
    let (least, most) = [(0.30, 0.95), (0.10, 0.80), (0.45, 0.70)][entity.index() as usize % 3];
    let channel = |offset: f32| {
        let distance = ((hue + offset).rem_euclid(6.0) - 3.0).abs() - 1.0;
        ((least + (most - least) * distance.clamp(0.0, 1.0)) * 255.0).round() as u8
    };
    [channel(0.0), channel(4.0), channel(2.0), 255]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_that_follow_each_other_differ_clearly() {
        let color = |index: u64| object_color(Entity::from_bits(1 << 32 | index).unwrap_or(Entity::NOBODY));
        for index in 0..1000 {
            let (one, next) = (color(index), color(index + 1));
            let distance: u32 = one.iter().zip(next).map(|(a, b)| u32::from(a.abs_diff(b))).sum();
            assert!(distance > 60, "{index}: {one:?} and {next:?}");
        }
    }
}
