//! The pipelines that draw a view, each made when it is first needed.
//!
//! # Invariants
//! 1. A pipeline is made once for each [`MeshKey`], and for each [`Plain`] and number of samples. It lives as long as the
//!    renderer, or until its shaders change.

use ash::vk;

use crate::error::RenderError;
use crate::look::ViewMode;
use crate::materials::{Coverage, Shading};
use crate::meshes::Topology;
use crate::pipelines::Pipelines;
use crate::shaders::{Shaders, background, grid, mesh};
use crate::targets::COLOR_FORMAT;
use crate::vulkan::Device;
use crate::vulkan::descriptor::{SetKind, SetLayout};
use crate::vulkan::pipeline::{Blend, Class, Depth, Pipeline, PipelineDesc, PipelineLayout, VertexInput};
use crate::vulkan::shader::Entry;

/// Which of the mesh pass' fragment shaders draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    Unlit,
    Lit,
    Layered,
    Wireframe,
    Normals,
    Uv,
    Overdraw,
    Object,
    /// Into a shadow map.
    Shadow,
}

const PROGRAMS: [Program; 9] = [
    Program::Unlit,
    Program::Lit,
    Program::Layered,
    Program::Wireframe,
    Program::Normals,
    Program::Uv,
    Program::Overdraw,
    Program::Object,
    Program::Shadow,
];
const COVERAGES: [Coverage; 3] = [Coverage::Opaque, Coverage::Mask, Coverage::Blend];
const CLASSES: [Class; 4] = [Class::Points, Class::Lines, Class::Triangles, Class::Edges];
pub(crate) const MESH_PIPELINES: usize = PROGRAMS.len() * COVERAGES.len() * CLASSES.len() * 2;

/// What a mesh pipeline is chosen by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MeshKey {
    pub(crate) program: Program,
    pub(crate) coverage: Coverage,
    class: u8,
    multisampled: bool,
}

impl MeshKey {
    /// How a surface is drawn in a view mode. `edges` says whether the device draws wireframes.
    pub(crate) fn new(
        mode: ViewMode,
        shading: Shading,
        coverage: Coverage,
        topology: Topology,
        samples: u32,
        edges: bool,
    ) -> MeshKey {
        let program = match (mode, shading) {
            (ViewMode::Shaded, Shading::Unlit) => Program::Unlit,
            (ViewMode::Shaded, Shading::Lit) => Program::Lit,
            (ViewMode::Shaded, Shading::Layered) => Program::Layered,
            (ViewMode::Wireframe, _) => Program::Wireframe,
            (ViewMode::Normals, _) => Program::Normals,
            (ViewMode::Uv, _) => Program::Uv,
            (ViewMode::Overdraw, _) => Program::Overdraw,
            (ViewMode::Object, _) => Program::Object,
        };
        // Only shading tells coverages apart; the other modes show surfaces as solid.
        let coverage = if mode == ViewMode::Shaded { coverage } else { Coverage::Opaque };
        let class = match topology {
            Topology::Points => Class::Points,
            Topology::Lines | Topology::LineStrip => Class::Lines,
            _ if mode == ViewMode::Wireframe && edges => Class::Edges,
            _ => Class::Triangles,
        };
        MeshKey { program, coverage, class: class as u8, multisampled: samples > 1 }
    }

    /// How a surface is drawn into a shadow map.
    pub(crate) fn shadow(coverage: Coverage) -> MeshKey {
        MeshKey { program: Program::Shadow, coverage, class: Class::Triangles as u8, multisampled: false }
    }

    /// Pipelines that blend come after all others.
    pub(crate) fn index(self) -> usize {
        let index = self.coverage as usize * PROGRAMS.len() + self.program as usize;
        (index * CLASSES.len() + self.class as usize) * 2 + usize::from(self.multisampled)
    }

