//! The machine: its name, operating system, processors and memory.

use super::{entry, text};
use aim_value::Tree;
use sysinfo::{CpuRefreshKind, MemoryRefreshKind, System};

pub fn describe() -> Vec<(String, Tree)> {
    let mut found = vec![entry(
        "process_id",
        Tree::Int(i64::from(std::process::id())),
    )];
    found.extend(System::host_name().map(|name| entry("host", text(name))));
    let system = [
        ("name", System::long_os_version()),
        ("kernel", System::kernel_version()),
        ("architecture", Ok(System::cpu_arch())),
    ];
    let system = system
        .into_iter()
        .filter_map(|(k, v)| Some(entry(k, text(v.ok()?))));
    found.push(entry("os", Tree::Dict(system.collect())));
    if let Ok(mut host) = System::new() {
        host.refresh_cpu_list(CpuRefreshKind::nothing());
        host.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
        let mut cpu = Vec::new();
        let model = host.cpus().first().map(|c| c.brand().to_owned());
        cpu.extend(model.map(|m| entry("model", text(m))));
        cpu.push(entry("logical", Tree::Int(host.cpus().len() as i64)));
        let cores = System::physical_core_count();
        cpu.extend(cores.map(|n| entry("cores", Tree::Int(n as i64))));
        let usable = std::thread::available_parallelism().ok();
        cpu.extend(usable.map(|n| entry("usable", Tree::Int(n.get() as i64))));
        found.push(entry("cpu", Tree::Dict(cpu)));
        let memory = host.total_memory();
        found.push(entry("memory_bytes", Tree::Int(memory as i64)));
    }
    found
}
