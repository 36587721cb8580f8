//! Assigns services and environments anew when the configured services are others than those that stored facts were linked
//! by. Only then: it reads every fact there is, and a start would wait for it.

use std::sync::Arc;

use qd_rules::Catalogue;
use qd_store::StoreError;

use crate::engine::Shared;

/// Where the store keeps which catalogue its facts were linked by.
const LINKED_BY: &str = "linked by";

impl Shared {
    /// Links what is stored by this catalogue.
    pub async fn relink(&self, catalogue: Catalogue) -> Result<(), StoreError> {
        let mut linked = self.linked.lock().await;
        let fingerprint = catalogue.fingerprint();
        // What this process stored meanwhile was linked by its own catalogue, whatever another process noted.
        let changed_here = linked.as_ref().is_some_and(|before| *before != fingerprint);
        let store = &self.parts.store;
        if changed_here || store.memo(LINKED_BY).await?.as_ref() != Some(&fingerprint) {
            store.relink(Arc::new(move |fact| catalogue.link(fact))).await?;
            store.put_memo(LINKED_BY, &fingerprint).await?;
        }
        *linked = Some(fingerprint);
        Ok(())
    }
}