    /// The key that has an index.
    #[cfg(any(feature = "live-shaders", test))]
    pub(crate) fn at(index: usize) -> MeshKey {
        let (class, rest) = (index / 2 % CLASSES.len(), index / 2 / CLASSES.len());
        MeshKey {
            program: PROGRAMS[rest % PROGRAMS.len()],
            coverage: COVERAGES[rest / PROGRAMS.len()],
            class: class as u8,
            multisampled: index % 2 == 1,
        }
    }

    fn class(self) -> Class {
        CLASSES[usize::from(self.class)]
    }

    fn fragment(self) -> Option<&'static Entry> {
        Some(match (self.program, self.coverage) {
            (Program::Unlit, Coverage::Opaque) => &mesh::FS_UNLIT,
            (Program::Unlit, Coverage::Mask) => &mesh::FS_UNLIT_MASK,
            (Program::Unlit, Coverage::Blend) => &mesh::FS_UNLIT_BLEND,
            (Program::Lit, Coverage::Opaque) => &mesh::FS_LIT,
            (Program::Lit, Coverage::Mask) => &mesh::FS_LIT_MASK,
            (Program::Lit, Coverage::Blend) => &mesh::FS_LIT_BLEND,
            (Program::Layered, Coverage::Opaque) => &mesh::FS_LAYERED,
            (Program::Layered, Coverage::Mask) => &mesh::FS_LAYERED_MASK,
            (Program::Layered, Coverage::Blend) => &mesh::FS_LAYERED_BLEND,
            (Program::Wireframe, _) => &mesh::FS_WIREFRAME,
            (Program::Normals, _) => &mesh::FS_NORMALS,
            (Program::Uv, _) => &mesh::FS_UV,
            (Program::Overdraw, _) => &mesh::FS_OVERDRAW,
            (Program::Object, _) => &mesh::FS_OBJECT,
            (Program::Shadow, Coverage::Mask) => &mesh::FS_SHADOW_MASK,
            (Program::Shadow, _) => return None,
        })
    }
}

/// What is drawn over the whole target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plain {
    Gradient,
    Environment,
    Grid,
}

const PLAINS: [Plain; 3] = [Plain::Gradient, Plain::Environment, Plain::Grid];
pub(crate) const PLAIN_PIPELINES: usize = PLAINS.len() * 2;

/// Layouts and pipelines of the view passes.
pub(crate) struct Passes<'gpu> {
    device: &'gpu Device,
    pub(crate) view_set: SetLayout<'gpu>,
    pub(crate) material_set: SetLayout<'gpu>,
    pub(crate) surroundings_set: SetLayout<'gpu>,
    pub(crate) mesh_layout: PipelineLayout<'gpu>,
    pub(crate) grid_layout: PipelineLayout<'gpu>,
    pub(crate) background_layout: PipelineLayout<'gpu>,
    pub(crate) meshes: Pipelines<'gpu, MESH_PIPELINES>,
    pub(crate) plains: Pipelines<'gpu, PLAIN_PIPELINES>,
}

impl<'gpu> Passes<'gpu> {
    pub(crate) fn try_new(device: &'gpu Device) -> Result<Passes<'gpu>, RenderError> {
        let view_set = SetLayout::try_new(device, SetKind::View)?;
        let material_set = SetLayout::try_new(device, SetKind::Material)?;
        let surroundings_set = SetLayout::try_new(device, SetKind::Surroundings)?;
        let fragment = vk::ShaderStageFlags::FRAGMENT;
        let sets = [&view_set, &material_set, &surroundings_set];
        let mesh_layout = PipelineLayout::try_new(device, &sets, fragment, 0)?;
        let grid_layout = PipelineLayout::try_new(device, &[&view_set], fragment, 0)?;
        let background_layout = PipelineLayout::try_new(device, &sets, fragment, 32)?;
        Ok(Passes {
            device,
            view_set,
            material_set,
            surroundings_set,
            mesh_layout,
            grid_layout,
            background_layout,
            meshes: Pipelines::new(),
            plains: Pipelines::new(),
        })
    }

    pub(crate) fn mesh(&self, shaders: &Shaders, key: MeshKey) -> Result<&Pipeline<'gpu>, RenderError> {
        self.meshes.get_or_make(key.index(), || {
            let made = Pipeline::try_new(self.device, shaders, &self.mesh_desc(key))?;
            self.device.pipeline_needs().note_made(key.index());
            Ok(made)
        })
    }

