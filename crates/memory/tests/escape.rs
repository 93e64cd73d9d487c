//! What must not compile: each file in `escape/`, with the compiler's message beside it.
//!
//! The messages are those of the workspace's toolchain. `TRYBUILD=overwrite cargo test -p voltrum-memory --test escape`
//! writes them anew; read the difference before you commit it.
#![cfg(feature = "std")]

#[test]
fn what_would_outlive_its_memory_does_not_compile() {
    let cases = trybuild::TestCases::new();
    // A program that passes makes trybuild build all of them: constant assertions don't fire in a mere check.
    cases.pass("tests/escape/pass/*.rs");
    cases.compile_fail("tests/escape/*.rs");
}
