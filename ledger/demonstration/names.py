"""Names of invented people, by generation: nobody of seventy is called 子轩."""

import random

SURNAMES = tuple(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓韩冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁沈任姚卢傅钟姜崔谭廖范"
    "汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷钱汤殷龚柳单解仇"
)
_WEIGHTS = [1 / (rank + 6) for rank in range(len(SURNAMES))]

_MALE = (
    (1955, "德福金水长阿根永正文广宝春庆士", "贵生水根发林福海明法荣富祥元才山松土"),
    (1972, "建国志卫永国大学爱红友明新庆家", "国军平华东明强林生民忠良荣光祥兵武"),
    (1988, "伟志建海晓国俊文立永明少振春", "伟强军勇斌峰辉波平涛华亮东刚杰龙飞"),
    (2002, "俊志晓文嘉家宇子天浩明佳泽", "杰鹏凯超磊浩文豪辉宇飞康轩阳鑫"),
    (2100, "子浩宇梓俊一雨奕辰泽嘉睿", "轩然航涵熙辰泽睿宸豪博霖阳恒"),
)
_FEMALE = (
    (1955, "秀桂金玉菊阿凤水彩月素春巧美", "英珍兰娥妹花云香莲芝梅珠仙凤娣"),
    (1972, "秀丽爱建美玉春桂小红月淑惠雪", "英珍芳华兰琴萍萍霞凤娟珠云芬莲"),
    (1988, "丽晓海小红春燕雪玉静慧美艳", "萍燕芳娟霞丽敏红琴梅艳玲霞华"),
    (2002, "晓雅婷佳思雨梦文诗静嘉欣", "婷敏颖雯琪倩怡洁瑶雪慧娜茜"),
    (2100, "梓欣雨诗一子语可思若沐雅", "涵怡萱彤欣妍琪桐瑶悦汐宁"),
)
_SINGLE = {True: "军强伟勇磊斌超鹏涛波杰浩", False: "芳敏静丽娟燕玲霞艳婷倩洁"}
_SINGLE_SHARE = 0.14


def surname(rng: random.Random, local: tuple[str, ...] = ()) -> str:
    """A surname; in a village mostly one of its own few."""
    if local and rng.random() < 0.55:
        return rng.choice(local)
    return rng.choices(SURNAMES, _WEIGHTS)[0]


def given(rng: random.Random, born: int, *, male: bool) -> str:
    """A given name of the fashion of that year."""
    if 1966 <= born < 2002 and rng.random() < _SINGLE_SHARE:
        return rng.choice(_SINGLE[male])
    first, second = next((a, b) for until, a, b in (_MALE if male else _FEMALE) if born < until)
    one, two = rng.choice(first), rng.choice(second)
    while one == two:
        two = rng.choice(second)
    return one + two
