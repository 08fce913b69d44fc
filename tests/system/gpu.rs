use crate::tools::{Scene, built};
use aim_value::Tree;
use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};

/// The host program where NVIDIA's library gives the answers of a scenario.
fn trainer(scene: &Scene, scenario: &str, arguments: &[&str]) -> Command {
    let mut command = scene.trainer(arguments);
    command
        .env("LD_LIBRARY_PATH", built().join("nvml"))
        .env("NVML_STUB", scenario);
    command
}

fn run(scene: &Scene, scenario: &str, arguments: &[&str]) {
    let output = trainer(scene, scenario, arguments).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
}

/// The first value of each GPU sequence, by context and name.
pub fn first_values(scene: &Scene) -> BTreeMap<(String, String), f64> {
    let all = scene.sequences().into_iter();
    let gpu = all.filter(|((_, context), _)| context.contains("gpu"));
    gpu.map(|((name, context), values)| ((context, name), values[0]))
        .collect()
}

pub fn expect(scene: &Scene, expected: &[(&str, &str, f64)]) {
    let expected: BTreeMap<_, _> = expected
        .iter()
        .map(|(c, n, v)| (((*c).to_owned(), (*n).to_owned()), *v))
        .collect();
    assert_eq!(first_values(scene), expected);
}

const FIRST: &str = r#"{"gpu":0}"#;
const SECOND: &str = r#"{"gpu":1}"#;

#[test]
fn two_gpus_with_all_counters() {
    let scene = Scene::new();
    run(&scene, "two", &["interval=0.1", "sleep=500"]);
    let mut expected = Vec::new();
    for (context, n) in [(FIRST, 0.0), (SECOND, 1.0)] {
        expected.extend([
            (context, "gpu", 40.0 + n),
            (context, "gpu_memory_percent", 25.0),
            (context, "gpu_memory_bytes", 20000.0),
            (context, "gpu_p_memory_bytes", 12345.0),
            (context, "gpu_temp", 60.0 + n),
            (context, "gpu_power_watts", 250.5 + n / 1e3),
            (context, "gpu_sm_clock_mhz", 1980.0),
            (context, "gpu_memory_clock_mhz", 2619.0),
            (context, "gpu_throttle_reasons", 4.0),
        ]);
    }
    expect(&scene, &expected);
    assert_eq!(scene.messages(), Vec::<String>::new());
}

#[test]
fn what_a_gpu_does_not_support_is_left_out() {
    let scene = Scene::new();
    run(&scene, "partial", &["interval=0.1", "sleep=500"]);
    let mut expected = vec![(FIRST, "gpu", 40.0)];
    for (context, n) in [(FIRST, 0.0), (SECOND, 1.0)] {
        expected.extend([
            (context, "gpu_memory_percent", 25.0),
            (context, "gpu_memory_bytes", 20000.0),
            (context, "gpu_p_memory_bytes", 12345.0),
            (context, "gpu_temp", 60.0 + n),
            (context, "gpu_throttle_reasons", 4.0),
        ]);
    }
    expect(&scene, &expected);
}

#[test]
fn mig_instances_have_sequences_of_their_own() {
    let scene = Scene::new();
    run(&scene, "mig", &["interval=0.1", "sleep=500"]);
    let found = first_values(&scene);
    let value = |context: &str, name: &str| found.get(&(context.to_owned(), name.to_owned()));
    assert_eq!(
        value(r#"{"gpu":0,"mig":0}"#, "gpu_memory_percent"),
        Some(&10.0)
    );
    assert_eq!(
        value(r#"{"gpu":0,"mig":2}"#, "gpu_memory_percent"),
        Some(&30.0)
    );
    assert_eq!(value(r#"{"gpu":0,"mig":1}"#, "gpu_memory_percent"), None);
    assert_eq!(value(FIRST, "gpu_temp"), Some(&60.0));
    assert_eq!(value(FIRST, "gpu"), None);
}

#[test]
fn a_gpu_that_is_lost_is_reported_once() {
    let scene = Scene::new();
    run(&scene, "lost", &["interval=0.1", "sleep=1000"]);
    let all = scene.sequences();
    assert_eq!(all[&("gpu".to_owned(), FIRST.to_owned())].len(), 1);
    // The host goes on being tracked.
    assert!(all[&("memory_percent".to_owned(), "{}".to_owned())].len() > 3);
    let messages = scene.messages();
    assert_eq!(messages.len(), 1, "{messages:?}");
    assert!(messages[0].contains("GPU 0"), "{messages:?}");
}

#[test]
fn a_driver_that_hangs_holds_nobody_up() {
    let scene = Scene::new();
    let started = Instant::now();
    run(&scene, "hang", &["interval=0.1", "sleep=12000"]);
    let all = scene.sequences();
    assert!(all[&("memory_percent".to_owned(), "{}".to_owned())].len() > 20);
    assert!(!all.keys().any(|(_, context)| context.contains("gpu")));
    let hangs: Vec<_> = scene.messages();
    assert_eq!(
        hangs
            .iter()
            .filter(|m| m.contains("has not answered"))
            .count(),
        1,
        "{hangs:?}"
    );
    assert_eq!(
        hangs.iter().filter(|m| m.contains("left behind")).count(),
        1,
        "{hangs:?}"
    );
    // Not a bound on speed: a close that waited for the driver would never come back.
    assert!(started.elapsed() < Duration::from_secs(300));
}

#[test]
fn a_missing_driver_is_one_message_and_no_library_none() {
    let scene = Scene::new();
    run(&scene, "no-driver", &["interval=0.1", "sleep=300"]);
    let messages = scene.messages();
    assert_eq!(messages.len(), 1, "{messages:?}");
    assert!(messages[0].contains("NVIDIA"), "{messages:?}");
    assert!(first_values(&scene).is_empty());

    let scene = Scene::new();
    scene.run(&["interval=0.1", "sleep=300"]);
    assert_eq!(scene.messages(), Vec::<String>::new());
    assert!(!scene.sequences().is_empty());
}

#[test]
fn system_params_name_the_gpus() {
    let scene = Scene::new();
    run(&scene, "two", &["params=1"]);
    let gpus = r#"[
        {"name": "Stub GPU", "vendor": "NVIDIA", "uuid": "GPU-0", "memory_bytes": 80000, "driver": "580.65", "cuda_driver": "13.0"},
        {"name": "Stub GPU", "vendor": "NVIDIA", "uuid": "GPU-1", "memory_bytes": 80000, "driver": "580.65", "cuda_driver": "13.0"}
    ]"#;
    assert_eq!(
        scene.system_param("/gpus"),
        Some(Tree::from_json(gpus).unwrap())
    );
}

#[test]
fn a_dear_driver_is_asked_less_often() {
    let scene = Scene::new();
    let mut command = trainer(&scene, "two", &["interval=0.1", "sleep=3000"]);
    // For one reading of the use 100 ms: at this interval worth more than a minute.
    let output = command.env("NVML_STUB_MICROS", "50000").output().unwrap();
    assert!(output.status.success());
    let all = scene.sequences();
    let count = |name: &str, context: &str| all[&(name.to_owned(), context.to_owned())].len();
    assert_eq!(count("gpu", FIRST), 1);
    assert_eq!(count("gpu_throttle_reasons", SECOND), 1);
    assert!(count("memory_percent", "{}") > 3);
    assert_eq!(scene.messages(), Vec::<String>::new());
}
