//! How far a long task is: a bar with rate and time left on a terminal, a line every ten seconds elsewhere.

use crate::format;
use crate::look::Look;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::{Duration, Instant};

const INTERVAL: Duration = Duration::from_secs(10);
/// Tasks that are done sooner show nothing.
const PATIENCE: Duration = Duration::from_millis(300);

pub struct Progress {
    bar: Option<ProgressBar>,
    doing: &'static str,
    unit: &'static str,
    total: u64,
    done: u64,
    begun: Instant,
    told: Instant,
}

impl Progress {
    pub fn new(messages: &Look, doing: &'static str, unit: &'static str, total: u64) -> Progress {
        let bar = messages.is_terminal.then(|| {
            let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden());
            let template =
                "{msg} {bar:30} {human_pos} of {human_len} {prefix}, {per_sec}, {eta} left";
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style.progress_chars(match messages.unicode {
                    true => "━╸ ",
                    false => "=> ",
                }));
            }
            bar.set_message(doing);
            bar.set_prefix(unit);
            bar
        });
        Progress {
            bar,
            doing,
            unit,
            total,
            done: 0,
            begun: Instant::now(),
            told: Instant::now(),
        }
    }

    pub fn add(&mut self, more: u64) {
        self.done += more;
        match &self.bar {
            Some(bar) => {
                if bar.is_hidden() && self.begun.elapsed() > PATIENCE && self.done < self.total {
                    bar.set_draw_target(ProgressDrawTarget::stderr());
                }
                bar.set_position(self.done);
            }
            None if self.told.elapsed() >= INTERVAL => {
                self.told = Instant::now();
                let rate = self.done as f64 / self.begun.elapsed().as_secs_f64();
                let left = self.total.saturating_sub(self.done) as f64 / rate.max(1e-9);
                say!(
                    "{}: {} of {} {}, {:.0} a second, {} left",
                    self.doing,
                    format::count(self.done),
                    format::count(self.total),
                    self.unit,
                    rate,
                    format::duration(left)
                );
            }
            None => {}
        }
    }

    pub fn end(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}
