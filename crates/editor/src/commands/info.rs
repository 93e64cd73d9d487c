//! `voltrum info`: what is in a file. Needs no GPU and no window.

use super::{project_info, to_stdout};
use crate::cli::InfoArgs;
use crate::error::EditorError;
use crate::no_uploads::NoUploads;
use crate::progress_bar::with_progress;
use crate::project::is_project;
use serde::Serialize;
use std::fmt;
use std::io::{self, Write};
use voltrum::assets::{Bounds, Lens, Loading, Progress, SceneChoice, StagedScene, gltf};
use voltrum::memory::{Arena, Bytes, Tag, heap_scope};

/// Address space for what the file describes.
const SCENE_BYTES: usize = 4 << 30;

/// Says what is in a file.
///
/// # Errors
/// When the file is missing or bad, or standard output refuses.
pub fn run(args: &InfoArgs) -> Result<(), EditorError> {
    if is_project(&args.file) {
        return project_info::run(args);
    }
    let mut scene = Arena::try_reserve("scene", SCENE_BYTES)?;
    let mut scratch = NoUploads::memory()?;
    let scene = scene.open();
    let mut uploads = NoUploads::new(&mut scratch);
    let progress = Progress::new();
    let mut loading = Loading::new(&mut uploads, &progress);
    loading.limits.picking_bytes_max = 0;
    loading.scene = args.scene.as_deref().map_or(SceneChoice::Usual, SceneChoice::Named);
    let staged = with_progress(&progress, false, || gltf::load(&args.file, &scene, &mut loading))?;
    let _foreign = heap_scope(Tag::FOREIGN);
    let file = args.file.display().to_string();
    let info = Info::of(&file, &staged);
    to_stdout(|out| print(&info, args.json, out))
}

/// Writes what is known as JSON, or as text for people.
pub(super) fn print(info: &(impl Serialize + fmt::Display), as_json: bool, out: &mut dyn Write) -> io::Result<()> {
    if as_json {
        serde_json::to_writer_pretty(&mut *out, info)?;
        writeln!(out)
    } else {
        write!(out, "{info}")
    }
}

/// What is in a file, as the JSON has it.
#[derive(Debug, Serialize)]
struct Info<'s> {
    schema: u32,
    file: &'s str,
    name: &'s str,
    scenes: &'s [&'s str],
    generator: &'s str,
    entities: usize,
    nodes: usize,
    meshes: usize,
    primitives: usize,
    triangles: u64,
    vertices: u64,
    geometry_bytes: u64,
    materials: Vec<MaterialInfo<'s>>,
    textures: usize,
    images: Vec<ImageInfo<'s>>,
    image_bytes: u64,
    cameras: Vec<CameraInfo<'s>>,
    animations: u32,
    skins: u32,
    bounds: Option<BoundsInfo>,
    notes: &'s [&'s str],
}

#[derive(Debug, Serialize)]
struct MaterialInfo<'s> {
    name: &'s str,
    base_color: [f32; 4],
    texture: Option<u32>,
    metallic: f32,
    roughness: f32,
    double_sided: bool,
}

#[derive(Debug, Serialize)]
struct ImageInfo<'s> {
    name: &'s str,
    width: u32,
    height: u32,
    format: String,
}

#[derive(Debug, Serialize)]
struct CameraInfo<'s> {
    name: &'s str,
    kind: &'static str,
    fov_y_degrees: Option<f32>,
    height: Option<f32>,
}

#[derive(Debug, Serialize)]
pub(super) struct BoundsInfo {
    pub(super) min: [f32; 3],
    pub(super) max: [f32; 3],
}

impl<'s> Info<'s> {
    fn of<I, B>(file: &'s str, staged: &StagedScene<'s, I, B>) -> Info<'s> {
        Info {
            schema: 1,
            file,
            name: staged.name,
            scenes: staged.scenes,
            generator: staged.generator,
            entities: staged.nodes.len(),
            nodes: staged.nodes.len(),
            meshes: staged.meshes.len(),
            primitives: staged.primitives.len(),
            triangles: staged.counts.triangles,
            vertices: staged.counts.vertices,
            geometry_bytes: staged.counts.geometry_bytes,
            materials: staged
                .materials
                .iter()
                .map(|material| MaterialInfo {
                    name: material.name,
                    base_color: material.surface.base_color,
                    texture: material.surface.base_color_texture.map(|slot| slot.texture),
                    metallic: material.surface.metallic,
                    roughness: material.surface.roughness,
                    double_sided: material.surface.double_sided,
                })
                .collect(),
            textures: staged.textures.len(),
            images: staged
                .images
                .iter()
                .map(|image| ImageInfo {
                    name: image.name,
                    width: image.size[0],
                    height: image.size[1],
                    format: format!("{:?}", image.format),
                })
                .collect(),
            image_bytes: staged.counts.image_bytes,
            cameras: staged.cameras.iter().map(|camera| camera_info(camera.name, &camera.lens)).collect(),
            animations: staged.counts.animations,
            skins: staged.counts.skins,
            bounds: bounds_info(&staged.bounds),
            notes: staged.notes,
        }
    }
}

