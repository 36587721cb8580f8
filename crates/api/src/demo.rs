//! The demo, as a front end steers it.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use qd_model::Kind;
use tokio::sync::RwLockReadGuard;
use url::Url;

use crate::commands::Nothing;
use crate::view::{DemoLeaveReq, DemoReq, DemoView, Done};
use crate::{ApiError, App};

/// A simulated world with its clock, which is the product's clock, too.
pub trait Demo: Send + Sync + 'static {
    /// How it stands.
    fn state(&self) -> DemoView;
    /// Lets time pass, or stops it.
    fn run(&self, playing: bool, speed: u32);
    /// Sets the clock ahead.
    fn set(&self, now: DateTime<Utc>);
    /// Forgets what people did in it, and sets the clock.
    fn begin_anew(&self, now: DateTime<Utc>);
    /// Says that its clock is being set from stop to stop, or no more. Meanwhile it passes for one that hurries, so that what
    /// is read at a stop is trusted up to the next.
    fn leap(&self, leaping: bool);
    /// The instant before the first chapter at which it is read first, so that there is a past to look at.
    fn prelude(&self) -> DateTime<Utc>;
    /// Whether a server is one of its own.
    fn owns(&self, url: &Url) -> bool;
}

/// Ends a front end and starts it anew.
pub trait Relaunch: Send + Sync + 'static {
    /// As a demo, or as the real thing. `link` is where it shall open, a `quarterdeck://` link.
    ///
    /// # Errors
    /// Why it cannot.
    fn relaunch(&self, demo: bool, link: Option<&'static str>) -> Result<(), String>;
}

/// Where connections are added.
const CONNECTIONS: &str = "quarterdeck://view/connections";
/// An instant is read when every source has been read since. So often it is tried.
const ROUNDS: u32 = 12;
/// So long a chapter may take to be read until what is shown tells that its sources are not current.
/// Going back, all is read anew; a slow machine takes more than ten seconds for it.
const HOLD: Duration = Duration::from_secs(40);
/// How far apart the stops of a leap are: near enough that an alert which flaps is seen to.
const STOP: TimeDelta = TimeDelta::minutes(3);
/// How far apart the stops are at which everything is read.
const WHOLE: TimeDelta = TimeDelta::minutes(9);
/// The command that must not wait until the demo is whole: it makes it so.
pub(crate) const CONTROL: &str = "demo_control";
/// Simulated seconds in a real one, at most.
const FASTEST: u32 = 60;

/// What front ends are told while a chapter is read: time has leapt, and the sources are being read at the new time, all
/// of them, right now. Until they are, views stay at the moment before, at which each source was as current as it was.
/// Nothing is drawn better than it was seen, and nothing as unknown that only the leap made old.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    /// The moment before.
    pub now: DateTime<Utc>,
    /// The sources at that moment.
    pub reports: Vec<qd_engine::SourceReport>,
    /// The number that views carry meanwhile.
    pub seq: u64,
    until: Instant,
}

/// Lets views go on when it is dropped.
struct Hold<'a>(&'a App);

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        *self.0.inner.held.lock().unwrap_or_else(PoisonError::into_inner) = None;
        // Rings the bell, though it may be that neither the store nor a source's trust changed.
        self.0.inner.epoch.fetch_add(1, Ordering::Relaxed);
        self.0.inner.desk.arrived.notify_one();
    }
}

impl App {
    /// What views are held at, for [`HOLD`] at the most.
    pub(crate) fn held(&self) -> Option<Held> {
        let held = self.inner.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.as_ref().filter(|held| Instant::now() < held.until).cloned()
    }

