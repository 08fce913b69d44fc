//! Requests to S3 signed as Amazon's "Signature Version 4" says. The SHA-256 of the body is part of what is signed, so a store
//! refuses a body that is not what was sent.

use jiff::Timestamp;
use ring::{digest, hmac};
use std::fmt::Write as _;

pub struct Credentials {
    pub key_id: String,
    pub secret: String,
    /// Of credentials that are lent for a while.
    pub token: Option<String>,
}

/// What is signed of a request.
pub struct Request<'r> {
    pub method: &'r str,
    /// As it is in the request, escaped.
    pub path: &'r str,
    /// Escaped and in order.
    pub query: &'r str,
    pub host: &'r str,
    pub body: &'r [u8],
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn sum(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

fn mac(key: &[u8], text: &str) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes())
}

impl Credentials {
    /// The headers that the request needs beside its own.
    pub fn headers(
        &self,
        request: &Request<'_>,
        region: &str,
        at: Timestamp,
    ) -> Vec<(&'static str, String)> {
        let time = at.strftime("%Y%m%dT%H%M%SZ").to_string();
        let day = &time[..8];
        let mut headers = vec![
            ("host", request.host.to_owned()),
            ("x-amz-content-sha256", sum(request.body)),
            ("x-amz-date", time.clone()),
        ];
        let token = self.token.iter();
        headers.extend(token.map(|token| ("x-amz-security-token", token.clone())));
        let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
        let names = names.join(";");
        let mut whole = format!("{}\n{}\n{}\n", request.method, request.path, request.query);
        for (name, value) in &headers {
            let _ = writeln!(whole, "{name}:{}", value.trim());
        }
        let _ = write!(whole, "\n{names}\n{}", headers[1].1);
        let scope = format!("{day}/{region}/s3/aws4_request");
        let text = format!(
            "AWS4-HMAC-SHA256\n{time}\n{scope}\n{}",
            sum(whole.as_bytes())
        );
        let mut key = mac(format!("AWS4{}", self.secret).as_bytes(), day);
        for part in [region, "s3", "aws4_request", &text] {
            key = mac(key.as_ref(), part);
        }
        let signature = hex(key.as_ref());
        headers.push((
            "authorization",
            format!(
                "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={signature}",
                self.key_id
            ),
        ));
        headers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of Amazon's "Signature Calculations for the Authorization Header".
    #[test]
    fn as_amazon_signs() {
        let credentials = Credentials {
            key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
            token: None,
        };
        let at = "2013-05-24T00:00:00Z".parse().unwrap();
        for (query, signature) in [
            (
                "lifecycle=",
                "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
            ),
            (
                "max-keys=2&prefix=J",
                "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
            ),
        ] {
            let request = Request {
                method: "GET",
                path: "/",
                query,
                host: "examplebucket.s3.amazonaws.com",
                body: b"",
            };
            let headers = credentials.headers(&request, "us-east-1", at);
            let (name, said) = headers.last().unwrap();
            assert_eq!(
                (*name, said.as_str()),
                (
                    "authorization",
                    format!(
                        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, \
                         SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature={signature}"
                    )
                    .as_str()
                )
            );
        }
    }
}
