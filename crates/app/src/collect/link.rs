//! Where a link of an answer leads: to the same system, or nowhere.

/// The address that a link on the page `at` means. `first` is the system that was asked. Without a link it is the page.
pub(super) fn follow(first: &str, at: &str, link: &str) -> Result<String, String> {
    let shown: String = link.chars().filter(|c| !c.is_control()).take(200).collect();
    let (root, place) = split(at);
    let path = place.split(['?', '#']).next().unwrap_or_default();
    let whole = if link.is_empty() {
        at.to_owned()
    } else if link.contains("://") || link.starts_with("//") {
        link.to_owned()
    } else if link.starts_with('/') {
        format!("{root}{link}")
    } else if link.starts_with('?') {
        format!("{root}{path}{link}")
    } else {
        let folder = path.rfind('/').map_or("/", |end| &path[..=end]);
        format!("{root}{folder}{link}")
    };
    // Somebody else would get the token, or tell what this one should.
    if split(&whole).0.eq_ignore_ascii_case(split(first).0) && !whole.chars().any(|c| c.is_control() || c == ' ') {
        Ok(whole)
    } else {
        Err(format!("the next page `{shown}` is not at the system that was asked"))
    }
}

/// Scheme and host with port, and the rest.
fn split(url: &str) -> (&str, &str) {
    let host = url.find("://").map_or(0, |at| at + 3);
    let end = url[host..].find(['/', '?', '#']).map_or(url.len(), |at| host + at);
    url.split_at(end)
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
        check("HTTP://A:1/x", Some("HTTP://A:1/x"));
        check("/v1/orders?page=3", Some("http://a:1/v1/orders?page=3"));
        check("?page=3", Some("http://a:1/v1/orders?page=3"));
        check("orders?page=3", Some("http://a:1/v1/orders?page=3"));
        for elsewhere in [
            "http://b:1/v1/orders",
            "http://a:2/v1/orders",
            "http://a/v1/orders",
            "https://a:1/v1/orders",
            "http://a:1@b/v1/orders",
            "http://b/?x=http://a:1/",
            "//b/v1",
            "file:///etc/passwd",
            "/v1/a b",
            "/v1\n",
        ] {
            check(elsewhere, None);
        }
        assert!(follow("http://a", "http://a", "?page=2").is_ok_and(|url| url == "http://a?page=2"));
    }
}
