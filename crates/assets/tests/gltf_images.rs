//! Images that are decoded beside each other: all arrive, the first broken one is named, a load can be stopped meanwhile.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod model;

use std::cell::Cell;
use std::path::{Path, PathBuf};

use model::{Model, fail, load, png};
use serde_json::json;
use voltrum_assets::image::{ImageInfo, ImageKind};
use voltrum_assets::{
    AssetError, Fault, HostUpload, HostUploads, ImageKey, KnownImage, Loading, Pixels, Progress, UploadMemory, gltf,
};
use voltrum_memory::{Arena, Tag};
use voltrum_render::{ImageFormat, RenderError};

const SIDE: u32 = 512;

/// A model with `count` pictures of a megabyte of pixels each, in files beside it; picture n is of the colour n.
fn gallery(folder: &tempfile::TempDir, count: u8) -> PathBuf {
    let mut model = Model::triangle();
    let (mut images, mut textures, mut materials) = (Vec::new(), Vec::new(), Vec::new());
    for at in 0..count {
        let pixels = [at, at, at, 255].repeat((SIDE * SIDE) as usize);
        std::fs::write(folder.path().join(format!("{at}.png")), png([SIDE; 2], &pixels)).unwrap();
        images.push(json!({ "uri": format!("{at}.png") }));
        textures.push(json!({ "source": at }));
        materials.push(json!({ "pbrMetallicRoughness": { "baseColorTexture": { "index": at } } }));
    }
    (model.json["images"], model.json["textures"], model.json["materials"]) =
        (json!(images), json!(textures), json!(materials));
    model.write_gltf(folder.path())
}

#[test]
fn many_large_images_arrive_in_their_order() {
    let folder = tempfile::tempdir().unwrap();
    load(&gallery(&folder, 20), |loaded| {
        let loaded = loaded.unwrap();
        assert_eq!(loaded.scene.images.len(), 20);
        for (at, image) in (0_u8..).zip(loaded.scene.images) {
            let pixels = loaded.uploads.bytes(image.upload().unwrap());
            let texels = (0..image.levels).map(|level| (SIDE >> level).pow(2) as usize);
            assert_eq!((image.name, image.levels), (format!("{at}.png").as_str(), SIDE.ilog2() + 1));
            assert_eq!(pixels.len(), texels.sum::<usize>() * 4);
            assert!(pixels.chunks_exact(4).all(|pixel| pixel == [at, at, at, 255]));
        }
        assert_eq!((loaded.progress.done_files(), loaded.progress.total_files()), (21, 21));
        assert_eq!(loaded.progress.done_bytes(), loaded.progress.total_bytes());
    });
}

#[test]
fn of_several_broken_images_the_first_is_named_whoever_was_faster() {
    let folder = tempfile::tempdir().unwrap();
    let path = gallery(&folder, 12);
    for broken in [4, 5, 11] {
        let file = folder.path().join(format!("{broken}.png"));
        let bytes = std::fs::read(&file).unwrap();
        std::fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    }
    for _ in 0..5 {
        let error = fail(&path);
        assert!(matches!(error.fault(), Some(Fault::Image { .. })), "{error}");
        assert!(error.to_string().contains("image 4 (\"4.png\")"), "{error}");
    }
}

/// Upload memory that asks the load to stop once it was asked for room for images.
struct Stopping<'c, 'a> {
    uploads: HostUploads<'a>,
    progress: &'c Progress,
    images: usize,
}

impl UploadMemory for Stopping<'_, '_> {
    type Image = HostUpload;
    type Buffer = HostUpload;

    fn try_images<'u>(
        &'u mut self,
        wanted: &[([u32; 2], ImageFormat, u32)],
        take: &mut dyn FnMut(HostUpload, &'u mut [u8]),
    ) -> Result<(), AssetError> {
        self.images += wanted.len();
        self.progress.cancel();
        self.uploads.try_images(wanted, take)
    }

    fn try_buffer(&mut self, bytes: usize) -> Result<(HostUpload, &mut [u8]), AssetError> {
        self.uploads.try_buffer(bytes)
    }
}

#[test]
fn a_picture_of_one_line_loads_however_long_it_is() {
    let folder = tempfile::tempdir().unwrap();
    for size in [[10_000, 1], [1, 10_000], [16_384, 2]] {
        let mut model = Model::triangle();
        let pixels: Vec<u8> = (0..size[0] * size[1]).flat_map(|at| [at as u8, (at >> 8) as u8, 7, 255]).collect();
        let view = model.view(&png(size, &pixels));
        model.json["images"][0]["bufferView"] = json!(view);
        load(&model.write_glb(folder.path()), |loaded| {
            let loaded = loaded.unwrap();
            assert_eq!(loaded.scene.images[0].size, size);
            assert!(loaded.uploads.bytes(loaded.scene.images[0].upload().unwrap()).starts_with(&pixels));
        });
    }
}

