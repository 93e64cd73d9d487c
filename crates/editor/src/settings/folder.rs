//! Where settings are kept, and edits that were never saved: the user's folders, by the custom of the system.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Asks for another folder than the system's.
const VARIABLE: &str = "VOLTRUM_CONFIG";

/// The folder to keep settings in: `asked`, or what `VOLTRUM_CONFIG` says, or `voltrum` in the user's configuration folder
/// (`XDG_CONFIG_HOME` or `~/.config`, `APPDATA`, `~/Library/Application Support`). `None` where there is no home.
pub fn folder(asked: Option<&Path>) -> Option<PathBuf> {
    choose(asked, |name| std::env::var_os(name), std::env::home_dir())
}

/// The folder to keep the edits of untitled projects in: `unsaved` where [`folder`] was asked for, or else in `voltrum` in the
/// user's folder for state (`XDG_STATE_HOME` or `~/.local/state`; elsewhere that of settings).
pub fn drafts_folder(asked: Option<&Path>) -> Option<PathBuf> {
    choose_drafts(asked, |name| std::env::var_os(name), std::env::home_dir())
}

fn choose_drafts(
    asked: Option<&Path>,
    variable: impl Fn(&str) -> Option<OsString>,
    home: Option<PathBuf>,
) -> Option<PathBuf> {
    let is_asked = asked.is_some() || variable(VARIABLE).is_some_and(|value| !value.is_empty());
    let folder = if is_asked || cfg!(windows) || cfg!(target_os = "macos") {
        choose(asked, variable, home)
    } else {
        let named = variable("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let state = named.or_else(|| home.map(|home| home.join(".local/state")));
        state.filter(|folder| folder.is_absolute()).map(|folder| folder.join("voltrum"))
    };
    folder.map(|folder| folder.join("unsaved"))
}

fn choose(asked: Option<&Path>, variable: impl Fn(&str) -> Option<OsString>, home: Option<PathBuf>) -> Option<PathBuf> {
    if let Some(asked) = asked {
        return Some(asked.to_path_buf());
    }
    let named = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(asked) = named(VARIABLE) {
        return Some(asked);
    }
    let shared = if cfg!(windows) {
        named("APPDATA")
    } else if cfg!(target_os = "macos") {
        home.map(|home| home.join("Library/Application Support"))
    } else {
        // a path that is not absolute is to be ignored (XDG Base Directory Specification)
        named("XDG_CONFIG_HOME").filter(|path| path.is_absolute()).or_else(|| home.map(|home| home.join(".config")))
    };
    shared.filter(|folder| folder.is_absolute()).map(|folder| folder.join("voltrum"))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    fn chosen(asked: Option<&str>, variables: &[(&str, &str)], home: Option<&str>) -> Option<PathBuf> {
        let variable = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into());
        choose(asked.map(Path::new), variable, home.map(PathBuf::from))
    }

    #[test]
    fn unsaved_edits_go_where_settings_were_asked_for_or_to_the_folder_for_state() {
        let chosen = |asked: Option<&str>, variables: &[(&str, &str)]| {
            let variable = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into());
            choose_drafts(asked.map(Path::new), variable, Some("/users/a".into()))
        };
        let xdg = ("XDG_STATE_HOME", "/state");
        assert_eq!(chosen(Some("/here"), &[xdg]), Some("/here/unsaved".into()));
        assert_eq!(chosen(None, &[xdg, (VARIABLE, "/own")]), Some("/own/unsaved".into()));
        assert_eq!(chosen(None, &[xdg]), Some("/state/voltrum/unsaved".into()));
        assert_eq!(chosen(None, &[("XDG_STATE_HOME", "here")]), Some("/users/a/.local/state/voltrum/unsaved".into()));
    }

    #[test]
    fn the_folder_follows_the_asked_one_then_the_variables_then_home() {
        let xdg = [("XDG_CONFIG_HOME", "/xdg")];
        let own = [("XDG_CONFIG_HOME", "/xdg"), (VARIABLE, "/own")];
        assert_eq!(chosen(Some("here"), &own, None), Some("here".into()));
        assert_eq!(chosen(None, &own, Some("/users/a")), Some("/own".into()));
        assert_eq!(chosen(None, &xdg, Some("/users/a")), Some("/xdg/voltrum".into()));
        assert_eq!(chosen(None, &[], Some("/users/a")), Some("/users/a/.config/voltrum".into()));
        assert_eq!(chosen(None, &[("XDG_CONFIG_HOME", "relative")], Some("/a")), Some("/a/.config/voltrum".into()));
        assert_eq!(chosen(None, &[], None), None);
    }
}
