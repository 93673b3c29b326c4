//! Pages for people: cookies, CSRF, forms to the same services. Rules live below; here a request becomes a call and its outcome a page.
//!
//! One browser can be a student and a member of staff at once: each has a cookie of its own. Whatever changes something is a POST that
//! comes from one of our pages (`origin_check`) and bears the token of its session; before a session there is only the first of the two.

mod accept;
mod answer;
mod ask;
mod assets;
mod bundle;
mod candidate;
mod cases;
mod changes;
mod colleagues;
mod command;
mod cookies;
mod form;
mod incidents;
mod mail;
mod overview;
mod people;
mod readiness;
mod rehearsal;
mod results;
mod room;
mod rules;
mod sit;
mod staff;
mod student;
mod timeline;
mod words;

use std::future::Future;
use std::sync::Arc;

use poem::endpoint::{BoxEndpoint, make};
use poem::http::{HeaderMap, Method, StatusCode};
use poem::{Endpoint, EndpointExt, Request, Response, Route, RouteMethod};

use crate::error::{Code, Result};
use crate::locale::Locale;
use crate::service::Shared;
use crate::view::{ErrorPage, Page, Problem, Shell};
use answer::Voice;
use ask::Ask;

/// Whether a request may change something on the strength of a cookie, by its method and headers.
pub type OriginCheck = Arc<dyn Fn(&Method, &HeaderMap) -> bool + Send + Sync>;

/// What the pages need besides the services.
pub struct WebSettings {
    /// Asked before every change.
    pub origin_check: OriginCheck,
    /// Language of those who prefer none that we speak.
    pub language: String,
    /// Address students type, without a slash at its end.
    pub public_url: String,
}

/// Whether the reader's connection is encrypted; put into each request by whoever mounts these routes.
#[derive(Debug, Clone, Copy)]
pub struct Secure(pub bool);

/// Shared by all pages.
#[derive(Clone)]
struct Web {
    service: Shared,
    settings: Arc<WebSettings>,
}

/// `/`, `/enter`, `/sit/…`, `/staff/…`, `/assets/…`.
pub fn routes(service: Shared, settings: WebSettings) -> BoxEndpoint<'static, Response> {
    let web = Web { service, settings: Arc::new(settings) };
    let student = On(&web, Voice::Student);
    let data = On(&web, Voice::Data);
    let staff = On(&web, Voice::Staff);
    Route::new()
        .at("/", student.get(student::home))
        .at("/enter", student.post(student::enter))
        .at("/check", student.both(readiness::computer, readiness::report))
        .at("/check/:code", student.get(readiness::computer))
        .at("/check/now", data.get(readiness::now))
        .at("/sit/:room", student.get(student::sit))
        .at("/sit/:room/join", student.post(sit::join))
        .at("/sit/:room/leave", student.post(student::leave))
        .at("/sit/:room/sync", data.post(sit::sync))
        .at("/sit/:room/messages", data.both(words::messages, words::write))
        .at("/sit/:room/messages/mark", data.post(words::mark))
        .at("/sit/:room/hand", data.post(words::hand))
        .at("/sit/:room/incidents/:incident", data.post(cases::reply))
        .at("/sit/:room/signal", data.post(cases::signal))
        .at("/sit/:room/paper", data.get(sit::paper))
        .at("/sit/:room/answers", data.both(sit::answers, sit::record))
        .at("/sit/:room/submit", data.post(sit::submit))
        .at("/staff", staff.get(overview::rooms))
        .at("/staff/login", staff.both(staff::login_page, staff::login))
        .at("/staff/logout", staff.post(staff::logout))
        .at("/staff/setup", staff.both(staff::setup_page, staff::setup))
        .at("/staff/rooms/:room", staff.get(room::live))
        .at("/staff/rooms/:room/readiness", staff.get(readiness::readiness))
        .at("/staff/rooms/:room/check", staff.both(readiness::check, readiness::move_check))
        .at("/staff/rooms/:room/rehearsal", staff.both(rehearsal::rehearsal, rehearsal::move_rehearsal))
        .at("/staff/rooms/:room/attendance", staff.both(people::attendance, people::attend))
        .at("/staff/rooms/:room/staff", staff.both(colleagues::staff, colleagues::change))
        .at("/staff/rooms/:room/charge", staff.get(colleagues::charge))
        .at("/staff/rooms/:room/board", staff.get(colleagues::board))
        .at("/staff/rooms/:room/codes", staff.both(room::codes, room::make_codes))
        .at("/staff/rooms/:room/timeline", staff.get(timeline::timeline))
        .at("/staff/rooms/:room/timeline.csv", staff.get(timeline::csv))
        .at("/staff/rooms/:room/timeline.ndjson", staff.get(timeline::ndjson))
        .at("/staff/rooms/:room/replay", staff.get(timeline::replay))
        .at("/staff/rooms/:room/candidates/:candidate/bundle", staff.get(bundle::bundle))
        .at("/staff/rooms/:room/results", staff.get(results::results))
        .at("/staff/rooms/:room/results.csv", staff.get(results::csv))
        .at("/staff/rooms/:room/accept", staff.both(accept::look, accept::give))
        .at("/staff/rooms/:room/preview", staff.post(command::preview))
        .at("/staff/rooms/:room/changes/:rev", staff.get(changes::change))
        .at("/staff/rooms/:room/incidents", staff.both(incidents::list, incidents::record))
        .at("/staff/rooms/:room/incidents/new", staff.post(incidents::form))
        .at("/staff/rooms/:room/incidents/act", staff.post(incidents::act))
        .at("/staff/rooms/:room/incidents/:incident", staff.both(incidents::detail, incidents::change))
        .at("/staff/rooms/:room/rules", staff.both(rules::rules, rules::put))
        .at("/staff/rooms/:room/candidates/:candidate/rules", staff.post(rules::exempt))
        .at("/staff/rooms/:room/compose", staff.post(mail::compose))
        .at("/staff/rooms/:room/messages", staff.post(mail::send))
        .at("/staff/rooms/:room/mail", staff.post(mail::act))
        .at("/staff/rooms/:room/takeover", staff.post(command::takeover))
        .at("/staff/rooms/:room/candidates/:candidate", staff.get(candidate::candidate))
        .at("/staff/rooms/:room/candidates/:candidate/answers/file", staff.post(candidate::upload))
        .at("/staff/rooms/:room/:verb", staff.post(command::give))
        .at("/assets/*path", RouteMethod::new().get(make(assets::serve)))
        .at("/staff/*path", staff.endpoint(nowhere))
        .at("/:first", student.endpoint(nowhere))
        .at("/:first/*path", student.endpoint(nowhere))
        .map_to_response()
        .boxed()
}

