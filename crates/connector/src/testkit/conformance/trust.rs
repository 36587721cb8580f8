//! Claims about where the credential goes, and whom a connection trusts.

use std::time::Duration;

use qd_model::Cursor;

use super::bench::Bench;
use super::{Run, Verdict};
use crate::PollError;
use crate::testkit::{FaultServer, Identity, Opening, Pki, RecordedRequest, Reply};

pub async fn put(run: &Run) {
    run.claim("12: a redirect to another origin is not followed", elsewhere(run)).await;
    run.claim("13: redirects in a circle end", in_circles(run)).await;
    run.claim("14: a next page at another origin is not asked for", foreign_pages(run)).await;
    run.claim("14: a page that names itself as the next comes to an end", same_page(run)).await;
    certificates(run).await;
}

async fn elsewhere(run: &Run) -> Verdict {
    let second = FaultServer::start(|_| Reply::json_text("[]")).await;
    let port = second.address().port();
    let places = [
        format!("http://127.0.0.1:{port}/"),
        format!("http://localhost:{port}/"),
        format!("https://127.0.0.1:{port}/"),
        format!("//127.0.0.1:{port}/x"),
        format!("http://user:pw@127.0.0.1:{port}/"),
    ];
    for status in [301, 302, 303, 307, 308] {
        for place in &places {
            let server = run.always(Reply::redirect(status, place)).await;
            match Bench::at(&run.suite, &server)?.poll(&Cursor::default()).await? {
                Err(PollError::Redirected { .. }) => {}
                other => {
                    let got = other.map(|batch| batch.facts.len());
                    return Err(format!("{status} to {place}: expected Redirected, got {got:?}"));
                }
            }
            nothing_at(&second, &format!("{status} to {place}"))?;
        }
    }
    Ok(())
}

async fn in_circles(run: &Run) -> Verdict {
    let server = FaultServer::start(|request| Reply::redirect(302, &format!("{}x", request.path))).await;
    let bench = Bench::at(&run.suite, &server)?;
    let error = match bench.poll(&Cursor::default()).await? {
        Err(error) => error,
        Ok(_) => return Err("a poll that is only ever redirected gave a batch".to_owned()),
    };
    let requests = server.requests().len();
    match requests {
        0..=8 => Ok(()),
        _ => Err(format!("{requests} requests before {error:?}: leave redirects to the facade")),
    }
}

/// Pages are linked by header, and in the body by the usual names.
fn with_next(reply: Reply, next: &str) -> Reply {
    let reply = reply.map_json(|value| {
        let Some(map) = value.as_object_mut() else { return };
        for key in ["next", "next_page", "nextPage", "next_url", "@odata.nextLink"] {
            if map.contains_key(key) {
                map.insert(key.to_owned(), next.into());
            }
        }
    });
    let kept = reply.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("link")).cloned().collect();
    Reply { headers: kept, ..reply }.header("link", format!("<{next}>; rel=\"next\""))
}

async fn foreign_pages(run: &Run) -> Verdict {
    let second = FaultServer::start(|_| Reply::json_text("[]")).await;
    let next = format!("http://127.0.0.1:{}/page2", second.address().port());
    let server = run.changing(move |_, reply| with_next(reply, &next)).await;
    let _ = Bench::at(&run.suite, &server)?.poll_on(&Cursor::default()).await?;
    nothing_at(&second, "the next page of an answer lies there")
}

async fn same_page(run: &Run) -> Verdict {
    let own = |request: &RecordedRequest| {
        let query: String =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&request.query).finish();
        format!("{}{}?{query}", request.origin, request.path)
    };
    let server = run.changing(move |request, reply| with_next(reply, &own(request))).await;
    // However it ends: it ends, and not after thousands of requests.
    let _ = Bench::at(&run.suite, &server)?.poll_on(&Cursor::default()).await?;
    match server.requests().len() {
        requests if requests > 400 => {
            Err(format!("{requests} requests for one page: stop when a page repeats itself"))
        }
        _ => Ok(()),
    }
}

fn nothing_at(second: &FaultServer, why: &str) -> Verdict {
    match second.connections() {
        0 => Ok(()),
        _ => Err(format!(
            "another host was contacted ({why}): build addresses from paths, and leave redirects to the facade"
        )),
    }
}

async fn certificates(run: &Run) {
    let Ok(pki) = Pki::new() else {
        run.skip("25: TLS", "no certificate authority can be made");
        return;
    };
    let table = [
        ("25: a self-signed certificate is refused, with what to do", Identity::SelfSigned, "ca_file"),
        ("25: an expired certificate is refused, although its CA is trusted", Identity::Expired, "expired"),
        (
            "25: a certificate for another host is refused, although its CA is trusted",
            Identity::WrongHost,
            "another host",
        ),
    ];
    for (name, identity, reason) in table {
        run.claim(name, refused(run, &pki, identity, reason)).await;
    }
    run.claim("25: a certificate of the connection's own CA is accepted", trusted(run, &pki)).await;
    for (name, opening) in [
        ("25: a TLS handshake that breaks off", Opening::CloseAfterHello),
        ("25: a server that knows only old TLS", Opening::Answer(b"\x15\x03\x01\x00\x02\x02\x46")),
        ("25: a server that answers without TLS", Opening::Answer(b"HTTP/1.1 400 Bad Request\r\n\r\n")),
    ] {
        run.claim(name, broken_handshake(run, opening)).await;
    }
}

async fn refused(run: &Run, pki: &Pki, identity: Identity, reason: &str) -> Verdict {
    let opening = pki.opening(identity).map_err(|error| error.to_string())?;
    let healthy = run.suite.healthy.clone();
    let server = FaultServer::start_with(opening, move |request| healthy(request)).await;
    let bench = Bench::with_ca(&run.suite, &server.url(), pki.ca_pem())?;
    match bench.poll(&Cursor::default()).await? {
        Err(PollError::Misconfigured { what }) if what.contains(reason) => {}
        other => {
            return Err(format!(
                "expected Misconfigured with '{reason}', got {:?}",
                other.map(|batch| batch.facts.len())
            ));
        }
    }
    match server.requests().len() {
        0 => Ok(()),
        _ => Err("a request was sent to it".to_owned()),
    }
}

async fn trusted(run: &Run, pki: &Pki) -> Verdict {
    let opening = pki.opening(Identity::Good).map_err(|error| error.to_string())?;
    let healthy = run.suite.healthy.clone();
    let server = FaultServer::start_with(opening, move |request| healthy(request)).await;
    let bench = Bench::with_ca(&run.suite, &server.url(), pki.ca_pem())?;
    bench.everything().await.map(|_| ())
}

async fn broken_handshake(run: &Run, opening: Opening) -> Verdict {
    let server = FaultServer::start_with(opening, |_| Reply::status(200)).await;
    let bench = Bench::at(&run.suite, &server)?;
    let started = std::time::Instant::now();
    match bench.poll(&Cursor::default()).await? {
        Err(PollError::Unreachable { .. } | PollError::Misconfigured { .. }) => {}
        other => {
            return Err(format!(
                "expected Unreachable or Misconfigured, got {:?}",
                other.map(|batch| batch.facts.len())
            ));
        }
    }
    match started.elapsed() > Duration::from_secs(3) {
        true => Err("it took too long".to_owned()),
        false => Ok(()),
    }
}
