//! What a run is, apart from its params and sequences, and how it is stored.

use crate::error::{Error, Result};
use crate::store::checked;
use crate::store::keys::RunId;

/// How a run stands. A running one is only truly so while one of its writers lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum RunState {
    Running = 0,
    /// Its program ended well.
    Finished = 1,
    /// Its process died without a word.
    Crashed = 2,
    /// Its program ended with an error.
    Failed = 3,
    /// Somebody stopped it: Ctrl-C, a signal that the program answered.
    Interrupted = 4,
}

impl RunState {
    pub const ALL: [RunState; 5] = [
        RunState::Running,
        RunState::Finished,
        RunState::Crashed,
        RunState::Failed,
        RunState::Interrupted,
    ];

    pub fn from_number(number: u8) -> Option<RunState> {
        RunState::ALL.into_iter().find(|s| *s as u8 == number)
    }

    /// What people and programs call it.
    pub fn text(self) -> &'static str {
        match self {
            RunState::Running => "running",
            RunState::Finished => "finished",
            RunState::Crashed => "crashed",
            RunState::Failed => "failed",
            RunState::Interrupted => "interrupted",
        }
    }

    /// Whether it ended by itself and not well.
    pub fn is_failure(self) -> bool {
        matches!(self, RunState::Failed | RunState::Crashed)
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub state: RunState,
    pub exit_code: Option<i32>,
    pub signal: Option<i32>,
}

impl Outcome {
    pub const FINISHED: Outcome = Outcome::of(RunState::Finished);
    pub const CRASHED: Outcome = Outcome::of(RunState::Crashed);

    pub const fn of(state: RunState) -> Outcome {
        Outcome {
            state,
            exit_code: None,
            signal: None,
        }
    }
}

/// Times are microseconds since 1970 (UTC).
#[derive(Clone, Debug, PartialEq)]
pub struct RunRecord {
    /// 24 hex digits when written out.
    pub hash: [u8; 12],
    pub state: RunState,
    pub archived: bool,
    pub created_at: i64,
    /// When the last writer closed or died; `None` while the run is being written.
    pub finalized_at: Option<i64>,
    pub experiment: String,
    /// `None` until somebody names the run.
    pub name: Option<String>,
    pub description: String,
    pub tags: Vec<String>,
    /// Of the last end, or of the writer that `pending` is of.
    pub exit_code: Option<i32>,
    pub signal: Option<i32>,
    /// How the first writer that did not end well ended, while others go on.
    pub pending: Option<RunState>,
    /// How and when the run had ended before it was opened again, as long as nothing new is recorded.
    pub before: Option<(RunState, Option<i64>)>,
    /// The text that its creator chose as its id.
    pub run_id: Option<String>,
}

pub fn hash_text(hash: &[u8; 12]) -> String {
    let digits = hash.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)]))
        .collect()
}

/// What a run without a name is called.
pub fn default_name(hash: &[u8; 12]) -> String {
    format!("Run: {}", hash_text(hash))
}

/// Reads 24 hex digits.
pub fn parse_hash(text: &str) -> Result<[u8; 12]> {
    let wrong = || Error::invalid(format!("run hash {text:?} is not 24 hexadecimal digits"));
    if text.len() != 24 || !text.is_ascii() {
        return Err(wrong());
    }
    let mut hash = [0; 12];
    for (i, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16).map_err(|_| wrong())?;
    }
    Ok(hash)
}

impl RunRecord {
    /// A run that begins.
    pub fn new(hash: [u8; 12], experiment: &str, created_at: i64) -> RunRecord {
        RunRecord {
            hash,
            state: RunState::Running,
            archived: false,
            created_at,
            finalized_at: None,
            experiment: experiment.to_owned(),
            name: None,
            description: String::new(),
            tags: Vec::new(),
            exit_code: None,
            signal: None,
            pending: None,
            before: None,
            run_id: None,
        }
    }

    /// Writing begins again.
    pub fn reopen(&mut self) {
        if self.state != RunState::Running {
            self.before = Some((self.state, self.finalized_at));
            self.pending = None;
        } else if self.pending == Some(RunState::Crashed) {
            // One of several writers had died, and is back.
            self.pending = None;
        }
        self.state = RunState::Running;
        self.finalized_at = None;
    }

    /// A writer leaves while others go on.
    pub fn leave(&mut self, outcome: Outcome, recorded: bool) {
        if recorded {
            self.before = None;
        }
        if self.pending.is_none() && outcome.state != RunState::Finished {
            self.pending = Some(outcome.state);
            (self.exit_code, self.signal) = (outcome.exit_code, outcome.signal);
        }
    }

    /// The last writer leaves. The first of several that did not end well says how the run ended; a run that was opened
    /// and left without recording anything is as it was before.
    pub fn end(&mut self, outcome: Outcome, recorded: bool, at: i64) {
        match (self.before.take(), self.pending.take()) {
            (Some((state, at)), None) if !recorded => {
                self.state = state;
                self.finalized_at = at;
                return;
            }
            (_, Some(pending)) => self.state = pending,
            (_, None) => {
                self.state = outcome.state;
                (self.exit_code, self.signal) = (outcome.exit_code, outcome.signal);
            }
        }
        self.finalized_at = Some(at.max(self.created_at));
    }

