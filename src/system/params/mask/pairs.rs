//! Names with their values inside a text: `name=value`, `Name: value`, `"name": "value"`.

use super::Masks;
use std::ops::Range;

/// Words in front of the credential itself.
const SCHEMES: [&str; 6] = ["bearer", "basic", "token", "digest", "negotiate", "apikey"];

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// Finds the values of secret names, and what follows the word `Bearer`.
pub fn find(text: &str, masks: &Masks, found: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !is_name(bytes[at]) {
            at += 1;
            continue;
        }
        let start = at;
        while at < bytes.len() && is_name(bytes[at]) {
            at += 1;
        }
        let name = &text[start..at];
        if name.eq_ignore_ascii_case("bearer") && bytes.get(at) == Some(&b' ') {
            let from = skip(bytes, at, |b| b == b' ');
            at = skip(bytes, from, |b| !is_delimiter(b));
            found.push(from..at);
            continue;
        }
        let Some((value, next)) = value_of(text, start, at) else {
            continue;
        };
        // The value itself is looked through too where its name is open.
        if masks.hides(name, text[value.clone()].trim()) {
            found.push(value);
            at = next;
        }
    }
}

fn skip(bytes: &[u8], from: usize, pass: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|b| pass(**b)).count()
}

fn is_delimiter(byte: u8) -> bool {
    byte.is_ascii_whitespace()
        || matches!(
            byte,
            b'"' | b'\'' | b'`' | b'}' | b')' | b']' | b'>' | b'\\'
        )
}

fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'')
}

/// Where the value of the name at `start..end` lies, and where to go on behind it.
fn value_of(text: &str, start: usize, end: usize) -> Option<(Range<usize>, usize)> {
    let bytes = text.as_bytes();
    let before = start.checked_sub(1).map(|at| bytes[at]);
    // A quote behind the name closes the one in front of it; both may be escaped.
    let behind = skip(bytes, end, |b| b == b'\\');
    let is_quoted =
        before.is_some_and(is_quote) && bytes.get(behind).copied().is_some_and(is_quote);
    let at = if is_quoted { behind + 1 } else { end };
    let at = skip(bytes, at, |b| b == b' ');
    let rest = &text[at..];
    let (is_assignment, at) = if rest.starts_with("=>") {
        (true, at + 2)
    } else if rest.starts_with('=') {
        (true, at + 1)
    } else if rest.starts_with("%3D") || rest.starts_with("%3d") {
        (true, at + 3)
    } else if rest.starts_with(':') && (is_quoted || is_header(bytes, before, at + 1)) {
        (false, at + 1)
    } else {
        return None;
    };
    let at = skip(bytes, at, |b| b == b' ');
    let escape = skip(bytes, at, |b| b == b'\\');
    if let Some(quote) = bytes.get(escape).copied().filter(|b| is_quote(*b)) {
        let from = escape + 1;
        let to = closing(bytes, from, quote, escape > at);
        return Some((from..to, to));
    }
    let line = at + text[at..].find(['\n', '\r']).unwrap_or(text.len() - at);
    let to = if is_assignment {
        assigned(text, at, line)
    } else if is_quoted {
        // A number, a word or a structure of JSON.
        skip(bytes, at, |b| {
            !matches!(b, b',' | b'}' | b']') && !b.is_ascii_whitespace()
        })
    } else {
        // A header: to the end of the line, or of the quotes around it.
        let quote = skip(&bytes[..line], at, |b| !is_quote(b) && b != b'\\');
        quote.min(line)
    };
    // What a quoted name introduces may hold names of its own.
    let is_structure = matches!(bytes.get(at), Some(b'{' | b'['));
    (!is_structure).then_some((at..to, to))
}

/// Whether a colon stands as in `Name: value`, and not in a path or an address.
fn is_header(bytes: &[u8], before: Option<u8>, behind: usize) -> bool {
    let starts = before
        .is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b',' | b'{' | b'='));
    match bytes.get(behind) {
        None | Some(b'/') => false,
        Some(b' ' | b'\t') => before.is_none_or(|b| b != b'/'),
        Some(_) => starts,
    }
}

/// The closing quote; an escaped one closes what an escaped one opened.
fn closing(bytes: &[u8], from: usize, quote: u8, escaped: bool) -> usize {
    let mut at = from;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if escaped && bytes.get(at + 1) == Some(&quote) => return at,
            b'\\' => at += 2,
            b if b == quote => return at,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// The end of an unquoted value behind `=`. A separator ends it only where another name follows: passwords have them too.
fn assigned(text: &str, from: usize, line: usize) -> usize {
    let bytes = text.as_bytes();
    let scheme = SCHEMES.iter().find(|scheme| {
        let word = text.get(from..from + scheme.len());
        word.is_some_and(|w| w.eq_ignore_ascii_case(scheme))
    });
    let mut at = match scheme {
        Some(scheme) => skip(bytes, from + scheme.len(), |b| b == b' '),
        None => from,
    };
    while at < line && !is_delimiter(bytes[at]) {
        if matches!(bytes[at], b',' | b';' | b'&') {
            let name = skip(bytes, at + 1, |b| is_name(b) || b == b' ');
            if name >= line || matches!(bytes[name], b'=' | b':') {
                break;
            }
        }
        at += 1;
    }
    at
}
