//! Boxes in a program without `unsafe` of its own: trait objects by the macro, and what the compiler shortens by itself.
#![forbid(unsafe_code)]

mod backing;

use backing::on_both_backings;
use std::any::Any;
use std::fmt::{Debug, Display};
use voltrum_memory::{Arena, ArenaBox, unsize_box};

fn the_macro_needs_no_unsafe_of_the_callers(arena: &mut Arena<'_>) {
    let scope = arena.open();
    let text: ArenaBox<'_, dyn Display> = unsize_box!(scope.alloc_box(String::from("lamp")));
    assert_eq!(text.to_string(), "lamp");
    assert_eq!(unsize_box!(scope.alloc_box([1, 2]), [i32]).len(), 2);
    let seven: ArenaBox<'_, dyn Fn() -> u32> = unsize_box!(scope.alloc_box(|| 7));
    assert_eq!(seven(), 7);
}

fn a_trait_object_becomes_one_of_a_supertrait_or_of_fewer_markers(arena: &mut Arena<'_>) {
    trait Named: Display + Any {}
    impl Named for String {}
    let scope = arena.open();
    let named: ArenaBox<'_, dyn Named + Send> = unsize_box!(scope.alloc_box(String::from("lamp")));
    let display: ArenaBox<'_, dyn Display> = unsize_box!(named);
    assert_eq!(display.to_string(), "lamp");
    let any: ArenaBox<'_, dyn Any + Send> = unsize_box!(scope.alloc_box(5u8));
    let any: ArenaBox<'_, dyn Any> = unsize_box!(any);
    assert_eq!(any.downcast::<u8>().ok().map(ArenaBox::into_inner), Some(5));
}

fn a_box_lives_as_short_as_it_must_like_what_it_holds(arena: &mut Arena<'_>) {
    fn same<'a, T: ?Sized + Debug>(a: ArenaBox<'a, T>, b: ArenaBox<'a, T>) -> bool {
        format!("{a:?}") == format!("{b:?}")
    }
    let scope = arena.open();
    let forever: ArenaBox<'_, &'static str> = scope.alloc_box("lamp");
    let text = String::from("lamp");
    let shorter: ArenaBox<'_, &str> = scope.alloc_box(text.as_str());
    assert!(same(forever, shorter));
}

on_both_backings! {
    the_macro_needs_no_unsafe_of_the_callers: 1 << 20;
    a_trait_object_becomes_one_of_a_supertrait_or_of_fewer_markers: 1 << 20;
    a_box_lives_as_short_as_it_must_like_what_it_holds: 1 << 20;
}
