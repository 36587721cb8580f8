//! Reading environment variables, replaceable so that tests need not change the process.

use std::{ffi::OsString, fmt, sync::Arc};

/// Looks up environment variables.
#[derive(Clone)]
pub struct Environment(Arc<Lookup>);

type Lookup = dyn Fn(&str) -> Option<OsString> + Send + Sync;

impl Environment {
    /// The environment of this process.
    pub fn of_process() -> Environment {
        Environment(Arc::new(|name| std::env::var_os(name)))
    }

    /// An environment with exactly these variables.
    pub fn of<N: Into<String>, V: Into<OsString>>(
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Environment {
        let variables: std::collections::HashMap<String, OsString> =
            variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Environment(Arc::new(move |name| variables.get(name).cloned()))
    }

    /// The variable's value; `None` when it is unset or empty.
    pub(crate) fn get(&self, name: &str) -> Option<OsString> {
        (self.0)(name).filter(|value| !value.is_empty())
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Environment(…)")
    }
}
