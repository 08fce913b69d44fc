//! Runs that are being written, and clients that do not read.

use crate::support::{Server, http, repo};
use std::io::Read as _;

#[test]
fn a_run_being_written_moves() {
    let directory = tempfile::tempdir().unwrap();
    let run = repo::run(&repo::open(directory.path()), "live");
    let hash = run.hash().to_owned();
    let server = Server::start(directory.path(), &[]);
    for last in [10, 25] {
        repo::track(&run, "loss", None, (0..last).map(f64::from));
        run.flush().unwrap();
        let active = server.stream("/api/runs/active");
        assert_eq!(active[&hash]["props"]["end_time"], serde_json::Value::Null);
        assert_eq!(active[&hash]["props"]["active"], true);
        let known = &active[&hash]["traces"]["metric"][0]["values"];
        assert_eq!(known["last_step"], last - 1);
        let found =
            server.stream("/api/runs/search/run?q=run.active+%3D%3D+True&report_progress=False");
        assert_eq!(
            found[&hash]["traces"]["metric"][0]["values"]["last_step"],
            last - 1
        );
    }
    assert_eq!(server.json("/api/projects/activity")["num_active_runs"], 1);
    let busy = server.ask("DELETE", &format!("/api/runs/{hash}"), None);
    assert_eq!(busy.status, 400);
    run.close().unwrap();
    assert!(server.get("/api/runs/active").body.is_empty());
    assert_eq!(server.json("/api/projects/activity")["num_active_runs"], 0);
}

#[test]
fn clients_that_do_not_read_hold_nobody_up() {
    const CLIENTS: usize = 40;
    let server = Server::with(&[], |root| {
        let repo = repo::open(root);
        for _ in 0..300 {
            let run = repo::run(&repo, "many");
            let params = format!("{{\"text\": \"{}\"}}", "x".repeat(40_000));
            run.set_param("large", repo::json(&params)).unwrap();
            run.close().unwrap();
        }
    });
    // Far more than there are turns; each answer is larger than what sockets buffer.
    let mut idle: Vec<_> = (0..CLIENTS)
        .map(|_| http::send(&server.address, "GET", "/api/runs/search/run?q=", &[], None))
        .collect();
    for stream in &mut idle {
        stream.read_exact(&mut [0; 100]).unwrap();
    }
    assert_eq!(server.json("/api/projects/activity")["num_runs"], 300);
    let all = server.get("/api/runs/search/run?q=");
    assert!(all.body.len() > 300 * 40_000);
    drop(idle);
    assert_eq!(server.get("/api/projects").status, 200);
}
