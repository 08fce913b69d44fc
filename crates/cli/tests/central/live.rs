//! Commands that go on looking at a central store: in the browser, and in the terminal.

use crate::common::{Sandbox, sample};
use crate::http;
use crate::server::Server;
use aim::run::Run;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// `libaim up`, ended with the test.
struct Up {
    child: Child,
    address: String,
}

impl Up {
    fn on(s: &Sandbox, repo: &str) -> Up {
        let mut program = s.program("a");
        program.env("XDG_CACHE_HOME", s.path("cache"));
        program.args(["up", "--port", "0", "--repo", repo]);
        program.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = program.spawn().unwrap();
        let mut line = String::new();
        let out = child.stdout.take().unwrap();
        BufReader::new(out).read_line(&mut line).unwrap();
        let url = line.split(" is at ").nth(1).unwrap().trim();
        let address = url.split('/').nth(2).unwrap().to_owned();
        Up { child, address }
    }

    fn ask(&self, method: &str, path: &str, body: Option<&str>) -> http::Response {
        http::ask(&self.address, method, path, &[], body)
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const BASELINE: &str = "a19eafea79062599d89d5fbf";

#[test]
fn up_answers_as_on_the_repository_and_follows() {
    let mut server = Server::new();
    let url = server.database("central");
    let s = Sandbox::new();
    let repo = s.repo("a");
    sample(&repo);
    let sync = || {
        let said = s.run("a", &["sync", "--init", ".", &url]);
        assert_eq!(said.code, 0, "{said:?}");
    };
    sync();
    let (here, there) = (Up::on(&s, "."), Up::on(&s, &url));
    let run = format!("/api/v1/runs/{BASELINE}");
    let batch = r#"[{"name": "loss", "context": {"subset": "val"}}]"#;
    let align = format!(
        r#"{{"align_by": "accuracy", "runs": [{{"run_id": "{BASELINE}", "traces": {batch}}}]}}"#
    );
    for (method, path, body) in [
        ("GET", "/api/v1/runs".to_owned(), None),
        (
            "GET",
            "/api/v1/metrics?points=50&q=run.hparams.lr%3C0.015".to_owned(),
            None,
        ),
        ("GET", format!("{run}/metrics?points=100"), None),
        ("GET", format!("{run}/logs/terminal"), None),
        (
            "GET",
            "/api/runs/search/run?q=run.hparams.lr%3E0.01&report_progress=false".to_owned(),
            None,
        ),
        (
            "GET",
            "/api/runs/search/metric?q=metric.name==%22loss%22&report_progress=false".to_owned(),
            None,
        ),
        ("GET", format!("/api/runs/{BASELINE}/logs"), None),
        (
            "POST",
            format!("/api/runs/{BASELINE}/metric/get-batch"),
            Some(batch),
        ),
        (
            "POST",
            "/api/runs/search/metric/align".to_owned(),
            Some(&align),
        ),
        ("GET", "/api/v1/runs?q=run.(".to_owned(), None),
    ] {
        let (here, there) = (
            here.ask(method, &path, body),
            there.ask(method, &path, body),
        );
        assert_eq!(here.status, there.status, "{path}: {}", there.text());
        assert_eq!(here.text(), there.text(), "{path}");
        assert!(here.body.len() > 20, "{path}: {}", here.text());
    }
    let archive = format!("/api/runs/{BASELINE}");
    let refused = there.ask("PUT", &archive, Some(r#"{"archived": true}"#));
    assert_eq!(refused.status, 403, "{}", refused.text());
    // What comes later is seen, also once the server was gone.
    let second = Run::create(repo.clone(), Some("later")).unwrap();
    second.close().unwrap();
    sync();
    let until = Instant::now() + Duration::from_secs(120);
    let path = "/api/v1/runs?q=run.experiment==%22later%22";
    let found = || there.ask("GET", path, None);
    while !found().text().contains(second.hash()) {
        assert!(Instant::now() < until, "{}", found().text());
        std::thread::sleep(Duration::from_millis(100));
    }
    server.stop();
    while found().status != 502 {
        assert!(Instant::now() < until, "{}", found().text());
        std::thread::sleep(Duration::from_millis(100));
    }
    server.start();
    while found().status != 200 {
        assert!(Instant::now() < until, "{}", found().text());
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn watch_shows_a_store_and_follows() {
    let server = Server::new();
    let url = server.database("central");
    let s = Sandbox::new();
    let repo = s.repo("a");
    sample(&repo);
    let sync = || {
        repo.flush().unwrap();
        let said = s.run("a", &["sync", "--init", ".", &url]);
        assert_eq!(said.code, 0, "{said:?}");
    };
    sync();
    let tmux = |args: &[&str]| {
        let mut tmux = Command::new("tmux");
        tmux.arg("-S").arg(s.path("tmux")).env_remove("TMUX");
        tmux.env("LC_ALL", "C.UTF-8").args(args).output().unwrap()
    };
    let line = format!(
        "exec env LC_ALL=C.UTF-8 XDG_STATE_HOME='{}' XDG_CACHE_HOME='{}' '{}' watch --repo '{url}'",
        s.path("state").display(),
        s.path("cache").display(),
        env!("CARGO_BIN_EXE_libaim")
    );
    let size = ["-x", "120", "-y", "40", &line];
    let begun = tmux(&[&["-u", "-f", "/dev/null", "new-session", "-d"], &size[..]].concat());
    assert!(begun.status.success(), "{begun:?}");
    let until = Instant::now() + Duration::from_secs(120);
    let wait = |parts: &[&str]| loop {
        let screen = tmux(&["capture-pane", "-p"]).stdout;
        let screen = String::from_utf8_lossy(&screen).into_owned();
        if parts.iter().all(|part| screen.contains(part)) {
            return;
        }
        assert!(Instant::now() < until, "no {parts:?} in\n{screen}");
        std::thread::sleep(Duration::from_millis(100));
    };
    // The list, and of the first run curves and the end of its log.
    wait(&["baseline", "wide", "accuracy", "epoch 40"]);
    let run = Run::create(repo.clone(), Some("fresh")).unwrap();
    let metric = run.metric("novel", None).unwrap();
    metric.track(0.625, 1, 0).unwrap();
    sync();
    wait(&["fresh", "novel", "0.625"]);
    metric.track(0.375, 2, 0).unwrap();
    sync();
    wait(&["0.375"]);
    run.close().unwrap();
    tmux(&["send-keys", "q"]);
    let _ = tmux(&["kill-server"]);
}
