//! `libaim exec --prometheus`: an exporter of Prometheus' own library, files, and what is neither.

use crate::common::{Sandbox, said};
use std::net::TcpListener;

fn metrics(s: &Sandbox) -> String {
    let query = ["query", "metric.name != ''", "--points", "-f", "csv"];
    s.out("r", &query)
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.repo("r");
    sandbox
}

#[test]
fn an_exporter_is_asked_while_the_program_runs() {
    let s = sandbox();
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port().to_string();
    drop(free);
    let source = format!("http://127.0.0.1:{port}");
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/program/exporter.py");
    let mut command = s.program("r");
    command.args(["exec", "--prometheus", &source, "--every", "0.05", "--"]);
    let said = said(command.args(["/usr/bin/python3", program, &port]));
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(said.err.lines().count(), 2, "no trouble: {said:?}");
    let metrics = metrics(&s);
    for (name, labels) in [
        ("steps_total", "{}"),
        ("loss", r#"{""subset"":""va\""l\\""}"#),
        ("seconds_bucket", r#"{""le"":""1.0""}"#),
        ("seconds_count", "{}"),
    ] {
        let values: Vec<f64> = metrics
            .lines()
            .filter(|line| line.contains(&format!(",{name},")) && line.contains(labels))
            .map(value)
            .collect();
        assert!(values.len() >= 5, "{name}: {values:?} in {metrics}");
        let grows = values.windows(2).all(|pair| pair[0] < pair[1]);
        assert!(grows != (name == "loss"), "{name}: {values:?}");
    }
}

/// The value of a row: run, name, context, step, value, epoch, time.
fn value(line: &str) -> f64 {
    let fields: Vec<&str> = line.rsplitn(4, ',').collect();
    fields[2].parse().unwrap_or_else(|_| panic!("{line}"))
}

#[test]
fn a_file_is_read_once_more_at_the_end() {
    let s = sandbox();
    let script = "printf 'loss{subset=\"a,b\"} 0.5 1600000000000\\nnonsense{\\n' >m.prom; \
        sleep 0.5; echo 'loss{subset=\"a,b\"} 0.25 1600000001500' >m.prom";
    let mut command = s.program("r");
    command.args(["exec", "--prometheus", "m.prom", "--every", "0.05", "--"]);
    let said = said(command.args(["sh", "-c", script]));
    assert_eq!(said.code, 0, "{said:?}");
    assert!(
        said.err
            .contains(r#"line 2 of m.prom is no sample in Prometheus' text format: "nonsense{""#),
        "{said:?}"
    );
    let metrics = metrics(&s);
    let rows: Vec<&str> = metrics.lines().filter(|l| l.contains(",loss,")).collect();
    let values: Vec<f64> = rows.iter().map(|row| value(row)).collect();
    assert_eq!(values, [0.5, 0.25], "each counts once: {metrics}");
    assert!(
        rows[1].contains(",2020-09-13T12:26:41.500000Z"),
        "{metrics}"
    );
}

#[test]
fn what_does_not_answer_is_told() {
    let s = sandbox();
    let mut command = s.program("r");
    command.args(["exec", "--prometheus", "http://127.0.0.1:1/x", "--"]);
    let told = said(command.arg("true"));
    assert_eq!(told.code, 0, "the program ran: {told:?}");
    assert!(
        told.err.contains("http://127.0.0.1:1/x did not answer: "),
        "{told:?}"
    );
    for (args, part) in [
        (["--prometheus", "https://host/metrics"], "is no source"),
        (["--every", "0"], "is out of range"),
        (["--every", "nan"], "is out of range"),
    ] {
        let mut command = s.program("r");
        let told = said(command.arg("exec").args(args).args(["--", "true"]));
        assert!(told.code == 2 && told.err.contains(part), "{told:?}");
    }
}
