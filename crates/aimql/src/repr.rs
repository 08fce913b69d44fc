//! `repr`, `str` and `ascii`.

use crate::complex;
use crate::fault::Res;
use crate::float;
use crate::machine::Machine;
use crate::unicode;
use crate::value::{Value, ViewKind};

/// `str` of an integer of more digits than this fails, as in Python.
pub(crate) const MAX_INT_DIGITS: usize = 4300;

impl<'a> Machine<'a> {
    /// Python's `str(value)`.
    pub(crate) fn str_of(&self, value: Value<'a>) -> Res<Value<'a>> {
        match value {
            Value::Str(_) => Ok(value),
            _ => self.string(self.to_text(value)?),
        }
    }

    pub(crate) fn to_text(&self, value: Value<'a>) -> Res<String> {
        Ok(match value {
            Value::Str(text) => {
                self.copies(text.len())?;
                text.to_owned()
            }
            Value::DateTime(at) => at.isoformat(' '),
            Value::Date(date) => date.isoformat(),
            Value::Time(time) => time.isoformat(),
            Value::Delta(delta) => delta.to_string(),
            Value::Zone(offset) => super::datetime::zone_name(offset),
            _ => self.repr(value)?,
        })
    }

    pub(crate) fn repr(&self, value: Value<'a>) -> Res<String> {
        let mut out = String::new();
        self.push_repr(&mut out, value, &mut Vec::new())?;
        Ok(out)
    }

    pub(crate) fn ascii(&self, value: Value<'a>) -> Res<String> {
        let text = self.repr(value)?;
        if text.is_ascii() {
            return Ok(text);
        }
        // The longest are \u1234 for two bytes.
        self.meter.work(text.len() as u64 / 2)?;
        let mut out = String::new();
        self.reserve(&mut out, text.len().saturating_mul(3))?;
        for c in text.chars() {
            if c.is_ascii() {
                out.push(c)
            } else {
                push_escape(&mut out, c)
            }
        }
        Ok(out)
    }

    /// `inside` holds the containers that are being shown, so that one that holds itself comes to an end.
    fn push_repr(
        &self,
        out: &mut String,
        value: Value<'a>,
        inside: &mut Vec<Value<'a>>,
    ) -> Res<()> {
        self.meter.work(1)?;
        match value {
            Value::None => self.push(out, "None")?,
            Value::Missing => self.push(out, "<missing>")?,
            Value::Ellipsis => self.push(out, "Ellipsis")?,
            Value::Bool(b) => self.push(out, if b { "True" } else { "False" })?,
            Value::Int(i) => self.push(out, &i.to_string())?,
            Value::Big(big) => self.push(out, &self.big_to_text(big)?)?,
            Value::Float(f) => {
                self.meter.work(8)?;
                self.push(out, &float::repr(f))?;
            }
            Value::Complex(c) => {
                self.meter.work(16)?;
                self.push(out, &complex::repr(c))?;
            }
            Value::Str(text) => {
                self.meter.handle(text.len())?;
                let len = repr_len(text);
                // Escapes are dearer than letters.
                self.meter.work((len - text.len()) as u64 / 2)?;
                self.reserve(out, len)?;
                push_str_repr(out, text);
            }
            Value::Bytes(bytes) => {
                self.meter.work(bytes.len() as u64 / 2)?;
                self.reserve(out, bytes.len().saturating_mul(4) + 3)?;
                push_bytes_repr(out, bytes);
            }
            Value::List(_)
            | Value::Tuple(_)
            | Value::Dict(_)
            | Value::Set(_)
            | Value::View(..)
            | Value::Slice(_) => {
                if inside.iter().any(|other| other.is(value)) {
                    self.push(
                        out,
                        match value {
                            Value::List(_) => "[...]",
                            Value::Dict(_) => "{...}",
                            _ => "(...)",
                        },
                    )?;
                    return Ok(());
                }
                inside.push(value);
                self.nested(3, || self.push_container(out, value, inside))?;
                inside.pop();
            }
            Value::Range(range) => {
                let step = match range.step {
                    1 => String::new(),
                    step => format!(", {step}"),
                };
                let text = format!("range({}, {}{step})", range.start, range.stop);
                self.push(out, &text)?;
            }
            Value::DateTime(at) => self.push(out, &at.repr())?,
            Value::Date(date) => self.push(out, &date.repr())?,
            Value::Time(time) => self.push(out, &time.repr())?,
            Value::Delta(delta) => self.push(out, &delta.repr())?,
            Value::Zone(0) => self.push(out, "datetime.timezone.utc")?,
            Value::Zone(offset) => {
                let delta = super::datetime::Delta::from_seconds(offset).repr();
                self.push(out, &format!("datetime.timezone({delta})"))?;
            }
            Value::Builtin(builtin) => {
                self.push(out, &format!("<built-in function {}>", builtin.name()))?;
            }
            Value::MathFunction(name) => self.push(out, &format!("<built-in function {name}>"))?,
            Value::Type(ty) => self.push(out, &format!("<class '{}'>", ty.name()))?,
            Value::Types(types) => {
                for (i, ty) in types.iter().enumerate() {
                    self.push(out, if i > 0 { " | " } else { "" })?;
                    let name = if let Value::Type(ty) = ty {
                        ty.name()
                    } else {
                        "None"
                    };
                    self.push(out, name)?;
                }
            }
            Value::Method(method) => {
                let of = method.of.type_name();
                self.push(
                    out,
                    &format!("<built-in method {} of {of} object>", method.name),
                )?;
            }
            Value::Function(_) => self.push(out, "<function <lambda>>")?,
            Value::Math => self.push(out, "<module 'math'>")?,
            Value::Iter(_) | Value::Run | Value::Metrics | Value::Metric => {
                self.push(out, &format!("<{} object>", value.type_name()))?;
            }
        }
        Ok(())
    }

    fn push_container(
        &self,
        out: &mut String,
        value: Value<'a>,
        inside: &mut Vec<Value<'a>>,
    ) -> Res<()> {
        match value {
            Value::List(list) => self.push_items(out, "[", &list.items.borrow(), "]", inside),
            Value::Tuple(items) => {
                let close = if items.len() == 1 { ",)" } else { ")" };
                self.push_items(out, "(", items, close, inside)
            }
            Value::Slice(parts) => self.push_items(out, "slice(", parts, ")", inside),
            Value::Set(set) => {
                let items = set.items(self)?;
                let (open, close) = match (set.frozen, items.is_empty()) {
                    (false, false) => ("{", "}"),
                    (false, true) => ("set(", ")"),
                    (true, false) => ("frozenset({", "})"),
                    (true, true) => ("frozenset(", ")"),
                };
                self.push_items(out, open, &items, close, inside)
            }
            Value::View(kind, _) => {
                let open = match kind {
                    ViewKind::Keys => "dict_keys([",
                    ViewKind::Values => "dict_values([",
                    ViewKind::Items => "dict_items([",
                };
                let items = self.collect(value)?;
                self.push_items(out, open, &items, "])", inside)
            }
            Value::Dict(dict) => {
                self.push(out, "{")?;
                let mut first = true;
                dict.each(self, |key, value| {
                    if !std::mem::take(&mut first) {
                        self.push(out, ", ")?;
                    }
                    self.push_repr(out, key, inside)?;
                    self.push(out, ": ")?;
                    self.push_repr(out, value, inside)
                })?;
                self.push(out, "}")
            }
            _ => Ok(()),
        }
    }

    fn push_items(
        &self,
        out: &mut String,
        open: &str,
        items: &[Value<'a>],
        close: &str,
        inside: &mut Vec<Value<'a>>,
    ) -> Res<()> {
        self.push(out, open)?;
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.push(out, ", ")?;
            }
            self.push_repr(out, *item, inside)?;
        }
        self.push(out, close)
    }

