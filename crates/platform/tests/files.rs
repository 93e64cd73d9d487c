//! What files promise: whole contents in an arena or one clear error, names that stay inside, writes without halves.

use std::fs;
use std::io;
use std::path::Path;

use voltrum_memory::{Arena, Tag};
use voltrum_platform::PlatformError;
use voltrum_platform::files::{self, AssetRoot};

const LIMIT: usize = 1 << 20;

#[test]
fn a_file_is_read_whole_into_the_arena() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scene.bin");
    let contents: Vec<u8> = (0..100_000u32).map(|index| index as u8).collect();
    fs::write(&path, &contents).unwrap();
    let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
    let scope = arena.open();
    let read = files::read_file(&path, &scope, contents.len()).unwrap();
    assert_eq!(read, contents);
    assert!(scope.address_range().contains(&read.as_ptr()));
}

#[test]
fn an_empty_file_is_an_empty_slice() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("empty");
    fs::write(&path, []).unwrap();
    let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
    assert!(files::read_file(&path, &arena.open(), LIMIT).unwrap().is_empty());
}

#[test]
fn what_cannot_be_read_says_why_and_where() {
    let folder = tempfile::tempdir().unwrap();
    let big = folder.path().join("big.bin");
    fs::write(&big, [0; 1_001]).unwrap();
    let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
    let scope = arena.open();
    let used = scope.view().used();

    let missing = folder.path().join("missing.glb");
    let error = files::read_file(&missing, &scope, LIMIT).unwrap_err();
    assert!(matches!(&error, PlatformError::NotFound { path } if *path == missing));
    assert!(error.to_string().contains("missing.glb: not found"), "{error}");

    let error = files::read_file(folder.path(), &scope, LIMIT).unwrap_err();
    assert!(matches!(error, PlatformError::IsDirectory { .. }), "{error}");

    let error = files::read_file(&big.join("under_a_file"), &scope, LIMIT).unwrap_err();
    assert!(matches!(error, PlatformError::NotADirectory { .. }), "{error}");

    let error = files::read_file(&big, &scope, 1_000).unwrap_err();
    assert!(matches!(error, PlatformError::TooLarge { bytes: 1_001, limit: 1_000, .. }), "{error}");
    assert_eq!(scope.view().used(), used, "none of these took memory");
}

#[test]
fn a_file_larger_than_the_arena_is_a_memory_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("huge.bin");
    fs::File::create(&path).unwrap().set_len(64 << 20).unwrap();
    let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
    let error = files::read_file(&path, &arena.open(), usize::MAX).unwrap_err();
    assert!(matches!(error, PlatformError::Memory(_)), "{error}");
}

#[cfg(unix)]
#[test]
fn devices_and_pipes_are_refused_without_waiting() {
    let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
    let scope = arena.open();
    let error = files::read_file(Path::new("/dev/zero"), &scope, LIMIT).unwrap_err();
    assert!(matches!(error, PlatformError::NotAFile { .. }), "{error}");

    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    if made.is_ok_and(|status| status.success()) {
        let error = files::read_file(&pipe, &scope, LIMIT).unwrap_err();
        assert!(matches!(error, PlatformError::NotAFile { .. }), "{error}");
        let error = files::write_file_atomic(&pipe, b"x").unwrap_err();
        assert!(matches!(error, PlatformError::NotAFile { .. }), "{error}");
    }
}

/// A folder `assets` with `lamp.gltf` and `textures/wood.png` in it, and `secret` beside it.
fn assets() -> io::Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    fs::create_dir_all(folder.path().join("assets/textures"))?;
    fs::create_dir_all(folder.path().join("assets-old"))?;
    fs::write(folder.path().join("assets/lamp.gltf"), "{}")?;
    fs::write(folder.path().join("assets/textures/wood.png"), "png")?;
    fs::write(folder.path().join("assets-old/lamp.gltf"), "old")?;
    fs::write(folder.path().join("secret"), "secret")?;
    Ok(folder)
}

#[test]
fn names_inside_the_root_are_found() {
    let folder = assets().unwrap();
    let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
    let scope = arena.open();
    let root = AssetRoot::open(scope.tagged(Tag::RESOURCES), &folder.path().join("assets")).unwrap();
    for name in ["lamp.gltf", "./lamp.gltf", "textures/../lamp.gltf", "textures//wood.png", "textures/./wood.png"] {
        let path = root.resolve(name, &scope).unwrap();
        assert!(path.starts_with(root.path()), "{name}: {}", path.display());
        assert!(fs::read(path).is_ok());
    }
}

#[test]
fn no_name_leaves_the_root() {
    let folder = assets().unwrap();
    let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
    let scope = arena.open();
    let root = AssetRoot::open(scope.tagged(Tag::RESOURCES), &folder.path().join("assets")).unwrap();
    let absolute = folder.path().join("secret");
    for name in [
        "",
        "..",
        "../secret",
        "../assets-old/lamp.gltf",
        "textures/../../secret",
        "textures/../../assets/../secret",
        "./../secret",
        "/etc/passwd",
        absolute.to_str().unwrap(),
        "..\\secret",
        "textures\\..\\..\\secret",
        "C:\\secret",
        "\\\\server\\share",
        "lamp.gltf\0.png",
    ] {
        let error = root.resolve(name, &scope).unwrap_err();
        assert!(matches!(error, PlatformError::OutsideRoot { .. }), "{name:?}: {error}");
        assert!(error.to_string().contains("must stay inside"), "{error}");
    }
}

