//! Signing in by the word of a provider, all the way: the house, a browser, and providers that check what real ones do.

mod accounts;
mod attacks;
mod brands;
mod browser;
mod failures;
mod id_tokens;
mod leavers;

use testkit::providers::{Brand, Provider};
use testkit::{Engine, StillClock};
use types::Clock;

use super::house::House;
use browser::Browser;

/// Where browsers reach the house: not where it listens, as behind a proxy.
pub const PUBLIC: &str = "https://daybook.test";

/// A house, the providers that it asks, and their time of day.
pub struct Stage {
    pub house: House,
    pub providers: Vec<Provider>,
}

impl Stage {
    pub async fn on(engine: Engine, brands: &[Brand]) -> Self {
        // The house's clock begins at the same moment, and tests move both.
        let clock = StillClock::default();
        let mut providers = Vec::new();
        let mut settings = vec![("DAYBOOK_OAUTH_PUBLIC_URL".to_owned(), PUBLIC.to_owned())];
        for brand in brands {
            let provider = Provider::start(*brand, PUBLIC, &clock).await;
            settings.extend(provider.settings());
            providers.push(provider);
        }
        let settings: Vec<_> = settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let house = House::with(engine, &settings).await;
        assert_eq!(house.clock.now(), clock.now());
        Self { house, providers }
    }

    pub async fn of(brand: Brand) -> Self {
        Self::on(Engine::Memory, &[brand]).await
    }

    /// The one provider.
    pub fn provider(&self) -> &Provider {
        &self.providers[0]
    }

    /// A browser that nobody is signed in with.
    pub fn browser(&self) -> Browser {
        Browser::new(&self.house)
    }

    /// Whatever else went wrong, no provider had anything to find fault with.
    #[track_caller]
    pub fn nothing_was_refused(&self) {
        for provider in &self.providers {
            assert_eq!(provider.refused(), Vec::<String>::new(), "{:?}", provider.brand);
        }
    }
}
