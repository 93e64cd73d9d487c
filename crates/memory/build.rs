//! Sees whether AddressSanitizer is on: a crate of the stable compiler can't ask.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(voltrum_asan)");
    let sanitizers = std::env::var("CARGO_CFG_SANITIZE").unwrap_or_default();
    let is_asked = std::env::var_os("CARGO_FEATURE_ASAN").is_some();
    if is_asked && sanitizers.split(',').any(|name| name == "address") {
        println!("cargo::rustc-cfg=voltrum_asan");
    }
}
