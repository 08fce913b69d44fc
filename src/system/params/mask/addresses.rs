//! User and password in addresses, and addresses that are secret themselves.

use std::ops::Range;

/// Addresses at which whoever knows them may post; what follows is masked.
pub const HOOKS: [&str; 9] = [
    "hooks.slack.com/",
    "discord.com/api/webhooks/",
    "discordapp.com/api/webhooks/",
    "webhook.office.com/",
    "api.telegram.org/bot",
    "hooks.zapier.com/",
    "open.feishu.cn/open-apis/bot/",
    "qyapi.weixin.qq.com/cgi-bin/webhook/",
    "chat.googleapis.com/v1/spaces/",
];

fn is_end(c: char) -> bool {
    c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>')
}

pub fn find(text: &str, found: &mut Vec<Range<usize>>) {
    for (at, _) in text.match_indices("://") {
        found.extend(credentials(text, at + 3));
    }
    for (at, _) in text.match_indices('@') {
        found.extend(bare_credentials(text, at));
    }
    for hook in HOOKS {
        for (at, _) in text.match_indices(hook) {
            let from = at + hook.len();
            let length = text[from..].find(is_end).unwrap_or(text.len() - from);
            found.push(from..from + length);
        }
    }
}

/// `user:password@` behind `scheme://`.
fn credentials(text: &str, from: usize) -> Option<Range<usize>> {
    let rest = &text[from..];
    let ends = |c: char| is_end(c) || "/?#,;".contains(c);
    let authority = &rest[..rest.find(ends).unwrap_or(rest.len())];
    if let Some(at) = authority.rfind('@') {
        return Some(from..from + at);
    }
    // A password may hold what should have been encoded: what stands behind the colon is no port then.
    let (_, port) = authority.split_once(':')?;
    if authority.contains('[') || port.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let word = &rest[..rest.find(is_end).unwrap_or(rest.len())];
    word.rfind('@').map(|at| from..from + at)
}

/// `user:password` in front of an `@` without a scheme, as proxies are given.
fn bare_credentials(text: &str, at: usize) -> Option<Range<usize>> {
    let starts = |c: char| is_end(c) || "=,;(/@".contains(c);
    let from = text[..at].rfind(starts).map_or(0, |i| i + 1);
    let (user, password) = text.get(from..at)?.split_once(':')?;
    let host = text[at + 1..].chars().next()?;
    let is_digest = ["sha256:", "sha512:", "sha384:"]
        .iter()
        .any(|digest| text[at + 1..].starts_with(digest));
    let is_address = host.is_alphanumeric() || host == '[';
    if user.is_empty() || password.is_empty() || !is_address || is_digest || user == "mailto" {
        return None;
    }
    Some(from..at)
}
