//! "Test connection".

use qd_connector::{CheckOutcome, CheckReport, PollCx, PollError};

use crate::{Alertmanager, poll, wire};

/// Reach, version and cluster, alerts, silences.
pub async fn check(connection: &Alertmanager, cx: &PollCx) -> CheckReport {
    let mut report = CheckReport::default();
    match status(cx).await {
        Ok(status) => reached(&mut report, &status),
        Err(error) => {
            if !report.common_failure("Alertmanager", &cx.http, &error) {
                failed(&mut report, &error);
            }
            return report;
        }
    }
    match poll::alerts(connection, cx).await {
        Ok(listed) => {
            let silenced = listed.items.iter().filter(|alert| alert.status.state == "suppressed").count();
            let text = format!("{} alerts, {silenced} of them suppressed", listed.items.len());
            match listed.problems.first() {
                None => report.step("read alerts", CheckOutcome::Ok, text),
                Some(problem) => {
                    report.step("read alerts", CheckOutcome::Warning, format!("{text}; {problem}"))
                }
            }
        }
        Err(error) => report.step("read alerts", CheckOutcome::Failed, error.to_string()),
    }
    match poll::silences(connection, cx).await {
        Ok(listed) => {
            let active = listed.items.iter().filter(|silence| silence.status.state == "active").count();
            report.step("read silences", CheckOutcome::Ok, format!("{active} silences hold"));
        }
        Err(error) => report.step(
            "read silences",
            CheckOutcome::Warning,
            format!("{error}: alerts are shown, but not who silenced them"),
        ),
    }
    report.step(
        "permissions",
        CheckOutcome::Ok,
        "Alertmanager has no permissions of its own: who can read can also silence, unless a proxy forbids it",
    );
    report.quota = cx.http.quota();
    report
}

async fn status(cx: &PollCx) -> Result<wire::Status, PollError> {
    cx.http.get("api/v2/status").send().await?.json()
}

fn reached(report: &mut CheckReport, status: &wire::Status) {
    let version =
        status.version_info.as_ref().map(|info| info.version.clone()).filter(|text| !text.is_empty());
    match &version {
        Some(version) => report.step("reach", CheckOutcome::Ok, format!("Alertmanager {version}")),
        None => report.step("reach", CheckOutcome::Ok, "an Alertmanager API that does not tell its version"),
    }
    report.version = version;
    let Some(cluster) = &status.cluster else { return };
    match cluster.status.as_str() {
        "ready" => {
            report.step("cluster", CheckOutcome::Ok, format!("ready, {} members", cluster.peers.len()))
        }
        "disabled" | "" => report.step("cluster", CheckOutcome::Ok, "a single instance"),
        "settling" => {
            report.step("cluster", CheckOutcome::Warning, "settling: silences may still be missing here");
        }
        other => report.step("cluster", CheckOutcome::Warning, format!("in a state we do not know: {other}")),
    }
}

fn failed(report: &mut CheckReport, error: &PollError) {
    match error {
        PollError::Unauthenticated => report.step(
            "sign in",
            CheckOutcome::Failed,
            "the server asks for a sign-in and did not take this credential",
        ),
        PollError::Forbidden { .. } => report.step("sign in", CheckOutcome::Failed, error.to_string()),
        _ => report.step("reach", CheckOutcome::Failed, error.to_string()),
    }
}
