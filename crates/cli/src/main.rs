//! The program `libaim`.

use std::process::ExitCode;

fn main() -> ExitCode {
    aim_cli::main()
}
