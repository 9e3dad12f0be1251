use super::*;

fn saved(text: &str, access: Access) -> Result<String, RefusedUrl> {
    check_url(text, access).map(String::from)
}

#[test]
fn servers_on_the_public_internet_are_saved() {
    let cases = [
        ("https://shop.example/hooks", "https://shop.example/hooks"),
        ("HTTPS://Shop.Example:443/Hooks?key=1", "https://shop.example/Hooks?key=1"),
        ("https://shop.example:8443", "https://shop.example:8443/"),
        ("https://商店.example/", "https://xn--czrs0t.example/"),
        ("https://8.8.8.8/", "https://8.8.8.8/"),
        ("https://[2606:4700:4700::1111]/", "https://[2606:4700:4700::1111]/"),
        ("https://localhost.shop.example/", "https://localhost.shop.example/"),
        ("https://notlocalhost.example/", "https://notlocalhost.example/"),
        ("https://mylocal.example/", "https://mylocal.example/"),
    ];
    for (text, expected) in cases {
        for access in [Access::Public, Access::PublicAndLoopback] {
            assert_eq!(saved(text, access).as_deref(), Ok(expected), "{text}");
        }
    }
}

#[test]
fn what_could_not_be_sent_to_safely_is_refused_with_its_reason() {
    let long = format!("https://shop.example/{}", "a".repeat(LONGEST));
    let cases = [
        ("", RefusedUrl::Malformed),
        ("shop.example/hooks", RefusedUrl::Malformed),
        ("https://", RefusedUrl::Malformed),
        ("https://shop example/", RefusedUrl::Malformed),
        (" https://shop.example/", RefusedUrl::Malformed),
        ("https://shop.example/\n", RefusedUrl::Malformed),
        ("https://shop\t.example/", RefusedUrl::Malformed),
        ("https:shop.example/", RefusedUrl::Malformed),
        ("https:\\\\shop.example/", RefusedUrl::Malformed),
        ("https://256.256.256.256/", RefusedUrl::Malformed),
        ("mailto:someone@shop.example", RefusedUrl::Malformed),
        (long.as_str(), RefusedUrl::TooLong),
        ("http://shop.example/", RefusedUrl::Insecure),
        ("ftp://shop.example/", RefusedUrl::Insecure),
        ("gopher://shop.example/", RefusedUrl::Insecure),
        ("http://8.8.8.8/", RefusedUrl::Insecure),
        ("https://user@shop.example/", RefusedUrl::Credentials),
        ("https://user:word@shop.example/", RefusedUrl::Credentials),
        ("https://:word@shop.example/", RefusedUrl::Credentials),
        ("https://shop.example@8.8.8.8/", RefusedUrl::Credentials),
        ("https://shop.example/#part", RefusedUrl::Fragment),
        ("https://shop.example/#", RefusedUrl::Fragment),
        ("https://metadata.google.internal/", RefusedUrl::Inside),
        ("https://printer.local/", RefusedUrl::Inside),
        ("https://printer.LOCAL./", RefusedUrl::Inside),
        ("https://intranet/", RefusedUrl::Inside),
        ("https://box.home.arpa/", RefusedUrl::Inside),
    ];
    for (text, expected) in cases {
        for access in [Access::Public, Access::PublicAndLoopback] {
            assert_eq!(saved(text, access), Err(expected), "{text}");
        }
    }
}

#[test]
fn odd_spellings_of_closed_numbers_are_seen_through() {
    let closed = [
        "https://10.0.0.1/",
        "https://0xa.1/",
        "https://167772161/",
        "https://012.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://2852039166/",
        "https://0xA9.0xFE.0xA9.0xFE/",
        "https://１６９.254.169.254/",
        "https://169。254。169。254/",
        "https://0/",
        "https://192.168.1.1./",
        "https://[::]/",
        "https://[::ffff:169.254.169.254]/",
        "https://[::ffff:a9fe:a9fe]/",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://[2002:a9fe:a9fe::]/",
        "https://[fd00:ec2::254]/",
        "https://[fe80::1]/",
    ];
    for text in closed {
        for access in [Access::Public, Access::PublicAndLoopback] {
            assert_eq!(saved(text, access), Err(RefusedUrl::Closed), "{text}");
        }
    }
}

