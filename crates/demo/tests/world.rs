//! Harbour as a function: the same seed, instant and deeds always show the same, and each chapter is what it says.

use chrono::{DateTime, TimeDelta, Utc};
use qd_demo::world::{Matcher, Service, Silence};
use qd_demo::{Act, CHAPTERS, Deed, END, Moment, START, Scale, World};

fn world() -> World {
    World::new(Scale::default(), 1)
}

fn at(chapter: &str) -> DateTime<Utc> {
    CHAPTERS.iter().find(|known| known.key == chapter).expect("a chapter").at()
}

fn service<'a>(world: &'a World, name: &str) -> &'a Service {
    world.services.iter().find(|service| service.name == name).expect("a service")
}

/// What is live in an environment of checkout.
fn live(moment: &Moment<'_>, environment: &str) -> Vec<String> {
    let checkout = service(moment.world, "checkout");
    let all = moment.deployments(checkout).into_iter().filter(|it| it.environment == environment);
    let last = |it: &&_| moment.reports(checkout, it).last().is_some_and(|report| report.state == "success");
    all.filter(last).map(|it| it.version.clone()).collect()
}

fn burns(moment: &Moment<'_>) -> Option<DateTime<Utc>> {
    let alerts = moment.alerts();
    alerts.iter().find(|it| it.plan.labels["alertname"] == "CheckoutLatencyBudgetBurn").map(|it| it.since)
}

/// Open tickets of checkout that were written since the story began.
fn complaints(moment: &Moment<'_>) -> usize {
    let written = moment.tickets().into_iter().filter(|it| it.plan.service == 0 && it.plan.created > START);
    written.filter(|it| it.closed.is_none()).count()
}

/// Chapter; what is live in prod-eu, prod-us and dev; whether the budget burns; how many customers wait.
#[track_caller]
fn check(chapter: &str, eu: &str, us: &str, dev: &str, burning: bool, waiting: usize) {
    let world = world();
    let moment = Moment { world: &world, deeds: &[], now: at(chapter) };
    assert_eq!(live(&moment, "prod-eu"), [eu], "{chapter}: exactly one version is live in prod-eu");
    assert_eq!(live(&moment, "prod-us"), [us], "{chapter}");
    assert_eq!(live(&moment, "dev"), [dev], "{chapter}");
    assert_eq!(burns(&moment).is_some(), burning, "{chapter}");
    assert_eq!(complaints(&moment), waiting, "{chapter}");
}

#[test]
fn each_chapter_shows_what_it_tells() {
    check("calm", "v411", "v411", "v412", false, 0);
    check("bad-deploy", "v412", "v411", "v412", false, 0);
    check("alert", "v412", "v411", "v412", true, 0);
    check("tickets", "v412", "v411", "v412", true, 4);
    check("rollback", "v411", "v411", "v412", false, 4);
    check("fix", "v411", "v411", "v413", false, 4);
    check("release", "v413", "v413", "v413", false, 0);
}

#[test]
fn the_alert_fires_three_minutes_after_the_bad_deployment() {
    let world = world();
    let moment = Moment { world: &world, deeds: &[], now: at("alert") };
    let checkout = service(&world, "checkout");
    let bad = moment.deployments(checkout)[0];
    assert_eq!((bad.version.as_str(), bad.environment), ("v412", "prod-eu"));
    assert_eq!(burns(&moment), Some(bad.created + TimeDelta::minutes(3)));
}

#[test]
fn the_same_seed_is_the_same_world_and_another_is_another() {
    assert_eq!(world(), world());
    assert_ne!(world(), World::new(Scale::default(), 2));
    let at_once = |world: &World| {
        let moment = Moment { world, deeds: &[], now: at("fix") };
        format!("{:?} {:?}", moment.tickets(), moment.runs(&world.services[3]))
    };
    assert_eq!(
        at_once(&world()),
        at_once(&world()),
        "a moment shows nothing but the world, the deeds and the time"
    );
}

