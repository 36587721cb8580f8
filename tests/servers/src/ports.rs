//! Ports of the loopback interface.

use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::path::Path;

/// A port nobody listens on now. Another process may take it before its user does: see `Process::start_on_free_port`.
pub(crate) fn free() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Every TCP address on which the process group of `leader` listens, read from `/proc`.
///
/// Tests use it to see that nothing listens beyond loopback.
///
/// # Errors
/// When `/proc` cannot be read.
pub fn listening_addresses(leader: u32) -> io::Result<Vec<SocketAddr>> {
    let mut inodes = Vec::new();
    for entry in fs::read_dir("/proc")?.flatten() {
        let path = entry.path();
        if group_of(&path) == Some(leader) {
            inodes.extend(socket_inodes(&path));
        }
    }
    let tables =
        [fs::read_to_string("/proc/net/tcp")?, fs::read_to_string("/proc/net/tcp6").unwrap_or_default()];
    let listening = tables.iter().flat_map(|table| table.lines().skip(1)).filter_map(listening_socket);
    Ok(listening.filter(|(_, inode)| inodes.contains(inode)).map(|(address, _)| address).collect())
}

/// The process group in `/proc/PID/stat`; fields are counted after the command name, which may hold spaces.
fn group_of(process: &Path) -> Option<u32> {
    let stat = fs::read_to_string(process.join("stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(2)?.parse().ok()
}

fn socket_inodes(process: &Path) -> Vec<u64> {
    let Ok(descriptors) = fs::read_dir(process.join("fd")) else { return Vec::new() };
    descriptors
        .flatten()
        .filter_map(|entry| fs::read_link(entry.path()).ok())
        .filter_map(|target| target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok())
        .collect()
}

/// Address and inode of one line of `/proc/net/tcp` or `tcp6`, when its state is LISTEN.
fn listening_socket(line: &str) -> Option<(SocketAddr, u64)> {
    const LISTEN: &str = "0A";
    let fields: Vec<&str> = line.split_whitespace().collect();
    if *fields.get(3)? != LISTEN {
        return None;
    }
    let (address, port) = fields.get(1)?.split_once(':')?;
    let address = SocketAddr::new(parse_ip(address)?, u16::from_str_radix(port, 16).ok()?);
    Some((address, fields.get(9)?.parse().ok()?))
}

/// The kernel prints addresses as 32-bit words in the byte order of the machine.
fn parse_ip(hex: &str) -> Option<IpAddr> {
    let words: Vec<[u8; 4]> = (0..hex.len() / 8)
        .map(|word| u32::from_str_radix(hex.get(word * 8..word * 8 + 8)?, 16).ok().map(u32::to_ne_bytes))
        .collect::<Option<_>>()?;
    match words.as_slice() {
        [v4] => Some(IpAddr::V4(Ipv4Addr::from(*v4))),
        [_, _, _, _] => {
            let octets: [u8; 16] = words.concat().try_into().ok()?;
            Some(IpAddr::V6(Ipv6Addr::from(octets)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listening_line_gives_address_and_inode() {
        let line = "   1: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1";
        assert_eq!(listening_socket(line), Some(("127.0.0.1:8080".parse().unwrap(), 4711)));
    }

    #[test]
    fn an_established_connection_is_not_listening() {
        let line = "   1: 0100007F:1F90 0100007F:1234 01 00000000:00000000 00:00000000 00000000     0        0 4711 1";
        assert_eq!(listening_socket(line), None);
    }

    #[test]
    fn every_interface_of_ipv6_is_told_from_loopback() {
        assert_eq!(parse_ip("00000000000000000000000000000000"), Some("::".parse().unwrap()));
        assert_eq!(parse_ip("00000000000000000000000001000000"), Some("::1".parse().unwrap()));
    }

    #[test]
    fn our_own_listener_is_found() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let group = group_of(Path::new("/proc/self")).unwrap();
        assert!(listening_addresses(group).unwrap().contains(&listener.local_addr().unwrap()));
    }
}
