//! A server of MLflow, asked by its REST interface.

use super::{Found, Point, Store, moment};
use crate::export::exact;
use crate::failure::{Doing as _, Failure};
use crate::import::Report;
use aim_value::Tree;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::time::Duration;

/// A page of metrics takes a server long.
const PATIENCE: Duration = Duration::from_secs(120);
/// Longest answer.
const LONGEST: u64 = 1 << 28;
/// Answers to one question, each of which says that there is more.
const MOST_PAGES: usize = 100_000;
const PAGE: i64 = 1000;
/// The largest that servers allow.
const PAGE_OF_POINTS: i64 = 25_000;

pub struct Server {
    agent: ureq::Agent,
    url: String,
    authorization: Option<String>,
}

/// What MLflow's own client sends: a token, or a name and a password.
fn authorization() -> Option<String> {
    let of = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    if let Some(token) = of("MLFLOW_TRACKING_TOKEN") {
        return Some(format!("Bearer {token}"));
    }
    let name = of("MLFLOW_TRACKING_USERNAME")?;
    let password = of("MLFLOW_TRACKING_PASSWORD").unwrap_or_default();
    let pair = STANDARD.encode(format!("{name}:{password}"));
    Some(format!("Basic {pair}"))
}

fn text(text: &str) -> Tree {
    Tree::Str(text.to_owned())
}

fn object(entries: Vec<(&str, Tree)>) -> Tree {
    let entries = entries.into_iter();
    Tree::Dict(
        entries
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
    )
}

fn at<'t>(tree: &'t Tree, keys: &[&str]) -> Option<&'t Tree> {
    let Some((first, rest)) = keys.split_first() else {
        return Some(tree);
    };
    match tree {
        Tree::Dict(entries) => {
            let (_, value) = entries.iter().find(|(key, _)| key == first)?;
            at(value, rest)
        }
        _ => None,
    }
}

fn items<'t>(tree: &'t Tree, keys: &[&str]) -> &'t [Tree] {
    match at(tree, keys) {
        Some(Tree::List(items)) => items,
        _ => &[],
    }
}

fn text_at(tree: &Tree, keys: &[&str]) -> Option<String> {
    match at(tree, keys)? {
        Tree::Str(text) if !text.is_empty() => Some(text.clone()),
        _ => None,
    }
}

/// A number, which may be written as a text where JSON has none that is as large, or none at all.
fn number_at(tree: &Tree, keys: &[&str]) -> Option<f64> {
    let value = at(tree, keys)?;
    exact::number_of(value).or_else(|| match value {
        Tree::Str(text) => text.parse().ok(),
        _ => None,
    })
}

fn whole_at(tree: &Tree, key: &str) -> Option<i64> {
    match at(tree, &[key])? {
        Tree::Int(whole) => Some(*whole),
        Tree::Str(text) => text.parse().ok(),
        _ => None,
    }
}

fn pairs(tree: &Tree, keys: &[&str]) -> Vec<(String, String)> {
    let pair = |item: &Tree| {
        let key = text_at(item, &["key"])?;
        Some((key, text_at(item, &["value"]).unwrap_or_default()))
    };
    items(tree, keys).iter().filter_map(pair).collect()
}

impl Server {
    pub fn new(url: &str) -> Result<Server, Failure> {
        url::Url::parse(url).map_err(|e| Failure::new(format_args!("{url} is no URL: {e}")))?;
        Ok(Server {
            agent: crate::net::agent(url, |config| config.timeout_global(Some(PATIENCE)))?,
            url: url.trim_end_matches('/').to_owned(),
            authorization: authorization(),
        })
    }

    /// Asks; a body is posted.
    fn ask(&self, path: &str, query: &[(&str, &str)], body: Option<Tree>) -> Result<Tree, Failure> {
        let url = format!("{}/api/2.0/mlflow/{path}", self.url);
        let failed = |e: ureq::Error| Failure::new("the server does not answer").why(e);
        let answer = match body {
            Some(body) => {
                let mut request = self.agent.post(&url);
                request = request.header("Content-Type", "application/json");
                if let Some(authorization) = &self.authorization {
                    request = request.header("Authorization", authorization);
                }
                request.send(body.to_json())
            }
            None => {
                let mut request = self.agent.get(&url);
                for (key, value) in query {
                    request = request.query(key, value);
                }
                if let Some(authorization) = &self.authorization {
                    request = request.header("Authorization", authorization);
                }
                request.call()
            }
        };
        let mut answer = answer.map_err(failed)?;
        let status = answer.status().as_u16();
        let body = answer.body_mut().with_config().limit(LONGEST);
        let body = body.read_to_string().map_err(failed)?;
        if status != 200 {
            let start: String = body.chars().take(300).collect();
            let refused = Failure::new(format_args!("{url} answers {status}")).why(start);
            return Err(match status {
                401 | 403 => refused.advice(
                    "set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD",
                ),
                _ => refused,
            });
        }
        Tree::from_json(&body).map_err(|e| Failure::new("the answer is no JSON").why(e))
    }

