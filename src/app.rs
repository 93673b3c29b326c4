//! Builds, owns and stops everything in order: store, keys, journal, services, tasks, sockets, server.

mod health;
mod keys;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use poem::http::HeaderMap;
use poem::{EndpointExt, Request, Response, Route, endpoint::BoxEndpoint};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::auth::passwords::Passwords;
use crate::auth::secrets::ServerSecret;
use crate::bus::{Bus, Message};
use crate::channel::{self, Channel};
use crate::config::{Config, Database};
use crate::domain::access::Role;
use crate::error::Error;
use crate::live::Live;
use crate::locale::{self, Locale, error_words};
use crate::server::{self, ClientAddr, ClientScheme, Edge, OriginVerdict, Origins, TlsFiles};
use crate::service::backup::make::fresh_epoch;
use crate::service::backup::restore::Hold;
use crate::service::backup::{Backups, Plan};
use crate::service::pulse::Pulse;
use crate::service::rehearsals::Rehearsals;
use crate::service::sessions::SETUP_KEY;
use crate::service::{House, Service, Shared};
use crate::store::journal::Journal;
use crate::store::{Store, Tables};
use crate::tasks::Tasks;
use crate::time::{Known, Time};
use crate::{api, config, limits, metrics, weaken, web};

/// How the process ends when its disk did not confirm a write (`EX_IOERR`).
const DISK_FAILED: i32 = 74;

/// One node of Invigil.
pub struct App {
    /// Where it listens.
    pub address: SocketAddr,
    /// What people type, first the preferred one.
    pub urls: Vec<String>,
    /// The services, for commands and tests in the same process.
    pub service: Shared,
    /// The one-time secret of a first start.
    pub setup_secret: Option<String>,
    listener: TcpListener,
    edge: Edge,
    metrics: Option<(TcpListener, Edge)>,
    sockets: TaskTracker,
    stop: Stop,
    journal: JoinHandle<()>,
    /// Held until the database is closed: no restore comes under us.
    hold: Option<Hold>,
}

/// The three stops, in order.
#[derive(Clone, Default)]
pub struct Stop {
    /// No new requests; sockets say goodbye.
    pub doors: CancellationToken,
    /// Background tasks end.
    pub tasks: CancellationToken,
}

impl App {
    /// Opens the store, binds the address and builds everything; nothing is served yet.
    pub async fn build(config: &Config) -> anyhow::Result<Self> {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        metrics::install().context("metrics")?;
        let hold = match &config.database {
            Database::Sqlite(path) => Some(Hold::shared(path).context("a restore of this database is under way")?),
            Database::Postgres(_) => None,
        };
        let store = Store::open_with(&config.database.url(), tables(config)).await.context("the database cannot be opened")?;
        let time = anchor(&store, config.accept_clock_behind).await?;
        let (keys, secret) = keys::load(&store, time.now()).await?;
        let epoch = store.epoch(&fresh_epoch()).await?;
        let backups = Backups::new(config.backups.as_ref().map(plan), config.database.url(), time.now());
        let passwords = Passwords::start()?;
        let setup_secret = first_start(&store, &secret).await?;
        let (journal, lanes) = Journal::lanes();
        let bus = config.nats.as_ref().map_or_else(Bus::default, |nats| Bus::shared(nats.0.expose(), &secret.bus_key()));
        let pulse = Pulse::new(time.now());
        let listener = TcpListener::bind(config.listen).await.with_context(|| format!("cannot listen on {}", config.listen))?;
        let address = listener.local_addr()?;
        let urls: Vec<String> = config.public_urls(address).into_iter().map(|url| url.origin).collect();
        let house = house(config, &urls);
        let service: Shared = Arc::new(Service {
            store,
            live: Live::default(),
            journal,
            bus,
            time,
            keys,
            secret,
            passwords,
            house,
            epoch,
            backups,
            pulse,
            rehearsals: Rehearsals::default(),
            telling: TaskTracker::new(),
        });
        let writer = tokio::spawn({
            let (store, time, bus) = (service.store.clone(), service.time.clone(), service.bus.clone());
            lanes.run(store, time, move |events| {
                if !events.is_empty() {
                    bus.publish(Message::Events(Arc::new(events)));
                }
            })
        });
        let stop = Stop::default();
        let sockets = TaskTracker::new();
        let edge = edge(config, &service, &urls, &stop, &sockets)?;
        let metrics = metrics_edge(config, &service).await?;
        Ok(Self { address, urls, service, setup_secret, listener, edge, metrics, sockets, stop, journal: writer, hold })
    }

    /// The handle that stops it.
    pub fn stop(&self) -> Stop {
        self.stop.clone()
    }

