//! Homes whose sealed files lie in a real server of buckets.

use crate::common::authority::Authority;
use crate::common::office::{facts, home_in, home_with, import_all};
use crate::common::{TestHome, path, python};
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use testkit::{ACCESS_KEY, S3, SECRET_KEY, s3};

const MONTH: &str = "2026-02";

/// An empty folder that knows the keys of the test's server.
fn with_keys() -> TestHome {
    let home = TestHome::empty();
    let keys = format!("access_key = \"{ACCESS_KEY}\"\nsecret_key = \"{SECRET_KEY}\"\n");
    home.file("home/keys/s3.toml", keys);
    home
}

/// An office whose sealed files lie in a bucket.
fn office_in(server: &S3) -> TestHome {
    home_in(with_keys(), &["--storage-url", &server.url("city/office"), "--storage-endpoint", &server.endpoint()])
}

fn scores(home: &TestHome) -> String {
    home.scores(&[MONTH])["digest"].as_str().expect("a digest").to_owned()
}

/// The files below a folder, by their path within it.
fn files(folder: &Path) -> Vec<String> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("readable") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let mut found = Vec::new();
    walk(folder, &mut found);
    let mut names: Vec<String> =
        found.iter().map(|file| path(file.strip_prefix(folder).expect("within")).to_owned()).collect();
    names.sort_unstable();
    names
}

/// A case file of a sealed day.
fn case_file(folder: &Path) -> PathBuf {
    let of_day = |name: &&String| name.starts_with("days/2026-02-10/case-");
    folder.join(files(folder).iter().find(of_day).expect("a sealed day"))
}

#[test]
fn an_office_scores_the_same_wherever_its_files_lie() {
    let Some(server) = s3() else { return };
    let (local, remote) = (home_with(&[]), office_in(&server));
    // The same persons under the same pseudonyms.
    fs::copy(local.home().join("keys/pseudonym.key"), remote.home().join("keys/pseudonym.key")).expect("copied");
    for home in [&local, &remote] {
        import_all(home, &facts());
        home.ok(&["close", "--period", MONTH]);
    }
    let expected = scores(&local);
    assert_eq!(scores(&remote), expected);
    let mut in_bucket = files(&server.objects().join("city/office"));
    in_bucket.retain(|name| name != "heng-probe");
    assert!(in_bucket == files(&local.home().join("lake")), "{in_bucket:?}");
    assert!(files(&remote.home().join("lake")).is_empty());
    // What is kept here may be damaged or gone.
    let cache = remote.home().join("cache");
    let kept = files(&cache);
    assert!(kept.len() > 50, "{}", kept.len());
    for name in &kept {
        let mut bytes = fs::read(cache.join(name)).expect("readable");
        let middle = bytes.len() / 2;
        if name.as_bytes()[0].is_multiple_of(2) {
            bytes.truncate(middle);
        } else {
            bytes[middle] ^= 1;
        }
        fs::write(cache.join(name), bytes).expect("written");
    }
    assert_eq!(scores(&remote), expected);
    fs::remove_dir_all(&cache).expect("removed");
    assert_eq!(scores(&remote), expected);
    // Nor need anything be kept: then only what is asked for is fetched.
    let config = remote.home().join("heng.toml");
    let said = fs::read_to_string(&config).expect("readable");
    fs::remove_dir_all(&cache).expect("removed");
    fs::write(&config, format!("{said}storage_cache_megabytes = 0\n")).expect("written");
    let marks = remote.ok(&["marks", MONTH, "--json"]);
    assert!(!cache.exists() && marks == local.ok(&["marks", MONTH, "--json"]));
    fs::write(&config, said).expect("written");
    assert_eq!(remote.ok(&["marks", MONTH, "--json"]), marks);
    let said = remote.ok(&["doctor"]);
    assert!(said.contains(&server.endpoint()) && said.contains("s3://heng/city/office"), "{said}");
    assert!(said.contains("the storage answers, and overwrites nothing") && !said.contains(SECRET_KEY), "{said}");
    // One byte in the bucket, which no copy here hides from a doctor.
    let file = case_file(&server.objects().join("city/office"));
    let sound = fs::read(&file).expect("readable");
    let mut damaged = sound.clone();
    damaged[sound.len() / 2] ^= 1;
    fs::write(&file, damaged).expect("written");
    let said = remote.run(&["doctor"]);
    let told = String::from_utf8_lossy(&said.stdout);
    assert!(!said.status.success() && told.contains("days/2026-02-10/case-") && told.contains("damaged"), "{told}");
    fs::remove_dir_all(&cache).expect("removed");
    assert!(remote.fails(1, &["marks", MONTH]).contains("damaged"));
    fs::write(&file, sound).expect("written");
    remote.ok(&["marks", MONTH]);
}

