//! A Rust file, and the same file with only its code left.

/// A Rust file of the repository.
pub(super) struct SourceFile {
    /// From the root, with `/`.
    pub(super) path: String,
    pub(super) text: String,
    /// The text with comments and the insides of literals blanked; lines stay where they are.
    pub(super) code: String,
}

impl SourceFile {
    pub(super) fn new(path: &str, text: String) -> Self {
        let code = code_of(&text);
        Self { path: path.to_owned(), text, code }
    }

    /// The lines, from 1, on which the code has this word.
    pub(super) fn lines_with_word(&self, word: &str) -> impl Iterator<Item = usize> {
        self.code.lines().enumerate().filter(move |(_, line)| has_word(line, word)).map(|(index, _)| index + 1)
    }
}

/// Whether the text has the word with no letter, digit or underscore on either side.
pub(super) fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(start, _)| {
        let before = text[..start].chars().next_back();
        let after = text[start + word.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

/// Blanks comments and the insides of literals (Rust reference, "Lexical structure").
fn code_of(text: &str) -> String {
    let mut reader = Reader { rest: text, code: String::with_capacity(text.len()) };
    let mut in_word = false;
    while let Some(next) = reader.rest.chars().next() {
        let rest = reader.rest;
        if rest.starts_with("//") {
            reader.blank(rest.find('\n').unwrap_or(rest.len()));
        } else if rest.starts_with("/*") {
            reader.blank(block_comment_len(rest));
        } else if next == '"' {
            reader.blank(string_len(rest));
        } else if next == '\'' {
            reader.blank(char_len(rest));
        } else if let Some(len) = raw_string_len(rest).filter(|_| !in_word) {
            reader.blank(len);
        } else {
            reader.keep(next);
        }
        in_word = next.is_alphanumeric() || next == '_';
    }
    reader.code
}

struct Reader<'t> {
    rest: &'t str,
    code: String,
}

impl Reader<'_> {
    fn keep(&mut self, next: char) {
        self.code.push(next);
        self.rest = &self.rest[next.len_utf8()..];
    }

    fn blank(&mut self, len: usize) {
        let (blanked, rest) = self.rest.split_at(len);
        self.code.extend(blanked.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        self.rest = rest;
    }
}

fn block_comment_len(text: &str) -> usize {
    let mut depth = 0;
    let mut place = 0;
    while place < text.len() {
        let rest = &text.as_bytes()[place..];
        if rest.starts_with(b"/*") {
            depth += 1;
            place += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            place += 2;
            if depth == 0 {
                return place;
            }
        } else {
            place += 1;
        }
    }
    text.len()
}

fn string_len(text: &str) -> usize {
    let mut escaped = false;
    for (place, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return place + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of a character literal, or of the quote alone where a lifetime begins.
fn char_len(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        // The character after the backslash may be a quote itself.
        (Some((_, '\\')), Some((escaped, c))) => {
            let after = escaped + c.len_utf8();
            text[after..].find('\'').map_or(text.len(), |end| after + end + 1)
        }
        (Some(_), Some((end, '\''))) => end + 1,
        _ => 1,
    }
}

fn raw_string_len(text: &str) -> Option<usize> {
    let after_prefix = ["br", "cr", "r"].iter().find_map(|prefix| text.strip_prefix(prefix))?;
    let hashes = after_prefix.len() - after_prefix.trim_start_matches('#').len();
    let inside = after_prefix[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let start = text.len() - inside.len();
    Some(inside.find(&end).map_or(text.len(), |place| start + place + end.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> String {
        code_of(text).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn comments_go_even_nested_ones() {
        assert_eq!(words("a // b\nc /* d /* e */ f */ g"), "a c g");
    }

    #[test]
    fn the_insides_of_literals_go() {
        assert_eq!(words(r###"a("b \" c", r#"d " e"#, b'f', '\'', '"', "g")"###), "a( , , b , , , )");
    }

    #[test]
    fn lifetimes_and_identifiers_with_r_stay() {
        assert_eq!(words("for<'a> &'a str; var\"x\""), "for< a> & a str; var");
    }

    #[test]
    fn lines_stay_where_they_are() {
        let file = SourceFile::new("a.rs", "\"one\ntwo\"\n/* three */ unsafe\n".to_owned());
        assert_eq!(file.lines_with_word("unsafe").collect::<Vec<_>>(), [3]);
    }

    #[test]
    fn a_word_is_not_found_inside_another() {
        assert!(!has_word("#![forbid(unsafe_code)]", "unsafe"));
        assert!(has_word("(unsafe{", "unsafe"));
    }
}
