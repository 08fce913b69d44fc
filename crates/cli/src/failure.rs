//! What went wrong, in three lines: what, why, and what to do about it.

use crate::look::Look;
use crate::table::visible;
use crate::text::shown;
use aim::error::{Error, Status};
use std::fmt::{self, Display};
use std::process::ExitCode;

/// Something failed.
const FAILED: u8 = 1;
/// The command line or the query is wrong.
const USAGE: u8 = 2;

#[derive(Debug)]
pub struct Failure {
    what: String,
    why: Option<String>,
    advice: Option<String>,
    code: u8,
    silent: bool,
}

impl Failure {
    pub fn new(what: impl Display) -> Failure {
        Failure {
            what: what.to_string(),
            why: None,
            advice: None,
            code: FAILED,
            silent: false,
        }
    }

    /// The command line is wrong.
    pub fn usage(what: impl Display) -> Failure {
        Failure {
            code: USAGE,
            ..Failure::new(what)
        }
    }

    /// Nobody reads the output any more, or all is said already: only the exit status tells.
    pub fn silent(code: u8) -> Failure {
        Failure {
            code,
            silent: true,
            ..Failure::new("")
        }
    }

    pub fn code(self, code: u8) -> Failure {
        Failure { code, ..self }
    }

    pub fn why(self, why: impl Display) -> Failure {
        Failure {
            why: Some(why.to_string()),
            ..self
        }
    }

    pub fn advice(self, advice: impl Display) -> Failure {
        Failure {
            advice: Some(advice.to_string()),
            ..self
        }
    }

    /// Why it failed, if that is said.
    pub fn reason(&self) -> String {
        shown(self.why.as_deref().unwrap_or(&self.what)).into_owned()
    }

    /// A failure that names the runs that were left out, if there are any.
    pub fn left_out(runs: Vec<String>) -> Result<(), Failure> {
        const LISTED: usize = 8;
        if runs.is_empty() {
            return Ok(());
        }
        let mut why: Vec<String> = runs.iter().take(LISTED).cloned().collect();
        if runs.len() > LISTED {
            why.push(format!("and {} more", runs.len() - LISTED));
        }
        let count = crate::format::counted(runs.len() as u64, "run");
        Err(Failure::new(format_args!("{count} left out")).why(why.join("\n")))
    }

    pub fn report(&self, look: &Look) -> ExitCode {
        if !self.silent {
            say!("{}", Report(self, look));
        }
        ExitCode::from(self.code)
    }
}

/// What went wrong, in one line.
impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(self.what.lines().next().unwrap_or_default()))
    }
}

struct Report<'f>(&'f Failure, &'f Look);

impl Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report(failure, look) = self;
        let (red, dim, plain) = match look.colour {
            true => ("\x1b[1;31m", "\x1b[2m", "\x1b[0m"),
            false => ("", "", ""),
        };
        write!(f, "{red}error:{plain} {}", lines(look, &failure.what))?;
        for (word, text) in [("why", &failure.why), ("try", &failure.advice)] {
            if let Some(text) = text {
                write!(f, "\n{dim}  {word}:{plain} {}", lines(look, text))?;
            }
        }
        Ok(())
    }
}

/// A text whose further lines stand below the first.
fn lines(look: &Look, text: &str) -> String {
    let lines: Vec<_> = text.lines().map(|line| visible(look, line)).collect();
    lines.join("\n       ")
}

/// What to do about a status of the library.
fn advice(status: Status) -> Option<&'static str> {
    Some(match status {
        Status::Corrupt => {
            "libaim doctor says what is damaged; libaim salvage FROM INTO copies what is intact"
        }
        Status::UnsupportedVersion => "use the version of libaim that wrote it, or a newer one",
        Status::Syntax => {
            "texts stand in quotes and == compares, as in: run.experiment == 'digits'"
        }
        Status::ReadOnly => "check who owns the files below .aim, and how the disk is mounted",
        Status::Full => "make room on the disk; libaim du shows what takes it",
        Status::Busy => "wait until the program that writes it has ended",
        _ => return None,
    })
}

impl From<Error> for Failure {
    fn from(e: Error) -> Failure {
        let message = e
            .message
            .replace("aim_repo_salvage copies", "libaim salvage FROM INTO copies");
        Failure {
            advice: advice(e.status).map(str::to_owned),
            code: match e.status {
                Status::Syntax => USAGE,
                _ => FAILED,
            },
            ..Failure::new(message)
        }
    }
}

/// Puts in front of an error what was being done.
pub trait Doing<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T, Failure>;
}

impl<T, E: Into<Failure>> Doing<T> for Result<T, E> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T, Failure> {
        self.map_err(|e| {
            let failure = e.into();
            match failure.why {
                None => Failure {
                    why: Some(failure.what),
                    what: what(),
                    ..failure
                },
                Some(_) => failure,
            }
        })
    }
}
