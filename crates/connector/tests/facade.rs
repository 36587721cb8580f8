//! The HTTP facade against a server that misbehaves.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use qd_connector::http::{Auth, Budget, Http, HttpConfig, Limits, MemoryCache, NoCache, segment};
use qd_connector::testkit::{self, FaultServer, RecordedRequest, Reply};
use qd_connector::{ActError, PollError};
use qd_model::{Clock, SystemClock};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use url::Url;

const CANARY: &str = "canary-5d1c77";

fn with_header(server: &FaultServer) -> Http {
    testkit::http(&server.url(), Auth::Header { name: "X-Api-Key", value: CANARY.into() })
}

fn config(base: Url, limits: Limits) -> HttpConfig {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    HttpConfig {
        base,
        auth: Auth::None,
        ca_pem: None,
        limits,
        cache: Arc::new(NoCache),
        budget: Arc::new(Budget::new(Budget::SHARE, clock.clone())),
        clock,
        user_agent: "quarterdeck-test".to_owned(),
    }
}

#[tokio::test]
async fn a_path_is_joined_to_the_base_and_cannot_leave_it() {
    let server = FaultServer::start(|_| Reply::json(&json!([]))).await;
    let base = server.url().join("/api/v3").unwrap();
    let http = testkit::http(&base, Auth::None);
    let check = async |path: &str, expected: Option<&str>| {
        server.clear();
        let sent = http.get(path).send().await;
        let asked =
            server.requests().pop().map(|request| request.head.split(' ').nth(1).unwrap_or("").to_owned());
        assert_eq!(asked.as_deref(), expected, "{path}: {sent:?}");
    };
    check("/runs", Some("/api/v3/runs")).await;
    check("runs?page=2", Some("/api/v3/runs?page=2")).await;
    check(&format!("/runs/{}", segment("feature/x y?#%")), Some("/api/v3/runs/feature%2Fx%20y%3F%23%25"))
        .await;
    check(&format!("/runs/{}", segment("..")), None).await;
    check("/runs/../../admin", None).await;
    check("/runs/%2e%2E/admin", None).await;
    check("//evil.example/x", Some("/api/v3/evil.example/x")).await;
    check(&format!("{}other", server.url()), Some("/other")).await;
    check("http://evil.example/x", None).await;
    check(&server.url().as_str().replace("http://", "http://user:pw@"), None).await;
}

#[tokio::test]
async fn queries_headers_and_bodies_arrive_as_given() {
    let server = FaultServer::start(|_| Reply::status(204)).await;
    let http = with_header(&server);
    let request =
        http.post("/x").query(&[("a", "1&2"), ("b", "ü")]).header("x-trace", "7").json(&json!({"n": 1}));
    assert_eq!(request.write().await.unwrap().status, 204);
    http.put("/y").form(&[("k", "v w"), ("l", "=")]).write().await.unwrap();
    http.post("/z").write().await.unwrap();
    let requests = server.requests();
    let [first, second, third] = requests.as_slice() else { panic!("three requests: {requests:?}") };
    assert_eq!((first.param("a"), first.param("b")), (Some("1&2"), Some("ü")));
    assert_eq!((first.header("x-trace"), first.header("x-api-key")), (Some("7"), Some(CANARY)));
    assert_eq!((first.header("content-type"), first.json()), (Some("application/json"), json!({"n": 1})));
    assert_eq!(first.header("accept"), Some("application/json"));
    assert_eq!(first.header("accept-encoding"), Some("gzip, br"));
    assert_eq!((second.method.as_str(), second.body.as_slice()), ("PUT", b"k=v+w&l=%3D".as_slice()));
    assert_eq!((third.method.as_str(), third.body.len()), ("POST", 0));
}

#[tokio::test]
async fn the_credential_cannot_be_replaced_by_a_caller() {
    let server = FaultServer::start(|_| Reply::status(204)).await;
    let http = with_header(&server);
    http.get("/").header("x-api-key", "other").header("cookie", "a=b").send().await.unwrap();
    let foreign =
        http::Request::get("/raw?x=1").header("authorization", "Bearer other").body(Bytes::new()).unwrap();
    http.execute(foreign).await.unwrap();
    for request in server.requests() {
        assert_eq!(request.header("x-api-key"), Some(CANARY));
        assert_eq!((request.header("authorization"), request.header("cookie")), (None, None));
    }
    let foreign = http::Request::get("http://127.0.0.1:1/x").body(Bytes::new()).unwrap();
    assert!(matches!(http.execute(foreign).await, Err(PollError::Redirected { .. })));
}