    /// Gives every page of an answer to `see`; `ask` gets the token of the next one.
    fn pages(
        &self,
        ask: impl Fn(Option<&str>) -> Result<Tree, Failure>,
        mut see: impl FnMut(&Tree),
    ) -> Result<(), Failure> {
        let mut token: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let page = ask(token.as_deref())?;
            see(&page);
            let next = text_at(&page, &["next_page_token"]);
            if next.is_none() || next == token {
                return Ok(());
            }
            token = next;
        }
        Err(Failure::new(format_args!(
            "the server gives more than {MOST_PAGES} pages"
        )))
    }

    /// Id and name of every experiment, deleted ones too.
    fn experiments(&self) -> Result<Vec<(String, String)>, Failure> {
        let mut found = Vec::new();
        let ask = |token: Option<&str>| {
            let mut body = vec![("max_results", Tree::Int(PAGE)), ("view_type", text("ALL"))];
            body.extend(token.map(|token| ("page_token", text(token))));
            self.ask("experiments/search", &[], Some(object(body)))
        };
        self.pages(ask, |page| {
            for item in items(page, &["experiments"]) {
                let id = text_at(item, &["experiment_id"]);
                found.extend(id.zip(text_at(item, &["name"])));
            }
        })?;
        Ok(found)
    }
}

/// A run as `runs/search` describes it.
fn run(tree: &Tree, experiment: &str) -> Option<Found> {
    let info = |key: &str| text_at(tree, &["info", key]);
    let time = |key: &str| number_at(tree, &["info", key]).and_then(moment);
    let metrics = items(tree, &["data", "metrics"]).iter();
    let datasets = items(tree, &["inputs", "dataset_inputs"]).iter();
    let datasets = datasets.filter_map(|input| {
        let kept = ["name", "digest", "source_type", "source"].into_iter();
        let kept = kept.filter_map(|key| {
            let value = text_at(input, &["dataset", key])?;
            Some((key.to_owned(), Tree::Str(value)))
        });
        let kept: Vec<_> = kept.collect();
        (!kept.is_empty()).then_some(Tree::Dict(kept))
    });
    Some(Found {
        run_id: info("run_id").or_else(|| info("run_uuid"))?,
        experiment: Some(experiment.to_owned()),
        name: info("run_name"),
        status: info("status"),
        begun: time("start_time"),
        ended: time("end_time"),
        deleted: info("lifecycle_stage").is_some_and(|stage| stage == "deleted"),
        params: pairs(tree, &["data", "params"]),
        tags: pairs(tree, &["data", "tags"]),
        datasets: datasets.collect(),
        artifacts: info("artifact_uri"),
        metrics: metrics.filter_map(|m| text_at(m, &["key"])).collect(),
        // The last point of each metric is in it.
        state: tree.to_json(),
    })
}

impl Store for Server {
    fn runs(&mut self, report: &mut Report) -> Result<Vec<Found>, Failure> {
        let mut runs = Vec::new();
        let mut nameless = 0;
        for (id, name) in self.experiments()? {
            let ask = |token: Option<&str>| {
                let mut body = vec![
                    ("experiment_ids", Tree::List(vec![text(&id)])),
                    ("max_results", Tree::Int(PAGE)),
                    ("run_view_type", text("ALL")),
                ];
                body.extend(token.map(|token| ("page_token", text(token))));
                self.ask("runs/search", &[], Some(object(body)))
            };
            self.pages(ask, |page| {
                for item in items(page, &["runs"]) {
                    match run(item, &name) {
                        Some(found) => runs.push(found),
                        None => nameless += 1,
                    }
                }
            })?;
        }
        report.lost("runs without an id", nameless);
        Ok(runs)
    }

    fn points(
        &mut self,
        run: &Found,
        metric: &str,
        report: &mut Report,
    ) -> Result<Vec<Point>, Failure> {
        let mut points = Vec::new();
        let mut lost = 0;
        let most = PAGE_OF_POINTS.to_string();
        let ask = |token: Option<&str>| {
            let mut query = vec![
                ("run_id", run.run_id.as_str()),
                ("metric_key", metric),
                ("max_results", most.as_str()),
            ];
            query.extend(token.map(|token| ("page_token", token)));
            self.ask("metrics/get-history", &query, None)
        };
        let all = self.pages(ask, |page| {
            for item in items(page, &["metrics"]) {
                let step = whole_at(item, "step").unwrap_or(0);
                let value = number_at(item, &["value"]).map(|value| match value.abs() {
                    f64::MAX => f64::INFINITY.copysign(value),
                    _ => value,
                });
                match value.zip(number_at(item, &["timestamp"]).and_then(moment)) {
                    Some((value, time)) => points.push((step, value, time)),
                    None => lost += 1,
                }
            }
        });
        all.doing(|| format!("the metric {metric:?} cannot be read"))?;
        report.lost("points whose values or times are none", lost);
        Ok(points)
    }
}
