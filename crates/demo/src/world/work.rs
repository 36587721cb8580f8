//! What developers do every day: commits, runs, releases, deployments, issues.

use chrono::{DateTime, Datelike, TimeDelta, Utc, Weekday};
use fastrand::Rng;

use super::names::{self, FILES, PEOPLE, Person, SUBJECTS, TEAMS};
use super::{
    Commit, Deployment, Ending, Failure, Issue, Note, Release, Run, Scale, Service, Workflow, dice, one_of,
};
use crate::story::{END, START};

/// Around the beginning of the story nothing breaks by chance: what is red then is told.
const QUIET: TimeDelta = TimeDelta::hours(6);

/// One service with all that chance does to it.
pub fn service(scale: Scale, seed: u64, index: usize) -> Service {
    let mut dice = dice(seed, "work", index);
    let (name, team) = match names::SERVICES.get(index) {
        Some((name, team)) => ((*name).to_owned(), *team),
        None => (format!("service-{:04}", index + 1), index % TEAMS.len()),
    };
    let mut service = Service {
        repository: format!("harbour/{name}"),
        team: &TEAMS[team],
        commits: Vec::new(),
        releases: Vec::new(),
        runs: Vec::new(),
        deployments: Vec::new(),
        issues: Vec::new(),
        // Ids are unique on the host: the numbers of two repositories must not meet.
        first_run: (index as u64 + 1) * 1_000 + 100 + (index as u64 * 37) % 800,
        name,
    };
    let usual = TimeDelta::seconds(dice.i64(90..420));
    let activity = 0.4 + dice.f64() * 1.2;
    for day in days(scale) {
        let today = (dice.f64() * 2.0 * activity).round() as u32;
        for _ in 0..if is_weekend(day) { 0 } else { today } {
            let at = day + TimeDelta::seconds(dice.i64(7 * 3600..17 * 3600));
            change(&mut service, &mut dice, at, usual);
        }
    }
    trains(&mut service, &mut dice, scale, index);
    issues(&mut service, &mut dice, scale);
    service
}

/// Midnights from the begin of the history to the end of the story.
fn days(scale: Scale) -> impl Iterator<Item = DateTime<Utc>> {
    let first = START.date_naive() - TimeDelta::days(i64::from(scale.days));
    let last = END.date_naive();
    first
        .iter_days()
        .take_while(move |day| *day <= last)
        .map(|day| day.and_time(chrono::NaiveTime::MIN).and_utc())
}

fn is_weekend(day: DateTime<Utc>) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// Somebody of the team.
fn member(service: &Service, dice: &mut Rng) -> &'static Person {
    &PEOPLE[one_of(dice, service.team.people)]
}

/// Forty hex digits.
pub fn sha(dice: &mut Rng) -> String {
    format!("{:016x}{:016x}{:08x}", dice.u64(..), dice.u64(..), dice.u32(..))
}

/// One change: its branch is tried, perhaps twice, then it is merged and main is tried.
fn change(service: &mut Service, dice: &mut Rng, at: DateTime<Utc>, usual: TimeDelta) {
    let author = member(service, dice);
    let subject = one_of(dice, &SUBJECTS);
    let branch = format!("{}/{}", author.login, slug(subject));
    let quiet = (at - START).abs() < QUIET;
    let first = at - TimeDelta::minutes(dice.i64(40..260));
    let stumbles = !quiet && dice.u8(..100) < 22;
    let mut push = |dice: &mut Rng, at: DateTime<Utc>, branch: &str, event, sha: String, ending| {
        service.runs.push(run(dice, usual, subject, at, branch, event, sha, author, ending));
    };
    if stumbles {
        let failure = one_of(dice, &[Failure::Test, Failure::Lint, Failure::Test, Failure::Flaky]);
        let sha = sha(dice);
        push(dice, first - TimeDelta::minutes(35), &branch, "pull_request", sha, Ending::Fails(failure));
    }
    let head = sha(dice);
    push(dice, first, &branch, "pull_request", head, Ending::Passes);
    let merged = sha(dice);
    let breaks = !quiet && dice.u8(..100) < 5;
    let ending =
        if breaks { Ending::Fails(one_of(dice, &[Failure::Test, Failure::Flaky])) } else { Ending::Passes };
    push(dice, at, "main", "push", merged.clone(), ending);
    service.commits.push(commit(dice, merged, at, author, subject));
    if breaks {
        let (at, sha) = (at + TimeDelta::minutes(dice.i64(25..70)), sha(dice));
        service.runs.push(run(
            dice,
            usual,
            "Mend main",
            at,
            "main",
            "push",
            sha.clone(),
            author,
            Ending::Passes,
        ));
        service.commits.push(commit(dice, sha, at, author, "Mend main"));
    }
}

pub fn commit(
    dice: &mut Rng,
    sha: String,
    at: DateTime<Utc>,
    author: &'static Person,
    subject: &str,
) -> Commit {
    let files = (0..dice.usize(1..4)).map(|_| one_of(dice, &FILES)).collect();
    Commit { sha, at, author, message: subject.to_owned(), files }
}

#[allow(
    clippy::too_many_arguments,
    reason = "a run has so many parts, and a builder would only name them twice"
)]
pub fn run(
    dice: &mut Rng,
    usual: TimeDelta,
    title: &str,
    at: DateTime<Utc>,
    branch: &str,
    event: &'static str,
    sha: String,
    author: &'static Person,
    ending: Ending,
) -> Run {
    Run {
        id: 0,
        number: 0,
        workflow: Workflow::Ci,
        title: title.to_owned(),
        branch: branch.to_owned(),
        sha,
        event,
        author,
        environment: None,
        created: at + TimeDelta::seconds(4),
        queue: TimeDelta::seconds(dice.i64(3..25)),
        took: usual * dice.i32(82..124) / 100,
        ending,
    }
}