    /// Serves until the doors close, then drains: sockets say goodbye, the journal empties, the database closes.
    pub async fn run(self) -> anyhow::Result<()> {
        tokio::select! {
            biased;
            () = crate::store::broken() => {
                tracing::error!("the disk failed to keep what was written: this process ends, a new one reads what was kept");
                // At once, without closing the database: that would fold a log into its file which the disk has not confirmed.
                std::process::exit(DISK_FAILED)
            }
            end = self.serve() => end,
        }
    }

    async fn serve(self) -> anyhow::Result<()> {
        // Before anybody is served or ended: a time in which no node was alive is dealt with now.
        self.service.beat().await.map_err(|error| anyhow::anyhow!("{error}")).context("the first beat")?;
        let tasks = Tasks::start(&self.service, &self.stop.tasks);
        let Self { listener, edge, metrics, stop, mut journal, sockets, service, hold, .. } = self;
        let doors = stop.doors.clone();
        if let Some((listener, edge)) = metrics {
            tokio::spawn(server::serve(listener, edge, doors.clone()));
        }
        tokio::select! {
            () = server::serve(listener, edge, doors) => {}
            end = &mut journal => {
                tracing::error!(error = ?end.err(), "journal.dead");
                anyhow::bail!("the journal has died: nothing could be saved any more, so this process ends");
            }
        }
        service.rehearsals.end().await;
        sockets.close();
        if tokio::time::timeout(limits::DRAIN, sockets.wait()).await.is_err() {
            tracing::warn!(sockets = sockets.len(), "drain.cut_short");
        }
        stop.tasks.cancel();
        let _ = tokio::time::timeout(Duration::from_secs(2), tasks.ended()).await;
        service.all_told().await;
        service.journal.close();
        if tokio::time::timeout(limits::SETTLE, journal).await.is_err() {
            tracing::warn!("drain.journal_cut_short");
        }
        service.bus.end().await;
        service.store.close().await;
        drop(hold);
        tracing::info!("stopped");
        Ok(())
    }
}

fn house(config: &Config, urls: &[String]) -> House {
    let folder = match &config.database {
        Database::Sqlite(path) => {
            Some(path.parent().filter(|dir| !dir.as_os_str().is_empty()).map_or_else(|| ".".into(), Into::into))
        }
        Database::Postgres(_) => None,
    };
    let url = urls.first().cloned().unwrap_or_default();
    House { organisation: config.organisation.clone(), retention: config.retention_note.clone(), url, folder }
}

/// When pending changes of the tables may be made.
pub fn tables(config: &Config) -> Tables {
    if config.migrate_while_rooms_run { Tables::Anyway } else { Tables::Guarded }
}

/// When and where this node makes backups.
pub fn plan(given: &config::Backups) -> Plan {
    Plan { dir: given.dir.clone(), keep: given.keep, minute: given.minute }
}

/// Trusted time for this process: the database's clock, or this machine's where the database is a file. What is odd about it is said; far
/// behind the last event nothing starts.
async fn anchor(store: &Store, accept_behind: bool) -> anyhow::Result<Time> {
    let known = Known { event_ms: store.last_event_ms().await?, beat_ms: store.last_beat_ms().await? };
    let time = Time::anchored(Time::wall_ms());
    let common = store.common_clock(limits::CLOCK_LOOKS_AT_START, || time.mono()).await?;
    if let Some(common) = common.filter(|_| !weaken::on("own_wall_clock")) {
        time.step(time.behind_us(&common.reading));
    }
    for doubt in time.begin(known, accept_behind)? {
        tracing::warn!(alarm = doubt.name(), "{doubt}");
    }
    Ok(time)
}

/// On the first start there is no account: a one-time secret lets whoever reads the log make the first administrator.
async fn first_start(store: &Store, secret: &ServerSecret) -> anyhow::Result<Option<String>> {
    if store.count_admins().await? > 0 {
        return Ok(None);
    }
    store.set_meta(SETUP_KEY, "open").await?;
    Ok(Some(secret.setup_secret()))
}

/// `/metrics` on an address of its own, where one is configured.
async fn metrics_edge(config: &Config, service: &Shared) -> anyhow::Result<Option<(TcpListener, Edge)>> {
    let Some(address) = config.metrics_listen else { return Ok(None) };
    let listener = TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address} for metrics"))?;
    let mono = service.time.clone();
    let mut settings = server::Settings::new(Arc::new(move || mono.mono()));
    // A scraper calls this machine by its address.
    settings.any_host = vec!["/metrics".to_owned()];
    let endpoint = Route::new().at("/metrics", health::metrics_route()).map_to_response().boxed();
    Ok(Some((listener, Edge::new(endpoint, settings)?)))
}

