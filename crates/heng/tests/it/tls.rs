//! The server over TLS, read by clients that share no code with it.

use crate::common::authority::Authority;
use crate::common::office::home;
use crate::common::{Server, path, python, run_python};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;

/// Asks for a page and for an operation, with the authority's word, and without.
const CLIENT: &str = r#"
import requests, sys
address, ca = sys.argv[1:]
page = requests.get(address + "/en/method", verify=ca)
assert page.status_code == 200 and "<html" in page.text, page.status_code
ready = requests.get(address + "/readyz", verify=ca)
assert ready.status_code == 200, ready.text
# The name of another site is refused as ever.
other = requests.get(address + "/en/method", verify=ca, headers={"Host": "evil.example"})
assert other.status_code == 421, other.status_code
try:
    requests.get(address, verify=True)
    raise SystemExit("believed without its authority")
except requests.exceptions.SSLError:
    pass
print("answered")
"#;

/// The common name in the certificate that a server shows, until it is this one.
const SHOWN: &str = r#"
import socket, ssl, sys
port, ca, name = sys.argv[1:]
context = ssl.create_default_context(cafile=ca)
while True:
    with socket.create_connection(("127.0.0.1", int(port))) as plain, context.wrap_socket(plain, server_hostname="localhost") as tls:
        if (("commonName", name),) in tls.getpeercert()["subject"]:
            break
"#;

fn port(server: &Server) -> String {
    server.address.rsplit(':').next().expect("a port").to_owned()
}

#[test]
fn pages_and_operations_are_answered_over_tls_and_over_nothing_else() {
    let (Some(authority), Some(python)) = (Authority::new(), python(&["requests"])) else { return };
    let home = home();
    let (cert, key) = (authority.file("server.pem"), authority.file("server.key"));
    let server = Server::of(&home, &["--tls-cert", &cert, "--tls-key", &key]);
    assert!(server.address.starts_with("https://127.0.0.1:"), "{}", server.address);
    assert_eq!(run_python(&python, &["-c", CLIENT, &server.address, &authority.file("ca.pem")]).trim(), "answered");
    // Somebody who says nothing keeps nobody waiting, and plain HTTP gets no page.
    let silent = TcpStream::connect(("127.0.0.1", port(&server).parse().expect("a port"))).expect("connected");
    let mut plain = TcpStream::connect(("127.0.0.1", port(&server).parse().expect("a port"))).expect("connected");
    plain.write_all(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").expect("sent");
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer);
    assert!(!String::from_utf8_lossy(&answer).contains("HTTP/"), "{answer:?}");
    run_python(&python, &["-c", CLIENT, &server.address, &authority.file("ca.pem")]);
    assert!(server.stop().success());
    drop(silent);
}

#[test]
fn a_certificate_is_renewed_while_the_server_runs() {
    let (Some(authority), Some(python)) = (Authority::new(), python(&["ssl"])) else { return };
    let home = home();
    let config = std::fs::read_to_string(home.home().join("heng.toml")).expect("readable");
    // In the home's own configuration, relative to it.
    let (cert, key) = (home.home().join("keys/server.pem"), home.home().join("keys/server.key"));
    let put = |name: &str| {
        std::fs::copy(authority.file(&format!("{name}.pem")), &cert).expect("copied");
        std::fs::copy(authority.file(&format!("{name}.key")), &key).expect("copied");
    };
    put("server");
    home.home_file("heng.toml", &format!("{config}tls_cert = \"keys/server.pem\"\ntls_key = \"keys/server.key\"\n"));
    let log = home.file("log", "");
    let server = Server::with(&home, &[], &[("HENG_LOG", "info")], std::fs::File::create(&log).expect("a file"));
    let shown = |name: &str| run_python(&python, &["-c", SHOWN, &port(&server), &authority.file("ca.pem"), name]);
    shown("server");
    // What is no pair changes nothing.
    authority.sign("renewed");
    std::fs::copy(authority.file("renewed.pem"), &cert).expect("copied");
    server.signal("-HUP");
    shown("server");
    put("renewed");
    server.signal("-HUP");
    shown("renewed");
    assert!(server.stop().success());
    let said = std::fs::read_to_string(log).expect("a log");
    assert!(said.contains("the certificate was read again"), "{said}");
}

#[test]
fn what_is_no_certificate_or_not_its_key_is_named_before_anything_is_served() {
    let Some(authority) = Authority::new() else { return };
    authority.sign("other");
    let home = home();
    home.file("tls-empty.pem", "no certificate\n");
    let empty = path(&home.home().with_file_name("tls-empty.pem")).to_owned();
    let (cert, key) = (authority.file("server.pem"), authority.file("server.key"));
    let missing = authority.file("nobody.pem");
    let check = |words: &[&str], expect: &[&str]| {
        let said = home.fails(1, &[&["serve", "--port", "0"], words].concat());
        for expect in expect {
            assert!(said.contains(expect), "{words:?}: {said}");
        }
    };
    check(&["--tls-cert", &cert], &["--tls-key"]);
    check(&["--tls-key", &key], &["--tls-cert"]);
    check(&["--tls-cert", &missing, "--tls-key", &key], &[&missing, "could not be read"]);
    check(&["--tls-cert", &cert, "--tls-key", &missing], &[&missing, "could not be read"]);
    check(&["--tls-cert", &empty, "--tls-key", &key], &[&empty, "no certificate in this file"]);
    check(&["--tls-cert", &cert, "--tls-key", &empty], &[&empty, "no private key in this file"]);
    check(&["--tls-cert", &cert, "--tls-key", &authority.file("other.key")], &[&cert, "other.key", "together"]);
    // Nothing of a key is shown.
    let secret = std::fs::read_to_string(&key).expect("readable");
    let said = home.fails(1, &["serve", "--port", "0", "--tls-cert", &key, "--tls-key", &cert]);
    assert!(secret.lines().all(|line| !said.contains(line)), "{said}");
    let plain = Server::with(&home, &[], &[], Stdio::null());
    assert!(plain.address.starts_with("http://") && plain.get("/en/method").contains("200 OK"));
}
