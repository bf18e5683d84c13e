//! The help in Chinese: each English text of `cli.rs` with its Chinese one.

use clap::builder::StyledStr;
use clap::{Arg, Command};

/// How a page of help is laid out, with Chinese headings.
const PAGE: &str = "{before-help}{about-with-newline}\n用法: {usage}\n\n{all-args}{after-help}";

/// English text, Chinese text.
const TEXTS: &[(&str, &str)] = &[
    (
        "衡 · fair assessment of government service windows: a score that anyone can recompute",
        "衡 · 政务服务窗口公平考核:谁都能重算的分数",
    ),
    (
        "The home: configuration, register, facts, scores [default: the XDG data folder]",
        "家目录:配置、登记、事实、分数 [默认:XDG 数据目录]",
    ),
    ("Language of texts for people [default: from LANG, else zh]", "界面语言 [默认:依 LANG,否则中文]"),
    ("Print help", "显示帮助"),
    ("Print help (see more with '--help')", "显示帮助(--help 更详细)"),
    ("Print help (see a summary with '-h')", "显示帮助(-h 为摘要)"),
    ("Print version", "显示版本"),
    ("Print this message or the help of the given subcommand(s)", "显示本帮助,或某个命令的帮助"),
    (
        "Make up a city, import it, close half a year, rank its windows, say what is odd, and show the pages",
        "虚构一座城市:导入、关账半年、排名、指出异常,并打开页面",
    ),
    ("Make a new home", "新建家目录"),
    ("Fetch what the systems and folders of heng.toml have to tell", "从 heng.toml 所列系统和文件夹采集数据"),
    (
        "A bucket for the sealed files instead of the folder lake: `s3://bucket/prefix`",
        "封存文件放进存储桶,代替 lake 文件夹:s3://桶/前缀",
    ),
    (
        "Without a URL the database is a file, and the sealed files lie in the folder, wherever they were before.",
        "不写 URL 时,无论原来在哪里,数据库都是文件,封存文件都在文件夹里。",
    ),
    (
        "Answer over TLS, with this certificate (PEM) [default: `tls_cert` of heng.toml, else plain HTTP]",
        "以此证书(PEM)经 TLS 应答 [默认:heng.toml 的 tls_cert,否则为明文 HTTP]",
    ),
    (
        "The key of the certificate (PEM) [default: `tls_key` of heng.toml]",
        "证书的私钥(PEM)[默认:heng.toml 的 tls_key]",
    ),
    (
        "How what happens is logged on standard error [default: `log_format` of heng.toml, else text]",
        "标准错误上日志的格式 [默认:heng.toml 的 log_format,否则为文本]",
    ),
    ("The server of the bucket [default: Amazon's]", "存储桶的服务器 [默认:亚马逊]"),
    (
        "So must the bucket; its keys are HENG_S3_ACCESS_KEY and HENG_S3_SECRET_KEY.",
        "存储桶也须已存在;密钥由环境变量 HENG_S3_ACCESS_KEY 与 HENG_S3_SECRET_KEY 给出。",
    ),
    (
        "`heng serve` does it by itself. The same answer or file twice changes nothing; exit status 1 if something is missing or bad.",
        "`heng serve` 会自动采集。同样的答复或文件重复采集不会有变化;有缺失或错误行则退出码为 1。",
    ),
    (
        "The day; no folder is looked into then [default: yesterday, and folders]",
        "日期;指定后不看文件夹 [默认:昨天,并查看文件夹]",
    ),
    ("One system or folder alone, by its source", "只采集这个来源"),
    ("What systems report of their windows, where the cases say something else", "系统上报的窗口数据与办件不符之处"),
    ("Nothing is changed. Exit status 1 if figures differ.", "不改变任何内容。有不符则退出码为 1。"),
    ("One day [default: yesterday]", "某一天 [默认:昨天]"),
    ("The first of several days", "多日中的第一天"),
    ("The last of them", "其中的最后一天"),
    ("Tokens of sources that report over HTTP", "来源的令牌:凭它经 HTTP 上报"),
    ("Issue a token; it is shown once", "发放令牌;只显示一次"),
    ("The source that reports under it", "凭它上报的来源"),
    ("A kind of fact that it may report [default: all]", "可上报的事实种类 [默认:全部]"),
    ("A window of which it may report [default: all]", "可上报的窗口 [默认:全部]"),
    ("What it is for", "用途"),
    ("Every token, with its scope and its last use", "全部令牌,含范围和最近使用时间"),
    ("Revoke a token, from now on", "吊销令牌,即刻生效"),
    ("The token's name", "令牌的名字"),
    (
        "A port of its own for the server's counters (/metrics) [default: `metrics_port` of heng.toml, else none]",
        "服务计数(/metrics)的独立端口 [默认:heng.toml 的 `metrics_port`,否则不开]",
    ),
    (
        "The port; 0 takes any that is free [default: `port` of heng.toml, else 8180]",
        "端口;0 为任意空闲端口 [默认:heng.toml 的 `port`,否则 8180]",
    ),
    (
        "Copy the database into another one: SQLite or PostgreSQL, in either direction",
        "把数据库复制到另一个库:SQLite 与 PostgreSQL 互转",
    ),
    (
        "The other database must be empty. Every table is read again and compared by its digest. Then name the other database in",
        "目标库必须为空。每张表写完都重读,按摘要核对。然后在 heng.toml 中",
    ),
    (
        "heng.toml (database_url), or take that line out for a file heng.db in the home.",
        "写明新库(database_url);若改用家目录里的 heng.db,删去该行即可。",
    ),
    ("A URL of PostgreSQL, or a file that is not there yet", "PostgreSQL 的 URL,或尚不存在的文件"),
    ("Bring the tables of the database up to date with this program", "把数据库的表升级到本程序的版本"),
    ("Every command that writes does so, too; back up first.", "凡写入的命令都会自动升级;请先备份。"),
    (
        "Copy the home, while others work on, into a folder that is a home itself",
        "在线备份家目录,得到的文件夹本身就是家目录",
    ),
    (
        "The database as of one moment, every sealed file, configuration, register and keys, with a list of their digests.",
        "包含某一时刻的数据库、全部封存文件、配置、登记和密钥,并附摘要清单。",
    ),
    (
        "The key of pseudonyms is among them: keep the backup as secret as the home.",
        "其中有化名密钥:备份须与家目录同样保密。",
    ),
    ("The folder, which is not there yet", "尚不存在的文件夹"),
    ("Make a home of a backup; what is damaged is refused", "由备份恢复家目录;有损坏则拒绝"),
    ("The backup", "备份"),
    (
        "The database of the URL must exist and be empty; with UTF8, of any locale.",
        "URL 所指的数据库须已建好且为空;编码 UTF8,区域设置不限。",
    ),
    ("PostgreSQL instead of the file heng.db", "用 PostgreSQL 代替文件 heng.db"),
    (
        "Write the files of a made-up city: register, workdays, facts, and the mappings that read them",
        "写出虚构城市的文件:登记、工作日、事实,以及读取它们的映射",
    ),
    ("Show the scores of a home in the browser, on this machine alone", "在浏览器查看成绩,仅限本机"),
    ("Facts, conflicts, days to close", "现状:事实、冲突、待日结的日子"),
    ("Bring in facts or register entries", "导入事实或登记"),
    (
        "Bring in years of files, past the database's rows: what they say lies in files of its own and counts all the same",
        "补录多年的文件,不经数据库的行:内容存入单独的文件,照样计入",
    ),
    (
        "Each mapping stands before the files that it reads. What belongs together (cases with their ratings and surveys) comes in",
        "每个映射写在它所读的文件之前。相关的记录(办件及其评价、回访)要在同一次",
    ),
    (
        "one backfill. Cases that are still open, contradictions, and what concerns records that are known go the ordinary way.",
        "补录中给出。未办结的办件、相互矛盾的记录、涉及已有记录的,走普通导入。",
    ),
    (
        "What lies in files counts as a whole or not at all; the same files twice change nothing.",
        "存入文件的要么全部计入,要么都不计入;同样的文件再补录一次不会有变化。",
    ),
    (
        "A mapping (.toml), the files it reads, and so on: CSV, XLSX, Parquet, NDJSON or JSON arrays",
        "映射(.toml)、它所读的文件,依此类推:CSV、XLSX、Parquet、NDJSON 或 JSON 数组",
    ),
    ("Threads to read, to settle and to write with", "读取、整理和写出所用的线程数"),
    ("Seal days that are over, or freeze a period", "日结已过去的日子,或关账一个周期"),
    ("Score a period", "计算一个周期的得分"),
    ("Where every point of a score came from, down to the facts", "每一分从哪里来,直到逐条事实"),
    ("What the cleaning rules mark, and what another scheme's would", "清洗规则标记了什么,换一套方案又会标记什么"),
    (
        "What is odd in the sealed days of a period, for somebody to look at; no score depends on it",
        "一个周期里有什么异常,供人核查;不影响得分",
    ),
    (
        "Replay real history under a candidate scheme: who moves, and how little would turn a grade",
        "用候选方案重算真实历史:谁会变动,差多少就换档",
    ),
    (
        "Whether the home is sound: settings in force, database, every sealed file, scheme, register, clock",
        "体检:生效的设置、数据库、每个封存文件、方案、登记、时钟",
    ),
    ("Words that a shell completes", "生成命令行补全脚本"),
    ("Manual pages: written into a folder, or the first one printed", "手册页:写入目录,或打印首页"),
    ("Check a scheme, or print its JSON Schema", "检查、打印方案,或输出其 JSON Schema"),
    ("Problems of a scheme: SMART, sums, bounds, double counting", "方案的问题:SMART、合计、边界、重复计分"),
    (
        "The scheme as a 考核办法, complete enough that a stranger recomputes a score by hand",
        "把方案写成考核办法,外人照着就能手算",
    ),
    ("The JSON Schema of the scheme format", "方案格式的 JSON Schema"),
    ("The scheme to start with [default: the preset of the article]", "起始方案 [默认:预设方案]"),
    ("The shell", "命令行种类"),
    ("Where to write the pages of all commands", "所有命令的手册页写到哪里"),
    ("Another seed is another city", "换一个种子就是另一座城市"),
    ("About so many cases; 600000 are 120 windows over half a year", "大约多少办件;600000 件为 120 个窗口半年"),
    ("Threads to count and to draw with", "计数与抽样的线程数"),
    ("Threads to count with", "计数的线程数"),
    ("End when everything is printed, and show no pages", "打印完即结束,不打开页面"),
    ("The port of the pages; 0 takes any that is free", "页面的端口;0 表示任一空闲端口"),
    ("The port; 0 takes any that is free", "端口;0 表示任一空闲端口"),
    (
        "Look at the pages as on this day [default: today; in a demonstration the morning after its last day]",
        "以哪一天为今天 [默认:今天;演示为末日次晨]",
    ),
    ("The morning of this day [default: today]", "看哪一天早晨 [默认:今天]"),
    ("2026-03, 2026-H1, 2026-01-01..2026-06-30 …", "2026-03、2026-H1、2026-01-01..2026-06-30 等"),
    ("The folder to write into", "写入的目录"),
    ("The mapping from columns to fields", "列到字段的映射"),
    ("Only say what would happen", "只说明会发生什么"),
    ("Where bad rows go [default: the home's folder `rejected`]", "坏行写到哪里 [默认:家目录的 rejected]"),
    (
        "The files: CSV, XLSX, Parquet, NDJSON or JSON arrays. The kind may stand before them, to be checked against the mapping",
        "文件:CSV、XLSX、Parquet、NDJSON 或 JSON 数组。前面可写种类,用来与映射核对",
    ),
    ("One day", "某一天"),
    ("Every day up to this one that is not sealed or has changed", "直到这一天,所有未封存或有变动的日子"),
    ("A period: its days, then its inputs", "一个周期:先日结,再冻结输入"),
    (
        "Declare the period final: its scores stay, and complaints founded later count in the month of their verdict",
        "宣布终局:分数不再改变,之后认定的投诉计入认定当月",
    ),
    ("Another scheme than the home's, for --period", "另一套方案,用于 --period"),
    (
        "2026-03, 2026-Q1, 2026-H1, 2026 or 2026-03-05..2026-03-20",
        "2026-03、2026-Q1、2026-H1、2026 或 2026-03-05..2026-03-20",
    ),
    ("Another scheme than the home's", "另一套方案"),
    ("Windows or people", "窗口或人员"),
    (
        "The seats at the top, at the bottom and in the help loop, who takes them, and how sure that is",
        "优秀、末位与帮扶的名额,谁在其中,有多确定",
    ),
    ("Scores alone, without saying how sure they are", "只要分数,不算确定程度"),
    ("Everything, for programs", "全部内容,供程序读取"),
    ("A table for spreadsheets, with a byte order mark", "电子表格用的 CSV,带 BOM"),
    ("A workbook: ranking, layers, indicators, and what the columns mean", "工作簿:排名、层、指标及列说明"),
    ("The window or the work number", "窗口编号或工号"),
    ("The period", "周期"),
    ("The facts of one indicator", "某一指标的事实"),
    ("Every fact, not the first few", "全部事实,不只前几条"),
    ("The scorecard as one page for the browser and for paper", "成绩单写成一页,可看可印"),
    ("The period; its sealed days are looked at", "周期;查看其封存的日子"),
    ("The rules of another scheme than the home's; nothing is written", "另一套方案的规则;不写入任何内容"),
    ("The records of one rule", "某一规则的记录"),
    ("Every record, not the first few", "全部记录,不只前几条"),
    ("The candidate", "候选方案"),
    (
        "The base periods: one, or the first and the last as 2026-01..2026-06",
        "考核周期:一个,或首末两个,如 2026-01..2026-06",
    ),
    ("Every unit, not only those that move most", "全部单位,不只变动最大的"),
    ("The scheme", "方案"),
    ("The findings as JSON", "以 JSON 输出"),
    ("The scheme [default: the home's]", "方案 [默认:家目录的方案]"),
    ("Write a page for the browser and for A4 instead", "改为写成一页,可看可印(A4)"),
    ("Windows", "窗口"),
    ("People", "人员"),
    ("Example:", "示例:"),
    ("Examples:", "示例:"),
    ("a made-up city, in a home of its own", "一座虚构的城市,自带家目录"),
    ("a new home with the preset scheme", "以预设方案新建家目录"),
    ("facts of a month", "一个月的事实"),
    ("seal its days and freeze its inputs", "日结并冻结输入"),
    ("the ranking", "排名"),
    ("where every point came from", "每一分从哪里来"),
    (
        "The same seed and number give the same bytes on every machine. It prints the commands that make a home of the files.",
        "同样的种子与数量,在任何机器上字节相同。会打印由这些文件建家目录的命令。",
    ),
    (
        "The pages are read-only and need no script. Nobody signs in yet, so only this machine is answered. Sources report to",
        "页面只读,不需要脚本。尚无登录,所以只应答本机。来源凭令牌向 /api/v1 上报,",
    ),
    ("/api/v1 by their tokens: /api/docs. Ctrl+C ends it.", "说明见 /api/docs。Ctrl+C 停止。"),
    (
        "Bad rows never stop the good ones: they come back with the reason beside each, in a file of the same format",
        "坏行不挡好行:坏行连同原因写回同样格式的文件",
    ),
    ("(of XLSX and Parquet: as CSV).", "(XLSX 与 Parquet 的坏行写成 CSV)。"),
    ("Exit status 1 if the scheme cannot be used.", "方案不可用时退出码为 1。"),
    ("The same file twice changes nothing.", "同一文件导入两次,第二次不改变任何内容。"),
    (
        "Nothing changes: the home keeps its scheme, closed periods keep their scores.",
        "什么都不改变:家目录仍用原方案,已关账的分数不动。",
    ),
    (
        "Exit status 1 if something is damaged or the scheme has errors. Nothing is changed.",
        "有损坏或方案有错时退出码为 1。不改变任何内容。",
    ),
];