/// An address that leads nowhere, for whatever method.
async fn nowhere(_: Ask) -> Result<Response> {
    Err(Code::NotFound.into())
}

/// Wraps handlers: reads the request, and puts a failure into words for whoever asked.
struct On<'a>(&'a Web, Voice);

impl On<'_> {
    fn get<H, F>(&self, handler: H) -> RouteMethod
    where
        H: Fn(Ask) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Response>> + Send + 'static,
    {
        self.on(RouteMethod::new(), &Method::GET, handler)
    }

    fn post<H, F>(&self, handler: H) -> RouteMethod
    where
        H: Fn(Ask) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Response>> + Send + 'static,
    {
        self.on(RouteMethod::new(), &Method::POST, handler)
    }

    fn both<G, P, Fg, Fp>(&self, get: G, post: P) -> RouteMethod
    where
        G: Fn(Ask) -> Fg + Clone + Send + Sync + 'static,
        P: Fn(Ask) -> Fp + Clone + Send + Sync + 'static,
        Fg: Future<Output = Result<Response>> + Send + 'static,
        Fp: Future<Output = Result<Response>> + Send + 'static,
    {
        self.on(self.get(get), &Method::POST, post)
    }

    fn on<H, F>(&self, route: RouteMethod, method: &Method, handler: H) -> RouteMethod
    where
        H: Fn(Ask) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Response>> + Send + 'static,
    {
        route.method(method.clone(), self.endpoint(handler))
    }

    fn endpoint<H, F>(&self, handler: H) -> impl Endpoint<Output = Response> + 'static
    where
        H: Fn(Ask) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<Response>> + Send + 'static,
    {
        let (web, voice) = (self.0.clone(), self.1);
        make(move |req: Request| {
            let (web, handler) = (web.clone(), handler.clone());
            async move {
                let ask = Ask::read(web, req).await;
                let reader = ask.reader(voice);
                let response = handler(ask).await.unwrap_or_else(|error| reader.refusal(&error));
                Ok::<_, poem::Error>(reader.dress(response))
            }
        })
    }
}

/// A failure that no route has put into words, as a page.
pub fn failure(locale: Locale, status: StatusCode, code: &str) -> Option<Response> {
    let shell = Shell { locale, csrf: String::new(), path: "/".to_owned(), user: None };
    let page = ErrorPage { shell, status: status.as_u16(), problem: Problem::of(locale, code), back: "/".to_owned() };
    let html = page.render().ok()?;
    Some(Response::builder().status(status).content_type("text/html; charset=utf-8").body(html))
}
