//! Rule: dependencies carry an allowed licence and come in one version, as deny.toml says.
//!
//! deny.toml is cargo-deny's file; these are its two checks that need nothing installed. Both look at what is built
//! on the platform that is tested: dependencies of tests alone don't count, as they don't for cargo-deny.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Finding, spdx};
use crate::failure::Failure;

pub(super) const RULES: &str = "deny.toml";

pub(super) fn check(metadata: &Value, rules: &str) -> Result<Vec<Finding>, Failure> {
    let rules = Rules::parse(rules)?;
    let packages = built(metadata);
    let mut findings = check_licences(&packages, &rules);
    findings.extend(check_versions(&packages, &rules));
    Ok(findings)
}

/// What deny.toml asks for.
struct Rules {
    licences: BTreeSet<String>,
    /// Packages as `name@version` that may stand next to another version.
    skipped: BTreeSet<String>,
}

impl Rules {
    fn parse(text: &str) -> Result<Self, Failure> {
        let rules: toml::Table =
            toml::from_str(text).map_err(|error| Failure::new(format!("{RULES}: {error}")))?;
        let list = |section: &str, key: &str| {
            let list = rules.get(section).and_then(|section| section.get(key));
            list.and_then(toml::Value::as_array)
                .cloned()
                .unwrap_or_default()
        };
        let licences = list("licenses", "allow");
        let skipped = list("bans", "skip");
        Ok(Self {
            licences: licences
                .iter()
                .filter_map(|licence| Some(licence.as_str()?.to_owned()))
                .collect(),
            skipped: skipped
                .iter()
                .filter_map(|skip| Some(skip.get("crate")?.as_str()?.to_owned()))
                .collect(),
        })
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Package<'m> {
    name: &'m str,
    version: &'m str,
    licence: Option<&'m str>,
}

/// The packages that building the workspace needs, from its members along normal and build dependencies.
fn built(metadata: &Value) -> BTreeSet<Package<'_>> {
    let nodes: BTreeMap<&str, &Value> = list(&metadata["resolve"]["nodes"])
        .iter()
        .map(|node| (text(&node["id"]), node))
        .collect();
    let mut reached: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<&str> = list(&metadata["workspace_members"])
        .iter()
        .map(text)
        .collect();
    while let Some(id) = open.pop() {
        if !reached.insert(id) {
            continue;
        }
        let dependencies = nodes.get(id).map_or(&[][..], |node| list(&node["deps"]));
        open.extend(
            dependencies
                .iter()
                .filter(|dependency| {
                    list(&dependency["dep_kinds"])
                        .iter()
                        .any(|kind| kind["kind"] != "dev")
                })
                .map(|dependency| text(&dependency["pkg"])),
        );
    }
    list(&metadata["packages"])
        .iter()
        .filter(|package| reached.contains(text(&package["id"])))
        .map(|package| Package {
            name: text(&package["name"]),
            version: text(&package["version"]),
            licence: package["license"].as_str(),
        })
        .collect()
}

fn check_licences(packages: &BTreeSet<Package<'_>>, rules: &Rules) -> Vec<Finding> {
    let allowed: Vec<&str> = rules.licences.iter().map(String::as_str).collect();
    let mut findings = Vec::new();
    for package in packages {
        let Package {
            name,
            version,
            licence,
        } = package;
        let wrong = match licence.map(|licence| spdx::is_met(licence, &allowed)) {
            Some(Ok(true)) => continue,
            Some(Ok(false)) => format!("licence {} is not allowed", licence.unwrap_or_default()),
            Some(Err(word)) => format!(
                "licence {} can't be read at {word}",
                licence.unwrap_or_default()
            ),
            None => "no licence is named".to_owned(),
        };
        findings.push(Finding::of_file(
            RULES,
            format!("{name}@{version}: {wrong}"),
        ));
    }
    findings
}

fn check_versions(packages: &BTreeSet<Package<'_>>, rules: &Rules) -> Vec<Finding> {
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in packages {
        versions
            .entry(package.name)
            .or_default()
            .push(package.version);
    }
    let is_skipped =
        |name: &str, version: &str| rules.skipped.contains(&format!("{name}@{version}"));
    let mut findings = Vec::new();
    for (name, versions) in &versions {
        let counted = versions
            .iter()
            .filter(|version| !is_skipped(name, version))
            .count();
        if counted > 1 {
            findings.push(Finding::of_file(
                RULES,
                format!(
                    "{name} comes in versions {}; unite them or skip one with a reason",
                    versions.join(", ")
                ),
            ));
        }
    }
    for skipped in &rules.skipped {
        let is_needed = skipped.split_once('@').and_then(|(name, version)| {
            Some(versions.get(name)?.len() > 1 && versions[name].contains(&version))
        });
        if is_needed != Some(true) {
            findings.push(Finding::of_file(
                RULES,
                format!("skips {skipped}, which stands next to no other version"),
            ));
        }
    }
    findings
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

    const RULES_TEXT: &str = r#"
        [licenses]
        allow = ["MIT"]
        [bans]
        skip = [{ crate = "syn@2.0.0", reason = "an old macro" }]
    "#;

    fn metadata(syn: &[&str], dev_licence: &str) -> Value {
        let mut packages = vec![
            json!({ "id": "member", "name": "voltrum", "version": "0.1.0", "license": "MIT" }),
            json!({ "id": "dev", "name": "tester", "version": "1.0.0", "license": dev_licence }),
        ];
        let mut dependencies = vec![json!({ "pkg": "dev", "dep_kinds": [{ "kind": "dev" }] })];
        for version in syn {
            packages.push(json!({ "id": version, "name": "syn", "version": version, "license": "MIT OR GPL-3.0" }));
            dependencies.push(json!({ "pkg": version, "dep_kinds": [{ "kind": null }] }));
        }
        json!({
            "workspace_members": ["member"],
            "packages": packages,
            "resolve": { "nodes": [{ "id": "member", "deps": dependencies }] },
        })
    }

    fn messages(metadata: &Value) -> Vec<String> {
        let findings = check(metadata, RULES_TEXT).unwrap();
        findings
            .into_iter()
            .map(|finding| finding.message)
            .collect()
    }

    #[test]
    fn a_skipped_version_may_stand_next_to_another() {
        assert!(messages(&metadata(&["2.0.0", "3.0.0"], "MIT")).is_empty());
    }

    #[test]
    fn two_versions_that_nobody_excused_are_found() {
        let found = messages(&metadata(&["2.0.0", "3.0.0", "4.0.0"], "MIT"));
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("syn comes in versions 2.0.0, 3.0.0, 4.0.0"));
    }

    #[test]
    fn a_skip_that_is_no_longer_needed_is_found() {
        assert_eq!(messages(&metadata(&["3.0.0"], "MIT")).len(), 1);
    }

    #[test]
    fn licences_count_for_what_is_built_and_not_for_what_only_tests_use() {
        let mut metadata = metadata(&["2.0.0", "3.0.0"], "GPL-3.0");
        assert!(messages(&metadata).is_empty());
        metadata["packages"][2]["license"] = json!("GPL-3.0");
        assert_eq!(messages(&metadata).len(), 1);
        metadata["packages"][2]["license"] = Value::Null;
        assert_eq!(messages(&metadata).len(), 1);
    }
}
