//! Shaders of a folder in the place of the built-in ones: what is good shows, what is not changes nothing and says where.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

mod gallery;
mod stage;
mod wgsl;

use stage::{LIMITS, perform};
use std::fs;
use std::path::Path;
use tempfile::TempDir;
use voltrum_render::{LiveShaders, RenderError, ShaderFault, ShaderProblem, renderer};
use wgsl::{Show, UNLIT, edit, folder, read};

fn fault(folder: &TempDir) -> ShaderFault {
    match LiveShaders::read(folder.path()) {
        Err(RenderError::Shader(fault)) => *fault,
        other => panic!("{other:?}"),
    }
}

/// Bytes of the longest text.
const LONGEST: usize = 128 << 10;

#[test]
fn the_same_shaders_draw_the_same_picture_and_others_another_until_they_go() {
    perform(LIMITS, |renderer, _, scope| {
        let show = Show::new(renderer);
        let built_in = show.picture(renderer, scope);
        let folder = folder();
        let same = read(&folder);
        renderer::use_shaders(renderer, Some(same.clone())).unwrap();
        assert!(show.picture(renderer, scope) == built_in, "the same text draws the same");
        assert_eq!(
            renderer::use_shaders(renderer, Some(read(&folder))).unwrap(),
            0,
            "nothing is made anew for nothing"
        );

        edit(&folder, "mesh.wgsl", UNLIT[0], UNLIT[1]);
        let changed = read(&folder);
        assert_ne!(changed, same);
        assert_eq!(renderer::use_shaders(renderer, Some(changed)).unwrap(), 1, "only the pipeline that it changes");
        let green = show.picture(renderer, scope);
        assert!(green != built_in);
        // The middle of the right half, in the unlit ball.
        let at = (48 * 128 + 90) * 4;
        stage::assert_near(green[at..at + 4].try_into().unwrap(), [0, 255, 0, 255], 1, "the unlit ball");

        assert!(renderer::use_shaders(renderer, None).unwrap() > 0);
        assert!(show.picture(renderer, scope) == built_in);
        renderer::wait_idle(renderer).unwrap();
        assert_eq!(renderer.objects().retired, 0);
    });
}

#[test]
fn a_changed_part_changes_all_that_use_it() {
    perform(LIMITS, |renderer, _, scope| {
        let show = Show::new(renderer);
        let built_in = show.picture(renderer, scope);
        let folder = folder();
        renderer::use_shaders(renderer, Some(read(&folder))).unwrap();
        edit(
            &folder,
            "parts/tone.wgsl",
            "fn tone_map(radiance: vec3<f32>) -> vec3<f32> {",
            "fn tone_map(radiance: vec3<f32>) -> vec3<f32> {\n    if true { return vec3<f32>(1.0, 0.0, 0.0); }",
        );
        let remade = renderer::use_shaders(renderer, Some(read(&folder))).unwrap();
        assert!(remade >= 3, "the balls' and the sky's: {remade}");
        let red = show.picture(renderer, scope);
        assert!(red != built_in);
        let at = (48 * 128 + 38) * 4;
        stage::assert_near(red[at..at + 4].try_into().unwrap(), [255, 0, 0, 255], 1, "the lit ball");
    });
}