fn text(english: &str) -> Option<&'static str> {
    TEXTS.iter().find(|(known, _)| *known == english).map(|(_, chinese)| *chinese)
}

/// The command line with every text in Chinese.
pub(crate) fn in_chinese(mut command: Command) -> Command {
    command.build();
    translate(command)
}

fn translate(command: Command) -> Command {
    let names: Vec<String> = command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    let ids: Vec<String> = command.get_arguments().map(|arg| arg.get_id().to_string()).collect();
    let about = command.get_about().map(ToString::to_string);
    let after = command.get_after_help().map(ToString::to_string);
    let mut command = command.help_template(PAGE).subcommand_help_heading("命令");
    if let Some(about) = about.as_deref().and_then(text) {
        command = command.about(about);
    }
    if let Some(after) = after {
        command = command.after_help(examples(&after));
    }
    for id in ids {
        command = command.mut_arg(id, argument);
    }
    for name in names {
        command = command.mut_subcommand(name, translate);
    }
    command
}

fn argument(arg: Arg) -> Arg {
    let heading = if arg.is_positional() { "参数" } else { "选项" };
    let help = arg.get_help().map(StyledStr::to_string);
    let arg = arg.help_heading(heading);
    match help.as_deref().and_then(text) {
        Some(help) => arg.help(help),
        None => arg,
    }
}

