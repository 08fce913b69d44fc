//! Messages of the library: they go to one callback of the host, or nowhere.

use parking_lot::RwLock;
use std::sync::Arc;

/// How serious a message is. The numbers are part of the ABI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i32)]
pub enum Level {
    Debug = 10,
    Info = 20,
    Warning = 30,
    Error = 40,
}

type Sink = Arc<dyn Fn(Level, &str) + Send + Sync>;

static SINK: RwLock<Option<(Level, Sink)>> = RwLock::new(None);

/// Sends messages of `level` and above to `sink`; `None` silences the library.
pub fn set_sink(level: Level, sink: Option<Sink>) {
    *SINK.write() = sink.map(|s| (level, s));
}

/// Sends one message. The sink runs outside the lock: it may replace itself.
pub fn emit(level: Level, message: impl FnOnce() -> String) {
    let sink = match &*SINK.read() {
        Some((least, sink)) if level >= *least => sink.clone(),
        _ => return,
    };
    sink(level, &message());
}
