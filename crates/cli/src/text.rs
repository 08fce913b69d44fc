//! Text on a terminal: how wide it is, how it is cut, and that it controls nothing.

use std::borrow::Cow;
use std::fmt::Write as _;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Characters that would do something to a terminal, or to the order of what it shows.
pub fn controls(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// A text of somebody else as it may be sent to a terminal: what would control it is written out, as `\x1b`.
pub fn shown(text: &str) -> Cow<'_, str> {
    if !text.contains(controls) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if !controls(c) => out.push(c),
            c if u32::from(c) < 0x100 => {
                let _ = write!(out, "\\x{:02x}", u32::from(c));
            }
            c => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
        }
    }
    Cow::Owned(out)
}

/// Columns that a text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// A text of at most `most` columns; one that is cut ends in a mark.
pub fn cut<'t>(text: &'t str, most: usize, mark: &str) -> Cow<'t, str> {
    if width(text) <= most {
        return Cow::Borrowed(text);
    }
    let room = most.saturating_sub(width(mark));
    let mut used = 0;
    let mut out = String::new();
    for c in text.chars() {
        let wide = c.width().unwrap_or(0);
        if used + wide > room {
            break;
        }
        used += wide;
        out.push(c);
    }
    out.push_str(mark);
    Cow::Owned(out)
}

/// A line as several of at most `most` columns, broken between words.
pub fn wrap(text: &str, most: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let Some(line) = lines.last_mut() else { break };
        if line.is_empty() {
            line.push_str(word);
        } else if width(line) + 1 + width(word) <= most {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// Without characters beyond ASCII: those are written out.
pub fn ascii(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let plain = |c: char| match c {
        c if c.is_ascii() => c.to_string(),
        c => format!("\\u{{{:x}}}", u32::from(c)),
    };
    Cow::Owned(text.chars().map(plain).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_controls_the_terminal() {
        assert_eq!(
            shown("a\x1b[31mb\u{9b}\u{202e}"),
            "a\\x1b[31mb\\x9b\\u{202e}"
        );
        assert_eq!(shown("größe 大"), "größe 大");
    }

    #[test]
    fn what_is_cut_is_marked() {
        assert_eq!(cut("warm start", 10, "…"), "warm start");
        assert_eq!(cut("warm starts", 10, "…"), "warm star…");
        assert_eq!(cut("大きい", 4, "…"), "大…");
    }
}
