//! Limits of control groups, version 2 and version 1: in a container they are the total. And what the group of this process
//! uses, as the kernel accounts it: all processes of a job or a container together.
//!
//! A limit holds for a group and all below it, so the tightest one on the way up to the visible root counts. A host may have
//! both versions, each with some of the controllers; of version 1 each controller may have a hierarchy of its own.

use std::path::{Path, PathBuf};

/// The groups that limit this process, and those that account for it.
#[derive(Default)]
pub struct Cgroup {
    accounts_memory: Option<Memory>,
    accounts_cpu: Option<Cpu>,
    memory: Option<Memory>,
    cpu: Option<Cpu>,
}

impl Cgroup {
    /// The limits of this process as they are now.
    pub fn of_this_process() -> Cgroup {
        let own = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        let levels = |controller| match locate(&own, &mounts, controller) {
            Some((mount, group)) => levels(&mount, &group),
            None => Vec::new(),
        };
        Cgroup::at(
            &levels(None),
            [
                levels(Some("memory")),
                levels(Some("cpu")),
                levels(Some("cpuacct")),
            ],
        )
    }

    /// Of the groups of version 2, the process's own and those above it, and of those of version 1 with memory, processors
    /// and their accounting.
    fn at(new: &[PathBuf], [memory, cpu, accounting]: [Vec<PathBuf>; 3]) -> Cgroup {
        let of_version = |files| {
            move |group: &PathBuf| Memory {
                group: group.clone(),
                files,
            }
        };
        let memories: Vec<Memory> = new
            .iter()
            .map(of_version(&NEW_MEMORY))
            .chain(
                memory
                    .iter()
                    .filter(|g| !is_root(g))
                    .map(of_version(&OLD_MEMORY)),
            )
            .collect();
        // Groups of one name in two hierarchies, or in one that has both controllers.
        let pair = |(quota, usage): (&PathBuf, &PathBuf)| Cpu::Old {
            quota: quota.clone(),
            usage: usage.clone(),
        };
        let old = cpu.iter().rev().zip(accounting.iter().rev()).map(pair);
        let cpus: Vec<Cpu> = new.iter().cloned().map(Cpu::New).chain(old).collect();
        // The host's root has none of these files, or accounts for the host. A group whose memory is not accounted by itself
        // leaves it to the one above; processor time always is.
        let accounts = new
            .iter()
            .find(|group| group.join("cgroup.type").exists())
            .map(|group| Cpu::New(group.clone()));
        let old = accounting.first().filter(|group| !is_root(group));
        let old = old.map(|usage| Cpu::Old {
            quota: PathBuf::new(),
            usage: usage.clone(),
        });
        Cgroup {
            accounts_memory: memories.iter().find(|m| m.has_use()).cloned(),
            accounts_cpu: accounts.or(old),
            memory: tightest(&memories, Memory::limit),
            cpu: tightest(&cpus, Cpu::granted),
        }
    }

    /// Bytes in use and the limit, of the group that limits memory. Page cache that can be dropped is not in use.
    pub fn memory(&self) -> Option<(f64, f64)> {
        let group = self.memory.as_ref()?;
        let limit = group.limit()?;
        Some((group.in_use()?, limit))
    }

    /// Processor seconds that the group of this process has used.
    pub fn used_cpu(&self) -> Option<f64> {
        self.accounts_cpu.as_ref()?.used()
    }

    /// Bytes that the group of this process has in use, without page cache that can be dropped, and the most that it ever
    /// had, page cache included (of version 2 Linux 5.19 and newer).
    pub fn used_memory(&self) -> (Option<f64>, Option<f64>) {
        let group = self.accounts_memory.as_ref();
        (group.and_then(Memory::in_use), group.and_then(Memory::peak))
    }

    /// Processor seconds used so far and the processors granted, of the group that limits them.
    pub fn cpu(&self) -> Option<(f64, f64)> {
        let group = self.cpu.as_ref()?;
        Some((group.used()?, group.granted()?))
    }
}

fn tightest<T: Clone>(groups: &[T], limit: impl Fn(&T) -> Option<f64>) -> Option<T> {
    let limits = groups
        .iter()
        .filter_map(|group| Some((limit(group)?, group)));
    let least = limits.min_by(|a, b| a.0.total_cmp(&b.0));
    least.map(|(_, group)| group.clone())
}

/// A group and those above it, up to the mount.
fn levels(mount: &Path, group: &Path) -> Vec<PathBuf> {
    let up = group.ancestors().take_while(|d| d.starts_with(mount));
    up.map(Path::to_path_buf).collect()
}

/// Whether a group of version 1 is the root of the host's hierarchy, which counts the host as a whole.
fn is_root(group: &Path) -> bool {
    group.join("release_agent").exists()
}

