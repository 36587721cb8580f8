//! Opens addresses in the person's browser.

use std::path::Path;

use qd_api::LinkOpener;
use url::Url;

/// The platform's own way to open an address: one argument to one program, never a shell.
pub struct Browser;

impl LinkOpener for Browser {
    fn open(&self, url: &Url) -> Result<(), String> {
        // The core allows these two only; an address of another kind could start a program.
        if !matches!(url.scheme(), "https" | "http") {
            return Err(format!("addresses of the kind '{}' are not opened", url.scheme()));
        }
        open::that_detached(url.as_str()).map_err(|error| format!("no browser could be started: {error}"))
    }

    fn open_file(&self, path: &Path) -> Result<(), String> {
        open::that_detached(path).map_err(|error| format!("no editor could be started: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_start_a_program_is_not_handed_over() {
        for text in ["file:///etc/passwd", "vscode://file/x", "javascript:alert(1)", "smb://host/share"] {
            let refused = Browser.open(&Url::parse(text).unwrap());
            assert!(refused.unwrap_err().contains("are not opened"), "{text}");
        }
    }
}
