//! Why a page cannot be shown.

use app::AppError;
use axum::extract::rejection::QueryRejection;
use axum::http::StatusCode;
use render::{Lang, RenderError, failure};

/// Why a page cannot be shown.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    /// The address asks for something that there is not.
    #[error("{0}")]
    Missing(String),
    /// The home has nothing to show yet.
    #[error("no period is closed")]
    Empty,
    /// The home refused.
    #[error(transparent)]
    App(#[from] AppError),
    /// The page could not be written.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// The work was stopped.
    #[error("the work was stopped")]
    Stopped,
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::Missing(rejection.to_string())
    }
}

impl From<store::StoreError> for Problem {
    fn from(error: store::StoreError) -> Self {
        Self::App(error.into())
    }
}

impl Problem {
    /// The status of the answer.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Missing(_)
            | Self::Empty
            | Self::App(
                AppError::UnknownUnit { .. }
                | AppError::NothingSealed { .. }
                | AppError::NotSealed { .. }
                | AppError::NotClosed { .. }
                | AppError::WrongPeriod { .. },
            ) => StatusCode::NOT_FOUND,
            Self::App(_) | Self::Render(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Stopped => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// What is wrong.
    pub(crate) fn cause(&self, lang: Lang) -> String {
        match self {
            Self::App(error) => failure::text(lang, error),
            Self::Missing(what) => match lang {
                Lang::Zh => format!("没有找到:{what}"),
                Lang::En => format!("not found: {what}"),
            },
            Self::Empty => lang.pick("还没有关账的周期。", "No period is closed yet.").to_owned(),
            Self::Render(_) | Self::Stopped => self.to_string(),
        }
    }

    /// What stands at the top of the page.
    pub(crate) fn title(&self, lang: Lang) -> &'static str {
        match self.status() {
            StatusCode::NOT_FOUND => match self {
                Self::Empty => lang.pick("还没有可看的成绩", "No scores yet"),
                _ => lang.pick("这里没有这样的内容", "There is no such thing here"),
            },
            StatusCode::SERVICE_UNAVAILABLE => lang.pick("请稍候再试", "Please try again"),
            _ => lang.pick("出了问题", "Something went wrong"),
        }
    }

    /// What can be done.
    pub(crate) fn next(&self, lang: Lang) -> Vec<String> {
        let steps: &[(&str, &str)] = match self {
            Self::Empty => &[
                ("导入数据:heng import --map <映射> <文件>", "Bring in facts: heng import --map FILE PATH"),
                ("关账:heng close --period 2026-06", "Close a period: heng close --period 2026-06"),
                ("先看一座虚构的城市:heng demo", "Look at a made-up city first: heng demo"),
            ],
            Self::Missing(_) | Self::App(AppError::UnknownUnit { .. }) => {
                &[("核对网址,或从排名进入", "Check the address, or start from the ranking")]
            }
            Self::App(AppError::NothingSealed { .. } | AppError::NotSealed { .. } | AppError::NotClosed { .. }) => {
                &[("先日结或关账:heng close --help", "Close the days or the period first: heng close --help")]
            }
            Self::App(_) | Self::Render(_) => &[
                ("检查家目录:heng doctor", "Check the home: heng doctor"),
                ("看服务的日志", "Read the log of the server"),
            ],
            Self::Stopped => &[],
        };
        steps.iter().map(|(zh, en)| lang.pick(zh, en).to_owned()).collect()
    }
}
