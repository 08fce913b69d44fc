//! In the place of `gpu` in a build without it: no GPU is looked for.

use super::sample::Sample;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

pub struct Worker;

impl Worker {
    pub fn new(
        _stuck: Arc<AtomicBool>,
        _deliver: impl Fn(Duration, Sample) + Send + Sync + 'static,
    ) -> Worker {
        Worker
    }

    pub fn ask(&mut self, _interval: Duration) {}

    pub fn delivered(&mut self, _interval: Duration) {}

    pub fn deadline(&self) -> Option<Instant> {
        None
    }

    pub fn watch(&mut self) {}

    pub fn finish(self) {}
}
