//! What is told: the story of checkout, and what stands beside it when the demo begins.

use chrono::{DateTime, TimeDelta, Utc};
use fastrand::Rng;

use super::names::{PEOPLE, Person};
use super::work::{commit, deployment, run, sha};
use super::{Ending, Failure, Issue, Note, Release, Service, Workflow, dice};
use crate::story::{BAD_DEPLOY, START};

const ANA: usize = 0;
const LEE: usize = 1;
const MARA: usize = 2;
const NOOR: usize = 3;

/// So long checkout's tests take.
const USUAL: TimeDelta = TimeDelta::seconds(250);

/// Writes the story into the services that have a part in it.
pub fn play(services: &mut [Service]) {
    let mut dice = dice(412, "script", 0);
    for service in services {
        match service.name.as_str() {
            "checkout" => checkout(service, &mut dice),
            "ledger" => ledger(service, &mut dice),
            "identity" => identity(service, &mut dice),
            "web" => under_way(service, &mut dice, "Show the delivery date on the list", 100),
            "pricing" => under_way(service, &mut dice, "Round prices once", 8),
            "reports" => reports(service),
            _ => {}
        }
    }
}

fn after(minutes: i64, seconds: i64) -> DateTime<Utc> {
    BAD_DEPLOY + TimeDelta::seconds(minutes * 60 + seconds)
}

fn who(index: usize) -> &'static Person {
    &PEOPLE[index]
}

fn checkout(service: &mut Service, dice: &mut Rng) {
    let told = |version: &str| matches!(version, "v411" | "v412");
    let by_chance = |environment: &str, version: &str| environment.starts_with("prod-") && told(version);
    service.deployments.retain(|it| !by_chance(it.environment, &it.version));
    service.runs.retain(|run| !told_run(run.environment, &run.title));
    // Nobody else works on checkout while the story runs.
    service.runs.retain(|run| (run.created - START).abs() > TimeDelta::hours(3));
    service.commits.retain(|commit| (commit.at - START).abs() > TimeDelta::hours(3));

    let sha_of = |service: &Service, tag: &str| {
        service.releases.iter().find(|release| release.tag == tag).map(|release| release.sha.clone())
    };
    let v411 = sha_of(service, "v411").unwrap_or_else(|| older_release(service, dice));
    let v412 = sha_of(service, "v412").unwrap_or_default();
    what_v412_brought(service, dice);

    let mut deploy = |environment, version: &str, sha: &str, at, by: usize, secs, words: &str| {
        let (took, words) = (TimeDelta::seconds(secs), words.to_owned());
        deployment(service, environment, version, sha, at, who(by), Ending::Passes, took, words);
    };
    deploy("prod-eu", "v411", &v411, START - TimeDelta::hours(52), LEE, 44, "Deploy v411 to prod-eu");
    deploy("prod-us", "v411", &v411, START - TimeDelta::hours(27), LEE, 47, "Deploy v411 to prod-us");
    deploy("prod-eu", "v412", &v412, BAD_DEPLOY, ANA, 39, "Deploy v412 to prod-eu");
    deploy("prod-eu", "v411", &v411, after(12, 0), MARA, 41, "Roll back to v411: latency budget burns");
    mend(service, dice);
    incident(service);
}

fn told_run(environment: Option<&str>, title: &str) -> bool {
    environment.is_some_and(|environment| environment.starts_with("prod-"))
        && (title.contains("v411") || title.contains("v412"))
}

/// A company so young that v412 is its first release gets the one before.
fn older_release(service: &mut Service, dice: &mut Rng) -> String {
    let (sha, published) = (sha(dice), START - TimeDelta::hours(60));
    let tag = "v411".to_owned();
    service.releases.push(Release { tag, sha: sha.clone(), published, final_at: None, author: who(LEE) });
    service.commits.push(commit(dice, sha.clone(), published, who(LEE), "Index orders by customer"));
    sha
}

/// The commits between v411 and v412; one of them is the cause.
fn what_v412_brought(service: &mut Service, dice: &mut Rng) {
    let changes = [
        (33, NOOR, "Write amounts with their currency", "src/model/order.rs"),
        (31, LEE, "Use one connection pool", "src/store.rs"),
        (30, ANA, "Raise the retry budget from 3 to 8", "src/retry.rs"),
        (28, ANA, "Switch FEATURE_CART_V2 on", "config/default.toml"),
        (27, MARA, "Measure the queue instead of guessing", "src/http.rs"),
    ];
    for (hours, by, subject, file) in changes {
        let (sha, at) = (sha(dice), START - TimeDelta::hours(hours));
        let mut one = commit(dice, sha.clone(), at, who(by), subject);
        one.files = vec![file, "tests/flow.rs"];
        service.commits.push(one);
        service.runs.push(run(dice, USUAL, subject, at, "main", "push", sha, who(by), Ending::Passes));
    }
}

