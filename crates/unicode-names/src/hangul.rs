//! The syllables of Hangul, whose names are those of their letters.

const FIRST: u32 = 0xAC00;
const INITIALS: [&str; 19] = [
    "G", "GG", "N", "D", "DD", "R", "M", "B", "BB", "S", "SS", "", "J", "JJ", "C", "K", "T", "P",
    "H",
];
const VOWELS: [&str; 21] = [
    "A", "AE", "YA", "YAE", "EO", "E", "YEO", "YE", "O", "WA", "WAE", "OE", "YO", "U", "WEO", "WE",
    "WI", "YU", "EU", "YI", "I",
];
const FINALS: [&str; 28] = [
    "", "G", "GG", "GS", "N", "NJ", "NH", "D", "L", "LG", "LM", "LB", "LS", "LT", "LP", "LH", "M",
    "B", "BS", "S", "SS", "NG", "J", "C", "K", "T", "P", "H",
];

pub fn syllable(name: &str) -> Option<char> {
    let mut codes = FIRST..;
    INITIALS.iter().find_map(|initial| {
        let name = name.strip_prefix(initial);
        VOWELS.iter().find_map(|vowel| {
            let name = name.and_then(|name| name.strip_prefix(vowel));
            FINALS.iter().find_map(|last| {
                let code = codes.next()?;
                char::from_u32(code).filter(|_| name == Some(last))
            })
        })
    })
}
