//! Where we may go when a shop says so: never into our own surroundings.
//!
//! A name is judged when it is saved, and what it stands for each time before it is reached: names
//! can be pointed elsewhere in between.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::{Host, Url};

/// As many characters as an address may have.
const LONGEST: usize = 2_048;

/// What the stack lets webhooks reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Servers on the public internet, by https.
    Public,
    /// Those, and this machine itself, also by http: for a cloud that runs on it.
    PublicAndLoopback,
}

/// Why an address is refused when it is saved; its text is the mend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RefusedUrl {
    /// It is none.
    #[error("is no address: write one such as https://shop.example/hooks")]
    Malformed,
    /// It is longer than anybody needs.
    #[error("has more than 2048 characters")]
    TooLong,
    /// What is sent there could be read on the way.
    #[error("must begin with https://")]
    Insecure,
    /// Servers' logs and our answers would show the password.
    #[error("must not hold a user or a password: the signature says who sends")]
    Credentials,
    /// A part that is never sent.
    #[error("must not have a part behind #")]
    Fragment,
    /// A name that only means something inside of a network.
    #[error("is a name inside of a network: webhooks go to servers on the public internet")]
    Inside,
    /// A number that leads to where we must not go.
    #[error("leads into a private or reserved network: webhooks go to servers on the public internet")]
    Closed,
}

/// The address as it will be used, with whatever spelling is odd made plain.
///
/// # Errors
/// It must not be saved.
pub fn check_url(text: &str, access: Access) -> Result<Url, RefusedUrl> {
    if text.chars().count() > LONGEST {
        return Err(RefusedUrl::TooLong);
    }
    // A parser drops them without a word.
    if text.contains(|c: char| c.is_control() || c.is_whitespace()) {
        return Err(RefusedUrl::Malformed);
    }
    let url = Url::parse(text).map_err(|_| RefusedUrl::Malformed)?;
    // And it puts slashes where they are missing, or lean the other way.
    if !text.get(url.scheme().len()..).is_some_and(|rest| rest.starts_with("://")) {
        return Err(RefusedUrl::Malformed);
    }
    let place = place(&url)?;
    match (url.scheme(), place, access) {
        ("https", ..) | ("http", Place::Loopback, Access::PublicAndLoopback) => {}
        _ => return Err(RefusedUrl::Insecure),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(RefusedUrl::Credentials);
    }
    if url.fragment().is_some() {
        return Err(RefusedUrl::Fragment);
    }
    match (place, access) {
        (Place::Public, _) | (Place::Loopback, Access::PublicAndLoopback) => Ok(url),
        _ if matches!(url.host(), Some(Host::Domain(_))) => Err(RefusedUrl::Inside),
        _ => Err(RefusedUrl::Closed),
    }
}

/// Whether a connection to that number may be made, whatever name led to it.
#[must_use]
pub fn may_reach(ip: IpAddr, access: Access) -> bool {
    match where_is(ip) {
        Place::Public => true,
        Place::Loopback => access == Access::PublicAndLoopback,
        Place::Closed => false,
    }
}

/// Where something is, seen from the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// On the public internet.
    Public,
    /// On the sender itself.
    Loopback,
    /// Anywhere else: private, reserved, for many at once, or for nobody.
    Closed,
}

fn place(url: &Url) -> Result<Place, RefusedUrl> {
    match url.host().ok_or(RefusedUrl::Malformed)? {
        Host::Domain(name) => Ok(of_name(name)),
        Host::Ipv4(ip) => Ok(where_is(ip.into())),
        Host::Ipv6(ip) => Ok(where_is(ip.into())),
    }
}

/// Ends of names that no public server answers to.
///
/// # Source
/// RFC 6761 (localhost), RFC 6762 (local), RFC 8375 (home.arpa), ICANN's reservation of internal
/// (2024), and what routers and installers call their own networks.
const INSIDE: [&str; 7] = ["local", "internal", "localdomain", "home.arpa", "lan", "intranet", "corp"];

/// `name` as the parser gives it: in lower case, in ASCII.
fn of_name(name: &str) -> Place {
    let name = name.trim_end_matches('.');
    let ends = |end: &str| name.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with('.'));
    if ends("localhost") {
        Place::Loopback
    } else if !name.contains('.') || INSIDE.iter().any(|end| ends(end)) {
        Place::Closed
    } else {
        Place::Public
    }
}

fn where_is(ip: IpAddr) -> Place {
    match ip {
        IpAddr::V4(ip) => of_v4(ip),
        IpAddr::V6(ip) => of_v6(ip),
    }
}

/// # Source
/// IANA IPv4 Special-Purpose Address Registry; what it marks as not globally reachable, the relays
/// of 6to4 (RFC 7526), and all multicast. Metadata services are in 169.254/16, 100.64/10 and
/// 192.0.0/24.
const CLOSED_V4: [(Ipv4Addr, u32); 14] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

fn of_v4(ip: Ipv4Addr) -> Place {
    let within = |(net, length): &(Ipv4Addr, u32)| (ip.to_bits() ^ net.to_bits()) >> (32 - length) == 0;
    if ip.is_loopback() {
        Place::Loopback
    } else if CLOSED_V4.iter().any(within) {
        Place::Closed
    } else {
        Place::Public
    }
}

/// What is handed out to public servers.
const GLOBAL_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// What is not, inside of that: protocols' own (with Teredo and ORCHID), documentation, 6to4.
///
/// # Source
/// IANA IPv6 Special-Purpose Address Registry.
const CLOSED_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// What stands for an IPv4 address where there is only IPv6 (RFC 6052): the last 32 bits.
const NAT64: (Ipv6Addr, u32) = (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

fn of_v6(ip: Ipv6Addr) -> Place {
    let within = |(net, length): &(Ipv6Addr, u32)| (ip.to_bits() ^ net.to_bits()) >> (128 - length) == 0;
    let [.., a, b, c, d] = ip.octets();
    if let Some(mapped) = ip.to_ipv4_mapped() {
        of_v4(mapped)
    } else if ip.is_loopback() {
        Place::Loopback
    } else if within(&NAT64) {
        // What is loopback there is the translator's own, not ours.
        if of_v4(Ipv4Addr::new(a, b, c, d)) == Place::Public { Place::Public } else { Place::Closed }
    } else if within(&GLOBAL_V6) && !CLOSED_V6.iter().any(within) {
        Place::Public
    } else {
        Place::Closed
    }
}

#[cfg(test)]
mod tests;
