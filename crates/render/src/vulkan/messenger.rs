//! The debug messenger: what the validation layer says goes to the log and is counted.

use std::ffi::{CStr, c_void};
use std::sync::atomic::Ordering;

use ash::vk;

use super::host_memory::{HostMemory, Shared};

/// What to create the messenger with; also chained to the instance, so that its creation is watched too.
pub(crate) fn create_info(host: &HostMemory) -> vk::DebugUtilsMessengerCreateInfoEXT<'static> {
    use vk::{DebugUtilsMessageSeverityFlagsEXT as Severity, DebugUtilsMessageTypeFlagsEXT as Kind};
    vk::DebugUtilsMessengerCreateInfoEXT::default()
        .message_severity(Severity::WARNING | Severity::ERROR)
        .message_type(Kind::VALIDATION | Kind::PERFORMANCE)
        .pfn_user_callback(Some(report))
        .user_data(host.shared_address())
}

/// # Safety
/// Called by Vulkan with the user data of [`create_info`] and valid callback data.
unsafe extern "system" fn report(
    severity: vk::DebugUtilsMessageSeverityFlagsEXT,
    _kind: vk::DebugUtilsMessageTypeFlagsEXT,
    data: *const vk::DebugUtilsMessengerCallbackDataEXT<'_>,
    user_data: *mut c_void,
) -> vk::Bool32 {
    // SAFETY: the user data is the `Shared` of the instance's `HostMemory`, which outlives the instance.
    let shared = unsafe { &*user_data.cast::<Shared>() };
    shared.messages.fetch_add(1, Ordering::Relaxed);
    // SAFETY: Vulkan passes valid data for the duration of the call.
    let message = unsafe { (*data).p_message };
    let text = if message.is_null() {
        c""
    } else {
        // SAFETY: a non-null message is a C string that lives as long as the call.
        unsafe { CStr::from_ptr(message) }
    };
    let text = text.to_str().unwrap_or("a message that is not UTF-8");
    if severity.contains(vk::DebugUtilsMessageSeverityFlagsEXT::ERROR) {
        tracing::error!(target: "vulkan", "{text}");
    } else {
        tracing::warn!(target: "vulkan", "{text}");
    }
    vk::FALSE
}
