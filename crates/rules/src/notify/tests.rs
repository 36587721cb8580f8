//! What is told, as a table: steps of time and changes, and every word that came of them.

use chrono::TimeZone;
use expect_test::{Expect, expect};
use qd_model::Status;

use super::*;

fn start() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 1, 12, 0, 0).unwrap()
}

/// A person's afternoon: the clock on the wall and ours run together unless the machine sleeps.
struct Day {
    memory: Memory,
    settings: NotifySettings,
    now: DateTime<Utc>,
    beat: Duration,
    paused_until: Option<DateTime<Utc>>,
    told: String,
}

impl Day {
    /// Somebody who has been there for a while.
    fn begin(settings: NotifySettings) -> Self {
        let mut day = Self::start(settings, Some(start()), &[]);
        day.wait(30);
        day
    }

    fn start(settings: NotifySettings, seen: Option<DateTime<Utc>>, standing: &[Event]) -> Self {
        Self {
            memory: Memory::resume(seen, start(), standing),
            settings,
            now: start(),
            beat: Duration::ZERO,
            paused_until: None,
            told: String::new(),
        }
    }

    fn look(&mut self, events: &[Event], down: &[(SourceId, DateTime<Utc>)]) {
        let moment = Moment {
            now: self.now,
            beat: self.beat,
            local: self.now.time(),
            paused_until: self.paused_until,
            simulated: false,
        };
        let decision = self.memory.decide(&self.settings, moment, events, down);
        for toast in decision.toasts {
            self.told += &format!("{} {}\n", self.now.format("%H:%M:%S"), words(&toast));
        }
        for id in decision.mended {
            self.told += &format!("{} mended {id}\n", self.now.format("%H:%M:%S"));
        }
    }

    /// A look every second.
    fn wait(&mut self, secs: u64) -> &mut Self {
        for _ in 0..secs {
            self.now += TimeDelta::seconds(1);
            self.beat += Duration::from_secs(1);
            self.look(&[], &[]);
        }
        self
    }

    fn sleep(&mut self, hours: i64) -> &mut Self {
        self.now += TimeDelta::hours(hours);
        self
    }

    fn happens(&mut self, events: &[Event]) -> &mut Self {
        let events: Vec<Event> = events
            .iter()
            .map(|event| Event { occurred: event.occurred + (self.now - start()), ..event.clone() })
            .collect();
        self.look(&events, &[]);
        self
    }

    fn check(&self, expected: Expect) {
        expected.assert_eq(&self.told);
    }
}

fn words(toast: &Toast) -> String {
    let item = |item: &Item| format!("{} {}", item.status.as_str(), item.title);
    let tally = |tally: &Tally| {
        let counts: Vec<_> = tally.counts.iter().map(|(s, n)| format!("{n} {}", s.as_str())).collect();
        format!("{} (worst: {})", counts.join(", "), tally.worst.as_ref().map_or("-".into(), item))
    };
    match toast {
        Toast::One { item: it, flapping } => format!("{}{}", item(it), if *flapping { " ~" } else { "" }),
        Toast::Group { name, tally: it } => format!("{name}: {}", tally(it)),
        Toast::Digest(it) => format!("digest: {}", tally(it)),
        Toast::CatchUp { since, tally: it } => {
            format!("since {}: {}", since.format("%H:%M"), tally(it))
        }
        Toast::Unreachable(sources) => format!(
            "unreachable: {}",
            sources.iter().map(|(id, _)| id.to_string()).collect::<Vec<_>>().join(", ")
        ),
        Toast::Test => "test".to_owned(),
    }
}

fn event(kind: Kind, name: &str, service: Option<&str>, status: Status) -> Event {
    Event {
        item: Item {
            id: EntityId::new(&"src".parse().unwrap(), kind, name),
            title: name.to_owned(),
            service: service.map(str::to_owned),
            environment: None,
            status,
        },
        line: format!("src {} {name}", kind.as_str()),
        speaks: true,
        acknowledged: false,
        occurred: start(),
    }
}

