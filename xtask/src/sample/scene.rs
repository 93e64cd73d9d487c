//! The sample as a tree of named nodes with models and materials, and the pass that bakes light into it.

use super::mesh::Mesh;
use super::occlusion::{self, Occluder, Sample};
use super::texture::{Texture, linear};
use super::vector::{Portable, Rotation, Vec3, vec3};

/// Which of [`Scene::materials`].
pub(super) type MaterialIndex = usize;
/// Which of [`Scene::models`].
pub(super) type ModelIndex = usize;

/// How a surface covers what is behind it.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Alpha {
    Opaque,
    /// Cut out below this alpha.
    Mask(f32),
    Blend,
}

/// A glTF material of the metallic-roughness kind.
pub(super) struct Material {
    pub(super) name: &'static str,
    /// Linear.
    pub(super) color: [f32; 4],
    pub(super) texture: Option<usize>,
    pub(super) metallic: f32,
    pub(super) roughness: f32,
    pub(super) alpha: Alpha,
    pub(super) double_sided: bool,
}

/// Meshes that are drawn together; one glTF mesh with one primitive per part.
pub(super) struct Model {
    pub(super) name: String,
    pub(super) parts: Vec<(Mesh, MaterialIndex)>,
}

/// A place in the hierarchy.
pub(super) struct Node {
    pub(super) name: String,
    pub(super) at: Vec3,
    pub(super) rotation: Rotation,
    pub(super) scale: f32,
    pub(super) model: Option<ModelIndex>,
    pub(super) camera: bool,
    pub(super) children: Vec<Node>,
}

/// Everything that the file will hold.
#[derive(Default)]
pub(super) struct Scene {
    pub(super) textures: Vec<Texture>,
    pub(super) materials: Vec<Material>,
    pub(super) models: Vec<Model>,
}

impl Node {
    pub(super) fn new(name: impl Into<String>, at: Vec3) -> Node {
        let name = name.into();
        Node { name, at, rotation: Rotation::NONE, scale: 1.0, model: None, camera: false, children: Vec::new() }
    }

    pub(super) fn rotated(self, rotation: Rotation) -> Node {
        Node { rotation, ..self }
    }

    pub(super) fn scaled(self, scale: f32) -> Node {
        Node { scale, ..self }
    }

    pub(super) fn showing(self, model: ModelIndex) -> Node {
        Node { model: Some(model), ..self }
    }

    pub(super) fn with(mut self, child: Node) -> Node {
        self.children.push(child);
        self
    }
}

impl Scene {
    pub(super) fn texture(&mut self, texture: Texture) -> usize {
        self.textures.push(texture);
        self.textures.len() - 1
    }

    /// A material that shows a texture as it is.
    pub(super) fn textured(&mut self, name: &'static str, texture: usize, roughness: f32) -> MaterialIndex {
        self.material(Material {
            name,
            color: [1.0; 4],
            texture: Some(texture),
            metallic: 0.0,
            roughness,
            alpha: Alpha::Opaque,
            double_sided: false,
        })
    }

    /// A material of one sRGB colour.
    pub(super) fn painted(&mut self, name: &'static str, color: Vec3, metallic: f32, roughness: f32) -> MaterialIndex {
        let [r, g, b] = linear(color);
        self.material(Material {
            name,
            color: [r, g, b, 1.0],
            texture: None,
            metallic,
            roughness,
            alpha: Alpha::Opaque,
            double_sided: false,
        })
    }

    pub(super) fn material(&mut self, material: Material) -> MaterialIndex {
        self.materials.push(material);
        self.materials.len() - 1
    }

    pub(super) fn model(&mut self, name: impl Into<String>, parts: Vec<(Mesh, MaterialIndex)>) -> ModelIndex {
        self.models.push(Model { name: name.into(), parts });
        self.models.len() - 1
    }

    /// Writes ambient occlusion into the vertex colours. A model that stands in several places takes the mean of
    /// them, since its vertices are shared.
    pub(super) fn bake(&mut self, root: &Node) {
        let mut places = Vec::new();
        collect(root, &Place::WORLD, &mut places);
        let mut occluders: Vec<Occluder> = Vec::new();
        let mut samples = Vec::new();
        for (place, model) in &places {
            for (mesh, material) in &self.models[*model].parts {
                let material = &self.materials[*material];
                if material.alpha != Alpha::Blend {
                    let corner = |vertex: u16| place.point(mesh.positions[usize::from(vertex)]);
                    occluders.extend(mesh.triangles.iter().map(|triangle| triangle.map(corner)));
                }
                samples.extend(mesh.positions.iter().zip(&mesh.normals).map(|(position, normal)| Sample {
                    position: place.point(*position),
                    normal: place.rotation.apply(*normal),
                }));
            }
        }
        let light = occlusion::bake(&samples, occluders);

        let mut sums: Vec<Vec<Vec<f32>>> = self
            .models
            .iter()
            .map(|model| model.parts.iter().map(|(mesh, _)| vec![0.0; mesh.positions.len()]).collect())
            .collect();
        let mut uses = vec![0usize; self.models.len()];
        let mut next = light.iter();
        for (_, model) in &places {
            uses[*model] += 1;
            for sum in sums[*model].iter_mut().flatten() {
                *sum += next.next().copied().unwrap_or(1.0);
            }
        }
        for ((model, sums), uses) in self.models.iter_mut().zip(&sums).zip(&uses) {
            for ((mesh, material), sums) in model.parts.iter_mut().zip(sums) {
                let leafy = matches!(self.materials[*material].alpha, Alpha::Mask(_));
                let glassy = self.materials[*material].alpha == Alpha::Blend;
                for (color, sum) in mesh.colors.iter_mut().zip(sums) {
                    let light = sum / (*uses).max(1) as f32;
                    *color = if glassy { Vec3::ONE } else { tint(if leafy { 0.35 + 0.65 * light } else { light }) };
                }
            }
        }
    }
}

/// Light in corners has bounced off warm walls: shadows turn brown before they turn black.
fn tint(light: f32) -> Vec3 {
    let deep = vec3(0.10, 0.068, 0.055);
    let t = light.clamp(0.0, 1.0).power(1.75);
    deep.lerp(Vec3::ONE, t).scale(vec3(1.0, t.power(0.12), t.power(0.18)))
}

struct Place {
    at: Vec3,
    rotation: Rotation,
    scale: f32,
}

impl Place {
    const WORLD: Place = Place { at: Vec3::ZERO, rotation: Rotation::NONE, scale: 1.0 };

    fn point(&self, local: Vec3) -> Vec3 {
        self.rotation.apply(local * self.scale) + self.at
    }
}

fn collect(node: &Node, parent: &Place, places: &mut Vec<(Place, ModelIndex)>) {
    let place = || Place {
        at: parent.point(node.at),
        rotation: node.rotation.then(parent.rotation),
        scale: parent.scale * node.scale,
    };
    if let Some(model) = node.model {
        places.push((place(), model));
    }
    for child in &node.children {
        collect(child, &place(), places);
    }
}
