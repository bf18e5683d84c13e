//! Certificates, made by the `openssl` command.

use super::{TestHome, found, path};
use std::path::PathBuf;
use std::process::Command;

/// An authority of the test's own, and what it has signed.
pub(crate) struct Authority {
    home: TestHome,
}

impl Authority {
    /// None without the program that makes certificates.
    pub(crate) fn new() -> Option<Self> {
        let here = Command::new("openssl").arg("version").output().is_ok_and(|output| output.status.success());
        found("openssl", here, "openssl").then_some(())?;
        let authority = Self { home: TestHome::empty() };
        let own = ["-x509", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=heng test authority"];
        authority.request(&own);
        authority.sign("server");
        Some(authority)
    }

    fn folder(&self) -> PathBuf {
        self.home.home().with_file_name("tls")
    }

    fn openssl(&self, words: &[&str]) {
        let folder = self.folder();
        std::fs::create_dir_all(&folder).expect("made");
        let output = Command::new("openssl").args(words).current_dir(folder).output().expect("openssl starts");
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn request(&self, words: &[&str]) {
        let new = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30"];
        self.openssl(&[&new[..], words].concat());
    }

    /// Makes `NAME.pem` and `NAME.key`, for this machine.
    pub(crate) fn sign(&self, name: &str) {
        self.home.file("tls/names", "subjectAltName=IP:127.0.0.1,DNS:localhost\n");
        let (request, key, cert) = (format!("{name}.csr"), format!("{name}.key"), format!("{name}.pem"));
        self.request(&["-keyout", &key, "-out", &request, "-subj", &format!("/CN={name}")]);
        let signed = ["x509", "-req", "-in", &request, "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"];
        self.openssl(&[&signed[..], &["-days", "30", "-extfile", "names", "-out", &cert]].concat());
    }

    /// One of its files.
    pub(crate) fn file(&self, name: &str) -> String {
        path(&self.folder().join(name)).to_owned()
    }
}
