//! The display: which window system to talk to, found out before it is touched.
//!
//! On Linux a session may offer Wayland, X11 or both, and its variables may outlive it. Wayland is taken where a compositor
//! answers, X11 otherwise. Elsewhere there is one window system and it is always there.

use crate::error::PlatformError;

/// How the program will talk to the window system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "one window system elsewhere"))]
pub(crate) enum Backend {
    /// The X11 protocol; also stands for the one window system of other systems.
    X11,
    /// The Wayland protocol.
    Wayland,
}

/// Chooses the window system, and checks that its libraries can be loaded.
///
/// # Errors
/// [`PlatformError::NoDisplay`] without any, [`PlatformError::MissingLibrary`].
#[cfg(target_os = "linux")]
pub(crate) fn choose_backend() -> Result<Backend, PlatformError> {
    use crate::libraries;

    let wayland = wayland_socket();
    let has_x11 = is_set("DISPLAY");
    match wayland {
        Wayland::Answers if !has_x11 => libraries::check(Backend::Wayland).map(|()| Backend::Wayland),
        Wayland::Answers if libraries::check(Backend::Wayland).is_ok() => Ok(Backend::Wayland),
        _ if has_x11 => libraries::check(Backend::X11).map(|()| Backend::X11),
        Wayland::Silent => {
            Err(PlatformError::NoDisplay { reason: describe(Backend::Wayland, "no compositor answers") })
        }
        _ => Err(PlatformError::NoDisplay { reason: String::from("neither WAYLAND_DISPLAY nor DISPLAY is set") }),
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn choose_backend() -> Result<Backend, PlatformError> {
    Ok(Backend::X11)
}

/// `words` after the variable that led there.
pub(crate) fn describe(backend: Backend, words: &str) -> String {
    let variable = match backend {
        Backend::X11 => "DISPLAY",
        Backend::Wayland => "WAYLAND_DISPLAY",
    };
    match std::env::var(variable) {
        Ok(value) => format!("{variable} is {value:?}: {words}"),
        Err(_) => words.to_owned(),
    }
}

#[cfg(target_os = "linux")]
enum Wayland {
    /// No variable speaks of it.
    Absent,
    /// A variable does, and nobody answers.
    Silent,
    /// A compositor listens.
    Answers,
}

/// Looks for the compositor as libwayland does (`wl_display_connect`): a socket that was inherited, or one that
/// `WAYLAND_DISPLAY` names, in `XDG_RUNTIME_DIR` unless it is absolute.
#[cfg(target_os = "linux")]
fn wayland_socket() -> Wayland {
    if is_set("WAYLAND_SOCKET") {
        return Wayland::Answers;
    }
    if !is_set("WAYLAND_DISPLAY") {
        return Wayland::Absent;
    }
    let name = std::env::var_os("WAYLAND_DISPLAY").unwrap_or_default();
    let folder = std::env::var_os("XDG_RUNTIME_DIR").unwrap_or_default();
    let path = std::path::Path::new(&folder).join(name);
    match std::os::unix::net::UnixStream::connect(path) {
        Ok(_) => Wayland::Answers,
        Err(_) => Wayland::Silent,
    }
}

#[cfg(target_os = "linux")]
fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| !value.is_empty())
}
