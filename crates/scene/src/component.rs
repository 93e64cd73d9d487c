//! What a client's own components can do: become bytes and come back.

/// A component of a client's own type. Undo, duplication and project files handle it as bytes.
///
/// Plain numbers (`bytemuck::Pod`) are components already; other types say how:
///
/// ```
/// use voltrum_scene::Component;
///
/// #[derive(Clone, Copy, PartialEq, Debug)]
/// enum Switch {
///     Off,
///     On { watts: f32 },
/// }
///
/// impl Component for Switch {
///     const BYTES: usize = 4;
///
///     fn write(&self, bytes: &mut [u8]) {
///         let watts = match self {
///             Switch::Off => -1.0,
///             Switch::On { watts } => *watts,
///         };
///         watts.write(bytes);
///     }
///
///     fn read(bytes: &[u8]) -> Option<Switch> {
///         let watts = f32::read(bytes)?;
///         Some(if watts < 0.0 { Switch::Off } else { Switch::On { watts } })
///     }
/// }
///
/// let mut bytes = [0; Switch::BYTES];
/// Switch::On { watts: 60.0 }.write(&mut bytes);
/// assert_eq!(Switch::read(&bytes), Some(Switch::On { watts: 60.0 }));
/// ```
pub trait Component: Copy + Send + Sync + 'static {
    /// How many bytes each takes; at most [`COMPONENT_BYTES_MAX`].
    const BYTES: usize;

    /// Writes it into exactly [`Component::BYTES`] bytes.
    fn write(&self, bytes: &mut [u8]);

    /// Reads what [`Component::write`] wrote; `None` where the bytes make none, as those of a file may.
    fn read(bytes: &[u8]) -> Option<Self>;
}

/// Most bytes that a component may take.
pub const COMPONENT_BYTES_MAX: usize = 256;

impl<T: bytemuck::Pod + Send + Sync> Component for T {
    const BYTES: usize = size_of::<T>();

    fn write(&self, bytes: &mut [u8]) {
        bytes.copy_from_slice(bytemuck::bytes_of(self));
    }

    fn read(bytes: &[u8]) -> Option<T> {
        bytemuck::try_pod_read_unaligned(bytes).ok()
    }
}
