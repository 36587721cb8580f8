//! What the desktop is told, from a change in the store to a notification, and the way of a click back.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use futures_util::StreamExt;
use qd_api::App;
use qd_api::desktop::{Arrival, Notification, Notifier};
use qd_connector::testkit::{Described, SILENCE, descriptor};
use qd_connector::{Backend, Descriptor};
use qd_model::{Alert, AlertState, Clock, EntityId, Fact, Kind, Links, ManualClock};
use qd_store::testkit::sample::{alert, named, of_source, put_linked};
use qd_store_sqlite::SqliteStore;
use serde_json::{Value, json};

use crate::home::{Home, noon};

static ALERTS: Descriptor = Descriptor { actions: SILENCE, ..descriptor("alerts", &[Kind::Alert]) };
static BACKENDS: &[&dyn Backend] = &[&Described::by(&ALERTS)];

/// Writes down what it is told to show.
#[derive(Clone, Default)]
struct Recorder {
    shown: Arc<Mutex<Vec<Notification>>>,
    withdrawn: Arc<Mutex<Vec<String>>>,
}

#[async_trait]
impl Notifier for Recorder {
    async fn show(&self, notification: Notification) -> Result<(), String> {
        self.shown.lock().unwrap().push(notification);
        Ok(())
    }
    async fn withdraw(&self, about: &EntityId) {
        self.withdrawn.lock().unwrap().push(about.to_string());
    }
}

impl Recorder {
    fn titles(&self) -> Vec<String> {
        self.shown.lock().unwrap().iter().map(|shown| shown.title.clone()).collect()
    }
}

/// The loop of a test looks this often.
const LOOK: Duration = Duration::from_millis(10);

struct Desk {
    app: App,
    store: Arc<SqliteStore>,
    clock: ManualClock,
    told: Recorder,
    looks: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

/// A home with one connection, at noon.
fn home(config: &str) -> Home {
    Home::new(&format!("[[connection]]\nid = \"am\"\nbackend = \"alerts\"\n{config}"), noon())
}

impl Desk {
    async fn open(home: &Home) -> Self {
        let (store, clock) = (home.history(), home.clock.clone());
        let app = home.start(&store, BACKENDS).await;
        let told = Recorder::default();
        let (running, notifier, hand, began) = (app.clone(), told.clone(), clock.clone(), clock.now());
        let looks = Arc::new(AtomicUsize::new(0));
        let counter = looks.clone();
        let beat = move || {
            counter.fetch_add(1, Ordering::SeqCst);
            (hand.now() - began).to_std().unwrap()
        };
        let task = tokio::spawn(async move {
            running.run_notifications_by(Arc::new(notifier), Box::new(beat), LOOK).await.unwrap();
        });
        let desk = Self { app, store, clock, told, looks, task };
        desk.look().await;
        desk
    }

