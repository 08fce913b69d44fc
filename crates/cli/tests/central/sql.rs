//! The documented statements do what their page says.

use crate::common::{Sandbox, sample};
use crate::server::Server;

fn page() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/central.md");
    std::fs::read_to_string(path).unwrap()
}

/// The blocks of a language below a heading, or above all.
pub fn blocks(heading: &str, language: &str) -> Vec<String> {
    let page = page();
    let section = page
        .split("\n## ")
        .find(|section| section.starts_with(heading));
    let fence = format!("```{language}\n");
    let parts = section.expect(heading).split(&fence).skip(1);
    parts
        .map(|part| part.split("```").next().unwrap().to_owned())
        .collect()
}

pub fn batch(client: &mut postgres::Client, sql: &str) {
    let done = client.batch_execute(sql);
    done.unwrap_or_else(|e| panic!("{sql}: {e:?}"));
}

#[test]
fn the_documented_queries_answer() {
    let server = Server::new();
    let url = server.database("central");
    let s = Sandbox::new();
    sample(&s.repo("a"));
    assert_eq!(s.run("a", &["sync", "--init", ".", &url]).code, 0);
    let mut client = server.client("central");
    let queries = blocks("Plain SQL", "sql");
    assert!(queries.len() >= 10, "{}", queries.len());
    for query in &queries {
        let rows = client
            .query(query, &[])
            .unwrap_or_else(|e| panic!("{query}: {e:?}"));
        assert!(!rows.is_empty(), "{query}");
    }
}

#[test]
fn the_documented_roles_suffice_and_no_more() {
    let server = Server::new();
    let url = server.database("central");
    let s = Sandbox::new();
    sample(&s.repo("a"));
    assert_eq!(s.run("a", &["sync", "--init", &url]).code, 0);
    let mut owner = server.client("central");
    for block in blocks("Roles", "sql") {
        batch(&mut owner, &block);
    }
    let made = "CREATE ROLE trainer LOGIN IN ROLE aim_writer; CREATE ROLE scientist LOGIN IN ROLE aim_reader";
    owner.batch_execute(made).unwrap();
    let by = |user: &str| url.replace("aim@", &format!("{user}@"));
    let synced = s.run("a", &["sync", ".", &by("trainer")]);
    assert_eq!(synced.code, 0, "{synced:?}");
    s.out("a", &["rename", "wide", "wider"]);
    let refused = s.run("a", &["sync", ".", &by("scientist")]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(
        refused.err.contains("permission denied") && refused.err.contains("roles"),
        "{refused:?}"
    );
    let mut reader = postgres::Client::connect(&by("scientist"), postgres::NoTls).unwrap();
    assert_eq!(
        reader.query("SELECT * FROM aim.runs", &[]).unwrap().len(),
        5
    );
    assert!(reader.batch_execute("DELETE FROM aim.aim_run").is_err());
    let mut writer = postgres::Client::connect(&by("trainer"), postgres::NoTls).unwrap();
    assert!(writer.batch_execute("DROP TABLE aim.aim_run").is_err());
    assert!(
        writer
            .batch_execute("UPDATE aim.aim_meta SET value = '7'")
            .is_err()
    );
}
