//! Builds and runs the host program, and reads what it recorded.

use aim::repo::{Location, Repo, RepoOptions, RepoRef};
use aim::run::logs;
use aim::store::{Kind, LogRecord, Points, Stream};
use aim_value::{Path as TreePath, Tree};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

fn succeed(command: &mut Command) {
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
}

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/system")
        .join(name)
}

/// The directory with the built programs and libraries.
pub fn built() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let out = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("system");
        std::fs::create_dir_all(&out).unwrap();
        // Cargo builds the shared library beside the tests.
        let test = std::env::current_exe().unwrap();
        let library = test.with_file_name("libaim.so");
        for name in ["libaim.so", "libaim.so.0"] {
            let link = out.join(name);
            let _ = std::fs::remove_file(&link);
            std::os::unix::fs::symlink(&library, link).unwrap();
        }
        let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("include");
        let object = out.join("trainer.o");
        succeed(
            Command::new("gcc")
                .args(["-std=c99", "-Wall", "-Wextra", "-Werror", "-O1", "-c"])
                .args([source("trainer.c").as_os_str(), "-o".as_ref()])
                .arg(&object)
                .arg("-I")
                .arg(include),
        );
        succeed(
            Command::new("gfortran")
                .current_dir(&out)
                .arg(source("lines.f90"))
                .arg(&object)
                .args(["-o", "trainer", "-L.", "-laim", "-Wl,-rpath,$ORIGIN"]),
        );
        for (stub, library) in [
            ("nvml.c", "nvml/libnvidia-ml.so.1"),
            ("rocm_smi.c", "rocm/librocm_smi64.so.6"),
        ] {
            let library = out.join(library);
            std::fs::create_dir_all(library.parent().unwrap()).unwrap();
            succeed(
                Command::new("gcc")
                    .args(["-Wall", "-Wextra", "-Werror", "-O1", "-shared", "-fPIC"])
                    .arg(source(stub))
                    .arg("-o")
                    .arg(library),
            );
        }
        out
    })
}

/// A repository of one test.
pub struct Scene {
    pub directory: tempfile::TempDir,
}

impl Scene {
    pub fn new() -> Scene {
        let directory = tempfile::tempdir().unwrap();
        Scene { directory }
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The host program with options and actions, its output in pipes.
    pub fn trainer(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(built().join("trainer"));
        command
            .arg(self.path())
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the host program to its successful end; what reached its standard output and error.
    pub fn run(&self, arguments: &[&str]) -> (String, String) {
        let output = self.trainer(arguments).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (out, errors) = (text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{:?}: {errors}", output.status);
        (out, errors)
    }

    pub fn hash(&self) -> String {
        std::fs::read_to_string(self.path().join("hash")).unwrap()
    }

    /// Messages of the library.
    pub fn messages(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.path().join("messages")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    pub fn repo(&self) -> RepoRef {
        let location = Location::find(Some(self.path())).unwrap();
        Repo::open(location, &RepoOptions::default(), false).unwrap()
    }

    /// The points of a run's sequences by name, without `__system__`, and context.
    fn points_of(&self, hash: &str) -> BTreeMap<(String, String), Points> {
        let repo = self.repo();
        let (id, _) = repo.find_run(hash).unwrap();
        let txn = repo.store.read().unwrap();
        let mut found = BTreeMap::new();
        for (key, _) in txn.run_series(id).unwrap() {
            let mut points = Points::default();
            txn.points(key, &mut points).unwrap();
            let name = txn.string(Kind::Name, key.name).unwrap();
            let name = name.strip_prefix("__system__").unwrap_or(name).to_owned();
            let context = txn.string(Kind::Context, key.context).unwrap().to_owned();
            found.insert((name, context), points);
        }
        found
    }

    pub fn points(&self) -> BTreeMap<(String, String), Points> {
        self.points_of(&self.hash())
    }

    /// The values alone.
    pub fn sequences_of(&self, hash: &str) -> BTreeMap<(String, String), Vec<f64>> {
        let points = self.points_of(hash).into_iter();
        points.map(|(key, points)| (key, points.values)).collect()
    }

    pub fn sequences(&self) -> BTreeMap<(String, String), Vec<f64>> {
        self.sequences_of(&self.hash())
    }

    /// The system param at a JSON Pointer.
    pub fn system_param(&self, pointer: &str) -> Option<Tree> {
        let repo = self.repo();
        let (id, _) = repo.find_run(&self.hash()).unwrap();
        let path = TreePath::parse(&format!("/__system_params{pointer}")).unwrap();
        repo.store.read().unwrap().param(id, &path).unwrap()
    }

    pub fn log(&self, stream: Stream, first: u64, count: u64) -> Vec<(u64, LogRecord)> {
        logs::read_logs(&self.repo(), &self.hash(), stream, first, count).unwrap()
    }

    /// The recorded lines of the terminal.
    pub fn lines(&self) -> Vec<String> {
        let records = self.log(Stream::Terminal, 0, u64::MAX);
        records.into_iter().map(|(_, record)| record.text).collect()
    }

    pub fn log_range(&self, stream: Stream) -> (u64, u64) {
        logs::log_range(&self.repo(), &self.hash(), stream).unwrap()
    }
}

/// Waits for what another process does.
pub fn wait_until(what: &str, mut happened: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !happened() {
        assert!(Instant::now() < deadline, "waited for {what} in vain");
        std::thread::sleep(Duration::from_millis(50));
    }
}
