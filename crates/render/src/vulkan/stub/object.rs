//! Objects behind handles: blocks from the caller's allocation callbacks, with a header that says what they are.

use std::ptr::{self, NonNull};

use ash::vk;
use ash::vk::Handle;

use super::control::Stub;

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(super) enum Kind {
    Instance,
    Device,
    Surface,
    // From here on: made from a device.
    CommandBuffer,
    CommandPool,
    Semaphore,
    Fence,
    Memory,
    Buffer,
    Image,
    ImageView,
    Sampler,
    ShaderModule,
    PipelineCache,
    PipelineLayout,
    Pipeline,
    SetLayout,
    DescriptorPool,
    QueryPool,
    Swapchain,
    SwapImage,
}

impl Kind {
    pub(super) const COUNT: usize = Kind::SwapImage as usize + 1;
}

const LIVE: u32 = 0x6c69_7665;
const DEAD: u32 = 0x6465_6164;

/// The start of every object.
#[repr(C)]
pub(super) struct Header {
    stub: &'static Stub,
    state: u32,
    kind: Kind,
}

impl Header {
    pub(super) fn new(stub: &'static Stub, kind: Kind) -> Header {
        Header { stub, state: LIVE, kind }
    }

    pub(super) fn kill(&mut self) {
        self.state = DEAD;
    }
}

#[repr(C)]
pub(super) struct Object<T> {
    header: Header,
    pub(super) body: T,
}

/// The caller's allocation callbacks.
pub(super) type Callbacks<'a> = *const vk::AllocationCallbacks<'a>;

/// Makes an object in memory from the callbacks.
///
/// # Safety
/// `callbacks` is null or valid.
pub(super) unsafe fn create<T>(
    stub: &'static Stub,
    kind: Kind,
    callbacks: Callbacks<'_>,
    body: T,
) -> Result<u64, vk::Result> {
    // SAFETY: null or valid (contract).
    let Some(callbacks) = (unsafe { callbacks.as_ref() }) else {
        stub.misuse("an object was to be made without allocation callbacks");
        return Err(vk::Result::ERROR_OUT_OF_HOST_MEMORY);
    };
    let scope = match kind {
        Kind::Instance => vk::SystemAllocationScope::INSTANCE,
        Kind::Device => vk::SystemAllocationScope::DEVICE,
        _ => vk::SystemAllocationScope::OBJECT,
    };
    let (size, alignment) = (size_of::<Object<T>>(), align_of::<Object<T>>());
    let allocate = callbacks.pfn_allocation.ok_or(vk::Result::ERROR_OUT_OF_HOST_MEMORY)?;
    // SAFETY: the callbacks are called as Vulkan calls them.
    let block = unsafe { allocate(callbacks.p_user_data, size, alignment, scope) };
    let place = NonNull::new(block.cast::<Object<T>>()).ok_or(vk::Result::ERROR_OUT_OF_HOST_MEMORY)?;
    // SAFETY: the block has the size and the alignment that were asked for, and nobody else has it.
    unsafe { place.write(Object { header: Header::new(stub, kind), body }) };
    stub.born(kind);
    Ok(place.as_ptr() as u64)
}

/// The object behind a handle; `None`, and a misuse, where it is none of that kind.
///
/// # Safety
/// `raw` is null or was once a handle of this stub, and `T` is what `kind` stands for; the reference is not kept
/// beyond the object's life.
pub(super) unsafe fn get<'a, T>(stub: &Stub, kind: Kind, raw: u64) -> Option<&'a Object<T>> {
    // SAFETY: the caller's memory stays mapped as long as the instance, whatever became of the object (its heap keeps
    // pages), so that the header can be read; what it says decides.
    let header = unsafe { (raw as *const Header).as_ref() };
    if header.is_none_or(|header| header.state != LIVE || header.kind != kind) {
        stub.misuse("a handle is null, of another kind, or of something that was destroyed");
        return None;
    }
    // SAFETY: a live object of this kind.
    unsafe { (raw as *const Object<T>).as_ref() }
}

