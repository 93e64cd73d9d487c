//! URIs in a document: percent decoding, data URIs with base64, and names that must stay inside the asset's folder.
//!
//! # Invariants
//! 1. A decoded file name is relative, has no `..` that climbs above its start, no drive, no scheme, no NUL.
//! 2. Decoding writes at most as many bytes as the text has.

use crate::fault::{Fault, Place};
use crate::words::shown;

/// What a `uri` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Uri<'u> {
    /// Base64 text after `data:...;base64,`.
    Base64(&'u str),
    /// Percent-encoded text after `data:...,`.
    Plain(&'u str),
    /// A data URI without data.
    Broken,
    /// A file's name, still percent-encoded.
    File(&'u str),
}

/// Sorts a `uri`.
pub(crate) fn parse(uri: &str) -> Uri<'_> {
    let Some(head) = uri.get(..5) else {
        return Uri::File(uri);
    };
    if !head.eq_ignore_ascii_case("data:") {
        return Uri::File(uri);
    }
    let rest = uri.get(5..).unwrap_or_default();
    match rest.split_once(',') {
        Some((kind, data)) if ends_in_base64(kind) => Uri::Base64(data),
        Some((_, data)) => Uri::Plain(data),
        None => Uri::Broken,
    }
}

/// The most bytes that decoding `uri` can give.
pub(crate) fn decoded_bytes_max(uri: Uri<'_>) -> usize {
    match uri {
        Uri::Base64(text) => text.len() / 4 * 3 + 3,
        Uri::Broken => 0,
        Uri::Plain(text) | Uri::File(text) => text.len(),
    }
}

/// Decodes the data of a data URI into `out`, which has [`decoded_bytes_max`] bytes; returns how many there were.
pub(crate) fn decode(uri: Uri<'_>, out: &mut [u8], place: Place) -> Result<usize, Fault> {
    match uri {
        Uri::Base64(text) => base64(text.as_bytes(), out, place),
        Uri::Broken => Err(Fault::DataUri { place, problem: "has no comma before its data" }),
        Uri::Plain(text) | Uri::File(text) => {
            percent(text.as_bytes(), out).ok_or(Fault::DataUri { place, problem: "has a broken percent escape" })
        }
    }
}

/// Decodes a file's name into `out` and checks that it stays inside the folder.
pub(crate) fn file_name<'o>(uri: &str, out: &'o mut [u8], place: Place) -> Result<&'o str, Fault> {
    let escape = |problem| Fault::Escape { place, uri: shown(uri), problem };
    let length = percent(uri.as_bytes(), out).ok_or_else(|| escape("has a broken percent escape"))?;
    let bytes = out.get(..length).unwrap_or_default();
    let name = std::str::from_utf8(bytes).map_err(|_| escape("is not UTF-8 once decoded"))?;
    inside(name).map_err(escape)?;
    Ok(name)
}

/// Whether a relative name stays inside the folder it starts from; the error says why not.
pub(crate) fn inside(name: &str) -> Result<(), &'static str> {
    if name.is_empty() {
        return Err("is empty");
    }
    if name.chars().any(char::is_control) {
        return Err("has a control character");
    }
    if name.starts_with(['/', '\\']) {
        return Err("is an absolute path");
    }
    if name.split(['/', '\\']).next().is_some_and(|first| first.contains(':')) {
        return Err("has a scheme or a drive, only relative file names and data URIs are read");
    }
    let mut depth = 0_i64;
    for part in name.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => depth -= 1,
            _ => depth += 1,
        }
        if depth < 0 {
            return Err("leaves the asset's folder");
        }
    }
    if depth == 0 {
        return Err("names a folder");
    }
    Ok(())
}

fn ends_in_base64(kind: &str) -> bool {
    const MARK: &str = ";base64";
    kind.len()
        .checked_sub(MARK.len())
        .and_then(|start| kind.get(start..))
        .is_some_and(|end| end.eq_ignore_ascii_case(MARK))
}

fn percent(text: &[u8], out: &mut [u8]) -> Option<usize> {
    let mut length = 0;
    let mut rest = text.iter();
    while let Some(&byte) = rest.next() {
        let byte = if byte == b'%' { digit(*rest.next()?)? << 4 | digit(*rest.next()?)? } else { byte };
        *out.get_mut(length)? = byte;
        length += 1;
    }
    Some(length)
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// RFC 4648, both alphabets, padding optional, no white space.
fn base64(text: &[u8], out: &mut [u8], place: Place) -> Result<usize, Fault> {
    let bad = |problem| Fault::DataUri { place, problem };
    let end = text.iter().rposition(|&byte| byte != b'=').map_or(0, |at| at + 1);
    if text.len() - end > 2 {
        return Err(bad("has too much padding"));
    }
    let (mut bits, mut have, mut length) = (0_u32, 0_u32, 0_usize);
    for &byte in text.get(..end).unwrap_or_default() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return Err(bad("has a character that is no base64")),
        };
        bits = bits << 6 | u32::from(value);
        have += 6;
        if have >= 8 {
            have -= 8;
            let place_out = out.get_mut(length).ok_or(bad("is longer than it says"))?;
            *place_out = (bits >> have) as u8;
            length += 1;
            bits &= (1 << have) - 1;
        }
    }
    if have == 6 || bits != 0 {
        return Err(bad("ends in the middle of a byte"));
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(uri: &str) -> Result<Vec<u8>, Fault> {
        let uri = parse(uri);
        let mut out = vec![0; decoded_bytes_max(uri)];
        let length = decode(uri, &mut out, Place::new("buffer", 0))?;
        out.truncate(length);
        Ok(out)
    }

    #[test]
    fn base64_data_uris_decode_with_and_without_padding() {
        for (text, bytes) in
            [("", &b""[..]), ("Zg==", b"f"), ("Zm8=", b"fo"), ("Zm9v", b"foo"), ("Zm9vYmFy", b"foobar"), ("Zm8", b"fo")]
        {
            assert_eq!(decoded(&format!("data:application/octet-stream;base64,{text}")).unwrap(), bytes);
        }
    }

    #[test]
    fn plain_data_uris_decode_percent_escapes() {
        assert_eq!(decoded("data:,a%20b").unwrap(), b"a b");
    }

    #[test]
    fn broken_data_uris_are_refused() {
        for uri in ["data:;base64,Z", "data:;base64,Z===", "data:;base64,Zm\n9v", "data:", "data:,%4"] {
            assert!(decoded(uri).is_err(), "{uri}");
        }
    }

    #[test]
    fn names_that_leave_the_folder_are_refused() {
        let mut out = [0; 64];
        for uri in [
            "../secret.bin",
            "a/../../b",
            "%2e%2e/b",
            "/etc/passwd",
            "C:\\x",
            "c:x",
            "http://host/x",
            "..\\x",
            "",
            ".",
            "a%00b",
            "a%",
            "%ff",
        ] {
            let name = file_name(uri, &mut out, Place::new("buffer", 0));
            assert!(matches!(name, Err(Fault::Escape { .. })), "{uri}");
        }
    }

    #[test]
    fn names_inside_the_folder_are_decoded() {
        let mut out = [0; 64];
        let mut name = |uri| file_name(uri, &mut out, Place::new("image", 0)).map(str::to_owned).unwrap();
        assert_eq!(name("a%20b.png"), "a b.png");
        assert_eq!(name("sub/./x/../y.bin"), "sub/./x/../y.bin");
        assert_eq!(name("ünï.png"), "ünï.png");
    }
}
