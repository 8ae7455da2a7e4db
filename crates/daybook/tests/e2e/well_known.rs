//! `/.well-known`.

use super::house::House;

#[tokio::test(flavor = "multi_thread")]
async fn the_keys_are_public_halves_and_nothing_else() {
    let house = House::new().await;
    let keys = house.get("/.well-known/jwks.json").await.is(200);
    let keys = keys["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 1);
    assert_eq!((&keys[0]["kty"], &keys[0]["crv"]), (&"OKP".into(), &"Ed25519".into()));
    assert!(keys[0]["kid"].is_string() && keys[0]["x"].is_string());
    assert!(keys[0].get("d").is_none(), "the private half must stay at home");
}
