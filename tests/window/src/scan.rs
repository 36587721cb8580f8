//! Looks for a secret in every file below a folder.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// Where a secret was found, and in which form.
#[derive(Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// `plain`, `utf-16`, `hex`, `base64`.
    pub form: &'static str,
}

/// Every file below `folder` that holds the secret in some form.
pub fn scan(folder: &Path, secret: &str) -> Vec<Place> {
    let forms = forms(secret);
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(kind) if kind.is_file() => {
                    let bytes = fs::read(entry.path()).unwrap_or_default();
                    let seen = forms.iter().filter(|(_, needle)| holds(&bytes, needle));
                    found.extend(seen.map(|(form, _)| Place { file: entry.path(), form }));
                }
                _ => {}
            }
        }
    }
    found
}

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

fn forms(secret: &str) -> [(&'static str, Vec<u8>); 4] {
    let hex = secret.bytes().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    [
        ("plain", secret.as_bytes().to_vec()),
        ("utf-16", secret.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("hex", hex.into_bytes()),
        ("base64", base64(secret.as_bytes()).into_bytes()),
    ]
}

/// Without padding: what follows the secret changes the end.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let whole = bytes.chunks_exact(3).flat_map(|three| {
        let bits = u32::from(three[0]) << 16 | u32::from(three[1]) << 8 | u32::from(three[2]);
        [18, 12, 6, 0].map(|shift| char::from(LETTERS[(bits >> shift & 63) as usize]))
    });
    whole.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leak_is_found_in_each_form_and_a_clean_folder_is_clean() {
        let secret = "c4n4ry-0123456789";
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("deep")).unwrap();
        fs::write(folder.path().join("deep/clean"), "c4n4ry").unwrap();
        assert_eq!(scan(folder.path(), secret), []);
        for (form, bytes) in forms(secret) {
            let file = folder.path().join("deep").join(form);
            fs::write(&file, [b"before ".as_slice(), &bytes, b" after"].concat()).unwrap();
            assert_eq!(scan(folder.path(), secret), [Place { file: file.clone(), form }]);
            fs::remove_file(file).unwrap();
        }
        assert_eq!(base64(b"Man"), "TWFu");
    }
}
