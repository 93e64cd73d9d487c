//! The resource system: small files by name, loaded once, counted, and released.
//!
//! It starts isolated: its state, its tables and all it loads lie in a child arena of its own, which shows as one line in
//! the memory report and can be limited as one.
//!
//! ```
//! use std::path::Path;
//! use voltrum_assets::resources::{self, ResourceConfig, ResourceKind};
//! use voltrum_memory::{Arena, Tag};
//!
//! let mut permanent = Arena::try_reserve("permanent", 256 << 20)?;
//! let permanent = permanent.open();
//! let config = ResourceConfig { root: Path::new("src"), ..ResourceConfig::default() };
//! let mut state = resources::startup_isolated(permanent.tagged(Tag::APPLICATION), &config)?;
//! let text = resources::acquire(&mut state, "lib.rs", ResourceKind::TEXT)?;
//! assert!(resources::text(&state, text).is_some_and(|text| text.starts_with("//!")));
//! resources::release(&mut state, text)?;
//! assert_eq!(resources::count(&state), 0);
//! # Ok::<(), voltrum_assets::AssetError>(())
//! ```
//!
//! # Invariants
//! 1. A name is a relative path with `/` between its parts and can't leave the asset root, by its text or by links.
//! 2. A resource is loaded at its first [`acquire`] and its bytes are given back at the [`release`] that leaves it without
//!    references; they are used again for others.
//! 3. A failed load leaves the cache as it was.
//!
//! # Deliberately absent
//! Loading on workers and hot reload: a scene's large files go through [`gltf::load`].

mod byte_store;
mod loader;

use core::ops::Range;
use std::path::Path;

use voltrum_memory::{Arena, ArenaBox, ArenaVec, Handle, Pool, Scope, Tag, Tagged};
use voltrum_platform::PlatformError;
use voltrum_platform::files::AssetRoot;

pub use loader::{Loader, ResourceInfo, ResourceKind};

use crate::file::{open_file, read_at};
use crate::words::{shown, whole};
use crate::{AssetError, gltf};
use byte_store::ByteStore;
use loader::{BinaryLoader, GltfLoader, ImageLoader, TextLoader};

/// Bytes for a path while a resource is loaded.
const SCRATCH_BYTES: usize = 64 * 1024;

/// Loaders there may be, the four of the system included.
const LOADERS_MAX: usize = 32;

/// How the resource system starts.
#[derive(Clone, Copy, Debug)]
pub struct ResourceConfig<'c> {
    /// The folder that all names begin in. It may be absent; then every name is missing.
    pub root: &'c Path,
    /// Address space for the bytes of all loaded resources together.
    pub reserve_bytes: usize,
    /// Resources loaded at once.
    pub entries_max: u32,
}

impl Default for ResourceConfig<'_> {
    fn default() -> Self {
        Self { root: Path::new("assets"), reserve_bytes: 64 << 20, entries_max: 1024 }
    }
}

/// A loaded resource.
struct Resource {
    kind: ResourceKind,
    info: ResourceInfo,
    references: u32,
    /// Its name and, behind it, its file's bytes.
    place: Range<usize>,
    name_bytes: usize,
}

/// Names a loaded resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ResourceHandle(Handle<Resource>);

impl ResourceHandle {
    /// Names nothing.
    pub const NONE: Self = Self(Handle::NONE);
}

/// All loaded resources.
pub struct ResourceState<'app> {
    root: Option<AssetRoot<'app>>,
    root_name: &'app str,
    loaders: ArenaVec<'app, (ResourceKind, &'app dyn Loader)>,
    entries: Pool<'app, Resource>,
    store: ByteStore<'app>,
    scratch: Arena<'app>,
}

