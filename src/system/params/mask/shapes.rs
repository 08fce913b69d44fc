//! Secrets that can be told by what they look like: tokens with the prefixes of those who issue them, JSON web tokens,
//! and PEM blocks. Prefixes and lengths are those of gitleaks' rules.

use std::ops::Range;

/// A prefix, and how many letters, digits, `_` and `-` follow it at least.
const PREFIXES: [(&str, usize); 92] = [
    ("AKIA", 16),
    ("ASIA", 16),
    ("ABIA", 16),
    ("ACCA", 16),
    ("ABSKQmVkcm9ja0FQSUtleS", 20),
    ("AIza", 35),
    ("ya29.", 20),
    ("GOCSPX-", 20),
    ("AGE-SECRET-KEY-1", 50),
    ("ATATT3", 60),
    ("ATCTT3", 60),
    ("AAAAAAAAAAAAAAAAAAAAA", 40),
    ("EAACEdEose0cBA", 10),
    ("EAAAl", 50),
    ("FlyV1", 20),
    ("HRKU-", 30),
    ("LTAI", 12),
    ("NRAK-", 20),
    ("NRII-", 20),
    ("NRJS-", 15),
    ("PMAK-", 40),
    ("SG.", 40),
    ("SK", 32),
    ("api_org_", 30),
    ("apify_api_", 30),
    ("b.AAAAAQ", 30),
    ("clojars_", 50),
    ("cio", 30),
    ("dapi", 32),
    ("dckr_pat_", 20),
    ("dckr_oat_", 20),
    ("doo_v1_", 40),
    ("dop_v1_", 40),
    ("dor_v1_", 40),
    ("dp.pt.", 30),
    ("duffel_", 40),
    ("dt0c01.", 60),
    ("eyJrIjoi", 50),
    ("figd_", 30),
    ("fio-u-", 40),
    ("fo1_", 30),
    ("ghp_", 30),
    ("gho_", 30),
    ("ghu_", 30),
    ("ghs_", 30),
    ("ghr_", 30),
    ("github_pat_", 20),
    ("glpat-", 15),
    ("gldt-", 15),
    ("glrt-", 15),
    ("glptt-", 30),
    ("glcbt-", 15),
    ("glc_", 30),
    ("glsa_", 30),
    ("GR1348941", 15),
    ("gsk_", 40),
    ("hf_", 30),
    ("hvb.", 60),
    ("hvs.", 20),
    ("jina_", 40),
    ("lin_api_", 30),
    ("live_", 35),
    ("lsv2_", 30),
    ("npm_", 30),
    ("ntn_", 40),
    ("nvapi-", 40),
    ("ops_eyJ", 50),
    ("pcsk_", 40),
    ("pplx-", 40),
    ("pscale_", 30),
    ("pul-", 35),
    ("pypi-AgEIcHlwaS5vcmc", 20),
    ("r8_", 30),
    ("rdme_", 60),
    ("rpa_", 30),
    ("rk_live_", 10),
    ("rk_test_", 10),
    ("rubygems_", 40),
    ("sbp_", 30),
    ("sk-", 32),
    ("sk_live_", 10),
    ("sk_test_", 10),
    ("sntrys_", 30),
    ("sntryu_", 40),
    ("sgp_", 40),
    ("shpat_", 30),
    ("shpss_", 30),
    ("tfp_", 40),
    ("tgp_v1_", 30),
    ("tskey-", 15),
    ("wandb_v1_", 30),
    ("xai-", 60),
];

/// Slack's tokens have parts of digits: any length counts.
const SLACK: [&str; 8] = [
    "xoxb-", "xoxp-", "xoxa-", "xoxo-", "xoxr-", "xoxs-", "xoxe-", "xapp-",
];

#[cfg(test)]
pub fn documented() -> impl Iterator<Item = &'static str> {
    PREFIXES.iter().map(|(p, _)| *p).chain(SLACK)
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// What may stand inside a token behind its first letters.
fn is_more(byte: u8) -> bool {
    is_token(byte) || matches!(byte, b'.' | b'=' | b'+' | b'/' | b'~' | b'%')
}

pub fn find(text: &str, found: &mut Vec<Range<usize>>) {
    find_blocks(text, found);
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !is_token(bytes[at]) {
            at += 1;
            continue;
        }
        // The dots of a token belong to it, the one behind a sentence does not.
        let end = at + bytes[at..].iter().take_while(|b| is_more(**b)).count();
        let word = text[at..end].trim_end_matches(['.', '=', '/']);
        let word_end = at + word.len();
        // Also behind what a name or a path puts in front.
        let starts = std::iter::once(0).chain(
            word.bytes()
                .enumerate()
                .filter(|(_, b)| matches!(b, b'=' | b'/' | b'%' | b'.' | b'+' | b'~'))
                .map(|(i, _)| i + 1),
        );
        let secret = starts.filter(|i| is_secret(&word[*i..])).min();
        found.extend(secret.map(|i| at + i..word_end));
        at = end;
    }
}

fn is_secret(word: &str) -> bool {
    let run = |text: &str| text.bytes().take_while(|b| is_token(*b)).count();
    let is_prefixed = PREFIXES.iter().any(|(prefix, least)| {
        let rest = word.strip_prefix(prefix);
        rest.is_some_and(|rest| run(&rest.replace('.', "_")) >= *least && looks_random(rest))
    });
    let is_slack = SLACK.iter().any(|prefix| {
        word.strip_prefix(prefix)
            .is_some_and(|rest| run(rest) >= 10)
    });
    is_prefixed || is_slack || is_web_token(word) || is_telegram(word)
}

/// Words that merely begin like a token have neither digits nor letters of both cases.
fn looks_random(rest: &str) -> bool {
    let has = |of: fn(&u8) -> bool| rest.bytes().any(|b| of(&b));
    has(u8::is_ascii_digit) || has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase)
}

/// Three parts in base64, the first two of which are JSON objects.
fn is_web_token(word: &str) -> bool {
    let mut parts = word.split('.');
    let mut object = || {
        parts
            .next()
            .is_some_and(|p| p.starts_with("eyJ") && p.len() >= 12)
    };
    object() && object()
}

fn is_telegram(word: &str) -> bool {
    // The colon in front ends a word: the number of the bot is not part of it.
    word.starts_with("AA") && word.len() == 35 && looks_random(word)
}

/// PEM blocks, to their end or that of the text.
fn find_blocks(text: &str, found: &mut Vec<Range<usize>>) {
    const BEGIN: &str = "-----BEGIN ";
    const END: &str = "-----END ";
    let mut from = 0;
    while let Some(at) = text[from..].find(BEGIN) {
        let start = from + at;
        let behind = start + BEGIN.len();
        let end = text[behind..].find(END).map_or(text.len(), |at| {
            let end = behind + at + END.len();
            text[end..]
                .find("-----")
                .map_or(text.len(), |at| end + at + 5)
        });
        found.push(start..end);
        from = end;
    }
}
