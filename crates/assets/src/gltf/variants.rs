//! KHR_materials_variants: the names of a file's variants, and what each primitive wears in which.

use ::gltf::json;
use json::Value;
use voltrum_memory::{ArenaVec, Tag};

use super::store::Store;
use crate::AssetError;
use crate::fault::Place;
use crate::staged::StagedVariant;

const VARIANTS: &str = "KHR_materials_variants";

/// The names as the document has them.
pub(crate) fn names_max(root: &json::Root) -> &[Value] {
    let object = root.extensions.as_ref().and_then(|extensions| extensions.others.get(VARIANTS));
    object.and_then(|object| object.get("variants")).and_then(Value::as_array).map_or(&[], |names| names)
}

/// How many rows the table of variants can have.
pub(crate) fn variants_max(root: &json::Root) -> usize {
    let primitives = root.meshes.iter().flat_map(|mesh| &mesh.primitives);
    let rows = |mapping: &Value| mapping.get("variants").and_then(Value::as_array).map_or(0, |list| list.len());
    primitives.flat_map(mappings).fold(0, |sum: usize, mapping| sum.saturating_add(rows(mapping)))
}

fn mappings(primitive: &json::mesh::Primitive) -> &[Value] {
    let object = primitive.extensions.as_ref().and_then(|extensions| extensions.others.get(VARIANTS));
    object.and_then(|object| object.get("mappings")).and_then(Value::as_array).map_or(&[], |mappings| mappings)
}

/// Keeps the names.
pub(crate) fn names<'s>(root: &json::Root, store: &mut Store<'s>) -> Result<&'s [&'s str], AssetError> {
    let values = names_max(root);
    let names = store.tagged(Tag::MATERIAL).try_alloc_slice_fill_with(values.len(), |_| "")?;
    for (slot, value) in names.iter_mut().zip(values) {
        *slot = store.name(Tag::MATERIAL, value.get("name").and_then(Value::as_str))?;
    }
    Ok(names)
}

/// The rows of all primitives that were staged, in their order.
pub(crate) struct Variants<'s>(ArenaVec<'s, StagedVariant>);

impl<'s> Variants<'s> {
    pub(crate) fn try_new(root: &json::Root, store: &Store<'s>) -> Result<Self, AssetError> {
        Ok(Self(ArenaVec::try_with_capacity_in(variants_max(root), store.tagged(Tag::MATERIAL))?))
    }

    /// Keeps what the staged primitive `position` wears; rows that point nowhere are left out with a note.
    pub(crate) fn add(
        &mut self,
        root: &json::Root,
        primitive: &json::mesh::Primitive,
        position: u32,
        place: Place,
        store: &mut Store<'s>,
    ) -> Result<(), AssetError> {
        let count = names_max(root).len();
        for mapping in mappings(primitive) {
            let material =
                mapping.get("material").and_then(Value::as_u64).filter(|at| *at < root.materials.len() as u64);
            let variants = mapping.get("variants").and_then(Value::as_array).map_or(&[][..], |variants| variants);
            for variant in variants {
                match (material, variant.as_u64().filter(|at| *at < count as u64)) {
                    (Some(material), Some(variant)) => {
                        self.0.try_push(StagedVariant {
                            primitive: position,
                            variant: variant as u32,
                            material: material as u32,
                        })?;
                    }
                    _ => store.note(format_args!(
                        "{place} names a variant or a material for it that is not there: it was left out"
                    ))?,
                }
            }
        }
        Ok(())
    }

    pub(crate) fn into_slice(self) -> &'s [StagedVariant] {
        self.0.into_slice()
    }
}
