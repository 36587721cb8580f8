//! The configuration file: mistakes with their line, edits that keep comments.

use expect_test::{Expect, expect};
use qd_api::Paths;
use qd_api::config::{
    ConnectionEntry, EditError, InForce, SETTINGS, SavedView, Weight, add_service, load, parse,
    put_connection, put_setting, put_view, remove_connection, remove_view, service_text,
};
use qd_connector::testkit::{Described, descriptor};
use qd_connector::{Backend, CredentialSpec, Descriptor, FieldKind, FieldSpec};
use qd_model::Kind;
use tempfile::TempDir;

static GITHUB: Descriptor = Descriptor {
    default_url: Some("https://api.github.com"),
    credential: CredentialSpec { label: "", help: "", optional: true, gh: true },
    settings: &[FieldSpec {
        key: "repositories",
        label: "",
        help: "",
        kind: FieldKind::List,
        required: true,
    }],
    ..descriptor("github", &[Kind::Run])
};
static BACKENDS: &[&dyn Backend] = &[&Described::by(&GITHUB)];

fn check(text: &str, expected: Expect) {
    let shown = match parse(text, BACKENDS) {
        Ok((config, problems)) => {
            let connections =
                config.connections.iter().map(|c| format!("{} {} {}", c.id, c.url, c.credential));
            let services = config.services.iter().map(|s| format!("service {} {:?}", s.name, s.labels));
            let views = config.views.iter().map(|v| format!("view {} = {}?{}", v.name, v.view, v.query));
            let problems = problems.iter().map(|p| {
                let line = p.line.map(|line| line.to_string()).unwrap_or_default();
                format!(
                    "{} {line}: {}",
                    if p.weight == Weight::Warning { "warning" } else { "error" },
                    p.message
                )
            });
            connections.chain(services).chain(views).chain(problems).collect::<Vec<_>>().join("\n")
        }
        Err(problem) => format!("broken {}: {}", problem.line.unwrap_or_default(), problem.message),
    };
    expected.assert_eq(&shown);
}

