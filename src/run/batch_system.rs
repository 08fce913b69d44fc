//! The id that a batch system or a launcher gave the job: a job that is queued again keeps it, and all its ranks have it.

use super::MAX_RUN_ID;
use crate::error::{Error, Result};

/// What `auto_id` looks at, in this order.
const VARIABLES: &str = "SLURM_JOB_ID, PBS_JOBID, LSB_JOBID, KUBERNETES_SERVICE_HOST with HOSTNAME, TORCHELASTIC_RUN_ID";

/// The id of the job that this process belongs to, as text: "slurm-CLUSTER-JOB", "slurm-CLUSTER-ARRAY_TASK", "pbs-JOB",
/// "lsf-JOB" with the index in an array, "kubernetes-JOB", "torchrun-ID".
pub fn auto_id() -> Result<String> {
    find(|name| std::env::var(name).ok().filter(|value| !value.is_empty())).ok_or_else(|| {
        Error::invalid(format!(
            "run_id is \"auto\", but none of these environment variables names a job: {VARIABLES}"
        ))
    })
}

fn find(get: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut id = slurm(&get)
        .or_else(|| Some(format!("pbs-{}", get("PBS_JOBID")?)))
        .or_else(|| lsf(&get))
        .or_else(|| kubernetes(&get))
        .or_else(|| torchrun(&get))?;
    while id.len() > MAX_RUN_ID {
        id.pop();
    }
    Some(id)
}

fn slurm(get: &impl Fn(&str) -> Option<String>) -> Option<String> {
    let job = get("SLURM_JOB_ID")?;
    let job = match (get("SLURM_ARRAY_JOB_ID"), get("SLURM_ARRAY_TASK_ID")) {
        (Some(array), Some(task)) => format!("{array}_{task}"),
        _ => job,
    };
    Some(match get("SLURM_CLUSTER_NAME") {
        Some(cluster) => format!("slurm-{cluster}-{job}"),
        None => format!("slurm-{job}"),
    })
}

fn lsf(get: &impl Fn(&str) -> Option<String>) -> Option<String> {
    let job = get("LSB_JOBID")?;
    // The index is 0 outside of arrays.
    Some(match get("LSB_JOBINDEX").filter(|index| index != "0") {
        Some(index) => format!("lsf-{job}[{index}]"),
        None => format!("lsf-{job}"),
    })
}

/// A pod of a job is called after it: the name of the job, the index where it has indexes, and five random characters.
/// Training operators call theirs JOB-ROLE-NUMBER.
fn kubernetes(get: &impl Fn(&str) -> Option<String>) -> Option<String> {
    get("KUBERNETES_SERVICE_HOST")?;
    let host = get("HOSTNAME")?;
    let parts: Vec<&str> = host.split('-').collect();
    let last = parts.last().copied().unwrap_or_default();
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let indexed = get("JOB_COMPLETION_INDEX");
    let kept = match parts.len() {
        n if n > 2 && indexed.is_some() && indexed.as_deref() == parts.get(n - 2).copied() => n - 2,
        n if n > 2 && is_number(last) => n - 2,
        n if n > 1 && last.len() == 5 => n - 1,
        n => n,
    };
    Some(format!("kubernetes-{}", parts[..kept].join("-")))
}

/// "none" is what torchrun calls every job that has no id.
fn torchrun(get: &impl Fn(&str) -> Option<String>) -> Option<String> {
    let id = get("TORCHELASTIC_RUN_ID").filter(|id| id != "none")?;
    Some(format!("torchrun-{id}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_have_one_id_for_all_ranks_and_tries() {
        for (variables, expected) in [
            ("SLURM_JOB_ID=12 SLURM_PROCID=3", Some("slurm-12")),
            (
                "SLURM_JOB_ID=14 SLURM_ARRAY_JOB_ID=12 SLURM_ARRAY_TASK_ID=2 SLURM_CLUSTER_NAME=big",
                Some("slurm-big-12_2"),
            ),
            ("PBS_JOBID=77.server PBS_TASKNUM=2", Some("pbs-77.server")),
            ("LSB_JOBID=5 LSB_JOBINDEX=0", Some("lsf-5")),
            ("LSB_JOBID=5 LSB_JOBINDEX=3", Some("lsf-5[3]")),
            (
                "KUBERNETES_SERVICE_HOST=10.0.0.1 HOSTNAME=train-big-x7k2p",
                Some("kubernetes-train-big"),
            ),
            (
                "KUBERNETES_SERVICE_HOST=h HOSTNAME=train-3-x7k2p JOB_COMPLETION_INDEX=3",
                Some("kubernetes-train"),
            ),
            (
                "KUBERNETES_SERVICE_HOST=h HOSTNAME=mnist-worker-1",
                Some("kubernetes-mnist"),
            ),
            (
                "KUBERNETES_SERVICE_HOST=h HOSTNAME=mnist-master-0",
                Some("kubernetes-mnist"),
            ),
            ("TORCHELASTIC_RUN_ID=none", None),
            ("TORCHELASTIC_RUN_ID=abc", Some("torchrun-abc")),
            ("HOSTNAME=here", None),
        ] {
            let get = |name: &str| {
                let mut all = variables.split(' ').filter_map(|v| v.split_once('='));
                all.find(|(key, _)| *key == name).map(|(_, v)| v.to_owned())
            };
            assert_eq!(find(get).as_deref(), expected, "{variables}");
        }
    }
}
