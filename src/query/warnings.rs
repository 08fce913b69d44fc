//! What may be wrong with a query that is right by the rules: params that no run has.

use crate::error::Result;
use crate::store::index::{Field, Range};
use crate::store::{Kind, ReadTxn};
use aim_value::Path;
use aimql::{Program, nearest};

/// Params that are looked through for the name that was meant.
const PATHS: usize = 4096;

/// A line for each param that the expression names and no run has.
pub fn unknown_params(txn: &ReadTxn<'_>, program: &Program) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    if txn.run_count()? == 0 {
        return Ok(lines);
    }
    for keys in program.params() {
        if is_known(txn, &pointer(keys))? {
            continue;
        }
        let hint = match near(txn, keys)? {
            Some(near) => format!("; did you mean {}?", spelt(&near)),
            None => String::new(),
        };
        lines.push(format!("no run has the param {}{hint}", spelt(keys)));
    }
    Ok(lines)
}

fn pointer(keys: &[String]) -> String {
    Path::from_tokens(keys.iter().cloned()).to_string()
}

fn is_known(txn: &ReadTxn<'_>, pointer: &str) -> Result<bool> {
    let Some(id) = txn.find_string(Kind::Path, pointer)? else {
        return Ok(false);
    };
    // None: there are more than none.
    Ok(txn
        .indexed_runs(&Range::exists(Field::Param(id)), 0)?
        .is_none())
}

/// The param beside it that has the nearest name.
fn near(txn: &ReadTxn<'_>, keys: &[String]) -> Result<Option<Vec<String>>> {
    let Some((name, above)) = keys.split_last() else {
        return Ok(None);
    };
    let mut beside = Vec::new();
    let mut left = PATHS;
    txn.visit_strings(Kind::Path, |_, text| {
        let path = Path::parse(text)?;
        let mut tokens = path.tokens().to_vec();
        if tokens.len() == keys.len()
            && tokens.starts_with(above)
            && let Some(last) = tokens.pop()
        {
            beside.push(last);
        }
        left -= 1;
        Ok(left > 0)
    })?;
    let Some(meant) = nearest(name, beside.iter().map(String::as_str)) else {
        return Ok(None);
    };
    let found = [above, &[meant.to_owned()]].concat();
    Ok(is_known(txn, &pointer(&found))?.then_some(found))
}

/// As an expression would name it.
fn spelt(keys: &[String]) -> String {
    let mut text = "run".to_owned();
    for key in keys {
        let is_name = key.chars().all(|c| c.is_alphanumeric() || c == '_')
            && key.starts_with(|c: char| c.is_alphabetic() || c == '_');
        if is_name {
            text.push('.');
            text.push_str(key);
        } else {
            text.push_str(&format!("[{key:?}]"));
        }
    }
    text
}
