//! One line an event, readable and filterable: JSON or text. Secrets and query strings never reach it.

use tracing_subscriber::EnvFilter;

use crate::config::LogFormat;

/// Starts logging to standard error; a second call does nothing.
pub(super) fn start(level: &str, format: LogFormat) {
    let filter = EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let _ = match format {
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
        LogFormat::Text => builder.try_init(),
    };
}
