//! What a run says of the machine it ran on, in a line.

use crate::format;
use crate::labels::{SYSTEM, SYSTEM_PARAMS};
use crate::look::Look;
use aim::query::{Columns, MetricInfo};
use aim_value::{Path, Tree};

fn at<'t>(params: &'t Tree, path: &[&str]) -> Option<&'t Tree> {
    let path = std::iter::once(SYSTEM_PARAMS).chain(path.iter().copied());
    params.at(&Path::from_tokens(path))
}

fn text(params: &Tree, path: &[&str]) -> Option<String> {
    match at(params, path)? {
        Tree::Str(text) => Some(text.clone()),
        _ => None,
    }
}

fn int(params: &Tree, path: &[&str]) -> Option<i64> {
    match at(params, path)? {
        Tree::Int(n) => Some(*n),
        _ => None,
    }
}

pub fn host(params: &Tree) -> Option<String> {
    text(params, &["host"])
}

/// Host, processor, memory, and GPUs.
pub fn hardware(look: &Look, params: &Tree) -> Option<String> {
    let mut words: Vec<String> = host(params).into_iter().collect();
    if let Some(model) = text(params, &["cpu", "model"]) {
        let model = model
            .replace("(R)", "")
            .replace("(TM)", "")
            .replace(" Processor", "");
        let usable = int(params, &["cpu", "usable"]);
        let all = int(params, &["cpu", "logical"]);
        words.push(match (usable, all) {
            (Some(usable), Some(all)) if usable < all => {
                format!("{usable} of {all} processors of {model}")
            }
            (_, Some(all)) => format!("{all} {} {model}", look.either("×", "x")),
            _ => model,
        });
    }
    if let Some(memory) = int(params, &["memory_bytes"]) {
        words.push(format!("{} memory", format::bytes(memory.max(0) as u64)));
    }
    if let Some(Tree::List(gpus)) = at(params, &["gpus"]) {
        let mut kinds: Vec<(String, usize)> = Vec::new();
        for gpu in gpus {
            let name = gpu.at(&Path::from_tokens(["name"]));
            let name = name.map_or_else(|| "GPU".to_owned(), format::param);
            match kinds.iter_mut().find(|(known, _)| *known == name) {
                Some((_, count)) => *count += 1,
                None => kinds.push((name, 1)),
            }
        }
        let times = look.either("×", "x");
        words.extend(kinds.iter().map(|(name, n)| format!("{n} {times} {name}")));
    }
    let between = look.either(" · ", ", ");
    (!words.is_empty()).then(|| words.join(between))
}

/// Branch, commit, and the command.
pub fn code(look: &Look, params: &Tree) -> Option<String> {
    let mut words = Vec::new();
    let branch = text(params, &["git_info", "branch"]);
    let commit = text(params, &["git_info", "commit", "hash"]);
    if branch.is_some() || commit.is_some() {
        let commit = commit.map(|hash| hash.chars().take(7).collect::<String>());
        let mut git: Vec<String> = branch.into_iter().chain(commit).collect();
        if at(params, &["git_info", "dirty"]) == Some(&Tree::Bool(true)) {
            git.push("(dirty)".to_owned());
        }
        words.push(git.join(" "));
    }
    if let Some(Tree::List(arguments)) = at(params, &["arguments"]) {
        let command: Vec<String> = arguments.iter().map(format::param).collect();
        words.push(command.join(" "));
    }
    let between = look.either(" · ", ", ");
    (!words.is_empty()).then(|| words.join(between))
}

/// Mean use of processors and GPUs, and the most memory.
pub fn usage(
    metrics: &[MetricInfo],
    points: impl Fn(&MetricInfo) -> Option<Columns>,
) -> Vec<String> {
    let named = |name: &str| {
        let name = format!("{SYSTEM}{name}");
        metrics.iter().filter(move |m| *m.name == name)
    };
    let mean = |metric: &MetricInfo| {
        let values = points(metric)?.values;
        let finite: Vec<f64> = values.into_iter().filter(|v| v.is_finite()).collect();
        (!finite.is_empty()).then(|| finite.iter().sum::<f64>() / finite.len() as f64)
    };
    let mut words = Vec::new();
    if let Some(cpu) = named("cpu").next().and_then(mean) {
        words.push(format!("CPU {cpu:.0} % mean"));
    }
    let gpus: Vec<f64> = named("gpu").filter_map(mean).collect();
    if !gpus.is_empty() {
        let all = gpus.iter().sum::<f64>() / gpus.len() as f64;
        words.push(format!("GPU {all:.0} % mean"));
    }
    if let Some(memory) = named("p_memory_bytes").next() {
        let peak = memory.aggregates.max().max(0.0) as u64;
        words.push(format!("memory {} peak", format::bytes(peak)));
    }
    words
}