/// Upload memory of a device that has no room for images like these.
struct Lacking<'a>(HostUploads<'a>, fn() -> RenderError);

impl UploadMemory for Lacking<'_> {
    type Image = HostUpload;
    type Buffer = HostUpload;

    fn try_images<'u>(
        &'u mut self,
        _wanted: &[([u32; 2], ImageFormat, u32)],
        _take: &mut dyn FnMut(HostUpload, &'u mut [u8]),
    ) -> Result<(), AssetError> {
        Err((self.1)().into())
    }

    fn try_buffer(&mut self, bytes: usize) -> Result<(HostUpload, &mut [u8]), AssetError> {
        self.0.try_buffer(bytes)
    }
}

#[test]
fn what_a_device_lacks_is_told_of_the_image_that_needs_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = Model::triangle().write_glb(folder.path());
    let format = || RenderError::FormatUnsupported { format: ImageFormat::Rgba8Srgb };
    let size = || RenderError::ImageTooLarge { width: 2, height: 2, limit: 1 };
    let lacks = [format as fn() -> RenderError, size];
    let words = ["can't show its format Rgba8Srgb", "is 2 x 2 pixels, the limit is 1 per side"];
    for (error, words) in lacks.into_iter().zip(words) {
        let (mut scene, mut staging) =
            (Arena::try_reserve("scene", 16 << 20).unwrap(), Arena::try_reserve("staging", 16 << 20).unwrap());
        let (scene, staging) = (scene.open(), staging.open());
        let mut uploads = Lacking(HostUploads::new_in(staging.tagged(Tag::STAGING), 1 << 20), error);
        let progress = Progress::new();
        let error = gltf::load(&path, &scene, &mut Loading::new(&mut uploads, &progress)).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("model.glb: image 0 (\"red\")") && text.contains(words), "{text}");
    }
}

#[test]
fn a_load_stops_while_images_are_decoded() {
    let folder = tempfile::tempdir().unwrap();
    let path = gallery(&folder, 80);
    let progress = Progress::new();
    let (mut scene, mut staging) =
        (Arena::try_reserve("scene", 16 << 20).unwrap(), Arena::try_reserve("staging", 256 << 20).unwrap());
    let (scene, staging) = (scene.open(), staging.open());
    let uploads = HostUploads::new_in(staging.tagged(Tag::STAGING), 128 << 20);
    let mut uploads = Stopping { uploads, progress: &progress, images: 0 };
    let error = gltf::load(&path, &scene, &mut Loading::new(&mut uploads, &progress)).unwrap_err();
    assert!(matches!(error, AssetError::Cancelled), "{error}");
    assert!(uploads.images < 80, "{} images were uploaded after all", uploads.images);
}

#[test]
fn an_image_that_is_known_is_neither_read_nor_given_room_and_keeps_its_notes() {
    let folder = tempfile::tempdir().unwrap();
    let path = gallery(&folder, 4);
    let mut arenas = ["scene", "staging"].map(|name| Arena::try_reserve(name, 128 << 20).unwrap());
    let [scene, staging] = &mut arenas;
    let (scene, staging) = (scene.open(), staging.open());
    let mut uploads = HostUploads::new_in(staging.tagged(Tag::STAGING), 64 << 20);
    let progress = Progress::new();
    let first = gltf::load(&path, &scene, &mut Loading::new(&mut uploads, &progress)).unwrap();
    let keys: Vec<_> = first.images.iter().map(|image| image.key.unwrap()).collect();
    let real = folder.path().canonicalize().unwrap();
    assert!((0..4).all(|at| keys[at].file == real.join(format!("{at}.png")) && keys[at].part.is_none()));
    assert!(keys.iter().enumerate().all(|(at, key)| keys.iter().skip(at + 1).all(|other| key != other)));

    // the second and the fourth are known; the second isn't what it says
    let asked = Cell::new(0);
    let known = |key: &ImageKey<&Path>| {
        asked.set(asked.get() + 1);
        let number = keys.iter().position(|one| one == key).filter(|at| at % 2 == 1)?;
        let info = ImageInfo { kind: ImageKind::Jpeg, ..first.images[number].info() };
        Some(KnownImage { number: number as u32 + 70, info })
    };
    let (before, progress) = (uploads.used_bytes(), Progress::new());
    let mut loading = Loading { known: Some(&known), ..Loading::new(&mut uploads, &progress) };
    let second = gltf::load(&path, &scene, &mut loading).unwrap();
    let numbers: Vec<_> = second.images.iter().filter(|image| image.upload().is_none()).map(|i| i.pixels).collect();
    assert_eq!((asked.get(), numbers), (4, vec![Pixels::Shared(71), Pixels::Shared(73)]));
    assert!(second.images.iter().zip(first.images).all(|(two, one)| (two.name, two.size) == (one.name, one.size)));
    assert_eq!(second.counts, first.counts);
    assert_eq!((progress.done_files(), progress.total_files()), (3, 3), "the document and two pictures");
    assert_eq!(progress.done_bytes(), progress.total_bytes());
    assert!(second.notes.iter().any(|note| note.contains("image 1 says it is Png but is Jpeg")), "{:?}", second.notes);
    let (room, texels) = (uploads.used_bytes() - before, uploads.bytes(second.images[2].upload().unwrap()));
    let pictures = 2 * texels.len();
    assert!((pictures..pictures + 4096).contains(&room) && texels.starts_with(&[2, 2, 2, 255]), "{room}");

    // one that has changed is another one
    std::fs::write(folder.path().join("1.png"), png([4; 2], &[9, 9, 9, 255].repeat(16))).unwrap();
    let mut loading = Loading { known: Some(&known), ..Loading::new(&mut uploads, &progress) };
    let third = gltf::load(&path, &scene, &mut loading).unwrap();
    assert_eq!(third.images.iter().filter(|image| image.upload().is_none()).count(), 1);
    let key = third.images[1].key.unwrap();
    assert!(key.is_in_place_of(&keys[1]) && key != keys[1]);
}