/// 301, 302, 303, 307 and 308, by GET and POST, with every form of credential: nothing reaches another host.
#[tokio::test]
async fn no_redirect_carries_anything_to_another_host() {
    let other = FaultServer::start(|_| Reply::status(200)).await;
    let place = other.url().to_string();
    let server = FaultServer::start(move |request| {
        Reply::redirect(request.path.trim_start_matches('/').parse().unwrap_or(500), &place)
    })
    .await;
    let forms = [
        Auth::Bearer(CANARY.into()),
        Auth::Basic { user: "u".into(), password: CANARY.into() },
        Auth::Header { name: "PRIVATE-TOKEN", value: CANARY.into() },
    ];
    for auth in forms {
        let http = testkit::http(&server.url(), auth);
        for status in [301, 302, 303, 307, 308] {
            let read = http.get(&format!("/{status}")).send().await;
            assert!(matches!(read, Err(PollError::Redirected { .. })), "{status}: {read:?}");
            let write = http.post(&format!("/{status}")).form(&[("secret", CANARY)]).write().await;
            assert!(matches!(write, Err(ActError::Refused { .. })), "{status}: {write:?}");
        }
    }
    assert_eq!(other.connections(), 0);
}

#[tokio::test]
async fn a_redirect_at_home_is_followed_three_times_with_the_credential() {
    let hops = |request: &RecordedRequest| match request.path.trim_start_matches('/').parse::<u32>() {
        Ok(0) | Err(_) => Reply::json(&json!("there")),
        Ok(left) => Reply::redirect(302, &format!("/{}", left - 1)),
    };
    let server = FaultServer::start(hops).await;
    let http = with_header(&server);
    assert_eq!(http.get("/3").send().await.unwrap().json::<String>().unwrap(), "there");
    assert!(server.requests().iter().all(|request| request.header("x-api-key") == Some(CANARY)));
    let error = http.get("/4").send().await.unwrap_err();
    assert!(error.to_string().contains("more than 3 redirects"), "{error}");
}

#[tokio::test]
async fn a_download_elsewhere_goes_without_any_header_of_ours() {
    let store = FaultServer::start(|_| Reply::status(200).body("log text")).await;
    let place = store.url().join("/blob?sig=1").unwrap().to_string();
    let server = FaultServer::start(move |_| Reply::redirect(302, &place)).await;
    let http = with_header(&server);
    let got = http
        .get("/logs")
        .header("x-trace", "1")
        .redirect_to(|url| url.host_str() == Some("127.0.0.1"))
        .send()
        .await;
    assert_eq!(got.unwrap().text(), "log text");
    let request = store.requests().pop().unwrap();
    assert!(!request.head.contains(CANARY) && request.header("x-trace").is_none(), "{}", request.head);
    let refused = http.get("/logs").redirect_to(|_| false).send().await;
    assert!(matches!(refused, Err(PollError::Redirected { .. })));
    assert_eq!(store.requests().len(), 1);
}