/// Ends an object and gives its block back.
///
/// # Safety
/// As for [`get`], and `callbacks` is null or valid and compatible with those that made it.
pub(super) unsafe fn destroy<T>(stub: &Stub, kind: Kind, raw: u64, callbacks: Callbacks<'_>) {
    if raw == 0 {
        return;
    }
    // SAFETY: same contract.
    if unsafe { get::<T>(stub, kind, raw) }.is_none() {
        return;
    }
    let place = raw as *mut Object<T>;
    // SAFETY: live (checked above), and nobody else uses it: Vulkan asks for external synchronisation here.
    unsafe {
        (*place).header.kill();
        ptr::drop_in_place(&raw mut (*place).body);
    }
    stub.gone(kind);
    // SAFETY: null or valid (contract).
    let free = unsafe { callbacks.as_ref() }.and_then(|callbacks| Some((callbacks.pfn_free?, callbacks.p_user_data)));
    match free {
        // SAFETY: the block came from these callbacks.
        Some((free, user_data)) => unsafe { free(user_data, place.cast()) },
        None => stub.misuse("an object was destroyed without allocation callbacks"),
    }
}

/// The stub that a dispatchable handle belongs to.
///
/// # Safety
/// `handle` is a live handle of a stub: instance, physical device, device, queue or command buffer.
pub(super) unsafe fn stub_of(handle: impl Handle) -> &'static Stub {
    // SAFETY: all of these begin with a header, or are the address of an object that does (contract).
    unsafe { (*(handle.as_raw() as *const Header)).stub }
}

/// Runs the body of a command that returns a result.
pub(super) fn result(run: impl FnOnce() -> Result<(), vk::Result>) -> vk::Result {
    match run() {
        Ok(()) => vk::Result::SUCCESS,
        Err(result) => result,
    }
}

/// Makes plain objects, which have nothing but a kind: `create::<Handle, KIND>` is the command.
pub(super) mod plain {
    use std::ffi::c_void;

    use super::{Callbacks, Handle, Kind, create as make, destroy as end, result, stub_of, vk};
    use crate::vulkan::stub::control::Can;

    /// # Safety
    /// Called as the Vulkan command that it stands for.
    pub(in super::super) unsafe extern "system" fn create<H: Handle, const KIND: u32>(
        device: vk::Device,
        _info: *const c_void,
        callbacks: Callbacks<'_>,
        out: *mut H,
    ) -> vk::Result {
        result(|| {
            // SAFETY: (all) the arguments are a command's: a live device, valid callbacks, room for a handle.
            let stub = unsafe { stub_of(device) };
            stub.enter("vkCreate*", Can::MEMORY)?;
            // SAFETY: as above.
            let raw = unsafe { make(stub, kind(KIND), callbacks, ()) }?;
            // SAFETY: as above.
            unsafe { out.write(H::from_raw(raw)) };
            Ok(())
        })
    }

    /// # Safety
    /// Called as the Vulkan command that it stands for.
    pub(in super::super) unsafe extern "system" fn destroy<H: Handle, const KIND: u32>(
        device: vk::Device,
        handle: H,
        callbacks: Callbacks<'_>,
    ) {
        // SAFETY: the arguments are a command's.
        unsafe {
            let stub = stub_of(device);
            stub.count();
            end::<()>(stub, kind(KIND), handle.as_raw(), callbacks);
        }
    }

    /// Pipelines come in arrays.
    ///
    /// # Safety
    /// Called as the Vulkan command that it stands for.
    pub(in super::super) unsafe extern "system" fn create_pipelines(
        device: vk::Device,
        _cache: vk::PipelineCache,
        count: u32,
        _infos: *const c_void,
        callbacks: Callbacks<'_>,
        out: *mut vk::Pipeline,
    ) -> vk::Result {
        result(|| {
            // SAFETY: (all) the arguments are a command's: a live device, valid callbacks, room for `count` handles.
            let stub = unsafe { stub_of(device) };
            stub.note_pipelines(count);
            let mut outcome = stub.enter("vkCreate*Pipelines", Can::MEMORY);
            for index in 0..count as usize {
                // SAFETY: as above.
                let made = outcome.and_then(|()| unsafe { make(stub, Kind::Pipeline, callbacks, ()) });
                // Those that failed are null.
                // SAFETY: as above.
                unsafe { out.add(index).write(vk::Pipeline::from_raw(made.unwrap_or(0))) };
                outcome = outcome.and(made.map(|_| ()));
            }
            outcome
        })
    }

    /// The plain kinds, by number: a const generic can't be an enum.
    fn kind(number: u32) -> Kind {
        const PLAIN: [Kind; 9] = [
            Kind::Fence,
            Kind::ImageView,
            Kind::Sampler,
            Kind::ShaderModule,
            Kind::PipelineCache,
            Kind::PipelineLayout,
            Kind::Pipeline,
            Kind::SetLayout,
            Kind::QueryPool,
        ];
        PLAIN.into_iter().find(|&kind| kind as u32 == number).unwrap_or(Kind::QueryPool)
    }
}
