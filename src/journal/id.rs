//! Names of journals.

use crate::error::{Error, Result};
use crate::random;
use std::fmt;
use std::str::FromStr;

/// 16 random bytes; the file name is their 32 hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JournalId(pub [u8; 16]);

impl JournalId {
    pub fn random() -> Result<Self> {
        let mut bytes = [0; 16];
        random::fill(&mut bytes).map_err(|e| Error::io("drawing a journal id", &e))?;
        Ok(Self(bytes))
    }
}

impl fmt::Display for JournalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl FromStr for JournalId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let digits = text.len() == 32
            && text
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        match u128::from_str_radix(text, 16) {
            Ok(number) if digits => Ok(Self(number.to_be_bytes())),
            _ => Err(Error::invalid(format!(
                "journal id '{text}': it is 32 lower-case hex digits"
            ))),
        }
    }
}
