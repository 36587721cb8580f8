//! Why a connection could not be made, in words that tell what to mend.

use std::error::Error;

use rustls::{AlertDescription, CertificateError};

/// What kept a request from being answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cause {
    /// The certificate or the protocol: trying again does not help.
    Trust(String),
    /// The network: trying again may help.
    Network(String),
}

/// Reads the causes of a transport error, deepest first. Texts of libraries are used only where they carry no address.
pub(super) fn cause(error: &(dyn Error + 'static)) -> Cause {
    let chain = chain(error);
    for link in chain.iter().rev() {
        if let Some(tls) = link.downcast_ref::<rustls::Error>() {
            return of_tls(tls);
        }
    }
    for link in chain.iter().rev() {
        let text = link.to_string();
        let lower = text.to_ascii_lowercase();
        if lower.contains("proxy auth") || lower.contains("407") && lower.contains("tunnel") {
            return Cause::Network("the proxy needs sign-in (407)".to_owned());
        }
        if lower.contains("dns error") || lower.contains("failed to lookup address") {
            return Cause::Network("the host name is not known (DNS)".to_owned());
        }
        if lower.contains("tls handshake eof") {
            return Cause::Network("the connection was closed during the TLS handshake".to_owned());
        }
        if lower.contains("tunnel") {
            return Cause::Network("the proxy refused the connection".to_owned());
        }
    }
    let io = chain.iter().rev().find_map(|link| link.downcast_ref::<std::io::Error>());
    Cause::Network(match io {
        Some(io) => of_io(io),
        None => "the connection broke off".to_owned(),
    })
}

/// The chain of causes. An `io::Error` hides the error it wraps from `source()`, so it is asked for it.
fn chain<'e>(error: &'e (dyn Error + 'static)) -> Vec<&'e (dyn Error + 'static)> {
    let mut links = vec![error];
    let mut at = error;
    while links.len() < 32 {
        let wrapped = at.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        at = match wrapped {
            Some(inner) => inner,
            None => match at.source() {
                Some(source) => source,
                None => break,
            },
        };
        links.push(at);
    }
    links
}

fn of_io(error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::ConnectionRefused => "connection refused",
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::ConnectionAborted => {
            "the connection was reset"
        }
        ErrorKind::UnexpectedEof => "the connection broke off",
        ErrorKind::TimedOut => "no connection in time",
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => {
            "the network cannot be reached"
        }
        _ => "the connection broke off",
    }
    .to_owned()
}

fn of_tls(error: &rustls::Error) -> Cause {
    const ADD_CA: &str = "add the CA with ca_file";
    let refused = |reason: &str, hint: &str| Cause::Trust(format!("TLS: {reason} – {hint}"));
    match error {
        rustls::Error::InvalidCertificate(problem) => match problem {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                refused("the certificate has expired", "the server needs a new one; check your clock too")
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                refused("the certificate is not valid yet", "check your clock")
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                refused("the certificate is for another host name", "use the name it was made for as address")
            }
            CertificateError::Revoked => refused("the certificate was revoked", "the server needs a new one"),
            CertificateError::UnknownIssuer => {
                refused("the certificate is self-signed or its issuer is not trusted", ADD_CA)
            }
            _ => {
                refused("the certificate is not accepted (self-signed, or made for another purpose)", ADD_CA)
            }
        },
        rustls::Error::PeerIncompatible(_)
        | rustls::Error::AlertReceived(AlertDescription::ProtocolVersion) => {
            refused("the server offers nothing newer than TLS 1.1", "it needs TLS 1.2 or 1.3")
        }
        rustls::Error::InvalidMessage(_) => {
            refused("the server answers without TLS", "is its address http://?")
        }
        rustls::Error::AlertReceived(
            AlertDescription::CertificateRequired | AlertDescription::BadCertificate,
        ) => refused("the server asks for a client certificate", "this is not supported"),
        _ => refused("the handshake failed", "see the server's TLS settings"),
    }
}
