"""Writes office.xlsx and office.parquet as other programs do, for crates/heng/tests/it/spreadsheets.rs.

pip install openpyxl==3.1.5 pyarrow==26.0.1, then: python3 make.py
The facts are made up. Both files hold the same five cases.
"""

import datetime as dt
import decimal

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

CASES = [
    # number, window, accepted (local), finished (local), notices, asked, phone
    ("A1", "一号", dt.datetime(2026, 3, 5, 9, 0), dt.datetime(2026, 3, 5, 9, 10), 1, True, 13800000001),
    ("A2", "一号", dt.datetime(2026, 3, 5, 9, 20, 30), dt.datetime(2026, 3, 6, 0, 0), 0, False, 13800000002),
    ("A3", "二号", dt.datetime(2026, 3, 6, 10, 40), None, 2, True, 13800000003),
    ("=1+1", "二号", dt.datetime(2026, 3, 6, 11, 0), dt.datetime(2026, 3, 6, 11, 5), 3, True, 13800000004),
    ("0012", "@三号", dt.datetime(2026, 3, 9, 8, 59, 59), dt.datetime(2026, 3, 9, 9, 0), 12, False, 13800000005),
]
HEADER = ["办件编号", "窗口", "受理时间", "办结时间", "补正次数", "已邀请评价", "电话", "备注"]


def workbook():
    book = openpyxl.Workbook()
    book.active.title = "说明"
    book.active["A1"] = "这一页不是数据"
    sheet = book.create_sheet("办件")
    sheet.append(["2026 年 3 月办件台账"])
    sheet.merge_cells("A1:H1")
    sheet.append([])
    sheet.append(HEADER)
    for number, window, accepted, finished, notices, asked, phone in CASES:
        # 11.999999999999998 is 12 to whoever looks at the sheet.
        noisy = 11.999999999999998 if notices == 12 else notices
        sheet.append([None, window, accepted, finished, noisy, asked, phone, "  "])
        cell = sheet.cell(sheet.max_row, 1)
        cell.value, cell.data_type = number, "s"
    sheet.append([])
    # Bad rows: a formula whose result was never stored, an error, eighteen digits as a number.
    sheet.append(["B1", "一号", "=C4+1", None, 0, True, 1])
    sheet.append(["B2", "#DIV/0!", dt.datetime(2026, 3, 9, 9, 0), None, 0, True, 1])
    sheet.append([110101199003071234, "一号", dt.datetime(2026, 3, 9, 9, 0), None, 0, True, 1])
    sheet.append(["B4", "一号", "昨天", None, 0, True, 1])
    # An error where nobody looks does no harm.
    sheet.cell(4, 8).value = "#REF!"
    book.save("office.xlsx")


def parquet():
    columns = list(zip(*CASES))
    zone = dt.timezone(dt.timedelta(hours=8))
    aware = [when.replace(tzinfo=zone) for when in columns[2]]
    table = pa.table(
        {
            "办件编号": pa.array(columns[0]).dictionary_encode(),
            "窗口": pa.array(columns[1]),
            "受理时间": pa.array(aware, pa.timestamp("us", tz="Asia/Shanghai")),
            "办结时间": pa.array(columns[3], pa.timestamp("ms")),
            "补正次数": pa.array([decimal.Decimal(n) for n in columns[4]], pa.decimal128(10, 3)),
            "已邀请评价": pa.array(columns[5]),
            "电话": pa.array(columns[6]),
            "环节": pa.array([["受理", "办结"]] * len(CASES)),
        }
    )
    pq.write_table(table, "office.parquet", compression="snappy")


workbook()
parquet()