#[test]
fn a_storage_that_is_away_is_named_and_nothing_is_half_done() {
    let Some(mut server) = s3() else { return };
    let home = office_in(&server);
    import_all(&home, &facts());
    home.ok(&["close", "--through", "2026-02-10"]);
    let before = files(&server.objects());
    server.stop();
    let said = home.fails(1, &["close", "--period", MONTH]);
    assert!(said.contains(" fails: ") && said.contains(&server.endpoint()), "{said}");
    let said = home.fails(1, &["doctor"]);
    assert!(!said.contains("panicked"), "{said}");
    // What needs no sealed file works.
    home.ok(&["token", "add", "hall"]);
    server.start();
    assert_eq!(files(&server.objects()), before);
    home.ok(&["close", "--period", MONTH]);
    let local = home_with(&[]);
    import_all(&local, &facts());
    local.ok(&["close", "--period", MONTH]);
    assert_eq!(scores(&home), scores(&local));
    home.ok(&["doctor"]);
}

#[test]
fn a_backup_goes_from_a_bucket_to_a_folder_and_into_another_bucket() {
    let (Some(server), Some(other)) = (s3(), s3()) else { return };
    let home = office_in(&server);
    import_all(&home, &facts());
    home.ok(&["close", "--period", MONTH]);
    let expected = scores(&home);
    let backup = home.home().with_file_name("backup");
    assert!(home.ok(&["backup", path(&backup)]).contains("all compared"));
    drop(server);
    let local = TestHome::empty();
    local.ok(&["restore", path(&backup)]);
    assert_eq!(scores(&local), expected);
    local.ok(&["doctor"]);
    // The keys are among what is restored, and nobody else's to read.
    let keys = fs::metadata(local.home().join("keys/s3.toml")).expect("restored");
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&keys.permissions()) & 0o077, 0);
    let (url, endpoint) = (other.url("new"), other.endpoint());
    let moved = TestHome::empty();
    moved.ok(&["restore", path(&backup), "--storage-url", &url, "--storage-endpoint", &endpoint]);
    assert!(!moved.home().join("lake").exists());
    assert_eq!(scores(&moved), expected);
    moved.ok(&["doctor"]);
}

/// Speaks TLS before a server that does not.
const BEFORE: &str = r#"
import socket, ssl, sys, threading
target, cert, key = sys.argv[1:]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(cert, key)
def copy(one, other):
    try:
        while data := one.recv(65536):
            other.sendall(data)
    except OSError:
        pass
    for end in (one, other):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
def serve(plain):
    try:
        tls = context.wrap_socket(plain, server_side=True)
    except (ssl.SSLError, OSError):
        return
    server = socket.create_connection(("127.0.0.1", int(target)))
    threading.Thread(target=copy, args=(server, tls), daemon=True).start()
    copy(tls, server)
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
"#;

/// A process that ends with its test.
struct Ends(Child);

impl Drop for Ends {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_bucket_behind_tls_is_believed_by_its_authority_alone() {
    let (Some(server), Some(authority), Some(python)) = (s3(), Authority::new(), python(&["ssl"])) else { return };
    let port = server.endpoint().rsplit(':').next().expect("a port").to_owned();
    let (cert, key) = (authority.file("server.pem"), authority.file("server.key"));
    let mut command = Command::new(python);
    command.args(["-c", BEFORE, &port, &cert, &key]).stdout(Stdio::piped());
    let mut before = Ends(command.spawn().expect("python starts"));
    let mut line = String::new();
    BufReader::new(before.0.stdout.take().expect("its output")).read_line(&mut line).expect("a port");
    let endpoint = format!("https://127.0.0.1:{}", line.trim());
    let home = with_keys();
    let words = ["init", "--storage-url", &server.url("tls"), "--storage-endpoint", &endpoint];
    let said = home.run(&words);
    assert!(!said.status.success() && String::from_utf8_lossy(&said.stderr).contains("certificate"), "{said:?}");
    let ca = authority.file("ca.pem");
    let said = home.run_in(&[("SSL_CERT_FILE", &ca)], &words);
    assert!(said.status.success(), "{said:?}");
    assert_eq!(files(&server.objects()), ["tls/heng-probe"]);
}

#[test]
fn a_server_that_overwrites_is_refused_before_there_is_a_home() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    // Says yes to everything, as servers do that do not know If-None-Match.
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut asked = Vec::new();
            let mut buffer = [0; 4_096];
            while !String::from_utf8_lossy(&asked).contains("refused.\n") {
                let read = stream.read(&mut buffer).expect("readable");
                asked.extend_from_slice(&buffer[..read]);
            }
            let answer = b"HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            stream.write_all(answer).expect("sent");
        }
    });
    let home = with_keys();
    let said = home.fails(1, &["init", "--storage-url", "s3://heng", "--storage-endpoint", &endpoint]);
    assert!(said.contains("only where there is none (If-None-Match: *)"), "{said}");
    assert!(!home.home().join("heng.toml").exists());
    // Without keys nobody is asked.
    let said = TestHome::empty().fails(1, &["init", "--storage-url", "s3://heng", "--storage-endpoint", &endpoint]);
    assert!(said.contains("HENG_S3_ACCESS_KEY") && said.contains("s3.toml"), "{said}");
    assert!(TestHome::empty().fails(1, &["init", "--storage-url", "/var/lake"]).contains("write s3://bucket"));
}
