//! What the batch system and the MPI launcher say in environment variables.

use super::{entry, text};
use aim_value::Tree;

/// Name, prefix of the variables, and the variable with the job's id.
const SCHEDULERS: [(&str, &str, &str); 3] = [
    ("slurm", "SLURM_", "SLURM_JOB_ID"),
    ("pbs", "PBS_", "PBS_JOBID"),
    ("lsf", "LSB_", "LSB_JOBID"),
];

/// Rank, number of ranks and rank on the host, by launcher: Open MPI, PMI (MPICH, Intel MPI, Cray), MVAPICH2, srun,
/// torchrun. The first whose rank is there counts.
const LAUNCHERS: [(&str, [&str; 3]); 5] = [
    (
        "openmpi",
        [
            "OMPI_COMM_WORLD_RANK",
            "OMPI_COMM_WORLD_SIZE",
            "OMPI_COMM_WORLD_LOCAL_RANK",
        ],
    ),
    (
        "mvapich2",
        [
            "MV2_COMM_WORLD_RANK",
            "MV2_COMM_WORLD_SIZE",
            "MV2_COMM_WORLD_LOCAL_RANK",
        ],
    ),
    ("pmi", ["PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID"]),
    ("slurm", ["SLURM_PROCID", "SLURM_NTASKS", "SLURM_LOCALID"]),
    ("torchrun", ["RANK", "WORLD_SIZE", "LOCAL_RANK"]),
];

type Variables = [(String, Tree)];

fn get<'v>(variables: &'v Variables, name: &str) -> Option<&'v Tree> {
    let found = variables.iter().find(|(key, _)| key == name);
    found.map(|(_, value)| value)
}

/// The batch system with those of its variables that are recorded; empty without one. `variables` are masked already.
pub fn scheduler(variables: &Variables, is_recorded: impl Fn(&str) -> bool) -> Tree {
    let found = SCHEDULERS
        .iter()
        .find(|(_, _, id)| get(variables, id).is_some());
    let Some((name, prefix, id)) = found else {
        return Tree::Dict(Vec::new());
    };
    let own = variables
        .iter()
        .filter(|(key, _)| key.starts_with(prefix) && is_recorded(key));
    let mut entries = vec![entry("name", text(*name))];
    entries.extend(get(variables, id).map(|id| entry("job_id", id.clone())));
    entries.push(entry("variables", Tree::Dict(own.cloned().collect())));
    Tree::Dict(entries)
}

/// Rank and number of ranks; empty for a program that was started alone.
pub fn mpi(variables: &Variables) -> Tree {
    let number = |name| match get(variables, name) {
        Some(Tree::Str(value)) => value.parse().ok().map(Tree::Int),
        _ => None,
    };
    let found = LAUNCHERS
        .iter()
        .find(|(_, [rank, ..])| number(rank).is_some());
    let Some((launcher, names)) = found else {
        return Tree::Dict(Vec::new());
    };
    let mut entries = vec![entry("launcher", text(*launcher))];
    for (key, name) in ["rank", "size", "local_rank"].into_iter().zip(names) {
        entries.extend(number(name).map(|n| entry(key, n)));
    }
    Tree::Dict(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(list: &[(&str, &str)]) -> Vec<(String, Tree)> {
        list.iter().map(|(k, v)| entry(k, text(*v))).collect()
    }

    #[test]
    fn rank_and_size_come_from_the_launcher() {
        let given = variables(&[
            ("OMPI_COMM_WORLD_RANK", "3"),
            ("OMPI_COMM_WORLD_SIZE", "64"),
            ("OMPI_COMM_WORLD_LOCAL_RANK", "1"),
            ("SLURM_JOB_ID", "77"),
            ("SLURM_PROCID", "0"),
            ("SLURM_NTASKS", "1"),
        ]);
        let expected = r#"{"launcher": "openmpi", "rank": 3, "size": 64, "local_rank": 1}"#;
        assert_eq!(mpi(&given), Tree::from_json(expected).unwrap());
        let expected = r#"{"name": "slurm", "job_id": "77", "variables":
            {"SLURM_JOB_ID": "77", "SLURM_PROCID": "0", "SLURM_NTASKS": "1"}}"#;
        assert_eq!(
            scheduler(&given, |_| true),
            Tree::from_json(expected).unwrap()
        );
        let expected = r#"{"name": "slurm", "job_id": "77", "variables": {"SLURM_NTASKS": "1"}}"#;
        assert_eq!(
            scheduler(&given, |name| name == "SLURM_NTASKS"),
            Tree::from_json(expected).unwrap()
        );
        assert_eq!(mpi(&variables(&[])), Tree::Dict(Vec::new()));
        assert_eq!(scheduler(&variables(&[]), |_| true), Tree::Dict(Vec::new()));
    }
}
