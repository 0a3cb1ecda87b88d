"""What the headings of rosters mean. Whole words only: a heading that is not known is never guessed at.

A heading such as 挂户干部电话 is a *subject* (whose) and an *attribute* (what); 电话 alone is the household's.
Words that look alike but mean something else (银行卡号, 包村干部, 自然村) are simply not in the tables.
"""

import re
import unicodedata

IGNORED = "(unknown column, ignore)"
"""How the contract writes a column that belongs to no field."""

CADRE, HEAD, MEMBER, OTHER = "cadre", "head", "member", "other"


def words_of(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_PLAIN: dict[str, tuple[str, ...]] = {
    "county": words_of("县 县区 区县 县市区 所属县 所在县 县名 所属县区 所在区县 旗县"),
    "township": words_of(
        "乡镇 镇 乡 街道 镇街 乡镇街道 镇街道 乡镇名称 乡镇名 所属乡镇 所在乡镇 所属镇 所在镇 所属街道 镇乡 镇村名称 "
        "街镇 所属镇街 乡镇办 乡镇办事处 街道办"
    ),
    "village": words_of(
        "村 村名 村名称 村别 村居 村社区 社区 社区名称 所在村 所属村 所在村名 所属村名 行政村 行政村名 行政村名称 "
        "所属行政村 所在行政村 村居委会 村委会 村民委员会 居委会 村居名称 所属村居 所在村居 所属社区 所在社区 "
        "所属村社区 所在村社区 村社区名称 建制村 村居社区 行政村社区 村委 村庄名称 所属村委会 所在村委会 村委会名称 "
        "村民委员会名称 居民委员会 社区居委会 村屯名称 户籍所在村 居住村 村代码 行政村代码 村编码"
    ),
    "village_group": words_of(
        "村组 村组别 所在村组 所属村组 村组名称 村小组 村及小组 所属村小组 所在村小组 村名组别 村居组别"
    ),
    "group": words_of(
        "组 组别 组名 组名称 组号 小组 小组名称 村民组 村民小组 村民组名称 村民小组名称 所在组 所属组 所在小组 "
        "所属小组 所在村民组 所属村民组 所在村民小组 所属村民小组 居民小组 居民组 生产队 队 队别 生产小组 村民组别 "
        "村民小组别 组社 社 网格组 居住组 村组号 第几组"
    ),
    "hh_no": words_of(
        "户编号 户编码 户号 户码 户代码 户编号码 农户编号 农户编码 农户代码 农户号 家庭编号 家庭编码 家庭户编号 "
        "家庭代码 户籍编号 户序编号 住户编号 住户编码 农户户编号 农户序列号 户唯一编号 户主编号 户主编码 家庭户号 "
        "户档案编号 户台账编号 门户编号"
    ),
    "head": words_of(
        "户主 户主姓名 户主名 户主名字 户主名称 农户 农户姓名 农户名 农户名称 农户户主 农户户主姓名 家庭户主 "
        "家庭户主姓名 联系户 联系户姓名 联系户户主 联系户户主姓名 包联户 包联户姓名 包联户主 包联户户主 包户对象 "
        "联系对象 联系农户 联系农户姓名 联系群众 联系群众姓名 挂户对象 挂钩户 挂钩户主 挂钩户户主 结对户 结对户姓名 "
        "结对户主 结对户户主 结对农户 帮扶户 帮扶户主 帮扶户姓名 帮扶对象 帮扶对象姓名 承包户 住户姓名 群众姓名 "
        "村民姓名 居民姓名 户主信息 被联系户 被联系户户主 被帮扶户 户主或代表姓名 户主代表 家庭代表 户代表姓名"
    ),
    "name": words_of("姓名 名字 人员姓名 人口姓名 成员姓名 家庭成员姓名 家庭成员 家庭成员名字 成员名字 成员"),
    "id_no": words_of(
        "身份证 身份证号 身份证号码 身份证件号 身份证件号码 身份号码 身份证编号 公民身份号码 公民身份证号 "
        "公民身份证号码 居民身份证 居民身份证号 居民身份证号码 居民身份号码 证件号 证件号码 身份证证号 身份证明号码 "
        "有效证件号码 本人身份证号 本人身份证号码 二代身份证号 二代身份证号码 身份证码 身证号码"
    ),
    "phone": words_of(
        "手机 手机号 手机号码 手机电话 移动电话 移动电话号码 联系手机 联系手机号 联系手机号码 本人电话 本人手机 "
        "本人手机号 本人联系电话 本人联系方式 联系电话 联系电话号码 联系方式 联系号码 电话 电话号码 电话号 电话手机 "
        "家庭电话 家庭联系电话 家庭联系方式 住户电话 群众电话 村民电话 固定电话 固话 座机 座机号码 电话联系方式 "
        "常用电话 常用手机号 备用电话 备用联系电话 备用手机 备用手机号 其他电话 其他联系电话 第二联系电话"
    ),
    "population": words_of(
        "人口 人口数 人口数量 人口总数 总人口 总人口数 家庭人口 家庭人口数 家庭人口数量 家庭总人口 家庭总人数 "
        "家庭人数 家庭成员数 家庭成员人数 家庭成员数量 成员数 成员人数 人数 全家人口 全家人数 户人口 户人口数 户人数 "
        "在册人口 在册人数 户籍人口 户籍人口数 户籍人数 户口人数 常住人口 常住人口数 家庭常住人口 家庭户籍人口 "
        "家庭人口数人 本户人口 本户人口数 人口人 几口人"
    ),
    "hh_type": words_of(
        "户类型 户类别 户类 户别 户属性 户分类 户性质 户类型名称 农户类型 农户类别 农户属性 农户性质 农户分类 "
        "家庭类型 家庭类别 家庭属性 家庭性质 家庭户类型 住户类型 住户类别 类别 类型 重点户类型 重点户类别 特殊户类型 "
        "户型类别 户情况类型 户属类型 农户所属类型 群众类型 对象类别 对象类型 户主类型 所属类型 人员类别 属性"
    ),
    "since": words_of(
        "登记日期 登记时间 建档日期 建档时间 建账日期 建账时间 建台账时间 录入日期 录入时间 采集日期 采集时间 "
        "填报日期 登记年月 入册日期 入册时间 纳入日期 纳入时间 建立日期 建卡日期 建卡时间 登记年月日 建档年月"
    ),
    "assigned_on": words_of(
        "挂户时间 挂户日期 包户时间 包户日期 联系时间 联系日期 结对时间 结对日期 帮扶时间 帮扶起始时间 包联时间 "
        "联户时间 联户日期 挂联时间 挂钩时间 挂钩日期 开始联系时间"
    ),
    "address": words_of(
        "住址 地址 家庭住址 家庭地址 家庭详细住址 家庭详细地址 详细住址 详细地址 居住地址 居住地 居住地点 "
        "家庭居住地址 现住址 现住地址 现居住地 现居住地址 现居地 常住地址 常住地 住所 住宅地址 住处 房屋地址 门牌 "
        "门牌号 门牌号码 门牌地址 居住详细地址 实际居住地 实际居住地址 实际住址 户籍地址 户籍住址 户口所在地 "
        "户籍所在地 住户地址 住户住址 农户地址 农户住址 户主住址 户主地址 居住位置"
    ),
    "remark": words_of(
        "备注 备注说明 备注栏 备考 附注 说明 其他说明 情况说明 备注信息 其他备注 其它说明 需要说明的情况 其他情况 "
        "其他 备注情况"
    ),
    "relation": words_of(
        "关系 与户主关系 与户主的关系 和户主关系 和户主的关系 同户主关系 跟户主关系 与户主之间关系 与户主之间的关系 "
        "户主关系 家庭关系 成员关系 与户主关系名称 家庭成员关系 与户主称谓 称谓 本人与户主关系 是否户主关系"
    ),
    "sex": words_of("性别"),
    "birth": words_of("出生日期 出生年月 出生年月日 出生时间 生日 出生"),
    "edu": words_of("文化程度 学历 受教育程度 文化水平 教育程度 文化"),
    "health": words_of("健康状况 身体状况 健康情况 身体情况 健康"),
    "work": words_of(
        "务工地 务工地点 务工地址 务工情况 务工去向 外出务工地点 外出地点 就业情况 就业状况 就业地点 从业情况 "
        "从业状况 职业 工作单位 工作地点 务工单位 务工就业情况"
    ),
    "cadre_no": words_of(
        "工号 干部工号 干部编号 干部代码 干部号 干部编码 员工号 职工号 人员工号 责任人工号 责任人编号 包户工号 "
        "挂户工号 联系人工号 帮扶人工号 挂钩工号"
    ),
    "cadre_name": words_of("干部 干部姓名 责任干部 干部名字 包联责任干部"),
    "cadre_unit": words_of(
        "干部单位 干部所在单位 包户单位 挂户单位 联户单位 帮扶单位 结对单位 挂联单位 包联单位 挂钩单位 联系单位 "
        "责任单位"
    ),
    "cadre_phone": words_of(
        "干部电话 干部联系电话 干部手机 干部手机号 干部手机号码 干部联系方式 责任人电话 责任人联系电话 责任人联系方式"
    ),
}

_SUBJECTS: dict[str, tuple[str, ...]] = {
    CADRE: words_of(
        "挂户干部 包户干部 联户干部 联系干部 联系户干部 包联干部 包联责任人 包保干部 包保责任人 帮扶干部 帮扶责任人 "
        "帮扶联系人 帮扶人 结对干部 结对帮扶干部 结对帮扶人 结对责任人 挂联干部 挂钩干部 挂钩联系干部 挂包干部 "
        "挂包责任人 包户责任人 挂户责任人 联户责任人 责任人 入户干部 走访干部 包户人 挂户人 联户人 驻户干部 "
        "联系服务干部 包户联系人 挂户联系人 联系责任人 联系户责任人 责任干部 挂点联户干部 网格联户干部 包户党员干部 "
        "机关干部 镇干部 乡镇干部 包户镇干部 包户工作人员 联户党员干部 党员干部 包组联户干部 挂户领导干部 挂户 包户 "
        "联户"
    ),
    HEAD: words_of(
        "户主 户主本人 农户 农户户主 家庭户主 联系户 联系户户主 联系户主 包联户 结对户 帮扶户 住户 联系群众 联系农户"
    ),
    MEMBER: words_of("家庭成员 成员 家庭人员 家庭成员信息 成员信息"),
    OTHER: words_of(
        "配偶 联系人 紧急联系人 监护人 代理人 村支书 支书 书记 村书记 包村干部 包村领导 驻村干部 驻村领导 村干部 "
        "村两委 网格员 网格长 组长 村民组长 村民小组长 组干部 挂点领导 挂钩领导 挂村领导 第一书记 填报人 填表人 "
        "登记人 采集人 调查员 调查人 审核人 录入人 经办人 子女 父亲 母亲 家庭医生 签约医生 医生 民警 片警 管区书记 "
        "片长 党员 村医 单位负责人 负责人 领导 挂钩县领导 县领导 镇领导 新户主 原户主 房东 租客"
    ),
}

_ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "name": words_of("姓名 名字 名 名称 名单"),
    "no": words_of("工号 编号 代码 编码 号 人员编号 干部编号 员工号"),
    "unit": words_of("单位 所在单位 工作单位 所属单位 单位名称 部门 所在部门 单位部门 单位及职务 单位职务"),
    "phone": words_of(
        "电话 电话号码 联系电话 联系方式 手机 手机号 手机号码 移动电话 号码 联系手机 联系号码 手机电话 联系电话号码 "
        "电话联系方式 联系手机号"
    ),
    "id": _PLAIN["id_no"],
    "address": words_of("住址 地址 家庭住址 家庭地址 居住地址 居住地"),
    "title": words_of("职务 职务职称 职位 职级"),
    "relation": words_of("与户主关系 关系 与户主的关系"),
    "sex": words_of("性别"),
    "birth": words_of("出生日期 出生年月 出生年月日"),
}

