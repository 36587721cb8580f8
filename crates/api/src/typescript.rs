//! The TypeScript of all view types and commands: one file, made by `cargo xtask codegen`.

use std::any::TypeId;
use std::collections::{BTreeMap, HashSet};

use ts_rs::{Config, TS, TypeVisitor};

/// The whole file.
pub fn module() -> String {
    let config = Config::default().with_large_int("number");
    let mut collect = Collect { config: &config, seen: BTreeMap::new(), met: HashSet::new() };
    crate::commands::visit(&mut collect);
    let mut out = String::from("// Written by `cargo xtask codegen` from crates/api. Do not edit.\n\n");
    for (docs, declaration) in collect.seen.values() {
        out.push_str(docs);
        out.push_str(&format!("export {declaration}\n\n"));
    }
    out.push_str("/** Every command: what it wants and what it answers. */\nexport interface Commands {\n");
    for (name, request, answer, docs) in crate::commands::typescript(&config) {
        out.push_str(&format!("  /**{docs} */\n  {name}: {{ request: {request}; answer: {answer} }};\n"));
    }
    out.push_str("}\n");
    out
}

struct Collect<'a> {
    config: &'a Config,
    seen: BTreeMap<String, (String, String)>,
    /// Every type met, also lists and options: some types hold themselves.
    met: HashSet<TypeId>,
}

impl TypeVisitor for Collect<'_> {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if !self.met.insert(TypeId::of::<T>()) {
            return;
        }
        // Only types of our own have a declaration; text, numbers, lists and options do not.
        if T::output_path().is_some() {
            let name = T::ident(self.config);
            if self.seen.contains_key(&name) {
                return;
            }
            let entry = (T::docs().unwrap_or_default(), T::decl(self.config));
            self.seen.insert(name, entry);
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::{KindTs, SeverityTs, StatusTs, TierTs};
    use qd_model::{Kind, Severity, Status, Tier};

    fn check<M: serde::Serialize, T: TS>(model: &[M]) {
        let declared = T::inline(&Config::default());
        let mut declared: Vec<&str> = declared.split('|').map(|word| word.trim().trim_matches('"')).collect();
        let words: Vec<String> =
            model.iter().map(|word| serde_json::to_string(word).expect("a word")).collect();
        let mut words: Vec<&str> = words.iter().map(|word| word.trim_matches('"')).collect();
        declared.sort_unstable();
        words.sort_unstable();
        assert_eq!(declared, words, "the window knows every word of the model");
    }

    #[test]
    fn the_windows_words_are_the_models() {
        use Severity::{Critical, High, Info, Low, Warning};
        use Status::{Failing, Inactive, Ok, Paging, Running, Waiting, Warn};
        use Tier::{Development, Other, Production, Staging, Test};
        check::<_, KindTs>(&Kind::ALL);
        check::<_, StatusTs>(&[Paging, Failing, Warn, Waiting, Status::Unknown, Running, Ok, Inactive]);
        check::<_, SeverityTs>(&[Critical, High, Warning, Info, Low, Severity::Unknown]);
        check::<_, TierTs>(&[Production, Staging, Test, Development, Other]);
    }

    #[test]
    fn every_command_is_in_the_typescript() {
        let module = module();
        for (name, _) in crate::commands::COMMANDS {
            assert!(module.contains(&format!("\n  {name}: {{ request:")), "{name}");
        }
        assert!(!module.contains("bigint"), "numbers are numbers in JSON");
    }
}
