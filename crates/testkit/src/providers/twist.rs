//! What a provider can be told to do otherwise.

/// Something unusual: a quirk that is allowed, a failure, or an attack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Twist {
    /// The person says no.
    Denies,
    /// It sends the browser back because it cannot answer now.
    IsBusy,
    /// VK ID: what comes back is wrapped in JSON.
    Wraps,
    /// VK ID: its first token is over before it is used.
    TokenIsOver,
    /// VK ID: its tokens are of another person than its profile.
    OtherUser,
    /// VK ID: its tokens belong to another dance.
    OtherState,
    /// Yandex: the token was made for another client.
    OtherClient,
    /// OpenID Connect: signs with Ed25519.
    SignsEd25519,
    /// Google: calls itself without `https://`.
    PlainIssuer,
    /// Sends the browser back in the name of another issuer.
    ForeignReturn,
    /// Sends the browser back without its name, though it promised to say it.
    NamelessReturn,
    /// Its discovery speaks for another issuer.
    ForeignDiscovery,
    /// Gives no id token.
    NoIdToken,
    /// The id token is not signed.
    AlgNone,
    /// The id token is signed with the public key as a shared secret.
    AlgHs256,
    /// The id token is signed with a key that is not published, under the name of one that is.
    OtherKey,
    /// The id token names a key that is not published.
    UnknownKey,
    /// The id token is for somebody else.
    WrongAudience,
    /// The id token is for us and somebody else, and does not say who asked.
    TwoAudiences,
    /// The id token was asked for by somebody else.
    WrongParty,
    /// The id token is from somebody else.
    WrongIssuer,
    /// The id token's time is over.
    Expired,
    /// The id token is from the future.
    FromTheFuture,
    /// The id token has no nonce.
    NoNonce,
    /// The id token has the nonce of another dance.
    WrongNonce,
    /// Userinfo is about somebody else.
    OtherSubject,
    /// Tokens: answers 500.
    TokenDown,
    /// Tokens: never answers.
    TokenSlow,
    /// Tokens: answers without end.
    TokenHuge,
    /// Tokens: answers with a page.
    TokenPage,
    /// Tokens: sends us elsewhere.
    TokenMoved,
    /// Profile: answers 500.
    ProfileDown,
    /// Profile: answers with a page.
    ProfilePage,
}
