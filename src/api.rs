//! REST under `/api/v1`: one file a resource, DTOs apart from the domain, doc comments are the API's text.
//!
//! A handler translates and calls one service function. Whatever goes wrong, also before a handler is reached, leaves as
//! `application/problem+json` through [`problem`].

mod accept;
mod attendance;
mod auth;
mod caller;
mod candidates;
mod clock;
mod commands;
mod control;
mod docs;
mod exams;
mod handover;
mod hands;
mod inbox;
mod incidents;
mod me;
mod messages;
mod my_incidents;
mod outages;
mod paper;
mod problem;
mod readiness;
mod rehearsals;
mod replies;
mod results;
mod rooms;
mod rules;
mod seals;
mod shape;
mod sitting;
mod staff;
mod statistics;
mod status;
mod templates;
mod timeline;
mod types;
mod users;

use poem::endpoint::BoxEndpoint;
use poem::{EndpointExt, Response, Route};
use poem_openapi::{OpenApi, OpenApiService, Tags};

use crate::service::Shared;

/// Where the API is.
pub const BASE: &str = "/api/v1";

/// What an operation belongs to.
#[derive(Tags)]
enum Tag {
    /// Signing in, entering by code, and what a session is.
    Sessions,
    /// Accounts, managed by administrators.
    Users,
    /// What is sat, and its paper.
    Exams,
    /// Where it is sat: schedule, staff, the live table.
    Rooms,
    /// Who is expected, and the codes they enter with.
    Candidates,
    /// The clock and the verbs that move it.
    Control,
    /// Words between staff and candidates, their receipts, and raised hands.
    Messages,
    /// What was recorded about candidates and the room, what rules propose, and what they look for.
    Incidents,
    /// The candidate's own path without a socket.
    Sitting,
    /// Answers, marks, statistics, and what happened.
    Results,
}

/// `/api/v1`, `/docs`, `/docs/errors` and `/openapi.json`; every error in one shape.
pub fn routes(service: Shared) -> BoxEndpoint<'static, Response> {
    let api = described();
    let document = api.spec();
    let methods = problem::Methods::of(&document);
    let routes = Route::new()
        .at("/docs", docs::swagger(&api.swagger_ui_html()))
        .at("/docs/errors", poem::get(docs::errors))
        .at("/openapi.json", docs::openapi(document))
        .nest(BASE, api)
        .data(service);
    problem::Worded::new(routes, methods).boxed()
}

/// The `OpenAPI` document as it is kept in `openapi/openapi.json`.
pub fn document() -> String {
    described().spec()
}

fn described() -> OpenApiService<impl OpenApi, ()> {
    let operations = (
        (auth::Auth, me::Own, users::Users),
        (exams::Exams, paper::Papers),
        (
            rooms::Rooms,
            staff::Staff,
            status::LiveTable,
            clock::Clocks,
            (readiness::Readiness, rehearsals::Rehearsals, handover::Handovers),
        ),
        (candidates::Candidates, control::Control, commands::Commands, outages::Outages),
        (incidents::Incidents, my_incidents::MyIncidents, rules::IncidentRules, attendance::AttendanceList),
        (messages::Messages, inbox::Inbox, hands::Hands, templates::Templates),
        (sitting::Sitting, (results::Results, accept::Acceptance), statistics::Items, (timeline::Timeline, seals::Seals)),
    );
    OpenApiService::new(operations, "Invigil", env!("CARGO_PKG_VERSION"))
        .description(
            "Timed exams, live. Sign in with `POST /auth/login` (staff) or `POST /auth/entry` (candidates) and send the access token as \
             `Authorization: Bearer`.\n\nEvery error is `application/problem+json`; `code` is stable and explained under `/docs/errors`, \
             `detail` says in your language (`Accept-Language`) what to do. Instants are RFC 3339 in UTC with milliseconds and end in `_at`, \
             lengths end in `_seconds`, multipliers are basis points (10,000 = the plain allowance). Lists are pages: pass `next` as `after`.\n\n\
             A command on a room takes `dry_run=true` (says what it would do), `expected_rev` (409 `clock_moved` if the clock has moved since) \
             and an `Idempotency-Key` header (a repeat answers the same and does nothing).",
        )
        .server(BASE)
}
