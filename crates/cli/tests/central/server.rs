//! A PostgreSQL server of its own, as a user who is not root, in a directory that goes with it.

use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub struct Server {
    directory: tempfile::TempDir,
    settings: Vec<String>,
    child: Option<Child>,
    pub port: u16,
}

/// The newest PostgreSQL that Debian's packages installed.
fn program(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").expect("postgresql is installed");
    let paths = versions.map(|entry| entry.unwrap().path().join("bin").join(name));
    let number = |path: &PathBuf| {
        let version = path.ancestors().nth(2).unwrap().file_name().unwrap();
        version.to_str().unwrap().parse::<u32>().unwrap_or(0)
    };
    let newest = paths.filter(|path| path.exists()).max_by_key(number);
    newest.expect("postgresql is installed")
}

fn id(what: &str, user: &[&str]) -> u32 {
    let output = Command::new("id").arg(what).args(user).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.trim().parse().unwrap()
}

/// A program of the server's that dies with this thread, by a user that may run it.
fn as_user(name: &str) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL"]);
    if id("-u", &[]) == 0 {
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
    }
    command.arg(program(name)).env("LC_ALL", "C.UTF-8");
    command
}

fn give(path: &Path) {
    if id("-u", &[]) == 0 {
        let (user, group) = (id("-u", &["postgres"]), id("-g", &["postgres"]));
        chown(path, Some(user), Some(group)).unwrap();
    }
}

impl Server {
    /// A server with lines for its configuration.
    pub fn with(settings: &[&str]) -> Server {
        let directory = tempfile::tempdir().unwrap();
        std::fs::set_permissions(directory.path(), PermissionsExt::from_mode(0o755)).unwrap();
        for name in ["data", "socket"] {
            let path = directory.path().join(name);
            std::fs::create_dir(&path).unwrap();
            give(&path);
        }
        let mut server = Server {
            directory,
            settings: settings.iter().map(|line| (*line).to_owned()).collect(),
            child: None,
            port: free_port(),
        };
        let made = as_user("initdb")
            .args(["-U", "aim", "-A", "trust", "-E", "UTF8", "--no-sync", "-D"])
            .arg(server.data())
            .stdout(Stdio::null())
            .status();
        assert!(made.unwrap().success(), "initdb failed");
        server.start();
        server
    }

    pub fn new() -> Server {
        Server::with(&[])
    }

    pub fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// Puts a file where the server finds it.
    pub fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.data().join(name);
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        give(&path);
        path
    }

    pub fn start(&mut self) {
        let mut command = as_user("postgres");
        command.arg("-D").arg(self.data());
        command.arg("-k").arg(self.directory.path().join("socket"));
        command.args(["-p", &self.port.to_string()]);
        command.args(["-c", "listen_addresses=127.0.0.1"]);
        for setting in &self.settings {
            command.args(["-c", setting]);
        }
        let log = std::fs::File::create(self.directory.path().join("log")).unwrap();
        let child = command
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        self.child = Some(child);
        let until = Instant::now() + Duration::from_secs(120);
        while postgres::Client::connect(&self.url("postgres"), postgres::NoTls).is_err() {
            assert!(Instant::now() < until, "{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Starts it again with more settings.
    pub fn start_with(&mut self, settings: &[&str]) {
        self.settings
            .extend(settings.iter().map(|line| (*line).to_owned()));
        self.start();
    }

    pub fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("log")).unwrap_or_default()
    }

    /// A database by the server's socket.
    pub fn url(&self, database: &str) -> String {
        let socket = self.directory.path().join("socket");
        let socket = socket.to_str().unwrap().replace('/', "%2F");
        format!("postgres://aim@{socket}:{}/{database}", self.port)
    }

    /// A new database.
    pub fn database(&self, name: &str) -> String {
        let made = self
            .client("postgres")
            .batch_execute(&format!("CREATE DATABASE {name}"));
        made.unwrap();
        self.url(name)
    }

    pub fn client(&self, database: &str) -> postgres::Client {
        let mut client = postgres::Client::connect(&self.url(database), postgres::NoTls).unwrap();
        client
            .batch_execute("SET search_path = aim, public")
            .unwrap();
        client
    }
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}
