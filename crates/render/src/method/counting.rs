//! What is counted, what is left out, and what silence means.

use super::block::Block;
use crate::Lang;
use model::exact::Ratio;
use model::scheme::{Mark, MarkEffect, MarkKey, MarkRule, MarkTarget, Measure, Merge, On, Scheme, SilencePolicy};

/// Every measure.
pub(super) fn measures(lang: Lang, scheme: &Scheme) -> Vec<Block> {
    let rows = scheme.measures.iter().map(|measure| {
        [
            format!("`{}`", measure.id),
            lang.name(&measure.name).to_owned(),
            what(lang, measure),
            format!("`{}`", measure.condition),
            span(lang, scheme, measure),
        ]
    });
    vec![
        Block::Heading(lang.pick("计数口径", "What is counted").to_owned()),
        Block::Text(
            lang.pick(
                "从封存的事实按日、窗口、人员计数。条件里的列名见 docs/facts.md(每列的含义写在那里)。带“办结、叫号、期限”等字样的,记在该事件的那一天。",
                "Counted from sealed facts per day, window and person. docs/facts.md says what each column of a condition means. Cases count on the day of the event that is named.",
            )
            .to_owned(),
        ),
        Block::table(
            [
                "id",
                lang.pick("名称", "name"),
                lang.pick("数什么", "counts"),
                lang.pick("条件", "condition"),
                lang.pick("期间", "over"),
            ],
            rows,
        ),
        Block::List(attribution(lang)),
    ]
}

/// For whom and on which day a fact counts, and how times are taken: the same under every scheme.
fn attribution(lang: Lang) -> Vec<String> {
    let zh = [
        "办理时长:受理到办结之间的办公时间(工作日、办公时段),扣除有文书的暂停。与参照时间之比按件取千分数,四舍五入,封顶 3000。",
        "参照时间:同一事项、同一渠道前 12 个月的平均办理时长,低于第 5、高于第 95 百分位(最近秩)的拉到该值,至少 30 件,四舍五入到秒;不足时用同类事项的;冻结一年。未满 12 个月时用承诺时限,再用法定时限,都没有则无数据。",
        "办结算办结人;按时算办结人,超时算到期时的承办人;补正告知算受理人;流转与联办环节算各环节承办人;等候只算窗口。超期未结的在到期日记一次超时。",
        "评价算评价上的工号,没有工号的算当日该窗口唯一在岗的人,再没有的算办结人。截止日前到达的计入办结当月,晚到的计入到达当月。一件只计第一条评价。",
        "投诉随当时在岗的人;只有经确认因个人的才计个人。事发月份定稿之后才核实的,计入核实的月份;满一年不再计。",
    ];
    let en = [
        "Handling: office time from accepted to finished (working days, office hours) less documented pauses; per case in permille of the reference, rounded half up, at most 3000.",
        "Reference: the mean of the item's cases by the same channel over twelve months, times beyond the 5th and 95th percentile (nearest rank) drawn in, at least 30 cases, rounded half up to a second; else the item's category; frozen for a year. Until there are twelve months the promised limit, then the legal one, else no data.",
        "A finish counts for who finished; on time for who finished, late for who held the case at its deadline; a notice of what is missing for who accepted; hand-overs and stages for their holders; waiting for the window alone. A case that is not finished counts late once, on its deadline.",
        "A rating counts for the work number on it, else the one person posted at the window that day, else who finished. One that arrives before the cut-off counts in the month of the finish, a later one in the month it arrives. Only the first rating of a case counts.",
        "A complaint follows who was there; it reaches a person only if that person was confirmed as its cause. One that is founded after its month became final counts in the month of the verdict; after a year nowhere.",
    ];
    (if lang == Lang::Zh { zh } else { en }).map(str::to_owned).into()
}

