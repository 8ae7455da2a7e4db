//! Whose turn it is: callers, told apart by where they call from.

use std::net::{IpAddr, Ipv6Addr};

/// Where work comes from. Whoever has one address of IPv6 has the 2⁶⁴ beside it, and they count as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Origin(Option<IpAddr>);

impl Origin {
    /// Of this address; whatever is no address is one origin together, as are the house's own commands.
    pub fn of(address: &str) -> Self {
        let parsed = address.parse::<IpAddr>().ok().map(|address| address.to_canonical());
        Self(parsed.map(|address| match address {
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
            address @ IpAddr::V4(_) => address,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_count_as_one_where_one_person_has_them_all() {
        let same = |one, other| Origin::of(one) == Origin::of(other);
        assert!(same("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"));
        assert!(!same("2001:db8:1:2::1", "2001:db8:1:3::1"));
        assert!(same("::ffff:192.0.2.7", "192.0.2.7"));
        assert!(!same("192.0.2.7", "192.0.2.8"));
        assert!(same("", "no address"));
    }
}
