//! Collects a body, decompressing as it comes, and stops at the limit.
//!
//! The limit counts *decompressed* bytes: a bomb is given up at the byte that would exceed it, and what a chunk would
//! have become beyond that is never held in memory.

use std::io::{self, Write};

use brotli_decompressor::DecompressorWriter;
use bytes::Bytes;
use flate2::write::MultiGzDecoder;

/// Why a body could not be collected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum BodyError {
    /// More than the limit, in bytes.
    TooLarge(u64),
    /// The compressed data is broken or ends too early.
    Corrupt,
    /// A `Content-Encoding` that was not asked for.
    Encoding,
}

impl std::fmt::Display for BodyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooLarge(limit) => write!(f, "reply too large (limit {})", size(*limit)),
            Self::Corrupt => f.write_str("the compressed reply is damaged"),
            Self::Encoding => f.write_str("the reply has an encoding that was not asked for"),
        }
    }
}

/// `16 MiB`, `64 KiB`, `100 B`.
fn size(bytes: u64) -> String {
    match bytes {
        b if b >= 1 << 20 && b % (1 << 20) == 0 => format!("{} MiB", b >> 20),
        b if b >= 1 << 10 && b % (1 << 10) == 0 => format!("{} KiB", b >> 10),
        b => format!("{b} B"),
    }
}

/// Collects one body.
pub(super) struct Collector {
    decoder: Decoder,
    limit: u64,
}

enum Decoder {
    Plain(Capped),
    Gzip(Box<MultiGzDecoder<Capped>>),
    Brotli(Box<DecompressorWriter<Capped>>),
}

impl Collector {
    /// For a body with this `Content-Encoding`.
    pub fn new(encoding: Option<&str>, limit: u64) -> Result<Self, BodyError> {
        let capped = Capped { bytes: Vec::new(), limit, overflow: false };
        let decoder = match encoding.map(str::trim).unwrap_or_default().to_ascii_lowercase().as_str() {
            "" | "identity" => Decoder::Plain(capped),
            "gzip" | "x-gzip" => Decoder::Gzip(Box::new(MultiGzDecoder::new(capped))),
            "br" => Decoder::Brotli(Box::new(DecompressorWriter::new(capped, 8 * 1024))),
            _ => return Err(BodyError::Encoding),
        };
        Ok(Self { decoder, limit })
    }

    /// Takes the next chunk as it came over the wire.
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), BodyError> {
        let written = match &mut self.decoder {
            Decoder::Plain(out) => out.write_all(chunk),
            Decoder::Gzip(out) => out.write_all(chunk),
            Decoder::Brotli(out) => out.write_all(chunk),
        };
        written.map_err(|_| self.failure())
    }

    /// The whole body. A compressed body that ends too early is damaged.
    pub fn finish(self) -> Result<Bytes, BodyError> {
        let limit = self.limit;
        let capped = match self.decoder {
            Decoder::Plain(out) => Ok(out),
            Decoder::Gzip(mut out) => match out.try_finish() {
                Ok(()) => Ok(std::mem::take(out.get_mut())),
                Err(_) => Err(out.get_ref().overflow),
            },
            Decoder::Brotli(mut out) => match out.close() {
                Ok(()) => Ok(std::mem::take(out.get_mut())),
                Err(_) => Err(out.get_ref().overflow),
            },
        };
        match capped {
            Ok(capped) => Ok(Bytes::from(capped.bytes)),
            Err(true) => Err(BodyError::TooLarge(limit)),
            Err(false) => Err(BodyError::Corrupt),
        }
    }

    /// What has been collected so far, for error texts of servers whose body is over the (small) limit.
    pub fn partial(self) -> Bytes {
        match self.decoder {
            Decoder::Plain(out) => Bytes::from(out.bytes),
            Decoder::Gzip(mut out) => Bytes::from(std::mem::take(&mut out.get_mut().bytes)),
            Decoder::Brotli(mut out) => Bytes::from(std::mem::take(&mut out.get_mut().bytes)),
        }
    }

    fn failure(&self) -> BodyError {
        let capped = match &self.decoder {
            Decoder::Plain(out) => out,
            Decoder::Gzip(out) => out.get_ref(),
            Decoder::Brotli(out) => out.get_ref(),
        };
        if capped.overflow { BodyError::TooLarge(self.limit) } else { BodyError::Corrupt }
    }
}

/// A vector that refuses to grow beyond a limit.
#[derive(Default)]
struct Capped {
    bytes: Vec<u8>,
    limit: u64,
    overflow: bool,
}

impl Write for Capped {
    fn write(&mut self, chunk: &[u8]) -> io::Result<usize> {
        if (self.bytes.len() + chunk.len()) as u64 > self.limit {
            self.overflow = true;
            return Err(io::Error::other("over the limit"));
        }
        self.bytes.extend_from_slice(chunk);
        Ok(chunk.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
