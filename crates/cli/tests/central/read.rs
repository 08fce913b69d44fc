//! Commands that read a central store answer as they do on the repository that was brought there.

use crate::common::{Said, Sandbox, said, sample};
use crate::conditions::condition;
use crate::server::Server;
use crate::spec::{build, file, get, list, text};

/// What does not change while a run goes on.
const COLUMNS: &str = "=run,name,experiment,status,created,tags,description,archived,loss:last";

struct Asked {
    server: Server,
    s: Sandbox,
    url: String,
}

impl Asked {
    fn new() -> Asked {
        let server = Server::new();
        let url = server.database("central");
        Asked {
            server,
            s: Sandbox::new(),
            url,
        }
    }

    fn sync(&self) {
        let said = self.s.run("a", &["sync", "--init", ".", &self.url]);
        assert_eq!(said.code, 0, "{said:?}");
    }

    /// The answer of the store.
    fn there(&self, args: &[&str]) -> Said {
        let mut program = self.s.program("a");
        program.env("XDG_CACHE_HOME", self.s.path("cache"));
        said(program.args(args).args(["--repo", &self.url]))
    }

    /// What both say.
    fn both(&self, args: &[&str]) -> Said {
        let (here, there) = (self.s.run("a", args), self.there(args));
        assert_eq!(
            (there.code, &there.out),
            (here.code, &here.out),
            "{args:?}: {there:?}"
        );
        there
    }
}

#[test]
fn commands_answer_as_on_the_repository() {
    let asked = Asked::new();
    sample(&asked.s.repo("a"));
    asked.sync();
    for args in [
        &["ls", "--json"][..],
        &[
            "ls",
            "run.hparams.lr > 0.01",
            "-c",
            "lr,loss.val:min",
            "-s",
            "lr",
        ],
        &["query", "metric.name == 'loss'"],
        &["query", "run.experiment == 'digits'"],
        &[
            "query",
            "-p",
            "metric.name == 'loss' and run.hparams.lr == 0.5",
        ],
        &["show", "a19e", "--json"],
        &["show", "wide", "--json"],
        &["logs", "baseline", "-t"],
        &["plot", "metric.name == 'accuracy'"],
        &["compare", "baseline", "wide"],
    ] {
        assert_eq!(asked.both(args).code, 0, "{args:?}");
    }
    for args in [&["ls", "run.("][..], &["show", "nobody"]] {
        assert_ne!(asked.both(args).code, 0, "{args:?}");
    }
    // What changes there, and what is deleted there, does here; the copies may go at any time.
    asked.s.out("a", &["tag", "best", "wide"]);
    asked.s.out("a", &["move", "-e", "other", "baseline"]);
    asked.sync();
    asked.both(&["ls", "--json"]);
    asked.both(&["ls", "--json", "'best' in run.tags"]);
    asked.both(&["ls", "--json", "run.experiment == 'digits'"]);
    asked.both(&["query", "-p", "metric.name == 'loss'"]);
    asked.s.out("a", &["rm", "-y", "wide"]);
    let delete = "SELECT aim.delete_run('1c77bb9310d4f2a6e8b1c5d7')";
    asked
        .server
        .client("central")
        .batch_execute(delete)
        .unwrap();
    asked.both(&["ls", "--json"]);
    std::fs::remove_dir_all(asked.s.path("cache")).unwrap();
    asked.both(&["ls", "--json"]);
    for args in [
        &["rm", "-y", "baseline"][..],
        &["tag", "x", "baseline"],
        &["doctor"],
        &["du"],
        &["merge", "."],
    ] {
        let refused = asked.there(args);
        assert_eq!(refused.code, 2, "{args:?}: {refused:?}");
        assert!(
            refused.err.contains("not for a central store"),
            "{refused:?}"
        );
    }
    for args in [
        &["cp", "-t", &asked.url, "baseline"][..],
        &["--repo", &asked.url, "exec", "--", "true"],
    ] {
        let refused = asked.s.run("a", args);
        assert!(
            refused.err.contains("not for a central store"),
            "{refused:?}"
        );
    }
}

#[test]
fn the_listed_cases_and_others_at_random() {
    use proptest::strategy::{Strategy, ValueTree};
    let asked = Asked::new();
    let repo = asked.s.repo("a");
    let (_, open) = build(&repo);
    repo.flush().unwrap();
    asked.sync();
    let cases = file("cases.json");
    let mut expressions: Vec<String> = list(&cases)
        .iter()
        .map(|case| text(get(case, "query").unwrap()).to_owned())
        .collect();
    assert!(expressions.len() >= 139);
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    expressions.extend((0..150).map(|_| condition().new_tree(&mut runner).unwrap().current()));
    let mut found = 0;
    for expression in &expressions {
        if expression.starts_with('-') {
            continue;
        }
        for how in [&["query", "-m"][..], &["ls", "-c", COLUMNS]] {
            let said = asked.both(&[how, &[expression]].concat());
            found += usize::from(said.code == 0 && said.out.lines().count() > 1);
        }
    }
    assert!(found > 150, "{found} expressions select something");
    open.iter().for_each(|run| run.close().unwrap());
}
