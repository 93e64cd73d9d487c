//! What vertices in a row make: points, lines, triangles; strips and fans of triangles become lists (glTF 2.0, 3.7.2.1).

use voltrum_render::Topology;

/// How vertices follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Three vertices per triangle.
    List,
    /// Each vertex makes a triangle with the two before it.
    Strip,
    /// Each vertex makes a triangle with the one before it and the first.
    Fan,
    /// Each vertex is a point.
    Points,
    /// Two vertices per line.
    Lines,
    /// Each vertex makes a line with the one before it.
    LineStrip,
    /// As the strip, and the last one makes a line with the first.
    LineLoop,
}

impl Order {
    /// How many triangles `vertices` make. Left-over vertices make none.
    pub(crate) fn triangles(self, vertices: usize) -> usize {
        match self {
            Self::List => vertices / 3,
            Self::Strip | Self::Fan => vertices.saturating_sub(2),
            Self::Points | Self::Lines | Self::LineStrip | Self::LineLoop => 0,
        }
    }

    /// How many indices `vertices` make once they are of one [`Order::topology`]. Left-over vertices make none.
    pub(crate) fn indices(self, vertices: usize) -> usize {
        match self {
            Self::List | Self::Strip | Self::Fan => self.triangles(vertices) * 3,
            Self::Points => vertices,
            Self::Lines => vertices / 2 * 2,
            Self::LineStrip if vertices >= 2 => vertices,
            Self::LineLoop if vertices >= 2 => vertices + 1,
            Self::LineStrip | Self::LineLoop => 0,
        }
    }

    /// What is handed to the device.
    pub(crate) fn topology(self) -> Topology {
        match self {
            Self::List | Self::Strip | Self::Fan => Topology::Triangles,
            Self::Points => Topology::Points,
            Self::Lines => Topology::Lines,
            Self::LineStrip | Self::LineLoop => Topology::LineStrip,
        }
    }
}

/// Takes vertices one at a time and gives triangles.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Triangulator {
    order: Order,
    taken: usize,
    held: [u32; 2],
}

impl Triangulator {
    pub(crate) fn new(order: Order) -> Self {
        Self { order, taken: 0, held: [0; 2] }
    }

    /// The triangle that `vertex` completes, wound as the first one is.
    pub(crate) fn push(&mut self, vertex: u32) -> Option<[u32; 3]> {
        let at = self.taken;
        self.taken += 1;
        let [first, second] = self.held;
        match self.order {
            Order::List => match at % 3 {
                0 => self.held[0] = vertex,
                1 => self.held[1] = vertex,
                _ => return Some([first, second, vertex]),
            },
            Order::Strip => {
                self.held = [second, vertex];
                if at >= 2 {
                    return Some(if at.is_multiple_of(2) { [first, second, vertex] } else { [first, vertex, second] });
                }
            }
            Order::Fan => {
                if at == 0 {
                    self.held[0] = vertex;
                } else {
                    self.held[1] = vertex;
                }
                if at >= 2 {
                    return Some([second, vertex, first]);
                }
            }
            Order::Points | Order::Lines | Order::LineStrip | Order::LineLoop => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(order: Order, vertices: u32) -> Vec<[u32; 3]> {
        let mut triangulator = Triangulator::new(order);
        let triangles: Vec<_> = (0..vertices).filter_map(|vertex| triangulator.push(vertex)).collect();
        assert_eq!(triangles.len(), order.triangles(vertices as usize));
        triangles
    }

    #[test]
    fn lists_strips_and_fans_keep_their_winding() {
        assert_eq!(all(Order::List, 7), [[0, 1, 2], [3, 4, 5]]);
        assert_eq!(all(Order::Strip, 5), [[0, 1, 2], [1, 3, 2], [2, 3, 4]]);
        assert_eq!(all(Order::Fan, 5), [[1, 2, 0], [2, 3, 0], [3, 4, 0]]);
    }

    #[test]
    fn lines_and_points_make_no_triangles() {
        for (order, indices) in [(Order::Points, 5), (Order::Lines, 4), (Order::LineStrip, 5), (Order::LineLoop, 6)] {
            assert!(all(order, 5).is_empty());
            assert_eq!(order.indices(5), indices);
        }
        assert_eq!((Order::LineLoop.indices(1), Order::LineStrip.indices(1), Order::Lines.indices(1)), (0, 0, 0));
    }

    #[test]
    fn too_few_vertices_make_no_triangle() {
        for order in [Order::List, Order::Strip, Order::Fan] {
            assert!(all(order, 2).is_empty());
        }
    }
}
