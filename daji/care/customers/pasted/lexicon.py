"""The words that people put around and into an address."""

from __future__ import annotations

import re

LABELS = {
    "N": "收货人姓名|收件人姓名|联系人姓名|收货人|收件人|联系人|收货姓名|客户姓名|姓名|名字|full name|recipient|consignee|name|attn",
    "P": "手机号码|联系电话|联系方式|电话号码|手机号|手机|电话|座机|mobile|telephone|phone|cell|tel",
    "A": "收货地址|收件地址|邮寄地址|详细地址|街道地址|所在地区|所在城市|收货地区|省市区|地址|地区|城市|省份|寄到|street address|address|addr|city|country",
    "Z": "邮政编码|邮编|zip code|zipcode|postal code|postcode|zip",
}
"""Marks that stand for a label once it has been found: name, phone, address, postcode."""

MARK = "\x01"
BREAK = "\x02"
"""Control characters are taken out of every text before these are put in."""

_ANY = "|".join(rf"(?P<{mark}>{words})" for mark, words in LABELS.items())
LABEL_WITH_COLON = re.compile(rf"(?:{_ANY})(?:\(.{{0,8}}\))?\s*[:=]\s*", re.IGNORECASE)
LABEL_AT_START = re.compile(
    rf"(?:(?<=^)|(?<=[\s,;。、|\x02\])】]))(?:{_ANY})(?=[\s\x02\u4e00-\u9fff+(\d]|$)(?!\w*[路街道楼号])",
    re.IGNORECASE,
)
NOISE = re.compile(
    r"[\[【](?:收货信息|收件信息|地址|收货地址)[\]】]|(?:请|麻烦)?(?:寄到|发到|送到|发货到)[:,]?|谢谢[!。]?|[!?~`^_]+"
)

SEPARATORS = " \t\n,;。、|/>-_?·"
ROAD_AFTER = re.compile(
    r"[东西南北中]?(?:[一二三四五六七八九十]+)?(?:路|街|大道|大街|巷|弄|胡同|小区|广场|花园|公园|大厦|新村|宾馆|酒店|大桥|镇|乡|村)"
)
"""A short name before one of these is the name of a road or a house, not of a division."""

ADDRESS_SIGN = re.compile(
    r"[省市区县镇乡村屯路街巷弄号栋幢楼室层座苑院厦厅店铺组队旁]|大道|胡同|单元|小区|公寓|花园|广场|大厦|中心|学校|大学|医院|工业|科技|仓|驿站|快递|公司|酒店|宿舍"
)
LINE_END = "号室楼栋幢层座户铺店旁边口内处园苑院厦城府区村组元库站场心"

SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪"
    "范金石廖贾夏韦傅方白邹孟熊秦邱江尹薛阎段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜"
    "倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁"
    "蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾"
    "隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区"
    "郜海阚花权强帅屠豆朴盖练廉禹井祖漆巴丰支卿国狄平计索宣晋相初门云容敬来扈晁芮都普阙浦戈伏鹿薄邸雍辜羊阿乌母裘亓修邰赫杭"
    "況竺竹展泰况付肇闫代邸候佀"
)
TWO_CHAR_SURNAMES = frozenset(
    [
        "欧阳",
        "上官",
        "司马",
        "诸葛",
        "夏侯",
        "皇甫",
        "尉迟",
        "公孙",
        "慕容",
        "令狐",
        "司徒",
        "东方",
        "独孤",
        "南宫",
        "西门",
        "长孙",
        "宇文",
        "百里",
        "呼延",
        "端木",
        "轩辕",
        "澹台",
        "闻人",
        "赫连",
        "申屠",
    ]
)
TITLES = re.compile(r"(?:先生|女士|小姐|太太|老师|同学|阿姨|叔叔|经理|老板|医生|师傅)$")

ETHNIC = [
    "壮",
    "回",
    "维吾尔",
    "藏",
    "苗",
    "彝",
    "布依",
    "朝鲜",
    "满",
    "侗",
    "瑶",
    "白",
    "土家",
    "哈尼",
    "哈萨克",
    "傣",
    "黎",
    "傈僳",
    "佤",
    "畲",
    "拉祜",
    "水",
    "东乡",
    "纳西",
    "景颇",
    "柯尔克孜",
    "土",
    "达斡尔",
    "仫佬",
    "羌",
    "布朗",
    "撒拉",
    "毛南",
    "仡佬",
    "锡伯",
    "阿昌",
    "普米",
    "塔吉克",
    "怒",
    "鄂温克",
    "德昂",
    "保安",
    "裕固",
    "独龙",
    "鄂伦春",
    "蒙古",
    "各",
]
_ETHNIC = "|".join(sorted(ETHNIC, key=len, reverse=True))
SUFFIX = re.compile(
    rf"(?<=..)(?:(?:(?:{_ETHNIC})族?)+自治(?:区|州|县|旗)|自治(?:区|州|县|旗)|特别行政区|地区|林区|特区|新区|矿区|省|市|区|县|盟|旗)$"
)
"""What people leave out of a division's name; two characters always stay."""

RENAMED = {
    "江干区": "330102", "下城区": "330105", "江东区": "330212", "绍兴县": "330603", "闸北区": "310106", "卢湾区": "310101",
    "南汇区": "310115", "崇文区": "110101", "宣武区": "110102", "塘沽区": "120116", "汉沽区": "120116", "大港区": "120116",
    "万盛区": "500110", "双桥区": "500111", "白下区": "320104", "下关区": "320106", "沧浪区": "320508", "平江区": "320508",
    "金阊区": "320508", "东山区": "440104", "芳村区": "440103", "萝岗区": "440112", "郫县": "510117", "莱芜市": "370116",
    "四方区": "370203", "胶南市": "370211", "户县": "610118",
}  # fmt: skip
"""Districts that were merged or renamed, by the code of what they are part of now (decisions of the State Council)."""

SIMPLE = str.maketrans(
    "區縣灣臺龍東門號樓廣觀圍陽濱蘭衛薊閔楊虹豐頭順懷雲慶壽興齊遼寧吉長鐵嶺錦葫蘆營鞍撫連漢荊襄黃漁蘇錫無鎮揚鹽淮連"
    "蕪馬鞍銅陵貴閩廈漳龍巖贛萍鄉撫饒濟煙濰棗萊蕩臨鄭許縣漯駐澤澧衡紹麗溫嘉湖舟臺瀘綿廣遂內樂眉達雅資遵義畢節陝渭漢榆寶"
    "延蘭張掖慶隴寧銀吳衛烏魯齊哈爾維吾爾參觀塘尖將軍澳離島嶼葵荃",
    "区县湾台龙东门号楼广观围阳滨兰卫蓟闵杨虹丰头顺怀云庆寿兴齐辽宁吉长铁岭锦葫芦营鞍抚连汉荆襄黄渔苏锡无镇扬盐淮连"
    "芜马鞍铜陵贵闽厦漳龙岩赣萍乡抚饶济烟潍枣莱荡临郑许县漯驻泽澧衡绍丽温嘉湖舟台泸绵广遂内乐眉达雅资遵义毕节陕渭汉榆宝"
    "延兰张掖庆陇宁银吴卫乌鲁齐哈尔维吾尔参观塘尖将军澳离岛屿葵荃",
)
"""Traditional characters of place names, one for one, so that positions in the text stay."""
