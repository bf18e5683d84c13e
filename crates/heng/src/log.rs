//! What is logged, on standard error: lines for people, or one JSON object a line.

use app::home::LogFormat;
use tracing_subscriber::EnvFilter;

/// Begins to log. `HENG_LOG` says what, such as `info` or `web=debug`.
pub(crate) fn begin(format: LogFormat) {
    let filter = EnvFilter::try_from_env("HENG_LOG").unwrap_or_else(|_| "warn,sqlx=error".into());
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Text => lines.init(),
        LogFormat::Json => {
            lines.json().flatten_event(true).with_current_span(true).with_span_list(false).init();
            // Else a panic were the one thing that is no JSON.
            std::panic::set_hook(Box::new(|panic| tracing::error!(%panic, "a panic; please report it")));
        }
    }
}
