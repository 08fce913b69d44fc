//! How a run stands, in a word with a mark; the colour says nothing that they do not.

use crate::look::Look;
use crate::table::{Cell, GREEN, PLAIN, RED, YELLOW};
use aim::query::{RunRecord, record_tree};
use aim_value::Tree;

/// `running`, `finished` and so on.
pub fn word(record: &RunRecord) -> String {
    let mut entries = record_tree(record).into_iter();
    match entries.find(|(key, _)| key == "status") {
        Some((_, Tree::Str(status))) => status,
        _ => String::new(),
    }
}

pub fn cell(look: &Look, record: &RunRecord) -> Cell {
    let word = word(record);
    let (mark, style) = match word.as_str() {
        "running" => (look.either("● ", "* "), GREEN),
        "crashed" | "failed" => (look.either("✖ ", "x "), RED),
        "interrupted" => (look.either("■ ", "! "), YELLOW),
        _ => ("", PLAIN),
    };
    Cell::new(format!("{mark}{word}"), style)
}