#[test]
fn percent_signs_are_ordinary_characters_of_a_name() {
    let folder = assets().unwrap();
    let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
    let scope = arena.open();
    let root = AssetRoot::open(scope.tagged(Tag::RESOURCES), &folder.path().join("assets")).unwrap();
    for name in ["%2e%2e/secret", "..%2fsecret", "%2e%2e%2fsecret", "..%5csecret"] {
        let error = root.resolve(name, &scope).unwrap_err();
        assert!(matches!(error, PlatformError::NotFound { .. }), "{name:?}: {error}");
    }
    fs::write(root.path().join("100%25.png"), "").unwrap();
    assert!(root.resolve("100%25.png", &scope).is_ok());
}

#[cfg(unix)]
#[test]
fn links_may_lead_within_the_root_and_not_out_of_it() {
    use std::os::unix::fs::symlink;
    let folder = assets().unwrap();
    let inside = folder.path().join("assets");
    symlink("lamp.gltf", inside.join("newest.gltf")).unwrap();
    symlink("../secret", inside.join("file_out")).unwrap();
    symlink("..", inside.join("folder_out")).unwrap();
    symlink("/", inside.join("all")).unwrap();
    symlink("../assets-old", inside.join("old")).unwrap();
    symlink("loop", inside.join("loop")).unwrap();
    // the root itself may be reached through a link
    symlink(&inside, folder.path().join("link_to_assets")).unwrap();
    let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
    let scope = arena.open();
    let permanent = scope.tagged(Tag::RESOURCES);
    let root = AssetRoot::open(permanent, &folder.path().join("link_to_assets")).unwrap();
    assert!(root.resolve("newest.gltf", &scope).unwrap().ends_with("lamp.gltf"));
    for name in ["file_out", "folder_out", "folder_out/secret", "all/etc", "old/lamp.gltf"] {
        let error = root.resolve(name, &scope).unwrap_err();
        assert!(matches!(error, PlatformError::OutsideRoot { .. }), "{name}: {error}");
    }
    let error = root.resolve("loop", &scope).unwrap_err();
    assert!(matches!(error, PlatformError::Io { .. }), "{error}");
}

#[test]
fn a_root_has_to_be_a_folder() {
    let folder = assets().unwrap();
    let mut arena = Arena::try_reserve("test", 1 << 20).unwrap();
    let scope = arena.open();
    let permanent = scope.tagged(Tag::RESOURCES);
    let open = |name| AssetRoot::open(permanent, &folder.path().join(name)).err().unwrap();
    assert!(matches!(open("nowhere"), PlatformError::NotFound { .. }));
    assert!(matches!(open("secret"), PlatformError::NotADirectory { .. }));
}

/// The names of everything in the folder.
fn names(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

#[test]
fn a_write_makes_or_replaces_the_file_and_leaves_nothing_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("project.json");
    files::write_file_atomic(&path, b"first, and longer").unwrap();
    files::write_file_atomic(&path, b"second").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"second");
    assert_eq!(names(folder.path()).unwrap(), ["project.json"]);
}

#[test]
fn a_write_that_fails_halfway_leaves_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("project.json");
    fs::write(&path, "old").unwrap();
    let error = files::write_file_atomic_with(&path, |file| {
        file.write_all(&[b'n'; 100_000])?;
        Err(io::Error::other("the disk is full"))
    })
    .unwrap_err();
    assert!(matches!(error, PlatformError::Io { .. }), "{error}");
    assert!(error.to_string().contains("the disk is full"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), b"old");
    assert_eq!(names(folder.path()).unwrap(), ["project.json"]);
}

#[test]
fn a_write_to_a_directory_or_a_missing_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let error = files::write_file_atomic(folder.path(), b"x").unwrap_err();
    assert!(matches!(error, PlatformError::IsDirectory { .. }), "{error}");
    let nowhere = folder.path().join("missing/project.json");
    let error = files::write_file_atomic(&nowhere, b"x").unwrap_err();
    assert!(matches!(&error, PlatformError::NotFound { path } if *path == nowhere), "{error}");
    assert!(names(folder.path()).unwrap().is_empty());
}

#[cfg(unix)]
#[test]
fn a_write_keeps_permissions_and_writes_through_a_link() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = tempfile::tempdir().unwrap();
    let (file, link) = (folder.path().join("real.json"), folder.path().join("link.json"));
    fs::write(&file, "old").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("real.json", &link).unwrap();
    files::write_file_atomic(&link, b"new").unwrap();
    assert_eq!(fs::read(&file).unwrap(), b"new");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
}
