//! Every listed AimQL case against a real repository, with and without indexes.

mod conditions;
mod spec;

use aim::query::{Options, Query, Select, query};
use aim::repo::{Location, Repo, RepoOptions, RepoRef};
use aim_value::Tree;
use conditions::condition;
use spec::{build, file, get, int, list, text};

fn ask(repo: &RepoRef, expression: &str, select: Select, no_index: bool) -> Option<Query> {
    match query(
        repo,
        expression,
        select,
        Options {
            no_index,
            ..Options::default()
        },
    ) {
        Ok(answer) => Some(answer),
        Err(e) => {
            assert_eq!(e.status, aim::error::Status::Syntax, "{expression}: {e}");
            None
        }
    }
}

#[test]
fn the_listed_cases() {
    let directory = tempfile::tempdir().unwrap();
    let location = Location::find(Some(directory.path())).unwrap();
    let repo = Repo::open(location, &RepoOptions::default(), true).unwrap();
    let (index_of, open) = build(&repo);
    let cases = file("cases.json");
    assert!(list(&cases).len() >= 139);
    for case in list(&cases) {
        let expression = text(get(case, "query").unwrap());
        for no_index in [true, false] {
            let runs = ask(&repo, expression, Select::Runs, no_index).map(|answer| {
                let mut found: Vec<i64> = answer
                    .rows()
                    .iter()
                    .map(|r| index_of[&r.run.hash_text()])
                    .collect();
                assert!(
                    found.windows(2).all(|w| w[0] > w[1]),
                    "newest first: {expression}"
                );
                found.reverse();
                Tree::List(found.into_iter().map(Tree::Int).collect())
            });
            let expected = get(case, "runs").filter(|t| matches!(t, Tree::List(_)));
            assert_eq!(
                runs.as_ref(),
                expected,
                "{expression} (no_index {no_index})"
            );
            let metrics = ask(&repo, expression, Select::Metrics, no_index).map(|answer| {
                let mut found: Vec<(i64, String, Tree)> = answer
                    .rows()
                    .iter()
                    .map(|r| {
                        let m = r.metric.as_ref().unwrap();
                        let context = Tree::from_json(&m.context).unwrap();
                        (index_of[&r.run.hash_text()], m.name.to_string(), context)
                    })
                    .collect();
                found.sort_by(|a, b| (a.0, &a.1, a.2.to_json()).cmp(&(b.0, &b.1, b.2.to_json())));
                found
            });
            let expected = get(case, "metrics")
                .filter(|t| matches!(t, Tree::List(_)))
                .map(|t| {
                    list(t)
                        .iter()
                        .map(|m| {
                            let [run, name, context] = list(m) else {
                                panic!()
                            };
                            let mut context = context.clone();
                            context.sort_keys();
                            (int(run), text(name).to_owned(), context)
                        })
                        .collect::<Vec<_>>()
                });
            assert_eq!(metrics, expected, "{expression} (no_index {no_index})");
        }
    }
    open.iter().for_each(|run| run.close().unwrap());
}

#[test]
fn the_plan_never_changes_the_answer() {
    use proptest::strategy::{Strategy, ValueTree};
    use proptest::test_runner::TestRunner;
    let directory = tempfile::tempdir().unwrap();
    let location = Location::find(Some(directory.path())).unwrap();
    let repo = Repo::open(location, &RepoOptions::default(), true).unwrap();
    let (_, open) = build(&repo);
    let mut runner = TestRunner::deterministic();
    let mut narrowed = 0;
    for _ in 0..4000 {
        let expression = condition().new_tree(&mut runner).unwrap().current();
        for select in [Select::Runs, Select::Metrics] {
            let rows = |no_index| -> Vec<_> {
                let answer = ask(&repo, &expression, select, no_index).expect(&expression);
                let name = |r: &aim::query::QueryRow| r.metric.as_ref().map(|m| m.key);
                answer.rows().iter().map(|r| (r.run.id, name(r))).collect()
            };
            assert_eq!(rows(false), rows(true), "{expression} ({select:?})");
        }
        let plan = aim::query::explain(&repo, &expression).unwrap();
        narrowed += usize::from(plan.contains("the index names the runs"));
    }
    // The test is of use only where plans do narrow.
    assert!(narrowed > 400, "{narrowed} plans used an index");
    open.iter().for_each(|run| run.close().unwrap());
}