#[test]
fn a_complete_file_is_read_whole() {
    check(
        "[[connection]]\nid = \"gh\"\nbackend = \"github\"\n[connection.settings]\nrepositories = [\"acme/shop\"]\n\
         [[service]]\nname = \"shop\"\nlabels = { service = \"shop\" }\n[polling]\nbudget_percent = 20\n",
        expect![[r#"
            gh https://api.github.com/ keychain
            service shop {"service": "shop"}"#]],
    );
}

#[test]
fn a_mistake_names_its_line_and_what_to_write() {
    check(
        "[[connection]]\nid = \"gh\"\nbackend = \"github\"\nintervall_secs = 30\n\n[[conection]]\nid = \"x\"\n",
        expect![[r#"
            gh https://api.github.com/ keychain
            warning 4: unknown key 'intervall_secs' in [[connection]] is ignored; did you mean 'interval_secs'?
            warning 6: unknown key 'conection' in the file is ignored; did you mean 'connection'?"#]],
    );
    check(
        "[[connection]]\nid = \"gh\"\nbackend = \"github\"\nintervall = 30\ncred = \"gh\"\ntoken = \"x\"\n\
         [connection.settings]\nrepos = [\"a/b\"]\nbackfill = 3\n",
        expect![[r#"
            gh https://api.github.com/ keychain
            warning 4: unknown key 'intervall' in [[connection]] is ignored; did you mean 'interval_secs'?
            warning 5: unknown key 'cred' in [[connection]] is ignored; did you mean 'credential'?
            warning 6: unknown key 'token' in [[connection]] is ignored; known are: id, backend, url, credential, interval_secs, ca_file, settings
            warning 8: unknown key 'repos' in [connection.settings] is ignored; did you mean 'repositories'?
            warning 9: unknown key 'backfill' in [connection.settings] is ignored; known are: repositories"#]],
    );
    check(
        "[[connection]]\nid = \"GH\"\nbackend = \"github\"\n",
        expect![
            "error 2: a connection id has 1 to 64 lower-case letters, digits, '-', '_' or '.', and starts with a letter or digit; the connection is left out"
        ],
    );
    check(
        "[[connection]]\nid = \"a\"\nbackend = \"gitbub\"\n",
        expect!["error 3: there is no backend 'gitbub'; did you mean 'github'?"],
    );
    check(
        "[[connection]]\nid = \"a\"\nbackend = \"github\"\nurl = \"ftp://x\"\n",
        expect!["error 4: 'url' must begin with http:// or https://; the connection is left out"],
    );
    check(
        "[[connection]]\nid = \"a\"\nbackend = \"github\"\nurl = \"https://user:pw@x\"\n",
        expect![
            "error 4: 'url' must not hold a user name or password; give them as the credential; the connection is left out"
        ],
    );
    let left_out = "; the connection is left out";
    for (written, meant) in [
        ("localhost:9093", "; did you mean http://localhost:9093?"),
        ("10.0.0.7/am", "; did you mean http://10.0.0.7/am?"),
        ("alerts:9093", "; did you mean http://alerts:9093?"),
        ("alerts.example.org/am", "; did you mean https://alerts.example.org/am?"),
        ("ghp_0123456789abcdef", ""),
        ("eyJhbGciOi.eyJzdWIiOi.SflKxwRJSMeKKF2QT4fw", ""),
        ("user:pw@host.example.org", ""),
    ] {
        let text = format!("[[connection]]\nid = \"a\"\nbackend = \"github\"\nurl = \"{written}\"\n");
        let (_, problems) = parse(&text, BACKENDS).unwrap();
        let told: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(
            told,
            [format!("'url' must begin with http:// or https://{meant}{left_out}")],
            "{written}"
        );
    }
    check(
        "[polling]\nbudget_percent = 140\n",
        expect!["error 2: 'budget_percent' must be a whole number from 1 to 100"],
    );
    check(
        "[connection]\nid = \"a\"\n",
        expect!["error 1: write [[connection]] with two brackets: there may be several"],
    );
}

#[test]
fn two_connections_of_one_name_are_one_and_a_mistake() {
    let one = "[[connection]]\nid = \"a\"\nbackend = \"github\"\n";
    check(
        &format!("{one}{one}"),
        expect![[r#"
            a https://api.github.com/ keychain
            error 5: the id 'a' is used twice; the second connection is left out"#]],
    );
}

#[test]
fn a_broken_file_keeps_the_last_good_one_and_says_where_it_broke() {
    let dir = TempDir::new().unwrap();
    let paths = Paths::portable(dir.path());
    std::fs::write(&paths.config, "[[connection]]\nid = \"gh\"\nbackend = \"github\"\n").unwrap();
    assert!(load(&paths, BACKENDS, &|text| text == "keychain").problems.is_empty());
    std::fs::write(&paths.config, "[[connection]]\nid = \"gh\nbackend = \"github\"\n").unwrap();
    let loaded = load(&paths, BACKENDS, &|text| text == "keychain");
    assert!(loaded.fallen_back());
    assert_eq!(loaded.config.connections.len(), 1, "what was good stays in force");
    assert_eq!(loaded.problems[0].line, Some(2));
    std::fs::remove_file(&paths.config).unwrap();
    assert!(
        load(&paths, BACKENDS, &|text| text == "keychain").config.connections.is_empty(),
        "a file that was taken away is no broken file"
    );
}

#[test]
fn a_file_with_a_mistake_is_not_copied_because_the_mistake_may_be_a_secret() {
    let dir = TempDir::new().unwrap();
    let paths = Paths::portable(dir.path());
    for line in ["credential = \"ghp_0123456789\"", "token = \"hunter2\"", "url = \"https://user:hunter2@x\""]
    {
        std::fs::write(&paths.config, format!("[[connection]]\nid = \"gh\"\nbackend = \"github\"\n{line}\n"))
            .unwrap();
        load(&paths, BACKENDS, &|text| text == "keychain");
        assert!(!paths.last_good().exists(), "{line}");
    }
}

#[test]
fn a_mere_warning_does_not_keep_a_file_from_being_the_last_good_one() {
    let dir = TempDir::new().unwrap();
    let paths = Paths::portable(dir.path());
    let sound = |text: &str| text == "keychain";
    let broken = "[[connection]]\nid = \"gh\n";
    std::fs::write(&paths.config, broken).unwrap();
    assert_eq!(load(&paths, BACKENDS, &sound).in_force, InForce::Nothing, "there is no copy yet");
    let text = "[[connection]]\nid = \"gh\"\nbackend = \"github\"\nintervall_secs = 30\n";
    std::fs::write(&paths.config, text).unwrap();
    assert_eq!(load(&paths, BACKENDS, &sound).problems.len(), 1);
    std::fs::write(&paths.config, broken).unwrap();
    let loaded = load(&paths, BACKENDS, &sound);
    assert!(matches!(loaded.in_force, InForce::Copy(_)), "{:?}", loaded.in_force);
    assert_eq!(loaded.config.connections.len(), 1);
}

#[cfg(unix)]
#[test]
fn an_edit_of_a_linked_file_leaves_the_link() {
    let dir = TempDir::new().unwrap();
    let (real, link) = (dir.path().join("dotfiles/deck.toml"), dir.path().join("config.toml"));
    std::os::unix::fs::symlink("dotfiles/deck.toml", &link).unwrap();
    put_connection(&link, &entry("https://api.github.com"), false).unwrap();
    put_connection(&link, &entry("https://git.example.org/api/v3"), true).unwrap();
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink(), "it is still a link");
    assert!(std::fs::read_to_string(&real).unwrap().contains("git.example.org"));
}

fn entry(url: &str) -> ConnectionEntry {
    let settings = serde_json::json!({ "repositories": ["acme/shop", "acme/ledger"] });
    ConnectionEntry {
        id: "gh".parse().unwrap(),
        backend: "github".into(),
        url: url.parse().unwrap(),
        credential: "gh".into(),
        interval: None,
        ca_file: None,
        settings: settings.as_object().unwrap().clone(),
    }
}

#[test]
fn an_edit_keeps_comments_order_and_what_it_does_not_know() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("config.toml");
    let before = "# my decks\n[[connection]]\nid = \"gh\"            # the main one\nbackend = \"github\"\n\
                  url = \"https://api.github.com\" # public\ncredential = \"gh\"\nnote = \"mine\"\n\n\
                  [connection.settings]\nrepositories = [\"acme/shop\"] # more to come\n\n# services\n[[service]]\nname = \"shop\"\n";
    std::fs::write(&path, before).unwrap();
    put_connection(&path, &entry("https://git.example.org/api/v3"), true).unwrap();
    expect![[r#"
        # my decks
        [[connection]]
        id = "gh"            # the main one
        backend = "github"
        url = "https://git.example.org/api/v3" # public
        credential = "gh"
        note = "mine"

        [connection.settings]
        repositories = ["acme/shop", "acme/ledger"] # more to come

        # services
        [[service]]
        name = "shop"
    "#]]
    .assert_eq(&std::fs::read_to_string(&path).unwrap());
}

#[test]
fn a_connection_is_added_to_nothing_and_removed_again() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("sub/config.toml");
    put_connection(&path, &entry("https://api.github.com"), false).unwrap();
    let (config, problems) = parse(&std::fs::read_to_string(&path).unwrap(), BACKENDS).unwrap();
    assert_eq!((config.connections, problems), (vec![entry("https://api.github.com")], vec![]));
    assert!(matches!(remove_connection(&path, "other"), Err(EditError::Missing(_))));
    remove_connection(&path, "gh").unwrap();
    assert!(parse(&std::fs::read_to_string(&path).unwrap(), BACKENDS).unwrap().0.connections.is_empty());
}

#[test]
fn a_broken_file_is_never_overwritten() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("config.toml");
    std::fs::write(&path, "[[connection\n").unwrap();
    assert!(matches!(
        put_connection(&path, &entry("https://api.github.com"), false),
        Err(EditError::Broken(_))
    ));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "[[connection\n", "nothing was changed");
}

#[test]
fn a_service_is_added_as_it_was_shown_and_comments_stay() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("config.toml");
    let service = qd_model::Service {
        name: "ledger \"eu\"".into(),
        owner: None,
        repositories: vec!["gh:acme/ledger".into()],
        projects: vec!["tracker:ledger".into()],
        labels: [("service".to_owned(), "ledger".to_owned())].into(),
    };
    let shown = service_text(&service);
    expect![[r#"
        [[service]]
        name = 'ledger "eu"'
        repositories = ["gh:acme/ledger"]
        projects = ["tracker:ledger"]
        labels = { service = "ledger" }
    "#]]
    .assert_eq(&shown);
    let before = "# mine\n[[service]]\nname = \"shop\" # sells\n\n[polling]\nbudget_percent = 20\n";
    std::fs::write(&path, before).unwrap();
    add_service(&path, &service).unwrap();
    let after = std::fs::read_to_string(&path).unwrap();
    assert!(after.contains("# mine\n[[service]]\nname = \"shop\" # sells\n"), "{after}");
    assert!(after.contains(&shown), "what was shown is what is written: {after}");
    let (config, problems) = parse(&after, BACKENDS).unwrap();
    assert_eq!((config.services[1].clone(), problems), (service, vec![]));
    assert_eq!(config.general.budget_percent, 20);
}

#[test]
fn environments_are_put_in_order_by_hand() {
    let text = "[deployments]\nenvironments = [\"moon\", \"mars\"]\n";
    assert_eq!(parse(text, BACKENDS).unwrap().0.environments, ["moon", "mars"]);
    check(
        "[deployments]\nenviroments = []\n",
        expect![
            "warning 2: unknown key 'enviroments' in [deployments] is ignored; did you mean 'environments'?"
        ],
    );
}

#[test]
fn notifications_and_the_desktop_are_read_and_their_mistakes_named() {
    let text = "[notifications]\nenabled = true\nfrom = \"warning\"\nkinds = [\"alert\"]\n\
                quiet_hours = \"22:00-07:00\"\ndigest_above = 2\nunreachable_minutes = 0\n\
                [desktop]\ntray = false\nkeep_running = true\nautostart = true\n";
    let (config, problems) = parse(text, BACKENDS).unwrap();
    assert_eq!(problems, []);
    let read = config.notifications;
    assert_eq!(read.quiet_hours.map(|hours| hours.to_string()).as_deref(), Some("22:00-07:00"));
    assert_eq!((read.per_minute, read.unreachable_after, read.kinds.len()), (2, None, 1));
    assert!(!config.desktop.tray && config.desktop.keep_running && config.desktop.autostart);
    check(
        "[notifications]\nfrom = \"loud\"\nquiet_hours = \"night\"\nkinds = [\"alerts\"]\nenabled = \"no\"\n\
         [desktop]\ntrai = true\nautostart = 1\n",
        expect![[r#"
            error 2: 'from' is one of: critical, high, warning
            error 3: 'quiet_hours' is written as "22:00-07:00"
            error 4: 'kinds' is a list of any of: run, deployment, alert, ticket
            error 5: 'enabled' must be true or false
            warning 7: unknown key 'trai' in [desktop] is ignored; did you mean 'tray'?
            error 8: 'autostart' must be true or false"#]],
    );
    let (config, _) = parse("", BACKENDS).unwrap();
    assert_eq!(config.notifications, qd_rules::notify::NotifySettings::default(), "shown as it holds");
    assert!(!config.desktop.autostart && !config.desktop.keep_running, "nothing starts or stays by itself");
}

#[test]
fn views_and_settings_are_read_and_their_mistakes_named() {
    check(
        "[window]\ntheme = \"dark\"\nzon = \"utc\"\nsingle_keys = \"no\"\n\n\
         [[view]]\nname = \"Watch\"\nview = \"alerts\"\nquery = \"severity:critical\"\n\n\
         [[view]]\nname = \"Watch\"\nview = \"tickets\"\n\n\
         [[view]]\nname = \"x\"\nview = \"connections\"\n\n\
         [[view]]\nname = \"y\"\nview = \"alerts\"\nquery = '\"red'\nqery = \"\"\n",
        expect![[r#"
            view Watch = alerts?severity:critical
            warning 3: unknown key 'zon' in [window] is ignored; did you mean 'zone'?
            error 4: 'single_keys' must be true or false
            error 12: the name is used by an earlier [[view]]; the view is left out
            error 16: 'view' is one of: overview, pipelines, deployments, alerts, tickets, charts; the view is left out
            error 20: 'query' cannot be read: a quote is opened and never closed; the view is left out
            warning 23: unknown key 'qery' in [[view]] is ignored; did you mean 'query'?"#]],
    );
}

#[test]
fn every_default_is_a_value_its_setting_takes() {
    for spec in SETTINGS {
        assert!(spec.check(spec.default).is_ok(), "{}", spec.name());
        assert!(spec.check("no such word").is_err(), "{}", spec.name());
    }
}

#[test]
fn settings_and_views_are_written_with_comments_kept() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("config.toml");
    std::fs::write(&path, "# mine\n[window]\ntheme = \"dark\" # at night\nnote = 1\n").unwrap();
    let spec = |name: &str| SETTINGS.iter().find(|spec| spec.name() == name).unwrap();
    let save = |name: &str, value: &str| put_setting(&path, spec(name), spec(name).check(value).ok());
    save("window.theme", "light").unwrap();
    save("polling.budget_percent", "25").unwrap();
    save("notifications.kinds", "alert, run").unwrap();
    save("notifications.quiet_hours", "22:00-07:00").unwrap();
    put_setting(&path, spec("history.retention_days"), None).unwrap();
    let view = |name: &str, query: &str| SavedView {
        name: name.into(),
        view: "alerts".into(),
        query: query.into(),
        all: false,
        form: if name == "Quiet" { String::new() } else { "group=service%2Cname".into() },
    };
    put_view(&path, &view("Watch", "severity:critical"), None).unwrap();
    put_view(&path, &view("Quiet", "state:suppressed"), None).unwrap();
    assert!(matches!(put_view(&path, &view("Watch", ""), None), Err(EditError::Taken(_))));
    assert!(matches!(put_view(&path, &view("Watch", ""), Some("Quiet")), Err(EditError::Taken(_))));
    assert!(matches!(put_view(&path, &view("New", ""), Some("gone")), Err(EditError::Missing(_))));
    put_view(&path, &view("Night \"watch\"", "severity:critical"), Some("Watch")).unwrap();
    remove_view(&path, "Quiet").unwrap();
    assert!(matches!(remove_view(&path, "Quiet"), Err(EditError::Missing(_))));
    expect![[r#"
        # mine
        [window]
        theme = "light" # at night
        note = 1

        [polling]
        budget_percent = 25

        [notifications]
        kinds = ["alert", "run"]
        quiet_hours = "22:00-07:00"

        [[view]]
        name = 'Night "watch"'
        view = "alerts"
        query = "severity:critical"
        form = "group=service%2Cname"
    "#]]
    .assert_eq(&std::fs::read_to_string(&path).unwrap());
    put_setting(&path, spec("window.theme"), None).unwrap();
    let (config, _) = parse(&std::fs::read_to_string(&path).unwrap(), BACKENDS).unwrap();
    assert_eq!((config.settings.len(), config.general.budget_percent), (3, 25), "the default holds again");
}
