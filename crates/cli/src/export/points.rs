//! Points as CSV, a row each: what `import csv` reads back.

use super::{Exported, written};
use crate::failure::Failure;
use crate::format;
use std::io::Write;

pub const HEADER: [&str; 7] = ["run", "name", "context", "step", "value", "epoch", "time"];

fn failed(e: csv::Error) -> Failure {
    match e.into_kind() {
        csv::ErrorKind::Io(e) => written(e),
        other => Failure::new(format_args!("{other:?}")),
    }
}

/// A writer that has written the header.
pub fn writer<W: Write>(to: W) -> Result<csv::Writer<W>, Failure> {
    let mut writer = csv::WriterBuilder::new().from_writer(to);
    writer.write_record(HEADER).map_err(failed)?;
    Ok(writer)
}

pub fn write(run: &Exported<'_>, writer: &mut csv::Writer<impl Write>) -> Result<(), Failure> {
    let hash = run.hash();
    for metric in &run.metrics {
        for (step, value, epoch, time) in run.points(metric)? {
            let epoch = epoch.map_or(String::new(), |epoch| epoch.to_string());
            let (step, value) = (step.to_string(), format::float(value));
            let time = format!("{time:.6}");
            let row = [
                &hash,
                &*metric.name,
                &*metric.context,
                &step,
                &value,
                &epoch,
                &time,
            ];
            writer.write_record(row).map_err(failed)?;
        }
    }
    Ok(())
}