/// Examples line by line: commands stay as they are, what is said of them is Chinese.
fn examples(english: &str) -> String {
    let line = |line: &str| {
        if let Some(chinese) = text(line) {
            return chinese.to_owned();
        }
        match line.rsplit_once("  ") {
            Some((command, said)) => text(said).map_or_else(|| line.to_owned(), |said| format!("{command}  {said}")),
            None => line.to_owned(),
        }
    };
    english.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Cli;
    use clap::CommandFactory as _;

    fn missing(command: &Command, into: &mut Vec<String>) {
        let mut wants = |english: String| {
            if text(&english).is_none() {
                into.push(english);
            }
        };
        command.get_about().map(ToString::to_string).into_iter().for_each(&mut wants);
        for arg in command.get_arguments() {
            arg.get_help().map(ToString::to_string).into_iter().for_each(&mut wants);
        }
        let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        assert!(command.has_subcommands() || after.starts_with("Example"), "{} has no example", command.get_name());
        after
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with("  "))
            .map(str::to_owned)
            .for_each(&mut wants);
        command.get_subcommands().filter(|command| command.get_name() != "help").for_each(|of| missing(of, into));
    }

    #[test]
    fn every_text_of_the_help_has_a_chinese_one() {
        let mut command = Cli::command();
        command.build();
        let mut without = Vec::new();
        missing(&command, &mut without);
        assert!(without.is_empty(), "{without:#?}");
        let help = in_chinese(Cli::command()).render_long_help().to_string();
        assert!(help.contains("用法: heng") && help.contains("命令:") && help.contains("选项:"), "{help}");
        assert!(!help.contains("Options:") && !help.contains("Commands:"), "{help}");
    }
}
