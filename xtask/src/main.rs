//! Set-up, test and tidy commands.
fn main() {}
