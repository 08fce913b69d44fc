//! How a run stands, in a word with a mark; the colour says nothing that they do not.

use crate::look::Look;
use crate::table::{Cell, GREEN, PLAIN, RED, YELLOW};
use aim::query::RunRecord;

/// `running`, `finished` and so on.
pub fn word(record: &RunRecord) -> String {
    record.state.text().to_owned()
}

pub fn cell(look: &Look, record: &RunRecord) -> Cell {
    let word = record.state.text();
    let (mark, style) = match word {
        "running" => (look.either("● ", "* "), GREEN),
        "crashed" | "failed" => (look.either("✖ ", "x "), RED),
        "interrupted" => (look.either("■ ", "! "), YELLOW),
        _ => ("", PLAIN),
    };
    let code = match (record.exit_code, record.signal) {
        _ if record.finalized_at.is_none() => String::new(),
        (_, Some(signal)) => format!(", signal {signal}"),
        (Some(code), _) if code != 0 => format!(" {code}"),
        _ => String::new(),
    };
    Cell::new(format!("{mark}{word}{code}"), style)
}
