//! `libaim completions`: what a shell needs to complete command lines.

use crate::context::Context;
use crate::failure::Failure;

/// Print a shell's completions, as in: libaim completions bash >~/.local/share/bash-completion/completions/libaim
#[derive(clap::Args)]
pub struct Completions {
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

impl Completions {
    pub fn run(self, context: &Context, mut whole: clap::Command) -> Result<(), Failure> {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut whole, "libaim", &mut text);
        let mut out = context.plain_out();
        out.bytes(&text)?;
        out.end()
    }
}
