//! CRC-32C, as RFC 3720 (appendix B.4) describes it, and the fingerprint of a file's contents.

/// The polynomial 0x1EDC6F41, its bits reversed.
const POLYNOMIAL: u32 = 0x82f6_3b78;

/// What each byte does, for bytes with none to seven others behind them (Kounavis and Berry, "Slicing by 8", 2005).
static TABLES: [[u32; 256]; 8] = tables();

const fn tables() -> [[u32; 256]; 8] {
    let mut tables = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ POLYNOMIAL } else { crc >> 1 };
            bit += 1;
        }
        tables[0][byte] = crc;
        byte += 1;
    }
    let mut at = 256;
    while at < 8 * 256 {
        let before = tables[at / 256 - 1][at % 256];
        tables[at / 256][at % 256] = before >> 8 ^ tables[0][(before & 255) as usize];
        at += 1;
    }
    tables
}

/// The checksum of bytes that come piece by piece.
#[derive(Clone, Copy, Debug)]
pub(super) struct Crc32c(u32);

impl Crc32c {
    pub(super) const fn new() -> Crc32c {
        Crc32c(!0)
    }

    pub(super) fn add(&mut self, bytes: &[u8]) {
        let mut crc = self.0;
        let (eights, rest) = bytes.as_chunks::<8>();
        for eight in eights {
            let [a, b, c, d, e, f, g, h] = *eight;
            let low = crc ^ u32::from_le_bytes([a, b, c, d]);
            let high = u32::from_le_bytes([e, f, g, h]);
            crc = TABLES[7][(low & 255) as usize]
                ^ TABLES[6][(low >> 8 & 255) as usize]
                ^ TABLES[5][(low >> 16 & 255) as usize]
                ^ TABLES[4][(low >> 24) as usize]
                ^ TABLES[3][(high & 255) as usize]
                ^ TABLES[2][(high >> 8 & 255) as usize]
                ^ TABLES[1][(high >> 16 & 255) as usize]
                ^ TABLES[0][(high >> 24) as usize];
        }
        for byte in rest {
            crc = crc >> 8 ^ TABLES[0][((crc ^ u32::from(*byte)) & 255) as usize];
        }
        self.0 = crc;
    }

    pub(super) fn value(self) -> u32 {
        !self.0
    }
}

/// Tells a file's contents from others: their length and checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// Bytes.
    pub len: u64,
    /// CRC-32C.
    pub crc: u32,
}

impl Fingerprint {
    /// Of no file, or an empty one.
    pub const NONE: Fingerprint = Fingerprint { len: 0, crc: 0 };

    /// Of these contents.
    pub fn of(contents: &[u8]) -> Fingerprint {
        let mut crc = Crc32c::new();
        crc.add(contents);
        Fingerprint { len: contents.len() as u64, crc: crc.value() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standards_examples_come_out() {
        let crc = |bytes: &[u8]| Fingerprint::of(bytes).crc;
        assert_eq!(crc(b"123456789"), 0xe306_9283);
        // RFC 3720, B.4
        assert_eq!(crc(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc(&[0xff; 32]), 0x62a8_ab43);
        let ascending: Vec<u8> = (0..32).collect();
        assert_eq!(crc(&ascending), 0x46dd_794e);
        assert_eq!(Fingerprint::of(b""), Fingerprint::NONE);
    }

    #[test]
    fn pieces_make_the_same_as_the_whole() {
        let bytes: Vec<u8> = (0..1000u32).map(|at| (at * 7) as u8).collect();
        for cut in [0, 1, 7, 8, 9, 500, 1000] {
            let mut crc = Crc32c::new();
            crc.add(&bytes[..cut]);
            crc.add(&bytes[cut..]);
            assert_eq!(crc.value(), Fingerprint::of(&bytes).crc);
        }
    }
}
