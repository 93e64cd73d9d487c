//! The Vulkan instance: loader, layers, extensions, and the messenger where validation is on.

use std::ffi::{CStr, c_char};

use ash::{ext, khr, vk};
use raw_window_handle::HasDisplayHandle;
use voltrum_memory::{Tag, heap_scope};
use voltrum_platform::Window;

use super::host_memory::HostMemory;
use super::messenger;
use crate::driver::Driver;
use crate::error::{Named, RenderError};
use crate::gpu::GpuConfig;

const VALIDATION: &CStr = c"VK_LAYER_KHRONOS_validation";
const EXTENSIONS_MAX: usize = 8;

/// An instance and everything that must outlive it.
pub(crate) struct Instance {
    messenger: Option<(ext::debug_utils::Instance, vk::DebugUtilsMessengerEXT)>,
    surface: Option<khr::surface::Instance>,
    raw: ash::Instance,
    entry: ash::Entry,
    host: HostMemory,
    driver: Driver,
}

impl Instance {
    /// Loads Vulkan and creates an instance, able to present to `window` if there is one.
    pub(crate) fn try_new(
        host: HostMemory,
        window: Option<&Window>,
        config: &GpuConfig,
    ) -> Result<Instance, RenderError> {
        let _foreign = heap_scope(Tag::FOREIGN);
        let driver = config.driver;
        let entry = load(driver)?;
        let validation = config.validation && !driver.is_stub() && has_validation(&entry)?;

        let mut extensions = [std::ptr::null::<c_char>(); EXTENSIONS_MAX];
        let mut count = 0;
        if let Some(window) = window {
            let stub = [khr::surface::NAME.as_ptr(), ext::headless_surface::NAME.as_ptr()];
            let required = if driver.is_stub() {
                &stub
            } else {
                let display = window.display_handle().map_err(|_| RenderError::WindowHandle)?.as_raw();
                ash_window::enumerate_required_extensions(display).map_err(|_| RenderError::WindowHandle)?
            };
            for &name in required.iter().take(EXTENSIONS_MAX - 1) {
                check_extension(&entry, name)?;
                extensions[count] = name;
                count += 1;
            }
        }
        if validation {
            extensions[count] = ext::debug_utils::NAME.as_ptr();
            count += 1;
        }

        let application = vk::ApplicationInfo::default()
            .application_name(c"voltrum")
            .engine_name(c"voltrum")
            .api_version(vk::API_VERSION_1_3);
        let layers = [VALIDATION.as_ptr()];
        let checks = [vk::ValidationFeatureEnableEXT::SYNCHRONIZATION_VALIDATION];
        let mut features = vk::ValidationFeaturesEXT::default().enabled_validation_features(&checks);
        let mut watcher = messenger::create_info(&host);
        let mut info = vk::InstanceCreateInfo::default()
            .application_info(&application)
            .enabled_extension_names(&extensions[..count]);
        if validation {
            info = info.enabled_layer_names(&layers).push_next(&mut features).push_next(&mut watcher);
        }
        #[cfg(feature = "stub")]
        let mut stub;
        #[cfg(feature = "stub")]
        if let Driver::Stub(own) = driver {
            stub = super::stub::StubInfo::new(own);
            info = info.push_next(&mut stub);
        }
        // SAFETY:
        // - every pointer in `info` lives until the call returns;
        // - the callbacks outlive the instance: `host` is dropped after it (field order and `Drop`).
        let raw = unsafe { entry.create_instance(&info, Some(host.callbacks())) }.map_err(|result| match result {
            vk::Result::ERROR_INCOMPATIBLE_DRIVER => {
                RenderError::NoDevice { found: 0, reason: "the loader has no driver to offer" }
            }
            result => RenderError::from_vulkan("vkCreateInstance", result),
        })?;
        let surface = window.map(|_| khr::surface::Instance::new(&entry, &raw));
        let mut instance = Instance { messenger: None, surface, raw, entry, host, driver };
        if validation {
            let functions = ext::debug_utils::Instance::new(&instance.entry, &instance.raw);
            let info = messenger::create_info(&instance.host);
            // SAFETY: the instance is live and has the extension; the user data outlives it.
            let raw = unsafe { functions.create_debug_utils_messenger(&info, Some(instance.host.callbacks())) }
                .named("vkCreateDebugUtilsMessengerEXT")?;
            instance.messenger = Some((functions, raw));
        }
        Ok(instance)
    }

    pub(crate) fn raw(&self) -> &ash::Instance {
        &self.raw
    }

    pub(crate) fn entry(&self) -> &ash::Entry {
        &self.entry
    }

    pub(crate) fn host(&self) -> &HostMemory {
        &self.host
    }

    pub(crate) fn driver(&self) -> Driver {
        self.driver
    }

    /// The functions of surfaces; `None` where the instance was made without a window.
    pub(crate) fn surface(&self) -> Option<&khr::surface::Instance> {
        self.surface.as_ref()
    }

    pub(crate) fn has_messenger(&self) -> bool {
        self.messenger.is_some()
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        let _foreign = heap_scope(Tag::FOREIGN);
        if let Some((functions, messenger)) = self.messenger.take() {
            // SAFETY: created from this instance with these callbacks, destroyed once.
            unsafe { functions.destroy_debug_utils_messenger(messenger, Some(self.host.callbacks())) };
        }
        // SAFETY: every child is gone: `Device` owns this value and goes first, surfaces borrow the device.
        unsafe { self.raw.destroy_instance(Some(self.host.callbacks())) };
    }
}

fn load(driver: Driver) -> Result<ash::Entry, RenderError> {
    #[cfg(feature = "stub")]
    if driver.is_stub() {
        return Ok(super::stub::entry());
    }
    #[cfg(not(feature = "stub"))]
    let _ = driver;
    // SAFETY: the system's Vulkan loader is trusted to initialise itself; no function outlives the entry, which the
    // instance keeps.
    unsafe { ash::Entry::load() }.map_err(|error| {
        tracing::error!("loading Vulkan: {error}");
        RenderError::NoLoader
    })
}

fn has_validation(entry: &ash::Entry) -> Result<bool, RenderError> {
    // SAFETY: the loader is live; ash does the two calls.
    let layers = unsafe { entry.enumerate_instance_layer_properties() }.named("vkEnumerateInstanceLayerProperties")?;
    let found = layers.iter().any(|layer| layer.layer_name_as_c_str() == Ok(VALIDATION));
    if !found {
        tracing::warn!(
            "Vulkan validation was asked for and is not installed; install vulkan-validationlayers to have it"
        );
    }
    Ok(found)
}

fn check_extension(entry: &ash::Entry, name: *const c_char) -> Result<(), RenderError> {
    // SAFETY: `ash_window` lists static C strings.
    let name = unsafe { CStr::from_ptr::<'static>(name) };
    // SAFETY: the loader is live; ash does the two calls.
    let present = unsafe { entry.enumerate_instance_extension_properties(None) }
        .named("vkEnumerateInstanceExtensionProperties")?;
    if present.iter().any(|extension| extension.extension_name_as_c_str() == Ok(name)) {
        Ok(())
    } else {
        Err(RenderError::NoWindowSupport { extension: name.to_str().unwrap_or("a surface extension") })
    }
}
