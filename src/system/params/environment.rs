//! The program: executable, arguments, working directory and environment.

use super::mask::{Masks, masked_arguments};
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
    let arguments = masked_arguments(&arguments, masks).into_iter().map(text);
    found.push(entry("arguments", Tree::List(arguments.collect())));
    let directory = std::env::current_dir().ok();
    found.extend(directory.map(|path| entry("working_directory", lossy(path))));
    found
}

/// The environment, by name, without what is not the user's.
pub fn variables(masks: &Masks) -> Vec<(String, Tree)> {
    let mut variables: Vec<_> = std::env::vars_os()
        .filter(|(name, _)| name != crate::system::RELAY)
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
