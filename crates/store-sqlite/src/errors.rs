//! Errors of SQLite in the words of the port.

use qd_store::StoreError;
use rusqlite::ffi::ErrorCode;

/// An error while writing.
pub fn writing(error: rusqlite::Error) -> StoreError {
    StoreError::Write(explain(&error))
}

/// An error while reading.
pub fn reading(error: rusqlite::Error) -> StoreError {
    StoreError::Read(explain(&error))
}

/// Whether the file itself is broken.
pub fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

fn explain(error: &rusqlite::Error) -> String {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "the disk is full".to_owned(),
        Some(ErrorCode::ReadOnly) => "the file or its folder is read-only".to_owned(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another process has been writing for too long".to_owned()
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            "the file is damaged; it will be set aside at the next start".to_owned()
        }
        Some(ErrorCode::SystemIoFailure) => format!("the disk reports an error ({error})"),
        _ => error.to_string(),
    }
}
