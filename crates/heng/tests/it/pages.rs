//! The pages of a served home: over plain HTTP, and in a real browser.

use crate::common::{Server, TestHome, found, path, project};
use std::process::Command;

const PERIOD: &str = "2026-06";

/// A small city.
fn city() -> TestHome {
    let home = TestHome::empty();
    home.ok(&["demo", "--no-serve", "--cases", "60000", "--seed", "4"]);
    home
}

/// What stands before a text, up to the next quote.
fn after<'a>(page: &'a str, text: &str) -> &'a str {
    let rest = page.split_once(text).unwrap_or_else(|| panic!("no `{text}` in {page}")).1;
    rest.split('"').next().unwrap_or_default()
}

#[test]
fn pages_over_http() {
    let home = city();
    let server = Server::of(&home, &[]);
    let check = |path: &str, status: &str, holds: &[&str]| {
        let answer = server.get(path);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {answer}");
        for text in holds {
            assert!(answer.contains(text), "{path} without `{text}`:\n{answer}");
        }
        answer
    };
    check("/", "303", &["location: /ranking"]);
    check("/en", "303", &["location: /en/ranking"]);
    let page = check("/ranking", "200", &["<html lang=\"zh-CN\"", "第 1 带", "95% 区间", "演示:人和事都是虚构的"]);
    assert!(page.contains("content-security-policy: default-src 'none'; style-src 'self'"), "{page}");
    assert!(!page.contains("<script") && !page.contains("style=\""), "{page}");
    let card = after(&page, "class=\"unit-name\" href=\"");
    let en = check("/en/ranking?theme=dark", "200", &["data-theme=\"dark\"", "set-cookie: theme=dark", "Band 1"]);
    assert!(en.contains(&format!("href=\"/en{card}\"")), "{en}");
    // What stands on the card is what the command line computes.
    let unit = card.split('/').nth(2).expect("a unit");
    let json = server.get(&format!("/scores/{PERIOD}/window.json"));
    let scores: serde_json::Value = serde_json::from_str(json.split_once("\r\n\r\n").expect("a body").1).expect("JSON");
    let of_unit = scores["units"].as_array().and_then(|units| units.iter().find(|of| of["unit"] == unit));
    let score = of_unit.and_then(|of| of["score"].as_str()).expect("a score");
    let shown = check(card, "200", &[&format!("<span class=\"score\">{score}</span>"), "得分从哪里来", "供核对的摘要"]);
    check(&format!("{card}?open=all"), "200", &["全部收起"]);
    assert!(shown.matches("<details class=\"line").count() > 15, "{shown}");
    // Cases are listed record by record; ratings never are.
    check(&format!("{card}/on_time_rate"), "200", &["1–", "计入"]);
    let ratings = check(&format!("{card}/on_site_rating"), "200", &["为保护评价人和投诉人"]);
    assert!(!ratings.contains("kiosk/") && !ratings.contains("<td"), "{ratings}");
    check("/ranking?unit=staff", "200", &["人员排名"]);
    check("/method", "200", &["考核办法"]);
    let hall = check("/en/screen", "303", &[]);
    let hall = hall.lines().find_map(|line| line.strip_prefix("location: ")).expect("a place").trim().to_owned();
    let hall = check(&hall, "200", &["from the daily close, not live", "class=\"big\""]);
    assert!(!hall.contains("W0") && !hall.contains("stale"), "{hall}");
    check("/ui", "200", &["部件"]);
    check(&format!("/scores/{PERIOD}/window.csv"), "200", &["attachment; filename=\"heng-2026-06-window.csv\""]);
    // What is not there is refused, with a way out.
    for missing in [
        "/x",
        "/units/W999/2026-06",
        "/units/W001/June",
        "/ranking?type=x",
        "/ranking?period=2027-01",
        "/ranking?period=2026-H1",
        "/screen/X",
        "/scores/2026-06/x.csv",
        "/units/W001/2026-06/x",
        "/ranking?unit=x",
        "/ranking?period=1&period=2",
        "/units/W001/2026-06?page=-1",
    ] {
        check(missing, "404", &["<h1>", "note bad"]);
    }
    // Another name for this machine is somebody else's page in the visitor's browser.
    let elsewhere = server.send("GET /ranking HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
    assert!(elsewhere.starts_with("HTTP/1.1 421 "), "{elsewhere}");
    assert!(server.send("GET /ranking HTTP/1.1\r\nConnection: close\r\n\r\n").starts_with("HTTP/1.1 4"));
    let post =
        server.send("POST /ranking HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    assert!(post.starts_with("HTTP/1.1 405 "), "{post}");
    // While the home is served nobody else writes in it, and who holds it is said.
    assert!(home.fails(1, &["close", "2026-06-30"]).contains("serve"));
    assert!(server.stop().success());
    home.ok(&["status"]);
}

#[test]
fn an_empty_home_says_what_to_do() {
    let home = TestHome::empty();
    home.ok(&["init"]);
    let server = Server::of(&home, &["--day", "2026-06-01"]);
    let page = server.get("/ranking");
    assert!(
        page.starts_with("HTTP/1.1 404 ") && page.contains("还没有可看的成绩") && page.contains("heng demo"),
        "{page}"
    );
    assert!(server.get("/en/screen").contains("No scores yet"));
    let other = TestHome::empty();
    other.ok(&["init"]);
    let port = server.address.rsplit(':').next().expect("a port").to_owned();
    assert!(other.fails(1, &["serve", "--port", &port]).contains("--port 0"));
}

/// axe-core, keyboard, paper and languages in Chromium: see `browser/pages.mjs`.
#[test]
fn pages_in_a_browser() {
    let browser = project().join("browser");
    let here = browser.join("node_modules").is_dir() && std::path::Path::new("/usr/bin/chromium").exists();
    if !found("chromium", here, "Chromium with browser/node_modules (npm ci --prefix browser)") {
        return;
    }
    let home = city();
    let server = Server::of(&home, &[]);
    let shots = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("screenshots");
    std::fs::create_dir_all(&shots).expect("made");
    let output = Command::new("node")
        .args([path(&browser.join("pages.mjs")), &server.address, path(&shots)])
        .output()
        .expect("node starts");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    println!("{out}\nscreenshots: {}", shots.display());
}
