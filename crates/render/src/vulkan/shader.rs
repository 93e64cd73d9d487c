//! Shader modules: SPIR-V that naga made, needed only while pipelines are built.

use std::ffi::CStr;

use ash::vk;

use super::device::Device;
use crate::error::{Named, RenderError};

/// An entry point of a shader, alone in its SPIR-V.
pub(crate) struct Entry {
    pub(crate) name: &'static CStr,
    /// As it is built in; [`Shaders::words`](crate::shaders::Shaders::words) says what is in use.
    pub(crate) words: &'static [u32],
    /// Which it is of all of them.
    #[cfg(feature = "live-shaders")]
    pub(crate) place: usize,
}

pub(crate) struct ShaderModule<'gpu> {
    device: &'gpu Device,
    raw: vk::ShaderModule,
}

impl<'gpu> ShaderModule<'gpu> {
    /// `words` are of [`Shaders::words`](crate::shaders::Shaders::words).
    pub(crate) fn try_new(device: &'gpu Device, words: &[u32]) -> Result<ShaderModule<'gpu>, RenderError> {
        let info = vk::ShaderModuleCreateInfo::default().code(words);
        // SAFETY: the device is live and the words are valid SPIR-V (invariant 1 of `shader_compiler`).
        let raw =
            unsafe { device.raw().create_shader_module(&info, device.callbacks()) }.named("vkCreateShaderModule")?;
        device.account().born();
        Ok(ShaderModule { device, raw })
    }

    pub(crate) fn raw(&self) -> vk::ShaderModule {
        self.raw
    }
}

impl Drop for ShaderModule<'_> {
    fn drop(&mut self) {
        // SAFETY: made from this device, destroyed once; pipelines keep no reference to modules.
        unsafe { self.device.raw().destroy_shader_module(self.raw, self.device.callbacks()) };
        self.device.account().gone();
    }
}