    pub fn hash_text(&self) -> String {
        hash_text(&self.hash)
    }

    pub fn display_name(&self) -> String {
        self.name
            .clone()
            .unwrap_or_else(|| format!("Run: {}", self.hash_text()))
    }

    pub(super) fn encode(&self, id: RunId) -> Vec<u8> {
        checked::seal(&id.to_be_bytes(), |out| {
            out.extend_from_slice(&self.hash);
            out.push(self.state as u8);
            let more = self.encode_more();
            out.push(
                u8::from(self.archived)
                    | u8::from(self.name.is_some()) << 1
                    | u8::from(!more.is_empty()) << 2,
            );
            out.extend_from_slice(&self.created_at.to_le_bytes());
            out.extend_from_slice(&self.finalized_at.unwrap_or(i64::MIN).to_le_bytes());
            out.extend_from_slice(&more);
            let texts = [
                self.experiment.as_str(),
                self.name.as_deref().unwrap_or(""),
                &self.description,
            ];
            for text in texts
                .into_iter()
                .chain(self.tags.iter().map(String::as_str))
            {
                out.extend_from_slice(&(text.len() as u32).to_le_bytes());
                out.extend_from_slice(text.as_bytes());
            }
        })
    }

    /// The record for other stores, under a checksum.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.encode(0)
    }

    /// What `to_bytes` wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<RunRecord> {
        RunRecord::decode(0, bytes)
    }

    /// What most runs do not have, with its length in front; nothing if there is nothing.
    fn encode_more(&self) -> Vec<u8> {
        let none = (&self.exit_code, &self.signal, &self.pending) == (&None, &None, &None)
            && self.before.is_none()
            && self.run_id.is_none();
        if none {
            return Vec::new();
        }
        let run_id = self.run_id.as_deref();
        let mut out = ((MORE + run_id.map_or(0, str::len)) as u16)
            .to_le_bytes()
            .to_vec();
        out.push(
            u8::from(self.exit_code.is_some())
                | u8::from(self.signal.is_some()) << 1
                | u8::from(run_id.is_some()) << 2,
        );
        out.push(self.pending.map_or(NO_STATE, |s| s as u8));
        out.push(self.before.map_or(NO_STATE, |(s, _)| s as u8));
        out.extend_from_slice(&self.exit_code.unwrap_or(0).to_le_bytes());
        out.extend_from_slice(&self.signal.unwrap_or(0).to_le_bytes());
        let ended = self.before.and_then(|(_, at)| at);
        out.extend_from_slice(&ended.unwrap_or(i64::MIN).to_le_bytes());
        out.extend_from_slice(run_id.unwrap_or_default().as_bytes());
        out
    }

    pub(super) fn decode(id: RunId, bytes: &[u8]) -> Result<RunRecord> {
        let view = RunView::new(id, bytes)?;
        Ok(RunRecord {
            hash: *view.hash(),
            state: view.state(),
            archived: view.archived(),
            created_at: view.created_at(),
            finalized_at: view.finalized_at(),
            experiment: view.experiment()?.to_owned(),
            name: view.name()?.map(str::to_owned),
            description: view.description()?.to_owned(),
            tags: view.tags()?.into_iter().map(str::to_owned).collect(),
            exit_code: view.exit_code(),
            signal: view.signal(),
            pending: view.more_state(1)?,
            before: view.more_state(2)?.map(|state| (state, view.more_time())),
            run_id: view.run_id()?.map(str::to_owned),
        })
    }
}

/// A stored record, read field by field: queries look at one or two fields of many runs.
#[derive(Clone, Copy)]
pub struct RunView<'a> {
    head: &'a [u8; HEAD],
    more: &'a [u8],
    texts: &'a [u8],
    state: RunState,
}

/// Bytes in front of the texts.
const HEAD: usize = 30;
/// Least bytes of what follows the head of some records: flags, two states, exit code, signal, a time.
const MORE: usize = 19;
const NO_STATE: u8 = u8::MAX;

fn damaged() -> Error {
    Error::corrupt("a stored run is damaged")
}

