//! What the roll-up says of a service.

use super::*;
use crate::fixtures::{alert, all_fresh, deployment, judged, now, run_with, ticket};
use qd_model::{Observed, RunResult, RunState};

fn check(facts: Vec<Fact>, current: bool, expected: (Status, &str)) {
    let catalogue = Catalogue::default();
    let links: Vec<Links> = facts.iter().map(|fact| catalogue.link(fact)).collect();
    let judged = judged(&facts, &links);
    let source = |fact: &Fact| (fact.id().source.clone(), SourceTrust { current, as_of: Some(now()) });
    let trust = Trust(facts.iter().map(source).collect());
    let services = roll_up(&judged, &catalogue, &trust);
    let service = services.first().expect("one service");
    let first = service.reasons.first().map_or("none", |reason| reason.code.as_str());
    assert_eq!((service.status, first), expected, "{:?}", service.reasons);
}

fn passed() -> Fact {
    run_with("ci", "1", "main", Observed::new(RunState::Done, ""), Some(RunResult::Success))
}

#[test]
fn a_service_is_as_its_worst_signal() {
    check(vec![passed()], true, (Status::Ok, "all_good"));
    check(
        vec![passed(), alert("am", "f", &[("service", "shop"), ("severity", "critical")])],
        true,
        (Status::Paging, "alert_firing"),
    );
    check(vec![passed(), deployment("ci", "9", Some("shop"), "prod")], true, (Status::Ok, "all_good"));
    let failed = run_with("ci", "2", "main", Observed::new(RunState::Done, ""), Some(RunResult::Failure));
    check(vec![failed], true, (Status::Failing, "run_failed"));
}

#[test]
fn an_alert_that_two_sources_tell_of_counts_once_and_both_are_asked_for() {
    let labels = [("service", "shop"), ("severity", "critical")];
    let facts = [alert("am", "f", &labels), alert("twin", "f", &labels), alert("twin", "g", &labels)];
    let catalogue = Catalogue::default();
    let links: Vec<Links> = facts.iter().map(|fact| catalogue.link(fact)).collect();
    let judged = judged(&facts, &links);
    let trust = |source: &str, current| {
        (source.parse::<SourceId>().expect("an id"), SourceTrust { current, as_of: Some(now()) })
    };
    let services = roll_up(&judged, &catalogue, &Trust([trust("am", true), trust("twin", false)].into()));
    assert_eq!(services[0].firing(), [(Severity::Critical, 2)]);
    let told = services[0].reasons.iter().filter(|it| it.code == ReasonCode::AlertFiring).count();
    assert_eq!(told, 2, "{:?}", services[0].reasons);
    let unread = services[0].reasons.iter().any(|it| it.code == ReasonCode::SourceStale);
    assert!(unread && !services[0].stale, "what fires now is not old because another source cannot be read");
    let neither = roll_up(&judged, &catalogue, &Trust([trust("am", false), trust("twin", false)].into()));
    assert!(neither[0].stale);
    let waiting = crate::attention(&judged, &Trust([trust("am", true), trust("twin", true)].into()), 9);
    assert_eq!(waiting.len(), 2, "nobody has to look at it twice");
}

#[test]
fn nothing_stale_or_unknown_is_fine() {
    check(vec![passed()], false, (Status::Unknown, "state_unknown"));
    let odd = run_with("ci", "1", "main", Observed::new(RunState::Done, "zonked"), Some(RunResult::Unknown));
    check(vec![odd], true, (Status::Unknown, "state_unknown"));
    check(vec![ticket("t", "1", Some("shop"))], true, (Status::Unknown, "only_tickets"));
    let failed = run_with("ci", "2", "main", Observed::new(RunState::Done, ""), Some(RunResult::Failure));
    check(vec![failed], false, (Status::Failing, "run_failed"));
}

#[test]
fn a_service_with_only_silenced_alerts_says_so_and_is_neither_fine_nor_unknown() {
    let silenced = |severity| {
        let mut fact = alert("am", "f", &[("service", "shop"), ("severity", severity)]);
        if let Fact::Alert(alert) = &mut fact {
            alert.state = Observed::new(AlertState::Suppressed, "suppressed");
        }
        fact
    };
    check(vec![silenced("critical")], true, (Status::Inactive, "only_silenced"));
    check(vec![silenced("critical")], false, (Status::Unknown, "source_stale"));
    check(
        vec![alert("am", "f", &[("service", "shop"), ("severity", "info")])],
        true,
        (Status::Inactive, "only_info"),
    );
    let ci = |native| deployment(native, "1", Some("shop"), "prod");
    check(vec![silenced("critical"), ci("ci")], true, (Status::Ok, "silenced"));
    let cancelled =
        run_with("ci", "1", "main", Observed::new(RunState::Done, ""), Some(RunResult::Cancellation));
    check(vec![cancelled], true, (Status::Unknown, "all_good"));
}

