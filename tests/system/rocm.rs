//! AMD's GPUs. The programs run in a mount namespace of their own, where `/sys/class` is what the test made.

use crate::gpu::{expect, first_values};
use crate::tools::{Scene, built};
use aim_value::Tree;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::{Command, Output};

const FIRST: &str = r#"{"gpu":0}"#;
const SECOND: &str = r#"{"gpu":1}"#;

/// What stands below `/sys/class`.
struct Classes {
    directory: tempfile::TempDir,
}

impl Classes {
    /// The drivers are there, with a processor in the topology, but no card.
    fn new() -> Classes {
        let directory = tempfile::tempdir().unwrap();
        let classes = Classes { directory };
        classes.make("drm");
        classes.write("kfd/kfd/topology/nodes/0/properties", "cpu_cores_count 8\n");
        classes.write("kfd/kfd/topology/nodes/0/gpu_id", "0\n");
        classes.make("kfd/kfd/topology/nodes/0/io_links");
        classes
    }

    fn make(&self, path: &str) -> PathBuf {
        let path = self.directory.path().join(path);
        fs::create_dir_all(&path).unwrap();
        path
    }

    fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.directory.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// A card at a place on the bus, `place` also as a number without the domain. It is a node of the compute driver.
    fn card(&self, number: u32, place: &str, location: u32) {
        self.write(&format!("bus/{place}/vendor"), "0x1002\n");
        self.write(&format!("bus/{place}/device"), "0x740f\n");
        let render = 128 + number;
        self.make(&format!("bus/{place}/drm/renderD{render}"));
        let card = self.make(&format!("bus/{place}/drm/card{number}"));
        symlink(format!("../../../{place}"), card.join("device")).unwrap();
        let link = self.make("drm").join(format!("card{number}"));
        symlink(format!("../bus/{place}/drm/card{number}"), link).unwrap();
        let node = format!("kfd/kfd/topology/nodes/{}", number + 1);
        self.make(&format!("{node}/io_links"));
        self.write(&format!("{node}/gpu_id"), format!("{}\n", 500 + number));
        self.write(&format!("{node}/name"), "aldebaran\n");
        let domain = u32::from_str_radix(&place[..4], 16).unwrap();
        self.write(
            &format!("{node}/properties"),
            format!(
                "simd_count 440\narray_count 32\nsimd_arrays_per_engine 1\ncu_per_simd_array 14\n\
                 location_id {location}\ndomain {domain}\ndrm_render_minor {render}\nhive_id 0\n"
            ),
        );
    }

    /// All that ROCm SMI could tell.
    fn complete(&self, place: &str) {
        let file = |name: &str, text: &str| self.write(&format!("bus/{place}/{name}"), text);
        file("gpu_busy_percent", "12\n");
        file("mem_info_vram_used", "500\n");
        file("mem_info_vram_total", "2000\n");
        file("hwmon/hwmon3/temp1_input", "39000\n");
        file("hwmon/hwmon3/power1_average", "25000000\n");
    }

    /// The host program with these classes and with stubs, each a directory, a variable and its value.
    fn run(&self, scene: &Scene, stubs: &[(&str, &str, &str)], arguments: &[&str]) -> Output {
        let trainer = scene.trainer(arguments);
        let paths = stubs.iter().map(|stub| built().join(stub.0));
        let output = Command::new("unshare")
            .args(["--mount", "--map-root-user", "sh", "-ec"])
            .arg("mount --bind \"$0\" /sys/class && exec \"$@\"")
            .arg(self.directory.path())
            .arg(trainer.get_program())
            .args(trainer.get_args())
            .env("LD_LIBRARY_PATH", std::env::join_paths(paths).unwrap())
            .envs(stubs.iter().map(|stub| (stub.1, stub.2)))
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");
        output
    }

    fn run_rocm(&self, scene: &Scene, scenario: &str) {
        let arguments = ["interval=0.1", "sleep=1000"];
        self.run(scene, &[("rocm", "ROCM_SMI_STUB", scenario)], &arguments);
        assert_eq!(scene.messages(), Vec::<String>::new());
    }
}

#[test]
fn cards_without_files_come_from_rocm_smi() {
    let scene = Scene::new();
    Classes::new().run_rocm(&scene, "two");
    let mut expected = Vec::new();
    for (context, n) in [(FIRST, 0.0), (SECOND, 1.0)] {
        expected.extend([
            (context, "gpu", 70.0 + n),
            (context, "gpu_memory_percent", 25.0 * (n + 1.0)),
            (context, "gpu_memory_bytes", 16000.0 * (n + 1.0)),
            (context, "gpu_p_memory_bytes", 4321.0 + n),
            (context, "gpu_temp", 44.0 + n / 1e3),
            (context, "gpu_power_watts", 300.0 + n / 1e6),
        ]);
    }
    expect(&scene, &expected);
}

#[test]
fn what_rocm_smi_does_not_support_is_left_out() {
    let scene = Scene::new();
    Classes::new().run_rocm(&scene, "partial");
    let expected = [
        (FIRST, "gpu", 70.0),
        (FIRST, "gpu_temp", 58.5),
        (FIRST, "gpu_power_watts", 410.0),
    ];
    expect(&scene, &expected);
}

