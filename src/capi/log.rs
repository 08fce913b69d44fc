//! The callback for the library's own messages.

use super::guard::infallible;
use crate::log::{Level, set_sink};
use std::ffi::{CString, c_char, c_void};
use std::sync::Arc;

/// The finest level, for finding errors. Levels are those of a run's log records and of the library's own messages.
pub const AIM_LOG_DEBUG: i32 = 10;
/// Level of the ordinary course of things.
pub const AIM_LOG_INFO: i32 = 20;
/// Level of what may need attention.
pub const AIM_LOG_WARNING: i32 = 30;
/// Level of what failed; the library's own messages go no higher.
pub const AIM_LOG_ERROR: i32 = 40;
/// Level of what ends the program.
pub const AIM_LOG_CRITICAL: i32 = 50;

/// Receives a message of the library: its level, the text (borrowed for the call), and the pointer that was
/// registered. A thread of the library calls it, one message at a time, with no lock of the library held: it may call
/// every function of the library, and take locks that the program holds while it calls the library. A call that gave
/// messages waits a moment for the callback, 100 milliseconds at most.
pub type aim_log_callback =
    Option<unsafe extern "C" fn(level: i32, message: *const c_char, userdata: *mut c_void)>;

/// The host's pointer, handed back to it untouched.
struct Userdata(*mut c_void);

// SAFETY: the pointer is never followed here; the host promises that its callback may run on any thread.
unsafe impl Send for Userdata {}
// SAFETY: as above.
unsafe impl Sync for Userdata {}

/// Sends the library's messages of `level` (one of `AIM_LOG_…`) and above to `callback`; NULL silences it, which is
/// how it starts. The library prints nothing by itself. A callback that is being replaced may still be running when
/// the call returns. Thread-safe. Since 0.1.
///
/// # Safety
/// `callback` may be called with `userdata` from any thread until it is replaced.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_set_log_callback(
    level: i32,
    callback: aim_log_callback,
    userdata: *mut c_void,
) {
    infallible((), || {
        let userdata = Userdata(userdata);
        let sink = callback.map(|callback| {
            Arc::new(move |level: Level, message: &str| {
                let userdata = &userdata;
                if let Ok(text) = CString::new(message.replace('\0', "\u{fffd}")) {
                    // SAFETY: the host registered the callback for use from any thread.
                    unsafe { callback(level as i32, text.as_ptr(), userdata.0) };
                }
            }) as Arc<dyn Fn(Level, &str) + Send + Sync>
        });
        let least = [Level::Debug, Level::Info, Level::Warning]
            .into_iter()
            .find(|l| level <= *l as i32)
            .unwrap_or(Level::Error);
        set_sink(least, sink);
    });
}
