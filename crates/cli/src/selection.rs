//! Which runs a command is about: those that are named, or those that an expression selects. And whether to go on.

use crate::context::{Context, look_at};
use crate::expression::{select, warn};
use crate::failure::Failure;
use crate::table::{CYAN, Cell, Column, DIM, PLAIN, Table, styled, visible};
use crate::{find, format, said, status};
use aim::query::{RunId, RunInfo, RunRecord};
use aim::repo::RepoRef;
use std::io::IsTerminal as _;

/// Runs that are listed before a question.
const LISTED: usize = 10;

#[derive(clap::Args)]
pub struct Selection {
    /// The runs: hashes, unique beginnings of them, or names
    #[arg(value_name = "RUN", required_unless_present = "query")]
    pub runs: Vec<String>,

    /// The runs that an expression selects, archived ones too
    #[arg(short, long, value_name = "QUERY", conflicts_with = "runs")]
    pub query: Option<String>,
}

/// Do not ask.
#[derive(clap::Args)]
pub struct Yes {
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
}

pub struct Selected {
    pub runs: Vec<(RunInfo, RunRecord)>,
    /// Each was named by itself.
    pub named: bool,
}

impl Selected {
    pub fn ids(&self) -> Vec<RunId> {
        self.runs.iter().map(|(run, _)| run.id).collect()
    }

    /// Runs in words: `run a19eafea`, `12 runs`.
    pub fn words(&self) -> String {
        match self.runs.as_slice() {
            [(run, _)] => format!("run {}", short(run)),
            runs => format::counted(runs.len() as u64, "run"),
        }
    }
}

fn short(run: &RunInfo) -> String {
    run.hash_text().chars().take(8).collect()
}

impl Selection {
    pub fn find(&self, context: &Context, repo: &RepoRef) -> Result<Selected, Failure> {
        let infos = match &self.query {
            Some(query) => {
                let answer = select(repo, Some(query), true, None)?;
                warn(&context.messages, &answer, "run");
                answer.rows().iter().map(|row| (*row.run).clone()).collect()
            }
            None => look_at(repo, |snapshot| {
                let mut infos: Vec<RunInfo> = Vec::new();
                for called in &self.runs {
                    let run = find::run(snapshot, called)?;
                    if !infos.contains(&run) {
                        infos.push(run);
                    }
                }
                Ok(infos)
            })?,
        };
        let runs = look_at(repo, |snapshot| {
            let mut runs = Vec::with_capacity(infos.len());
            for run in infos {
                if let Some(record) = snapshot.record(&run)? {
                    runs.push((run, record));
                }
            }
            Ok(runs)
        })?;
        Ok(Selected {
            runs,
            named: self.query.is_none(),
        })
    }
}

/// Lists the runs and what will become of them, and asks. False if the answer is no, or there is nothing to do.
pub fn confirm(
    context: &Context,
    selected: &Selected,
    what: &str,
    yes: bool,
) -> Result<bool, Failure> {
    let look = &context.messages;
    if selected.runs.is_empty() {
        say!("no run is selected; nothing was changed");
        return Ok(false);
    }
    if yes {
        return Ok(true);
    }
    let mut table = Table::new(vec![
        Column::left("RUN"),
        Column::left("EXPERIMENT").least(8),
        Column::left("NAME").least(8),
        Column::left("STATUS"),
        Column::right("AGE"),
    ]);
    for (run, record) in selected.runs.iter().take(LISTED) {
        let age = (aim::repo::now_micros() - record.created_at) as f64 / 1e6;
        table.rows.push(vec![
            Cell::new(short(run), CYAN),
            Cell::new(visible(look, &record.experiment), PLAIN),
            Cell::new(visible(look, record.name.as_deref().unwrap_or("-")), PLAIN),
            status::cell(look, record),
            Cell::new(format::age(age), PLAIN),
        ]);
    }
    for line in table.lines(look).0 {
        say!("{line}");
    }
    if selected.runs.len() > LISTED {
        let more = (selected.runs.len() - LISTED) as u64;
        say!(
            "{}",
            styled(look, DIM, &format!("and {} more", format::count(more)))
        );
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::new(format_args!(
            "{what}: nobody was asked, so nothing was changed"
        ))
        .why("standard input is not a terminal")
        .advice("give --yes"));
    }
    said::question(format_args!("{what}? [y/N] "));
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    let agreed = read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes");
    if !agreed {
        say!("nothing was changed");
    }
    Ok(agreed)
}
