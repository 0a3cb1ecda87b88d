"""Headings of columns that rosters have and the ledger has no place for: nobody is asked about them.

A heading in neither these tables nor those of ``headings`` is unknown, and its column is asked about.
"""

import re
from collections.abc import Container

from ledger.importing.headings import attribute_of, field_of, subject_of, words_of

_OTHERS = words_of(
    "序号 序 序列 项次 行号 顺序 顺序号 编排号 排序 民族 政治面貌 婚姻状况 婚姻 婚否 血型 籍贯 宗教信仰 身高 体重 "
    "年龄 周岁 虚岁 属相 国籍 兵役 兵役状况 银行卡号 银行卡 银行账号 银行账户 一卡通 一卡通号 一卡通账号 "
    "社会保障卡号 社保卡号 社保卡 开户行 开户银行 银行 账号 卡号 信用社账号 惠农卡号 车牌号 车牌 车辆 车型 "
    "驾驶证号 驾驶证 残疾证号 残疾证 残疾类别 残疾等级 残疾情况 低保证号 低保证 医保证号 医保 医保情况 医疗保险 "
    "参保情况 养老保险 社保 社保情况 合作医疗 新农合 慢性病 大病 患病情况 疾病 病史 房屋 房屋结构 房屋情况 房屋类型 "
    "住房情况 住房 住房类型 住房面积 宅基地 宅基地情况 危房 危房等级 楼层 楼栋 单元 房号 耕地 林地 田亩 承包地 土地 "
    "土地情况 果园 种植 种植情况 养殖 养殖情况 产业 产业情况 经营情况 收入来源 主要收入来源 经济来源 致贫原因 "
    "脱贫年度 脱贫时间 贫困户属性 劳动力 劳动力人数 劳动能力 劳动技能 外出人数 务工人数 外出务工人数 男 女 男性 女性 "
    "男人数 女人数 党员人数 党员数 学生人数 老人人数 在校生情况 就学情况 在校情况 QQ QQ号 微信 微信号 邮箱 电子邮箱 "
    "邮编 邮政编码 经度 纬度 坐标 签名 签字 手印 本人签字 户主签字 农户签字 户主签名 照片 相片 图片 二维码 走访次数 "
    "走访时间 走访日期 走访情况 走访记录 上次走访 需求 诉求 意见 意见建议 存在问题 困难 困难诉求 帮扶措施 帮扶需求 "
    "帮扶情况 措施 落实情况 完成情况 办理情况 核查情况 是否核实 核实情况 审核意见 "
    "省 市 地市 省份 城市 职务 职称 职级 曾用名 别名 绰号 英文名 姓名拼音 户籍类型 户口性质 "
    "户口类型 户口簿号 户口本号 是否党员 是否常住 是否外出 是否在家 是否空挂户 是否低保 是否脱贫户 党员 低保 "
    "五保 军烈属 退役军人 特长 爱好 车位 宽带 饮水 用电 厕所 改厕"
)
_OTHER_ENDS = words_of(
    "收入 支出 面积 亩数 亩 金额 补贴 产量 年龄 职务 职称 职级 签名 签字 民族 政治面貌 学历 文化程度 婚姻状况 健康状况 "
    "银行卡号 银行账号 开户行 车牌号 等级 残疾证号 社保卡号 户口性质 收益 照片 性别 出生日期 出生年月 工作单位"
)
"""Endings that say what a column holds whatever stands before them; no core column ends so unless it is known."""
_YES_NO = re.compile(r"是否|有无|能否")
_CLERKS = frozenset(words_of("填报人 填表人 登记人 采集人 调查员 调查人 审核人 录入人 经办人"))
_FAMILY = frozenset(
    words_of("配偶 监护人 代理人 子女 父亲 母亲 家庭医生 签约医生 医生 村医 民警 片警 党员 房东 租客 原户主")
)
_SMALLER = frozenset(words_of("自然村 自然村名 自然屯 屯 片区 管区 管区名称 片区名称"))
"""Places beside the village: all there is where no village column was found."""
_CORE_OF = {"phone": ("phone",), "id": ("id_no",)}


def is_passed_over(upper: str, lower: str, found: Container[str]) -> bool:
    """Whether a column of this heading (spelled, of one or two rows) needs no question.

    ``found`` has the fields of other columns: the phone of a 联系人 is one too many beside the household's own, and
    may be all there is without it.
    """
    return any(_is_known(word, found) for word in ((upper + lower, lower) if upper else (lower,)) if word)


def _is_known(word: str, found: Container[str]) -> bool:
    if word in _OTHERS or word.endswith(_OTHER_ENDS) or _YES_NO.search(word):
        return True
    if word in _SMALLER:
        return "village" in found or "village_group" in found
    subject, rest, kind = subject_of(word)
    if not subject:
        return False
    attribute = attribute_of(rest)
    if kind in ("cadre", "head", "member"):
        return rest in _OTHERS or (kind == "cadre" and attribute in ("id", "title", "sex", "birth", "address"))
    if subject in _CLERKS or (rest and not attribute and field_of(rest) is None):
        return subject in _CLERKS or rest in _OTHERS
    if attribute in _CORE_OF:
        return any(name in found for name in _CORE_OF[attribute])
    if attribute in ("name", "no") or not rest:
        return subject in _FAMILY or "cadre_name" in found or "cadre_no" in found
    return True
