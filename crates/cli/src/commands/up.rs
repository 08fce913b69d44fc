//! `libaim up`: the web UI.

use crate::context::Context;
use crate::failure::Failure;
use crate::web::{Access, Kept, Settings, Ui, keep, serve};
use clap::Args;
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;

/// Aim's own port.
const PORT: u16 = 43_800;

/// Show the repository in the browser
///
/// Serves Aim's UI (PyPI package aim-ui 3.29.1) over the repository, and an API for scripts at /api/v1. Nothing leaves this
/// machine.
#[derive(Args)]
pub struct Up {
    /// The address to serve; one that other machines reach asks for a token
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST), value_name = "IP")]
    host: IpAddr,

    /// The port to serve; 0: one that is free
    #[arg(long, short, default_value_t = PORT, value_name = "PORT")]
    port: u16,

    /// Ask for a token on loopback, too: others may have an account on this machine
    #[arg(long)]
    token: bool,

    /// The path at which a proxy shows this server, such as /aim
    #[arg(
        long,
        default_value = "",
        hide_default_value = true,
        value_name = "PATH"
    )]
    #[arg(value_parser = base_path)]
    base_path: String,

    /// Change nothing in the repository
    #[arg(long)]
    read_only: bool,

    /// Where the UI lies [default: beside this program, else where pip installed it]
    #[arg(long, value_name = "DIR")]
    ui: Option<PathBuf>,
}

/// "" or `/x/y`.
fn base_path(text: &str) -> Result<String, String> {
    let trimmed = text.trim_matches('/');
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~/".contains(c);
    let has_steps = trimmed.split('/').any(|part| matches!(part, "." | ".."));
    if !trimmed.chars().all(is_plain) || trimmed.contains("//") || has_steps {
        return Err("it is letters, digits, and any of - . _ ~ between slashes".to_owned());
    }
    Ok(match trimmed {
        "" => String::new(),
        path => format!("/{path}"),
    })
}

impl Up {
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match Kept::find() {
            Ok(Some(kept)) => self.serve(context, kept),
            Ok(None) => self.keep(),
            Err(e) => Err(Failure::new("the server has no socket").why(e)),
        }
    }

    /// Has the address, and a server on it.
    fn keep(self) -> Result<(), Failure> {
        let address = SocketAddr::new(self.host, self.port);
        let listener = TcpListener::bind(address).map_err(|e| cannot(address, &e))?;
        let token = (self.token || !self.host.is_loopback())
            .then(Access::random_token)
            .transpose()
            .map_err(|e| Failure::new("no token can be made").why(e))?;
        keep(&listener, token.as_deref())
    }

    fn serve(self, context: &Context, kept: Kept) -> Result<(), Failure> {
        let (repo, live) = context.watching()?;
        let ui = match &self.ui {
            Some(directory) => Some(Ui::at(directory).map_err(|why| {
                Failure::new("there is no UI")
                    .why(why)
                    .advice("give the directory of the package aim-ui, or its build")
            })?),
            None => Ui::find(),
        };
        if ui.is_none() && kept.is_first {
            say!(
                "No pages: Aim's UI is not installed. `make ui` or `pip install aim-ui==3.29.1` brings it; \
                 the API at /api/v1 answers all the same."
            );
        }
        let (access, secret) = match kept.token {
            Some(token) => {
                let secret = format!("?token={token}");
                (Access::Token(token), secret)
            }
            None => (Access::Open, String::new()),
        };
        let what = match &live {
            Some(live) => live.shown().to_owned(),
            None => repo.root().display().to_string(),
        };
        let base = self.base_path.clone();
        let settings = Settings {
            base_path: self.base_path,
            read_only: self.read_only || live.is_some(),
            access,
            ui,
        };
        let address = SocketAddr::new(self.host, self.port);
        serve(repo, live, settings, kept.listener, |address| {
            if kept.is_first {
                // Whoever started the server may have stopped reading: it serves all the same.
                let _ = writeln!(
                    std::io::stdout(),
                    "{what} is at http://{address}{base}/{secret}\nCtrl-C ends it."
                );
            }
        })
        .map_err(|e| cannot(address, &e))
    }
}

fn cannot(address: SocketAddr, e: &std::io::Error) -> Failure {
    let failure = Failure::new(format_args!("{address} cannot be served")).why(e);
    match e.kind() {
        std::io::ErrorKind::AddrInUse => failure.advice("choose another with --port"),
        _ => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::base_path;

    #[test]
    fn base_paths_have_a_slash_in_front_and_none_behind() {
        for (given, expected) in [("", ""), ("/", ""), ("x", "/x"), ("/x/y/", "/x/y")] {
            assert_eq!(base_path(given).unwrap(), expected);
        }
        for wrong in ["/a b", "/x?y", "/x//y", "/x/../y", "/{x}", "/<script>"] {
            assert!(base_path(wrong).is_err(), "{wrong}");
        }
    }
}
