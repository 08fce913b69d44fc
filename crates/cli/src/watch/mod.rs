//! `libaim watch`: a live view of a repository in the terminal.
//!
//! One thread reads the repository (`reader`) into plain data (`data`), the other draws it (`view`) and takes keys
//! (`keys`, `app`): however long a query takes, the screen answers.

mod app;
mod complete;
mod curves;
mod data;
mod images;
mod keys;
mod machine;
mod pages;
mod reader;
mod state;
mod view;

use crate::context::Context;
use crate::failure::Failure;
use aim::repo::RepoRef;
use app::{App, Mode};
use data::Want;
use keys::Action;
use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, DisableMouseCapture, EnableMouseCapture};
use ratatui::crossterm::execute;
use reader::Reader;
use state::Settings;
use std::io;
use std::sync::mpsc;
use std::time::Duration;

/// How long the screen waits for a key before it looks for news.
const PATIENCE: Duration = Duration::from_millis(100);

/// Shows the repository until somebody ends it.
pub fn watch(context: &Context, filter: Option<String>) -> Result<(), Failure> {
    let (repo, live) = context.watching()?;
    if !context.look.is_terminal {
        return Err(Failure::new("watch needs a terminal")
            .why("standard output is not one")
            .advice("libaim ls and libaim plot print to anything"));
    }
    let mut settings = Settings::load(&repo);
    if let Some(filter) = filter {
        settings.filter = filter;
    }
    let (ask, questions) = mpsc::channel();
    let (answer, answers) = mpsc::channel();
    let reader = Reader::new(repo.clone(), live, context.look);
    let thread = std::thread::Builder::new()
        .name("reader".into())
        .spawn(move || reader.serve(&questions, &answer))
        .map_err(|e| Failure::new("no thread can be started").why(e))?;
    let mut screen = Screen {
        app: App::new(settings),
        repo: repo.clone(),
        look: context.look,
        names: Vec::new(),
        ask,
        asked: Want::default(),
    };
    // A fault of ours leaves the terminal as it was: the rest of that is ratatui's.
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let _ = execute!(io::stdout(), DisableMouseCapture);
        before(panic);
    }));
    let mut terminal = ratatui::init();
    let mouse = execute!(io::stdout(), EnableMouseCapture);
    let outcome = mouse.and_then(|()| screen.run(&mut terminal, &answers));
    let _ = execute!(io::stdout(), DisableMouseCapture);
    ratatui::restore();
    screen.app.remember(&repo);
    drop(screen);
    let _ = thread.join();
    outcome.map_err(|e| Failure::new("the terminal does not answer").why(e))
}

struct Screen {
    app: App,
    repo: RepoRef,
    look: crate::look::Look,
    /// What a filter can name; read when the first one is typed.
    names: Vec<String>,
    ask: mpsc::Sender<Want>,
    asked: Want,
}

impl Screen {
    fn run(
        &mut self,
        terminal: &mut DefaultTerminal,
        answers: &mpsc::Receiver<data::Picture>,
    ) -> io::Result<()> {
        let mut changed = true;
        loop {
            if changed {
                terminal.draw(|frame| view::draw(frame, &mut self.app, &self.look))?;
                self.ask();
            }
            changed =
                self.app.picture.runs.iter().any(|run| run.is_running()) && self.clock_moved();
            if event::poll(PATIENCE)? {
                match keys::event(&mut self.app, &event::read()?, &self.names) {
                    Action::Quit => return Ok(()),
                    Action::Names if self.names.is_empty() => {
                        // Without names nothing is completed, which the filter can do without.
                        self.names = complete::names(&self.repo).unwrap_or_default();
                    }
                    Action::Names | Action::None => {}
                }
                changed = true;
            }
            while let Ok(picture) = answers.try_recv() {
                self.app.take(picture);
                changed = true;
            }
        }
    }

    /// Asks anew if the screen shows something else than it did.
    fn ask(&mut self) {
        let want = self.app.want();
        if want != self.asked {
            self.asked = want.clone();
            // The reader ends only with the screen.
            let _ = self.ask.send(want);
        }
    }

    /// Whether a second has begun since the screen was drawn: how long a run takes is on it.
    fn clock_moved(&mut self) -> bool {
        let second = aim::repo::now_micros() / 1_000_000;
        std::mem::replace(&mut self.app.second, second) != second
            && matches!(self.app.mode, Mode::Normal)
    }
}
