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

#[tokio::test(flavor = "multi_thread")]
async fn the_keys_may_be_kept_for_half_a_minute_and_are_known_again() {
    const KEYS: &str = "/.well-known/jwks.json";
    let house = House::new().await;
    let keys = house.get(KEYS).await;
    let mark = keys.header("etag").to_owned();
    assert_eq!(keys.header("cache-control"), "public, max-age=30");
    assert_eq!(keys.header("content-type"), "application/json");
    assert!(mark.starts_with('"') && mark.ends_with('"') && mark.len() > 10, "{mark}");
    for known in [mark.clone(), format!("W/{mark}"), format!("\"other\", {mark}"), "*".to_owned()] {
        let again = house.with("if-none-match", &known).get(KEYS).await;
        assert_eq!(
            (again.status, again.body.len(), again.header("etag")),
            (304, 0, mark.as_str()),
            "{known}"
        );
        assert_eq!(again.header("cache-control"), "public, max-age=30");
    }
    for unknown in ["\"other\"", "", "nonsense", &mark[1..]] {
        assert_eq!(house.with("if-none-match", unknown).get(KEYS).await.is(200), keys.json(), "{unknown}");
    }
}
