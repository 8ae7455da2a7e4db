//! What secrets of this house are made with and known by.

use hmac::{Hmac, KeyInit};
use sha2::Sha256;

/// An HMAC with this key. Two that use one key tell their texts apart by how these begin.
pub fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    // A key is filled up with zeros to a whole block, as HMAC itself does.
    let mut block = [0; 64];
    block[..32].copy_from_slice(key);
    Hmac::new(&block.into())
}
