//! Metrics that the program, or what runs beside it, offers to Prometheus.

mod source;
mod text;

use super::readers::{Reader, Readers};
use super::samples::Samples;
use crate::failure::Failure;
use aim::run::Run;
use source::Source;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// How soon a program that is starting is asked again.
const SOON: Duration = Duration::from_millis(200);

/// What is asked, and how often.
pub struct Asked {
    sources: Vec<Source>,
    every: Duration,
}

impl Asked {
    pub fn parse(sources: &[String], seconds: f64) -> Result<Asked, Failure> {
        let source = |text: &String| {
            Source::parse(text).ok_or_else(|| {
                Failure::usage(format_args!("--prometheus {text:?} is no source"))
                    .why("it is neither an http:// address nor a file")
                    .advice("write it as in: --prometheus http://localhost:9100/metrics")
            })
        };
        let every = Duration::try_from_secs_f64(seconds).ok();
        let within = |every: &Duration| (0.01..=86400.0).contains(&every.as_secs_f64());
        let every = every.filter(within).ok_or_else(|| {
            Failure::usage(format_args!("--every {seconds} is out of range"))
                .why("an interval has 0.01 to 86400 seconds")
        })?;
        Ok(Asked {
            sources: sources.iter().map(source).collect::<Result<_, _>>()?,
            every,
        })
    }
}

/// How many values a page tells.
pub fn values(page: &str) -> usize {
    text::samples(page).0.len()
}

/// Asks the sources, each in a thread of its own.
pub fn start(readers: &mut Readers, run: &Arc<Run>, asked: Asked) -> io::Result<()> {
    let every = asked.every;
    asked.sources.into_iter().try_for_each(|source| {
        let samples = Samples::new(Arc::clone(run));
        readers.start("prometheus", move || Series {
            samples,
            source,
            every,
            answered: false,
            trouble: None,
        })
    })
}

/// What a source has told so far.
struct Series {
    samples: Samples,
    source: Source,
    every: Duration,
    answered: bool,
    trouble: Option<String>,
}

impl Series {
    fn ask(&mut self) {
        let text = match self.source.read() {
            Ok(text) => text,
            Err(e) => {
                if !self.answered {
                    self.trouble = Some(format!("{} did not answer: {e}", self.source));
                }
                return;
            }
        };
        if !self.answered {
            (self.answered, self.trouble) = (true, None);
        }
        let (samples, bad) = text::samples(&text);
        if let Some((number, line)) = bad
            && self.trouble.is_none()
        {
            self.trouble = Some(format!(
                "line {number} of {} is no sample in Prometheus' text format: {line:?}",
                self.source
            ));
        }
        self.samples.track(samples);
    }
}

impl Reader for Series {
    fn read(&mut self) -> Option<Duration> {
        self.ask();
        Some(match self.answered {
            true => self.every,
            false => self.every.min(SOON),
        })
    }

    /// A file is read once more; an exporter may be gone.
    fn end(mut self) -> Vec<String> {
        if matches!(self.source, Source::File(_)) {
            self.ask();
        }
        self.trouble.into_iter().collect()
    }
}
