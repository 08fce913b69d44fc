//! No call can poison a run: what is accepted can be stored and read, and what cannot is refused by the call, or set
//! aside without keeping anything else from being stored.

use aim::error::Status;
use aim::journal;
use aim::query::{Options, Select, query};
use aim::repo::{Location, Op, Property, Repo, RepoOptions, RepoRef};
use aim::run::{EPOCH_NONE, Run};
use aim_value::{Encoded, MAX_DEPTH, Path, Tree};

fn open(root: &std::path::Path) -> RepoRef {
    let location = Location::find(Some(root)).unwrap();
    Repo::open(location, &RepoOptions::default(), true).unwrap()
}

fn nested(levels: usize) -> Tree {
    let lists = "[".repeat(levels) + &"]".repeat(levels);
    Tree::from_json(&lists).unwrap()
}

fn deep(levels: usize) -> Tree {
    (0..levels).fold(Tree::Int(1), |tree, _| Tree::List(vec![tree]))
}

#[test]
fn how_deep_a_param_may_be_is_one_rule_for_every_way_in() {
    let root = tempfile::tempdir().unwrap();
    let repo = open(root.path());
    let run = Run::create(repo.clone(), None).unwrap();
    let pointer = |levels: usize| "/p".repeat(levels);
    for above in [1, 2, 5, MAX_DEPTH - 1, MAX_DEPTH, MAX_DEPTH + 1] {
        let most = MAX_DEPTH + 1 - above;
        let path = pointer(above);
        for levels in [most.saturating_sub(1), most] {
            run.set_param(&path, deep(levels)).unwrap();
            assert_eq!(run.param(Some(&path)).unwrap(), deep(levels));
            let all = run.param(None).unwrap();
            let Tree::Dict(top) = &all else { panic!() };
            assert_eq!(Tree::from_json(&top[0].1.to_json()).unwrap(), top[0].1);
        }
        let error = run.set_param(&path, deep(most + 1)).unwrap_err();
        assert_eq!(error.status, Status::Limit, "{error}");
        assert_eq!(run.param(Some(&path)).unwrap(), deep(most));
        run.delete_param("p").unwrap();
    }
    run.set_param("innermost empty", nested(MAX_DEPTH)).unwrap();
    // Too large for the journal: straight to the store.
    let long = Tree::Str("x".repeat(2 << 20));
    let large = |levels| (0..levels).fold(long.clone(), |t, _| Tree::Dict(vec![("k".into(), t)]));
    run.set_param("large", large(MAX_DEPTH)).unwrap();
    let error = run.set_param("large", large(MAX_DEPTH + 1)).unwrap_err();
    assert_eq!(error.status, Status::Limit);
    assert!(run.param(Some("large")).unwrap() == large(MAX_DEPTH));
    let path = pointer(MAX_DEPTH + 2);
    assert_eq!(
        run.set_param(&path, Tree::Null).unwrap_err().status,
        Status::Limit
    );

    // Contexts are trees, too.
    let context = |levels: usize| format!("{{\"k\":{}}}", deep(levels).to_json());
    for levels in [MAX_DEPTH - 2, MAX_DEPTH - 1] {
        let metric = run.metric("loss", Some(&context(levels))).unwrap();
        metric.track(1.0, 0, EPOCH_NONE).unwrap();
    }
    let error = run.metric("loss", Some(&context(MAX_DEPTH))).err().unwrap();
    assert_eq!(error.status, Status::Limit, "{error}");
    run.close().unwrap();
    let answer = query(&repo, "True", Select::Metrics, Options::default()).unwrap();
    assert_eq!((answer.rows().len(), answer.failures().count), (2, 0));
}

