//! What the home promises: its sections are those that the domains have.

use api::Problem;
use part::Section;
use utoipa::openapi::schema::{AllOfBuilder, Components, ObjectBuilder};
use utoipa::openapi::{OpenApi, Ref};

use super::payload;

#[derive(utoipa::OpenApi)]
#[openapi(paths(super::see), components(schemas(Problem, payload::Section)))]
struct Documents;

/// Of a home of these sections.
pub fn of<'s>(sections: impl Iterator<Item = &'s Section>) -> OpenApi {
    let shown = sections.fold(ObjectBuilder::new(), |shown, section| {
        let data = ObjectBuilder::new().property("data", Ref::from_schema_name(section.schema));
        let any = Ref::from_schema_name("HomeSection");
        shown.property(section.name, AllOfBuilder::new().item(any).item(data))
    });
    let home = ObjectBuilder::new()
        .description(Some("Sections of several services; one that fails takes none of the others along"))
        .property("sections", shown)
        .required("sections");
    let mut promised = <Documents as utoipa::OpenApi>::openapi();
    let schemas = &mut promised.components.get_or_insert_with(Components::new).schemas;
    schemas.insert("Home".to_owned(), home.into());
    promised
}
