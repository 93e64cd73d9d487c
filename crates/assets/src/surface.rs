//! How a surface looks, whoever names its textures: a number in a file, a handle of the texture system.

use voltrum_render::{AlphaMode, MaterialDesc, SamplerDesc, TextureId, TextureSlot, UvTransform};

/// A texture on a surface.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slot<T> {
    /// The texture.
    pub texture: T,
    /// Which of a vertex's two sets of texture coordinates: 0 or 1.
    pub uv: u8,
    /// What happens to them (KHR_texture_transform).
    pub transform: UvTransform,
    /// How it is sampled; `None` for the texture's own way.
    pub sampler: Option<SamplerDesc>,
}

impl<T> Slot<T> {
    /// A texture by the first coordinates, as they are.
    pub fn of(texture: T) -> Self {
        Self { texture, uv: 0, transform: UvTransform::default(), sampler: None }
    }
}

/// How many textures a surface can have.
pub(crate) const SLOTS: usize = 11;

/// How a surface looks: metallic-roughness, and the extensions of Khronos that [`MaterialDesc`] has. What each field means
/// stands there.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields of MaterialDesc, by the same names")]
pub struct Surface<T> {
    pub base_color: [f32; 4],
    pub base_color_texture: Option<Slot<T>>,
    pub metallic: f32,
    pub roughness: f32,
    pub metallic_roughness_texture: Option<Slot<T>>,
    pub normal_texture: Option<Slot<T>>,
    pub normal_scale: f32,
    pub occlusion_texture: Option<Slot<T>>,
    pub occlusion_strength: f32,
    pub emissive: [f32; 3],
    pub emissive_strength: f32,
    pub emissive_texture: Option<Slot<T>>,
    pub alpha: AlphaMode,
    pub double_sided: bool,
    pub unlit: bool,
    pub ior: f32,
    pub specular: f32,
    pub specular_texture: Option<Slot<T>>,
    pub specular_color: [f32; 3],
    pub specular_color_texture: Option<Slot<T>>,
    pub clearcoat: f32,
    pub clearcoat_texture: Option<Slot<T>>,
    pub clearcoat_roughness: f32,
    pub clearcoat_roughness_texture: Option<Slot<T>>,
    pub clearcoat_normal_texture: Option<Slot<T>>,
    pub clearcoat_normal_scale: f32,
    pub transmission: f32,
    pub transmission_texture: Option<Slot<T>>,
}

impl<T> Default for Surface<T> {
    fn default() -> Self {
        let MaterialDesc { base_color, metallic, roughness, alpha, double_sided, .. } = MaterialDesc::default();
        Self {
            base_color,
            base_color_texture: None,
            metallic,
            roughness,
            metallic_roughness_texture: None,
            normal_texture: None,
            normal_scale: 1.0,
            occlusion_texture: None,
            occlusion_strength: 1.0,
            emissive: [0.0; 3],
            emissive_strength: 1.0,
            emissive_texture: None,
            alpha,
            double_sided,
            unlit: false,
            ior: 1.5,
            specular: 1.0,
            specular_texture: None,
            specular_color: [1.0; 3],
            specular_color_texture: None,
            clearcoat: 0.0,
            clearcoat_texture: None,
            clearcoat_roughness: 0.0,
            clearcoat_roughness_texture: None,
            clearcoat_normal_texture: None,
            clearcoat_normal_scale: 1.0,
            transmission: 0.0,
            transmission_texture: None,
        }
    }
}

impl<T: Copy> Surface<T> {
    /// The same for the renderer; `get` says which texture of its is meant.
    pub(crate) fn desc(&self, get: impl Fn(T) -> TextureId) -> MaterialDesc {
        let slot = |slot: Option<Slot<T>>| {
            slot.map(|slot| TextureSlot {
                texture: get(slot.texture),
                uv: slot.uv,
                transform: slot.transform,
                sampler: slot.sampler,
            })
        };
        MaterialDesc {
            base_color: self.base_color,
            base_color_texture: slot(self.base_color_texture),
            metallic: self.metallic,
            roughness: self.roughness,
            metallic_roughness_texture: slot(self.metallic_roughness_texture),
            normal_texture: slot(self.normal_texture),
            normal_scale: self.normal_scale,
            occlusion_texture: slot(self.occlusion_texture),
            occlusion_strength: self.occlusion_strength,
            emissive: self.emissive,
            emissive_strength: self.emissive_strength,
            emissive_texture: slot(self.emissive_texture),
            alpha: self.alpha,
            double_sided: self.double_sided,
            unlit: self.unlit,
            ior: self.ior,
            specular: self.specular,
            specular_texture: slot(self.specular_texture),
            specular_color: self.specular_color,
            specular_color_texture: slot(self.specular_color_texture),
            clearcoat: self.clearcoat,
            clearcoat_texture: slot(self.clearcoat_texture),
            clearcoat_roughness: self.clearcoat_roughness,
            clearcoat_roughness_texture: slot(self.clearcoat_roughness_texture),
            clearcoat_normal_texture: slot(self.clearcoat_normal_texture),
            clearcoat_normal_scale: self.clearcoat_normal_scale,
            transmission: self.transmission,
            transmission_texture: slot(self.transmission_texture),
        }
    }

    /// Its textures, whichever there are.
    pub fn textures(&self) -> impl Iterator<Item = Slot<T>> {
        self.slots().into_iter().flatten()
    }

    pub(crate) fn slots(&self) -> [Option<Slot<T>>; SLOTS] {
        [
            self.base_color_texture,
            self.metallic_roughness_texture,
            self.normal_texture,
            self.occlusion_texture,
            self.emissive_texture,
            self.specular_texture,
            self.specular_color_texture,
            self.clearcoat_texture,
            self.clearcoat_roughness_texture,
            self.clearcoat_normal_texture,
            self.transmission_texture,
        ]
    }

    /// The same surface with each texture's slot as `change` makes it.
    pub fn map<U>(&self, mut change: impl FnMut(Slot<T>) -> Slot<U>) -> Surface<U> {
        let mut slot = |slot: Option<Slot<T>>| slot.map(&mut change);
        Surface {
            base_color: self.base_color,
            base_color_texture: slot(self.base_color_texture),
            metallic: self.metallic,
            roughness: self.roughness,
            metallic_roughness_texture: slot(self.metallic_roughness_texture),
            normal_texture: slot(self.normal_texture),
            normal_scale: self.normal_scale,
            occlusion_texture: slot(self.occlusion_texture),
            occlusion_strength: self.occlusion_strength,
            emissive: self.emissive,
            emissive_strength: self.emissive_strength,
            emissive_texture: slot(self.emissive_texture),
            alpha: self.alpha,
            double_sided: self.double_sided,
            unlit: self.unlit,
            ior: self.ior,
            specular: self.specular,
            specular_texture: slot(self.specular_texture),
            specular_color: self.specular_color,
            specular_color_texture: slot(self.specular_color_texture),
            clearcoat: self.clearcoat,
            clearcoat_texture: slot(self.clearcoat_texture),
            clearcoat_roughness: self.clearcoat_roughness,
            clearcoat_roughness_texture: slot(self.clearcoat_roughness_texture),
            clearcoat_normal_texture: slot(self.clearcoat_normal_texture),
            clearcoat_normal_scale: self.clearcoat_normal_scale,
            transmission: self.transmission,
            transmission_texture: slot(self.transmission_texture),
        }
    }
}
