//! `libaim archive`, `tag`, `rename`, `move`, `note`: changes of stored runs; their status and times stay as they are.

use crate::context::{Context, look_at};
use crate::failure::Failure;
use crate::selection::{Selected, Selection, Yes, confirm};
use crate::table::{DIM, styled, visible};
use crate::text::shown;
use crate::{find, format};
use aim::repo::{Edit, NoteEdit, Property, RepoRef};
use aim_value::Tree;

fn quoted(text: &str) -> String {
    format!("\"{}\"", shown(text))
}

/// Makes a change. Who names one run is not asked.
fn change(
    context: &Context,
    repo: &RepoRef,
    selected: &Selected,
    edit: Edit,
    (what, done): (String, String),
    yes: bool,
) -> Result<(), Failure> {
    let plain = selected.named && selected.runs.len() == 1;
    if !confirm(context, selected, &what, yes || plain)? {
        return Ok(());
    }
    repo.edit_runs(&selected.ids(), &[edit])?;
    say!("{done}");
    Ok(())
}

/// Archive runs: lists leave them out
#[derive(clap::Args)]
pub struct Archive {
    #[command(flatten)]
    selection: Selection,

    /// Bring them back
    #[arg(short, long)]
    undo: bool,

    #[command(flatten)]
    yes: Yes,
}

impl Archive {
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let repo = context.repo()?;
        let selected = self.selection.find(context, &repo)?;
        let words = selected.words();
        let edit = Edit::Property(Property::Archived(!self.undo));
        let texts = match self.undo {
            false => (format!("archive {words}"), format!("archived {words}")),
            true => (
                format!("bring back {words} from the archive"),
                format!("brought back {words} from the archive"),
            ),
        };
        change(context, &repo, &selected, edit, texts, self.yes.yes)
    }
}

/// Put a tag on runs, or take it off
#[derive(clap::Args)]
pub struct Tag {
    tag: String,

    #[command(flatten)]
    selection: Selection,

    /// Take it off
    #[arg(short, long)]
    delete: bool,

    #[command(flatten)]
    yes: Yes,
}

impl Tag {
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let repo = context.repo()?;
        let selected = self.selection.find(context, &repo)?;
        let words = selected.words();
        let tag = quoted(&self.tag);
        let (property, texts) = match self.delete {
            false => (
                Property::AddTag(self.tag),
                (
                    format!("tag {words} with {tag}"),
                    format!("tagged {words} with {tag}"),
                ),
            ),
            true => (
                Property::RemoveTag(self.tag),
                (
                    format!("take the tag {tag} off {words}"),
                    format!("took the tag {tag} off {words}"),
                ),
            ),
        };
        change(
            context,
            &repo,
            &selected,
            Edit::Property(property),
            texts,
            self.yes.yes,
        )
    }
}

/// Give a run a name
#[derive(clap::Args)]
pub struct Rename {
    /// The run: its hash, a unique beginning of it, or its name
    run: String,

    /// Its new name
    name: String,
}

impl Rename {
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let repo = context.repo()?;
        let selection = Selection {
            runs: vec![self.run],
            query: None,
        };
        let selected = selection.find(context, &repo)?;
        let words = selected.words();
        let name = quoted(&self.name);
        let texts = (
            format!("name {words} {name}"),
            format!("{words} is {name} now"),
        );
        let edit = Edit::Property(Property::Name(self.name));
        change(context, &repo, &selected, edit, texts, true)
    }
}

/// Move runs to another experiment
#[derive(clap::Args)]
pub struct Move {
    #[command(flatten)]
    selection: Selection,

    /// The experiment; one that is new is made
    #[arg(short, long, value_name = "NAME")]
    experiment: String,

    #[command(flatten)]
    yes: Yes,
}

impl Move {
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let repo = context.repo()?;
        let selected = self.selection.find(context, &repo)?;
        let words = selected.words();
        let name = quoted(&self.experiment);
        let edit = Edit::Property(Property::Experiment(self.experiment));
        let texts = (
            format!("move {words} to experiment {name}"),
            format!("moved {words} to experiment {name}"),
        );
        change(context, &repo, &selected, edit, texts, self.yes.yes)
    }
}

/// Read and write the notes of a run
#[derive(clap::Args)]
pub struct Note {
    /// The run: its hash, a unique beginning of it, or its name
    run: String,

    /// A new note [default: print those there are]
    text: Option<String>,

    /// Put the text in place of the note of this number
    #[arg(short, long, value_name = "N", requires = "text")]
    replace: Option<i32>,

    /// Delete the note of this number
    #[arg(short, long, value_name = "N", conflicts_with_all = ["text", "replace"])]
    delete: Option<i32>,

    /// Print an array of objects
    #[arg(long, conflicts_with_all = ["text", "delete"])]
    json: bool,
}

impl Note {
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let repo = context.repo()?;
        let run = look_at(&repo, |snapshot| find::run(snapshot, &self.run))?;
        let hash = run.hash_text();
        let short = &hash[..8.min(hash.len())];
        let edit = match (self.text, self.replace, self.delete) {
            (Some(text), Some(number), _) => NoteEdit::Replace(number, text),
            (Some(text), None, _) => {
                let number = repo.add_note(&hash, &text)?;
                say!("note {number} of run {short}");
                return Ok(());
            }
            (None, _, Some(number)) => NoteEdit::Delete(number),
            (None, ..) => return print(context, &repo, &hash, self.json),
        };
        repo.edit_run(&hash, &[Edit::Note(edit)])?;
        say!("changed the notes of run {short}");
        Ok(())
    }
}

fn print(context: &Context, repo: &RepoRef, hash: &str, json: bool) -> Result<(), Failure> {
    let look = &context.look;
    let notes = repo.notes(hash)?;
    let mut out = context.paged_out();
    if json {
        let seconds = |micros: i64| Tree::Float(micros as f64 / 1e6);
        let notes = notes.iter().map(|note| {
            Tree::Dict(vec![
                ("id".to_owned(), Tree::Int(note.id.into())),
                ("text".to_owned(), Tree::Str(note.text.clone())),
                ("created_at".to_owned(), seconds(note.created_at)),
                ("updated_at".to_owned(), seconds(note.updated_at)),
            ])
        });
        out.line(&format::json(&Tree::List(notes.collect())))?;
        return out.end();
    }
    for note in &notes {
        let head = format!("{}  {}", note.id, format::moment(note.updated_at));
        out.line(&styled(look, DIM, &head))?;
        for line in note.text.lines() {
            out.line(&format!("   {}", visible(look, line)))?;
        }
    }
    if notes.is_empty() && look.is_terminal {
        out.line(&styled(
            look,
            DIM,
            "no notes; libaim note RUN TEXT writes one",
        ))?;
    }
    out.end()
}
