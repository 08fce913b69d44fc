//! Who may ask, and what stays closed.

use crate::support::{Server, http, repo};

fn server(args: &[&str]) -> Server {
    Server::with(args, |root| drop(repo::of_all_kinds(root)))
}

const APP: &str = r#"{"type": "metrics", "state": {}}"#;

#[test]
fn only_names_of_this_machine_are_answered() {
    let server = server(&[]);
    let port = server.address.rsplit(':').next().unwrap();
    let ask = |host: &str| {
        http::ask(
            &server.address,
            "GET",
            "/api/projects",
            &[("Host", host)],
            None,
        )
        .status
    };
    for ours in [
        "localhost".to_owned(),
        format!("localhost:{port}"),
        format!("[::1]:{port}"),
    ] {
        assert_eq!(ask(&ours), 200, "{ours}");
    }
    for other in [
        "evil.example",
        "localhost.evil.example",
        "10.0.0.1",
        "127.0.0.1.evil.example:80",
        "",
    ] {
        assert_eq!(ask(other), 403, "{other}");
    }
}

#[test]
fn pages_of_other_sites_change_nothing() {
    let server = server(&[]);
    let ours = format!("http://{}", server.address);
    let post = |headers: &[(&str, &str)]| {
        http::ask(&server.address, "POST", "/api/apps", headers, Some(APP)).status
    };
    assert_eq!(post(&[]), 201);
    assert_eq!(post(&[("Origin", &ours)]), 201);
    assert_eq!(
        post(&[
            ("Origin", "http://other.example"),
            ("Sec-Fetch-Site", "same-origin")
        ]),
        201
    );
    assert_eq!(post(&[("Origin", "http://evil.example")]), 403);
    assert_eq!(post(&[("Origin", "null")]), 403);
    assert_eq!(post(&[("Origin", "http://localhost:1")]), 403);
    assert_eq!(
        post(&[("Origin", &ours), ("Sec-Fetch-Site", "cross-site")]),
        403
    );
    assert_eq!(post(&[("Sec-Fetch-Site", "same-site")]), 403);
    assert_eq!(post(&[("Content-Type", "text/plain")]), 415);
    assert_eq!(
        post(&[("Content-Type", "application/x-www-form-urlencoded")]),
        415
    );
    assert_eq!(
        post(&[("Content-Type", "application/json; charset=utf-8")]),
        201
    );
    let apps = server.json("/api/apps");
    assert_eq!(apps.as_array().unwrap().len(), 4);
    let id = apps[0]["id"].as_str().unwrap();
    let path = format!("/api/apps/{id}");
    let evil = [("Origin", "http://evil.example")];
    assert_eq!(
        http::ask(&server.address, "DELETE", &path, &evil, None).status,
        403
    );
    assert_eq!(server.ask("DELETE", &path, None).status, 200);
}

#[test]
fn a_token_opens_by_address_once_then_by_cookie() {
    let server = server(&["--token"]);
    let token = server.url.split("token=").nth(1).unwrap().to_owned();
    assert_eq!(token.len(), 48);
    let closed = server.get("/api/projects");
    assert_eq!(closed.status, 403);
    assert!(!closed.json()["message"].as_str().unwrap().is_empty());
    assert_eq!(server.get("/").status, 403);
    assert_eq!(server.get("/static-files/js/a.js").status, 403);
    for wrong in [
        "",
        "x",
        &token[1..],
        &token.to_uppercase().replace('A', "B"),
    ] {
        assert_eq!(
            server.get(&format!("/?token={wrong}")).status,
            403,
            "{wrong}"
        );
    }
    let first = server.get(&format!("/runs?x=1&token={token}"));
    assert_eq!(first.status, 303);
    assert_eq!(first.header("location"), Some("/runs?x=1"));
    let cookie = first.header("set-cookie").unwrap();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let elsewhere = server.get(&format!("//evil.example/?token={token}"));
    assert_eq!(elsewhere.header("location"), Some("/evil.example"));
    let pair = cookie.split(';').next().unwrap();
    let with = |name: &str, value: &str| {
        http::ask(
            &server.address,
            "GET",
            "/api/projects",
            &[(name, value)],
            None,
        )
        .status
    };
    assert_eq!(with("Cookie", &format!("a=b; {pair}")), 200);
    assert_eq!(with("Cookie", &format!("{pair}0")), 403);
    assert_eq!(with("Authorization", &format!("Bearer {token}")), 200);
    // A proxy may show the server under any name: the token tells.
    let named = [("Host", "aim.example"), ("Cookie", pair)];
    let answer = http::ask(&server.address, "GET", "/api/projects", &named, None);
    assert_eq!(answer.status, 200);
}

#[test]
fn an_address_that_others_reach_asks_for_a_token() {
    let server = server(&["--host", "0.0.0.0"]);
    assert!(server.url.contains("?token="));
    let port = server.address.rsplit(':').next().unwrap();
    let answer = http::ask(
        &format!("127.0.0.1:{port}"),
        "GET",
        "/api/projects",
        &[],
        None,
    );
    assert_eq!(answer.status, 403);
}

