//! What the windows do: service items with the time that is promised for them.

use crate::clock::WORKDAY;
use model::id::ItemCode;
use model::register::{Item, Validity};

/// The type of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Type {
    /// 高频简单
    Simple,
    /// 复杂审批
    Approval,
    /// 咨询
    Consulting,
    /// 综合
    General,
    /// 24 小时自助
    SelfService,
}

impl Type {
    pub(crate) const ALL: [Self; 5] =
        [Self::Simple, Self::Approval, Self::Consulting, Self::General, Self::SelfService];

    /// The profile of a scheme by which such windows are scored.
    pub(crate) fn profile(self) -> &'static str {
        match self {
            Self::Simple => "simple",
            Self::Approval => "approval",
            Self::Consulting => "consulting",
            Self::General => "default",
            Self::SelfService => "self_service",
        }
    }

    /// What people call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Simple => "便民服务",
            Self::Approval => "行政审批",
            Self::Consulting => "咨询导办",
            Self::General => "综合受理",
            Self::SelfService => "自助服务",
        }
    }

    /// Of 120 windows, how many are of this type.
    pub(crate) fn share(self) -> u32 {
        match self {
            Self::Simple => 48,
            Self::Approval => 24,
            Self::Consulting | Self::General => 18,
            Self::SelfService => 12,
        }
    }

    /// Of a thousand cases that a citizen comes for, how many more come over the net or the telephone.
    pub(crate) fn online_permille(self) -> i64 {
        match self {
            Self::Simple | Self::General => 150,
            Self::Approval => 350,
            Self::Consulting => 80,
            Self::SelfService => 0,
        }
    }
}

/// Where an item is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// At every window of a type.
    Of(Type),
    /// At a simple window that was given what takes long.
    Hard,
}

/// A service item.
#[derive(Debug)]
pub(crate) struct Kind {
    used: Use,
    name: &'static str,
    category: &'static str,
    /// The promised limit, in seconds of office time.
    pub(crate) promised: i64,
    /// What it takes at the counter: the whole for most, handing in the papers for approvals.
    pub(crate) counter: i64,
}

impl Kind {
    /// The deadline of the law, in seconds of office time. It is looser than the promise: of the durations that
    /// [`crate::shape`] draws, one in 36 is longer.
    pub(crate) fn legal(&self) -> i64 {
        self.promised * 5 / 2
    }
}

const fn minutes(used: Use, name: &'static str, category: &'static str, minutes: i64) -> Kind {
    Kind { used, name, category, promised: minutes * 60, counter: minutes * 60 }
}

const fn workdays(name: &'static str, days: i64, counter_minutes: i64) -> Kind {
    let used = Use::Of(Type::Approval);
    Kind { used, name, category: "行政许可", promised: days * WORKDAY, counter: counter_minutes * 60 }
}

/// Every item; its code is its position.
pub(crate) static ITEMS: &[Kind] = &[
    minutes(Use::Of(Type::Simple), "居民身份证换领", "户籍", 5),
    minutes(Use::Of(Type::Simple), "居住证签注", "户籍", 4),
    minutes(Use::Of(Type::Simple), "户籍证明开具", "户籍", 4),
    minutes(Use::Of(Type::Simple), "社会保障卡挂失补卡", "社保", 5),
    minutes(Use::Of(Type::Simple), "城乡居民医保参保登记", "社保", 6),
    minutes(Use::Of(Type::Simple), "住房公积金明细查询", "查询", 3),
    minutes(Use::Of(Type::Simple), "不动产登记资料查询", "查询", 3),
    minutes(Use::Of(Type::Simple), "老年人优待证办理", "民政", 5),
    minutes(Use::Of(Type::Simple), "个体工商户年报", "市场", 7),
    minutes(Use::Of(Type::Simple), "税务发票领用", "税务", 4),
    minutes(Use::Hard, "工伤保险待遇核定", "疑难", 35),
    minutes(Use::Hard, "跨省社保关系转移接续", "疑难", 30),
    minutes(Use::Hard, "户籍历史档案更正", "疑难", 40),
    workdays("食品经营许可", 5, 10),
    workdays("公共场所卫生许可", 5, 10),
    workdays("道路运输经营许可", 6, 12),
    workdays("施工许可证核发", 7, 14),
    workdays("人力资源服务许可", 8, 11),
    workdays("建设工程规划许可", 10, 15),
    workdays("医疗机构执业登记", 12, 14),
    workdays("排污许可证核发", 15, 15),
    minutes(Use::Of(Type::Consulting), "办事流程咨询", "咨询", 5),
    minutes(Use::Of(Type::Consulting), "社保政策咨询", "咨询", 6),
    minutes(Use::Of(Type::Consulting), "公积金政策咨询", "咨询", 6),
    minutes(Use::Of(Type::Consulting), "惠企政策解读", "咨询", 10),
    minutes(Use::Of(Type::Consulting), "意见建议受理", "咨询", 8),
    minutes(Use::Of(Type::General), "企业变更登记", "企业", 10),
    minutes(Use::Of(Type::General), "企业设立登记", "企业", 12),
    minutes(Use::Of(Type::General), "税务登记变更", "企业", 8),
    minutes(Use::Of(Type::General), "残疾人证办理", "民生", 9),
    minutes(Use::Of(Type::General), "最低生活保障申请", "民生", 12),
    minutes(Use::Of(Type::General), "公共租赁住房申请", "民生", 11),
    minutes(Use::Of(Type::SelfService), "营业执照打印", "自助", 3),
    minutes(Use::Of(Type::SelfService), "社保缴费证明打印", "自助", 3),
    minutes(Use::Of(Type::SelfService), "无犯罪记录证明打印", "自助", 4),
    minutes(Use::Of(Type::SelfService), "不动产登记证明打印", "自助", 4),
    minutes(Use::Of(Type::SelfService), "完税证明打印", "自助", 3),
];

/// The positions of the items of some use.
pub(crate) fn of(used: Use) -> Vec<usize> {
    (0..ITEMS.len()).filter(|at| ITEMS[*at].used == used).collect()
}

/// The code of an item.
pub(crate) fn code(item: usize) -> String {
    format!("S{:03}", item + 1)
}

/// The items as the register has them.
pub(crate) fn entries(valid: Validity) -> Vec<Item> {
    let entry = |(at, kind): (usize, &Kind)| Item {
        item: ItemCode::new(&code(at)),
        name: kind.name.to_owned(),
        category: Some(kind.category.to_owned()),
        promised_seconds: Some(kind.promised),
        legal_seconds: Some(kind.legal()),
        valid,
    };
    ITEMS.iter().enumerate().map(entry).collect()
}
