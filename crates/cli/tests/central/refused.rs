//! Servers, stores and credentials that are not as they should be: one clear error each.

use crate::common::{Sandbox, said, sample};
use crate::server::Server;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

fn sandbox() -> Sandbox {
    let s = Sandbox::new();
    sample(&s.repo("a"));
    s
}

#[test]
fn stores_of_another_version_and_none() {
    let server = Server::new();
    let url = server.database("central");
    let s = sandbox();
    let sync = |url: &str| s.run("a", &["sync", ".", url]);
    let none = sync(&url);
    assert_eq!(none.code, 1, "{none:?}");
    assert!(none.err.contains("is no central store yet") && none.err.contains("sync --init"));
    assert_eq!(s.run("a", &["sync", "--init", &url]).code, 0);
    let newer = "UPDATE aim_meta SET value = '99' WHERE key = 'format'";
    server.client("central").batch_execute(newer).unwrap();
    for args in [vec!["sync", ".", &url], vec!["sync", "--init", ".", &url]] {
        let newer = s.run("a", &args);
        assert_eq!(newer.code, 1, "{newer:?}");
        assert!(newer.err.contains("is of version 99") && newer.err.contains("use a newer libaim"));
    }
    let missing = sync(&server.url("nowhere"));
    assert!(
        missing.err.contains("cannot be reached") && missing.err.contains("createdb"),
        "{missing:?}"
    );
    let gone = sync("postgres://aim@127.0.0.1:1/central");
    assert!(
        gone.err.contains("cannot be reached") && gone.err.contains("refused"),
        "{gone:?}"
    );
    for wrong in [
        "postgres://aim@host:x/db",
        "mysql://host/db",
        "postgres:///db?sslmode=prefer",
    ] {
        let wrong = sync(wrong);
        assert_eq!(wrong.code, 2, "{wrong:?}");
        assert!(
            wrong.err.contains("is not the URL of a central store"),
            "{wrong:?}"
        );
    }
}

/// Makes a certificate for a name, signed by itself.
fn certificate(directory: &Path, name: &str) {
    let made = Command::new("openssl")
        .args([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout",
        ])
        .arg(directory.join("key.pem"))
        .arg("-out")
        .arg(directory.join("cert.pem"))
        .args([
            "-subj",
            &format!("/CN={name}"),
            "-addext",
            &format!("subjectAltName=DNS:{name}"),
        ])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
}

#[test]
fn passwords_and_certificates() {
    let mut server = Server::new();
    server.database("central");
    let make = "CREATE ROLE me LOGIN SUPERUSER PASSWORD 'correct horse'";
    server.client("central").batch_execute(make).unwrap();
    let s = sandbox();
    let directory = s.path("certificates");
    std::fs::create_dir(&directory).unwrap();
    certificate(&directory, "localhost");
    let read = |name: &str| std::fs::read_to_string(directory.join(name)).unwrap();
    server.file("server.crt", &read("cert.pem"));
    server.file("server.key", &read("key.pem"));
    server.file(
        "pg_hba.conf",
        "local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n",
    );
    server.stop();
    server.start_with(&["ssl=on"]);
    let url = format!("postgres://me@localhost:{}/central", server.port);
    let root = directory.join("cert.pem").display().to_string();
    let verified = format!("{url}?sslmode=verify-full&sslrootcert={root}");
    let sync = |url: &str, variables: &[(&str, &str)]| {
        let mut program = s.program("a");
        program.envs(variables.iter().copied());
        said(program.args(["sync", "--init", ".", url]))
    };
    let password = ("PGPASSWORD", "correct horse");
    // Without TLS the server lets nobody in.
    let plain = sync(&format!("{url}?sslmode=disable"), &[password]);
    assert_eq!(plain.code, 1, "{plain:?}");
    assert!(
        plain.err.contains("no encryption") && plain.err.contains("sslmode=verify-full"),
        "{plain:?}"
    );
    // Nobody vouches for the certificate, or it is another's.
    let unknown = sync(&format!("{url}?sslmode=require"), &[password]);
    assert_eq!(unknown.code, 1, "{unknown:?}");
    assert!(
        unknown.err.contains("certificate") && unknown.err.contains("sslrootcert=FILE"),
        "{unknown:?}"
    );
    let other = verified.replace("localhost", "127.0.0.1");
    let other = sync(&other, &[password]);
    assert!(
        other.err.contains("certificate") && other.err.contains("not valid for name"),
        "{other:?}"
    );
    let unread = sync(&verified.replace("cert.pem", "none.pem"), &[password]);
    assert!(
        unread.err.contains("none.pem") && unread.err.contains("cannot be read"),
        "{unread:?}"
    );
    // A wrong password, none, and the places where it may be.
    let wrong = sync(&verified, &[("PGPASSWORD", "wrong")]);
    assert!(
        wrong.err.contains("password authentication failed"),
        "{wrong:?}"
    );
    assert_eq!(wrong.err.lines().count(), 3, "{wrong:?}");
    let none = sync(&verified, &[]);
    assert!(none.err.contains("PGPASSFILE"), "{none:?}");
    let file = s.path("passwords");
    std::fs::write(
        &file,
        format!(
            "elsewhere:*:*:*:no\nlocalhost:{}:*:me:correct horse\n",
            server.port
        ),
    )
    .unwrap();
    let named = [("PGPASSFILE", file.to_str().unwrap())];
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).unwrap();
    let open = sync(&verified, &named);
    assert!(open.code == 1 && open.err.contains("chmod 600"), "{open:?}");
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
    let good = sync(&verified, &named);
    assert_eq!(good.code, 0, "{good:?}");
    assert!(good.err.starts_with("brought 5 runs"), "{good:?}");
    let mut client = server.client("central");
    let encrypted = "SELECT count(*) FROM aim_run";
    assert_eq!(
        client.query_one(encrypted, &[]).unwrap().get::<_, i64>(0),
        5
    );
    // A service says it all.
    let service = s.path("services");
    let text = format!(
        "[other]\nhost=nowhere\n\n[lab]\n# ours\nhost=localhost\nport={}\ndbname=central\nuser=me\nsslmode=verify-full\nsslrootcert={root}\npassword=correct horse\n",
        server.port
    );
    std::fs::write(&service, text).unwrap();
    let places = [
        ("PGSERVICEFILE", service.to_str().unwrap()),
        ("PGSERVICE", "lab"),
    ];
    let by_service = sync("postgres://", &places);
    assert!(
        by_service.err.contains("5 were there already"),
        "{by_service:?}"
    );
    let missing = sync("postgres://?service=none", &places);
    assert!(
        missing.err.contains("there is no service \"none\""),
        "{missing:?}"
    );
}