#[test]
fn a_card_that_stops_answering_leaves_the_rest_be() {
    let scene = Scene::new();
    Classes::new().run_rocm(&scene, "fading");
    let all = scene.sequences();
    let count = |name: &str, context: &str| all[&(name.to_owned(), context.to_owned())].len();
    assert_eq!(count("gpu", FIRST), 2);
    assert_eq!(count("gpu_temp", FIRST), 2);
    assert!(count("memory_percent", "{}") > 3);
}

#[test]
fn rocm_smi_fills_in_what_the_files_lack() {
    let classes = Classes::new();
    // The library's second device is the first card.
    classes.card(0, "0001:c3:00.0", 0xc300);
    classes.write("bus/0001:c3:00.0/gpu_busy_percent", "12\n");
    let mut metrics = [0; 120];
    metrics[..4].copy_from_slice(&[120, 0, 1, 3]);
    metrics[112 + 36 / 8] = 1 << (36 % 8);
    classes.write("bus/0001:c3:00.0/gpu_metrics", metrics);
    classes.card(1, "0000:81:00.0", 0x8100);
    classes.complete("0000:81:00.0");
    let scene = Scene::new();
    classes.run_rocm(&scene, "two");
    let expected = [
        (FIRST, "gpu", 12.0),
        (FIRST, "gpu_memory_percent", 50.0),
        (FIRST, "gpu_memory_bytes", 32000.0),
        (FIRST, "gpu_p_memory_bytes", 4322.0),
        (FIRST, "gpu_temp", 44.001),
        (FIRST, "gpu_power_watts", 300.000001),
        (FIRST, "gpu_throttle_reasons", 32.0),
        (SECOND, "gpu", 12.0),
        (SECOND, "gpu_memory_percent", 25.0),
        (SECOND, "gpu_memory_bytes", 500.0),
        (SECOND, "gpu_temp", 39.0),
        (SECOND, "gpu_power_watts", 25.0),
    ];
    expect(&scene, &expected);
}

#[test]
fn rocm_smi_is_not_loaded_without_need_or_where_it_might_abort() {
    let complete = Classes::new();
    complete.card(0, "0000:03:00.0", 0x300);
    complete.complete("0000:03:00.0");
    let scene = Scene::new();
    complete.run_rocm(&scene, "two");
    let found = first_values(&scene);
    let own = (FIRST.to_owned(), "gpu_p_memory_bytes".to_owned());
    assert_eq!(found.get(&own), None);
    assert_eq!(found.len(), 5);

    let without_links = Classes::new();
    without_links.write("kfd/kfd/topology/nodes/1/properties", "");
    without_links.write("kfd/kfd/topology/nodes/1/gpu_id", "1\n");
    let scene = Scene::new();
    without_links.run_rocm(&scene, "two");
    assert!(first_values(&scene).is_empty());
}

#[test]
fn nvidias_gpus_are_numbered_before_amds() {
    let scene = Scene::new();
    let stubs = [
        ("nvml", "NVML_STUB", "partial"),
        ("rocm", "ROCM_SMI_STUB", "partial"),
    ];
    Classes::new().run(&scene, &stubs, &["interval=0.1", "sleep=500"]);
    let found = first_values(&scene);
    let value = |gpu: u32| found.get(&(format!("{{\"gpu\":{gpu}}}"), "gpu_temp".to_owned()));
    assert_eq!(
        [0, 1, 2].map(value),
        [Some(&60.0), Some(&61.0), Some(&58.5)]
    );
}

#[test]
fn a_library_that_does_not_start_or_finds_nothing_is_silent() {
    let scene = Scene::new();
    Classes::new().run_rocm(&scene, "broken");
    assert!(first_values(&scene).is_empty());
}

#[test]
fn debians_library_is_silent() {
    let empty = Classes::new();
    let one = Classes::new();
    one.card(0, "0000:03:00.0", 0x300);
    one.write("bus/0000:03:00.0/gpu_busy_percent", "12\n");
    for (classes, gpus) in [(empty, 0), (one, 1)] {
        let scene = Scene::new();
        let output = classes.run(&scene, &[], &["interval=0.1", "params=1", "sleep=500"]);
        assert_eq!(String::from_utf8_lossy(&output.stdout), "");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        assert_eq!(scene.messages(), Vec::<String>::new());
        assert_eq!(first_values(&scene).len(), gpus);
        assert!(!scene.sequences().is_empty());
    }
}

#[test]
fn system_params_name_amds_gpus() {
    let scene = Scene::new();
    Classes::new().run(&scene, &[("rocm", "ROCM_SMI_STUB", "two")], &["params=1"]);
    let gpus = r#"[
        {"name": "Stub accelerator 0", "vendor": "AMD", "uuid": "0000000000abcdef", "memory_bytes": 64000},
        {"name": "Stub accelerator 1", "vendor": "AMD", "uuid": "0000000000abcdf0", "memory_bytes": 64000}
    ]"#;
    assert_eq!(
        scene.system_param("/gpus"),
        Some(Tree::from_json(gpus).unwrap())
    );
}
