//! A repository, a server on it, and somebody who asks it.

pub mod http;
pub mod repo;

use http::Response;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

pub struct Server {
    child: Child,
    pub address: String,
    /// As it was printed, with the token.
    pub url: String,
    _directory: Option<tempfile::TempDir>,
}

impl Server {
    pub fn start(repo: &Path, args: &[&str]) -> Server {
        let mut child = Command::new(env!("CARGO_BIN_EXE_libaim"))
            .args(["up", "--port", "0", "--repo"])
            .arg(repo)
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let url = line.split(" is at ").nth(1).unwrap().trim().to_owned();
        let address = url.split('/').nth(2).unwrap().to_owned();
        Server {
            child,
            address,
            url,
            _directory: None,
        }
    }

    /// Whether there is somebody who starts another server.
    pub fn is_kept(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// The process that answers.
    pub fn process(&self) -> Option<i32> {
        let keeper = self.child.id();
        let below = format!("/proc/{keeper}/task/{keeper}/children");
        std::fs::read_to_string(below).ok()?.trim().parse().ok()
    }

    /// What it said to standard error, once it has ended by SIGTERM.
    pub fn end(mut self) -> (std::process::ExitStatus, String) {
        let _ = kill(Pid::from_raw(self.child.id() as i32), Signal::SIGTERM);
        let mut said = String::new();
        let mut errors = self.child.stderr.take().unwrap();
        errors.read_to_string(&mut said).unwrap();
        (self.child.wait().unwrap(), said)
    }

    /// A server on a repository of its own, with a stand-in for the UI's files.
    pub fn with(args: &[&str], fill: impl FnOnce(&Path)) -> Server {
        let directory = tempfile::tempdir().unwrap();
        let repo = directory.path().join("repo");
        std::fs::create_dir(&repo).unwrap();
        fill(&repo);
        let ui = stand_in(directory.path());
        let mut all = vec!["--ui", ui.to_str().unwrap()];
        all.extend(args);
        let mut server = Server::start(&repo, &all);
        server._directory = Some(directory);
        server
    }

    pub fn ask(&self, method: &str, path: &str, body: Option<&str>) -> Response {
        http::ask(&self.address, method, path, &[], body)
    }

    pub fn get(&self, path: &str) -> Response {
        self.ask("GET", path, None)
    }

    /// The JSON of an answer that must be one of success.
    pub fn json(&self, path: &str) -> serde_json::Value {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    /// The decoded stream of an answer.
    pub fn stream(&self, path: &str) -> serde_json::Value {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        decode(&answer.body)
    }

    /// A change that must succeed.
    pub fn change(&self, method: &str, path: &str, body: &str) -> serde_json::Value {
        let answer = self.ask(method, path, Some(body));
        assert!(answer.status < 300, "{path}: {}", answer.text());
        answer.json()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What of the UI's files the server looks at.
fn stand_in(directory: &Path) -> PathBuf {
    let ui = directory.join("ui");
    std::fs::create_dir_all(ui.join("js")).unwrap();
    let page = "<html><script src=\"https://cdn.example/x.js\"></script><base href=\"{{ base_path }}/\">page</html>";
    std::fs::write(ui.join("index-template.html"), page).unwrap();
    std::fs::write(ui.join("js/a.js"), "plain").unwrap();
    std::fs::write(ui.join("js/a.js.gz"), "packed").unwrap();
    std::fs::write(directory.join("secret"), "secret").unwrap();
    ui
}

/// The records of a stream, in their order, by the decoder that knows nothing of our encoder.
pub fn decode(bytes: &[u8]) -> serde_json::Value {
    if bytes.is_empty() {
        return serde_json::json!({});
    }
    let decoder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/web/decode_stream.py");
    let mut python = Command::new("python3")
        .args([decoder, "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = python.stdin.take().unwrap();
    let bytes = bytes.to_vec();
    let writer = std::thread::spawn(move || input.write_all(&bytes).unwrap());
    let output = python.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success(), "the stream does not decode");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The names of a stream's records that are not progress.
pub fn runs(stream: &serde_json::Value) -> Vec<&str> {
    let names = stream.as_object().unwrap().keys();
    names
        .map(String::as_str)
        .filter(|name| !name.starts_with("progress"))
        .collect()
}