/// Where the hierarchy of version 2, or that of version 1 with this controller, is mounted, and the directory of the process's
/// group in it.
fn locate(own: &str, mounts: &str, controller: Option<&str>) -> Option<(PathBuf, PathBuf)> {
    let has = |list: &str| controller.is_some_and(|c| list.split(',').any(|one| one == c));
    let path = own.lines().find_map(|line| {
        let (number, rest) = line.split_once(':')?;
        let (controllers, path) = rest.split_once(':')?;
        let is_it = match controller {
            None => number == "0",
            Some(_) => has(controllers),
        };
        is_it.then_some(Path::new(path))
    })?;
    mounts.lines().find_map(|line| {
        let (fields, rest) = line.split_once(" - ")?;
        let mut filesystem = rest.split(' ');
        let is_it = match (filesystem.next()?, controller) {
            ("cgroup2", None) => true,
            ("cgroup", Some(_)) => has(filesystem.next_back()?),
            _ => false,
        };
        if !is_it {
            return None;
        }
        let mut fields = fields.split(' ').skip(3);
        let (root, mount) = (fields.next()?, PathBuf::from(fields.next()?));
        // Without a namespace of its own a container sees the whole path, but mounts only its part.
        let below = path.strip_prefix(root).unwrap_or(Path::new(""));
        let group = mount.join(below.strip_prefix("/").unwrap_or(below));
        Some((mount, group))
    })
}

/// What the versions call their files, and what is page cache that can be dropped in `memory.stat`.
struct MemoryFiles {
    limit: &'static str,
    used: &'static str,
    peak: &'static str,
    cache: &'static str,
}

const NEW_MEMORY: MemoryFiles = MemoryFiles {
    limit: "memory.max",
    used: "memory.current",
    peak: "memory.peak",
    cache: "inactive_file",
};
const OLD_MEMORY: MemoryFiles = MemoryFiles {
    limit: "memory.limit_in_bytes",
    used: "memory.usage_in_bytes",
    peak: "memory.max_usage_in_bytes",
    cache: "total_inactive_file",
};

/// A group with memory.
#[derive(Clone)]
struct Memory {
    group: PathBuf,
    files: &'static MemoryFiles,
}

impl Memory {
    /// Without one it is "max", or in version 1 a number that no machine has.
    fn limit(&self) -> Option<f64> {
        number(&self.group, self.files.limit).filter(|bytes| *bytes < 2f64.powi(62))
    }

    fn has_use(&self) -> bool {
        self.group.join(self.files.used).exists()
    }

    fn in_use(&self) -> Option<f64> {
        let current = number(&self.group, self.files.used)?;
        let cache = field(&self.group, "memory.stat", self.files.cache).unwrap_or(0.0);
        Some((current - cache).max(0.0))
    }

    fn peak(&self) -> Option<f64> {
        number(&self.group, self.files.peak)
    }
}

/// A group with processors.
#[derive(Clone)]
enum Cpu {
    New(PathBuf),
    Old { quota: PathBuf, usage: PathBuf },
}

impl Cpu {
    /// Seconds.
    fn used(&self) -> Option<f64> {
        match self {
            Cpu::New(group) => Some(field(group, "cpu.stat", "usage_usec")? / 1e6),
            Cpu::Old { usage, .. } => Some(number(usage, "cpuacct.usage")? / 1e9),
        }
    }

    /// Processors: quota by period. None where there is no limit ("max", -1).
    fn granted(&self) -> Option<f64> {
        let (quota, period): (f64, f64) = match self {
            Cpu::New(group) => {
                let text = read(group, "cpu.max")?;
                let (quota, period) = text.trim().split_once(' ')?;
                (quota.parse().ok()?, period.parse().ok()?)
            }
            Cpu::Old { quota, .. } => (
                number(quota, "cpu.cfs_quota_us")?,
                number(quota, "cpu.cfs_period_us")?,
            ),
        };
        (quota > 0.0 && period > 0.0).then(|| quota / period)
    }
}

fn read(group: &Path, file: &str) -> Option<String> {
    std::fs::read_to_string(group.join(file)).ok()
}

fn number(group: &Path, file: &str) -> Option<f64> {
    read(group, file)?.trim().parse().ok()
}