#[test]
fn this_machine_is_opened_by_its_flag_alone_and_then_by_http_too() {
    let loopback = [
        ("127.0.0.1", RefusedUrl::Closed),
        ("127.1", RefusedUrl::Closed),
        ("0x7f.1", RefusedUrl::Closed),
        ("0177.0.0.1", RefusedUrl::Closed),
        ("2130706433", RefusedUrl::Closed),
        ("127.255.255.254:4600", RefusedUrl::Closed),
        ("[::1]", RefusedUrl::Closed),
        ("[::ffff:127.0.0.1]", RefusedUrl::Closed),
        ("localhost", RefusedUrl::Inside),
        ("LOCALHOST.", RefusedUrl::Inside),
        ("hooks.localhost", RefusedUrl::Inside),
    ];
    for (host, expected) in loopback {
        let (https, http) = (format!("https://{host}/"), format!("http://{host}/"));
        assert_eq!(saved(&https, Access::Public), Err(expected), "{https}");
        assert_eq!(saved(&http, Access::Public), Err(RefusedUrl::Insecure), "{http}");
        for url in [https, http] {
            assert!(saved(&url, Access::PublicAndLoopback).is_ok(), "{url}");
        }
    }
}

#[test]
fn every_closed_network_is_closed_from_its_first_number_to_its_last() {
    let closed = [
        ("0.0.0.0", "0.255.255.255"),
        ("10.0.0.0", "10.255.255.255"),
        ("100.64.0.0", "100.127.255.255"),
        ("169.254.0.0", "169.254.255.255"),
        ("172.16.0.0", "172.31.255.255"),
        ("192.0.0.0", "192.0.0.255"),
        ("192.0.2.0", "192.0.2.255"),
        ("192.88.99.0", "192.88.99.255"),
        ("192.168.0.0", "192.168.255.255"),
        ("198.18.0.0", "198.19.255.255"),
        ("198.51.100.0", "198.51.100.255"),
        ("203.0.113.0", "203.0.113.255"),
        ("224.0.0.0", "255.255.255.255"),
        ("::", "::"),
        ("::2", "::fffe:ffff:ffff"),
        ("::127.0.0.1", "::10.0.0.1"),
        ("64:ff9b::7f00:1", "64:ff9b::a00:1"),
        ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:808:808"),
        ("100::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2002::", "2002:808:808::1"),
        ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("4000::", "5f00::"),
        ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("::ffff:10.0.0.0", "::ffff:10.255.255.255"),
    ];
    for ip in closed.iter().flat_map(|(first, last)| [first, last]) {
        assert_eq!(where_is(ip.parse().unwrap()), Place::Closed, "{ip}");
        assert!(!may_reach(ip.parse().unwrap(), Access::PublicAndLoopback), "{ip}");
    }
}

#[test]
fn the_numbers_beside_closed_networks_are_public() {
    let public = [
        "1.0.0.0",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.0.3.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "203.0.112.255",
        "203.0.114.0",
        "223.255.255.255",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2000::1",
        "2001:200::1",
        "2001:db7::1",
        "2001:db9::1",
        "2003::1",
        "2606:4700:4700::1111",
        "3fff:1000::1",
    ];
    for ip in public {
        assert!(may_reach(ip.parse().unwrap(), Access::Public), "{ip}");
    }
}

#[test]
fn loopback_is_reached_only_where_the_flag_opens_it() {
    for ip in ["127.0.0.1", "127.255.255.255", "::1", "::ffff:127.0.0.1"] {
        let ip = ip.parse().unwrap();
        assert!(!may_reach(ip, Access::Public) && may_reach(ip, Access::PublicAndLoopback), "{ip}");
    }
}
