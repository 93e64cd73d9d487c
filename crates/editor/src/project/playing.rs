//! The animation that a project shows: which, and where in time. It moves what is seen, and nothing of what is edited, undone
//! or saved.
//!
//! # Invariants
//! 1. While nothing is shown, everything stands where the document has it, to the last bit.

use super::{Project, ProjectFile};
use crate::error::EditorError;
use voltrum::assets::StagedAnimation;
use voltrum::assets::animation::{Playback, Repeat, parts_at};
use voltrum::scene::{self, SceneError, Transform};

/// Names an animation of a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnimationId {
    /// The file, by position in [`Project::files`].
    pub file: usize,
    /// Its animation.
    pub index: usize,
}

/// What a person may do with the animation that is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Play {
    /// Show this one, from its beginning, and let it go on.
    Show(AnimationId),
    /// Go on, or stand still.
    Toggle,
    /// Show the document's own places again.
    Stop,
    /// Go to a time, in seconds.
    Seek(f32),
    /// How fast, where 1 is as the file says.
    Speed(f32),
    /// What happens at the end.
    Repeat(Repeat),
}

/// The animation that is shown.
#[derive(Clone, Copy, Debug)]
pub struct Playing {
    id: AnimationId,
    playback: Playback,
    duration_secs: f32,
    /// Of the project, when it was posed last; 0 for not at all.
    posed_version: u64,
}

impl Playing {
    /// Which it is.
    pub fn id(&self) -> AnimationId {
        self.id
    }

    /// Where in time it stands, and how it goes on.
    pub fn playback(&self) -> &Playback {
        &self.playback
    }

    /// How long it is.
    pub fn duration_secs(&self) -> f32 {
        self.duration_secs
    }
}

impl<'scene> Project<'scene> {
    /// The animations of all files.
    pub fn animations(&self) -> impl Iterator<Item = (AnimationId, &ProjectFile<'scene>, &StagedAnimation<'scene>)> {
        self.files().iter().enumerate().flat_map(|(at, file)| {
            let animations = file.scene().map_or(&[][..], |scene| scene.animations);
            animations.iter().enumerate().map(move |(index, one)| (AnimationId { file: at, index }, file, one))
        })
    }

    /// The animation of that name, or else the one of that number among those of all files.
    pub fn find_animation(&self, wanted: &str) -> Option<AnimationId> {
        let named = self.animations().find(|(_, _, animation)| !wanted.is_empty() && animation.name == wanted);
        let numbered = || wanted.parse().ok().and_then(|number| self.animations().nth(number));
        named.or_else(numbered).map(|(id, _, _)| id)
    }

    /// The animation that is shown.
    pub fn playing(&self) -> Option<&Playing> {
        self.playing.as_ref()
    }

    /// Whether time goes on.
    pub fn is_playing(&self) -> bool {
        self.playing.is_some_and(|playing| playing.playback.is_playing())
    }

    pub(crate) fn animation(&self, id: AnimationId) -> Option<&'scene StagedAnimation<'scene>> {
        self.files.get(id.file)?.scene?.animations.get(id.index)
    }

    /// Does what a person asks of the animation; the next [`Project::animate`] shows it.
    pub fn play(&mut self, play: Play) {
        if let Play::Show(id) = play {
            self.stop_playing();
            let Some(animation) = self.animation(id) else { return };
            let (mut playback, duration_secs) = (self.playback, animation.duration_secs);
            playback.seek(0.0, duration_secs);
            playback.play(duration_secs);
            self.playing = Some(Playing { id, playback, duration_secs, posed_version: 0 });
            return;
        }
        let Some(playing) = &mut self.playing else { return };
        let Playing { playback, duration_secs, posed_version, .. } = playing;
        match play {
            Play::Toggle if playback.is_playing() => playback.pause(),
            Play::Toggle => playback.play(*duration_secs),
            Play::Seek(time_secs) => playback.seek(time_secs, *duration_secs),
            Play::Speed(speed) => playback.speed = speed,
            Play::Repeat(repeat) => playback.repeat = repeat,
            Play::Stop | Play::Show(_) => {}
        }
        *posed_version = 0;
        // the next one goes on as this one did
        (self.playback.speed, self.playback.repeat) = (playback.speed.abs(), playback.repeat);
        if play == Play::Stop {
            self.stop_playing();
        }
    }

    fn stop_playing(&mut self) {
        if self.playing.take().is_some() {
            scene::unpose(self.scene);
        }
    }

    /// Lets `delta_secs` pass for the animation, and shows it; [`Project::update`] is to follow.
    ///
    /// # Errors
    /// When the scene arena has no room; everything stands where the document has it then.
    pub fn animate(&mut self, delta_secs: f32) -> Result<(), EditorError> {
        let Some(playing) = self.playing else { return Ok(()) };
        let posed = self.pose(playing, delta_secs);
        if posed.is_err() {
            self.stop_playing();
        }
        posed.map_err(|source| EditorError::NotPlayed { source })
    }

    fn pose(&mut self, mut playing: Playing, delta_secs: f32) -> Result<(), SceneError> {
        let has_moved = playing.playback.advance(delta_secs, playing.duration_secs);
        if has_moved || playing.posed_version != self.version {
            let (time_secs, animation) = (playing.playback.time_secs(), self.animation(playing.id));
            let entities = self.files.get(playing.id.file).map_or(&[][..], |file| file.entities);
            for track in animation.map_or(&[][..], |animation| animation.tracks) {
                let moves = track.translation.is_some() || track.rotation.is_some() || track.scale.is_some();
                let Some(entity) = entities.get(track.node as usize).filter(|_| moves) else { continue };
                let parts = parts_at(track, time_secs);
                let (translation, rotation, scale) = (parts.translation, parts.rotation, parts.scale);
                match scene::pose(self.scene, *entity, Transform { translation, rotation, scale }) {
                    // one that was deleted, or a number that went too far
                    Ok(()) | Err(SceneError::Stale(_) | SceneError::NotFinite) => {}
                    Err(error) => return Err(error),
                }
            }
            playing.posed_version = self.version;
        }
        self.playing = Some(playing);
        Ok(())
    }
}