#[test]
fn what_is_broken_says_file_line_and_column_and_what_the_compiler_says() {
    // File, what is written for what, then in which file, on which line and column, and what is said of it.
    type Case = (&'static str, &'static str, &'static str, &'static str, [u32; 2], &'static str);
    let cases: [Case; 6] = [
        ("ui.wgsl", "    out.uv = in.uv;", "    out.uv = in.uv", "ui.wgsl", [31, 5], "expected"),
        ("ui.wgsl", "out.uv = in.uv;", "out.uv = in.nowhere;", "ui.wgsl", [30, 17], "nowhere"),
        ("ui.wgsl", "out.color = in.color;", "out.color = in.uv;", "ui.wgsl", [31, 5], "type"),
        ("parts/tone.wgsl", "fn tone_map", "fn tone_map(", "parts/tone.wgsl", [60, 13], "expected"),
        ("parts/view.wgsl", "w: exposure.\n", "w: exposure.\n é äö oops\n", "parts/view.wgsl", [20, 4], "expected"),
        ("grid.wgsl", "fn lines(", "fn lines(at: f32) {}\nfn lines(", "grid.wgsl", [30, 4], "redefinition"),
    ];
    for (file, from, to, at, place, words) in cases {
        let folder = folder();
        edit(&folder, file, from, to);
        let fault = fault(&folder);
        let said = fault.to_string();
        assert!(fault.path.ends_with(at), "{said}");
        assert!(said.to_lowercase().contains(words) && !said.contains('\n'), "{said}");
        let line = fs::read_to_string(folder.path().join(at)).unwrap();
        println!("{said}\n    {:?}", line.lines().nth(fault.place.unwrap()[0] as usize - 1));
        assert_eq!(fault.place, Some(place), "{said}");
        assert!(matches!(fault.problem, ShaderProblem::Invalid(_)), "{said}");
        assert!(said.contains(&format!("{at}:{}:{}: ", place[0], place[1])), "{said}");
    }
}

#[test]
fn files_that_are_missing_cut_short_or_no_text_are_told() {
    type Make = fn(&Path);
    let cases: [(&str, Make, &str); 8] = [
        ("cull.wgsl", |path| fs::remove_file(path).unwrap(), "no such file"),
        ("parts/view.wgsl", |path| fs::remove_file(path).unwrap(), "no such file"),
        ("grid.wgsl", |path| fs::write(path, "").unwrap(), "the entry point vs_main is missing"),
        ("pose.wgsl", |path| fs::write(path, [0xff, 0xfe, 0x00]).unwrap(), "can't be read"),
        ("pose.wgsl", |path| fs::write(path, vec![b' '; 2 << 20]).unwrap(), "must be shorter"),
        ("ui.wgsl", |path| half(path), "expected"),
        (
            "scatter.wgsl",
            |path| {
                fs::remove_file(path).unwrap();
                fs::create_dir(path).unwrap();
            },
            "can't be read",
        ),
        ("mesh.wgsl", |path| fs::write(path, "//#use ../nowhere view").unwrap(), "nowhere.wgsl: no such file"),
    ];
    for (file, make, words) in cases {
        let folder = folder();
        make(&folder.path().join(file));
        let said = fault(&folder).to_string();
        assert!(said.contains(words), "{said}");
        assert!(LiveShaders::files(folder.path()).len() > 8, "what is to be watched is known all the same");
    }
    let nowhere = LiveShaders::read(Path::new("/nowhere")).unwrap_err().to_string();
    assert!(nowhere.contains("/nowhere/background.wgsl: no such file"), "{nowhere}");
}

fn half(path: &Path) {
    let text = fs::read(path).unwrap();
    fs::write(path, &text[..text.len() / 2]).unwrap();
}

#[test]
fn an_interface_that_does_not_fit_is_found_before_a_driver_sees_it() {
    let unlit = UNLIT[0];
    let sampled = "textureSample(picture, picture_sampler, in.uv)";
    // File, what is written for what, and what is said of it.
    type Case<'c> = (&'static str, &'c [[&'c str; 2]], &'static str);
    let cases: [Case<'_>; 20] = [
        // Bindings.
        ("ui.wgsl", &[["@group(0) @binding(1)", "@group(0) @binding(2)"]], "uses @group(0) @binding(2) sampler"),
        (
            "ui.wgsl",
            &[
                ["picture: texture_2d<f32>", "picture: texture_2d<i32>"],
                [sampled, "vec4<f32>(textureLoad(picture, vec2<i32>(in.uv), 0))"],
            ],
            "uses @group(0) @binding(0) texture",
        ),
        ("parts/view.wgsl", &[["array<Light, 64>", "array<Light, 65>"]], "var<uniform> of 4592 bytes"),
        (
            "parts/surface.wgsl",
            &[["    padding_y: u32,\n", "    padding_y: u32,\n    more: u32,\n"]],
            "var<storage> in steps of",
        ),
        (
            "cull.wgsl",
            &[["var<storage, read> batches", "var<storage, read_write> batches"]],
            "var<storage, read_write>",
        ),
        ("pose.wgsl", &[["    output: u32,", "    output: u32,\n    more: u32,"]], "var<immediate> of 40 bytes"),
        (
            "mesh.wgsl",
            &[[
                "fn cut(in: Surface) {",
                "fn cut(in: Surface) {\n if environment_diffuse(in.normal).x + environment_specular(in.normal, 0.5).x > 9.0 { discard; }",
            ]],
            "fs_shadow_mask does not fit its pipeline: it uses @group(",
        ),
        // Vertices and varyings.
        (
            "ui.wgsl",
            &[
                ["@location(2) color: vec4<f32>", "@location(2) color: vec4<u32>"],
                ["= in.color;", "= vec4<f32>(in.color);"],
            ],
            "vs_main does not fit its pipeline: it takes @location(2) vec4<u32>",
        ),
        (
            "ui.wgsl",
            &[["@location(2) color: vec4<f32>", "@location(3) color: vec4<f32>"]],
            "vs_main does not fit its pipeline: it takes @location(3)",
        ),
        (
            "grid.wgsl",
            &[["fn fs_main(in: Ray)", "fn fs_main(in: Ray, @location(5) more: vec2<f32>)"]],
            "which the vertex shader doesn't give",
        ),
        (
            "ui.wgsl",
            &[[
                "    @location(1) color: vec4<f32>,\n}\n\n@vertex",
                "    @location(14) color: vec4<f32>,\n}\n\n@vertex",
            ]],
            "@location(14) is too high",
        ),
        // Outputs.
        (
            "ui.wgsl",
            &[["-> @location(0) vec4<f32>", "-> @location(1) vec4<f32>"]],
            "gives @location(1) vec4<f32>, and must give @location(0)",
        ),
        ("grid.wgsl", &[["@builtin(frag_depth)", "@location(1)"]], "must give"),
        // Stages and sizes.
        (
            "cull.wgsl",
            &[["@workgroup_size(64)", "@workgroup_size(256)"]],
            "its workgroup is 256, 1, 1 and must be 64, 1, 1",
        ),
        ("ui.wgsl", &[["fn fs_main", "fn fs_other"]], "the entry point fs_main is missing"),
        ("mesh.wgsl", &[[unlit, "var a: array<vec4<f32>, 4000>; return a[u32(in.uv.x)];"]], "there may be 16384"),
        (
            "cull.wgsl",
            &[["fn place_of", "var<workgroup> a: array<u32, 4000>;\nvar<workgroup> b: array<u32, 4000>;\nfn place_of"]],
            "a workgroup shares",
        ),
        // What devices were not asked for.
        (
            "mesh.wgsl",
            &[
                ["enable dual_source_blending;", "enable dual_source_blending;\nenable primitive_index;"],
                ["fn fs_unlit(in: Surface)", "fn fs_unlit(in: Surface, @builtin(primitive_index) at: u32)"],
            ],
            "PRIMITIVE_INDEX",
        ),
        (
            "mesh.wgsl",
            &[["fn fs_unlit(in: Surface)", "fn fs_unlit(in: Surface, @builtin(sample_index) at: u32)"]],
            "MULTISAMPLED_SHADING",
        ),
        (
            "mesh.wgsl",
            &[[
                "enable dual_source_blending;",
                "enable dual_source_blending;\nenable f16;\nfn halved(a: f16) -> f16 { return a * 0.5h; }",
            ]],
            "FLOAT16",
        ),
    ];
    for (file, edits, words) in cases {
        let folder = folder();
        edits.iter().for_each(|[from, to]| edit(&folder, file, from, to));
        let said = fault(&folder).to_string();
        println!("{said}");
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn what_fits_may_differ_in_everything_else() {
    perform(LIMITS, |renderer, _, scope| {
        let show = Show::new(renderer);
        let built_in = show.picture(renderer, scope);
        let folder = folder();
        // Less is read, more is handed on, indices run out of their arrays, another texture of the set is looked at.
        edit(
            &folder,
            "parts/surface.wgsl",
            "struct Surface {\n",
            "struct Surface {\n    @location(9) more: vec2<f32>,\n",
        );
        let body = "var table = array<f32, 3>(0.0, 0.5, 1.0); let at = u32(in.place.x * 1e9) + 70u; \
                    return vec4<f32>(table[at], textureSample(emissive_texture, emissive_sampler, in.more).r, 0.0, 1.0);";
        edit(&folder, "mesh.wgsl", UNLIT[0], body);
        edit(&folder, "grid.wgsl", "let level = log(", "let unused = dpdxFine(at); let level = log(");
        assert!(renderer::use_shaders(renderer, Some(read(&folder))).unwrap() > 0);
        assert!(show.picture(renderer, scope) != built_in);
    });
}

#[test]
fn text_that_wears_compilers_out_is_refused_or_compiled_and_nothing_panics() {
    // As long as a shader may be.
    let long = |first: &str, again: &str, last: &str| {
        let count = (LONGEST - first.len() - last.len()) / again.len();
        format!("{first}{}{last}", again.repeat(count))
    };
    let texts = [
        long("const A: f32 = ", "(", "1.0;"),
        long("fn f() ", "{", ""),
        long("const A = 1", "+1", ";"),
        long("const A = ", "-", "1;"),
        long("fn f(a: f32) -> f32 { return a", "+a", "; }"),
        long("fn f(a: vec2<f32>) -> vec2<f32> { return a", ".xy", "; }"),
        long("fn f(a: ptr<function, f32>) { let b = ", "&*", "a; }"),
        long("fn f(a: f32) { if a<1 {}", "else if a<1{}", " }"),
        long("const A = ", "vec2(", ";"),
        long("fn f() { let a = ", "f(", "; }"),
        long("const A = ", "A+", "1;"),
        long("", "const A=1;", ""),
        long("", "/*", ""),
        long("@compute @workgroup_size(1) fn f() {", "loop{break;}", "}"),
        long("alias A = ", "array<", "u32;"),
        "const A = array<u32, 1000000000>();".to_owned(),
        "const A = array<array<u32, 65535>, 65535>();".to_owned(),
        "struct S { s: S }".to_owned(),
        "fn f() { f(); }".to_owned(),
        "const A = 1 / 0; const B: i32 = -2147483648 / -1;".to_owned(),
        "@fragment fn fs_main(@location(4294967295) a: f32) {}".to_owned(),
        "var<private> a: array<u32, 0>;".to_owned(),
        "@compute @workgroup_size(4294967295, 4294967295) fn cs_main() {}".to_owned(),
        "\u{0}\u{202e}/* /* /*".to_owned(),
    ];
    for text in texts {
        let folder = folder();
        fs::write(folder.path().join("background.wgsl"), &text).unwrap();
        let said = fault(&folder).to_string();
        assert!(said.contains("background.wgsl"), "{said}");
        println!("{:.40}: {said:.200}", text);
    }
}
