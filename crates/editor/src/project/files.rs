//! The glTF files of an open project, and what came of each: nodes that are entities, meshes that are shapes, handles on
//! the GPU.

use super::staged::StagedFile;
use crate::drawing::joint_matrix;
use std::path::Path;
use voltrum::assets::{Pixels, SceneAssets, StagedImage, StagedIndices, StagedPrimitive, StagedScene};
use voltrum::memory::{ArenaVec, MemoryError, Tagged};
use voltrum::scene::project::{EntityKey, FileEntry, Keys, Source};
use voltrum::scene::{self, Affine, Entity, MeshPart, SceneState, ShapeId};

/// What a file says, without the uploads that were for the GPU.
pub type FileScene<'s> = StagedScene<'s, (), ()>;

/// A glTF file of the open project.
#[derive(Clone, Copy, Debug)]
pub struct ProjectFile<'scene> {
    pub(super) entry: FileEntry<'scene>,
    pub(super) place: Option<&'scene Path>,
    pub(super) scene: Option<FileScene<'scene>>,
    pub(super) fault: &'scene str,
    pub(super) assets: SceneAssets<'scene>,
    pub(super) entities: &'scene [Entity],
    pub(super) first_mesh: ShapeId,
    /// Its nodes with a skin.
    pub(super) skinned: &'scene [u32],
    /// What it wears: its own materials, or those of one of its variants.
    pub(super) worn: Option<u32>,
    /// The parts of all primitives: with their own materials, then variant by variant. Empty until the first one is worn.
    pub(super) wardrobe: &'scene [MeshPart],
    /// Whether the document, or the journal behind it, says that the project has it.
    pub(super) is_listed: bool,
}

impl<'scene> ProjectFile<'scene> {
    /// Its number in the project.
    pub fn id(&self) -> u32 {
        self.entry.id
    }

    /// Where it is, from the project's folder.
    pub fn path(&self) -> &'scene str {
        self.entry.path
    }

    /// Where it is, with links followed, as far as that is known.
    pub fn place(&self) -> Option<&'scene Path> {
        self.place
    }

    /// What it says; `None` where it is missing or bad.
    pub fn scene(&self) -> Option<&FileScene<'scene>> {
        self.scene.as_ref()
    }

    /// Why it couldn't be loaded; empty where it could.
    pub fn fault(&self) -> &'scene str {
        self.fault
    }

    /// The handles of its parts.
    pub fn assets(&self) -> &SceneAssets<'scene> {
        &self.assets
    }

    /// What each of its nodes became, in their order.
    pub fn entities(&self) -> &'scene [Entity] {
        self.entities
    }

    pub(super) fn of<I, B>(
        staged: &StagedFile<'scene, I, B>,
        assets: SceneAssets<'scene>,
        memory: Tagged<'scene>,
    ) -> Result<ProjectFile<'scene>, MemoryError> {
        let scene = staged.scene.as_ref().map(|scene| without_uploads(scene, memory)).transpose()?;
        let mut skinned = ArenaVec::new_in(memory);
        for (node, at) in scene.map_or(&[][..], |scene| scene.nodes).iter().zip(0..) {
            if node.skin.is_some() {
                skinned.try_push(at)?;
            }
        }
        Ok(ProjectFile {
            entry: staged.entry,
            place: staged.place,
            scene,
            fault: staged.fault,
            assets,
            entities: &[],
            first_mesh: ShapeId::from_index(0),
            skinned: skinned.into_slice(),
            worn: None,
            wardrobe: &[],
            is_listed: true,
        })
    }

    /// What saving and restoring need of it; `None` where it couldn't be loaded.
    pub(super) fn source(&self) -> Option<Source<'scene>> {
        let scene = self.scene?;
        Some(Source {
            file: self.entry.id,
            nodes: scene.nodes,
            cameras: scene.cameras,
            lights: scene.lights,
            entities: self.entities,
            first_mesh: self.first_mesh,
            mesh_count: scene.meshes.len() as u32,
        })
    }

    fn nodes(&self) -> u32 {
        self.scene.map_or(0, |scene| scene.nodes.len() as u32)
    }

    /// Whether one of its nodes is in the scene.
    pub(super) fn is_alive(&self, scene: &SceneState<'_>, keys: &Keys<'_>) -> bool {
        let node = |node| keys.entity(EntityKey::node(self.entry.id, node));
        (0..self.nodes()).filter_map(node).any(|entity| scene.is_alive(entity))
    }

    /// Whether the project needs it: because of a node, or because something shows one of its meshes. One that couldn't be
    /// loaded stays, because nobody can say.
    pub(super) fn is_used(&self, scene: &SceneState<'_>, keys: &Keys<'_>) -> bool {
        let Some(own) = self.scene else { return true };
        let shows = |shape: &ShapeId| shape.index().wrapping_sub(self.first_mesh.index()) < own.meshes.len() as u32;
        self.is_alive(scene, keys) || scene::meshes(scene).values().iter().any(shows)
    }
}

/// Tells the scene where skins carry meshes: roughly, as the first joint has it.
pub(super) fn carry_skinned(scene: &mut SceneState<'_>, files: &[ProjectFile<'_>]) {
    for file in files {
        let Some(staged) = file.scene.as_ref().filter(|staged| !staged.skins.is_empty()) else { continue };
        for (node, entity) in file.skinned.iter().filter_map(|at| Some((*at, *file.entities.get(*at as usize)?))) {
            let skin = staged.nodes.get(node as usize).and_then(|node| staged.skins.get(node.skin? as usize));
            if let (Some(skin), Some(own)) = (skin, scene::world(scene, entity)) {
                let world = joint_matrix(scene, file, skin, 0, own);
                // without room for it the mesh is taken to be where its entity is
                let _carried = scene::carry(scene, entity, Some(Affine::from_matrix(&world)));
            }
        }
    }
}

/// A staged scene without the uploads that were for the GPU.
fn without_uploads<'s, I, B>(staged: &StagedScene<'s, I, B>, memory: Tagged<'s>) -> Result<FileScene<'s>, MemoryError> {
    let primitives = staged.primitives.iter().map(|primitive| StagedPrimitive {
        vertices: (),
        vertex_count: primitive.vertex_count,
        topology: primitive.topology,
        indices: primitive.indices.as_ref().map(|indices| StagedIndices {
            upload: (),
            kind: indices.kind,
            count: indices.count,
        }),
        skin: primitive.skin.as_ref().map(|_| ()),
        morphs: primitive.morphs.as_ref().map(|(_, targets)| ((), *targets)),
        material: primitive.material,
        bounds: primitive.bounds,
        triangle_count: primitive.triangle_count,
    });
    let images = staged.images.iter().map(|image| StagedImage {
        name: image.name,
        kind: image.kind,
        size: image.size,
        format: image.format,
        levels: image.levels,
        pixels: Pixels::Upload(()),
        key: None,
    });
    Ok(StagedScene {
        name: staged.name,
        generator: staged.generator,
        nodes: staged.nodes,
        meshes: staged.meshes,
        primitives: memory.try_alloc_iter(primitives)?,
        materials: staged.materials,
        textures: staged.textures,
        images: memory.try_alloc_iter(images)?,
        cameras: staged.cameras,
        lights: staged.lights,
        skins: staged.skins,
        animations: staged.animations,
        variants: staged.variants,
        variant_materials: staged.variant_materials,
        scenes: staged.scenes,
        scene: staged.scene,
        sources: staged.sources,
        bounds: staged.bounds,
        notes: staged.notes,
        counts: staged.counts,
    })
}