/// The fix: a branch that fails first, a merge, v413 and its way.
fn mend(service: &mut Service, dice: &mut Rng) {
    let subject = "Bring the retry budget back to 3";
    let branch = "lee/retry-budget";
    let first = sha(dice);
    let failing = Ending::Fails(Failure::Test);
    service.runs.push(run(
        dice,
        USUAL,
        subject,
        after(19, 0),
        branch,
        "pull_request",
        first,
        who(LEE),
        failing,
    ));
    let second = sha(dice);
    service.runs.push(run(
        dice,
        USUAL,
        subject,
        after(25, 30),
        branch,
        "pull_request",
        second,
        who(LEE),
        Ending::Passes,
    ));
    let merged = sha(dice);
    let at = after(32, 0);
    let mut merge = commit(dice, merged.clone(), at, who(LEE), subject);
    merge.message =
        format!("{subject}\n\nEight retries turn one slow answer into eight. Fixes the incident of today.");
    merge.files = vec!["src/retry.rs", "tests/flow.rs"];
    service.commits.push(merge);
    let mut main = run(dice, USUAL, subject, at, "main", "push", merged.clone(), who(LEE), Ending::Passes);
    main.took = TimeDelta::seconds(246);
    service.runs.push(main);
    service.releases.push(Release {
        tag: "v413".to_owned(),
        sha: merged.clone(),
        published: after(37, 0),
        final_at: Some(after(66, 0)),
        author: who(LEE),
    });
    let way =
        [("dev", 38, 20), ("stage", 44, 35), ("canary", 52, 38), ("prod-eu", 68, 42), ("prod-us", 80, 40)];
    for (environment, minute, secs) in way {
        let (took, words) = (TimeDelta::seconds(secs), format!("Deploy v413 to {environment}"));
        let by = if environment.starts_with("prod-") { NOOR } else { LEE };
        let at = after(minute, 0);
        deployment(service, environment, "v413", &merged, at, who(by), Ending::Passes, took, words);
    }
}

fn incident(service: &mut Service) {
    let say = |minute: i64, by: usize, text: &str| Note {
        at: after(minute, 20),
        author: who(by),
        text: text.to_owned(),
    };
    service.issues.push(Issue {
        number: 0,
        title: "Checkout is slow in prod-eu since v412".to_owned(),
        body: "`CheckoutLatencyBudgetBurn` fires since 13:27 UTC, three minutes after **v412** went to prod-eu.\n\n\
               - p95 1.9 s instead of 800 ms\n- customers write to us\n\nSuspect: the retry budget."
            .to_owned(),
        labels: vec!["incident"],
        author: who(MARA),
        assignee: Some(who(LEE)),
        created: after(9, 0),
        closed: Some(after(85, 0)),
        comments: vec![
            say(10, MARA, "I roll back prod-eu to v411."),
            say(15, MARA, "v411 is live again; p95 falls."),
            say(20, LEE, "It is the retry budget: eight retries against a slow payment provider. Fix is on its way."),
            say(84, NOOR, "v413 is live in prod-eu and prod-us, p95 0.4 s. Closing."),
        ],
    });
}

/// A version that waits for approval.
fn ledger(service: &mut Service, dice: &mut Rng) {
    let at = START - TimeDelta::minutes(22);
    service
        .deployments
        .retain(|it| it.created < at - TimeDelta::hours(1) || !it.environment.starts_with("prod-"));
    let Some(last) = service.releases.iter().rfind(|release| release.published < START) else {
        return;
    };
    let number: u64 = last.tag.trim_start_matches('v').parse().unwrap_or(87);
    let (tag, sha) = (format!("v{}", number + 1), sha(dice));
    let published = START - TimeDelta::minutes(95);
    service.commits.push(commit(
        dice,
        sha.clone(),
        published,
        who(NOOR),
        "Close the books at midnight, local time",
    ));
    service.releases.push(Release {
        tag: tag.clone(),
        sha: sha.clone(),
        published,
        final_at: None,
        author: who(NOOR),
    });
    for (environment, minutes, ending) in
        [("dev", 90, Ending::Passes), ("stage", 70, Ending::Passes), ("prod-eu", 22, Ending::Waits)]
    {
        let (at, words) = (START - TimeDelta::minutes(minutes), format!("Deploy {tag} to {environment}"));
        deployment(service, environment, &tag, &sha, at, who(NOOR), ending, TimeDelta::seconds(50), words);
    }
}

/// A main branch that was red three times today because of one flaky test.
fn identity(service: &mut Service, dice: &mut Rng) {
    let day = TimeDelta::hours(9);
    service.runs.retain(|run| {
        run.branch != "main" || run.workflow != Workflow::Ci || (START - run.created).abs() > day
    });
    let usual = TimeDelta::seconds(190);
    let pushes = [(8 * 60, true), (250, false), (170, true), (120, false), (35, true)];
    for (minutes, breaks) in pushes {
        let (sha, at) = (sha(dice), START - TimeDelta::minutes(minutes));
        let ending = if breaks { Ending::Fails(Failure::Flaky) } else { Ending::Passes };
        let subject = "Ask for the code only on new devices";
        service.commits.push(commit(dice, sha.clone(), at, who(4), subject));
        service.runs.push(run(dice, usual, subject, at, "main", "push", sha, who(4), ending));
    }
}

/// A run that is under way when the demo begins.
fn under_way(service: &mut Service, dice: &mut Rng, subject: &str, seconds: i64) {
    let by = &PEOPLE[service.team.people[1]];
    let (sha, at) = (sha(dice), START - TimeDelta::seconds(seconds));
    let usual = TimeDelta::seconds(280);
    service.commits.push(commit(dice, sha.clone(), at, by, subject));
    service.runs.push(run(dice, usual, subject, at, "main", "push", sha, by, Ending::Passes));
}

/// A deployment that did not become healthy.
fn reports(service: &mut Service) {
    let Some(last) = service.releases.iter().rfind(|release| release.published < START).cloned() else {
        return;
    };
    let at = START - TimeDelta::minutes(310);
    let words = format!("Deploy {} to dev", last.tag);
    let (took, ending) = (TimeDelta::seconds(180), Ending::Fails(Failure::Rollout));
    deployment(service, "dev", &last.tag, &last.sha, at, who(LEE), ending, took, words);
}
