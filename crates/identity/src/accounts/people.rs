//! Who there is: for other domains whether, for people under which names. Nobody's address or number is told.

use api::{Failure, LooseJson, Problems, Query, Signed, texts};
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use types::{Result, UserId};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Accounts, Identifier, identifier, rules};

/// People looked for at once.
const AT_ONCE: usize = 100;
/// People of one name who are found.
const MOST: i64 = 20;

/// The routes.
pub fn routes() -> OpenApiRouter<Accounts> {
    OpenApiRouter::new().routes(routes!(known)).routes(routes!(find))
}

/// Somebody, as everybody may know them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Person {
    /// Who.
    #[schema(value_type = u64)]
    pub id: UserId,
    /// What they are called; empty if they did not say.
    pub name: String,
    /// The name they sign in with, if they have one.
    pub username: Option<String>,
}

impl Accounts {
    /// Those of these who have an account.
    pub async fn known(&self, ids: &[UserId]) -> Result<Vec<UserId>> {
        Ok(self.people(ids).await?.into_iter().map(|person| person.id).collect())
    }

    /// The same, as everybody may know them.
    pub async fn people(&self, ids: &[UserId]) -> Result<Vec<Person>> {
        let mut people = Vec::new();
        for part in ids.chunks(AT_ONCE) {
            people.extend(self.store.those_of(part).await?);
        }
        Ok(people)
    }

    /// Whoever has this user name, and then those who are called so.
    async fn called(&self, name: &str) -> Result<Vec<Person>> {
        let Some(key) = rules::name_key(name) else { return Ok(Vec::new()) };
        let known = match identifier::username("name", name) {
            Ok(username) => self.store.recognise(&Identifier::Username(username)).await?,
            Err(_) => None,
        };
        let here = known.filter(|known| known.left_at.is_none()).map(|known| known.account);
        let here =
            here.map(|account| Person { id: account.id, name: account.name, username: account.username });
        let mut found = self.store.called([key, name.trim().to_owned()], MOST).await?;
        found.retain(|person| here.as_ref().is_none_or(|here| here.id != person.id));
        Ok(here.into_iter().chain(found).collect())
    }
}

/// People by a name, or by their ids, as far as they have an account
///
/// By a name first whoever has it as their user name, then at most 20 who are called so. Nobody is found by an e-mail
/// address or a phone number: whoever signed up with one is found by the `name` and the `username` of their account, which
/// they can change with `PATCH /api/v1/me`, and by nothing while it has neither.
#[utoipa::path(get, path = "/api/v1/people", operation_id = "people", tag = "account", params(Sought), responses((status = 200, body = [Person]), Problems))]
async fn find(
    Signed(_caller): Signed,
    State(accounts): State<Accounts>,
    Query(sought): Query<Sought>,
) -> Result<Json<Vec<Person>>, Failure> {
    Ok(Json(match (sought.name, sought.ids) {
        (Some(name), None) => accounts.called(&name).await?,
        (None, Some(ids)) => accounts.store.those_of(&listed(&ids)?).await?,
        (Some(_), Some(_)) | (None, None) => return Err(unread("name or else ids")),
    }))
}

fn listed(ids: &str) -> Result<Vec<UserId>, Failure> {
    let ids: Result<Vec<UserId>, _> = ids.split(',').take(AT_ONCE + 1).map(str::parse).collect();
    let ids = ids.map_err(|_| unread("ids are integers with commas between them"))?;
    if ids.len() > AT_ONCE { Err(unread("ids are at most 100")) } else { Ok(ids) }
}

fn unread(what: &str) -> Failure {
    Failure::bad_request(texts::BAD_QUERY.with([&what]))
}

/// Who is looked for: by a name or by ids.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct Sought {
    /// A whole user name, or the whole of what somebody is called, in small or capital letters.
    name: Option<String>,
    /// Ids with commas between them, 100 at the most.
    ids: Option<String>,
}

/// Which of these people have an account
#[utoipa::path(post, path = "/auth/known", tag = "account", request_body = Wanted, responses((status = 200, body = Known), Problems))]
async fn known(
    State(accounts): State<Accounts>,
    LooseJson(Wanted { ids }): LooseJson<Wanted>,
) -> Result<Json<Known>, Failure> {
    Ok(Json(Known { known: accounts.known(&ids).await? }))
}

/// Whom to look for.
#[derive(Deserialize, ToSchema)]
struct Wanted {
    #[schema(value_type = Vec<u64>)]
    ids: Vec<UserId>,
}

/// Those who were found.
#[derive(Serialize, ToSchema)]
struct Known {
    #[schema(value_type = Vec<u64>)]
    known: Vec<UserId>,
}