    /// Until all that is there now was looked at. Looks are counted in their midst: the first may have begun before, the
    /// second may have missed what was still on its way, and the third has ended when the fourth is counted.
    async fn look(&self) {
        let enough = self.looks.load(Ordering::SeqCst) + 4;
        while self.looks.load(Ordering::SeqCst) < enough {
            assert!(!self.task.is_finished(), "nobody looks any more");
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Time goes by; what was there before it did is looked at before, and what it brings after.
    async fn wait(&self, secs: i64) {
        self.look().await;
        self.clock.advance(TimeDelta::seconds(secs));
        self.look().await;
    }

    async fn sees(&self, native: &str, state: AlertState) {
        let now = self.clock.now();
        let seen = Alert { name: format!("Slow {native}"), ..alert(native, state, Some(now)) };
        let source = named("am");
        let fact = of_source(&source, Fact::Alert(seen));
        put_linked(&*self.store, &source, [(fact, Links::default())], now).await;
    }

    async fn call(&self, command: &str, payload: Value) -> Value {
        self.app.call(command, payload).await.unwrap()
    }
}

#[tokio::test]
async fn a_change_becomes_a_notification_and_its_buttons_lead_to_a_form() {
    let home = home("");
    let desk = Desk::open(&home).await;
    desk.wait(30).await;
    desk.sees("1", AlertState::Firing).await;
    desk.wait(8).await;
    let shown = desk.told.shown.lock().unwrap().clone();
    assert_eq!(desk.told.titles(), ["Critical alert: Slow 1"]);
    let to =
        |verb: Option<&str>| Arrival::at("#/alerts?open=am%2Falert%2F1".to_owned(), verb.map(str::to_owned));
    assert_eq!(shown[0].open, to(None));
    assert_eq!(
        shown[0].buttons,
        [("Open".to_owned(), to(None)), ("Silence…".to_owned(), to(Some("silence")))]
    );
    desk.sees("1", AlertState::Resolved).await;
    desk.wait(3).await;
    assert_eq!(*desk.told.withdrawn.lock().unwrap(), ["am/alert/1"]);
    assert_eq!(desk.told.titles().len(), 1, "that it is over is not told");
}

#[tokio::test]
async fn a_pause_outlives_the_process_and_what_was_missed_is_summed_up_once() {
    let home = home("");
    let desk = Desk::open(&home).await;
    desk.wait(30).await;
    desk.call("notifications_pause", json!({ "minutes": 60 })).await;
    desk.sees("1", AlertState::Firing).await;
    desk.wait(70).await;
    assert!(desk.told.titles().is_empty());
    desk.task.abort();
    drop(desk);
    home.clock.advance(TimeDelta::minutes(5));
    let desk = Desk::open(&home).await;
    desk.sees("2", AlertState::Firing).await;
    desk.wait(60).await;
    assert!(desk.told.titles().is_empty(), "the pause still holds");
    desk.call("notifications_pause", json!({ "minutes": 0 })).await;
    desk.wait(30).await;
    let titles = desk.told.titles();
    assert!(titles.len() == 1 && titles[0].ends_with("1 thing needs attention"), "{titles:?}");
}

#[tokio::test]
async fn settings_of_the_file_hold() {
    let home = home("[notifications]\nkinds = [\"run\"]\n");
    let desk = Desk::open(&home).await;
    desk.wait(30).await;
    desk.sees("1", AlertState::Firing).await;
    desk.wait(8).await;
    assert!(desk.told.titles().is_empty());
    desk.call("notifications_test", json!({})).await;
    assert_eq!(desk.told.titles(), ["Notifications work"], "a test is shown whatever the settings say");
}

#[tokio::test]
async fn the_window_pulls_where_to_go_once_and_a_link_leads_to_no_form() {
    let home = home("");
    let desk = Desk::open(&home).await;
    assert_eq!(desk.call("arrival", json!({})).await, Value::Null);
    desk.app.arrive(Arrival::at("#/overview".to_owned(), None));
    desk.app.arrive_by_link("quarterdeck://alert/am/alert/1").unwrap();
    let wanted = json!({ "route": "#/alerts?open=am%2Falert%2F1", "verb": null, "refused": null });
    assert_eq!(desk.call("arrival", json!({})).await, wanted, "the latest word counts");
    assert_eq!(desk.call("arrival", json!({})).await, Value::Null, "it is told once");
    for hostile in ["quarterdeck://act/am/alert/1", "javascript:alert(1)", "--demo"] {
        let refusal = desk.app.arrive_by_link(hostile).unwrap_err();
        let told = json!({ "route": "", "verb": null, "refused": refusal.message });
        assert_eq!(desk.call("arrival", json!({})).await, told, "{hostile}");
    }
}

#[tokio::test]
async fn the_tray_follows_what_fires_and_a_pause_that_ends_by_itself() {
    let home = home("");
    let desk = Desk::open(&home).await;
    let mut drawn = desk.app.tray();
    let mut next = async || {
        let tray = tokio::time::timeout(Duration::from_secs(30), drawn.next()).await;
        let tray = tray.expect("the tray was not drawn anew").unwrap();
        (tray.entries.into_iter().map(|entry| entry.label).collect::<Vec<_>>(), tray.paused)
    };
    let slow = || vec!["Slow 1".to_owned()];
    assert_eq!(next().await, (vec![], false));
    desk.sees("1", AlertState::Firing).await;
    assert_eq!(next().await, (slow(), false));
    desk.call("notifications_pause", json!({"minutes": 1})).await;
    assert_eq!(next().await, (slow(), true));
    desk.clock.advance(TimeDelta::seconds(61));
    assert_eq!(next().await, (slow(), false));
}
