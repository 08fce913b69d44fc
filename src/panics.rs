//! Panics: bugs of the library, which become errors of the call or thread that met them.
//!
//! Rust's own report to the standard error stream is for programs; this library prints nothing.

use crate::process::SetUp;
use crate::shield;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    /// What the last panic of this thread said, and where it was.
    static REPORT: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Runs `work`; a panic in it is an error that says what and where.
pub fn contain<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    static QUIET: SetUp = SetUp::new();
    // The program ends by a panic, and says why.
    if cfg!(panic = "unwind") {
        QUIET.ensure(keep_quiet);
    }
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| {
        REPORT
            .try_with(|report| std::mem::take(&mut *report.borrow_mut()))
            .unwrap_or_default()
    })
}

/// The report of a panic within the library goes to [`contain`]. Others are those of a Rust program around it.
fn keep_quiet() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !shield::is_inside() {
            return before(panic);
        }
        let text = panic.payload_as_str().unwrap_or("a panic without a text");
        let place = panic
            .location()
            .map_or(String::new(), |at| format!(" at {at}"));
        let _ = REPORT.try_with(|report| *report.borrow_mut() = format!("{text}{place}"));
    }));
}
