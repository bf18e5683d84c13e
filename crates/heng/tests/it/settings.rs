//! Settings: the file, the environment over it, and the command line over both.

use crate::common::TestHome;
use std::fs;

#[test]
fn the_environment_is_over_the_file_and_a_doctor_says_so() {
    let home = TestHome::empty();
    home.ok(&["init"]);
    let doctor = |environment: &[(&str, &str)]| {
        let output = home.run_in(environment, &["doctor"]);
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
    };
    let said = doctor(&[]);
    assert!(said.contains("close_at = 02:00 (from heng.toml)") && said.contains("port = 8180"), "{said}");
    let said = doctor(&[("HENG_CLOSE_AT", "never")]);
    assert!(said.contains("close_at = never (from the environment)"), "{said}");
    let said = doctor(&[("HENG_CLOSE_AT", "noon")]);
    assert!(said.contains("write a time like"), "{said}");
    // Another database, and its password nowhere.
    let said = doctor(&[("HENG_DATABASE_URL", "postgres://heng:secret@127.0.0.1:1/heng")]);
    assert!(said.contains("127.0.0.1:1/heng") && !said.contains("secret"), "{said}");
    let file = home.home().join("heng.toml");
    let config = fs::read_to_string(&file).expect("readable");
    fs::write(&file, format!("{config}port = 9\nmetrics_port = 10\n")).expect("written");
    let said = doctor(&[]);
    assert!(said.contains("  port = 9 ") && said.contains("metrics_port = 10 "), "{said}");
    fs::write(&file, format!("{config}prot = 9\n")).expect("written");
    assert!(doctor(&[]).contains("prot"));
}
