//! Which addresses lie on the open internet, and which on a network that only this machine can reach.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Networks of IPv4 that are not everybody's, or nobody's: private, this machine, the link (and the metadata of clouds on
/// it), carriers' NAT, assignments, examples, measurements, groups, what is reserved, and Azure's own host.
const SPECIAL_V4: [(Ipv4Addr, u8); 16] = [
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(168, 63, 129, 16), 32),
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
/// What of IPv6 is anybody's at all.
const GLOBAL_V6: (Ipv6Addr, u8) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
/// And in there: assignments (Teredo and measurements among them), examples, and 6to4. Tunnels lead to addresses of
/// IPv4 that nobody sees here, and nobody runs them any more.
const SPECIAL_V6: [(Ipv6Addr, u8); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// Whether this is an address that anybody on the internet may call.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !SPECIAL_V4.iter().any(|(net, bits)| is_in_v4(address, *net, *bits)),
        IpAddr::V6(address) => {
            let special = SPECIAL_V6.iter().any(|(net, bits)| is_in_v6(address, *net, *bits));
            is_in_v6(address, GLOBAL_V6.0, GLOBAL_V6.1) && !special && !is_isatap(address)
        }
    }
}

/// The address of IPv4 that is meant: written as one of IPv6, or reached through a network's NAT64, without which a machine
/// that has only IPv6 reaches nobody who has not.
pub fn meant(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    match v6.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, ..] | [0, 0, 0, 0, 0, 0xffff, ..] => {
            let [.., a, b, c, d] = v6.octets();
            Ipv4Addr::new(a, b, c, d).into()
        }
        _ => address,
    }
}

/// Whether both are of one kind, and begin with the same bits.
pub fn is_in(address: IpAddr, net: IpAddr, bits: u8) -> bool {
    match (address, net) {
        (IpAddr::V4(address), IpAddr::V4(net)) => is_in_v4(address, net, bits),
        (IpAddr::V6(address), IpAddr::V6(net)) => is_in_v6(address, net, bits),
        _ => false,
    }
}

fn is_in_v4(address: Ipv4Addr, net: Ipv4Addr, bits: u8) -> bool {
    (address.to_bits() ^ net.to_bits()).leading_zeros() >= u32::from(bits)
}

fn is_in_v6(address: Ipv6Addr, net: Ipv6Addr, bits: u8) -> bool {
    (address.to_bits() ^ net.to_bits()).leading_zeros() >= u32::from(bits)
}

/// A tunnel within a site, to the address of IPv4 at its end.
fn is_isatap(address: Ipv6Addr) -> bool {
    matches!(address.segments(), [_, _, _, _, 0 | 0x200, 0x5efe, ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may_be_called(address: &str) -> bool {
        is_public(meant(address.parse().unwrap()))
    }

    #[test]
    fn what_only_this_machine_or_its_networks_reach_is_not_public() {
        let v4 = "0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1 \
            127.255.255.254 168.63.129.16 169.254.0.1 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.8 192.0.0.192 \
            192.0.2.1 192.88.99.1 192.168.0.1 192.168.255.255 198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9 \
            224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255";
        let v6 = ":: ::1 ::2 fc00::1 fd00:ec2::254 fdff::1 fe80::1 febf::1 fec0::1 ff02::1 100::1 100:0:0:1::1 5f00::1 \
            2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:2::1 2001:10::1 2001:20::1 2001:db8::1 3fff::1 3fff:fff::1 \
            2002:7f00:1::1 2002:a00:1::1 2002:808:808::1 ::127.0.0.1 ::8.8.8.8 ::ffff:0:127.0.0.1 64:ff9b:1::10.0.0.1 \
            2a00:1450::5efe:10.0.0.1 2a00:1450::200:5efe:10.0.0.1 4000::1 8000::1";
        for special in v4.split_whitespace() {
            for form in ["{}", "::ffff:{}", "64:ff9b::{}"] {
                let written = form.replace("{}", special);
                assert!(!may_be_called(&written), "{written}");
            }
        }
        for special in v6.split_whitespace() {
            assert!(!may_be_called(special), "{special}");
        }
    }

    #[test]
    fn their_neighbours_are_public() {
        let v4 = "1.0.0.1 8.8.8.8 9.255.255.255 11.0.0.1 100.63.255.255 100.128.0.1 126.255.255.255 128.0.0.1 \
            168.63.129.15 169.253.255.255 169.255.0.1 172.15.255.255 172.32.0.1 191.255.255.255 192.0.1.1 192.0.3.1 \
            192.167.255.255 192.169.0.1 198.17.255.255 198.20.0.1 198.51.99.1 203.0.112.255 203.0.114.1 223.255.255.255";
        for public in v4.split_whitespace() {
            for form in ["{}", "::ffff:{}", "64:ff9b::{}"] {
                let written = form.replace("{}", public);
                assert!(may_be_called(&written), "{written}");
            }
        }
        for public in [
            "2606:4700:4700::1111",
            "2a00:1450::1",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2003::1",
            "2001:db9::1",
        ] {
            assert!(may_be_called(public), "{public}");
        }
    }
}