_FIELD_OF: dict[tuple[str, str], str] = {
    (CADRE, ""): "cadre_name", (CADRE, "name"): "cadre_name", (CADRE, "no"): "cadre_no",
    (CADRE, "unit"): "cadre_unit", (CADRE, "phone"): "cadre_phone",
    (HEAD, ""): "head", (HEAD, "name"): "head", (HEAD, "id"): "id_no", (HEAD, "phone"): "phone",
    (HEAD, "address"): "address", (HEAD, "no"): "hh_no",
    (MEMBER, ""): "name", (MEMBER, "name"): "name", (MEMBER, "id"): "id_no", (MEMBER, "phone"): "phone",
    (MEMBER, "relation"): "relation", (MEMBER, "sex"): "sex", (MEMBER, "birth"): "birth",
}  # fmt: skip

OFFICES = frozenset(_ATTRIBUTES["title"]) | frozenset(
    words_of(
        "任职 任职时间 任职年限 担任职务 现任职务 党内职务 村内职务 所任职务 入党时间 入党日期 转正时间 党龄 党费 "
        "所在支部 所在党支部"
    )
)
"""Headings of lists of officials and party members."""
_HEADS_OWN = frozenset({"id_no", "phone", "address", "hh_type", "hh_no", "group", "population", "remark"})
"""Fields that stay what they are when the heading says they are the head's: 户主身份证件号码, 农户备注."""

