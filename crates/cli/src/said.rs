//! Standard error. That nobody listens any more neither ends a command nor changes what it answers.

use std::fmt::Arguments;
use std::io::{Write, stderr};

/// One line to standard error, in one piece.
macro_rules! say {
    ($($text:tt)*) => { $crate::said::line(format_args!($($text)*)) };
}

pub fn line(text: Arguments) {
    let _ = stderr().write_all(format!("{text}\n").as_bytes());
}

/// A question, whose answer is written behind it.
pub fn question(text: Arguments) {
    let _ = stderr().write_all(text.to_string().as_bytes());
}
