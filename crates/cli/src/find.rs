//! Runs by what people call them: a hash, a unique beginning of one, or a name.

use crate::failure::Failure;
use crate::text::shown;
use aim::query::{RunInfo, Snapshot};

/// Runs that are listed where several are meant.
const LISTED: usize = 6;
const HASH: usize = 24;

/// The one run that is meant.
pub fn run(snapshot: &Snapshot<'_>, called: &str) -> Result<RunInfo, Failure> {
    let lower = called.to_ascii_lowercase();
    let is_hash =
        !lower.is_empty() && lower.len() <= HASH && lower.bytes().all(|b| b.is_ascii_hexdigit());
    let mut found = snapshot.runs_by_name(called, LISTED + 1)?;
    if is_hash {
        let by_hash = snapshot.runs_by_hash(&lower, LISTED + 1)?;
        // A whole hash is nothing else.
        if lower.len() == HASH && !by_hash.is_empty() {
            found.clear();
        }
        for run in by_hash {
            if !found.contains(&run) {
                found.push(run);
            }
        }
    }
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(
            Failure::new(format_args!("there is no run \"{}\"", shown(called)))
                .why("no hash begins so, and no run has that name")
                .advice("libaim ls lists the runs"),
        ),
        several => Err(ambiguous(snapshot, called, several)?),
    }
}

fn ambiguous(
    snapshot: &Snapshot<'_>,
    called: &str,
    several: &[RunInfo],
) -> Result<Failure, Failure> {
    let mut why = String::from("it may be one of");
    for run in several.iter().take(LISTED) {
        let name = snapshot.record(run)?.and_then(|record| record.name);
        let name = name.map(|name| format!("  {}", shown(&name)));
        why.push_str(&format!(
            "\n{}{}",
            run.hash_text(),
            name.unwrap_or_default()
        ));
    }
    if several.len() > LISTED {
        why.push_str("\nand others");
    }
    Ok(Failure::new(format_args!(
        "\"{}\" is not the name of one run",
        shown(called)
    ))
    .why(why)
    .advice("give more digits of the hash"))
}
