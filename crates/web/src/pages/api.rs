//! `/api/docs`: how programs report.

use crate::api::{Code, MAX_BODY_BYTES};
use crate::problem::Problem;
use crate::visit::Visit;
use app::intake::{MAX_ITEMS, ProblemCode};
use axum::http::HeaderMap;
use axum::http::header::HOST;
use axum::response::Response;
use render::html::{ApiCode, Frame};

pub(crate) async fn show(visit: Visit, headers: HeaderMap) -> Response {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1");
    let page = page(&visit, &format!("http://{host}"));
    visit.answer(page)
}

/// The codes of requests, and of items.
fn codes() -> (Vec<ApiCode>, Vec<ApiCode>) {
    let codes = Code::ALL.map(|code| {
        let (name, status, meaning) = code.parts();
        ApiCode { name, status: status.as_u16(), meaning }
    });
    let items = ProblemCode::ALL.map(|code| ApiCode { name: code.name(), status: 422, meaning: code.meaning() });
    (codes.into(), items.into())
}

fn page(visit: &Visit, address: &str) -> Result<String, Problem> {
    let (codes, items) = codes();
    let frame = Frame::Site(visit.site.clone());
    Ok(render::html::api(visit.lang, &frame, address, &codes, &items, (MAX_ITEMS, MAX_BODY_BYTES))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use render::Lang;

    #[test]
    fn every_code_has_chinese_words() {
        let (codes, items) = codes();
        for code in codes.iter().chain(&items) {
            assert!(!code.says(Lang::Zh).is_ascii(), "{}", code.name);
            assert!(code.says(Lang::En).is_ascii(), "{}", code.name);
        }
    }
}