fn field(group: &Path, file: &str, name: &str) -> Option<f64> {
    let text = read(group, file)?;
    let mut fields = text.lines().filter_map(|line| line.split_once(' '));
    fields.find(|f| f.0 == name)?.1.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_group_is_found_below_the_mount() {
        let mounts = "24 1 0:22 / /sys rw - sysfs sysfs rw\n\
                      30 24 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup rw\n";
        let found = locate("1:cpu:/x\n0::/user.slice/job\n", mounts, None);
        let mount = PathBuf::from("/sys/fs/cgroup");
        assert_eq!(found, Some((mount.clone(), mount.join("user.slice/job"))));
        assert_eq!(
            locate("0::/\n", mounts, None),
            Some((mount.clone(), mount.clone()))
        );
        // A container without a cgroup namespace mounts its own group as the root.
        let mounts = "30 24 0:26 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup rw\n";
        assert_eq!(
            locate("0::/docker/abc/inner\n", mounts, None),
            Some((mount.clone(), mount.join("inner")))
        );
        assert_eq!(locate("4:memory:/x\n", mounts, None), None);
    }

    #[test]
    fn each_controller_of_version_1_may_have_its_own_hierarchy() {
        let own = "5:memory:/job\n3:cpu,cpuacct:/user/job\n1:name=systemd:/\n0::/\n";
        let mounts = "33 31 0:30 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpuacct,cpu\n\
                      35 31 0:32 /job /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n\
                      37 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd\n\
                      41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
        let group = |controller| locate(own, mounts, controller).map(|found| found.1);
        let below = |path| Some(Path::new("/sys/fs/cgroup").join(path));
        assert_eq!(group(Some("memory")), below("memory"));
        assert_eq!(group(Some("cpu")), below("cpu/user/job"));
        assert_eq!(group(Some("cpuacct")), below("cpu/user/job"));
        assert_eq!(group(None), below("unified"));
        assert_eq!(group(Some("pids")), None);
    }

    #[test]
    fn the_tightest_limit_on_the_way_up_counts() {
        let root = tempfile::tempdir().unwrap();
        let group = root.path().join("job/task");
        std::fs::create_dir_all(&group).unwrap();
        let write = |path: &str, text: &str| std::fs::write(root.path().join(path), text).unwrap();
        write("job/memory.max", "1000000\n");
        write("job/memory.peak", "900000\n");
        write("job/task/cgroup.type", "domain\n");
        write("cpu.stat", "usage_usec 99000000\n");
        write("job/memory.current", "700000\n");
        write(
            "job/memory.stat",
            "anon 300000\ninactive_file 200000\nactive_file 1\n",
        );
        write("job/task/memory.max", "max\n");
        write("job/task/cpu.max", "150000 100000\n");
        write(
            "job/task/cpu.stat",
            "usage_usec 2500000\nuser_usec 2000000\n",
        );
        write("job/cpu.max", "max 100000\n");
        let at = |group: &Path| Cgroup::at(&levels(root.path(), group), Default::default());
        let limits = at(&group);
        // The memory of the group itself is accounted by the one above.
        assert_eq!(limits.used_cpu(), Some(2.5));
        assert_eq!(limits.used_memory(), (Some(500000.0), Some(900000.0)));
        assert_eq!(limits.memory(), Some((500000.0, 1000000.0)));
        assert_eq!(limits.cpu(), Some((2.5, 1.5)));
        write("job/memory.max", "max\n");
        let limits = at(&group);
        assert_eq!(limits.memory(), None);
        let of_the_root = at(root.path());
        assert_eq!(of_the_root.used_memory(), (None, None));
        assert_eq!(of_the_root.used_cpu(), None);
    }

    #[test]
    fn version_1_limits_and_accounts_alike() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        for controller in ["memory", "cpu", "cpuacct"] {
            write(&format!("{controller}/release_agent"), "");
        }
        write("memory/memory.usage_in_bytes", "99000000\n");
        write("memory/memory.limit_in_bytes", "9223372036854771712\n");
        write("memory/job/memory.usage_in_bytes", "800000\n");
        write("memory/job/memory.limit_in_bytes", "1000000\n");
        write("memory/job/memory.stat", "total_inactive_file 200000\n");
        write("memory/job/task/memory.usage_in_bytes", "500000\n");
        write("memory/job/task/memory.max_usage_in_bytes", "600000\n");
        write(
            "memory/job/task/memory.limit_in_bytes",
            "9223372036854771712\n",
        );
        write(
            "memory/job/task/memory.stat",
            "inactive_file 7\ntotal_inactive_file 100000\n",
        );
        write("cpu/job/cpu.cfs_quota_us", "250000\n");
        write("cpu/job/cpu.cfs_period_us", "100000\n");
        write("cpu/job/task/cpu.cfs_quota_us", "-1\n");
        write("cpu/job/task/cpu.cfs_period_us", "100000\n");
        write("cpuacct/cpuacct.usage", "99000000000\n");
        write("cpuacct/job/cpuacct.usage", "3000000000\n");
        write("cpuacct/job/task/cpuacct.usage", "1500000000\n");
        let at = |group: &str| {
            let levels = |controller: &str| {
                let mount = root.path().join(controller);
                levels(&mount, &mount.join(group))
            };
            Cgroup::at(&[], [levels("memory"), levels("cpu"), levels("cpuacct")])
        };
        let task = at("job/task");
        assert_eq!(task.used_cpu(), Some(1.5));
        assert_eq!(task.used_memory(), (Some(400000.0), Some(600000.0)));
        assert_eq!(task.memory(), Some((600000.0, 1000000.0)));
        assert_eq!(task.cpu(), Some((3.0, 2.5)));
        // The root of the host counts everything.
        let of_the_root = at("");
        assert_eq!(of_the_root.used_memory(), (None, None));
        assert_eq!(of_the_root.used_cpu(), None);
        assert_eq!((of_the_root.memory(), of_the_root.cpu()), (None, None));
    }
}
