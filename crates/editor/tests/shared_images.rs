//! An image that several of a project's files show: read once, on the GPU once, there until the last of them is gone.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod files;
mod opened;

use files::edit;
use opened::{Outcome, Run, on_stub};
use serde_json::json;
use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;
use voltrum::assets::textures::{self, TextureHandle};
use voltrum::assets::{HostUploads, Loading, Pixels, Progress, materials};
use voltrum::memory::{Arena, Faults, Tag};
use voltrum::render::{Stub, TextureId, renderer};
use voltrum::scene::project::Intent;
use voltrum::{Turn, testing};
use voltrum_editor::editor::Editor;
use voltrum_editor::loading::Request;
use voltrum_editor::look::Mode;
use voltrum_editor::project::{self, ProjectRequest};

static STUB: Stub = Stub::new();
/// The stub counts for one test at a time.
static TURN: Mutex<()> = Mutex::new(());

const PATIENCE: Duration = Duration::from_secs(60);

/// Two models of one folder with one picture, and a project of both.
struct Room {
    folder: tempfile::TempDir,
    models: [PathBuf; 2],
    project: PathBuf,
}

impl Room {
    fn new() -> Room {
        let folder = tempfile::tempdir().unwrap();
        let (models, project) = files::room(folder.path());
        Room { folder, models, project }
    }

    /// Paints the picture of a name anew, or differently large.
    fn paint(&self, name: &str, size: u32) -> PathBuf {
        let path = self.models[0].with_file_name(name);
        fs::write(&path, files::png([size; 2])).unwrap();
        path
    }
}

/// Opens what `path` says on the stub, and closes it after the test: nothing is left.
fn with_open(path: &Path, mut test: impl FnMut(&mut Run<'_, '_, '_>)) {
    let _turn = TURN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let mut turns = 0;
    voltrum::drive(&on_stub(&STUB, [200, 150]), &Editor::new(None), None, |instance| -> Outcome {
        turns += 1;
        instance.state().store.settings.reloads = false;
        testing::frames(instance, 2)?;
        let next = match turns {
            1 => ProjectRequest::Open(path.to_path_buf()),
            2 => {
                test(instance);
                ProjectRequest::Close
            }
            _ => {
                assert_eq!(
                    (textures::count(&instance.app().textures), textures::bytes(&instance.app().textures)),
                    (0, 0)
                );
                return Ok(Turn::Quit);
            }
        };
        instance.open(next.into());
        let turn = testing::frames_until_loaded(instance, PATIENCE)?;
        assert_eq!(turn, Turn::Switch, "{}", instance.state().status.text().0);
        Ok(turn)
    })
    .unwrap();
    assert_eq!(turns, 3);
    assert_eq!((STUB.live(), STUB.device_bytes(), STUB.misuses()), (0, 0, 0));
}

/// The textures that one of the files shows.
fn shown(instance: &mut Run<'_, '_, '_>, file: usize) -> Vec<TextureHandle> {
    instance.project().files()[file].assets().textures.to_vec()
}

/// What the renderer draws a file's first material with.
fn drawn(instance: &mut Run<'_, '_, '_>, file: usize) -> (TextureId, [u32; 2]) {
    let (_, project, app) = instance.parts();
    let material = materials::info(&app.materials, project.files()[file].assets().materials[0]).unwrap();
    let texture = material.surface.base_color_texture.unwrap().texture;
    assert_eq!(texture, project.files()[file].assets().textures[0]);
    (textures::get(&app.textures, texture), textures::info(&app.textures, texture).unwrap().size)
}

/// How many textures there are, their bytes, and how many refer to the first one of the first file.
fn held(instance: &mut Run<'_, '_, '_>) -> (usize, u64, u32) {
    let (_, project, app) = instance.parts();
    let references = textures::references(&app.textures, project.files()[0].assets().textures[0]);
    (textures::count(&app.textures), textures::bytes(&app.textures), references)
}

fn import(instance: &mut Run<'_, '_, '_>, path: &Path) {
    let request = instance.project().import_request(path.to_path_buf(), None);
    instance.import(request.into()).unwrap();
    settle(instance);
}

fn reload(instance: &mut Run<'_, '_, '_>, file: usize) {
    instance.state().status.clear();
    let file = instance.project().files()[file].id();
    let reload = instance.project().reload_request(file).unwrap();
    instance.prepare(Request::Reload(reload));
    settle(instance);
}

fn settle(instance: &mut Run<'_, '_, '_>) {
    assert_eq!(testing::frames_until_loaded(instance, PATIENCE).unwrap(), Turn::Continue);
    // a failure is told at the beginning of the next frame
    testing::frames(instance, 2).unwrap();
}

/// What runs out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Memory for the driver, once.
    Host,
    /// Memory of the GPU, once.
    Gpu,
    /// Pages for this thread, from then on.
    Pages,
}

