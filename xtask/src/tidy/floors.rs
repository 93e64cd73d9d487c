//! Rule: a crate depends only on crates that stand above it (DESIGN, "Floors"; ARCHITECTURE.md, "Floors").

use serde_json::Value;

use super::Finding;

/// From the top down.
const FLOORS: &[&str] = &[
    "voltrum-memory",
    "voltrum-platform",
    "voltrum-render",
    "voltrum-assets",
    "voltrum-scene",
    "voltrum-ui",
    "voltrum",
    "voltrum-editor",
];

/// Outside of the floors: measures them, nothing depends on it.
const BENCH: &str = "voltrum-bench";

/// Reads the manifests as cargo does; dependencies for tests and for build scripts count too.
pub(super) fn check(metadata: &Value) -> Vec<Finding> {
    let members: Vec<&Value> = list(&metadata["workspace_members"]).iter().collect();
    let mut findings = Vec::new();
    for package in list(&metadata["packages"]) {
        if !members.contains(&&package["id"]) {
            continue;
        }
        let name = text(&package["name"]);
        for dependency in list(&package["dependencies"]) {
            let on = text(&dependency["name"]);
            // Only what is in the workspace comes from a path. A crate may name itself, to turn its own features on for
            // its tests; cargo refuses it elsewhere.
            if !dependency["path"].is_null() && on != name && !may_depend(name, on) {
                findings.push(Finding::of_file(
                    &format!("{name}/Cargo.toml"),
                    format!("depends on {on}, which does not stand above it"),
                ));
            }
        }
    }
    findings
}

fn may_depend(name: &str, on: &str) -> bool {
    let floor_of = |name: &str| FLOORS.iter().position(|floor| *floor == name);
    match (floor_of(name), floor_of(on)) {
        (Some(floor), Some(above)) => above < floor,
        (None, Some(_)) => name == BENCH,
        _ => false,
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_crate_sees_only_what_stands_above_it() {
        assert!(may_depend("voltrum-assets", "voltrum-memory"));
        assert!(!may_depend("voltrum-memory", "voltrum-assets"));
        assert!(!may_depend("voltrum-ui", "voltrum-ui"));
        assert!(may_depend("voltrum-bench", "voltrum-scene"));
        assert!(!may_depend("xtask", "voltrum-memory"));
    }

    #[test]
    fn a_manifest_that_looks_down_is_found() {
        let metadata = json!({
            "workspace_members": ["one"],
            "packages": [{
                "id": "one",
                "name": "voltrum-memory",
                "dependencies": [
                    { "name": "libc", "path": null },
                    { "name": "voltrum", "path": "/crates/app" },
                ],
            }],
        });
        assert_eq!(check(&metadata).len(), 1);
    }
}
