//! The resource cache: loaded once, counted, released, and never outside of its root.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may fail loudly")]

use std::fs;
use std::path::Path;

use voltrum_assets::image::{ImageInfo, ImageKind};
use voltrum_assets::resources::{self, Loader, ResourceConfig, ResourceInfo, ResourceKind, ResourceState};
use voltrum_assets::{AssetError, ErrorKind, Fault};
use voltrum_memory::{Arena, Tag};
use voltrum_render::ImageFormat;

/// Starts a cache on a folder with a few files.
fn with_cache(config: ResourceConfig<'_>, play: impl FnOnce(&mut ResourceState<'_>, &Path)) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("assets");
    fs::create_dir_all(root.join("notes")).unwrap();
    fs::write(folder.path().join("secret.txt"), "secret").unwrap();
    fs::write(root.join("notes/hello.txt"), "hello\nworld").unwrap();
    fs::write(root.join("broken.txt"), b"ab\xff").unwrap();
    fs::write(root.join("data.bin"), vec![7; 100_000]).unwrap();
    fs::write(root.join("box.gltf"), "{\"asset\": {\"version\": \"2.0\"}, \"nodes\": [{}, {}]}").unwrap();
    fs::write(root.join("empty.gltf"), "").unwrap();
    fs::write(root.join("dot.png"), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x05\0\0\0\x03").unwrap();
    let mut arena = Arena::try_reserve("permanent", 256 << 20).unwrap();
    let scope = arena.open();
    let config = ResourceConfig { root: &root, ..config };
    let mut cache = resources::startup_isolated(scope.tagged(Tag::APPLICATION), &config).unwrap();
    play(&mut cache, &root);
}

#[test]
fn a_resource_is_loaded_once_and_counted() {
    with_cache(ResourceConfig::default(), |cache, root| {
        let first = resources::acquire(cache, "notes/hello.txt", ResourceKind::TEXT).unwrap();
        assert_eq!(resources::text(cache, first), Some("hello\nworld"));
        assert_eq!(resources::info(cache, first), Some(ResourceInfo::Text { lines: 2 }));
        fs::remove_file(root.join("notes/hello.txt")).unwrap();
        let second = resources::acquire(cache, "notes/hello.txt", ResourceKind::TEXT).unwrap();
        assert_eq!((first, resources::references(cache, first), resources::count(cache)), (second, 2, 1));
        resources::release(cache, first).unwrap();
        assert_eq!(resources::bytes(cache, second), Some(&b"hello\nworld"[..]));
        resources::release(cache, second).unwrap();
        assert_eq!((resources::bytes(cache, second), resources::count(cache)), (None, 0));
        assert!(matches!(resources::release(cache, second), Err(AssetError::Stale { .. })));
    });
}

#[test]
fn every_kind_has_its_loader() {
    with_cache(ResourceConfig::default(), |cache, _| {
        let data = resources::acquire(cache, "data.bin", ResourceKind::BINARY).unwrap();
        assert_eq!(resources::bytes(cache, data).unwrap(), vec![7; 100_000]);
        assert_eq!(resources::text(cache, data), None);
        let image = resources::acquire(cache, "dot.png", ResourceKind::IMAGE).unwrap();
        let dot = ImageInfo { kind: ImageKind::Png, size: [5, 3], format: ImageFormat::Rgba8Srgb, levels: 1 };
        assert_eq!(resources::info(cache, image), Some(ResourceInfo::Image(dot)));
        let document = resources::acquire(cache, "box.gltf", ResourceKind::GLTF).unwrap();
        assert!(matches!(resources::info(cache, document), Some(ResourceInfo::Gltf { nodes: 2, meshes: 0, .. })));
        let error = resources::acquire(cache, "box.gltf", ResourceKind::TEXT).unwrap_err();
        assert!(matches!(error, AssetError::Kind { .. }));
    });
}

#[test]
fn what_a_loader_refuses_is_not_kept() {
    with_cache(ResourceConfig::default(), |cache, _| {
        let error = resources::acquire(cache, "broken.txt", ResourceKind::TEXT).unwrap_err();
        assert!(matches!(error.fault(), Some(Fault::Text { at: 2 })), "{error}");
        assert!(error.to_string().contains("broken.txt"), "{error}");
        let error = resources::acquire(cache, "empty.gltf", ResourceKind::GLTF).unwrap_err();
        assert!(matches!(error.fault(), Some(Fault::Empty)));
        assert!(resources::acquire(cache, "data.bin", ResourceKind::IMAGE).is_err());
        assert_eq!((resources::count(cache), resources::cached_bytes(cache)), (0, 0));
    });
}

