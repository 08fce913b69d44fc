//! Servers that a fault ends.

use crate::support::{Server, http, repo};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::time::{Duration, Instant};

/// Ends the process that answers.
fn end(server: &Server, signal: Signal) {
    let process = server.process().unwrap();
    kill(Pid::from_raw(process), signal).unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while std::fs::exists(format!("/proc/{process}")).unwrap() {
        assert!(Instant::now() < deadline, "{process} goes on");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn another_server_takes_the_place_of_one_that_a_fault_ended() {
    let server = Server::with(&["--token"], |root| drop(repo::open(root)));
    let token = server.url.split("token=").nth(1).unwrap().to_owned();
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", bearer.as_str())];
    for signal in [Signal::SIGABRT, Signal::SIGKILL, Signal::SIGTRAP] {
        end(&server, signal);
        // Who connects while nobody is there waits.
        let answer = http::ask(&server.address, "GET", "/api/projects", &headers, None);
        assert_eq!(answer.status, 200);
        assert_eq!(server.get("/api/projects").status, 403);
    }
    let (status, said) = server.end();
    assert!(status.success(), "{status}");
    for signal in ["SIGABRT", "SIGKILL", "SIGTRAP"] {
        assert!(
            said.contains(&format!("{signal} ended the server")),
            "{said}"
        );
    }
}

#[test]
fn servers_that_end_at_once_are_given_up() {
    let mut server = Server::with(&[], |root| drop(repo::open(root)));
    let deadline = Instant::now() + Duration::from_secs(60);
    while server.is_kept() {
        assert!(Instant::now() < deadline, "there is always another");
        if let Some(process) = server.process() {
            // It may have ended by now.
            let _ = kill(Pid::from_raw(process), Signal::SIGABRT);
        }
    }
    let (status, said) = server.end();
    assert_eq!(status.code(), Some(1));
    assert!(said.contains("does not stay up"), "{said}");
}

#[test]
fn without_its_keeper_a_server_ends() {
    let server = Server::with(&[], |root| drop(repo::open(root)));
    let process = server.process().unwrap();
    drop(server);
    let deadline = Instant::now() + Duration::from_secs(60);
    while std::fs::read_to_string(format!("/proc/{process}/stat")).is_ok_and(|s| !s.contains(") Z"))
    {
        assert!(Instant::now() < deadline, "{process} goes on");
        std::thread::sleep(Duration::from_millis(10));
    }
}
