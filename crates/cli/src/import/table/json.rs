//! JSON: an object a line, or one value for the whole file: a list of rows, the state of a trainer with its history, or
//! an object of lists as long as each other.

use super::columns::Columns;
use super::{Cell, Names, Visitor};
use crate::failure::{Doing as _, Failure};
use crate::import::lines::Lines;
use aim_value::Tree;
use std::path::Path;

/// Longest line, and longest file that is one value.
const LINE: u64 = 1 << 26;
const WHOLE: u64 = 1 << 28;
/// Where transformers and others keep the rows of a whole file.
const HISTORY: &str = "log_history";

pub fn visit(path: &Path, names: &Names, visitor: &mut dyn Visitor) -> Result<(), Failure> {
    let failed = |e: std::io::Error| Failure::new(e);
    let mut columns = Columns::new(names);
    let mut lines = Lines::open(path, LINE).map_err(failed)?;
    while let Some(line) = lines.next().map_err(failed)? {
        visitor.bytes(line.size);
        let Some(bytes) = line.bytes else {
            visitor.damage(line.number, "a line is longer than 64 MiB");
            continue;
        };
        let text = bytes.trim_ascii();
        if text.is_empty() {
            continue;
        }
        let tree = std::str::from_utf8(text).ok();
        let entries = match tree.map(Tree::from_json) {
            Some(Ok(Tree::Dict(entries))) => Some(entries),
            _ => None,
        };
        // A value of more than a line, or one that is all of the file.
        if line.number == 1
            && entries.as_ref().is_none_or(|entries| is_whole(entries))
            && let Some(tree) = whole(path)?
        {
            return all(tree, &mut columns, visitor);
        }
        match entries {
            Some(entries) => row(entries, &mut columns, visitor)?,
            None if visitor.grows() && !bytes.ends_with(b"\n") => {}
            None => visitor.damage(line.number, "the line is no JSON object"),
        }
    }
    Ok(())
}

/// Whether an object is a table and not a row of one.
fn is_whole(entries: &[(String, Tree)]) -> bool {
    let has_history = entries
        .iter()
        .any(|(key, value)| key == HISTORY && matches!(value, Tree::List(_)));
    has_history || lists(entries).is_some()
}

/// The length of the lists that an object consists of.
fn lists(entries: &[(String, Tree)]) -> Option<usize> {
    let mut lengths = entries.iter().map(|(_, value)| match value {
        Tree::List(items) if !items.iter().any(|item| matches!(item, Tree::Dict(_))) => {
            Some(items.len())
        }
        _ => None,
    });
    let first = lengths.next()??;
    lengths.all(|length| length == Some(first)).then_some(first)
}

/// The file as one value, if it is one.
fn whole(path: &Path) -> Result<Option<Tree>, Failure> {
    if path.metadata().map_err(Failure::new)?.len() > WHOLE {
        return Ok(None);
    }
    let text = std::fs::read(path)
        .map_err(Failure::new)
        .doing(|| format!("{} cannot be read", path.display()))?;
    let text = std::str::from_utf8(&text).ok();
    Ok(text.and_then(|text| Tree::from_json(text).ok()))
}

fn all(tree: Tree, columns: &mut Columns, visitor: &mut dyn Visitor) -> Result<(), Failure> {
    let rows = match tree {
        Tree::List(rows) => rows,
        Tree::Dict(entries) if lists(&entries).is_some() => transposed(&entries),
        Tree::Dict(entries) => {
            let mut history = Vec::new();
            let mut params = Vec::new();
            for (key, value) in entries {
                match value {
                    Tree::List(rows) if key == HISTORY => history = rows,
                    other => params.push((key, other)),
                }
            }
            if history.is_empty() {
                // A row by itself.
                return row(params, columns, visitor);
            }
            each(history, columns, visitor)?;
            visitor.param(&["trainer"], Tree::Dict(params));
            return Ok(());
        }
        _ => {
            visitor.damage(1, "the file is neither rows nor an object");
            return Ok(());
        }
    };
    each(rows, columns, visitor)
}

fn transposed(entries: &[(String, Tree)]) -> Vec<Tree> {
    let count = lists(entries).unwrap_or(0);
    let row = |i: usize| {
        let cells = entries.iter().filter_map(|(key, value)| match value {
            Tree::List(items) => Some((key.clone(), items.get(i)?.clone())),
            _ => None,
        });
        Tree::Dict(cells.collect())
    };
    (0..count).map(row).collect()
}

fn each(rows: Vec<Tree>, columns: &mut Columns, visitor: &mut dyn Visitor) -> Result<(), Failure> {
    for (i, tree) in rows.into_iter().enumerate() {
        match tree {
            Tree::Dict(entries) => row(entries, columns, visitor)?,
            _ => visitor.damage(i as u64 + 1, "the row is no object"),
        }
    }
    Ok(())
}

fn row(
    entries: Vec<(String, Tree)>,
    columns: &mut Columns,
    visitor: &mut dyn Visitor,
) -> Result<(), Failure> {
    let mut cells = Vec::new();
    let is_point = ["name", "value"]
        .iter()
        .all(|key| entries.iter().any(|(k, _)| k == key));
    for (key, value) in entries {
        if is_point && key == "context" && matches!(value, Tree::Dict(_)) {
            cells.push((columns.number(&key), Cell::Object(value)));
        } else {
            flatten(key, value, columns, &mut cells);
        }
    }
    visitor.row(columns, &cells)
}

/// Objects in objects: their keys, with `/` between them.
fn flatten(key: String, value: Tree, columns: &mut Columns, cells: &mut Vec<(usize, Cell)>) {
    let cell = match value {
        Tree::Null => return,
        Tree::Dict(entries) => {
            for (below, value) in entries {
                flatten(format!("{key}/{below}"), value, columns, cells);
            }
            return;
        }
        Tree::Int(i) => Cell::Int(i),
        Tree::Float(f) => Cell::Number(f),
        Tree::Bool(b) => Cell::Bool(b),
        Tree::Str(text) => Cell::Text(text),
        Tree::BigInt(i) => Cell::Text(i.to_string()),
        Tree::Bytes(_) | Tree::List(_) => Cell::Other,
    };
    cells.push((columns.number(&key), cell));
}
