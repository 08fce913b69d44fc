//! A server of moto, and what it was asked.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const SIGNED: &str = "AWS4-HMAC-SHA256 Credential=somebody/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";

pub struct Server {
    process: Child,
    address: String,
    /// Its log, a line for each request.
    log: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub fn start() -> Server {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut process = Command::new(root.join("build/test/store/bin/moto_server"))
            .args(["-H", "127.0.0.1", "-p", "0"])
            .env("PYTHONUNBUFFERED", "1")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("moto_server, which `tests/run central` installs");
        let log = Arc::new(Mutex::new(Vec::new()));
        let lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let written = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                written.lock().unwrap().push(line);
            }
        });
        let mut server = Server {
            process,
            address: String::new(),
            log,
        };
        let begun = Instant::now();
        while server.address.is_empty() {
            assert!(
                begun.elapsed() < Duration::from_secs(120),
                "moto does not start"
            );
            std::thread::sleep(Duration::from_millis(20));
            let log = server.log.lock().unwrap();
            let said = log
                .iter()
                .find_map(|line| line.split_once("Running on http://"));
            let address = said.map(|(_, address)| address.trim().to_owned());
            drop(log);
            server.address = address.unwrap_or_default();
        }
        server
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Puts something there; the server does not look at the signature.
    pub fn put(&self, path: &str, body: &[u8]) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let head = format!(
            "PUT {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: {SIGNED}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            self.address,
            body.len()
        );
        stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    /// The status of each answer to requests with a method, whose address has this in it.
    pub fn answers(&self, method: &str, part: &str) -> Vec<String> {
        // ... "PUT /bucket/key?partNumber=1 HTTP/1.1" 200 -, some with colours.
        let wanted = format!("{method} /");
        let log = self.log.lock().unwrap();
        let lines = log
            .iter()
            .filter(|line| line.contains(&wanted) && line.contains(part));
        lines
            .filter_map(|line| line.rsplit("\" ").next()?.split(' ').next())
            .map(str::to_owned)
            .collect()
    }

    pub fn count(&self, method: &str, part: &str) -> usize {
        self.answers(method, part)
            .iter()
            .filter(|status| *status == "200")
            .count()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
