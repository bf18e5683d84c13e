//! Weights, indicators, and the way from a count to points.

use super::block::Block;
use super::units;
use crate::Lang;
use model::exact::Ratio;
use model::scheme::{Curve, Empty, Indicator, Scheme};

/// The table of weights, one column per type of window.
pub(super) fn weights(lang: Lang, scheme: &Scheme) -> Vec<Block> {
    let mut head = vec![lang.pick("指标", "indicator").to_owned()];
    head.extend(scheme.profiles.iter().map(|profile| format!("{} [{}]", lang.name(&profile.name), profile.id)));
    let mut rows = Vec::new();
    for (at, layer) in scheme.layers.iter().enumerate() {
        rows.push(labelled(format!("**{}**", lang.name(&layer.name)), scheme, |_| layer.weight.clone()));
        for (index, group) in scheme.groups.iter().enumerate().filter(|(_, group)| group.layer == at) {
            let of_group = |weights: &[Ratio]| {
                let own = scheme.indicators.iter().zip(weights).filter(|(indicator, _)| indicator.group == index);
                own.map(|(_, weight)| weight.clone()).sum::<Ratio>()
            };
            rows.push(labelled(lang.name(&group.name).to_owned(), scheme, of_group));
            for (place, indicator) in
                scheme.indicators.iter().enumerate().filter(|(_, indicator)| indicator.group == index)
            {
                let label = format!("· {} [{}]", lang.name(&indicator.name), indicator.id);
                rows.push(labelled(label, scheme, |weights| weights[place].clone()));
            }
        }
    }
    let mut blocks = vec![
        Block::Heading(lang.pick("指标与权重", "Indicators and weights").to_owned()),
        Block::Text(
            lang.pick(
                "权重合计 100。层与组的数字是其中指标权重之和;空格表示该类窗口没有这项指标。",
                "Weights sum to 100. Layers and groups show the sum of their indicators; a type without an indicator has no weight there.",
            )
            .to_owned(),
        ),
        Block::Table(head, rows),
    ];
    let bounds: Vec<String> = scheme.profiles.iter().flat_map(|profile| bounds(lang, profile)).collect();
    if !bounds.is_empty() {
        blocks.push(Block::Text(
            lang.pick(
                "权重的界限(对名义权重;转移后越界的单位计分、不排名):",
                "Bounds on nominal weights (where moved weights break one, a unit is scored and not ranked):",
            )
            .to_owned(),
        ));
        blocks.push(Block::List(bounds));
    }
    if !scheme.window_weights.is_empty() {
        let own = scheme.window_weights.iter().map(|(window, (layer, weights))| {
            let weights = scheme.indicators.iter().zip(weights).filter(|(_, weight)| !weight.is_zero());
            let weights: Vec<String> =
                weights.map(|(indicator, weight)| format!("{} {weight}", indicator.id)).collect();
            format!("{window} · {}: {}", lang.name(&scheme.layers[*layer].name), weights.join(", "))
        });
        blocks.push(Block::Text(lang.pick("另有权重的窗口:", "Windows with weights of their own:").to_owned()));
        blocks.push(Block::List(own.collect()));
    }
    blocks
}

fn labelled(label: String, scheme: &Scheme, of: impl Fn(&[Ratio]) -> Ratio) -> Vec<String> {
    let weight = |weight: Ratio| if weight.is_zero() { String::new() } else { weight.to_string() };
    std::iter::once(label).chain(scheme.profiles.iter().map(|profile| weight(of(&profile.weights)))).collect()
}

fn bounds(lang: Lang, profile: &model::scheme::Profile) -> Vec<String> {
    let bound = |bound: &model::scheme::Bound| {
        let limits = [(&bound.at_least, "≥"), (&bound.at_most, "≤"), (&bound.more_than, ">")];
        let limits: Vec<String> =
            limits.iter().filter_map(|(limit, sign)| Some(format!("{sign} {}", limit.as_ref()?))).collect();
        format!("{}: {} {}", lang.name(&profile.name), bound.tags.join(" ∪ "), limits.join(", "))
    };
    profile.bounds.iter().map(bound).collect()
}

/// Every indicator with its ratio, its curve and its conditions.
pub(super) fn indicators(lang: Lang, scheme: &Scheme) -> Vec<Block> {
    let rows = scheme.indicators.iter().map(|indicator| {
        [
            format!("{} [{}]", lang.name(&indicator.name), indicator.id),
            ratio(lang, scheme, indicator),
            curve(lang, scheme, &indicator.curve),
            conditions(lang, scheme, indicator),
            units(lang, &indicator.units).to_owned(),
        ]
    });
    vec![
        Block::Heading(lang.pick("每项指标怎么算", "How each indicator is computed").to_owned()),
        Block::table(
            [
                lang.pick("指标", "indicator"),
                lang.pick("指标值 v", "value v"),
                lang.pick("得分(0…100)", "points (0…100)"),
                lang.pick("条件", "conditions"),
                lang.pick("对象", "for"),
            ],
            rows,
        ),
    ]
}

