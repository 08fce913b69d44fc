//! What a store on Citus asks of `libaim sync`, shown by PostgreSQL with stand-ins for Citus' functions: a transaction touches one
//! shard and 32 runs of it at most, and where it is not known whether a commit came about, nothing is lost and nothing twice.

use crate::common::Sandbox;
use crate::equal::assert_equal;
use crate::random::{Random, rounds};
use crate::server::Server;
use aim::repo::RepoRef;
use aim::run::Run;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

const SHARDS: i64 = 4;

/// Citus' catalogue and functions, as far as they are asked.
pub const STAND_IN: &str = "
    CREATE TABLE pg_catalog.pg_dist_partition (logicalrelid regclass);
    GRANT SELECT ON pg_catalog.pg_dist_partition TO PUBLIC;
    INSERT INTO pg_extension SELECT 1, 'citus', extowner, extnamespace, false, '12.1', NULL, NULL FROM pg_extension LIMIT 1;
    CREATE FUNCTION create_reference_table(t regclass) RETURNS void LANGUAGE sql AS '';
    CREATE FUNCTION create_distributed_table(t regclass, k text, shard_count int DEFAULT 0, colocate_with text DEFAULT '')
        RETURNS void LANGUAGE sql AS 'INSERT INTO pg_catalog.pg_dist_partition VALUES (t)';
    CREATE FUNCTION get_shard_id_for_distribution_column(t regclass, r bytea) RETURNS bigint LANGUAGE sql
        AS 'SELECT (get_byte(r, 11) % 4)::bigint';";
/// Notes which transaction moves the cursor of which run.
const NOTES: &str = "
    CREATE TABLE public.moved (txn bigint, run bytea);
    CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN INSERT INTO public.moved VALUES (txid_current(), new.run); RETURN new; END';
    CREATE TRIGGER note AFTER INSERT OR UPDATE ON aim.aim_cursor FOR EACH ROW EXECUTE FUNCTION public.note();";

/// What becomes of a commit on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    /// It comes about, and what comes back is that nobody knows.
    Unknown,
    /// It does not come about.
    Refused,
    /// It comes about, and the connection is gone.
    Gone,
}

/// A proxy before a server that does to commits what is drawn.
struct Proxy {
    port: u16,
    faults: Arc<AtomicU64>,
}

/// A message: its type, unless it is the first of a client, and the rest.
fn message(from: &mut TcpStream, typed: bool) -> Option<(u8, Vec<u8>)> {
    let mut head = [0; 5];
    let head = match typed {
        true => &mut head[..],
        false => &mut head[1..],
    };
    from.read_exact(head).ok()?;
    let (kind, length) = match typed {
        true => (head[0], &head[1..]),
        false => (0, &head[..]),
    };
    let length = u32::from_be_bytes(length.try_into().unwrap()) as usize;
    let mut body = vec![0; length - 4];
    from.read_exact(&mut body).ok()?;
    Some((kind, body))
}

fn send(to: &mut TcpStream, kind: u8, body: &[u8]) -> Option<()> {
    let mut bytes = Vec::new();
    if kind != 0 {
        bytes.push(kind);
    }
    bytes.extend_from_slice(&(body.len() as u32 + 4).to_be_bytes());
    bytes.extend_from_slice(body);
    to.write_all(&bytes).ok()
}

const ANSWER: &[u8] = b"SERROR\0VERROR\0CXX000\0Mcould not commit transaction for shard 102008 on at least one worker\0\0";

impl Proxy {
    fn before(server: u16, draw: impl FnMut() -> Fault + Send + 'static) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let faults = Arc::new(AtomicU64::new(0));
        let (draw, counter) = (Arc::new(Mutex::new(draw)), Arc::clone(&faults));
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let server = TcpStream::connect(("127.0.0.1", server)).unwrap();
                pass(
                    client.unwrap(),
                    server,
                    Arc::clone(&draw),
                    Arc::clone(&counter),
                );
            }
        });
        Proxy { port, faults }
    }

    fn url(&self, database: &str) -> String {
        format!(
            "postgres://aim@127.0.0.1:{}/{database}?sslmode=disable",
            self.port
        )
    }
}

