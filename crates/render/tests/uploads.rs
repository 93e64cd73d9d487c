//! Uploads: batches on threads, limits, and what becomes of them.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod stage;

use stage::*;
use voltrum_render::{
    GpuLifetime, GpuTag, ImageFormat, MaterialDesc, RenderError, SamplerDesc, Sun, View, glam::Vec3, renderer,
};

#[test]
fn a_batch_filled_on_another_thread_while_frames_are_drawn_shows_its_texture() {
    perform(LIMITS, |renderer, _, scope| {
        let gpu = renderer.gpu();
        let square = square(renderer);
        let target = renderer::create_target(renderer, [16, 16], 1, "test").unwrap();
        let (batch, upload) = std::thread::scope(|threads| {
            let worker = threads.spawn(|| {
                let mut batch = gpu.upload_batch(64 << 20);
                let (upload, pixels) = batch.try_image([1024, 1024], ImageFormat::Rgba8Srgb).unwrap();
                pixels.chunks_exact_mut(4).for_each(|pixel| pixel.copy_from_slice(&[0, 255, 0, 255]));
                (batch, upload)
            });
            for _ in 0..5 {
                frame(renderer, &[view(target, &[])]);
            }
            worker.join().unwrap()
        });
        let sampler = SamplerDesc::default();
        let texture = renderer::create_texture(renderer, &batch, upload, sampler, GpuLifetime::Scene).unwrap();
        let desc = MaterialDesc { base_color_texture: Some(texture.into()), ..MaterialDesc::default() };
        let material = renderer::create_material(renderer, &desc).unwrap();
        let draws = [draw(square, material)];
        let sun = Sun { direction: Vec3::NEG_Z, color: [1.0; 3], intensity: 1.0 };
        let shown = View { sun, ..view(target, &draws) };
        let before = picture(renderer, shown, scope).at(8, 8);
        assert!(before[1] < 60, "the default shows until the batch is submitted: {before:?}");
        renderer::submit_uploads(renderer, batch).unwrap();
        let after = picture(renderer, shown, scope).at(8, 8);
        assert!(after[1] > 245 && after[0] < 40, "{after:?}");
    });
}

#[test]
fn images_beyond_the_device_and_empty_ones_are_refused_with_numbers() {
    perform_with_gpu(|gpu, _| {
        let mut batch = gpu.upload_batch(1 << 20);
        let refused = batch.try_image([60_000, 2], ImageFormat::Rgba8Srgb).unwrap_err();
        let limit = gpu.image_side_max();
        assert!(limit < 60_000);
        assert_eq!(
            refused.to_string(),
            format!("an image of 60000 x 2 pixels is too large: this GPU takes {limit} a side; scale it down")
        );
        assert!(matches!(batch.try_image([0, 5], ImageFormat::Rgba8Srgb), Err(RenderError::ImageEmpty { .. })));
        assert!(matches!(batch.try_buffer(0), Err(RenderError::BufferEmpty)));
        assert_eq!(batch.held_bytes(), 0);
    });
}

#[test]
fn a_batch_stops_at_its_limit_and_can_be_filled_to_it() {
    perform_with_gpu(|gpu, _| {
        let mut batch = gpu.upload_batch(3 << 20);
        batch.try_buffer(3 << 20).unwrap();
        let refused = batch.try_buffer(1);
        assert!(matches!(refused, Err(RenderError::UploadLimit { asked: 1, left: 0, limit: 3_145_728 })));
        let mut batch = gpu.upload_batch(200 << 20);
        for _ in 0..190 {
            batch.try_buffer(1 << 20).unwrap().1.fill(1);
        }
        assert!(gpu.usage().tag(GpuTag::Staging).bytes >= 193 << 20);
        let refused = batch.try_buffer(usize::MAX);
        assert!(matches!(refused, Err(RenderError::UploadLimit { .. })));
    });
}

#[test]
fn uploads_of_another_batch_are_refused() {
    perform(LIMITS, |renderer, gpu, _| {
        let mut first = gpu.upload_batch(1 << 20);
        let second = gpu.upload_batch(1 << 20);
        let (upload, _) = first.try_image([4, 4], ImageFormat::Rgba8Unorm).unwrap();
        let made = renderer::create_texture(renderer, &second, upload, SamplerDesc::default(), GpuLifetime::Scene);
        assert!(matches!(made, Err(RenderError::ForeignUpload { .. })), "{made:?}");
    });
}

