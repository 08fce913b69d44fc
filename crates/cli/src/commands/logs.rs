//! `libaim logs`: what a run wrote to its terminal and what it logged, followed if wanted.

use crate::central::About;
use crate::context::{Context, look_at};
use crate::failure::Failure;
use crate::out::Out;
use crate::table::{CYAN, DIM, RED, YELLOW, styled, visible};
use crate::{find, format, records, terminal_text};
use aim::query::{LogRecord, RunInfo, RunState, Snapshot, Stream};
use aim_value::Tree;
use std::time::Duration;

/// Records that are read at once.
const CHUNK: u64 = 4096;
/// How often a log that is followed is looked at.
const INTERVAL: Duration = Duration::from_millis(200);

/// Print the log of a run: lines of its terminal and records it logged
#[derive(clap::Args)]
pub struct Logs {
    /// The run: its hash, a unique beginning of it, or its name
    run: String,

    /// Go on as the log grows, until the run ends
    #[arg(short, long)]
    follow: bool,

    /// Only the last lines
    #[arg(short = 'n', long, value_name = "N")]
    lines: Option<u64>,

    /// The time in front of each line
    #[arg(short, long)]
    time: bool,

    /// Only the records that the program logged
    #[arg(short, long, conflicts_with = "terminal")]
    records: bool,

    /// Only the lines of the terminal
    #[arg(long)]
    terminal: bool,

    /// Print an object a line
    #[arg(long)]
    json: bool,
}

impl Logs {
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let repo = context.reading(&About::Called(&[&self.run]))?;
        let run = look_at(&repo, |snapshot| find::run(snapshot, &self.run))?;
        let mut streams = Vec::new();
        if !self.records {
            streams.push(Reading::new(Stream::Terminal));
        }
        if !self.terminal {
            streams.push(Reading::new(Stream::Records));
        }
        if let Some(lines) = self.lines {
            look_at(&repo, |snapshot| {
                streams
                    .iter_mut()
                    .try_for_each(|stream| stream.skip_to_last(snapshot, &run, lines))
            })?;
        }
        let mut printer = Printer {
            logs: &self,
            context,
            out: match self.follow {
                true => context.plain_out(),
                false => context.paged_out(),
            },
            open: false,
        };
        let mut last = self.lines;
        loop {
            let (entries, running) = look_at(&repo, |snapshot| {
                let record = snapshot.record(&run)?;
                let running = record.is_some_and(|record| record.state == RunState::Running);
                let entries = take(snapshot, &run, &mut streams, running && self.follow)?;
                Ok((entries, running))
            })?;
            let idle = entries.is_empty();
            // Of each stream as many as are wanted were read; together they may be twice as many.
            let skip = match last.take() {
                Some(lines) => entries.len().saturating_sub(lines as usize),
                None => 0,
            };
            for entry in entries.iter().skip(skip) {
                printer.print(entry)?;
            }
            match (idle, self.follow && running) {
                (true, false) => break,
                (true, true) => {
                    printer.out.flush()?;
                    std::thread::sleep(INTERVAL);
                }
                (false, _) => {}
            }
        }
        printer.end_line()?;
        printer.out.end()
    }
}

/// How far a stream has been read.
struct Reading {
    stream: Stream,
    next: u64,
    /// The newest line, which may still be replaced by a longer one.
    unfinished: Option<(u64, String)>,
}

struct Entry {
    stream: Stream,
    record: LogRecord,
    /// It replaces the line that was printed before.
    again: bool,
    unfinished: bool,
}

impl Reading {
    fn new(stream: Stream) -> Reading {
        Reading {
            stream,
            next: 0,
            unfinished: None,
        }
    }

    fn skip_to_last(
        &mut self,
        snapshot: &Snapshot<'_>,
        run: &RunInfo,
        lines: u64,
    ) -> Result<(), Failure> {
        let (first, end) = snapshot.log_range(run, self.stream)?;
        self.next = end.saturating_sub(lines).max(first);
        Ok(())
    }

