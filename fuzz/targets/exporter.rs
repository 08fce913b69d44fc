//! Any text as a line of OpenTelemetry's and as a page of an exporter for Prometheus.
#![no_main]

use aim_cli::inputs::{otlp, prometheus};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Ok(text) = std::str::from_utf8(input) else { return };
    otlp(text);
    prometheus(text);
});
