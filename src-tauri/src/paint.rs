//! Notices a window that stays blank, and starts anew without the graphics card then.
//!
//! The page says that it was drawn through the title of its document: that needs no permission.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The title that means "drawn".
pub const DRAWN: &str = "quarterdeck-drawn";

/// Says so after two frames, and gives the document its title back.
pub const SCRIPT: &str = r#"
requestAnimationFrame(() => requestAnimationFrame(() => {
  const title = document.title;
  document.title = 'quarterdeck-drawn';
  setTimeout(() => { if (document.title === 'quarterdeck-drawn') document.title = title; }, 0);
}));
"#;

/// A page that was loaded is drawn within this time.
const DRAWN_WITHIN: Duration = Duration::from_secs(6);
/// A page is loaded and drawn within this time, however busy the machine is.
const LOADED_WITHIN: Duration = Duration::from_secs(40);
const LOOK: Duration = Duration::from_millis(250);

/// What became of the window so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Wait,
    Drawn,
    Blank,
}

/// `open`: how long the window has been open; `loaded`: how long its page has been there.
fn judge(drawn: bool, open: Duration, loaded: Option<Duration>) -> Verdict {
    let blank = loaded.is_some_and(|loaded| loaded >= DRAWN_WITHIN) || open >= LOADED_WITHIN;
    match (drawn, blank) {
        (true, _) => Verdict::Drawn,
        (false, true) => Verdict::Blank,
        (false, false) => Verdict::Wait,
    }
}

/// What the window tells. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Watch {
    drawn: Arc<AtomicBool>,
    loaded: Arc<AtomicBool>,
}

impl Watch {
    /// The page was drawn.
    pub fn drawn(&self) {
        self.drawn.store(true, Ordering::Relaxed);
    }

    /// The page is there.
    pub fn loaded(&self) {
        self.loaded.store(true, Ordering::Relaxed);
    }

    /// Runs `blank` when the window stays blank, in a thread of its own.
    pub fn start(&self, blank: impl FnOnce() + Send + 'static) {
        let watch = self.clone();
        std::thread::spawn(move || {
            let opened = Instant::now();
            let mut loaded: Option<Instant> = None;
            loop {
                std::thread::sleep(LOOK);
                if loaded.is_none() && watch.loaded.load(Ordering::Relaxed) {
                    loaded = Some(Instant::now());
                }
                let drawn = watch.drawn.load(Ordering::Relaxed);
                match judge(drawn, opened.elapsed(), loaded.map(|at| at.elapsed())) {
                    Verdict::Wait => {}
                    Verdict::Drawn => return,
                    Verdict::Blank => return blank(),
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_blank_when_its_page_is_there_and_nothing_is_drawn() {
        let check = |drawn, open, loaded: Option<u64>, verdict| {
            let found = judge(drawn, Duration::from_secs(open), loaded.map(Duration::from_secs));
            assert_eq!(found, verdict, "{drawn} {open} {loaded:?}");
        };
        check(false, 5, Some(5), Verdict::Wait);
        check(false, 7, Some(6), Verdict::Blank);
        check(true, 7, Some(6), Verdict::Drawn);
        check(false, 20, None, Verdict::Wait);
        check(false, 40, None, Verdict::Blank);
        check(true, 90, None, Verdict::Drawn);
    }
}
