//! Metrics that the program writes into a file by an exporter of OpenTelemetry.

mod message;

use aim::run::{EPOCH_NONE, Metric, Run, STEP_AUTO};
use aim_value::Tree;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How often a file is looked at.
const EVERY: Duration = Duration::from_millis(500);
/// What is read at once, and the longest line.
const PIECE: u64 = 1 << 24;

/// Reads files until it is stopped.
pub struct Exports(Vec<(Sender<()>, JoinHandle<Option<String>>)>);

impl Exports {
    pub fn start(run: &Arc<Run>, files: Vec<PathBuf>) -> io::Result<Exports> {
        let start = |path: PathBuf| {
            let (stop, stopped) = channel();
            let mut follower = Follower::new(Arc::clone(run), path);
            let thread = std::thread::Builder::new().name("otlp".into());
            let thread = thread.spawn(move || {
                while !matches!(
                    stopped.recv_timeout(EVERY),
                    Err(RecvTimeoutError::Disconnected)
                ) {
                    follower.read();
                }
                follower.end()
            })?;
            Ok((stop, thread))
        };
        let started = files.into_iter().map(start);
        Ok(Exports(started.collect::<io::Result<_>>()?))
    }

    /// Stops, and says what went wrong.
    pub fn stop(self) -> Vec<String> {
        let end = |(stop, thread): (Sender<()>, JoinHandle<Option<String>>)| {
            drop(stop);
            thread.join().ok().flatten()
        };
        self.0.into_iter().filter_map(end).collect()
    }
}

struct Follower {
    run: Arc<Run>,
    path: PathBuf,
    /// Up to where it was read.
    place: u64,
    line: u64,
    metrics: HashMap<(String, String), (Option<Metric>, Option<f64>)>,
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
            place: length(&path),
            run,
            path,
            line: 0,
            metrics: HashMap::new(),
            resource: Vec::new(),
            trouble: None,
        }
    }

    fn read(&mut self) {
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
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.map_or(0.0, |since| since.as_secs_f64());
        if message.resource != self.resource {
            self.resource.clone_from(&message.resource);
            // A name that is none is left out; the metrics are what counts.
            let _ = self.run.set_param("/otel", Tree::Dict(message.resource));
        }
        for sample in message.samples {
            let run = &self.run;
            let (metric, last) = self
                .metrics
                .entry((sample.name, sample.attributes))
                .or_insert_with_key(|(name, context)| (run.metric(name, Some(context)).ok(), None));
            // A point that did not change is written again and again.
            if sample.time.is_some() && sample.time == *last {
                continue;
            }
            *last = sample.time;
            if let Some(metric) = metric {
                let time = [sample.time.unwrap_or(now)];
                // What the journal does not take, the run's own messages tell of.
                let _ = metric.track_many_at(
                    &[sample.value],
                    Some(&[STEP_AUTO]),
                    Some(&[EPOCH_NONE]),
                    Some(&time),
                );
            }
        }
    }

    /// Once more, for what the program wrote at its end.
    fn end(mut self) -> Option<String> {
        self.read();
        if self.trouble.is_none() && self.metrics.is_empty() {
            self.trouble = Some(format!("{} got no metrics", self.path.display()));
        }
        self.trouble
    }
}
