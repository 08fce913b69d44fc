//! Durations.

use std::fmt;

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use crate::fault::{Res, overflow};

pub(super) const DAY: i128 = 86_400_000_000;
const MAX_DAYS: i64 = 999_999_999;

/// A duration in microseconds, as days, seconds of a day and microseconds of a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Delta {
    pub(super) days: i32,
    pub(super) seconds: i32,
    pub(super) micros: i32,
}

impl Delta {
    pub(crate) const ZERO: Delta = Delta {
        days: 0,
        seconds: 0,
        micros: 0,
    };
    pub(super) const MIN: Delta = Delta {
        days: -999_999_999,
        seconds: 0,
        micros: 0,
    };
    pub(super) const MAX: Delta = Delta {
        days: 999_999_999,
        seconds: 86_399,
        micros: 999_999,
    };
    pub(super) const RESOLUTION: Delta = Delta {
        days: 0,
        seconds: 0,
        micros: 1,
    };

    pub(super) fn from_micros(micros: i128) -> Res<Delta> {
        let days = micros.div_euclid(DAY);
        if days.unsigned_abs() > MAX_DAYS as u128 {
            return overflow(format!("days={days}; must have magnitude <= {MAX_DAYS}"));
        }
        let rest = micros.rem_euclid(DAY) as i64;
        Ok(Delta {
            days: days as i32,
            seconds: (rest / 1_000_000) as i32,
            micros: (rest % 1_000_000) as i32,
        })
    }

    pub(super) fn from_big(micros: &BigInt) -> Res<Delta> {
        match micros.to_i128() {
            Some(micros) => Delta::from_micros(micros),
            None => overflow(format!(
                "the duration must have magnitude <= {MAX_DAYS} days"
            )),
        }
    }

    pub(crate) fn from_seconds(seconds: i32) -> Delta {
        Delta {
            days: seconds.div_euclid(86_400),
            seconds: seconds.rem_euclid(86_400),
            micros: 0,
        }
    }

    pub(crate) fn micros(self) -> i128 {
        i128::from(self.days) * DAY + i128::from(self.seconds) * 1_000_000 + i128::from(self.micros)
    }

    pub(crate) fn is_negative(self) -> bool {
        self.days < 0
    }

    pub(crate) fn repr(self) -> String {
        let mut parts = Vec::new();
        for (name, value) in [
            ("days", self.days),
            ("seconds", self.seconds),
            ("microseconds", self.micros),
        ] {
            if value != 0 {
                parts.push(format!("{name}={value}"));
            }
        }
        if parts.is_empty() {
            parts.push("0".to_owned());
        }
        format!("datetime.timedelta({})", parts.join(", "))
    }
}

impl fmt::Display for Delta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.days != 0 {
            let plural = if self.days.unsigned_abs() == 1 {
                ""
            } else {
                "s"
            };
            write!(f, "{} day{plural}, ", self.days)?;
        }
        let (hours, minutes) = (self.seconds / 3600, self.seconds / 60 % 60);
        write!(f, "{hours}:{minutes:02}:{:02}", self.seconds % 60)?;
        if self.micros != 0 {
            write!(f, ".{:06}", self.micros)?;
        }
        Ok(())
    }
}