#[test]
fn a_version_that_went_out_well_hides_no_alert_and_is_no_reason_to_page() {
    let labels = |env: &'static str| [("service", "shop"), ("severity", "critical"), ("env", env)];
    let facts = [
        passed(),
        deployment("ci", "8", Some("shop"), "prod"),
        deployment("ci", "9", Some("shop"), "stage"),
        alert("am", "f", &labels("Prod")),
        alert("am", "g", &[("service", "shop"), ("severity", "warning")]),
    ];
    let catalogue = Catalogue::default();
    let links: Vec<Links> = facts.iter().map(|fact| catalogue.link(fact)).collect();
    let judged = judged(&facts, &links);
    let trust = all_fresh(&facts);
    let services = roll_up(&judged, &catalogue, &trust);
    let alerts: Vec<_> =
        services[0].environments.iter().map(|it| (it.name.as_str(), it.status, it.alerts)).collect();
    let asking = |status| Some(Asking { status, stale: false });
    let expected = [("prod", Status::Ok, asking(Status::Paging)), ("stage", Status::Ok, None)];
    let elsewhere = services[0].alerts_elsewhere;
    assert_eq!((alerts.as_slice(), elsewhere), (&expected[..], asking(Status::Warn)));
    let told: Vec<ReasonCode> = services[0].reasons.iter().map(|reason| reason.code).collect();
    assert_eq!(told, [ReasonCode::AlertFiring, ReasonCode::AlertFiring], "nothing is all good here");
}

#[test]
fn an_environment_that_is_spelled_in_two_ways_is_one() {
    let facts = [
        deployment("ci", "8", Some("shop"), "Production"),
        deployment("ci", "9", Some("shop"), "production"),
        deployment("ci", "7", Some("till"), "Production"),
    ];
    let catalogue = Catalogue::default();
    let links: Vec<Links> = facts.iter().map(|fact| catalogue.link(fact)).collect();
    let judged = judged(&facts, &links);
    let check = |configured: &[&str], expected: &str| {
        let configured: Vec<String> = configured.iter().map(|name| (*name).to_owned()).collect();
        let mut services = roll_up(&judged, &catalogue, &all_fresh(&facts));
        crate::deploys::spell(&mut services, &configured);
        let told: Vec<Vec<&str>> = services
            .iter()
            .map(|service| service.environments.iter().map(|it| it.name.as_str()).collect())
            .collect();
        assert_eq!(told, [[expected], [expected]], "{configured:?}");
    };
    check(&[], "production");
    check(&["PRODUCTION"], "PRODUCTION");
}

#[test]
fn a_failing_feature_branch_does_not_speak_for_the_service() {
    let branch = run_with("ci", "2", "fix/typo", Observed::new(RunState::Done, ""), Some(RunResult::Failure));
    check(vec![passed(), branch.clone()], true, (Status::Ok, "all_good"));
    check(vec![branch], true, (Status::Failing, "run_failed"));
}

#[test]
fn services_and_what_needs_a_person_stand_in_one_order_worst_first() {
    let of =
        |service: &str, severity: &str| alert("am", service, &[("service", service), ("severity", severity)]);
    let mut waits = deployment("ci", "w", Some("waits"), "prod");
    let mut both = deployment("ci", "b", Some("fails-and-waits"), "prod");
    for fact in [&mut waits, &mut both] {
        if let Fact::Deployment(deployment) = fact {
            deployment.status = Observed::new(DeploymentStatus::Blocked, "waiting");
        }
    }
    let fine = deployment("ci", "f", Some("a-fine-one"), "prod");
    let facts = [
        of("warns", "warning"),
        waits,
        both,
        fine,
        of("fails", "high"),
        of("fails-and-waits", "high"),
        of("pages", "critical"),
    ];
    let catalogue = Catalogue::default();
    let links: Vec<Links> = facts.iter().map(|fact| catalogue.link(fact)).collect();
    let judged = judged(&facts, &links);
    let trust = all_fresh(&facts);
    let services = roll_up(&judged, &catalogue, &trust);
    let names: Vec<&str> = services.iter().map(|service| service.name.as_str()).collect();
    assert_eq!(names, ["pages", "fails", "fails-and-waits", "waits", "warns", "a-fine-one"]);
    let mut needing: Vec<String> = Vec::new();
    for item in crate::attention(&judged, &trust, 12) {
        let name = item.entity.links.service.as_ref().expect("each has one").name.clone();
        if !needing.contains(&name) {
            needing.push(name);
        }
    }
    let ranks = |name: &String| names.iter().position(|known| known == name);
    assert_eq!(needing.first().map(String::as_str), Some("pages"));
    assert_eq!(needing.iter().filter_map(ranks).max(), Some(4), "{needing:?}");
    assert_eq!(needing[3..], ["waits", "warns"], "{needing:?}");
}

#[test]
fn a_configured_service_without_data_is_unknown() {
    let service = qd_model::Service { name: "quiet".into(), ..Default::default() };
    let services = roll_up(&[], &Catalogue::new(vec![service], BTreeMap::new()), &Trust::default());
    assert_eq!(services[0].status, Status::Unknown);
}