#[test]
fn a_base_path_holds_everything() {
    let server = server(&["--base-path", "/x/y/"]);
    assert!(server.url.ends_with("/x/y/"));
    assert_eq!(server.get("/x/y/api/projects").status, 200);
    assert_eq!(server.get("/api/projects").status, 404);
    assert_eq!(server.get("/x/y/static-files/js/a.js").text(), "plain");
    for path in ["/x/y", "/x/y/", "/x/y/runs/abc/metrics"] {
        let page = server.get(path);
        assert_eq!(
            page.header("content-type"),
            Some("text/html; charset=utf-8"),
            "{path}"
        );
        assert_eq!(page.text(), "<html><base href=\"/x/y/\">page</html>");
    }
}

#[test]
fn the_cookie_of_a_base_path_covers_it_with_and_without_its_last_slash() {
    let server = server(&["--base-path", "/x/y", "--token"]);
    let token = server.url.split("token=").nth(1).unwrap();
    let first = server.get(&format!("/x/y/?token={token}"));
    assert_eq!(first.header("location"), Some("/x/y"));
    let cookie = first.header("set-cookie").unwrap();
    assert!(cookie.contains("; Path=/x/y;"), "{cookie}");
}

#[test]
fn read_only_servers_read() {
    let server = server(&["--read-only"]);
    let hash = server.json("/api/v1/runs")["runs"][0]["hash"]
        .as_str()
        .unwrap()
        .to_owned();
    for (method, path, body) in [
        ("POST", "/api/apps".to_owned(), APP),
        (
            "POST",
            "/api/projects/pinned-sequences".to_owned(),
            r#"{"sequences": []}"#,
        ),
        ("POST", "/api/tags".to_owned(), r#"{"name": "t"}"#),
        ("PUT", format!("/api/runs/{hash}"), r#"{"name": "n"}"#),
        ("DELETE", format!("/api/runs/{hash}"), ""),
        ("POST", "/api/runs/delete-batch".to_owned(), "[]"),
        ("POST", "/api/runs/archive-batch".to_owned(), "[]"),
        (
            "POST",
            format!("/api/runs/{hash}/note"),
            r#"{"content": "c"}"#,
        ),
    ] {
        assert_eq!(
            server.ask(method, &path, Some(body)).status,
            403,
            "{method} {path}"
        );
    }
    let batch = format!("/api/runs/{hash}/metric/get-batch");
    assert_eq!(server.ask("POST", &batch, Some("[]")).status, 200);
}

#[test]
fn files_outside_stay_there() {
    let server = server(&[]);
    for path in [
        "/static-files/../secret",
        "/static-files/%2e%2e/secret",
        "/static-files/..%2fsecret",
        "/static-files/js/../../secret",
        "/static-files//etc/passwd",
        "/static-files/js%00/a.js",
        "/static-files/js",
        "/static-files/none.js",
    ] {
        let answer = server.get(path);
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.text().contains("root:") && answer.text() != "secret");
    }
}

#[test]
fn files_are_packed_for_who_can_unpack() {
    let server = server(&[]);
    let plain = server.get("/static-files/js/a.js?version=1");
    assert_eq!(plain.text(), "plain");
    assert_eq!(plain.header("content-type"), Some("text/javascript"));
    assert_eq!(plain.header("x-content-type-options"), Some("nosniff"));
    let accept = [("Accept-Encoding", "gzip, br")];
    let packed = http::ask(
        &server.address,
        "GET",
        "/static-files/js/a.js",
        &accept,
        None,
    );
    assert_eq!(packed.text(), "packed");
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert_eq!(packed.header("content-type"), Some("text/javascript"));
}

#[test]
fn pages_load_nothing_from_elsewhere() {
    let server = server(&[]);
    let page = server.get("/metrics");
    assert!(!page.text().contains("https://"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'self'") && !policy.contains("http"));
    assert_eq!(page.header("access-control-allow-origin"), None);
}

#[test]
fn refusals_are_json() {
    let server = server(&[]);
    for (method, path, body, status) in [
        ("GET", "/api/nothing", None, 404),
        ("GET", "/api/runs/xyz/info", None, 404),
        ("PATCH", "/api/tags", Some("{}"), 405),
        ("POST", "/api/apps", Some("{"), 422),
        ("POST", "/api/runs/search/metric/align", Some("[]"), 422),
        ("GET", "/api/runs/search/run?limit=-1", None, 422),
        (
            "GET",
            "/api/runs/search/run?report_progress=perhaps",
            None,
            422,
        ),
        ("GET", "/api/runs/search/metric?p=0", None, 422),
    ] {
        let answer = server.ask(method, path, body);
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
        assert!(answer.json()["message"].is_string());
    }
    let long = format!("[\"{}\"]", "x".repeat(3 << 20));
    let answer = server.ask("POST", "/api/runs/archive-batch", Some(&long));
    assert_eq!(answer.status, 413);
    assert!(answer.json()["message"].is_string());
}
