//! Names that people gave, as names of directories.

/// Longest name of a directory that is made.
const NAME: usize = 120;

/// A text as the name of one directory: never a path, never hidden.
pub fn directory_name(text: &str) -> String {
    let plain = |c: char| match c {
        c if c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '=' | ',' | '+' | ' ') => c,
        _ => '_',
    };
    let mut name: String = text.chars().map(plain).collect();
    while name.len() > NAME {
        name.pop();
    }
    match name.trim_start_matches(['.', ' ']) {
        "" => "_".to_owned(),
        rest => rest.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_a_path() {
        for (text, name) in [
            ("../../etc/passwd", "_.._etc_passwd"),
            ("..", "_"),
            ("", "_"),
            ("warm start", "warm start"),
            ("a/b\0\n", "a_b__"),
        ] {
            assert_eq!(directory_name(text), name);
        }
        assert!(directory_name(&"ü".repeat(200)).len() <= NAME);
    }
}
