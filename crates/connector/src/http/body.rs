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

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    /// Feeds a body in chunks and returns what came of it.
    fn collect(encoding: Option<&str>, body: &[u8], limit: u64) -> Result<Bytes, BodyError> {
        let mut collector = Collector::new(encoding, limit)?;
        for chunk in body.chunks(7) {
            collector.push(chunk)?;
        }
        collector.finish()
    }

    #[test]
    fn a_body_is_read_in_every_encoding_that_was_asked_for() {
        let text = b"hello, hello, hello";
        assert_eq!(collect(None, text, 100).unwrap(), &text[..]);
        assert_eq!(collect(Some("identity"), text, 100).unwrap(), &text[..]);
        assert_eq!(collect(Some("gzip"), &gzip(text), 100).unwrap(), &text[..]);
        assert_eq!(collect(Some(" GZIP"), &gzip(text), 100).unwrap(), &text[..]);
        // Two members, as some servers append.
        assert_eq!(collect(Some("gzip"), &[gzip(b"a"), gzip(b"b")].concat(), 100).unwrap(), &b"ab"[..]);
        // "hello" stored by `brotli` without compression: one literal meta-block.
        assert_eq!(collect(Some("br"), b"\x0b\x02\x80hello\x03", 100).unwrap(), &b"hello"[..]);
        assert_eq!(collect(Some("deflate"), text, 100), Err(BodyError::Encoding));
        assert_eq!(collect(Some("gzip, gzip"), text, 100), Err(BodyError::Encoding));
    }

    #[test]
    fn a_damaged_or_cut_body_is_no_body() {
        let packed = gzip(b"hello, hello, hello");
        assert_eq!(collect(Some("gzip"), &packed[..packed.len() - 9], 100), Err(BodyError::Corrupt));
        assert_eq!(collect(Some("gzip"), b"<html>", 100), Err(BodyError::Corrupt));
        assert_eq!(collect(Some("br"), b"\x0b\x02\x80hel", 100), Err(BodyError::Corrupt));
    }

    #[test]
    fn the_limit_is_exact() {
        assert_eq!(collect(None, b"12345", 5).unwrap(), &b"12345"[..]);
        assert_eq!(collect(None, b"123456", 5), Err(BodyError::TooLarge(5)));
        assert_eq!(collect(Some("gzip"), &gzip(b"123456"), 5), Err(BodyError::TooLarge(5)));
    }

    #[test]
    fn a_bomb_is_given_up_at_the_limit_and_never_held() {
        const LIMIT: u64 = 1 << 20;
        let bomb = gzip(&vec![b' '; 8 << 20]);
        assert!((bomb.len() as u64) < LIMIT, "small on the wire: {}", bomb.len());
        let mut collector = Collector::new(Some("gzip"), LIMIT).unwrap();
        // All at once: one chunk must not be inflated beyond the limit either.
        assert_eq!(collector.push(&bomb), Err(BodyError::TooLarge(LIMIT)));
        let Decoder::Gzip(decoder) = &collector.decoder else { unreachable!("made for gzip") };
        let held = decoder.get_ref().bytes.capacity() as u64;
        assert!(held <= 2 * LIMIT, "{held} bytes were held for a limit of {LIMIT}");
    }

    #[test]
    fn the_limit_is_told_in_round_numbers() {
        assert_eq!(BodyError::TooLarge(16 << 20).to_string(), "reply too large (limit 16 MiB)");
        assert_eq!(BodyError::TooLarge(512 << 10).to_string(), "reply too large (limit 512 KiB)");
        assert_eq!(BodyError::TooLarge(1000).to_string(), "reply too large (limit 1000 B)");
    }
}