#[test]
fn numbers_grow_with_time_and_meet_nowhere() {
    let world = world();
    let mut ids = Vec::new();
    for service in &world.services {
        assert!(
            service.runs.windows(2).all(|pair| pair[0].id < pair[1].id && pair[0].created <= pair[1].created)
        );
        assert!(service.runs.len() <= 200, "{} has {} runs", service.name, service.runs.len());
        ids.extend(service.runs.iter().map(|run| run.id));
    }
    let many = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), many, "ids are unique on the host");
}

#[test]
fn it_grows_to_the_size_that_is_asked_for() {
    let world = World::new(Scale { services: 300, alerts: 5_000, tickets: 20, days: 7 }, 7);
    let moment = Moment { world: &world, deeds: &[], now: START };
    assert_eq!(world.services.len(), 300);
    assert!(moment.alerts().len() >= 5_000);
    let tiny = World::new(Scale { services: 1, alerts: 0, tickets: 0, days: 1 }, 7);
    let moment = Moment { world: &tiny, deeds: &[], now: END };
    assert_eq!((tiny.services.len(), live(&moment, "prod-eu")), (1, vec!["v413".to_owned()]));
}

#[test]
fn a_flaky_run_passes_when_it_is_run_again_and_takes_its_time() {
    let world = world();
    let identity = service(&world, "identity");
    let seen = |deeds: &[Deed], now| {
        let moment = Moment { world: &world, deeds, now };
        let run = moment.runs(identity).into_iter().find(|run| run.plan.branch == "main").expect("a run");
        (run.plan.id, run.attempt, format!("{:?}", run.phase))
    };
    let (run, attempt, phase) = seen(&[], START);
    assert_eq!((attempt, phase.as_str()), (1, "Failed(Flaky)"));
    let deeds = [Deed { at: START, act: Act::Rerun { run } }];
    let later = |secs| seen(&deeds, START + TimeDelta::seconds(secs)).2;
    assert_eq!(later(1), "Queued");
    assert_eq!(later(60), "Running");
    assert_eq!(later(600), "Passed");
    assert_eq!(seen(&deeds, START - TimeDelta::seconds(1)).1, 1, "a deed is not seen before it is done");
}

#[test]
fn an_approved_run_deploys_and_a_rejected_one_does_not() {
    let world = world();
    let ledger = service(&world, "ledger");
    let waiting = ledger.deployments.iter().rev().find(|it| it.environment == "prod-eu").expect("it waits");
    let state = |deeds: &[Deed]| {
        let moment = Moment { world: &world, deeds, now: START + TimeDelta::minutes(5) };
        moment.reports(ledger, waiting).last().expect("a report").state
    };
    let review =
        |approved| [Deed { at: START, act: Act::Review { run: waiting.run.expect("its run"), approved } }];
    assert_eq!(state(&[]), "waiting");
    assert_eq!(state(&review(true)), "success");
    assert_eq!(state(&review(false)), "error");
}

#[test]
fn a_silence_silences_until_it_ends() {
    let world = world();
    let matcher = |name: &str, value: &str, is_regex| Matcher {
        name: name.to_owned(),
        value: value.to_owned(),
        is_regex,
        is_equal: true,
    };
    let silence = Silence {
        id: "s".to_owned(),
        matchers: vec![matcher("alertname", "Checkout.*", true), matcher("environment", "prod-eu", false)],
        starts: at("alert"),
        ends: at("alert") + TimeDelta::hours(2),
        by: "you".to_owned(),
        comment: "known".to_owned(),
        updated: at("alert"),
    };
    let made = Deed { at: at("alert"), act: Act::Silence(silence) };
    let ended = Deed { at: at("tickets"), act: Act::Expire { silence: "s".to_owned() } };
    let held = |deeds: &[Deed], now| {
        let moment = Moment { world: &world, deeds, now };
        let alerts = moment.alerts();
        alerts.iter().filter(|alert| alert.silenced_by.contains(&"s".to_owned())).count()
    };
    assert_eq!(held(std::slice::from_ref(&made), at("alert")), 2, "the burning budget and the slow answers");
    assert_eq!(held(&[made, ended], at("tickets")), 0);
}
