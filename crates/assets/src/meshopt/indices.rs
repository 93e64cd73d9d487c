//! Modes 1 and 2: triangles by the edges and vertices that came shortly before, and indices by their differences.

use super::{Bytes, CUT};

/// Sixteen things, the latest first; what was never put in is 0.
struct Recent<T> {
    items: [T; 16],
    next: usize,
}

impl<T: Copy + Default> Recent<T> {
    fn new() -> Self {
        Self { items: [T::default(); 16], next: 0 }
    }

    fn push(&mut self, item: T) {
        if let Some(slot) = self.items.get_mut(self.next & 15) {
            *slot = item;
        }
        self.next = self.next.wrapping_add(1);
    }

    /// The one that was put in `back` before the latest.
    fn get(&self, back: u8) -> T {
        let at = self.next.wrapping_sub(1).wrapping_sub(usize::from(back)) & 15;
        self.items.get(at).copied().unwrap_or_default()
    }
}

/// What decoding triangles remembers.
struct Triangles<'b> {
    data: Bytes<'b>,
    edges: Recent<(u32, u32)>,
    vertices: Recent<u32>,
    next: u32,
    last: u32,
}

impl Triangles<'_> {
    fn fresh(&mut self) -> u32 {
        let vertex = self.next;
        self.next = vertex.wrapping_add(1);
        vertex
    }

    fn stated(&mut self) -> Result<u32, &'static str> {
        let value = self.data.varint()?;
        let delta = if value & 1 == 0 { value >> 1 } else { !(value >> 1) };
        self.last = self.last.wrapping_add(delta);
        Ok(self.last)
    }

    /// A vertex by a half byte: 0 is the next one, 15 is stated, others came before. And whether it is to be remembered.
    fn corner(&mut self, code: u8) -> Result<(u32, bool), &'static str> {
        match code {
            0 => Ok((self.fresh(), true)),
            15 => Ok((self.stated()?, true)),
            back => Ok((self.vertices.get(back - 1), false)),
        }
    }

    /// A triangle on an edge that came before.
    fn on_edge(&mut self, code: u8) -> Result<[u32; 3], &'static str> {
        let (a, b) = self.edges.get(code >> 4);
        let (c, is_new) = match code & 15 {
            0 => (self.fresh(), true),
            near @ (13 | 14) => {
                self.last = if near == 13 { self.last.wrapping_sub(1) } else { self.last.wrapping_add(1) };
                (self.last, true)
            }
            15 => (self.stated()?, true),
            back => (self.vertices.get(back), false),
        };
        self.edges.push((c, b));
        self.edges.push((a, c));
        if is_new {
            self.vertices.push(c);
        }
        Ok([a, b, c])
    }

    /// A triangle of its own; `corners` says what its second and third vertex are.
    fn alone(&mut self, first: u8, corners: u8) -> Result<[u32; 3], &'static str> {
        let (a, _) = self.corner(first)?;
        let (b, b_is_new) = self.corner(corners >> 4)?;
        let (c, c_is_new) = self.corner(corners & 15)?;
        self.edges.push((b, a));
        self.edges.push((c, b));
        self.edges.push((a, c));
        self.vertices.push(a);
        if b_is_new {
            self.vertices.push(b);
        }
        if c_is_new {
            self.vertices.push(c);
        }
        Ok([a, b, c])
    }
}

/// Unpacks triangles until `out` is full of indices of `width` bytes, 2 or 4.
pub(super) fn triangles(data: &[u8], width: usize, out: &mut [u8]) -> Result<(), &'static str> {
    let mut bytes = Bytes(data);
    if bytes.byte()? != 0xe1 {
        return Err("has compressed triangles of an unknown version");
    }
    let mut codes = Bytes(bytes.take(out.len() / (width * 3))?);
    let body = bytes.0.len().checked_sub(16).ok_or(CUT)?;
    let (body, table) = bytes.0.split_at_checked(body).ok_or(CUT)?;
    let mut state = Triangles { data: Bytes(body), edges: Recent::new(), vertices: Recent::new(), next: 0, last: 0 };
    for triangle in out.chunks_exact_mut(width * 3) {
        let code = codes.byte()?;
        let corners = match code {
            0xfe | 0xff => {
                let corners = state.data.byte()?;
                if corners == 0 {
                    state.next = 0;
                }
                state.alone(if code == 0xfe { 0 } else { 15 }, corners)?
            }
            0xf0.. => {
                let corners = table.get(usize::from(code & 15)).copied().unwrap_or(0);
                if corners >> 4 == 15 || corners & 15 == 15 {
                    return Err("has a table of triangles with an entry that is not allowed");
                }
                state.alone(0, corners)?
            }
            _ => state.on_edge(code)?,
        };
        write(triangle, width, &corners);
    }
    if state.data.0.is_empty() { Ok(()) } else { Err("has compressed triangles that go on behind their end") }
}

