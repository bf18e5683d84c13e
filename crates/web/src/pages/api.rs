//! `/api/docs`: how programs report.

use crate::api::{Code, MAX_BODY_BYTES, Operation, Permission, operations};
use crate::problem::Problem;
use crate::visit::Visit;
use app::intake::{MAX_ITEMS, ProblemCode};
use axum::http::HeaderMap;
use axum::http::header::HOST;
use axum::response::Response;
use render::html::{ApiCode, ApiOperation, Asker, Frame};

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

/// What programs can ask for; reporting facts, which is once for each kind, stands there once.
fn listed() -> Vec<ApiOperation> {
    let of = |operation: &Operation| ApiOperation {
        id: operation.id.clone(),
        method: operation.method.to_string(),
        path: operation.path.clone(),
        summary: operation.described["summary"].as_str().unwrap_or_default().to_owned(),
        asker: match operation.permission {
            Permission::Anyone => Asker::Anyone,
            Permission::Source => Asker::Source,
            Permission::Rater => Asker::Rater,
        },
    };
    let is_push = |operation: &Operation| operation.id.starts_with("push_");
    let all = operations();
    let push = all.iter().find(|operation| is_push(operation)).map(|operation| ApiOperation {
        id: "push".to_owned(),
        path: "/api/v1/facts/{kind}".to_owned(),
        summary: "Report facts".to_owned(),
        ..of(operation)
    });
    push.into_iter().chain(all.iter().filter(|operation| !is_push(operation)).map(of)).collect()
}

fn page(visit: &Visit, address: &str) -> Result<String, Problem> {
    let (codes, items) = codes();
    let (frame, limits) = (Frame::Site(visit.site.clone()), (MAX_ITEMS, MAX_BODY_BYTES));
    Ok(render::html::api(visit.lang, &frame, address, &listed(), &codes, &items, limits)?)
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

    #[test]
    fn every_operation_has_chinese_words() {
        let listed = listed();
        assert_eq!(listed.iter().filter(|operation| operation.id == "push").count(), 1);
        for operation in listed {
            assert!(!operation.says(Lang::Zh).is_ascii(), "{}", operation.id);
            assert!(operation.says(Lang::En).is_ascii(), "{}", operation.id);
        }
    }
}