#[tokio::test]
async fn a_read_is_tried_three_times_and_a_write_once() {
    let server = FaultServer::start(|_| Reply::status(503)).await;
    let http = with_header(&server);
    let error = http.get("/").send().await.unwrap_err();
    assert!(matches!(&error, PollError::Unreachable { cause, .. } if cause == "HTTP 503"));
    assert_eq!(error.to_string(), format!("{} answered HTTP 503", server.address()), "it was reached");
    let error = testkit::http(&FaultServer::refusing().await, Auth::None).get("/").send().await.unwrap_err();
    assert!(error.to_string().starts_with("could not reach 127.0.0.1:"), "{error}");
    assert_eq!(server.requests().len(), 3);
    server.clear();
    assert!(matches!(http.post("/").write().await, Err(ActError::Unknown { .. })));
    assert_eq!(server.requests().len(), 1);
    server.clear();
    server.set(|request| if request.number < 3 { Reply::reset() } else { Reply::json(&json!([])) });
    assert!(http.get("/").send().await.is_ok(), "a reset is passing");
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn a_body_is_never_larger_than_its_limit() {
    let limit = Limits { body_bytes: 1 << 20, ..testkit::limits() };
    let check = async |reply: Reply| {
        let server = FaultServer::start(move |_| reply.clone()).await;
        let http = Http::new(config(server.url(), limit)).unwrap();
        let error = http.get("/big").send().await.unwrap_err();
        assert_eq!(error.to_string(), "unexpected response at /big: reply too large (limit 1 MiB)");
        http.stats().bytes
    };
    let wire = check(Reply::gzip_bomb(8 << 20)).await;
    assert!(wire < 1 << 20, "{wire} bytes came over the wire");
    let wire = check(Reply::endless()).await;
    assert!(wire < 2 << 20, "{wire} bytes were read of a body without end");
    let wire = check(Reply::json_text(&" ".repeat(2 << 20))).await;
    assert_eq!(wire, 0, "an announced length is enough to refuse");
}

#[tokio::test]
async fn every_stage_has_its_deadline() {
    let check = async |reply: Reply, expected: &str, longest: Duration| {
        let server = FaultServer::start(move |_| reply.clone()).await;
        let started = Instant::now();
        let error = with_header(&server).get("/").send().await.unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert!(started.elapsed() < longest, "{:?}", started.elapsed());
    };
    check(Reply::hang(), "no answer within 300 ms", Duration::from_millis(800)).await;
    check(Reply::drip(Duration::from_millis(20)), "within 900 ms", Duration::from_millis(1500)).await;
    if let Some((url, _held, _listener)) = FaultServer::black_hole().await {
        let error = testkit::http(&url, Auth::None).get("/").send().await.unwrap_err();
        assert!(error.to_string().contains("no connection within 200 ms"), "{error}");
    } else {
        println!("skipped: this system has no listener that neither accepts nor refuses");
    }
}

#[tokio::test]
async fn cancelling_ends_a_request_at_every_stage() {
    for reply in [Reply::hang(), Reply::drip(Duration::from_millis(20)), Reply::status(503)] {
        let server = FaultServer::start(move |_| reply.clone()).await;
        let limits = Limits {
            header: Duration::from_secs(30),
            retry_base: Duration::from_secs(30),
            ..Limits::default()
        };
        let cancel = CancellationToken::new();
        let http = Http::new(config(server.url(), limits)).unwrap().with_cancel(cancel.clone());
        let started = Instant::now();
        let stop = async {
            while server.requests().is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
            cancel.cancel();
        };
        let (result, ()) = tokio::join!(http.get("/").send(), stop);
        // A retry may have come through before the token fired; it is no answer either way.
        assert!(matches!(result, Err(PollError::Cancelled | PollError::Unreachable { .. })), "{result:?}");
        assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
        let again = http.get("/").send().await;
        assert!(matches!(again, Err(PollError::Cancelled)), "{again:?}");
        assert!(
            matches!(http.post("/").write().await, Err(ActError::NotSent { .. })),
            "nothing leaves any more"
        );
    }
}

#[tokio::test]
async fn an_unchanged_page_comes_from_the_cache_with_its_link() {
    let server = FaultServer::start(|request| match request.header("if-none-match") {
        Some("W/\"1\"") => {
            Reply::status(304).header("x-ratelimit-limit", "60").header("x-ratelimit-remaining", "60")
        }
        _ => Reply::json(&json!([1])).header("etag", "W/\"1\"").header("link", "</p2>; rel=\"next\""),
    })
    .await;
    let http = with_header(&server);
    let first = http.get("/p").conditional().send().await.unwrap();
    let second = http.get("/p").conditional().send().await.unwrap();
    assert_eq!((first.not_modified, second.not_modified), (false, true));
    assert_eq!((second.status.as_u16(), second.json::<Value>().unwrap()), (200, json!([1])));
    assert_eq!(second.next_page().unwrap(), first.next_page().unwrap());
    assert_eq!((http.stats().requests, http.stats().not_modified), (2, 1));
    let other = http.get("/p").accept("text/plain").conditional().send().await.unwrap();
    assert!(!other.not_modified, "another media type is another answer");
    assert!(!http.get("/p").send().await.unwrap().not_modified, "only where it is wanted");
}

#[tokio::test]
async fn a_304_about_something_else_is_asked_again() {
    let server = FaultServer::start(|request| match request.header("if-none-match") {
        Some(_) => Reply::status(304).header("etag", "\"2\""),
        None => Reply::json(&json!([request.number])).header("etag", "\"1\""),
    })
    .await;
    let http = with_header(&server);
    http.get("/").conditional().send().await.unwrap();
    let second = http.get("/").conditional().send().await.unwrap();
    assert_eq!((second.not_modified, second.json::<Value>().unwrap()), (false, json!([3])));
    server.set(|_| Reply::status(304));
    let error = testkit::http(&server.url(), Auth::None).get("/").send().await.unwrap_err();
    assert!(error.to_string().contains("304"), "a 304 nobody asked for: {error}");
}

#[tokio::test]
async fn a_session_is_signed_in_to_once_and_once_more_when_it_ends() {
    let script = |session: &'static str| {
        move |request: &RecordedRequest| match (request.path.as_str(), request.header("cookie")) {
            ("/auth/login", _) => {
                Reply::redirect(302, "/").header("set-cookie", format!("SID={session}; Path=/"))
            }
            (_, Some(cookie)) if cookie == format!("SID={session}") => Reply::json(&json!([])),
            _ => Reply::status(401),
        }
    };
    let server = FaultServer::start(script("one")).await;
    let auth = Auth::SessionCookie { login_path: "/auth/login", user: "u".into(), password: CANARY.into() };
    let http = testkit::http(&server.url(), auth);
    let (a, b, c) = tokio::join!(http.get("/a").send(), http.get("/b").send(), http.get("/c").send());
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
    let logins = || server.requests().iter().filter(|request| request.path == "/auth/login").count();
    assert_eq!(logins(), 1, "requests at the same time wait for one sign-in");
    for request in server.requests() {
        let is_login = request.path == "/auth/login";
        assert_eq!(
            request.header("authorization").is_some(),
            is_login,
            "the password goes to the sign-in only"
        );
    }
    server.set(script("two"));
    let (a, b) = tokio::join!(http.get("/a").send(), http.post("/b").write());
    assert!(a.is_ok() && b.is_ok());
    assert_eq!(logins(), 2, "one new sign-in for both");
    server.clear();
    server.set(|_| Reply::status(401));
    assert!(matches!(http.get("/a").send().await, Err(PollError::Unauthenticated)));
    assert_eq!(server.requests().len(), 2, "the request and one sign-in, then it is over");
}