/// A request that is refused.
struct Refusal {
    kind: Kind,
    n: u64,
    /// How many there were.
    requests: Cell<u64>,
}

impl Refusal {
    /// Does something meanwhile.
    fn during<T>(&self, action: impl FnOnce() -> T) -> T {
        let gpu = STUB.faults();
        let of_kind = |kind| if self.kind == kind { self.n } else { u64::MAX };
        gpu.fail_host(of_kind(Kind::Host));
        gpu.fail_device(of_kind(Kind::Gpu));
        let pages = Faults::from_request(of_kind(Kind::Pages));
        let done = action();
        self.requests.set(match self.kind {
            Kind::Host => gpu.host_requests(),
            Kind::Gpu => gpu.device_requests(),
            Kind::Pages => pages.requests(),
        });
        gpu.end();
        done
    }
}

/// Goes on with a test until every request of a kind was refused once in it; the test says whether it felt that.
fn refuse_each(kind: Kind, mut test: impl FnMut(&Refusal) -> bool) {
    let mut felt = 0;
    for n in 0.. {
        let refusal = Refusal { kind, n, requests: Cell::new(0) };
        felt += u32::from(test(&refusal));
        if refusal.requests.get() <= n {
            println!("{kind:?}: {n} requests refused, {felt} times felt");
            assert!(felt > 0, "{kind:?}: {n} requests");
            return;
        }
    }
}

fn is_error(instance: &mut Run<'_, '_, '_>) -> bool {
    instance.state().status.is_error()
}

#[test]
fn a_project_reads_an_image_that_two_of_its_files_name_once() {
    let room = Room::new();
    let one_file = room.folder.path().join("one.voltrum");
    fs::write(&one_file, r#"{ "schema": 2, "files": [ { "id": 1, "path": "room/model.gltf" } ] }"#).unwrap();
    // the same file by another name, where there are links
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(room.paint("paint.png", 64), room.models[0].with_file_name("link.png")).unwrap();
        edit(&room.models[1], |model| model["images"][0]["uri"] = json!("link.png"));
    }
    let load = |path: &Path| {
        let mut scene = Arena::try_reserve("scene", 64 << 30).unwrap();
        let mut uploads = Arena::try_reserve("uploads", 64 << 20).unwrap();
        let (scene, uploads) = (scene.open(), uploads.open());
        let mut uploads = HostUploads::new_in(uploads.tagged(Tag::STAGING), 16 << 20);
        let progress = Progress::new();
        let request = ProjectRequest::Open(path.to_path_buf());
        let loading = &mut Loading::new(&mut uploads, &progress);
        let staged = project::load(&request, Intent::Look, &scene, loading).unwrap();
        let images: Vec<_> = staged.files.iter().flat_map(|file| file.scene.unwrap().images).copied().collect();
        assert!(images.iter().all(|image| (image.size, image.levels) == (images[0].size, images[0].levels)));
        assert!(matches!(images[0].pixels, Pixels::Upload(_)));
        let later: Vec<_> = images.iter().skip(1).map(|image| image.pixels).collect();
        assert_eq!(progress.done_bytes(), progress.total_bytes());
        (later, progress.total_files(), uploads.used_bytes())
    };
    let (alone, both) = (load(&one_file), load(&room.project));
    assert_eq!((alone.0, alone.1), (vec![], 2), "a document and its picture");
    assert_eq!((both.0, both.1), (vec![Pixels::Shared(0)], 3), "one document more");
    let corner = 3 * size_of::<voltrum::render::Vertex>() + 6;
    assert!(both.2 < alone.2 + 2 * corner, "{} bytes after {}", both.2, alone.2);
}

#[test]
fn a_shared_image_is_one_texture_that_each_file_refers_to() {
    let room = Room::new();
    let mut alone = None;
    with_open(&room.models[0], |instance| alone = Some(held(instance)));
    with_open(&room.project, |instance| {
        let (count, bytes, references) = alone.unwrap();
        assert_eq!((count, references), (1, 2), "the file and its material");
        assert_eq!(held(instance), (1, bytes, 4), "counted in the budget once");
        assert_eq!(shown(instance, 0), shown(instance, 1));
        let (_, project, app) = instance.parts();
        project.follow(&mut app.renderer, Mode::Memory).unwrap();
        let texture = textures::get(&app.textures, project.files()[0].assets().textures[0]);
        for file in project.files() {
            let held = project.holdings().of(project.scene, file.entities()[0]).unwrap();
            assert_eq!(held.textures, renderer::texture_bytes(&app.renderer, texture), "of what it is drawn with");
        }
    });
}