fn slug(subject: &str) -> String {
    let words: Vec<String> = subject.split(' ').take(3).map(str::to_lowercase).collect();
    words.join("-").replace(|c: char| !c.is_ascii_alphanumeric() && c != '-', "")
}

/// Releases and their way through the environments, back from the last one before the story.
fn trains(service: &mut Service, dice: &mut Rng, scale: Scale, index: usize) {
    let newest = START - TimeDelta::hours(if index == 0 { 26 } else { dice.i64(20..90) });
    let oldest = START - TimeDelta::days(i64::from(scale.days));
    let has_canary = index == 0 || dice.u8(..100) < 30;
    let mut times = Vec::new();
    let mut at = newest;
    while at > oldest {
        times.push(at);
        at -= TimeDelta::hours(dice.i64(60..150));
    }
    times.reverse();
    let last = if index == 0 { 412 } else { dice.u64(20..240) };
    let count = times.len() as u64;
    for (order, at) in times.into_iter().enumerate() {
        let version = format!("v{}", last + 1 + order as u64 - count);
        release(service, dice, at, version, has_canary);
    }
    if index % 4 == 3 {
        let tomorrow = START + TimeDelta::minutes(dice.i64(18 * 60..22 * 60));
        release(service, dice, tomorrow, format!("v{}", last + 1), has_canary);
    }
}

fn release(service: &mut Service, dice: &mut Rng, at: DateTime<Utc>, version: String, has_canary: bool) {
    let author = member(service, dice);
    let sha = sha(dice);
    let subject = one_of(dice, &SUBJECTS);
    let mut merge = commit(dice, sha.clone(), at - TimeDelta::minutes(9), author, subject);
    merge.message = format!("{}\n\nReleased as {version}.", merge.message);
    service.commits.push(merge);
    let tag = version.clone();
    service.releases.push(Release { tag, sha: sha.clone(), published: at, final_at: None, author });
    // Not every version is worth the way to the customers.
    let ships = dice.u8(..100) < 62 || (START - at) < TimeDelta::days(5);
    let mut deploy = |dice: &mut Rng, environment, at| {
        let took = TimeDelta::seconds(dice.i64(28..95));
        let words = format!("Deploy {version} to {environment}");
        deployment(service, environment, &version, &sha, at, author, Ending::Passes, took, words);
    };
    deploy(dice, "dev", at + TimeDelta::minutes(3));
    let stage = at + TimeDelta::minutes(dice.i64(50..160));
    deploy(dice, "stage", stage);
    if !ships {
        return;
    }
    if has_canary {
        let canary = stage + TimeDelta::minutes(dice.i64(30..120));
        deploy(dice, "canary", canary);
    }
    let eu = stage + TimeDelta::hours(dice.i64(4..12));
    deploy(dice, "prod-eu", eu);
    let us = eu + TimeDelta::minutes(dice.i64(40..200));
    deploy(dice, "prod-us", us);
}

/// A deployment and the run that does it.
#[allow(clippy::too_many_arguments, reason = "a deployment has so many parts")]
pub fn deployment(
    service: &mut Service,
    environment: &'static str,
    version: &str,
    sha: &str,
    created: DateTime<Utc>,
    creator: &'static Person,
    ending: Ending,
    took: TimeDelta,
    description: String,
) {
    service.runs.push(Run {
        id: 0,
        number: 0,
        workflow: Workflow::Deploy,
        title: description.clone(),
        branch: "main".to_owned(),
        sha: sha.to_owned(),
        event: "workflow_dispatch",
        author: creator,
        environment: Some(environment),
        created,
        queue: TimeDelta::seconds(5),
        took,
        ending,
    });
    service.deployments.push(Deployment {
        id: 0,
        environment,
        version: version.to_owned(),
        sha: sha.to_owned(),
        created,
        creator,
        description,
        run: None,
        ending,
        took,
    });
}

fn issues(service: &mut Service, dice: &mut Rng, scale: Scale) {
    for _ in 0..dice.usize(1..5) {
        let author = member(service, dice);
        let created = START - TimeDelta::minutes(dice.i64(300..i64::from(scale.days.max(2)) * 1440));
        let closed = (dice.u8(..100) < 55).then(|| created + TimeDelta::hours(dice.i64(3..200)));
        let subject = one_of(dice, &SUBJECTS);
        let (label, body) = one_of(
            dice,
            &[
                (
                    "bug",
                    "Seen on stage. **Steps**:\n\n1. start with an empty basket\n2. reload twice\n\nThe second answer is wrong.",
                ),
                ("enhancement", "Would save us a round trip for every order."),
                ("task", "Part of the clean-up; see the list in the wiki."),
            ],
        );
        let replier = member(service, dice);
        let comment = Note {
            at: created + TimeDelta::minutes(dice.i64(9..180)),
            author: replier,
            text: "I can look at it this week.".into(),
        };
        service.issues.push(Issue {
            number: 0,
            title: subject.to_owned(),
            body: body.to_owned(),
            labels: vec![label],
            author,
            assignee: (dice.u8(..100) < 60).then_some(replier),
            created,
            closed: closed.filter(|at| (*at - START).abs() > QUIET),
            comments: if dice.bool() { vec![comment] } else { Vec::new() },
        });
    }
}
