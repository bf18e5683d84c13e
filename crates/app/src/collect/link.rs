//! Where a link of an answer leads: to the same system, or nowhere.

use url::Url;

/// The address that a link on the page `at` means. `first` is the system that was asked. Without a link it is the page.
pub(super) fn follow(first: &str, at: &str, link: &str) -> Result<String, String> {
    let shown: String = link.chars().filter(|c| !c.is_control()).take(200).collect();
    // An address has neither; a reader of addresses would leave them out, and find another one.
    let is_clean = !link.chars().any(|c| c.is_control() || c == ' ');
    let parse = |text: &str| Url::parse(text).map_err(|error| format!("`{text}` is no address: {error}"));
    let (first, at) = (parse(first)?, parse(at)?);
    match at.join(link) {
        // Somebody else would get the token, or tell what this one should.
        Ok(to) if is_clean && to.origin() == first.origin() && user(&to) == user(&first) => Ok(to.into()),
        _ => Err(format!("the next page `{shown}` is not at the system that was asked")),
    }
}

/// Who asks, where an address says it.
fn user(url: &Url) -> (&str, Option<&str>) {
    (url.username(), url.password())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_the_same_system_or_nowhere() {
        let check = |link: &str, expect: Option<&str>| {
            let followed = follow("http://a:1/v1/orders?day=x", "http://a:1/v1/orders?page=2", link);
            assert_eq!(followed.ok().as_deref(), expect, "{link}");
        };
        check("", Some("http://a:1/v1/orders?page=2"));
        check("http://a:1/v1/orders?page=3", Some("http://a:1/v1/orders?page=3"));
        check("HTTP://A:1/x", Some("http://a:1/x"));
        // Whoever asks is told the address as it was read, so that both mean the same place.
        check("http://a:1\\@b/x", Some("http://a:1/@b/x"));
        check("../x", Some("http://a:1/x"));
        check("//a:1/x", Some("http://a:1/x"));
        check("/v1/orders?page=3", Some("http://a:1/v1/orders?page=3"));
        check("?page=3", Some("http://a:1/v1/orders?page=3"));
        check("orders?page=3", Some("http://a:1/v1/orders?page=3"));
        for elsewhere in [
            "http://b:1/v1/orders",
            "http://a:2/v1/orders",
            "http://a/v1/orders",
            "https://a:1/v1/orders",
            "http://a:1@b/v1/orders",
            "http://:secret@a:1/v1/orders",
            "http://somebody@a:1/v1/orders",
            "http://b/?x=http://a:1/",
            "//b/v1",
            "file:///etc/passwd",
            "/v1/a b",
            "/v1\n",
        ] {
            check(elsewhere, None);
        }
        assert!(follow("http://a", "http://a", "?page=2").is_ok_and(|url| url == "http://a/?page=2"));
    }
}
