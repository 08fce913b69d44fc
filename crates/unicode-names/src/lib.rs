//! Characters by their names.

mod hangul;

use once_cell::race::OnceBox;

/// What `pack` wrote.
static PACKED: &[u8] = include_bytes!("../data/names.z");

/// The names, for as long as the process lives.
#[derive(Default)]
struct Names {
    ideographs: Vec<(u32, u32)>,
    /// Sorted; of an alias that is a name, too, the name comes first.
    characters: Vec<(&'static str, u32)>,
}

/// The character of a name or an alias, in whatever case.
pub fn character(name: &str) -> Option<char> {
    let name = name.to_ascii_uppercase();
    if let Some(syllable) = name.strip_prefix("HANGUL SYLLABLE ") {
        return hangul::syllable(syllable);
    }
    let names = names();
    let code = match name.strip_prefix("CJK UNIFIED IDEOGRAPH-") {
        Some(digits) => names.ideograph(digits)?,
        None => {
            let characters = &names.characters;
            let at = characters.partition_point(|(other, _)| *other < name.as_str());
            characters.get(at).filter(|(other, _)| *other == name)?.1
        }
    };
    char::from_u32(code)
}

impl Names {
    fn ideograph(&self, digits: &str) -> Option<u32> {
        const MOST_DIGITS: usize = 5;
        let is_number =
            digits.len() <= MOST_DIGITS && digits.bytes().all(|c| c.is_ascii_hexdigit());
        let code = u32::from_str_radix(digits, 16).ok().filter(|_| is_number)?;
        let has = |(first, last): &(u32, u32)| (*first..=*last).contains(&code);
        self.ideographs.iter().any(has).then_some(code)
    }
}

/// No thread waits for another one that unpacks: a child that was forked meanwhile has not got that one.
fn names() -> &'static Names {
    static NAMES: OnceBox<Names> = OnceBox::new();
    NAMES.get_or_init(|| Box::new(unpack().unwrap_or_default()))
}

fn unpack() -> Option<Names> {
    let text = fdeflate::decompress_to_vec(PACKED).ok()?;
    let text: &'static str = String::from_utf8(text).ok()?.leak();
    let mut parts = text.split("\n\n");
    let code = |digits: &str| u32::from_str_radix(digits, 16).ok();
    let range = |line: &str| {
        let (first, last) = line.split_once(' ')?;
        Some((code(first)?, code(last)?))
    };
    let ideographs = parts.next()?.lines().map(range).collect::<Option<_>>()?;
    let mut last = 0;
    let mut named = |line: &'static str| {
        let (code, name) = match line.split_once(';') {
            Some((digits, name)) => (code(digits)?, name),
            None => (last + 1, line),
        };
        last = code;
        Some((name, code))
    };
    let lines = parts.flat_map(str::lines);
    let mut characters: Vec<_> = lines.map(&mut named).collect::<Option<_>>()?;
    characters.sort_by_key(|(name, _)| *name);
    Some(Names {
        ideographs,
        characters,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_names_and_aliases_are_found() {
        let names = names();
        assert_eq!(names.characters.len(), 40_490);
        for (name, code) in &names.characters {
            let found = character(&name.to_ascii_lowercase()).map(u32::from);
            assert_eq!(found, Some(*code), "{name}");
        }
        assert_eq!(character("BELL"), Some('\u{1F514}'));
        assert_eq!(character("Snowman"), Some('☃'));
        assert_eq!(character("BACKSPACE"), Some('\u{8}'));
    }

    #[test]
    fn what_is_named_by_a_rule_is_found() {
        assert_eq!(character("CJK UNIFIED IDEOGRAPH-4E00"), Some('一'));
        assert_eq!(
            character("CJK COMPATIBILITY IDEOGRAPH-F900"),
            Some('\u{F900}')
        );
        assert_eq!(character("HANGUL SYLLABLE GAG"), Some('각'));
        assert_eq!(character("HANGUL SYLLABLE I"), Some('이'));
    }

    #[test]
    fn what_is_no_name_is_not() {
        for name in [
            "",
            "nonsense",
            "SNOWMA",
            "SNOWMAN ",
            "CJK UNIFIED IDEOGRAPH-41",
            "CJK UNIFIED IDEOGRAPH-",
            "CJK UNIFIED IDEOGRAPH-+4E00",
            "CJK UNIFIED IDEOGRAPH-004E00",
            "HANGUL SYLLABLE ",
            "HANGUL SYLLABLE GAGA",
        ] {
            assert_eq!(character(name), None, "{name}");
        }
    }
}
