//! What `/openapi.json` says is what the server does, as a program that is not ours finds out.

use crate::common::{Server, TestHome, path, project, python};
use std::process::Command;

/// Schemathesis makes requests of the document, good and bad ones: no 5xx, and no answer that the document does not know.
#[test]
fn the_server_answers_as_it_says() {
    let Some(python) = python(&["schemathesis"]) else { return };
    let home = TestHome::empty();
    home.ok(&["init"]);
    let token = home.ok(&["token", "add", "fuzz"]);
    let server = Server::of(&home, &[]);
    let config = project().join("crates/heng/tests/data/schemathesis.toml");
    let folder = tempfile::tempdir().expect("a folder");
    let output = Command::new(&python)
        .args(["-m", "schemathesis.cli", "--config-file", path(&config), "run"])
        .arg(format!("{}/openapi.json", server.address))
        .args(["--header", &format!("Authorization: Bearer {}", token.trim())])
        .args(["--checks", "all", "--phases", "examples,coverage,fuzzing", "--max-examples", "10", "--seed", "7"])
        // A stream has no end that could be checked; `live.rs` listens to it.
        .args(["--exclude-path", "/api/v1/stream"])
        .args(["--continue-on-failure", "--warnings", "off", "--no-color"])
        .current_dir(folder.path())
        .output()
        .expect("python starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("Tested: 16"), "{said}");
    assert!(server.stop().success());
    home.ok(&["doctor"]);
}
