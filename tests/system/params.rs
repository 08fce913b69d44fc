use crate::tools::Scene;
use aim_value::Tree;
use std::path::Path;
use std::process::Command;

fn git(directory: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .current_dir(directory)
        .args(["-c", "user.name=Ada L", "-c", "user.email=ada@example.org"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

fn text(value: &str) -> Option<Tree> {
    Some(Tree::Str(value.to_owned()))
}

#[test]
fn program_environment_and_machine_are_recorded_without_secrets() {
    let scene = Scene::new();
    let output = scene
        .trainer(&["params=1", "mask=*_LICENCE", "sleep=0"])
        .env("HF_TOKEN", "hf_secret")
        .env("SOLVER_LICENCE", "1234")
        .env("SITE_THING", "5678")
        .env("AIM_MASK_NAMES", "SITE_*")
        .env("STORE_URL", "s3://user:hidden@host/bucket")
        .env("PLAIN", "value")
        .env("SLURM_JOB_ID", "42")
        .env("SLURM_PROCID", "3")
        .env("SLURM_NTASKS", "64")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let variable = |name: &str| scene.system_param(&format!("/env_variables/{name}"));
    assert_eq!(variable("PLAIN"), text("value"));
    assert_eq!(variable("HF_TOKEN"), text("***"));
    assert_eq!(variable("SOLVER_LICENCE"), text("***"));
    assert_eq!(variable("SITE_THING"), text("***"));
    assert_eq!(variable("STORE_URL"), text("s3://***@host/bucket"));
    let Some(Tree::Str(executable)) = scene.system_param("/executable") else {
        panic!("no executable");
    };
    assert!(executable.ends_with("/trainer"), "{executable}");
    assert_eq!(scene.system_param("/arguments/2"), text("params=1"));
    assert_eq!(scene.system_param("/scheduler/name"), text("slurm"));
    assert_eq!(scene.system_param("/scheduler/job_id"), text("42"));
    assert_eq!(scene.system_param("/mpi/rank"), Some(Tree::Int(3)));
    assert_eq!(scene.system_param("/mpi/size"), Some(Tree::Int(64)));
    assert_eq!(
        scene.system_param("/shared_libraries/libaim"),
        text(env!("CARGO_PKG_VERSION"))
    );
    assert!(scene.system_param("/shared_libraries/libc").is_some());
    let hostname = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    assert_eq!(scene.system_param("/host"), text(hostname.trim()));
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
    assert_eq!(scene.system_param("/os/kernel"), text(kernel.trim()));
    let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap();
    let cpus = cpus.lines().filter(|l| l.starts_with("processor")).count();
    assert_eq!(
        scene.system_param("/cpu/logical"),
        Some(Tree::Int(cpus as i64))
    );
}

#[test]
fn secrets_are_masked_wherever_they_stand() {
    let scene = Scene::new();
    let secret = "Xs3cr3tX";
    let with = |text: &str| text.replace('@', secret);
    let variables = [
        ("DBPASS", "@"),
        ("PGPW", "@"),
        ("APP_JWT", "@"),
        ("BEARER", "@"),
        ("CREDS", "@"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=@"),
        ("REQUEST_SIGNATURE", "@"),
        ("OTP", "@"),
        ("CONFIG", "{\"lr\": 0.1, \"password\": \"@\"}"),
        ("DATABASE", "Server=db;Password=@;Pooling=true"),
        ("ENDPOINT", "https://host/?password=@"),
        ("BLOB", "https://host/b?sp=r&sig=@"),
        ("OBJECT", "https://host/o?X-Amz-Signature=@"),
        ("HOOK", "https://hooks.slack.com/services/@/@"),
        ("http_proxy_of_us", "me:@%proxy:3128"),
        (
            "PEM",
            "-----BEGIN PRIVATE KEY-----\n@\n-----END PRIVATE KEY-----",
        ),
    ];
    let mut trainer = scene.trainer(&["params=1"]);
    for (name, value) in variables {
        trainer.env(name, with(value).replace('%', "@"));
    }
    // Actions that do nothing, which look like options.
    for argument in [
        "-H=Authorization: Bearer @",
        "--header=X-Api-Key: @",
        "--env=HF_TOKEN=@",
        "--set=a=1,password=@",
        "--dbpass=@",
        "--pw=@",
        "--user=me:@",
    ] {
        trainer.arg(with(argument));
    }
    let output = trainer.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let recorded = scene.system_param("").unwrap().to_json();
    assert!(!recorded.contains(secret), "{recorded}");
    for kept in [
        "Server=db",
        "Pooling=true",
        "sp=r",
        "hooks.slack.com",
        "@proxy:3128",
    ] {
        assert!(recorded.contains(kept), "{kept}: {recorded}");
    }
}

#[test]
fn only_named_variables_are_recorded() {
    let record = |options: &[&str], site: Option<&str>| {
        let scene = Scene::new();
        let mut trainer = scene.trainer(options);
        trainer
            .env_clear()
            .env("ONE_A", "1")
            .env("ONE_B", "2")
            .env("TWO", "3");
        trainer.env("SLURM_JOB_ID", "42");
        site.map(|list| trainer.env("AIM_ENV_NAMES", list));
        assert!(trainer.status().unwrap().success());
        let job = scene.system_param("/scheduler/job_id");
        assert_eq!(job, text("42"));
        match scene.system_param("/env_variables") {
            Some(Tree::Dict(found)) => found.into_iter().map(|(name, _)| name).collect(),
            _ => Vec::new(),
        }
    };
    assert_eq!(
        record(&["params=1", "env=ONE_*,NONE"], None),
        ["ONE_A", "ONE_B"]
    );
    assert_eq!(
        record(&["params=1", "env=ONE_*"], Some("TWO,ONE_A")),
        ["ONE_A"]
    );
    assert_eq!(record(&["params=1"], Some("TWO")), ["TWO"]);
    assert!(record(&["params=1", "env="], None).is_empty());
    assert!(record(&["params=1"], Some("")).is_empty());
}

#[test]
fn git_is_read_without_git() {
    read_git(&["init", "-q", "-b", "trunk"], 40);
    read_git(&["init", "-q", "-b", "trunk", "--object-format=sha256"], 64);
}

fn read_git(init: &[&str], digits: usize) {
    let scene = Scene::new();
    let work = tempfile::tempdir().unwrap();
    let at = |name: &str| work.path().join(name);
    git(work.path(), init);
    std::fs::write(at("train.c"), "int main;").unwrap();
    git(work.path(), &["add", "."]);
    git(work.path(), &["commit", "-q", "-m", "first"]);
    let remote = "https://me:secret@example.org/x.git";
    git(work.path(), &["remote", "add", "origin", remote]);
    git(work.path(), &["gc", "-q"]);
    let head = Command::new("git")
        .current_dir(work.path())
        .args(["rev-parse", "HEAD"])
        .output()
        .unwrap();
    let head = String::from_utf8(head.stdout).unwrap();
    assert_eq!(head.trim().len(), digits);
    std::fs::create_dir(at("below")).unwrap();
    let run = || {
        // Nothing is found through PATH.
        let mut trainer = scene.trainer(&["params=1"]);
        let trainer = trainer.current_dir(at("below")).env("PATH", "/nowhere");
        assert!(trainer.status().unwrap().success());
    };
    run();
    let info = |pointer: &str| scene.system_param(&format!("/git_info{pointer}"));
    assert_eq!(info("/branch"), text("trunk"));
    assert_eq!(info("/commit/hash"), text(head.trim()));
    assert_eq!(info("/commit/author"), text("Ada L <ada@example.org>"));
    assert_eq!(
        info("/remote_origin_url"),
        text("https://***@example.org/x.git")
    );
    assert_eq!(info("/dirty"), Some(Tree::Bool(false)));
    // A file that git does not know is no change; a changed one is.
    std::fs::write(at("notes"), "x").unwrap();
    run();
    assert_eq!(info("/dirty"), Some(Tree::Bool(false)));
    std::fs::write(at("train.c"), "int main(void);").unwrap();
    run();
    assert_eq!(info("/dirty"), Some(Tree::Bool(true)));
}

#[test]
fn nothing_is_recorded_unasked() {
    let scene = Scene::new();
    scene.run(&[]);
    assert_eq!(scene.system_param(""), None);
    assert!(scene.sequences().is_empty());
}
