//! Sealed files in a real server of buckets.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use lake::{Bucket, Files, LakeError, Stored};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use testkit::{ACCESS_KEY, S3, SECRET_KEY, s3};

const MEGABYTE: u64 = 1 << 20;

fn bucket(server: &S3, prefix: &str) -> Bucket {
    Bucket {
        url: server.url(prefix),
        endpoint: Some(server.endpoint()),
        region: "us-east-1".to_owned(),
        path_style: true,
        access_key: ACCESS_KEY.to_owned(),
        secret_key: SECRET_KEY.to_owned(),
    }
}

/// A storage, and the folder of its cache.
struct Storage {
    files: Files,
    cache: PathBuf,
    _folder: tempfile::TempDir,
}

fn storage(bucket: &Bucket, cache_bytes: u64) -> Storage {
    let folder = tempfile::tempdir().expect("a folder");
    let cache = folder.path().join("cache");
    let files = Files::bucket(bucket, &cache, cache_bytes).expect("a storage");
    Storage { files, cache, _folder: folder }
}

fn object(server: &S3, prefix: &str, stored: &Stored) -> PathBuf {
    server.objects().join(prefix).join(&stored.path)
}

/// The only file in a cache.
fn kept(cache: &Path) -> PathBuf {
    let mut files = fs::read_dir(cache).expect("a cache").map(|entry| entry.expect("an entry").path());
    let file = files.next().expect("a file");
    assert!(files.next().is_none());
    file
}

#[tokio::test]
async fn what_is_there_is_not_written_again_and_damage_is_replaced() {
    let Some(server) = s3() else { return };
    let bucket = bucket(&server, "a/b");
    let (one, other) = (storage(&bucket, MEGABYTE), storage(&bucket, 0));
    one.files.check().await.expect("it refuses to overwrite");
    let stored = one.files.put("days/x", "case", "parquet", b"what was sealed".to_vec()).await.expect("written");
    let file = object(&server, "a/b", &stored);
    let first = fs::metadata(&file).expect("there").ino();
    // A server that overwrites puts a new file in the place of the old one.
    for files in [&one.files, &other.files] {
        assert_eq!(files.put("days/x", "case", "parquet", b"what was sealed".to_vec()).await.expect("there"), stored);
        assert_eq!(fs::metadata(&file).expect("there").ino(), first);
    }
    fs::write(&file, b"what was sealeD").expect("written");
    assert!(matches!(other.files.get(&stored).await, Err(LakeError::Damaged { .. })));
    assert!(matches!(one.files.get_stored(&stored).await, Err(LakeError::Damaged { .. })));
    assert_eq!(one.files.get(&stored).await.expect("kept"), "what was sealed");
    other.files.put("days/x", "case", "parquet", b"what was sealed".to_vec()).await.expect("replaced");
    assert_eq!(other.files.get(&stored).await.expect("sound"), "what was sealed");
    assert_eq!(other.files.list("days").await.expect("listed"), std::slice::from_ref(&stored.path));
    fs::remove_file(&file).expect("removed");
    assert!(matches!(other.files.get(&stored).await, Err(LakeError::Missing { .. })));
}

#[tokio::test]
async fn many_writers_of_the_same_bytes_make_one_file() {
    let Some(server) = s3() else { return };
    let files = storage(&bucket(&server, ""), MEGABYTE).files;
    files.check().await.expect("it refuses to overwrite");
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let files = files.clone();
            tokio::spawn(async move { files.put("days", "case", "parquet", vec![7; 100_000]).await })
        })
        .collect();
    let mut stored = Vec::new();
    for task in tasks {
        stored.push(task.await.expect("joined").expect("written"));
    }
    stored.dedup();
    assert_eq!(stored.len(), 1);
    assert_eq!(files.get_stored(&stored[0]).await.expect("sound"), vec![7; 100_000]);
}

#[tokio::test]
async fn a_cache_serves_when_the_bucket_is_away_and_is_believed_only_if_sound() {
    let Some(mut server) = s3() else { return };
    let Storage { files, cache, _folder } = storage(&bucket(&server, "p"), MEGABYTE);
    let stored = files.put("days", "case", "parquet", b"0123456789".to_vec()).await.expect("written");
    let copy = kept(&cache);
    for damage in [&b"012345678X"[..], b"01234", b""] {
        fs::write(&copy, damage).expect("written");
        assert_eq!(files.get(&stored).await.expect("fetched again"), "0123456789");
        assert_eq!(fs::read(&copy).expect("kept again"), b"0123456789");
    }
    server.stop();
    assert_eq!(files.get(&stored).await.expect("kept"), "0123456789");
    fs::write(&copy, b"012345678X").expect("written");
    let Err(error @ LakeError::Unreachable { .. }) = files.get(&stored).await else { panic!("it is away") };
    let said = error.to_string();
    assert!(said.contains(&stored.path) && said.contains(&server.endpoint()) && said.contains("refused"), "{said}");
    assert!(matches!(files.put("days", "x", "json", vec![1]).await, Err(LakeError::Unreachable { .. })));
    server.start();
    assert_eq!(files.get(&stored).await.expect("fetched again"), "0123456789");
    files.put("days", "x", "json", vec![1]).await.expect("written");
}

#[tokio::test]
async fn a_wrong_key_is_refused_by_name() {
    let Some(server) = s3() else { return };
    let sound = bucket(&server, "p");
    let refused = async |bucket: Bucket, expect: &str| {
        let error = storage(&bucket, 0).files.check().await.expect_err("refused");
        let said = error.to_string();
        assert!(matches!(error, LakeError::Refused { .. }) && said.contains(expect), "{said}");
        assert!(!said.contains(SECRET_KEY) && !said.contains("wrong-secret"), "{said}");
    };
    refused(Bucket { secret_key: "wrong-secret".to_owned(), ..sound.clone() }, "SignatureDoesNotMatch").await;
    refused(Bucket { access_key: "nobody".to_owned(), ..sound }, "NotSignedUp").await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_says_nothing_is_left_after_a_while() {
    // Connections are taken by the system, and nobody answers. Time passes only while everybody waits.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let bucket = Bucket {
        url: "s3://heng/p".to_owned(),
        endpoint: Some(format!("http://{}", listener.local_addr().expect("an address"))),
        region: "us-east-1".to_owned(),
        path_style: true,
        access_key: ACCESS_KEY.to_owned(),
        secret_key: SECRET_KEY.to_owned(),
    };
    let begun = tokio::time::Instant::now();
    let error = storage(&bucket, 0).files.check().await.expect_err("silence");
    assert!(matches!(error, LakeError::Unreachable { .. }) && error.to_string().contains("timed out"), "{error}");
    let waited = begun.elapsed().as_secs();
    assert!((5..=120).contains(&waited), "{waited}");
}
