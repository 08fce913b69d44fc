//! Where the server is and who asks: from the URL, a service file, the environment and a password file, as PostgreSQL's own
//! programs find it.

use crate::failure::Failure;
use postgres::config::{Host, SslMode};
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use url::form_urlencoded;

/// Whether a text is the URL of a central store rather than a directory.
pub fn is_url(text: &str) -> bool {
    text.starts_with("postgres://") || text.starts_with("postgresql://")
}

#[derive(Clone)]
pub struct Settings {
    pub config: postgres::Config,
    /// Certificates to trust instead of the system's.
    pub roots: Option<PathBuf>,
    pub encrypted: bool,
    /// The server in words, without a password.
    pub shown: String,
}

/// Parameters that are not the driver's, with the variables that stand for them.
const OURS: [(&str, &str); 4] = [
    ("service", "PGSERVICE"),
    ("passfile", "PGPASSFILE"),
    ("sslmode", "PGSSLMODE"),
    ("sslrootcert", "PGSSLROOTCERT"),
];
/// The driver's own that have a variable.
const DRIVERS: [(&str, &str); 8] = [
    ("host", "PGHOST"),
    ("hostaddr", "PGHOSTADDR"),
    ("port", "PGPORT"),
    ("dbname", "PGDATABASE"),
    ("user", "PGUSER"),
    ("password", "PGPASSWORD"),
    ("options", "PGOPTIONS"),
    ("connect_timeout", "PGCONNECT_TIMEOUT"),
];
const SOCKETS: [&str; 2] = ["/var/run/postgresql", "/tmp"];

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn home() -> Option<PathBuf> {
    variable("HOME").map(PathBuf::from)
}

impl Settings {
    pub fn of(url: &str) -> Result<Settings, Failure> {
        let shown = without_password(url);
        let wrong = |e: &dyn std::fmt::Display| {
            Failure::usage(format_args!("{shown} is not the URL of a central store"))
                .why(e)
                .advice("write postgres://USER@HOST:PORT/DATABASE")
        };
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let mut ours: BTreeMap<String, String> = BTreeMap::new();
        let mut theirs = form_urlencoded::Serializer::new(String::new());
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            match OURS.iter().any(|(name, _)| *name == key) {
                true => drop(ours.insert(key.into_owned(), value.into_owned())),
                false => drop(theirs.append_pair(&key, &value)),
            }
        }
        // The driver reads + as it is.
        let query = theirs.finish().replace('+', "%20");
        let said: postgres::Config = format!("{base}?{query}").parse().map_err(|e| wrong(&e))?;
        let mut rest: BTreeMap<String, String> = BTreeMap::new();
        let service = ours.remove("service").or_else(|| variable("PGSERVICE"));
        if let Some(service) = service {
            rest = read_service(&service)?;
        }
        for (key, name) in OURS.iter().chain(&DRIVERS) {
            if let Some(value) = variable(name) {
                rest.entry((*key).to_owned()).or_insert(value);
            }
        }
        for (key, _) in OURS {
            if let Some(value) = rest.remove(key) {
                ours.entry(key.to_owned()).or_insert(value);
            }
        }
        let mut config = complete(said, &rest).map_err(|e| wrong(&e))?;
        if config.get_password().is_none()
            && let Some(password) = password(&config, ours.get("passfile").map(Path::new))
        {
            config.password(password);
        }
        config.application_name("libaim");
        let mode = ours.get("sslmode").map(String::as_str);
        let encrypted = match mode {
            Some("disable") => false,
            Some("verify-full" | "verify-ca" | "require") => true,
            None => !is_near(&config),
            Some(other) => {
                return Err(wrong(&format_args!(
                    "sslmode {other:?} is none of disable, require, verify-ca, verify-full"
                )));
            }
        };
        config.ssl_mode(match encrypted {
            true => SslMode::Require,
            false => SslMode::Disable,
        });
        let roots = ours.get("sslrootcert").filter(|path| *path != "system");
        let usual = || home().map(|home| home.join(".postgresql/root.crt"));
        let roots = match roots {
            Some(path) => Some(PathBuf::from(path)),
            None => usual().filter(|path| path.exists()),
        };
        Ok(Settings {
            config,
            roots,
            encrypted,
            shown,
        })
    }
}

/// The URL's settings, with those of the service file and the environment where it says nothing.
fn complete(
    said: postgres::Config,
    rest: &BTreeMap<String, String>,
) -> Result<postgres::Config, postgres::Error> {
    let mut config = said;
    let get = |key: &str| rest.get(key).map(String::as_str);
    if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
        let socket = SOCKETS.iter().find(|path| Path::new(path).is_dir());
        match get("host").or(socket.copied()) {
            Some(host) => drop(config.host(host)),
            None => drop(config.host("localhost")),
        }
    }
    // What the driver parses by itself goes through its own parser.
    let text = |key: &str, value: &str| {
        let value = value.replace('\\', "\\\\").replace('\'', "\\'");
        format!("{key}='{value}'").parse::<postgres::Config>()
    };
    if config.get_ports().is_empty()
        && let Some(port) = get("port")
    {
        for port in text("port", port)?.get_ports() {
            config.port(*port);
        }
    }
    if let (None, Some(timeout)) = (config.get_connect_timeout(), get("connect_timeout"))
        && let Some(timeout) = text("connect_timeout", timeout)?.get_connect_timeout()
    {
        config.connect_timeout(*timeout);
    }
    if let (None, Some(name)) = (config.get_dbname(), get("dbname")) {
        config.dbname(name);
    }
    if let (None, Some(user)) = (config.get_user(), get("user")) {
        config.user(user);
    }
    if let (None, Some(password)) = (config.get_password(), get("password")) {
        config.password(password);
    }
    if let (None, Some(options)) = (config.get_options(), get("options")) {
        config.options(options);
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(std::time::Duration::from_secs(15));
    }
    Ok(config)
}

