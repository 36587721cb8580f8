//! When the keychain may prompt the person once more.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use qd_connector::testkit::{Described, NoCredentials, descriptor};
use qd_connector::{Backend, CredentialError, Credentials, Descriptor, Secret};
use qd_model::{Kind, SourceId};
use serde_json::{Value, json};

use crate::home::{Home, noon};

static BELLS: Descriptor = descriptor("bells", &[Kind::Alert]);
static BACKENDS: &[&dyn Backend] = &[&Described::by(&BELLS)];

const CONFIG: &str = "
[[connection]]
id = \"locked\"
backend = \"bells\"
url = \"http://127.0.0.1:9\"

[[connection]]
id = \"open\"
backend = \"bells\"
url = \"http://127.0.0.1:9\"
credential = \"none\"
";

/// A keychain whose prompt was closed, and for which connections it was asked again.
#[derive(Default)]
struct Refused(Mutex<Vec<String>>);

#[async_trait]
impl Credentials for Refused {
    fn check_reference(&self, reference: &str) -> Result<(), String> {
        NoCredentials.check_reference(reference)
    }

    async fn resolve(
        &self,
        _: &SourceId,
        _: &str,
        _: Option<&str>,
    ) -> Result<Option<Secret>, CredentialError> {
        Err(CredentialError { code: "locked", message: "the keychain is locked".to_owned() })
    }

    async fn keep(&self, _: &SourceId, _: Secret, _: bool) -> Result<(), CredentialError> {
        Ok(())
    }

    async fn forget(&self, _: &SourceId) -> Result<(), CredentialError> {
        Ok(())
    }

    async fn ask_again(&self, source: &SourceId) {
        self.0.lock().unwrap().push(source.to_string());
    }

    async fn keychain(&self) -> &'static str {
        "locked"
    }
}

async fn check(command: &str, payload: Value, expected: &[&str]) {
    let keychain = Arc::new(Refused::default());
    let mut home = Home::new(CONFIG, noon());
    home.credentials = keychain.clone();
    let app = home.start(&home.history(), BACKENDS).await;
    app.call(command, payload.clone()).await.unwrap();
    assert_eq!(*keychain.0.lock().unwrap(), expected, "{command} {payload}");
}

fn draft(id: &str, credential: &str, secret: Option<&str>) -> Value {
    let draft = json!({
        "id": id, "backend": "bells", "url": "http://127.0.0.1:9", "credential": credential,
        "interval_secs": null, "ca_file": null, "settings": {},
    });
    json!({ "draft": draft, "replaces": id, "secret": secret, "session_only": false })
}

#[tokio::test]
async fn who_refreshes_or_tests_a_connection_may_be_prompted_once_more() {
    check("refresh", json!({ "source": "locked" }), &["locked"]).await;
    check("connection_test", draft("locked", "keychain", None), &["locked"]).await;
}

#[tokio::test]
async fn nobody_is_prompted_for_what_needs_no_keychain_or_for_everything_at_once() {
    check("refresh", json!({ "source": "open" }), &[]).await;
    check("refresh", json!({ "source": null }), &[]).await;
    check("connection_test", draft("open", "none", None), &[]).await;
    check("connection_test", draft("locked", "keychain", Some("typed")), &[]).await;
}
