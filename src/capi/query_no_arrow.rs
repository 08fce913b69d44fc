//! In the place of `query_arrow` and `objects_table` in a build without Arrow: their functions, which answer that it is not
//! there. A macro, so that the header has them once.

use super::error::{aim_error, aim_status};
use super::guard::guard;
use crate::error::Error;
use std::ffi::c_void;

macro_rules! without_arrow {
    ($($name:ident($($argument:ident: $type:ty),*);)*) => {$(
        /// # Safety
        /// `err` is NULL or writable.
        #[unsafe(no_mangle)]
        #[must_use]
        pub unsafe extern "C" fn $name($($argument: $type,)* err: *mut *mut aim_error) -> aim_status {
            $(let _ = $argument;)*
            // SAFETY: promised by the caller.
            unsafe { guard(err, || Err(Error::unsupported(stringify!($name), "arrow"))) }
        }
    )*};
}

without_arrow! {
    aim_repo_query_arrow(repo: *const c_void, expression: *const c_void, kind: i32, stream: *mut c_void);
    aim_repo_query_arrow_with(repo: *const c_void, expression: *const c_void, kind: i32, options: *const c_void, stream: *mut c_void);
    aim_sequence_track_table(sequence: *const c_void, rows: *mut c_void, caption: *const c_void, meta: *const c_void, step: i64, epoch: i64, time: f64);
}
