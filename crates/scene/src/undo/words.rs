//! Components as words of the history, and back.

use glam::Mat4;
use voltrum_assets::Lens;

use crate::components::Camera;
use crate::entity::Entity;
use crate::light::{Light, LightKind};
use crate::node::NONE;
use crate::pack::PackedTransform;
use crate::transform::Local;

/// Something that takes `N` words.
pub(crate) trait Words<const N: usize>: Sized {
    fn to_words(&self) -> [u32; N];
    fn from_words(words: [u32; N]) -> Self;
}

/// The word at a position, 0 past the end.
fn at(words: &[u32], index: usize) -> f32 {
    f32::from_bits(words.get(index).copied().unwrap_or(0))
}

impl Words<2> for Option<Entity> {
    fn to_words(&self) -> [u32; 2] {
        self.map_or([NONE, 0], |entity| [entity.index(), entity.generation()])
    }

    fn from_words([index, generation]: [u32; 2]) -> Self {
        Entity::from_bits(u64::from(generation) << 32 | u64::from(index))
    }
}

/// Of an optional number: whether it is there, and the number.
fn optional(number: Option<f32>) -> [u32; 2] {
    [u32::from(number.is_some()), number.unwrap_or(0.0).to_bits()]
}

fn from_optional(words: &[u32], index: usize) -> Option<f32> {
    (words.get(index) == Some(&1)).then(|| at(words, index + 1))
}

impl Words<8> for Camera {
    fn to_words(&self) -> [u32; 8] {
        match self.lens {
            Lens::Perspective { fov_y, aspect, near, far } => {
                let ([has_aspect, aspect], [has_far, far]) = (optional(aspect), optional(far));
                [0, fov_y.to_bits(), near.to_bits(), has_aspect, aspect, has_far, far, 0]
            }
            Lens::Orthographic { half_width, half_height, near, far } => {
                let [a, b, c, d] = [half_width, half_height, near, far].map(f32::to_bits);
                [1, a, b, c, d, 0, 0, 0]
            }
        }
    }

    fn from_words(words: [u32; 8]) -> Self {
        let lens = if words[0] == 0 {
            Lens::Perspective {
                fov_y: at(&words, 1),
                near: at(&words, 2),
                aspect: from_optional(&words, 3),
                far: from_optional(&words, 5),
            }
        } else {
            Lens::Orthographic {
                half_width: at(&words, 1),
                half_height: at(&words, 2),
                near: at(&words, 3),
                far: at(&words, 4),
            }
        };
        Camera { lens }
    }
}

impl Words<9> for Light {
    fn to_words(&self) -> [u32; 9] {
        let (kind, inner, outer) = match self.kind {
            LightKind::Directional => (0, 0.0, 0.0),
            LightKind::Point => (1, 0.0, 0.0),
            LightKind::Spot { inner, outer } => (2, inner, outer),
        };
        let ([has_range, range], [r, g, b]) = (optional(self.range), self.color.map(f32::to_bits));
        [kind, inner.to_bits(), outer.to_bits(), r, g, b, self.intensity.to_bits(), has_range, range]
    }

    fn from_words(words: [u32; 9]) -> Self {
        let kind = match words[0] {
            0 => LightKind::Directional,
            1 => LightKind::Point,
            _ => LightKind::Spot { inner: at(&words, 1), outer: at(&words, 2) },
        };
        let color = [at(&words, 3), at(&words, 4), at(&words, 5)];
        Light { kind, color, intensity: at(&words, 6), range: from_optional(&words, 7) }
    }
}

impl Words<17> for Local {
    fn to_words(&self) -> [u32; 17] {
        let mut words = [0; 17];
        match self {
            Local::Parts(parts) => words[1..11].copy_from_slice(&PackedTransform::from(*parts).words()),
            Local::Matrix(matrix) => {
                words[0] = 1;
                words[1..].copy_from_slice(&matrix.to_cols_array().map(f32::to_bits));
            }
        }
        words
    }

    fn from_words(words: [u32; 17]) -> Self {
        let numbers = |index: usize| at(&words, index + 1);
        if words[0] == 0 {
            let parts: [u32; 10] = core::array::from_fn(|index| words[index + 1]);
            Local::Parts(PackedTransform::from_words(parts).unpack())
        } else {
            Local::Matrix(Mat4::from_cols_array(&core::array::from_fn(numbers)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_bring_components_back_as_they_were() {
        let lenses = [
            Lens::Perspective { fov_y: 1.0, aspect: Some(1.5), near: 0.1, far: None },
            Lens::Perspective { fov_y: 1.0, aspect: None, near: 0.1, far: Some(9.0) },
            Lens::Orthographic { half_width: 1.0, half_height: 2.0, near: 3.0, far: 4.0 },
        ];
        for camera in lenses.map(|lens| Camera { lens }) {
            assert_eq!(Camera::from_words(camera.to_words()), camera);
        }
        for kind in [LightKind::Directional, LightKind::Point, LightKind::Spot { inner: 0.1, outer: 0.2 }] {
            let light = Light { kind, color: [1.0, 2.0, 3.0], intensity: 4.0, range: Some(5.0) };
            assert_eq!(Light::from_words(light.to_words()), light);
        }
        let shear = Mat4::from_cols_array(&core::array::from_fn(|index| index as f32));
        for local in [Local::default(), Local::Matrix(shear)] {
            assert_eq!(Local::from_words(local.to_words()), local);
        }
        assert_eq!(<Option<Entity>>::from_words(<Option<Entity> as Words<2>>::to_words(&None)), None);
    }
}
