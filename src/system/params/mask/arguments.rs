//! The command line: a secret may stand behind its option, in the same argument or in the next.

use super::{MASKED, Masks};

/// Options whose value is `user:password`, as curl has them.
const USERS: [&str; 4] = ["-u", "-U", "--user", "--proxy-user"];

/// Single-dash words that begin like `-p` with a password.
const WORDS: [&str; 34] = [
    "-padding",
    "-page",
    "-parallel",
    "-param",
    "-part",
    "-path",
    "-patience",
    "-pattern",
    "-penalty",
    "-percent",
    "-period",
    "-phase",
    "-pid",
    "-pipe",
    "-plan",
    "-plot",
    "-plugin",
    "-point",
    "-policy",
    "-pool",
    "-port",
    "-ppn",
    "-pre",
    "-print",
    "-priority",
    "-prob",
    "-proc",
    "-prof",
    "-prog",
    "-project",
    "-prompt",
    "-proxy",
    "-pthread",
    "-python",
];

/// What the next argument is.
enum Next {
    Anything,
    ValueOf(String),
    User,
}

/// Arguments, each ended by a NUL, as they may be recorded.
pub fn masked(arguments: &[u8], masks: &Masks) -> Vec<String> {
    let arguments = arguments.strip_suffix(b"\0").unwrap_or(arguments);
    let mut next = Next::Anything;
    let arguments = arguments.split(|b| *b == 0).map(|argument| {
        let argument = &*String::from_utf8_lossy(argument);
        match std::mem::replace(&mut next, Next::Anything) {
            Next::ValueOf(name) if !is_option(argument) => return masks.value(&name, argument),
            Next::User if !is_option(argument) => return user(argument, masks),
            _ => {}
        }
        if let Some((name, value)) = argument.split_once('=').filter(|(name, _)| is_name(name)) {
            let value = if USERS.contains(&name) {
                user(value, masks)
            } else {
                masks.value(name, value)
            };
            return format!("{name}={value}");
        }
        if USERS.contains(&argument) {
            next = Next::User;
        } else if argument.starts_with('-') && is_name(argument) && masks.is_secret(argument) {
            next = Next::ValueOf(argument.to_owned());
        } else if let Some(short) = short(argument, masks) {
            return short;
        }
        masks.text(argument)
    });
    arguments.collect()
}

fn is_name(text: &str) -> bool {
    text.bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'/' | b'+' | b'@'))
}

/// `-x` or `--long-name`, not a password that begins with a hyphen.
fn is_option(argument: &str) -> bool {
    let name = argument.split('=').next().unwrap_or_default();
    match name.strip_prefix("--") {
        Some(long) => long.starts_with(|c: char| c.is_ascii_lowercase()) && is_name(long),
        None => name.len() == 2 && name.starts_with('-'),
    }
}

/// `user:password` with its password masked; two numbers are a user and a group.
fn user(value: &str, masks: &Masks) -> String {
    let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    match value.split_once(':') {
        Some((user, password)) if !(is_number(user) && is_number(password)) => {
            format!("{user}:{MASKED}")
        }
        _ => masks.text(value),
    }
}

/// `-ppassword` and `-uuser:password`.
fn short(argument: &str, masks: &Masks) -> Option<String> {
    if let Some(value) = argument
        .strip_prefix("-u")
        .filter(|v| v.contains(':') && !v.contains("://"))
    {
        return Some(format!("-u{}", user(value, masks)));
    }
    let password = argument.strip_prefix("-p").filter(|p| !p.is_empty())?;
    let is_ordinary =
        password.parse::<f64>().is_ok() || WORDS.iter().any(|word| argument.starts_with(word));
    (!is_ordinary).then(|| format!("-p{MASKED}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_arguments_are_masked() {
        let masks = Masks::new(&[], None);
        let cases = [
            ("train", "train"),
            ("--api-key=abc", "--api-key=***"),
            ("--token\0abc", "--token\0***"),
            ("--token\0-aBc1", "--token\0***"),
            ("--lr=0.1", "--lr=0.1"),
            ("--auth\0--fast\0x", "--auth\0--fast\0x"),
            ("--max-tokens\x004096", "--max-tokens\x004096"),
            ("-H\0Authorization: Bearer X", "-H\0Authorization: ***"),
            (
                "-H\0Authorization: Basic dXNlcjo=",
                "-H\0Authorization: ***",
            ),
            ("--header\0X-Api-Key: X", "--header\0X-Api-Key: ***"),
            ("--env=HF_TOKEN=X", "--env=HF_TOKEN=***"),
            ("--set\0a=1,password=X", "--set\0a=1,password=***"),
            ("--dbpass\0X", "--dbpass\0***"),
            ("--pw=X", "--pw=***"),
            ("-pX", "-p***"),
            ("-phunter", "-p***"),
            ("-p8080", "-p8080"),
            ("-precision\0fp16", "-precision\0fp16"),
            ("-u\0me:X", "-u\0me:***"),
            ("-ume:X", "-ume:***"),
            ("--user=me:X", "--user=me:***"),
            ("--user\x001000:1000", "--user\x001000:1000"),
            ("model.api_key=X", "model.api_key=***"),
        ];
        for (given, expected) in cases {
            let found = masked(format!("{given}\0").as_bytes(), &masks).join("\0");
            assert_eq!(found, expected, "{given:?}");
        }
    }
}
