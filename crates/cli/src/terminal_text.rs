//! Lines that a program wrote to its terminal: their colours are kept where there are colours, all else that would
//! control the terminal is not.

use crate::look::Look;
use crate::table::visible;

const RESET: &str = "\x1b[0m";

/// One line, cut to `most` columns.
pub fn line(look: &Look, text: &str, most: Option<usize>) -> String {
    // What a carriage return went back over is not seen: the last that was written counts.
    let seen = text.trim_end_matches(['\r', '\n']);
    let seen = seen.rsplit('\r').next().unwrap_or(seen);
    let parts: Vec<Part<'_>> = parts(seen);
    let shown = |text: &str| visible(look, &text.replace('\t', "    "));
    let whole: usize = parts
        .iter()
        .map(|part| match part {
            Part::Text(text) => crate::text::width(&shown(text)),
            _ => 0,
        })
        .sum();
    let mark = look.either("…", "...");
    let cut = most.is_some_and(|most| whole > most);
    let mut room = match most {
        Some(most) if cut => most.saturating_sub(mark.chars().count()),
        _ => usize::MAX,
    };
    let mut out = String::new();
    let mut coloured = false;
    for part in parts {
        match part {
            Part::Colour(sequence) if look.colour => {
                out.push_str(sequence);
                coloured = true;
            }
            Part::Colour(_) | Part::Other => {}
            Part::Text(text) => {
                let text = shown(text);
                let text = crate::text::cut(&text, room, "");
                room = room.saturating_sub(crate::text::width(&text));
                out.push_str(&text);
            }
        }
    }
    if cut {
        out.push_str(mark);
    }
    if coloured {
        out.push_str(RESET);
    }
    out
}

enum Part<'t> {
    Text(&'t str),
    /// A sequence that sets colours and nothing else.
    Colour(&'t str),
    Other,
}

fn parts(mut text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    while let Some(at) = text.find('\x1b') {
        if at > 0 {
            parts.push(Part::Text(&text[..at]));
        }
        let sequence = &text[at..];
        let end = escape_end(sequence);
        parts.push(match &sequence[..end] {
            colour if is_colour(colour) => Part::Colour(colour),
            _ => Part::Other,
        });
        text = &sequence[end..];
    }
    if !text.is_empty() {
        parts.push(Part::Text(text));
    }
    parts
}

fn is_colour(sequence: &str) -> bool {
    let inner = sequence
        .strip_prefix("\x1b[")
        .and_then(|s| s.strip_suffix('m'));
    inner.is_some_and(|s| {
        s.bytes()
            .all(|b| b.is_ascii_digit() || b == b';' || b == b':')
    })
}

/// Bytes of the escape sequence at the beginning of a text.
fn escape_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    match bytes.get(1) {
        // CSI: parameters, then a final byte.
        Some(b'[') => {
            let rest = bytes.iter().skip(2);
            match rest.clone().position(|b| !(0x20..0x40).contains(b)) {
                Some(n) if bytes[2 + n].is_ascii() => 3 + n,
                Some(n) => 2 + n,
                None => bytes.len(),
            }
        }
        // OSC and other strings: up to BEL or ST.
        Some(b']' | b'P' | b'_' | b'^' | b'X') => {
            let end = text[2..].find(['\x07', '\x1b']);
            match end {
                Some(n) if bytes[2 + n] == 0x07 => 3 + n,
                Some(n) if bytes.get(3 + n) == Some(&b'\\') => 4 + n,
                Some(n) => 2 + n,
                None => bytes.len(),
            }
        }
        Some(b) if b.is_ascii() => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(colour: bool) -> Look {
        Look {
            colour,
            unicode: true,
            is_terminal: true,
            width: None,
            height: None,
        }
    }

    #[test]
    fn colours_stay_and_nothing_else() {
        let text =
            "\x1b[2J\x1b[1;32mgreen\x1b[0m\x1b]0;title\x07 \x1b]8;;http://x\x1b\\link\x07\x1bc";
        assert_eq!(line(&look(false), text, None), "green link\\x07");
        assert_eq!(
            line(&look(true), text, None),
            "\x1b[1;32mgreen\x1b[0m link\\x07\x1b[0m"
        );
        assert_eq!(line(&look(false), "10 %\r90 %\r\n", None), "90 %");
        assert_eq!(line(&look(false), text, Some(8)), "green l…");
    }
}
