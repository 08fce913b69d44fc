//! From the user's text to the expression that is parsed, and back to the place of an error.

use std::fmt;

use ruff_python_ast::Expr;
use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, lexer, parse_expression};

use crate::limits::{MAX_NESTING, MAX_SOURCE};
use crate::text::{is_identifier, strip};

/// What is asked of every query that does not speak of archived runs itself.
const NOT_ARCHIVED: &str = "run.archived == False";

/// Python's keywords: they are no attributes.
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];

/// A query that is not an expression of the language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Line in the user's text, from 1.
    pub line: usize,
    /// Column in that line, from 1, in code points.
    pub column: usize,
    /// Byte offset in the user's text.
    pub offset: usize,
    pub message: String,
    /// The line of the user's text.
    pub text: String,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SyntaxError {
            line,
            column,
            message,
            text,
            ..
        } = self;
        writeln!(f, "line {line}, column {column}: {message}")?;
        writeln!(f, "    {text}")?;
        // Tabs stay tabs, so that the caret stands under the offending character.
        let blank = |c: char| if c == '\t' { '\t' } else { ' ' };
        let indent: String = text.chars().take(column - 1).map(blank).collect();
        write!(f, "    {indent}^")
    }
}

impl std::error::Error for SyntaxError {}

impl SyntaxError {
    /// An error at a byte offset of the user's text.
    pub(crate) fn at(source: &str, offset: usize, message: impl Into<String>) -> SyntaxError {
        let mut offset = offset.min(source.len());
        while !source.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &source[..offset];
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let text = source[start..].lines().next().unwrap_or("");
        SyntaxError {
            line: before.matches('\n').count() + 1,
            column: before[start..].chars().count() + 1,
            offset,
            message: message.into(),
            text: text.to_owned(),
        }
    }
}

/// The expression that a user's text stands for.
pub(crate) struct Source<'s> {
    pub user: &'s str,
    /// What is parsed: the user's expression in parentheses, behind the rule about archived runs.
    pub text: String,
    /// Where the user's expression starts in `text` and in `user`, and its length.
    in_text: usize,
    in_user: usize,
    len: usize,
}