fn camera_info<'s>(name: &'s str, lens: &Lens) -> CameraInfo<'s> {
    match lens {
        Lens::Perspective { fov_y, .. } => {
            CameraInfo { name, kind: "perspective", fov_y_degrees: Some(fov_y.to_degrees()), height: None }
        }
        Lens::Orthographic { half_height, .. } => {
            CameraInfo { name, kind: "orthographic", fov_y_degrees: None, height: Some(half_height * 2.0) }
        }
    }
}

pub(super) fn bounds_info(bounds: &Bounds) -> Option<BoundsInfo> {
    (!bounds.is_empty()).then(|| BoundsInfo { min: bounds.min.to_array(), max: bounds.max.to_array() })
}

/// A name, or a dash.
struct Shown<'s>(&'s str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { out.write_str("-") } else { out.write_str(self.0) }
    }
}

impl fmt::Display for Info<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = |bytes: u64| Bytes(usize::try_from(bytes).unwrap_or(usize::MAX));
        writeln!(out, "{}", self.file)?;
        writeln!(out, "  scene       {}", Shown(self.name))?;
        if self.scenes.len() > 1 {
            write!(out, "  scenes      {}:", self.scenes.len())?;
            self.scenes.iter().enumerate().try_for_each(|(at, name)| write!(out, " {at} {}", Shown(name)))?;
            writeln!(out)?;
        }
        writeln!(out, "  made by     {}", Shown(self.generator))?;
        writeln!(out, "  nodes       {}", self.nodes)?;
        writeln!(out, "  meshes      {} of {} primitives", self.meshes, self.primitives)?;
        let (triangles, vertices) = (self.triangles, self.vertices);
        writeln!(out, "  geometry    {triangles} triangles, {vertices} vertices, {}", bytes(self.geometry_bytes))?;
        match &self.bounds {
            Some(BoundsInfo { min, max }) => {
                let size: [f32; 3] = std::array::from_fn(|axis| max[axis] - min[axis]);
                writeln!(out, "  bounds      {} to {}, {} in size", Triple(*min), Triple(*max), Triple(size))?;
            }
            None => writeln!(out, "  bounds      none: nothing is drawn")?,
        }
        writeln!(out, "  animations  {}, skins {}", self.animations, self.skins)?;
        writeln!(out, "  materials   {}", self.materials.len())?;
        for (index, material) in self.materials.iter().enumerate() {
            let [red, green, blue, alpha] = material.base_color;
            write!(out, "    {index:<3} {}: colour {red:.2} {green:.2} {blue:.2} {alpha:.2}", Shown(material.name))?;
            write!(out, ", metallic {:.2}, roughness {:.2}", material.metallic, material.roughness)?;
            if let Some(texture) = material.texture {
                write!(out, ", texture {texture}")?;
            }
            writeln!(out, "{}", if material.double_sided { ", double sided" } else { "" })?;
        }
        writeln!(
            out,
            "  images      {} in {} textures, {}",
            self.images.len(),
            self.textures,
            bytes(self.image_bytes)
        )?;
        for (index, image) in self.images.iter().enumerate() {
            let ImageInfo { name, width, height, format } = image;
            writeln!(out, "    {index:<3} {}: {width} x {height}, {format}", Shown(name))?;
        }
        writeln!(out, "  cameras     {}", self.cameras.len())?;
        for (index, camera) in self.cameras.iter().enumerate() {
            write!(out, "    {index:<3} {}: {}", Shown(camera.name), camera.kind)?;
            match (camera.fov_y_degrees, camera.height) {
                (Some(degrees), _) => writeln!(out, ", {degrees:.1} degrees high")?,
                (None, Some(height)) => writeln!(out, ", {height} high")?,
                (None, None) => writeln!(out)?,
            }
        }
        for note in self.notes {
            writeln!(out, "  note: {note}")?;
        }
        Ok(())
    }
}

/// Three numbers in a row.
pub(super) struct Triple(pub(super) [f32; 3]);

impl fmt::Display for Triple {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [x, y, z] = self.0;
        write!(out, "({x:.3}, {y:.3}, {z:.3})")
    }
}
