//! What a page tells people to type, in a shell that has the built program and nothing of this process's environment.

use std::path::Path;
use std::process::Command;

/// Lines of bash in a directory; the first that fails ends them.
pub fn bash(directory: &Path, lines: &str) -> Command {
    let programs = Path::new(env!("CARGO_BIN_EXE_libaim")).parent().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new("bash");
    command
        .args(["-euc", lines])
        .current_dir(directory)
        .env_clear()
        .env("LC_ALL", "C.UTF-8")
        .env("PATH", format!("{}:{path}", programs.display()));
    command
}