fn pass(
    client: TcpStream,
    server: TcpStream,
    draw: Arc<Mutex<impl FnMut() -> Fault + Send + 'static>>,
    faults: Arc<AtomicU64>,
) {
    for side in [&client, &server] {
        side.set_nodelay(true).unwrap();
    }
    let fault = Arc::new(Mutex::new(Fault::None));
    let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let drawn = Arc::clone(&fault);
    std::thread::spawn(move || {
        let mut typed = false;
        while let Some((kind, body)) = message(&mut from, typed) {
            typed = true;
            let mut body = body;
            if kind == b'Q' && body.starts_with(b"COMMIT") {
                let fault = draw.lock().unwrap()();
                *drawn.lock().unwrap() = fault;
                if fault == Fault::Refused {
                    body = b"ROLLBACK\0".to_vec();
                }
                faults.fetch_add(u64::from(fault != Fault::None), Ordering::Relaxed);
            }
            if send(&mut to, kind, &body).is_none() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
    });
    std::thread::spawn(move || {
        let (mut from, mut to) = (server, client);
        while let Some((mut kind, mut body)) = message(&mut from, true) {
            let is_end = kind == b'C' && (body == b"COMMIT\0" || body == b"ROLLBACK\0");
            if is_end {
                match std::mem::replace(&mut *fault.lock().unwrap(), Fault::None) {
                    Fault::None => {}
                    Fault::Gone => break,
                    Fault::Unknown | Fault::Refused => {
                        (kind, body) = (b'E', ANSWER.to_vec());
                    }
                }
            }
            if send(&mut to, kind, &body).is_none() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
    });
}

/// A store that takes itself for one on Citus.
fn store(s: &Sandbox) -> Server {
    let server = Server::with(&[
        "allow_system_table_mods=on",
        "max_connections=200",
        "log_min_duration_statement=0",
    ]);
    let url = server.database("central");
    let refused = s.run("a", &["sync", "--init=citus", &url]);
    assert!(refused.err.contains("no extension citus"), "{refused:?}");
    server.client("central").batch_execute(STAND_IN).unwrap();
    let made = s.run("a", &["sync", "--init=citus", &url]);
    assert_eq!(made.code, 0, "{made:?}");
    server.client("central").batch_execute(NOTES).unwrap();
    server
}

/// A repository of so many runs, each with a point.
fn repo_of(s: &Sandbox, runs: i64) -> RepoRef {
    let repo = s.repo("a");
    for _ in 0..runs {
        let run = Run::create(repo.clone(), None).unwrap();
        run.metric("loss", None).unwrap().track(0.5, 1, 0).unwrap();
        run.close().unwrap();
    }
    repo
}

#[test]
fn a_transaction_brings_32_runs_of_one_shard() {
    const RUNS: i64 = 300;
    let s = Sandbox::new();
    let repo = repo_of(&s, RUNS);
    let server = store(&s);
    let said = s.run("a", &["sync", ".", &server.url("central")]);
    assert!(said.err.starts_with("brought 300 runs"), "{said:?}");
    let mut client = server.client("central");
    let sql = "SELECT count(*), max(n), max(shards), sum(n)::bigint FROM (SELECT txn, count(*) AS n, \
               count(DISTINCT get_byte(run, 11) % 4) AS shards FROM public.moved GROUP BY txn) AS t";
    let row = client.query_one(sql, &[]).unwrap();
    let [txns, most, shards, moved] = [0, 1, 2, 3].map(|at| row.get::<_, i64>(at));
    assert_eq!((shards, moved), (1, RUNS));
    assert!(most <= 32, "{most} runs in one transaction");
    // No more transactions than that takes.
    assert!(txns <= RUNS / 32 + SHARDS, "{txns} transactions");
    assert_equal(&repo, &mut client);
}

/// The last bytes of the runs that a line of the server's log names, by their shards.
fn shards_of(line: &str) -> Vec<u8> {
    let named = line.split("\\\\x").skip(1);
    let last = named.map(|run| u8::from_str_radix(&run[22..24], 16).unwrap());
    let mut shards: Vec<u8> = last.map(|byte| byte % SHARDS as u8).collect();
    shards.sort_unstable();
    shards.dedup();
    shards
}

#[test]
fn points_are_asked_of_one_shard_at_a_time() {
    const RUNS: i64 = 60;
    let s = Sandbox::new();
    repo_of(&s, RUNS);
    let server = store(&s);
    let url = server.url("central");
    let said = s.run("a", &["sync", ".", &url]);
    assert_eq!(said.code, 0, "{said:?}");
    let pulled = s.run("a", &["pull", &url, "../b"]);
    assert_eq!(pulled.code, 0, "{pulled:?}");
    assert_equal(&s.repo("b"), &mut server.client("central"));
    let log = server.log();
    let mut lines = log.lines();
    let mut asked = Vec::new();
    while let Some(line) = lines.next() {
        if line.contains("execute") && line.contains("FROM aim_chunk WHERE run = ANY($1) ORDER") {
            asked.push(shards_of(lines.next().unwrap()));
        }
    }
    asked.sort_unstable();
    let each: Vec<Vec<u8>> = (0..SHARDS as u8).map(|shard| vec![shard]).collect();
    assert_eq!(asked, each, "{log}");
}

#[test]
fn commits_whose_outcome_nobody_knows_lose_nothing_and_double_nothing() {
    const RUNS: usize = 12;
    let s = Sandbox::new();
    let repo = s.repo("a");
    let server = store(&s);
    let mut random = Random::new("commits");
    let mut draws = Random::new("outcomes of commits");
    let proxy = Proxy::before(server.port, move || match draws.below(10) {
        0 => Fault::Unknown,
        1 => Fault::Refused,
        2 => Fault::Gone,
        _ => Fault::None,
    });
    let runs: Vec<Run> = (0..RUNS)
        .map(|_| Run::create(repo.clone(), None).unwrap())
        .collect();
    let mut step = 0;
    for _ in 0..rounds(4) {
        for _ in 0..1 + random.below(100) {
            for run in &runs {
                run.track(b"loss", None, step as f64 / 7.0, step, 0)
                    .unwrap();
            }
            step += 1;
        }
        repo.flush().unwrap();
        // Two at once.
        let url = proxy.url("central");
        let other = s.program("a").args(["sync", ".", &url]).spawn();
        let said = s.run("a", &["sync", ".", &url]);
        assert_eq!(said.code, 0, "{said:?}");
        assert!(other.unwrap().wait().unwrap().success());
        assert_equal(&repo, &mut server.client("central"));
    }
    runs.iter().for_each(|run| run.close().unwrap());
    let last = s.run("a", &["sync", ".", &proxy.url("central")]);
    assert_eq!(last.code, 0, "{last:?}");
    let points = assert_equal(&repo, &mut server.client("central"));
    let faults = proxy.faults.load(Ordering::Relaxed);
    assert!(faults > 0);
    println!("{faults} commits with another outcome, {points} points, none lost, none twice");
}