impl<'s> Source<'s> {
    pub(crate) fn new(user: &'s str) -> Result<Source<'s>, SyntaxError> {
        Source::checked(user)?;
        let mut expression = strip(user);
        if expression
            .get(..6)
            .is_some_and(|s| s.eq_ignore_ascii_case("select"))
        {
            expression = strip(after_if(expression));
        }
        let (text, in_text) = if expression.is_empty() {
            (NOT_ARCHIVED.to_owned(), 0)
        } else if expression.contains("run.archived") {
            (format!("({expression})"), 1)
        } else {
            (
                format!("{NOT_ARCHIVED} and ({expression})"),
                NOT_ARCHIVED.len() + 6,
            )
        };
        Ok(Source::of(user, expression, text, in_text))
    }

    /// An expression that stands for its value, without the rule about archived runs.
    pub(crate) fn of_value(user: &'s str) -> Result<Source<'s>, SyntaxError> {
        Source::checked(user)?;
        let expression = strip(user);
        if expression.is_empty() {
            return Err(SyntaxError::at(user, 0, "there is no expression"));
        }
        Ok(Source::of(user, expression, format!("({expression})"), 1))
    }

    fn of(user: &'s str, expression: &str, text: String, in_text: usize) -> Source<'s> {
        Source {
            user,
            text,
            in_text,
            in_user: expression.as_ptr().addr() - user.as_ptr().addr(),
            len: expression.len(),
        }
    }

    fn checked(user: &str) -> Result<(), SyntaxError> {
        if user.len() > MAX_SOURCE {
            let message = format!("the query is longer than {MAX_SOURCE} bytes");
            return Err(SyntaxError::at(user, MAX_SOURCE, message));
        }
        if let Some(at) = user.find('\0') {
            return Err(SyntaxError::at(
                user,
                at,
                "the query contains a null character",
            ));
        }
        Ok(())
    }

    pub(crate) fn parse(&self) -> Result<Expr, SyntaxError> {
        self.check_nesting()?;
        match parse_expression(&self.text) {
            Ok(parsed) => Ok(*parsed.into_syntax().body),
            Err(error) => {
                let at = error.location.start().to_usize();
                let keyword = self.keyword_attribute(at);
                let (at, message) = keyword.unwrap_or_else(|| (at, error.error.to_string()));
                Err(self.error(at, message))
            }
        }
    }

    /// Whether an error comes of a chain of names one of which is a keyword, as in `run.problem.class`: where that
    /// stands, and what to write instead.
    fn keyword_attribute(&self, at: usize) -> Option<(usize, String)> {
        let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
        let before = self.text.get(..at)?;
        let start = at
            - before
                .chars()
                .rev()
                .take_while(|c| is_part(*c))
                .map(char::len_utf8)
                .sum::<usize>();
        let chain = &self.text[start..];
        let chain = &chain[..chain.find(|c: char| !is_part(c)).unwrap_or(chain.len())];
        let mut names = chain.split('.');
        let owner = names.next().filter(|owner| is_identifier(owner))?;
        let keys: Vec<&str> = names.collect();
        let place = keys.iter().position(|key| KEYWORDS.contains(key))?;
        let quoted: Vec<String> = keys.iter().map(|key| format!("'{key}'")).collect();
        let offset =
            start + owner.len() + 1 + keys[..place].iter().map(|k| k.len() + 1).sum::<usize>();
        let message = format!(
            "'{}' is a keyword of Python and no attribute: write {owner}[{}]",
            keys[place],
            quoted.join(", ")
        );
        Some((offset, message))
    }

    /// An error at an offset of the parsed text.
    pub(crate) fn error(&self, at: usize, message: impl Into<String>) -> SyntaxError {
        let at = at.saturating_sub(self.in_text).min(self.len);
        SyntaxError::at(self.user, self.in_user + at, message)
    }

    /// Bounds the depth of the tree before it is built, so that no later walk or drop of it exhausts the stack.
    ///
    /// Counts, along the brackets that are open, the operators that may nest in each other. `and`, `or` and commas
    /// part what does not nest.
    fn check_nesting(&self) -> Result<(), SyntaxError> {
        let mut lexer = lexer::lex(&self.text, Mode::Expression);
        // Per open bracket: what reaches to its end, and what reaches to the next `and`, `or` or comma.
        let mut open: Vec<(usize, usize)> = vec![(0, 0)];
        let mut total = 1;
        // A token is at least a byte, but for those at the end and around strings.
        for _ in 0..self.text.len() * 4 + 16 {
            let kind = lexer.next_token();
            let Some(level) = open.last_mut() else { break };
            match kind {
                TokenKind::EndOfFile => return Ok(()),
                TokenKind::Lpar
                | TokenKind::Lsqb
                | TokenKind::Lbrace
                | TokenKind::FStringStart
                | TokenKind::TStringStart => {
                    level.1 += 1;
                    total += 2;
                    open.push((0, 1));
                }
                TokenKind::Rpar
                | TokenKind::Rsqb
                | TokenKind::Rbrace
                | TokenKind::FStringEnd
                | TokenKind::TStringEnd => {
                    if open.len() > 1
                        && let Some((outer, inner)) = open.pop()
                    {
                        total -= outer + inner;
                    }
                }
                TokenKind::And | TokenKind::Or | TokenKind::Comma => {
                    total = total + 2 - level.1;
                    level.1 = 2;
                }
                TokenKind::Lambda => {
                    // Takes more stack than most.
                    level.0 += 3;
                    total += 3;
                }
                TokenKind::If | TokenKind::ColonEqual | TokenKind::For => {
                    level.0 += 1;
                    total += 1;
                }
                TokenKind::Name
                | TokenKind::Int
                | TokenKind::Float
                | TokenKind::Complex
                | TokenKind::String
                | TokenKind::FStringMiddle
                | TokenKind::TStringMiddle
                | TokenKind::Colon
                | TokenKind::Else
                | TokenKind::In
                | TokenKind::Is
                | TokenKind::True
                | TokenKind::False
                | TokenKind::None
                | TokenKind::Newline
                | TokenKind::NonLogicalNewline
                | TokenKind::Comment => {}
                _ => {
                    level.1 += 1;
                    total += 1;
                }
            }
            if total > MAX_NESTING {
                let message = format!("the expression nests deeper than {MAX_NESTING} levels");
                return Err(self.error(0, message));
            }
        }
        Ok(())
    }
}

/// What follows the first "if", whatever its case.
fn after_if(text: &str) -> &str {
    let mut previous_is_i = false;
    for (at, c) in text.char_indices() {
        if previous_is_i && matches!(c, 'f' | 'F') {
            return &text[at + 1..];
        }
        // Letters that have the same lower case.
        previous_is_i = matches!(c, 'i' | 'I' | 'ı' | 'İ');
    }
    &text[text.len()..]
}
