//! The configuration that connects a Quarterdeck to Harbour.

use std::fmt::Write as _;

use crate::world::World;

/// The credential Harbour's servers ask for. It opens nothing else, so it is no secret.
pub const TOKEN: &str = "harbour";

/// `config.toml` for servers at these addresses. `credential` is the reference by which the credential is found.
///
/// A few services are left out on purpose: what belongs to them is inferred, and marked so.
pub fn config(world: &World, github: &str, alerts: &str, tickets: &str, credential: &str) -> String {
    let repositories: Vec<String> =
        world.services.iter().map(|it| format!("    \"{}\",", it.repository)).collect();
    let mut text = format!(
        r#"# Harbour, the demo company. Its servers exist on this machine only, and their addresses change with every start.
[[connection]]
id = "github"
backend = "github"
url = "{github}"
credential = "{credential}"
interval_secs = 20
[connection.settings]
repositories = [
{repositories}
]

[[connection]]
id = "alerts"
backend = "alertmanager"
url = "{alerts}"
credential = "none"
interval_secs = 5
[connection.settings]
created_by = "you"

[[connection]]
id = "tickets"
backend = "redmine"
url = "{tickets}"
credential = "{credential}"
interval_secs = 10
"#,
        repositories = repositories.join("\n"),
    );
    for service in world.services.iter().enumerate().filter(|(index, _)| index % 13 != 12).map(|(_, it)| it) {
        let (name, owner, repository) = (&service.name, service.team.name, &service.repository);
        let _ = write!(
            text,
            "\n[[service]]\nname = \"{name}\"\nowner = \"{owner}\"\nrepositories = [\"{repository}\"]\n\
             projects = [\"{name}\"]\nlabels = {{ service = \"{name}\" }}\n"
        );
    }
    text
}
