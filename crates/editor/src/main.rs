//! The `voltrum` command.
fn main() {}