fn edge(config: &Config, service: &Shared, urls: &[String], stop: &Stop, sockets: &TaskTracker) -> anyhow::Result<Edge> {
    let parsed: Vec<url::Url> = urls.iter().filter_map(|u| u.parse().ok()).collect();
    let origins = Origins::from_urls(&parsed);
    let mono = service.time.clone();
    let mut settings = server::Settings::new(Arc::new(move || mono.mono()));
    settings.origins = origins.clone();
    settings.trusted_proxies.clone_from(&config.trusted_proxies);
    settings.tls = config.tls.as_ref().map(|t| TlsFiles { cert: t.certificate.clone(), key: t.key.clone() });
    settings.voice = Some(Arc::new(voice));
    let document = serde_json::from_str(&api::document()).unwrap_or_default();
    settings.allowed = Some(server::allowed_by(&document, "/api/v1"));
    let endpoint = endpoint(config, service, urls, &origins, stop, sockets);
    Ok(Edge::new(endpoint, settings)?)
}

/// What the edge itself refuses, in the reader's language. Codes that the catalogue does not have keep the edge's own words.
fn voice(failure: &server::Failure, asker: &server::Asker) -> Option<Response> {
    let header = |name| asker.headers.get(name).and_then(|v| v.to_str().ok());
    let locale = Locale::negotiate(None, header(poem::http::header::ACCEPT_LANGUAGE));
    if asker.wants_page() {
        return web::failure(locale, failure.status, failure.code);
    }
    let title = locale::maybe(locale, &format!("error-{}-title", failure.code), &[])?;
    let detail = locale::maybe(locale, &format!("error-{}", failure.code), &[])?;
    let body = serde_json::json!({
        "type": format!("/docs/errors#{}", failure.code),
        "title": title,
        "status": failure.status.as_u16(),
        "code": failure.code,
        "detail": detail,
        "request": failure.id,
    });
    Some(Response::builder().status(failure.status).content_type("application/problem+json").body(body.to_string()))
}

/// Every route of a node.
fn endpoint(
    config: &Config,
    service: &Shared,
    urls: &[String],
    origins: &Origins,
    stop: &Stop,
    sockets: &TaskTracker,
) -> BoxEndpoint<'static, Response> {
    let listed = origins.clone();
    let channel = channel::routes(Channel {
        service: service.clone(),
        origin: Arc::new(move |headers: &HeaderMap| match server::origin_allowed(headers, &listed) {
            OriginVerdict::Absent => None,
            OriginVerdict::Listed => Some(true),
            OriginVerdict::Foreign => Some(false),
        }),
        stop: stop.doors.clone(),
        tasks: sockets.clone(),
    });
    let pages = web::routes(service.clone(), web_settings(config, urls, origins));
    let api = Arc::new(api::routes(service.clone()));
    let mut routes = Route::new();
    if config.metrics_listen.is_none() {
        routes = routes.at("/metrics", health::metrics_route());
    }
    routes
        .nest_no_strip("/ws", channel)
        .nest_no_strip("/health", health::routes(service.clone(), stop.doors.clone()))
        .nest_no_strip("/api", api.clone())
        .nest_no_strip("/docs", api.clone())
        .at("/openapi.json", api)
        .nest_no_strip("/", pages)
        .before(|mut req: Request| async move {
            let address = req.data::<ClientAddr>().map(|a| a.0);
            if let Some(address) = address {
                req.set_data(address);
            }
            let secure = req.data::<ClientScheme>() == Some(&ClientScheme::Https);
            req.set_data(web::Secure(secure));
            Ok(req)
        })
        .map_to_response()
        .boxed()
}

fn web_settings(config: &Config, urls: &[String], origins: &Origins) -> web::WebSettings {
    let origins = origins.clone();
    web::WebSettings {
        origin_check: Arc::new(move |method, headers| server::may_use_cookie(method, headers, &origins)),
        language: config.language.as_str().to_owned(),
        public_url: urls.first().cloned().unwrap_or_default(),
    }
}

/// An error of the services in words, for a terminal.
pub fn words(error: &Error) -> String {
    let (title, detail) = error_words(Locale::En, error);
    let faults: Vec<String> = error.faults.iter().map(|f| format!(" ({}: {})", f.path, f.code)).collect();
    format!("{title}. {detail}{}", faults.concat())
}

/// Makes an account without a server, for `user add`.
pub async fn add_user(config: &Config, login: &str, name: &str, role: Role, password: &str) -> anyhow::Result<String> {
    let app = App::build(config).await?;
    let user = app.service.make_user(login, name, role, password, None).await?;
    app.service.store.create_user(&user).await?;
    app.service.store.take_meta(SETUP_KEY).await?;
    app.service.store.close().await;
    Ok(user.id.to_string())
}