fn what(lang: Lang, measure: &Measure) -> String {
    let event = measure.on.map_or("", |on| match on {
        On::Finish => lang.pick("办结日", "day of the finish"),
        On::Call => lang.pick("叫号日", "day of the call"),
        On::Due => lang.pick("办结与期限中较早一日", "day of the finish or the deadline, whichever is first"),
        On::Notice => {
            lang.pick("办结日,有补正的,算受理人", "day of the finish, of who accepted, where something was missing")
        }
        On::Stage => lang.pick("办结日,各环节承办人", "day of the finish, holders of stages"),
        On::Rating => lang.pick("评价", "ratings"),
    });
    let sum = measure.sum.to_string();
    let counted = if sum == "1" { lang.pick("记录数", "records").to_owned() } else { format!("Σ `{sum}`") };
    let table = measure.table.name();
    if event.is_empty() { format!("{table}: {counted}") } else { format!("{table} ({event}): {counted}") }
}

fn span(lang: Lang, scheme: &Scheme, measure: &Measure) -> String {
    let merge = match measure.merge {
        Merge::Sum => lang.pick("逐日相加", "added up").to_owned(),
        Merge::Last => lang.pick("取最后一日", "the last day").to_owned(),
        Merge::Weighted(by) => {
            format!("Σ {} × `{}`", lang.pick("日值", "daily value"), scheme.measures[by].id)
        }
    };
    match (measure.trail_months, lang) {
        (0, _) => merge,
        (months, Lang::Zh) => format!("近 {months} 个月,{merge}"),
        (months, Lang::En) => format!("{months} months back, {merge}"),
    }
}

/// The cleaning rules.
pub(super) fn cleaning(lang: Lang, scheme: &Scheme) -> Vec<Block> {
    let rows = scheme.marks.iter().map(|mark| {
        let targets: Vec<&str> = mark
            .targets
            .iter()
            .map(|target| match target {
                MarkTarget::Case => lang.pick("办件", "case"),
                MarkTarget::Rating => lang.pick("评价", "rating"),
            })
            .collect();
        let effect = match mark.effect {
            MarkEffect::Exclude => lang.pick("不计", "does not count"),
            MarkEffect::Flag => lang.pick("提示,照计", "shown, and counts"),
        };
        [
            format!("`{}`", mark.id),
            lang.name(&mark.reason).to_owned(),
            rule(lang, mark),
            targets.join(lang.pick("、", ", ")),
            effect.to_owned(),
        ]
    });
    vec![
        Block::Heading(lang.pick("清洗规则", "Cleaning").to_owned()),
        Block::Text(
            lang.pick(
                "只作标记,不删除;一日的标记只看当日的事实。两人签署的裁定高于规则。不计的评价既不算已评,也不算沉默。",
                "Marks delete nothing, and a day's marks depend on that day's facts alone. A ruling signed by two people stands above them. A rating left out is neither rated nor silent.",
            )
            .to_owned(),
        ),
        Block::table(
            [
                "id",
                lang.pick("理由", "reason"),
                lang.pick("规则", "rule"),
                lang.pick("标记对象", "on"),
                lang.pick("效果", "effect"),
            ],
            rows,
        ),
    ]
}

/// Which records a rule looks at, if not all.
fn of(lang: Lang, condition: &str) -> String {
    match (condition, lang) {
        ("true", _) => String::new(),
        (_, Lang::Zh) => format!("(范围 `{condition}`)"),
        (_, Lang::En) => format!(" (of `{condition}`)"),
    }
}

fn rule(lang: Lang, mark: &Mark) -> String {
    match &mark.rule {
        MarkRule::Where(condition) => format!("`{condition}`"),
        MarkRule::Repeat(repeat) => match lang {
            Lang::Zh => {
                format!(
                    "同一{}一日超过 {} 条,全部标记{}",
                    key(lang, repeat.by),
                    repeat.more_than,
                    of(lang, &repeat.of.to_string())
                )
            }
            Lang::En => format!(
                "more than {} by one {} in a day: all of them{}",
                repeat.more_than,
                key(lang, repeat.by),
                of(lang, &repeat.of.to_string())
            ),
        },
        MarkRule::Burst(burst) => match lang {
            Lang::Zh => format!(
                "同一{} {} 秒内 {} 条以上{}",
                key(lang, burst.by),
                burst.within_seconds,
                burst.at_least,
                of(lang, &burst.of.to_string())
            ),
            Lang::En => format!(
                "{} or more by one {} within {} seconds{}",
                burst.at_least,
                key(lang, burst.by),
                burst.within_seconds,
                of(lang, &burst.of.to_string())
            ),
        },
    }
}

