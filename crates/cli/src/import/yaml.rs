//! The little YAML that loggers write beside their runs: keys with scalars, one below the other.

use std::collections::BTreeMap;

/// The keys at the margin with their scalars; `null` is empty. What is indented belongs to the scalar above, if there is
/// one, and lists and maps are passed over.
pub fn scalars(text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let Some((key, value)) = line.split_once(':') else {
            continue;
        };
        if line.starts_with([' ', '-', '#']) || !(value.is_empty() || value.starts_with(' ')) {
            continue;
        }
        let mut value = value.trim().to_owned();
        let is_scalar = !value.is_empty();
        while let Some(next) = lines.next_if(|next| next.starts_with([' ', '-'])) {
            if is_scalar {
                match value.strip_suffix('\\') {
                    Some(joined) => value = joined.to_owned() + next.trim_start(),
                    None => value = value + " " + next.trim(),
                }
            }
        }
        if is_scalar {
            found.insert(scalar(key.trim()), scalar(&value));
        }
    }
    found
}

fn scalar(text: &str) -> String {
    let quoted = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    if let Some(inner) = quoted('\'') {
        return inner.replace("''", "'");
    }
    if let Some(inner) = quoted('"') {
        return unescaped(inner);
    }
    match text {
        "null" | "~" => String::new(),
        plain => plain.to_owned(),
    }
}

fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let read = match chars.next() {
            Some('x') => code(&mut chars, 2),
            Some('u') => code(&mut chars, 4),
            Some('U') => code(&mut chars, 8),
            Some('n') => Some('\n'),
            Some('t') => Some('\t'),
            Some('r') => Some('\r'),
            Some('0') => Some('\0'),
            Some('e') => Some('\x1b'),
            other => other,
        };
        out.push(read.unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    out
}

fn code(chars: &mut std::str::Chars<'_>, digits: usize) -> Option<char> {
    let digits: String = chars.take(digits).collect();
    char::from_u32(u32::from_str_radix(&digits, 16).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn scalars_as_python_writes_them() {
        let text = "name: plain: text\nid: '17'\nquote: 'it''s'\nodd: \"\\xFC\\n\\u20AC \\\"x\\\"\"\n\
                    end: null\ntags: []\nlong: first\n  second\nfolded: \"a b\\\n  \\ c\"\nlist:\n- a: 1\nmap:\n  b: 2\nlast: 3\n";
        let found = scalars(text);
        let get = |key: &str| found.get(key).map(String::as_str);
        assert_eq!(get("name"), Some("plain: text"));
        assert_eq!(get("id"), Some("17"));
        assert_eq!(get("quote"), Some("it's"));
        assert_eq!(get("odd"), Some("ü\n€ \"x\""));
        assert_eq!(get("end"), Some(""));
        assert_eq!(get("long"), Some("first second"));
        assert_eq!(get("folded"), Some("a b c"));
        assert_eq!((get("a"), get("b"), get("last")), (None, None, Some("3")));
    }

    proptest! {
        #[test]
        fn any_text_is_read(text: String) {
            let _ = scalars(&text);
            let _ = unescaped(&text);
        }
    }
}