#[test]
fn names_cannot_leave_the_root() {
    with_cache(ResourceConfig::default(), |cache, root| {
        for name in ["../secret.txt", "notes/../../secret.txt", "/etc/passwd", "", "notes\\..\\..\\secret.txt", "c:x"] {
            let error = resources::acquire(cache, name, ResourceKind::TEXT).unwrap_err();
            assert!(matches!(error, AssetError::Name { .. }), "{name}: {error}");
            assert_eq!(error.kind(), ErrorKind::Usage);
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(root.join("../secret.txt"), root.join("link.txt")).unwrap();
            let error = resources::acquire(cache, "link.txt", ResourceKind::TEXT).unwrap_err();
            assert!(matches!(error, AssetError::Name { .. }), "{error}");
        }
    });
}

#[test]
fn missing_files_and_folders_are_io_errors() {
    with_cache(ResourceConfig::default(), |cache, _| {
        for name in ["gone.txt", "notes"] {
            let error = resources::acquire(cache, name, ResourceKind::TEXT).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Io, "{error}");
        }
    });
    let mut arena = Arena::try_reserve("permanent", 256 << 20).unwrap();
    let scope = arena.open();
    let config = ResourceConfig { root: Path::new("no/such/folder"), ..ResourceConfig::default() };
    let mut cache = resources::startup_isolated(scope.tagged(Tag::APPLICATION), &config).unwrap();
    let error = resources::acquire(&mut cache, "a.txt", ResourceKind::TEXT).unwrap_err();
    assert_eq!(error.to_string(), "no/such/folder/a.txt: no such file; check the path");
}

#[test]
fn a_full_cache_is_an_error_and_released_bytes_are_used_again() {
    let config = ResourceConfig { reserve_bytes: 256 * 1024, entries_max: 2, ..ResourceConfig::default() };
    with_cache(config, |cache, _| {
        let text = resources::acquire(cache, "notes/hello.txt", ResourceKind::TEXT).unwrap();
        for _ in 0..100 {
            let data = resources::acquire(cache, "data.bin", ResourceKind::BINARY).unwrap();
            resources::release(cache, data).unwrap();
        }
        let document = resources::acquire(cache, "box.gltf", ResourceKind::GLTF).unwrap();
        let error = resources::acquire(cache, "data.bin", ResourceKind::BINARY).unwrap_err();
        assert!(matches!(error, AssetError::Full { capacity: 2, .. }), "{error}");
        resources::release(cache, document).unwrap();
        resources::release(cache, text).unwrap();
        assert_eq!(resources::cached_bytes(cache), 0);
    });
    let small = ResourceConfig { reserve_bytes: 64 * 1024, ..ResourceConfig::default() };
    with_cache(small, |cache, _| {
        let error = resources::acquire(cache, "data.bin", ResourceKind::BINARY).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Memory, "{error}");
        assert!(resources::acquire(cache, "notes/hello.txt", ResourceKind::TEXT).is_ok());
    });
}

#[test]
fn a_client_adds_loaders_of_its_own() {
    struct Length;
    impl Loader for Length {
        fn inspect(&self, bytes: &[u8]) -> Result<ResourceInfo, AssetError> {
            Ok(ResourceInfo::Client(bytes.len() as u64))
        }
    }
    static LENGTH: Length = Length;
    const KIND: ResourceKind = ResourceKind::client(1);
    with_cache(ResourceConfig::default(), |cache, _| {
        assert!(matches!(resources::acquire(cache, "data.bin", KIND), Err(AssetError::NoLoader { .. })));
        resources::register(cache, KIND, &LENGTH).unwrap();
        let data = resources::acquire(cache, "data.bin", KIND).unwrap();
        assert_eq!(resources::info(cache, data), Some(ResourceInfo::Client(100_000)));
    });
}

#[test]
fn the_cache_lies_in_a_child_arena_of_its_own() {
    let mut arena = Arena::try_reserve("permanent", 256 << 20).unwrap();
    let scope = arena.open();
    let cache = resources::startup_isolated(scope.tagged(Tag::APPLICATION), &ResourceConfig::default()).unwrap();
    let mut names = Vec::new();
    scope.view().each_child(|child| {
        names.push(child.name().to_owned());
        assert!(child.address_range().contains(&std::ptr::from_ref(&*cache).cast()));
        child.each_child(|grandchild| names.push(grandchild.name().to_owned()));
    });
    names.sort();
    assert_eq!(names, ["resource data", "resource scratch", "resources"]);
}
