//! Licence expressions: whether one can be met with a set of licences (SPDX specification, annex "License
//! expressions").

/// Whether the expression can be met. `/` counts as `OR`: old manifests write it so.
///
/// # Errors
/// The word at which the expression can't be read.
pub(super) fn is_met(expression: &str, allowed: &[&str]) -> Result<bool, String> {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let mut words = Words {
        words: &spaced.split_whitespace().collect::<Vec<_>>(),
        allowed,
    };
    let met = words.any()?;
    match words.words.first() {
        None => Ok(met),
        Some(word) => Err((*word).to_owned()),
    }
}

struct Words<'w> {
    words: &'w [&'w str],
    allowed: &'w [&'w str],
}

impl<'w> Words<'w> {
    /// One or more terms with `OR` between them.
    fn any(&mut self) -> Result<bool, String> {
        let mut met = self.all()?;
        while self.take("OR") {
            met |= self.all()?;
        }
        Ok(met)
    }

    /// One or more factors with `AND` between them, which binds more tightly than `OR`.
    fn all(&mut self) -> Result<bool, String> {
        let mut met = self.one()?;
        while self.take("AND") {
            met &= self.one()?;
        }
        Ok(met)
    }

    /// A licence, with or without an exception, or an expression in parentheses.
    fn one(&mut self) -> Result<bool, String> {
        if self.take("(") {
            let met = self.any()?;
            return if self.take(")") {
                Ok(met)
            } else {
                Err("an open parenthesis".to_owned())
            };
        }
        let licence = self.word()?;
        if self.take("WITH") {
            let whole = format!("{licence} WITH {}", self.word()?);
            return Ok(self.allowed.contains(&whole.as_str()));
        }
        Ok(self.allowed.contains(&licence))
    }

    fn take(&mut self, word: &str) -> bool {
        let is_next = self.words.first() == Some(&word);
        if is_next {
            self.words = &self.words[1..];
        }
        is_next
    }

    fn word(&mut self) -> Result<&'w str, String> {
        match self.words.split_first() {
            Some((word, rest)) if !matches!(*word, "OR" | "AND" | "WITH" | "(" | ")") => {
                self.words = rest;
                Ok(word)
            }
            Some((word, _)) => Err((*word).to_owned()),
            None => Err("its end".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn met(expression: &str) -> bool {
        is_met(expression, &["MIT", "Zlib", "Unicode-3.0"]).unwrap()
    }

    #[test]
    fn one_licence_of_several_is_enough() {
        assert!(met("Apache-2.0 OR MIT"));
        assert!(met("Apache-2.0/MIT"));
        assert!(!met("Apache-2.0 OR GPL-3.0"));
    }

    #[test]
    fn licences_that_hold_together_are_all_needed() {
        assert!(met("(MIT OR Apache-2.0) AND Unicode-3.0"));
        assert!(!met("Apache-2.0 AND MIT"));
        assert!(met("Apache-2.0 AND GPL-3.0 OR MIT"));
    }

    #[test]
    fn an_exception_makes_another_licence() {
        assert!(!met("MIT WITH LLVM-exception"));
        assert!(met("Apache-2.0 WITH LLVM-exception OR Zlib"));
    }

    #[test]
    fn what_is_no_expression_is_an_error() {
        for wrong in ["", "MIT OR", "(MIT", "MIT Zlib", "AND"] {
            assert!(is_met(wrong, &["MIT"]).is_err(), "{wrong}");
        }
    }
}
