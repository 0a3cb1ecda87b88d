"""Characters whose reading in a name is not the dictionary's first one, for ``rules/pinyin.py``.

The first reading is the usual one and sorts the name; by the initials of the others it is found as well.
"""

SURNAMES: dict[str, tuple[str, ...]] = {
    "乐": ("yue", "le"), "乜": ("nie",), "仇": ("qiu", "chou"), "会": ("gui", "hui"), "佴": ("nai",),
    "区": ("ou", "qu"), "单": ("shan", "dan"), "卜": ("bu",), "召": ("shao", "zhao"), "句": ("gou", "ju"),
    "员": ("yun", "yuan"), "宓": ("mi", "fu"), "尉": ("wei", "yu"), "折": ("she", "zhe"), "曾": ("zeng", "ceng"),
    "朴": ("piao", "pu"), "查": ("zha", "cha"), "柏": ("bai", "bo"), "洗": ("xian", "xi"), "牟": ("mu", "mou"),
    "盖": ("ge", "gai"), "祭": ("zhai", "ji"), "种": ("chong", "zhong"), "秘": ("bi", "mi"), "繁": ("po", "fan"),
    "缪": ("miao", "mou"), "翟": ("zhai", "di"), "能": ("nai",), "薄": ("bo",), "藏": ("zang",),
    "覃": ("qin", "tan"), "解": ("xie", "jie"), "谌": ("chen", "shen"), "贠": ("yun",), "适": ("kuo", "shi"),
    "那": ("na", "nuo"), "郇": ("xun", "huan"), "郗": ("xi", "chi"), "都": ("du",), "阚": ("kan",),
    "隗": ("wei", "kui"), "黑": ("he", "hei"),
}  # fmt: skip

GIVEN_NAMES: dict[str, tuple[str, ...]] = {
    "乐": ("le", "yue"), "会": ("hui", "kuai"), "传": ("chuan", "zhuan"), "单": ("shan", "dan"), "卜": ("bu",),
    "参": ("shen", "can"), "召": ("zhao", "shao"), "奇": ("qi", "ji"), "娜": ("na", "nuo"), "宿": ("su", "xiu"),
    "晟": ("sheng", "cheng"), "曾": ("zeng", "ceng"), "朝": ("chao", "zhao"), "朴": ("pu", "piao"),
    "杉": ("shan", "sha"), "柏": ("bai", "bo"), "盛": ("sheng", "cheng"), "省": ("sheng", "xing"),
    "翟": ("zhai", "di"), "茜": ("qian", "xi"), "莘": ("xin", "shen"), "藏": ("cang", "zang"),
    "行": ("xing", "hang"), "解": ("jie", "xie"), "重": ("zhong", "chong"), "长": ("chang", "zhang"),
    "阿": ("a", "e"), "颉": ("xie", "jie"),
}  # fmt: skip

COMPOUND_SURNAMES = frozenset({
    "尉迟", "万俟", "长孙", "令狐", "澹台", "鲜于", "皇甫", "亓官", "单于", "欧阳", "司马",
    "上官", "诸葛", "东方", "夏侯", "公孙", "慕容", "司徒", "司空", "宇文", "闻人", "赫连",
    "端木", "呼延", "轩辕", "钟离", "淳于", "太史", "申屠", "南宫", "独孤", "西门", "东郭",
    "濮阳", "宗政", "公羊", "公冶", "百里", "拓跋", "纳兰", "完颜", "耶律", "第五", "左丘",
    "梁丘",
})  # fmt: skip
"""Two-character surnames; their readings the dictionary knows."""
