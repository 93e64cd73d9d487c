//! Shader modules: SPIR-V that the build script made, needed only while pipelines are built.

use std::ffi::CStr;

use ash::vk;

use super::device::Device;
use crate::error::{Named, RenderError};

/// An entry point of a shader, alone in its SPIR-V.
pub(crate) struct Entry {
    pub(crate) name: &'static CStr,
    pub(crate) words: &'static [u32],
}

pub(crate) struct ShaderModule<'gpu> {
    device: &'gpu Device,
    raw: vk::ShaderModule,
}

impl<'gpu> ShaderModule<'gpu> {
    /// `entry` is one of those in [`crate::shaders`], which naga validated.
    pub(crate) fn try_new(device: &'gpu Device, entry: &'static Entry) -> Result<ShaderModule<'gpu>, RenderError> {
        let info = vk::ShaderModuleCreateInfo::default().code(entry.words);
        // SAFETY: the device is live and the words are valid SPIR-V (build script).
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
