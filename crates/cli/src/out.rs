//! Standard output, by itself or through a pager. That nobody reads on is no error.

use crate::failure::Failure;
use std::io::{BufWriter, ErrorKind, Write};
use std::process::{Child, Command, Stdio};

pub struct Out {
    to: BufWriter<Box<dyn Write + Send>>,
    pager: Option<Child>,
}

impl Out {
    pub fn new(paged: bool) -> Out {
        let mut pager = if paged { start_pager() } else { None };
        let to: Box<dyn Write + Send> = match pager.as_mut().and_then(|pager| pager.stdin.take()) {
            Some(input) => Box::new(input),
            None => Box::new(std::io::stdout()),
        };
        Out {
            to: BufWriter::with_capacity(1 << 16, to),
            pager,
        }
    }

    pub fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.to.write_all(bytes).map_err(failed)
    }

    pub fn write_raw(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.to.write_all(bytes)
    }

    pub fn flush_raw(&mut self) -> std::io::Result<()> {
        self.to.flush()
    }

    pub fn text(&mut self, text: &str) -> Result<(), Failure> {
        self.bytes(text.as_bytes())
    }

    pub fn line(&mut self, text: &str) -> Result<(), Failure> {
        self.text(text)?;
        self.bytes(b"\n")
    }

    pub fn flush(&mut self) -> Result<(), Failure> {
        self.to.flush().map_err(failed)
    }

    /// Writes what is left and waits for the pager.
    pub fn end(mut self) -> Result<(), Failure> {
        let flushed = self.flush();
        let Out { to, pager } = self;
        drop(to);
        if let Some(mut pager) = pager {
            let _ = pager.wait();
        }
        flushed
    }
}

fn failed(e: std::io::Error) -> Failure {
    match e.kind() {
        ErrorKind::BrokenPipe => Failure::silent(0),
        _ => Failure::new("the output cannot be written").why(e),
    }
}

/// The pager that the user wants, or `less` where there is one; it ends at once if all fits on the screen.
fn start_pager() -> Option<Child> {
    let wanted = ["LIBAIM_PAGER", "PAGER"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok());
    let command = wanted.unwrap_or_else(|| "less".to_owned());
    if command.trim().is_empty() || command.trim() == "cat" {
        return None;
    }
    let mut pager = match command.contains(|c: char| !c.is_ascii_alphanumeric() && c != '/') {
        true => {
            let mut shell = Command::new("sh");
            shell.arg("-c").arg(&command);
            shell
        }
        false => Command::new(&command),
    };
    if std::env::var_os("LESS").is_none() {
        pager.env("LESS", "FRX");
    }
    pager.stdin(Stdio::piped()).spawn().ok()
}
