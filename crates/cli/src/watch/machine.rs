//! How busy the selected run's machine is: processors, memory and GPUs, each with its last course.

use super::data::{Gauge, Machine};
use crate::failure::Failure;
use crate::format;
use crate::labels::{SYSTEM, SYSTEM_PARAMS};
use crate::look::Look;
use crate::spark;
use crate::table::visible;
use aim::query::{MetricInfo, RunInfo, Sampling, Snapshot};
use aim_value::{Path, Tree};

/// Characters of a course, and the points it is made of.
const COURSE: usize = 8;
const POINTS: usize = 400;

pub fn read(look: &Look, snapshot: &Snapshot<'_>, run: &RunInfo) -> Result<Machine, Failure> {
    let metrics = snapshot.metrics(run)?;
    let named = |name: &str, context: &str| {
        let name = format!("{SYSTEM}{name}");
        metrics
            .iter()
            .find(|m| *m.name == *name && *m.context == *context)
    };
    let mut machine = Machine {
        host: host(look, snapshot, run),
        gauges: Vec::new(),
    };
    let percent = |v: f64| format!("{v:.0} %");
    let size = |v: f64| format::bytes(v.max(0.0) as u64);
    let mut add = |title: &str, metric: Option<&MetricInfo>, text: &dyn Fn(f64) -> String| {
        let Some(metric) = metric else { return Ok(()) };
        machine.gauges.push(Gauge {
            text: format!("{title} {}", text(metric.aggregates.last)),
            course: course(look, snapshot, metric)?,
        });
        Ok::<(), Failure>(())
    };
    add("CPU", named("cpu", "{}"), &percent)?;
    add("memory", named("p_memory_bytes", "{}"), &size)?;
    for metric in metrics
        .iter()
        .filter(|m| *m.name == *format!("{SYSTEM}gpu"))
    {
        let context = &*metric.context;
        let number: String = context.chars().filter(char::is_ascii_digit).collect();
        let last = |name: &str| named(name, context).map(|m| m.aggregates.last);
        let more = [
            last("gpu_memory_bytes").map(&size),
            last("gpu_temp").map(|v| format!("{v:.0} {}", look.either("°C", "C"))),
            last("gpu_power_watts").map(|v| format!("{v:.0} W")),
        ];
        let more: Vec<String> = more.into_iter().flatten().collect();
        let text = |v: f64| format!("{v:.0} % {}", more.join(" ")).trim_end().to_owned();
        add(&format!("GPU{number}"), Some(metric), &text)?;
    }
    Ok(machine)
}

fn host(look: &Look, snapshot: &Snapshot<'_>, run: &RunInfo) -> Option<String> {
    let params = snapshot.params(run).ok()?;
    match params.at(&Path::from_tokens([SYSTEM_PARAMS, "host"]))? {
        Tree::Str(host) => Some(visible(look, host)),
        _ => None,
    }
}

fn course(look: &Look, snapshot: &Snapshot<'_>, metric: &MetricInfo) -> Result<String, Failure> {
    let points = snapshot.sample(metric, POINTS, Sampling::Stride)?;
    // The last of it, at the pace of a reading a character where it is short.
    let from = points.steps.len().saturating_sub(COURSE * 4);
    Ok(spark::line(
        look,
        &points.steps[from..],
        &points.values[from..],
        COURSE,
    ))
}