impl<'a> RunView<'a> {
    pub fn new(id: RunId, bytes: &'a [u8]) -> Result<RunView<'a>> {
        let (head, texts) = checked::open(&id.to_be_bytes(), bytes)
            .and_then(|bytes| bytes.split_first_chunk::<HEAD>())
            .ok_or_else(damaged)?;
        let state = RunState::from_number(head[12]).ok_or_else(damaged)?;
        let (more, texts) = match head[13] & 4 {
            0 => (&[][..], texts),
            _ => texts
                .split_first_chunk()
                .and_then(|(size, rest)| {
                    rest.split_at_checked(usize::from(u16::from_le_bytes(*size)))
                })
                .filter(|(more, _)| more.len() >= MORE)
                .ok_or_else(damaged)?,
        };
        Ok(RunView {
            head,
            more,
            texts,
            state,
        })
    }

    fn more_flag(&self, bit: u8) -> bool {
        self.more.first().is_some_and(|flags| flags & bit != 0)
    }

    fn more_number(&self, at: usize) -> i32 {
        let bytes = self.more.get(at..).and_then(|b| b.first_chunk());
        bytes.map_or(0, |b| i32::from_le_bytes(*b))
    }

    fn more_state(&self, at: usize) -> Result<Option<RunState>> {
        match self.more.get(at) {
            None | Some(&NO_STATE) => Ok(None),
            Some(number) => RunState::from_number(*number).map(Some).ok_or_else(damaged),
        }
    }

    fn more_time(&self) -> Option<i64> {
        let bytes = self.more.get(11..)?.first_chunk()?;
        Some(i64::from_le_bytes(*bytes)).filter(|t| *t != i64::MIN)
    }

    pub fn exit_code(&self) -> Option<i32> {
        self.more_flag(1).then(|| self.more_number(3))
    }

    pub fn signal(&self) -> Option<i32> {
        self.more_flag(2).then(|| self.more_number(7))
    }

    /// The text that its creator chose as its id.
    pub fn run_id(&self) -> Result<Option<&'a str>> {
        match self.more_flag(4) {
            true => std::str::from_utf8(&self.more[MORE..])
                .map(Some)
                .map_err(|_| damaged()),
            false => Ok(None),
        }
    }

    pub fn hash(&self) -> &'a [u8; 12] {
        // The head is longer than a hash.
        self.head.first_chunk().unwrap_or(&[0; 12])
    }

    pub fn state(&self) -> RunState {
        self.state
    }

    pub fn archived(&self) -> bool {
        self.head[13] & 1 != 0
    }

    fn time(&self, at: usize) -> i64 {
        self.head[at..]
            .first_chunk()
            .map_or(0, |b| i64::from_le_bytes(*b))
    }

    pub fn created_at(&self) -> i64 {
        self.time(14)
    }

    pub fn finalized_at(&self) -> Option<i64> {
        Some(self.time(22)).filter(|t| *t != i64::MIN)
    }

    fn texts(&self) -> impl Iterator<Item = Result<&'a str>> {
        let mut rest = self.texts;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let text = rest.split_first_chunk().and_then(|(size, tail)| {
                let (text, tail) = tail.split_at_checked(u32::from_le_bytes(*size) as usize)?;
                rest = tail;
                std::str::from_utf8(text).ok()
            });
            if text.is_none() {
                rest = &[];
            }
            Some(text.ok_or_else(damaged))
        })
    }

    fn text(&self, n: usize) -> Result<&'a str> {
        self.texts().nth(n).unwrap_or_else(|| Err(damaged()))
    }

    pub fn experiment(&self) -> Result<&'a str> {
        self.text(0)
    }

    /// `None` until somebody names the run.
    pub fn name(&self) -> Result<Option<&'a str>> {
        let named = self.head[13] & 2 != 0;
        self.text(1).map(|name| named.then_some(name))
    }

    pub fn description(&self) -> Result<&'a str> {
        self.text(2)
    }

    pub fn tags(&self) -> Result<Vec<&'a str>> {
        self.texts().skip(3).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn records_of_before_there_were_outcomes_are_read() {
        let mut record = RunRecord::new([7; 12], "digits", 5);
        record.state = RunState::Crashed;
        record.finalized_at = Some(9);
        record.tags = vec!["a".into()];
        let id: RunId = 3;
        // Hash, state, flags, times, then texts: nothing more, as it was written then.
        let old = checked::seal(&id.to_be_bytes(), |out: &mut Vec<u8>| {
            out.extend_from_slice(&[7; 12]);
            out.extend_from_slice(&[2, 0]);
            out.extend_from_slice(&5i64.to_le_bytes());
            out.extend_from_slice(&9i64.to_le_bytes());
            for text in ["digits", "", "", "a"] {
                out.extend_from_slice(&(text.len() as u32).to_le_bytes());
                out.extend_from_slice(text.as_bytes());
            }
        });
        assert_eq!(RunRecord::decode(id, &old).unwrap(), record);
        assert_eq!(record.encode(id), old);
    }

    fn state() -> impl Strategy<Value = RunState> {
        (0..5u8).prop_map(|n| RunState::from_number(n).unwrap())
    }

    proptest! {
        #[test]
        fn records_come_back(
            id in any::<u64>(), state in state(), exit_code in any::<Option<i32>>(), signal in any::<Option<i32>>(),
            pending in proptest::option::of(state()), run_id in proptest::option::of(".{0,60}"),
            before in proptest::option::of((state(), proptest::option::of(0..i64::MAX))), name in ".{0,20}",
        ) {
            let mut record = RunRecord::new([1; 12], "e", 1);
            (record.state, record.exit_code, record.signal) = (state, exit_code, signal);
            (record.pending, record.before, record.run_id) = (pending, before, run_id);
            record.description = name;
            prop_assert_eq!(RunRecord::decode(id, &record.encode(id)).unwrap(), record);
        }
    }
}
