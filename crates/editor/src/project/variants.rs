//! Variants: which of its files' materials a project wears (KHR_materials_variants). A way of looking at it, like the camera:
//! no step of the history, and not saved.

use super::{Project, ProjectFile};
use crate::error::EditorError;
use voltrum::assets::materials::{self, MaterialState};
use voltrum::memory::{ArenaVec, Tag};
use voltrum::scene::{self, MeshPart};

impl ProjectFile<'_> {
    /// The variant that it wears, by position among its scene's variants; `None` for its own materials.
    pub fn variant(&self) -> Option<u32> {
        self.worn
    }
}

impl<'scene> Project<'scene> {
    /// Dresses a file, by position in [`Project::files`], in one of its variants, or in its own materials again.
    ///
    /// # Errors
    /// When the scene arena has no room.
    pub fn wear(
        &mut self,
        materials: &MaterialState<'_>,
        file: usize,
        variant: Option<u32>,
    ) -> Result<(), EditorError> {
        let Some(file) = self.files.get_mut(file) else { return Ok(()) };
        let Some(staged) = file.scene.filter(|staged| variant.is_none_or(|at| (at as usize) < staged.variants.len()))
        else {
            return Ok(());
        };
        if file.worn == variant {
            return Ok(());
        }
        let (primitives, meshes) = (staged.primitives.len(), staged.meshes);
        if file.wardrobe.is_empty() {
            let memory = self.memory.with_tag(Tag::MATERIAL);
            let mut wardrobe = ArenaVec::try_with_capacity_in(primitives * (staged.variants.len() + 1), memory)?;
            wardrobe.try_resize(primitives, MeshPart::default())?;
            let shapes = scene::shapes(self.scene).get(file.first_mesh.index() as usize..).unwrap_or_default();
            for (mesh, shape) in meshes.iter().zip(shapes) {
                if let Some(own) = wardrobe.get_mut(mesh.primitives()) {
                    own.copy_from_slice(shape.parts);
                }
            }
            for (variant, at) in
                (0..staged.variants.len() as u32).flat_map(|variant| (0..primitives).map(move |at| (variant, at)))
            {
                let own = wardrobe[at];
                let worn = staged.material_in(at as u32, variant).and_then(|at| file.assets.materials.get(at as usize));
                let material = worn.map_or(own.material, |worn| materials::get(materials, *worn));
                wardrobe.try_push(MeshPart { material, ..own })?;
            }
            file.wardrobe = wardrobe.into_slice();
        }
        let row = variant.map_or(0, |variant| variant as usize + 1);
        let row = file.wardrobe.get(row * primitives..(row + 1) * primitives).unwrap_or_default();
        let parts = meshes.iter().map(|mesh| row.get(mesh.primitives()).unwrap_or_default());
        scene::set_parts(self.scene, file.first_mesh, parts);
        self.drawing.forget(file.first_mesh, meshes.len() as u32);
        file.worn = variant;
        Ok(())
    }

    /// All variants: the place of their file among the project's, their number in it, and their name.
    pub fn variants(&self) -> impl Iterator<Item = (usize, u32, &'scene str)> {
        let files = self.files.iter().enumerate().filter_map(|(at, file)| Some((at, file.scene?.variants)));
        files.flat_map(|(at, names)| (0..).zip(names).map(move |(number, name)| (at, number, *name)))
    }

    /// The file and the number in it of the variant of that name, or else of the one of that number among those of all files.
    pub fn find_variant(&self, wanted: &str) -> Option<(usize, u32)> {
        let named = self.variants().find(|(_, _, name)| *name == wanted);
        let numbered = || wanted.parse().ok().and_then(|number| self.variants().nth(number));
        named.or_else(numbered).map(|(file, number, _)| (file, number))
    }
}