    /// Waits while a demo goes back, but not for ever: what the store has of it until then is a part, and the rest would
    /// pass for not there. `None`: it takes too long; then the sources say that they were not read.
    pub(crate) async fn when_whole(&self) -> Option<RwLockReadGuard<'_, ()>> {
        tokio::time::timeout(HOLD, self.inner.whole.read()).await.ok()
    }

    async fn hold(&self) -> Result<Hold<'_>, ApiError> {
        let sources = self.sources(None).await?;
        let seq = self.view_seq(self.inner.parts.store.seq().await?, &sources);
        let reports = sources.list.into_iter().map(|source| source.report).collect();
        let held = Held { now: sources.now, reports, seq, until: Instant::now() + HOLD };
        *self.inner.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(held);
        Ok(Hold(self))
    }

    /// Reads the demo from its prelude to a chapter, step by step. For hosts, before [`App::start`].
    ///
    /// # Errors
    /// There is no such chapter, this is no demo, or the store failed.
    pub async fn demo_begin(&self, chapter: &str) -> Result<DemoView, ApiError> {
        let demo = self.the_demo()?;
        let to = find(&demo.state(), chapter)?;
        self.configure().await?;
        self.tell_from_the_start(&demo, to).await?;
        Ok(demo.state())
    }

    /// Plays, stops or hurries the demo, or goes to a chapter.
    ///
    /// # Errors
    /// This is no demo, there is no such chapter or speed, or the store failed.
    pub async fn demo_control(&self, request: DemoReq) -> Result<DemoView, ApiError> {
        let demo = self.the_demo()?;
        let _one_at_a_time = self.inner.telling.lock().await;
        let before = demo.state();
        let speed = request.speed.unwrap_or(before.speed);
        if !(1..=FASTEST).contains(&speed) {
            return Err(ApiError::new("bad_request", format!("The speed is 1 to {FASTEST}.")));
        }
        if let Some(chapter) = &request.chapter {
            let to = find(&before, chapter)?;
            let back = to < before.now;
            // Going back, the store is emptied: views wait instead of showing what is there of it.
            let whole = if back { Some(self.inner.whole.write().await) } else { None };
            // After the views, which may wait for it themselves.
            let editing = self.inner.editing.lock().await;
            let held = self.hold().await?;
            let quiet = self.inner.engine.quiet().await;
            // Chapters are read while time stands, so that each is seen as it is told.
            demo.run(false, speed);
            let told = if back {
                self.tell_from_the_start(&demo, to).await
            } else {
                self.tell_on(&demo, before.now, to).await;
                Ok(())
            };
            if told.is_err() {
                demo.run(before.playing, before.speed);
            }
            // In this order: views go on when what they are read from is whole and told to be.
            drop((held, whole, quiet, editing));
            told?;
        }
        demo.run(request.playing.unwrap_or(before.playing), speed);
        if speed != before.speed {
            self.inner.engine.retime();
        }
        Ok(demo.state())
    }

    /// Opens the demo in place of the real thing.
    ///
    /// # Errors
    /// This front end cannot.
    pub async fn demo_enter(&self, _: Nothing) -> Result<Done, ApiError> {
        self.relaunch(true, None)
    }

    /// Opens the real thing in place of the demo.
    ///
    /// # Errors
    /// This front end cannot.
    pub async fn demo_leave(&self, request: DemoLeaveReq) -> Result<Done, ApiError> {
        self.relaunch(false, request.connect.then_some(CONNECTIONS))
    }

    /// Refuses what would mix the demo with real things.
    pub(crate) fn refuse_in_demo(&self, what: &str) -> Result<(), ApiError> {
        match &self.inner.parts.demo {
            None => Ok(()),
            Some(_) => Err(ApiError::new("refused", format!("{what} Leave the demo first."))),
        }
    }

    fn relaunch(&self, demo: bool, link: Option<&'static str>) -> Result<Done, ApiError> {
        let cannot = |why: String| ApiError::new("refused", why);
        let relaunch = self.inner.parts.relaunch.as_ref();
        let relaunch = relaunch.ok_or_else(|| cannot("Use `quarterdeck --demo` or `qd demo`.".to_owned()))?;
        relaunch.relaunch(demo, link).map_err(cannot)?;
        Ok(Done { message: String::new() })
    }

    fn the_demo(&self) -> Result<Arc<dyn Demo>, ApiError> {
        self.inner.parts.demo.clone().ok_or_else(|| ApiError::new("refused", "This is not the demo."))
    }

    async fn tell_from_the_start(&self, demo: &Arc<dyn Demo>, to: DateTime<Utc>) -> Result<(), ApiError> {
        let first = demo.prelude();
        let world = demo.clone();
        self.inner.engine.begin_anew(move || world.begin_anew(first)).await?;
        // What was kept beside the store is of a time that is yet to come.
        self.inner.drifts.forget();
        self.inner.silences.lock().unwrap_or_else(PoisonError::into_inner).clear();
        demo.leap(true);
        self.read_at(demo, first, None).await;
        self.tell_on(demo, first, to).await;
        Ok(())
    }

    /// Through every chapter between, and through stops on the way to each. Afterwards it is read at the clock's own pace again.
    async fn tell_on(&self, demo: &Arc<dyn Demo>, from: DateTime<Utc>, to: DateTime<Utc>) {
        demo.leap(true);
        let chapters: Vec<DateTime<Utc>> = demo.state().chapters.iter().map(|chapter| chapter.at).collect();
        for (stop, whole) in stops(&chapters, from, to) {
            self.read_at(demo, stop, (!whole).then_some(Kind::Alert)).await;
        }
        demo.leap(false);
        self.inner.engine.retime();
    }

    /// Sets the clock and reads every source, or those of a kind, to the end.
    async fn read_at(&self, demo: &Arc<dyn Demo>, now: DateTime<Utc>, only: Option<Kind>) {
        demo.set(now);
        let engine = &self.inner.engine;
        for _ in 0..ROUNDS {
            let reports = match only {
                Some(kind) => engine.sync_kind(kind).await,
                None => engine.sync().await,
            };
            let read = |report: &qd_engine::SourceReport| {
                let health = &report.health;
                health.as_of.is_some_and(|at| at >= now) && health.next_at.is_none_or(|next| next > now)
            };
            if reports.iter().all(read) {
                return;
            }
        }
        tracing::warn!("a part of the demo could not be read; the sources say why");
    }
}

