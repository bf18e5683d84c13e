//! What went wrong, in words.

use crate::Lang;
use app::backfill::BackfillError;
use app::backup::BackupError;
use app::collect::CollectError;
use app::home::{HomeError, LockError};
use app::import::{ImportError, ReadError};
use app::{AppError, LakeError, PeriodFix, StoreError};
use std::error::Error;

/// A failure with its causes, from the outermost in. Where no Chinese words are known, the English ones stand.
#[must_use]
pub fn text(lang: Lang, error: &(dyn Error + 'static)) -> String {
    app::causes(error, |cause| match lang {
        Lang::Zh => in_chinese(cause).unwrap_or_else(|| cause.to_string()),
        Lang::En => cause.to_string(),
    })
}

fn in_chinese(cause: &(dyn Error + 'static)) -> Option<String> {
    let of = cause.downcast_ref::<AppError>().and_then(of_app);
    let of = of.or_else(|| cause.downcast_ref::<HomeError>().and_then(of_home));
    let of = of.or_else(|| cause.downcast_ref::<LockError>().map(of_lock));
    let of = of.or_else(|| cause.downcast_ref::<StoreError>().and_then(of_store));
    let of = of.or_else(|| cause.downcast_ref::<LakeError>().and_then(of_lake));
    let of = of.or_else(|| cause.downcast_ref::<ImportError>().and_then(of_import));
    let of = of.or_else(|| cause.downcast_ref::<Box<ImportError>>().and_then(|error| of_import(error)));
    let of = of.or_else(|| cause.downcast_ref::<BackupError>().and_then(of_backup));
    let of = of.or_else(|| cause.downcast_ref::<BackfillError>().and_then(of_backfill));
    let of = of.or_else(|| cause.downcast_ref::<CollectError>().and_then(of_collect));
    of.or_else(|| cause.downcast_ref::<ReadError>().and_then(of_read))
}

fn of_app(error: &AppError) -> Option<String> {
    Some(match error {
        AppError::Home(error) => return of_home(error),
        AppError::Lake(error) => return of_lake(error),
        AppError::Store(_) => "数据库出错".to_owned(),
        AppError::Collect(error) => return of_collect(error),
        AppError::Backfill(error) => return of_backfill(error),
        AppError::Tally(_) | AppError::Unreadable { .. } => return None,
        AppError::NotOver { what, last, today } => format!("{what} 尚未结束:最后一天是 {last},今天是 {today}"),
        AppError::BeforeCutOff { period, cut_off, today } => {
            format!("{period} 还不能关账:截至 {cut_off} 的迟到评价仍要计入,今天是 {today}")
        }
        AppError::WrongPeriod { period, base, fix } => {
            let base = match base.as_str() {
                "month" => "月",
                "quarter" => "季度",
                "year" => "年",
                other => other,
            };
            format!("{period} 不直接计分:方案的考核周期是{base};{}", fix_text(*fix))
        }
        AppError::NothingSealed { period } => {
            format!("{period} 没有封存的数据;先导入,再 heng close --period {period}")
        }
        AppError::NotSealed { period, count, first } => {
            format!("{period} 有 {count} 天未封存或封存后有变动,最早是 {first};请运行 heng close --period {period}")
        }
        AppError::NotClosed { period } => {
            format!("{period} 还没有按这套方案关账;请先 heng close --period {period}")
        }
        AppError::Final { period, since } => {
            format!("{period} 自 {since} 起已终局:分数不再改变,之后得知的事计入之后")
        }
        AppError::UnknownMark { mark, known } => format!("方案没有清洗规则 `{mark}`;有 {known}"),
        AppError::UnknownUnit { unit, period, near } => {
            let near = if near.is_empty() { String::new() } else { format!(";是不是 {}?", near.join("、")) };
            format!("{period} 没有窗口或人员 `{unit}`{near}")
        }
        AppError::Worker => "计算线程意外结束".to_owned(),
    })
}

fn fix_text(fix: PeriodFix) -> &'static str {
    match fix {
        PeriodFix::CloseBasePeriods => "请逐个关账其考核周期,更长的周期取平均",
        PeriodFix::ExplainBasePeriod => "请解释其中一个考核周期,更长周期的得分是它们的平均",
        PeriodFix::NameWholePeriods => "请写由完整考核周期组成的区间",
        PeriodFix::NameFirstAndLast => "请写首末两个考核周期,先早后晚",
    }
}

fn of_home(error: &HomeError) -> Option<String> {
    Some(match error {
        HomeError::NoHome { path } => format!("{path}:这里没有家目录;用 heng --home {path} init 新建"),
        HomeError::Exists { path } => format!("{path}:这里已有家目录,未作改动"),
        HomeError::Lock(error) => of_lock(error),
        HomeError::Lake(error) => return of_lake(error),
        HomeError::Key { path, found } => format!("{path}:密钥应为 32 字节,现有 {found} 字节;请从备份恢复"),
        HomeError::Io { .. }
        | HomeError::Config { .. }
        | HomeError::Scheme { .. }
        | HomeError::Calendar { .. }
        | HomeError::Rulings { .. }
        | HomeError::Register(_)
        | HomeError::Store { .. } => return None,
    })
}

fn of_lock(error: &LockError) -> String {
    match error {
        LockError::Held { path, holder } => format!("{path}:家目录正被 {holder} 使用;请等它结束"),
        LockError::Io { path, .. } => format!("{path}:家目录无法加锁"),
    }
}

fn of_store(error: &StoreError) -> Option<String> {
    Some(match error {
        StoreError::Gone => "数据库缺失或为空;请从备份恢复(新建的家目录自带数据库)".to_owned(),
        StoreError::Database(_) => "数据库出错".to_owned(),
        StoreError::Migration(_) => "数据库的表无法升级".to_owned(),
        StoreError::CorruptRow { table, row, column, problem } => {
            format!("表 {table} 第 {row} 行的 {column} 列已损坏:{problem}")
        }
        StoreError::Url { problem } => {
            format!("database_url 无法使用:{problem};请写成 postgres://用户:密码@主机:5432/heng")
        }
        StoreError::Version { found, expected, .. } if found < expected => {
            format!("数据库的表为第 {found} 版,本程序需要第 {expected} 版;请先运行 heng migrate")
        }
        StoreError::Version { found, expected, .. } => {
            format!("数据库的表为第 {found} 版,本程序只认识到第 {expected} 版;请使用新版程序")
        }
        StoreError::NotEmpty => "目标数据库里已有内容;请指定一个空的数据库".to_owned(),
        StoreError::Miscopied { table } => format!("表 {table} 的副本与原表不一致"),
        StoreError::Busy => "等待写入的操作太多;请一秒后再试".to_owned(),
        StoreError::Closed => "数据库正在关闭".to_owned(),
        StoreError::RowsAffected { .. } | StoreError::Json(_) => return None,
    })
}

fn of_collect(error: &CollectError) -> Option<String> {
    Some(match error {
        CollectError::NoToken { source_name, place } => format!("{source_name}:缺少令牌:{place}"),
        CollectError::NoAnswer { url, problem } => format!("{url}:没有应答:{problem}"),
        CollectError::NotWhole { url, problem } => format!("{url}:答复不完整:{problem}"),
        CollectError::NoFolder { path, problem } => format!("{path}:无法查看该文件夹:{problem}"),
        CollectError::NoFile { path, problem } => format!("{path}:无法读取该文件:{problem}"),
        CollectError::Store(_) => "数据库出错".to_owned(),
        CollectError::Mapping(_) | CollectError::Import { .. } => return None,
    })
}

fn of_backup(error: &BackupError) -> Option<String> {
    Some(match error {
        BackupError::Home(error) => return of_home(error),
        BackupError::App(error) => return of_app(error),
        BackupError::Lake(error) => return of_lake(error),
        BackupError::Store { .. } | BackupError::Io { .. } => return None,
        BackupError::Taken { path } => format!("{path}:这里已有内容;请指定尚不存在的文件夹"),
        BackupError::NotWhole { path, problem } => format!("{path}:不是完整的备份:{problem}"),
    })
}

fn of_lake(error: &LakeError) -> Option<String> {
    Some(match error {
        LakeError::Storage { path, .. } => format!("{path}:存储出错"),
        LakeError::Unreachable { path, place, problem } => {
            format!("{path}:存储 {place} 出错:{problem};请检查后重试,没有留下做了一半的事")
        }
        LakeError::Refused { path, place, problem } => {
            format!("{path}:存储 {place} 拒绝:{problem};请核对 storage_url、HENG_S3_ACCESS_KEY 与 HENG_S3_SECRET_KEY")
        }
        LakeError::Unconditional { place } => {
            format!("{place}:该存储不支持“仅当不存在时新建”(If-None-Match: *);封存文件需要支持它的存储")
        }
        LakeError::Missing { path } => format!("{path}:文件缺失;请从备份恢复,或重新日结"),
        LakeError::Damaged { path, expected, found } => {
            format!("{path}:已损坏,现 SHA-256 为 {found},封存时为 {expected};请从备份恢复,或重新日结")
        }
        LakeError::Unreadable { path, problem } => format!("{path}:无法读取:{problem}"),
        LakeError::TooManyRows { path, rows } => format!("{path}:一天有 {rows} 行,超过可计数的上限"),
        LakeError::Encoding { .. } => return None,
    })
}

fn of_backfill(error: &BackfillError) -> Option<String> {
    Some(match error {
        BackfillError::Import(error) => return of_import(error),
        BackfillError::App(error) => return of_app(error),
        BackfillError::Register { path } => format!("{path}:这个映射读的是登记;请用 heng import 导入"),
        BackfillError::Busy { path } => format!("{path}:另一次补录正在进行;请等它结束"),
        BackfillError::TooMuch { what, most } => {
            let what = match *what {
                "bytes of free text" => "字节文字",
                "different codes" => "种代码",
                _ => "条记录",
            };
            format!("一次补录最多 {most} {what};请分几次补录")
        }
        BackfillError::Io { path, source } => format!("{path}:{source}"),
        BackfillError::Spill => "补录的临时文件与写入时不同;请检查磁盘".to_owned(),
        BackfillError::Overtaken => "同样的记录一直在上报;请在来源安静时再试".to_owned(),
    })
}

fn of_import(error: &ImportError) -> Option<String> {
    Some(match error {
        ImportError::Read(error) => return of_read(error),
        ImportError::Rejects { path, source } => format!("{path}:坏行无法写出:{source}"),
        ImportError::Store(_) => "事实无法存入数据库".to_owned(),
        ImportError::TooManyRows { path } => format!("{path}:要合并的行太多;请拆分文件"),
        ImportError::Register(_) => return None,
    })
}

fn of_read(error: &ReadError) -> Option<String> {
    match error {
        ReadError::MissingColumns { path, missing, found } => Some(format!("{path}:文件没有列 {missing};有 {found}")),
        ReadError::UnknownFormat { path } => Some(format!(
            "{path}:看不出文件格式;请在映射里写 format = \"csv\"、\"ndjson\"、\"json\"、\"xlsx\" 或 \"parquet\""
        )),
        ReadError::Parquet(error) => of_lake(error),
        ReadError::Io { .. } | ReadError::Broken { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::time::Day;

    #[test]
    fn failures_name_the_cause_the_place_and_the_next_step() {
        let check = |error: &(dyn Error + 'static), zh: &str, en: &str| {
            assert_eq!(text(Lang::Zh, error), zh);
            assert_eq!(text(Lang::En, error), en);
        };
        let day = |text: &str| Day::parse(text).expect("a day");
        check(
            &AppError::NotSealed { period: "2026-03".to_owned(), count: 2, first: day("2026-03-05") },
            "2026-03 有 2 天未封存或封存后有变动,最早是 2026-03-05;请运行 heng close --period 2026-03",
            "2026-03: 2 days are not sealed or have changed since, the first is 2026-03-05; run `heng close --period 2026-03`",
        );
        let lost = AppError::Home(HomeError::Lake(LakeError::Missing { path: "days/x".to_owned() }));
        check(
            &lost,
            "days/x:文件缺失;请从备份恢复,或重新日结",
            "days/x: the file is missing; restore it from a backup, or close the day again",
        );
        let place = "s3://heng/a at http://h:1".to_owned();
        check(
            &LakeError::Unreachable { path: "days/x".to_owned(), place: place.clone(), problem: "refused".to_owned() },
            "days/x:存储 s3://heng/a at http://h:1 出错:refused;请检查后重试,没有留下做了一半的事",
            "days/x: the storage s3://heng/a at http://h:1 fails: refused; see to it and try again, nothing is half-done",
        );
        check(
            &LakeError::Unconditional { place },
            "s3://heng/a at http://h:1:该存储不支持“仅当不存在时新建”(If-None-Match: *);封存文件需要支持它的存储",
            "s3://heng/a at http://h:1: this storage cannot be told to create a file only where there is none (If-None-Match: *); sealed files need one that can",
        );
        let gone = HomeError::Store { path: "/h/heng.db".to_owned(), source: StoreError::Gone };
        check(
            &gone,
            "/h/heng.db: 数据库缺失或为空;请从备份恢复(新建的家目录自带数据库)",
            "/h/heng.db: the database is missing or empty; restore it from a backup (a new home has one)",
        );
    }
}
