//! `libaim man`: the manual page, one for all commands.

use crate::context::Context;
use crate::failure::Failure;
use clap_mangen::Man as Page;

/// Print the manual page
#[derive(clap::Args)]
pub struct Man {}

impl Man {
    pub fn run(self, context: &Context, whole: clap::Command) -> Result<(), Failure> {
        let mut text = Vec::new();
        let written = write(whole, &mut text);
        written.map_err(|e| Failure::new("the manual page cannot be written").why(e))?;
        let mut out = context.plain_out();
        out.bytes(&text)?;
        out.end()
    }
}

/// The page of the program, then a section for each command with its options.
fn write(mut command: clap::Command, text: &mut Vec<u8>) -> std::io::Result<()> {
    command.build();
    let page = Page::new(command.clone());
    page.render_title(text)?;
    page.render_name_section(text)?;
    page.render_synopsis_section(text)?;
    page.render_description_section(text)?;
    page.render_options_section(text)?;
    for command in command.get_subcommands().filter(|c| !c.is_hide_set()) {
        text.extend_from_slice(format!(".SH LIBAIM {}\n", command.get_name()).as_bytes());
        let page = Page::new(command.clone());
        for section in [
            Page::render_synopsis_section as fn(&Page, &mut dyn std::io::Write) -> _,
            Page::render_description_section,
            Page::render_options_section,
        ] {
            let mut part = Vec::new();
            section(&page, &mut part)?;
            text.extend_from_slice(&below(&part));
        }
    }
    Ok(())
}

/// Sections as subsections.
fn below(part: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(part);
    let lines = text.lines().map(|line| match line.strip_prefix(".SH ") {
        Some(title) => format!(".SS {title}\n"),
        None => format!("{line}\n"),
    });
    lines.collect::<String>().into_bytes()
}