fn alert(name: &str, status: Status) -> Event {
    event(Kind::Alert, name, None, status)
}

fn from(from: Severity) -> NotifySettings {
    NotifySettings { from, ..NotifySettings::default() }
}

#[test]
fn a_change_is_told_once_and_not_again_while_it_stands() {
    let mut day = Day::begin(from(Severity::High));
    day.happens(&[alert("cpu", Status::Paging)]).wait(5);
    day.happens(&[alert("cpu", Status::Paging)]).wait(5);
    day.happens(&[alert("cpu", Status::Ok)]).wait(5);
    day.check(expect![[r#"
        12:00:32 paging cpu
        12:00:40 mended src/alert/cpu
    "#]]);
}

#[test]
fn a_pipeline_that_fails_again_is_no_news_and_getting_worse_is() {
    let mut day = Day::begin(from(Severity::Warning));
    let run = |native: &str, status| Event {
        line: "src run build main".into(),
        ..event(Kind::Run, native, Some("shop"), status)
    };
    day.happens(&[run("#1", Status::Failing)]).wait(60);
    day.happens(&[run("#2", Status::Running)]).happens(&[run("#2", Status::Failing)]).wait(60);
    day.happens(&[run("#3", Status::Inactive)]).happens(&[run("#4", Status::Failing)]).wait(60);
    day.happens(&[run("#5", Status::Ok)]).happens(&[run("#6", Status::Failing)]).wait(60);
    day.happens(&[alert("cpu", Status::Warn)]).wait(60);
    day.happens(&[alert("cpu", Status::Paging)]).wait(60);
    day.check(expect![[r#"
        12:00:32 failing #1
        12:03:30 mended src/run/#1
        12:03:32 failing #6
        12:04:32 warn cpu
        12:05:32 paging cpu
    "#]]);
}

#[test]
fn what_was_not_asked_for_is_never_told_not_even_in_a_digest_or_a_summary() {
    let noise: Vec<Event> = (0..9)
        .flat_map(|n| {
            [
                alert(&format!("warn{n}"), Status::Warn),
                Event { speaks: false, ..event(Kind::Run, &format!("branch{n}"), None, Status::Failing) },
                event(Kind::Ticket, &format!("ticket{n}"), None, Status::Paging),
                Event { acknowledged: true, ..alert(&format!("acked{n}"), Status::Paging) },
                alert(&format!("odd{n}"), Status::Unknown),
                alert(&format!("silenced{n}"), Status::Inactive),
            ]
        })
        .collect();
    let kinds = BTreeSet::from([Kind::Run, Kind::Alert]);
    let mut day = Day::begin(NotifySettings { kinds, ..from(Severity::High) });
    day.happens(&noise).wait(90).sleep(8).happens(&[]).happens(&noise).wait(90);
    day.check(expect![""]);
    day.happens(&[alert("real", Status::Failing)]).wait(5);
    day.check(expect![[r#"
        20:03:32 failing real
    "#]]);
}

#[test]
fn nothing_is_told_when_notifications_are_off() {
    let mut day = Day::begin(NotifySettings { enabled: false, ..from(Severity::Info) });
    day.happens(&[alert("cpu", Status::Paging)]).wait(30);
    day.settings.enabled = true;
    day.wait(30).check(expect![""]);
}

#[test]
fn what_belongs_together_comes_together() {
    let mut day = Day::begin(from(Severity::High));
    let of = |service, name: &str, status| event(Kind::Alert, name, Some(service), status);
    day.happens(&[of("shop", "a", Status::Failing)]).wait(1);
    day.happens(&[of("shop", "b", Status::Paging), of("ledger", "c", Status::Waiting)]).wait(9);
    day.check(expect![[r#"
        12:00:32 shop: 1 paging, 1 failing (worst: paging b)
        12:00:32 waiting c
    "#]]);
}

#[test]
fn more_than_three_in_a_minute_become_one_digest_and_one_a_minute() {
    let mut day = Day::begin(from(Severity::High));
    for n in 0..40 {
        day.happens(&[alert(&format!("a{n}"), Status::Failing)]).wait(3);
    }
    day.wait(90);
    day.check(expect![[r#"
        12:00:32 failing a0
        12:00:35 failing a1
        12:00:38 failing a2
        12:00:41 digest: 1 failing (worst: failing a3)
        12:01:41 digest: 20 failing (worst: failing a4)
        12:01:44 failing a24
        12:01:47 failing a25
        12:01:50 failing a26
        12:02:41 digest: 13 failing (worst: failing a27)
    "#]]);
}

#[test]
fn a_flood_at_once_is_one_digest() {
    let mut day = Day::begin(from(Severity::High));
    let flood: Vec<Event> = (0..400).map(|n| alert(&format!("a{n}"), Status::Failing)).collect();
    day.happens(&flood).happens(&[alert("z", Status::Paging)]).wait(10);
    day.check(expect![[r#"
        12:00:32 digest: 1 paging, 400 failing (worst: paging z)
    "#]]);
}

#[test]
fn what_happened_long_ago_is_no_news() {
    let mut day = Day::begin(from(Severity::High));
    let ago = |minutes, name: &str| Event {
        occurred: start() - TimeDelta::minutes(minutes),
        ..alert(name, Status::Paging)
    };
    day.happens(&[ago(11, "old"), ago(9, "young")]).wait(10);
    day.check(expect![[r#"
        12:00:32 paging young
    "#]]);
}

#[test]
fn flapping_is_told_as_such_and_then_no_more_until_it_was_calm() {
    let mut day = Day::begin(from(Severity::High));
    for _ in 0..8 {
        day.happens(&[alert("f", Status::Failing)]).wait(60);
        day.happens(&[alert("f", Status::Ok)]).wait(60);
    }
    day.told = day.told.lines().filter(|line| !line.contains("mended")).map(|l| format!("{l}\n")).collect();
    day.check(expect![[r#"
        12:00:32 failing f
        12:02:32 failing f
        12:04:32 failing f ~
    "#]]);
    day.told.clear();
    day.wait(31 * 60).happens(&[alert("f", Status::Failing)]).wait(5);
    day.check(expect![[r#"
        12:47:32 failing f
    "#]]);
}

#[test]
fn trouble_that_is_over_before_it_was_told_is_not_told() {
    let mut day = Day::begin(from(Severity::High));
    day.happens(&[alert("blip", Status::Failing)]).wait(1).happens(&[alert("blip", Status::Ok)]).wait(20);
    day.check(expect![[r#"
        12:00:31 mended src/alert/blip
    "#]]);
}

#[test]
fn after_a_sleep_there_is_one_summary_of_what_still_stands() {
    let mut day = Day::begin(from(Severity::High));
    day.wait(30).sleep(8).happens(&[]).wait(3);
    day.happens(&[alert("a", Status::Paging), alert("b", Status::Failing)]).wait(3);
    day.happens(&[alert("c", Status::Failing)]).wait(3);
    day.happens(&[alert("b", Status::Ok)]).wait(60);
    day.check(expect![[r#"
        20:01:09 mended src/alert/b
        20:01:20 since 12:01: 1 paging, 1 failing (worst: paging a)
    "#]]);
}

#[test]
fn a_start_sums_up_what_happened_since_the_last_one_and_the_very_first_says_nothing() {
    let standing = [alert("known", Status::Paging)];
    let news = [alert("known", Status::Paging), alert("new", Status::Failing)];
    let before = Some(start() - TimeDelta::hours(14));
    let mut day = Day::start(from(Severity::High), before, &standing);
    day.happens(&news).wait(60);
    day.check(expect![[r#"
        12:00:20 since 22:00: 1 failing (worst: failing new)
    "#]]);
    let mut first = Day::start(from(Severity::High), None, &[]);
    first.happens(&news).wait(60).happens(&[alert("later", Status::Failing)]).wait(5);
    first.check(expect![[r#"
        12:01:02 failing later
    "#]]);
}

#[test]
fn quiet_hours_and_a_pause_hush_everything_and_end_with_one_summary() {
    let hours = "12:01-12:10".parse().unwrap();
    let mut day = Day::begin(NotifySettings { quiet_hours: Some(hours), ..from(Severity::High) });
    day.wait(60).happens(&[alert("a", Status::Paging)]).wait(120).happens(&[alert("b", Status::Paging)]);
    day.happens(&[alert("a", Status::Ok)]).wait(420);
    day.paused_until = Some(day.now + TimeDelta::minutes(60));
    day.happens(&[alert("c", Status::Failing)]).wait(61 * 60);
    day.check(expect![[r#"
        12:03:30 mended src/alert/a
        12:10:00 since 12:01: 1 paging (worst: paging b)
        13:10:30 since 12:10: 1 failing (worst: failing c)
    "#]]);
}

#[test]
fn a_source_that_stays_away_is_told_once_for_each_time_and_says_nothing_else() {
    let mut day = Day::begin(from(Severity::High));
    let id: SourceId = "ci".parse().unwrap();
    let away = |day: &mut Day, minutes: i64, since: DateTime<Utc>| {
        for _ in 0..minutes * 60 {
            day.now += TimeDelta::seconds(1);
            day.beat += Duration::from_secs(1);
            day.look(&[], &[(id.clone(), since)]);
        }
    };
    let since = day.now;
    away(&mut day, 30, since);
    day.wait(60);
    let since = day.now;
    away(&mut day, 9, since);
    day.wait(1);
    let since = day.now;
    away(&mut day, 11, since);
    day.settings.unreachable_after = None;
    day.wait(1);
    let since = day.now;
    away(&mut day, 30, since);
    day.check(expect![[r#"
        12:10:30 unreachable: ci
        12:50:31 unreachable: ci
    "#]]);
}

#[test]
fn quiet_hours_may_run_over_midnight() {
    let check = |hours: &str, time: &str, quiet: bool| {
        let hours: QuietHours = hours.parse().unwrap();
        let time = NaiveTime::parse_from_str(time, "%H:%M").unwrap();
        assert_eq!(hours.contains(time), quiet, "{hours} {time}");
    };
    check("22:00-07:00", "23:30", true);
    check("22:00-07:00", "06:59", true);
    check("22:00-07:00", "07:00", false);
    check("22:00-07:00", "12:00", false);
    check("12:00-13:00", "12:00", true);
    check("12:00 - 13:00", "13:00", false);
    for wrong in ["", "22:00", "22-7", "25:00-07:00", "07:00-07:00", "a-b"] {
        assert!(wrong.parse::<QuietHours>().is_err(), "{wrong}");
    }
}

#[test]
fn an_event_knows_what_its_fact_tells() {
    use crate::fixtures::{alert, run_with};
    use qd_model::{Observed, RunResult, RunState};
    let failed = |branch: &str| {
        let fact = run_with("ci", "7", branch, Observed::new(RunState::Done, ""), Some(RunResult::Failure));
        Event::of(&fact, Some("shop"), None, start())
    };
    assert_eq!(failed("main").level(), Some(Severity::High));
    assert_eq!(failed("fix/typo").level(), None, "a branch is its author's business");
    assert_eq!(failed("main").item.title, "build #7");
    let of =
        |severity: &str| Event::of(&alert("am", "x", &[("severity", severity)]), None, None, start()).level();
    assert_eq!(of("critical"), Some(Severity::Critical));
    assert_eq!(of("warning"), Some(Severity::Warning));
    assert_eq!(of("zonk"), Some(Severity::Warning), "a severity nobody knows is not dropped");
    assert_eq!(of("info"), None);
}