FIELDS = frozenset(_PLAIN) | frozenset(_FIELD_OF.values())
"""All that a column may be."""
_WORDS = {word: field for field, words in _PLAIN.items() for word in words}
_ATTRIBUTE_OF = {word: name for name, words in _ATTRIBUTES.items() for word in words}
_SUBJECT_OF = {word: subject for subject, words in _SUBJECTS.items() for word in words}
_LONGEST_FIRST = sorted(_SUBJECT_OF, key=len, reverse=True)
_SECOND = frozenset("12一二")
"""Ends of headings such as 电话1 and 电话2: of a household's phones the first one counts."""
_LONGEST = 500
"""Characters of a cell that are looked at: a thousand brackets that are never closed would take a million steps."""
_BRACKETS = re.compile(r"[(\[【〔{](.*?)[)\]】〕}]")
_NUMBERING = re.compile(r"^[0-9]{1,2}[.、)]|^[一二三四五六七八九十]{1,2}[、.)]|^[a-zA-Z][.、]")
_NOISE = re.compile(r"[\s*★☆:：,，、/\\|·_\-—－\u200b-\u200f\ufeff#?？!！.。]+")
_PARENT_TAIL = re.compile(r"(基本)?(信息|情况|资料|基本情况)$")


def spelled(text: object) -> tuple[str, str]:
    """A heading without spaces, stars, numbering and brackets, and what stood in its brackets."""
    folded = unicodedata.normalize("NFKC", str(text or "")[:_LONGEST]).strip()
    inside = "".join(_BRACKETS.findall(folded))
    outside = _NOISE.sub("", _NUMBERING.sub("", _BRACKETS.sub("", folded)))
    inside = _NOISE.sub("", inside)
    return (outside, inside) if outside else (inside, "")


