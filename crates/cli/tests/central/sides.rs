//! Runs that are deleted or edited on one side or the other, and repositories that are copies.

use crate::common::{Said, Sandbox, sample};
use crate::equal::assert_equal;
use crate::server::Server;
use std::process::Command;

const WIDE: &str = "1c77bb9310d4f2a6e8b1c5d7";

struct Sides {
    server: Server,
    s: Sandbox,
    url: String,
}

impl Sides {
    fn new() -> Sides {
        let server = Server::new();
        let url = server.database("central");
        let s = Sandbox::new();
        sample(&s.repo("a"));
        let sides = Sides { server, s, url };
        assert_eq!(sides.sync("a", &["--init"]).code, 0);
        sides
    }

    fn sync(&self, repo: &str, args: &[&str]) -> Said {
        self.s
            .run(repo, &[&["sync", ".", &self.url], args].concat())
    }

    fn name(&self) -> Option<String> {
        let mut client = self.server.client("central");
        let row = client.query_opt("SELECT name FROM runs WHERE hash = $1", &[&WIDE]);
        row.unwrap().map(|row| row.get(0))
    }
}

#[test]
fn what_is_deleted_in_the_store_stays_so_until_it_is_taken() {
    let sides = Sides::new();
    let mut client = sides.server.client("central");
    let delete = |client: &mut postgres::Client| -> bool {
        client
            .query_one("SELECT delete_run($1)", &[&WIDE])
            .unwrap()
            .get(0)
    };
    assert!(delete(&mut client));
    assert!(!delete(&mut client), "it is gone");
    for table in ["aim_run", "aim_param", "aim_series", "aim_chunk", "aim_log"] {
        let sql = format!("SELECT count(*) FROM {table} WHERE encode(run, 'hex') = $1");
        assert_eq!(
            client.query_one(&sql, &[&WIDE]).unwrap().get::<_, i64>(0),
            0,
            "{table}"
        );
    }
    sides.s.out("a", &["rename", WIDE, "changed"]);
    for args in [&[][..], &["--repair"]] {
        let said = sides.sync("a", args);
        assert_eq!(said.code, 0, "{said:?}");
        assert!(
            said.err.contains("1 were deleted there and stay so"),
            "{said:?}"
        );
        assert_eq!(sides.name(), None);
    }
    let taken = sides.sync("a", &["--take"]);
    assert!(taken.err.starts_with("brought 1 run "), "{taken:?}");
    assert_equal(&sides.s.repo("a"), &mut client);
}

#[test]
fn what_is_deleted_in_the_repository_stays_in_the_store() {
    let sides = Sides::new();
    sides.s.out("a", &["rm", "-y", WIDE]);
    let said = sides.sync("a", &[]);
    assert_eq!(
        (said.code, sides.name().as_deref()),
        (0, Some("wide")),
        "{said:?}"
    );
    let back = sides.s.run("a", &["pull", &sides.url]);
    assert!(back.err.starts_with("pulled 1 run "), "{back:?}");
    assert_equal(&sides.s.repo("a"), &mut sides.server.client("central"));
}

#[test]
fn what_is_edited_in_the_store_lasts_until_the_repository_changes() {
    let sides = Sides::new();
    let mut client = sides.server.client("central");
    let edit = "UPDATE aim_run SET name = 'mine'";
    client.batch_execute(edit).unwrap();
    assert_eq!(sides.sync("a", &[]).code, 0);
    assert_eq!(sides.name().as_deref(), Some("mine"));
    sides.s.out("a", &["tag", "new", WIDE]);
    assert_eq!(sides.sync("a", &[]).code, 0);
    assert_eq!(sides.name().as_deref(), Some("wide"));
    client.batch_execute("DELETE FROM aim_chunk").unwrap();
    client.batch_execute(edit).unwrap();
    let repaired = sides.sync("a", &["--repair"]);
    assert!(repaired.err.starts_with("brought 5 runs"), "{repaired:?}");
    assert_equal(&sides.s.repo("a"), &mut client);
}

#[test]
fn of_two_repositories_with_a_run_one_counts() {
    let sides = Sides::new();
    sides.s.run("a", &["cp", "-t", "../b", WIDE]);
    assert_eq!(sides.sync("b", &[]).code, 0);
    sides.s.out("b", &["rename", WIDE, "of b"]);
    let refused = sides.sync("b", &[]);
    assert_eq!(refused.code, 1, "{refused:?}");
    let path = sides.s.path("a").display().to_string();
    assert!(
        refused.err.contains(&path) && refused.err.contains("--take replaces it"),
        "{refused:?}"
    );
    assert_eq!(sides.name().as_deref(), Some("wide"));
    assert_eq!(sides.sync("b", &["--take"]).code, 0);
    assert_eq!(sides.name().as_deref(), Some("of b"));
    let other = sides.sync("a", &[]);
    assert_eq!(other.code, 1, "{other:?}");
    assert!(
        other.err.contains(&sides.s.path("b").display().to_string()),
        "{other:?}"
    );
}

#[test]
fn a_repository_that_went_back_in_time_is_told() {
    let sides = Sides::new();
    let copy = |from: &str, to: &str| {
        let mut program = Command::new("cp");
        program
            .arg("-r")
            .arg(sides.s.path(from))
            .arg(sides.s.path(to));
        assert!(program.status().unwrap().success());
    };
    copy("a", "backup");
    for name in ["one", "two", "three"] {
        sides.s.out("a", &["rename", WIDE, name]);
    }
    assert_eq!(sides.sync("a", &[]).code, 0);
    std::fs::remove_dir_all(sides.s.path("a")).unwrap();
    copy("backup", "a");
    let older = sides.sync("a", &[]);
    assert_eq!(older.code, 1, "{older:?}");
    assert!(
        older.err.contains(WIDE) && older.err.contains("an older copy"),
        "{older:?}"
    );
    assert_eq!(sides.name().as_deref(), Some("three"));
    let taken = sides.sync("a", &["--take"]);
    assert_eq!(
        (taken.code, sides.name().as_deref()),
        (0, Some("wide")),
        "{taken:?}"
    );
}