/// Whether the server is on this machine: nobody is on the way to it.
fn is_near(config: &postgres::Config) -> bool {
    let near = |name: &str| {
        name == "localhost"
            || name
                .parse::<std::net::IpAddr>()
                .is_ok_and(|a| a.is_loopback())
    };
    let hosts = config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => near(name),
        Host::Unix(_) => true,
    });
    hosts && config.get_hostaddrs().iter().all(|a| a.is_loopback())
}

/// The section of a service file.
fn read_service(service: &str) -> Result<BTreeMap<String, String>, Failure> {
    let mut files: Vec<PathBuf> = Vec::new();
    match variable("PGSERVICEFILE") {
        Some(path) => files.push(path.into()),
        None => files.extend(home().map(|home| home.join(".pg_service.conf"))),
    }
    let system = variable("PGSYSCONFDIR").unwrap_or_else(|| "/etc/postgresql-common".to_owned());
    files.push(Path::new(&system).join("pg_service.conf"));
    for path in &files {
        let Ok(text) = std::fs::read_to_string(path) else {
            continue;
        };
        let mut lines = text.lines().map(str::trim);
        let head = format!("[{service}]");
        if !lines.any(|line| line == head) {
            continue;
        }
        let section = lines.take_while(|line| !line.starts_with('['));
        let pairs = section.filter(|line| !line.starts_with('#'));
        return Ok(pairs
            .filter_map(|line| line.split_once('='))
            .map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
            .collect());
    }
    let names: Vec<String> = files.iter().map(|p| p.display().to_string()).collect();
    Err(
        Failure::new(format_args!("there is no service \"{service}\""))
            .why(format_args!("none of {} has it", names.join(", "))),
    )
}

/// The password that a password file has for the server.
fn password(config: &postgres::Config, file: Option<&Path>) -> Option<String> {
    let path = match file {
        Some(path) => path.to_owned(),
        None => home()?.join(".pgpass"),
    };
    let mode = std::fs::metadata(&path).ok()?.permissions().mode();
    if mode & 0o077 != 0 {
        say!(
            "{} is left unread: others may read it; chmod 600 it",
            path.display()
        );
        return None;
    }
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(name)) => name.clone(),
        Some(Host::Unix(path)) if SOCKETS.iter().any(|s| Path::new(s) == path) => {
            "localhost".to_owned()
        }
        Some(Host::Unix(path)) => path.display().to_string(),
        None => config.get_hostaddrs().first()?.to_string(),
    };
    let port = config.get_ports().first().unwrap_or(&5432).to_string();
    let own = variable("USER").unwrap_or_default();
    let user = config.get_user().unwrap_or(&own).to_owned();
    let database = config.get_dbname().unwrap_or(&user).to_owned();
    let asked = [host, port, database, user];
    let text = std::fs::read_to_string(&path).ok()?;
    text.lines().find_map(|line| {
        let fields = password_fields(line)?;
        let matches = fields
            .iter()
            .zip(&asked)
            .all(|(field, asked)| field == "*" || field == asked);
        matches.then(|| fields[4].clone())
    })
}

/// The five fields of a line, in which `\` makes a colon or itself ordinary.
fn password_fields(line: &str) -> Option<[String; 5]> {
    let mut fields: [String; 5] = Default::default();
    let mut at = 0;
    let mut chars = line.chars();
    if line.starts_with('#') {
        return None;
    }
    while let Some(c) = chars.next() {
        match c {
            '\\' => fields[at].extend(chars.next()),
            // The password is the rest of the line.
            ':' if at < 4 => at += 1,
            c => fields[at].push(c),
        }
    }
    (at == 4).then_some(fields)
}

/// The URL for people to read: without its password and parameters.
fn without_password(url: &str) -> String {
    let url = url.split('?').next().unwrap_or_default();
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    match rest.rsplit_once('@') {
        Some((user, host)) => {
            let user = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}@{host}")
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_not_shown() {
        let shown = without_password("postgres://me:se:cr@t@host:1/db?password=x");
        assert_eq!(shown, "postgres://me@host:1/db");
        assert_eq!(without_password("postgres:///db"), "postgres:///db");
    }

    #[test]
    fn lines_of_a_password_file_are_taken_apart() {
        let fields = password_fields(r"a\:b:*:c\\d:e:p:w").unwrap();
        assert_eq!(fields, ["a:b", "*", r"c\d", "e", "p:w"]);
        assert_eq!(password_fields("# a:b:c:d:e"), None);
        assert_eq!(password_fields("a:b"), None);
    }
}