def field_of(text: object) -> str | None:
    """The field a heading names, or None. 电话(干部) is the cadre's, 手机号(必填) the household's."""
    word, bracket = spelled(text)
    if bracket in _SUBJECT_OF:
        return _by_subject(_SUBJECT_OF[bracket], word) if word not in _SUBJECT_OF else None
    return field_of_word(word)


def field_of_word(word: str) -> str | None:
    """The field of a heading already spelled."""
    if word in _WORDS:
        return _WORDS[word]
    if word[-1:] in _SECOND and _WORDS.get(word[:-1]) == "phone":
        return "phone"
    subject, rest, kind = subject_of(word)
    return _by_subject(kind, rest) if subject else None


def field_below(parent: object, child: object) -> str | None:
    """The field of a two-row heading: 挂户干部 over 电话 is the cadre's phone, 基本信息 over 电话 the household's."""
    above, below = spelled(parent)[0], spelled(child)[0]
    if not below:
        return field_of(parent)
    if not above or above == below:
        return field_of(child)
    subject = _SUBJECT_OF.get(_PARENT_TAIL.sub("", above)) or _SUBJECT_OF.get(above)
    if subject and below in _ATTRIBUTE_OF:
        return _by_subject(subject, below)
    if subject in (CADRE, OTHER):
        own = field_of_word(below)
        return own if subject == CADRE and own and own.startswith("cadre_") else None
    return field_of(child) or field_of_word(above + below) or (None if subject else field_of(parent))


def is_heads_own(parent: object, child: object) -> bool:
    """Whether a heading says that it is the head's: 户主身份证号, or 身份证号 below 户主信息."""
    above, below = spelled(parent)[0], spelled(child)[0]
    subject = _SUBJECT_OF.get(_PARENT_TAIL.sub("", above)) or _SUBJECT_OF.get(above) if above != below else None
    return (subject or subject_of(below or above)[2]) == HEAD


def _by_subject(subject: str, attribute: str) -> str | None:
    if attribute and attribute not in _ATTRIBUTE_OF:
        own = _WORDS.get(attribute)
        return own if subject == HEAD and own in _HEADS_OWN else None
    return _FIELD_OF.get((subject, _ATTRIBUTE_OF[attribute] if attribute else ""))


def subject_of(word: str) -> tuple[str, str, str]:
    """Whose column a spelled heading is: (the subject's word, what follows it, its kind); all empty for nobody's."""
    for start in _LONGEST_FIRST:
        if word.startswith(start):
            return start, word[len(start) :].removeprefix("的"), _SUBJECT_OF[start]
    return "", "", ""


def attribute_of(word: str) -> str:
    """What a spelled word says of its subject (``name``, ``phone`` …); empty for none of them."""
    return _ATTRIBUTE_OF.get(word, "")
