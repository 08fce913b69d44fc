//! The program: executable, arguments, working directory and environment.

use super::mask::{MASKED, Masks, without_passwords};
use super::{entry, text};
use aim_value::Tree;
use std::path::PathBuf;

fn lossy(path: PathBuf) -> Tree {
    text(path.to_string_lossy())
}

pub fn program(masks: &Masks) -> Vec<(String, Tree)> {
    let mut found = Vec::new();
    let executable = std::fs::read_link("/proc/self/exe").ok();
    found.extend(executable.map(|path| entry("executable", lossy(path))));
    let arguments = std::fs::read("/proc/self/cmdline").unwrap_or_default();
    found.push(entry("arguments", Tree::List(masked(&arguments, masks))));
    let directory = std::env::current_dir().ok();
    found.extend(directory.map(|path| entry("working_directory", lossy(path))));
    found
}

/// Arguments, each ended by a NUL. The value of an option with a secret name is masked, in the same argument behind
/// `=` or in the next.
fn masked(arguments: &[u8], masks: &Masks) -> Vec<Tree> {
    let arguments = arguments.strip_suffix(b"\0").unwrap_or(arguments);
    let mut value_is_secret = false;
    let arguments = arguments.split(|b| *b == 0).map(|argument| {
        let argument = String::from_utf8_lossy(argument);
        let is_option = argument.starts_with('-');
        if std::mem::take(&mut value_is_secret) && !is_option {
            return text(MASKED);
        }
        match argument.split_once('=') {
            Some((name, value)) => text(format!("{name}={}", masks.value(name, value))),
            None => {
                value_is_secret = is_option && masks.is_secret(&argument);
                text(without_passwords(&argument))
            }
        }
    });
    arguments.collect()
}

/// The environment, by name.
pub fn variables(masks: &Masks) -> Vec<(String, Tree)> {
    let mut variables: Vec<_> = std::env::vars_os()
        .map(|(name, value)| {
            let name = name.to_string_lossy().into_owned();
            let value = masks.value(&name, &value.to_string_lossy());
            (name, Tree::Str(value))
        })
        .collect();
    variables.sort_by(|a, b| a.0.cmp(&b.0));
    variables.dedup_by(|a, b| a.0 == b.0);
    variables
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_arguments_are_masked() {
        let masks = Masks::new(&[]);
        let given = b"train\0--api-key=abc\0--token\0abc\0--lr=0.1\0--auth\0--fast\0x\0";
        let expected = [
            "train",
            "--api-key=***",
            "--token",
            "***",
            "--lr=0.1",
            "--auth",
            "--fast",
            "x",
        ];
        let expected: Vec<Tree> = expected.into_iter().map(text).collect();
        assert_eq!(masked(given, &masks), expected);
    }
}
