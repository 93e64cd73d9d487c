//! A frame loop: what lives as long as the program, what lives for one frame, and a report that says who holds what.
//!
//! `cargo run -p voltrum-memory --example frame_loop`

use voltrum_memory::{Arena, ArenaConfig, ArenaVec, MemoryError, MemoryReport, Scope, Tag, Tagged};

const PARTICLES: Tag = Tag::new(40, "PARTICLES", "positions and velocities of sparks");

/// Lives as long as the program. It keeps a handle, so it can allocate later, too.
struct Sparks<'app> {
    permanent: Tagged<'app>,
    positions: &'app mut [[f32; 2]],
    velocities: &'app mut [[f32; 2]],
}

impl<'app> Sparks<'app> {
    fn startup(permanent: Tagged<'app>, count: usize) -> Result<&'app mut Sparks<'app>, MemoryError> {
        permanent.try_alloc(Sparks {
            permanent,
            positions: permanent.try_alloc_zeroed(count)?,
            velocities: permanent.try_alloc_slice_fill_with(count, |i| {
                let angle = i as f32 * 2.4;
                [angle.cos(), angle.sin()]
            })?,
        })
    }

    fn update(&mut self, delta_secs: f32) {
        for (position, velocity) in self.positions.iter_mut().zip(self.velocities.iter_mut()) {
            position[0] += velocity[0] * delta_secs;
            position[1] += velocity[1] * delta_secs;
            velocity[1] -= 0.1 * delta_secs;
        }
    }

    /// What is on the screen, for this frame. The lifetime says so: the slice can't be kept in `self`.
    fn visible<'frame>(&self, frame: &Scope<'frame>) -> Result<&'frame [[f32; 2]], MemoryError> {
        let mut visible = ArenaVec::new_in(frame.tagged(PARTICLES));
        visible.try_extend(self.positions.iter().copied().filter(|[x, y]| x.abs() < 1.0 && y.abs() < 1.0))?;
        Ok(frame.try_alloc_slice_copy(&visible)?)
    }
}

fn main() -> Result<(), MemoryError> {
    // Address space, not memory: pages come as they are used.
    let mut permanent = Arena::try_reserve_with(&ArenaConfig {
        limit_bytes: Some(64 << 20), // a budget: crossing it is an error with the numbers
        tags: &[PARTICLES],
        ..ArenaConfig::new("permanent", 1 << 30)
    })?;
    let mut frames =
        Arena::try_reserve_with(&ArenaConfig { tags: &[PARTICLES], ..ArenaConfig::new("frame", 64 << 20) })?;

    let permanent = permanent.open();
    let sparks = Sparks::startup(permanent.tagged(PARTICLES), 10_000)?;
    let mut frame = frames.open();
    for index in 0..120 {
        let turn = frame.temp(); // 'frame begins
        sparks.update(1.0 / 60.0);
        let visible = sparks.visible(&turn)?;
        let title = turn.try_alloc_fmt(format_args!("frame {index}: {} sparks", visible.len()))?;
        if index % 40 == 0 {
            println!("{title}");
        }
    } // 'frame ends: all of it is free, in one step

    println!("{} bytes for good\n", sparks.permanent.view().used());
    let arenas = [permanent.view(), frame.view().per_frame()];
    print!("{}", MemoryReport::try_collect(frame.tagged(Tag::REPORT), &arenas)?);
    Ok(())
}
