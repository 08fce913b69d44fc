//! What Python asks the Unicode database.

use unicode_properties::{GeneralCategory as Category, UnicodeGeneralCategory};

fn category(c: char) -> Category {
    c.general_category()
}

pub(crate) fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return (' '..='~').contains(&c);
    }
    !matches!(
        category(c),
        Category::Control
            | Category::Format
            | Category::Surrogate
            | Category::PrivateUse
            | Category::Unassigned
            | Category::LineSeparator
            | Category::ParagraphSeparator
            | Category::SpaceSeparator
    )
}

/// `str.isalpha`
pub(crate) fn is_alpha(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphabetic();
    }
    matches!(
        category(c),
        Category::UppercaseLetter
            | Category::LowercaseLetter
            | Category::TitlecaseLetter
            | Category::ModifierLetter
            | Category::OtherLetter
    )
}

/// `str.isspace`
pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// The value of a decimal digit of any script.
pub(crate) fn decimal_value(c: char) -> Option<u32> {
    if c.is_ascii() {
        return c.to_digit(10);
    }
    if category(c) != Category::DecimalNumber {
        return None;
    }
    // The digits of a script are ten in a row; mathematical digits are several rows on end.
    let is_digit =
        |code: u32| char::from_u32(code).is_some_and(|c| category(c) == Category::DecimalNumber);
    let code = u32::from(c);
    if (0x1d7ce..=0x1d7ff).contains(&code) {
        return Some((code - 0x1d7ce) % 10);
    }
    let mut start = code;
    while code - start < 9 && is_digit(start - 1) {
        start -= 1;
    }
    Some(code - start)
}

/// `str.isdecimal`
pub(crate) fn is_decimal(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_digit()
    } else {
        category(c) == Category::DecimalNumber
    }
}

/// `str.isdigit`: decimal digits, and superscripts, subscripts and digits in circles.
pub(crate) fn is_digit(c: char) -> bool {
    is_decimal(c)
        || matches!(
            u32::from(c),
            0xb2 | 0xb3 | 0xb9
                | 0x1369..=0x1371
                | 0x19da
                | 0x2070
                | 0x2074..=0x2079
                | 0x2080..=0x2089
                | 0x2460..=0x2468
                | 0x2474..=0x247c
                | 0x2488..=0x2490
                | 0x24ea
                | 0x24f5..=0x24fd
                | 0x24ff
                | 0x2776..=0x277e
                | 0x2780..=0x2788
                | 0x278a..=0x2792
                | 0x10a40..=0x10a43
                | 0x10e60..=0x10e68
                | 0x11052..=0x1105a
                | 0x1f100..=0x1f10a
        )
}

/// `str.isnumeric`: digits, fractions and ideographs that are numbers.
pub(crate) fn is_numeric(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_digit();
    }
    matches!(
        category(c),
        Category::DecimalNumber | Category::LetterNumber | Category::OtherNumber
    ) || "〇一二三四五六七八九十百千万億兆零壱弐参拾两亿陆".contains(c)
}

pub(crate) fn is_title(c: char) -> bool {
    !c.is_ascii() && category(c) == Category::TitlecaseLetter
}

/// A letter that has a case.
pub(crate) fn is_cased(c: char) -> bool {
    c.is_lowercase() || c.is_uppercase() || is_title(c)
}

/// Characters that case mapping looks through when it searches for the end of a word.
pub(crate) fn is_case_ignorable(c: char) -> bool {
    matches!(
        c,
        '\'' | '.' | ':' | '^' | '`' | '\u{b7}' | '\u{2019}' | '\u{2018}' | '\u{387}'
    ) || (!c.is_ascii()
        && matches!(
            category(c),
            Category::NonspacingMark
                | Category::EnclosingMark
                | Category::Format
                | Category::ModifierLetter
                | Category::ModifierSymbol
        ))
}

/// `str.title` of one character.
pub(crate) fn to_title(c: char, out: &mut String) {
    match c {
        'ß' => out.push_str("Ss"),
        'ŉ' => out.push_str("ʼN"),
        'ﬀ' => out.push_str("Ff"),
        'ﬁ' => out.push_str("Fi"),
        'ﬂ' => out.push_str("Fl"),
        'ﬃ' => out.push_str("Ffi"),
        'ﬄ' => out.push_str("Ffl"),
        'ﬅ' | 'ﬆ' => out.push_str("St"),
        'Ǆ' | 'ǅ' | 'ǆ' => out.push('ǅ'),
        'Ǉ' | 'ǈ' | 'ǉ' => out.push('ǈ'),
        'Ǌ' | 'ǋ' | 'ǌ' => out.push('ǋ'),
        'Ǳ' | 'ǲ' | 'ǳ' => out.push('ǲ'),
        _ => out.extend(c.to_uppercase()),
    }
}

/// `str.casefold` of one character.
pub(crate) fn fold(c: char, out: &mut String) {
    match c {
        'ß' | 'ẞ' => out.push_str("ss"),
        'ς' => out.push('σ'),
        'ſ' => out.push('s'),
        'µ' => out.push('μ'),
        'ŉ' => out.push_str("ʼn"),
        'ﬀ' => out.push_str("ff"),
        'ﬁ' => out.push_str("fi"),
        'ﬂ' => out.push_str("fl"),
        'ﬃ' => out.push_str("ffi"),
        'ﬄ' => out.push_str("ffl"),
        'ﬅ' | 'ﬆ' => out.push_str("st"),
        _ => out.extend(c.to_lowercase()),
    }
}