/// Brings the resource system up inside a child arena that it carves for itself.
///
/// # Errors
/// [`AssetError::Memory`] when the arena has no room for it; what is wrong with the root, unless it is only absent.
pub fn startup_isolated<'app>(
    permanent: Tagged<'app>,
    config: &ResourceConfig<'_>,
) -> Result<ArenaBox<'app, ResourceState<'app>>, AssetError> {
    let tables = config.entries_max as usize * (size_of::<Resource>() + 3 * size_of::<usize>());
    // Tables, the state, paths, and the headers of three children.
    let bytes = config.reserve_bytes.saturating_add(tables).saturating_add(4 * SCRATCH_BYTES);
    let memory = permanent.with_tag(Tag::RESOURCES).try_child("resources", bytes)?.into_tagged(Tag::RESOURCES);
    let data = memory.try_child("resource data", config.reserve_bytes)?.into_tagged(Tag::RESOURCES);
    let scratch = memory.try_child("resource scratch", SCRATCH_BYTES)?;
    let root = match AssetRoot::open(memory, config.root) {
        Ok(root) => Some(root),
        Err(PlatformError::NotFound { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let mut loaders = ArenaVec::try_with_capacity_in(LOADERS_MAX, memory)?;
    loaders.try_extend([
        (ResourceKind::TEXT, &TextLoader as &dyn Loader),
        (ResourceKind::BINARY, &BinaryLoader),
        (ResourceKind::IMAGE, &ImageLoader),
        (ResourceKind::GLTF, &GltfLoader),
    ])?;
    Ok(memory.try_alloc_box(ResourceState {
        root,
        root_name: memory.try_alloc_fmt(format_args!("{}", config.root.display()))?,
        loaders,
        entries: Pool::try_new_in(memory, config.entries_max)?,
        store: ByteStore::try_new_in(data, memory, config.entries_max as usize)?,
        scratch,
    })?)
}

/// Adds a loader for a kind; it replaces the one that was there.
///
/// # Errors
/// [`AssetError::Full`].
pub fn register<'app>(
    resources: &mut ResourceState<'app>,
    kind: ResourceKind,
    loader: &'app dyn Loader,
) -> Result<(), AssetError> {
    if let Some(known) = resources.loaders.as_mut_slice().iter_mut().find(|(known, _)| *known == kind) {
        known.1 = loader;
        return Ok(());
    }
    if resources.loaders.len() == LOADERS_MAX {
        return Err(AssetError::Full { what: "loader", capacity: LOADERS_MAX as u64, option: "LOADERS_MAX" });
    }
    Ok(resources.loaders.try_push((kind, loader))?)
}

/// The resource called `name`, loaded if it isn't yet, with one reference more.
///
/// # Errors
/// [`AssetError::Name`] for a name that leaves the root, [`AssetError::Missing`] and its like, [`AssetError::Content`] when
/// the loader refuses it, [`AssetError::Full`] and [`AssetError::Memory`] when there is no room.
pub fn acquire(
    resources: &mut ResourceState<'_>,
    name: &str,
    kind: ResourceKind,
) -> Result<ResourceHandle, AssetError> {
    if let Some(handle) = find(resources, name) {
        let entry = resources.entries.get_mut(handle.0).ok_or(AssetError::Stale { what: "resource" })?;
        if entry.kind != kind {
            return Err(AssetError::Kind { name: shown(name) });
        }
        entry.references = entry.references.saturating_add(1);
        return Ok(handle);
    }
    let Some(loader) = resources.loaders.iter().find(|(known, _)| *known == kind).map(|(_, loader)| *loader) else {
        return Err(AssetError::NoLoader { name: shown(name) });
    };
    if resources.entries.is_full() {
        let capacity = resources.entries.capacity() as u64;
        return Err(AssetError::Full { what: "resource", capacity, option: "entries_max" });
    }
    let scratch = resources.scratch.open();
    let path = resolve(resources.root.as_ref(), resources.root_name, name, &scratch)?;
    let (mut file, length) = open_file(path)?;
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let place = resources.store.take(length.saturating_add(name.len()))?;
    let (name_place, data) = resources.store.bytes_mut(place.clone()).split_at_mut(name.len());
    name_place.copy_from_slice(name.as_bytes());
    let inspected = read_at(&mut file, 0, data)
        .map_err(|error| AssetError::io(path, error))
        .and_then(|()| loader.inspect(data).map_err(|error| error.in_file(path)));
    match inspected {
        Ok(info) => {
            let resource = Resource { kind, info, references: 1, place, name_bytes: name.len() };
            Ok(ResourceHandle(resources.entries.try_insert(resource)?))
        }
        Err(error) => {
            resources.store.give(place)?;
            Err(error)
        }
    }
}

/// One more refers to the resource.
///
/// # Errors
/// [`AssetError::Stale`].
pub fn retain(resources: &mut ResourceState<'_>, handle: ResourceHandle) -> Result<(), AssetError> {
    let entry = resources.entries.get_mut(handle.0).ok_or(AssetError::Stale { what: "resource" })?;
    entry.references = entry.references.saturating_add(1);
    Ok(())
}

/// One less refers to the resource; without references its bytes are given back.
///
/// # Errors
/// [`AssetError::Stale`].
pub fn release(resources: &mut ResourceState<'_>, handle: ResourceHandle) -> Result<(), AssetError> {
    let entry = resources.entries.get_mut(handle.0).ok_or(AssetError::Stale { what: "resource" })?;
    entry.references -= 1;
    if entry.references > 0 {
        return Ok(());
    }
    if let Some(resource) = resources.entries.remove(handle.0) {
        resources.store.give(resource.place)?;
    }
    Ok(())
}

/// The handle of a loaded resource, without a reference more.
pub fn find(resources: &ResourceState<'_>, name: &str) -> Option<ResourceHandle> {
    let named = |resource: &Resource| name_of(resources, resource) == name.as_bytes();
    resources.entries.iter().find(|(_, resource)| named(resource)).map(|(handle, _)| ResourceHandle(handle))
}

/// The resource's bytes; `None` when it is gone.
pub fn bytes<'r>(resources: &'r ResourceState<'_>, handle: ResourceHandle) -> Option<&'r [u8]> {
    let resource = resources.entries.get(handle.0)?;
    let start = resource.place.start + resource.name_bytes;
    Some(resources.store.bytes(start..resource.place.end))
}

/// The resource's text; `None` when it is gone or was not loaded as text.
pub fn text<'r>(resources: &'r ResourceState<'_>, handle: ResourceHandle) -> Option<&'r str> {
    match info(resources, handle)? {
        ResourceInfo::Text { .. } => core::str::from_utf8(bytes(resources, handle)?).ok(),
        _ => None,
    }
}

/// What its loader found; `None` when it is gone.
pub fn info(resources: &ResourceState<'_>, handle: ResourceHandle) -> Option<ResourceInfo> {
    resources.entries.get(handle.0).map(|resource| resource.info)
}

/// How many refer to the resource; 0 when it is gone.
pub fn references(resources: &ResourceState<'_>, handle: ResourceHandle) -> u32 {
    resources.entries.get(handle.0).map_or(0, |resource| resource.references)
}

/// How many resources are loaded.
pub fn count(resources: &ResourceState<'_>) -> usize {
    resources.entries.len()
}

/// Bytes that the cache takes at the moment, for names and files.
pub fn cached_bytes(resources: &ResourceState<'_>) -> usize {
    resources.store.len()
}

fn name_of<'r>(resources: &'r ResourceState<'_>, resource: &Resource) -> &'r [u8] {
    resources.store.bytes(resource.place.start..resource.place.start + resource.name_bytes)
}

fn resolve<'x>(
    root: Option<&AssetRoot<'_>>,
    root_name: &str,
    name: &str,
    scratch: &Scope<'x>,
) -> Result<&'x Path, AssetError> {
    gltf::inside(name).map_err(|problem| AssetError::Name { name: shown(name), problem })?;
    match root {
        Some(root) => Ok(root.resolve(name, scratch)?),
        None => Err(AssetError::Missing { path: whole(format_args!("{root_name}/{name}")) }),
    }
}