/// Where a leap stops after `from`, up to `to`, and whether everything is read there. Everything is at chapters and, after the
/// first of them, now and then on the way; otherwise, and before it, where the story has not begun, only alerts: one that is over
/// is listed nowhere, and known to nobody who did not look while it fired. All else tells its past.
fn stops(chapters: &[DateTime<Utc>], from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<(DateTime<Utc>, bool)> {
    let begin = chapters.first().copied().unwrap_or(from);
    let mut stops = Vec::new();
    let (mut at, mut read) = (from, from);
    while at < to {
        let chapter = chapters.iter().copied().find(|chapter| *chapter > at).unwrap_or(to).min(to);
        at = chapter.min(at + STOP);
        let whole = at == chapter || at > begin && at - read >= WHOLE;
        read = if whole { at } else { read };
        stops.push((at, whole));
    }
    stops
}

fn find(state: &DemoView, chapter: &str) -> Result<DateTime<Utc>, ApiError> {
    let found = state.chapters.iter().find(|known| known.key == chapter);
    found.map(|found| found.at).ok_or_else(|| {
        let known: Vec<&str> = state.chapters.iter().map(|known| known.key.as_str()).collect();
        let chapter = crate::plain(chapter);
        ApiError::new(
            "bad_request",
            format!("There is no chapter “{chapter}”; there are: {}.", known.join(", ")),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Minutes of the stops, with a `*` where everything is read, for chapters at 0, 3 and 30.
    fn check(from: i64, to: i64, expected: &str) {
        let at = |minutes: i64| DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes);
        let stops = stops(&[at(0), at(3), at(30)], at(from), at(to));
        let told = |(stop, whole): &(DateTime<Utc>, bool)| {
            format!("{}{}", stop.timestamp() / 60, if *whole { "*" } else { "" })
        };
        assert_eq!(stops.iter().map(told).collect::<Vec<_>>().join(" "), expected, "{from} to {to}");
    }

    #[test]
    fn a_leap_stops_at_every_chapter_and_on_the_way() {
        check(-10, 0, "-7 -4 -1 0*");
        check(-2, 3, "0* 3*");
        check(3, 17, "6 9 12* 15 17*");
        check(20, 31, "23 26 29* 30* 31*");
        check(5, 5, "");
    }
}
