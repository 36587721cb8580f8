//! All silences of an Alertmanager, on demand.

use async_trait::async_trait;
use qd_connector::{Covers, PollCx, PollError, SilenceVerbs, Silences};
use qd_model::{Matcher, Silence};

use crate::{Alertmanager, map, matcher, poll};

/// The verb that makes a silence from nothing.
pub const CREATE: &str = "create_silence";
/// The verb that lets any silence end later.
pub const EXTEND: &str = "extend_silence";
/// The verb that ends any silence.
pub const EXPIRE: &str = "expire_silence";

#[async_trait]
impl Silences for Alertmanager {
    /// `GET api/v2/silences`; ended ones stay listed for the server's retention time (five days unless set).
    async fn list(&self, cx: &PollCx) -> Result<(Vec<Silence>, Vec<String>), PollError> {
        let listed = poll::silences(self, cx).await?;
        Ok((listed.items.iter().map(map::silence).collect(), listed.problems))
    }

    fn covers(&self, silence: &Silence) -> Option<Covers> {
        let compiled = matcher::Compiled::new(&silence.matchers).ok()?;
        Some(Box::new(move |labels| compiled.matches(labels)))
    }

    fn verbs(&self) -> SilenceVerbs {
        SilenceVerbs { create: CREATE, extend: EXTEND, expire: EXPIRE }
    }

    fn matchers(&self, silence: &Silence) -> String {
        silence.matchers.iter().map(matcher::write).collect::<Vec<_>>().join("\n")
    }

    fn same(&self, silence: &Silence, matchers: &str) -> bool {
        let sorted = |matchers: &[Matcher]| {
            let mut written: Vec<String> = matchers.iter().map(matcher::write).collect();
            written.sort();
            written
        };
        matcher::parse(matchers).is_ok_and(|wanted| sorted(&wanted) == sorted(&silence.matchers))
    }
}