fn key(lang: Lang, by: MarkKey) -> &'static str {
    match by {
        MarkKey::Rater => lang.pick("评价人", "rater"),
        MarkKey::Device => lang.pick("设备", "device"),
        MarkKey::Client => lang.pick("办事人", "citizen"),
    }
}

/// Whether those who did not rate count.
pub(super) fn silence(lang: Lang, scheme: &Scheme) -> Vec<Block> {
    let Some(ratings) = &scheme.ratings else { return Vec::new() };
    let heading = Block::Heading(lang.pick("未评价怎么算", "Those who did not rate").to_owned());
    let always = lang.pick(
        "参与率(已评 ÷ 邀请)与只按评价的满意率始终列在旁边。差评经第二人确认原因是政策、系统或设施的,只计窗口,不计个人。",
        "Participation (rated ÷ asked) and the rate of ratings alone always stand beside it. A bad rating whose cause a second person confirmed to be policy, system or facility counts for the window and for no person.",
    );
    let evidence = match &ratings.silence {
        SilencePolicy::Never => {
            let never = lang.pick("未评价的一律不计。", "Those who did not rate never count.");
            return vec![heading, Block::List(vec![never.to_owned(), always.to_owned()])];
        }
        SilencePolicy::OnEvidence(evidence) => evidence,
    };
    let name = lang.name(&scheme.indicators[ratings.indicator].name);
    let (n, percent) = (evidence.min_n, |share: &Ratio| format!("{}%", share.mul(&Ratio::whole(100))));
    let (satisfied, gap, tail) =
        (percent(&evidence.satisfied), percent(&evidence.gap), percent(&evidence.complaints_tail));
    let (least, of_median) = (percent(&evidence.participation), &evidence.of_median);
    let points = match lang {
        Lang::Zh => vec![
            format!(
                "“{name}”中,邀请后到截止日仍未评价的办件为沉默。每个窗口每期在关账时判定一次:有证据且无一项不通过,沉默才按满意计入分子与分母。"
            ),
            format!(
                "一、沉默件回访至少 {n} 人,满意率的单侧 95% Wilson 下界 ≥ {satisfied}(5x ≥ 4n 且 (5x − 4n)² ≥ 4 × 2.705543 × n)。"
            ),
            format!(
                "二、只按评价的满意率减去调查与回访满意率(两边各至少 {n}),Newcombe 单侧 95% 下界 ≤ {gap};第一项人数不足时上界也须 ≤ {gap}。"
            ),
            format!("三、有效投诉:若按办件数均匀落在本窗口与同类之间,出现这么多的概率 ≥ {tail}。"),
            format!("四、参与率 ≥ {least},且 ≥ 同类中位数的 {of_median}。"),
            always.to_owned(),
        ],
        Lang::En => vec![
            format!(
                "In “{name}”, a case that was asked for a rating and has none by the cut-off is silent. Judged once per window and period, at the close: only with evidence, and if nothing fails, it counts as satisfied above and below the line."
            ),
            format!(
                "1. Revisits of silent cases, at least {n}: the one-sided 95 % Wilson lower bound of the satisfied ≥ {satisfied} (5x ≥ 4n and (5x − 4n)² ≥ 4 × 2.705543 × n)."
            ),
            format!(
                "2. The rate of ratings alone less that of surveys and revisits, at least {n} each: Newcombe's one-sided 95 % lower bound ≤ {gap}; where 1 has too few, the upper bound, too."
            ),
            format!(
                "3. Founded complaints: the probability of as many, if they fell on this window and its peers by cases, ≥ {tail}."
            ),
            format!("4. Participation ≥ {least}, and ≥ {of_median} of the peers' median."),
            always.to_owned(),
        ],
    };
    vec![heading, Block::List(points)]
}
