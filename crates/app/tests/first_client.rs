//! The client of the guide, and the guide itself: what it shows compiles here, or is refused by a documentation test.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

#[allow(dead_code, unreachable_pub, reason = "its `main` is the example's")]
#[path = "../examples/first_client.rs"]
mod first_client;

use first_client::Turner;
use voltrum::memory::{Arena, Tag};
use voltrum::render::{Tolerance, renderer};
use voltrum::{AppConfig, Turn, testing};

#[test]
fn the_square_turns_looks_right_and_holds_no_more_after_a_hundred_frames() {
    let config = AppConfig::new("turner").headless();
    voltrum::drive(&config, &Turner, Some(()), |instance| {
        instance.state().turns_per_sec = 0.0;
        instance.project().angle = 0.5;
        testing::frames(instance, 4)?;
        let mut arena = Arena::try_reserve("test", 16 << 20)?;
        let memory = arena.open();
        let report = memory.tagged(Tag::REPORT);
        let before = instance.figures().report(report, &instance.stats())?;
        testing::frames(instance, 100)?;
        let after = instance.figures().report(report, &instance.stats())?;
        testing::assert_not_grown(&before, &after);

        let (state, _, app) = instance.parts();
        let pixels = renderer::read_target(&mut app.renderer, state.target, &memory)?;
        let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/first-client.png");
        testing::assert_picture(&pixels, golden, Tolerance::default());
        Ok(Turn::Quit)
    })
    .unwrap();
}

#[test]
fn every_piece_of_code_in_the_guide_is_in_the_client_its_test_or_a_documentation_test() {
    let lines = |text: &str| text.lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>();
    let guide = lines(include_str!("../../../docs/first-client.md"));
    let client = lines(include_str!("../examples/first_client.rs"));
    let test = lines(include_str!("first_client.rs"));
    // those that the compiler refuses, and their twins that it takes
    let refused = lines(&include_str!("../src/client.rs").replace("///", ""));
    let blocks: Vec<&[String]> = guide
        .split(|line| line.starts_with("```"))
        .skip(1)
        .step_by(2)
        .zip(guide.iter().filter(|line| line.starts_with("```") && line.len() > 3))
        .filter(|(_, fence)| *fence == "```rust")
        .map(|(block, _)| block)
        .collect();
    assert!(blocks.len() >= 15, "only {} pieces of code", blocks.len());
    for block in blocks {
        // `…` stands for lines that are left out
        for piece in block.split(|line| line.contains('…')).filter(|piece| !piece.is_empty()) {
            let is_in = |source: &[String]| source.windows(piece.len()).any(|window| window == piece);
            let is_somewhere = [&client, &test, &refused].into_iter().any(|source| is_in(source));
            assert!(is_somewhere, "nowhere in what is compiled:\n{}", piece.join("\n"));
        }
    }
}
