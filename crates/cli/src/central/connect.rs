//! A connection to the central store, and what its errors mean.

use super::engine::Engine;
use super::settings::Settings;
use super::tls::Tls;
use crate::failure::Failure;
use postgres::error::SqlState;
use postgres::{Client, NoTls};
use std::error::Error as _;

pub struct Store {
    settings: Settings,
    tls: Option<Tls>,
    pub client: Client,
    pub engine: Engine,
    /// Another connection to the same server was lost, though this one may not know it yet.
    lost: bool,
}

impl Store {
    /// Finds out what keeps the store.
    pub fn recognise(&mut self) -> Result<(), Failure> {
        let engine = Engine::of(&mut self.client);
        self.engine = engine.map_err(|e| self.failure(&e))?;
        Ok(())
    }

    /// Connects to a server, whatever is there.
    pub fn connect(url: &str) -> Result<Store, Failure> {
        let settings = Settings::of(url)?;
        let tls = match settings.encrypted {
            true => Some(Tls::trusting(settings.roots.as_deref())?),
            false => None,
        };
        let client = client(&settings, tls.as_ref())?;
        Ok(Store {
            settings,
            tls,
            client,
            engine: Engine::default(),
            lost: false,
        })
    }

    /// A new connection in the place of one that was lost.
    pub fn reconnect(&mut self) -> Result<(), Failure> {
        self.client = client(&self.settings, self.tls.as_ref())?;
        self.lost = false;
        Ok(())
    }

    /// Another connection to the same store.
    pub fn another(&self) -> Result<Store, Failure> {
        Ok(Store {
            settings: self.settings.clone(),
            tls: self.tls.clone(),
            client: client(&self.settings, self.tls.as_ref())?,
            engine: self.engine,
            lost: false,
        })
    }

    /// Whether there is no connection any more.
    pub fn is_lost(&self) -> bool {
        self.lost || self.client.is_closed()
    }

    /// Another connection to the same server was lost: this one is not trusted any more.
    pub fn give_up(&mut self) {
        self.lost = true;
    }

    /// The server in words.
    pub fn shown(&self) -> &str {
        &self.settings.shown
    }

    pub fn failure(&self, e: &postgres::Error) -> Failure {
        failure(self.shown(), e)
    }
}

fn client(settings: &Settings, tls: Option<&Tls>) -> Result<Client, Failure> {
    let config = &settings.config;
    let connected = match tls {
        Some(tls) => config.connect(tls.clone()),
        None => config.connect(NoTls),
    };
    let mut client = connected.map_err(|e| unreachable(settings, &e))?;
    client
        .batch_execute("SET search_path = aim, public; SET client_min_messages = warning")
        .map_err(|e| failure(&settings.shown, &e))?;
    Ok(client)
}

/// The innermost reason, which says most.
fn reason(e: &postgres::Error) -> String {
    if let Some(e) = e.as_db_error() {
        return e.message().to_owned();
    }
    let mut text = e.to_string();
    let mut inner = e.source();
    while let Some(e) = inner {
        text = format!("{text}: {e}");
        inner = e.source();
    }
    text
}

fn unreachable(settings: &Settings, e: &postgres::Error) -> Failure {
    let why = reason(e);
    let failure = Failure::new(format_args!("{} cannot be reached", settings.shown)).why(&why);
    let advice = match e.code() {
        Some(&SqlState::INVALID_PASSWORD) => {
            "check the password in PGPASSWORD or the file ~/.pgpass (PGPASSFILE)"
        }
        Some(&SqlState::INVALID_AUTHORIZATION_SPECIFICATION) if !settings.encrypted => {
            "the server may want TLS: put sslmode=verify-full into the URL, or check the user"
        }
        Some(&SqlState::INVALID_AUTHORIZATION_SPECIFICATION) => {
            "check the user and the server's pg_hba.conf"
        }
        Some(&SqlState::INVALID_CATALOG_NAME) => "create the database first: createdb NAME",
        _ if why.contains("server does not support TLS") => {
            "let the server have a certificate (ssl = on), or put sslmode=disable into the URL where nobody can listen"
        }
        _ if why.contains("certificate") => {
            "name the file of the server's authority with sslrootcert=FILE in the URL, and the server as its certificate does"
        }
        _ if why.contains("password missing") => {
            "give the password in PGPASSWORD or the file ~/.pgpass (PGPASSFILE)"
        }
        _ => "check host and port, and that the server runs",
    };
    failure.advice(advice)
}

pub fn failure(shown: &str, e: &postgres::Error) -> Failure {
    let failure = Failure::new(format_args!("{shown} answers with an error")).why(reason(e));
    match e.code() {
        Some(&SqlState::INSUFFICIENT_PRIVILEGE) => {
            failure.advice("docs/central.md has the roles: give this user the one it needs")
        }
        Some(&SqlState::READ_ONLY_SQL_TRANSACTION) => {
            failure.advice("name the server that takes writes, not one that follows it")
        }
        None => Failure::new(format_args!("the connection to {shown} was lost"))
            .why(reason(e))
            .advice("try again when the server runs; what was brought there stays, and nothing comes twice"),
        Some(_) => failure,
    }
}

/// Whether the same may work a moment later.
pub fn is_passing(engine: Engine, e: &postgres::Error) -> bool {
    match e.code() {
        None => e.is_closed() || e.source().is_some_and(|e| e.is::<std::io::Error>()),
        Some(code) => {
            [
                SqlState::T_R_DEADLOCK_DETECTED,
                SqlState::T_R_SERIALIZATION_FAILURE,
                SqlState::ADMIN_SHUTDOWN,
                SqlState::CRASH_SHUTDOWN,
                SqlState::CANNOT_CONNECT_NOW,
                SqlState::LOCK_NOT_AVAILABLE,
            ]
            .contains(code)
                || code.code().starts_with("08")
                // A commit whose outcome Citus does not know: the cursor tells.
                || engine == Engine::Citus && *code == SqlState::INTERNAL_ERROR
        }
    }
}

/// Whether the server does not take a value: it is out of bounds, or there is too much of it.
pub fn is_about_data(e: &postgres::Error) -> bool {
    let class = e.code().and_then(|code| code.code().get(..2));
    matches!(class, Some("22" | "23" | "54"))
}
