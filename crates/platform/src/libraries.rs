//! The system libraries that a window needs, checked before the window system is touched.
//!
//! winit loads them at run time, and two of them with a panic where they are missing (`xkbcommon-dl`,
//! `xkbcommon_x11_handle`). Asking the loader first turns that into an error that names the package.

use crate::display::Backend;
use crate::error::PlatformError;

struct Library {
    /// Names to try, the versioned one first, with the NUL that the loader wants.
    names: [&'static std::ffi::CStr; 2],
    file: &'static str,
    package: &'static str,
}

const X11_LIBRARIES: [Library; 6] = [
    Library { names: [c"libX11.so.6", c"libX11.so"], file: "libX11.so.6", package: "libx11-6" },
    Library { names: [c"libX11-xcb.so.1", c"libX11-xcb.so"], file: "libX11-xcb.so.1", package: "libx11-xcb1" },
    Library { names: [c"libXcursor.so.1", c"libXcursor.so"], file: "libXcursor.so.1", package: "libxcursor1" },
    Library { names: [c"libXi.so.6", c"libXi.so"], file: "libXi.so.6", package: "libxi6" },
    Library { names: [c"libxkbcommon.so.0", c"libxkbcommon.so"], file: "libxkbcommon.so.0", package: "libxkbcommon0" },
    Library {
        names: [c"libxkbcommon-x11.so.0", c"libxkbcommon-x11.so"],
        file: "libxkbcommon-x11.so.0",
        package: "libxkbcommon-x11-0",
    },
];

const WAYLAND_LIBRARIES: [Library; 2] = [
    Library {
        names: [c"libwayland-client.so.0", c"libwayland-client.so"],
        file: "libwayland-client.so.0",
        package: "libwayland-client0",
    },
    Library { names: [c"libxkbcommon.so.0", c"libxkbcommon.so"], file: "libxkbcommon.so.0", package: "libxkbcommon0" },
];

/// Checks that every library which `backend` loads can be loaded.
///
/// # Errors
/// [`PlatformError::MissingLibrary`] with the first one that cannot.
pub(crate) fn check(backend: Backend) -> Result<(), PlatformError> {
    let libraries: &[Library] = match backend {
        Backend::X11 => &X11_LIBRARIES,
        Backend::Wayland => &WAYLAND_LIBRARIES,
    };
    for library in libraries {
        if !library.names.iter().any(|name| can_load(name)) {
            return Err(PlatformError::MissingLibrary { library: library.file, package: library.package });
        }
    }
    Ok(())
}

/// Whether the loader finds the library. It stays loaded, as winit is about to load it anyway.
#[allow(unsafe_code, reason = "asking the system's loader is a foreign call")]
fn can_load(name: &std::ffi::CStr) -> bool {
    // SAFETY:
    // - `name` is a NUL-terminated string that outlives the call;
    // - the libraries asked for are the window system's own, whose initialisers have no preconditions, and winit loads
    //   the same ones right after.
    let handle = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_LAZY | libc::RTLD_LOCAL) };
    !handle.is_null()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_that_is_missing_cannot_be_loaded() {
        assert!(!can_load(c"libvoltrum-no-such-library.so.0"));
        assert!(can_load(c"libc.so.6"));
    }

    #[test]
    fn a_missing_library_names_its_package() {
        let error = PlatformError::MissingLibrary { library: X11_LIBRARIES[5].file, package: X11_LIBRARIES[5].package };
        let text = error.to_string();
        assert!(text.contains("libxkbcommon-x11.so.0") && text.contains("libxkbcommon-x11-0"), "{text}");
    }
}
