//! `datetime` and `timedelta`, and the dates and times that they come apart into.

mod calendar;
mod delta;
mod make;
mod methods;
mod operators;
mod parse;
mod strftime;
mod types;

pub(super) use delta::Delta;
pub(super) use types::{Date, DateTime, Time, zone_name};