    pub(crate) fn big_to_text(&self, big: &num_bigint::BigInt) -> Res<String> {
        // 10 digits are a little more than 33 bits.
        if big.bits() as usize > MAX_INT_DIGITS * 34 / 10 {
            return super::fault::value_error(format!(
                "Exceeds the limit ({MAX_INT_DIGITS} digits) for integer string conversion"
            ));
        }
        self.meter.multiply(big.bits(), big.bits())?;
        let text = big.to_string();
        if text.trim_start_matches('-').len() > MAX_INT_DIGITS {
            return super::fault::value_error(format!(
                "Exceeds the limit ({MAX_INT_DIGITS} digits) for integer string conversion"
            ));
        }
        Ok(text)
    }
}

pub(crate) fn push_str_repr(out: &mut String, text: &str) {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    out.push(quote);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            _ if c == quote => {
                out.push('\\');
                out.push(c);
            }
            _ if unicode::is_printable(c) => out.push(c),
            _ => push_escape(out, c),
        }
    }
    out.push(quote);
}

/// The length of what `push_str_repr` appends.
fn repr_len(text: &str) -> usize {
    let shown = |c: char| match c {
        '\n' | '\r' | '\t' | '\\' | '\'' => 2,
        _ if unicode::is_printable(c) => c.len_utf8(),
        '\0'..='\u{ff}' => 4,
        '\u{100}'..='\u{ffff}' => 6,
        _ => 10,
    };
    text.chars().map(shown).sum::<usize>() + 2
}

fn push_escape(out: &mut String, c: char) {
    let code = u32::from(c);
    out.push_str(&match code {
        0..=0xff => format!("\\x{code:02x}"),
        0x100..=0xffff => format!("\\u{code:04x}"),
        _ => format!("\\U{code:08x}"),
    });
}

fn push_bytes_repr(out: &mut String, bytes: &[u8]) {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') {
        b'"'
    } else {
        b'\''
    };
    out.push('b');
    out.push(char::from(quote));
    for byte in bytes {
        match byte {
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            b'\\' => out.push_str("\\\\"),
            _ if *byte == quote => {
                out.push('\\');
                out.push(char::from(quote));
            }
            b' '..=b'~' => out.push(char::from(*byte)),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push(char::from(quote));
}
