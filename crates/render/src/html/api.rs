//! The page for those who write programs that report to Heng.

use super::Frame;
use crate::{Lang, RenderError};
use askama::Template;
use model::fact::Kind;

/// What can go wrong with a request: its code, its status, and what it means.
#[derive(Clone, Debug)]
pub struct ApiCode {
    /// The code; it stays.
    pub name: &'static str,
    /// The status of the answer.
    pub status: u16,
    /// What it means.
    pub meaning: &'static str,
}

/// What programs can ask for.
#[derive(Clone, Debug)]
pub struct ApiOperation {
    /// Its name in the OpenAPI document; it stays.
    pub id: String,
    /// GET or POST.
    pub method: String,
    /// The address.
    pub path: String,
    /// What it does, in English.
    pub summary: String,
    /// Who may ask.
    pub asker: Asker,
}

/// Who may ask for an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    /// Everybody who reaches the server.
    Anyone,
    /// A source, by its token.
    Source,
    /// A device by its token, or a citizen by the ticket of a case.
    Rater,
}

impl ApiOperation {
    /// What it does, in a language.
    #[must_use]
    pub fn says(&self, lang: Lang) -> &str {
        lang.pick(operation_in_chinese(&self.id).unwrap_or(&self.summary), &self.summary)
    }

    /// By what it is asked for.
    #[must_use]
    pub fn by(&self, lang: Lang) -> &'static str {
        match self.asker {
            Asker::Anyone => lang.pick("无须凭据", "nothing"),
            Asker::Source => lang.pick("来源的令牌", "a source's token"),
            Asker::Rater => lang.pick("设备的令牌,或办件的评价券", "a device's token, or the ticket of a case"),
        }
    }
}

fn operation_in_chinese(id: &str) -> Option<&'static str> {
    Some(match id {
        "rate" => "提交评价",
        "issue_tickets" => "发放评价券(二维码)",
        "stream" => "当日实时数据,逐条推送(server-sent events)",
        "live" => "当日此刻的数据,供定时查询",
        "alive" => "服务在运行",
        "ready" => "数据库有应答",
        "window_stats" => "某窗口某日的数据",
        "openapi" => "本接口的机器可读全文",
        "push" => "上报事实",
        _ => return None,
    })
}

#[derive(Template)]
#[template(path = "api.html")]
struct Page<'a> {
    lang: Lang,
    frame: &'a Frame,
    title: &'a str,
    example: &'a str,
    answer: &'a str,
    operations: &'a [ApiOperation],
    kinds: &'a [(Kind, &'static str)],
    codes: &'a [ApiCode],
    items: &'a [ApiCode],
    max_items: usize,
    max_megabytes: usize,
}

impl ApiCode {
    /// What it means, in a language.
    #[must_use]
    pub fn says(&self, lang: Lang) -> &'static str {
        lang.pick(in_chinese(self.name).unwrap_or(self.meaning), self.meaning)
    }
}

fn in_chinese(code: &str) -> Option<&'static str> {
    Some(match code {
        "not_json" => "不是 JSON,或内容不完整",
        "bad_item" => "内容里有一条的某个字段不合规定",
        "bad_query" => "查询参数无法识别",
        "unauthorized" => "没有令牌,或令牌已失效",
        "kind_not_allowed" => "令牌不适用于这类事实",
        "window_not_allowed" => "令牌不适用于这个窗口",
        "not_found" => "没有这样的内容",
        "method_not_allowed" => "该地址不接受这种方法",
        "too_large" => "内容过大",
        "too_many_items" => "一次报得太多",
        "unsupported_type" => "既不是 JSON 也不是 NDJSON",
        "overloaded" => "正在处理的太多,请稍后重发",
        "failed" => "服务端出错,与请求无关",
        "unavailable" => "数据库没有应答,请稍后重发",
        "not_an_object" => "每条必须是一个 JSON 对象",
        "bad_id" => "没有编号,或编号为空、过长、含控制字符",
        "unknown_field" => "这类事实没有这个字段",
        "bad_value" => "类型不对,或超出范围",
        "missing_field" => "缺少必填字段",
        "undated" => "没有任何时间说明何时发生",
        "dated_ahead" => "日期超前今天一天以上",
        _ => return None,
    })
}

/// The kind in words.
fn name(lang: Lang, kind: Kind) -> &'static str {
    let (zh, en) = match kind {
        Kind::Case => ("办件", "Cases"),
        Kind::Rating => ("评价", "Ratings"),
        Kind::Complaint => ("投诉 / 12345", "Complaints"),
        Kind::Inspection => ("暗访与督查", "Inspections"),
        Kind::Survey => ("满意度调查与回访", "Surveys and revisits"),
        Kind::Exam => ("考试", "Exams"),
        Kind::Activity => ("活动", "Activities"),
        Kind::Violation => ("负面清单事件", "Events of the negative list"),
        Kind::Operation => ("业务系统操作", "Operations in business systems"),
        Kind::Statistic => ("直报指标", "Figures reported as such"),
    };
    lang.pick(zh, en)
}

/// How facts are pushed, with every kind's fields and every code of a problem. `address` is where the server was reached.
pub fn api(
    lang: Lang,
    frame: &Frame,
    address: &str,
    operations: &[ApiOperation],
    codes: &[ApiCode],
    items: &[ApiCode],
    (max_items, max_bytes): (usize, usize),
) -> Result<String, RenderError> {
    let example = format!(
        "curl -X POST {address}/api/v1/facts/rating \\\n  -H 'Authorization: Bearer heng_…' \\\n  -H 'Content-Type: application/json' \\\n  -d '[{{\"id\": \"R1\", \"case_id\": \"A1\", \"rated_at\": \"2026-03-05T09:31:00+08:00\", \"level\": 4, \"scale\": 4}}]'"
    );
    let answer = "{\"received\": 1, \"new\": 1, \"same\": 0, \"conflicts\": 0, \"refused\": 0,\n \"items\": [{\"index\": 0, \"id\": \"R1\", \"revision\": 0, \"status\": 201, \"result\": \"new\"}]}";
    let page = Page {
        lang,
        frame,
        title: lang.pick("接口", "Interface for programs"),
        example: &example,
        answer,
        operations,
        kinds: &Kind::ALL.map(|kind| (kind, name(lang, kind))),
        codes,
        items,
        max_items,
        max_megabytes: max_bytes >> 20,
    };
    Ok(page.render()?)
}
