//! `libaim exec --otlp`: what an exporter of OpenTelemetry writes into a file.

use crate::common::{Sandbox, said};
use crate::import::imported;

/// A program that writes messages of OTLP, as the file exporters of OpenTelemetry do, and ends within a line.
const PROGRAM: &str = r#"
message() { printf '{"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"t"}}]},
"scopeMetrics":[{"metrics":[{"name":"loss","gauge":{"dataPoints":[{"asDouble":%s,"timeUnixNano":"%s500000000",
"attributes":[{"key":"subset","value":{"stringValue":"val"}}]}]}},
{"name":"steps","sum":{"dataPoints":[{"asInt":"%s","timeUnixNano":"%s500000000"}]}}]}]}]}' "$1" "$2" "$3" "$2" | tr -d '\n'; }
for i in 1 2 3; do { message 0.$i 160000000$i $i; echo; } >>m.jsonl; done
{ message 0.3 1600000003 3; echo; } >>m.jsonl
sleep 0.8
echo '{"resourceSpans":[]}' >>m.jsonl
{ message 0.25 1600000004 4; echo; message 0.5 1600000005 5; } >>m.jsonl
"#;

#[test]
fn what_is_written_while_the_program_runs_is_tracked() {
    let s = Sandbox::new();
    let repo = s.repo("r");
    // What is there already is of another run.
    std::fs::write(s.path("r/m.jsonl"), "{\"resourceMetrics\": 7}\n").unwrap();
    let mut command = s.program("r");
    let said = said(command.args([
        "exec", "--otlp", "m.jsonl", "-n", "otel", "--", "bash", "-c", PROGRAM,
    ]));
    assert_eq!(said.code, 0, "{said:?}");
    assert!(
        said.err
            .contains("line 5 that m.jsonl got is no message of OTLP with metrics"),
        "{said:?}"
    );
    let run = &imported(&repo)["otel"];
    let loss: Vec<(f64, f64)> = run
        .metric("loss", r#"{"subset":"val"}"#)
        .iter()
        .map(|point| (f64::from_bits(point.1), f64::from_bits(point.3)))
        .collect();
    // A message that says the same again counts once; the last one is not whole.
    let want = [(0.1, 1.5), (0.2, 2.5), (0.3, 3.5), (0.25, 4.5)];
    assert_eq!(loss, want.map(|(value, time)| (value, 1.6e9 + time)));
    assert_eq!(run.metric("steps", "{}").len(), 4);
    let service = run.param(&["otel", "service.name"]);
    assert_eq!(service, Some(aim_value::Tree::Str("t".into())));
}

#[test]
fn a_file_that_is_never_written_is_told() {
    let s = Sandbox::new();
    s.repo("r");
    let mut command = s.program("r");
    let said = said(command.args(["exec", "--otlp", "none.jsonl", "--", "true"]));
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.err.contains("none.jsonl got no metrics"), "{said:?}");
}
