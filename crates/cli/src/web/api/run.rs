//! One run: what its page shows.

use super::metrics::listed;
use super::objects;
use crate::web::App;
use crate::web::answer::tree;
use crate::web::entities::Known;
use crate::web::error::{Answer, Refusal};
use crate::web::input::{Path, Query};
use crate::web::props::{Contexts, artifacts, props, without_system};
use crate::web::tree::{dict, exact};
use aim::query::read;
use aim_value::Tree;
use axum::extract::State;

pub async fn info(State(app): State<App>, Path(hash): Path<String>, query: Query) -> Answer {
    let skip_system = query.flag("skip_system", false)?;
    let info = app
        .work(move |repo| {
            let known = Known::load(repo)?;
            if read(repo, |snapshot| snapshot.find(&hash))?.is_none() {
                return Err(Refusal::no_run());
            }
            let notes = repo.notes(&hash)?.len();
            let info = read(repo, |snapshot| {
                let Some(run) = snapshot.find(&hash)? else {
                    return Ok(None);
                };
                let Some(record) = snapshot.record(&run)? else {
                    return Ok(None);
                };
                let mut params = snapshot.params(&run)?;
                let logged = crate::artifacts::take(&mut params);
                if skip_system {
                    params = without_system(params);
                }
                let metrics = listed(&snapshot.metrics(&run)?, &mut Contexts::default());
                let mut props = props(&record, &known);
                if let Tree::Dict(entries) = &mut props {
                    entries.push(("notes".to_owned(), Tree::Int(notes as i64)));
                }
                let none = || Tree::List(Vec::new());
                let mut traces = vec![("metric".to_owned(), metrics)];
                for name in objects::OTHER_SEQUENCES {
                    let found = match objects::kind(name) {
                        Some(kind) => snapshot.sequences(&run, kind)?,
                        None => Vec::new(),
                    };
                    let found = objects::listed(&found, &mut Contexts::default());
                    traces.push((name.to_owned(), found));
                }
                traces.push(("logs".to_owned(), none()));
                traces.push(("log_records".to_owned(), none()));
                Ok(Some(dict([
                    ("params", exact(params)),
                    ("traces", Tree::Dict(traces)),
                    ("props", props),
                    ("artifacts", artifacts(&logged)),
                ])))
            })?;
            info.ok_or_else(Refusal::no_run)
        })
        .await?;
    Ok(tree(&info))
}
