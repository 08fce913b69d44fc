//! Where a text comes from: an exporter by HTTP, or a file.

use std::fmt::{self, Display};
use std::io::{self, Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::path::PathBuf;
use std::time::Duration;

/// Longer than any exporter takes that is well.
const PATIENCE: Duration = Duration::from_secs(5);
/// No exporter answers as much.
const MOST: u64 = 64 << 20;

pub enum Source {
    Http { host: String, path: String },
    File(PathBuf),
}

impl Source {
    /// `http://HOST[:PORT][/PATH]`, else a path; `None` for another scheme.
    pub fn parse(text: &str) -> Option<Source> {
        let Some(url) = text.strip_prefix("http://") else {
            return (!text.contains("://")).then(|| Source::File(text.into()));
        };
        let (host, path) = url
            .find('/')
            .map_or((url, "/metrics"), |at| url.split_at(at));
        let host = match host.rfind(':').filter(|_| !host.ends_with(']')) {
            Some(_) => host.to_owned(),
            None => format!("{host}:80"),
        };
        Some(Source::Http {
            host,
            path: path.to_owned(),
        })
    }

    pub fn read(&self) -> io::Result<String> {
        match self {
            Source::File(path) => std::fs::read_to_string(path),
            Source::Http { host, path } => get(host, path),
        }
    }
}

impl Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::File(path) => write!(f, "{}", path.display()),
            Source::Http { host, path } => write!(f, "http://{host}{path}"),
        }
    }
}

/// By HTTP/1.0, to which servers answer in one piece and hang up.
fn get(host: &str, path: &str) -> io::Result<String> {
    let mut failed = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    for address in host.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(stream) => return ask(stream, host, path),
            Err(e) => failed = e,
        }
    }
    Err(failed)
}

fn ask(mut stream: TcpStream, host: &str, path: &str) -> io::Result<String> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "GET {path} HTTP/1.0\r\nHost: {host}\r\nAccept: text/plain;version=0.0.4\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.take(MOST).read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.lines().next().unwrap_or_default();
    if status.split(' ').nth(1) != Some("200") {
        return Err(io::Error::other(format!("it answers {status:?}")));
    }
    Ok(body.to_owned())
}