#[tokio::test]
async fn a_sign_in_without_a_cookie_has_not_worked_and_says_why() {
    let check = async |reply: Reply, expected: &str, requests: usize| {
        let server = FaultServer::start(move |_| reply.clone()).await;
        let auth = Auth::SessionCookie { login_path: "/login", user: "u".into(), password: CANARY.into() };
        let http = testkit::http(&server.url(), auth);
        let read = http.get("/a").send().await.unwrap_err().to_string();
        assert!(read.contains(expected), "{read}");
        assert_eq!(server.requests().len(), requests, "{expected}");
        let write = http.post("/a").write().await.unwrap_err();
        assert!(!matches!(write, ActError::Unknown { .. }), "nothing was sent: {write:?}");
        assert!(server.requests().iter().all(|request| request.path == "/login"));
    };
    check(Reply::status(401), "credentials were rejected", 1).await;
    check(Reply::redirect(302, "/?error=1"), "credentials were rejected", 1).await;
    check(Reply::login_page(), "got a login page", 1).await;
    check(Reply::redirect(302, "https://sso.example/"), "redirects to https://sso.example", 1).await;
    check(Reply::json(&json!({})), "no session cookie", 1).await;
    check(Reply::status(502), "HTTP 502", 3).await;
    check(Reply::reset(), "reset", 3).await;
}

#[tokio::test]
async fn a_refusal_is_in_the_backends_words_without_the_credential() {
    let check = async |status: u16, body: String, expected: &str| {
        let server = FaultServer::start(move |_| Reply::status(status).body(body.clone())).await;
        let http = with_header(&server);
        let write = http.post("/").write().await.unwrap_err();
        let read = http.get("/").send().await.unwrap_err();
        assert_eq!(write.to_string(), expected);
        assert!(!format!("{write:?} {read:?} {read} {:?}", read.health()).contains(CANARY));
    };
    check(422, json!({"errors": ["Subject cannot be blank"]}).to_string(), "Subject cannot be blank").await;
    check(400, format!("bad key {CANARY}"), "bad key …").await;
    check(
        403,
        json!({"message": format!("{CANARY} may not")}).to_string(),
        "permission is missing: … may not",
    )
    .await;
    check(409, String::new(), "it was changed meanwhile – look again").await;
    check(404, "<html>".to_owned(), "it no longer exists").await;
    check(418, String::new(), "the backend refused (HTTP 418)").await;
}

