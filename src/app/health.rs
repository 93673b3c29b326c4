//! Probes and metrics.

use poem::http::StatusCode;
use poem::{EndpointExt, IntoResponse, Response, Route, endpoint::BoxEndpoint, endpoint::make, get};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::bus::Link;
use crate::metrics;
use crate::service::Shared;

/// `/health/live`: the process answers. `/health/ready`: it can save answers and takes new people in.
pub(super) fn routes(service: Shared, stop: CancellationToken) -> BoxEndpoint<'static, Response> {
    let ready = move |_| {
        let (service, stop) = (service.clone(), stop.clone());
        async move { readiness(&service, stop.is_cancelled()).await }
    };
    Route::new()
        .at("/health/live", get(make(|_| async { json_body(StatusCode::OK, &json!({ "status": "live" })) })))
        .at("/health/ready", get(make(ready)))
        .map_to_response()
        .boxed()
}

async fn readiness(service: &Shared, draining: bool) -> Response {
    let database = service.store.ping().await.is_ok();
    let trouble = service.journal.trouble();
    let ready = database && trouble.is_none() && !draining;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let backup = service.backups.health(service.now());
    // A missing backup is a reason to look, not to send people away.
    let away = service.bus.link() == Link::Away;
    // Nor is it one that the nodes do not hear each other: each reads from the store what the others did.
    let degraded = away || backup.as_ref().is_some_and(|backup| backup.degraded);
    let backup = backup.map(|b| {
        json!({ "age_seconds": b.age_ms.map(|ms| ms / 1000), "last_error": b.last_error, "status": if b.degraded { "degraded" } else { "ok" } })
    });
    let body = json!({
        "status": if !ready { "not_ready" } else if degraded { "degraded" } else { "ready" },
        "backup": backup,
        "bus": if away { "away" } else { "ok" },
        "database": if database { "ok" } else { "away" },
        "journal": trouble.as_ref().map_or("ok", |t| t.as_trouble()),
        "engine": service.store.engine(),
        "draining": draining,
        "clock_drift_ms": service.time.drift_ms(),
        "clock_offset_ms": service.pulse.look().map(|look| look.ahead_us / 1000),
        "clock_lead_ms": service.pulse.look().map(|look| look.lead_us / 1000),
    });
    json_body(status, &body)
}

fn json_body(status: StatusCode, body: &serde_json::Value) -> Response {
    Response::builder().status(status).content_type("application/json").body(body.to_string())
}

/// `/metrics` in Prometheus' text format.
pub(super) fn metrics_route() -> BoxEndpoint<'static, Response> {
    get(make(|_| async { Response::builder().content_type("text/plain; version=0.0.4").body(metrics::render()).into_response() }))
        .map_to_response()
        .boxed()
}