#[test]
fn records_that_cannot_be_applied_are_set_aside_and_stop_nothing() {
    let root = tempfile::tempdir().unwrap();
    let repo = open(root.path());
    let run = Run::create(repo.clone(), None).unwrap();
    let other = Run::create(repo.clone(), None).unwrap();
    let metric = other.metric("loss", None).unwrap();
    run.set_param("list", nested(1)).unwrap();
    run.flush().unwrap();
    let (id, _) = repo.find_run(run.hash()).unwrap();
    let writer = Repo::writer(&repo).unwrap();
    // As a version without the rule, a newer one, or a neighbour's change of the same param would leave them.
    let set = |path: &str, value: Tree| Op::SetParam {
        run: id,
        path: Path::parse(path).unwrap(),
        value: Encoded::of(&value),
    };
    writer
        .push(&set("/deep", deep(MAX_DEPTH + 1)).encode())
        .unwrap();
    writer
        .push(&set("/p/q/r", deep(MAX_DEPTH - 1)).encode())
        .unwrap();
    writer.push(&set("/list/7", Tree::Null).encode()).unwrap();
    writer.journal().push_payload(250, b"who knows").unwrap();
    writer.push(&set("/p/fine", Tree::Int(1)).encode()).unwrap();
    metric.track(0.5, 0, EPOCH_NONE).unwrap();
    other.flush().unwrap();
    let stats = repo.writer_stats().unwrap();
    assert_eq!((stats.set_aside, stats.failures), (4, 0));
    let params = run.param(None).unwrap().to_json();
    assert_eq!(params, r#"{"list":[],"p":{"fine":1}}"#);
    metric.track(0.25, 1, EPOCH_NONE).unwrap();
    other.close().unwrap();
    writer.entered();
    run.close().unwrap();
    let answer = query(&repo, "True", Select::Metrics, Options::default()).unwrap();
    assert_eq!(answer.columns(0).unwrap().values, [0.5, 0.25]);
    assert!(journal::scan(&repo.location.journals()).unwrap().is_empty());
}

#[test]
fn values_of_a_run_that_was_deleted_after_the_query_are_an_error() {
    let root = tempfile::tempdir().unwrap();
    let repo = open(root.path());
    let run = Run::create(repo.clone(), None).unwrap();
    run.track(b"loss", None, 1.0, 0, EPOCH_NONE).unwrap();
    run.close().unwrap();
    let ask = || query(&repo, "True", Select::Metrics, Options::default()).unwrap();
    let (read, unread) = (ask(), ask());
    assert_eq!(read.columns(0).unwrap().steps, [0]);
    repo.delete_run(run.hash()).unwrap();
    assert_eq!(read.columns(0).unwrap().steps, [0]);
    let error = unread.columns(0).unwrap_err();
    assert_eq!(error.status, Status::NotFound, "{error}");
    assert!(error.message.contains("was deleted"), "{error}");
    let error = unread.param(0, &Path::parse("lr").unwrap()).unwrap_err();
    assert!(error.message.contains("was deleted"), "{error}");
    assert_eq!(repo.store.read().unwrap().run_count().unwrap(), 0);
}

#[test]
fn a_run_is_deleted_or_continued_but_not_both() {
    let root = tempfile::tempdir().unwrap();
    let repo = open(root.path());
    let (mut deleted, mut continued) = (0, 0);
    for round in 0..60 {
        let run = Run::create(repo.clone(), None).unwrap();
        run.close().unwrap();
        let hash = run.hash().to_owned();
        let start = std::sync::Barrier::new(2);
        std::thread::scope(|scope| {
            let other = scope.spawn(|| {
                start.wait();
                Run::resume(repo.clone(), &hash, None)
            });
            start.wait();
            // Sooner and later within what the other does.
            (0..round % 20).for_each(|_| std::thread::yield_now());
            let deletion = repo.delete_run(&hash);
            match (deletion, other.join().unwrap()) {
                (Ok(()), Err(e)) => {
                    assert_eq!(e.status, Status::NotFound, "{e}");
                    deleted += 1;
                }
                (Err(e), Ok(run)) => {
                    assert_eq!(e.status, Status::Busy, "{e}");
                    run.track(b"loss", None, 1.0, 0, EPOCH_NONE).unwrap();
                    run.close().unwrap();
                    assert!(repo.find_run(&hash).is_ok());
                    continued += 1;
                }
                (Ok(()), Ok(_)) => panic!("round {round}: deleted under its writer"),
                (Err(a), Err(b)) => panic!("round {round}: {a}; {b}"),
            }
        });
    }
    println!("{deleted} deleted, {continued} continued");
}

#[test]
fn many_tags_and_params_of_one_run_are_stored_at_once() {
    let root = tempfile::tempdir().unwrap();
    let repo = open(root.path());
    let run = Run::create(repo.clone(), None).unwrap();
    // Once a pair of all of them is looked at, these take minutes.
    for n in 0..20_000 {
        run.set(Property::AddTag(format!("tag {n}"))).unwrap();
        run.set_param(&format!("param {n}"), Tree::Int(n)).unwrap();
    }
    run.set(Property::RemoveTag("tag 7".into())).unwrap();
    run.close().unwrap();
    let record = repo.find_run(run.hash()).unwrap().1;
    assert_eq!(record.tags.len(), 19_999);
    assert_eq!(record.tags[7], "tag 8");
    let select = |expression: &str| {
        let answer = query(&repo, expression, Select::Runs, Options::default()).unwrap();
        answer.rows().len()
    };
    assert_eq!(
        select("'tag 19999' in run.tags and run['param 9999'] == 9999"),
        1
    );
    assert_eq!(select("'tag 7' in run.tags"), 0);
    let (id, _) = repo.find_run(run.hash()).unwrap();
    let Tree::Dict(params) = repo.store.read().unwrap().params(id).unwrap() else {
        panic!()
    };
    let names: Vec<_> = params.into_iter().map(|(name, _)| name).collect();
    let in_order: Vec<_> = (0..20_000).map(|n| format!("param {n}")).collect();
    assert!(names == in_order);
}