#[tokio::test]
async fn a_missing_permission_is_read_from_githubs_header() {
    let reply = Reply::json_text(r#"{"message": "Resource not accessible"}"#)
        .status_of(403)
        .header("x-accepted-github-permissions", "actions=write");
    let server = FaultServer::start(move |_| reply.clone()).await;
    let error = with_header(&server).get("/").send().await.unwrap_err();
    assert_eq!(error.to_string(), "permission is missing: actions=write (Resource not accessible)");
}

#[tokio::test]
async fn the_answer_to_a_form_is_an_answer_only_at_home() {
    let server =
        FaultServer::start(|request| Reply::redirect(303, &format!("{}/builds/7", request.origin))).await;
    let answer = with_header(&server).post("/force").form(&[("a", "b")]).write().await.unwrap();
    assert!(answer.header("location").is_some_and(|to| to.ends_with("/builds/7")));
    assert_eq!(server.requests().len(), 1, "it is not followed");
    server.set(|request| Reply::redirect(307, &format!("{}/elsewhere", request.origin)));
    assert!(matches!(with_header(&server).post("/force").write().await, Err(ActError::Refused { .. })));
}

#[tokio::test]
async fn at_most_four_reads_and_one_write_are_in_flight() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let server = FaultServer::start(|_| Reply::hang()).await;
    let http = with_header(&server);
    let all = futures_util::future::join_all((0..9).map(|_| http.get("/").send()));
    let highest = AtomicUsize::new(0);
    let watch = async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        highest.store(server.requests().len(), Ordering::SeqCst);
    };
    tokio::join!(all, watch);
    assert_eq!(highest.load(Ordering::SeqCst), 4);
    server.clear();
    let all = futures_util::future::join_all((0..3).map(|_| http.post("/").write()));
    let watch = async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        assert_eq!(server.requests().len(), 1);
    };
    tokio::join!(all, watch);
}

#[tokio::test]
async fn a_servers_clock_is_compared_with_ours() {
    let server =
        FaultServer::start(|_| Reply::json(&json!([])).header("date", "Thu, 15 Jan 2026 12:58:00 GMT")).await;
    let http = with_header(&server);
    assert_eq!(http.clock_skew(), None);
    http.get("/").send().await.unwrap();
    assert_eq!(http.clock_skew().map(|skew| skew.num_minutes()), Some(58));
}

#[tokio::test]
async fn wrong_addresses_and_certificates_are_told_before_any_request() {
    let check = |address: &str, ca_pem: Option<Vec<u8>>, expected: &str| {
        let config = HttpConfig { ca_pem, ..config(Url::parse(address).unwrap(), Limits::default()) };
        let error = Http::new(config).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains(expected), "{address}: {error}");
        assert!(!error.contains("hunter2"), "{error}");
    };
    check("ftp://example.org", None, "http:// or https://");
    check("http://user:hunter2@example.org", None, "must not contain a user");
    check("https://example.org", Some(b"not a certificate".to_vec()), "ca_file");
}

#[tokio::test]
async fn debug_output_shows_no_credential() {
    let server = FaultServer::start(|_| Reply::status(200)).await;
    let http = with_header(&server);
    let auth = Auth::Bearer(CANARY.into());
    let config = HttpConfig {
        auth,
        cache: Arc::new(MemoryCache::default()),
        ..config(server.url(), Limits::default())
    };
    assert!(!format!("{http:?} {config:?}").contains(CANARY));
}

/// A proxy that wants a sign-in is named. Proxies are taken from the environment, so this test starts itself again.
#[tokio::test]
async fn a_proxy_that_wants_a_sign_in_is_named() {
    if let Ok(scheme) = std::env::var("QD_TEST_THROUGH_PROXY") {
        let base = Url::parse(&format!("{scheme}://backend.invalid")).unwrap();
        let read = testkit::http(&base, Auth::None).get("/").send().await.unwrap_err();
        assert!(read.to_string().contains("the proxy needs sign-in (407)"), "{read}");
        let write = testkit::http(&base, Auth::None).post("/").write().await;
        assert!(matches!(write, Err(ActError::NotSent { .. })), "{write:?}");
        return;
    }
    let proxy = FaultServer::start(|_| Reply::status(407).header("proxy-authenticate", "Basic")).await;
    for scheme in ["http", "https"] {
        let mut child = tokio::process::Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "a_proxy_that_wants_a_sign_in_is_named", "--nocapture"]);
        child.env("QD_TEST_THROUGH_PROXY", scheme).env("HTTP_PROXY", proxy.url().as_str());
        child
            .env("http_proxy", proxy.url().as_str())
            .env("https_proxy", proxy.url().as_str())
            .env_remove("NO_PROXY");
        child.env_remove("no_proxy").env_remove("REQUEST_METHOD");
        let output = child.output().await.unwrap();
        let text =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{scheme}: {text}");
    }
}
