//! Storage in a bucket of a server that speaks S3.

mod http;
mod sign;

use crate::error::LakeError;
use object_store::aws::AmazonS3Builder;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, ObjectStore, RetryConfig};
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// How often a request is sent again, and for how long.
const RETRIES: usize = 3;
const RETRY_FOR: Duration = Duration::from_mins(1);
/// The most that is quoted of what a server said.
const MAX_QUOTE: usize = 300;

/// Where a bucket is, and by whose keys it is used.
#[derive(Clone, PartialEq, Eq)]
pub struct Bucket {
    /// `s3://bucket/prefix`, checked by [`Bucket::name_and_prefix`].
    pub url: String,
    /// `http://host:port` or `https://…`; without one it is Amazon's of the region.
    pub endpoint: Option<String>,
    /// The region, which servers of one's own mostly ignore.
    pub region: String,
    /// Whether the bucket stands in the path; else it stands before the host's name.
    pub path_style: bool,
    /// The name of the key.
    pub access_key: String,
    /// The key.
    pub secret_key: String,
}

/// Without the key.
impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bucket({self})")
    }
}

/// The place, for people.
impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.endpoint {
            Some(endpoint) => write!(f, "{} at {endpoint}", self.url),
            None => f.write_str(&self.url),
        }
    }
}

impl Bucket {
    /// The bucket's name and the path within it, if `url` is one.
    #[must_use]
    pub fn name_and_prefix(url: &str) -> Option<(&str, &str)> {
        let (name, prefix) = url.strip_prefix("s3://").map(|rest| rest.split_once('/').unwrap_or((rest, "")))?;
        let prefix = prefix.trim_end_matches('/');
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte));
        let whole = prefix.is_empty() || prefix.split('/').all(|part| !matches!(part, "" | "." | ".."));
        (!name.is_empty() && plain(name) && plain(prefix) && whole).then_some((name, prefix))
    }

    /// Whether this is where a server can be.
    #[must_use]
    pub fn is_endpoint(text: &str) -> bool {
        let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
        let host = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:[]".contains(&byte);
        rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(host))
    }

    pub(crate) fn open(&self) -> Result<Arc<dyn ObjectStore>, LakeError> {
        let failed = |source| LakeError::Storage { path: self.to_string(), source };
        let wrong = || failed(object_store::Error::Generic { store: "S3", source: "no s3://bucket/prefix".into() });
        let (name, prefix) = Self::name_and_prefix(&self.url).ok_or_else(wrong)?;
        let endpoint = self.endpoint.as_ref();
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(name)
            .with_region(&self.region)
            .with_access_key_id(&self.access_key)
            .with_secret_access_key(&self.secret_key)
            .with_virtual_hosted_style_request(!self.path_style)
            .with_crypto_provider(Arc::new(sign::Signing))
            .with_http_connector(http::Connector { tls: endpoint.is_none_or(|url| url.starts_with("https://")) })
            .with_allow_http(true)
            .with_retry(RetryConfig {
                backoff: BackoffConfig {
                    init_backoff: Duration::from_millis(100),
                    max_backoff: Duration::from_secs(2),
                    base: 2.0,
                },
                max_retries: RETRIES,
                retry_timeout: RETRY_FOR,
            });
        if let Some(endpoint) = endpoint {
            builder = builder.with_endpoint(if self.path_style {
                endpoint.clone()
            } else {
                endpoint.replacen("://", &format!("://{name}."), 1)
            });
        }
        let store = builder.build().map_err(failed)?;
        let prefix = Path::from(prefix);
        Ok(if prefix.is_root() { Arc::new(store) } else { Arc::new(PrefixStore::new(store, prefix)) })
    }
}

/// What a failure of a bucket means to people.
pub(crate) fn explain(path: &str, place: &str, source: &object_store::Error) -> LakeError {
    let (path, place) = (path.to_owned(), place.to_owned());
    let denied = matches!(
        source,
        object_store::Error::PermissionDenied { .. }
            | object_store::Error::Unauthenticated { .. }
            | object_store::Error::NotFound { .. }
    );
    let problem = said(source);
    if denied { LakeError::Refused { path, place, problem } } else { LakeError::Unreachable { path, place, problem } }
}

/// The code and the message of a server's answer, if it has them.
fn said(error: &object_store::Error) -> String {
    let text = innermost(error);
    let between = |name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        Some(rest.split_once("</")?.0)
    };
    let told: Vec<&str> = ["Code", "Message"].into_iter().filter_map(between).collect();
    if told.is_empty() { text } else { told.join(": ") }
}

/// What lies at the bottom of a failure, shortened.
fn innermost(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = cause.to_string();
        next = cause.source();
    }
    text.chars().filter(|letter| !letter.is_control()).take(MAX_QUOTE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_named_in_full_or_refused() {
        let check = |url: &str, expect: Option<(&str, &str)>| assert_eq!(Bucket::name_and_prefix(url), expect, "{url}");
        check("s3://heng", Some(("heng", "")));
        check("s3://heng/", Some(("heng", "")));
        check("s3://heng/centre-1/lake/", Some(("heng", "centre-1/lake")));
        for wrong in [
            "",
            "s3://",
            "s3:///x",
            "heng",
            "file:///x",
            "s3://heng/a//b",
            "s3://heng/../b",
            "s3://he ng",
            "s3://a@b/c",
            "s3://b?c=d",
        ] {
            check(wrong, None);
        }
        let check = |text: &str, expect: bool| assert_eq!(Bucket::is_endpoint(text), expect, "{text}");
        check("http://127.0.0.1:9000", true);
        check("https://s3.centre.local", true);
        check("http://[::1]:9000", true);
        check("127.0.0.1:9000", false);
        check("http://", false);
        check("http://user:secret@host", false);
        check("http://host/path", false);
    }

    #[test]
    fn a_bucket_shows_where_it_is_and_no_key() {
        let bucket = Bucket {
            url: "s3://heng/a".to_owned(),
            endpoint: Some("http://h:1".to_owned()),
            region: "r".to_owned(),
            path_style: true,
            access_key: "name".to_owned(),
            secret_key: "secret".to_owned(),
        };
        let shown = format!("{bucket:?} {bucket}");
        assert_eq!(shown, "Bucket(s3://heng/a at http://h:1) s3://heng/a at http://h:1");
        assert!(bucket.open().is_ok());
    }

    #[test]
    fn what_a_server_says_is_told_and_shortened() {
        let check = |source: object_store::Error, expect: &str| {
            assert_eq!(explain("days/x", "s3://heng", &source).to_string(), expect);
        };
        let xml = "<Error><Code>NoSuchBucket</Code><Message>The bucket does not exist</Message></Error>";
        let next = "check storage_url, HENG_S3_ACCESS_KEY and HENG_S3_SECRET_KEY";
        check(
            object_store::Error::NotFound { path: "x".to_owned(), source: xml.into() },
            &format!("days/x: the storage s3://heng refuses: NoSuchBucket: The bucket does not exist; {next}"),
        );
        let long = "a\u{1b}".repeat(1_000);
        check(
            object_store::Error::PermissionDenied { path: "x".to_owned(), source: long.into() },
            &format!("days/x: the storage s3://heng refuses: {}; {next}", "a".repeat(MAX_QUOTE)),
        );
        let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        let refused = object_store::client::HttpError::new(object_store::client::HttpErrorKind::Connect, refused);
        check(
            object_store::Error::Generic { store: "S3", source: Box::new(refused) },
            "days/x: the storage s3://heng fails: connection refused; see to it and try again, nothing is half-done",
        );
    }
}