#[test]
fn a_batch_that_is_dropped_takes_its_bytes_along_and_its_texture_stays_the_default() {
    perform(LIMITS, |renderer, gpu, scope| {
        let square = square(renderer);
        let target = renderer::create_target(renderer, [16, 16], 1, "test").unwrap();
        frame(renderer, &[]);
        renderer::wait_idle(renderer).unwrap();
        let base = gpu.usage().tag(GpuTag::Staging);
        let mut batch = gpu.upload_batch(1 << 20);
        let (upload, _) = batch.try_image([4, 4], ImageFormat::Rgba8Srgb).unwrap();
        let made = renderer::create_texture(renderer, &batch, upload, SamplerDesc::default(), GpuLifetime::Scene);
        drop(batch);
        assert_eq!(gpu.usage().tag(GpuTag::Staging), base);
        let [left, default] = [made.unwrap(), renderer.checker_texture()].map(|texture| {
            let desc = MaterialDesc { base_color_texture: Some(texture.into()), ..MaterialDesc::default() };
            let draws = [draw(square, renderer::create_material(renderer, &desc).unwrap())];
            picture(renderer, View { ambient: [1.0; 3], ..view(target, &draws) }, scope).rgba.to_vec()
        });
        assert!(left == default && default.chunks_exact(4).any(|pixel| pixel != &default[..4]));
    });
}

#[test]
fn more_batches_than_the_renderer_keeps_are_copied_at_once() {
    perform(LIMITS, |renderer, _, scope| {
        let target = renderer::create_target(renderer, [16, 16], 1, "test").unwrap();
        let mut last = None;
        for _ in 0..30 {
            last = Some(square(renderer));
        }
        let material = renderer::create_material(renderer, &matt([1.0; 4])).unwrap();
        let draws = [draw(last.unwrap(), material)];
        let shown = View { ambient: [1.0; 3], ..view(target, &draws) };
        assert!(picture(renderer, shown, scope).at(8, 8)[0] > 200);
    });
}

#[test]
fn several_images_at_once_are_filled_side_by_side_and_are_all_or_none() {
    perform(LIMITS, |renderer, gpu, scope| {
        let target = renderer::create_target(renderer, [16, 16], 1, "test").unwrap();
        let square = square(renderer);
        let mut batch = renderer.gpu().upload_batch(16 << 20);
        // Something before them, and chunks that end in the midst of them.
        batch.try_buffer(1_000).unwrap();
        let wanted = [[300, 300], [7, 3], [700, 700], [1, 1], [600, 600], [64, 64]];
        let wanted = wanted.map(|size| (size, ImageFormat::Rgba8Srgb, 1));
        let mut uploads = Vec::new();
        std::thread::scope(|threads| {
            let mut shade = 0_u8;
            batch
                .try_images(&wanted, &mut |upload, pixels| {
                    shade += 40;
                    let color = [shade, 0, 255 - shade, 255];
                    assert_eq!(pixels.len() as u32, upload.size()[0] * upload.size()[1] * 4);
                    uploads.push((upload, color));
                    threads.spawn(move || pixels.chunks_exact_mut(4).for_each(|pixel| pixel.copy_from_slice(&color)));
                })
                .unwrap();
        });
        let held = batch.held_bytes();
        let too_much = [([64, 64], ImageFormat::Rgba8Srgb, 1), ([4_000, 4_000], ImageFormat::Rgba8Srgb, 1)];
        let refused = batch.try_images(&too_much, &mut |_, _| panic!("all or none"));
        assert!(matches!(refused, Err(RenderError::UploadLimit { .. })), "{refused:?}");
        assert_eq!(batch.held_bytes(), held);
        let mut made = Vec::new();
        for &(upload, color) in &uploads {
            let sampler = SamplerDesc::default();
            let texture = renderer::create_texture(renderer, &batch, upload, sampler, GpuLifetime::Scene).unwrap();
            let desc = MaterialDesc { base_color_texture: Some(texture.into()), ..MaterialDesc::default() };
            made.push((renderer::create_material(renderer, &MaterialDesc { unlit: true, ..desc }).unwrap(), color));
        }
        renderer::submit_uploads(renderer, batch).unwrap();
        for (material, color) in made {
            let draws = [draw(square, material)];
            assert_near(picture(renderer, view(target, &draws), scope).at(8, 8), color, 3, "an image of several");
        }
        assert!(gpu.usage().tag(GpuTag::Texture).bytes > 0);
    });
}

#[test]
fn memory_set_aside_is_there_for_what_is_made_of_the_batch() {
    perform(LIMITS, |renderer, gpu, _| {
        let base = gpu.usage();
        let mut batch = renderer.gpu().upload_batch(64 << 20);
        let (upload, _) = batch.try_image([1_024, 1_024], ImageFormat::Rgba8Srgb).unwrap();
        batch.try_reserve().unwrap();
        batch.try_reserve().unwrap();
        let set_aside = gpu.usage().lifetime(GpuLifetime::Scene) - base.lifetime(GpuLifetime::Scene);
        let sampler = SamplerDesc::default();
        renderer::create_texture(renderer, &batch, upload, sampler, GpuLifetime::Scene).unwrap();
        let taken = gpu.usage().lifetime(GpuLifetime::Scene) - base.lifetime(GpuLifetime::Scene);
        assert!(taken > 0 && taken <= set_aside, "{taken} of {set_aside}");
        assert!(set_aside < taken * 3 / 2, "{taken} of {set_aside}");
    });
}