/// Unpacks indices until `out` is full of indices of `width` bytes, 2 or 4.
pub(super) fn sequence(data: &[u8], width: usize, out: &mut [u8]) -> Result<(), &'static str> {
    let mut bytes = Bytes(data);
    if bytes.byte()? != 0xd1 {
        return Err("has compressed indices of an unknown version");
    }
    let body = bytes.0.len().checked_sub(4).and_then(|end| bytes.0.get(..end)).ok_or(CUT)?;
    let mut bytes = Bytes(body);
    let mut lasts = [0_u32; 2];
    for index in out.chunks_exact_mut(width) {
        let value = bytes.varint()?;
        let [first, second] = &mut lasts;
        let last = if value & 1 == 0 { first } else { second };
        let delta = if value & 2 == 0 { value >> 2 } else { !(value >> 2) };
        *last = last.wrapping_add(delta);
        write(index, width, &[*last]);
    }
    if bytes.0.is_empty() { Ok(()) } else { Err("has compressed indices that go on behind their end") }
}

fn write(out: &mut [u8], width: usize, indices: &[u32]) {
    for (bytes, index) in out.chunks_exact_mut(width).zip(indices) {
        bytes.copy_from_slice(index.to_le_bytes().get(..width).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Decode = fn(&[u8], usize, &mut [u8]) -> Result<(), &'static str>;

    fn decoded(data: &[u8], count: usize, decode: Decode) -> Vec<u32> {
        let mut wide = vec![0; count * 4];
        decode(data, 4, &mut wide).unwrap();
        let mut narrow = vec![0; count * 2];
        decode(data, 2, &mut narrow).unwrap();
        let wide: Vec<u32> = wide.chunks_exact(4).map(|bytes| u32::from_le_bytes(bytes.try_into().unwrap())).collect();
        let narrow = narrow.chunks_exact(2).map(|bytes| u32::from(u16::from_le_bytes(bytes.try_into().unwrap())));
        assert!(wide.iter().map(|index| index & 0xffff).eq(narrow));
        wide
    }

    #[test]
    fn every_kind_of_triangle_is_what_the_extension_says() {
        let mut data = vec![0xe1];
        // a table entry of two new vertices; an edge and a new one; an edge and the third latest vertex
        data.extend_from_slice(&[0xf0, 0x10, 0x03]);
        // an edge and last + 1, last - 1, and one that is stated
        data.extend_from_slice(&[0x0e, 0x0d, 0x0f]);
        // all stated; then the sequence begins again
        data.extend_from_slice(&[0xff, 0xfe]);
        data.extend_from_slice(&[40]); // last becomes 20
        data.extend_from_slice(&[0xff, 2, 1, 0xc8, 1]); // 21, 20, 120
        data.extend_from_slice(&[0x00]);
        data.extend_from_slice(&[0; 16]);
        let triangles = decoded(&data, 8 * 3, triangles);
        let triangles: Vec<&[u32]> = triangles.chunks(3).collect();
        assert_eq!(triangles[0], [0, 1, 2]);
        // edges so far, latest first: (0, 2), (2, 1), (1, 0)
        assert_eq!(triangles[1], [2, 1, 3]);
        // edges: (2, 3), (3, 1), ...; vertices, latest first: 3, 2, 1, 0
        assert_eq!(triangles[2], [2, 3, 0]);
        assert_eq!(triangles[3], [2, 0, 1]);
        assert_eq!(triangles[4], [2, 1, 0]);
        assert_eq!(triangles[5], [2, 0, 20]);
        assert_eq!(triangles[6], [21, 20, 120]);
        assert_eq!(triangles[7], [0, 1, 2]);
    }

    #[test]
    fn indices_follow_two_baselines() {
        // +1 on the first, +50 on the second, -1 on the first, +1 on the second
        let data = [0xd1, 1 << 2, 0xc9, 1, 2, (1 << 2) | 1, 0, 0, 0, 0];
        assert_eq!(decoded(&data, 4, sequence), [1, 50, 0, 51]);
    }

    #[test]
    fn streams_that_are_cut_or_go_on_are_refused() {
        let good = [0xe1, 0xf0, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let mut out = [0; 24];
        assert!(triangles(&good, 4, &mut out).is_ok());
        for length in 0..good.len() {
            assert!(triangles(&good[..length], 4, &mut out).is_err(), "{length}");
        }
        assert!(triangles(&[&good[..], &[0]].concat(), 4, &mut out).is_err());
        let mut bad = good;
        bad[3] = 0xf0;
        assert!(triangles(&bad, 4, &mut out).is_err());
        let good = [0xd1, 4, 4, 0, 0, 0, 0];
        assert!(sequence(&good, 2, &mut out[..4]).is_ok());
        for length in 0..good.len() {
            assert!(sequence(&good[..length], 2, &mut out[..4]).is_err());
        }
        assert!(sequence(&[0xd1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0], 4, &mut out[..4]).is_err());
    }
}