    /// What is new. Of a run that goes on the last line of the terminal is looked at again.
    fn take(
        &mut self,
        snapshot: &Snapshot<'_>,
        run: &RunInfo,
        running: bool,
    ) -> Result<Vec<Entry>, Failure> {
        let from = self.unfinished.as_ref().map_or(self.next, |(n, _)| *n);
        let records = records::from(snapshot, run, self.stream, from, CHUNK)?;
        let mut entries = Vec::new();
        let count = records.len();
        let before = self.unfinished.take();
        for (i, (number, record)) in records.into_iter().enumerate() {
            let last = running && i + 1 == count && self.stream == Stream::Terminal;
            self.next = self.next.max(number + 1);
            if last {
                self.unfinished = Some((number, record.text.clone()));
            }
            let known = before.as_ref().filter(|(n, _)| *n == number);
            let again = known.is_some();
            if last && known.is_some_and(|(_, text)| *text == record.text) {
                continue;
            }
            entries.push(Entry {
                stream: self.stream,
                record,
                again,
                unfinished: last,
            });
        }
        Ok(entries)
    }
}

/// New entries of all streams by time.
fn take(
    snapshot: &Snapshot<'_>,
    run: &RunInfo,
    streams: &mut [Reading],
    running: bool,
) -> Result<Vec<Entry>, Failure> {
    let mut all = Vec::new();
    for stream in streams {
        all.extend(stream.take(snapshot, run, running)?);
    }
    all.sort_by_key(|entry| (entry.unfinished, entry.record.time));
    Ok(all)
}

struct Printer<'p> {
    logs: &'p Logs,
    context: &'p Context,
    out: Out,
    /// The last line has no end yet.
    open: bool,
}

impl Printer<'_> {
    fn end_line(&mut self) -> Result<(), Failure> {
        match std::mem::take(&mut self.open) {
            true => self.out.text("\n"),
            false => Ok(()),
        }
    }

    fn print(&mut self, entry: &Entry) -> Result<(), Failure> {
        if self.logs.json {
            // A line that may still grow is printed when it is whole.
            return match entry.unfinished {
                true => Ok(()),
                false => self.out.line(&json(entry)),
            };
        }
        if !self.context.look.is_terminal {
            return match entry.unfinished {
                true => Ok(()),
                false => self.out.line(&self.line(entry)),
            };
        }
        match (self.open, entry.again) {
            (true, true) => self.out.text("\r\x1b[K")?,
            _ => self.end_line()?,
        }
        let line = self.line(entry);
        self.out.text(&line)?;
        self.open = true;
        if !entry.unfinished {
            self.end_line()?;
        }
        Ok(())
    }

    fn line(&self, entry: &Entry) -> String {
        let look = &self.context.look;
        let mut line = String::new();
        if self.logs.time {
            let moment = format::moment(entry.record.time);
            line.push_str(&styled(look, DIM, &moment));
            line.push_str("  ");
        }
        if entry.stream == Stream::Terminal {
            line.push_str(&terminal_text::line(look, &entry.record.text, None));
            return line;
        }
        let (name, style) = level(entry.record.level);
        line.push_str(&styled(look, style, &name));
        line.push_str("  ");
        let text: Vec<String> = entry
            .record
            .text
            .lines()
            .map(|l| visible(look, l))
            .collect();
        line.push_str(&text.join("\n         "));
        if let Some(place) = &entry.record.location {
            let place = format!("  {}:{}", visible(look, &place.file), place.line);
            line.push_str(&styled(look, DIM, &place));
        }
        line
    }
}

/// A level in words, as Python numbers them.
fn level(level: i32) -> (String, anstyle::Style) {
    let (name, style) = match level {
        ..=10 => ("debug", DIM),
        11..=20 => ("info", CYAN),
        21..=30 => ("warning", YELLOW),
        31..=40 => ("error", RED),
        41.. => ("critical", RED),
    };
    (format!("{name:<8}"), style)
}

fn json(entry: &Entry) -> String {
    let record = &entry.record;
    let source = match entry.stream {
        Stream::Terminal => "terminal",
        Stream::Records => "record",
        Stream::Notes => "note",
    };
    let mut entries = vec![
        ("source", Tree::Str(source.to_owned())),
        ("time", Tree::Float(record.time as f64 / 1e6)),
        ("level", Tree::Int(record.level.into())),
        ("text", Tree::Str(record.text.clone())),
    ];
    if let Some(place) = &record.location {
        entries.push(("file", Tree::Str(place.file.clone())));
        entries.push(("line", Tree::Int(place.line.into())));
        entries.push(("function", Tree::Str(place.function.clone())));
    }
    let entries = entries.into_iter().map(|(k, v)| (k.to_owned(), v));
    format::json(&Tree::Dict(entries.collect()))
}
