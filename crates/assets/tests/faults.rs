//! Fail-at-N while a file loads: for every N, the Nth request for pages fails, alone or with all that follow; nothing
//! panics, what can't be loaded is an error of memory, and nothing is held afterwards.
#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

mod model;

use std::path::Path;

use model::{Model, U8, png};
use serde_json::json;
use voltrum_assets::{ErrorKind, HostUploads, Loading, Progress, gltf};
use voltrum_memory::{Arena, Faults, Tag};

/// A model that asks for memory of every kind: a skin, an animation, morph targets, tangents, triangles, pictures.
fn rich() -> Model {
    let mut model = Model::triangle();
    let joints = model.accessor(&[0; 12], U8, 3, "VEC4");
    let weights = model.floats(&[1., 0., 0., 0.].repeat(3), 4);
    let delta = model.floats(&[1., 0., 0.].repeat(3), 3);
    let (times, places) = (model.floats(&[0., 1.], 1), model.floats(&[0., 0., 0., 1., 0., 0.], 3));
    let primitive = &mut model.json["meshes"][0]["primitives"][0];
    (primitive["attributes"]["JOINTS_0"], primitive["attributes"]["WEIGHTS_0"]) = (json!(joints), json!(weights));
    primitive["targets"] = json!([{ "POSITION": delta }]);
    model.json["skins"] = json!([{ "joints": [2] }]);
    model.json["nodes"][0]["skin"] = json!(0);
    model.json["animations"] = json!([{ "samplers": [{ "input": times, "output": places }],
        "channels": [{ "sampler": 0, "target": { "node": 2, "path": "translation" } }] }]);
    // larger than what an arena has committed already
    let view = model.view(&png([256, 256], &[90; 256 * 256 * 4]));
    model.json["images"][0]["bufferView"] = json!(view);
    model.json["materials"][0]["normalTexture"] = json!({ "index": 0 });
    model
}

/// Loads with faults planned; whether it failed, and how many requests were refused.
fn attempt(path: &Path, scene: &mut Arena<'static>, faults: impl FnOnce() -> Faults) -> (bool, u64) {
    let mut staging = Arena::try_reserve("staging", 64 << 20).unwrap();
    let (scene, staging) = (scene.open(), staging.open());
    let mut uploads = HostUploads::new_in(staging.tagged(Tag::STAGING), 32 << 20);
    let progress = Progress::new();
    let faults = faults();
    let loaded = gltf::load(path, &scene, &mut Loading::new(&mut uploads, &progress));
    let refused = faults.refused();
    drop(faults);
    if let Err(error) = &loaded {
        assert_eq!(error.kind(), ErrorKind::Memory, "{error}");
        let text = error.to_string();
        assert!(text.contains("model.glb") || text.contains("load scratch"), "{text}");
    }
    (loaded.is_err(), refused)
}

#[test]
fn every_request_for_pages_of_a_load_may_be_refused_alone_or_with_all_that_follow() {
    let folder = tempfile::tempdir().unwrap();
    let path = rich().write_glb(folder.path());
    for begin in [Faults::at_request, Faults::from_request] {
        let mut errors = 0;
        for n in 0.. {
            // a new one each time: what an arena has committed once it does not ask for again
            let mut scene = Arena::try_reserve("scene", 64 << 20).unwrap();
            let used = scene.open().view().used();
            let (failed, refused) = attempt(&path, &mut scene, || begin(n));
            errors += u64::from(failed);
            assert_eq!(scene.open().view().used(), used);
            if refused == 0 {
                assert!(!failed && n > 8, "{n}");
                println!("{n} requests for pages, {errors} of them errors");
                break;
            }
        }
        assert!(errors > 4, "{errors}");
    }
}
