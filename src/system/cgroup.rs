//! Limits of control groups, version 2: in a container they are the total. And what the group of this process uses, as the
//! kernel accounts it: all processes of a job or a container together.
//!
//! A limit holds for a group and all below it, so the tightest one on the way up to the visible root counts.

use std::path::{Path, PathBuf};

/// The groups that limit this process, and those that account for it, each as its directory.
#[derive(Default)]
pub struct Cgroup {
    accounts_memory: Option<PathBuf>,
    accounts_cpu: Option<PathBuf>,
    memory: Option<PathBuf>,
    cpu: Option<PathBuf>,
}

impl Cgroup {
    /// The limits of this process as they are now.
    pub fn of_this_process() -> Cgroup {
        let own = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        match locate(&own, &mounts) {
            Some((mount, group)) => Cgroup::at(&mount, &group),
            None => Cgroup::default(),
        }
    }

    /// The limits of the group `group` and those above it up to `mount`, both directories.
    fn at(mount: &Path, group: &Path) -> Cgroup {
        let levels: Vec<&Path> = group
            .ancestors()
            .take_while(|d| d.starts_with(mount))
            .collect();
        let tightest = |limit: fn(&Path) -> Option<f64>| {
            let limits = levels.iter().filter_map(|d| Some((limit(d)?, d)));
            let least = limits.min_by(|a, b| a.0.total_cmp(&b.0));
            least.map(|(_, d)| d.to_path_buf())
        };
        // The host's root has none of these files: what it would tell is the host's. A group whose memory is not accounted
        // by itself leaves it to the one above; processor time always is.
        let first = |file: &str| levels.iter().find(|d| d.join(file).exists());
        let own = |d: Option<&&Path>| d.map(|d| d.to_path_buf());
        Cgroup {
            accounts_memory: own(first("memory.current")),
            accounts_cpu: own(first("cgroup.type")),
            memory: tightest(memory_limit),
            cpu: tightest(cpu_limit),
        }
    }

    /// Bytes in use and the limit, of the group that limits memory. Page cache that can be dropped is not in use.
    pub fn memory(&self) -> Option<(f64, f64)> {
        let group = self.memory.as_deref()?;
        let limit = memory_limit(group)?;
        Some((in_use(group)?, limit))
    }

    /// Processor seconds that the group of this process has used.
    pub fn used_cpu(&self) -> Option<f64> {
        Some(field(self.accounts_cpu.as_deref()?, "cpu.stat", "usage_usec")? / 1e6)
    }

    /// Bytes that the group of this process has in use, without page cache that can be dropped, and the most that it ever
    /// had, page cache included (Linux 5.19 and newer).
    pub fn used_memory(&self) -> (Option<f64>, Option<f64>) {
        let Some(group) = self.accounts_memory.as_deref() else {
            return (None, None);
        };
        (in_use(group), number(group, "memory.peak"))
    }

    /// Processor seconds used so far and the processors granted, of the group that limits them.
    pub fn cpu(&self) -> Option<(f64, f64)> {
        let group = self.cpu.as_deref()?;
        let micros = field(group, "cpu.stat", "usage_usec")?;
        Some((micros / 1e6, cpu_limit(group)?))
    }
}

/// Where the version 2 hierarchy is mounted, and the directory of the process's group in it.
fn locate(own: &str, mounts: &str) -> Option<(PathBuf, PathBuf)> {
    let path = Path::new(own.lines().find_map(|line| line.strip_prefix("0::"))?);
    mounts.lines().find_map(|line| {
        let (fields, rest) = line.split_once(" - ")?;
        if rest.split(' ').next() != Some("cgroup2") {
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

fn in_use(group: &Path) -> Option<f64> {
    let current = number(group, "memory.current")?;
    let cache = field(group, "memory.stat", "inactive_file").unwrap_or(0.0);
    Some((current - cache).max(0.0))
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

/// None where there is no limit ("max").
fn memory_limit(group: &Path) -> Option<f64> {
    number(group, "memory.max")
}

/// Processors: quota by period.
fn cpu_limit(group: &Path) -> Option<f64> {
    let text = read(group, "cpu.max")?;
    let (quota, period) = text.trim().split_once(' ')?;
    let quota: f64 = quota.parse().ok()?;
    let period: f64 = period.parse().ok()?;
    (period > 0.0).then(|| quota / period)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_group_is_found_below_the_mount() {
        let mounts = "24 1 0:22 / /sys rw - sysfs sysfs rw\n\
                      30 24 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup rw\n";
        let found = locate("1:cpu:/x\n0::/user.slice/job\n", mounts);
        let mount = PathBuf::from("/sys/fs/cgroup");
        assert_eq!(found, Some((mount.clone(), mount.join("user.slice/job"))));
        assert_eq!(
            locate("0::/\n", mounts),
            Some((mount.clone(), mount.clone()))
        );
        // A container without a cgroup namespace mounts its own group as the root.
        let mounts = "30 24 0:26 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup rw\n";
        assert_eq!(
            locate("0::/docker/abc/inner\n", mounts),
            Some((mount.clone(), mount.join("inner")))
        );
        assert_eq!(locate("4:memory:/x\n", mounts), None);
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
        let limits = Cgroup::at(root.path(), &group);
        // The memory of the group itself is accounted by the one above.
        assert_eq!(limits.used_cpu(), Some(2.5));
        assert_eq!(limits.used_memory(), (Some(500000.0), Some(900000.0)));
        assert_eq!(limits.memory(), Some((500000.0, 1000000.0)));
        assert_eq!(limits.cpu(), Some((2.5, 1.5)));
        write("job/memory.max", "max\n");
        let limits = Cgroup::at(root.path(), &group);
        assert_eq!(limits.memory(), None);
        let of_the_root = Cgroup::at(root.path(), root.path());
        assert_eq!(of_the_root.used_memory(), (None, None));
        assert_eq!(of_the_root.used_cpu(), None);
    }
}
