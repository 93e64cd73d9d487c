//! The layers of the interface: what is drawn, in which order, and whether it is shown.
//!
//! The stack keeps names, order and visibility; the application draws each visible layer between `begin_frame` and
//! `end_frame`, from back to front.
//!
//! # Deliberately absent
//! No callbacks: a layer's drawing needs the client's state, which the client has at hand where it draws.

use crate::UiError;
use core::cell::Cell;
use voltrum_memory::{ArenaVec, Tagged};

/// Names a layer of a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LayerId(u16);

/// One layer.
#[derive(Debug)]
pub struct Layer<'app> {
    id: LayerId,
    name: &'app str,
    order: i32,
    visible: Cell<bool>,
}

impl<'app> Layer<'app> {
    /// What the layer is found by.
    pub fn id(&self) -> LayerId {
        self.id
    }

    /// What people call it.
    pub fn name(&self) -> &'app str {
        self.name
    }

    /// Its place: lower is further back.
    pub fn order(&self) -> i32 {
        self.order
    }

    /// Whether it is to be drawn.
    pub fn is_visible(&self) -> bool {
        self.visible.get()
    }

    /// Shows or hides it, from the next time somebody asks.
    pub fn set_visible(&self, visible: bool) {
        self.visible.set(visible);
    }
}

/// Layers from back to front.
///
/// ```
/// use voltrum_memory::{Arena, Tag};
/// use voltrum_ui::LayerStack;
///
/// let mut arena = Arena::try_reserve("permanent", 1 << 20)?;
/// let scope = arena.open();
/// let mut layers = LayerStack::try_new_in(8, scope.tagged(Tag::UI))?;
/// let panels = layers.push("panels", 0)?;
/// let debug = layers.push("debug overlay", 100)?;
/// let viewport = layers.push("viewport", -10)?;
/// layers.set_visible(debug, false);
///
/// let drawn: Vec<_> = layers.visible().map(|layer| layer.id()).collect();
/// assert_eq!(drawn, [viewport, panels]);
/// # Ok::<(), voltrum_ui::UiError>(())
/// ```
pub struct LayerStack<'app> {
    memory: Tagged<'app>,
    layers: ArenaVec<'app, Layer<'app>>,
    next_id: u16,
    capacity: usize,
}

impl<'app> LayerStack<'app> {
    /// An empty stack with room for `capacity` layers.
    ///
    /// # Errors
    /// [`UiError::Memory`] when the arena is full.
    pub fn try_new_in(capacity: usize, memory: Tagged<'app>) -> Result<LayerStack<'app>, UiError> {
        let layers = ArenaVec::try_with_capacity_in(capacity, memory)?;
        Ok(LayerStack { memory, layers, next_id: 0, capacity })
    }

    /// Adds a visible layer, in front of those whose `order` is not higher.
    ///
    /// # Errors
    /// [`UiError::LayersFull`], [`UiError::LayerExists`], and [`UiError::Memory`] when the name finds no room.
    pub fn push(&mut self, name: &str, order: i32) -> Result<LayerId, UiError> {
        if self.layers.len() >= self.capacity || self.next_id == u16::MAX {
            return Err(UiError::LayersFull { capacity: self.capacity });
        }
        if self.by_name(name).is_some() {
            return Err(UiError::LayerExists);
        }
        let id = LayerId(self.next_id);
        let name = self.memory.try_alloc_str(name)?;
        let place = self.layers.partition_point(|layer| layer.order <= order);
        self.layers.try_insert(place, Layer { id, name, order, visible: Cell::new(true) })?;
        self.next_id += 1;
        Ok(id)
    }

    /// Takes a layer out; `false` when there is none of that id. The bytes of its name stay in the arena.
    pub fn remove(&mut self, id: LayerId) -> bool {
        let Some(place) = self.layers.iter().position(|layer| layer.id == id) else { return false };
        self.layers.remove(place);
        true
    }

    /// The layer of that id.
    pub fn get(&self, id: LayerId) -> Option<&Layer<'app>> {
        self.layers.iter().find(|layer| layer.id == id)
    }

    /// The layer of that name.
    pub fn by_name(&self, name: &str) -> Option<&Layer<'app>> {
        self.layers.iter().find(|layer| layer.name == name)
    }

    /// All layers, from back to front.
    pub fn iter(&self) -> impl Iterator<Item = &Layer<'app>> {
        self.layers.iter()
    }

    /// The layers to draw, from back to front.
    pub fn visible(&self) -> impl Iterator<Item = &Layer<'app>> {
        self.iter().filter(|layer| layer.is_visible())
    }

    /// Whether there is such a layer and it is to be drawn.
    pub fn is_visible(&self, id: LayerId) -> bool {
        self.get(id).is_some_and(Layer::is_visible)
    }

    /// Shows or hides a layer; one that is not there stays so.
    pub fn set_visible(&self, id: LayerId, visible: bool) {
        if let Some(layer) = self.get(id) {
            layer.set_visible(visible);
        }
    }

    /// How many layers there are.
    pub fn len(&self) -> usize {
        self.layers.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.layers.is_empty()
    }
}
