//! A file in memory as decoders read it: what they read is counted, and a load that was asked to stop can't read on.
//!
//! # Invariants
//! 1. A byte is counted once, however often it is read.
//! 2. Once it was asked to stop, every read fails, however often a decoder tries. At most [`STEP`] bytes are handed out between two looks at whether the load goes on.

use std::io::{self, BufRead, ErrorKind, Read, Seek, SeekFrom};

use crate::Progress;

/// Bytes that are handed out at once: of a picture that is mostly one colour they are a few million pixels.
const STEP: usize = 4096;

/// See the module.
pub(super) struct Watched<'f> {
    bytes: &'f [u8],
    at: usize,
    counted: usize,
    is_stopped: bool,
    progress: &'f Progress,
}

impl<'f> Watched<'f> {
    pub(super) fn new(bytes: &'f [u8], progress: &'f Progress) -> Self {
        Self { bytes, at: 0, counted: 0, is_stopped: false, progress }
    }

    /// All of the file.
    pub(super) fn whole(&self) -> &'f [u8] {
        self.bytes
    }

    /// Counts what is left, which nobody needed.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.count(0)?;
        self.count(self.bytes.len())
    }

    /// Everything before `end` has been read.
    pub(super) fn count(&mut self, end: usize) -> io::Result<()> {
        let new = end.saturating_sub(self.counted);
        self.counted += new;
        self.is_stopped |= self.progress.advance(new as u64).is_err();
        if self.is_stopped { Err(ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
    }
}

impl Read for Watched<'_> {
    #[inline]
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let rest = self.fill_buf()?;
        let length = rest.len().min(out.len());
        if let (Some(out), Some(rest)) = (out.get_mut(..length), rest.get(..length)) {
            out.copy_from_slice(rest);
        }
        self.consume(length);
        Ok(length)
    }
}

impl BufRead for Watched<'_> {
    #[inline]
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.is_stopped || self.at >= self.counted + STEP {
            self.count(self.at)?;
        }
        let end = self.bytes.len().min(self.at.saturating_add(STEP));
        Ok(self.bytes.get(self.at..end).unwrap_or_default())
    }

    #[inline]
    fn consume(&mut self, length: usize) {
        self.at = self.at.saturating_add(length);
    }
}

impl Seek for Watched<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => usize::try_from(at).ok(),
            SeekFrom::End(by) => self.bytes.len().checked_add_signed(by as isize),
            SeekFrom::Current(by) => self.at.checked_add_signed(by as isize),
        };
        self.at = at.ok_or(ErrorKind::InvalidInput)?;
        Ok(self.at as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{decode, probe};
    use super::*;

    const SIDE: u32 = 16_384;

    /// As wide and as high as pictures may be, of one grey.
    fn png() -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, SIDE, SIDE);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_compression(png::Compression::Fastest);
        let mut writer = encoder.write_header().unwrap();
        let mut stream = writer.stream_writer().unwrap();
        let row = [180; SIDE as usize];
        (0..SIDE).for_each(|_| io::Write::write_all(&mut stream, &row).unwrap());
        stream.finish().unwrap();
        drop(writer);
        bytes
    }

    /// The same as a baseline JPEG (ITU-T T.81). Its two tables have one code each, a 0: "as the block before" and "nothing
    /// more in this block". So each block of 8 x 8 pixels is two bits that are 0.
    fn jpeg() -> Vec<u8> {
        let mut bytes = b"\xff\xd8\xff\xdb\x00\x43\x00".to_vec();
        bytes.extend([1; 64]);
        let [high, low] = (SIDE as u16).to_be_bytes();
        bytes.extend([0xff, 0xc0, 0, 11, 8, high, low, high, low, 1, 1, 0x11, 0]);
        for table in [0x00, 0x10] {
            bytes.extend([0xff, 0xc4, 0, 20, table, 1]);
            bytes.extend([0; 16]);
        }
        bytes.extend([0xff, 0xda, 0, 8, 1, 1, 0x00, 0, 63, 0]);
        bytes.resize(bytes.len() + (SIDE as usize / 8).pow(2) / 4, 0);
        bytes.extend([0xff, 0xd9]);
        bytes
    }

    #[test]
    fn a_load_is_stopped_in_the_midst_of_a_picture() {
        for (bytes, shade) in [(png(), 180), (jpeg(), 128)] {
            let info = probe(&bytes).unwrap();
            assert_eq!(info.size, [SIDE; 2]);
            let progress = Progress::new();
            let wanted = bytes.len() as u64 / 16;
            progress.cancel_at(wanted);
            let mut out = vec![0; info.bytes().unwrap()];
            assert!(decode(&bytes, info, &mut out, &progress).is_err());
            assert!(progress.done_bytes() < wanted + 4 * STEP as u64, "{} of {wanted}", progress.done_bytes());
            let row = SIDE as usize * 4;
            assert_eq!(out[..4], [shade, shade, shade, 255], "what came before is there");
            let written = out.chunks_exact(row).take_while(|row| row[3] == 255).count();
            let most = SIDE as usize / 8;
            assert!((1..most).contains(&written), "{written} rows of {SIDE}");
            // One of the decoders paints what it has not got in one shade.
            let rest = vec![out[most * row]; row];
            assert!([0, 128].contains(&rest[0]), "{}", rest[0]);
            assert!(out[most * row..].chunks_exact(row).all(|row| row == rest), "nothing was decoded behind it");
        }
    }

    #[test]
    fn all_bytes_are_counted_once() {
        let progress = Progress::new();
        let bytes = [7; 10_000];
        let mut file = Watched::new(&bytes, &progress);
        let mut out = [0; 9_000];
        file.read_exact(&mut out).unwrap();
        file.seek(SeekFrom::Current(-8_000)).unwrap();
        file.read_exact(&mut out[..8_500]).unwrap();
        assert_eq!(out, [7; 9_000]);
        file.finish().unwrap();
        assert_eq!(progress.done_bytes(), 10_000);
    }
}
