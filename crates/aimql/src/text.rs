//! Text as Python sees it: stripping, splitting, searching by code point, and case.

use crate::unicode;

pub(crate) fn strip(text: &str) -> &str {
    text.trim_matches(unicode::is_space)
}

/// The byte offset of a code point, at most the text's length.
pub(crate) fn offset(text: &str, chars: usize) -> usize {
    if text.is_ascii() {
        return chars.min(text.len());
    }
    text.char_indices()
        .nth(chars)
        .map_or(text.len(), |(at, _)| at)
}

pub(crate) fn count_chars(text: &str) -> usize {
    if text.is_ascii() {
        text.len()
    } else {
        text.chars().count()
    }
}

/// `text.split()`: at runs of space; `max` splits at most.
pub(crate) fn split_space(text: &str, max: usize) -> impl Iterator<Item = &str> {
    let mut left = max;
    let mut rest = text.trim_start_matches(unicode::is_space);
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if left == 0 {
            return Some(std::mem::take(&mut rest));
        }
        left -= 1;
        let end = rest.find(unicode::is_space).unwrap_or(rest.len());
        let part = &rest[..end];
        rest = rest[end..].trim_start_matches(unicode::is_space);
        Some(part)
    })
}

/// `text.rsplit()`, from the right.
pub(crate) fn rsplit_space(text: &str, max: usize) -> impl Iterator<Item = &str> {
    let mut left = max;
    let mut rest = text.trim_end_matches(unicode::is_space);
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if left == 0 {
            return Some(std::mem::take(&mut rest));
        }
        left -= 1;
        let start = rest
            .char_indices()
            .rev()
            .find(|(_, c)| unicode::is_space(*c))
            .map_or(0, |(at, c)| at + c.len_utf8());
        let part = &rest[start..];
        rest = rest[..start].trim_end_matches(unicode::is_space);
        Some(part)
    })
}

/// `text.splitlines(keepends)`
pub(crate) fn split_lines(text: &str, keep_ends: bool) -> impl Iterator<Item = &str> {
    let is_end = |c: char| {
        matches!(
            c,
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'
                ..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}'
        )
    };
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Some(end) = rest.find(is_end) else {
            return Some(std::mem::take(&mut rest));
        };
        let wide = rest[end..].starts_with("\r\n");
        let next = end
            + if wide {
                2
            } else {
                rest[end..].chars().next().map_or(1, char::len_utf8)
            };
        let line = &rest[..if keep_ends { next } else { end }];
        rest = &rest[next..];
        Some(line)
    })
}

pub(crate) fn lower(text: &str) -> String {
    text.to_lowercase()
}

pub(crate) fn upper(text: &str) -> String {
    text.to_uppercase()
}

pub(crate) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c.to_ascii_lowercase())
        } else {
            unicode::fold(c, &mut out)
        }
    }
    out
}

/// The lower case of the character at byte `at`: a sigma at the end of a word has its own form.
fn push_lower(text: &str, at: usize, c: char, out: &mut String) {
    if c != 'Σ' {
        out.extend(c.to_lowercase());
        return;
    }
    let cased_before = text[..at]
        .chars()
        .rev()
        .find(|c| !unicode::is_case_ignorable(*c))
        .is_some_and(unicode::is_cased);
    let cased_after = text[at + c.len_utf8()..]
        .chars()
        .find(|c| !unicode::is_case_ignorable(*c))
        .is_some_and(unicode::is_cased);
    out.push(if cased_before && !cased_after {
        'ς'
    } else {
        'σ'
    });
}

pub(crate) fn capitalize(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        if at == 0 {
            unicode::to_title(c, &mut out)
        } else {
            push_lower(text, at, c, &mut out)
        }
    }
    out
}

pub(crate) fn title(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_word = false;
    for (at, c) in text.char_indices() {
        if in_word {
            push_lower(text, at, c, &mut out)
        } else {
            unicode::to_title(c, &mut out)
        }
        in_word = unicode::is_cased(c);
    }
    out
}

pub(crate) fn swap_case(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        if c.is_uppercase() {
            push_lower(text, at, c, &mut out);
        } else if c.is_lowercase() {
            out.extend(c.to_uppercase());
        } else {
            out.push(c);
        }
    }
    out
}

pub(crate) fn is_title(text: &str) -> bool {
    let mut in_word = false;
    let mut any = false;
    for c in text.chars() {
        if c.is_uppercase() || unicode::is_title(c) {
            if in_word {
                return false;
            }
            in_word = true;
            any = true;
        } else if c.is_lowercase() {
            if !in_word {
                return false;
            }
            any = true;
        } else {
            in_word = false;
        }
    }
    any
}

pub(crate) fn is_upper(text: &str) -> bool {
    text.chars().any(char::is_uppercase)
        && !text
            .chars()
            .any(|c| c.is_lowercase() || unicode::is_title(c))
}

pub(crate) fn is_lower(text: &str) -> bool {
    text.chars().any(char::is_lowercase)
        && !text
            .chars()
            .any(|c| c.is_uppercase() || unicode::is_title(c))
}

pub(crate) fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    let starts = |c: char| c == '_' || unicode::is_alpha(c);
    chars.next().is_some_and(starts) && chars.all(|c| starts(c) || unicode::is_decimal(c))
}

pub(crate) fn expand_tabs(text: &str, size: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let mut column = 0;
    for c in text.chars() {
        match c {
            '\t' => {
                if size > 0 {
                    let spaces = size - column % size;
                    column += spaces;
                    out.extend(std::iter::repeat_n(' ', spaces));
                }
            }
            '\n' | '\r' => {
                column = 0;
                out.push(c);
            }
            _ => {
                column += 1;
                out.push(c);
            }
        }
    }
    out
}
