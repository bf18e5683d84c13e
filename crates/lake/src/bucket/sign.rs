//! Digests and signatures of requests to a bucket, by the crates that digests of files are made with.

use hmac::{Hmac, KeyInit as _, Mac as _};
use object_store::client::{CryptoProvider, DigestAlgorithm, DigestContext, HmacContext, Signer, SigningAlgorithm};
use object_store::{Error, Result};
use sha2::{Digest as _, Sha256};

/// What signs requests.
#[derive(Debug)]
pub(super) struct Signing;

impl CryptoProvider for Signing {
    fn digest(&self, algorithm: DigestAlgorithm) -> Result<Box<dyn DigestContext>> {
        match algorithm {
            DigestAlgorithm::Sha256 => Ok(Box::new(Running { of: Sha256::new(), done: Vec::new() })),
            other => Err(unknown(&other)),
        }
    }

    fn hmac(&self, algorithm: DigestAlgorithm, secret: &[u8]) -> Result<Box<dyn HmacContext>> {
        match algorithm {
            DigestAlgorithm::Sha256 => {
                let of = Hmac::<Sha256>::new_from_slice(secret).map_err(|error| unknown(&error))?;
                Ok(Box::new(Running { of, done: Vec::new() }))
            }
            other => Err(unknown(&other)),
        }
    }

    fn sign(&self, algorithm: SigningAlgorithm, _: &[u8]) -> Result<Box<dyn Signer>> {
        // Accounts of another vendor sign so; a bucket never asks for it.
        Err(unknown(&algorithm))
    }
}

fn unknown(what: &impl std::fmt::Debug) -> Error {
    Error::NotSupported { source: format!("{what:?} signs no request to a bucket").into() }
}

/// A digest that is being taken.
struct Running<T> {
    of: T,
    done: Vec<u8>,
}

impl DigestContext for Running<Sha256> {
    fn update(&mut self, data: &[u8]) {
        self.of.update(data);
    }

    fn finish(&mut self) -> Result<&[u8]> {
        self.done = self.of.clone().finalize().to_vec();
        Ok(&self.done)
    }
}

impl HmacContext for Running<Hmac<Sha256>> {
    fn update(&mut self, data: &[u8]) {
        self.of.update(data);
    }

    fn finish(&mut self) -> Result<&[u8]> {
        self.done = self.of.clone().finalize().into_bytes().to_vec();
        Ok(&self.done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
    }

    #[test]
    fn digests_and_keyed_digests_are_those_of_the_standards() {
        // FIPS 180-4 and RFC 4231.
        let mut digest = Signing.digest(DigestAlgorithm::Sha256).expect("known");
        digest.update(b"a");
        digest.update(b"bc");
        let expect = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hex(digest.finish().expect("done")), expect);
        let mut keyed = Signing.hmac(DigestAlgorithm::Sha256, b"Jefe").expect("known");
        keyed.update(b"what do ya want ");
        keyed.update(b"for nothing?");
        let expect = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hex(keyed.finish().expect("done")), expect);
        assert!(Signing.sign(SigningAlgorithm::RS256, b"").is_err());
    }
}