#[test]
fn files_that_join_take_the_images_that_are_there_and_leave_them_to_the_others() {
    let room = Room::new();
    let glb = room.models[0].with_file_name("sample.glb");
    fs::copy(files::sample(), &glb).unwrap();
    with_open(&room.models[0], |instance| {
        let (_, bytes, _) = held(instance);
        import(instance, &room.models[1]);
        assert_eq!(held(instance), (1, bytes, 4), "{}", instance.state().status.text().0);
        // the file that is open already
        import(instance, &room.models[0]);
        assert_eq!(held(instance), (1, bytes, 6));
        for _ in 0..3 {
            assert!(instance.project().undo().unwrap() && instance.project().undo().unwrap());
            testing::frames(instance, 2).unwrap();
            assert_eq!(held(instance), (1, bytes, 6), "it can be redone");
            assert!(instance.project().redo().unwrap() && instance.project().redo().unwrap());
            testing::frames(instance, 2).unwrap();
        }
        // pictures within a file
        import(instance, &glb);
        let (count, bytes, _) = held(instance);
        assert!(count > 1);
        import(instance, &glb);
        assert_eq!(held(instance), (count, bytes, 6));
        assert_eq!(shown(instance, 3), shown(instance, 4));
        // what is not the same picture
        let other = room.models[0].with_file_name("other.gltf");
        fs::copy(&room.models[0], &other).unwrap();
        room.paint("other.png", 4);
        edit(&other, |model| model["images"][0]["uri"] = json!("other.png"));
        import(instance, &other);
        assert_eq!(held(instance).0, count + 1);
        // nor the same meaning of it
        edit(&other, |model| model["materials"][0] = json!({ "normalTexture": { "index": 0 } }));
        import(instance, &other);
        assert_eq!(held(instance).0, count + 2);
    });
}

#[test]
fn an_import_that_fails_or_is_stopped_gives_back_what_it_had_taken() {
    let room = Room::new();
    let broken = room.models[0].with_file_name("broken.gltf");
    fs::copy(&room.models[0], &broken).unwrap();
    edit(&broken, |model| {
        model["images"] = json!([{ "uri": "paint.png" }, { "uri": "broken.png" }]);
        model["textures"] = json!([{ "source": 0 }, { "source": 1 }]);
        model["materials"][0]["emissiveTexture"] = json!({ "index": 1 });
    });
    let picture = room.paint("broken.png", 4);
    fs::write(&picture, &fs::read(&picture).unwrap()[..40]).unwrap();
    with_open(&room.models[0], |instance| {
        let before = held(instance);
        import(instance, &broken);
        assert!(is_error(instance) && held(instance) == before, "{}", instance.state().status.text().0);
        let request = instance.project().import_request(room.models[1].clone(), None);
        instance.import(request.into()).unwrap();
        instance.state().cancel_load();
        settle(instance);
        let stopped = held(instance);
        // it may have been faster
        assert!(stopped == before || stopped == (1, before.1, 4), "{stopped:?}");
    });
}

#[test]
fn an_import_for_which_memory_runs_out_gives_back_what_it_had_taken() {
    let room = Room::new();
    for kind in [Kind::Host, Kind::Gpu, Kind::Pages] {
        refuse_each(kind, |refusal| {
            let mut is_felt = false;
            with_open(&room.models[0], |instance| {
                let before = held(instance);
                let request = instance.project().import_request(room.models[1].clone(), None);
                let ended = refusal.during(|| {
                    instance.import(request.into())?;
                    testing::frames_until_loaded(instance, PATIENCE)
                });
                assert!(ended.is_ok() || kind == Kind::Pages, "{ended:?}");
                testing::frames(instance, 2).unwrap();
                is_felt = ended.is_err() || is_error(instance);
                let files = instance.project().files().len() as u32;
                assert_eq!(held(instance), (1, before.1, 2 * files), "{kind:?} {}", refusal.n);
            });
            is_felt
        });
    }
}