    pub(crate) fn plain(&self, shaders: &Shaders, plain: Plain, samples: u32) -> Result<&Pipeline<'gpu>, RenderError> {
        self.plain_at(shaders, plain as usize * 2 + usize::from(samples > 1))
    }

    /// The pipeline at a place among the plain ones.
    pub(crate) fn plain_at(&self, shaders: &Shaders, index: usize) -> Result<&Pipeline<'gpu>, RenderError> {
        self.plains.get_or_make(index, || Pipeline::try_new(self.device, shaders, &self.plain_desc(index)))
    }

    pub(crate) fn mesh_desc(&self, key: MeshKey) -> PipelineDesc<'_, 'gpu> {
        let shadow = key.program == Program::Shadow;
        let overdraw = key.program == Program::Overdraw;
        let tints =
            self.device.physical().dual_source && (key.program, key.coverage) == (Program::Layered, Coverage::Blend);
        let (blend, depth) = match key.coverage {
            Coverage::Blend if tints => (Blend::Tinted, Depth::Test),
            _ if overdraw => (Blend::Additive, Depth::Ignored),
            Coverage::Blend => (Blend::Premultiplied, Depth::Test),
            Coverage::Opaque | Coverage::Mask => (Blend::Replace, Depth::TestAndWrite),
        };
        PipelineDesc {
            layout: &self.mesh_layout,
            vertex: &mesh::VS_MAIN,
            fragment: if tints { Some(&mesh::FS_LAYERED_TINT) } else { key.fragment() },
            input: VertexInput::Mesh,
            class: key.class(),
            blend,
            depth,
            alpha_coverage: key.coverage == Coverage::Mask && key.multisampled,
            format: (!shadow).then_some(COLOR_FORMAT),
            samples: if key.multisampled { 4 } else { 1 },
        }
    }

    pub(crate) fn plain_desc(&self, index: usize) -> PipelineDesc<'_, 'gpu> {
        let (layout, vertex, fragment, blend, depth) = match PLAINS[index / 2] {
            Plain::Gradient => {
                let (vertex, fragment) = (&background::VS_MAIN, &background::FS_MAIN);
                (&self.background_layout, vertex, fragment, Blend::Replace, Depth::Ignored)
            }
            Plain::Environment => {
                let (vertex, fragment) = (&background::VS_MAIN, &background::FS_ENVIRONMENT);
                (&self.background_layout, vertex, fragment, Blend::Replace, Depth::Ignored)
            }
            Plain::Grid => (&self.grid_layout, &grid::VS_MAIN, &grid::FS_MAIN, Blend::Premultiplied, Depth::Test),
        };
        PipelineDesc {
            layout,
            vertex,
            fragment: Some(fragment),
            input: VertexInput::None,
            class: Class::Triangles,
            blend,
            depth,
            alpha_coverage: false,
            format: Some(COLOR_FORMAT),
            samples: if index.is_multiple_of(2) { 1 } else { 4 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_places_of_their_own_and_what_blends_comes_last() {
        let mut seen = [false; MESH_PIPELINES];
        for coverage in COVERAGES {
            for shading in [Shading::Unlit, Shading::Lit, Shading::Layered] {
                for topology in [Topology::Points, Topology::Lines, Topology::Triangles] {
                    for samples in [1, 4] {
                        let key = MeshKey::new(ViewMode::Shaded, shading, coverage, topology, samples, true);
                        assert!(!std::mem::replace(&mut seen[key.index()], true), "{key:?}");
                        let last = key.index() >= MESH_PIPELINES * 2 / 3;
                        assert_eq!(last, coverage == Coverage::Blend, "{key:?}");
                        assert_eq!(MeshKey::at(key.index()), key);
                    }
                }
            }
        }
    }
}