#[test]
fn a_picture_that_a_file_names_in_several_ways_is_one() {
    let folder = tempfile::tempdir().unwrap();
    gallery(&folder, 2);
    let link = folder.path().join("link.png");
    #[cfg(unix)]
    std::os::unix::fs::symlink(folder.path().join("0.png"), &link).unwrap();
    #[cfg(not(unix))]
    std::fs::copy(folder.path().join("1.png"), &link).unwrap();
    std::fs::create_dir(folder.path().join("more")).unwrap();
    let mut model = Model::triangle();
    let names = ["0.png", "1.png", "./0.png", "%30.png", "more/../0.png", "link.png", "0.png"];
    model.json["images"] = names.map(|uri| json!({ "uri": uri })).into_iter().collect();
    model.json["textures"] = (0..names.len()).map(|at| json!({ "source": at })).collect();
    let material = |at| json!({ "pbrMetallicRoughness": { "baseColorTexture": { "index": at } } });
    model.json["materials"] = (0..names.len()).map(material).collect();
    // as data it is another one
    model.json["materials"][0]["normalTexture"] = json!({ "index": 2 });
    load(&model.write_gltf(folder.path()), |loaded| {
        let loaded = loaded.unwrap();
        let scene = loaded.scene;
        let images: Vec<_> = scene.images.iter().map(|image| (image.name, image.format)).collect();
        let (color, data) = (ImageFormat::Rgba8Srgb, ImageFormat::Rgba8Unorm);
        assert_eq!(images, [("0.png", color), ("./0.png", data), ("1.png", color)]);
        let shown = scene.materials.iter().map(|material| {
            let slot = material.surface.base_color_texture.unwrap();
            scene.textures[slot.texture as usize].image
        });
        let linked = if cfg!(unix) { 0 } else { 2 };
        assert_eq!(shown.collect::<Vec<_>>(), [0, 2, 0, 0, 0, linked, 0]);
        assert_eq!((loaded.progress.done_files(), loaded.progress.total_files()), (4, 4));
        assert_eq!(loaded.progress.done_bytes(), loaded.progress.total_bytes());
    });
}

#[test]
fn images_within_a_file_are_told_apart_by_where_they_lie_and_what_they_mean() {
    let folder = tempfile::tempdir().unwrap();
    let path = Model::triangle().write_glb(folder.path());
    let link = folder.path().join("other.glb");
    #[cfg(unix)]
    std::os::unix::fs::symlink(&path, &link).unwrap();
    #[cfg(not(unix))]
    std::fs::copy(&path, &link).unwrap();
    let keys = [&path, &link].map(|path| {
        load(path, |loaded| {
            let key = loaded.unwrap().scene.images[0].key.unwrap();
            assert!(key.is_color && key.part.is_some());
            key.with_file(key.file.to_path_buf())
        })
    });
    assert_eq!(keys[0] == keys[1], cfg!(unix));
    let ImageKey { part, is_color, .. } = keys[0];
    let others = [ImageKey { part: None, ..keys[0].clone() }, ImageKey { is_color: !is_color, ..keys[0].clone() }];
    assert!(part.is_some() && others.iter().all(|other| !other.is_in_place_of(&keys[0])));
    let mut model = Model::triangle();
    let picture = png([2; 2], &[255; 16]);
    model.json["images"] = json!([{ "uri": format!("data:image/png;base64,{}", model::base64(&picture)) }]);
    load(&model.write_gltf(folder.path()), |loaded| assert_eq!(loaded.unwrap().scene.images[0].key, None));
}
