//! Charts: each block is drawn where it lies, in its tag's colour; the same blocks give the same chart.
#![cfg(feature = "std")]
#![allow(clippy::unwrap_used, reason = "the helpers of tests may fail as loudly as tests")]

use voltrum_memory::{ALLOCATION_LOG, Arena, ArenaConfig, ArenaVec, Scope, Tag};

const ODD: Tag = Tag::new(45, "A<B>&\"C\"", "a name that is no text of a document");

/// Some blocks; the line that makes the one of UNDO.
fn fill(scope: &Scope<'_>) -> u32 {
    scope.tagged(Tag::SCENE).alloc([0u8; 8 * 60]);
    let line = line!() + 1;
    scope.tagged(Tag::UNDO).alloc([0u8; 8 * 10]);
    scope.alloc_layout(std::alloc::Layout::new::<()>());
    scope.tagged(Tag::SCENE).alloc([0u8; 13]);
    scope.tagged(Tag::SCENE).alloc(1u8);
    scope.tagged(ODD).alloc([0u8; 40]);
    line
}

fn odd(name: &'static str) -> Arena<'static> {
    Arena::try_reserve_with(&ArenaConfig { tags: &[ODD], ..ArenaConfig::new(name, 64 << 20) }).unwrap()
}

/// The letters of all rows.
fn letters(text: &str) -> String {
    let rows = text.lines().skip(2).take_while(|line| !line.starts_with("    ") || line.starts_with("     "));
    rows.filter_map(|row| row.split("  ").last()).collect()
}

#[test]
fn without_a_log_a_chart_says_so() {
    let mut arena = Arena::reserve("scene", 1 << 20);
    let scope = arena.open();
    scope.alloc([0u8; 2_048]);
    let (text, svg) = (scope.view().chart().to_string(), scope.view().chart().svg().to_string());
    assert!(text.starts_with("scene arena: 2.0 KiB used, "), "{text}");
    assert_eq!(text.contains("allocation-log"), !ALLOCATION_LOG);
    assert_eq!(svg.contains("allocation-log"), !ALLOCATION_LOG);
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
}

#[test]
fn an_empty_arena_has_a_chart() {
    let mut arena = Arena::reserve("scene", 1 << 20);
    let scope = arena.open();
    assert!(scope.view().chart().to_string().starts_with("scene arena: 0 B used"));
    assert!(scope.view().chart().svg().to_string().ends_with("</svg>\n"));
}

#[test]
fn blocks_are_drawn_where_they_lie() {
    if !ALLOCATION_LOG {
        return;
    }
    let mut arena = odd("scene");
    let scope = arena.open();
    fill(&scope);
    let text = scope.view().chart().to_string();
    let wanted = format!("{}{}MMM{}", "M".repeat(60), "N".repeat(10), "t".repeat(5));
    assert_eq!(letters(&text), wanted, "{text}");
    assert!(text.contains("one row: 512 B; its first byte on the left\n           0  MMM"), "{text}");
    assert!(text.contains("    M SCENE: 494 B in 3 blocks\n    N UNDO: 80 B in 1 blocks\n"), "{text}");
    assert!(text.ends_with("    . no block: 10 B\n"), "{text}");
}

#[test]
fn a_picture_is_a_document_with_each_block_and_its_line() {
    let mut arena = odd("scene & \"co\"");
    let scope = arena.open();
    let line = fill(&scope);
    let svg = scope.view().chart().svg().to_string();
    assert!(!svg.contains("A<B>") && svg.contains("A&lt;B&gt;&amp;&quot;C&quot;") || !voltrum_memory::TRACKING);
    assert!(svg.contains("scene &amp; &quot;co&quot; arena"));
    // Every element is closed.
    let count = |text: &str| svg.matches(text).count();
    assert_eq!(
        (count("<text"), count("<title>"), count("<svg")),
        (count("</text>"), count("</title>"), count("</svg>"))
    );
    assert_eq!(count("<rect"), count("/>") + count("</rect>"));
    if ALLOCATION_LOG {
        let undo = format!("<title>UNDO: 80 B at 480, 0 B padding, {}:{line}</title>", file!());
        assert!(svg.contains(&undo), "{svg}");
        assert_eq!(count("<title>"), 5, "{svg}");
    }
}

#[test]
fn many_blocks_make_no_more_than_a_page() {
    let mut arena = Arena::reserve("many", 256 << 20);
    let mut scope = arena.open();
    for index in 0..200_000usize {
        let tag = [Tag::SCENE, Tag::GEOMETRY, Tag::TEXTURE, Tag::UI, Tag::UNDO][index * index % 97 % 5];
        scope.tagged(tag).alloc_zeroed::<u8>(index % 300);
    }
    let chart = scope.view().chart();
    let (text, svg) = (chart.to_string(), chart.svg().to_string());
    assert!(text.len() < 8 << 10 && svg.len() < 1 << 20, "{} {}", text.len(), svg.len());
    // The same again is the same chart.
    assert_eq!((text, svg), (chart.to_string(), chart.svg().to_string()));
    // Into a buffer that can't hold it, nothing worse than an error.
    let mut small = Arena::reserve("small", 64 << 10);
    let small = small.open();
    let refused = small.try_alloc_fmt(format_args!("{}{}", chart.svg(), "x".repeat(1 << 20)));
    assert!(refused.is_err());
    drop(scope.cursor());
}

#[test]
fn what_a_cursor_lost_is_drawn_as_no_block() {
    if !ALLOCATION_LOG {
        return;
    }
    let mut arena = Arena::reserve("lost", 1 << 20);
    let mut scope = arena.open();
    let mut cursor = scope.cursor().tagged(Tag::UI);
    cursor.alloc([0u8; 16]);
    std::mem::forget(cursor);
    let mut vec = ArenaVec::new_in(scope.tagged(Tag::SCENE));
    vec.try_extend(0..2_000u32).unwrap();
    let letters = letters(&scope.view().chart().to_string());
    assert!(letters.starts_with("L..") && letters.contains("..MM") && letters.ends_with("MM"), "{letters}");
}
