//! Metrics that the program writes into a file by an exporter of OpenTelemetry.

mod message;

use super::readers::{Reader, Readers};
use super::samples::Samples;
use aim::run::Run;
use aim_value::Tree;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How often a file is looked at.
const EVERY: Duration = Duration::from_millis(500);
/// What is read at once, and the longest line.
const PIECE: u64 = 1 << 24;

/// How many values a line tells.
pub fn values(line: &str) -> usize {
    message::parse(line).map_or(0, |message| message.samples.len())
}

/// Follows files, each in a thread of its own.
pub fn start(readers: &mut Readers, run: &Arc<Run>, files: Vec<PathBuf>) -> io::Result<()> {
    files.into_iter().try_for_each(|path| {
        let follower = Follower::new(Arc::clone(run), path);
        readers.start("otlp", move || follower)
    })
}

struct Follower {
    samples: Samples,
    path: PathBuf,
    /// Up to where it was read.
    place: u64,
    line: u64,
    resource: Vec<(String, Tree)>,
    trouble: Option<String>,
}

fn length(path: &Path) -> u64 {
    path.metadata().map_or(0, |m| m.len())
}

impl Follower {
    /// What the file holds already is of another run.
    fn new(run: Arc<Run>, path: PathBuf) -> Follower {
        Follower {
            samples: Samples::new(run),
            place: length(&path),
            path,
            line: 0,
            resource: Vec::new(),
            trouble: None,
        }
    }

    fn follow(&mut self) {
        if length(&self.path) < self.place {
            // It was begun anew.
            self.place = 0;
        }
        loop {
            match self.piece() {
                Ok(Some(bytes)) => self.lines(&bytes),
                Ok(None) => return,
                Err(e) if e.kind() == io::ErrorKind::NotFound => return,
                Err(e) => {
                    let shown = self.path.display();
                    self.trouble
                        .get_or_insert(format!("{shown} cannot be read: {e}"));
                    return;
                }
            }
        }
    }

    /// Whole lines that are new.
    fn piece(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(self.place))?;
        let mut bytes = Vec::new();
        file.take(PIECE).read_to_end(&mut bytes)?;
        let end = bytes.iter().rposition(|byte| *byte == b'\n');
        let end = match end {
            Some(end) => end + 1,
            // A line that is longer than a piece is none.
            None if bytes.len() as u64 == PIECE => bytes.len(),
            None => return Ok(None),
        };
        bytes.truncate(end);
        self.place += end as u64;
        Ok(Some(bytes))
    }

    fn lines(&mut self, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        for line in text.lines() {
            self.line += 1;
            if line.trim().is_empty() {
                continue;
            }
            match message::parse(line) {
                Some(message) => self.message(message),
                None if self.trouble.is_none() => {
                    self.trouble = Some(format!(
                        "line {} that {} got is no message of OTLP with metrics",
                        self.line,
                        self.path.display()
                    ));
                }
                None => {}
            }
        }
    }

    fn message(&mut self, message: message::Message) {
        if message.resource != self.resource {
            self.resource.clone_from(&message.resource);
            // A name that is none is left out; the metrics are what counts.
            let _ = self
                .samples
                .run()
                .set_param("/otel", Tree::Dict(message.resource));
        }
        self.samples.track(message.samples);
    }
}

impl Reader for Follower {
    fn read(&mut self) -> Option<Duration> {
        self.follow();
        Some(EVERY)
    }

    fn end(mut self) -> Vec<String> {
        self.follow();
        if self.trouble.is_none() && self.samples.is_empty() {
            self.trouble = Some(format!("{} got no metrics", self.path.display()));
        }
        self.trouble.into_iter().collect()
    }
}
