//! Log records and terminal lines of runs.

use super::error::{aim_error, aim_status};
use super::guard::{guard, handle, out};
use super::repo::aim_repo;
use super::run::aim_run;
use super::strings::{optional, owned_json, required};
use crate::error::{Error, Result};
use crate::run::logs;
use crate::store::{LogRecord, SourceLocation, Stream};
use aim_value::Tree;
use std::ffi::c_char;

/// The log of a run that holds the records from `aim_run_log`.
pub const AIM_LOGS_RECORDS: i32 = 0;
/// The log of a run that holds the lines that `capture_terminal_logs` records.
pub const AIM_LOGS_TERMINAL: i32 = 1;

fn stream(number: i32) -> Result<Stream> {
    u8::try_from(number)
        .ok()
        .and_then(Stream::from_number)
        .filter(|stream| *stream != Stream::Notes)
        .ok_or_else(|| Error::invalid(format!("stream is {number}; it is one of AIM_LOGS_...")))
}

/// Records as a JSON array.
fn json(stream: Stream, records: Vec<(u64, LogRecord)>) -> Result<*mut c_char> {
    let level = match stream {
        Stream::Records => "level",
        Stream::Terminal => "descriptor",
        Stream::Notes => "note",
    };
    let object = |(number, record): (u64, LogRecord)| {
        let mut entries = vec![
            ("number", Tree::Int(number as i64)),
            ("time", Tree::Float(record.time as f64 / 1e6)),
            (level, Tree::Int(i64::from(record.level))),
            ("text", Tree::Str(record.text)),
        ];
        if let Some(location) = record.location {
            entries.push(("file", Tree::Str(location.file)));
            entries.push(("line", Tree::Int(i64::from(location.line))));
            entries.push(("function", Tree::Str(location.function)));
        }
        let entries = entries.into_iter().map(|(k, v)| (k.to_owned(), v));
        Tree::Dict(entries.collect())
    };
    owned_json(&Tree::List(records.into_iter().map(object).collect()))
}

/// Logs a message, stamped with the present time, in the run's `AIM_LOGS_RECORDS`. `level` is one of
/// `AIM_LOG_DEBUG` to `AIM_LOG_CRITICAL`, or a number from 1 to 100 between them. `file`, `line` and `function` say
/// where in the source; `file` may be NULL if that is unknown, and `function` too. The macro `AIM_RUN_LOG` fills them in.
///
/// @code
/// AIM_RUN_LOG(run, AIM_LOG_WARNING, "the learning rate is high", NULL);
/// @endcode
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT` (message above 1 MiB, names above 4096 bytes),
/// `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`, `AIM_ERR_FULL`. Thread-safe. Since 0.1.
///
/// # Safety
/// `run` is NULL or a run that was not freed; the strings are NULL or NUL-terminated; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_log(
    run: *const aim_run,
    level: i32,
    message: *const c_char,
    file: *const c_char,
    line: u32,
    function: *const c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let run = handle(run, "run")?;
            let message = required(message, "message")?;
            run.run()?
                .log(level, message, location(file, line, function)?)
        })
    }
}

/// Where in the source a record was logged, as a caller says it.
///
/// # Safety
/// The strings are NULL or NUL-terminated.
pub(super) unsafe fn location(
    file: *const c_char,
    line: u32,
    function: *const c_char,
) -> Result<Option<SourceLocation>> {
    // SAFETY: promised by the caller.
    let (file, function) = unsafe { (optional(file, "file")?, optional(function, "function")?) };
    Ok(file.map(|file| SourceLocation {
        file: file.to_owned(),
        line,
        function: function.unwrap_or_default().to_owned(),
    }))
}

/// Reads up to `count` records of one of the run's logs, from number `first` on; they are numbered from 0. `stream` is
/// one of `AIM_LOGS_...`. Numbers that are kept no more are passed over. `*json` receives an array of objects:
/// `number`, `time` (seconds since 1970), `text`, and, in `AIM_LOGS_RECORDS`, `level` and, if known, `file`, `line` and
/// `function`; in `AIM_LOGS_TERMINAL`, `descriptor` (1 or 2). It is the caller's, to be given back with
/// `aim_string_free`. Flushes first.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`, or what keeps the repository from being
/// used. Thread-safe. Since 0.1.
///
/// # Safety
/// `run` is NULL or a run that was not freed; `json` and `err` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_read_logs(
    run: *const aim_run,
    stream: i32,
    first: u64,
    count: u64,
    json: *mut *mut c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let run = handle(run, "run")?;
            let result = out(json, "json")?;
            let stream = self::stream(stream)?;
            result.write(self::json(
                stream,
                match run.run() {
                    Ok(run) => run.read_logs(stream, first, count)?,
                    Err(_) => Vec::new(),
                },
            )?);
            Ok(())
        })
    }
}

/// Reads the logs of any run of a repository; otherwise as `aim_run_read_logs`. What a dead process left is brought in
/// first.
///
/// Errors: `AIM_ERR_NOT_FOUND` for an unknown run; else as `aim_run_read_logs`. Thread-safe. Since 0.1.
///
/// # Safety
/// `repo` is NULL or a repository that was not freed; `run_hash` is NULL or NUL-terminated; `json` and `err` are NULL
/// or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_repo_read_logs(
    repo: *const aim_repo,
    run_hash: *const c_char,
    stream: i32,
    first: u64,
    count: u64,
    json: *mut *mut c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let repo = handle(repo, "repo")?.get()?;
            let result = out(json, "json")?;
            let stream = self::stream(stream)?;
            let hash = required(run_hash, "run_hash")?;
            let records = logs::read_logs(repo, hash, stream, first, count)?;
            result.write(self::json(stream, records)?);
            Ok(())
        })
    }
}

/// Tells which records of a run's log are there: `*first` is the number of the first that is kept, `*end` the one
/// after the last. Both are 0 for an empty log. `stream` is one of `AIM_LOGS_...`.
///
/// Errors: as `aim_repo_read_logs`. Thread-safe. Since 0.1.
///
/// # Safety
/// `repo` is NULL or a repository that was not freed; `run_hash` is NULL or NUL-terminated; `first`, `end` and `err`
/// are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_repo_count_logs(
    repo: *const aim_repo,
    run_hash: *const c_char,
    stream: i32,
    first: *mut u64,
    end: *mut u64,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let repo = handle(repo, "repo")?.get()?;
            let (first, end) = (out(first, "first")?, out(end, "end")?);
            let hash = required(run_hash, "run_hash")?;
            let range = logs::log_range(repo, hash, self::stream(stream)?)?;
            first.write(range.0);
            end.write(range.1);
            Ok(())
        })
    }
}