fn ratio(lang: Lang, scheme: &Scheme, indicator: &Indicator) -> String {
    let Some((above, below)) = indicator.ratio else {
        return lang.pick("由其他指标得出", "from other indicators").to_owned();
    };
    let factor = if indicator.factor == Ratio::ONE { String::new() } else { format!(" × {}", indicator.factor) };
    format!("`{}` ÷ `{}`{factor}", scheme.measures[above].id, scheme.measures[below].id)
}

fn curve(lang: Lang, scheme: &Scheme, of: &Curve) -> String {
    match of {
        Curve::Linear { floor, target, .. } => match lang {
            Lang::Zh => format!("100 × (v − {floor}) ÷ ({target} − {floor}),限于 0 至 100"),
            Lang::En => format!("100 × (v − {floor}) ÷ ({target} − {floor}), within 0 and 100"),
        },
        Curve::Piecewise(points) => format!(
            "{}: {}",
            lang.pick("折线,两端以外取端点", "straight lines between points, level beyond them"),
            pairs(points)
        ),
        Curve::Steps(points) => {
            format!("{}: {}", lang.pick("已达到的最后一级", "the last step that is reached"), pairs(points))
        }
        Curve::BestOf(curves) => {
            let parts: Vec<String> = curves.iter().map(|part| curve(lang, scheme, part)).collect();
            format!("{}: {}", lang.pick("取最优", "the best of"), parts.join("; "))
        }
        Curve::Consistency { levels, of } => {
            let parts = of.iter().map(|part| {
                format!(
                    "({} − {}) ÷ ({} − {})",
                    scheme.indicators[part.indicator].id, part.floor, part.threshold, part.floor
                )
            });
            let parts: Vec<String> = parts.collect();
            format!("⌊{levels} × {}⌋ ÷ {levels} × 100: {}", lang.pick("最小者", "the lowest"), parts.join(", "))
        }
        Curve::Rank => {
            lang.pick("100 × 同类中低于它的比例,并列各算一半", "100 × the share of peers below, ties half").to_owned()
        }
        Curve::Achievement { .. } | Curve::Improvement { .. } => of.formula(),
    }
}

fn pairs(points: &[(Ratio, Ratio)]) -> String {
    points.iter().map(|(value, points)| format!("{value} → {points}")).collect::<Vec<_>>().join(", ")
}

fn conditions(lang: Lang, scheme: &Scheme, indicator: &Indicator) -> String {
    let mut list = Vec::new();
    if let Some(n) = indicator.n {
        let id = &scheme.measures[n].id;
        list.push(if indicator.min_n > 0 {
            format!("n = `{id}` ≥ {}", indicator.min_n)
        } else {
            format!("n = `{id}`")
        });
    }
    for (measure, least) in &indicator.requires {
        list.push(format!("`{}` ≥ {least}", scheme.measures[*measure].id));
    }
    if indicator.shrink > 0 {
        list.push(format!("{} m = {}", lang.pick("收缩", "shrunk,"), indicator.shrink));
    }
    list.push(
        match indicator.empty {
            Empty::NoData => lang.pick("分母为 0:无数据", "nothing below the line: no data"),
            Empty::NotApplicable => lang.pick("分母为 0:不适用", "nothing below the line: not applicable"),
        }
        .to_owned(),
    );
    list.join(lang.pick(";", "; "))
}

/// From a count to points, and how weight moves.
pub(super) fn arithmetic(lang: Lang, scheme: &Scheme) -> Vec<Block> {
    let (periods, least) = scheme.shrinkage;
    let zh = vec![
        "v = 分子 ÷ 分母(乘表中系数)。分母为 0 时按表中所写;n 不足最低数或附加条件不满足时为“样本不足”。零是有效的值。".to_owned(),
        format!("收缩:v = (分子 + m × p₀) ÷ (分母 + m)。p₀ 是同类单位(含本单位)此前 {periods} 个周期分子之和与分母之和的商;有数据的周期少于 {least} 个时不收缩(m = 0)。"),
        "得分由曲线给出,限于 0 至 100,只在此舍入一次:九位小数,四舍六入五成双。".to_owned(),
        "不适用、无数据、样本不足的指标没有得分,其权重按比例转移:先在组内,组内都没有则在层内,层内都没有则在全部。因本单位自身行为缺数据、经两人确认的,得 0 分,不转移。".to_owned(),
    ];
    let en = vec![
        "v = numerator ÷ denominator (times the factor, if there is one). With nothing below the line, as the table says; with n below its minimum or another condition unmet, *too few records*. Zero is a value.".to_owned(),
        format!("Shrinkage: v = (numerator + m × p₀) ÷ (denominator + m). p₀ is Σ numerators ÷ Σ denominators of the peers, the unit included, over the {periods} periods before; with data in fewer than {least} of them m = 0."),
        "The curve gives points within 0 and 100, rounded once, to nine decimals, half even.".to_owned(),
        "Indicators that are not applicable, have no data or too few records have no points; their weight moves in proportion: inside the group, or if the whole group has none inside the layer, or if the whole layer has none over the total. Missing by the unit's own act, confirmed by two people: 0 points, and no move.".to_owned(),
    ];
    vec![
        Block::Heading(lang.pick("从计数到得分", "From counts to points").to_owned()),
        Block::List(if lang == Lang::Zh { zh } else { en }),
    ]
}