#[test]
fn a_picture_that_changes_shows_in_each_file_and_is_read_for_one_of_them() {
    let room = Room::new();
    with_open(&room.project, |instance| {
        let (handles, bytes) = (shown(instance, 0), held(instance).1);
        room.paint("paint.png", 16);
        reload(instance, 0);
        assert_eq!((drawn(instance, 0), drawn(instance, 1).1), (drawn(instance, 1), [16; 2]));
        let (texture, held_now) = (drawn(instance, 0), held(instance));
        assert!((held_now.0, held_now.2) == (1, 4) && held_now.1 > bytes, "{held_now:?}");
        reload(instance, 1);
        assert_eq!(instance.state().status.text().0, "reloaded two.gltf");
        assert_eq!((drawn(instance, 0), drawn(instance, 1), held(instance)), (texture, texture, held_now));
        assert_eq!((shown(instance, 0), shown(instance, 1)), (handles.clone(), handles.clone()));

        // a file whose pictures are as they were reads none
        edit(&room.models[0], |model| model["materials"][0]["pbrMetallicRoughness"]["roughnessFactor"] = json!(0.25));
        reload(instance, 0);
        assert_eq!((drawn(instance, 0), held(instance)), (texture, held_now));

        // a broken one changes nothing in either
        let picture = room.paint("paint.png", 32);
        let whole = fs::read(&picture).unwrap();
        fs::write(&picture, &whole[..40]).unwrap();
        for file in [0, 1] {
            reload(instance, file);
            assert!(is_error(instance));
            assert_eq!((drawn(instance, 0), drawn(instance, 1), held(instance)), (texture, texture, held_now));
        }
        fs::write(&picture, &whole).unwrap();
        // one broken document keeps nobody else from the picture
        fs::write(&room.models[0], "{").unwrap();
        reload(instance, 0);
        assert!(is_error(instance));
        reload(instance, 1);
        assert_eq!((drawn(instance, 0).1, drawn(instance, 0)), ([32; 2], drawn(instance, 1)));
        assert_eq!((held(instance).0, held(instance).2, shown(instance, 0)), (1, 4, handles.clone()));
    });
}

#[test]
fn a_reload_for_which_memory_runs_out_leaves_both_files_as_they_were() {
    let room = Room::new();
    for kind in [Kind::Host, Kind::Gpu] {
        refuse_each(kind, |refusal| {
            let (n, mut is_felt) = (refusal.n, false);
            room.paint("paint.png", 4);
            with_open(&room.project, |instance| {
                let (before, handles, paint) = (held(instance), shown(instance, 1), drawn(instance, 1));
                room.paint("paint.png", 16);
                refusal.during(|| reload(instance, 0));
                is_felt = is_error(instance);
                assert_eq!((held(instance).0, held(instance).2, drawn(instance, 0)), (1, 4, drawn(instance, 1)), "{n}");
                if is_felt {
                    assert_eq!((held(instance), drawn(instance, 1)), (before, paint), "{n}");
                }
                reload(instance, 1);
                assert_eq!((drawn(instance, 0).1, drawn(instance, 1)), ([16; 2], drawn(instance, 0)), "{n}");
                assert_eq!((shown(instance, 0), shown(instance, 1)), (handles.clone(), handles), "{n}");
            });
            is_felt
        });
    }
}

#[test]
fn a_file_that_means_another_picture_leaves_the_shared_one_to_the_others() {
    let room = Room::new();
    room.paint("new.png", 8);
    with_open(&room.project, |instance| {
        let before = held(instance);
        for round in 0..20 {
            let paint = drawn(instance, 1);
            edit(&room.models[0], |model| model["images"][0]["uri"] = json!("new.png"));
            reload(instance, 0);
            assert_eq!((drawn(instance, 0).1, drawn(instance, 1)), ([8; 2], paint), "round {round}");
            assert_eq!(held(instance).0, 2);
            edit(&room.models[1], |model| model["images"][0]["uri"] = json!("new.png"));
            reload(instance, 1);
            assert_eq!((drawn(instance, 0), held(instance).0, held(instance).2), (drawn(instance, 1), 1, 4));
            for (file, model) in room.models.iter().enumerate() {
                edit(model, |model| model["images"][0]["uri"] = json!("paint.png"));
                reload(instance, file);
            }
            assert_eq!(held(instance), before);
        }
    });
}

#[test]
fn an_image_that_changes_while_a_file_is_on_its_way_is_read_again() {
    let room = Room::new();
    let picture = room.paint("paint.png", 8);
    let (old, modified) = (fs::read(&picture).unwrap(), fs::metadata(&picture).unwrap().modified().unwrap());
    with_open(&room.models[0], |instance| {
        let request = instance.project().import_request(room.models[1].clone(), None);
        room.paint("paint.png", 16);
        reload(instance, 0);
        assert_eq!(drawn(instance, 0).1, [16; 2]);
        // what the request knows is on the disk again, and the project shows another one
        fs::write(&picture, &old).unwrap();
        fs::File::options().write(true).open(&picture).unwrap().set_modified(modified).unwrap();
        instance.import(request.into()).unwrap();
        settle(instance);
        assert!(!is_error(instance), "{}", instance.state().status.text().0);
        assert_eq!((instance.project().files().len(), held(instance).0), (2, 2));
        assert_eq!((drawn(instance, 0).1, drawn(instance, 1).1), ([16; 2], [8; 2]));
        // and once the file that is behind is loaded again, they have one
        reload(instance, 0);
        assert_eq!((drawn(instance, 0), held(instance).0, held(instance).2), (drawn(instance, 1), 1, 4));
    });
}
